// tests/golden/normalize/<case>.in.json is a record, <case>.out.json the facts
// it must give. STANCH_UPDATE=1 writes the second from the code; review it
// as code.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "codec/json.h"
#include "codec/json_writer.h"
#include "codec/readable_for_test.h"
#include "model/facts_json.h"
#include "normalize/normalize.h"

namespace stanch::normalize {
namespace {

namespace fs = std::filesystem;

const fs::path kFolder = fs::path(STANCH_SOURCE_DIR) / "tests/golden/normalize";
constexpr std::string_view kIn = ".in.json";
constexpr std::string_view kOut = ".out.json";

std::vector<std::string> cases() {
  std::vector<std::string> names;
  for (const fs::directory_entry& entry : fs::directory_iterator(kFolder)) {
    std::string name = entry.path().filename();
    if (name.ends_with(kIn)) names.push_back(name.substr(0, name.size() - kIn.size()));
  }
  std::ranges::sort(names);
  return names;
}

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string facts_of(const std::string& record) {
  codec::JsonParser parser;
  codec::JsonView event = parser.parse(record);
  if (!event.exists()) return "no JSON\n";
  TextArena arena;
  model::Facts facts;
  Normalizer normalizer;
  LogFamily family = normalizer.recognise(event);
  normalizer.extract(family, event, arena, facts);
  std::string json;
  codec::JsonWriter writer(json);
  writer.begin_object().field("family", name_of(family)).key("facts");
  model::append_json(facts, writer);
  writer.end_object();
  codec::JsonParser again;
  std::string readable;
  codec::append_readable(again.parse(json), "", readable);
  return readable + '\n';
}

class NormalizeGolden : public testing::TestWithParam<std::string> {};

TEST_P(NormalizeGolden, FactsAreAsWritten) {
  std::string facts = facts_of(read(kFolder / (GetParam() + std::string(kIn))));
  fs::path out = kFolder / (GetParam() + std::string(kOut));
  if (const char* update = std::getenv("STANCH_UPDATE"); update && *update == '1') {
    std::ofstream(out, std::ios::binary) << facts;
    return;
  }
  EXPECT_EQ(facts, read(out));
}

INSTANTIATE_TEST_SUITE_P(Cases, NormalizeGolden, testing::ValuesIn(cases()),
                         [](const auto& golden) { return golden.param; });

}  // namespace
}  // namespace stanch::normalize
