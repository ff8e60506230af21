#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "codec/hash.h"
#include "env/env.h"
#include "pipeline/dedup.h"
#include "pipeline/scan.h"

namespace stanch::pipeline {

// Where a scan stands after whole files: `summary.files` of the listing are done, and what
// they led to is in the output.
struct Checkpoint {
  ScanSummary summary;
  OutputSizes output;
  uint64_t waiting_bytes = 0;  // of waiting_path(): what waits to be correlated
};

// The file from which a scan goes on (docs/formats/journal.md): a header, then the keys of
// events as they are remembered, and checkpoints that make the keys before them count. What
// stands behind the last checkpoint is as if it had never been written. Not thread-safe.
//
// After an error the journal must not be used any more; a new one on the same file goes on
// from the last checkpoint.
class Journal {
 public:
  // Begins a journal, or reads the one that is there: kInvalid if it is none, or belongs
  // to a scan that was asked for something else.
  static Result<std::unique_ptr<Journal>> open(env::Env& env, const std::string& path,
                                               const std::vector<ScanSetting>& same);

  // Of the process that began: keys are equal only within one secret.
  codec::HashSecret secret() const { return secret_; }
  // What this scan goes on from; nothing if it begins.
  const std::optional<Checkpoint>& resumed() const { return resumed_; }
  // Sees again, in `memory`, all keys up to that checkpoint.
  Result<> restore(DedupMemory& memory);

  // A key that is new to the memory.
  Result<> add_key(uint64_t id, uint64_t content);
  // A checkpoint, durable when it returns. What it counts of other files must be durable before.
  // When the file has many more keys than `memory`, it is written anew from that.
  Result<> commit(const Checkpoint& checkpoint, const DedupMemory& memory);

 private:
  Journal(env::Env& env, std::string path) : env_(env), path_(std::move(path)) {}

  Result<> begin(const std::vector<ScanSetting>& same);
  Result<> read_header(std::string_view line, const std::vector<ScanSetting>& same) const;
  Result<> replay(const std::vector<ScanSetting>& same);
  Result<> start_anew(const DedupMemory& memory);
  Result<> start_new_file();
  Result<> put_in_place();
  Result<> append_keys();

  env::Env& env_;
  std::string path_;
  std::string header_;  // its line
  codec::HashSecret secret_;
  std::optional<Checkpoint> resumed_;
  uint64_t bytes_kept_ = 0;  // up to the end of the last checkpoint
  std::unique_ptr<env::WritableFile> file_;
  std::string keys_;           // not yet appended
  uint64_t keys_in_file_ = 0;  // since it was last written anew
  size_t errors_written_ = 0;  // of the summary
};

// Removes the journal of a scan that is complete, and what waited beside it. Not an error if there
// is none.
Result<> remove_journal(env::Files& files, const std::string& path);

// Where a new journal is written until it is whole.
std::string new_journal_path(const std::string& path);

// What a scan holds while it works with a journal: a lock, whose file lies beside it. The end of
// the process gives it back, however it comes; the file that is left means nothing.
class JournalLock {
 public:
  // kConflict, at once, if another scan holds it.
  static Result<JournalLock> take(env::Files& files, const std::string& journal_path);
  static std::string path_of(const std::string& journal_path);

  // Removes its file and gives it back.
  void give_back();

 private:
  JournalLock(env::Files& files, std::string path, std::unique_ptr<env::FileLock> lock)
      : files_(&files), path_(std::move(path)), lock_(std::move(lock)) {}

  env::Files* files_;
  std::string path_;
  std::unique_ptr<env::FileLock> lock_;
};

// The folder that a path is in, as Files::sync_folder() wants it.
std::string folder_of(const std::string& path);

}  // namespace stanch::pipeline
