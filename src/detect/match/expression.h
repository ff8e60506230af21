#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "codec/pattern.h"
#include "detect/match/literal_filter.h"

namespace stanch::detect::match {

// A regular expression that is asked of many texts. Most have nothing of the literals without
// which it cannot match; where these are few, that is seen without a search. Immutable.
class Expression {
 public:
  explicit Expression(codec::Pattern pattern) : pattern_(std::move(pattern)) {
    const auto literals = required_literals();
    const bool few = !literals.empty() && literals.size() <= LiteralFilter::kLiteralsMax;
    if (few) filter_.emplace(literals);
  }

  bool search(std::string_view text) const {
    return (!filter_ || filter_->may_contain(text)) && pattern_.search(text);
  }
  bool is_quick() const { return filter_.has_value(); }
  std::span<const std::string> required_literals() const { return pattern_.required_literals(); }

 private:
  codec::Pattern pattern_;
  std::optional<LiteralFilter> filter_;
};

}  // namespace stanch::detect::match
