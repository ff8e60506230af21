#include "respond/guard/guard.h"

namespace stanch::respond {

std::string_view name_of(GuardAsks asks) {
  switch (asks) {
    case GuardAsks::kNothing: return "nothing";
    case GuardAsks::kOne: return "one";
    case GuardAsks::kTwo: return "two";
  }
  return "";
}

}  // namespace stanch::respond
