#include "cli/ledger.h"

#include <fmt/format.h>

#include <array>

#include <charconv>
#include <utility>

#include "ledger/keys.h"

namespace stanch::cli {

Result<host::LedgerPlace> ledger_place(Context& context) {
  const Settings& settings = context.settings();
  return host::ledger_place(settings.text("ledger"),
                            host::state_folder(context.env().variables, settings.text("state")));
}

Result<std::unique_ptr<ledger::Store>> open_ledger(Context& context) {
  TRY(const host::LedgerPlace place, ledger_place(context));
  return host::open_ledger(context.env(), place);
}

Result<LedgerWithKey> open_ledger_with_key(Context& context) {
  TRY(const host::LedgerPlace place, ledger_place(context));
  TRY(auto store, host::open_ledger(context.env(), place));
  TRY(auto key, ledger::load_key(context.env().files, place.key_path));
  return LedgerWithKey{.store = std::move(store), .key = std::move(key)};
}

Result<ledger::Exported> give_out(Context& context, const LedgerWithKey& opened,
                                  const ledger::ExportOptions& options) {
  TRY(const ledger::Exported made,
      ledger::export_package(*opened.store, context.env(), opened.key, options));
  TRY(host::record_export(context.env(), *opened.store,
                          {.package = made.package,
                           .streams = options.streams,
                           .actor = ledger_actor(context),
                           .reason = context.settings().text("reason")}));
  return made;
}

std::string lease_holder(Context& context) {
  std::array<uint8_t, 8> bytes;
  context.env().random.fill(bytes);
  return "cli-" + codec::to_hex(bytes);
}

std::string ledger_actor(Context& context) {
  for (const char* name : {"USER", "LOGNAME"}) {
    const auto user = context.env().variables.find(name);
    if (user && !user->empty()) {
      const std::string actor = "unverified/" + *user;
      if (model::actor_complaint(actor).empty()) return actor;
    }
  }
  return "unverified/unknown";
}

int fail_ledger(Context& context, const Error& error) {
  switch (error.code()) {
    case ErrorCode::kNotFound:
      return context.fail(error.message(), "'stanch ledger init' makes a ledger.", kExitUsage);
    case ErrorCode::kInvalid:
    case ErrorCode::kDenied: return context.fail(error.message(), "", kExitUsage);
    case ErrorCode::kConflict:
      return context.fail(error.message(), "Somebody else was first. Look, and try again.",
                          kExitInternal);
    case ErrorCode::kUnavailable:
    case ErrorCode::kThrottled:
      return context.fail(error.message(), "Nothing was done. It may be tried again.",
                          kExitInternal);
    case ErrorCode::kUnknownOutcome:
      return context.fail(error.message(),
                          "It may have been done. Repeat the command: it does nothing twice.",
                          kExitInternal);
    case ErrorCode::kCorrupt:
      return context.fail(error.message(),
                          "Look at the disk, then run 'stanch ledger verify --checkpoint FILE'.",
                          kExitInternal);
  }
  return kExitInternal;
}

Result<EntryPlace> entry_place(const std::string& text) {
  const size_t slash = text.rfind('/');
  EntryPlace place;
  if (slash != text.npos && slash > 0) {
    const char* from = text.data() + slash + 1;
    const char* end = text.data() + text.size();
    const auto [at, error] = std::from_chars(from, end, place.sequence);
    if (error == std::errc() && at == end && from != end) {
      place.stream = model::StreamId(text.substr(0, slash));
      return place;
    }
  }
  return Error(ErrorCode::kInvalid,
               fmt::format("'{}' names no entry: it is written STREAM/SEQUENCE, for instance "
                           "incident/inc-abc/7",
                           text));
}

}  // namespace stanch::cli
