#pragma once

#include "cloud/azure/endpoint.h"
#include "cloud/bearer_client.h"
#include "env/env.h"

namespace stanch::cloud::azure {

// Calls of Azure Resource Manager and Microsoft Graph; how, says BearerClient. The account of a
// call is its subscription, or the tenant for Graph. Where a resource's id names a subscription, it
// must be that of the call.
class Client : public BearerClient {
 public:
  Client(env::Env env, Cloud cloud, BearerOptions options,
         const Operations& operations = Operations::built_in());
};

}  // namespace stanch::cloud::azure
