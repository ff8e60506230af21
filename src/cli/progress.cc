#include "cli/progress.h"

#include <fmt/format.h>

#include <algorithm>

#include "pipeline/output/text.h"

namespace stanch::cli {

namespace {

using pipeline::output::bytes_text;
using pipeline::output::grouped;

constexpr Duration kQuietAtFirst = std::chrono::seconds(1);
constexpr Duration kBetweenDraws = std::chrono::milliseconds(200);

std::string time_left(double seconds) {
  if (seconds < 90) return fmt::format("about {:.0f} s left", seconds);
  if (seconds < 5400) return fmt::format("about {:.0f} min left", seconds / 60);
  return fmt::format("about {:.1f} h left", seconds / 3600);
}

}  // namespace

std::string progress_text(const pipeline::Progress& progress, Duration elapsed) {
  const double seconds = std::max(std::chrono::duration<double>(elapsed).count(), 0.001);
  std::string text;
  const bool known = progress.bytes_all > 0 && progress.bytes_read <= progress.bytes_all;
  if (known) {
    text = fmt::format("{}%  {} of {}", progress.bytes_read * 100 / progress.bytes_all,
                       bytes_text(progress.bytes_read), bytes_text(progress.bytes_all));
  } else {
    text = bytes_text(progress.bytes_read);
  }
  const auto rate = static_cast<uint64_t>(static_cast<double>(progress.events) / seconds);
  text += fmt::format("  {} events/s  {} {}", grouped(rate), grouped(progress.findings),
                      progress.findings == 1 ? "finding" : "findings");
  if (known && progress.bytes_read > 0 && progress.bytes_read < progress.bytes_all) {
    const double share =
        static_cast<double>(progress.bytes_read) / static_cast<double>(progress.bytes_all);
    text += "  " + time_left(seconds / share - seconds);
  }
  return text;
}

ProgressLine::ProgressLine(env::Env& env, const pipeline::output::Style& style, bool shown)
    : env_(env), style_(style), shown_(shown), started_(env.clock.steady()) {}

ProgressLine::~ProgressLine() { clear(); }

void ProgressLine::update(const pipeline::Progress& progress) {
  if (is_due()) draw(progress_text(progress, drawn_ - started_));
}

void ProgressLine::update(const std::string& text) {
  if (is_due()) draw(text);
}

bool ProgressLine::is_due() {
  if (!shown_) return false;
  const Steady now = env_.clock.steady();
  if (now - started_ < kQuietAtFirst || now - drawn_ < kBetweenDraws) return false;
  drawn_ = now;
  return true;
}

void ProgressLine::draw(const std::string& text) {
  on_screen_ = true;
  env_.terminal.write_error("\r" + pipeline::output::fit(text, style_.columns - 1, style_) +
                            "\x1b[K");
}

void ProgressLine::clear() {
  if (on_screen_) env_.terminal.write_error("\r\x1b[K");
  on_screen_ = false;
}

}  // namespace stanch::cli
