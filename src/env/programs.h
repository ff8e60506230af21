#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"

namespace stanch::env {

struct ProgramRun {
  std::string name;                    // without a slash; of a file in a folder of PATH
  std::vector<std::string> arguments;  // as they are: there is no shell
  Duration within = std::chrono::seconds(30);
  size_t out_bytes_max = size_t{64} << 10;
};

struct ProgramEnd {
  int status = 0;   // that it ended with; 128 and the signal if one ended it
  std::string out;  // what it wrote to its standard output
};

// Other programs. Not a part of Env: only what may run one is handed this. Any thread.
class Programs {
 public:
  virtual ~Programs() = default;
  // Waits for its end. Its input is empty, what it writes to standard error is lost. Folders of
  // PATH that are not named from the root are passed over. kNotFound if there is no such program;
  // kUnavailable if it cannot be started, or was ended since it took too long; kInvalid if it said
  // too much.
  virtual Result<ProgramEnd> run(const ProgramRun& run) = 0;
};

}  // namespace stanch::env
