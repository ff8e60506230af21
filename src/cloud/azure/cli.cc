#include <algorithm>
#include <chrono>
#include <utility>

#include "base/ascii.h"
#include "cloud/azure/credential_sources.h"
#include "cloud/invalid.h"
#include "cloud/text_file.h"
#include "codec/json.h"

// The token of a person who is signed in to Azure's command line: `az account get-access-token`.

namespace stanch::cloud::azure {

namespace {

constexpr const char* kChosenBy = "AZURE_TOKEN_CREDENTIALS";

}  // namespace

FoundToken from_cli(env::Env env, const ChainOptions& options, const std::string& audience) {
  // As Azure's own libraries have it; whoever does not say so is never a person.
  const std::string chosen = ascii_lower(variable(env, kChosenBy));
  if (chosen != "azureclicredential") return std::optional<Token>();
  if (options.programs == nullptr) {
    return invalid(std::string(kChosenBy) + " names az, but no program is run here");
  }
  const std::string tenant =
      options.tenant.empty() ? variable(env, "AZURE_TENANT_ID") : options.tenant;
  env::ProgramRun run{
      .name = "az",
      .arguments = {"account", "get-access-token", "--resource", audience, "--output", "json"}};
  if (!tenant.empty()) {
    if (!is_tenant(tenant)) return invalid("the tenant of Azure is no name of one");
    run.arguments.insert(run.arguments.end(), {"--tenant", tenant});
  }
  TRY(const env::ProgramEnd end, options.programs->run(run));
  if (end.status != 0) {
    return Error(ErrorCode::kDenied, "az gives no token (status " + std::to_string(end.status) +
                                         "); `az login` signs in");
  }
  TRY(Token token, read_cli_token(end.out, env.clock.now()));
  return std::optional(std::move(token));
}

Result<Token> read_cli_token(const std::string& text, Time now) {
  codec::JsonParser parser(codec::JsonParser::Texts::kFew);
  const codec::JsonView said = parser.parse(text);
  Token token;
  token.source = "az";
  std::optional<int64_t> until;
  if (said) {
    token.value = said["accessToken"].string_or_empty();
    // "expiresOn" is in local time, of which nobody says where; az has this one since 2.54.
    const codec::JsonView expires = said["expires_on"];
    if (expires && expires.is_number()) until = expires.as_int64();
  }
  const int64_t today = std::chrono::floor<std::chrono::seconds>(now.time_since_epoch()).count();
  if (!is_printable_word(token.value) || !until || *until <= today) {
    return Error(ErrorCode::kUnavailable, "az says no token that lasts");
  }
  const auto left = std::min<int64_t>(*until - today, std::chrono::seconds(kTokenLastsMax).count());
  token.expires = now + std::chrono::seconds(left);
  return token;
}

}  // namespace stanch::cloud::azure
