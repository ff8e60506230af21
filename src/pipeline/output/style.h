#pragma once

namespace stanch::pipeline::output {

// How text for people may look.
struct Style {
  unsigned columns = 80;
  bool color = false;    // escape sequences for colour are welcome
  bool unicode = false;  // the reader shows UTF-8: marks like ✓ and … may be used
};

}  // namespace stanch::pipeline::output
