#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "base/text_arena.h"
#include "codec/hash.h"
#include "codec/json.h"
#include "model/finding.h"
#include "model/rule.h"

// Event -> matches: the face of the detect stage.
//
// load_rules() reads Sigma text into checked rules and compiles all of them
// into one RuleSet, which is immutable and shared by all threads. A Matcher
// evaluates events against it, one a thread. explain() says why one rule does or
// does not match one event. Nothing here touches files, clock or randomness.

namespace stanch::detect {

namespace sigma {
struct Rule;
struct Filter;
}  // namespace sigma
namespace correlate {
struct Plan;
}
namespace fields {
struct Pipeline;
}

// Text of one rule file and the name it goes by.
struct RuleText {
  std::string path;
  std::string text;
};

// Values for `|expand`: placeholder name -> values (content/placeholders.yaml,
// content/context.yaml). A name with an empty list is known and matches nothing.
using Placeholders = std::map<std::string, std::vector<std::string>, std::less<>>;

// The log that an event comes from, in Sigma's words; an empty part is unknown.
struct EventSource {
  std::string_view product;  // "aws"
  std::string_view service;  // "cloudtrail"
  std::string_view category;
};

// What became of every document that was given to load_rules().
enum class RuleState : uint8_t {
  kLoaded,
  kRefused,             // has errors; see diagnostics
  kRefusedPlaceholder,  // a placeholder has no value
  kLeftOut,             // its status is none that was asked for
};

struct RuleReport {
  std::string path;
  uint32_t document = 0;  // of a multi-document file, from 0
  std::string id, title;
  RuleState state = RuleState::kRefused;
  bool is_filter = false;
  uint32_t line = 0;               // of its `detection`, if it was loaded
  bool unbindable = false;         // loaded, but no event of its log source can satisfy it
  bool fits_log = true;            // false: for want of a log that fits its log source
  bool needs_data_events = false;  // it says so, or its values are those of such events only
  std::string unbindable_why, unbindable_hint;
  uint32_t unbindable_line = 0;
  bool indexed = true;  // false: evaluated for every event of its log source
};

class RuleSet;  // see match/program.h; opaque here

struct Loaded {
  std::shared_ptr<const RuleSet> rules;  // never null; holds the rules that loaded
  std::vector<RuleReport> reports;       // one a document, in order of (path, document)
  Diagnostics diagnostics;               // all problems of all files, in the same order
};

// A log that some reader of Stanch produces, and the members that its events can have
// (content/fields/). What is not in it can never be matched, and is reported.
struct LogSchema {
  std::string product, service, category;
  // Paths, as "properties.status". Below one that no other goes on from, anything may be; "*" says
  // that there are others beside them.
  std::vector<std::string> members;
  std::vector<std::string> families = {};  // names of their readers; may be empty
  // Values of fields that only events have which are not recorded unless somebody turns that on.
  std::map<std::string, std::vector<std::string>, std::less<>> data_events = {};
};

// Turns names and values of rules into those that events have (content/fields/), as it is
// written in docs/formats/fields.md. Never null.
using FieldMap = std::shared_ptr<const fields::Pipeline>;

// All of content/fields/.
struct FieldContent {
  std::vector<LogSchema> logs;
  std::vector<FieldMap> maps;  // in the order in which they are applied
};

// Reads one file of content/fields/ into it: a log, a map, or both. What is not understood is left
// out, and reported.
void read_fields(const RuleText& file, FieldContent& content, Diagnostics& diagnostics);

// Never fails as a whole: one bad rule does not stop the others. Without `logs` no rule is
// called unbindable, without `maps` all are taken as they are written. With `statuses`, rules and
// correlations of another status are left out, but for those that a correlation needs.
Loaded load_rules(std::span<const RuleText> texts, const Placeholders& placeholders,
                  std::span<const LogSchema> logs = {}, std::span<const FieldMap> maps = {},
                  std::span<const std::string> statuses = {});

// All inside, in a fixed order: the rules, into which Match::rule indexes, then the correlations.
std::span<const std::shared_ptr<const model::RuleInfo>> rule_infos(const RuleSet& rules);
size_t rule_count(const RuleSet& rules);  // of these, those that are matched with events
const correlate::Plan& correlations(const RuleSet& rules);
// Whether what it finds is a finding. It is not if it is there for correlations alone, none of
// which has `generate`. `index` is that in rule_infos().
bool is_shown(const RuleSet& rules, uint32_t index);
std::span<const sigma::Filter> filters(const RuleSet& rules);
std::span<const sigma::Rule> rule_trees(const RuleSet& rules);

struct Match {
  uint32_t rule;                           // index into rule_infos()
  std::span<const uint32_t> filters = {};  // all that say to hide it: indices into filters()
};

inline constexpr size_t kToldBytesMax = 256;

// Evaluates events. Keeps caches (bounded, keyed with `secret`), so it is not
// thread-safe; results never depend on what was evaluated before.
class Matcher {
 public:
  Matcher(std::shared_ptr<const RuleSet> rules, codec::HashSecret secret);
  ~Matcher();
  Matcher(Matcher&&) noexcept;

  // The rules that match `event`, in rising order of index. The spans are valid until
  // the next call. `gated` is how many rules belong to another log source.
  struct Verdict {
    std::span<const Match> matches;
    uint32_t gated = 0;
  };
  Verdict match(codec::JsonView event, const EventSource& source);

  // Which values of the event that was matched last made `rule` true: for each item that holds,
  // of each selection that holds, the first such value. In the rule's order. The values are in
  // `arena`, all other texts in the rule set. The event must still be what its parser holds.
  std::span<const model::MatchedField> matched_fields(uint32_t rule, TextArena& arena);

  // The texts that correlations want to know of it: of the fields of Plan::rule_fields, the first
  // that is a scalar; nothing where there is none; one of more than kToldBytesMax as its beginning
  // and its hash. As matched_fields().
  std::span<const std::optional<std::string_view>> told_values(uint32_t rule, TextArena& arena);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Which selection, item and value decided, as a tree for people.
struct Explanation {
  enum class Kind : uint8_t { kRule, kLogSource, kCondition, kDetection, kItem, kValue };
  Kind kind = Kind::kRule;
  bool holds = false;
  std::string text;     // "selection", "eventName: CreateUser", "not filter" …
  std::string because;  // "the event has eventName 'DeleteUser'", "the field is absent"
  std::vector<Explanation> children;
};
Explanation explain(const RuleSet& rules, uint32_t rule, codec::JsonView event,
                    const EventSource& source);

}  // namespace stanch::detect
