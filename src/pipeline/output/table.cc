#include <fmt/format.h>

#include <algorithm>

#include "codec/timestamp.h"
#include "pipeline/output/labels.h"
#include "pipeline/output/text.h"
#include "pipeline/output/writers.h"

// One line a finding, from 40 columns on. Findings are written as they come, so
// the columns cannot depend on what is in them: they get fixed shares of the
// width, up to what they can make use of. Below 80 columns some are left out: who
// acted, and what happened, are worth more than a column of ellipses.

namespace stanch::pipeline::output {

namespace {

constexpr size_t kLevelColumns = 8;       // "critical"
constexpr size_t kShortTimeColumns = 14;  // "03-01 02:03:04"
constexpr size_t kTimeColumns = 19;       // "2026-03-01 02:03:04"
constexpr size_t kColumnsForFullTime = 100;

constexpr size_t kTableColumnsMin = 40;
constexpr size_t kColumnsForActor = 60;
constexpr size_t kColumnsForAll = 80;

struct Widths {
  size_t time = 0, rule = 0, actor = 0, source = 0, target = 0;  // 0: left out
};

Widths narrow_widths_for(size_t columns) {
  columns = std::max(columns, kTableColumnsMin);
  Widths widths{.time = kShortTimeColumns};
  const size_t left = columns - widths.time - kLevelColumns;
  widths.actor = columns >= kColumnsForActor ? left / 3 : 0;
  const size_t gaps = widths.actor > 0 ? 3 : 2;
  widths.rule = left - widths.actor - gaps;
  return widths;
}

// Shares of what is left beside time and level, up to what each can make use of.
Widths widths_for(size_t columns) {
  if (columns < kColumnsForAll) return narrow_widths_for(columns);
  constexpr size_t kAddressColumns = 15, kLongAddressColumns = 39;  // IPv4, IPv6
  Widths widths{};
  widths.time = columns >= kColumnsForFullTime ? kTimeColumns : kShortTimeColumns;
  widths.source = std::min(kAddressColumns + (columns - 80) / 6, kLongAddressColumns);
  const size_t gaps = 5;
  const size_t left = columns - widths.time - kLevelColumns - gaps - widths.source;  // 38 at 80
  widths.rule = std::min<size_t>(left * 19 / 38, 64);
  widths.actor = std::min<size_t>(left * 10 / 38, 40);
  widths.target = std::min<size_t>(left - widths.rule - widths.actor, 80);
  return widths;
}

std::string time_text(const std::optional<Time>& time, size_t columns) {
  if (!time) return std::string(columns, '-');
  std::string text = codec::format_timestamp(*time);  // 2026-03-01T02:03:04…
  text.resize(kTimeColumns);
  text[10] = ' ';
  return text.substr(kTimeColumns - columns);
}

std::string_view level_word(model::Level level) {
  return level == model::Level::kInformational ? "info" : name_of(level);
}

Color color_of(model::Level level) {
  switch (level) {
    case model::Level::kCritical: return Color::kBoldRed;
    case model::Level::kHigh: return Color::kRed;
    case model::Level::kMedium: return Color::kYellow;
    case model::Level::kLow: return Color::kBlue;
    case model::Level::kInformational: return Color::kDim;
  }
  return Color::kNone;
}

void trim_end(std::string& line) { line.erase(line.find_last_not_of(' ') + 1); }

class TableWriter : public FindingWriter {
 public:
  explicit TableWriter(const WriterOptions& options)
      : options_(options), widths_(widths_for(options.style.columns)) {}

  void begin(std::string&) override {}

  void write(const model::Finding& finding, std::string& out) override {
    if (!started_) write_header(out);
    const model::Facts& facts = finding.event.facts;
    const Style& style = options_.style;
    std::string line = time_text(facts.time, widths_.time);
    line += ' ';
    line += colored(fit_padded(level_word(finding.rule.level), kLevelColumns, style),
                    color_of(finding.rule.level), style);
    add(line, finding.rule.title, widths_.rule);
    add(line, actor_label(facts), widths_.actor);
    add(line, source_label(facts), widths_.source);
    add(line, target_label(facts), widths_.target);
    trim_end(line);
    out += line + '\n';
  }

  void end(const ScanSummary& summary, std::string& out) override {
    if (started_) out += '\n';
    out += summary_text(summary, options_.run, options_.style);
  }

 private:
  void write_header(std::string& out) {
    started_ = true;
    std::string line = fit_padded("TIME (UTC)", widths_.time, options_.style);
    add(line, "LEVEL", kLevelColumns);
    add(line, "RULE", widths_.rule);
    add(line, "ACTOR", widths_.actor);
    add(line, "SOURCE", widths_.source);
    add(line, "TARGET", widths_.target);
    trim_end(line);
    out += colored(std::move(line), Color::kBold, options_.style) + '\n';
  }

  void add(std::string& line, std::string_view text, size_t columns) const {
    if (columns == 0) return;
    line += ' ';
    line += fit_padded(text, columns, options_.style);
  }

  WriterOptions options_;
  Widths widths_;
  bool started_ = false;
};

}  // namespace

std::unique_ptr<FindingWriter> make_table_writer(const WriterOptions& options) {
  return std::make_unique<TableWriter>(options);
}

}  // namespace stanch::pipeline::output
