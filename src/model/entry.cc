#include "model/entry.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "codec/canonical_json.h"
#include "codec/json.h"
#include "codec/timestamp.h"
#include "codec/utf8.h"

namespace stanch::model {
namespace {

constexpr std::string_view kSchema = "stanch.entry/1";

Error refused(std::string_view what) {
  return Error(ErrorCode::kInvalid, fmt::format("this is no entry: {}", what));
}

void append_member(std::string_view name, std::string_view text, std::string& out) {
  out.append(out.size() == 1 ? "\"" : ",\"").append(name).append("\":");
  codec::append_canonical_string(text, out);
}

void append_member(std::string_view name, uint64_t number, std::string& out) {
  fmt::format_to(std::back_inserter(out), ",\"{}\":{}", name, number);
}

// Control characters have no place in names; and what is no UTF-8 would not be written back.
std::string name_complaint(std::string_view what, std::string_view name, size_t bytes_max) {
  if (name.empty()) return fmt::format("{} is empty", what);
  if (name.size() > bytes_max) return fmt::format("{} has more than {} bytes", what, bytes_max);
  if (!codec::is_utf8(name)) return fmt::format("{} is no UTF-8", what);
  if (std::ranges::any_of(name, [](char c) { return (c >= 0 && c < 0x20) || c == 0x7F; })) {
    return fmt::format("{} has control characters", what);
  }
  return "";
}

class HeaderReader {
 public:
  explicit HeaderReader(codec::JsonView header) : header_(header) {}

  Result<std::string> text(std::string_view name) const {
    const codec::JsonView value = header_[name];
    if (!value || !value.is_string()) return refused(fmt::format("{} is missing", name));
    return value.string_or_empty();
  }
  Result<uint64_t> number(std::string_view name) const {
    const codec::JsonView value = header_[name];
    const auto number = value && value.is_number() ? value.as_int64() : std::nullopt;
    if (!number || *number < 0) return refused(fmt::format("{} is no number", name));
    return static_cast<uint64_t>(*number);
  }
  Result<codec::Sha256> hash(std::string_view name) const {
    TRY(const std::string hex, text(name));
    const auto hash = codec::sha256_of_hex(hex);
    if (!hash) return refused(fmt::format("{} is no hash", name));
    return *hash;
  }

 private:
  codec::JsonView header_;
};

}  // namespace

EntryId entry_id(const StreamId& stream, std::string_view kind, std::string_view key) {
  codec::Sha256Fields fields;
  fields.add("stanch.entry-id/1").add(stream.text()).add(kind).add(key);
  const codec::Sha256 hash = fields.finish();
  return EntryId("ent-" + codec::to_base32(std::span(hash).first(16)));
}

codec::Sha256 stream_root(std::string_view ledger_id, const StreamId& stream) {
  return codec::sha256(fmt::format("stanch.stream/1 {} {}\n", ledger_id, stream.text()));
}

std::string header_line(const Entry& entry) {
  std::string out = "{";
  out.reserve(512);
  append_member("actor", entry.actor, out);
  append_member("commitment", codec::to_hex(entry.commitment), out);
  append_member("content", entry.content_version, out);
  append_member("id", entry.id.text(), out);
  append_member("kind", entry.kind, out);
  append_member("kind_version", entry.kind_version, out);
  append_member("prev", codec::to_hex(entry.prev), out);
  append_member("schema", kSchema, out);
  append_member("sequence", entry.sequence, out);
  append_member("stream", entry.stream.text(), out);
  append_member("time", codec::format_timestamp(entry.time), out);
  out += "}\n";
  return out;
}

codec::Sha256 entry_hash(std::string_view header_line) { return codec::sha256(header_line); }

Result<Entry> parse_header_line(std::string_view line) {
  if (line.size() > kEntryHeaderBytesMax) return refused("its header is too long");
  if (!line.ends_with('\n')) return refused("its header has no newline");
  static thread_local codec::JsonParser parser;
  const codec::JsonView header = parser.parse(line);
  if (!header || !header.is_object()) return refused("its header is no JSON object");
  const HeaderReader read(header);
  Entry entry;
  TRY(const std::string schema, read.text("schema"));
  if (schema != kSchema) {
    return refused(fmt::format("its schema is {}; a newer program may know it",
                               codec::for_terminal(schema.substr(0, 80))));
  }
  TRY(entry.actor, read.text("actor"));
  TRY(entry.commitment, read.hash("commitment"));
  TRY(entry.content_version, read.text("content"));
  TRY(std::string id, read.text("id"));
  entry.id = EntryId(std::move(id));
  TRY(entry.kind, read.text("kind"));
  TRY(const uint64_t kind_version, read.number("kind_version"));
  if (kind_version == 0 || kind_version > UINT32_MAX) return refused("kind_version is no version");
  entry.kind_version = static_cast<uint32_t>(kind_version);
  TRY(entry.prev, read.hash("prev"));
  TRY(entry.sequence, read.number("sequence"));
  if (entry.sequence > kEntrySequenceMax) return refused("its sequence is too large");
  TRY(std::string stream, read.text("stream"));
  entry.stream = StreamId(std::move(stream));
  TRY(const std::string time, read.text("time"));
  const auto parsed = codec::parse_timestamp(time);
  if (!parsed) return refused("its time is no time");
  entry.time = *parsed;
  if (header_line(entry) != line) return refused("its header is not in canonical form");
  return entry;
}

codec::Sha256 payload_commitment(const EntryPayload& payload) {
  codec::Sha256Stream stream;
  return stream.add(payload.salt).add(payload.json).add("\n").finish();
}

EntryCitation citation_of(const Entry& entry) {
  return {entry.stream, entry.sequence, entry_hash(header_line(entry))};
}

std::string stream_complaint(std::string_view stream) {
  return name_complaint("the stream's name", stream, kEntryStreamBytesMax);
}

std::string actor_complaint(std::string_view actor) {
  return name_complaint("the actor", actor, kEntryActorBytesMax);
}

void append_citation(std::string_view name, const EntryCitation& citation,
                     codec::JsonWriter& json) {
  json.key(name)
      .begin_object()
      .field("stream", citation.stream.text())
      .field("sequence", citation.sequence)
      .field("hash", codec::to_hex(citation.hash))
      .end_object();
}

bool is_privileged(std::string_view payload_json) {
  if (payload_json.find("\"privileged\":true") == payload_json.npos) return false;
  codec::JsonParser parser;
  const codec::JsonView payload = parser.parse(payload_json);
  const codec::JsonView mark = payload ? payload["privileged"] : payload;
  return mark && mark.is_bool() && mark.as_bool();
}

}  // namespace stanch::model
