#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "detect/detect.h"

// Rules and events from rows of numbers. Each number is a choice, and 0 is always the
// simplest; a row that ends goes on with zeros. So whatever shortens rows and lowers numbers,
// as RapidCheck does, makes rules and events simpler.
//
// The alphabet is small and chosen to collide: field names that differ in case or dots,
// letters that fold onto each other, wildcards and backslashes on both sides, numbers that are
// equal but written differently, and texts that are an encoding of others.

namespace stanch::differential {

using Choices = std::vector<uint16_t>;

class Chooser {
 public:
  explicit Chooser(const Choices& choices) : choices_(choices) {}

  // 0 … count-1.
  size_t below(size_t count) { return at_ < choices_.size() ? choices_[at_++] % count : 0; }
  bool one_in(size_t count) { return below(count) == count - 1; }

  template <size_t N>
  std::string_view of(const std::array<std::string_view, N>& texts) {
    return texts[below(N)];
  }

 private:
  const Choices& choices_;
  size_t at_ = 0;
};

// The text of one rule that every loader must accept.
std::string rule_text(const Choices& choices, size_t number);

// A JSON object, not always valid UTF-8.
std::string event_text(const Choices& choices);

// The log source of an event; views into constants.
detect::EventSource source_of(const Choices& choices);

// What the placeholders in generated rules stand for.
detect::Placeholders placeholders();

// "…" with YAML's (and JSON's) escapes.
std::string in_quotes(std::string_view text);

}  // namespace stanch::differential
