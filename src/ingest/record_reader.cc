#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "codec/json.h"
#include "codec/utf8.h"
#include "ingest/ingest.h"
#include "ingest/splitter.h"
#include "ingest/text_source.h"

// The window: [what the splitter still needs][new text][room for one piece that
// began before the window][a little that parsers may read]. Text goes into the
// batch once; only the incomplete record at its end is carried to the next.

namespace stanch::ingest {

using codec::JsonProblem;

std::string_view name_of(InputProblem problem) {
  switch (problem) {
    case InputProblem::kNotFound: return "not-found";
    case InputProblem::kDenied: return "denied";
    case InputProblem::kUnreadable: return "unreadable";
    case InputProblem::kChanged: return "changed";
    case InputProblem::kTruncatedGzip: return "truncated-gzip";
    case InputProblem::kCorruptGzip: return "corrupt-gzip";
    case InputProblem::kCorruptZstd: return "corrupt-zstd";
    case InputProblem::kTruncatedZstd: return "truncated-zstd";
    case InputProblem::kBomb: return "bomb";
    case InputProblem::kNoJson: return "no-json";
    case InputProblem::kZstdWindow: return "zstd-window";
    case InputProblem::kTruncatedJson: return "truncated-json";
    case InputProblem::kEmpty: return "empty";
    case InputProblem::kNoEvent: return "no-event";
  }
  CHECK(false);
}

namespace {

bool is_digest_record(std::string_view record) {
  if (!record.contains("digestS3Bucket")) return false;  // nearly always
  codec::JsonParser parser;
  const codec::JsonView view = parser.parse(record);
  return view && view["digestS3Bucket"] && view["digestStartTime"];
}

}  // namespace

struct RecordReader::State {
  State(env::Files& files, InputFile input, const Limits& all)
      : file(std::move(input)),
        limits(all),
        source(files, file, limits),
        splitter(all.record_bytes_max) {}

  enum class Form : uint8_t { kUnknown, kJson, kLines };

  bool next(RecordBatch& batch);
  Form form_of(std::string_view text) const;
  uint64_t cut(RecordBatch& batch, std::string_view text);
  uint64_t cut_lines(RecordBatch& batch, std::string_view text);
  void reject_long_line(uint64_t end, RecordBatch& batch);
  void take_line(std::string_view line, uint64_t at, RecordBatch& batch);
  void take_cuts(RecordBatch& batch, std::string_view text);
  void take(const Cut& cut, RecordBatch& batch, std::string_view text);
  void take_rejected(const Cut& cut, RecordBatch& batch, std::string_view text);
  model::Origin origin_of(const Cut& cut);
  std::string_view rejected_bytes(const Cut& cut, RecordBatch& batch, std::string_view text);
  void remember_skipped(std::string_view text, uint64_t keep);
  void look_at_end(uint64_t text_end);
  void finish();
  bool is_empty() const;

  const InputFile file;
  const Limits limits;
  TextSource source;
  Splitter splitter;
  std::vector<Cut> cuts;
  std::vector<char> carry;  // text that the splitter still needs
  uint64_t begin = 0;       // offset of the carry in the text
  uint64_t records = 0;
  Form form = Form::kUnknown;
  TextLines lines;
  std::string line_json;
  std::string long_line;  // the beginning of one that is too long
  uint64_t long_line_begin = 0;
  bool in_long_line = false;
  bool at_end = false;
  bool digest = false;
  bool begins_as_json = false;
  Cut last_cut;                             // as it was taken
  std::optional<codec::JsonParser> parser;  // of what is damaged
  size_t member = 0;                        // index of the member of the last record

  // The beginning of the piece that is being stepped over.
  uint64_t skipped_begin = 0;
  std::string skipped;

  std::optional<InputError> error;
};

bool RecordReader::State::next(RecordBatch& batch) {
  batch.records.clear();
  batch.rejected.clear();
  batch.texts.clear();
  const size_t slack = limits.rejected_bytes_max + RecordBatch::kReadableBehind;
  size_t used = carry.size();
  if (batch.bytes.size() < used + slack) batch.bytes = std::vector<char>(used + slack);
  std::ranges::copy(carry, batch.bytes.begin());
  while (!at_end && batch.records.empty() && batch.rejected.empty()) {
    const size_t filled = source.fill(batch.bytes, used, slack);
    at_end = filled == 0;
    const std::string_view text(batch.bytes.data(), used + filled);
    const uint64_t keep = cut(batch, text);
    used = static_cast<size_t>(begin + text.size() - keep);
    const char* kept = text.data() + (text.size() - used);
    if (batch.records.empty() && batch.rejected.empty()) {
      std::memmove(batch.bytes.data(), kept, used);
    } else {
      carry.assign(kept, kept + used);
    }
    begin = keep;
    uint64_t needed = std::min(begin, splitter.stepping_over().value_or(begin));
    if (in_long_line) needed = std::min(needed, long_line_begin);
    source.forget_members_before(needed);
  }
  if (at_end) finish();
  return !batch.records.empty() || !batch.rejected.empty();
}

uint64_t RecordReader::State::cut(RecordBatch& batch, std::string_view text) {
  if (form == Form::kUnknown) form = form_of(text);
  if (form == Form::kUnknown) return begin;
  if (form == Form::kLines) return cut_lines(batch, text);
  cuts.clear();
  const uint64_t keep = splitter.cut(text, at_end, cuts);
  take_cuts(batch, text);
  if (at_end) look_at_end(begin + text.size());
  remember_skipped(text, keep);
  return keep;
}

// Lines of text, if one of the first has a form that is known before anything looks like JSON.
RecordReader::State::Form RecordReader::State::form_of(std::string_view text) const {
  constexpr size_t kLinesMax = 16;
  const bool is_all = at_end || text.size() >= limits.first_lines_bytes_max;
  TextLines first_lines;
  std::string json;
  if (text.starts_with(codec::kByteOrderMark)) text.remove_prefix(codec::kByteOrderMark.size());
  for (size_t i = 0; i < kLinesMax; ++i) {
    const size_t newline = text.find('\n');
    const std::string_view line = text.substr(0, newline);
    const size_t first = line.find_first_not_of(" \t\r");
    if (first != line.npos && (line[first] == '{' || line[first] == '[')) return Form::kJson;
    if (newline == text.npos && !is_all) return Form::kUnknown;
    if (first_lines.read(line, json) != TextLines::Kind::kNone) return Form::kLines;
    if (newline == text.npos) break;
    text.remove_prefix(newline + 1);
  }
  return Form::kJson;
}

uint64_t RecordReader::State::cut_lines(RecordBatch& batch, std::string_view text) {
  member = 0;
  size_t at = 0;
  while (at < text.size()) {
    const size_t newline = text.find('\n', at);
    const size_t end = std::min(newline, text.size());
    const bool is_whole = newline != text.npos || at_end;
    const bool is_long = in_long_line || end - at > limits.record_bytes_max;
    if (!is_whole && !is_long) break;
    if (is_long) {
      if (!in_long_line) long_line_begin = begin + at;
      if (!in_long_line) long_line.clear();
      const size_t room = limits.rejected_bytes_max - long_line.size();
      long_line.append(text.substr(at, std::min(end - at, room)));
      in_long_line = newline == text.npos;
      if (!in_long_line) reject_long_line(begin + end, batch);
    } else {
      take_line(text.substr(at, end - at), begin + at, batch);
    }
    at = std::min(end + 1, text.size());
  }
  if (in_long_line && at_end) {
    in_long_line = false;
    reject_long_line(begin + at, batch);
  }
  return begin + at;
}

void RecordReader::State::reject_long_line(uint64_t end, RecordBatch& batch) {
  const Cut cut{long_line_begin, end, JsonProblem::kTooLarge};
  batch.rejected.push_back(
      {origin_of(cut), cut.problem, batch.texts.store(long_line), cut.end - cut.begin});
}

void RecordReader::State::take_line(std::string_view line, uint64_t at, RecordBatch& batch) {
  constexpr std::string_view kSpace = " \t\r";
  const size_t mark = line.starts_with(codec::kByteOrderMark) ? codec::kByteOrderMark.size() : 0;
  const size_t first = line.find_first_not_of(kSpace, mark);
  if (first == line.npos) return;
  at += first;
  line = line.substr(first, line.find_last_not_of(kSpace) + 1 - first);
  const Cut cut{at, at + line.size(), JsonProblem::kNone, true};
  if (line.front() == '{') {
    batch.records.push_back({line, origin_of(cut)});
    return;
  }
  switch (lines.read(line, line_json)) {
    case TextLines::Kind::kHeader: return;
    case TextLines::Kind::kNone:
      batch.rejected.push_back({origin_of(cut), JsonProblem::kSyntax,
                                line.substr(0, limits.rejected_bytes_max), line.size()});
      return;
    case TextLines::Kind::kRecord: break;
  }
  char* const to = batch.texts.reserve(line_json.size() + RecordBatch::kReadableBehind);
  std::ranges::copy(line_json, to);
  std::fill_n(to + line_json.size(), RecordBatch::kReadableBehind, ' ');
  batch.records.push_back({{to, line_json.size()}, origin_of(cut)});
}

void RecordReader::State::take_cuts(RecordBatch& batch, std::string_view text) {
  if (at_end && !splitter.saw_json() && !cuts.empty()) {
    if (!source.error()) {
      error = InputError{file.path, InputProblem::kNoJson,
                         fmt::format("{}: nothing in it looks like JSON", input_name(file.path)),
                         !file.found};
    }
    return;
  }
  member = 0;
  for (const Cut& cut : cuts) {
    if (records == 0) begins_as_json = cut.problem != JsonProblem::kSyntax;
    if (cut.problem == JsonProblem::kNone) {
      take(cut, batch, text);
    } else {
      take_rejected(cut, batch, text);
    }
  }
}

// A record, or a rejected piece in which there is nothing else.
void RecordReader::State::take(const Cut& cut, RecordBatch& batch, std::string_view text) {
  last_cut = cut;
  const model::Origin origin = origin_of(cut);
  if (cut.problem != JsonProblem::kNone) {
    batch.rejected.push_back(
        {origin, cut.problem, rejected_bytes(cut, batch, text), cut.end - cut.begin});
    return;
  }
  const std::string_view bytes = text.substr(cut.begin - begin, cut.end - cut.begin);
  if (records == 1 && is_digest_record(bytes)) {
    digest = true;
  } else {
    batch.records.push_back({bytes, origin});
  }
}

void RecordReader::State::take_rejected(const Cut& cut, RecordBatch& batch, std::string_view text) {
  if (cut.problem != JsonProblem::kSyntax && cut.problem != JsonProblem::kTruncated) {
    return take(cut, batch, text);
  }
  if (!parser) parser.emplace(codec::JsonParser::Texts::kFew);
  // Looking at only what may hold something keeps foreign text quick.
  constexpr std::string_view kScalars = "\"-0123456789tfn";
  if (cut.whole) {
    const std::string_view bytes = text.substr(cut.begin - begin, cut.end - cut.begin);
    if (bytes.find('{', 1) != std::string_view::npos) {
      const std::vector<Piece> pieces = cut_again(bytes, *parser, limits);
      if (pieces.size() > 1) {
        for (const Piece& piece : pieces) {
          const uint64_t at = begin + static_cast<uint64_t>(piece.bytes.data() - text.data());
          take({at, at + piece.bytes.size(), piece.problem, true}, batch, text);
        }
        return;
      }
    }
  }
  const std::string_view bytes = rejected_bytes(cut, batch, text);
  const bool complete = bytes.size() == cut.end - cut.begin && !bytes.empty();
  if (complete && kScalars.contains(bytes.front()) && parser->parse(bytes)) {
    last_cut = cut;
    batch.records.push_back({bytes, origin_of(cut)});
    return;
  }
  take(cut, batch, text);
}

model::Origin RecordReader::State::origin_of(const Cut& cut) {
  model::Origin origin;
  origin.file = file.path;
  origin.record = ++records;
  origin.offset = cut.begin;
  const auto& members = source.members();
  while (member + 1 < members.size() && members[member + 1].offset <= cut.begin) ++member;
  if (!members.empty()) origin.member = members[member].number;
  return origin;
}

// What began before the window was remembered; its bytes are put together
// behind the text, where each batch has room for one such piece.
std::string_view RecordReader::State::rejected_bytes(const Cut& cut, RecordBatch& batch,
                                                     std::string_view text) {
  const uint64_t length = std::min<uint64_t>(cut.end - cut.begin, limits.rejected_bytes_max);
  if (cut.begin >= begin) return text.substr(cut.begin - begin, length);
  char* to = batch.bytes.data() + text.size();
  const size_t known = std::min<size_t>(skipped.size(), length);
  std::memcpy(to, skipped.data(), known);
  const uint64_t from = cut.begin + known;  // at or behind `begin` if anything is missing
  if (known < length) std::memcpy(to + known, text.data() + (from - begin), length - known);
  return {to, length};
}

void RecordReader::State::remember_skipped(std::string_view text, uint64_t keep) {
  const std::optional<uint64_t> stepping = splitter.stepping_over();
  if (!stepping) return;
  if (*stepping != skipped_begin || *stepping >= begin) {
    skipped.clear();
    skipped_begin = *stepping;
  }
  const uint64_t from = skipped_begin + skipped.size();
  if (from >= keep || skipped.size() >= limits.rejected_bytes_max) return;
  const size_t count = std::min<uint64_t>(keep - from, limits.rejected_bytes_max - skipped.size());
  skipped.append(text.substr(from - begin, count));
}

// A log that was cut off, by a full disk or a broken download. Text that is no log may end so
// too: it does not begin as one.
void RecordReader::State::look_at_end(uint64_t text_end) {
  if (last_cut.problem != JsonProblem::kTruncated || last_cut.end != text_end) return;
  if (error || source.error() || !begins_as_json) return;
  error = InputError{file.path, InputProblem::kTruncatedJson,
                     fmt::format("{} ends in the middle of a value; what stands before was read. "
                                 "Fetch the file again",
                                 input_name(file.path))};
}

void RecordReader::State::finish() {
  if (source.error()) error = source.error();
  if (error && error->problem == InputProblem::kNoJson) error->loss = !file.found;
  if (!error && is_empty() && !file.found) {
    error = InputError{file.path, InputProblem::kEmpty,
                       fmt::format("{} is empty", input_name(file.path)), false};
  }
}

bool RecordReader::State::is_empty() const {
  return at_end && records == 0 && !splitter.saw_json() && !source.error() &&
         (!error || error->problem == InputProblem::kEmpty);
}

RecordReader::RecordReader(env::Files& files, InputFile file, const Limits& limits)
    : state_(std::make_unique<State>(files, std::move(file), limits)) {}
RecordReader::~RecordReader() = default;
RecordReader::RecordReader(RecordReader&&) noexcept = default;

bool RecordReader::next(RecordBatch& batch) { return state_->next(batch); }
const InputError* RecordReader::error() const { return state_->error ? &*state_->error : nullptr; }
uint64_t RecordReader::bytes_read() const { return state_->source.bytes_read(); }
uint64_t RecordReader::bytes_text() const { return state_->source.bytes_text(); }
bool RecordReader::is_digest() const { return state_->digest; }
bool RecordReader::is_empty() const { return state_->is_empty(); }

}  // namespace stanch::ingest
