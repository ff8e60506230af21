#include "cloud/gcp/credential_sources.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/ascii.h"
#include "cloud/token_for_test.h"
#include "cloud/world_for_test.h"
#include "codec/json_value.h"
#include "codec/rsa_for_test.h"

namespace stanch::cloud::gcp {
namespace {

using codec::JsonValue;
using testing::HasSubstr;
using testing::StartsWith;

const std::string kScope = "https://www.googleapis.com/auth/cloud-platform";
const std::string kMetadata =
    "http://169.254.169.254/computeMetadata/v1/instance/service-accounts/default/token?scopes=";
const std::string kImpersonate =
    "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/";
const std::string kImpersonated =
    R"({"accessToken":"SECRET-other","expireTime":"2100-01-01T00:00:00Z"})";

class GoogleSources : public ::testing::Test {
 protected:
  // "token of source", or "code: message".
  std::string load(const std::string& scopes = kScope) {
    const auto token =
        world_.run<Token>([&](env::Env env) { return load_token(env, options_, scopes); });
    return token ? token->value + " of " + token->source : World::words(token.error());
  }
  void file(const std::string& text) {
    world_.sim.put_file("/etc/key.json", text);
    world_.sim.set_variable("GOOGLE_APPLICATION_CREDENTIALS", "/etc/key.json");
  }
  void key_file(const codec::RsaKeyForTest& key,
                const std::string& url = "https://oauth2.googleapis.com/token") {
    file(key_json(key, url));
  }
  static std::string key_json(const codec::RsaKeyForTest& key, const std::string& url) {
    return to_json(JsonValue(JsonValue::Object{{"type", JsonValue("service_account")},
                                               {"client_email", JsonValue("sa@p.example")},
                                               {"private_key_id", JsonValue("kid-1")},
                                               {"private_key", JsonValue(key.pem())},
                                               {"token_uri", JsonValue(url)}}));
  }
  void federated(const std::string& source, const std::string& more = "") {
    file(R"({"type":"external_account","audience":"//iam.googleapis.com/pool",)"
         R"("subject_token_type":"urn:ietf:params:oauth:token-type:jwt",)"
         R"("token_url":"https://sts.googleapis.com/v1/token","credential_source":)" +
         source + more + "}");
  }
  JsonValue body() {
    codec::JsonParser parser;
    return JsonValue::of(parser.parse(world_.requests.back().body));
  }
  std::map<std::string, std::string> form() { return fields_of(world_.requests.back().body); }

  World world_;
  ChainOptions options_;
};

TEST_F(GoogleSources, NoneIsSaid) {
  EXPECT_THAT(load(), StartsWith("not_found: no Google credentials"));
}

TEST_F(GoogleSources, AKeySignsAnAssertion) {
  const codec::RsaKeyForTest key;
  key_file(key);
  world_.servers["https://oauth2.googleapis.com/token"] =
      World::always(200, token_answer("SECRET-token"));
  EXPECT_EQ(load("a b"), "SECRET-token of key of sa@p.example");
  EXPECT_EQ(form()["grant_type"], "urn:ietf:params:oauth:grant-type:jwt-bearer");
  const auto parts = parts_of_jwt(form()["assertion"], key.der());
  ASSERT_TRUE(parts) << "the key did not sign it";
  EXPECT_EQ(parts->header, R"({"alg":"RS256","kid":"kid-1","typ":"JWT"})");
  codec::JsonParser parser;
  const JsonValue claims = JsonValue::of(parser.parse(parts->claims));
  EXPECT_EQ(claims["iss"].text_or_empty(), "sa@p.example");
  EXPECT_EQ(claims["scope"].text_or_empty(), "a b");
  EXPECT_EQ(claims["aud"].text_or_empty(), "https://oauth2.googleapis.com/token");
  EXPECT_EQ(*claims["exp"].integer() - *claims["iat"].integer(), 3600);
  EXPECT_TRUE(claims["sub"].is_null());
  options_.subject = "admin@domain.example";
  EXPECT_EQ(load(), "SECRET-token of key of sa@p.example for admin@domain.example");
  EXPECT_THAT(parts_of_jwt(form()["assertion"], key.der())->claims,
              HasSubstr(R"("sub":"admin@domain.example")"));
}

TEST_F(GoogleSources, ARefusalIsTheErrorAndNobodyElseIsAsked) {
  key_file(codec::RsaKeyForTest());
  world_.servers[kMetadata] = World::always(200, token_answer("t"));
  world_.servers["https://oauth2.googleapis.com/token"] = World::always(
      400, R"({"error":"invalid_grant","error_description":"Invalid JWT Signature."})");
  EXPECT_EQ(load(),
            "denied: /etc/key.json: key of sa@p.example: refused with status 400, invalid_grant: "
            "Invalid JWT Signature.");
  EXPECT_EQ(world_.requests.size(), 1u);
}

TEST_F(GoogleSources, FilesThatAreNoneOfOursSayWhy) {
  const codec::RsaKeyForTest key;
  const struct {
    std::string text;
    const char* why;
  } cases[] = {
      {"x", "it is no JSON object"},
      {"[]", "it is no JSON object"},
      {"{}", "its type is none that is known"},
      {R"({"type":"authorized_user","refresh_token":"SECRET"})",
       "these are the credentials of a person"},
      {R"({"type":"service_account","token_uri":"https://oauth2.googleapis.com/token"})",
       "there is no client_email"},
      {R"({"type":"service_account","client_email":"a","private_key":"SECRET",)"
       R"("token_uri":"https://oauth2.googleapis.com/token"})",
       "there is no RSA private key that is not encrypted"},
      {key_json(key, "https://evil.example/token"), "token_uri leads to no host of Google"},
      {R"({"type":"external_account"})", "there is no audience"},
      {R"({"type":"impersonated_service_account",)"
       R"("service_account_impersonation_url":"https://evil.example/x"})",
       "service_account_impersonation_url leads to no host of Google"},
      {R"({"type":"impersonated_service_account","source_credentials":)"
       R"({"type":"impersonated_service_account"},)"
       R"("service_account_impersonation_url":"https://iamcredentials.googleapis.com/x"})",
       "its type is none that is known"},
  };
  for (const auto& each : cases) {
    file(each.text);
    EXPECT_THAT(load(), HasSubstr(std::string("/etc/key.json: ") + each.why)) << each.text;
  }
  EXPECT_TRUE(world_.requests.empty());
}

TEST_F(GoogleSources, ATokenInAFileIsExchanged) {
  world_.sim.put_file("/var/token", " SECRET-subject\n");
  world_.sim.put_file("/var/json", R"({"id_token":"SECRET-json"})");
  world_.servers["https://sts.googleapis.com/v1/token"] = World::always(200, token_answer("t"));
  federated(R"({"file":"/var/token"})");
  EXPECT_EQ(load(), "t of workload identity //iam.googleapis.com/pool");
  EXPECT_EQ(form(), (std::map<std::string, std::string>{
                        {"grant_type", "urn:ietf:params:oauth:grant-type:token-exchange"},
                        {"audience", "//iam.googleapis.com/pool"},
                        {"scope", kScope},
                        {"requested_token_type", "urn:ietf:params:oauth:token-type:access_token"},
                        {"subject_token", "SECRET-subject"},
                        {"subject_token_type", "urn:ietf:params:oauth:token-type:jwt"}}));
  federated(
      R"({"file":"/var/json","format":{"type":"json","subject_token_field_name":"id_token"}})");
  load();
  EXPECT_EQ(form()["subject_token"], "SECRET-json");
  world_.servers["https://sts.googleapis.com/v1/token"] =
      World::always(400, R"({"error":"invalid_grant","error_description":"SECRET-json is old"})");
  EXPECT_THAT(load(), StartsWith("denied: /etc/key.json: workload identity"));
}

TEST_F(GoogleSources, ATokenMayComeFromNextToUs) {
  world_.servers["https://sts.googleapis.com/v1/token"] = World::always(200, token_answer("t"));
  world_.servers["http://169.254.169.254/token"] =
      World::always(200, R"({"access_token":"SECRET-1"})");
  federated(R"({"url":"http://169.254.169.254/token","headers":{"Metadata":"True"},)"
            R"("format":{"type":"json","subject_token_field_name":"access_token"}})");
  EXPECT_THAT(load(), StartsWith("t of "));
  EXPECT_EQ(World::header(world_.requests.front(), "Metadata"), "True");
  EXPECT_EQ(form()["subject_token"], "SECRET-1");
  federated(R"({"url":"http://10.0.0.1/token"})");
  EXPECT_THAT(load(), StartsWith("denied: /etc/key.json: credential_source: 10.0.0.1"));
  federated(R"({"executable":{"command":"/bin/evil"}})");
  EXPECT_THAT(load(), HasSubstr("no program is run"));
  federated(R"({"environment_id":"azure1"})");
  EXPECT_THAT(load(), HasSubstr("its environment is not supported"));
}

TEST_F(GoogleSources, AwsSaysWhoWeAreByARequestThatWeSigned) {
  world_.sim.set_variable("AWS_REGION", "eu-west-1");
  world_.sim.set_variable("AWS_ACCESS_KEY_ID", "AKIA1");
  world_.sim.set_variable("AWS_SECRET_ACCESS_KEY", "SECRET-key");
  world_.sim.set_variable("AWS_SESSION_TOKEN", "session");
  world_.servers["https://sts.googleapis.com/v1/token"] = World::always(200, token_answer("t"));
  federated(R"({"environment_id":"aws1"})");
  EXPECT_THAT(load(), StartsWith("t of "));
  ASSERT_EQ(world_.requests.size(), 1u) << "Google asks STS, not we";
  codec::JsonParser parser;
  const std::string subject = fields_of("x=" + form()["subject_token"])["x"];
  const JsonValue request = JsonValue::of(parser.parse(subject));
  EXPECT_EQ(request["url"].text_or_empty(),
            "https://sts.eu-west-1.amazonaws.com?Action=GetCallerIdentity&Version=2011-06-15");
  EXPECT_EQ(request["method"].text_or_empty(), "POST");
  std::map<std::string, std::string> headers;
  ASSERT_TRUE(request["headers"].is_array());
  for (const JsonValue& each : request["headers"].array()) {
    headers[ascii_lower(each["key"].text_or_empty())] = each["value"].text_or_empty();
  }
  EXPECT_EQ(headers["host"], "sts.eu-west-1.amazonaws.com");
  EXPECT_EQ(headers["x-goog-cloud-target-resource"], "//iam.googleapis.com/pool");
  EXPECT_EQ(headers["x-amz-security-token"], "session");
  EXPECT_THAT(headers["authorization"], HasSubstr("Credential=AKIA1/"));
  EXPECT_THAT(headers["authorization"], HasSubstr("x-goog-cloud-target-resource"));
  EXPECT_THAT(headers["authorization"], HasSubstr("/eu-west-1/sts/aws4_request"));
  EXPECT_THAT(subject, testing::Not(HasSubstr("SECRET")));
}

TEST_F(GoogleSources, AServiceAccountIsBecomeOnTop) {
  world_.servers[kMetadata] = [](const env::HttpRequest&) {
    env::HttpTurn turn = World::answer(200, token_answer("SECRET-own"));
    turn.response.headers = {{"Metadata-Flavor", "Google"}};
    return turn;
  };
  const std::string url = kImpersonate + "respond%40p.iam.gserviceaccount.com:generateAccessToken";
  world_.servers[url] = World::always(200, kImpersonated);
  options_.impersonate = "respond@p.iam.gserviceaccount.com";
  options_.delegates = {"middle@p.iam.gserviceaccount.com"};
  EXPECT_THAT(load("a b"), StartsWith("SECRET-other of respond%40p"));
  EXPECT_EQ(world_.requests.front().url,
            kMetadata + "https%3A%2F%2Fwww.googleapis.com%2Fauth%2Fcloud-platform");
  EXPECT_EQ(World::header(world_.requests.back(), "Authorization"), "Bearer SECRET-own");
  EXPECT_EQ(to_json(body()),
            R"({"delegates":["projects/-/serviceAccounts/middle@p.iam.gserviceaccount.com"],)"
            R"("lifetime":"3600s","scope":["a","b"]})");
  world_.servers[url] = World::always(
      403, R"({"error":{"code":403,"status":"PERMISSION_DENIED","message":"not SECRET-own"}})");
  EXPECT_THAT(load(), StartsWith("denied: respond%40p"));
  options_.impersonate = "../x";
  EXPECT_EQ(load(), "invalid: that is no service account to become");
}

TEST_F(GoogleSources, FilesMayNameWhomToBecome) {
  const codec::RsaKeyForTest key;
  world_.servers["https://oauth2.googleapis.com/token"] =
      World::always(200, token_answer("SECRET-own"));
  world_.servers[kImpersonate + "r:generateAccessToken"] = World::always(200, kImpersonated);
  file(R"({"type":"impersonated_service_account","delegates":["projects/-/serviceAccounts/m"],)"
       R"("service_account_impersonation_url":")" +
       kImpersonate + R"(r:generateAccessToken","source_credentials":)" +
       key_json(key, "https://oauth2.googleapis.com/token") + "}");
  EXPECT_EQ(load(), "SECRET-other of r by key of sa@p.example");
  EXPECT_THAT(world_.requests.back().body, HasSubstr("projects/-/serviceAccounts/m"));
  world_.sim.put_file("/var/token", "SECRET-subject");
  world_.servers["https://sts.googleapis.com/v1/token"] =
      World::always(200, token_answer("SECRET-federated"));
  federated(R"({"file":"/var/token"})", R"(,"service_account_impersonation_url":")" + kImpersonate +
                                            R"(r:generateAccessToken")");
  EXPECT_THAT(load(), StartsWith("SECRET-other of r by workload identity"));
  EXPECT_EQ(World::header(world_.requests.back(), "Authorization"), "Bearer SECRET-federated");
}

TEST_F(GoogleSources, OtherServicesAtThatAddressAreNoMetadataServer) {
  world_.servers[kMetadata] = World::always(200, token_answer("t"));
  EXPECT_THAT(load(), StartsWith("not_found: ")) << "it does not say that it is Google's";
  const auto of_google = [](int status, const std::string& body) {
    return [=](const env::HttpRequest&) {
      env::HttpTurn turn = World::answer(status, body);
      turn.response.headers = {{"Metadata-Flavor", "Google"}};
      return turn;
    };
  };
  world_.servers[kMetadata] = of_google(404, "");
  EXPECT_THAT(load(), StartsWith("not_found: "));
  world_.servers[kMetadata] = of_google(500, "");
  EXPECT_THAT(load(), StartsWith("unavailable: the metadata server"));
  world_.servers[kMetadata] = of_google(200, token_answer("t"));
  EXPECT_EQ(load(), "t of the metadata server");
  EXPECT_EQ(World::header(world_.requests.back(), "Metadata-Flavor"), "Google");
  options_.subject = "admin@domain.example";
  EXPECT_THAT(load(), HasSubstr("only a key of a service account acts for a person"));
  world_.sim.set_variable("GCE_METADATA_HOST", "10.0.0.1");
  EXPECT_THAT(load(), StartsWith("denied: GCE_METADATA_HOST: 10.0.0.1"));
}

}  // namespace
}  // namespace stanch::cloud::gcp
