#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "codec/timestamp.h"
#include "learn/case.h"
#include "model/entry.h"
#include "model/streams.h"

// Entries of an incident's stream, written in a line each.

namespace stanch::learn {

// 2026-03-01 at "02:03:04"; a whole timestamp is itself.
inline Time time_for_test(std::string_view text) {
  const std::string whole =
      text.size() == 8 ? "2026-03-01T" + std::string(text) + "Z" : std::string(text);
  return codec::parse_timestamp(whole).value();
}

class StreamForTest {
 public:
  explicit StreamForTest(std::string id = "inc-test") : id_(std::move(id)) {}

  StreamForTest& add(std::string_view time, std::string kind, std::string payload = "{}",
                     std::string actor = "engine") {
    erased(time, std::move(kind), std::move(actor));
    entries_.back().payload = model::EntryPayload{std::move(payload), std::string(32, '0')};
    return *this;
  }
  // One without payload.
  StreamForTest& erased(std::string_view time, std::string kind, std::string actor = "engine") {
    model::Entry entry;
    entry.stream = model::incident_stream(model::IncidentId(id_));
    entry.sequence = entries_.size();
    entry.time = time_for_test(time);
    entry.kind = std::move(kind);
    entry.actor = std::move(actor);
    entries_.push_back(std::move(entry));
    return *this;
  }

  const std::vector<model::Entry>& entries() const { return entries_; }
  std::vector<model::Entry>& entries() { return entries_; }
  Case measured() const {
    CaseFold fold{model::IncidentId(id_)};
    for (const model::Entry& entry : entries_) fold.apply(entry);
    return fold.result();
  }

 private:
  std::string id_;
  std::vector<model::Entry> entries_;
};

inline std::string moved_for_test(std::string_view from, std::string_view to) {
  return R"({"from":")" + std::string(from) + R"(","to":")" + std::string(to) + R"("})";
}

}  // namespace stanch::learn
