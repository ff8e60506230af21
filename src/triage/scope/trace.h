#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "triage/scope/graph.h"
#include "triage/scope/lineage.h"

// Who, what, when, where, how: everything that the graph knows of one entity. Where the
// credentials came from, back to the human sign-in or the first key; what was done with each, from
// where; what they made that outlives them; what to cut, the highest lever first; and what cannot
// be known. Plain data that owns its texts. The same graph gives the same trace.

namespace stanch::triage::scope {

// What a holder has to do with what is traced.
enum class Relation : uint8_t {
  kStart,       // it is what is traced, or it touched that
  kAncestor,    // a start came from it
  kDescendant,  // it came from a start
  kSibling,     // it came from where a start came from
};
std::string_view name_of(Relation relation);

struct TargetUse {
  std::string id;
  Tally tally;
};

struct ActionUse {
  std::string action;
  Tally tally;
  std::vector<TargetUse> targets;  // the most used first; kTargetsListedMax
  uint64_t targets_more = 0;
};

// What was done in one way: EdgeKind::kWrote, kRead, kDid, kDenied or kFailed.
struct ActivityGroup {
  EdgeKind kind = EdgeKind::kRead;
  Tally tally;
  std::vector<ActionUse> actions;  // the most used first; kActionsListedMax
  uint64_t actions_more = 0;
};

struct SourceUse {
  std::string source;  // an address's entity id, or the service that called
  bool is_address = false;
  Tally tally;
  std::vector<std::string> user_agents;
  // Of an address, from databases if there are any; filled in by who has them.
  std::string country, network;
};

struct PlaceUse {
  std::string place;  // place_text()
  Tally tally;
};

// A credential with all its names, or who stands at the beginning of some.
struct Holder {
  uint32_t unit = 0;             // its number, good for this trace alone
  std::string id;                // the session, else the key, else what it is
  std::vector<std::string> ids;  // all of them, keys first
  HolderKind kind = HolderKind::kUnknown;
  Relation relation = Relation::kStart;
  unsigned hops = 0;  // from the origin
  std::string principal, principal_type, account, name, session_name, source_identity, person,
      given_to, issued, expires, kind_of_credential, mfa;
  std::string behind;  // the account of Kubernetes that a cloud calls so
  bool long_lived = false, console = false;
  bool beyond_host = false;  // above a start only as the maker of a host on the way

  std::vector<ActivityGroup> activity;
  std::vector<SourceUse> sources;
  uint64_t sources_more = 0;
  std::vector<PlaceUse> places;
  std::vector<ActionUse>
      touched;  // of a start: what it did to what is traced; "denied iam:GetUser"
};

// One step of a chain; indexes into Trace::holders.
struct Hop {
  size_t parent = 0, child = 0;
  LinkKind kind = LinkKind::kMinted;
  std::string action;
  std::optional<Moment> proof;
  Confidence confidence = Confidence::kProven;
  std::string why;      // of what is inferred
  bool primary = true;  // the child's likeliest origin; the others are told too
};

enum class OriginKind : uint8_t {
  kFirstKey,     // a long-lived key that was there before the logs
  kSignIn,       // a person signed in
  kPerson,       // another system vouched for the person or workload
  kProvider,     // the provider itself
  kHost,         // a host that was there before the logs
  kElsewhere,    // another account, of which there are no logs
  kNotRecorded,  // what issued it is not in the logs
  kAnonymous,
};
std::string_view name_of(OriginKind kind);

struct Origin {
  size_t holder = 0;
  OriginKind kind = OriginKind::kNotRecorded;
  std::string words;  // a sentence
};

enum class CutKind : uint8_t {  // in the order of the levers
  kDenyFromAbove,
  kDisablePerson,
  kDenyPrincipal,
  kDeactivateKey,
  kConfineToHost,
  kRevokeSessions,
  kRemoveCredential,
  kIsolateHost,
  kAskOwner,
  kReviewMaker,  // not of these credentials, but of the host that was given them
};
std::string_view name_of(CutKind kind);

struct Cut {
  CutKind kind = CutKind::kDeactivateKey;
  std::string id;
  std::string words;               // what to do, and why
  uint64_t others = 0;             // holders outside of this trace that it would hit as well
  std::vector<std::string> stops;  // ids of holders that it ends
};

// What is still there when the credential is gone.
struct Remains {
  enum class How : uint8_t { kCreated, kMinted, kChanged };
  How how = How::kCreated;
  std::string id;
  std::string action;
  size_t by = 0;  // holder
  Moment when;
  std::optional<Moment> gone;  // when somebody deleted it, as far as the logs tell
};
std::string_view name_of(Remains::How how);

struct Unknown {
  std::string code;  // "horizon", "data-events" …: docs/formats/trace.md
  std::string words;
};

struct Trace {
  std::string entity;
  Window window;
  std::optional<Time> logs_from, logs_to;
  uint64_t events = 0;  // in the graph
  std::vector<Holder> holders;
  std::vector<Hop> hops;
  std::vector<Origin> origins;
  std::vector<Cut> cuts;
  std::vector<Remains> remains;
  std::vector<Unknown> unknowns;
  uint64_t starts_more = 0, holders_more = 0;
};

// `entity` is the id of an entity in the graph; kNotFound otherwise.
Result<Trace> trace(const Lineage& lineage, std::string_view entity, const Window& window = {});
// The same for a single trace.
Result<Trace> trace(const Graph& graph, std::string_view entity, const Window& window = {});

}  // namespace stanch::triage::scope
