#include "respond/plan/compute.h"

#include <fmt/format.h>

#include <algorithm>

namespace stanch::respond {

namespace {

using codec::Jmespath;
using codec::JsonValue;
using Roots = std::vector<Jmespath::Root>;

// What is at hand once the state is known.
struct AtHand {
  const Subject& subject;
  const JsonValue& state;
  const JsonValue* saved = nullptr;
  JsonValue let = JsonValue(JsonValue::Object());

  Roots roots() const {
    Roots roots = {{"target", &subject.target}, {"incident", &subject.incident},
                   {"own", &subject.own},       {"given", &subject.given},
                   {"state", &state},           {"let", &let}};
    if (saved != nullptr) roots.push_back({"saved", saved});
    return roots;
  }
  Result<> evaluate_let() {
    Roots before = roots();
    std::erase_if(before, [](const Jmespath::Root& root) { return root.name == "let"; });
    JsonValue::Object values;
    for (const auto& [name, made] : subject.action->let) {
      TRY(const CallValue value, made.evaluate(before));
      values.emplace(name, *value.known());
    }
    let = JsonValue(std::move(values));
    return {};
  }
  Result<bool> is(const std::optional<Jmespath>& expression, bool otherwise) const {
    if (!expression) return otherwise;
    TRY(const JsonValue value, expression->evaluate_with(roots()));
    return value.is_true_like();
  }
};

Result<> add_calls(const AtHand& at_hand, const std::vector<WriteCall>& writes,
                   std::vector<PlannedCall>& calls) {
  for (const WriteCall& write : writes) {
    TRY(const bool wanted, at_hand.is(write.when, true));
    if (!wanted) continue;
    const auto add = [&](std::string id, const Roots& roots) -> Result<> {
      auto with = write.with.evaluate(roots);
      if (!with) return std::move(with).error().within(write.id);
      calls.push_back({.id = std::move(id),
                       .service = write.name.service,
                       .operation = write.name.operation,
                       .account = at_hand.subject.account_for(write.account),
                       .region = at_hand.subject.region(),
                       .with = std::move(*with),
                       .repeat = write.repeat,
                       .already = write.already,
                       .gone = write.gone});
      return {};
    };
    if (!write.for_each) {
      TRY(add(write.id, at_hand.roots()));
      continue;
    }
    TRY(const JsonValue items, write.for_each->evaluate_with(at_hand.roots()));
    if (items.is_null()) continue;
    if (!items.is_array()) {
      return Error(ErrorCode::kInvalid, fmt::format("{}: for_each gives no list", write.id));
    }
    for (size_t i = 0; i < items.array().size(); ++i) {
      Roots roots = at_hand.roots();
      roots.push_back({"item", &items.array()[i]});
      TRY(add(fmt::format("{}.{}", write.id, i), roots));
    }
  }
  return {};
}

void add_entities(const JsonValue& value, std::vector<std::string>& entities) {
  if (value.is_array()) {
    for (const JsonValue& each : value.array()) add_entities(each, entities);
  }
  if (!value.is_string()) return;
  auto entity = entity_named(value.string());
  if (entity) entities.push_back(std::move(*entity));
}

// A text that is JSON, as policies are.
bool is_document(std::string_view text) { return text.starts_with('{') || text.starts_with('['); }

// Whether `now` may be what `planned` becomes.
bool may_become(const CallValue& planned, const CallValue& now);

bool may_become(const CallValue::List& planned, const CallValue::List& now) {
  if (planned.size() != now.size()) return false;
  for (size_t i = 0; i < planned.size(); ++i) {
    if (!may_become(planned[i], now[i])) return false;
  }
  return true;
}

bool may_become(const CallValue& planned, const CallValue& now) {
  if (planned == now) return true;
  if (planned.is_result()) return now.known() != nullptr && !now.is_null();
  const auto parts = planned.parts(), others = now.parts();
  return parts && others && parts->names == others->names &&
         may_become(parts->values, others->values);
}

}  // namespace

Result<Computed> compute(const Subject& subject, const JsonValue& state) {
  AtHand at_hand{.subject = subject, .state = state};
  TRY(at_hand.evaluate_let());
  Computed computed;
  for (const Jmespath& hit : subject.action->hits) {
    TRY(const JsonValue value, hit.evaluate_with(at_hand.roots()));
    add_entities(value, computed.hits);
  }
  // In their order: what is asked later may rest on what was asked before.
  for (const Need& need : subject.action->needs) {
    TRY(const bool met, at_hand.is(need.that, true));
    if (met) continue;
    computed.lacks.push_back(need.otherwise);
    return computed;
  }
  TRY(computed.done, at_hand.is(subject.action->done, false));
  if (!computed.done) TRY(add_calls(at_hand, subject.action->change, computed.calls));
  return computed;
}

Result<bool> holds(const Subject& subject, const Jmespath& that, const JsonValue& state,
                   const JsonValue& saved) {
  AtHand at_hand{.subject = subject, .state = state, .saved = &saved};
  TRY(at_hand.evaluate_let());
  return at_hand.is(that, false);
}

Result<std::string> why_never(const Subject& subject, const Check& check, const JsonValue& state,
                              const JsonValue& saved) {
  if (!check.never) return std::string();
  AtHand at_hand{.subject = subject, .state = state, .saved = &saved};
  TRY(at_hand.evaluate_let());
  TRY(const JsonValue value, check.never->evaluate_with(at_hand.roots()));
  if (!value.is_true_like()) return std::string();
  return value.is_string() ? value.string() : fmt::format("{} is so", check.never->text());
}

Result<Computed> compute_undo(const Subject& subject, const JsonValue& state,
                              const JsonValue& saved) {
  const Undo& undo = *subject.action->undo;
  AtHand at_hand{.subject = subject, .state = state, .saved = &saved};
  TRY(at_hand.evaluate_let());
  Computed computed;
  TRY(const bool wanted, at_hand.is(undo.that, true));
  computed.done = !wanted;
  if (wanted && undo.verify) {
    TRY(computed.done, at_hand.is(undo.verify->that, false));
  }
  if (!computed.done) TRY(add_calls(at_hand, undo.change, computed.calls));
  return computed;
}

const std::string* find_changed(const Undo& undo, const JsonValue& state, const JsonValue& left,
                                const JsonValue& saved) {
  const auto changed = std::ranges::find_if_not(undo.same, [&](const std::string& name) {
    return state[name] == left[name] || state[name] == saved[name];
  });
  return changed == undo.same.end() ? nullptr : &*changed;
}

bool covers(const PlannedCall& planned, const PlannedCall& now) {
  return planned.service == now.service && planned.operation == now.operation &&
         planned.account == now.account && planned.region == now.region &&
         may_become(planned.with, now.with);
}

std::string_view base_of(std::string_view call) { return call.substr(0, call.find('.')); }

bool still_follows(const Action& action, std::span<const PlannedCall> planned,
                   std::span<const PlannedCall> now) {
  const auto is_same = [](const PlannedCall& before, PlannedCall call) {
    // What is missing moved it forward in its list.
    if (base_of(before.id) == base_of(call.id)) call.id = before.id;
    return before == call;
  };
  auto next = now.begin();
  for (const PlannedCall& each : planned) {
    if (next != now.end() && is_same(each, *next)) {
      ++next;
      continue;
    }
    const auto write = std::ranges::find(action.change, base_of(each.id), &WriteCall::id);
    if (write == action.change.end() || !write->shrinks) return false;
  }
  return next == now.end();
}

bool write_the_same(const PlannedCall& one, const PlannedCall& other) {
  if (one.service != other.service || one.operation != other.operation ||
      one.account != other.account || one.region != other.region || one.with == other.with) {
    return false;
  }
  const auto parts = one.with.parts(), others = other.with.parts();
  if (!parts || !others || parts->names != others->names) return false;
  for (size_t i = 0; i < parts->values.size(); ++i) {
    const JsonValue* const value = parts->values[i].known();
    const bool names_it = value != nullptr && value->is_string() && !is_document(value->string());
    if (names_it && parts->values[i] != others->values[i]) return false;
  }
  return true;
}

}  // namespace stanch::respond
