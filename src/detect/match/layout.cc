#include "detect/match/layout.h"

#include <algorithm>
#include <cstring>

namespace stanch::detect::match {

namespace {

constexpr size_t kPieceBytes = sizeof(KeyPieces::Bytes);

bool is_equal(KeyPieces::Bytes a, KeyPieces::Bytes b) { return a[0] == b[0] && a[1] == b[1]; }

}  // namespace

bool KeyPieces::add(codec::JsonView object, std::vector<Placed>& out) {
  for (const codec::JsonMember member : object.members()) {
    const std::string_view key = member.key.raw();
    const std::string_view quoted(key.data() - 1, key.size() + 2);
    if (!member.key.is_plain() || !add_key(quoted, member.key.node().token, out)) return false;
  }
  return true;
}

bool KeyPieces::add_key(std::string_view quoted, uint32_t token, std::vector<Placed>& out) {
  if (quoted.size() > UINT16_MAX) return false;
  for (size_t at = 0;; at += kPieceBytes) {
    // The last piece ends where the key ends, if that is long enough.
    if (at + kPieceBytes > quoted.size()) at = quoted.size() - std::min(kPieceBytes, quoted.size());
    const size_t size = std::min(kPieceBytes, quoted.size() - at);
    Piece piece{};
    std::memcpy(&piece.text, quoted.data() + at, size);
    std::memset(&piece.mask, 0xFF, size);
    const auto known = std::ranges::find_if(pieces_, [&](const Piece& other) {
      return is_equal(other.text, piece.text) && is_equal(other.mask, piece.mask);
    });
    if (out.size() == kPlacedMax) return false;
    out.push_back(
        {token, static_cast<uint16_t>(at), static_cast<uint16_t>(known - pieces_.begin())});
    if (known == pieces_.end()) {
      if (pieces_.size() == kPiecesMax) return false;
      pieces_.push_back(piece);
    }
    if (at + size == quoted.size()) return true;
  }
}

// Pieces come in the order of the bytes, so that if the last can be read all can. If it would be
// read beyond the document it is none: then the field is searched.
bool KeyPieces::are_at(const codec::JsonDocument& document, const Placed* begin,
                       const Placed* end) const {
  if (begin == end) return true;
  const uint32_t* const positions = document.positions;
  if (positions[end[-1].token] + end[-1].offset + kPieceBytes > document.size) return false;
  Bytes differs{};
  for (const Placed* placed = begin; placed != end; ++placed) {
    Bytes here;
    std::memcpy(&here, document.bytes + positions[placed->token] + placed->offset, kPieceBytes);
    const Piece& piece = pieces_[placed->piece];
    differs |= (here ^ piece.text) & piece.mask;
  }
  return (differs[0] | differs[1]) == 0;
}

bool Layouts::is_of(const Layout& layout) const {
  return layout.shape == event_.document()->shape && layout.objects[0].node == event_.index() &&
         pieces_.are_at(*event_.document(), layout.keys.data(),
                        layout.keys.data() + layout.objects[0].count);
}

void Layouts::start(codec::JsonView event) {
  event_ = event;
  current_ = nullptr;
  const codec::JsonDocument& document = *event.document();
  if (document.shape == 0 || !event.is_object()) return;
  if (sets_.empty()) sets_.resize(kSets);
  // What an envelope holds begins at some other node than the first.
  const uint64_t mixed = (document.shape ^ uint64_t{event.index()} << 48) * 0x9E3779B97F4A7C15;
  Set& set = sets_[(mixed >> 32) % kSets];
  for (Layout& layout : set) {
    if (!is_of(layout)) continue;
    current_ = &layout;
    break;
  }
  if (current_ == nullptr) current_ = make(set);
  if (current_ == nullptr) return;
  checked_.assign(current_->objects.size(), Checked::kNot);
  checked_[0] = Checked::kSame;
}

Layouts::Layout* Layouts::make(Set& set) {
  Layout& layout = set[made_ % kPlaces];
  layout.shape = 0;
  layout.objects.clear();
  layout.keys.clear();
  if (!pieces_.add(event_, layout.keys)) return nullptr;
  layout.objects.push_back({event_.index(), 0, 0, static_cast<uint16_t>(layout.keys.size())});
  layout.places.assign(fields_.size(), Place());
  layout.shape = event_.document()->shape;
  layout.number = ++made_;
  return &layout;
}

bool Layouts::check(uint16_t number) {
  const Object& object = current_->objects[number];
  const KeyPieces::Placed* keys = current_->keys.data() + object.first;
  const bool same =
      is_sure_of(object.parent) && pieces_.are_at(*event_.document(), keys, keys + object.count);
  checked_[number] = same ? Checked::kSame : Checked::kDifferent;
  return same;
}

// For a field that is asked for the first time in this layout, or is not where it was.
Place Layouts::work_out(uint32_t field) {
  const bool is_new = current_ != nullptr && current_->places[field].kind == Place::Kind::kUnknown;
  Layout* layout = is_new ? current_ : nullptr;
  const Place place = locate(fields_[field], layout);
  if (layout != nullptr) layout->places[field] = place;
  return place;
}

// F1: the whole remaining name first, then its first segment; as resolve_below() does it.
Place Layouts::locate(const FieldPath& path, Layout*& layout) {
  Place place{.kind = Place::Kind::kAbsent};
  codec::JsonView at = event_;
  for (size_t segment = 0; at.exists() && at.is_object(); ++segment) {
    if (segment > 0 && layout != nullptr && !add_object(at, place, *layout)) layout = nullptr;
    if (const codec::JsonView whole = find_member(at, path.rest(segment))) {
      place.kind = whole.is_scalar() ? Place::Kind::kScalar : Place::Kind::kComplex;
      place.type = whole.type();
      place.node = whole.index();
      place.token = whole.node().token;
      return place;
    }
    if (segment + 1 == path.segments()) return place;
    at = find_member(at, path.segment(segment));
  }
  if (at.exists() && (at.is_string() || at.is_array())) place.kind = Place::Kind::kComplex;
  return place;
}

bool Layouts::add_object(codec::JsonView object, Place& place, Layout& layout) {
  const auto known = std::ranges::find(layout.objects, object.index(), &Object::node);
  const auto number = static_cast<uint16_t>(known - layout.objects.begin());
  if (known != layout.objects.end()) {
    if (!is_sure_of(number)) return false;
  } else {
    const size_t first = layout.keys.size();
    if (!pieces_.add(object, layout.keys)) {
      layout.keys.resize(first);
      return false;
    }
    layout.objects.push_back({object.index(), place.object, static_cast<uint16_t>(first),
                              static_cast<uint16_t>(layout.keys.size() - first)});
    checked_.push_back(Checked::kSame);
  }
  place.object = number;
  return true;
}

}  // namespace stanch::detect::match
