#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "codec/merkle.h"
#include "codec/signature.h"

// Signed notes and checkpoints as C2SP has them (c2sp.org/signed-note@v1.0.0,
// c2sp.org/tlog-checkpoint): the text that a log hands out about itself.
//
//   example.com/log          origin
//   20852163                 size of the tree
//   CsUYapGGPo4dkMg…=        its root, base64
//
//   — example.com/log Az3grl…=      base64 of key id (4 bytes) and signature

namespace stanch::codec {

inline constexpr size_t kNoteBytesMax = size_t{1} << 20;
inline constexpr size_t kNoteSignaturesMax = 100;

using NoteKeyId = std::array<uint8_t, 4>;

// Whose signature counts: a name and an Ed25519 key, written as Go's verifier keys are:
// "<name>+<key id, 8 hex digits>+<base64 of 0x01 and the key>".
struct NoteKey {
  std::string name;
  PublicKey key;

  NoteKeyId id() const;
  std::string to_text() const;
  bool operator==(const NoteKey&) const = default;
};
Result<NoteKey> parse_note_key(std::string_view text);

// Why this may not be the name of a key; "" if it may.
std::string note_name_complaint(std::string_view name);

struct NoteSignature {
  std::string name;
  NoteKeyId key_id{};
  std::string signature;
};

struct Note {
  std::string text;  // ends with a newline
  std::vector<NoteSignature> signatures;
};

// The note with one signature. Requires a good name, and a text that is UTF-8 without control
// characters and ends with a newline.
std::string sign_note(std::string_view text, std::string_view name, const SigningKey& key);
Result<Note> parse_note(std::string_view bytes);  // kInvalid

// True if a signature of this key is there, and all of this key verify.
bool is_signed_by(const Note& note, const NoteKey& key);

struct Checkpoint {
  std::string origin;
  MerkleTree tree;
  std::vector<std::string> extensions;  // lines that others may have added
};

std::string to_text(const Checkpoint& checkpoint);           // the note's text
Result<Checkpoint> parse_checkpoint(std::string_view text);  // of a note's text; kInvalid

// Parses, and looks for that key's signature: kInvalid if it is no checkpoint, kDenied if it is
// not signed by that key.
Result<Checkpoint> open_checkpoint(std::string_view note, const NoteKey& key);

}  // namespace stanch::codec
