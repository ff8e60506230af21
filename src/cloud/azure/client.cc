#include "cloud/azure/client.h"

#include <fmt/format.h>

#include <memory>
#include <utility>

#include "base/ascii.h"
#include "cloud/azure/read_answer.h"
#include "cloud/invalid.h"

namespace stanch::cloud::azure {

namespace {

using codec::JsonValue;

// Of an id: "/subscriptions/<this>/resourceGroups/…"; "" if it is in none.
std::string_view subscription_in(std::string_view id) {
  constexpr std::string_view kBefore = "subscriptions/";
  if (id.starts_with('/')) id.remove_prefix(1);
  if (!equal_ignoring_ascii_case(id.substr(0, kBefore.size()), kBefore)) return {};
  id.remove_prefix(kBefore.size());
  return id.substr(0, id.find('/'));
}

class AzureDialect : public Dialect {
 public:
  explicit AzureDialect(Cloud cloud) : cloud_(std::move(cloud)) {}

  bool speaks(const Service& service) const override { return service.is_of_azure(); }

  Result<std::string> endpoint_of(const Operation& operation) const override {
    return is_graph(operation) ? cloud_.graph : cloud_.arm;
  }
  std::string audience_of(const Operation& operation) const override {
    return is_graph(operation) ? cloud_.graph_audience : cloud_.arm_audience;
  }

  Result<JsonValue> whole(const Operation& operation, const Call& call) const override {
    JsonValue parameters =
        call.parameters.is_null() ? JsonValue(JsonValue::Object()) : call.parameters;
    if (is_graph(operation) || operation.input == nullptr || call.account.empty() ||
        !parameters.is_object()) {
      return parameters;
    }
    const bool wants = operation.input->find("subscriptionId") != nullptr;
    if (wants && parameters["subscriptionId"].is_null()) {
      parameters.object().emplace("subscriptionId", JsonValue(call.account));
    }
    const std::string named(wants ? std::string_view(parameters["subscriptionId"].text_or_empty())
                                  : subscription_in(parameters["id"].text_or_empty()));
    if (!named.empty() && !equal_ignoring_ascii_case(named, call.account)) {
      return invalid(fmt::format("{}.{}: that is in another subscription than {}", call.service,
                                 call.operation, call.account));
    }
    return parameters;
  }

  RestError read_error(const env::HttpResponse& response) const override {
    return azure::read_error(response);
  }
  ErrorCode class_of(const RestError& error, int status) const override {
    return azure::class_of(error, status);
  }
  std::string request_id_of(const env::HttpResponse& response) const override {
    return azure::request_id_of(response);
  }

  std::optional<Watched> watched(const Operation& operation, const RestCall& sent,
                                 const env::HttpResponse& response) const override {
    if (is_graph(operation)) return std::nullopt;
    return azure::watched(sent, response);
  }
  Progress progress_of(const Watched& watched, const env::HttpResponse& response) const override {
    return azure::progress_of(watched, response);
  }
  std::string result_url(const Watched& watched, const RestCall& sent,
                         const env::HttpResponse& first,
                         const env::HttpResponse& last) const override {
    return azure::result_url(watched, sent, first, last);
  }

 private:
  static bool is_graph(const Operation& operation) {
    return operation.service->protocol == Protocol::kGraph;
  }

  Cloud cloud_;
};

}  // namespace

Client::Client(env::Env env, Cloud cloud, BearerOptions options, const Operations& operations)
    : BearerClient(env, std::make_unique<AzureDialect>(std::move(cloud)), std::move(options),
                   operations) {}

}  // namespace stanch::cloud::azure
