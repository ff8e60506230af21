#include "detect/match/field.h"

#include "base/ascii.h"

#include <algorithm>

namespace stanch::detect::match {

namespace {

// F4: the brackets that may end a segment.
std::string_view without_brackets(std::string_view segment) {
  for (const std::string_view brackets : {"{}", "[]", "[*]"}) {
    if (segment.size() > brackets.size() && segment.ends_with(brackets)) {
      return without_brackets(segment.substr(0, segment.size() - brackets.size()));
    }
  }
  return segment;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// RFC 3986 section 2.1. What is no escape stays.
std::string percent_decoded(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 &&
        hex_digit(text[i + 2]) >= 0) {
      out += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

bool is_percent_encoded_json(std::string_view text) {
  return text.starts_with("%7B") || text.starts_with("%7b") || text.starts_with("%5B") ||
         text.starts_with("%5b");
}

// F8: where `[member=text]` stands in a name; it ends a segment.
struct SelectionMarks {
  size_t open, equals, close;
};

std::optional<SelectionMarks> find_selection(std::string_view name) {
  for (size_t open = name.find('['); open != std::string_view::npos;
       open = name.find('[', open + 1)) {
    const size_t close = name.find(']', open);
    if (close == std::string_view::npos) return std::nullopt;
    const size_t equals = name.substr(0, close).find('=', open);
    const bool ends_segment = close + 1 == name.size() || name[close + 1] == '.';
    if (open > 0 && equals != std::string_view::npos && equals > open + 1 && ends_segment) {
      return SelectionMarks{open, equals, close};
    }
  }
  return std::nullopt;
}

bool is_selected(codec::JsonView object, const FieldPath::Selection& selection) {
  const codec::JsonView member = find_member(object, selection.member);
  if (!member.exists() || !member.is_scalar() || member.is_null()) return false;
  std::string scratch;
  const std::string_view text = member.is_string() ? member.text(scratch) : member.raw();
  return equal_ignoring_ascii_case(text, selection.text);
}

// F8: at the end of the part of a path that stands in front of its selection.
void select(const FieldPath::Selection& selection, codec::JsonView at, EmbeddedJson& embedded,
            FieldValues& out) {
  if (at.is_string()) at = embedded.find(at);
  if (!at.exists()) return;
  if (at.is_array()) {
    for (const codec::JsonView element : at.elements()) select(selection, element, embedded, out);
    return;
  }
  if (!at.is_object() || !is_selected(at, selection)) return;
  if (!selection.below.empty()) {
    resolve(selection.below.front(), at, embedded, out);
    return;
  }
  out.present = true;
  out.values.push_back(at);
}

}  // namespace

FieldPath::FieldPath(std::string_view name) {
  if (const auto marks = find_selection(name)) {
    selection_.emplace();
    selection_->member = name.substr(marks->open + 1, marks->equals - marks->open - 1);
    selection_->text = name.substr(marks->equals + 1, marks->close - marks->equals - 1);
    const std::string_view below = name.substr(marks->close + 1);
    if (below.size() > 1) selection_->below.emplace_back(below.substr(1));
    name = name.substr(0, marks->open);
  }
  // A segment is never empty because of a dot at either end: "a." is one name.
  size_t begin = 0;
  for (;;) {
    const size_t dot = name.find('.', begin);
    const bool last = dot == std::string_view::npos || dot + 1 == name.size();
    const std::string_view piece = name.substr(begin, last ? std::string_view::npos : dot - begin);
    if (!name_.empty()) name_ += '.';
    starts_.push_back(static_cast<uint32_t>(name_.size()));
    name_ += without_brackets(piece);
    if (last) return;
    begin = dot + 1;
  }
}

std::string_view FieldPath::segment(size_t i) const {
  const std::string_view from = rest(i);
  if (i + 1 == starts_.size()) return from;
  return from.substr(0, starts_[i + 1] - starts_[i] - 1);
}

codec::JsonView find_member(codec::JsonView object, std::string_view key) {
  if (!object.is_object()) return {};
  codec::JsonView similar;
  std::string scratch;
  const codec::JsonDocument* document = object.document();
  const codec::JsonNode* nodes = document->nodes;
  const uint32_t end = object.node().next;
  for (uint32_t i = object.index() + 1; i != end; i = nodes[i + 1].next) {
    const codec::JsonView member(document, i);
    const std::string_view name = member.text(scratch);
    if (name.size() != key.size()) continue;
    if (name == key) return {document, i + 1};
    if (!similar.exists() && equal_ignoring_ascii_case(name, key)) similar = {document, i + 1};
  }
  return similar;
}

codec::JsonView EmbeddedJson::find(codec::JsonView string) {
  // Quick looks first: nearly every string is none.
  std::string scratch;
  const std::string_view raw = string.raw();
  if (raw.size() < 2 || raw.size() > kEmbeddedBytesMax) return {};
  for (const Entry& entry : entries_) {
    if (entry.document == string.document() && entry.node == string.index()) return entry.inner;
  }
  std::string_view text = string.text(scratch);
  std::string decoded;
  if (is_percent_encoded_json(text)) text = decoded = percent_decoded(text);
  const size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos || (text[first] != '{' && text[first] != '[')) return {};
  if (used_ == kEmbeddedDocumentsMax) return {};
  if (used_ == slots_.size()) slots_.push_back(std::make_unique<Slot>());
  Slot& slot = *slots_[used_++];
  slot.text = text;
  const codec::JsonView inner = slot.parser.parse(slot.text);
  entries_.push_back({string.document(), string.index(), inner});
  return inner;
}

void EmbeddedJson::clear() {
  entries_.clear();
  used_ = 0;
}

void add_values(codec::JsonView at, FieldValues& out) {
  if (!at.is_array()) {
    out.values.push_back(at);
    return;
  }
  for (const codec::JsonView element : at.elements()) add_values(element, out);
}

void resolve_below(const FieldPath& path, size_t segment, codec::JsonView at,
                   EmbeddedJson& embedded, FieldValues& out) {
  if (at.is_string()) at = embedded.find(at);
  if (!at.exists()) return;
  if (at.is_array()) {
    for (const codec::JsonView element : at.elements()) {
      resolve_below(path, segment, element, embedded, out);
    }
    return;
  }
  if (!at.is_object()) return;
  // F1: the whole remaining name first, then its first segment.
  if (const codec::JsonView whole = find_member(at, path.rest(segment))) {
    if (path.selection()) {
      select(*path.selection(), whole, embedded, out);
      return;
    }
    out.present = true;
    add_values(whole, out);
    return;
  }
  if (segment + 1 == path.segments()) return;
  if (const codec::JsonView next = find_member(at, path.segment(segment))) {
    resolve_below(path, segment + 1, next, embedded, out);
  }
}

void resolve(const FieldPath& path, codec::JsonView root, EmbeddedJson& embedded,
             FieldValues& out) {
  if (root.is_object()) resolve_below(path, 0, root, embedded, out);
}

}  // namespace stanch::detect::match
