#include "detect/match/aho_corasick.h"

#include "base/check.h"

namespace stanch::detect::match {

AhoCorasick::AhoCorasick(std::span<const std::string> literals) {
  for (const std::string& literal : literals) {
    for (const char c : literal) {
      uint8_t& number = class_of_[static_cast<unsigned char>(c)];
      if (number == 0) number = static_cast<uint8_t>(classes_++);
      CHECK(classes_ <= 256);
    }
  }

  // The trie. State 0 is its root, and stands for "no transition" while it is built.
  const auto add_state = [this] {
    next_.resize(next_.size() + classes_, 0);
    outputs_.emplace_back();
    return static_cast<uint32_t>(outputs_.size() - 1);
  };
  add_state();
  for (uint32_t number = 0; number < literals.size(); ++number) {
    CHECK(!literals[number].empty());
    uint32_t state = 0;
    for (const char c : literals[number]) {
      const size_t at = state * classes_ + class_of_[static_cast<unsigned char>(c)];
      if (next_[at] == 0) {
        const uint32_t added = add_state();
        next_[at] = added;
      }
      state = next_[at];
    }
    outputs_[state].push_back(number);
  }

  // Breadth first: a missing transition is that of the longest proper suffix.
  const size_t states = outputs_.size();
  std::vector<uint32_t> suffix(states, 0);
  first_output_.assign(states, kNone);
  output_link_.assign(states, kNone);
  std::vector<uint32_t> queue;
  for (uint32_t c = 0; c < classes_; ++c) {
    if (next_[c] != 0) queue.push_back(next_[c]);
  }
  for (size_t head = 0; head < queue.size(); ++head) {
    const uint32_t state = queue[head];
    const uint32_t behind = first_output_[suffix[state]];
    first_output_[state] = outputs_[state].empty() ? behind : state;
    output_link_[state] = behind;
    for (uint32_t c = 0; c < classes_; ++c) {
      uint32_t& to = next_[state * classes_ + c];
      const uint32_t fallback = next_[suffix[state] * classes_ + c];
      if (to == 0) {
        to = fallback;
      } else {
        suffix[to] = fallback;
        queue.push_back(to);
      }
    }
  }
}

}  // namespace stanch::detect::match
