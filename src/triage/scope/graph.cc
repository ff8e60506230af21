// Tables of numbers: each text has one, an edge is a kind and three of them. Numbers depend on the
// order of events and never leave; whoever reads gets texts.
//
// Dropping. Each edge has a rank made of its class and a hash of its texts. While there is room,
// ranks are only noted. Once edges_max is reached, a new edge replaces the one with the highest
// rank or is dropped itself. So what stays is always the edges_max least of all that ever came,
// each with all of its events: an edge that is among the least of all was among the least at every
// moment, and was never dropped.

#include "triage/scope/graph.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "base/check.h"
#include "model/kubernetes_entity.h"
#include "triage/scope/observe.h"

namespace stanch::triage::scope {

namespace {

constexpr std::string_view kNames[] = {
    "acts-as", "part-of", "minted", "given-to", "on-behalf-of", "used-from", "acted-in", "created",
    "wrote",   "read",    "did",    "denied",   "failed",       "says",      "logged"};
static_assert(std::size(kNames) == kEdgeKinds);

// What is given up last has the least class.
uint64_t class_of(EdgeKind kind, bool sum) {
  switch (kind) {
    case EdgeKind::kActsAs:
    case EdgeKind::kPartOf:
    case EdgeKind::kMinted:
    case EdgeKind::kGivenTo:
    case EdgeKind::kOnBehalfOf:
    case EdgeKind::kSays:
    case EdgeKind::kLogged: return 0;
    case EdgeKind::kCreated: return 1;
    case EdgeKind::kWrote: return sum ? 1 : 2;
    case EdgeKind::kDenied:
    case EdgeKind::kFailed: return sum ? 1 : 3;
    case EdgeKind::kUsedFrom:
    case EdgeKind::kActedIn: return 3;
    case EdgeKind::kRead:
    case EdgeKind::kDid: return sum ? 1 : 4;
  }
  CHECK(false);
}

}  // namespace

std::string_view name_of(EdgeKind kind) { return kNames[static_cast<size_t>(kind)]; }

void Tally::add(const Moment& moment) {
  if (count == 0 || moment < first) first = moment;
  if (count == 0 || last < moment) last = moment;
  ++count;
}

uint64_t Dropped::edges() const {
  uint64_t all = 0;
  for (const uint64_t count : events) all += count;
  return all;
}

std::string place_text(std::string_view cloud, std::string_view account, std::string_view region) {
  std::string text;
  for (const std::string_view part : {cloud, account, region}) {
    if (!text.empty()) text += ' ';
    text += part.empty() ? "-" : part;
  }
  return text;
}

size_t Graph::KeyHash::operator()(const Key& key) const {
  const auto mix = [](uint64_t value) {
    value ^= value >> 31;
    value *= 0x7FB5D329728EA185;
    value ^= value >> 27;
    value *= 0x81DADEF4BC2DD44D;
    return value ^ (value >> 33);
  };
  const uint64_t low = (uint64_t{key.to} << 32) | key.from;
  const uint64_t high = (uint64_t{key.what} << 8) | static_cast<uint64_t>(key.kind);
  return mix(low ^ mix(high));
}

Graph::Graph(const GraphOptions& options)
    : options_(options), numbers_(16, TextHash{options.secret}) {
  texts_.emplace_back();
  numbers_.emplace(std::string_view(), 0);
}

Graph::Number Graph::number_of(std::string_view text) {
  if (const auto found = numbers_.find(text); found != numbers_.end()) return found->second;
  const auto number = static_cast<Number>(texts_.size());
  texts_.push_back(arena_.store(text));
  numbers_.emplace(texts_.back(), number);
  return number;
}

Graph::Number Graph::number_of_text(std::string_view text) {
  if (text.size() <= kTextBytesMax) return number_of(text);
  ++dropped_.texts_cut;
  return number_of(text.substr(0, kTextBytesMax));
}

uint64_t Graph::rank_of(const Key& key) const {
  std::string bytes;
  for (const Number number : {key.from, key.to, key.what}) {
    bytes += texts_[number];
    bytes += '\0';
  }
  bytes += static_cast<char>(key.kind);
  constexpr uint64_t kClassShift = 60;
  const uint64_t hash = codec::keyed_hash({}, bytes) >> (64 - kClassShift);
  return (class_of(key.kind, key.to == 0) << kClassShift) | hash;
}

void Graph::drop(const Key& key, uint64_t events) {
  uint64_t& dropped = dropped_.events[static_cast<size_t>(key.kind)];
  dropped = key.kind == EdgeKind::kSays ? 1 : dropped + events;
}

// Whether an edge of this rank stays; what it replaces is gone then.
bool Graph::make_room(const Key& key, uint64_t rank) {
  if (edges_.size() < options_.edges_max) return true;
  if (ranked_.empty()) {
    std::vector<Ranked> all;
    all.reserve(edges_.size());
    for (const auto& [of, edge] : edges_) all.push_back({edge.rank, of});
    ranked_ = std::priority_queue<Ranked>(std::less<Ranked>(), std::move(all));
  }
  if (ranked_.empty() || !(Ranked{rank, key} < ranked_.top())) return false;
  const auto worst = edges_.find(ranked_.top().key);
  drop(worst->first, worst->second.tally.count);
  edges_.erase(worst);
  ranked_.pop();
  return true;
}

void Graph::touch(const Key& key, const Moment& moment) {
  // What an entity is called is said with every event; it is true, not counted.
  const bool counts = key.kind != EdgeKind::kSays;
  const auto found = edges_.find(key);
  if (found != edges_.end()) {
    if (counts) found->second.tally.add(moment);
    return;
  }
  const uint64_t rank = rank_of(key);
  if (!make_room(key, rank)) return drop(key, 1);
  Edge& edge = edges_[key];
  edge.rank = rank;
  if (counts) edge.tally.add(moment);
  if (!ranked_.empty()) ranked_.push({rank, key});
}

// Texts of edges that are gone are let go when they are the greater part.
void Graph::compact() {
  Graph fresh(options_);
  fresh.edges_.reserve(edges_.size());
  for (const auto& [key, edge] : edges_) {
    const Key moved{key.kind, fresh.number_of(texts_[key.from]), fresh.number_of(texts_[key.to]),
                    fresh.number_of(texts_[key.what])};
    fresh.edges_.emplace(moved, edge);
  }
  fresh.events_ = events_;
  fresh.dropped_ = dropped_;
  *this = std::move(fresh);
}

void Graph::forget_before(Time time) {
  std::vector<bool> known(texts_.size());
  std::erase_if(edges_, [&](const auto& entry) {
    const auto& [key, edge] = entry;
    if (key.kind == EdgeKind::kSays) return false;
    if (edge.tally.last.time < time) return true;
    known[key.from] = known[key.to] = true;
    return false;
  });
  std::erase_if(edges_, [&](const auto& entry) {
    return entry.first.kind == EdgeKind::kSays && !known[entry.first.from];
  });
  compact();
}

// ---------------------------------------------------------------- from facts to edges

class Graph::Adding {
 public:
  Adding(Graph& graph, const model::Facts& facts, model::EventIdRef id)
      : graph_(graph),
        facts_(facts),
        moment_{*facts.time, std::string(id.text())},
        in_window_(graph.options_.activity.has(*facts.time)) {}

  void run() {
    const model::Actor& actor = facts_.actor;
    principal_ = graph_.number_of(actor.entity.text);
    key_ = graph_.number_of(facts_.credential.entity.text);
    session_ = graph_.number_of(facts_.credential.session.text);
    holder_ = session_ != 0 ? session_ : key_ != 0 ? key_ : graph_.number_of(holder_of(facts_));
    place();
    identity();
    minted();
    if (!in_window_) ++graph_.dropped_.outside_window;
    activity();
    graph_.dropped_.targets_omitted += facts_.targets_omitted;
  }

 private:
  void edge(EdgeKind kind, Number from, Number to, Number what = 0) {
    graph_.touch({kind, from, to, what}, moment_);
  }
  void says(Number of, std::string_view word, std::string_view text) {
    if (of == 0 || text.empty()) return;
    edge(EdgeKind::kSays, of, graph_.number_of(text.substr(0, kTextBytesMax)),
         graph_.number_of(word));
  }

  void place() {
    place_ = graph_.number_of(place_text(facts_.cloud, facts_.account, facts_.region));
    edge(EdgeKind::kLogged, place_, 0, graph_.number_of(name_of(facts_.action.plane)));
  }

  void identity() {
    const model::Actor& actor = facts_.actor;
    const model::Credential& credential = facts_.credential;
    if (key_ != 0 && session_ != 0) edge(EdgeKind::kPartOf, key_, session_);
    for (const Number own : {key_, session_, holder_}) {
      if (own != 0 && own != principal_ && principal_ != 0) {
        edge(EdgeKind::kActsAs, own, principal_);
      }
    }
    if (!is_program(credential.issued_to)) link(EdgeKind::kGivenTo, credential.issued_to, "host");
    link(EdgeKind::kOnBehalfOf, actor.person, is_account(actor.person) ? "principal" : "person");
    for (const model::EntityRef who : {actor.entity, actor.person}) account_behind(who);
    if (is_new()) describe();
  }

  // What clouds call an account of Kubernetes by names of their own.
  void account_behind(model::EntityRef who) {
    TextArena arena;
    const model::EntityRef behind = model::kubernetes_account_behind(who, arena);
    if (!behind.empty()) says(graph_.number_of(who.text), kBehind, behind.text);
  }

  // Whether the record says of the holder what the one before did not.
  bool is_new() {
    const model::Actor& actor = facts_.actor;
    const model::Credential& credential = facts_.credential;
    std::string bytes;
    for (const std::string_view text :
         {actor.principal_id, actor.arn, actor.user_name, actor.account, actor.entity.text,
          credential.access_key_id, credential.session.text, credential.session_name,
          credential.source_identity, credential.ec2_role_delivery}) {
      bytes += text;
      bytes += '\0';
    }
    bytes += static_cast<char>(actor.type);
    bytes += !credential.mfa ? '-' : *credential.mfa ? 'y' : 'n';
    bytes += credential.from_console ? 'c' : '-';
    bytes += static_cast<char>(credential.lifetime);
    if (credential.issued) bytes += std::to_string(credential.issued->time_since_epoch().count());
    const uint64_t hash = codec::keyed_hash(graph_.options_.secret, bytes);
    uint64_t& said = graph_.said_[holder_];
    return std::exchange(said, hash) != hash;
  }

  void describe() {
    const model::Actor& actor = facts_.actor;
    const model::Credential& credential = facts_.credential;
    says(principal_, "is", is_person(actor.type) ? "person" : "principal");
    for (const Number of : {principal_, holder_}) {
      says(of, "type", name_of(actor.type));
      says(of, "account", actor.account);
      says(of, "name", actor.user_name);
    }
    says(key_, "is", "key");
    says(key_, "lifetime", name_of(credential.lifetime));
    says(session_, "is", "session");
    says(holder_, "principal-id", actor.principal_id);
    says(holder_, "arn", actor.arn);
    says(holder_, "session-name", credential.session_name);
    says(holder_, "source-identity", credential.source_identity);
    if (credential.mfa) says(holder_, "mfa", *credential.mfa ? "yes" : "no");
    if (credential.from_console) says(holder_, "console", "yes");
    says(holder_, "metadata-service", credential.ec2_role_delivery);
    if (credential.issued) says(holder_, "issued", time_text(*credential.issued));
  }

  void link(EdgeKind kind, model::EntityRef to, std::string_view what_it_is) {
    if (to.empty() || holder_ == 0) return;
    const Number number = graph_.number_of(to.text);
    if (number == holder_) return;
    edge(kind, holder_, number);
    says(number, "is", what_it_is);
  }

  void minted() {
    const Number what = graph_.number_of_text(action_text(facts_));
    for (const model::Minted& minted : facts_.minted) {
      const Number key = graph_.number_of(minted.entity.text);
      const Number session = graph_.number_of(minted.session.text);
      const Number principal = graph_.number_of(minted.principal.text);
      // A token that a sign-in draws is as short-lived as a session, and nothing was changed.
      const bool is_drawn =
          minted.kind == model::MintedKind::kToken && facts_.action.access != model::Access::kWrite;
      const bool is_session = minted.kind == model::MintedKind::kSession || is_drawn;
      says(key, "is", is_session ? "key" : "credential");
      says(key, "kind", name_of(is_session ? model::MintedKind::kSession : minted.kind));
      says(session, "is", "session");
      if (key != 0 && session != 0) edge(EdgeKind::kPartOf, key, session);
      const Number made = session != 0 ? session : key;
      if (made == 0 || holder_ == 0) continue;
      for (const Number own : {key, session}) {
        if (own == 0) continue;
        // What a sign-in begins may be what its own record calls the session: then whoever
        // signed in made it.
        const Number maker = own == holder_ ? principal_ : holder_;
        if (maker != 0 && maker != own) edge(EdgeKind::kMinted, maker, own, what);
        if (principal != 0 && own != principal) edge(EdgeKind::kActsAs, own, principal);
      }
      if (principal != 0) says(principal, "is", "principal");
      if (minted.kind == model::MintedKind::kSession) {
        says(made, "issued", time_text(moment_.time));
      }
      if (minted.expires) says(made, "expires", time_text(*minted.expires));
    }
  }

  void activity() {
    if (holder_ == 0) return;
    const Number what = graph_.number_of_text(action_text(facts_));
    if (in_window_) {
      edge(EdgeKind::kActedIn, holder_, place_);
      const std::string_view source =
          facts_.source.entity.empty() ? facts_.source.service : facts_.source.entity.text;
      edge(EdgeKind::kUsedFrom, holder_, graph_.number_of_text(source),
           graph_.number_of_text(facts_.source.user_agent));
      if (!facts_.source.entity.empty()) says(graph_.number_of(source), "is", "address");
      edge(kind_of(facts_), holder_, 0, what);
    }
    for (const model::Target& target : facts_.targets) {
      const Number to = graph_.number_of(target.entity.text);
      const bool created = target.created && facts_.outcome == model::Outcome::kOk;
      if (to == 0 || to == holder_ || !(in_window_ || created)) continue;
      edge(created ? EdgeKind::kCreated : kind_of(facts_), holder_, to, what);
    }
  }

  Graph& graph_;
  const model::Facts& facts_;
  const Moment moment_;
  const bool in_window_;
  Number principal_ = 0, key_ = 0, session_ = 0, holder_ = 0, place_ = 0;
};

void Graph::add(const model::Facts& facts, model::EventIdRef id) {
  ++events_;
  if (!facts.time) {
    ++dropped_.without_time;
    return;
  }
  Adding(*this, facts, id).run();
  constexpr size_t kTextsOfEdge = 3;
  if (texts_.size() > 2 * kTextsOfEdge * options_.edges_max + 1024) compact();
}

}  // namespace stanch::triage::scope
