#include <fmt/format.h>

#include "pipeline/report/escape.h"
#include "pipeline/report/report.h"

namespace stanch::pipeline::report {

namespace {

// Lines of a text stay in their cell or item.
std::string lines_markdown(std::string_view text) {
  std::string out;
  while (true) {
    const size_t end = text.find('\n');
    out += markdown_text(text.substr(0, end));
    if (end == std::string_view::npos) return out;
    out += "<br>";
    text.remove_prefix(end + 1);
  }
}

void append_table(const std::vector<std::string>& columns,
                  const std::vector<std::vector<std::string>>& rows, std::string& out) {
  const auto line = [&](const std::vector<std::string>& cells) {
    out += "|";
    for (const std::string& cell : cells) out += " " + lines_markdown(cell) + " |";
    out += "\n";
  };
  line(columns);
  out += "|";
  for (size_t i = 0; i < columns.size(); ++i) out += "---|";
  out += "\n";
  for (const auto& row : rows) line(row);
  out += "\n";
}

void append_markdown_bands(const Report& report, std::string& out) {
  std::vector<std::string> bands;
  if (!report.tlp.empty()) bands.push_back("**TLP:" + report.tlp + "**");
  if (report.drill) bands.emplace_back("This was an exercise.");
  if (report.restricted) {
    bands.push_back(
        "**Restricted.** For " +
        (report.restricted_to.empty() ? "named people" : markdown_text(report.restricted_to)) +
        " alone.");
  }
  if (report.privileged) {
    bands.emplace_back(
        "**Privileged.** This report holds notes for counsel. Do not pass it on without asking "
        "them.");
  }
  for (const std::string& band : bands) out += "> " + band + "\n>\n";
  if (!bands.empty()) out.replace(out.size() - 3, 3, "\n\n");
}

// The chart as words: its milestones. The scope as words: who did what to what.
void append_chart(const Chart& chart, std::string& out) {
  std::vector<std::vector<std::string>> rows;
  for (const Milestone& milestone : chart.milestones) {
    rows.push_back({learn::time_for_people(milestone.at), milestone.text});
  }
  append_table({"Time", "Milestone"}, rows, out);
}

void append_graph(const ScopeGraph& graph, std::string& out) {
  if (graph.edges.empty()) return;
  const auto name = [&](size_t i) {
    const ScopeNode& node = graph.nodes[i];
    if (node.folded > 0) return fmt::format("{} more", node.folded);
    return node.entity + (node.made ? " (made by the attack)" : "");
  };
  std::vector<std::vector<std::string>> rows;
  for (const ScopeEdge& edge : graph.edges) {
    rows.push_back({name(edge.from), name(edge.to), std::to_string(edge.writes),
                    std::to_string(edge.reads), std::to_string(edge.denied)});
  }
  append_table({"From", "To", "Changed", "Read, or used", "Denied"}, rows, out);
}

void append_markdown_section(const Report& report, const Section& section, std::string& out) {
  out += "## " + markdown_text(section.title) + "\n\n";
  const bool drawn = section.shows == Shows::kChart;
  if (!section.lead.empty() && !drawn) out += markdown_text(section.lead) + "\n\n";
  if (section.shows == Shows::kChart) append_chart(report.chart, out);
  if (section.shows == Shows::kScope) append_graph(report.graph, out);
  for (const Fact& fact : section.facts) {
    if (fact.values.size() == 1) {
      out +=
          fmt::format("- **{}**: {}\n", markdown_text(fact.name), lines_markdown(fact.values[0]));
      continue;
    }
    out += fmt::format("- **{}**\n", markdown_text(fact.name));
    for (const std::string& value : fact.values) out += "  - " + lines_markdown(value) + "\n";
  }
  if (!section.facts.empty()) out += "\n";
  for (const std::string& item : section.items) out += "- " + lines_markdown(item) + "\n";
  if (!section.items.empty()) out += "\n";
  for (const Table& table : section.tables) append_table(table.columns, table.rows, out);
  if (section.shows == Shows::kTimeline) {
    std::vector<std::vector<std::string>> rows;
    for (const learn::TimelineLine& line : report.timeline) {
      rows.push_back(
          {learn::time_for_people(line.time), learn::actor_for_people(line.actor), line.text});
    }
    append_table({"Time", "Who", "What"}, rows, out);
  }
}

}  // namespace

std::string markdown_of(const Report& report) {
  std::string out;
  append_markdown_bands(report, out);
  out += "# " + markdown_text(report.sentence) + "\n\n";
  out += "Incident report · " + markdown_text(report.incident) + " · " +
         (report.severity.empty() ? "" : markdown_text(report.severity) + " · ") +
         markdown_text(report.standing) + "\n\n";
  std::vector<std::vector<std::string>> figures;
  for (const Measure& measure : report.measures) {
    figures.push_back({measure.name, measure.value, measure.note});
  }
  append_table({"Figure", "Time", "Remark"}, figures, out);
  for (const Section& section : report.sections) append_markdown_section(report, section, out);
  out += "---\n\n" + markdown_text(report.made) + "\n\n" + markdown_text(report.provenance) + "\n";
  return out;
}

}  // namespace stanch::pipeline::report
