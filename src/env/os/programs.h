#pragma once

#include "env/programs.h"

namespace stanch::env::os {

class OsPrograms final : public Programs {
 public:
  Result<ProgramEnd> run(const ProgramRun& run) override;
};

}  // namespace stanch::env::os
