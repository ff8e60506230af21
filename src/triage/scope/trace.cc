#include "triage/scope/trace.h"

#include <fmt/format.h>

#include "triage/scope/tracing.h"

namespace stanch::triage::scope {

namespace {

void find_horizon(Tracing& tracing) {
  Trace& trace = tracing.trace;
  for (const Links::Edge& edge : tracing.links.edges()) {
    if (edge.kind != EdgeKind::kLogged) continue;
    const Time first = edge.tally->first.time, last = edge.tally->last.time;
    trace.logs_from = std::min(trace.logs_from.value_or(first), first);
    trace.logs_to = std::max(trace.logs_to.value_or(last), last);
  }
}

}  // namespace

std::string_view name_of(Relation relation) {
  constexpr std::string_view kNames[] = {"start", "ancestor", "descendant", "sibling"};
  return kNames[static_cast<size_t>(relation)];
}

std::string_view name_of(OriginKind kind) {
  constexpr std::string_view kNames[] = {"first-key", "sign-in",   "person",       "provider",
                                         "host",      "elsewhere", "not-recorded", "anonymous"};
  return kNames[static_cast<size_t>(kind)];
}

std::string_view name_of(CutKind kind) {
  constexpr std::string_view kNames[] = {
      "deny-from-above", "disable-person",    "deny-principal", "deactivate-key", "confine-to-host",
      "revoke-sessions", "remove-credential", "isolate-host",   "ask-owner",      "review-maker"};
  return kNames[static_cast<size_t>(kind)];
}

std::string_view name_of(Remains::How how) {
  constexpr std::string_view kNames[] = {"created", "minted", "changed"};
  return kNames[static_cast<size_t>(how)];
}

std::string_view scope_of(std::string_view entity) {
  if (entity.starts_with("kubernetes:")) return {};  // a namespace is no account
  const size_t begin = entity.find('/');
  if (begin == entity.npos) return {};
  const size_t end = entity.find('/', begin + 1);
  return end == entity.npos ? std::string_view() : entity.substr(begin + 1, end - begin - 1);
}

Result<Trace> trace(const Lineage& lineage, std::string_view entity, const Window& window) {
  const Links& links = lineage.links();
  const auto subject = links.find(entity);
  if (!subject || *subject == 0) {
    return Error(ErrorCode::kNotFound, fmt::format("{} is not in these logs", entity));
  }
  Tracing tracing{.lineage = lineage,
                  .links = links,
                  .subject = *subject,
                  .window = window,
                  .trace = {},
                  .starts = {},
                  .index = {}};
  tracing.trace.entity = entity;
  tracing.trace.window = window;
  tracing.trace.events = links.graph().events();
  find_horizon(tracing);
  find_scope(tracing);
  for (Holder& holder : tracing.trace.holders) {
    describe(tracing, holder);
    if (holder.relation == Relation::kStart) describe_touch(tracing, holder);
  }
  find_origins(tracing);
  find_remains(tracing);
  find_cuts(tracing);
  find_unknowns(tracing);
  return std::move(tracing.trace);
}

Result<Trace> trace(const Graph& graph, std::string_view entity, const Window& window) {
  const Links links(graph);
  const Lineage lineage(links);
  return trace(lineage, entity, window);
}

}  // namespace stanch::triage::scope
