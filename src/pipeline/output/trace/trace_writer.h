#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/finding.h"
#include "pipeline/output/style.h"
#include "triage/scope/trace.h"

// How a trace leaves: a tree for a terminal, JSON, two forms of diagram; and its events as a
// timeline. Same trace, same bytes; foreign text is inert in each of them.

namespace stanch::pipeline::output {

// For people. Lines fit into style.columns.
std::string trace_tree(const triage::scope::Trace& trace, const Style& style);

// "stanch.trace/1", docs/formats/json.md; one line.
std::string trace_json(const triage::scope::Trace& trace);

// Holders, hops, what they touched and what remains: Graphviz, and Mermaid's flowchart.
std::string trace_dot(const triage::scope::Trace& trace);
std::string trace_mermaid(const triage::scope::Trace& trace);

// The rows of a timeline as CSV, a header first.
std::string_view timeline_header();
// `holder` is the id of who did it, `relation` how it belongs to the trace.
std::string timeline_row(const model::FoundEvent& event, std::string_view holder,
                         std::string_view relation);

}  // namespace stanch::pipeline::output
