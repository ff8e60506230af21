#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "cloud/aws/credential_sources.h"
#include "cloud/aws/credentials.h"
#include "codec/timestamp.h"
#include "env/sim/sim.h"

// A simulated machine with its files, variables and the servers that it can reach. Every
// secret of these tests has "SECRET" in it, so that one can see that no error tells one.

namespace stanch::cloud::aws {

class World {
 public:
  using Answer = std::function<env::HttpTurn(const env::HttpRequest&)>;

  explicit World(uint64_t seed = 1) : sim(seed) {
    sim.set_variable("HOME", "/home/user");
    sim.set_variable("AWS_REGION", "eu-west-1");
    sim.script_http([this](const env::HttpRequest& request, Time) {
      requests.push_back(request);
      // The longest beginning of a URL that somebody answers for.
      const Answer* found = nullptr;
      for (const auto& [url, answer] : servers) {
        if (request.url.starts_with(url)) found = &answer;
      }
      return found != nullptr ? (*found)(request) : env::HttpTurn{.fate = env::HttpFate::kRefused};
    });
  }

  template <typename T>
  Result<T> run(std::function<Result<T>(env::Env)> program) {
    std::optional<Result<T>> result;
    const env::Outcome outcome = sim.run([&](env::Env env) { result = program(env); });
    EXPECT_EQ(outcome.end, env::End::kFinished) << outcome.message;
    std::string said = *result ? "" : result->error().message();
    const std::string variable = "AWS_SECRET_ACCESS_KEY";
    if (const size_t at = said.find(variable); at != said.npos) said.erase(at, variable.size());
    EXPECT_THAT(said, testing::Not(testing::HasSubstr("SECRET")));
    return *std::move(result);
  }

  // "AKIA… of source", "none", or "code: message".
  std::string find(Found (*source)(env::Env, const ChainOptions&)) {
    const auto found =
        run<std::optional<Credentials>>([&](env::Env env) { return source(env, options); });
    if (!found) return words(found.error());
    if (*found) last = **found;
    return *found ? (*found)->access_key_id + " of " + (*found)->source : "none";
  }
  std::string load() {
    const auto loaded =
        run<Credentials>([&](env::Env env) { return load_credentials(env, options); });
    if (!loaded) return words(loaded.error());
    last = *loaded;
    return loaded->access_key_id + " of " + loaded->source;
  }

  static std::string words(const Error& error) {
    return std::string(name_of(error.code())) + ": " + error.message();
  }
  static env::HttpTurn answer(int status, std::string body) {
    return {.response = {.status = status, .body = std::move(body)}};
  }
  static Answer always(int status, const std::string& body) {
    return [=](const env::HttpRequest&) { return answer(status, body); };
  }
  static Answer never(env::HttpFate fate) {
    return [=](const env::HttpRequest&) { return env::HttpTurn{.fate = fate}; };
  }
  static std::string header(const env::HttpRequest& request, std::string_view name) {
    for (const env::HttpHeader& h : request.headers) {
      if (h.name == name) return h.value;
    }
    return "";
  }

  env::SimWorld sim;
  ChainOptions options;
  std::map<std::string, Answer> servers;   // by the beginning of the URL
  std::vector<env::HttpRequest> requests;  // all that arrived or were lost
  std::optional<Credentials> last;
};

// What STS answers to AssumeRole and AssumeRoleWithWebIdentity.
inline std::string sts_answer(const std::string& id, const std::string& expires) {
  return "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\n"
         "  <AssumeRoleResult>\n    <AssumedRoleUser><Arn>arn:x</Arn></AssumedRoleUser>\n"
         "    <Credentials>\n      <AccessKeyId>" +
         id +
         "</AccessKeyId>\n"
         "      <SecretAccessKey>SECRET/sts+" +
         id +
         "</SecretAccessKey>\n"
         "      <SessionToken>SECRETtoken+/=</SessionToken>\n"
         "      <Expiration>" +
         expires +
         "</Expiration>\n    </Credentials>\n"
         "  </AssumeRoleResult>\n</AssumeRoleResponse>\n";
}

inline std::string sts_error(const std::string& code, const std::string& message) {
  return "<ErrorResponse><Error><Type>Sender</Type><Code>" + code + "</Code><Message>" + message +
         "</Message></Error></ErrorResponse>";
}

// What the metadata services of containers and instances answer.
inline std::string json_answer(const std::string& id, const std::string& expires) {
  return R"({"Code":"Success","Type":"AWS-HMAC","AccessKeyId":")" + id +
         R"(","SecretAccessKey":"SECRETkey","Token":"SECRETtoken","Expiration":")" + expires +
         R"("})";
}

}  // namespace stanch::cloud::aws
