#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/time.h"
#include "codec/json_writer.h"
#include "learn/sentence.h"
#include "model/entry.h"

// The timeline of an incident is its entries, each in one sentence. None is left out.

namespace stanch::learn {

enum class Telling : uint8_t {
  kTold,
  kErased,    // its payload is gone; `text` says by whose authority and why, if an entry says so
  kWithheld,  // a note for counsel, and nobody asked for it
  kForeign,   // of a kind or version that a newer program wrote
  kUnclear,   // its payload makes no sense
};
std::string_view name_of(Telling telling);  // "told", "erased" …

struct TimelineLine {
  uint64_t sequence = 0;
  Time time{};
  std::string actor, kind;
  uint32_t kind_version = 1;
  Topic topic = Topic::kLedger;
  Telling telling = Telling::kTold;
  bool privileged = false;  // a note for counsel
  std::string text;         // foreign text in it is as it was written
};

struct TimelineOptions {
  std::optional<Time> since, until;  // of the entry; without `until`
  bool privileged = false;           // notes for counsel too
  SentenceLimits limits;
};

// `entries` of one stream, in their order, which the lines keep. All of them: what an `erased`
// entry says of an earlier one is found even if it lies outside the window.
std::vector<TimelineLine> timeline_of(std::span<const model::Entry> entries,
                                      const TimelineOptions& options);

// Who says so, for people: "engine", "alice", "alice (unverified)".
std::string actor_for_people(const std::string& actor);

// Members of "stanch.timeline/1".
void append_json(const std::vector<TimelineLine>& lines, codec::JsonWriter& json);

}  // namespace stanch::learn
