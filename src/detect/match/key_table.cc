#include "detect/match/key_table.h"

#include "detect/match/field.h"

namespace stanch::detect::match {

KeyTable::Given KeyTable::given(std::string_view text, bool readable_behind) {
  Given out{text, 0, 0};
  if (text.size() >= 8) [[likely]] {
    std::memcpy(&out.head, text.data(), 8);
    std::memcpy(&out.tail, text.data() + text.size() - 8, 8);
    return out;
  }
  if (readable_behind) {
    std::memcpy(&out.head, text.data(), 8);
    out.head &= (uint64_t{1} << (text.size() * 8)) - 1;
  } else if (!text.empty()) {
    std::memcpy(&out.head, text.data(), text.size());
  }
  out.tail = out.head;
  return out;
}

uint32_t KeyTable::add(std::string_view key) {
  for (uint32_t i = 0; i < keys_.size(); ++i) {
    if (keys_[i].text == key) return i;
  }
  const auto number = static_cast<uint32_t>(keys_.size());
  const Given ends = given(key, false);
  uint32_t& slot = slots_[slot_of(ends)];
  keys_.push_back(
      {ends.head, ends.tail, static_cast<uint32_t>(key.size()), slot, std::string(key)});
  slot = number;
  return number;
}

void KeyTable::scan(codec::JsonView object, Scan& out, std::string& scratch) const {
  ++out.scan_;
  if (!object.is_object()) return;
  const codec::JsonDocument* document = object.document();
  const codec::JsonNode* nodes = document->nodes.data();
  const char* bytes = document->bytes;
  const uint32_t end = object.node().next;
  const uint32_t object_end = object.node().end;
  uint32_t before = Scan::kGuesses;  // the guess of the key before
  for (uint32_t i = object.index() + 1; i != end; i = nodes[i + 1].next) {
    std::string_view text(bytes + nodes[i].begin, nodes[i].end - nodes[i].begin);
    // The object goes on behind a short key: eight bytes can be read, and cut.
    bool readable = nodes[i].begin + 8 <= object_end;
    if (nodes[i].flags != 0 && !codec::JsonView(document, i).is_plain()) [[unlikely]] {
      text = codec::JsonView(document, i).text(scratch);
      readable = false;
    }
    const Given key = given(text, readable);
    const uint32_t expected = out.guesses_[before].next;
    const Scan::Guess& guess = out.guesses_[expected];
    if (guess.size == text.size() && guess.head == key.head && guess.tail == key.tail) [[likely]] {
      if (guess.number == kNone) {
        before = expected;
        continue;
      }
      if (text.size() <= 16 || text == keys_[guess.number].text) {
        Scan::Found& found = out.found_[guess.number];
        if (found.scan != out.scan_) {
          found = {out.scan_, i + 1, 0};
        } else if (found.exact == 0) {
          found.exact = i + 1;
        }
        before = expected;
        continue;
      }
    }
    before = look_up(key, i + 1, out, before);
  }
}

// A key that was not expected behind the one of guess `before`. Its own guess, by which it will
// be; or `before` again if there can be none.
uint32_t KeyTable::look_up(const Given& key, uint32_t value, Scan& out, uint32_t before) const {
  uint32_t number = kNone;
  bool certain = true;  // size, head and tail alone say that it is no other key
  const size_t slot = slot_of(key);
  for (uint32_t n = slots_[slot]; n != kNone; n = keys_[n].next) {
    const Key& wanted = keys_[n];
    if (wanted.size != key.text.size()) continue;
    const bool same_ends = wanted.head == key.head && wanted.tail == key.tail;
    const bool exact = same_ends && (key.text.size() <= 16 || wanted.text == key.text);
    if (!exact && !equal_ignoring_ascii_case(wanted.text, key.text)) {
      certain = certain && !same_ends;
      continue;
    }
    Scan::Found& found = out.found_[n];
    if (found.scan != out.scan_) found = {out.scan_, 0, 0};
    uint32_t& node = exact ? found.exact : found.similar;
    if (node == 0) node = value;
    certain = certain && exact;
    if (exact) number = n;
  }
  if (!certain) return before;
  const auto place = static_cast<uint32_t>(slot % Scan::kGuesses);
  Scan::Guess& guess = out.guesses_[place];
  if (guess.size != key.text.size() || guess.head != key.head || guess.tail != key.tail) {
    guess = {key.head, key.tail, static_cast<uint32_t>(key.text.size()), number, Scan::kGuesses};
  }
  out.guesses_[before].next = place;
  return place;
}

}  // namespace stanch::detect::match
