// What the holders of a trace made or changed that is still there when their credentials are gone.

#include <algorithm>
#include <set>
#include <tuple>

#include "triage/scope/tracing.h"

namespace stanch::triage::scope {

namespace {

using Number = Links::Number;

std::string_view verb_and_noun(std::string_view action) {
  return action.substr(action.find(':') + 1);
}

bool is_removal(std::string_view action) {
  const std::string_view name = verb_and_noun(action);
  return std::ranges::any_of(
      std::initializer_list<std::string_view>{"Delete", "Terminate", "Deregister"},
      [&](std::string_view verb) { return name.starts_with(verb); });
}

// Deleting a thing, not something of it: the key of DeleteAccessKey, not its user.
bool removes(std::string_view action, std::string_view entity) {
  if (!is_removal(action)) return false;
  std::string type(entity.substr(0, entity.find('/')));
  std::erase(type, '-');
  type = type.substr(type.find(':') + 1);
  std::string name(verb_and_noun(action));
  std::ranges::transform(name, name.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  if (name.ends_with('s')) name.pop_back();
  return name.ends_with(type) && !name.ends_with("version");
}

// The first removal after it was made, the last time if it was made again; by whomever.
std::optional<Moment> removal_of(const Links& links, Number entity, const Moment& made) {
  std::optional<Moment> gone;
  for (const EdgeKind kind : {EdgeKind::kWrote, EdgeKind::kDid}) {
    for (const Links::Edge& edge : links.in(entity, kind)) {
      if (!removes(links.text(edge.what), links.text(entity))) continue;
      if (edge.tally->last < made) continue;
      if (!gone || edge.tally->last < *gone) gone = edge.tally->last;
    }
  }
  return gone;
}

std::string_view type_of(std::string_view entity) {
  const std::string_view type = entity.substr(0, entity.find('/'));
  return type.substr(type.find(':') + 1);
}

// Whether a call changes this identity, not only names it: UpdateAssumeRolePolicy a role, and not
// CreateFunction the role that it gives to the function.
bool changes(std::string_view action, std::string_view entity) {
  std::string type(type_of(entity));
  std::erase(type, '-');
  std::string name(verb_and_noun(action));
  std::ranges::transform(name, name.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  const bool hangs = name.starts_with("attach") || name.starts_with("detach");
  return name.contains(type) && !(hangs && type == "policy") && !removes(action, entity);
}

}  // namespace

bool is_identity(const Links& links, Number entity) {
  if (links.is(entity, "principal")) return true;
  const std::string_view type = type_of(links.text(entity));
  constexpr std::string_view kTypes[] = {
      "user",       "role",          "group",         "policy",           "login-profile",
      "access-key", "saml-provider", "oidc-provider", "instance-profile", "service-account",
      "root"};
  return std::ranges::find(kTypes, type) != std::end(kTypes);
}

void find_remains(Tracing& tracing) {
  const Links& links = tracing.links;
  std::vector<Remains>& remains = tracing.trace.remains;
  const std::vector<Holder>& holders = tracing.trace.holders;
  const auto note = [&](Remains::How how, const Links::Edge& edge, size_t by) {
    remains.push_back({.how = how,
                       .id = std::string(links.text(edge.to)),
                       .action = std::string(links.text(edge.what)),
                       .by = by,
                       .when = edge.tally->first,
                       .gone = removal_of(links, edge.to, edge.tally->last)});
  };
  for (size_t i = 0; i < holders.size(); ++i) {
    if (holders[i].beyond_host) continue;
    for (const Number member : tracing.lineage.units().members(holders[i].unit)) {
      for (const Links::Edge& edge : links.out(member, EdgeKind::kMinted)) {
        const std::string_view kind = links.says(edge.to, "kind");
        const bool session = links.is(edge.to, "session") ||
                             kind == name_of(model::MintedKind::kSession) || kind.empty();
        if (!session && tracing.in_window(*edge.tally)) note(Remains::How::kMinted, edge, i);
      }
      for (const Links::Edge& edge : links.out(member, EdgeKind::kCreated)) {
        if (tracing.in_window(*edge.tally)) note(Remains::How::kCreated, edge, i);
      }
      for (const Links::Edge& edge : links.out(member, EdgeKind::kWrote)) {
        const bool changed = edge.to != 0 && is_identity(links, edge.to) &&
                             changes(links.text(edge.what), links.text(edge.to)) &&
                             tracing.in_window(*edge.tally);
        if (changed) note(Remains::How::kChanged, edge, i);
      }
    }
  }
  // A key is made once, though the record names it as minted and as created.
  const auto place = [](const Remains& r) {
    return std::tuple(r.when, r.id, r.by, r.action, r.how);
  };
  std::ranges::sort(remains, {}, place);
  std::set<std::string> minted, created;
  for (const Remains& r : remains) {
    if (r.how == Remains::How::kMinted) minted.insert(r.id);
    if (r.how == Remains::How::kCreated) created.insert(r.id);
  }
  std::set<std::tuple<Moment, std::string, size_t>> making;
  for (const Remains& r : remains) {
    if (r.how == Remains::How::kMinted) making.emplace(r.when, r.action, r.by);
  }
  std::erase_if(remains, [&](const Remains& r) {
    // That a key was made is how its owner was changed.
    const bool is_said =
        r.how == Remains::How::kChanged && making.contains({r.when, r.action, r.by});
    if (is_said) return true;
    if (r.how == Remains::How::kCreated) return minted.contains(r.id);
    return r.how == Remains::How::kChanged && (minted.contains(r.id) || created.contains(r.id));
  });
}

}  // namespace stanch::triage::scope
