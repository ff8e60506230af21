#include "normalize/azure_values.h"

#include <algorithm>
#include <charconv>
#include <chrono>

#include "codec/timestamp.h"
#include "model/azure_entity.h"

namespace stanch::normalize::azure {

namespace {

using codec::JsonView;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::optional<unsigned> take_number(std::string_view& text, std::string_view behind) {
  unsigned number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<size_t>(end - text.data()));
  if (!text.starts_with(behind)) return std::nullopt;
  text.remove_prefix(behind.size());
  return number;
}

// "8/22/2022 6:11:52 PM"
std::optional<Time> american_time(std::string_view text) {
  using namespace std::chrono;
  const auto number = [&text](std::string_view behind) { return take_number(text, behind); };
  const auto mon = number("/"), date = mon ? number("/") : mon, yr = date ? number(" ") : date;
  const auto hour = yr ? number(":") : yr, min = hour ? number(":") : hour;
  const auto sec = min ? number(" ") : min;
  if (!sec || (text != "AM" && text != "PM")) return std::nullopt;
  const year_month_day ymd(year(static_cast<int>(*yr)), month(*mon), day(*date));
  if (!ymd.ok() || *yr < 1970 || *yr > 2200 || *hour < 1 || *hour > 12) return std::nullopt;
  if (*min > 59 || *sec > 59) return std::nullopt;
  const unsigned of_day = *hour % 12 + (text == "PM" ? 12 : 0);
  return Time(sys_days(ymd)) + hours(of_day) + minutes(*min) + seconds(*sec);
}

// What stands between `key` and the next comma or bracket.
std::string_view part_of_key(std::string_view key_text, std::string_view key) {
  const size_t at = key_text.find(key);
  if (at == key_text.npos) return {};
  key_text.remove_prefix(at + key.size());
  return key_text.substr(0, key_text.find_first_of(",]"));
}

}  // namespace

std::optional<Time> time_of(std::string_view text) {
  if (text.empty()) return std::nullopt;
  if (auto time = codec::parse_timestamp(text)) return time;
  if (auto time = codec::parse_timestamp(std::string(text) + 'Z')) return time;
  return american_time(text);
}

std::optional<Time> unix_time(std::string_view text) {
  constexpr uint64_t kLatest = uint64_t{1} << 33;  // the year 2242
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number > kLatest) {
    return std::nullopt;
  }
  return Time(std::chrono::seconds(number));
}

std::string_view bare_address(std::string_view text) {
  if (text.starts_with('[')) return text.substr(1, text.find(']') - 1);
  const size_t colon = text.find(':');
  const bool has_port = colon != text.npos && text.find(':', colon + 1) == text.npos;
  return has_port ? text.substr(0, colon) : text;
}

void set_source(std::string_view address, TextArena& arena, model::Facts& facts) {
  address = bare_address(address);
  facts.source.entity = model::ip_entity(address, arena);
  if (!facts.source.entity.empty()) facts.source.address = address;
}

std::string_view folded(std::string_view text, TextArena& arena) {
  if (text.empty()) return {};
  char* const to = arena.reserve(text.size());
  std::ranges::transform(text, to, lower);
  return {to, text.size()};
}

bool same_word(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, lower, lower);
}

bool contains_word(std::string_view text, std::string_view lower_case) {
  return !std::ranges::search(text, lower_case, {}, lower).empty();
}

bool is_guid(std::string_view text) {
  constexpr std::string_view kShape = "00000000-0000-0000-0000-000000000000";
  const auto fits = [](char c, char shape) {
    return shape == '-' ? c == '-' : (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'f');
  };
  return text.size() == kShape.size() && std::ranges::equal(text, kShape, fits);
}

void set_action(std::string_view name, std::string_view raw_name, model::Facts& facts) {
  facts.action.name = name;
  facts.action.raw_name = raw_name;
}

JsonView value_of_key(JsonReader& read, JsonView list, std::string_view key) {
  if (!list) return {};
  for (const JsonView element : list.elements()) {
    JsonView name = either(element, "key", "Name"), value = either(element, "value", "Value");
    if (!name) name = element["displayName"];
    if (!value) value = either(element, "newValue", "NewValue");
    if (read.text(name) == key) return value;
  }
  return {};
}

Nested::Nested(JsonView value) {
  if (!value || !value.is_string()) {
    view_ = value;
    return;
  }
  std::string scratch;
  text_ = value.text(scratch);
  if (text_.starts_with('{') || text_.starts_with('[')) view_ = parser_.parse(text_);
}

bool is_refusal(std::string_view error_code) {
  constexpr std::string_view kCodes[] = {
      "50105",                                        // no role in the application
      "53000",  "53001",  "53002", "53003", "53004",  // Conditional Access
      "530032", "530035",                             // security defaults, a policy of the tenant
      "65001",  "90094",                              // no consent
  };
  return std::ranges::find(kCodes, error_code) != std::end(kCodes);
}

model::Access access_of_directory(std::string_view operation) {
  constexpr std::string_view kWrites[] = {
      "Add",    "Admin",   "Assign", "Cancel", "Change", "Consent", "Convert", "Create",
      "Delete", "Disable", "Enable", "Hard",   "Invite", "Promote", "Redeem",  "Remove",
      "Reset",  "Restore", "Revoke", "Set",    "Unset",  "Update",  "User"};
  const std::string_view verb = operation.substr(0, operation.find(' '));
  return std::ranges::find(kWrites, verb) != std::end(kWrites) ? model::Access::kWrite
                                                               : model::Access::kUnknown;
}

std::string_view made_by_directory(std::string_view operation) {
  struct Row {
    std::string_view operation, type;
  };
  constexpr Row kRows[] = {{"Add application", "Application"},
                           {"Add device", "Device"},
                           {"Add group", "Group"},
                           {"Add service principal", "ServicePrincipal"},
                           {"Add user", "User"},
                           {"Invite external user", "User"}};
  const Row* const row = std::ranges::find(kRows, operation, &Row::operation);
  return row == std::end(kRows) ? std::string_view() : row->type;
}

bool sets_password(std::string_view operation, std::string_view reason) {
  return operation.starts_with("Reset user password") ||
         operation.starts_with("Change user password") ||
         operation.starts_with("Reset password (") || operation.starts_with("Change password (") ||
         (operation.starts_with("Admin registered security info") &&
          contains_word(reason, "temporary access pass"));
}

void find_minted(std::string_view property, std::string_view before, std::string_view after,
                 model::EntityRef principal, TextArena& arena, std::vector<model::Minted>& minted) {
  const auto add = [&](model::MintedKind kind, model::EntityRef entity) {
    minted.push_back(
        {.kind = kind, .entity = entity, .session = {}, .principal = principal, .expires = {}});
  };
  // Which one it is, the text does not say in words that last.
  if (property == "FederatedIdentityCredentials" && after.size() > before.size()) {
    add(model::MintedKind::kFederatedCredential, {});
  }
  if (property != "KeyDescription") return;
  constexpr std::string_view kBegin = "KeyIdentifier=";
  for (size_t at = after.find(kBegin); at != after.npos; at = after.find(kBegin, at + 1)) {
    const std::string_view key = after.substr(at, after.find(']', at) - at);
    const std::string_view id = part_of_key(key, kBegin);
    if (id.empty() || before.contains(id)) continue;
    const bool is_secret = part_of_key(key, "KeyType=") == "Password";
    add(is_secret ? model::MintedKind::kClientSecret : model::MintedKind::kCertificate,
        model::azure_credential(id, arena));
  }
}

}  // namespace stanch::normalize::azure
