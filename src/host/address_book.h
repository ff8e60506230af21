#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "env/env.h"
#include "triage/scope/trace.h"

// Where addresses are, from databases that the user has (MaxMind DB files).

namespace stanch::host {

class AddressBook {
 public:
  // "" for none. Fails if a file cannot be read or is no such database.
  static Result<AddressBook> open(env::Env& env, const std::string& countries,
                                  const std::string& networks);

  // Country and network of every address in the trace.
  void fill(triage::scope::Trace& trace) const;

 private:
  std::unique_ptr<env::AddressDatabase> countries_, networks_;
};

}  // namespace stanch::host
