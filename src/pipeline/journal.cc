// How a scan survives being killed:
//
//   scan:    output appended … output synced ─▶ checkpoint appended, synced ─▶ output appended …
//   resume:  replay up to the last checkpoint ─▶ output cut to its length ─▶ next file
//
// The journal is replaced as a whole only by writing a new file, syncing it, and renaming it over
// the old one: so there is always one with a whole header, or none. All that is appended counts
// from the next checkpoint on. Lines behind the first that does not check are dropped: going on
// from an earlier checkpoint is always right, because output only grows.
//
// Keys are appended while a file is read, not kept for the checkpoint: a file may have more events
// than memory has room for.

#include "pipeline/journal.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "pipeline/correlation_step.h"
#include "pipeline/journal_lines.h"

namespace stanch::pipeline {

namespace {

// Keys that are gathered for a line.
constexpr size_t kKeysPerLine = 4096;
// A journal is written anew when it has this many times the keys of one generation of the
// memory, which has two of them at most.
constexpr uint64_t kGenerationsInFileMax = 4;
// What is read as one line.
constexpr size_t kLineBytesMax = size_t{256} << 20;

// The lines of a file, up to where it ends or a line does not check.
class LineReader {
 public:
  explicit LineReader(std::unique_ptr<env::ReadableFile> file) : file_(std::move(file)) {}

  // The next line, without its newline; nothing at the end. Valid until the next call.
  Result<std::optional<std::string_view>> next() {
    at_ = end_;
    for (size_t searched = at_;;) {
      const size_t newline = buffer_.find('\n', searched);
      if (newline != std::string::npos) {
        const std::string_view line = std::string_view(buffer_).substr(at_, newline - at_);
        if (!checks(line)) return std::optional<std::string_view>();
        bytes_ += line.size() + 1;
        end_ = newline + 1;
        return std::optional(line);
      }
      buffer_.erase(0, std::exchange(at_, 0));
      searched = buffer_.size();
      if (searched > kLineBytesMax) return std::optional<std::string_view>();
      char piece[65536];
      TRY(const size_t count, file_->read(piece));
      if (count == 0) return std::optional<std::string_view>();
      buffer_.append(piece, count);
    }
  }

  uint64_t bytes() const { return bytes_; }  // up to the end of the last line

 private:
  std::unique_ptr<env::ReadableFile> file_;
  std::string buffer_;
  size_t at_ = 0, end_ = 0;  // of the last line in the buffer
  uint64_t bytes_ = 0;
};

void append_number(uint64_t number, std::string& out) {
  for (unsigned shift = 0; shift < 64; shift += 8) out += static_cast<char>(number >> shift);
}

uint64_t read_number(std::string_view bytes) {
  uint64_t number = 0;
  for (size_t i = 0; i < 8; ++i) {
    number |= uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
  }
  return number;
}

}  // namespace

std::string new_journal_path(const std::string& path) { return path + ".new"; }

std::string folder_of(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

Result<> remove_journal(env::Files& files, const std::string& path) {
  // While there is a journal, so is what it counts.
  Result<> removed = files.remove(path);
  if (!removed && removed.error().code() != ErrorCode::kNotFound) return removed;
  TRY(files.sync_folder(folder_of(path)));
  return remove_waiting(files, path);
}

std::string JournalLock::path_of(const std::string& journal_path) { return journal_path + ".lock"; }

Result<JournalLock> JournalLock::take(env::Files& files, const std::string& journal_path) {
  std::string path = path_of(journal_path);
  auto lock = files.lock(path);
  if (!lock && lock.error().code() == ErrorCode::kConflict) {
    return Error(ErrorCode::kConflict,
                 fmt::format("another scan is at work with the journal {}; nothing was changed. "
                             "Wait until it is done, or name another journal and output",
                             journal_path));
  }
  if (!lock) return std::move(lock).error();
  TRY(const env::FileStatus status, files.status(path));
  if (status.size != 0) {
    return Error(ErrorCode::kInvalid,
                 fmt::format("{} would be the lock of the journal, but has other content; it was "
                             "left as it is. Name another journal",
                             path));
  }
  return JournalLock(files, std::move(path), *std::move(lock));
}

// While it is held, so that it cannot be the next one's that is removed. If that fails, an empty
// file is left.
void JournalLock::give_back() {
  (void)files_->remove(path_);
  lock_.reset();
}

Result<std::unique_ptr<Journal>> Journal::open(env::Env& env, const std::string& path,
                                               const std::vector<ScanSetting>& same) {
  std::unique_ptr<Journal> journal(new Journal(env, path));
  const auto status = env.files.status(path);
  if (status) {
    if (status->kind != env::FileKind::kFile) {
      return Error(ErrorCode::kInvalid, fmt::format("the journal {} is no ordinary file", path));
    }
    TRY(journal->replay(same));
  } else if (status.error().code() == ErrorCode::kNotFound) {
    TRY(journal->begin(same));
  } else {
    return status.error();
  }
  return journal;
}

Result<> Journal::begin(const std::vector<ScanSetting>& same) {
  env_.random.fill({reinterpret_cast<uint8_t*>(&secret_.value), sizeof secret_.value});
  header_ = header_line({std::string(kJournalSchema), secret_, same});
  TRY(start_new_file());
  return put_in_place();
}

Result<> Journal::start_new_file() {
  TRY(file_, env_.files.create_private(new_journal_path(path_)));
  return file_->append(header_);
}

// Makes the new file the journal. What is appended later goes to it too.
Result<> Journal::put_in_place() {
  TRY(file_->sync());
  TRY(env_.files.rename(new_journal_path(path_), path_));
  return env_.files.sync_folder(folder_of(path_));
}

Result<> Journal::read_header(std::string_view line, const std::vector<ScanSetting>& same) const {
  const auto header = parse_header(line);
  if (!header || header->schema != kJournalSchema) {
    return Error(ErrorCode::kInvalid,
                 fmt::format("{} is no scan journal that this version reads", path_));
  }
  std::string differences;
  const auto differs = [&](std::string_view name, std::string_view was, std::string_view is) {
    differences += fmt::format("{}{}: {} then, {} now", differences.empty() ? "" : "; ", name,
                               was.empty() ? "none" : was, is.empty() ? "none" : is);
  };
  for (size_t i = 0; i < std::max(same.size(), header->same.size()); ++i) {
    const ScanSetting was =
        i < header->same.size() ? header->same[i] : ScanSetting{same[i].name, ""};
    const ScanSetting is = i < same.size() ? same[i] : ScanSetting{was.name, ""};
    if (was.name != is.name) {
      differs(was.name, was.value, "");
      differs(is.name, "", is.value);
    } else if (was.value != is.value) {
      differs(is.name, was.value, is.value);
    }
  }
  if (differences.empty()) return {};
  return Error(ErrorCode::kInvalid,
               fmt::format("the journal {} belongs to a scan that differs ({}); scan as it was "
                           "begun, or remove the journal to begin anew",
                           path_, differences));
}

Result<> Journal::replay(const std::vector<ScanSetting>& same) {
  TRY(auto file, env_.files.open(path_));
  LineReader lines(std::move(file));
  TRY(const auto first, lines.next());
  if (!first) {
    return Error(ErrorCode::kInvalid,
                 fmt::format("{} is no scan journal; it was left as it is", path_));
  }
  TRY(read_header(*first, same));
  header_ = std::string(*first) + "\n";
  secret_ = parse_header(*first)->secret;
  bytes_kept_ = lines.bytes();

  Checkpoint checkpoint;
  uint64_t keys = 0;
  for (;;) {
    TRY(const auto line, lines.next());
    if (!line) break;
    if (const auto some = parse_keys(*line)) {
      keys += some->size() / kKeyBytes;
    } else if (parse_checkpoint(*line, checkpoint)) {
      resumed_ = checkpoint;
      bytes_kept_ = lines.bytes();
      keys_in_file_ = keys;
    } else {
      break;
    }
  }
  if (resumed_) errors_written_ = resumed_->summary.errors.size();
  TRY(file_, env_.files.open_append(path_, bytes_kept_));
  // A crash may have come between rename and sync; without its name nothing is durable.
  TRY(file_->sync());
  return env_.files.sync_folder(folder_of(path_));
}

Result<> Journal::restore(DedupMemory& memory) {
  TRY(auto file, env_.files.open(path_));
  LineReader lines(std::move(file));
  while (lines.bytes() < bytes_kept_) {
    TRY(const auto line, lines.next());
    if (!line) return Error(ErrorCode::kCorrupt, path_ + " changed while it was read");
    const auto keys = parse_keys(*line);
    for (size_t at = 0; keys && at < keys->size(); at += kKeyBytes) {
      memory.see(read_number(std::string_view(*keys).substr(at)),
                 read_number(std::string_view(*keys).substr(at + 8)));
    }
  }
  // What was forgotten before the journal was last written anew is known to the summary only.
  if (resumed_) memory.set_forgotten(resumed_->summary.dedup_forgotten);
  return {};
}

Result<> Journal::add_key(uint64_t id, uint64_t content) {
  append_number(id, keys_);
  append_number(content, keys_);
  ++keys_in_file_;
  return keys_.size() < kKeysPerLine * kKeyBytes ? Result<>() : append_keys();
}

Result<> Journal::append_keys() {
  if (keys_.empty()) return {};
  const std::string line = keys_line(keys_);
  keys_.clear();
  return file_->append(line);
}

Result<> Journal::commit(const Checkpoint& checkpoint, const DedupMemory& memory) {
  const bool anew = keys_in_file_ > kGenerationsInFileMax * memory.ids_max();
  if (anew) TRY(start_anew(memory));
  TRY(append_keys());
  TRY(file_->append(checkpoint_line(checkpoint, errors_written_)));
  errors_written_ = checkpoint.summary.errors.size();
  return anew ? put_in_place() : file_->sync();
}

// A new file that says the same to its reader, without the keys that were forgotten.
Result<> Journal::start_anew(const DedupMemory& memory) {
  TRY(start_new_file());
  keys_.clear();
  keys_in_file_ = 0;
  errors_written_ = 0;
  Result<> added;
  memory.for_each([&](uint64_t id, uint64_t content) {
    if (added) added = add_key(id, content);
  });
  return added;
}

}  // namespace stanch::pipeline
