// The longest silence is broken out while it is more than a third of what is left: so no silence
// leaves the rest less than two thirds of the line.

#include "pipeline/report/time_axis.h"

#include <algorithm>
#include <set>

#include "base/check.h"

namespace stanch::pipeline::report {

TimeAxis::TimeAxis(std::vector<Time> moments) {
  CHECK(!moments.empty());
  std::ranges::sort(moments);
  std::set<size_t> breaks;  // between this moment and the one before it
  Duration left = span_of(moments.front(), moments.back());
  while (breaks.size() < kAxisBreaksMax) {
    size_t longest = 0;
    Duration silence{};
    for (size_t i = 1; i < moments.size(); ++i) {
      if (!breaks.contains(i) && span_of(moments[i - 1], moments[i]) > silence) {
        silence = span_of(moments[i - 1], moments[i]);
        longest = i;
      }
    }
    if (longest == 0 || silence <= left / 3) break;
    breaks.insert(longest);
    left -= silence;
  }
  size_t begin = 0;
  for (size_t i = 1; i <= moments.size(); ++i) {
    if (i < moments.size() && !breaks.contains(i)) continue;
    pieces_.push_back({.from = moments[begin], .to = moments[i - 1]});
    begin = i;
  }
  // Each piece gets a little, and what is left by how long it lasts.
  const double width = 1.0 - kAxisBreakWidth * static_cast<double>(breaks.size());
  const double least = width / (4.0 * static_cast<double>(pieces_.size()));
  const double shared = width - least * static_cast<double>(pieces_.size());
  double at = 0;
  for (AxisPiece& piece : pieces_) {
    const double part = left > Duration{}
                            ? static_cast<double>(span_of(piece.from, piece.to).count()) /
                                  static_cast<double>(left.count())
                            : 1.0 / static_cast<double>(pieces_.size());
    piece.left = at;
    piece.right = at + least + shared * part;
    at = piece.right + kAxisBreakWidth;
  }
}

double TimeAxis::place_of(Time moment) const {
  const AxisPiece* before = nullptr;
  for (const AxisPiece& piece : pieces_) {
    if (moment < piece.from) return before == nullptr ? piece.left : before->right;
    if (moment <= piece.to) {
      if (piece.to == piece.from) return (piece.left + piece.right) / 2;
      const double part = static_cast<double>(span_of(piece.from, moment).count()) /
                          static_cast<double>(span_of(piece.from, piece.to).count());
      return piece.left + part * (piece.right - piece.left);
    }
    before = &piece;
  }
  return pieces_.back().right;
}

}  // namespace stanch::pipeline::report
