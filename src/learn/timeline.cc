#include "learn/timeline.h"

#include <fmt/format.h>

#include <map>

#include "codec/timestamp.h"
#include "learn/payload.h"

namespace stanch::learn {

namespace {

using codec::JsonView;

// What the stream says of payloads that are gone: by the sequence of the entry.
std::map<uint64_t, std::string> erasures_in(std::span<const model::Entry> entries) {
  std::map<uint64_t, std::string> erasures;
  codec::JsonParser parser(codec::JsonParser::Texts::kFew);
  for (const model::Entry& entry : entries) {
    if (entry.kind != "erased" || !entry.payload) continue;
    const JsonView payload = parser.parse(entry.payload->json);
    if (!payload || !payload["sequence"] || !payload["sequence"].is_number()) continue;
    const auto sequence = payload["sequence"].as_int64();
    if (!sequence || *sequence < 0) continue;
    erasures[static_cast<uint64_t>(*sequence)] = fmt::format(
        "{}, {}", payload["authority"].string_or_empty(), payload["reason"].string_or_empty());
  }
  return erasures;
}

class Builder {
 public:
  Builder(std::span<const model::Entry> entries, const TimelineOptions& options)
      : options_(options), erasures_(erasures_in(entries)) {}

  TimelineLine line_of(const model::Entry& entry) {
    TimelineLine line{.sequence = entry.sequence,
                      .time = entry.time,
                      .actor = entry.actor,
                      .kind = entry.kind,
                      .kind_version = entry.kind_version,
                      .text = {}};
    const SentenceRow* row = find_sentence(entry.kind, entry.kind_version);
    if (row != nullptr) line.topic = row->topic;
    if (!entry.payload) {
      const auto said = erasures_.find(entry.sequence);
      line.telling = Telling::kErased;
      line.text = fmt::format("{}: erased: {}", entry.kind,
                              said == erasures_.end() ? "no entry says why" : said->second);
    } else if (row == nullptr) {
      line.telling = Telling::kForeign;
      line.text = fmt::format("{}/{}: of a newer program; this one cannot read it", entry.kind,
                              entry.kind_version);
    } else {
      tell(*row, entry, line);
    }
    return line;
  }

 private:
  void tell(const SentenceRow& row, const model::Entry& entry, TimelineLine& line) {
    const JsonView payload = parser_.parse(entry.payload->json);
    if (!payload || !payload.is_object()) {
      line.telling = Telling::kUnclear;
      line.text = fmt::format("{}: its payload makes no sense", entry.kind);
      return;
    }
    line.privileged = flag_in(payload["privileged"]);
    if (line.privileged && !options_.privileged) {
      line.telling = Telling::kWithheld;
      line.text = "Note for counsel, left out";
      return;
    }
    line.text = sentence(row, payload, options_.limits);
    if (line.privileged) line.text = "For counsel. " + line.text;
  }

  const TimelineOptions& options_;
  std::map<uint64_t, std::string> erasures_;
  codec::JsonParser parser_{codec::JsonParser::Texts::kFew};
};

}  // namespace

std::string_view name_of(Telling telling) {
  switch (telling) {
    case Telling::kTold: return "told";
    case Telling::kErased: return "erased";
    case Telling::kWithheld: return "withheld";
    case Telling::kForeign: return "foreign";
    case Telling::kUnclear: return "unclear";
  }
  return "";
}

std::vector<TimelineLine> timeline_of(std::span<const model::Entry> entries,
                                      const TimelineOptions& options) {
  Builder builder(entries, options);
  std::vector<TimelineLine> lines;
  for (const model::Entry& entry : entries) {
    if (options.since && entry.time < *options.since) continue;
    if (options.until && entry.time >= *options.until) continue;
    lines.push_back(builder.line_of(entry));
  }
  return lines;
}

std::string actor_for_people(const std::string& actor) {
  constexpr std::string_view kPerson = "person/", kUnverified = "unverified/";
  if (actor.starts_with(kPerson)) return actor.substr(kPerson.size());
  if (actor.starts_with(kUnverified)) return actor.substr(kUnverified.size()) + " (unverified)";
  return actor;
}

void append_json(const std::vector<TimelineLine>& lines, codec::JsonWriter& json) {
  json.key("entries").begin_array();
  for (const TimelineLine& line : lines) {
    json.begin_object()
        .field("sequence", line.sequence)
        .field("time", codec::format_timestamp(line.time))
        .field("actor", line.actor)
        .field("kind", line.kind)
        .field("kind_version", uint64_t{line.kind_version})
        .field("topic", name_of(line.topic))
        .field("telling", name_of(line.telling));
    if (line.privileged) json.field("privileged", true);
    json.field("text", line.text).end_object();
  }
  json.end_array();
}

}  // namespace stanch::learn
