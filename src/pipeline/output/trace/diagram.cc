// Diagrams. A label is text in quotes that the form does not read: what would end the quotes or be
// taken for markup is written as a character reference, control characters as for a terminal.

#include <fmt/format.h>

#include <map>

#include "codec/utf8.h"
#include "pipeline/output/text.h"
#include "pipeline/output/trace/labels.h"
#include "pipeline/output/trace/trace_writer.h"

namespace stanch::pipeline::output {

namespace {

namespace scope = triage::scope;

constexpr size_t kLabelColumns = 60;

std::string cut(std::string_view text) {
  return fit(text, kLabelColumns, {.columns = kLabelColumns, .color = false, .unicode = true});
}

std::string dot_text(std::string_view text) {
  std::string out = "\"";
  for (const char c : cut(text)) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

// Mermaid reads #NN; as a character, and HTML and Markdown besides.
std::string mermaid_text(std::string_view text) {
  std::string out = "\"";
  for (const char c : cut(text)) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       static_cast<unsigned char>(c) >= 0x80 ||
                       std::string_view(" .,:/@-+=()?").contains(c);
    if (plain) {
      out += c;
    } else {
      out += fmt::format("#{};", static_cast<unsigned>(static_cast<unsigned char>(c)));
    }
  }
  return out + '"';
}

struct Arrow {
  std::string from, to, label;
  bool inferred = false;
};

struct Box {
  std::string name, label;
  bool traced = false;
};

struct Diagram {
  std::vector<Box> boxes;
  std::vector<Arrow> arrows;
};

std::string hop_label(const scope::Hop& hop) {
  std::string label(hop.action.empty() ? name_of(hop.kind) : hop.action);
  if (hop.proof) label += fmt::format(" {}", clock_text(hop.proof->time));
  if (hop.confidence != scope::Confidence::kProven) {
    label += fmt::format(" (inferred, {})", name_of(hop.confidence));
  }
  return label;
}

Diagram diagram_of(const scope::Trace& trace) {
  Diagram diagram;
  std::map<std::string, std::string> names;  // of entities
  for (size_t i = 0; i < trace.holders.size(); ++i) {
    const scope::Holder& holder = trace.holders[i];
    std::string label = holder_label(holder);
    if (!holder.account.empty()) label += fmt::format(" in {}", holder.account);
    diagram.boxes.push_back(
        {fmt::format("h{}", i), label, holder.relation == scope::Relation::kStart});
    for (const std::string& id : holder.ids) names[id] = diagram.boxes.back().name;
  }
  const auto box_of = [&](const std::string& id, bool traced) {
    const auto [at, fresh] = names.emplace(id, fmt::format("e{}", names.size()));
    if (fresh) diagram.boxes.push_back({at->second, entity_label(id), traced});
    return at->second;
  };
  for (const scope::Hop& hop : trace.hops) {
    diagram.arrows.push_back({fmt::format("h{}", hop.parent), fmt::format("h{}", hop.child),
                              hop_label(hop), hop.confidence != scope::Confidence::kProven});
  }
  for (size_t i = 0; i < trace.holders.size(); ++i) {
    for (const scope::ActionUse& use : trace.holders[i].touched) {
      diagram.arrows.push_back({fmt::format("h{}", i), box_of(trace.entity, true),
                                fmt::format("{} x{}", use.action, use.tally.count)});
    }
  }
  for (const scope::Remains& remains : trace.remains) {
    const std::string to = box_of(remains.id, false);
    const std::string from = fmt::format("h{}", remains.by);
    if (remains.how == scope::Remains::How::kMinted && to.starts_with('h')) continue;  // a hop
    diagram.arrows.push_back(
        {from, to, fmt::format("{} {}", name_of(remains.how), remains.action)});
  }
  return diagram;
}

}  // namespace

std::string trace_dot(const scope::Trace& trace) {
  const Diagram diagram = diagram_of(trace);
  std::string out =
      "digraph trace {\n  rankdir=LR;\n  node [shape=box, fontname=\"sans-serif\"];\n";
  for (const Box& box : diagram.boxes) {
    out += fmt::format("  {} [label={}{}];\n", box.name, dot_text(box.label),
                       box.traced ? ", style=bold" : "");
  }
  for (const Arrow& arrow : diagram.arrows) {
    out += fmt::format("  {} -> {} [label={}{}];\n", arrow.from, arrow.to, dot_text(arrow.label),
                       arrow.inferred ? ", style=dashed" : "");
  }
  return out + "}\n";
}

std::string trace_mermaid(const scope::Trace& trace) {
  const Diagram diagram = diagram_of(trace);
  std::string out = "flowchart LR\n";
  for (const Box& box : diagram.boxes) {
    out += fmt::format("  {}{}{}{}\n", box.name, box.traced ? "[[" : "[", mermaid_text(box.label),
                       box.traced ? "]]" : "]");
  }
  for (const Arrow& arrow : diagram.arrows) {
    out += fmt::format("  {} {}|{}| {}\n", arrow.from, arrow.inferred ? "-.->" : "-->",
                       mermaid_text(arrow.label), arrow.to);
  }
  return out;
}

}  // namespace stanch::pipeline::output
