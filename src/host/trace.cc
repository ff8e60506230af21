#include "host/trace.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "base/text_arena.h"
#include "codec/json_writer.h"
#include "detect/detect.h"
#include "model/aws_entity.h"
#include "model/entity.h"
#include "model/facts_json.h"
#include "pipeline/finding_order.h"

namespace stanch::host {

namespace {

using triage::scope::Graph;
using triage::scope::Links;
using triage::scope::Trace;

class EventSink : public pipeline::ScanSink {
 public:
  using Visit = std::function<Result<>(const model::FoundEvent&)>;
  EventSink(Visit visit, const std::function<void(const pipeline::Progress&)>& progress)
      : visit_(std::move(visit)), progress_(progress) {}

  Result<> finding(const model::Finding&) override { return {}; }
  Result<> event(const model::FoundEvent& event) override { return visit_(event); }
  Result<> dead_letter(const pipeline::DeadLetter&) override { return {}; }
  void conflict(const model::Origin&) override {}
  void progress(const pipeline::Progress& progress) override {
    if (progress_) progress_(progress);
  }

 private:
  Visit visit_;
  const std::function<void(const pipeline::Progress&)>& progress_;
};

Result<pipeline::ScanSummary> scan_events(
    env::Env& env, const TraceRequest& request, EventSink::Visit visit,
    const std::function<void(const pipeline::Progress&)>& progress) {
  pipeline::ScanOptions options = request.options;
  options.all_events = true;
  options.keep_dead = false;
  EventSink sink(std::move(visit), progress);
  const auto no_rules = detect::load_rules({}, {}).rules;
  return pipeline::scan(env, no_rules, "", options, sink);
}

bool is_entity(const Links& links, Links::Number number) {
  const std::string_view text = links.text(number);
  return text.find('/') != text.npos && text.find(' ') == text.npos && !text.starts_with("arn:");
}

// The last part of an id, and the id of a key, are what people have at hand.
bool is_named(std::string_view id, std::string_view name) {
  const size_t slash = id.rfind('/');
  return slash != id.npos && id.substr(slash + 1) == name;
}

std::string listed(const std::vector<std::string>& names) {
  constexpr size_t kShown = 6;
  std::string text;
  for (size_t i = 0; i < std::min(names.size(), kShown); ++i) {
    text += (text.empty() ? "" : ", ") + names[i];
  }
  if (names.size() > kShown) text += fmt::format(" and {} more", names.size() - kShown);
  return text;
}

// The id that the graph has for what a person wrote.
Result<std::string> resolve(const Links& links, const std::string& given) {
  TextArena arena;
  std::vector<std::string> tries = {given, "aws:access-key/" + given};
  if (given.starts_with("arn:")) tries.emplace_back(model::aws_entity(given, arena).text);
  if (const model::EntityRef ip = model::ip_entity(given, arena); !ip.empty()) {
    tries.emplace_back(ip.text);
  }
  for (const std::string& id : tries) {
    const auto number = links.find(id);
    if (!id.empty() && number && is_entity(links, *number)) return id;
  }
  std::vector<std::string> named, near, principals;
  for (Links::Number number = 1; number < links.size(); ++number) {
    if (!is_entity(links, number)) continue;
    const std::string_view id = links.text(number);
    if (is_named(id, given)) named.emplace_back(id);
    if (is_named(id, given) && links.is(number, "principal")) principals.emplace_back(id);
    if (id.find(given) != id.npos) near.emplace_back(id);
  }
  if (named.size() == 1) return named[0];
  if (principals.size() == 1) return principals[0];  // who, not what is theirs
  if (!named.empty()) {
    return Error(ErrorCode::kInvalid,
                 fmt::format("'{}' is the name of several things: {}", given, listed(named)));
  }
  return Error(ErrorCode::kNotFound, fmt::format("'{}' is not in these logs{}", given,
                                                 near.empty() ? "" : "; near it: " + listed(near)));
}

}  // namespace

Result<TraceResult> trace(env::Env& env, const TraceRequest& request,
                          const std::function<void(const pipeline::Progress&)>& progress) {
  codec::HashSecret secret;
  env.random.fill({reinterpret_cast<uint8_t*>(&secret.value), sizeof(secret.value)});
  triage::scope::GraphOptions options;
  options.activity = request.window;
  options.secret = secret;
  Graph graph(options);
  TraceResult result;
  TRY(result.summary, scan_events(
                          env, request,
                          [&](const model::FoundEvent& event) -> Result<> {
                            graph.add(event.facts, event.id);
                            return {};
                          },
                          progress));
  const Links links(graph);
  TRY(const std::string entity, resolve(links, request.entity));
  const triage::scope::Lineage lineage(links);
  TRY(result.trace, triage::scope::trace(lineage, entity, request.window));
  return result;
}

Result<> each_traced_event(env::Env& env, const TraceRequest& request, const Trace& trace,
                           const std::string& spool_folder,
                           const std::function<Result<>(std::string_view row)>& visit) {
  std::set<std::string, std::less<>> holders;
  for (const triage::scope::Holder& holder : trace.holders) {
    holders.insert(holder.ids.begin(), holder.ids.end());
  }
  pipeline::FindingOrder order(env.files, {.folder = spool_folder});
  const auto take = [&](const model::FoundEvent& event) -> Result<> {
    const model::Facts& facts = event.facts;
    if (facts.time && !request.window.has(*facts.time)) return {};
    std::string_view holder;
    for (const std::string_view id :
         {facts.credential.session.text, facts.credential.entity.text, facts.actor.entity.text}) {
      if (holder.empty() && !id.empty() && holders.contains(id)) holder = id;
    }
    if (holder.empty()) return {};
    std::string row;
    codec::JsonWriter json(row);
    json.begin_object().field("holder", holder).field("event_id", event.id.text()).key("facts");
    model::append_json(facts, json);
    json.end_object();
    return order.add({.time = facts.time, .id = event.id.text(), .document = row});
  };
  TRY(scan_events(env, request, take, {}));
  TRY(order.sort());
  for (;;) {
    TRY(const auto next, order.next());
    if (!next) break;
    TRY(visit(next->document));
  }
  return order.remove_files();
}

}  // namespace stanch::host
