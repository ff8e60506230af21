#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "codec/json.h"

// Objects with the same keys, known again, so that what was found out about one event need not
// be found out about the next one.

namespace stanch::codec {

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
  bool add(JsonView object, std::vector<Placed>& out);

  // Whether the keys at these places are still the same, byte for byte.
  bool are_at(const JsonDocument& document, const Placed* begin, const Placed* end) const;

 private:
  static constexpr size_t kPiecesMax = 2048;
  static constexpr size_t kPlacedMax = 256;  // of one layout

  bool add_key(std::string_view quoted, uint32_t token, std::vector<Placed>& out);

  std::vector<Piece> pieces_;
};

// A layout is a shape and the keys of one object in it, the event. In all events of a layout
// each member of that object is the same node. The objects inside it may differ in their keys;
// those that somebody asked about are remembered too, each below its parent: is_same() says
// whether the event at hand has there what was remembered.
//
// Each parser of many texts has one, in JsonDocument::layouts, for one event at a time. What
// follows from a layout is kept by whoever found it out, under slot(), together with number():
// when a slot is given to another layout, the number changes.
class JsonLayouts {
 public:
  static constexpr uint32_t kSlots = 2048;
  using Object = uint16_t;
  static constexpr Object kRoot = 0;

  // Makes `event`, of the document that was parsed last, the event at hand. Quick if it is already.
  void start(JsonView event) {
    if (started_ != event.index()) find(event);
  }
  // The parser says that another document is at hand.
  void forget_event() { started_ = kNone; }

  // Whether the event at hand has a layout. The rest requires that.
  bool has_layout() const { return current_ != nullptr; }
  uint32_t slot() const { return slot_; }
  uint64_t number() const { return current_->number; }  // not 0, no other of this process has it

  // Whether the event's object has the same keys as when it was added.
  bool is_same(Object object) {
    const Checked known = checked_[object];
    return known == Checked::kNot ? check(object) : known == Checked::kSame;
  }

  // Remembers an object that is a value of `parent`, for which is_same() holds. Nothing if it
  // cannot be, or another event of the layout has other keys there.
  std::optional<Object> add(JsonView object, Object parent);

 private:
  struct Known {
    uint32_t node;
    Object parent;
    uint16_t first, count;  // of keys
  };
  struct Layout {
    uint64_t shape = 0;
    uint64_t number = 0;
    std::vector<Known> objects;  // the root first; a parent stands before its children
    std::vector<KeyPieces::Placed> keys;
  };
  enum class Checked : uint8_t { kNot, kSame, kDifferent };
  static constexpr size_t kPlaces = 4;  // in a set
  static constexpr uint32_t kNone = UINT32_MAX;

  void find(JsonView event);
  bool check(Object object);
  bool is_of(const Layout& layout) const;
  bool make(Layout& layout);

  JsonView event_;
  uint32_t started_ = kNone;  // node of the event at hand
  uint32_t slot_ = 0;
  Layout* current_ = nullptr;
  std::vector<Checked> checked_;  // by object of `current_`
  KeyPieces pieces_;
  std::vector<Layout> layouts_;  // sets of kPlaces, by shape; empty until it is used
  size_t victim_ = 0;
};

}  // namespace stanch::codec
