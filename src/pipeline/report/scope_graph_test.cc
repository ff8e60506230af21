#include "pipeline/report/scope_graph.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace stanch::pipeline::report {
namespace {

using triage::Finding;
using triage::IncidentState;

Finding finding(std::string id, std::vector<std::string> targets) {
  Finding one;
  one.id = std::move(id);
  one.source = "ip/203.0.113.7";
  one.credential = "aws:access-key/AKIAIOSFODNN7EXAMPLE";
  one.actor = "aws:user/111122223333/alice";
  one.access = model::Access::kWrite;
  one.targets = std::move(targets);
  return one;
}

void join(IncidentState& state, Finding one) {
  triage::JoinedFinding joined;
  joined.finding = std::move(one);
  state.findings.emplace(joined.finding.id, std::move(joined));
}

std::vector<std::string> labels(const ScopeGraph& graph, uint8_t column) {
  std::vector<std::string> all;
  for (const ScopeNode& node : graph.nodes) {
    if (node.column == column) all.push_back(node.label);
  }
  return all;
}

TEST(ScopeGraph, LeadsFromTheSourceToWhatWasDone) {
  IncidentState state;
  join(state, finding("a", {"aws:bucket/logs"}));
  const ScopeGraph graph = scope_graph_of(state);
  ASSERT_EQ(graph.nodes.size(), 4u);
  EXPECT_EQ(labels(graph, 0), std::vector<std::string>{"203.0.113.7"});
  EXPECT_EQ(labels(graph, 1), std::vector<std::string>{"AKIAIOSFODNN7EXAMPLE"});
  EXPECT_EQ(labels(graph, 2), std::vector<std::string>{"alice"});
  EXPECT_EQ(labels(graph, 3), std::vector<std::string>{"logs"});
  ASSERT_EQ(graph.edges.size(), 3u);
  for (const ScopeEdge& edge : graph.edges) {
    EXPECT_LT(graph.nodes[edge.from].column, graph.nodes[edge.to].column);
    EXPECT_EQ(edge.writes, 1u);
  }
}

TEST(ScopeGraph, CountsWhatWasWrittenReadAndDenied) {
  IncidentState state;
  Finding read = finding("b", {"aws:bucket/logs"}), denied = finding("c", {"aws:bucket/logs"});
  read.access = model::Access::kRead;
  denied.outcome = model::Outcome::kDenied;
  join(state, finding("a", {"aws:bucket/logs"}));
  join(state, read);
  join(state, denied);
  const ScopeGraph graph = scope_graph_of(state);
  const ScopeEdge& edge = graph.edges.back();
  EXPECT_EQ(graph.nodes[edge.to].label, "logs");
  EXPECT_EQ(edge.writes, 1u);
  EXPECT_EQ(edge.reads, 1u);
  EXPECT_EQ(edge.denied, 1u);
}

TEST(ScopeGraph, MarksWhatWasMadeAndLeavesOutWhatIsGone) {
  IncidentState state;
  Finding made = finding("a", {"aws:user/111122223333/bob"});
  made.minted.push_back({.entity = "aws:access-key/AKIANEW", .session = "", .principal = ""});
  join(state, made);
  join(state, finding("gone", {"aws:bucket/other"}));
  state.findings.at("gone").gone = true;
  Finding failed = finding("failed", {});
  failed.outcome = model::Outcome::kDenied;
  failed.minted.push_back({.entity = "aws:access-key/AKIANEVER", .session = "", .principal = ""});
  join(state, failed);
  const ScopeGraph graph = scope_graph_of(state);
  EXPECT_EQ(labels(graph, 3), (std::vector<std::string>{"AKIANEW", "bob"}))
      << "what was made first";
  for (const ScopeNode& node : graph.nodes) EXPECT_EQ(node.made, node.label == "AKIANEW");
}

TEST(ScopeGraph, FoldsWhatDoesNotFitAndCountsIt) {
  IncidentState state;
  for (int i = 0; i < 100; ++i) {
    join(state, finding("f" + std::to_string(i), {"aws:bucket/b" + std::to_string(i)}));
  }
  const ScopeGraph graph = scope_graph_of(state);
  const auto column = labels(graph, 3);
  EXPECT_EQ(column.size(), kScopeNodesMax);
  EXPECT_EQ(graph.nodes.back().folded, 100 - (kScopeNodesMax - 1));
  uint64_t writes = 0;
  for (const ScopeEdge& edge : graph.edges) {
    if (graph.nodes[edge.to].column == 3) writes += edge.writes;
  }
  EXPECT_EQ(writes, 100u) << "no deed is lost";
  // Nine fit, so that none is folded for nothing.
  IncidentState nine;
  for (int i = 0; i < 9; ++i) {
    join(nine, finding("f" + std::to_string(i), {"aws:bucket/b" + std::to_string(i)}));
  }
  EXPECT_EQ(labels(scope_graph_of(nine), 3).size(), 9u);
  EXPECT_EQ(scope_graph_of(nine).nodes.back().folded, 0u);
}

TEST(ScopeGraph, IsDrawnWithHarmlessNames) {
  IncidentState state;
  join(state, finding("a", {"aws:bucket/<script>alert(1)</script>\x1b[2J"}));
  const std::string svg = scope_svg(scope_graph_of(state));
  EXPECT_THAT(svg, testing::Not(testing::HasSubstr("<script")));
  EXPECT_THAT(svg, testing::Not(testing::HasSubstr("\x1b")));
  EXPECT_THAT(svg, testing::HasSubstr("aws:bucket/&lt;script&gt;"));
  EXPECT_EQ(scope_svg(ScopeGraph{}), "");
}

TEST(ScopeGraph, GivesShortNames) {
  EXPECT_EQ(short_name("aws:user/1/alice"), "alice");
  EXPECT_EQ(short_name("ip/203.0.113.7"), "203.0.113.7");
  EXPECT_EQ(short_name("odd"), "odd");
  EXPECT_EQ(short_name("odd/"), "odd/");
  EXPECT_EQ(type_name("aws:user/1/alice"), "user");
  EXPECT_EQ(type_name("ip/203.0.113.7"), "address");
  EXPECT_EQ(type_name("odd"), "odd");
}

}  // namespace
}  // namespace stanch::pipeline::report
