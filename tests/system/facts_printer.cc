#include <iostream>
#include <string>

#include "codec/json.h"
#include "codec/json_writer.h"
#include "ingest/ingest.h"
#include "model/facts_json.h"
#include "normalize/normalize.h"

// Says for ecs_facts_test.py which family each event is of and what its facts are: one JSON object
// a line, in and out; a line of text is a JSON text.

int main() {
  using namespace stanch;
  std::ios::sync_with_stdio(false);
  codec::JsonParser parser;
  normalize::Normalizer normalizer;
  TextArena arena;
  model::Facts facts;
  codec::JsonParser text_parser;
  ingest::TextLines text_lines;
  std::string of_text;
  for (std::string line; std::getline(std::cin, line);) {
    codec::JsonView event = parser.parse(line);
    if (event.exists() && event.is_string()) {
      text_lines.read(event.string_or_empty(), of_text);
      event = text_parser.parse(of_text);
    }
    const normalize::LogFamily family = normalizer.recognise(event);
    arena.clear();
    normalizer.extract(family, event, arena, facts);
    std::string text;
    codec::JsonWriter out(text);
    out.begin_object().field("family", normalize::name_of(family)).key("facts");
    model::append_json(facts, out);
    out.end_object();
    std::cout << text << '\n';
  }
}
