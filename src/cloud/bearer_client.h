#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "cloud/call.h"
#include "cloud/flows.h"
#include "cloud/operations.h"
#include "cloud/rest_call.h"
#include "cloud/token.h"
#include "env/env.h"
#include "env/http_client.h"

// The client of providers that take bearer tokens and JSON: Azure and Google Cloud. What is theirs
// alone is in a dialect.

namespace stanch::cloud {

// Why a request was refused, as the provider says it.
struct RestError {
  std::string code;     // "AuthorizationFailed"; "HTTP 503" if none is said
  std::string message;  // for people; foreign text
};

// Where it is seen how far that is which a call began.
struct Watched {
  // As the answer has it, or "/path" at the endpoint.
  std::string url;
  // How it is said there, as the dialect counts them.
  int how = 0;
};

// How far that is.
struct Progress {
  enum class State : uint8_t { kRunning, kDone, kFailed };
  State state = State::kRunning;
  RestError error;  // of what failed
};

// Whose tokens a call bears.
struct TokenAsk {
  std::string account;  // of the call: a subscription, a tenant, a project
  Duty duty = Duty::kRead;
  std::string audience;  // as the dialect names it
};

class Dialect {
 public:
  virtual ~Dialect() = default;

  virtual bool speaks(const Service& service) const = 0;
  // "https://management.azure.com": without a slash at the end.
  virtual Result<std::string> endpoint_of(const Operation& operation) const = 0;
  // For whom a token must be.
  virtual std::string audience_of(const Operation& operation) const = 0;
  // What a call does not say because its account says it; kInvalid where the two differ.
  virtual Result<codec::JsonValue> whole(const Operation& operation, const Call& call) const = 0;

  virtual RestError read_error(const env::HttpResponse& response) const = 0;
  // What may the caller do?
  virtual ErrorCode class_of(const RestError& error, int status) const = 0;
  // As the provider's own logs have it; "" if none is said.
  virtual std::string request_id_of(const env::HttpResponse& response) const = 0;

  // Where it is seen how far that is which an answer says was begun; nothing if it is done.
  virtual std::optional<Watched> watched(const Operation& operation, const RestCall& sent,
                                         const env::HttpResponse& response) const = 0;
  // What was answered there.
  virtual Progress progress_of(const Watched& watched, const env::HttpResponse& response) const = 0;
  // Where the result is, once it is done: a URL likewise, or "" if the last answer is the result.
  virtual std::string result_url(const Watched& watched, const RestCall& sent,
                                 const env::HttpResponse& first,
                                 const env::HttpResponse& last) const = 0;
};

struct BearerOptions {
  // Who we are there; asked before each request.
  std::function<Result<Token>(const TokenAsk& ask)> token;
  // The provider no longer takes that one. May be empty.
  std::function<void(const TokenAsk& ask, const Token& token)> refused = {};
};

// Calls of the operations in the table. Reads are asked again while there is no answer, or are
// throttled; writes only if they never left, or if the token alone was refused, which both come
// before anything is done. What a call began is waited for, up to kDoneWithin: an answer says that
// it is done. All go as fast as the provider lets them through (flows.h), and none again before it
// asks for it, up to kPauseMax. Whatever URL an answer names is asked only at the host that
// answered. Any thread.
class BearerClient : public Caller {
 public:
  static constexpr size_t kPagesMax = 1000;
  static constexpr Duration kDoneWithin = std::chrono::minutes(10);
  static constexpr Duration kLookEvery = std::chrono::seconds(2);  // doubles, up to:
  static constexpr Duration kLookEveryMax = std::chrono::seconds(30);
  // A token bears no time of the request, and no provider says for how long one that arrived may
  // still be taken up. The connection is ours and ends with the call; this is what AWS takes.
  static constexpr Duration kRequestHolds = std::chrono::minutes(15);
  static_assert(kDoneWithin < kRequestHolds);  // who waits has said so before others go on

  BearerClient(env::Env env, std::unique_ptr<Dialect> dialect, BearerOptions options,
               const Operations& operations);
  ~BearerClient() override;

  Called call(const Call& call) override;
  Duration signature_holds(const Call&) const override { return kRequestHolds; }

 private:
  struct Asked;    // one call, and what it takes to ask
  struct Attempt;  // what came of one request
  Called call_one(const Asked& asked, const RestCall& rest);
  Called pages(const Asked& asked, Called first, const codec::JsonValue& parameters);
  Attempt attempt(const Asked& asked, const RestCall& rest, bool is_the_call);
  // A read that belongs to a call, as often as it takes.
  Attempt look(const Asked& asked, const std::string& target);
  Called finish(const Asked& asked, const RestCall& sent, const Attempt& first);
  Flow flow_of(const Asked& asked) const;

  env::Env env_;
  std::unique_ptr<Dialect> dialect_;
  BearerOptions options_;
  const Operations& operations_;
  Flows flows_;
};

// The "/path?query" of a URL that an answer named, if it is at that endpoint (scheme, host and
// port are its), or is such a path itself. Nothing for all else.
std::optional<std::string> target_at(const std::string& endpoint, const std::string& url);

}  // namespace stanch::cloud
