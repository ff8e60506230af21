#pragma once

#include <string_view>

namespace stanch::pipeline::report {

extern const std::string_view kHtmlStyle;  // the page's style sheet

}  // namespace stanch::pipeline::report
