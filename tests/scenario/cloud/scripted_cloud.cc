#include "cloud/scripted_cloud.h"

#include <fmt/format.h>

#include <algorithm>

namespace stanch::scenario {

namespace {

cloud::Called refusal(ErrorCode code, std::string provider_code, std::string message = "scripted") {
  cloud::Called called;
  called.refusal = {.code = code,
                    .provider_code = std::move(provider_code),
                    .message = std::move(message),
                    .request_id = ""};
  return called;
}

}  // namespace

ScriptedCloud::ScriptedCloud(uint64_t seed, Things things, const Odds& odds)
    : dice_(seed, 77), things_(std::move(things)), odds_(odds) {
  history_.emplace_back(Time::min(), things_);
}

void ScriptedCloud::keep(Time now) { history_.emplace_back(now, things_); }

const Things& ScriptedCloud::seen(Time now) {
  Duration lag = behind;
  if (lag == Duration{}) {
    if (odds_.lag_max == Duration{} || dice_.one_in(2)) return things_;
    lag = Duration(static_cast<int64_t>(dice_.below(static_cast<uint64_t>(odds_.lag_max.count()))));
  }
  const Time as_of = now - lag;
  const auto after = std::ranges::upper_bound(history_, as_of, {}, &std::pair<Time, Things>::first);
  return std::prev(after)->second;
}

void ScriptedCloud::change(Time now, const std::function<void(Things&)>& by) {
  settle(now);
  by(things_);
  keep(now);
}

void ScriptedCloud::settle(Time now) {
  std::ranges::sort(travelling_, {}, &Travelling::arrives);
  while (!travelling_.empty() && travelling_.front().arrives <= now) {
    const Travelling next = travelling_.front();
    travelling_.erase(travelling_.begin());
    if (next.arrives <= next.signed_at + kSignatureHolds) {
      (void)arrive(next.call, next.arrives, next.signed_at, next.witness);
    }
  }
}

cloud::Called ScriptedCloud::arrive(const cloud::Call& call, Time now, Time signed_at,
                                    uint64_t witness_says, bool is_denied) {
  Arrival arrival{.at = now,
                  .signed_at = signed_at,
                  .operation = call.service + "." + call.operation,
                  .parameters = to_json(call.parameters),
                  .witness = witness_says,
                  .is_write = is_write(call.service + "." + call.operation),
                  .changed = false,
                  .refused = ""};
  cloud::Called called;
  if (is_denied || (odds_.denied != 0 && arrival.is_write && dice_.one_in(odds_.denied))) {
    arrival.refused = "AccessDenied";
  } else if (arrival.is_write) {
    const int made = things_.made;
    const codec::JsonValue answer =
        perform(arrival.operation, call.parameters, things_, arrival.refused);
    arrival.changed = things_.made != made;
    keep(now);
    called.answer = {.value = answer, .request_id = fmt::format("r-{}", arrivals_.size())};
  } else {
    Things then = seen(now);
    called.answer = {.value = perform(arrival.operation, call.parameters, then, arrival.refused),
                     .request_id = ""};
  }
  arrivals_.push_back(arrival);
  if (!arrival.refused.empty()) {
    return refusal(arrival.refused == "AccessDenied" ? ErrorCode::kDenied : ErrorCode::kNotFound,
                   arrival.refused);
  }
  return called;
}

cloud::Called ScriptedCloud::Port::call(const cloud::Call& call) {
  using enum Fate::Kind;
  const Odds& odds = cloud_.odds_;
  env::sim::Dice& dice = cloud_.dice_;
  const Fate chosen = cloud_.fate ? cloud_.fate(call, env_.clock.now()) : Fate();
  const auto hits = [&](Fate::Kind kind, uint64_t one_in) {
    return chosen.kind == kind || (chosen.kind == kByOdds && one_in != 0 && dice.one_in(one_in));
  };
  // Whoever calls may be stopped for long at any moment, also right here.
  if (chosen.kind == kByOdds && odds.frozen != 0 && dice.one_in(odds.frozen)) {
    env_.clock.sleep(std::chrono::minutes(11));
  }
  const Time signed_at = env_.clock.now();
  if (call.not_after && signed_at > *call.not_after) {
    return refusal(ErrorCode::kUnavailable, "", "its time to leave has passed");
  }
  const uint64_t witness_says = cloud_.witness ? cloud_.witness() : 0;
  if (hits(kThrottled, odds.throttled)) {
    cloud::Called throttled = refusal(ErrorCode::kThrottled, "Throttling");
    throttled.refusal.retry_after = chosen.retry_after;
    return throttled;
  }
  if (hits(kUnavailable, odds.unavailable)) return refusal(ErrorCode::kUnavailable, "");
  if (hits(kNeverArrives, odds.never_arrives)) return refusal(ErrorCode::kUnknownOutcome, "");
  if (hits(kLate, odds.late)) {
    const auto longest = static_cast<uint64_t>((kSignatureHolds + std::chrono::minutes(1)).count());
    const Duration late =
        chosen.kind == kLate ? chosen.late : Duration(static_cast<int64_t>(dice.below(longest)));
    cloud_.travelling_.push_back({signed_at + late, signed_at, call, witness_says});
    env_.clock.sleep(std::chrono::seconds(1));
    return refusal(ErrorCode::kUnknownOutcome, "");
  }
  env_.clock.sleep(std::chrono::milliseconds(10));  // a crash here: it never arrived
  cloud_.settle(env_.clock.now());
  cloud::Called called =
      cloud_.arrive(call, env_.clock.now(), signed_at, witness_says, chosen.kind == kDenied);
  env_.clock.sleep(std::chrono::milliseconds(10));  // a crash here: nobody heard of it
  if (hits(kAnswerLost, odds.lost_answer)) return refusal(ErrorCode::kUnknownOutcome, "");
  return called;
}

}  // namespace stanch::scenario
