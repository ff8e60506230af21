#include "normalize/own_source.h"

#include <algorithm>
#include <charconv>
#include <span>

#include "codec/fold.h"
#include "codec/timestamp.h"
#include "normalize/json_reader.h"
#include "normalize/target_list.h"

namespace stanch::normalize {

using codec::JsonView;

namespace {

// A member may be called "a.b" itself; else a path leads into objects.
JsonView value_at(JsonView event, std::string_view path) {
  if (path.empty()) return {};
  const JsonView flat = event[path];
  return flat ? flat : first_at(event, path);
}

// true and false are words too.
std::string_view word_of(JsonReader& read, JsonView value) {
  return value && value.is_bool() ? value.raw() : read.text(value);
}

// "shop:order/8812"
model::EntityRef entity(std::string_view name, std::string_view type, std::string_view id,
                        TextArena& arena) {
  if (id.empty()) return {};
  return model::make_entity({{name}, {":"}, {type}, {"/"}, {id, model::EntityPart::Kind::kName}},
                            arena);
}

bool is_listed(std::string_view word, std::span<const std::string> words) {
  const std::string folded = codec::fold_case(word);
  return std::ranges::find(words, folded) != words.end();
}

}  // namespace

std::optional<Time> own_time(std::string_view text) {
  if (text.empty()) return std::nullopt;
  const std::string_view whole = text.substr(0, text.find('.'));
  int64_t number = 0;
  const auto [end, error] = std::from_chars(whole.data(), whole.data() + whole.size(), number);
  const bool is_number = error == std::errc() && end == whole.data() + whole.size() && number > 0;
  if (!is_number) {
    const auto time = codec::parse_timestamp(text);
    return time ? time : codec::parse_timestamp(std::string(text) + 'Z');
  }
  switch (whole.size()) {
    case 9:
    case 10: return Time(std::chrono::seconds(number));
    case 12:
    case 13: return Time(std::chrono::milliseconds(number));
    case 15:
    case 16: return Time(std::chrono::microseconds(number));
    case 18:
    case 19: return Time(std::chrono::nanoseconds(number));
    default: return std::nullopt;
  }
}

bool OwnSource::is_one(JsonView event) const {
  const auto is_there = [event](const std::string& path) {
    const JsonView value = value_at(event, path);
    return value && !value.is_null();
  };
  if (!std::ranges::all_of(needs, is_there)) return false;
  return std::ranges::all_of(says, [event](const Says& each) {
    const JsonView value = value_at(event, each.path);
    if (!value || !value.is_scalar()) return false;
    std::string scratch;
    const std::string_view text = value.text(scratch);
    return std::ranges::find(each.values, text) != each.values.end();
  });
}

std::string_view OwnSource::event_id(JsonView event, std::string& scratch) const {
  const JsonView value = value_at(event, path_of(OwnFact::kId));
  if (!value || !(value.is_string() || value.is_number())) return {};
  std::string text;
  const std::string_view id = value.text(text);
  if (id.empty()) return {};
  scratch = name + '/' + std::string(id);
  return scratch;
}

void OwnSource::extract(JsonView event, TextArena& arena, model::Facts& out) const {
  JsonReader read(arena);
  const auto text = [&](OwnFact fact) { return word_of(read, value_at(event, path_of(fact))); };
  out.cloud = arena.store(name);
  out.event_id = text(OwnFact::kId);
  out.time = own_time(text(OwnFact::kTime));
  out.account = text(OwnFact::kAccount);
  out.region = text(OwnFact::kRegion);
  out.action.service = text(OwnFact::kService);
  if (out.action.service.empty()) out.action.service = out.cloud;
  out.action.name = out.action.raw_name = text(OwnFact::kAction);
  out.actor.user_name = text(OwnFact::kActor);
  out.actor.entity = entity(name, "user", out.actor.user_name, arena);
  if (!out.actor.entity.empty()) out.actor.type = model::ActorType::kUser;
  out.credential.session = entity(name, "session", text(OwnFact::kSession), arena);
  const std::string_view address = text(OwnFact::kAddress);
  out.source.entity = model::ip_entity(address, arena);
  if (!out.source.entity.empty()) out.source.address = address;
  out.source.user_agent = text(OwnFact::kUserAgent);

  const std::string_view outcome = text(OwnFact::kOutcome);
  if (is_listed(outcome, denied)) out.outcome = model::Outcome::kDenied;
  if (is_listed(outcome, failed)) out.outcome = model::Outcome::kFailed;
  if (out.outcome != model::Outcome::kOk) {
    const std::string_view error = text(OwnFact::kError);
    out.error_code = error.empty() ? outcome : error;
  }

  TargetList list(arena, out);
  for (const Target& target : targets) {
    const auto add = [&](JsonView value) {
      list.add(entity(name, target.type, read.text(value), arena), model::TargetSource::kRequest);
    };
    const JsonView flat = event[target.path];
    visit_path(flat ? flat : event, flat ? "" : target.path, add);
  }
}

}  // namespace stanch::normalize
