#include "normalize/json_reader.h"

namespace stanch::normalize {

using codec::JsonView;

std::string_view JsonReader::decoded(JsonView value) { return arena_.store(value.text(scratch_)); }

std::string_view JsonReader::decoded_key(JsonView name) { return name.text(scratch_); }

std::optional<bool> JsonReader::flag(JsonView value) {
  if (!value.exists()) return std::nullopt;
  if (value.is_bool()) return value.as_bool();
  std::string_view word = text(value);
  if (word == "true" || word == "Yes") return true;
  if (word == "false" || word == "No") return false;
  return std::nullopt;
}

JsonView first_at(JsonView value, std::string_view path) {
  JsonView first;
  visit_path(value, path, [&first](JsonView found) {
    if (!first.exists()) first = found;
  });
  return first;
}

}  // namespace stanch::normalize
