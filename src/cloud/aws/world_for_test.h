#pragma once

#include <optional>
#include <string>

#include "cloud/aws/credential_sources.h"
#include "cloud/aws/credentials.h"
#include "cloud/world_for_test.h"
#include "codec/timestamp.h"

namespace stanch::cloud::aws {

// A simulated machine of AWS.
class World : public cloud::World {
 public:
  explicit World(uint64_t seed = 1) : cloud::World(seed) {
    sim.set_variable("AWS_REGION", "eu-west-1");
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

  ChainOptions options;
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
