#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/text_arena.h"
#include "ingest/ingest.h"
#include "model/finding.h"
#include "normalize/normalize.h"
#include "pipeline/scan.h"

// What one thread made of one piece of input, handed to the ordered step.
// Private to the pipeline.

namespace stanch::pipeline {

// Who an event is, for dropping duplicates.
struct EventKey {
  uint64_t id = 0;       // keyed hash of the provider's id; 0 if it has none
  uint64_t content = 0;  // keyed hash of the compact JSON
  uint64_t record = 0;   // number of the record it came in
};

// A rule that an event matched.
struct FoundRule {
  uint32_t rule = 0;                       // index into detect::rule_infos()
  std::span<const uint32_t> filters = {};  // as detect::Match has them
  model::FindingIdRef id;
  std::span<const model::MatchedField> matched;
  bool is_shown = false;  // as a finding; only then is there what follows on it above
  bool is_told = false;   // to correlations, with these values
  std::span<const std::optional<std::string_view>> told = {};
};

// The findings of one event, before it is known whether the event is a duplicate.
struct Found {
  uint32_t key = 0;            // index into keys
  bool has_key = false;        // keys are kept only where they are needed
  bool duplicate_key = false;  // one key twice in an object of it
  normalize::LogFamily family = normalize::LogFamily::kUnknown;
  bool is_shown = false, is_told = false;  // some rule of it is
  // Compact JSON, where the id may need it (without an id, with dedup) or correlations do.
  std::string_view bytes;
  std::string_view told;    // if is_told: what append_told() says, and `bytes`
  model::FoundEvent event;  // only the time of its facts, if nothing of it is shown
  std::span<FoundRule> rules;
};

// Gives each finding of an event its id, by that of the event.
void name_findings(const Found& found, const detect::RuleSet& rules, TextArena& texts);

struct BatchResult {
  std::string_view path;  // of the file
  uint64_t file = 0;      // position of the file in the listing
  uint64_t batch = 0;     // of the file, from 0
  bool last = false;      // of the file: nothing comes after it
  bool named = false;     // the file, not only found; said with its last result

  uint64_t bytes_read = 0, bytes_text = 0;  // since the batch before
  uint64_t records = 0, events = 0, tolerated = 0, gated = 0;
  std::array<uint64_t, kUnparsedReasons> unparsed{};
  std::vector<EventKey> keys;
  std::vector<Found*> found;
  std::vector<DeadLetter> dead;
  std::optional<ingest::InputError> error;
  bool digest = false;
  bool empty = false;

  TextArena texts;  // where all that is found is, and every text but the error's
};

// About how much memory a result holds, in bytes: by it what waits for its turn is bounded.
// It depends on the content alone, so that it is the same in every run.
size_t weight_of(const BatchResult& result);

}  // namespace stanch::pipeline
