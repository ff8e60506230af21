#include "codec/json_layout.h"

#include <algorithm>
#include <atomic>
#include <cstring>

namespace stanch::codec {

namespace {

constexpr size_t kPieceBytes = sizeof(KeyPieces::Bytes);

bool is_equal(KeyPieces::Bytes a, KeyPieces::Bytes b) { return a[0] == b[0] && a[1] == b[1]; }

}  // namespace

bool KeyPieces::add(JsonView object, std::vector<Placed>& out) {
  for (const JsonMember member : object.members()) {
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

// A piece that would be read beyond the document is taken for another one: then whoever asks has to
// search. In a document with shorter keys any of them may be, not the last one alone.
bool KeyPieces::are_at(const JsonDocument& document, const Placed* begin, const Placed* end) const {
  if (begin == end) return true;
  const uint32_t* const positions = document.positions;
  if (document.size < kPieceBytes) return false;
  const size_t last = document.size - kPieceBytes;
  bool beyond = false;
  Bytes differs{};
  for (const Placed* placed = begin; placed != end; ++placed) {
    const size_t at = size_t{positions[placed->token]} + placed->offset;
    beyond |= at > last;
    Bytes here;
    std::memcpy(&here, document.bytes + std::min(at, last), kPieceBytes);
    const Piece& piece = pieces_[placed->piece];
    differs |= (here ^ piece.text) & piece.mask;
  }
  return !beyond && (differs[0] | differs[1]) == 0;
}

bool JsonLayouts::is_of(const Layout& layout) const {
  return layout.shape == event_.document()->shape && layout.objects[0].node == event_.index() &&
         pieces_.are_at(*event_.document(), layout.keys.data(),
                        layout.keys.data() + layout.objects[0].count);
}

void JsonLayouts::find(JsonView event) {
  event_ = event;
  started_ = event.index();
  current_ = nullptr;
  if (!event.is_object()) return;
  if (layouts_.empty()) layouts_.resize(kSlots);
  // What an envelope holds begins at some other node than the first.
  const uint64_t mixed =
      (event.document()->shape ^ uint64_t{event.index()} << 48) * 0x9E3779B97F4A7C15;
  const auto first = static_cast<uint32_t>((mixed >> 32) % kSlots / kPlaces * kPlaces);
  for (slot_ = first; slot_ != first + kPlaces; ++slot_) {
    if (is_of(layouts_[slot_])) break;
  }
  if (slot_ == first + kPlaces) {
    slot_ = first + static_cast<uint32_t>(victim_++ % kPlaces);
    if (!make(layouts_[slot_])) return;
  }
  current_ = &layouts_[slot_];
  checked_.assign(current_->objects.size(), Checked::kNot);
  checked_[kRoot] = Checked::kSame;
}

bool JsonLayouts::make(Layout& layout) {
  static std::atomic<uint64_t> numbers = 0;
  layout.shape = 0;
  layout.objects.clear();
  layout.keys.clear();
  if (!pieces_.add(event_, layout.keys)) return false;
  layout.objects.push_back({event_.index(), kRoot, 0, static_cast<uint16_t>(layout.keys.size())});
  layout.shape = event_.document()->shape;
  layout.number = ++numbers;
  return true;
}

bool JsonLayouts::check(Object number) {
  const Known& object = current_->objects[number];
  const KeyPieces::Placed* keys = current_->keys.data() + object.first;
  const bool same =
      is_same(object.parent) && pieces_.are_at(*event_.document(), keys, keys + object.count);
  checked_[number] = same ? Checked::kSame : Checked::kDifferent;
  return same;
}

std::optional<JsonLayouts::Object> JsonLayouts::add(JsonView object, Object parent) {
  const auto known = std::ranges::find(current_->objects, object.index(), &Known::node);
  const auto number = static_cast<Object>(known - current_->objects.begin());
  if (known != current_->objects.end()) {
    return is_same(number) ? std::optional(number) : std::nullopt;
  }
  const size_t first = current_->keys.size();
  if (!pieces_.add(object, current_->keys)) {
    current_->keys.resize(first);
    return std::nullopt;
  }
  current_->objects.push_back({object.index(), parent, static_cast<uint16_t>(first),
                               static_cast<uint16_t>(current_->keys.size() - first)});
  checked_.push_back(Checked::kSame);
  return number;
}

}  // namespace stanch::codec
