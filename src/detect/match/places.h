#pragma once

#include <cstdint>
#include <vector>

#include "codec/json.h"
#include "codec/json_layout.h"
#include "detect/match/field.h"

namespace stanch::detect::match {

// Where a field is in an event. Says all that it takes to read a scalar, so that nobody has to
// look at its node.
struct Place {
  enum class Kind : uint8_t {
    kUnknown,  // nobody has asked yet
    kAbsent,
    kScalar,   // its one value is this node
    kComplex,  // an array, an object, inside a string: resolve() says
  };
  Kind kind = Kind::kUnknown;
  codec::JsonType type = codec::JsonType::kNull;
  codec::JsonLayouts::Object object = 0;  // the last one that the path went through
  uint32_t node = 0;
  uint32_t token = 0;
};

// Finds fields in one event after the other. Where a field is follows from the keys that its
// path goes past: it is worked out once and remembered for the next event of that layout, for
// which all that is left is to compare these keys. One a thread.
class Places {
 public:
  explicit Places(const std::vector<FieldPath>& fields) : fields_(fields) {}

  void start(codec::JsonView event);

  // A number that the layout of the event at hand shares with no other; 0: it has none.
  uint64_t layout() const { return current_ == nullptr ? 0 : current_->layout; }

  // Whether the field is absent, in this event and in all others of its layout: that is so if no
  // object on its path but the root had to be looked into.
  bool is_absent_in_layout(uint32_t field) {
    if (current_ == nullptr) return false;
    if (current_->places[field].kind == Place::Kind::kUnknown) work_out(field);
    const Place place = current_->places[field];
    return place.kind == Place::Kind::kAbsent && place.object == codec::JsonLayouts::kRoot;
  }

  Place find(uint32_t field) {
    if (current_ != nullptr) [[likely]] {
      const Place place = current_->places[field];
      if (place.kind != Place::Kind::kUnknown && layouts_->is_same(place.object)) [[likely]]
        return place;
    }
    return work_out(field);
  }

 private:
  struct Known {
    uint64_t layout = 0;
    std::vector<Place> places;  // by field
  };

  Place work_out(uint32_t field);
  // With a layout, notes there which objects the path goes through; clears `remember` if that
  // cannot be, so that the place is good for this event alone.
  Place locate(const FieldPath& path, bool& remember);

  const std::vector<FieldPath>& fields_;
  codec::JsonView event_;
  codec::JsonLayouts* layouts_ = nullptr;  // of the event's parser
  std::vector<Known> known_;               // by slot of a layout; empty until it is used
  Known* current_ = nullptr;
};

}  // namespace stanch::detect::match
