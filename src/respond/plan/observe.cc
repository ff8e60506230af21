#include "respond/plan/observe.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "model/entity_parts.h"

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
  if (parts->type != action.target) {
    return Error(ErrorCode::kInvalid, fmt::format("{} is for {}, and {} is {}", action.name,
                                                  action.target, place.entity, parts->type));
  }
  if (!action.is_global && place.region.empty()) {
    return Error(ErrorCode::kInvalid,
                 fmt::format("nothing says in which region {} is; --region does", place.entity));
  }
  return Subject{.action = &action,
                 .place = place,
                 .target = target_value(place),
                 .incident = incident_value(incident),
                 .own = own_value(incident, action.name, place)};
}

Result<JsonValue> observe(const Subject& subject, cloud::Caller& caller) {
  const Action& action = *subject.action;
  std::map<std::string, JsonValue, std::less<>> answers;
  const auto roots = [&] {
    std::vector<Jmespath::Root> list = {
        {"target", &subject.target}, {"incident", &subject.incident}, {"own", &subject.own}};
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
    TRY(const CallValue with, read.with.evaluate(roots()));
    const cloud::Call call{
        .service = read.name.service,
        .operation = read.name.operation,
        .account = subject.place.account,
        .region = action.is_global ? std::string(kHomeRegion) : subject.place.region,
        .parameters = *with.known(),
        .all_pages = read.all_pages};
    cloud::Called called = caller.call(call);
    if (called.answer) {
      answers[read.id] = std::move(called.answer->value);
    } else if (std::ranges::find(read.absent, called.refusal.provider_code) != read.absent.end()) {
      answers[read.id] = {};
    } else {
      return Error(called.refusal.code, called.refusal.message);
    }
  }
  JsonValue::Object state;
  for (const Named& named : action.state) {
    auto value = named.expression.evaluate_with(roots());
    if (!value) return std::move(value).error().within(named.name);
    state.emplace(named.name, std::move(*value));
  }
  return JsonValue(std::move(state));
}

}  // namespace stanch::respond
