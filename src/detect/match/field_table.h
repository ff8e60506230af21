#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "codec/json.h"
#include "detect/match/field.h"
#include "detect/match/places.h"

namespace stanch::detect::match {

// Fields that predicates ask about, each with its path, numbered.
class FieldTable {
 public:
  uint32_t add(const std::string& name);  // the number of an equal name, or a new one
  const FieldPath& path(uint32_t field) const { return paths_[field]; }
  const std::vector<FieldPath>& paths() const { return paths_; }
  size_t size() const { return paths_.size(); }

 private:
  std::vector<FieldPath> paths_;
  std::unordered_map<std::string, uint32_t> numbers_;
};

// Finds fields in one event after the other.
class FieldFinder {
 public:
  explicit FieldFinder(const FieldTable& fields) : fields_(fields), places_(fields.paths()) {}

  void start(codec::JsonView event) {
    event_ = event;
    places_.start(event);
  }

  Places& places() { return places_; }

  // What the field stands for.
  void find(uint32_t field, EmbeddedJson& embedded, FieldValues& out) const {
    resolve(fields_.path(field), event_, embedded, out);
  }

  // The one scalar of a field whose path leads there through plain members. Absent if there is
  // none; and absent with `simple` false if it takes more to say: fan-out, or a look into a string.
  codec::JsonView find_simple(uint32_t field, bool& simple) {
    const Place place = places_.find(field);
    simple = place.kind != Place::Kind::kComplex;
    return place.kind == Place::Kind::kScalar ? codec::JsonView(event_.document(), place.node)
                                              : codec::JsonView();
  }

 private:
  const FieldTable& fields_;
  codec::JsonView event_;
  Places places_;
};

}  // namespace stanch::detect::match
