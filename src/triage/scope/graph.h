#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <queue>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "base/text_arena.h"
#include "codec/hash.h"
#include "model/event.h"
#include "model/finding.h"
#include "triage/scope/limits.h"

// The entity graph: who acted as whom, with which credential, from where, on what, and which
// credential came from which. Made of facts alone, so that it knows no cloud by name.
//
// Each edge carries how many events prove it, and the first and the last of them. Adding is
// counting, least and greatest, so that any order of the same events gives the same graph; an
// event that is added twice counts twice (the pipeline drops duplicates before).
//
// Bounded: of more than `edges_max` edges those stay that matter most for a trace (lineage, then
// creations and sums, writes, refusals and sources, reads), and among equals those with the least
// hash, which again no order changes. What is dropped is counted. Not thread-safe.

namespace stanch::triage::scope {

enum class EdgeKind : uint8_t {
  kActsAs,      // credential -> principal
  kPartOf,      // access key -> its session
  kMinted,      // holder -> credential that it made; what: the action
  kGivenTo,     // credential -> host, function or task that the provider gave it to
  kOnBehalfOf,  // credential -> the person behind it
  kUsedFrom,    // holder -> address, or the service that called; what: the user agent
  kActedIn,     // holder -> place
  kCreated,     // holder -> target; what: the action. Without a target: the sum of the events
  kWrote,
  kRead,
  kDid,  // the record does not say whether it reads or writes
  kDenied,
  kFailed,
  kSays,    // entity -> text; what: the word for it ("is", "name", "mfa" …)
  kLogged,  // place -> nothing: there are logs of it; what: the plane
};
inline constexpr size_t kEdgeKinds = 15;
std::string_view name_of(EdgeKind kind);

// An event, as what it proves is told.
struct Moment {
  Time time;
  std::string event;  // its id

  auto operator<=>(const Moment&) const = default;
};

struct Tally {
  uint64_t count = 0;
  Moment first, last;

  void add(const Moment& moment);
};

struct Window {
  std::optional<Time> since, until;  // both included

  bool has(Time time) const { return (!since || *since <= time) && (!until || time <= *until); }
};

struct GraphOptions {
  size_t edges_max = kEdgesMax;
  // What holders did outside of it is left out, where credentials came from never is. Then what a
  // trace counts is exactly what happened in the window.
  Window activity = {};
  codec::HashSecret secret = {};  // of its tables; changes nothing that can be seen
};

struct Dropped {
  std::array<uint64_t, kEdgeKinds> events{};  // by kind of edge; of kSays 1 if there was any
  uint64_t without_time = 0;                  // events without a time are not in the graph
  uint64_t outside_window = 0;
  uint64_t targets_omitted = 0;  // by the facts: beyond model::kTargetsMax in one event
  uint64_t texts_cut = 0;

  uint64_t edges() const;  // events of all kinds
  bool operator==(const Dropped&) const = default;
};

// The text of a place: "aws 111122223333 eu-west-1".
std::string place_text(std::string_view cloud, std::string_view account, std::string_view region);

// The id under which the graph keeps what was done in this event: the session, else the key, else
// who acts without a credential.
std::string holder_of(const model::Facts& facts);

class Graph {
 public:
  using Number = uint32_t;  // of a text; 0 is the empty one

  struct Key {
    EdgeKind kind;
    Number from, to, what;
    bool operator==(const Key&) const = default;
  };

  explicit Graph(const GraphOptions& options = {});

  void add(const model::Facts& facts, model::EventIdRef id);

  // Forgets edges whose last event is before `time`: for a graph that is fed without end.
  void forget_before(Time time);

  // All of it as bytes; the same graph gives the same bytes, whatever the order was.
  std::string save() const;
  // kCorrupt for anything that save() did not write, of this version.
  static Result<Graph> load(std::string_view bytes, codec::HashSecret secret = {});

  uint64_t events() const { return events_; }
  const Dropped& dropped() const { return dropped_; }
  const GraphOptions& options() const { return options_; }
  size_t edges() const { return edges_.size(); }
  std::string_view text(Number number) const { return texts_[number]; }
  size_t texts_for_test() const { return texts_.size(); }

  template <typename Visit>
  void each_edge(Visit visit) const {
    for (const auto& [key, edge] : edges_) visit(key, edge.tally);
  }

 private:
  struct Edge {
    uint64_t rank;
    Tally tally;
  };
  struct KeyHash {
    size_t operator()(const Key& key) const;
  };
  struct TextHash {
    codec::HashSecret secret;
    size_t operator()(std::string_view text) const { return codec::keyed_hash(secret, text); }
  };
  struct Ranked {
    uint64_t rank;
    Key key;
    bool operator<(const Ranked& other) const { return rank < other.rank; }
  };
  class Adding;

  // What follows the hash: for a test that spoils it.
  friend struct GraphReadForTest;
  static Result<Graph> read(std::string_view body, codec::HashSecret secret);
  Number number_of(std::string_view text);
  Number number_of_text(std::string_view text);  // cut to kTextBytesMax
  void touch(const Key& key, const Moment& moment);
  bool make_room(const Key& key, uint64_t rank);
  uint64_t rank_of(const Key& key) const;
  void drop(const Key& key, uint64_t events);
  void compact();

  GraphOptions options_;
  uint64_t events_ = 0;
  Dropped dropped_;
  TextArena arena_;
  std::vector<std::string_view> texts_;
  std::unordered_map<std::string_view, Number, TextHash> numbers_;
  std::unordered_map<Key, Edge, KeyHash> edges_;
  std::priority_queue<Ranked> ranked_;  // of all edges, once there are as many as may be
  // What was last said of a holder, so that it is not said again with every event.
  std::unordered_map<Number, uint64_t> said_;
};

}  // namespace stanch::triage::scope
