#include "codec/note.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/check.h"
#include "codec/base64.h"
#include "codec/hash.h"
#include "codec/take_line.h"
#include "codec/utf8.h"

namespace stanch::codec {
namespace {

constexpr char kEd25519 = 0x01;                      // signature type of c2sp.org/signed-note
constexpr std::string_view kMark = "\xE2\x80\x94 ";  // em dash, space

Error bad_note(std::string what) { return Error(ErrorCode::kInvalid, std::move(what)); }

std::string_view text_of(std::span<const uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// "MUST be valid UTF-8 and MUST NOT contain any ASCII control characters … other than newline."
bool is_note_text(std::string_view text) {
  return is_utf8(text) && std::ranges::none_of(text, [](char c) {
           return static_cast<unsigned char>(c) < 0x20 && c != '\n';
         });
}

// White_Space of Unicode 15.0.
bool is_space(char32_t c) {
  return (c >= 0x09 && c <= 0x0D) || c == 0x20 || c == 0x85 || c == 0xA0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F ||
         c == 0x3000;
}

Result<NoteSignature> parse_signature(std::string_view line) {
  const Error bad = bad_note("a signature line of the note is malformed");
  if (!line.starts_with(kMark)) return bad;
  line.remove_prefix(kMark.size());
  const size_t space = line.find(' ');
  if (space == line.npos) return bad;
  const std::string_view name = line.substr(0, space);
  const auto bytes = decode_base64(line.substr(space + 1));
  if (!note_name_complaint(name).empty() || !bytes || bytes->size() < 5) return bad;
  NoteSignature signature{.name = std::string(name), .key_id = {}, .signature = bytes->substr(4)};
  std::copy_n(bytes->begin(), 4, signature.key_id.begin());
  return signature;
}

}  // namespace

std::string note_name_complaint(std::string_view name) {
  if (name.empty()) return "it is empty";
  if (name.size() > 255) return "it has more than 255 bytes";
  if (!is_note_text(name) || name.find('\n') != name.npos) return "it has control characters";
  for (std::string_view rest = name; !rest.empty();) {
    const Utf8Step step = decode_utf8(rest);
    if (step.code_point == '+') return "it holds a '+'";
    if (is_space(step.code_point)) return "it holds a space";
    rest.remove_prefix(step.length);
  }
  return "";
}

NoteKeyId NoteKey::id() const {
  Sha256Stream stream;
  stream.add(name).add("\n").add(std::string_view(&kEd25519, 1)).add(text_of(key.bytes));
  const Sha256 hash = stream.finish();
  return {hash[0], hash[1], hash[2], hash[3]};
}

std::string NoteKey::to_text() const {
  std::string typed(1, kEd25519);
  typed += text_of(key.bytes);
  return name + "+" + to_hex(id()) + "+" + encode_base64(typed);
}

Result<NoteKey> parse_note_key(std::string_view text) {
  const Error bad = bad_note("this is no Ed25519 verifier key: <name>+<key id>+<base64>");
  const size_t first = text.find('+');
  const size_t second = first == text.npos ? text.npos : text.find('+', first + 1);
  if (second == text.npos) return bad;
  NoteKey key{.name = std::string(text.substr(0, first)), .key = {}};
  const auto typed = decode_base64(text.substr(second + 1));
  if (!note_name_complaint(key.name).empty() || !typed || typed->size() != 33 ||
      typed->front() != kEd25519) {
    return bad;
  }
  std::copy(typed->begin() + 1, typed->end(), key.key.bytes.begin());
  if (text.substr(first + 1, second - first - 1) != to_hex(key.id())) return bad;
  return key;
}

std::string sign_note(std::string_view text, std::string_view name, const SigningKey& key) {
  CHECK(is_note_text(text) && text.ends_with('\n') && note_name_complaint(name).empty());
  const NoteKeyId id = NoteKey{std::string(name), key.public_key()}.id();
  std::string signature(text_of(id));
  signature += text_of(key.sign(text));
  std::string note(text);
  note.append("\n").append(kMark).append(name).append(" ");
  note.append(encode_base64(signature)).append("\n");
  return note;
}

Result<Note> parse_note(std::string_view bytes) {
  if (bytes.size() > kNoteBytesMax) return bad_note("the note has more than 1 MiB");
  if (!is_note_text(bytes)) return bad_note("the note is no UTF-8, or has control characters");
  // "the text is separated from the signatures by the last empty line in the note"
  const size_t blank = bytes.rfind("\n\n");
  if (blank == bytes.npos) return bad_note("the note has no signatures");
  Note note{.text = std::string(bytes.substr(0, blank + 1)), .signatures = {}};
  std::string_view rest = bytes.substr(blank + 2);
  while (!rest.empty()) {
    const auto line = take_line(rest);
    if (!line) return bad_note("the note does not end with a newline");
    if (note.signatures.size() == kNoteSignaturesMax)
      return bad_note("the note has too many signatures");
    TRY(NoteSignature signature, parse_signature(*line));
    note.signatures.push_back(std::move(signature));
  }
  if (note.signatures.empty()) return bad_note("the note has no signatures");
  return note;
}

bool is_signed_by(const Note& note, const NoteKey& key) {
  const NoteKeyId id = key.id();
  bool found = false;
  for (const NoteSignature& signature : note.signatures) {
    if (signature.name != key.name || signature.key_id != id) continue;
    const auto* bytes = reinterpret_cast<const uint8_t*>(signature.signature.data());
    if (!verify(key.key, note.text, std::span(bytes, signature.signature.size()))) return false;
    found = true;
  }
  return found;
}

std::string to_text(const Checkpoint& checkpoint) {
  std::string text = checkpoint.origin + "\n" + std::to_string(checkpoint.tree.size) + "\n" +
                     encode_base64(text_of(checkpoint.tree.root)) + "\n";
  for (const std::string& line : checkpoint.extensions) text += line + "\n";
  return text;
}

Result<Checkpoint> parse_checkpoint(std::string_view text) {
  const auto origin = take_line(text), size = take_line(text), root = take_line(text);
  if (!origin || origin->empty() || !size || !root) {
    return bad_note("this is no checkpoint: it needs origin, size and root");
  }
  Checkpoint checkpoint{.origin = std::string(*origin), .tree = {}, .extensions = {}};
  const auto [end, error] =
      std::from_chars(size->data(), size->data() + size->size(), checkpoint.tree.size);
  if (error != std::errc() || end != size->data() + size->size() ||
      std::to_string(checkpoint.tree.size) != *size) {
    return bad_note("the checkpoint's size is no number");
  }
  const auto hash = decode_base64(*root);
  if (!hash || hash->size() != checkpoint.tree.root.size()) {
    return bad_note("the checkpoint's root is no SHA-256");
  }
  std::ranges::copy(*hash, checkpoint.tree.root.begin());
  while (!text.empty()) {
    const auto line = take_line(text);
    if (!line || line->empty()) return bad_note("an extension line of the checkpoint is empty");
    checkpoint.extensions.emplace_back(*line);
  }
  return checkpoint;
}

Result<Checkpoint> open_checkpoint(std::string_view bytes, const NoteKey& key) {
  TRY(const Note note, parse_note(bytes));
  TRY(Checkpoint checkpoint, parse_checkpoint(note.text));
  if (!is_signed_by(note, key)) {
    return Error(ErrorCode::kDenied, "the checkpoint bears no good signature of " + key.name);
  }
  return checkpoint;
}

}  // namespace stanch::codec
