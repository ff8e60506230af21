#include "cli/screen.h"

#include <fmt/format.h>

#include <chrono>
#include <utility>

#include "codec/timestamp.h"
#include "codec/utf8.h"
#include "pipeline/output/text.h"

namespace stanch::cli {

namespace output = pipeline::output;

namespace {

constexpr size_t kIndent = 12;

}  // namespace

std::string second_text(Time time) {
  return codec::format_timestamp(std::chrono::floor<std::chrono::seconds>(time));
}

void Screen::title(const std::string& text) {
  if (std::exchange(gap_, false)) text_ += '\n';
  text_ += output::colored(output::wrapped(codec::for_terminal(text), 0, style_.columns),
                           output::Color::kBold, style_) +
           "\n";
}

void Screen::line(std::string_view label, const std::string& text) {
  const std::string whole =
      fmt::format("{:<{}}{}", label, kIndent, output::fit(text, shown_max_, style_));
  if (std::exchange(gap_, false)) text_ += '\n';
  text_ += output::wrapped(whole, kIndent, style_.columns) + "\n";
}

void Screen::lines(std::string_view label, const std::vector<std::string>& texts) {
  for (const std::string& text : texts) line(std::exchange(label, ""), text);
}

}  // namespace stanch::cli
