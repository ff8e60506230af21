#pragma once

#include <vector>

#include "pipeline/report/report.h"

// What stands in which section. Private to this folder.

namespace stanch::pipeline::report {

// `report` has everything but its sections.
std::vector<Section> sections_of(const Source& source, const Report& report);

std::string time_text(Time time);  // "2026-03-01 02:03:04 UTC"

}  // namespace stanch::pipeline::report
