#pragma once

#include <cstddef>
#include <functional>

#include "env/env.h"

namespace stanch::pipeline {

// Calls `each` with 0 … count - 1, as they come, on `threads_max` threads at most, of which the
// caller's is one; fewer if the system gives fewer. Returns when all calls have.
void for_each_parallel(env::Threads& threads, size_t count, size_t threads_max,
                       const std::function<void(size_t)>& each);

}  // namespace stanch::pipeline
