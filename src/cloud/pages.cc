#include "cloud/pages.h"

namespace stanch::cloud {

void append_page(const Paging& paging, const codec::JsonValue& page, codec::JsonValue& all) {
  using codec::JsonValue;
  if (!all.is_object()) {
    all = page;
    return;
  }
  for (const std::string& name : paging.lists) {
    const JsonValue& more = page[name];
    if (!more.is_array()) continue;
    JsonValue& list = all.object()[name];
    if (!list.is_array()) list = JsonValue(JsonValue::Array());
    list.array().insert(list.array().end(), more.array().begin(), more.array().end());
  }
}

}  // namespace stanch::cloud
