#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "codec/hash.h"
#include "codec/json_writer.h"
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

inline void append_texts(std::string_view name, const std::vector<std::string>& texts,
                         codec::JsonWriter& json) {
  json.key(name).begin_array();
  for (const std::string& text : texts) json.string(text);
  json.end_array();
}

inline void append_citation(std::string_view name, const model::EntryCitation& citation,
                            codec::JsonWriter& json) {
  json.key(name)
      .begin_object()
      .field("stream", citation.stream.text())
      .field("sequence", citation.sequence)
      .field("hash", codec::to_hex(citation.hash))
      .end_object();
}

}  // namespace stanch::host
