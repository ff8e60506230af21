// The scope as four columns with curves between them, laid out by hand: a row is as high as its
// text, columns are centred against the longest.

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "pipeline/output/text.h"
#include "pipeline/report/escape.h"
#include "pipeline/report/scope_graph.h"

namespace stanch::pipeline::report {

namespace {

constexpr int kWidth = 960, kTop = 40, kRow = 56, kBoxHeight = 44, kBoxWidth = 192;
constexpr size_t kLabelColumns = 24;
constexpr std::array<std::string_view, kScopeColumns> kCaptions = {"From where", "With what", "Who",
                                                                   "On what"};

int left_of(size_t column) {
  constexpr int kStep = (kWidth - kBoxWidth) / (static_cast<int>(kScopeColumns) - 1);
  return static_cast<int>(column) * kStep;
}

std::string edge_svg(const ScopeEdge& edge, const ScopeGraph& graph, const std::vector<int>& tops) {
  const ScopeNode &from = graph.nodes[edge.from], &to = graph.nodes[edge.to];
  const int x1 = left_of(from.column) + kBoxWidth, y1 = tops[edge.from] + kBoxHeight / 2;
  const int x2 = left_of(to.column), y2 = tops[edge.to] + kBoxHeight / 2;
  const int bend = std::max(24, (x2 - x1) / 2);
  const bool last = to.column == kScopeColumns - 1;
  const std::string_view kind = !last             ? "chain"
                                : edge.writes > 0 ? "write"
                                : edge.reads > 0  ? "read"
                                                  : "denied";
  const auto name = [](const ScopeNode& node) {
    return node.folded > 0 ? fmt::format("{} more", node.folded) : node.entity;
  };
  return fmt::format(
      "<path class=\"edge {}\" d=\"M{} {}C{} {} {} {} {} {}\"><title>{} → {}: {} written, {} read, "
      "{} denied</title></path>\n",
      kind, x1, y1, x1 + bend, y1, x2 - bend, y2, x2, y2, html_text(name(from)),
      html_text(name(to)), edge.writes, edge.reads, edge.denied);
}

std::string node_svg(const ScopeNode& node, int top) {
  const int left = left_of(node.column);
  constexpr output::Style kUnicode{.columns = 80, .color = false, .unicode = true};
  const std::string label = node.folded > 0 ? fmt::format("and {} more", node.folded)
                                            : output::fit(node.label, kLabelColumns, kUnicode);
  const std::string_view kind = node.folded > 0 ? "folded" : node.made ? "made" : "plain";
  const int middle = node.folded > 0 ? 26 : 19;
  std::string svg = fmt::format(
      "<g class=\"node {}\"><title>{}</title><rect x=\"{}\" y=\"{}\" width=\"{}\" "
      "height=\"{}\" rx=\"8\"/><text x=\"{}\" y=\"{}\">{}</text>",
      kind, html_text(node.folded > 0 ? label : node.entity), left, top, kBoxWidth, kBoxHeight,
      left + 12, top + middle, html_text(label));
  if (node.folded == 0) {
    svg += fmt::format("<text class=\"type\" x=\"{}\" y=\"{}\">{}</text>", left + 12, top + 35,
                       html_text(output::fit(node.type, kLabelColumns, kUnicode)));
  }
  return svg + "</g>\n";
}

}  // namespace

std::string scope_svg(const ScopeGraph& graph) {
  if (graph.nodes.empty()) return "";
  std::array<int, kScopeColumns> count{}, placed{};
  for (const ScopeNode& node : graph.nodes) ++count[node.column];
  const int rows = *std::ranges::max_element(count);
  const int height = kTop + rows * kRow;
  std::vector<int> tops;
  for (const ScopeNode& node : graph.nodes) {
    const int free = (rows - count[node.column]) * kRow;
    tops.push_back(kTop + free / 2 + placed[node.column]++ * kRow);
  }
  std::string svg = fmt::format(
      "<svg class=\"scope\" viewBox=\"-1 0 {} {}\" role=\"img\" aria-label=\"Scope: from where, "
      "with "
      "what, who, on what\">\n",
      kWidth + 2, height);
  for (size_t column = 0; column < kScopeColumns; ++column) {
    if (count[column] == 0) continue;
    svg += fmt::format("<text class=\"caption\" x=\"{}\" y=\"20\">{}</text>\n",
                       left_of(column) + 12, kCaptions[column]);
  }
  for (const ScopeEdge& edge : graph.edges) svg += edge_svg(edge, graph, tops);
  for (size_t i = 0; i < graph.nodes.size(); ++i) svg += node_svg(graph.nodes[i], tops[i]);
  return svg + "</svg>\n";
}

}  // namespace stanch::pipeline::report
