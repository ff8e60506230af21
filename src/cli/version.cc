#include "cli/version.h"

#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/context.h"
#include "codec/json_writer.h"
#include "pipeline/content.h"

namespace stanch::cli {

namespace {

constexpr size_t kShortHash = 12;

}  // namespace

std::string_view program_version() { return STANCH_VERSION; }

std::string_view compiler_version() {
#if defined(__clang__)
  return "clang " __clang_version__;
#else
  return "gcc " __VERSION__;
#endif
}

std::string version_line() {
  return fmt::format("stanch {} (content {}, {})\n", program_version(),
                     pipeline::embedded_content().version().substr(0, kShortHash),
                     compiler_version());
}

int run_version(Context& context) {
  const auto content =
      pipeline::load_content(context.env().files, context.settings().text("content"));
  if (!content) return context.fail(content.error(), kExitUsage);
  const std::string version = content->version();
  if (!context.settings().flag("json")) {
    return context.print(fmt::format("stanch   {}\ncontent  {}\ncompiler {}\n", program_version(),
                                     version, compiler_version()));
  }
  std::string out;
  codec::JsonWriter json(out);
  json.begin_object()
      .field("schema", "stanch.version/1")
      .field("version", program_version())
      .field("content_version", version)
      .field("compiler", compiler_version())
      .end_object();
  return context.print(out + "\n");
}

}  // namespace stanch::cli
