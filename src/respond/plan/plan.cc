#include "respond/plan/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/check.h"
#include "codec/canonical_json.h"
#include "codec/timestamp.h"
#include "respond/limits.h"

namespace stanch::respond {

namespace {

using codec::JsonValue;
using codec::JsonWriter;

constexpr std::string_view kSchema = "stanch.plan/1";
constexpr std::pair<std::string_view, PlanMode> kModes[] = {{"live", PlanMode::kLive},
                                                            {"undo", PlanMode::kUndo}};
constexpr Repeat kRepeatKinds[] = {Repeat::kDesiredState, Repeat::kClientToken, Repeat::kOwnName,
                                   Repeat::kLock,         Repeat::kMark,        Repeat::kOnce};

void append_call(const PlannedCall& call, JsonWriter& json) {
  json.begin_object().field("id", call.id);
  json.field("service", call.service).field("operation", call.operation);
  json.field("account", call.account).field("region", call.region);
  call.with.append_to(json.key("with"));
  json.field("safe", name_of(call.repeat));
  append_texts("already", call.already, json);
  append_texts("gone", call.gone, json);
  json.end_object();
}

void append_step(const Step& step, JsonWriter& json) {
  json.begin_object().field("id", step.id);
  json.field("action", step.action).field("action_version", step.action_version);
  json.field("target", step.target.entity);
  json.field("account", step.target.account).field("region", step.target.region);
  if (!step.target.given.empty()) {
    json.key("given").begin_object();
    for (const auto& [name, value] : step.target.given) json.field(name, value);
    json.end_object();
  }
  json.field("class", name_of(step.risk));
  append_texts("because", step.because, json);
  append_texts("also_hits", step.also_hits, json);
  if (!step.used.empty()) append_texts("used", step.used, json);
  append_texts("after", step.after, json);
  append_texts("only_after", step.only_after, json);
  json.field("restores_access", step.restores_access).field("is_evidence", step.is_evidence);
  if (!step.undoes.empty()) json.field("undoes", step.undoes);
  if (!step.within.empty()) json.field("within", step.within);
  json.field("is_observed", step.is_observed);
  append_json(step.state, json.key("state"));
  append_json(step.saved, json.key("saved"));
  append_json(step.left, json.key("left"));
  json.field("done", step.done);
  append_texts("lacks", step.lacks, json);
  json.key("calls").begin_array();
  for (const PlannedCall& call : step.calls) append_call(call, json);
  json.end_array().end_object();
}

// Members of a document, which must be there.
class Members {
 public:
  explicit Members(const JsonValue& value) : value_(value) {}

  std::string text(std::string_view name) { return string_of(value_[name]); }
  std::string text_or_none(std::string_view name) {
    return value_[name].is_null() ? std::string() : string_of(value_[name]);
  }
  bool boolean(std::string_view name) {
    const JsonValue& value = value_[name];
    good_ &= value.is_bool();
    return value.is_bool() && value.boolean();
  }
  const JsonValue::Array& array(std::string_view name) {
    static const JsonValue::Array kNone;
    const JsonValue& value = value_[name];
    good_ &= value.is_array();
    return value.is_array() ? value.array() : kNone;
  }
  std::vector<std::string> texts(std::string_view name) {
    std::vector<std::string> texts;
    for (const JsonValue& each : array(name)) texts.push_back(string_of(each));
    return texts;
  }
  // Those of an object, which may be missing.
  std::map<std::string, std::string> texts_by_name(std::string_view name) {
    std::map<std::string, std::string> texts;
    const JsonValue& value = value_[name];
    good_ &= value.is_null() || value.is_object();
    if (!value.is_object()) return texts;
    for (const auto& [key, text] : value.object()) texts.emplace(key, string_of(text));
    return texts;
  }
  template <typename T, size_t kCount>
  T word(std::string_view name, const T (&values)[kCount]) {
    const std::string text = this->text(name);
    const auto found = std::ranges::find_if(values, [&](T each) { return name_of(each) == text; });
    good_ &= found != std::end(values);
    return found != std::end(values) ? *found : values[0];
  }
  const JsonValue& operator[](std::string_view name) const { return value_[name]; }
  void require(bool condition) { good_ &= condition; }
  bool good() const { return good_; }

 private:
  std::string string_of(const JsonValue& value) {
    good_ &= value.is_string();
    return value.text_or_empty();
  }

  const JsonValue& value_;
  bool good_ = true;
};

int64_t seconds_of(Duration time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time).count();
}

Error no_plan() { return {ErrorCode::kInvalid, "this is no plan (stanch.plan/1)"}; }

Result<PlannedCall> read_call(const JsonValue& json) {
  Members in(json);
  PlannedCall call{.id = in.text("id"),
                   .service = in.text("service"),
                   .operation = in.text("operation"),
                   .account = in.text("account"),
                   .region = in.text("region"),
                   .with = {},
                   .repeat = in.word("safe", kRepeatKinds),
                   .already = in.texts("already"),
                   .gone = in.texts("gone")};
  if (!in.good()) return no_plan();
  TRY(call.with, CallValue::read(json["with"]));
  return call;
}

Result<Step> read_step(const JsonValue& json) {
  Members in(json);
  Step step{.id = in.text("id"),
            .action = in.text("action"),
            .action_version = in.text("action_version"),
            .target = {in.text("target"), in.text("account"), in.text("region"),
                       in.texts_by_name("given")},
            .risk = in.word("class", kRiskClasses),
            .because = in.texts("because"),
            .also_hits = in.texts("also_hits"),
            .used = json["used"].is_null() ? std::vector<std::string>() : in.texts("used"),
            .after = in.texts("after"),
            .only_after = in.texts("only_after"),
            .restores_access = in.boolean("restores_access"),
            .is_evidence = in.boolean("is_evidence"),
            .undoes = in.text_or_none("undoes"),
            .within = in.text_or_none("within"),
            .is_observed = in.boolean("is_observed"),
            .state = json["state"],
            .saved = json["saved"],
            .left = json["left"],
            .done = in.boolean("done"),
            .lacks = in.texts("lacks"),
            .calls = {}};
  for (const JsonValue& each : in.array("calls")) {
    TRY(PlannedCall call, read_call(each));
    step.calls.push_back(std::move(call));
  }
  if (!in.good()) return no_plan();
  return step;
}

}  // namespace

std::string_view name_of(PlanMode mode) {
  return std::ranges::find(kModes, mode, &std::pair<std::string_view, PlanMode>::second)->first;
}

bool is_sound(const Envelope& envelope) {
  return envelope.targets_max > 0 && envelope.targets_max <= kEnvelopeTargetsMax &&
         envelope.lasts >= std::chrono::seconds(1) && envelope.lasts <= kEnvelopeLastsMax;
}

const Step* Plan::find(std::string_view id) const {
  const auto found = std::ranges::find(steps, id, &Step::id);
  return found == steps.end() ? nullptr : &*found;
}

std::string aspect_of(const Step& step) {
  std::string aspect = step.action;
  for (const auto& [name, value] : step.target.given) {
    aspect += fmt::format(" {}={}", name, value);
  }
  return aspect;
}

std::string plan_document(const Plan& plan) {
  const std::string text = codec::json_object([&](JsonWriter& json) {
    json.field("schema", kSchema).field("incident", plan.incident.text());
    json.field("mode", name_of(plan.mode));
    if (!plan.playbook.empty()) json.field("playbook", plan.playbook);
    append_texts("because", plan.because, json);
    if (!plan.contain_first.empty()) json.field("contain_first", plan.contain_first);
    if (!plan.undoes.empty()) json.field("undoes", plan.undoes);
    if (!plan.guards.empty()) json.field("guards", plan.guards);
    if (plan.envelope) {
      json.key("envelope").begin_object().field("targets", plan.envelope->targets_max);
      json.field("seconds", seconds_of(plan.envelope->lasts)).end_object();
    }
    json.field("made", codec::format_timestamp(plan.made));
    json.key("steps").begin_array();
    for (const Step& step : plan.steps) append_step(step, json);
    json.end_array();
  });
  codec::JsonParser parser;
  // Numbers of providers may be larger than every reader of JSON keeps; the hash is of our text.
  auto canonical = canonical_json(parser, text, {.integers_exact = false});
  CHECK(canonical.has_value());
  return *std::move(canonical);
}

std::string plan_hash(const Plan& plan) {
  return codec::to_hex(codec::sha256(plan_document(plan)));
}

Result<Plan> read_plan(const JsonValue& document) {
  Members in(document);
  Plan plan{.incident = model::IncidentId(in.text("incident")),
            .mode = PlanMode::kLive,
            .playbook = in.text_or_none("playbook"),
            .because = in.texts("because"),
            .contain_first = in.text_or_none("contain_first"),
            .undoes = in.text_or_none("undoes"),
            .guards = in.text_or_none("guards"),
            .envelope = {},
            .made = {},
            .steps = {}};
  const auto mode =
      std::ranges::find(kModes, in.text("mode"), &std::pair<std::string_view, PlanMode>::first);
  const auto made = codec::parse_timestamp(in.text("made"));
  in.require(in.text("schema") == kSchema && mode != std::end(kModes) && made.has_value());
  for (const JsonValue& each : in.array("steps")) {
    TRY(Step step, read_step(each));
    in.require(plan.find(step.id) == nullptr);
    plan.steps.push_back(std::move(step));
  }
  if (!in["envelope"].is_null()) {
    const int64_t* const targets = in["envelope"]["targets"].integer();
    const int64_t* const seconds = in["envelope"]["seconds"].integer();
    const bool are_numbers = targets != nullptr && *targets > 0 && seconds != nullptr &&
                             *seconds <= seconds_of(kEnvelopeLastsMax);
    if (are_numbers) {
      plan.envelope = {static_cast<uint64_t>(*targets), std::chrono::seconds(*seconds)};
    }
    in.require(are_numbers && is_sound(*plan.envelope));
  }
  if (!in.good()) return no_plan();
  plan.mode = mode->second;
  plan.made = *made;
  return plan;
}

}  // namespace stanch::respond
