#pragma once

#include <compare>
#include <functional>
#include <string>
#include <utility>

// Ids are distinct types: a RuleId is never passed where an EventId is meant.
//   struct RuleIdTag;  using RuleId = Id<RuleIdTag>;

namespace stanch {

template <typename Tag>
class Id {
 public:
  Id() = default;
  explicit Id(std::string text) : text_(std::move(text)) {}

  const std::string& text() const { return text_; }
  bool empty() const { return text_.empty(); }
  auto operator<=>(const Id&) const = default;

 private:
  std::string text_;
};

}  // namespace stanch

template <typename Tag>
struct std::hash<stanch::Id<Tag>> {
  size_t operator()(const stanch::Id<Tag>& id) const { return hash<string>()(id.text()); }
};
