#include "detect/match/key_table.h"

#include <algorithm>

#include "detect/match/field.h"

namespace stanch::detect::match {

uint32_t KeyTable::add(std::string_view key) {
  for (uint32_t i = 0; i < keys_.size(); ++i) {
    if (keys_[i].text == key) return i;
  }
  const auto number = static_cast<uint32_t>(keys_.size());
  const uint64_t head = head_of(key);
  const uint64_t tail = tail_of(key, head);
  uint32_t& slot = slots_[slot_of(head, tail, key.size())];
  keys_.push_back({head, tail, static_cast<uint32_t>(key.size()), slot, std::string(key)});
  slot = number;
  const auto first = static_cast<unsigned char>(key.empty() ? '\0' : key[0]);
  first_letters_[std::min(key.size(), kSizes - 1)] |= uint32_t{1} << (first & 31);
  return number;
}

void KeyTable::scan(codec::JsonView object, Scan& out, std::string& scratch) const {
  for (const uint32_t number : out.touched) out.found[number] = Found();
  out.touched.clear();
  if (!object.is_object()) return;
  size_t missing = keys_.size();  // not found exactly yet
  const codec::JsonDocument* document = object.document();
  const codec::JsonNode* nodes = document->nodes.data();
  const char* bytes = document->bytes;
  const uint32_t end = object.node().next;
  const uint32_t object_end = object.node().end;
  for (uint32_t i = object.index() + 1; i != end; i = nodes[i + 1].next) {
    std::string_view key(bytes + nodes[i].begin, nodes[i].end - nodes[i].begin);
    if (nodes[i].flags != 0) [[unlikely]]
      key = codec::JsonView(document, i).text(scratch);
    if (!may_be_wanted(key)) continue;
    uint64_t head;
    if (key.size() >= 8) {
      std::memcpy(&head, key.data(), 8);
    } else if (nodes[i].flags == 0 && nodes[i].begin + 8 <= object_end) {
      // The object goes on behind a short key: eight bytes can be read, and cut.
      std::memcpy(&head, key.data(), 8);
      head &= (uint64_t{1} << (key.size() * 8)) - 1;
    } else {
      head = head_of(key);
    }
    const uint64_t tail = tail_of(key, head);
    for (uint32_t n = slots_[slot_of(head, tail, key.size())]; n != kNone; n = keys_[n].next) {
      const Key& wanted = keys_[n];
      if (wanted.size != key.size()) continue;
      Found& found = out.found[n];
      const bool exact =
          wanted.head == head && wanted.tail == tail && (key.size() <= 16 || wanted.text == key);
      if (exact ? found.exact != 0
                : found.similar != 0 || !equal_ignoring_ascii_case(wanted.text, key)) {
        continue;
      }
      if (found.node() == 0) out.touched.push_back(n);
      (exact ? found.exact : found.similar) = i + 1;
      if (exact && --missing == 0) return;
    }
  }
}

}  // namespace stanch::detect::match
