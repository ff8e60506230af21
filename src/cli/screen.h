#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "pipeline/output/style.h"

namespace stanch::cli {

std::string second_text(Time time);  // "2026-11-27T03:12:45Z"

// A screen of labelled paragraphs: the label on the left, text wrapped beside it. What it is given
// may be foreign text of any length; `shown_max` columns of a paragraph are shown.
class Screen {
 public:
  explicit Screen(const pipeline::output::Style& style, size_t shown_max = 600)
      : style_(style), shown_max_(shown_max) {}

  void title(const std::string& text);
  void gap() { gap_ = true; }  // one empty line before what follows, if anything does
  void line(std::string_view label, const std::string& text);
  void lines(std::string_view label, const std::vector<std::string>& texts);
  std::string take() { return std::move(text_); }

 private:
  pipeline::output::Style style_;
  size_t shown_max_;
  std::string text_;
  bool gap_ = false;
};

}  // namespace stanch::cli
