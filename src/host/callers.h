#pragma once

#include <memory>
#include <utility>

#include "cloud/call.h"
#include "cloud/webhook/client.h"
#include "env/env.h"

namespace stanch::host {

// Who makes a call, by its service: webhooks of the organisation's own, or AWS.
class Callers : public cloud::Caller {
 public:
  Callers(env::Env env, std::unique_ptr<cloud::Caller> aws, cloud::webhook::Webhooks webhooks)
      : aws_(std::move(aws)),
        webhook_(std::make_unique<cloud::webhook::Client>(env, std::move(webhooks))) {}

  cloud::Called call(const cloud::Call& call) override { return of(call).call(call); }
  Duration signature_holds(const cloud::Call& call) const override {
    return of(call).signature_holds(call);
  }

 private:
  cloud::Caller& of(const cloud::Call& call) const {
    return call.service == "webhook" ? *webhook_ : *aws_;
  }

  std::unique_ptr<cloud::Caller> aws_, webhook_;
};

}  // namespace stanch::host
