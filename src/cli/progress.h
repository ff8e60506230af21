#pragma once

#include <string>

#include "env/env.h"
#include "pipeline/output/style.h"
#include "pipeline/scan.h"

namespace stanch::cli {

// One line on standard error that says how far the work is. It appears once the work
// has taken a second, is redrawn a few times a second, and is gone in the end.
class ProgressLine {
 public:
  // Does nothing if `shown` is false.
  ProgressLine(env::Env& env, const pipeline::output::Style& style, bool shown);
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  void update(const pipeline::Progress& progress);
  void update(const std::string& text);  // of work that is no scan
  void clear();

 private:
  bool is_due();
  void draw(const std::string& text);

  env::Env& env_;
  pipeline::output::Style style_;
  bool shown_;
  Steady started_, drawn_{};
  bool on_screen_ = false;
};

// "45%  1.2 GB of 2.7 GB  812,000 events/s  14 findings  about 2 s left"
std::string progress_text(const pipeline::Progress& progress, Duration elapsed);

}  // namespace stanch::cli
