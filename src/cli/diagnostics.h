#pragma once

#include <string>

#include "base/diagnostic.h"
#include "codec/json_writer.h"

// What is wrong with text that people write, as commands print it.

namespace stanch::cli {

// For people: what is worst first. An empty list is said once, with how many rules use
// it, unless all places are wanted: 'rules lint -v', or -vvv where rules only run.
std::string diagnostics_text(const Diagnostics& diagnostics, bool all_places);

// "1 error, 0 warnings, 2 notes"
std::string counts_text(const Diagnostics& diagnostics);

// The members "errors", "warnings", "notes" and "diagnostics".
void append_diagnostics(const Diagnostics& diagnostics, codec::JsonWriter& json);

}  // namespace stanch::cli
