#pragma once

#include <memory>
#include <string>

#include "base/check.h"
#include "env/env.h"
#include "ledger/sqlite_store.h"

namespace stanch::bench {

inline std::unique_ptr<ledger::Store> new_ledger(env::Env& env, const std::string& path) {
  CHECK(ledger::create_sqlite(env, path, "led-bench", "bench.example/ledger").has_value());
  auto store = ledger::open_sqlite(env, path);
  CHECK(store.has_value());
  return std::move(*store);
}

}  // namespace stanch::bench
