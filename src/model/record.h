#pragma once

#include <cstdint>
#include <string_view>

namespace stanch::model {

// Where a record came from, exactly enough to find it again by hand.
struct Origin {
  std::string_view file;  // as it was named or found; "-" is standard input
  uint32_t member = 0;    // of a compressed file: which gzip member or zstd frame, from 0
  uint64_t record = 0;    // from 1, in the order of the file
  uint64_t offset = 0;    // of its first byte in the uncompressed stream
};

// One log entry as the provider wrote it. The bytes belong to the batch that
// carried it here.
struct Record {
  std::string_view bytes;
  Origin origin;
};

}  // namespace stanch::model
