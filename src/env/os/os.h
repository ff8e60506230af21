#pragma once

#include <memory>

#include "env/env.h"

namespace stanch::env {

// The real world. main() makes one and hands it down; tests and benchmarks may
// make their own. It must outlive everything that uses its Env.
//
// A closed pipe, and a file at its limit, are reported as errors by write_out() and append(), so
// SIGPIPE and SIGXFSZ are ignored for the whole process from the first OsEnv on.
class OsEnv {
 public:
  OsEnv();
  ~OsEnv();
  OsEnv(const OsEnv&) = delete;
  OsEnv& operator=(const OsEnv&) = delete;

  Env env();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace stanch::env
