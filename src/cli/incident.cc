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
  const bool incident = error.message().find("incident") != std::string::npos;
  if (error.code() == ErrorCode::kNotFound && incident) {
    return context.fail(error.message(), "'stanch incident list --all' shows those there are.",
                        kExitUsage);
  }
  return fail_ledger(context, error);
}

Result<Time> time_of(const std::string& text, Time now) {
  if (const auto time = codec::parse_timestamp(text)) return *time;
  int64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, number);
  constexpr int64_t kMax = 10'000;
  if (error == std::errc() && at + 1 == end && number >= 0 && number <= kMax) {
    switch (*at) {
      case 'm': return now + std::chrono::minutes(number);
      case 'h': return now + std::chrono::hours(number);
      case 'd': return now + std::chrono::hours(24 * number);
      default: break;
    }
  }
  return Error(
      ErrorCode::kInvalid,
      fmt::format("'{}' is no time: write 2026-03-01T02:03:04Z, or 90m, 4h, 2d from now", text));
}

}  // namespace stanch::cli
