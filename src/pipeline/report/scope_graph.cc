#include "pipeline/report/scope_graph.h"

#include <algorithm>
#include <array>
#include <map>
#include <ranges>
#include <tuple>

namespace stanch::pipeline::report {

namespace {

using triage::Finding;

// All nodes and edges, before those that do not fit are folded.
class Gathering {
 public:
  void add(const Finding& finding) {
    const std::string& with = finding.session.empty() ? finding.credential : finding.session;
    std::vector<size_t> chain;
    const std::array<const std::string*, 3> columns = {&finding.source, &with, &finding.actor};
    for (uint8_t column = 0; column < columns.size(); ++column) {
      if (!columns[column]->empty()) chain.push_back(node(*columns[column], column, false));
    }
    for (size_t i = 1; i < chain.size(); ++i) join(chain[i - 1], chain[i], finding);
    if (chain.empty()) return;
    for (const std::string& target : finding.targets) {
      if (!target.empty() && target != finding.actor) {
        join(chain.back(), node(target, 3, false), finding);
      }
    }
    for (const triage::Minted& minted : finding.minted) {
      const std::string& made = minted.entity.empty() ? minted.session : minted.entity;
      if (!made.empty() && finding.outcome == model::Outcome::kOk) {
        join(chain.back(), node(made, 3, true), finding);
      }
    }
  }

  ScopeGraph take() {
    std::vector<size_t> order(nodes_.size());
    for (size_t i = 0; i < order.size(); ++i) order[i] = i;
    // What the attack made is shown before what it touched: somebody has to cut it.
    std::ranges::sort(order, {}, [&](size_t i) {
      const ScopeNode& node = nodes_[i];
      return std::tuple(node.column, !node.made, -static_cast<int64_t>(node.findings), node.entity);
    });
    std::vector<size_t> place(nodes_.size());
    std::array<size_t, kScopeColumns> count{}, all{};
    for (const ScopeNode& node : nodes_) ++all[node.column];
    ScopeGraph graph;
    for (const size_t i : order) {
      const uint8_t column = nodes_[i].column;
      const bool fits = all[column] <= kScopeNodesMax || count[column] + 1 < kScopeNodesMax;
      if (fits) {
        ++count[column];
        graph.nodes.push_back(nodes_[i]);
      } else if (graph.nodes.back().folded == 0) {
        graph.nodes.push_back(
            {.entity = "", .label = "", .type = "", .column = column, .folded = 1});
      } else {
        ++graph.nodes.back().folded;
      }
      place[i] = graph.nodes.size() - 1;
    }
    std::map<std::pair<size_t, size_t>, ScopeEdge> edges;
    for (const auto& [ends, edge] : edges_) {
      ScopeEdge& shown = edges[{place[ends.first], place[ends.second]}];
      shown.from = place[ends.first];
      shown.to = place[ends.second];
      shown.writes += edge.writes;
      shown.reads += edge.reads;
      shown.denied += edge.denied;
    }
    for (const ScopeEdge& edge : std::views::values(edges)) graph.edges.push_back(edge);
    return graph;
  }

 private:
  size_t node(const std::string& entity, uint8_t column, bool made) {
    const auto [at, added] = by_entity_.try_emplace({column, entity}, nodes_.size());
    if (added) {
      nodes_.push_back({.entity = entity,
                        .label = short_name(entity),
                        .type = type_name(entity),
                        .column = column});
    }
    ScopeNode& found = nodes_[at->second];
    ++found.findings;
    found.made = found.made || made;
    return at->second;
  }

  void join(size_t from, size_t to, const Finding& finding) {
    ScopeEdge& edge = edges_[{from, to}];
    if (finding.outcome == model::Outcome::kDenied) {
      ++edge.denied;
    } else if (finding.access == model::Access::kWrite) {
      ++edge.writes;
    } else {
      ++edge.reads;
    }
  }

  std::vector<ScopeNode> nodes_;
  std::map<std::pair<uint8_t, std::string>, size_t> by_entity_;
  std::map<std::pair<size_t, size_t>, ScopeEdge> edges_;
};

}  // namespace

std::string short_name(const std::string& entity) {
  const size_t slash = entity.rfind('/');
  if (slash == std::string::npos || slash + 1 == entity.size()) return entity;
  return entity.substr(slash + 1);
}

std::string type_name(const std::string& entity) {
  const std::string type = entity.substr(0, entity.find('/'));
  if (type == "ip") return "address";
  return type.substr(type.find(':') + 1);
}

ScopeGraph scope_graph_of(const triage::IncidentState& state) {
  Gathering gathering;
  for (const triage::JoinedFinding& joined : std::views::values(state.findings)) {
    if (!joined.gone) gathering.add(joined.finding);
  }
  return gathering.take();
}

}  // namespace stanch::pipeline::report
