#include "detect/match/field_table.h"

#include <algorithm>

namespace stanch::detect::match {

uint32_t FieldTable::add(const std::string& name) {
  const auto [known, is_new] = numbers_.try_emplace(name, static_cast<uint32_t>(entries_.size()));
  if (!is_new) return known->second;
  Entry entry{.path = FieldPath(name)};
  const FieldPath& path = entry.path;
  entry.whole = root_.add(path.rest(0));
  entry.first = root_.add(path.segment(0));
  if (path.segments() > 1) {
    const auto [group, added] = group_numbers_.try_emplace(std::string(path.segment(0)),
                                                           static_cast<uint32_t>(groups_.size()));
    if (added) groups_.emplace_back();
    entry.group = group->second;
    entry.group_whole = groups_[entry.group].add(path.rest(1));
    entry.group_first = groups_[entry.group].add(path.segment(1));
  }
  entries_.push_back(std::move(entry));
  return known->second;
}

FieldFinder::FieldFinder(const FieldTable& fields)
    : fields_(fields), root_{0, KeyTable::Scan(fields.root())} {
  for (uint32_t i = 0; i < fields.groups(); ++i) {
    groups_.push_back({0, KeyTable::Scan(fields.group(i))});
  }
}

void FieldFinder::start(codec::JsonView event) {
  event_ = event;
  ++number_;
}

const KeyTable::Scan& FieldFinder::root() {
  if (root_.event != number_) {
    root_.event = number_;
    fields_.root().scan(event_, root_.scan, scratch_);
  }
  return root_.scan;
}

const KeyTable::Scan& FieldFinder::group(uint32_t number, codec::JsonView object) {
  Scanned& scanned = groups_[number];
  if (scanned.event != number_) {
    scanned.event = number_;
    fields_.group(number).scan(object, scanned.scan, scratch_);
  }
  return scanned.scan;
}

void FieldFinder::find(uint32_t field, EmbeddedJson& embedded, FieldValues& out) {
  const FieldTable::Entry& entry = fields_.entry(field);
  if (const uint32_t whole = root().node(entry.whole)) {
    out.present = true;
    add_values(at(whole), out);
    return;
  }
  const uint32_t first = root().node(entry.first);
  if (first == 0 || entry.path.segments() == 1) return;
  if (!at(first).is_object()) {
    resolve_below(entry.path, 1, at(first), embedded, out);
    return;
  }
  const KeyTable::Scan& members = group(entry.group, at(first));
  if (const uint32_t rest = members.node(entry.group_whole)) {
    out.present = true;
    add_values(at(rest), out);
    return;
  }
  const uint32_t next = members.node(entry.group_first);
  if (next != 0 && entry.path.segments() > 2) {
    resolve_below(entry.path, 2, at(next), embedded, out);
  }
}

codec::JsonView FieldFinder::find_simple(uint32_t field, bool& simple) {
  const FieldTable::Entry& entry = fields_.entry(field);
  uint32_t node = root().node(entry.whole);
  simple = true;
  if (node == 0) {
    const uint32_t first = root().node(entry.first);
    if (first == 0 || entry.path.segments() == 1) return {};
    simple = at(first).is_object() && entry.path.segments() == 2;
    if (!simple) return {};
    node = group(entry.group, at(first)).node(entry.group_whole);
    if (node == 0) return {};
  }
  simple = at(node).is_scalar();
  return simple ? at(node) : codec::JsonView();
}

}  // namespace stanch::detect::match
