#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

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

// The findings of one event, before it is known whether the event is a duplicate.
struct FoundEvent {
  uint32_t key = 0;            // index into keys
  bool has_key = false;        // keys are kept only where they are needed
  bool duplicate_key = false;  // one key twice in an object of it
  normalize::LogFamily family = normalize::LogFamily::kUnknown;
  std::string bytes;            // compact JSON, of events without an id only
  std::vector<uint32_t> rules;  // parallel to findings
  std::vector<model::Finding> findings;
};

struct BatchResult {
  std::string path;    // of the file
  uint64_t file = 0;   // position of the file in the listing
  uint64_t batch = 0;  // of the file, from 0
  bool last = false;   // of the file: nothing comes after it

  uint64_t bytes_read = 0, bytes_text = 0;  // since the batch before
  uint64_t records = 0, events = 0, tolerated = 0, gated = 0;
  std::array<uint64_t, kUnparsedReasons> unparsed{};
  std::vector<EventKey> keys;
  std::vector<FoundEvent> found;
  std::vector<DeadLetter> dead;
  std::optional<ingest::InputError> error;
  bool digest = false;
};

}  // namespace stanch::pipeline
