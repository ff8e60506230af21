#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace stanch::ingest {

// Finds where a JSON value that begins with a bracket ends, over text that
// arrives in pieces. It knows strings, escapes and nesting and nothing more:
// whether the value is JSON is for the parser to say, afterwards and record by record.
class ValueScanner {
 public:
  enum class Stop : uint8_t {
    kMore,       // the text is at its end, the value is not
    kEnd,        // `at` is behind the closing bracket
    kNewline,    // `at` is at a newline that the caller wants to look at, see below
    kContainer,  // `at` is behind the '[' of a member that holds records
  };

  // What the processor offers; every one gives the same answers.
  enum class Machine : uint8_t { kPortable, kSse2, kAvx2 };
  static Machine best_machine();
  explicit ValueScanner(Machine machine = best_machine()) : machine_(machine) {}

  // Starts behind `bracket`. With `watch_members` (of an object) it stops at the
  // arrays of records among its own members: "Records", "Events" and the like.
  void begin(char bracket, bool watch_members);

  // Goes on at text[at]. A newline inside a string is no JSON, so it stops
  // there: a quote is likely to be missing. With `every_newline` it stops at those
  // outside of strings too. pass_newline() goes on behind it.
  Stop scan(std::string_view text, size_t& at, bool every_newline);
  void pass_newline(size_t& at);

  // After kEnd: brackets and braces closed each other. (Only their numbers are
  // compared; a value that fails here is broken, others may still be.)
  bool balanced() const { return squares_ == 0; }

  // So many bytes before `at` must be in the text for kContainer to be found.
  static constexpr size_t kLookBehind = 80;

 private:
  template <typename Primitives>
  Stop scan_with(std::string_view text, size_t& at, bool every_newline);
  Stop scan_avx2(std::string_view text, size_t& at, bool every_newline);

  Machine machine_;
  uint64_t in_string_ = 0;  // all bits set inside a string
  bool escape_ = false;     // the next character is escaped
  bool watch_members_ = false;
  uint64_t depth_ = 0;
  int64_t squares_ = 0;  // '[' less ']'
};

}  // namespace stanch::ingest
