#include "triage/joined.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <ranges>

#include "codec/json.h"

namespace stanch::triage {

std::vector<JoinedEntry> joined_now(std::span<const model::Entry> entries) {
  struct At {
    size_t place;
    std::string payload;
  };
  std::map<std::string, At> joined;
  codec::JsonParser parser(codec::JsonParser::Texts::kFew);
  for (size_t i = 0; i < entries.size(); ++i) {
    const model::Entry& entry = entries[i];
    if (!entry.payload) continue;
    if (entry.kind == "finding_joined") {
      const std::string finding = parser.parse(entry.payload->json)["finding"].string_or_empty();
      if (!finding.empty()) joined.try_emplace(finding, At{i, entry.payload->json});
    } else if (entry.kind == "split") {
      const codec::JsonView findings = parser.parse(entry.payload->json)["findings"];
      if (!findings.is_array()) continue;
      for (const codec::JsonView finding : findings.elements()) {
        joined.erase(finding.string_or_empty());
      }
    }
  }
  std::vector<std::pair<size_t, JoinedEntry>> by_place;
  for (auto& [finding, at] : joined) {
    by_place.emplace_back(at.place, JoinedEntry{finding, std::move(at.payload)});
  }
  std::ranges::sort(by_place, {}, &std::pair<size_t, JoinedEntry>::first);
  std::vector<JoinedEntry> out;
  for (JoinedEntry& entry : by_place | std::views::values) out.push_back(std::move(entry));
  return out;
}

std::string joined_key(std::string_view finding, const model::IncidentId& absorbed) {
  return fmt::format("{} from {}", finding, absorbed.text());
}

}  // namespace stanch::triage
