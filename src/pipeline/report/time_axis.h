#pragma once

#include <vector>

#include "base/time.h"

// Where moments stand on a line. An attack takes minutes and its incident days: long silences are
// broken out of the line, so that both can be seen.

namespace stanch::pipeline::report {

struct AxisPiece {
  Time from{}, to{};           // without silence
  double left = 0, right = 0;  // on a line from 0 to 1
};

class TimeAxis {
 public:
  // Of moments that are to be shown, in any order; at least one.
  explicit TimeAxis(std::vector<Time> moments);

  // Of a moment between the first and the last; others are moved there.
  double place_of(Time moment) const;

  // In their order; what lies between two of them is a silence.
  const std::vector<AxisPiece>& pieces() const { return pieces_; }

 private:
  std::vector<AxisPiece> pieces_;
};

inline constexpr size_t kAxisBreaksMax = 4;
inline constexpr double kAxisBreakWidth = 0.08;  // of the line

}  // namespace stanch::pipeline::report
