#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "cloud/aws/credentials.h"
#include "cloud/call.h"
#include "cloud/flows.h"
#include "cloud/operations.h"
#include "env/env.h"
#include "env/http_client.h"

namespace stanch::cloud::aws {

struct ClientOptions {
  // Who we are in that account, for that; asked before each attempt.
  std::function<Result<Credentials>(const std::string& account, Duty duty)> credentials;
  std::string partition = "aws";
  Duration clock_ahead{};  // how far AWS's clock is ahead of ours, as far as is known
};

// Calls of the operations in the table. Reads are asked again while there is no answer, or are
// throttled; writes only if they never left, or were refused for our clock, which is set right
// then. All go as fast as AWS lets them through (flows.h), and none again before AWS asks for it,
// up to kPauseMax. A call to a bucket that is in another region of the partition, as S3 says, is
// signed for that one and goes there, once; the next ones to that bucket at once. Any thread.
class Client : public Caller {
 public:
  static constexpr size_t kPagesMax = 1000;
  static constexpr size_t kBucketsMax = 1000;  // whose regions are remembered
  // A signature may be taken up for so long: most services bear 5 minutes (IAM User Guide,
  // "Signature Version 4"), but their common errors and EC2's and S3's references say 15
  // ("RequestExpired", "RequestTimeTooSkewed"). The longer one is sure.
  static constexpr Duration kSignatureValid = std::chrono::minutes(15);

  Client(env::Env env, ClientOptions options,
         const Operations& operations = Operations::built_in());
  ~Client() override;

  Called call(const Call& call) override;
  Duration signature_holds(const Call&) const override { return kSignatureValid; }

 private:
  struct Attempt;
  Called call_one(const Operation& operation, const Call& call, const codec::JsonValue& parameters);
  Result<env::HttpRequest> request_of(const Operation& operation, const Call& call,
                                      const codec::JsonValue& parameters);
  Attempt attempt(const Operation& operation, const Call& call, const env::HttpRequest& request);
  // Where a bucket is, as far as S3 has said it; else where it was looked for.
  std::string region_of(const std::string& bucket, const std::string& region);
  void remember(const std::string& bucket, const std::string& region);
  Flow flow_of(const Operation& operation, const Call& call) const;
  // True if our clock was off by more than AWS bears, and is set right now.
  bool set_clock(const env::HttpResponse& response);

  env::Env env_;
  ClientOptions options_;
  const Operations& operations_;
  Flows flows_;
  std::unique_ptr<env::Monitor> monitor_;  // of what follows
  Duration clock_ahead_;
  std::map<std::string, std::string> bucket_regions_;
};

}  // namespace stanch::cloud::aws
