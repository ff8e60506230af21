#include "respond/execute/holds.h"

#include <fmt/format.h>

#include <algorithm>

#include "codec/json_value.h"
#include "codec/timestamp.h"
#include "respond/limits.h"

namespace stanch::respond {

namespace {

using codec::JsonWriter;

model::StreamId stream_of(const std::string& entity) { return model::StreamId("target/" + entity); }

std::string key_of(const HoldRequest& request) {
  return fmt::format("{} {} {} {} {}", request.incident.text(), request.aspect, request.plan,
                     request.step, request.time);
}

Result<> append(ledger::Ledger& ledger, const HoldRequest& request, const std::string& kind,
                std::string key, std::string payload) {
  const model::EntryDraft draft{.kind = kind,
                                .key = std::move(key),
                                .time = request.now,
                                .actor = request.actor,
                                .content_version = "",
                                .payload = std::move(payload)};
  TRY(append_missing(ledger, stream_of(request.entity), {&draft, 1}));
  return {};
}

}  // namespace

Result<Holds> Holds::load(ledger::Ledger& ledger, const std::string& entity) {
  Holds holds;
  codec::JsonParser parser;
  TRY(each_entry(ledger, stream_of(entity), [&](const model::Entry& entry) -> Result<> {
    if (!entry.payload) return {};
    const auto payload = codec::JsonValue::of(parser.parse(entry.payload->json));
    Aspect& aspect = holds.aspects_[payload["aspect"].text_or_empty()];
    const std::string& incident = payload["incident"].text_or_empty();
    if (entry.kind == "hold_taken") {
      const Hold hold{incident, payload["plan"].text_or_empty(), payload["step"].text_or_empty(),
                      model::citation_of(entry)};
      if (aspect.holds.empty()) aspect.first = hold;
      if (std::ranges::find(aspect.holds, incident, &Hold::incident) == aspect.holds.end()) {
        aspect.first_of.insert_or_assign(incident, hold);
      }
      // Taken once more, it is another hold: returning the one before does not touch it.
      const auto held = std::ranges::find_if(aspect.holds, [&](const Hold& each) {
        return each.is_of(model::IncidentId(incident), hold.plan, hold.step);
      });
      if (held == aspect.holds.end()) {
        aspect.holds.push_back(hold);
      } else {
        *held = hold;
      }
    } else if (entry.kind == "hold_returned") {
      const int64_t* taken = payload["taken"]["sequence"].integer();
      std::erase_if(aspect.holds, [&](const Hold& hold) {
        return hold.incident == incident && taken != nullptr &&
               hold.taken.sequence == static_cast<uint64_t>(*taken);
      });
    }
    return {};
  }));
  return holds;
}

const std::vector<Hold>& Holds::of(std::string_view aspect) const {
  static const std::vector<Hold> kNone;
  const auto found = aspects_.find(aspect);
  return found == aspects_.end() ? kNone : found->second.holds;
}

const Hold* Holds::first(std::string_view aspect) const {
  const auto found = aspects_.find(aspect);
  return found == aspects_.end() || !found->second.first ? nullptr : &*found->second.first;
}

const Hold* Holds::first(std::string_view aspect, const model::IncidentId& incident) const {
  const auto found = aspects_.find(aspect);
  if (found == aspects_.end()) return nullptr;
  const auto first = found->second.first_of.find(incident.text());
  return first == found->second.first_of.end() ? nullptr : &first->second;
}

Result<> take_hold(ledger::Ledger& ledger, const HoldRequest& request) {
  return append(ledger, request, "hold_taken", key_of(request),
                codec::json_object([&](JsonWriter& json) {
                  json.field("incident", request.incident.text()).field("aspect", request.aspect);
                  json.field("plan", request.plan).field("step", request.step);
                  json.field("until", codec::format_timestamp(request.now + kHoldLasts));
                }));
}

Result<> return_hold(ledger::Ledger& ledger, const HoldRequest& request, const Hold& hold,
                     bool is_last, std::string_view reason) {
  // Each hold that was taken is returned once, whoever does it.
  return append(ledger, request, "hold_returned", fmt::format("taken {}", hold.taken.sequence),
                codec::json_object([&](JsonWriter& json) {
                  json.field("incident", request.incident.text()).field("aspect", request.aspect);
                  model::append_citation("taken", hold.taken, json);
                  json.field("last", is_last).field("reason", reason);
                }));
}

}  // namespace stanch::respond
