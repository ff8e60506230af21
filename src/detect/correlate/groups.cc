#include "detect/correlate/groups.h"

#include <utility>

#include "base/check.h"

namespace stanch::detect::correlate {

const Group* Groups::find(std::string_view key) const {
  const auto found = by_key_.find(key);
  return found == by_key_.end() ? nullptr : &*found;
}

// All but the key may be changed.
Group* Groups::find(std::string_view key) {
  return const_cast<Group*>(std::as_const(*this).find(key));
}

Group& Groups::add(Group group) {
  const auto [at, is_new] = by_key_.insert(std::move(group));
  CHECK(is_new);
  auto& added = const_cast<Group&>(*at);
  put_last(added);
  return added;
}

void Groups::move_to_end(Group& group) {
  if (&group == last_) return;
  take_out(group);
  put_last(group);
}

void Groups::drop(Group& group) {
  take_out(group);
  by_key_.erase(by_key_.find(group.key()));
}

void Groups::put_last(Group& group) {
  group.before = last_;
  group.behind = nullptr;
  (last_ == nullptr ? first_ : last_->behind) = &group;
  last_ = &group;
}

void Groups::take_out(Group& group) {
  (group.before == nullptr ? first_ : group.before->behind) = group.behind;
  (group.behind == nullptr ? last_ : group.behind->before) = group.before;
}

}  // namespace stanch::detect::correlate
