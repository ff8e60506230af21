#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "codec/json.h"
#include "ingest/value_scanner.h"

namespace stanch::ingest {

// A piece of the text of a file; offsets count from the beginning of the text.
struct Cut {
  uint64_t begin = 0;
  uint64_t end = 0;
  codec::JsonProblem problem = codec::JsonProblem::kNone;  // kNone: a record
  bool whole = false;  // all of it is in the text of the call that yields it; so is every record
};

// Cuts the text of one file, which arrives piece by piece, into records. A record
// begins with '{' or '[' and is not checked any further. Cuts come in the order of
// the text and never overlap; what lies between them is white space, commas,
// brackets, byte order marks, and the other members of an object that holds records.
// The cuts do not depend on how the text was divided. See splitter.cc for the forms.
class Splitter {
 public:
  explicit Splitter(size_t record_bytes_max) : record_bytes_max_(record_bytes_max) {}

  // Cuts what can be cut. `text` begins at the offset that the call before returned
  // (0 for the first) and goes at least as far as the text did then. With `last`
  // it is the rest of the file and all of it is cut. Returns the offset from which text is
  // still needed.
  uint64_t cut(std::string_view text, bool last, std::vector<Cut>& cuts);

  // Something in the text begins like JSON.
  bool saw_json() const { return saw_json_; }

  // Where a piece begins that is being stepped over without being kept: its cut
  // may begin before the text of the call that yields it.
  std::optional<uint64_t> stepping_over() const;

 private:
  enum class State : uint8_t {
    kBetween,    // outside of all values
    kElements,   // inside an array of records, between them
    kValue,      // inside a value
    kRemainder,  // inside an object, behind its array of records
    kStray,      // inside an element that is no record: a string, a number, a word
    kGarbage,    // inside something that is no JSON, until a line begins like it
    kLines,      // at the beginning of a line of a file that holds one record a line
  };
  enum class Prefix : uint8_t { kNone, kTimestamp, kUnknown };

  bool step(std::vector<Cut>& cuts);  // false: more text is needed
  bool skip_separators();
  bool step_between(std::vector<Cut>& cuts);
  bool step_elements(std::vector<Cut>& cuts);
  bool step_value(std::vector<Cut>& cuts);
  bool step_stray(std::vector<Cut>& cuts);
  bool step_garbage(std::vector<Cut>& cuts);
  bool step_line(std::vector<Cut>& cuts);
  bool cut_line(size_t end, std::vector<Cut>& cuts);

  void begin_value(bool watch_members);
  void end_value(std::vector<Cut>& cuts);
  bool exceed(std::vector<Cut>& cuts);
  bool look_at_newline(std::vector<Cut>& cuts);
  bool resume_behind_damage(size_t limit, codec::JsonProblem problem, std::vector<Cut>& cuts);
  void resume_at(size_t at, codec::JsonProblem problem, std::vector<Cut>& cuts);
  void begin_garbage();
  Prefix timestamp_prefix(size_t at, size_t& end) const;
  std::optional<bool> begins_record(size_t newline) const;

  size_t index_of(uint64_t offset) const { return static_cast<size_t>(offset - base_); }
  uint64_t here() const { return base_ + at_; }
  State outside() const { return in_array_ ? State::kElements : State::kBetween; }

  const size_t record_bytes_max_;

  // The text of this call, and where in it we are.
  std::string_view text_;
  uint64_t base_ = 0;
  size_t at_ = 0;
  bool last_ = false;

  State state_ = State::kBetween;
  ValueScanner scanner_;
  uint64_t begin_ = 0;         // of the value, stray element or garbage
  uint64_t line_scanned_ = 0;  // no newline before this offset (kLines)
  bool dropped_ = false;       // the value is too large: its bytes are not kept
  bool in_array_ = false;      // kElements is where the value lies
  bool in_object_ = false;     // that array is a member of an object
  bool guarded_ = false;       // there was damage: a line that begins like a record is one
  bool saw_json_ = false;

  // White space in front of the value on its line, if there is nothing else.
  bool at_line_start_ = true;
  std::string indent_;
  bool line_may_follow_ = false;  // the value behind us was a line of its own

  bool stray_string_ = false;
  bool stray_escape_ = false;
};

}  // namespace stanch::ingest
