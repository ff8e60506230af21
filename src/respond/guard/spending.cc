#include "respond/guard/spending.h"

#include <fmt/format.h>

#include "codec/json_value.h"
#include "codec/timestamp.h"
#include "respond/limits.h"

namespace stanch::respond {

namespace {

model::StreamId stream() { return model::StreamId("budget/response"); }

}  // namespace

Result<Spending> Spending::load(ledger::Ledger& ledger, const model::IncidentId& incident,
                                const std::string& plan, const std::string& step, Time now) {
  Spending spending;
  codec::JsonParser parser;
  TRY(each_entry(ledger, stream(), [&](const model::Entry& entry) -> Result<> {
    spending.next = entry.sequence + 1;
    if (entry.kind != "budget_taken" || !entry.payload) return {};
    const auto payload = codec::JsonValue::of(parser.parse(entry.payload->json));
    if (payload["plan"].text_or_empty() == plan && payload["step"].text_or_empty() == step) {
      spending.has_step = true;
      return {};
    }
    if (span_of(entry.time, now) >= kBudgetWindow) return {};
    const int64_t* amount = payload["amount"].integer();
    const uint64_t spent = amount == nullptr || *amount < 0 ? 1 : static_cast<uint64_t>(*amount);
    spending.of_all += spent;
    if (payload["incident"].text_or_empty() == incident.text()) spending.of_incident += spent;
    return {};
  }));
  return spending;
}

Result<> spend(ledger::Ledger& ledger, const Spending& spending, const SpendRequest& request) {
  const model::EntryDraft draft{
      .kind = "budget_taken",
      .key = fmt::format("{} {}", request.plan, request.step),
      .time = request.now,
      .actor = request.actor,
      .content_version = "",
      .payload = codec::json_object([&](codec::JsonWriter& json) {
        json.field("incident", request.incident.text()).field("plan", request.plan);
        json.field("step", request.step).field("amount", 1).field("left", request.left);
        json.field("window_ends", codec::format_timestamp(request.now + kBudgetWindow));
      })};
  const auto appended = ledger.append(stream(), spending.next, {&draft, 1});
  if (appended) return {};
  if (appended.error().code() == ErrorCode::kUnknownOutcome) {
    TRY(ledger::settle_append(ledger, stream(), spending.next, {&draft, 1}));
    return {};
  }
  return appended.error();
}

}  // namespace stanch::respond
