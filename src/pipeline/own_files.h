#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "env/env.h"
#include "ingest/ingest.h"

// What a scan writes must not be what it reads: opening an output empties it. Private to
// pipeline and host.

namespace stanch::pipeline {

// Those of the files written that exist already: only they can be lost. A file is known by
// its numbers, so that links and other ways to write its path lead to it too.
class OwnFiles {
 public:
  OwnFiles(env::Files& files, std::span<const std::string> paths);

  bool empty() const { return known_.empty(); }
  bool contains(const std::string& path) const;

 private:
  struct Known {
    uint64_t device, inode;
  };
  env::Files& files_;
  std::vector<Known> known_;
};

// kInvalid if the scan would write over a file that is named in `named`, or over one of the
// listing, unless that is empty or the output of an earlier scan. Such a one, found where
// the logs are, is taken out of the listing. Changes nothing else.
Result<> keep_apart(env::Files& files, std::span<const std::string> own,
                    std::span<const std::string> named, ingest::Listing& listing);

// kInvalid if two of the paths lead, or would lead, to one file.
Result<> check_different(env::Files& files, std::span<const std::string> own);

}  // namespace stanch::pipeline
