// What cannot be known from these logs, in sentences. Regulators ask exactly that.

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "codec/timestamp.h"
#include "triage/scope/tracing.h"

namespace stanch::triage::scope {

namespace {

struct Logs {
  std::string cloud;
  std::set<std::string> regions;  // that there are logs of
  std::optional<Time> first, last;
  bool data = false;
};

std::string counted(uint64_t count, std::string_view one) {
  return fmt::format("{} {}{}", count, one, count == 1 ? "" : "s");
}

std::string listed(const std::set<std::string>& texts) {
  constexpr size_t kMost = 8;
  std::string list;
  size_t count = 0;
  for (const std::string& text : texts) {
    if (count++ == kMost) return list + fmt::format(" and {} more", texts.size() - kMost);
    if (!list.empty()) list += ", ";
    list += text;
  }
  return list;
}

class Unknowing {
 public:
  explicit Unknowing(Tracing& tracing) : tracing_(tracing), trace_(tracing.trace) {
    for (const Links::Edge& edge : tracing.links.edges()) {
      if (edge.kind == EdgeKind::kLogged) read_place(edge);
    }
    for (const Holder& holder : trace_.holders) {
      if (!holder.account.empty() && holder.kind != HolderKind::kService) {
        accounts_.insert(holder.account);
      }
    }
  }

  void run() {
    horizon();
    origins();
    inferred();
    sign_ins();
    workloads();
    accounts();
    data_events();
    dropped();
    left_out();
  }

 private:
  void add(std::string_view code, std::string words) {
    trace_.unknowns.push_back({std::string(code), std::move(words)});
  }

  // "aws 111122223333 eu-west-1"
  void read_place(const Links::Edge& edge) {
    const std::string_view place = tracing_.links.text(edge.from);
    const size_t first = place.find(' '), second = place.rfind(' ');
    if (first == place.npos || second == first) return;
    Logs& logs = logs_[std::string(place.substr(first + 1, second - first - 1))];
    logs.cloud = place.substr(0, first);
    const std::string region(place.substr(second + 1));
    const bool is_region = region != "-" && region != "global";
    if (is_region) {
      logs.regions.insert(region);
      all_regions_[logs.cloud].insert(region);
    }
    const Tally& tally = *edge.tally;
    logs.first = std::min(logs.first.value_or(tally.first.time), tally.first.time);
    logs.last = std::max(logs.last.value_or(tally.last.time), tally.last.time);
    if (tracing_.links.text(edge.what) == name_of(model::Plane::kData)) logs.data = true;
  }

  void horizon() {
    if (!trace_.logs_from) {
      return add("horizon", "There is no event with a time in these logs.");
    }
    add("horizon", fmt::format("These logs begin at {} and end at {}; what came before and after "
                               "is unknown.",
                               codec::format_timestamp(*trace_.logs_from),
                               codec::format_timestamp(*trace_.logs_to)));
  }

  void origins() {
    for (const Origin& origin : trace_.origins) {
      const Holder& holder = trace_.holders[origin.holder];
      if (origin.kind == OriginKind::kFirstKey) {
        add("first-key", fmt::format("Who made {}, and who else has a copy of it.", holder.id));
      } else if (holder.kind == HolderKind::kWorkload && !holder.activity.empty()) {
        add("not-issued-here",
            fmt::format("With which credential {} acted, and who holds that.", holder.id));
      } else if (origin.kind == OriginKind::kNotRecorded) {
        add("not-issued-here",
            fmt::format("Where {} came from: no event in these logs issued it.", holder.id));
      } else if (origin.kind == OriginKind::kElsewhere) {
        add("elsewhere",
            fmt::format("Who stands behind {} in account {}.", holder.id, holder.account));
      } else if (origin.kind == OriginKind::kPerson) {
        add("person", fmt::format("How {} signed in: that is in the logs of its identity provider.",
                                  holder.id));
      } else if (origin.kind == OriginKind::kAnonymous) {
        add("anonymous", fmt::format("Who {} is.", holder.id));
      }
    }
  }

  void inferred() {
    const auto count = static_cast<uint64_t>(std::ranges::count_if(
        trace_.hops, [](const Hop& hop) { return hop.confidence != Confidence::kProven; }));
    if (count > 0) {
      add("inferred", fmt::format("Whether {} hold{}: no record proves {}; each says why it is "
                                  "likely.",
                                  counted(count, "inferred link"), count == 1 ? "s" : "",
                                  count == 1 ? "it" : "them"));
    }
  }

  void sign_ins() {
    const bool by_name = std::ranges::any_of(
        trace_.hops, [](const Hop& hop) { return hop.kind == LinkKind::kSamePerson; });
    if (by_name) {
      add("sign-ins",
          "Which sign-in of a person led to which sign-in elsewhere: no record of the "
          "one names the other.");
    }
  }

  void workloads() {
    for (size_t i = 0; i < trace_.holders.size(); ++i) {
      const Holder& holder = trace_.holders[i];
      size_t hosts = 0;
      bool is_elsewhere = false;
      for (const Hop& hop : trace_.hops) {
        if (hop.child == i && hop.kind == LinkKind::kGivenTo) ++hosts;
        if (hop.parent == i && hop.kind == LinkKind::kSameAccount) is_elsewhere = true;
      }
      if (is_elsewhere && holder.activity.empty()) {
        add("cluster-silent", fmt::format("What {} did in its cluster, and which pods were given "
                                          "it: there are no logs of that.",
                                          holder.id));
      }
      if (holder.kind == HolderKind::kWorkload && hosts > 1) {
        add("hosts",
            fmt::format("From which of {} hosts a credential of {} was taken.", hosts, holder.id));
      }
    }
  }

  void accounts() {
    std::set<std::string> silent;
    for (const std::string& account : accounts_) {
      if (!logs_.contains(account)) silent.insert(account);
    }
    if (!silent.empty()) {
      add("accounts-silent", fmt::format("What happened in account{} {}: there are no logs of {}.",
                                         silent.size() == 1 ? "" : "s", listed(silent),
                                         silent.size() == 1 ? "it" : "them"));
    }
    std::map<std::set<std::string>, std::set<std::string>> blind;  // regions, accounts without them
    for (const std::string& account : accounts_) {
      const auto found = logs_.find(account);
      if (found == logs_.end()) continue;
      std::set<std::string> missing;
      // What has no regions at all misses none.
      if (!found->second.regions.empty()) {
        std::ranges::set_difference(all_regions_[found->second.cloud], found->second.regions,
                                    std::inserter(missing, missing.end()));
      }
      if (!missing.empty()) blind[missing].insert(account);
      ends_early(account, found->second);
    }
    for (const auto& [regions, of] : blind) {
      add("regions-silent",
          fmt::format("What happened in {} in account{} {}: of other accounts there are logs of "
                      "{}, of {} there are none.",
                      listed(regions), of.size() == 1 ? "" : "s", listed(of),
                      regions.size() == 1 ? "that region" : "these regions",
                      of.size() == 1 ? "this" : "these"));
    }
  }

  // The logs of an account that begin later or end earlier than those of others do.
  void ends_early(const std::string& account, const Logs& logs) {
    constexpr Duration kMuch = std::chrono::hours(1);
    if (span_of(*trace_.logs_from, *logs.first) > kMuch) {
      add("account-begins-late", fmt::format("What happened in account {} before {}, where its "
                                             "logs begin.",
                                             account, codec::format_timestamp(*logs.first)));
    }
    if (span_of(*logs.last, *trace_.logs_to) > kMuch) {
      add("account-ends-early", fmt::format("What happened in account {} after {}, where its logs "
                                            "end.",
                                            account, codec::format_timestamp(*logs.last)));
    }
  }

  void data_events() {
    std::set<std::string> blind;
    for (const std::string& account : accounts_) {
      const auto found = logs_.find(account);
      if (found != logs_.end() && !found->second.data) blind.insert(account);
    }
    if (!blind.empty()) {
      add("data-events",
          fmt::format("Which data was read or written and which functions ran in account{} "
                      "{}: no data events are in the logs.",
                      blind.size() == 1 ? "" : "s", listed(blind)));
    }
  }

  void dropped() {
    const Dropped& dropped = tracing_.links.graph().dropped();
    if (dropped.edges() > 0) {
      add("dropped", fmt::format("Details of {} fell to the limit of {} edges; sums are kept "
                                 "longest.",
                                 counted(dropped.edges(), "observation"),
                                 tracing_.links.graph().options().edges_max));
    }
    if (dropped.without_time > 0) {
      add("without-time", fmt::format("When {} happened: {} no time and {} left out.",
                                      counted(dropped.without_time, "event"),
                                      dropped.without_time == 1 ? "it has" : "they have",
                                      dropped.without_time == 1 ? "is" : "are"));
    }
    if (dropped.targets_omitted > 0) {
      add("targets-omitted",
          fmt::format("All targets of events that name more than {}: {} left "
                      "out.",
                      model::kTargetsMax, counted(dropped.targets_omitted, "target")));
    }
    const Window& activity = tracing_.links.graph().options().activity;
    const bool partly = (tracing_.window.since && tracing_.window.since != activity.since) ||
                        (tracing_.window.until && tracing_.window.until != activity.until);
    if (partly) {
      add("window",
          "How much of what is counted lies outside of the time that was asked for: "
          "events are summed up, and each sum that reaches into it is shown whole.");
    }
  }

  void left_out() {
    if (trace_.starts_more > 0) {
      add("starts", fmt::format("{} more touched it than the {} that are traced.",
                                counted(trace_.starts_more, "holder"), kStartsMax));
    }
    if (trace_.holders_more > 0) {
      add("holders",
          fmt::format("At least {} more belong to this trace than the {} that are shown.",
                      counted(trace_.holders_more, "holder"), kNodesMax));
    }
    uint64_t lists = 0;
    for (const Holder& holder : trace_.holders) {
      lists += holder.sources_more > 0 ? 1 : 0;
      for (const ActivityGroup& group : holder.activity) {
        lists += group.actions_more > 0 ? 1 : 0;
        for (const ActionUse& use : group.actions) lists += use.targets_more > 0 ? 1 : 0;
      }
    }
    if (lists > 0) {
      add("lists", fmt::format("Everything in {}: what was used least is counted and not named.",
                               counted(lists, "long list")));
    }
  }

  Tracing& tracing_;
  Trace& trace_;
  std::map<std::string, Logs> logs_;                          // by account
  std::map<std::string, std::set<std::string>> all_regions_;  // by cloud
  std::set<std::string> accounts_;                            // of this trace
};

}  // namespace

void find_unknowns(Tracing& tracing) { Unknowing(tracing).run(); }

}  // namespace stanch::triage::scope
