#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/diagnostic.h"

// What the organisation says of its own things and identities (docs/formats/assets.md). Tags that
// are read from a cloud inform and never come in here: an attacker sets tags.

namespace stanch::triage {

enum class Criticality : uint8_t { kLow, kMedium, kHigh, kCritical };
std::string_view name_of(Criticality criticality);

// What is known of one entity; members that nobody gave are empty.
struct Asset {
  std::string owner, on_call;
  std::string environment;  // "production", "test" …
  std::optional<Criticality> criticality;
  std::string data;  // "public", "internal", "confidential", "restricted"
  std::optional<bool> is_protected;
  std::string privilege;             // of an identity: "administrator"
  std::vector<std::string> reaches;  // entity ids that data or rights flow to from here
};

class Assets {
 public:
  // Adds the rows of a file: YAML (a list under `assets:`), or CSV with a header line. What is
  // wrong is said of all rows at once; rows that are right are added.
  void add_yaml(const std::string& path, const std::string& text, Diagnostics& diagnostics);
  void add_csv(const std::string& path, const std::string& text, Diagnostics& diagnostics);

  // All rows that name the entity, the most specific winning member by member: an exact id before a
  // pattern, a longer pattern before a shorter, any before an account; among equals the one that
  // was added first. Nothing: not in the inventory. What rows say of an account holds for ids that
  // have it as their scope, never for a name that reads like an account. Costs as much as there
  // are patterns. `account_of_it`: where a thing is whose id does not say so, such as a bucket or a
  // key, if somebody knows.
  std::optional<Asset> find(std::string_view entity, std::string_view account_of_it = {}) const;

  bool empty() const { return rows_.empty(); }
  size_t size() const { return rows_.size(); }

  // One row, as both forms give it.
  struct Row {
    std::string pattern;     // of entity ids, `*` is any run; or
    std::string account;     // all of an account
    size_t specificity = 0;  // literal characters of a pattern with `*`
    Asset asset;
  };

 private:
  struct TextHash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  using ByText = std::unordered_map<std::string, std::vector<size_t>, TextHash, std::equal_to<>>;

  // Says which member an earlier row for the same things gives differently; then none is added.
  std::string_view add(Row row);

  std::vector<Row> rows_;  // as they were added; the rest are places in it
  ByText exact_, accounts_, same_patterns_;
  std::vector<size_t> patterns_;  // with `*`, by falling specificity
};

}  // namespace stanch::triage
