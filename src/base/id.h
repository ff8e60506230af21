#pragma once

#include <compare>
#include <functional>
#include <string>
#include <string_view>
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

// An id whose text lives elsewhere.
template <typename Tag>
class IdRef {
 public:
  IdRef() = default;
  explicit IdRef(std::string_view text) : text_(text) {}

  std::string_view text() const { return text_; }
  bool empty() const { return text_.empty(); }
  auto operator<=>(const IdRef&) const = default;

 private:
  std::string_view text_;
};

}  // namespace stanch

template <typename Tag>
struct std::hash<stanch::Id<Tag>> {
  size_t operator()(const stanch::Id<Tag>& id) const { return hash<string>()(id.text()); }
};
