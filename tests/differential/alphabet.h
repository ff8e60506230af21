#pragma once

#include <array>
#include <string>
#include <string_view>

#include "generate.h"

// Of what rules and events are made. One alphabet for both, or they would never meet.

namespace stanch::differential {

// clang-format off
inline constexpr std::array<std::string_view, 22> kFields = {
    "a", "b", "a.b", "A", "a.b.c", "c", "b.a", "a{}", "c[*].b", "a[].B.c", "B", "a.A", "c.c",
    "\u00e9", "longerName", "a.longername", "aaaaaaaabcaaaaaaaa", "c.aaaaaaaaBcaaaaaaaa",
    "a[b=a]", "a[a=ab].b", "c[A=1].a.b", "a.b[b=abc].c"};
// Long ones too: of more than 8 and 16 bytes, alike at both ends.
inline constexpr std::array<std::string_view, 16> kKeys = {
    "a", "b", "c", "A", "B", "a.b", "b.c", "A.b", "a.b.c", "\u00e9", "a", "longerName",
    "longername", "aaaaaaaabcaaaaaaaa", "aaaaaaaabCaaaaaaaa", "aaaaaaaaxcaaaaaaaa"};

// Pieces of texts, in rules and in events. U+212A folds to k, U+017F to s, U+03C2 and U+03A3
// to U+03C3, U+1E9E to U+00DF; U+0130 folds to itself. Those of three
// letters and more are long enough to be looked for by an automaton.
inline constexpr std::array<std::string_view, 48> kPieces = {
    "a", "b", "A", "B", "ab", "*", "?", "\\", "k", "K", "\u212a", "s", "S", "\u017f", "\u03c3",
    "\u03c2", "\u03a3", "\u00df", "\u1e9e", "i", "I", "\u0130", "0", "1", ".", " ", "\n", "-",
    "/", "\u2013", "\u00e9", "\u00c9", "e\u0301", "\U0001F600", "\U00010400", "\U00010428", "%",
    "\"", "{", "true", "abc", "ABC", "xabcx", "\u212abc", "kbc", "\u017fAb", "sab", "abcabc"};

inline constexpr std::array<std::string_view, 16> kNumbers = {
    "0", "1", "10", "-1", "1.0", "1e1", "-0", "0.5", "100", "1E+2", "5e-1", "10.0",
    "9007199254740993", "9007199254740992", "1e400", "0.50"};

// Texts with a meaning: booleans, addresses, times.
inline constexpr std::array<std::string_view, 30> kMeaningful = {
    "true", "TRUE", "false", "null", "10.0.0.1", "10.1.2.3", "::ffff:10.0.0.1", "::FFFF:a00:1",
    "192.168.0.1", "2001:db8::1", "2001:DB8:1::", "10.0.0.1/8", "10.0.0", "010.0.0.1",
    "2026-03-01T02:03:04Z", "2026-03-01T02:30:00.5+02:00", "2024-12-30T00:00:00Z",
    "2021-01-03 23:59:59z", "2026-03-01T02:03:04", "2016-12-31T23:59:60Z", "2026-02-30T00:00:00Z",
    "-a", "/a", "\u2014a", "b -a", "b /a", "ab", "a", "b", "K"};

// Encodings of "a", "ab" and "-a", so that encoded patterns meet something.
inline constexpr std::array<std::string_view, 14> kEncoded = {
    "YQ==", "YWI=", "LWE=", "YQBiAA==", "AGEAYg==", "//5hAGIA", "xxYWJ4", "eGFi", "eHhhYg==",
    "IWEAYgA=", "yq==", "YWIB", "hYg", "aGI="};

inline constexpr std::array<std::string_view, 6> kNetworks = {
    "10.0.0.0/8", "10.0.0.1/32", "0.0.0.0/0", "2001:db8::/32", "::/0", "192.168.0.0/16"};
// clang-format on

// Up to `count_max` pieces.
inline std::string pieces(Chooser& choose, size_t count_max) {
  std::string text;
  for (size_t count = choose.below(count_max + 1); count > 0; --count) text += choose.of(kPieces);
  return text;
}

}  // namespace stanch::differential
