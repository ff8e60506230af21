#include "triage/overview.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <functional>

#include "triage/brief.h"
#include "triage/limits.h"
#include "triage/words.h"

namespace stanch::triage {
namespace {

using model::Level;
using model::Outcome;
using model::Status;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

const SeverityMatrix& matrix() {
  static const SeverityMatrix read = [] {
    std::ifstream file(std::string(STANCH_SOURCE_DIR) + "/content/severity.yaml");
    Diagnostics diagnostics;
    return SeverityMatrix::read("s", {std::istreambuf_iterator<char>(file), {}}, diagnostics);
  }();
  return read;
}

Assets inventory() {
  Diagnostics diagnostics;
  Assets assets;
  assets.add_yaml("a.yaml", R"(
assets:
  - {match: aws:user/1/eve, owner: payroll, on_call: "+49 30 1", privilege: administrator,
     protected: true, reaches: [aws:db/1/r/orders, aws:bucket/b]}
  - {match: aws:db/1/r/orders, owner: team-orders, data: restricted}
  - {match: aws:bucket/b, owner: team-b, data: internal}
)",
                  diagnostics);
  EXPECT_TRUE(diagnostics.empty());
  return assets;
}

const Time kStart = Time(hours(24 * 365 * 50));  // 2019-12-20 00:00 UTC

// A state that the tests below change.
struct Story {
  IncidentState state;

  Story() {
    state.id = model::IncidentId("inc-a");
    state.title = "Somebody did something";
    state.opened_by = "finding";
    state.opened = Said{.at = kStart, .by = "engine"};
    state.severity = model::Severity::kS2;
    state.severities.push_back(
        {{kStart, "engine"}, model::Severity::kS2, false, {"a finding of level high"}, ""});
  }

  // A call that succeeded, a minute after the one before; in the ledger five minutes later.
  Finding& join(Level level, std::string action, std::string target) {
    const size_t number = state.findings.size();
    JoinedFinding joined;
    Finding& finding = joined.finding;
    finding.id = fmt::format("fnd-{}", number);
    finding.events = {fmt::format("event-{}", number)};
    finding.rule = "rule";
    finding.title = "Title of " + action;
    finding.level = level;
    finding.event_time = kStart + minutes(number);
    finding.account = "1";
    finding.actor = "aws:user/1/eve";
    finding.actor_type = model::ActorType::kUser;
    finding.actor_name = "eve";
    finding.service = "iam.amazonaws.com";
    finding.action = std::move(action);
    finding.access = model::Access::kWrite;
    if (!target.empty()) finding.targets = {std::move(target)};
    finding.entities = finding.targets;
    joined.at = *finding.event_time + minutes(5);
    for (const std::string& entity : finding.entities) ++state.entities[entity].findings;
    return state.findings.emplace(finding.id, std::move(joined)).first->second.finding;
  }

  Overview overview(Duration now = hours(1), const Assets& assets = inventory()) const {
    return overview_of(state, matrix(), assets, kStart + now);
  }
  std::string brief(Duration now = hours(1)) const {
    return brief_of(state, overview(now), kStart + now);
  }
};

TEST(Words, OfDurations) {
  const std::pair<Duration, const char*> cases[] = {{seconds(-5), "0 s"},
                                                    {seconds(59), "59 s"},
                                                    {seconds(60), "1 min"},
                                                    {minutes(59), "59 min"},
                                                    {hours(1), "1 h"},
                                                    {minutes(200), "3 h 20 min"},
                                                    {hours(24), "1 d"},
                                                    {hours(52), "2 d 4 h"},
                                                    {minutes(24 * 60 + 5), "1 d"},
                                                    {seconds(3600 * 2 + 59), "2 h"}};
  for (const auto& [duration, words] : cases) EXPECT_EQ(duration_words(duration), words);
}

TEST(Words, OfThings) {
  EXPECT_EQ(entity_words("aws:user/1/eve"), "user eve");
  EXPECT_EQ(entity_words("aws:access-key/AKIA1"), "access key AKIA1");
  EXPECT_EQ(entity_words("ip/203.0.113.7"), "203.0.113.7");
  EXPECT_EQ(entity_words(""), "");
  EXPECT_EQ(minute_words(kStart + seconds(61)), "2019-12-20 00:01 UTC");
  EXPECT_EQ(counted_words(1, "entry"), "1 entry");
  EXPECT_EQ(counted_words(2, "entry"), "2 entries");
  EXPECT_EQ(counted_words(0, "finding"), "0 findings");
}

TEST(Overview, SaysInOneSentenceWhatHappened) {
  struct Case {
    const char* what;
    std::function<void(Story&)> tell;
    const char* sentence;
  };
  const Case cases[] = {
      {"nothing", [](Story&) {}, "Somebody did something."},
      {"a call from outside", [](Story& s) { s.state.source = "the provider's abuse desk"; },
       "Somebody did something, reported by the provider's abuse desk."},
      {"no title at all", [](Story& s) { s.state.title.clear(); }, "Nothing is told of it."},
      {"one finding", [](Story& s) { s.join(Level::kLow, "Get", ""); }, "Title of Get by eve."},
      {"the worst is told, not the first",
       [](Story& s) {
         s.join(Level::kLow, "Get", "");
         s.join(Level::kHigh, "Put", "");
         s.join(Level::kHigh, "Later", "");
         s.state.folded = 7;
       },
       "Title of Put by eve; 10 findings within 2 min."},
      {"several did it",
       [](Story& s) {
         s.join(Level::kHigh, "Put", "");
         s.join(Level::kLow, "Get", "").actor = "aws:user/1/mallory";
       },
       "Title of Put by eve and 1 more; 2 findings within 1 min."},
      {"who did the worst is named, not who did the most",
       [](Story& s) {
         for (int i = 0; i < 5; ++i) s.join(Level::kLow, "Get", "").actor_name = "bob";
         for (auto& [id, joined] : s.state.findings) joined.finding.actor = "aws:user/1/bob";
         s.join(Level::kHigh, "Put", "");
       },
       "Title of Put by eve and 1 more; 6 findings within 5 min."},
      {"a person's title stays",
       [](Story& s) {
         s.state.opened_by = "person";
         s.join(Level::kHigh, "Put", "");
       },
       "Somebody did something by eve."},
      {"a finding that was split off is not told",
       [](Story& s) {
         s.join(Level::kHigh, "Put", "");
         s.state.findings.begin()->second.gone = true;
       },
       "Somebody did something."},
  };
  for (const Case& each : cases) {
    Story story;
    each.tell(story);
    EXPECT_EQ(story.overview().sentence, each.sentence) << each.what;
  }
}

TEST(Overview, SaysWhetherItIsStillGoingOn) {
  Story story;
  EXPECT_EQ(story.overview().activity.words, "No finding yet: whether it goes on is not known.");
  story.join(Level::kHigh, "Put", "").event_time.reset();
  EXPECT_EQ(story.overview().activity.words,
            "No finding has a time: whether it goes on is not known.");
  story.join(Level::kHigh, "Put", "");  // at one minute, five minutes late
  const Activity now = story.overview(minutes(16)).activity;
  EXPECT_EQ(now.words,
            "The last event was 15 min ago; logs reach us about 5 min late: it may be going on "
            "now.");
  EXPECT_EQ(now.age, minutes(15));
  EXPECT_EQ(now.log_delay, minutes(5));
  EXPECT_THAT(story.overview(minutes(17)).activity.words, HasSubstr("nothing was seen since"));
  // Not what a merge brought, years after it had come.
  JoinedFinding& joined = story.state.findings.rbegin()->second;
  joined.carried = true;
  joined.at += hours(24 * 400);
  EXPECT_EQ(story.overview(minutes(16)).activity.words,
            "The last event was 15 min ago: it may be going on now.");
  joined.carried = false;
  joined.at -= hours(24 * 400);
  // Where logs are slow, silence says nothing for longer.
  story.state.findings.rbegin()->second.at += hours(1);
  EXPECT_THAT(story.overview(hours(3)).activity.words, HasSubstr("may be going on now"));
  EXPECT_THAT(story.overview(hours(4)).activity.words, HasSubstr("nothing was seen since"));
  story.state.status = Status::kClosed;
  EXPECT_THAT(story.overview(hours(4)).activity.words, HasSubstr("1 h 5 min late."));
  story.state.findings.rbegin()->second.at = kStart;
  EXPECT_THAT(story.overview(hours(4)).activity.words, Not(HasSubstr("late")));
}

TEST(Overview, TellsWhoDidItAndWhoseTheyAre) {
  Story story;
  story.join(Level::kMedium, "Put", "").tactics = {"privilege-escalation"};
  story.join(Level::kMedium, "Put", "").tactics = {"privilege-escalation"};
  Finding& root = story.join(Level::kHigh, "Delete", "");
  root.actor = "aws:root/1";
  root.actor_type = model::ActorType::kRoot;
  root.actor_name.clear();
  Finding& gain = story.join(Level::kMedium, "Attach", "");
  gain.actor = "aws:role/1/deploy";
  gain.actor_name.clear();
  gain.tactics = {"privilege-escalation"};
  Finding& refused = story.join(Level::kMedium, "Attach", "");
  refused.actor = "aws:role/1/other";
  refused.tactics = {"privilege-escalation"};
  refused.outcome = Outcome::kDenied;

  const std::vector<ActiveIdentity> identities = story.overview().identities;
  ASSERT_EQ(identities.size(), 4u);
  EXPECT_EQ(identities[0].name, "root 1");  // the worst first
  EXPECT_EQ(identities[0].privilege, "root");
  for (const ActiveIdentity& identity : identities) {
    if (identity.entity == "aws:user/1/eve") {
      EXPECT_EQ(identity.owner, "payroll");
      EXPECT_EQ(identity.on_call, "+49 30 1");
      EXPECT_TRUE(identity.is_protected);
      EXPECT_EQ(identity.privilege, "administrator; gave or gained rights");
    } else if (identity.entity == "aws:role/1/deploy") {
      EXPECT_EQ(identity.name, "role deploy");
      EXPECT_EQ(identity.privilege, "gave or gained rights");
    } else if (identity.entity == "aws:role/1/other") {
      EXPECT_TRUE(identity.privilege.empty());  // it was refused
    }
  }
}

TEST(Overview, ListsWhatSucceeded) {
  Story story;
  story.join(Level::kHigh, "Put", "aws:db/1/r/orders");
  story.join(Level::kHigh, "Put", "aws:db/1/r/orders");
  story.join(Level::kHigh, "Put", "aws:bucket/x").outcome = Outcome::kDenied;
  story.join(Level::kHigh, "Put", "aws:bucket/y").outcome = Outcome::kFailed;
  Finding& read = story.join(Level::kLow, "Describe", "aws:db/1/r/orders");  // restricted
  read.access = model::Access::kRead;
  Finding& harmless = story.join(Level::kLow, "Get", "aws:bucket/b");  // internal
  harmless.access = model::Access::kRead;
  Finding& taken = story.join(Level::kLow, "List", "aws:bucket/unknown");
  taken.access = model::Access::kRead;
  taken.tactics = {"collection"};
  Finding& key = story.join(Level::kMedium, "CreateAccessKey", "aws:user/1/svc");
  key.minted.push_back(
      {.entity = "aws:access-key/AKIA2", .session = "", .principal = "aws:user/1/svc"});
  Finding& session = story.join(Level::kMedium, "AssumeRole", "aws:role/1/r");
  session.access = model::Access::kRead;
  session.minted.push_back({.entity = "aws:access-key/ASIA2", .session = "", .principal = ""});
  // The same event, seen by another rule.
  story.join(Level::kLow, "CreateAccessKey", "aws:user/1/svc").events = key.events;

  Finding& policy = story.join(Level::kLow, "PutPolicy", "aws:account/1");
  policy.tactics = {"persistence"};
  policy.targets.push_back("aws:role/1/back-door");

  const Overview overview = story.overview();
  ASSERT_EQ(overview.writes.size(), 3u);
  EXPECT_EQ(overview.writes[0].action, "iam:Put");  // the earliest first
  EXPECT_EQ(overview.writes[0].targets, std::vector<std::string>{"aws:db/1/r/orders"});
  EXPECT_EQ(overview.writes[0].calls, 2u);
  EXPECT_EQ(overview.writes[0].first, kStart);
  EXPECT_EQ(overview.writes[0].last, kStart + minutes(1));
  EXPECT_EQ(overview.writes[1].action, "iam:CreateAccessKey");
  EXPECT_EQ(overview.writes[1].calls, 1u);
  ASSERT_EQ(overview.reads.size(), 2u);
  EXPECT_EQ(overview.reads[0].targets, std::vector<std::string>{"aws:db/1/r/orders"});
  EXPECT_EQ(overview.reads[1].targets, std::vector<std::string>{"aws:bucket/unknown"});
  // A session is none: it ends.
  EXPECT_THAT(overview.persistence, testing::ElementsAre("aws:access-key/AKIA2 for aws:user/1/svc",
                                                         "aws:role/1/back-door"));
  EXPECT_EQ(overview.denied, 1u);
}

TEST(Overview, ShowsSomeTargetsAndCountsTheRest) {
  Story story;
  for (int i = 0; i < 100; ++i) story.join(Level::kHigh, "Put", fmt::format("aws:bucket/b{}", i));
  const Overview overview = story.overview(hours(2));
  ASSERT_EQ(overview.writes.size(), 1u);
  EXPECT_EQ(overview.writes[0].calls, 100u);
  EXPECT_EQ(overview.writes[0].targets_all, 100u);
  EXPECT_THAT(overview.writes[0].targets, testing::ElementsAre("aws:bucket/b0", "aws:bucket/b1",
                                                               "aws:bucket/b2", "aws:bucket/b3"));
}

TEST(Overview, NamesTheNextStepAndWhoIsToBeAsked) {
  Story story;
  EXPECT_THAT(story.overview().next,
              testing::ElementsAre("Take it: stanch incident ack inc-a",
                                   HasSubstr("Find out which identity did it")));
  EXPECT_THAT(story.overview().ask,
              testing::ElementsAre("nobody is named, here or in the inventory"));
  EXPECT_TRUE(story.overview().breaks.empty());
  story.join(Level::kHigh, "Put", "aws:db/1/r/orders");
  EXPECT_THAT(story.overview().next,
              testing::ElementsAre("Take it: stanch incident ack inc-a",
                                   HasSubstr("Contain eve before cleaning up"),
                                   "See the exact calls: stanch plan inc-a",
                                   "See all ways in: stanch trace aws:user/1/eve --logs PATH"));
  EXPECT_THAT(story.overview().ask,
              testing::ElementsAre("owner of eve: payroll, on call +49 30 1"));
  EXPECT_THAT(story.overview().breaks,
              testing::ElementsAre("eve is protected: two people must approve",
                                   "eve works with db orders of team-orders, bucket b of team-b"));
  EXPECT_THAT(story.overview(hours(1), Assets()).breaks,
              testing::ElementsAre("not known: the inventory names nobody"));
  story.state.acknowledged = Said{.at = kStart, .by = "bob"};
  EXPECT_THAT(story.overview().next.front(), HasSubstr("Contain eve"));
  story.state.assignee = "bob";
  EXPECT_EQ(story.overview().ask.front(), "bob");
  story.state.roles = {{"commander", "alice"}, {"deputy", "dan"}, {"legal", "lea"}};
  EXPECT_THAT(story.overview().ask,
              testing::ElementsAre("commander alice", "deputy dan", HasSubstr("owner of eve")));

  // Against active destruction the cut comes first.
  Finding& destroys = story.join(Level::kHigh, "Delete", "aws:bucket/b");
  destroys.tactics = {"impact"};
  EXPECT_THAT(story.overview(minutes(5)).next,
              Contains(HasSubstr("now: something is being destroyed")));
  // Hours later nothing is: there is time to look.
  EXPECT_THAT(story.overview(hours(9)).next, Contains(HasSubstr("Something was destroyed")));
  // Nor by whoever computes at our expense.
  destroys.techniques = {"T1496.001"};
  EXPECT_THAT(story.overview(minutes(5)).next, Not(Contains(HasSubstr("destroyed"))));
  destroys.techniques.clear();
  destroys.outcome = Outcome::kDenied;
  EXPECT_THAT(story.overview().next, Not(Contains(HasSubstr("destroyed"))));
}

TEST(Overview, HasANextStepForEveryStatusButClosed) {
  Story story;
  story.join(Level::kHigh, "Put", "aws:bucket/b").tactics = {"persistence"};
  story.state.acknowledged = Said{.at = kStart, .by = "bob"};
  for (int i = 0; i < static_cast<int>(Status::kClosed); ++i) {
    story.state.status = static_cast<Status>(i);
    if (story.state.status == Status::kContainedWatching) {
      story.state.contained = Said{.at = kStart, .by = "engine"};
    }
    EXPECT_FALSE(story.overview().next.empty()) << i;
    EXPECT_EQ(story.overview().breaks.empty(), i >= static_cast<int>(Status::kContainedWatching));
  }
  story.state.status = Status::kEradicating;
  EXPECT_THAT(story.overview().next, testing::ElementsAre("Remove what was left behind: 1 thing."));
  story.state.findings.clear();
  EXPECT_THAT(story.overview().next,
              testing::ElementsAre("Look for what was left behind; no finding shows any."));
  story.state.status = Status::kClosed;
  EXPECT_TRUE(story.overview().next.empty());
  EXPECT_TRUE(story.overview().ask.empty());
}

TEST(Overview, SaysWhatNobodyCanKnow) {
  struct Case {
    const char* what;
    std::function<void(Story&)> tell;
    const char* sentence;  // is there then, and only then
  };
  const Case cases[] = {
      {"a statement", [](Story& s) { s.state.unknowns = {"Region x was silent"}; },
       "Region x was silent"},
      {"erased", [](Story& s) { s.state.erased = 2; },
       "What 2 entries of the ledger said: erased."},
      {"foreign", [](Story& s) { s.state.foreign = 1; },
       "What 1 entry of the ledger said: of a newer program, or without sense here."},
      {"folded", [](Story& s) { s.state.folded = 40; },
       "What each of 40 more findings did: they were alike, and only counted."},
      {"no time", [](Story& s) { s.join(Level::kLow, "Get", "").event_time.reset(); },
       "When: 1 finding without a time."},
      {"a stranger", [](Story& s) { ++s.state.entities["aws:bucket/stranger"].findings; },
       "Whose 1 of 2 things are, and what they are worth: the inventory does not have them."},
  };
  for (const Case& each : cases) {
    Story story;
    story.join(Level::kHigh, "Put", "aws:bucket/b").plane = model::Plane::kData;
    EXPECT_THAT(story.overview().unknown, Not(Contains(each.sentence))) << each.what;
    each.tell(story);
    EXPECT_THAT(story.overview().unknown, Contains(each.sentence)) << each.what;
  }
  Story story;
  EXPECT_THAT(story.overview().unknown, Contains(HasSubstr("by word of people")));
  EXPECT_THAT(story.overview().unknown, Not(Contains(HasSubstr("data event"))));
  story.join(Level::kHigh, "Put", "aws:bucket/b");
  EXPECT_THAT(story.overview().unknown, Not(Contains(HasSubstr("by word of people"))));
  EXPECT_THAT(story.overview().unknown,
              Contains("What was before 2019-12-20 00:00 UTC: no finding is older. How far back "
                       "the logs go is not known here."));
  EXPECT_THAT(story.overview().unknown,
              Contains("What happened in the last 5 min: logs are that late."));
  EXPECT_THAT(story.overview().unknown, Contains(HasSubstr("no finding comes from a data event")));
  story.state.findings.begin()->second.finding.plane = model::Plane::kData;
  EXPECT_THAT(story.overview().unknown, Not(Contains(HasSubstr("data event"))));
  story.state.findings.begin()->second.at = kStart;
  EXPECT_THAT(story.overview().unknown, Not(Contains(HasSubstr("that late"))));
}

TEST(Brief, TellsWhoTakesOverEverythingInItsPlace) {
  Story story;
  story.join(Level::kHigh, "Put", "aws:db/1/r/orders").tactics = {"persistence"};
  IncidentState& state = story.state;
  state.status = Status::kContainedWatching;
  state.acknowledged = Said{.at = kStart + minutes(5), .by = "person/alice"};
  state.contained = Said{.at = kStart + minutes(20), .by = "engine"};
  state.hypotheses["h1"] = {{kStart, "person/bob"}, "The key leaked", "supported", {"commit 4711"}};
  state.hypotheses["h2"] = {{kStart, "person/bob"}, "An insider", "ruled_out", {"was on leave"}};
  state.hypotheses["h3"] = {{kStart, "person/bob"}, "A second key is used", "open", {}};
  state.tasks["t1"].title = "Find what it read";
  state.tasks["t1"].owner = "bob";
  state.tasks["t1"].due = kStart + minutes(30);
  state.tasks["t2"].title = "Tell the bank";
  state.tasks["t2"].due = kStart + hours(9);
  state.tasks["t3"].title = "Done long ago";
  state.tasks["t3"].ended = kStart;
  Handover offer;
  offer.at = kStart + minutes(40);
  offer.role = "deputy";
  offer.from = "alice";
  offer.to = "eve";
  state.handovers["deputy"] = offer;
  state.aware.push_back({{kStart, "person/lea"}, "lea", "data was read", "GDPR", kStart});
  state.pauses.push_back({{kStart + minutes(10), "person/alice"},
                          model::ClockName::kUpdate,
                          kStart + hours(3),
                          "nobody to tell at night"});
  state.roles = {{"commander", "alice"}};
  state.assignee = "bob";
  state.people = {"alice", "bob"};
  state.restricted = true;
  state.tlp = model::Tlp::kAmber;
  state.notes.push_back({{kStart, "person/lea"}, "For counsel only", true});
  state.notes.push_back({{kStart + minutes(15), "person/bob"}, "Called payroll", false});
  EXPECT_EQ(story.brief(), R"(Title of Put
inc-a, S2 High, contained, watching, as of 2019-12-20 01:00 UTC

Known
  - Title of Put by eve.
  - The last event was 1 h ago; logs reach us about 5 min late: nothing was seen since, which does not prove that it ended.
  - identity: aws:user/1/eve, administrator; owner payroll
  - done: iam:Put aws:db/1/r/orders, last at 2019-12-20 00:00 UTC
  - left behind: aws:db/1/r/orders
  - supported: h1 The key leaked (because commit 4711)
  - severity S2 since 2019-12-20 00:00 UTC: a finding of level high

Ruled out
  - h2 An insider (because was on leave)

Hypotheses
  - h3 A second key is used

Pending
  - task t1 Find what it read, bob, late by 30 min
  - task t2 Tell the bank, nobody's, due 2019-12-20 09:00 UTC
  - handover of deputy from alice to eve, not answered since 2019-12-20 00:40 UTC

Running
  - contained at 2019-12-20 00:20 UTC, now contained, watching
  - clock to update: due 2019-12-20 04:50 UTC, paused until 2019-12-20 03:00 UTC: nobody to tell at night
  - legally aware since 2019-12-20 00:00 UTC (1 h ago): data was read (GDPR)

Next update due
  - 2019-12-20 04:50 UTC

Notes
  - 2019-12-20 00:15 UTC person/bob: Called payroll

Next step
  - Watch: no successful call by what is contained, no new key, role, trust.

People
  - commander: alice
  - assigned to bob
  - restricted to alice, bob
  - TLP:AMBER
  - 1 privileged note, not told here

What we cannot know
  - What was before 2019-12-20 00:00 UTC: no finding is older. How far back the logs go is not known here.
  - What happened in the last 5 min: logs are that late.
  - What was read or changed inside buckets, tables and secrets: no finding comes from a data event, and whether these are logged is not known here.
)");
}

TEST(Brief, OfAnEmptyIncidentSaysSo) {
  Story story;
  story.state.severity.reset();
  story.state.severities.clear();
  story.state.drill = true;
  const std::string brief = story.brief();
  EXPECT_THAT(brief, HasSubstr("This is a drill."));
  for (const char* line : {"Ruled out\n  nothing yet\n", "Hypotheses\n  none written down\n",
                           "Pending\n  no open task and no open handover\n", "Running\n  nothing\n",
                           "Next update due\n  none is due\n", "People\n  nobody has a role\n"}) {
    EXPECT_THAT(brief, HasSubstr(line));
  }
}

// Whatever others wrote stays inside its line, and reaches no terminal as a command.
TEST(Brief, IsNotForgedByWhatOthersWrote) {
  const std::string evil =
      "x\nWhat we cannot know\n  nothing\x1b[2J\x1b]0;t\x07\r\xE2\x80\xAE"
      "dlog\xE2\x80\xA8 \xFF";
  Story story;
  story.state.title = evil;
  Finding& finding = story.join(Level::kCritical, evil, "aws:bucket/b");
  finding.title = finding.actor_name = finding.service = finding.account = evil;
  finding.tactics = {"persistence"};
  story.state.hypotheses["h"] = {{kStart, ""}, evil, "ruled_out", {evil}};
  story.state.hypotheses["i"] = {{kStart, ""}, evil, "supported", {evil}};
  story.state.tasks["t"].title = story.state.tasks["t"].owner = evil;
  story.state.aware.push_back({{kStart, ""}, evil, evil, evil, kStart});
  story.state.roles = {{evil, evil}};
  story.state.people = {evil};
  story.state.restricted = true;
  story.state.unknowns = {evil};
  story.state.assignee = evil;
  story.state.notes.push_back({{kStart, evil}, evil, false});
  const std::string brief = story.brief();
  size_t headings = 0;
  for (size_t at = brief.find("\nWhat we cannot know\n"); at != brief.npos;
       at = brief.find("\nWhat we cannot know\n", at + 1)) {
    ++headings;
  }
  EXPECT_EQ(headings, 1u);
  for (const char c : brief) EXPECT_TRUE(c == '\n' || static_cast<unsigned char>(c) >= 0x20);
  for (const char* hidden : {"\x1b", "\r", "\x7f", "\xE2\x80\xAE", "\xE2\x80\xA8"}) {
    EXPECT_THAT(brief, Not(HasSubstr(hidden)));
  }
}

// Entries are read by other eyes than those that wrote them.
TEST(Brief, KeepsWhatIsForCounselOut) {
  Story story;
  story.state.notes.push_back({{kStart, "person/lea"}, "For counsel only", true});
  EXPECT_THAT(story.brief(), Not(HasSubstr("For counsel only")));
  EXPECT_THAT(story.brief(), HasSubstr("1 privileged note, not told here"));
}

TEST(Brief, IsBounded) {
  Story story;
  const std::string lengthy(10'000, 'x');
  for (int i = 0; i < 1000; ++i) {
    story.join(Level::kHigh, lengthy, "aws:bucket/b" + std::to_string(i)).title = lengthy;
    story.state.hypotheses[std::to_string(i)] = {{kStart, ""}, lengthy, "open", {lengthy}};
    story.state.tasks[std::to_string(i)].title = "t\xC3\xA4sk" + lengthy;
  }
  const std::string brief = story.brief();
  EXPECT_LT(brief.size(), 11 * (kBriefItems + 2) * (kBriefItemBytes + 20));
  EXPECT_THAT(brief, HasSubstr("  … and 976 more\n"));
}

}  // namespace
}  // namespace stanch::triage
