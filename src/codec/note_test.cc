#include "codec/note.h"

#include <gtest/gtest.h>

namespace stanch::codec {
namespace {

// From golang.org/x/mod/sumdb/note, which the specification grew out of.
constexpr std::string_view kVerifierKey =
    "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
constexpr std::string_view kSignedNote =
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "\u2014 PeterNeumann "
    "x08go/ZJkuBS9UG/"
    "SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

SigningKey key_of(uint8_t byte) {
  SigningKey::Seed seed;
  seed.fill(byte);
  return SigningKey(seed);
}

TEST(Note, OfTheGoProjectVerifies) {
  const auto key = parse_note_key(kVerifierKey);
  ASSERT_TRUE(key) << key.error().message();
  EXPECT_EQ(key->to_text(), kVerifierKey);
  const auto note = parse_note(kSignedNote);
  ASSERT_TRUE(note) << note.error().message();
  EXPECT_TRUE(is_signed_by(*note, *key));
}

// The example in c2sp.org/tlog-checkpoint.
TEST(Checkpoint, OfTheSpecificationReads) {
  const std::string text =
      "example.com/behind-the-sofa\n20852163\n"
      "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
  const auto note = parse_note(text +
                               "\n\u2014 example.com/behind-the-sofa "
                               "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/"
                               "Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n");
  ASSERT_TRUE(note) << note.error().message();
  const auto checkpoint = parse_checkpoint(note->text);
  ASSERT_TRUE(checkpoint);
  EXPECT_EQ(checkpoint->origin, "example.com/behind-the-sofa");
  EXPECT_EQ(checkpoint->tree.size, 20852163u);
  EXPECT_EQ(to_text(*checkpoint), text);
  EXPECT_EQ(to_hex(note->signatures.at(0).key_id), "033de0ae");
}

TEST(Note, IsWrittenAndReadBack) {
  const SigningKey key = key_of(7);
  const NoteKey verifier{"stanch.example/ledger", key.public_key()};
  const Checkpoint checkpoint{"stanch.example/ledger", {5, sha256("root")}, {}};
  const std::string note = sign_note(to_text(checkpoint), "stanch.example/ledger", key);
  const auto opened = open_checkpoint(note, verifier);
  ASSERT_TRUE(opened) << opened.error().message();
  EXPECT_EQ(to_text(*opened), to_text(checkpoint));
  // Another key, or another name for the same key, is another signer.
  EXPECT_FALSE(open_checkpoint(note, {"stanch.example/ledger", key_of(8).public_key()}));
  EXPECT_FALSE(open_checkpoint(note, {"stanch.example/other", key.public_key()}));
  // Every byte counts.
  for (size_t i = 0; i < note.size(); ++i) {
    for (const char bit : {1, 4, 0x20}) {
      std::string changed = note;
      changed[i] = static_cast<char>(changed[i] ^ bit);
      EXPECT_FALSE(open_checkpoint(changed, verifier)) << i << ": " << changed;
    }
  }
}

TEST(Note, SignaturesOfOthersAreIgnored) {
  const SigningKey key = key_of(1);
  const NoteKey verifier{"a.example", key.public_key()};
  const std::string text = "line\n\nline\n";
  std::string note = sign_note(text, "a.example", key);
  const std::string other = sign_note(text, "witness.example", key_of(2));
  note += other.substr(text.size() + 1);
  auto parsed = parse_note(note);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->text, text);
  EXPECT_EQ(parsed->signatures.size(), 2u);
  EXPECT_TRUE(is_signed_by(*parsed, verifier));
  EXPECT_TRUE(is_signed_by(*parsed, {"witness.example", key_of(2).public_key()}));
  EXPECT_FALSE(is_signed_by(*parsed, {"witness.example", key_of(3).public_key()}));
  // One bad signature of a known key spoils the note, though another is good.
  parsed->signatures.push_back(parsed->signatures[0]);
  parsed->signatures.back().signature[5] ^= 1;
  EXPECT_FALSE(is_signed_by(*parsed, verifier));
}

TEST(Note, RefusesWhatTheSpecificationForbids) {
  const std::string good = sign_note("text\n", "a.example", key_of(1));
  EXPECT_TRUE(parse_note(good));
  const std::string bad[] = {
      "",
      "text\n",
      "text\n\n",
      good.substr(0, good.size() - 1),
      good + "no signature\n",
      good + "\n",
      "tab\t\n\n\u2014 a AAAAAAAA\n",
      "text\n\n- a AAAAAAAA\n",
      "text\n\n\u2014 a+b AAAAAAAA\n",
      "text\n\n\u2014 a\u00a0b AAAAAAAA\n",
      "text\n\n\u2014  AAAAAAAA\n",
      "text\n\n\u2014 a AAAA\n",
      "\xff\n\n\u2014 a AAAAAAAA\n",
  };
  for (const std::string& note : bad) EXPECT_FALSE(parse_note(note)) << note;
  for (const std::string_view text :
       {"origin\n", "origin\n5\n", "\n5\nAAAA\n",
        "origin\n05\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
        "origin\n-1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n", "origin\n5\nAAAA\n",
        "origin\n5\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n",
        "origin\n99999999999999999999\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"}) {
    EXPECT_FALSE(parse_checkpoint(text)) << text;
  }
  for (const std::string_view key :
       {"", "a", "a+b", "a+00000000+AAAA",
        "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a3+AhpcL2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"}) {
    EXPECT_FALSE(parse_note_key(key)) << key;
  }
}

}  // namespace
}  // namespace stanch::codec
