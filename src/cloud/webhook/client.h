#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "cloud/call.h"
#include "env/env.h"
#include "env/http_client.h"

// Webhooks of an organisation's own: a message to a URL that it named beforehand, signed as
// Standard Webhooks has it (https://www.standardwebhooks.com, "Webhook signature"): the headers
// webhook-id, webhook-timestamp and webhook-signature, "v1," and base64 of HMAC-SHA256 over
// "<id>.<timestamp>.<body>".

namespace stanch::cloud::webhook {

// Where each leads, by name. Its secret is no content: the variable STANCH_WEBHOOK_<NAME>, in
// capitals and with '_' for '-', holds "whsec_" and base64 of 24 to 64 bytes, or the same with
// _FILE behind the path of a file that does.
using Webhooks = std::map<std::string, std::string, std::less<>>;

// Letters, digits and '-', from a small letter on, 40 at most.
bool is_webhook_name(std::string_view name);
// kInvalid says why nothing is sent there: it has to be https, or http on this machine.
Result<> check_url(std::string_view url);

// What the header webhook-signature says of a message.
std::string signature_of(std::string_view key, std::string_view id, int64_t seconds,
                         std::string_view body);

// Two operations, of the table beside. GetWebhook tells where a name leads and whether it can be
// signed, and asks nobody. Send sends once; whoever sends it again gives it the same id, by which a
// receiver knows. Any thread.
class Client : public Caller {
 public:
  // Standard Webhooks, "Verifying webhook authenticity": receivers refuse what is older than some
  // minutes; its libraries bear 5.
  static constexpr Duration kSignatureValid = std::chrono::minutes(5);

  Client(env::Env env, Webhooks webhooks) : env_(env), webhooks_(std::move(webhooks)) {}

  Called call(const Call& call) override;
  Duration signature_holds(const Call&) const override { return kSignatureValid; }

 private:
  Result<std::string> key_of(const std::string& name);
  Called send(const Call& call, const std::string& url);

  env::Env env_;
  Webhooks webhooks_;
};

}  // namespace stanch::cloud::webhook
