// The course of an incident: a lane for each kind of thing, a dot for what happened (the more at
// once, the larger), lines for the milestones. Silences are broken out of the time (time_axis.h).

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "codec/timestamp.h"
#include "pipeline/output/text.h"
#include "pipeline/report/escape.h"
#include "pipeline/report/report.h"
#include "pipeline/report/time_axis.h"

namespace stanch::pipeline::report {

namespace {

constexpr double kChartWidth = 960, kLeft = 96, kRight = 28;
constexpr double kLabelRow = 17, kLane = 38, kDot = 4.5, kDotMax = 12;
constexpr size_t kToldOfADot = 5, kToldColumns = 100;
constexpr output::Style kUnicode{.columns = 80, .color = false, .unicode = true};

double x_of(const TimeAxis& axis, Time at) {
  return kLeft + axis.place_of(at) * (kChartWidth - kLeft - kRight);
}

std::string clock_text(Time time) {  // "11-14 21:40"
  return codec::format_timestamp(time).substr(5, 11).replace(5, 1, " ");
}

// Labels of milestones, each in the first row where it is free.
struct Label {
  double x = 0, left = 0, right = 0;
  size_t row = 0;
  std::string text;
};

std::vector<Label> labels_of(const Chart& chart, const TimeAxis& axis) {
  std::vector<Milestone> milestones = chart.milestones;
  std::ranges::stable_sort(milestones, {}, &Milestone::at);
  std::vector<Label> labels;
  for (const Milestone& milestone : milestones) {
    constexpr double kLetter = 6.3, kGap = 10;
    Label label;
    label.x = x_of(axis, milestone.at);
    label.text = milestone.text;
    const double width = kLetter * static_cast<double>(milestone.text.size());
    // To the right of its line, or to the left where the page ends.
    label.left = label.x + width > kChartWidth - 4 ? label.x - width - 5 : label.x + 5;
    label.right = label.left + width + kGap;
    while (std::ranges::any_of(labels, [&](const Label& other) {
      return other.row == label.row && other.left < label.right && label.left < other.right;
    })) {
      ++label.row;
    }
    labels.push_back(std::move(label));
  }
  return labels;
}

std::string milestones_svg(const std::vector<Label>& labels, double bottom) {
  std::string svg;
  for (const Label& label : labels) {
    const double top = kLabelRow * static_cast<double>(label.row);
    svg += fmt::format(
        "<path class=\"milestone\" d=\"M{:.1f} {:.0f}V{:.0f}\"/><text class=\"milestone\" "
        "x=\"{:.1f}\" y=\"{:.0f}\">{}</text>\n",
        label.x, top + 2, bottom, label.left, top + 12, html_text(label.text));
  }
  return svg;
}

std::string dots_svg(const Chart& chart, const std::string& lane, const TimeAxis& axis, double y) {
  struct Dot {
    double x = 0;
    size_t count = 0;
    std::string told = {};
  };
  std::vector<const Mark*> marks;
  for (const Mark& mark : chart.marks) {
    if (mark.lane == lane) marks.push_back(&mark);
  }
  std::ranges::stable_sort(marks, {}, &Mark::at);
  std::vector<Dot> dots;
  for (const Mark* mark : marks) {
    const double x = x_of(axis, mark->at);
    if (dots.empty() || x - dots.back().x > 2 * kDot) dots.push_back({.x = x});
    Dot& dot = dots.back();
    if (dot.count++ < kToldOfADot) {
      dot.told += fmt::format("{} {}\n", learn::time_for_people(mark->at),
                              output::fit(mark->text, kToldColumns, kUnicode));
    }
  }
  std::string svg;
  for (const Dot& dot : dots) {
    const double radius =
        std::min(kDotMax, kDot + 1.5 * std::sqrt(static_cast<double>(dot.count - 1)));
    std::string told;
    for (size_t begin = 0; begin < dot.told.size();) {
      const size_t end = dot.told.find('\n', begin);
      told += html_text(std::string_view(dot.told).substr(begin, end - begin)) + "\n";
      begin = end + 1;
    }
    if (dot.count > kToldOfADot) told += fmt::format("and {} more", dot.count - kToldOfADot);
    svg +=
        fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.0f}\" r=\"{:.1f}\"><title>{}</title></circle>\n",
                    dot.x, y, radius, told);
  }
  return svg;
}

std::string axis_svg(const TimeAxis& axis, double y) {
  std::string svg;
  const AxisPiece* before = nullptr;
  double free_from = 0;  // labels do not lie on one another
  for (const AxisPiece& piece : axis.pieces()) {
    const double left = kLeft + piece.left * (kChartWidth - kLeft - kRight);
    const double right = kLeft + piece.right * (kChartWidth - kLeft - kRight);
    svg += fmt::format("<path class=\"axis\" d=\"M{:.1f} {:.0f}H{:.1f}\"/>\n", left, y, right);
    if (before != nullptr) {
      const double middle = left - kAxisBreakWidth * (kChartWidth - kLeft - kRight) / 2;
      svg += fmt::format("<text class=\"break\" x=\"{:.1f}\" y=\"{:.0f}\">{}</text>\n", middle,
                         y + 4, span_text(piece.from - before->to));
    }
    constexpr double kWide = 78;
    for (const auto& [x, time] : {std::pair{left, piece.from}, std::pair{right, piece.to}}) {
      const bool single = piece.from == piece.to;
      if (single && x == right) continue;
      const double at = single ? (left + right) / 2 : x;
      const double begin = std::min(at - kWide / 2, kChartWidth - kWide);
      if (begin < free_from) continue;
      free_from = begin + kWide;
      svg += fmt::format("<text class=\"tick\" x=\"{:.1f}\" y=\"{:.0f}\">{}</text>\n",
                         begin + kWide / 2, y + 20, clock_text(time));
    }
    before = &piece;
  }
  return svg;
}

}  // namespace

std::string chart_svg(const Chart& chart) {
  if (chart.marks.empty()) return "";
  std::vector<Time> moments;
  for (const Mark& mark : chart.marks) moments.push_back(mark.at);
  for (const Milestone& milestone : chart.milestones) moments.push_back(milestone.at);
  const TimeAxis axis(std::move(moments));
  const std::vector<Label> labels = labels_of(chart, axis);
  size_t rows = 0;
  for (const Label& label : labels) rows = std::max(rows, label.row + 1);
  const double lanes_top = kLabelRow * static_cast<double>(rows) + 10;
  const double bottom = lanes_top + kLane * static_cast<double>(chart.lanes.size());
  std::string svg = fmt::format(
      "<svg class=\"chart\" viewBox=\"0 0 {:.0f} {:.0f}\" role=\"img\" aria-label=\"Course of the "
      "incident over time\">\n",
      kChartWidth, bottom + 34);
  for (size_t i = 0; i < chart.lanes.size(); ++i) {
    const double top = lanes_top + kLane * static_cast<double>(i);
    svg += fmt::format(
        "<path class=\"lane\" d=\"M{:.0f} {:.0f}H{:.0f}\"/><text class=\"lane\" x=\"0\" "
        "y=\"{:.0f}\">{}</text>\n",
        kLeft, top + kLane / 2, kChartWidth - kRight, top + kLane / 2 + 4,
        html_text(chart.lanes[i]));
  }
  svg += milestones_svg(labels, bottom);
  for (size_t i = 0; i < chart.lanes.size(); ++i) {
    const double y = lanes_top + kLane * (static_cast<double>(i) + 0.5);
    svg += fmt::format("<g class=\"lane-{}\">\n",
                       i == 0 && chart.lanes[0] == "Attack" ? "attack" : "ours");
    svg += dots_svg(chart, chart.lanes[i], axis, y) + "</g>\n";
  }
  return svg + axis_svg(axis, bottom + 8) + "</svg>\n";
}

}  // namespace stanch::pipeline::report
