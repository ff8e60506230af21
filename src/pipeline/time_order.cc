// Sorting more than memory holds: full memories are sorted and written as files ("runs"), and at
// the end the least line of all runs is taken again and again. As there may be only so many files,
// those of one size are merged into one now and then, and so are what comes of that: so each line
// is written as often as there are sizes, which is a logarithm of how much there is. Each is one
// line that sorts by its bytes:
//
//   time as 16 hexadecimal digits, its sign turned; or "g", which comes after every digit
//   tab  id  tab  document  newline
//
// Nothing is synced: who is killed begins anew.

#include "pipeline/time_order.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <utility>

#include "base/check.h"

namespace stanch::pipeline {

namespace {

constexpr size_t kPieceBytes = size_t{256} << 10;  // read or written at once
constexpr size_t kLineOverhead = 64;               // of a string, about
constexpr unsigned kFoldersMax = 100;              // sorts at a time in one folder
constexpr uint64_t kSign = uint64_t{1} << 63;
constexpr size_t kTimeDigits = 16;

Error not_as_written() {
  return {ErrorCode::kCorrupt, "a file of what waits to be sorted is not as it was written"};
}

}  // namespace

void append_text(const TimedLine& line, std::string& out) {
  if (line.time) {
    const auto nanoseconds = static_cast<uint64_t>(line.time->time_since_epoch().count());
    fmt::format_to(std::back_inserter(out), "{:016x}", nanoseconds ^ kSign);
  } else {
    out += 'g';
  }
  out.append(1, '\t').append(line.id).append(1, '\t').append(line.document);
}

Result<TimedLine> parse_timed_line(std::string_view text) {
  TimedLine line;
  const size_t time_end = text.find('\t');
  const size_t id_end = time_end == text.npos ? text.npos : text.find('\t', time_end + 1);
  if (id_end == text.npos) return not_as_written();
  const std::string_view time = text.substr(0, time_end);
  if (time != "g") {
    uint64_t bits = 0;
    const auto [end, problem] = std::from_chars(time.data(), time.data() + time.size(), bits, 16);
    if (time.size() != kTimeDigits || problem != std::errc() || end != time.data() + time.size()) {
      return not_as_written();
    }
    line.time = Time(Duration(static_cast<int64_t>(bits ^ kSign)));
  }
  line.id = text.substr(time_end + 1, id_end - time_end - 1);
  line.document = text.substr(id_end + 1);
  return line;
}

namespace {

// Lines appended to a file in large pieces.
class LineWriter {
 public:
  explicit LineWriter(std::unique_ptr<env::WritableFile> file) : file_(std::move(file)) {}

  Result<> add(std::string_view line) {
    buffer_.append(line).append(1, '\n');
    return buffer_.size() >= kPieceBytes ? flush() : Result<>();
  }
  Result<> flush() {
    TRY(file_->append(buffer_));
    buffer_.clear();
    return {};
  }

 private:
  std::unique_ptr<env::WritableFile> file_;
  std::string buffer_;
};

}  // namespace

// A sorted file that is read from its beginning; line() is its least that was not taken.
class TimeOrder::Run {
 public:
  explicit Run(std::unique_ptr<env::ReadableFile> file) : file_(std::move(file)) {}

  std::string_view line() const { return std::string_view(buffer_).substr(at_, end_ - at_); }

  // False at the end of the file. Call it before the first line().
  Result<bool> step() {
    at_ = next_;
    for (size_t searched = at_;;) {
      const size_t newline = buffer_.find('\n', searched);
      if (newline != std::string::npos) {
        end_ = newline;
        next_ = newline + 1;
        return true;
      }
      buffer_.erase(0, std::exchange(at_, 0));
      searched = buffer_.size();
      buffer_.resize(searched + kPieceBytes);
      const Result<size_t> count = file_->read({buffer_.data() + searched, kPieceBytes});
      buffer_.resize(searched + (count ? *count : 0));
      if (!count) return count.error();
      if (*count > 0) continue;
      next_ = 0;
      if (!buffer_.empty()) return not_as_written();
      return false;
    }
  }

 private:
  std::unique_ptr<env::ReadableFile> file_;
  std::string buffer_;
  size_t at_ = 0, end_ = 0, next_ = 0;
};

TimeOrder::TimeOrder(env::Files& files, OrderOptions options)
    : files_(files), options_(std::move(options)) {}

TimeOrder::~TimeOrder() = default;

Result<> TimeOrder::add(const TimedLine& line) {
  std::string text;
  text.reserve(kTimeDigits + line.id.size() + line.document.size() + 2);
  append_text(line, text);
  return add_text(std::move(text));
}

Result<> TimeOrder::add_text(std::string text) {
  CHECK(!text.contains('\n'));
  bytes_ += text.size() + kLineOverhead;
  lines_.push_back(std::move(text));
  ++count_;
  return bytes_ >= options_.bytes_max ? spill() : Result<>();
}

Result<> TimeOrder::sort() {
  if (!has_files()) {
    std::ranges::sort(lines_);
    return {};
  }
  if (!lines_.empty()) TRY(spill());
  for (size_t level = 0; count_files() > options_.files_max; ++level) TRY(merge_level(level));
  return open_all();
}

Result<std::optional<TimedLine>> TimeOrder::next() {
  std::string_view text;
  if (!has_files()) {
    if (at_ == lines_.size()) return std::optional<TimedLine>();
    text = lines_[at_++];
  } else {
    TRY(const bool more, take_least(runs_, line_));
    if (!more) return std::optional<TimedLine>();
    text = line_;
  }
  TRY(const TimedLine line, parse_timed_line(text));
  return std::optional(line);
}

Result<> TimeOrder::rewind() {
  at_ = 0;
  return has_files() ? open_all() : Result<>();
}

Result<> TimeOrder::remove_files() {
  runs_.clear();
  for (const std::vector<uint64_t>& level : std::exchange(levels_, {})) {
    for (const uint64_t number : level) TRY(files_.remove(path_of(number)));
  }
  if (lock_ == nullptr) return {};
  TRY(files_.remove(lock_path_));
  lock_.reset();
  return {};
}

Result<> TimeOrder::spill() {
  if (lock_ == nullptr) TRY(lock_folder());
  std::ranges::sort(lines_);
  // What is in logs is nobody else's business.
  TRY(auto file, files_.create_private(path_of(files_made_)));
  if (levels_.empty()) levels_.emplace_back();
  levels_.front().push_back(files_made_++);
  LineWriter writer(std::move(file));
  for (const std::string& line : lines_) TRY(writer.add(line));
  TRY(writer.flush());
  lines_.clear();
  bytes_ = 0;
  for (size_t level = 0; level < levels_.size(); ++level) {
    if (levels_[level].size() >= options_.files_max) TRY(merge_level(level));
  }
  return {};
}

size_t TimeOrder::count_files() const {
  size_t count = 0;
  for (const std::vector<uint64_t>& level : levels_) count += level.size();
  return count;
}

Result<> TimeOrder::merge_level(size_t level) {
  if (levels_[level].size() < 2) {
    // It is as it would be written; it only counts among the larger ones.
    if (level + 1 < levels_.size()) {
      std::ranges::move(std::exchange(levels_[level], {}), std::back_inserter(levels_[level + 1]));
    }
    return {};
  }
  TRY(Runs runs, open_runs(levels_[level]));
  const uint64_t merged = files_made_++;
  TRY(auto file, files_.create_private(path_of(merged)));
  LineWriter writer(std::move(file));
  std::string line;
  for (;;) {
    TRY(const bool more, take_least(runs, line));
    if (!more) break;
    TRY(writer.add(line));
  }
  TRY(writer.flush());
  for (const uint64_t number : std::exchange(levels_[level], {})) {
    TRY(files_.remove(path_of(number)));
  }
  if (level + 1 == levels_.size()) levels_.emplace_back();
  levels_[level + 1].push_back(merged);
  return {};
}

// A name that no other process sorts under at this moment.
Result<> TimeOrder::lock_folder() {
  TRY(files_.make_folders(options_.folder));
  for (unsigned i = 0;; ++i) {
    lock_path_ = fmt::format("{}/sort-{}.lock", options_.folder, i);
    Result<std::unique_ptr<env::FileLock>> lock = files_.lock(lock_path_);
    if (lock) {
      lock_ = *std::move(lock);
      return remove_left();
    }
    if (lock.error().code() != ErrorCode::kConflict || i + 1 == kFoldersMax) return lock.error();
  }
}

// What a process left that was killed under this lock.
Result<> TimeOrder::remove_left() {
  const std::string begin = path_of(0).substr(options_.folder.size() + 1);
  const std::string_view prefix = std::string_view(begin).substr(0, begin.rfind('-') + 1);
  TRY(const auto names, files_.list(options_.folder));
  for (const std::string& name : names) {
    if (name.starts_with(prefix)) TRY(files_.remove(options_.folder + "/" + name));
  }
  return {};
}

std::string TimeOrder::path_of(uint64_t number) const {
  return fmt::format("{}-{}", lock_path_.substr(0, lock_path_.rfind('.')), number);
}

Result<> TimeOrder::open_all() {
  std::vector<uint64_t> all;
  for (const std::vector<uint64_t>& level : levels_) {
    all.insert(all.end(), level.begin(), level.end());
  }
  TRY(runs_, open_runs(all));
  return {};
}

Result<TimeOrder::Runs> TimeOrder::open_runs(std::span<const uint64_t> numbers) const {
  Runs runs;
  for (const uint64_t number : numbers) {
    TRY(auto file, files_.open(path_of(number)));
    auto run = std::make_unique<Run>(std::move(file));
    TRY(const bool more, run->step());
    if (more) runs.push_back(std::move(run));
  }
  return runs;
}

// A look at every run: there are few, and each line leads to work that is far more.
Result<bool> TimeOrder::take_least(Runs& runs, std::string& line) {
  if (runs.empty()) return false;
  const auto least = std::ranges::min_element(
      runs, {}, [](const std::unique_ptr<Run>& run) { return run->line(); });
  line = (*least)->line();
  TRY(const bool more, (*least)->step());
  if (!more) runs.erase(least);
  return true;
}

}  // namespace stanch::pipeline
