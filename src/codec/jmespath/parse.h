#pragma once

#include <string_view>
#include <variant>

#include "codec/jmespath/jmespath.h"
#include "codec/jmespath/tree.h"

namespace stanch::codec::jmespath {

std::variant<Tree, JmespathProblem> parse(std::string_view text, const JmespathOptions& options);

}  // namespace stanch::codec::jmespath
