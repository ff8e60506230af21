#include "model/entry_kind.h"

#include <fmt/format.h>

#include <algorithm>
#include <bitset>
#include <cmath>

#include "base/check.h"
#include "codec/hash.h"
#include "codec/json_writer.h"
#include "codec/timestamp.h"
#include "codec/utf8.h"

namespace stanch::model {
namespace {

constexpr size_t kFieldsMax = 64;

bool is_choice(std::string_view choices, std::string_view text) {
  while (!choices.empty()) {
    const size_t bar = std::min(choices.find('|'), choices.size());
    if (choices.substr(0, bar) == text) return true;
    choices.remove_prefix(std::min(bar + 1, choices.size()));
  }
  return false;
}

bool is_hash(std::string_view text) { return codec::sha256_of_hex(text).has_value(); }

bool is_whole(codec::JsonView value) {
  const auto number = value.is_number() ? value.as_double() : std::nullopt;
  return number && *number == std::floor(*number) && std::abs(*number) < 9007199254740992.0;
}

bool is_citation(codec::JsonView value) {
  if (!value.is_object() || value.size() != 3) return false;
  const codec::JsonView stream = value["stream"], sequence = value["sequence"],
                        hash = value["hash"];
  return stream && stream.is_string() && sequence && is_whole(sequence) && hash &&
         hash.is_string() && is_hash(hash.raw());
}

template <typename Is>
bool all_elements(codec::JsonView list, Is is) {
  if (!list.is_array()) return false;
  for (const codec::JsonView element : list.elements()) {
    if (!is(element)) return false;
  }
  return true;
}

bool fits(const PayloadField& field, codec::JsonView value) {
  const auto is_text = [](codec::JsonView v) { return v.is_string(); };
  switch (field.type) {
    case FieldType::kText:
      return value.is_string() &&
             (field.choices.empty() || is_choice(field.choices, value.string_or_empty()));
    case FieldType::kTime: {
      if (!value.is_string()) return false;
      const auto time = codec::parse_timestamp(value.raw());
      return time && codec::format_timestamp(*time) == value.raw();
    }
    case FieldType::kInteger: return is_whole(value);
    case FieldType::kBoolean: return value.is_bool();
    case FieldType::kHash: return value.is_string() && is_hash(value.raw());
    case FieldType::kTexts: return all_elements(value, is_text);
    case FieldType::kCitation: return is_citation(value);
    case FieldType::kCitations: return all_elements(value, is_citation);
    case FieldType::kObject: return value.is_object();
    case FieldType::kObjects:
      return all_elements(value, [](codec::JsonView v) { return v.is_object(); });
  }
  CHECK(false);
}

Error refused(const EntryKind& kind, std::string_view name, std::string_view what) {
  return Error(ErrorCode::kInvalid, fmt::format("payload of {}: {} {}", kind.name,
                                                codec::for_terminal(name.substr(0, 80)), what));
}

// ---------------------------------------------------------------- what is written about them

void append_type(const PayloadField& field, codec::JsonWriter& out) {
  const auto list_of = [&out](auto write) {
    out.field("type", "array").key("items").begin_object();
    write();
    out.end_object();
  };
  const auto hash = [&out] { out.field("type", "string").field("pattern", "^[0-9a-f]{64}$"); };
  const auto integer = [&out] {
    out.field("type", "integer")
        .field("minimum", int64_t{-9007199254740991})
        .field("maximum", int64_t{9007199254740991});
  };
  const auto citation = [&out] { out.field("$ref", "#/$defs/citation"); };
  switch (field.type) {
    case FieldType::kText:
      out.field("type", "string");
      if (!field.choices.empty()) {
        out.key("enum").begin_array();
        for (std::string_view rest = field.choices; !rest.empty();) {
          const size_t bar = std::min(rest.find('|'), rest.size());
          out.string(rest.substr(0, bar));
          rest.remove_prefix(std::min(bar + 1, rest.size()));
        }
        out.end_array();
      }
      return;
    case FieldType::kTime:
      out.field("type", "string").field("format", "date-time").field("pattern", "Z$");
      return;
    case FieldType::kInteger: return integer();
    case FieldType::kBoolean: out.field("type", "boolean"); return;
    case FieldType::kHash: return hash();
    case FieldType::kTexts: return list_of([&] { out.field("type", "string"); });
    case FieldType::kCitation: return citation();
    case FieldType::kCitations: return list_of(citation);
    case FieldType::kObject: out.field("type", "object"); return;
    case FieldType::kObjects: return list_of([&] { out.field("type", "object"); });
  }
}

void append_schema(const EntryKind& kind, codec::JsonWriter& out) {
  out.key(fmt::format("{}/{}", kind.name, kind.version)).begin_object();
  out.field("type", "object").field("description", kind.summary);
  out.key("properties").begin_object();
  for (const PayloadField& field : kind.fields) {
    out.key(field.name).begin_object();
    append_type(field, out);
    out.field("description", field.summary).end_object();
  }
  out.end_object().key("required").begin_array();
  for (const PayloadField& field : kind.fields) {
    if (field.required) out.string(field.name);
  }
  out.end_array().field("additionalProperties", false).end_object();
}

// Two spaces a level: what people review is not one line.
std::string indented(std::string_view compact) {
  std::string out;
  size_t depth = 0;
  bool in_string = false;
  for (size_t i = 0; i < compact.size(); ++i) {
    const char c = compact[i];
    if (in_string) {
      out += c;
      if (c == '\\') out += compact[++i];
      in_string = c != '"';
      continue;
    }
    const auto new_line = [&] { out.append("\n").append(2 * depth, ' '); };
    if (c == '}' || c == ']') {
      --depth;
      if (compact[i - 1] != '{' && compact[i - 1] != '[') new_line();
    }
    out += c;
    if (c == ':') out += ' ';
    if (c == '{' || c == '[') {
      ++depth;
      if (compact[i + 1] != '}' && compact[i + 1] != ']') new_line();
    }
    if (c == ',') new_line();
    in_string = c == '"';
  }
  return out + "\n";
}

}  // namespace

const EntryKind* find_entry_kind(std::string_view name, uint32_t version) {
  for (const EntryKind& kind : entry_kinds()) {
    if (kind.name == name && kind.version == version) return &kind;
  }
  return nullptr;
}

const EntryKind* current_entry_kind(std::string_view name) {
  const EntryKind* newest = nullptr;
  for (const EntryKind& kind : entry_kinds()) {
    if (kind.name == name && (!newest || kind.version > newest->version)) newest = &kind;
  }
  return newest;
}

Result<> check_payload(const EntryKind& kind, codec::JsonView payload) {
  CHECK(kind.fields.size() <= kFieldsMax);
  if (!payload || !payload.is_object()) return refused(kind, "it", "is no object");
  std::bitset<kFieldsMax> seen;
  std::string scratch;
  for (const codec::JsonMember member : payload.members()) {
    const std::string_view name = member.key.text(scratch);
    const auto field = std::ranges::find(kind.fields, name, &PayloadField::name);
    if (field == kind.fields.end()) return refused(kind, name, "is no member of it");
    const auto index = static_cast<size_t>(field - kind.fields.begin());
    if (seen.test(index)) return refused(kind, name, "stands twice");
    seen.set(index);
    if (!fits(*field, member.value)) {
      return refused(kind, name,
                     field->choices.empty() ? fmt::format("is no {}", name_of(field->type))
                                            : fmt::format("is none of {}", field->choices));
    }
  }
  for (size_t i = 0; i < kind.fields.size(); ++i) {
    if (kind.fields[i].required && !seen.test(i)) {
      return refused(kind, kind.fields[i].name, "is missing");
    }
  }
  return {};
}

std::string entry_kinds_schema() {
  std::string text;
  codec::JsonWriter out(text);
  out.begin_object()
      .field("$schema", "https://json-schema.org/draft/2020-12/schema")
      .field("title",
             fmt::format("Payloads of ledger entries, list version {}", kEntryKindListVersion));
  out.key("$defs").begin_object();
  out.key("citation")
      .begin_object()
      .field("type", "object")
      .field("description", "An entry, for good.");
  out.key("properties").begin_object();
  const auto property = [&out](const PayloadField& field) {
    out.key(field.name).begin_object();
    append_type(field, out);
    out.end_object();
  };
  property({.name = "stream", .type = FieldType::kText, .summary = ""});
  property({.name = "sequence", .type = FieldType::kInteger, .summary = ""});
  property({.name = "hash", .type = FieldType::kHash, .summary = ""});
  out.end_object().key("required").begin_array();
  out.string("stream").string("sequence").string("hash").end_array();
  out.field("additionalProperties", false).end_object();
  for (const EntryKind& kind : entry_kinds()) append_schema(kind, out);
  out.end_object().end_object();
  return indented(text);
}

std::string entry_kinds_page() {
  std::string page = fmt::format(
      "# Kinds of entries\n\n"
      "Version {} of the list; made from `src/model/entry_kinds*.cc`, and as JSON Schema in\n"
      "[entry-kinds.schema.json](entry-kinds.schema.json). Members that are not named here are "
      "refused when an entry is\n"
      "appended. A kind never changes: one that must say more gets a new version. Kinds of a newer "
      "program are carried, not lost.\n\n"
      "*Retention*: `permanent` payloads stay as long as the ledger and are never erased; "
      "`incident` and `operational` ones\n"
      "are kept for as long as `retention_set` says, and may be erased (see "
      "[ledger.md](ledger.md)). `?` marks optional members.\n",
      kEntryKindListVersion);
  for (const EntryKind& kind : entry_kinds()) {
    page += fmt::format(
        "\n## {}/{}\n\n{} Since {}; {}; {}.\n\n| member | type | what |\n|---|---|---|\n",
        kind.name, kind.version, kind.summary, kind.since, name_of(kind.retention),
        kind.erasable ? "may be erased" : "is never erased");
    for (const PayloadField& field : kind.fields) {
      std::string type(name_of(field.type));
      if (!field.choices.empty()) {
        type.clear();
        for (std::string_view rest = field.choices; !rest.empty();) {
          const size_t bar = std::min(rest.find('|'), rest.size());
          type += fmt::format("{}`{}`", type.empty() ? "" : " ", rest.substr(0, bar));
          rest.remove_prefix(std::min(bar + 1, rest.size()));
        }
      }
      page += fmt::format("| `{}`{} | {} | {} |\n", field.name, field.required ? "" : "?", type,
                          field.summary);
    }
  }
  return page;
}

std::string_view name_of(FieldType type) {
  switch (type) {
    case FieldType::kText: return "text";
    case FieldType::kTime: return "time (RFC 3339, Z)";
    case FieldType::kInteger: return "integer";
    case FieldType::kBoolean: return "boolean";
    case FieldType::kHash: return "hash (64 hex digits)";
    case FieldType::kTexts: return "list of texts";
    case FieldType::kCitation: return "citation";
    case FieldType::kCitations: return "list of citations";
    case FieldType::kObject: return "object";
    case FieldType::kObjects: return "list of objects";
  }
  CHECK(false);
}

std::string_view name_of(Retention retention) {
  switch (retention) {
    case Retention::kPermanent: return "permanent";
    case Retention::kIncident: return "incident";
    case Retention::kOperational: return "operational";
  }
  CHECK(false);
}

}  // namespace stanch::model
