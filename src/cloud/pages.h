#pragma once

#include "cloud/operations.h"
#include "codec/json_value.h"

namespace stanch::cloud {

// Puts the lists of one page behind those of the pages before it.
void append_page(const Paging& paging, const codec::JsonValue& page, codec::JsonValue& all);

}  // namespace stanch::cloud
