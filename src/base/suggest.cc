#include "base/suggest.h"

#include "base/ascii.h"

#include <algorithm>
#include <array>
#include <vector>

namespace stanch {

namespace {

constexpr size_t kWordBytesMax = 64;  // longer words are no slips of known ones

// Optimal string alignment distance, row by row.
size_t distance(std::string_view a, std::string_view b) {
  using Row = std::array<size_t, kWordBytesMax + 1>;
  Row before{}, last{}, row{};
  for (size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t wrong = ascii_lower(a[i - 1]) == ascii_lower(b[j - 1]) ? 0 : 1;
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + wrong});
      if (i > 1 && j > 1 && ascii_lower(a[i - 1]) == ascii_lower(b[j - 2]) &&
          ascii_lower(a[i - 2]) == ascii_lower(b[j - 1])) {
        row[j] = std::min(row[j], before[j - 2] + 1);
      }
    }
    before = last;
    last = row;
  }
  return last[b.size()];
}

}  // namespace

std::string_view find_similar(std::string_view word, std::span<const std::string_view> candidates) {
  if (word.empty() || word.size() > kWordBytesMax) return {};
  std::string_view best;
  size_t best_distance = word.size() <= 5 ? 2 : 3;  // not this far any more
  for (const std::string_view candidate : candidates) {
    if (candidate.size() > kWordBytesMax) continue;
    const size_t far = distance(word, candidate);
    if (far >= best_distance || far >= candidate.size()) continue;
    best = candidate;
    best_distance = far;
  }
  return best;
}

std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates,
                         std::string otherwise) {
  const std::string_view similar = find_similar(word, candidates);
  if (similar.empty()) return otherwise;
  return "did you mean '" + std::string(similar) + "'?";
}

}  // namespace stanch
