#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "cloud/renewing.h"
#include "env/env.h"
#include "env/http_client.h"

// Bearer tokens (RFC 6750): who we are to Azure and to Google Cloud. Their secret is in `value`
// alone: no error and no text made here has any.

namespace stanch::cloud {

inline constexpr std::chrono::hours kTokenLastsMax{48};  // the longest that is known are 28 hours

struct Token {
  std::string value;
  std::optional<Time> expires;
  std::string source;  // for people: "client secret of …", "metadata service"
  bool operator==(const Token&) const = default;
};

// Nothing if the source is not set up here. An error if it is, but does not work or is set up by
// half: whoever set it up did not mean the next one.
using FoundToken = Result<std::optional<Token>>;

// What must never be shown, of a request that is sent.
using Secrets = std::vector<std::string>;

// Reads what a token endpoint of OAuth 2 (RFC 6749, section 5) or a metadata service of Azure or
// Google Cloud answered: access_token with expires_in, or expires_on in Unix seconds. kDenied if
// it says no to whoever asks; kThrottled, kUnavailable if asking later may help.
Result<Token> read_token(const env::HttpResponse& response, Time now, const std::string& source,
                         const Secrets& secrets);

// Sends such a request, up to kAskTimes, and reads the answer.
Result<Token> ask_for_token(env::Env env, const env::HttpRequest& request,
                            const std::string& source, const Secrets& secrets);

// A request for a token as RFC 6749 wants it: a form.
env::HttpRequest token_request(std::string url,
                               const std::vector<std::pair<std::string, std::string>>& form);

// Tokens of one identity for several audiences. Any thread; it must outlive the calls, and what
// is in `env` must outlive it.
class TokenCache {
 public:
  using Load = std::function<Result<Token>(const std::string& audience)>;
  static constexpr size_t kAudiencesMax = 100;

  TokenCache(env::Env env, Load load);

  Result<Token> get(const std::string& audience);
  void drop(const std::string& audience, const Token& refused);

 private:
  std::shared_ptr<Renewing<Token>> of(const std::string& audience);

  env::Env env_;
  const Load load_;
  std::unique_ptr<env::Monitor> monitor_;  // of what follows; not held while loading
  std::map<std::string, std::shared_ptr<Renewing<Token>>> tokens_;
};

}  // namespace stanch::cloud
