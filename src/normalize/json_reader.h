#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "base/text_arena.h"
#include "codec/json.h"
#include "model/key_table.h"

namespace stanch::normalize {

using model::KeyTable;

// The members of one object that a table knows, by their index in it.
template <size_t N>
class Members {
 public:
  codec::JsonView operator[](size_t index) const {
    return nodes_[index] == 0 ? codec::JsonView() : codec::JsonView(document_, nodes_[index]);
  }
  bool has(size_t index) const { return nodes_[index] != 0; }

 private:
  friend class JsonReader;
  const codec::JsonDocument* document_ = nullptr;
  std::array<uint32_t, N> nodes_{};  // 0 is the root, so never a member
};

// Reads values of foreign JSON: whatever has another type than expected reads
// as absent. Texts are slices of the JSON, or of the arena if they had to be
// decoded.
class JsonReader {
 public:
  explicit JsonReader(TextArena& arena) : arena_(arena) {}

  TextArena& arena() { return arena_; }

  // The text of a string or number, else "".
  std::string_view text(codec::JsonView value) {
    if (!value.exists()) return {};
    if (value.is_string()) return value.is_plain() ? value.raw() : decoded(value);
    return value.is_number() ? value.raw() : std::string_view();
  }

  // true and false, also as the words that logs write for them.
  std::optional<bool> flag(codec::JsonView value);

  // Of two members with one key the first counts.
  template <size_t N>
  Members<N> collect(codec::JsonView object, const KeyTable<N>& table) {
    Members<N> members;
    if (!object.exists() || !object.is_object()) return members;
    members.document_ = object.document();
    const codec::JsonNode* nodes = members.document_->nodes;
    size_t guess = 0;
    for (uint32_t i = object.index() + 1, end = object.node().next; i != end;
         i = nodes[i + 1].next) {
      int index = table.find(key({members.document_, i}), guess);
      if (index == KeyTable<N>::kNone) continue;
      if (members.nodes_[index] == 0) members.nodes_[index] = i + 1;
      guess = static_cast<size_t>(index) + 1 < N ? static_cast<size_t>(index) + 1 : 0;
    }
    return members;
  }

  // The text of a member's key. Valid until the next key or decoded text.
  std::string_view key(codec::JsonView name) { return name.text(scratch_); }

 private:
  std::string_view decoded(codec::JsonView value);

  TextArena& arena_;
  std::string scratch_;
};

// Calls `visit` for every value at `path` ("a.b.c") below `value`; arrays fan
// out at every step.
template <typename Visit>
void visit_path(codec::JsonView value, std::string_view path, const Visit& visit) {
  if (!value.exists()) return;
  if (value.is_array()) {
    for (codec::JsonView element : value.elements()) visit_path(element, path, visit);
  } else if (path.empty()) {
    visit(value);
  } else {
    size_t dot = path.find('.');
    std::string_view rest = dot == std::string_view::npos ? "" : path.substr(dot + 1);
    visit_path(value[path.substr(0, dot)], rest, visit);
  }
}

// The first value at `path`, or an absent view.
codec::JsonView first_at(codec::JsonView value, std::string_view path);

}  // namespace stanch::normalize
