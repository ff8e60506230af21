#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "codec/json.h"
#include "detect/match/field.h"
#include "detect/match/key_table.h"

namespace stanch::detect::match {

// Fields that predicates ask about, each with its path, numbered; and the tables by which an
// event's members are found for all of them at once: one for its top level, and one, its
// group, for each member that longer paths go through.
class FieldTable {
 public:
  struct Entry {
    FieldPath path;
    uint32_t whole = 0, first = 0;              // numbers in root()
    uint32_t group = 0;                         // if the path has two segments or more
    uint32_t group_whole = 0, group_first = 0;  // numbers in group(group)
  };

  uint32_t add(const std::string& name);  // the number of an equal name, or a new one
  const Entry& entry(uint32_t field) const { return entries_[field]; }
  const FieldPath& path(uint32_t field) const { return entries_[field].path; }
  size_t size() const { return entries_.size(); }

  const KeyTable& root() const { return root_; }
  const KeyTable& group(uint32_t number) const { return groups_[number]; }
  size_t groups() const { return groups_.size(); }

 private:
  std::vector<Entry> entries_;
  std::unordered_map<std::string, uint32_t> numbers_;
  KeyTable root_;
  std::vector<KeyTable> groups_;
  std::unordered_map<std::string, uint32_t> group_numbers_;  // by first segment
};

// Finds fields in one event after the other. The tables are run over the event's members only
// when a field is asked for.
class FieldFinder {
 public:
  explicit FieldFinder(const FieldTable& fields);

  void start(codec::JsonView event);

  // What the field stands for. Its first two segments are found through the tables, what is
  // left by searching.
  void find(uint32_t field, EmbeddedJson& embedded, FieldValues& out);

  // The one scalar of a field whose path leads there through plain members. Absent if there is
  // none; and absent with `simple` false if it takes fan-out or a look into a string to say.
  codec::JsonView find_simple(uint32_t field, bool& simple);

 private:
  struct Scanned {
    uint64_t event;  // number of the event that it was scanned for
    KeyTable::Scan scan;
  };

  codec::JsonView at(uint32_t node) const { return {event_.document(), node}; }
  const KeyTable::Scan& root();
  const KeyTable::Scan& group(uint32_t number, codec::JsonView object);

  const FieldTable& fields_;
  codec::JsonView event_;
  uint64_t number_ = 0;
  Scanned root_;
  std::vector<Scanned> groups_;
  std::string scratch_;
};

}  // namespace stanch::detect::match
