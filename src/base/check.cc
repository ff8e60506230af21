#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace stanch {

void check_failed(const char* condition, const char* file, int line) noexcept {
  std::fprintf(stderr, "stanch: internal error at %s:%d: %s does not hold\n", file, line,
               condition);
  std::abort();
}

}  // namespace stanch
