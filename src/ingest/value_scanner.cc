#include "ingest/value_scanner.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

// The idea is simdjson's: look at 64 characters at once, one bit for each. From
// the quotes that are not escaped follows which characters stand inside strings
// (a prefix sum without carry), and brackets there do not count. A block whose
// closing brackets are fewer than the depth cannot end the value: then two
// population counts are all that is needed. Only the other blocks are walked bracket by bracket.

namespace stanch::ingest {

namespace {

constexpr size_t kBlock = 64;

// One bit for each character of a block.
struct Marks {
  uint64_t quote, backslash, newline;
  uint64_t open, close;  // of either kind
  uint64_t curly;        // only meaningful at brackets
};

// The three things that processors differ in.
struct Portable {
  static Marks mark(const char* block) {
    Marks marks{};
    for (size_t i = 0; i < kBlock; ++i) {
      const uint64_t bit = uint64_t{1} << i;
      switch (block[i]) {
        case '"': marks.quote |= bit; break;
        case '\\': marks.backslash |= bit; break;
        case '\n': marks.newline |= bit; break;
        case '{': marks.curly |= bit; [[fallthrough]];
        case '[': marks.open |= bit; break;
        case '}': marks.curly |= bit; [[fallthrough]];
        case ']': marks.close |= bit; break;
        default: break;
      }
    }
    return marks;
  }
  // Bit i: an odd number of bits is set up to and including i.
  static uint64_t prefix_xor(uint64_t bits) {
    for (unsigned shift = 1; shift < 64; shift *= 2) bits ^= bits << shift;
    return bits;
  }
  static uint64_t count(uint64_t bits) { return static_cast<uint64_t>(std::popcount(bits)); }
};

#if defined(__x86_64__)

struct Sse2 {
  static uint64_t equal(__m128i text, char c) {
    return static_cast<uint16_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(text, _mm_set1_epi8(c))));
  }
  static Marks mark(const char* block) {
    Marks marks{};
    for (unsigned i = 0; i < kBlock; i += 16) {
      const __m128i text = _mm_loadu_si128(reinterpret_cast<const __m128i*>(block + i));
      marks.quote |= equal(text, '"') << i;
      marks.backslash |= equal(text, '\\') << i;
      marks.newline |= equal(text, '\n') << i;
      // '[' and '{', ']' and '}' differ in one bit; it is moved to the top of its byte.
      const __m128i either = _mm_or_si128(text, _mm_set1_epi8(0x20));
      marks.open |= equal(either, '{') << i;
      marks.close |= equal(either, '}') << i;
      const int curly = _mm_movemask_epi8(_mm_slli_epi16(text, 2));
      marks.curly |= uint64_t{static_cast<uint16_t>(curly)} << i;
    }
    return marks;
  }
  static uint64_t prefix_xor(uint64_t bits) { return Portable::prefix_xor(bits); }
  // Baseline x86-64 has no instruction for it, and the library's table is slower.
  static uint64_t count(uint64_t bits) {
    bits -= bits >> 1 & 0x5555555555555555;
    bits = (bits & 0x3333333333333333) + (bits >> 2 & 0x3333333333333333);
    bits = (bits + (bits >> 4)) & 0x0F0F0F0F0F0F0F0F;
    return bits * 0x0101010101010101 >> 56;
  }
};

#define STANCH_AVX2 [[gnu::target("avx2,bmi,popcnt,pclmul")]]

struct Avx2 {
  STANCH_AVX2 static uint64_t equal(__m256i text, char c) {
    return static_cast<uint32_t>(
        _mm256_movemask_epi8(_mm256_cmpeq_epi8(text, _mm256_set1_epi8(c))));
  }
  STANCH_AVX2 static Marks mark(const char* block) {
    Marks marks{};
    for (unsigned i = 0; i < kBlock; i += 32) {
      const __m256i text = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(block + i));
      marks.quote |= equal(text, '"') << i;
      marks.backslash |= equal(text, '\\') << i;
      marks.newline |= equal(text, '\n') << i;
      const __m256i either = _mm256_or_si256(text, _mm256_set1_epi8(0x20));
      marks.open |= equal(either, '{') << i;
      marks.close |= equal(either, '}') << i;
      const int curly = _mm256_movemask_epi8(_mm256_slli_epi16(text, 2));
      marks.curly |= uint64_t{static_cast<uint32_t>(curly)} << i;
    }
    return marks;
  }
  STANCH_AVX2 static uint64_t prefix_xor(uint64_t bits) {
    const __m128i ones = _mm_set1_epi8(-1);
    const __m128i number = _mm_set_epi64x(0, static_cast<int64_t>(bits));
    return static_cast<uint64_t>(_mm_cvtsi128_si64(_mm_clmulepi64_si128(number, ones, 0)));
  }
  STANCH_AVX2 static uint64_t count(uint64_t bits) {
    return static_cast<uint64_t>(_mm_popcnt_u64(bits));
  }
};

#endif

// The characters behind a backslash that is not escaped itself. `carry`: the
// first character is one; on return, whether the one behind the block is.
uint64_t escaped_by(uint64_t backslashes, bool& carry) {
  uint64_t escaped = carry ? 1 : 0;
  carry = false;
  backslashes &= ~escaped;
  while (backslashes != 0) {
    const uint64_t first = backslashes & -backslashes;
    if (first == uint64_t{1} << 63) {
      carry = true;
      break;
    }
    escaped |= first << 1;
    backslashes &= ~(first | first << 1);
  }
  return escaped;
}

constexpr std::array<std::string_view, 5> kContainers = {
    R"("Records")",    // CloudTrail files, Lambda events
    R"("Events")",     // aws cloudtrail lookup-events
    R"("Messages")",   // aws sqs receive-message
    R"("logEvents")",  // CloudWatch Logs subscriptions
    R"("records")",    // diagnostic settings of Azure
};

// Whether `text` ends with the key of an array of records, its colon and white space.
bool ends_with_container_key(std::string_view text) {
  text = text.substr(text.size() - std::min(text.size(), ValueScanner::kLookBehind));
  const auto trim = [&] {
    text = text.substr(0, text.find_last_not_of(" \t\r\n") + 1);  // npos + 1 is 0
  };
  trim();
  if (!text.ends_with(':')) return false;
  text.remove_suffix(1);
  trim();
  for (const std::string_view key : kContainers) {
    if (!text.ends_with(key)) continue;
    text.remove_suffix(key.size());
    return !text.ends_with('\\');  // then the quote is part of a longer key
  }
  return false;
}

}  // namespace

void ValueScanner::begin(char bracket, bool watch_members) {
  in_string_ = 0;
  escape_ = false;
  watch_members_ = watch_members;
  depth_ = 1;
  squares_ = bracket == '[' ? 1 : 0;
}

void ValueScanner::pass_newline(size_t& at) {
  escape_ = false;
  ++at;
}

template <typename Primitives>
[[gnu::always_inline]] inline ValueScanner::Stop ValueScanner::scan_with(std::string_view text,
                                                                         size_t& at,
                                                                         bool every_newline) {
  // Where a member with records may begin, brackets are looked at one by one.
  const uint64_t margin = watch_members_ ? 1 : 0;
  while (at < text.size()) {
    size_t size = std::min(text.size() - at, kBlock);
    const char* block = text.data() + at;
    char padded[kBlock];
    if (size < kBlock) {
      std::memset(padded, ' ', kBlock);
      std::memcpy(padded, block, size);
      block = padded;
    }
    const Marks marks = Primitives::mark(block);
    bool carry = escape_;
    const uint64_t escaped = escaped_by(marks.backslash, carry);
    const uint64_t inside = Primitives::prefix_xor(marks.quote & ~escaped) ^ in_string_;
    uint64_t open = marks.open & ~inside;
    uint64_t close = marks.close & ~inside;

    const uint64_t newlines = every_newline ? marks.newline : marks.newline & inside;
    if (newlines != 0) {  // look at what stands before the first one
      size = static_cast<size_t>(std::countr_zero(newlines));
      if (size == 0) return Stop::kNewline;
      const uint64_t before = ~uint64_t{0} >> (kBlock - size);
      open &= before;
      close &= before;
    }

    if ((open | close) != 0) {
      const uint64_t closing = Primitives::count(close);
      if (depth_ > closing + margin) {
        depth_ += Primitives::count(open) - closing;
        squares_ += static_cast<int64_t>(Primitives::count(open & ~marks.curly)) -
                    static_cast<int64_t>(Primitives::count(close & ~marks.curly));
      } else {
        for (uint64_t brackets = open | close; brackets != 0; brackets &= brackets - 1) {
          const uint64_t bit = brackets & -brackets;
          const size_t position = at + static_cast<size_t>(std::countr_zero(bit));
          const bool square = (marks.curly & bit) == 0;
          if ((open & bit) != 0) {
            if (watch_members_ && depth_ == 1 && square &&
                ends_with_container_key(text.substr(0, position))) {
              at = position + 1;
              return Stop::kContainer;
            }
            ++depth_;
            squares_ += square ? 1 : 0;
          } else {
            squares_ -= square ? 1 : 0;
            if (--depth_ == 0) {
              at = position + 1;
              return Stop::kEnd;
            }
          }
        }
      }
    }
    // What holds behind `size` characters of the block.
    escape_ = size == kBlock ? carry : (escaped >> size & 1) != 0;
    in_string_ = (inside >> (size - 1) & 1) != 0 ? ~uint64_t{0} : 0;
    at += size;
    if (newlines != 0) return Stop::kNewline;
  }
  return Stop::kMore;
}

ValueScanner::Machine ValueScanner::best_machine() {
#if defined(__x86_64__)
  static const bool wide = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
                           __builtin_cpu_supports("popcnt") && __builtin_cpu_supports("pclmul");
  return wide ? Machine::kAvx2 : Machine::kSse2;
#else
  return Machine::kPortable;
#endif
}

ValueScanner::Stop ValueScanner::scan(std::string_view text, size_t& at, bool every_newline) {
#if defined(__x86_64__)
  if (machine_ == Machine::kAvx2) return scan_avx2(text, at, every_newline);
  if (machine_ == Machine::kSse2) return scan_with<Sse2>(text, at, every_newline);
#endif
  return scan_with<Portable>(text, at, every_newline);
}

#if defined(__x86_64__)
STANCH_AVX2 ValueScanner::Stop ValueScanner::scan_avx2(std::string_view text, size_t& at,
                                                       bool every_newline) {
  return scan_with<Avx2>(text, at, every_newline);
}
#endif

}  // namespace stanch::ingest
