#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "triage/scope/trace.h"

// The steps of trace(), each in the file of its name. Inside scope/ only.

namespace stanch::triage::scope {

struct Tracing {
  using Number = Links::Number;

  const Lineage& lineage;
  const Links& links;
  Number subject;
  Window window;
  Trace trace;

  std::vector<Number> starts;
  std::map<Number, size_t> index;  // of units in trace.holders

  bool in_window(const Tally& tally) const {
    return (!window.since || *window.since <= tally.last.time) &&
           (!window.until || tally.first.time <= *window.until);
  }
};

// Fills trace.holders with bare units and their relations, trace.hops and hops from the origin.
void find_scope(Tracing& tracing);
// Who each holder is and what it did, from where.
void describe(const Tracing& tracing, Holder& holder);
// How a start touched what is traced.
void describe_touch(const Tracing& tracing, Holder& holder);
void find_origins(Tracing& tracing);
void find_remains(Tracing& tracing);
void find_cuts(Tracing& tracing);
void find_unknowns(Tracing& tracing);

// Whether it is something that can be given rights: a principal, or what changes principals.
bool is_identity(const Links& links, Links::Number entity);

// The part of an entity id between its type and its name: "111122223333", or "".
std::string_view scope_of(std::string_view entity);

}  // namespace stanch::triage::scope
