#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "codec/jmespath/part.h"
#include "codec/jmespath/problem.h"
#include "codec/jmespath/tree.h"

namespace stanch::codec::jmespath {

// One evaluation of one tree. After the first problem everything gives null, and every loop that
// asks spend() or failed() ends.
class Evaluator {
 public:
  Evaluator(const Tree& tree, uint64_t steps_max) : tree_(tree), steps_left_(steps_max) {}

  // The whole tree, on this value.
  Part evaluate(Part root) {
    root_ = root;
    return evaluate(tree_.root, root);
  }
  Part evaluate(uint32_t node, Part value);
  Result<JsonValue> result_of(Part part);  // copied out

  // For functions.
  const Node& node(uint32_t index) const { return tree_.nodes[index]; }
  // False if there are no more steps, or was a problem.
  bool spend(uint64_t steps);
  bool failed() const { return problem_.has_value(); }
  Part fail(JmespathProblem::Kind kind, std::string message, std::string hint = "");
  template <typename T>
  Part keep(T value) {
    return parts_.keep(std::move(value));
  }
  Part keep_text(std::string text);  // or fails, if it is too long
  bool are_equal(Part a, Part b);
  // Compact JSON, or null where that is too large.
  Part json_of(Part part);
  std::optional<Part> read_json(std::string_view text);  // nothing if it is none

 private:
  Part project(const Node& node, Part left);
  Part project_values(const Node& node, Part left);
  Part filter(const Node& node, Part left);
  Part flatten(Part left);
  Part index(int64_t index, Part value);
  Part slice(const Slice& slice, Part value);
  Part compare(const Node& node, Part value);
  Part list(const Node& node, Part value);
  Part hash(const Node& node, Part value);
  Part call(const Node& node, Part value);
  Part boolean(bool value) const;
  JsonValue copy(Part part, uint32_t depth);

  const Tree& tree_;
  Part root_;
  Parts parts_;
  uint64_t steps_left_;
  uint64_t nodes_ = 0, bytes_ = 0;  // copied out
  uint32_t at_ = 0;                 // in the text, of what is evaluated
  std::optional<JmespathProblem> problem_;
};

}  // namespace stanch::codec::jmespath
