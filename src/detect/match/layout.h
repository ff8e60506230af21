#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "codec/json.h"
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
  uint16_t object = 0;  // of its layout: the last one that the path went through
  uint32_t node = 0;
  uint32_t token = 0;
};

// The keys of an object as they stand in the bytes, in pieces of sixteen, so that all keys of
// an event are compared without a branch. Pieces are common to all objects: there are few keys.
class KeyPieces {
 public:
  // Sixteen bytes, or fewer, of a key with its quotes. A longer key has several pieces, which
  // overlap at its end.
  using Bytes [[gnu::vector_size(16)]] = uint64_t;
  struct Piece {
    Bytes text;
    Bytes mask;
  };
  struct Placed {
    uint32_t token;  // of the key
    uint16_t offset;
    uint16_t piece;
  };

  // Appends the pieces of all keys of `object`. False if they cannot be remembered: a key with
  // escapes, very many keys.
  bool add(codec::JsonView object, std::vector<Placed>& out);

  // Whether the keys at these places are still the same, byte for byte.
  bool are_at(const codec::JsonDocument& document, const Placed* begin, const Placed* end) const;

 private:
  static constexpr size_t kPiecesMax = 2048;
  static constexpr size_t kPlacedMax = 256;  // of one layout

  bool add_key(std::string_view quoted, uint32_t token, std::vector<Placed>& out);

  std::vector<Piece> pieces_;
};

// Finds fields in one event after the other. In documents of one shape a member has the same
// node, and where a field is follows from the keys alone: it is worked out once and
// remembered for the next document of that shape, for which all that is left is to
// compare the keys that the field's path goes past. One a thread.
class Layouts {
 public:
  explicit Layouts(const std::vector<FieldPath>& fields) : fields_(fields) {}

  void start(codec::JsonView event);

  // A number that the layout of the event at hand shares with no other; 0: it has none.
  uint64_t number() const { return current_ == nullptr ? 0 : current_->number; }

  // Whether the field is absent, in this event and in all others of its layout: that is so if no
  // object on its path but the root had to be looked into.
  bool is_absent_in_layout(uint32_t field) {
    if (current_ == nullptr) return false;
    if (current_->places[field].kind == Place::Kind::kUnknown) work_out(field);
    const Place place = current_->places[field];
    return place.kind == Place::Kind::kAbsent && place.object == 0;
  }

  Place find(uint32_t field) {
    if (current_ != nullptr) [[likely]] {
      const Place place = current_->places[field];
      if (place.kind != Place::Kind::kUnknown && is_sure_of(place.object)) [[likely]]
        return place;
    }
    return work_out(field);
  }

 private:
  struct Object {
    uint32_t node;
    uint16_t parent;
    uint16_t first, count;  // of keys
  };
  struct Layout {
    uint64_t shape = 0;
    uint64_t number = 0;
    std::vector<Object> objects;  // the root first; a parent stands before its children
    std::vector<KeyPieces::Placed> keys;
    std::vector<Place> places;  // by field
  };
  static constexpr size_t kSets = 512;
  static constexpr size_t kPlaces = 4;  // in a set
  using Set = std::array<Layout, kPlaces>;

  // Whether an object of the current layout has the same keys in the event.
  bool is_sure_of(uint16_t object) {
    const Checked known = checked_[object];
    return known == Checked::kNot ? check(object) : known == Checked::kSame;
  }
  bool check(uint16_t object);
  bool is_of(const Layout& layout) const;
  Layout* make(Set& set);
  Place work_out(uint32_t field);
  // With a layout, notes there which objects the path goes through; clears `layout` if that
  // cannot be, so that the place is good for this event alone.
  Place locate(const FieldPath& path, Layout*& layout);
  bool add_object(codec::JsonView object, Place& place, Layout& layout);

  enum class Checked : uint8_t { kNot, kSame, kDifferent };

  const std::vector<FieldPath>& fields_;
  codec::JsonView event_;
  KeyPieces pieces_;
  std::vector<Set> sets_;  // by shape; empty until it is used
  uint64_t made_ = 0;
  Layout* current_ = nullptr;
  std::vector<Checked> checked_;  // by object of `current_`
};

}  // namespace stanch::detect::match
