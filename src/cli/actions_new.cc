#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/context.h"
#include "codec/utf8.h"
#include "host/scan.h"
#include "respond/action/skeleton.h"

namespace stanch::cli {

namespace {

Result<std::vector<respond::OperationName>> operations_of(const std::vector<std::string>& texts) {
  std::vector<respond::OperationName> names;
  for (const std::string& text : texts) {
    const auto name = respond::find_operation_name(text);
    if (!name) {
      return Error(ErrorCode::kInvalid,
                   fmt::format("'{}' names no operation, as iam.GetUser does", text));
    }
    names.push_back(*name);
  }
  return names;
}

Result<respond::SkeletonRequest> request_of(const Context& context) {
  const Settings& settings = context.settings();
  respond::SkeletonRequest request{.name = context.argument("NAME"),
                                   .target = settings.text("new-target")};
  if (!respond::is_action_name(request.name)) {
    return Error(ErrorCode::kInvalid,
                 fmt::format("'{}' names no action: small letters, digits and '-', cloud and "
                             "service first, as in aws.iam.deactivate-access-key",
                             request.name));
  }
  if (request.target.empty()) {
    return Error(ErrorCode::kInvalid, "'stanch actions new' needs --target TYPE");
  }
  if (!respond::is_target_type(request.target)) {
    return Error(ErrorCode::kInvalid,
                 fmt::format("'{}' is no type of an entity, as aws:access-key is", request.target));
  }
  TRY(request.reads, operations_of(settings.list("reads")));
  TRY(request.writes, operations_of(settings.list("writes")));
  return request;
}

Result<> write_new(env::Files& files, const std::string& path, const std::string& text) {
  TRY(const auto file, files.create(path));
  TRY(file->append(text));
  return file->sync();
}

}  // namespace

int run_actions_new(Context& context) {
  const auto request = request_of(context);
  if (!request) return context.fail(request.error(), kExitUsage);
  const std::string text = respond::skeleton(*request);
  const std::string path = context.settings().text("new-output");
  if (host::is_standard_output(path)) return context.print(text);
  const auto status = context.env().files.status(path);
  if (status || status.error().code() != ErrorCode::kNotFound) {
    return context.fail(
        status ? fmt::format("'{}' is there already", path) : status.error().message(),
        "Give --output another name.", kExitUsage);
  }
  if (const auto written = write_new(context.env().files, path, text); !written) {
    return context.fail(fmt::format("the action: {}", written.error().message()), "",
                        kExitInternal);
  }
  const std::string shown = codec::for_terminal(path);
  context.note(
      fmt::format("wrote {}; 'stanch actions lint {}' says what to fill in\n", shown, shown));
  return kExitOk;
}

}  // namespace stanch::cli
