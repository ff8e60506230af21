#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/entry.h"

// What the files that append to incidents say alike.

namespace stanch::host {

inline model::EntryDraft draft(std::string kind, std::string key, Time now, std::string actor,
                               std::string payload) {
  return {.kind = std::move(kind),
          .key = std::move(key),
          .time = now,
          .actor = std::move(actor),
          .content_version = "",
          .payload = std::move(payload)};
}

}  // namespace stanch::host
