// Links, from what is written to what is only likely:
//   minted        a call's answer named the credential
//   given         the record of a use says which host the credential was issued to
//   on behalf of  the record of a use names the person
//   the caller of another account's record, known by its principal id, is who carries that id
//   a sign-in after a password was set for the user comes from whoever set it
//   one issue, written down by two records a second apart
//   two records of one person, by the name: of a workforce user and what it became in an account,
//   and of whoever has one e-mail address, at an identity provider and in several clouds
//   an account of Kubernetes, and what clouds call it that let it in
//   a session without any origin that appears where just one other credential was at work
// The last six are inferred. Nothing is inferred where the logs have proof.

#include "triage/scope/lineage.h"

#include <algorithm>
#include <tuple>

#include "base/ascii.h"
#include "base/check.h"
#include "codec/timestamp.h"
#include "triage/scope/observe.h"

namespace stanch::triage::scope {

namespace {

constexpr std::string_view kWhyPrincipalId =
    "the record of the other account names the caller only by its principal id, which this "
    "credential carries";
constexpr std::string_view kWhyOneOfMany =
    "the record of the other account names the caller only by its principal id, which several "
    "sessions carry; this is the last that was issued before";
constexpr std::string_view kWhyPassword =
    "this password was set before the sign-in; sign-ins do not say which password was used";
constexpr std::string_view kWhySecond =
    "role and session name agree, and the times of issue up to a clock tick; the record shows no "
    "key";
constexpr std::string_view kWhyName = "two records of people with the same name";
constexpr std::string_view kWhyAddress =
    "by name only: both have this e-mail address, and no record says that they are one person";
constexpr std::string_view kWhySubject =
    "its subject names this account; of which cluster that is, ids of Kubernetes do not say";
constexpr std::string_view kWhyOneOfSeveral =
    "its subject names this account; of which cluster that is, ids of Kubernetes do not say, and "
    "clouds know several";
constexpr std::string_view kWhyNeighbour =
    "the call that issued it is not in the logs; this credential alone was used from the same "
    "address with the same user agent in the hour before";

}  // namespace

std::string_view name_of(Confidence confidence) {
  constexpr std::string_view kNames[] = {"proven", "high", "medium", "low"};
  return kNames[static_cast<size_t>(confidence)];
}

std::string_view name_of(LinkKind kind) {
  constexpr std::string_view kNames[] = {"minted",      "given-to",     "created",  "on-behalf-of",
                                         "same-person", "same-account", "neighbour"};
  return kNames[static_cast<size_t>(kind)];
}

std::string_view name_of(HolderKind kind) {
  constexpr std::string_view kNames[] = {"credential", "person",  "host",    "principal",
                                         "workload",   "foreign", "service", "unknown"};
  return kNames[static_cast<size_t>(kind)];
}

Lineage::Lineage(const Links& links)
    : links_(links), units_(links), has_parent_(links.size(), false) {
  kinds_.reserve(links.size());
  for (Number unit = 0; unit < links.size(); ++unit) {
    kinds_.push_back(units_.of(unit) == unit ? find_kind(unit) : HolderKind::kCredential);
  }
  note_passwords();
  add_minted();
  add_given();
  add_people();
  add_same_names();
  add_accounts_behind();
  sort();
  add_second_issues();
  add_neighbours();
  sort();
}

HolderKind Lineage::find_kind(Number unit) const {
  for (const Number member : units_.members(unit)) {
    for (const std::string_view what : {"key", "session", "credential"}) {
      if (links_.is(member, what)) return HolderKind::kCredential;
    }
  }
  if (links_.is(unit, "person")) return HolderKind::kPerson;
  if (links_.is(unit, "host")) return HolderKind::kHost;
  const std::string_view type = links_.says(unit, "type");
  if (type == name_of(model::ActorType::kService)) return HolderKind::kService;
  if (type == name_of(model::ActorType::kAccount)) return HolderKind::kForeign;
  if (type == name_of(model::ActorType::kUser) || type == name_of(model::ActorType::kRoot) ||
      type == name_of(model::ActorType::kFederatedUser)) {
    return HolderKind::kPrincipal;
  }
  if (type == name_of(model::ActorType::kServiceAccount) ||
      type == name_of(model::ActorType::kServicePrincipal) ||
      type == name_of(model::ActorType::kManagedIdentity)) {
    return HolderKind::kWorkload;
  }
  // Who is known only by what was done on their behalf.
  const model::EntityRef entity{links_.text(unit)};
  if (!type.empty() || !is_account(entity)) return HolderKind::kUnknown;
  const bool is_user = model::entity_type(entity).ends_with("user");
  return is_user ? HolderKind::kPrincipal : HolderKind::kWorkload;
}

std::string_view Lineage::says(Number unit, std::string_view word) const {
  for (const Number member : units_.members(unit)) {
    if (const std::string_view text = links_.says(member, word); !text.empty()) return text;
  }
  return {};
}

Links::Number Lineage::principal_of(Number unit) const {
  for (const Number member : units_.members(unit)) {
    const auto edges = links_.out(member, EdgeKind::kActsAs);
    // Made for an application and used by the account that it has in a directory: that account.
    for (const Links::Edge& edge : edges) {
      if (!links_.says(edge.to, "type").empty()) return edge.to;
    }
    if (!edges.empty()) return edges.front().to;
  }
  return links_.is(unit, "principal") || links_.is(unit, "person") ? unit : 0;
}

bool Lineage::has_parent(Number unit) const { return has_parent_[unit]; }

void Lineage::add(Link link) {
  // Foreign facts may call a host or a person a part of a credential.
  link.parent = units_.of(link.parent);
  link.child = units_.of(link.child);
  if (link.parent == link.child) return;
  by_child_.push_back(link);
  has_parent_[link.child] = true;
}

// ---------------------------------------------------------------- what is written

void Lineage::add_minted() {
  for (Number number = 1; number < links_.size(); ++number) {
    const auto edges = links_.in(number, EdgeKind::kMinted);
    if (edges.empty()) continue;
    // One act, recorded in two accounts: one record names the credential that called, the other
    // only its account.
    const bool named = std::ranges::any_of(edges, [&](const Links::Edge& edge) {
      const HolderKind kind = kind_of(units_.of(edge.from));
      return kind == HolderKind::kCredential || kind == HolderKind::kPerson;
    });
    for (const Links::Edge& edge : edges) {
      const Number parent = units_.of(edge.from);
      const HolderKind kind = kind_of(parent);
      if (named && kind == HolderKind::kForeign) continue;
      const Link link{parent, units_.of(number), LinkKind::kMinted, edge.what, edge.tally->first};
      std::optional<Link> better;
      if (kind == HolderKind::kForeign) better = caller_elsewhere(link);
      if (kind == HolderKind::kPrincipal) better = password_before(link);
      add(better.value_or(link));
    }
  }
}

// Who carries the principal id by which another account's record calls the caller.
std::optional<Lineage::Link> Lineage::caller_elsewhere(const Link& link) const {
  const auto id = links_.find(says(link.parent, "principal-id"));
  if (!id || *id == 0) return std::nullopt;
  std::vector<std::pair<Time, Number>> alive;  // since when
  for (const Links::Edge& edge : links_.in(*id, EdgeKind::kSays)) {
    const Number unit = units_.of(edge.from);
    if (links_.text(edge.what) != "principal-id" || kind_of(unit) != HolderKind::kCredential)
      continue;
    const Time since = issued(unit).value_or(Time::min());
    if (since <= link.proof.time && unit != link.child) alive.emplace_back(since, unit);
  }
  std::ranges::sort(alive);
  const auto repeats = std::ranges::unique(alive);
  alive.erase(repeats.begin(), repeats.end());
  if (alive.empty()) return std::nullopt;
  Link better = link;
  better.parent = alive.back().second;
  better.confidence = alive.size() == 1 ? Confidence::kHigh : Confidence::kMedium;
  better.why = alive.size() == 1 ? kWhyPrincipalId : kWhyOneOfMany;
  return better;
}

void Lineage::note_passwords() {
  for (const Links::Edge& edge : links_.edges()) {
    if (edge.kind != EdgeKind::kActsAs) continue;
    if (links_.says(edge.from, "kind") != name_of(model::MintedKind::kPassword)) continue;
    for (const Links::Edge& minted : links_.in(edge.from, EdgeKind::kMinted)) {
      passwords_[edge.to].emplace_back(minted.tally->first, units_.of(edge.from));
    }
  }
  for (auto& [user, passwords] : passwords_) std::ranges::sort(passwords);
}

// The last password that was set for the user before it signed in.
std::optional<Lineage::Link> Lineage::password_before(const Link& link) const {
  const auto of_user = passwords_.find(link.parent);
  if (of_user == passwords_.end()) return std::nullopt;
  const auto after = std::ranges::lower_bound(of_user->second, std::pair(link.proof, Number{0}));
  if (after == of_user->second.begin()) return std::nullopt;
  Link better = link;
  better.parent = std::prev(after)->second;
  better.confidence = Confidence::kHigh;
  better.why = kWhyPassword;
  return better;
}

void Lineage::add_given() {
  for (const Links::Edge& edge : links_.edges()) {
    if (edge.kind == EdgeKind::kGivenTo) {
      add({edge.to, units_.of(edge.from), LinkKind::kGivenTo, 0, edge.tally->first});
    } else if (edge.kind == EdgeKind::kOnBehalfOf) {
      // Of an account that may lend another one the call that made the token tells more.
      const HolderKind kind = kind_of(units_.of(edge.to));
      const bool is_own = kind == HolderKind::kPrincipal || kind == HolderKind::kWorkload;
      if (is_own && has_parent(units_.of(edge.from))) continue;
      const auto minted = links_.in(edge.from, EdgeKind::kMinted);
      const bool is_said = std::ranges::any_of(minted, [&](const Links::Edge& made) {
        return units_.of(made.from) == units_.of(edge.to);
      });
      if (is_said) continue;
      add({edge.to, units_.of(edge.from), LinkKind::kOnBehalfOf, 0, edge.tally->first});
    } else if (edge.kind == EdgeKind::kCreated && links_.is(edge.to, "host")) {
      add({units_.of(edge.from), edge.to, LinkKind::kCreated, edge.what, edge.tally->first});
    }
  }
}

// ---------------------------------------------------------------- what is likely

void Lineage::add_people() {
  const std::string_view workforce = name_of(model::ActorType::kIdentityCenter);
  for (Number child = 1; child < links_.size(); ++child) {
    if (!links_.is(child, "person") || links_.says(child, "type") == workforce) continue;
    const auto name = links_.find(links_.says(child, "name"));
    if (!name || *name == 0) continue;
    for (const Links::Edge& edge : links_.in(*name, EdgeKind::kSays)) {
      const bool other = links_.text(edge.what) == "name" && links_.is(edge.from, "person") &&
                         links_.says(edge.from, "type") == workforce;
      if (!other) continue;
      add({edge.from, child, LinkKind::kSamePerson, 0, {}, Confidence::kMedium, kWhyName});
    }
  }
}

// The e-mail address of a person, in lower case: its name, else what its id ends in. Or "".
std::string Lineage::address_of(Number number) const {
  const HolderKind kind = kind_of(number);
  if (units_.of(number) != number || number == 0) return {};
  if (kind != HolderKind::kPerson && kind != HolderKind::kPrincipal) return {};
  std::string_view name = links_.says(number, "name");
  if (name.empty()) name = links_.text(number).substr(links_.text(number).rfind('/') + 1);
  const size_t at = name.find('@');
  const bool is_address = at != name.npos && at > 0 && name.find('.', at) != name.npos &&
                          name.find_first_of(" /%:") == name.npos;
  return is_address ? ascii_lower(name) : std::string();
}

// Where they signed in first: who began a session there, then who is in a workforce directory,
// then who has an account, then whom another system vouched for. `people` is not empty.
Links::Number Lineage::first_of(std::span<const Number> people) const {
  const std::string_view workforce = name_of(model::ActorType::kIdentityCenter);
  const auto place = [&](Number number) {
    std::optional<Moment> began;
    for (const Links::Edge& edge : links_.out(number, EdgeKind::kMinted)) {
      const bool is_session = links_.is(edge.to, "session");
      if (is_session && (!began || edge.tally->first < *began)) began = edge.tally->first;
    }
    const bool is_person = kind_of(number) == HolderKind::kPerson;
    const int rank = !is_person && began                        ? 0
                     : links_.says(number, "type") == workforce ? 1
                     : !is_person                               ? 2
                                                                : 3;
    return std::tuple(rank, began, number);
  };
  return *std::ranges::min_element(people, {}, place);
}

void Lineage::add_same_names() {
  std::map<std::string, std::vector<Number>> people;
  for (Number number = 1; number < links_.size(); ++number) {
    if (std::string address = address_of(number); !address.empty()) {
      people[std::move(address)].push_back(number);
    }
  }
  for (const auto& [address, of] : people) {
    if (of.size() < 2 || of.size() > kSameNameMax) continue;
    const Number first = first_of(of);
    for (const Number other : of) {
      if (other == first || has_parent(other)) continue;
      add({first, other, LinkKind::kSamePerson, 0, {}, Confidence::kMedium, kWhyAddress});
    }
  }
}

void Lineage::add_accounts_behind() {
  for (Number account = 1; account < links_.size(); ++account) {
    std::vector<Number> identities;
    for (const Links::Edge& edge : links_.in(account, EdgeKind::kSays)) {
      if (links_.text(edge.what) == kBehind) identities.push_back(edge.from);
    }
    const bool one = identities.size() == 1;
    for (const Number identity : identities) {
      add({account,
           identity,
           LinkKind::kSameAccount,
           0,
           {},
           one ? Confidence::kHigh : Confidence::kMedium,
           one ? kWhySubject : kWhyOneOfSeveral});
    }
  }
}

std::optional<Time> Lineage::issued(Number unit) const {
  const std::string_view text = says(unit, "issued");
  return text.empty() ? std::nullopt : codec::parse_timestamp(text);
}

// The session among the members of a unit, or the empty text.
Links::Number Lineage::session_of(Number unit) const {
  for (const Number member : units_.members(unit)) {
    if (links_.is(member, "session")) return member;
  }
  return 0;
}

// A session's id ends in @ and the second of its issue, so that the ids of sessions of one role and
// name stand beside each other, in the order of time.
void Lineage::add_second_issues() {
  const auto stem = [this](Number session) {
    const std::string_view text = links_.text(session);
    return text.substr(0, text.rfind('@'));
  };
  std::vector<Link> found;
  for (Number session = 1; session < links_.size(); ++session) {
    const Number child = units_.of(session);
    if (has_parent(child) || !links_.is(session, "session")) continue;
    const std::optional<Time> time = issued(child);
    if (!time) continue;
    for (const int step : {-1, 1}) {
      for (Number near = session + step; near > 0 && near < links_.size(); near += step) {
        const Number other = units_.of(near);
        const std::optional<Time> other_time = issued(other);
        if (stem(near) != stem(session) || !other_time) break;
        const Duration apart = *time < *other_time ? *other_time - *time : *time - *other_time;
        if (apart > kClockTick) break;
        for (const Link& link : parents(other)) {
          if (link.kind != LinkKind::kMinted) continue;
          Link copy = link;
          copy.child = child;
          copy.confidence = std::max(link.confidence, Confidence::kHigh);
          copy.why = kWhySecond;
          found.push_back(copy);
        }
      }
    }
  }
  for (const Link& link : found) add(link);
}

std::optional<Moment> Lineage::first_seen(Number unit) const {
  std::optional<Moment> first;
  for (const Number member : units_.members(unit)) {
    for (const Links::Edge& edge : links_.out(member, EdgeKind::kUsedFrom)) {
      if (!first || edge.tally->first < *first) first = edge.tally->first;
    }
  }
  return first;
}

void Lineage::add_neighbours() {
  std::vector<Link> found;
  for (Number child = 1; child < links_.size(); ++child) {
    if (units_.of(child) != child || has_parent(child) || session_of(child) == 0) continue;
    const std::optional<Moment> first = first_seen(child);
    if (!first) continue;
    std::vector<Number> near;
    for (const Number member : units_.members(child)) {
      for (const Links::Edge& use : links_.out(member, EdgeKind::kUsedFrom)) {
        if (!links_.is(use.to, "address") || use.what == 0) continue;
        const auto users = links_.in(use.to, EdgeKind::kUsedFrom);
        if (users.size() > kNeighboursMax) continue;
        for (const Links::Edge& other : users) {
          const bool just_before = other.tally->first.time < first->time &&
                                   other.tally->last.time >= first->time - kNeighbourTime;
          const Number unit = units_.of(other.from);
          if (other.what == use.what && just_before && unit != child) near.push_back(unit);
        }
      }
    }
    std::ranges::sort(near);
    const auto repeats = std::ranges::unique(near);
    near.erase(repeats.begin(), repeats.end());
    if (near.size() != 1 || kind_of(near.front()) != HolderKind::kCredential) continue;
    found.push_back(
        {near.front(), child, LinkKind::kNeighbour, 0, *first, Confidence::kLow, kWhyNeighbour});
  }
  for (const Link& link : found) add(link);
}

// ---------------------------------------------------------------- order

// Which of several parents of equal confidence tells most.
unsigned Lineage::rank_of(const Link& link) const {
  if (link.kind == LinkKind::kGivenTo) return 1;
  if (link.kind == LinkKind::kOnBehalfOf) return 2;
  switch (kind_of(link.parent)) {
    case HolderKind::kCredential:
    case HolderKind::kPerson:
    case HolderKind::kHost: return 0;
    case HolderKind::kPrincipal:
    case HolderKind::kWorkload: return link.kind == LinkKind::kMinted ? 0 : 3;
    case HolderKind::kForeign: return 4;
    case HolderKind::kService: return 5;
    case HolderKind::kUnknown: return 6;
  }
  CHECK(false);
}

void Lineage::sort() {
  const auto place = [this](const Link& link) {
    return std::tuple(link.child, link.confidence, rank_of(link), link.proof, link.parent,
                      link.kind, link.action);
  };
  const auto same = [](const Link& a, const Link& b) {
    return a.parent == b.parent && a.child == b.child && a.kind == b.kind && a.action == b.action &&
           a.proof == b.proof;
  };
  std::ranges::sort(by_child_, {}, place);
  const auto repeats = std::ranges::unique(by_child_, same);
  by_child_.erase(repeats.begin(), repeats.end());
  by_parent_ = by_child_;
  std::ranges::sort(by_parent_, {}, [](const Link& link) {
    return std::tuple(link.parent, link.proof, link.child, link.kind, link.action);
  });
}

std::span<const Lineage::Link> Lineage::parents(Number unit) const {
  const auto range = std::ranges::equal_range(by_child_, unit, {}, &Link::child);
  return {range.begin(), range.end()};
}

std::span<const Lineage::Link> Lineage::children(Number unit) const {
  const auto range = std::ranges::equal_range(by_parent_, unit, {}, &Link::parent);
  return {range.begin(), range.end()};
}

}  // namespace stanch::triage::scope
