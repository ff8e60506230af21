#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "triage/state.h"

// Who did what from where, as a picture of four columns: read from the findings of an incident.

namespace stanch::pipeline::report {

struct ScopeNode {
  std::string entity = {}, label = {}, type = {};  // its id, a short name, what it is
  uint8_t column = 0;                              // 0 from where, 1 with what, 2 who, 3 on what
  bool made = false;                               // the attack made it
  uint64_t findings = 0;
  uint64_t folded = 0;  // stands for so many others of its column, that are not shown
};

struct ScopeEdge {
  size_t from = 0, to = 0;  // indices of nodes
  uint64_t writes = 0, reads = 0, denied = 0;
};

struct ScopeGraph {
  std::vector<ScopeNode> nodes;  // by column, then the most findings first
  std::vector<ScopeEdge> edges;
};

inline constexpr size_t kScopeColumns = 4;
inline constexpr size_t kScopeNodesMax = 9;  // of a column

ScopeGraph scope_graph_of(const triage::IncidentState& state);

// "svc-metrics" and "user" of "aws:user/444455556666/svc-metrics"
std::string short_name(const std::string& entity);
std::string type_name(const std::string& entity);

// An inline SVG: it needs the page's style, and nothing from elsewhere. "" without a node.
std::string scope_svg(const ScopeGraph& graph);

}  // namespace stanch::pipeline::report
