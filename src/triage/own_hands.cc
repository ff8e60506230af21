#include "triage/own_hands.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "codec/timestamp.h"

namespace stanch::triage {

namespace {

using codec::JsonView;

// A parameter nests less deep than this, or it names nothing.
constexpr unsigned kDepthMax = 16;

void add_texts(JsonView value, std::set<std::string>& texts, unsigned depth = 0) {
  if (!value || depth > kDepthMax) return;
  if (value.is_string()) {
    texts.insert(value.string_or_empty());
  } else if (value.is_array()) {
    for (const JsonView element : value.elements()) add_texts(element, texts, depth + 1);
  } else {
    for (const auto& [name, member] : value.members()) add_texts(member, texts, depth + 1);
  }
}

// "iam:PutUserPolicy", of "iam.amazonaws.com" and "PutUserPolicy". CloudTrail writes the version of
// the interface behind some names of Lambda ("PutFunctionConcurrency20171031v2"), and says Bucket
// where S3's operations do not (Amazon S3 User Guide, "Amazon S3 CloudTrail events").
bool is_operation(std::string_view operation, std::string_view service, std::string_view action) {
  const size_t colon = operation.find(':');
  if (colon == std::string_view::npos) return false;
  std::string name(operation.substr(colon + 1)), seen(action);
  if (service.starts_with("s3.")) {
    for (std::string* each : {&name, &seen}) {
      if (const size_t at = each->find("Bucket"); at != std::string::npos) each->erase(at, 6);
    }
  }
  if (!seen.starts_with(name)) return false;
  return std::ranges::all_of(std::string_view(seen).substr(name.size()),
                             [](char c) { return (c >= '0' && c <= '9') || c == 'v' || c == '_'; });
}

std::string key_of(std::string_view stream, int64_t sequence) {
  return fmt::format("{} {}", stream, sequence);
}
// Of the entry that is cited; "" if none is.
std::string key_of(JsonView citation) {
  const JsonView sequence = citation["sequence"];
  const auto number = sequence && sequence.is_number() ? sequence.as_int64() : std::nullopt;
  return number ? key_of(citation["stream"].string_or_empty(), *number) : std::string();
}

// Roles are told by themselves, not by the session that somebody had of them.
bool is_by(const Finding& finding, const std::string& credential) {
  return !credential.empty() && (finding.actor == credential || finding.issuer == credential ||
                                 finding.credential == credential);
}

std::string_view last_part(std::string_view entity) {
  const size_t slash = entity.rfind('/');
  return slash == std::string_view::npos ? entity : entity.substr(slash + 1);
}

}  // namespace

OwnHands::OwnHands() : answered_(kAnsweredMax), unanswered_(kUnansweredMax) {}

void OwnHands::learn(const model::Entry& entry, JsonView payload) {
  if (entry.kind == "intended") {
    const auto until = codec::parse_timestamp(payload["valid_until"].string_or_empty());
    Call call{.own = {.intended = model::citation_of(entry),
                      .operation = payload["operation"].string_or_empty()},
              .credential = payload["credential"].string_or_empty(),
              .target = payload["target"].string_or_empty(),
              .parameters = {},
              .from = entry.time - kClockOff,
              .until = until.value_or(entry.time) + kClockOff};
    add_texts(payload["request"]["parameters"], call.parameters);
    unanswered_.at(key_of(entry.stream.text(), static_cast<int64_t>(entry.sequence))) =
        std::move(call);
  } else if (entry.kind == "own_call_seen") {
    Call* const call = unanswered_.find(key_of(payload["intended"]));
    if (call != nullptr) call->own.event = payload["event"].string_or_empty();
  } else if (entry.kind == "answered") {
    const std::string request_id = payload["request_id"].string_or_empty();
    const std::string outcome = payload["outcome"].string_or_empty();
    const std::string key = key_of(payload["intended"]);
    // Without an id: whether it arrived is open, or it never left.
    if (request_id.empty() && outcome != "done" && outcome != "unknown") unanswered_.erase(key);
    Call* const call = unanswered_.find(key);
    if (request_id.empty() || call == nullptr) return;
    call->own.is_answered = true;
    answered_.at(request_id) = std::move(*call);
    unanswered_.erase(key);
  }
}

bool OwnHands::fits(const Call& call, const Finding& finding) {
  if (!is_by(finding, call.credential)) return false;
  if (!is_operation(call.own.operation, finding.service, finding.action)) return false;
  if (!finding.event_time || *finding.event_time < call.from || *finding.event_time > call.until) {
    return false;
  }
  // All that was asked for, so that nobody hides fifty others behind the one that was ours. A step
  // on a host may change its network interface: then the call names that.
  return !finding.asked_targets.empty() &&
         std::ranges::all_of(finding.asked_targets, [&](const std::string& target) {
           return target == call.target || call.parameters.contains(target) ||
                  call.parameters.contains(std::string(last_part(target)));
         });
}

std::optional<OwnCall> OwnHands::find(const Finding& finding) {
  const std::string event = finding.events.empty() ? finding.id : finding.events.front();
  if (!finding.request_id.empty()) {
    const Call* const call = answered_.find(finding.request_id);
    if (call != nullptr && is_by(finding, call->credential)) {
      OwnCall own = call->own;
      own.event = event;
      return own;
    }
  }
  Call* first = nullptr;
  unanswered_.each([&](Call& call) {
    if (!fits(call, finding) || (!call.own.event.empty() && call.own.event != event)) return;
    if (first == nullptr || call.own.event == event) first = &call;
  });
  if (first == nullptr) return std::nullopt;
  first->own.event = event;
  return first->own;
}

}  // namespace stanch::triage
