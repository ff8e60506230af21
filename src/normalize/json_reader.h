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
    return has(index) ? codec::JsonView(document_, nodes_[index]) : codec::JsonView();
  }
  bool has(size_t index) const { return nodes_[index] != 0; }

  // The same members of another document, of the same layout.
  void move_to(const codec::JsonDocument* document) { document_ = document; }

 private:
  friend class JsonReader;

  void set(size_t index, codec::JsonView value) {
    nodes_[index] = value.index();
    tokens_[index] = value.node().token;
    types_[index] = value.type();
  }

  const codec::JsonDocument* document_ = nullptr;
  std::array<uint32_t, N> nodes_{};  // 0, the node of what is in nothing else, stands for absent
  // What it takes to read a text without a look at its node.
  std::array<uint32_t, N> tokens_{};
  std::array<codec::JsonType, N> types_{};
};

// Of a value that may be absent, which JsonView's own questions are not for.
inline bool is_text(codec::JsonView value) { return value.exists() && value.is_string(); }
inline bool is_object(codec::JsonView value) { return value.exists() && value.is_object(); }
// The text of a string, as it stands in the JSON or in `scratch`, else "".
inline std::string_view text_of(codec::JsonView value, std::string& scratch) {
  return is_text(value) ? value.text(scratch) : std::string_view();
}

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

  template <size_t N>
  std::string_view text(const Members<N>& members, size_t index) {
    if (!members.has(index)) return {};
    const codec::JsonType type = members.types_[index];
    if (type != codec::JsonType::kString && type != codec::JsonType::kNumber) return {};
    if (members.document_->is_compact()) [[likely]]
      return members.document_->raw_scalar(members.tokens_[index], type);
    return text(members[index]);
  }

  // true and false, also as the words that logs write for them.
  std::optional<bool> flag(codec::JsonView value);

  // Of two members with one key the first counts.
  template <size_t N>
  Members<N> collect(codec::JsonView object, const KeyTable<N>& table) {
    Members<N> members;
    members.document_ = object.document();
    size_t guess = 0;
    const codec::JsonView::Members all = object.members();
    for (auto at = all.begin(), end = all.end(); at != end; ++at) {
      // Key and value one by one: GCC 12 would copy the pair through memory, and wait for it.
      const int found = table.find(key((*at).key), guess);
      if (found == KeyTable<N>::kNone) continue;
      const auto index = static_cast<size_t>(found);
      if (!members.has(index)) members.set(index, (*at).value);
      guess = index + 1 < N ? index + 1 : 0;
    }
    return members;
  }

  // The text of a member's key. Valid until the next key or decoded text.
  std::string_view key(codec::JsonView name) {
    return name.is_plain() ? name.raw() : decoded_key(name);
  }

 private:
  std::string_view decoded(codec::JsonView value);
  std::string_view decoded_key(codec::JsonView name);

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
