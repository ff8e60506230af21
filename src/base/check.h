#pragma once

// CHECK(condition): an assertion about our own code, kept on in production.
// It is never used on input: foreign bytes yield Error or Diagnostic.

namespace stanch {

// Prints where and what to stderr, then aborts. Any thread.
[[noreturn]] void check_failed(const char* condition, const char* file, int line) noexcept;

}  // namespace stanch

#define CHECK(condition) \
  ((condition) ? void(0) : ::stanch::check_failed(#condition, __FILE__, __LINE__))
