#include "cloud/gcp/client.h"

#include <fmt/format.h>

#include <memory>
#include <utility>

#include "cloud/gcp/endpoint.h"
#include "cloud/gcp/read_answer.h"
#include "cloud/invalid.h"

namespace stanch::cloud::gcp {

namespace {

using codec::JsonValue;

class GoogleDialect : public Dialect {
 public:
  explicit GoogleDialect(env::Env env) : env_(env) {}

  bool speaks(const Service& service) const override { return service.is_of_google(); }

  Result<std::string> endpoint_of(const Operation& operation) const override {
    return gcp::endpoint_of(env_.variables, operation.service->endpoint_prefix);
  }
  std::string audience_of(const Operation& operation) const override {
    return operation.service->signing_name;
  }

  Result<JsonValue> whole(const Operation& operation, const Call& call) const override {
    JsonValue parameters =
        call.parameters.is_null() ? JsonValue(JsonValue::Object()) : call.parameters;
    const bool wants = operation.input != nullptr && operation.input->find("project") != nullptr;
    if (!wants || call.account.empty() || !parameters.is_object()) return parameters;
    if (parameters["project"].is_null()) {
      parameters.object().emplace("project", JsonValue(call.account));
    }
    if (parameters["project"].text_or_empty() != call.account) {
      return invalid(fmt::format("{}.{}: that is in another project than {}", call.service,
                                 call.operation, call.account));
    }
    return parameters;
  }

  RestError read_error(const env::HttpResponse& response) const override {
    return gcp::read_error(response);
  }
  ErrorCode class_of(const RestError& error, int status) const override {
    return gcp::class_of(error, status);
  }
  // Audit logs have none that an answer has too.
  std::string request_id_of(const env::HttpResponse&) const override { return {}; }

  std::optional<Watched> watched(const Operation& operation, const RestCall& sent,
                                 const env::HttpResponse& response) const override {
    return gcp::watched(operation.waits, sent, response);
  }
  Progress progress_of(const Watched&, const env::HttpResponse& response) const override {
    return gcp::progress_of(response);
  }
  // The operation says what it did it to.
  std::string result_url(const Watched&, const RestCall&, const env::HttpResponse&,
                         const env::HttpResponse&) const override {
    return {};
  }

 private:
  env::Env env_;
};

}  // namespace

Client::Client(env::Env env, BearerOptions options, const Operations& operations)
    : BearerClient(env, std::make_unique<GoogleDialect>(env), std::move(options), operations) {}

}  // namespace stanch::cloud::gcp
