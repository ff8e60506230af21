#include "triage/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "codec/timestamp.h"
#include "codec/utf8.h"
#include "model/entity.h"
#include "triage/limits.h"

namespace stanch::triage {

std::string duration_words(Duration duration) {
  using namespace std::chrono;
  const int64_t seconds = std::max<int64_t>(0, floor<std::chrono::seconds>(duration).count());
  const int64_t minutes = seconds / 60, hours = minutes / 60, days = hours / 24;
  const auto pair = [](int64_t large, const char* unit, int64_t small, const char* small_unit) {
    return small == 0 ? fmt::format("{} {}", large, unit)
                      : fmt::format("{} {} {} {}", large, unit, small, small_unit);
  };
  if (days > 0) return pair(days, "d", hours % 24, "h");
  if (hours > 0) return pair(hours, "h", minutes % 60, "min");
  if (minutes > 0) return fmt::format("{} min", minutes);
  return fmt::format("{} s", seconds);
}

std::string minute_words(Time time) {
  std::string text = codec::format_timestamp(std::chrono::floor<std::chrono::minutes>(time));
  text[10] = ' ';
  return text.substr(0, 16) + " UTC";
}

std::string entity_words(std::string_view entity) {
  const std::string_view type = model::entity_type({entity});
  const std::string_view name = entity.substr(entity.rfind('/') + 1);
  if (type.find(':') == type.npos) return std::string(name);
  std::string words(type.substr(type.find(':') + 1));
  std::ranges::replace(words, '-', ' ');
  return words.append(1, ' ').append(name);
}

std::string counted_words(uint64_t count, std::string_view one) {
  if (count == 1) return fmt::format("1 {}", one);
  if (one.ends_with("entry")) return fmt::format("{} {}ies", count, one.substr(0, one.size() - 1));
  return fmt::format("{} {}s", count, one);
}

std::string short_words(std::string_view name) {
  size_t at = 0;
  for (size_t shown = 0; at < name.size(); ++shown) {
    if (shown == kNameShownMax) return std::string(name.substr(0, at)) + "…";
    at += codec::decode_utf8(name.substr(at)).length;
  }
  return std::string(name);
}

}  // namespace stanch::triage
