#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "respond/cases/cases.h"
#include "respond/plan/compute.h"

namespace stanch::respond {

namespace {

using codec::JsonValue;
using codec::YamlMark;

// Names of ours follow from it, so it is the same for every case.
constexpr std::string_view kCaseIncident = "inc-aaaaaaaaaaaaaaaa";

// With what only the executor fills in as it is written: ${now}.
JsonValue shown(const CallValue& value) {
  return *value.filled([](const CallValue::Hole& hole) -> Result<JsonValue> {
    return JsonValue("${" + text_of(hole) + "}");
  });
}

// Members that are null say as much as none.
JsonValue without_nulls(const JsonValue& value) {
  if (value.is_array()) {
    JsonValue::Array items;
    for (const JsonValue& item : value.array()) items.push_back(without_nulls(item));
    return JsonValue(std::move(items));
  }
  if (!value.is_object()) return value;
  JsonValue::Object members;
  for (const auto& [name, member] : value.object()) {
    if (!member.is_null()) members.emplace(name, without_nulls(member));
  }
  return JsonValue(std::move(members));
}

// JSON on one line that can be broken at its spaces; a text that is JSON, as policies are, is shown
// as what it holds.
std::string spaced(const JsonValue& value) {
  std::string text;
  if (value.is_array()) {
    for (const JsonValue& item : value.array()) {
      text += (text.empty() ? "" : ", ") + spaced(item);
    }
    return "[" + text + "]";
  }
  if (value.is_object()) {
    for (const auto& [name, member] : value.object()) {
      text += fmt::format("{}{}: {}", text.empty() ? "" : ", ", to_json(JsonValue(name)),
                          spaced(member));
    }
    return "{" + text + "}";
  }
  if (value.is_string() && value.string().starts_with('{')) {
    codec::JsonParser parser;
    const codec::JsonView inside = parser.parse(value.string());
    if (inside.exists()) return "{json: " + spaced(JsonValue::of(inside)) + "}";
  }
  return to_json(value);
}

std::string_view truth_text(bool value) { return value ? "true" : "false"; }

class CaseRun {
 public:
  CaseRun(const Action& action, const Case& wanted) : action_(action), wanted_(wanted) {}

  std::vector<CaseFailure> run() {
    auto subject = case_subject(action_, wanted_);
    CHECK(subject.has_value());
    subject_ = std::move(*subject);
    roots_ = {{"target", &subject_.target},
              {"incident", &subject_.incident},
              {"own", &subject_.own},
              {"given", &subject_.given}};
    if (look()) judge();
    return std::move(failures_);
  }

 private:
  void fail(YamlMark mark, std::string what, std::string expected, std::string came) {
    failures_.push_back({mark.line, std::move(what), std::move(expected), std::move(came)});
  }
  void want(const std::optional<Expected<bool>>& wanted, std::string what, bool is) {
    if (!wanted || wanted->value == is) return;
    fail(wanted->mark, std::move(what), std::string(truth_text(wanted->value)),
         std::string(truth_text(is)));
  }
  // What the file says, or what is wrong with that.
  std::optional<CallValue> said(const Template& value, YamlMark mark, const std::string& what) {
    auto evaluated = value.evaluate(roots_);
    if (evaluated) return std::move(*evaluated);
    fail(mark, what, "a value", evaluated.error().message());
    return std::nullopt;
  }
  std::optional<JsonValue> known(const Expected<Template>& wanted, const std::string& what) {
    const auto value = said(wanted.value, wanted.mark, what);
    return value ? std::optional(*value->known()) : std::nullopt;
  }
  JsonValue object_of(const ExpectedByName& values, JsonValue::Object object, const char* what) {
    for (const auto& [name, wanted] : values) {
      if (auto value = known(wanted, fmt::format("{}.{}", what, name))) {
        object.insert_or_assign(name, std::move(*value));
      }
    }
    return JsonValue(std::move(object));
  }

  // ---- reading

  cloud::Called answer(const ReadCall& read, const cloud::Call& call) {
    size_t asked = 0;
    if (read.for_each) {
      JsonValue& list = asked_.try_emplace(read.id, JsonValue(JsonValue::Array())).first->second;
      asked = list.array().size();
      list.array().push_back(call.parameters);
    } else {
      asked_.emplace(read.id, call.parameters);
    }
    cloud::Called called;
    const auto refuse = [&](std::string code, std::string message) {
      called.refusal.provider_code = std::move(code);
      called.refusal.message = std::move(message);
      return called;
    };
    const auto found = wanted_.answers.find(read.id);
    const CaseAnswer* answer = found == wanted_.answers.end() ? nullptr : &found->second;
    if (answer != nullptr && read.for_each) {
      answer = asked < answer->each.size() ? &answer->each[asked] : nullptr;
    }
    if (answer == nullptr) {
      const YamlMark mark = found == wanted_.answers.end() ? wanted_.mark : found->second.mark;
      fail(mark, fmt::format("answers.{}", read.id), "an answer",
           fmt::format("none to {}.{} {}", read.name.service, read.name.operation,
                       spaced(call.parameters)));
      is_unanswered_ = true;
      return refuse("", "the case has no answer");
    }
    if (!answer->error.empty()) {
      return refuse(answer->error, fmt::format("{}: {}", read.id, answer->error));
    }
    const auto value = said(answer->value, answer->mark, fmt::format("answers.{}", read.id));
    if (!value) {
      is_unanswered_ = true;
      return refuse("", "the case's answer has a mistake");
    }
    called.answer = {.value = *value->known(), .request_id = ""};
    return called;
  }

  // Whether there is a state to be judged.
  bool look() {
    auto state = observe(subject_, [&](const ReadCall& read, const cloud::Call& call) {
      return answer(read, call);
    });
    if (is_unanswered_) return false;
    if (state) {
      state_ = std::move(*state);
      if (wanted_.fails) {
        fail(wanted_.fails->mark, "fails", wanted_.fails->value, "it was read");
      }
    } else if (!wanted_.fails) {
      fail(wanted_.mark, "observe", "a state", state.error().message());
    } else if (!state.error().message().contains(wanted_.fails->value)) {
      fail(wanted_.fails->mark, "fails", wanted_.fails->value, state.error().message());
    }
    check_reads(state.has_value());
    return state.has_value();
  }

  void check_reads(bool all) {
    for (const auto& [id, answer] : wanted_.answers) {
      const auto asked = asked_.find(id);
      if (asked == asked_.end()) {
        if (all && answer.is_needed) {
          fail(answer.mark, fmt::format("answers.{}", id), "to be asked for", "it was not");
        }
      } else if (const size_t times = answer.each.size();
                 asked->second.is_array() && all && asked->second.array().size() < times) {
        fail(answer.mark, fmt::format("answers.{}", id), fmt::format("to be asked {} times", times),
             fmt::format("it was {} times", asked->second.array().size()));
      }
    }
    for (const auto& [id, wanted] : wanted_.reads) {
      const std::string what = fmt::format("reads.{}", id);
      const auto expected = known(wanted, what);
      const auto asked = asked_.find(id);
      const JsonValue came = asked == asked_.end() ? JsonValue() : asked->second;
      if (expected && *expected != came) fail(wanted.mark, what, spaced(*expected), spaced(came));
    }
  }

  // ---- judging

  void judge() {
    for (const auto& [name, wanted] : wanted_.state) {
      const std::string what = fmt::format("state.{}", name);
      const auto expected = known(wanted, what);
      if (!expected) continue;
      const JsonValue came = without_nulls(state_[name]);
      if (without_nulls(*expected) != came) {
        fail(wanted.mark, what, spaced(*expected), spaced(came));
      }
    }
    judge_change();
    const JsonValue saved = object_of(wanted_.saved, {}, "saved");
    const auto check = [&](const std::optional<Expected<bool>>& wanted, const char* what,
                           const codec::Jmespath* that) {
      if (!wanted || that == nullptr) return;
      const auto is = holds(subject_, *that, state_, saved);
      if (is) {
        want(wanted, what, *is);
      } else {
        fail(wanted->mark, what, std::string(truth_text(wanted->value)), is.error().message());
      }
    };
    check(wanted_.verified, "verified", action_.verify ? &action_.verify->that : nullptr);
    check(wanted_.holds, "holds", action_.watch ? &*action_.watch : nullptr);
    check(wanted_.sealed, "sealed", action_.sealed ? &action_.sealed->that : nullptr);
    judge_never(saved);
    if (!wanted_.undo || !action_.undo) return;
    const auto& verify = action_.undo->verify;
    check(wanted_.undo->verified, "undo.verified", verify ? &verify->that : nullptr);
    judge_undo(saved);
  }

  void judge_never(const JsonValue& saved) {
    if (!wanted_.never) return;
    std::string came;
    for (const auto& asked : {action_.verify, action_.sealed}) {
      if (!asked) continue;
      const auto why = why_never(subject_, *asked, state_, saved);
      came += (came.empty() ? "" : " ") + (why ? *why : why.error().message());
    }
    const bool may_still = wanted_.never->value == "false";
    if (may_still ? came.empty() : came.contains(wanted_.never->value)) return;
    fail(wanted_.never->mark, "never", may_still ? "that it may come true" : wanted_.never->value,
         came.empty() ? "it still may come true" : came);
  }

  void judge_change() {
    const auto& [hits, lacks, done, calls] =
        std::tie(wanted_.hits, wanted_.lacks, wanted_.done, wanted_.calls);
    if (!hits && !lacks && !done && !calls) return;
    const YamlMark mark = hits ? hits->mark : lacks ? lacks->mark : done ? done->mark : calls->mark;
    const auto computed = compute(subject_, state_);
    if (!computed) {
      return fail(mark, "change", "what is to be written", computed.error().message());
    }
    if (hits) {
      JsonValue::Array came;
      for (const std::string& hit : computed->hits) came.emplace_back(hit);
      const auto expected = known(*hits, "hits");
      if (expected && *expected != JsonValue(came)) {
        fail(hits->mark, "hits", spaced(*expected), spaced(JsonValue(came)));
      }
    }
    const std::string why = fmt::format("{}", fmt::join(computed->lacks, " "));
    if (lacks && !why.contains(lacks->value)) {
      fail(lacks->mark, "lacks", lacks->value, why.empty() ? "it can be done" : why);
    }
    if (lacks || (!done && !calls)) return;
    if (!why.empty()) {
      return fail(done ? done->mark : calls->mark, done ? "done" : "calls", "that it can be done",
                  why);
    }
    want(done, "done", computed->done);
    if (calls) judge_calls(*calls, computed->calls, "calls");
  }

  void judge_undo(const JsonValue& saved) {
    const ExpectedUndo& wanted = *wanted_.undo;
    const JsonValue left = object_of(wanted_.left, state_.object(), "left");
    const std::string* changed = find_changed(*action_.undo, without_nulls(state_),
                                              without_nulls(left), without_nulls(saved));
    if (wanted.changed) {
      if (changed != nullptr && *changed == wanted.changed->value) return;
      return fail(wanted.changed->mark, "undo.changed", wanted.changed->value,
                  changed == nullptr ? "it goes on: nobody changed anything" : *changed);
    }
    if (!wanted.done && !wanted.calls) return;
    const YamlMark mark = wanted.done ? wanted.done->mark : wanted.calls->mark;
    if (changed != nullptr) {
      return fail(mark, "undo", "to go on",
                  fmt::format("it stops: {} is not what the change left", *changed));
    }
    const auto computed = compute_undo(subject_, state_, saved);
    if (!computed) return fail(mark, "undo", "what is to be written", computed.error().message());
    want(wanted.done, "undo.done", computed->done);
    if (wanted.calls) judge_calls(*wanted.calls, computed->calls, "undo.calls");
  }

  void judge_calls(const ExpectedCalls& wanted, const std::vector<PlannedCall>& came,
                   std::string_view what) {
    for (size_t i = 0; i < std::max(wanted.value.size(), came.size()); ++i) {
      const std::string at = fmt::format("{}[{}]", what, i);
      if (i >= wanted.value.size()) {
        fail(wanted.mark, at, "no further call", text_of(came[i]));
        continue;
      }
      const auto& [call, mark] = wanted.value[i];
      const auto with = said(call.with, mark, at);
      if (!with) continue;
      const std::string name = fmt::format("{}.{}", call.name.service, call.name.operation);
      if (i >= came.size()) {
        fail(mark, at, fmt::format("{} {}", name, spaced(shown(*with))), "no call");
      } else if (came[i].service != call.name.service || came[i].operation != call.name.operation) {
        fail(mark, at, fmt::format("{} {}", name, spaced(shown(*with))), text_of(came[i]));
      } else {
        judge_call(call, *with, came[i], mark, fmt::format("{} {}", at, name));
      }
    }
  }

  static std::string text_of(const PlannedCall& call) {
    return fmt::format("{}.{} {}", call.service, call.operation, spaced(shown(call.with)));
  }

  // Parameter by parameter, so that people see which one differs.
  void judge_call(const ExpectedCall& wanted, const CallValue& with, const PlannedCall& came,
                  YamlMark mark, const std::string& what) {
    const auto place = [&](const std::optional<std::string>& expected, const std::string& is,
                           const char* name) {
      if (expected && *expected != is) fail(mark, fmt::format("{}, {}", what, name), *expected, is);
    };
    place(wanted.account, came.account, "account");
    place(wanted.region, came.region, "region");
    const JsonValue expected = shown(with), is = shown(came.with);
    std::vector<std::string> names;
    for (const JsonValue* each : {&expected, &is}) {
      for (const auto& [name, value] : each->object()) names.push_back(name);
    }
    std::ranges::sort(names);
    const auto again = std::ranges::unique(names);
    names.erase(again.begin(), again.end());
    const size_t before = failures_.size();
    for (const std::string& name : names) {
      if (expected[name] == is[name]) continue;
      fail(mark, fmt::format("{}, {}", what, name), text_of(expected[name]), text_of(is[name]));
    }
    // Text that only looks like what the executor fills in.
    if (failures_.size() == before && with.holes() != came.with.holes()) {
      fail(mark, what, spaced(expected), "the same as text: the executor fills in nothing");
    }
  }
  static std::string text_of(const JsonValue& value) {
    return value.is_null() ? "nothing" : spaced(value);
  }

  const Action& action_;
  const Case& wanted_;
  Subject subject_;
  std::vector<codec::Jmespath::Root> roots_;
  JsonValue state_;
  std::map<std::string, JsonValue, std::less<>> asked_;  // parameters by the read's id
  bool is_unanswered_ = false;
  std::vector<CaseFailure> failures_;
};

}  // namespace

Result<Subject> case_subject(const Action& action, const Case& of) {
  return Subject::of(action, model::IncidentId(std::string(kCaseIncident)), of.target);
}

std::vector<CaseFailure> run_case(const Action& action, const Case& wanted) {
  return CaseRun(action, wanted).run();
}

}  // namespace stanch::respond
