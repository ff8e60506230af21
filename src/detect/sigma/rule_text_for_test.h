#pragma once

#include <string>
#include <string_view>

namespace stanch::detect::sigma {

// A rule that is right, around this `detection` (lines indented by two spaces). The detection
// begins in line 4 of the text.
inline std::string rule_with_detection_for_test(std::string_view detection) {
  return "title: T\nlogsource: {product: aws, service: cloudtrail}\ndetection:\n" +
         std::string(detection);
}

}  // namespace stanch::detect::sigma
