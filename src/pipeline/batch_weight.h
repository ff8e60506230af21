#pragma once

#include <cstddef>

#include "pipeline/batch_result.h"

// About how much memory a result holds, in bytes: by it what waits for its turn is bounded.
// It depends on the content alone, not on how memory was got, so that it is the same in
// every run. Private to the pipeline.

namespace stanch::pipeline {

size_t weight_of(const FoundEvent& found);
size_t weight_of(const DeadLetter& letter);
size_t weight_of(const BatchResult& result);

// The weight of a result that grows: looks only at what is new.
class RunningWeight {
 public:
  // Of `result`, which was only added to since the last call.
  size_t of(const BatchResult& result);

 private:
  size_t found_ = 0, dead_ = 0;  // that were weighed
  size_t weight_ = 0;            // of those
};

}  // namespace stanch::pipeline
