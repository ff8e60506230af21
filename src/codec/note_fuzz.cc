#include <cstdlib>

#include "codec/canonical_json.h"
#include "codec/note.h"

// Notes, checkpoints, keys: what is read is written back as the same bytes. Canonical JSON:
// writing it again changes nothing.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace stanch::codec;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (const auto note = parse_note(bytes)) {
    if (const auto checkpoint = parse_checkpoint(note->text)) {
      if (to_text(*checkpoint) != note->text) std::abort();
    }
    const NoteKey key{"fuzz.example", SigningKey({1}).public_key()};
    if (is_signed_by(*note, key)) std::abort();
  }
  if (const auto key = parse_note_key(bytes); key && key->to_text() != bytes) std::abort();
  if (const auto key = parse_public_pem(bytes); key && to_pem(*key) != bytes) std::abort();
  if (const auto key = parse_private_pem(bytes); key && key->to_pem() != bytes) std::abort();
  JsonParser parser;
  if (const auto once = canonical_json(parser, bytes)) {
    if (canonical_json(parser, *once).value() != *once) std::abort();
  }
  return 0;
}
