// The first step of the fast road on processors with AVX-512 (VBMI2): 64 bytes a step.
//
// The way is that of simdjson's first stage (Langdale, Lemire: Parsing Gigabytes of JSON per
// Second, 2019): a mask of 64 bits for each class of bytes; a carry-less multiplication that
// turns the mask of quotes into that of what is inside strings; and the first bytes of tokens
// outside. What simdjson does not give away costs next to nothing here, where the block is in a
// register, and much when the text has to be read again: each token's kind, packed by one
// instruction, and whether there are backslashes and white space. With the kinds in a row, a
// text can be compared with one that was seen before (json_shape.h). That is the reason for an
// own one: together it takes half the time of simdjson's first stage and a second look.

#include "codec/json_tokens.h"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <bit>

#if defined(__x86_64__)
#include <immintrin.h>
#endif
#if defined(__GNUC__) && !defined(__clang__)
// GCC 12's own header starts results from registers that it leaves undefined on purpose.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#endif

namespace stanch::codec {

#if defined(__x86_64__)

#define STANCH_AVX512 \
  [[gnu::target("avx512f,avx512bw,avx512vl,avx512vbmi,avx512vbmi2,pclmul,bmi,bmi2,lzcnt,popcnt")]]

bool Tokenizer::has_avx512() {
  static const bool has = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                          __builtin_cpu_supports("avx512vl") &&
                          __builtin_cpu_supports("avx512vbmi") &&
                          __builtin_cpu_supports("avx512vbmi2") &&
                          __builtin_cpu_supports("pclmul") && __builtin_cpu_supports("bmi") &&
                          __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("popcnt");
  return has;
}

namespace {

// What a byte is: a token's kind, or white space. The high bit is kPunctuationBit.
constexpr uint8_t kSpaceBit = 0x40;

const std::array<uint8_t, 128>& classes() {
  static const std::array<uint8_t, 128> table = [] {
    std::array<uint8_t, 128> out{};
    for (int c = 0; c < 128; ++c) {
      out[c] = static_cast<uint8_t>(token_kind(static_cast<char>(c)));
    }
    for (const char space : {' ', '\t', '\n', '\r'}) {
      out[static_cast<unsigned char>(space)] = kSpaceBit;
    }
    return out;
  }();
  return table;
}

constexpr std::array<uint8_t, 64> kCounting = [] {
  std::array<uint8_t, 64> out{};
  for (uint8_t i = 0; i < 64; ++i) out[i] = i;
  return out;
}();

// The bits that stand right behind an escaping backslash. In a run of backslashes every other
// one escapes; the subtraction carries through each run and leaves that pattern, whether the
// run begins at an even or an odd place. `carry`: the block begins with an escaped byte.
inline uint64_t find_escaped(uint64_t backslashes, uint64_t& carry) {
  if (backslashes == 0) [[likely]]
    return std::exchange(carry, 0);
  constexpr uint64_t kOdd = 0xAAAAAAAAAAAAAAAA;
  const uint64_t may_escape = backslashes & ~carry;
  const uint64_t pattern = (((may_escape << 1) | kOdd) - may_escape) ^ kOdd;
  const uint64_t escaped = pattern ^ (backslashes | carry);
  carry = (pattern & backslashes) >> 63;
  return escaped;
}

// What is carried from block to block of one text. A member of it that is always inlined keeps
// all of this in registers.
struct Blocks {
  uint32_t* positions;
  uint8_t* kinds;
  uint32_t count = 0;
  uint64_t escape_carry = 0;
  uint64_t in_string_carry = 0;  // all ones: the block begins inside a string
  uint64_t scalar_carry = 0;     // the block before ended with a scalar's byte
  uint64_t backslashes = 0, controls_in_strings = 0, outer_spaces = 0, not_ascii = 0;

  // `at`: where the block stands in the text; bytes that are not `valid` are spaces.
  STANCH_AVX512 [[gnu::always_inline]] void take(__m512i block, uint64_t valid, uint32_t at,
                                                 __m512i classes_low, __m512i classes_high,
                                                 __m512i counting) {
    __m512i classes = _mm512_permutex2var_epi8(classes_low, block, classes_high);
    uint64_t controls = 0;
    // Less than a space, or, as these are signed numbers, not ASCII: few blocks have such bytes.
    const __mmask64 rare = _mm512_cmplt_epi8_mask(block, _mm512_set1_epi8(' '));
    if (!_kortestz_mask64_u8(rare, rare)) [[unlikely]] {
      const __mmask64 high = _mm512_movepi8_mask(block);
      classes = _mm512_maskz_mov_epi8(_knot_mask64(high), classes);  // the table knew seven bits
      not_ascii |= _cvtmask64_u64(high);
      controls = _cvtmask64_u64(_kandn_mask64(high, rare));
    }
    const __mmask64 punctuation_mask = _mm512_movepi8_mask(classes);
    const __mmask64 space_mask = _mm512_test_epi8_mask(classes, _mm512_set1_epi8(kSpaceBit));
    const uint64_t punctuation = to_word(punctuation_mask);
    const uint64_t between = to_word(_kor_mask64(punctuation_mask, space_mask));

    uint64_t quote = to_word(_mm512_cmpeq_epi8_mask(block, _mm512_set1_epi8('"')));
    const __mmask64 backslash = _mm512_cmpeq_epi8_mask(block, _mm512_set1_epi8('\\'));
    if (!_kortestz_mask64_u8(backslash, backslash) || escape_carry != 0) [[unlikely]] {
      backslashes |= _cvtmask64_u64(backslash);
      quote &= ~find_escaped(_cvtmask64_u64(backslash), escape_carry);
    }
    // From each opening quote to the byte before the closing one.
    const auto toggled = static_cast<uint64_t>(
        _mm_cvtsi128_si64(_mm_clmulepi64_si128(_mm_cvtsi64_si128(static_cast<int64_t>(quote)),
                                               _mm_set1_epi8(static_cast<char>(0xFF)), 0)));
    const uint64_t in_string = toggled ^ in_string_carry;
    in_string_carry = static_cast<uint64_t>(static_cast<int64_t>(in_string) >> 63);

    // A scalar starts where no scalar's byte stands before; a string is one of its own.
    const uint64_t plain = ~(between | quote);
    const uint64_t starts = ~(between | plain << 1 | scalar_carry);
    scalar_carry = plain >> 63;
    const uint64_t tokens = (punctuation | starts) & ~(in_string ^ quote);
    outer_spaces |= between & ~punctuation & ~in_string & valid;
    controls_in_strings |= controls & in_string;
    put(tokens, classes, at, counting);
  }

  STANCH_AVX512 [[gnu::always_inline]] void put(uint64_t tokens, __m512i classes, uint32_t at,
                                                __m512i counting) {
    const __m512i found = _mm512_maskz_compress_epi8(tokens, classes);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(kinds + count),
                     _mm512_extracti32x4_epi32(found, 0));
    const __m512i places = _mm512_maskz_compress_epi8(tokens, counting);
    const __m512i base = _mm512_set1_epi32(static_cast<int>(at));
    store_sums(positions + count, base, _mm512_extracti32x4_epi32(places, 0));
    const auto more = static_cast<uint32_t>(std::popcount(tokens));
    if (more > 16) [[unlikely]] {
      _mm512_storeu_si512(kinds + count, found);
      store_sums(positions + count + 16, base, _mm512_extracti32x4_epi32(places, 1));
      store_sums(positions + count + 32, base, _mm512_extracti32x4_epi32(places, 2));
      store_sums(positions + count + 48, base, _mm512_extracti32x4_epi32(places, 3));
    }
    count += more;
  }

  // Moving a mask is dear, and the compiler would move one anew for each use.
  STANCH_AVX512 [[gnu::always_inline]] static uint64_t to_word(__mmask64 mask) {
    uint64_t word = _cvtmask64_u64(mask);
    asm("" : "+r"(word));
    return word;
  }

  STANCH_AVX512 [[gnu::always_inline]] static void store_sums(uint32_t* to, __m512i base,
                                                              __m128i bytes) {
    _mm512_storeu_si512(to, _mm512_add_epi32(base, _mm512_cvtepu8_epi32(bytes)));
  }
};

}  // namespace

STANCH_AVX512 bool Tokenizer::find_by_avx512(std::string_view text) {
  const __m512i low = _mm512_loadu_si512(classes().data());
  const __m512i high = _mm512_loadu_si512(classes().data() + 64);
  const __m512i counting = _mm512_loadu_si512(kCounting.data());
  tokens_.reserve(text.size());
  Blocks blocks{.positions = tokens_.free_positions(), .kinds = tokens_.free_kinds()};
  size_t at = 0;
  for (; at + 64 <= text.size(); at += 64) {
    blocks.take(_mm512_loadu_si512(text.data() + at), ~uint64_t{0}, static_cast<uint32_t>(at), low,
                high, counting);
  }
  if (at != text.size()) {
    const uint64_t valid = (uint64_t{1} << (text.size() - at)) - 1;
    blocks.take(_mm512_mask_loadu_epi8(_mm512_set1_epi8(' '), valid, text.data() + at), valid,
                static_cast<uint32_t>(at), low, high, counting);
  }
  tokens_.finish(blocks.count, text.size());
  has_backslash_ = blocks.backslashes != 0;
  has_outer_space_ = blocks.outer_spaces != 0;
  if (blocks.in_string_carry != 0 || blocks.controls_in_strings != 0 || blocks.count == 0) {
    return false;
  }
  return blocks.not_ascii == 0 || simdjson::validate_utf8(text.data(), text.size());
}

#else

bool Tokenizer::has_avx512() { return false; }
bool Tokenizer::find_by_avx512(std::string_view) { CHECK(false); }

#endif

}  // namespace stanch::codec
