#pragma once

#include "codec/json_writer.h"
#include "model/event.h"

namespace stanch::model {

// Writes facts as one JSON object, members in the order of Facts. What the
// record does not say is left out. docs/formats/facts.md names the members.
void append_json(const Facts& facts, codec::JsonWriter& out);

}  // namespace stanch::model
