#pragma once

#include <string>

#include "base/diagnostic.h"
#include "cloud/webhook/client.h"

// The webhooks of an organisation: content/webhooks.yaml (docs/formats/webhooks.md).

namespace stanch::respond {

// All that is wrong is said at once.
cloud::webhook::Webhooks read_webhooks(const std::string& path, const std::string& text,
                                       Diagnostics& diagnostics);

}  // namespace stanch::respond
