#include "respond/guard/spending.h"

#include <fmt/format.h>

#include <algorithm>

#include "codec/json_value.h"
#include "codec/timestamp.h"
#include "respond/limits.h"

namespace stanch::respond {

namespace {

constexpr uint64_t kPage = 100;

model::StreamId stream() { return model::StreamId("budget/response"); }

std::string key_of(const std::string& plan, const std::string& step) {
  return fmt::format("{} {}", plan, step);
}

}  // namespace

// From its end back to where all is older: the stream only grows, and is asked before every write.
Result<Spending> Spending::load(ledger::Ledger& ledger, const model::IncidentId& incident,
                                const std::string& plan, const std::string& step, Time now) {
  Spending spending;
  TRY(const ledger::StreamHead head, ledger.head(stream()));
  spending.next = head.next;
  const auto paid =
      ledger.find(stream(), model::entry_id(stream(), "budget_taken", key_of(plan, step)));
  if (!paid && paid.error().code() != ErrorCode::kNotFound) return paid.error();
  spending.has_step = paid.has_value();
  codec::JsonParser parser;
  bool any = true;
  for (uint64_t end = head.next; end > 0 && any;) {
    const uint64_t from = end - std::min<uint64_t>(end, kPage);
    std::vector<model::Entry> page;
    while (from + page.size() < end) {  // a read may give fewer than were asked for
      TRY(const auto some, ledger.read(stream(), from + page.size(), end - from - page.size()));
      if (some.empty()) break;
      page.insert(page.end(), some.begin(), some.end());
    }
    any = false;
    for (const model::Entry& entry : page) {
      if (span_of(entry.time, now) >= kBudgetWindow) continue;
      any = true;
      if (entry.kind != "budget_taken" || !entry.payload) continue;
      const auto payload = codec::JsonValue::of(parser.parse(entry.payload->json));
      if (payload["plan"].text_or_empty() == plan && payload["step"].text_or_empty() == step) {
        continue;
      }
      const int64_t* amount = payload["amount"].integer();
      const uint64_t spent = amount == nullptr || *amount < 0 ? 1 : static_cast<uint64_t>(*amount);
      spending.of_all += spent;
      if (payload["incident"].text_or_empty() == incident.text()) spending.of_incident += spent;
    }
    end = from;
  }
  return spending;
}

Result<> spend(ledger::Ledger& ledger, const Spending& spending, const SpendRequest& request) {
  const model::EntryDraft draft{
      .kind = "budget_taken",
      .key = key_of(request.plan, request.step),
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
