#pragma once

#include "cloud/bearer_client.h"
#include "env/env.h"

namespace stanch::cloud::gcp {

// Calls of Google Cloud and Workspace; how, says BearerClient. The account of a call is its
// project, which must be the one that its parameters name.
class Client : public BearerClient {
 public:
  Client(env::Env env, BearerOptions options,
         const Operations& operations = Operations::built_in());
};

}  // namespace stanch::cloud::gcp
