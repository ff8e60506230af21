#include "cloud/azure/credential_sources.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cloud/token_for_test.h"
#include "cloud/world_for_test.h"
#include "codec/hash.h"
#include "codec/json_value.h"
#include "codec/rsa_for_test.h"

namespace stanch::cloud::azure {
namespace {

using codec::JsonValue;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

const std::string kTokenUrl =
    "https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/oauth2/v2.0/token";
const std::string kInstance =
    "http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01"
    "&resource=https%3A%2F%2Fgraph.microsoft.com";

class CredentialSources : public ::testing::Test {
 protected:
  CredentialSources() {
    set("AZURE_TENANT_ID", "11111111-2222-3333-4444-555555555555");
    set("AZURE_CLIENT_ID", "app-1");
  }
  void set(const std::string& name, const std::string& value) {
    world_.sim.set_variable(name, value);
  }
  // "token of source", or "code: message".
  std::string load() {
    const auto token = world_.run<Token>([&](env::Env env) -> Result<Token> {
      TRY(options_.cloud, cloud_of(env.variables));
      return load_token(env, options_, "https://graph.microsoft.com");
    });
    return token ? token->value + " of " + token->source : World::words(token.error());
  }
  std::map<std::string, std::string> form() { return fields_of(world_.requests.back().body); }

  World world_;
  ChainOptions options_;
};

TEST_F(CredentialSources, NoneIsSaid) {
  EXPECT_THAT(load(), StartsWith("not_found: no Azure credentials"));
  EXPECT_EQ(world_.requests.size(), 1u) << "only the instance was asked";
}

TEST_F(CredentialSources, ASecretIsShownToEntra) {
  set("AZURE_CLIENT_SECRET", "SECRET+/ one");
  world_.servers[kTokenUrl] = World::always(200, token_answer("SECRET-token"));
  EXPECT_EQ(load(), "SECRET-token of secret of application app-1");
  EXPECT_EQ(world_.requests.back().method, "POST");
  EXPECT_EQ(form(),
            (std::map<std::string, std::string>{{"grant_type", "client_credentials"},
                                                {"client_id", "app-1"},
                                                {"scope", "https://graph.microsoft.com/.default"},
                                                {"client_secret", "SECRET+/ one"}}));
  options_.tenant = "contoso.example";
  world_.servers["https://login.microsoftonline.com/contoso.example/oauth2/v2.0/token"] =
      World::always(200, token_answer("t2"));
  EXPECT_EQ(load(), "t2 of secret of application app-1");
}

TEST_F(CredentialSources, ARefusalIsTheErrorAndNobodyElseIsAsked) {
  set("AZURE_CLIENT_SECRET", "SECRET");
  world_.servers[kTokenUrl] = World::always(
      401, R"({"error":"invalid_client","error_description":"AADSTS7000215: not SECRET, bad"})");
  world_.servers[kInstance] = World::always(200, token_answer("t"));
  EXPECT_EQ(load(),
            "denied: secret of application app-1: refused with status 401, invalid_client: (not "
            "shown: there is a secret in it)");
  EXPECT_EQ(world_.requests.size(), 1u);
}

TEST_F(CredentialSources, AnsweringLaterIsWaitedFor) {
  set("AZURE_CLIENT_SECRET", "SECRET");
  int asked = 0;
  world_.servers[kTokenUrl] = [&](const env::HttpRequest&) {
    return ++asked < 3 ? World::answer(503, "") : World::answer(200, token_answer("t"));
  };
  EXPECT_THAT(load(), StartsWith("t of "));
  EXPECT_EQ(asked, 3);
}

TEST_F(CredentialSources, ACertificateSignsAnAssertion) {
  const codec::RsaKeyForTest key;
  const std::string certificate = key.certificate_pem();
  world_.sim.put_file("/etc/app.pem", key.pem() + certificate);
  set("AZURE_CLIENT_CERTIFICATE_PATH", "/etc/app.pem");
  world_.servers[kTokenUrl] = World::always(200, token_answer("t"));
  EXPECT_EQ(load(), "t of certificate of application app-1");
  auto sent = form();
  EXPECT_EQ(sent["client_assertion_type"],
            "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
  EXPECT_FALSE(sent.contains("client_secret"));
  const auto parts = parts_of_jwt(sent["client_assertion"], key.der());
  ASSERT_TRUE(parts) << "the certificate's key did not sign it";
  codec::JsonParser parser;
  const JsonValue header = JsonValue::of(parser.parse(parts->header));
  const auto hash = codec::sha256(*codec::certificate_der_of_pem(certificate));
  EXPECT_EQ(header["alg"].text_or_empty(), "RS256");
  EXPECT_EQ(header["x5t#S256"].text_or_empty(),
            codec::encode_base64url({reinterpret_cast<const char*>(hash.data()), hash.size()}));
  const JsonValue claims = JsonValue::of(parser.parse(parts->claims));
  EXPECT_EQ(claims["aud"].text_or_empty(), kTokenUrl);
  EXPECT_EQ(claims["iss"].text_or_empty(), "app-1");
  EXPECT_EQ(claims["sub"].text_or_empty(), "app-1");
  EXPECT_EQ(claims["jti"].text_or_empty().size(), 32u);
  EXPECT_EQ(*claims["exp"].integer() - *claims["nbf"].integer(), 600);
  const std::string first = claims["jti"].text_or_empty();
  load();
  EXPECT_FALSE(parts_of_jwt(form()["client_assertion"], key.der())->claims.contains(first))
      << "an assertion is used once";
}

TEST_F(CredentialSources, ACertificateThatIsNoneIsNamed) {
  const codec::RsaKeyForTest key;
  set("AZURE_CLIENT_CERTIFICATE_PATH", "/etc/app.pem");
  EXPECT_THAT(load(), AllOf(StartsWith("not_found: "), HasSubstr("/etc/app.pem")));
  for (const std::string& pem : {std::string("x"), key.pem(), key.certificate_pem(),
                                 key.pem_encrypted() + key.certificate_pem()}) {
    world_.sim.put_file("/etc/app.pem", pem);
    EXPECT_THAT(load(), StartsWith("invalid: /etc/app.pem: there is no "));
  }
  EXPECT_TRUE(world_.requests.empty());
}

TEST_F(CredentialSources, AFederatedTokenIsReadEachTime) {
  set("AZURE_FEDERATED_TOKEN_FILE", "/var/token");
  world_.servers[kTokenUrl] = World::always(200, token_answer("t"));
  for (const std::string token : {"SECRET-1", "SECRET-2"}) {
    world_.sim.put_file("/var/token", token + "\n");
    EXPECT_EQ(load(), "t of federated token of application app-1");
    EXPECT_EQ(form()["client_assertion"], token);
  }
  world_.servers[kTokenUrl] =
      World::always(400, R"({"error":"invalid_client","error_description":"SECRET-2 is bad"})");
  EXPECT_THAT(load(), StartsWith("denied: "));
}

TEST_F(CredentialSources, WhatIsSetUpByHalfIsNoOtherIdentity) {
  world_.servers[kInstance] = World::always(200, token_answer("t"));
  const struct {
    std::map<std::string, std::string> variables;
    const char* why;
  } cases[] = {
      {{{"AZURE_CLIENT_SECRET", "SECRET"}, {"AZURE_TENANT_ID", ""}},
       "AZURE_CLIENT_SECRET is set without AZURE_TENANT_ID or AZURE_CLIENT_ID"},
      {{{"AZURE_FEDERATED_TOKEN_FILE", "/t"}, {"AZURE_CLIENT_ID", ""}},
       "AZURE_FEDERATED_TOKEN_FILE is set without AZURE_TENANT_ID or AZURE_CLIENT_ID"},
      {{{"AZURE_CLIENT_SECRET", "SECRET"}, {"AZURE_CLIENT_CERTIFICATE_PATH", "/c"}},
       "AZURE_CLIENT_SECRET and AZURE_CLIENT_CERTIFICATE_PATH are both set"},
      {{{"AZURE_CLIENT_SECRET", "SECRET"}, {"AZURE_TENANT_ID", "a/../b"}},
       "the tenant of Azure is no name of one"},
      {{{"IDENTITY_ENDPOINT", "http://127.0.0.1/t"}},
       "IDENTITY_ENDPOINT is set without IDENTITY_HEADER"},
      {{{"IDENTITY_ENDPOINT", "http://127.0.0.1/t"}, {"IMDS_ENDPOINT", "http://127.0.0.1"}},
       "the identity of a machine of Azure Arc is not supported"},
  };
  for (const auto& each : cases) {
    World world;
    world.sim.set_variable("AZURE_TENANT_ID", "t");
    world.sim.set_variable("AZURE_CLIENT_ID", "c");
    for (const auto& [name, value] : each.variables) world.sim.set_variable(name, value);
    const auto token = world.run<Token>([&](env::Env env) -> Result<Token> {
      TRY(const Cloud cloud, cloud_of(env.variables));
      return load_token(env, {.cloud = cloud, .tenant = "", .programs = nullptr}, "https://a");
    });
    ASSERT_FALSE(token) << each.why;
    EXPECT_EQ(token.error().message(), each.why);
    EXPECT_TRUE(world.requests.empty());
  }
}

TEST_F(CredentialSources, AppServiceGivesItsOwnTokens) {
  set("IDENTITY_ENDPOINT", "http://127.0.0.1:41000/msi/token/");
  set("IDENTITY_HEADER", "SECRET-header");
  world_.servers["http://127.0.0.1:41000/msi/token?"] =
      World::always(200, R"({"access_token":"t","expires_on":"99999999999"})");
  EXPECT_EQ(load(), "t of App Service");
  const env::HttpRequest& request = world_.requests.back();
  EXPECT_EQ(request.url,
            "http://127.0.0.1:41000/msi/token?api-version=2019-08-01"
            "&resource=https%3A%2F%2Fgraph.microsoft.com&client_id=app-1");
  EXPECT_EQ(World::header(request, "X-IDENTITY-HEADER"), "SECRET-header");
  set("IDENTITY_ENDPOINT", "http://10.0.0.1/token");
  EXPECT_THAT(load(), StartsWith("denied: IDENTITY_ENDPOINT: 10.0.0.1"));
}

TEST_F(CredentialSources, AnInstanceIsAskedWithItsHeader) {
  set("AZURE_CLIENT_ID", "");
  world_.servers[kInstance] =
      World::always(200, R"({"access_token":"t","expires_in":"86399","expires_on":"5"})");
  EXPECT_EQ(load(), "t of the instance's identity");
  EXPECT_EQ(world_.requests.back().url, kInstance);
  EXPECT_EQ(World::header(world_.requests.back(), "Metadata"), "true");
  set("AZURE_CLIENT_ID", "user-assigned");
  load();
  EXPECT_EQ(world_.requests.back().url, kInstance + "&client_id=user-assigned");
}

TEST_F(CredentialSources, OtherServicesAtThatAddressAreNoInstanceOfAzure) {
  const struct {
    const char* client_id;
    int status;
    const char* body;
    const char* expected;  // how it begins
  } cases[] = {
      {"", 404, "<html>", "not_found: no Azure"},  // EC2
      {"", 401, "", "not_found: no Azure"},
      {"", 403, "Missing Metadata-Flavor", "not_found: no Azure"},  // Google
      {"", 400, R"({"error":"invalid_request","error_description":"Identity not found"})",
       "not_found: no Azure"},
      {"app", 400, R"({"error":"invalid_request","error_description":"Identity not found"})",
       "invalid: the instance's identity: refused with status 400"},
      {"", 500, "", "unavailable: the instance's identity"},
      {"", 200, "x", "unavailable: the instance's identity: the answer holds no token"},
  };
  for (const auto& each : cases) {
    set("AZURE_CLIENT_ID", each.client_id);
    world_.servers[kInstance] = World::always(each.status, each.body);
    EXPECT_THAT(load(), StartsWith(each.expected)) << each.status << each.body;
  }
}

class FakePrograms : public env::Programs {
 public:
  Result<env::ProgramEnd> run(const env::ProgramRun& run) override {
    line = run.name;
    for (const std::string& each : run.arguments) line += "|" + each;
    return end;
  }
  std::string line;
  Result<env::ProgramEnd> end = env::ProgramEnd{
      .status = 0,
      .out = R"({"accessToken":"SECRET-cli","expiresOn":"2026-01-01 00:00:00.000000",)"
             R"("expires_on":99999999999,"tokenType":"Bearer"})"};
};

TEST_F(CredentialSources, APersonsTokenIsTakenOnlyIfSomebodySaysSo) {
  FakePrograms programs;
  options_.programs = &programs;
  EXPECT_THAT(load(), StartsWith("not_found: "));
  EXPECT_EQ(programs.line, "");
  set("AZURE_TOKEN_CREDENTIALS", "AzureCliCredential");
  set("AZURE_CLIENT_SECRET", "SECRET");
  EXPECT_EQ(load(), "SECRET-cli of az");
  EXPECT_EQ(programs.line,
            "az|account|get-access-token|--resource|https://graph.microsoft.com|--output|json|"
            "--tenant|11111111-2222-3333-4444-555555555555");
  options_.tenant = "--help";
  EXPECT_EQ(load(), "invalid: the tenant of Azure is no name of one");
  options_.tenant = "contoso.example";
  programs.end = env::ProgramEnd{.status = 1, .out = "SECRET"};
  EXPECT_EQ(load(), "denied: az gives no token (status 1); `az login` signs in");
  programs.end = Error(ErrorCode::kNotFound, "az: there is no such program");
  EXPECT_EQ(load(), "not_found: az: there is no such program");
  options_.programs = nullptr;
  EXPECT_EQ(load(), "invalid: AZURE_TOKEN_CREDENTIALS names az, but no program is run here");
}

TEST(CliToken, HasAnEndAhead) {
  const Time now{std::chrono::seconds(1'700'000'000)};
  const auto token = read_cli_token(R"({"accessToken":"t","expires_on":1700000100})", now);
  ASSERT_TRUE(token);
  EXPECT_EQ(*token->expires - now, std::chrono::seconds(100));
  for (const char* text :
       {"", "x", "{}", R"({"accessToken":"t","expiresOn":"2100-01-01 00:00:00"})",
        R"({"accessToken":"t","expires_on":1700000000})",
        R"({"accessToken":"t","expires_on":"1700000100"})",
        R"({"accessToken":"t","expires_on":-9223372036854775808})",
        R"({"accessToken":"a b","expires_on":1700000100})"}) {
    EXPECT_FALSE(read_cli_token(text, now)) << text;
  }
}

}  // namespace
}  // namespace stanch::cloud::azure
