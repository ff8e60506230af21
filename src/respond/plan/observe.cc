#include "respond/plan/observe.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "model/entity_parts.h"
#include "respond/limits.h"

namespace stanch::respond {

namespace {

using codec::Jmespath;
using codec::JsonValue;

constexpr std::string_view kHomeRegion = "us-east-1";  // of services that are everywhere; unused

}  // namespace

Result<Subject> Subject::of(const Action& action, const model::IncidentId& incident,
                            const Target& target) {
  TRY(Target place, placed(target));
  const auto parts = model::split_entity(place.entity);
  if (!is_for(action, parts->type)) {
    return Error(ErrorCode::kInvalid, fmt::format("{} is for {}, and {} is {}", action.name,
                                                  action.target, place.entity, parts->type));
  }
  for (const Parameter& parameter : action.parameters) {
    if (place.given.contains(parameter.name)) continue;
    return Error(ErrorCode::kInvalid,
                 fmt::format("{} was not told '{}'", action.name, parameter.name));
  }
  if (!action.is_global && action.region.empty() && place.region.empty()) {
    return Error(ErrorCode::kInvalid,
                 fmt::format("nothing says in which region {} is; --region does", place.entity));
  }
  return Subject{.action = &action,
                 .place = place,
                 .target = target_value(place),
                 .incident = incident_value(incident),
                 .own = own_value(incident, action.name, place),
                 .given = given_value(place)};
}

std::string Subject::account_for(const std::string& parameter) const {
  const std::string& name = parameter.empty() ? action->account : parameter;
  return name.empty() ? place.account : place.given.at(name);
}

std::string Subject::region() const {
  if (action->is_global) return "";
  return action->region.empty() ? place.region : place.given.at(action->region);
}

namespace {

// Of one read: its answer, or null if there is none.
Result<JsonValue> answer_of(const Subject& subject, const ReadCall& read,
                            std::span<const Jmespath::Root> roots, const Ask& ask) {
  TRY(const CallValue with, read.with.evaluate(roots));
  const cloud::Call call{
      .service = read.name.service,
      .operation = read.name.operation,
      .account = subject.account_for(read.account),
      .region = subject.action->is_global ? std::string(kHomeRegion) : subject.region(),
      .parameters = *with.known(),
      .all_pages = read.all_pages,
      .is_evidence = is_evidence(*subject.action)};
  cloud::Called called = ask(read, call);
  if (called.answer) return std::move(called.answer->value);
  const bool is_absent =
      std::ranges::find(read.absent, called.refusal.provider_code) != read.absent.end();
  if (is_absent) return JsonValue();
  return Error(called.refusal.code, called.refusal.message);
}

// The answers of one read for each of several items.
Result<JsonValue> answers_of(const Subject& subject, const ReadCall& read,
                             const std::vector<Jmespath::Root>& roots, const Ask& ask) {
  TRY(const JsonValue items, read.for_each->evaluate_with(roots));
  if (items.is_null()) return items;
  if (!items.is_array() || items.array().size() > kReadItemsMax) {
    return Error(ErrorCode::kInvalid,
                 items.is_array() ? fmt::format("{}: for each of {} things, and {} are the most",
                                                read.id, items.array().size(), kReadItemsMax)
                                  : fmt::format("{}: for_each gives no list", read.id));
  }
  JsonValue::Array answers;
  for (const JsonValue& item : items.array()) {
    std::vector<Jmespath::Root> with_item = roots;
    with_item.push_back({"item", &item});
    TRY(JsonValue answer, answer_of(subject, read, with_item, ask));
    JsonValue::Object pair;
    pair.emplace("item", item);
    pair.emplace("answer", std::move(answer));
    answers.emplace_back(std::move(pair));
  }
  return JsonValue(std::move(answers));
}

JsonValue told_apart(const JsonValue& secret) {
  if (secret.is_null()) return {};
  const std::string text = secret.is_string() ? secret.string() : to_json(secret);
  JsonValue::Object object;
  object.emplace("bytes", JsonValue(static_cast<int64_t>(text.size())));
  return JsonValue(std::move(object));
}

}  // namespace

Result<JsonValue> observe(const Subject& subject, cloud::Caller& caller, Secrets* secrets) {
  return observe(
      subject, [&](const ReadCall&, const cloud::Call& call) { return caller.call(call); },
      secrets);
}

Result<JsonValue> observe(const Subject& subject, const Ask& ask, Secrets* secrets) {
  const Action& action = *subject.action;
  std::map<std::string, JsonValue, std::less<>> answers;
  const auto roots = [&] {
    std::vector<Jmespath::Root> list = {{"target", &subject.target},
                                        {"incident", &subject.incident},
                                        {"own", &subject.own},
                                        {"given", &subject.given}};
    for (const auto& [id, answer] : answers) list.push_back({id, &answer});
    return list;
  };
  for (const ReadCall& read : action.observe) {
    if (read.when) {
      TRY(const JsonValue when, read.when->evaluate_with(roots()));
      if (!when.is_true_like()) {
        answers[read.id] = {};
        continue;
      }
    }
    TRY(answers[read.id], read.for_each ? answers_of(subject, read, roots(), ask)
                                        : answer_of(subject, read, roots(), ask));
  }
  JsonValue::Object state;
  for (const Named& named : action.state) {
    auto value = named.expression.evaluate_with(roots());
    if (!value) return std::move(value).error().within(named.name);
    const bool is_secret = std::ranges::find(action.secret, named.name) != action.secret.end();
    state.emplace(named.name, is_secret ? told_apart(*value) : *value);
    if (is_secret && secrets != nullptr) secrets->emplace(named.name, std::move(*value));
  }
  return JsonValue(std::move(state));
}

}  // namespace stanch::respond
