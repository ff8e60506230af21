#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "codec/hash.h"
#include "pipeline/journal.h"

// The lines of a journal as text (docs/formats/journal.md). Private to the pipeline.

namespace stanch::pipeline {

struct JournalHeader {
  std::string schema;
  codec::HashSecret secret;
  std::vector<ScanSetting> same;
};

// Lines are returned with their newline. A reader gets them without.
std::string header_line(const JournalHeader& header);
std::string keys_line(std::string_view keys);
// Errors of the summary from `errors_from` on; the lines before have the others.
std::string checkpoint_line(const Checkpoint& checkpoint, size_t errors_from);

// Whether the line is as it was written.
bool checks(std::string_view line);

// What these lines hold; nothing if it is a line of another kind.
std::optional<JournalHeader> parse_header(std::string_view line);
std::optional<std::string> parse_keys(std::string_view line);
// Errors are added to those that `checkpoint` has; all else is replaced.
bool parse_checkpoint(std::string_view line, Checkpoint& checkpoint);

inline constexpr std::string_view kJournalSchema = "stanch.scan-journal/3";
inline constexpr size_t kKeyBytes = 16;  // two numbers, little end first

}  // namespace stanch::pipeline
