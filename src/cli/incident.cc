#include "cli/incident.h"

#include <fmt/format.h>

#include <charconv>

#include "cli/ledger.h"
#include "codec/timestamp.h"
#include "host/incident.h"

namespace stanch::cli {

Result<OpenedIncident> open_incident_argument(Context& context) {
  OpenedIncident opened;
  TRY(opened.store, open_ledger(context));
  TRY(opened.id, host::find_incident(*opened.store, context.argument("INCIDENT")));
  return opened;
}

std::string own_name(Context& context) {
  const std::string actor = ledger_actor(context);
  return actor.substr(actor.find('/') + 1);
}

std::string span_text(Duration duration) {
  using namespace std::chrono;
  if (duration < Duration{}) duration = -duration;
  if (duration < minutes(1)) return fmt::format("{} s", duration / seconds(1));
  if (duration < hours(2)) return fmt::format("{} min", duration / minutes(1));
  if (duration < hours(48)) return fmt::format("{} h", duration / hours(1));
  return fmt::format("{} d", duration / hours(24));
}

std::string age_text(Time time, Time now) {
  return time <= now ? span_text(now - time) + " ago" : "in " + span_text(time - now);
}

int fail_incident(Context& context, const Error& error) {
  if (error.code() == ErrorCode::kDenied) {
    return context.fail(error.message(),
                        "Whoever reads the ledger's file can read it: --restricted says that you "
                        "are one of them.",
                        kExitUsage);
  }
  const bool incident = error.message().find("incident") != std::string::npos;
  if (error.code() == ErrorCode::kNotFound && incident) {
    return context.fail(error.message(), "'stanch incident list --all' shows those there are.",
                        kExitUsage);
  }
  return fail_ledger(context, error);
}

namespace {

// "90m", "4h", "2d"
std::optional<Duration> find_span(std::string_view text) {
  int64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, number);
  constexpr int64_t kMax = 10'000;
  if (error != std::errc() || at + 1 != end || number < 0 || number > kMax) return std::nullopt;
  switch (*at) {
    case 'm': return std::chrono::minutes(number);
    case 'h': return std::chrono::hours(number);
    case 'd': return std::chrono::hours(24 * number);
    default: return std::nullopt;
  }
}

}  // namespace

Result<Period> period_of(Context& context) {
  const Settings& settings = context.settings();
  const Time now = context.env().clock.now();
  Period period;
  if (const std::string text = settings.text("period-since"); !text.empty()) {
    TRY(period.since, past_time_of(text, now));
  }
  if (const std::string text = settings.text("period-until"); !text.empty()) {
    TRY(period.until, past_time_of(text, now));
  }
  if (period.since && period.until && *period.since >= *period.until) {
    return Error(ErrorCode::kInvalid, "--since is not before --until");
  }
  return period;
}

Result<> check_restricted(Context& context, const triage::IncidentState& state) {
  if (!state.restricted || context.settings().flag("restricted")) return {};
  return Error(ErrorCode::kDenied, state.id.text() + " is restricted to named people");
}

Result<> check_seen(Context& context, ledger::Ledger& ledger, const model::StreamId& stream) {
  const auto incident = model::find_incident_of(stream);
  if (!incident) return {};
  const auto state = host::load_incident(ledger, *incident);
  return state ? check_restricted(context, *state) : Result<>();
}

Result<Time> past_time_of(const std::string& text, Time now) {
  if (const auto time = codec::parse_timestamp(text)) return *time;
  if (const auto day = codec::parse_timestamp(text + "T00:00:00Z")) return *day;
  if (const auto span = find_span(text)) return now - *span;
  return Error(ErrorCode::kInvalid,
               fmt::format("'{}' is no time: write 2026-03-01, 2026-03-01T02:03:04Z, or 90m, 4h, "
                           "30d ago",
                           text));
}

Result<Time> time_of(const std::string& text, Time now) {
  if (const auto time = codec::parse_timestamp(text)) return *time;
  if (const auto span = find_span(text)) return now + *span;
  return Error(
      ErrorCode::kInvalid,
      fmt::format("'{}' is no time: write 2026-03-01T02:03:04Z, or 90m, 4h, 2d from now", text));
}

}  // namespace stanch::cli
