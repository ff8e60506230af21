#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "triage/scope/graph.h"

// A graph at one moment, to be read: its texts numbered in their own order, its edges found from
// both ends. The same graph gives the same numbers, whatever the order of events was. The graph
// must outlive it and stay as it is.

namespace stanch::triage::scope {

class Links {
 public:
  using Number = uint32_t;  // texts are in the order of their numbers; 0 is the empty text

  struct Edge {
    EdgeKind kind;
    Number from, to, what;
    const Tally* tally;
  };

  explicit Links(const Graph& graph);

  std::string_view text(Number number) const { return texts_[number]; }
  size_t size() const { return texts_.size(); }
  std::optional<Number> find(std::string_view text) const;
  const Graph& graph() const { return graph_; }

  // All edges, by from, kind, to, what.
  std::span<const Edge> edges() const { return edges_; }
  std::span<const Edge> out(Number from) const;
  std::span<const Edge> out(Number from, EdgeKind kind) const;
  // Those that lead to `to`, by kind, from, what.
  std::span<const Edge> in(Number to, EdgeKind kind) const;

  // What is said of an entity under this word: the least text, or "".
  std::string_view says(Number entity, std::string_view word) const;
  bool is(Number entity,
          std::string_view what) const;  // says that under "is", perhaps among others

 private:
  const Graph& graph_;
  std::vector<std::string_view> texts_;
  std::vector<Edge> edges_, by_target_;
};

// Everything that is one credential: a session and its keys. One unit is known by its least
// number; what is no credential is a unit of its own.
class Units {
 public:
  using Number = Links::Number;

  explicit Units(const Links& links);
  Number of(Number number) const { return unit_[number]; }
  // In ascending order.
  std::span<const Number> members(Number unit) const;

 private:
  std::vector<Number> unit_;
  std::vector<Number> members_;         // by unit
  std::vector<uint32_t> first_member_;  // of each unit, in members_
};

}  // namespace stanch::triage::scope
