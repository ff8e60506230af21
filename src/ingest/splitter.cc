#include "ingest/splitter.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"
#include "codec/timestamp.h"
#include "codec/utf8.h"

// The forms, told apart by what stands there, never by a file name:
//
//   value value …            one record a value, on one line or on many
//   [value, value, …]        one record an element, if the first is an object
//   {…, "Records": [value, …], …}   one record an element; also "Events",
//                            "Messages", "logEvents", "events", "records", also several a file
//   value \n value \n …      as soon as one value fills a line of its own, the
//                            rest is cut at newlines alone: a line that is no JSON costs
//                            only itself, and nothing needs to be scanned
//   2026-03-01T02:03:04.000Z value \n …   what CloudWatch Logs exports
//
// Damage shows in four ways: a newline inside a string, brackets that do not match
// at the end of a value, the end of the file inside a value, a value that grows too
// large. Then the next line that begins like the damaged value did (the same
// indentation, then '{') is taken for the next record, what lies before it is
// rejected, and from there on such a line always begins a record ("guarded").
// So every byte is looked at twice at most, whatever the file holds. What is whole inside a
// piece that is rejected, or inside a line that turns out to be no JSON, is found by cut_again.cc.

namespace stanch::ingest {

namespace {

constexpr char kRecordSeparator = '\x1E';  // RFC 7464, JSON text sequences
constexpr size_t kIndentMax = 64;
constexpr size_t kArrayGapMax = size_t{64} << 10;  // white space behind '['

using codec::is_json_space;
using codec::kByteOrderMark;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

uint64_t Splitter::cut(std::string_view text, bool last, std::vector<Cut>& cuts) {
  CHECK(at_ <= text.size());
  text_ = text;
  last_ = last;
  while (step(cuts)) {
  }
  uint64_t keep = here();
  if (state_ == State::kValue || state_ == State::kRemainder) {
    keep = dropped_ ? here() - std::min(at_, ValueScanner::kLookBehind) : begin_;
  }
  at_ = static_cast<size_t>(here() - keep);
  base_ = keep;
  text_ = {};
  return keep;
}

std::optional<uint64_t> Splitter::stepping_over() const {
  const bool value = state_ == State::kValue || state_ == State::kRemainder;
  if ((value && dropped_) || state_ == State::kStray || state_ == State::kGarbage) return begin_;
  return std::nullopt;
}

bool Splitter::step(std::vector<Cut>& cuts) {
  switch (state_) {
    case State::kBetween: return step_between(cuts);
    case State::kElements: return step_elements(cuts);
    case State::kValue:
    case State::kRemainder: return step_value(cuts);
    case State::kStray: return step_stray(cuts);
    case State::kGarbage: return step_garbage(cuts);
    case State::kLines: return step_line(cuts);
  }
  CHECK(false);
}

// True at a character that is no separator.
bool Splitter::skip_separators() {
  for (; at_ < text_.size(); ++at_) {
    const char c = text_[at_];
    if (c == '\n') {
      at_line_start_ = true;
      indent_.clear();
      if (line_may_follow_) {
        line_may_follow_ = false;
        ++at_;
        state_ = State::kLines;
        return false;
      }
    } else if (c == ' ' || c == '\t') {
      if (at_line_start_) indent_ += c;
    } else if (c == ',' || c == kRecordSeparator) {
      at_line_start_ = false;
    } else if (c != '\r') {
      return true;
    }
    if (indent_.size() > kIndentMax) at_line_start_ = false;
    if (!at_line_start_) indent_.clear();
  }
  return false;
}

bool Splitter::step_between(std::vector<Cut>&) {
  if (!skip_separators()) return state_ == State::kLines;
  const char c = text_[at_];
  if (c == '{') {
    begin_value(true);
    return true;
  }
  const std::string_view rest = text_.substr(at_);
  if (c == '[') {
    // Text logs like to begin their lines with '[' too.
    const std::string_view gap = rest.substr(1, kArrayGapMax);
    const size_t next = gap.find_first_not_of(" \t\r\n");
    if (next == std::string_view::npos) {
      if (gap.size() < kArrayGapMax && !last_) return false;
    } else if (gap[next] != '{' && gap[next] != ']') {
      begin_garbage();
      return true;
    }
    ++at_;
    saw_json_ = true;
    in_array_ = true;
    in_object_ = false;
    line_may_follow_ = at_line_start_ = false;
    indent_.clear();
    state_ = State::kElements;
    return true;
  }
  if (c == kByteOrderMark[0] && rest.size() < kByteOrderMark.size() && !last_) return false;
  if (rest.starts_with(kByteOrderMark)) {
    at_ += kByteOrderMark.size();
    return true;
  }
  size_t end = 0;
  const Prefix prefix = at_line_start_ ? timestamp_prefix(at_, end) : Prefix::kNone;
  if (prefix == Prefix::kUnknown) return false;
  if (prefix == Prefix::kTimestamp) {
    at_ = end;
    return true;
  }
  begin_garbage();
  return true;
}

bool Splitter::step_elements(std::vector<Cut>& cuts) {
  if (!skip_separators()) {
    if (!last_) return false;
    cuts.push_back({here(), here(), codec::JsonProblem::kTruncated});  // ']' is missing
    in_array_ = in_object_ = false;
    state_ = State::kBetween;
    return true;
  }
  const char c = text_[at_];
  if (c == '{' || c == '[') {
    begin_value(false);
  } else if (c == ']' || c == '}') {
    ++at_;
    if (c == '}') cuts.push_back({here() - 1, here(), codec::JsonProblem::kSyntax});
    at_line_start_ = in_array_ = false;
    indent_.clear();
    state_ = State::kBetween;
    if (c == ']' && in_object_) {
      state_ = State::kRemainder;
      scanner_.begin('{', true);
      dropped_ = false;
      begin_ = here();
    }
    in_object_ = false;
  } else {
    state_ = State::kStray;
    stray_string_ = stray_escape_ = false;
    begin_ = here();
  }
  return true;
}

void Splitter::begin_value(bool watch_members) {
  begin_ = here();
  scanner_.begin(text_[at_], watch_members);
  ++at_;
  dropped_ = false;
  line_may_follow_ = false;
  saw_json_ = true;
  state_ = State::kValue;
}

bool Splitter::step_value(std::vector<Cut>& cuts) {
  std::string_view reach = text_;
  if (!dropped_) reach = reach.substr(0, index_of(begin_) + record_bytes_max_ + 1);
  switch (scanner_.scan(reach, at_, guarded_)) {
    case ValueScanner::Stop::kContainer:
      in_array_ = in_object_ = true;
      at_line_start_ = false;
      indent_.clear();
      state_ = State::kElements;
      return true;
    case ValueScanner::Stop::kEnd: end_value(cuts); return true;
    case ValueScanner::Stop::kNewline: return look_at_newline(cuts);
    case ValueScanner::Stop::kMore: break;
  }
  if (!dropped_ && here() - begin_ > record_bytes_max_) return exceed(cuts);
  if (!last_) return false;
  if (!dropped_ && resume_behind_damage(at_, codec::JsonProblem::kTruncated, cuts)) return true;
  const auto problem = dropped_ ? codec::JsonProblem::kTooLarge : codec::JsonProblem::kTruncated;
  cuts.push_back({begin_, here(), problem, !dropped_});
  in_array_ = in_object_ = false;
  state_ = State::kBetween;
  return true;
}

void Splitter::end_value(std::vector<Cut>& cuts) {
  const bool too_large = dropped_ || here() - begin_ > record_bytes_max_;
  const bool is_record = state_ == State::kValue;
  if (too_large) {
    cuts.push_back({begin_, here(), codec::JsonProblem::kTooLarge});
  } else if (is_record) {
    if (!scanner_.balanced() && resume_behind_damage(at_, codec::JsonProblem::kSyntax, cuts)) {
      return;
    }
    cuts.push_back({begin_, here(), codec::JsonProblem::kNone, true});
    line_may_follow_ = !in_array_ && at_line_start_ &&
                       !text_.substr(index_of(begin_), here() - begin_).contains('\n');
  }
  at_line_start_ = false;
  indent_.clear();
  state_ = outside();
}

// The value is larger than a record may be: it is damaged, or its bytes are
// not kept any longer.
bool Splitter::exceed(std::vector<Cut>& cuts) {
  if (!resume_behind_damage(at_, codec::JsonProblem::kTruncated, cuts)) {
    guarded_ = true;
    dropped_ = true;
  }
  return true;
}

bool Splitter::look_at_newline(std::vector<Cut>& cuts) {
  const std::string_view next = text_.substr(at_ + 1);
  if (next.size() <= indent_.size() && !last_ && indent_.starts_with(next)) return false;
  if (next.size() > indent_.size() && next.starts_with(indent_) && next[indent_.size()] == '{') {
    resume_at(at_, dropped_ ? codec::JsonProblem::kTooLarge : codec::JsonProblem::kTruncated, cuts);
  } else {
    scanner_.pass_newline(at_);
  }
  return true;
}

// Looks for the next record in text_ from the beginning of the value to
// `limit`. If there is one, the value is rejected up to there.
bool Splitter::resume_behind_damage(size_t limit, codec::JsonProblem problem,
                                    std::vector<Cut>& cuts) {
  const std::string like = '\n' + indent_ + '{';
  const size_t newline = text_.substr(0, limit).find(like, index_of(begin_));
  if (newline == std::string_view::npos) return false;
  resume_at(newline, problem, cuts);
  return true;
}

void Splitter::resume_at(size_t newline, codec::JsonProblem problem, std::vector<Cut>& cuts) {
  cuts.push_back({begin_, base_ + newline, problem, !dropped_});
  at_ = newline;
  guarded_ = true;
  line_may_follow_ = false;
  state_ = outside();
}

bool Splitter::step_stray(std::vector<Cut>& cuts) {
  for (; at_ < text_.size(); ++at_) {
    const char c = text_[at_];
    if (stray_string_ && c != '\n') {
      if (!stray_escape_ && c == '"') stray_string_ = false;
      stray_escape_ = !stray_escape_ && c == '\\';
    } else if (is_json_space(c) || c == ',' || c == ']' || c == '}' || c == '{' || c == '[') {
      break;
    } else if (c == '"') {
      stray_string_ = true;
    }
  }
  if (at_ == text_.size() && !last_) return false;
  cuts.push_back({begin_, here(), codec::JsonProblem::kSyntax});
  at_line_start_ = false;
  indent_.clear();
  state_ = State::kElements;
  return true;
}

void Splitter::begin_garbage() {
  begin_ = here();
  line_may_follow_ = false;
  state_ = State::kGarbage;
}

// Whether a record begins behind the newline; nothing if that cannot be seen yet.
std::optional<bool> Splitter::begins_record(size_t newline) const {
  if (newline + 1 == text_.size()) return last_ ? std::optional(false) : std::nullopt;
  if (text_[newline + 1] == '{') return true;
  size_t end = 0;
  const Prefix prefix = timestamp_prefix(newline + 1, end);
  if (prefix == Prefix::kUnknown) return std::nullopt;
  return prefix == Prefix::kTimestamp;
}

bool Splitter::step_garbage(std::vector<Cut>& cuts) {
  for (;;) {
    at_ = std::min(text_.find('\n', at_), text_.size());
    if (at_ == text_.size()) {
      if (!last_) return false;
      break;
    }
    const std::optional<bool> record = begins_record(at_);
    if (!record) return false;
    if (*record) break;
    ++at_;
  }
  cuts.push_back({begin_, here(), codec::JsonProblem::kSyntax});
  state_ = State::kBetween;
  return true;
}

// An RFC 3339 time, a space and '{' at `at`; then `end` is where the brace is.
Splitter::Prefix Splitter::timestamp_prefix(size_t at, size_t& end) const {
  constexpr size_t kTimeMax = 35;
  if (!is_digit(text_[at])) return Prefix::kNone;
  end = at;
  while (end < text_.size() && end - at <= kTimeMax &&
         (is_digit(text_[end]) || std::string_view("-:T.Z+").contains(text_[end]))) {
    ++end;
  }
  const std::string_view time = text_.substr(at, end - at);
  if (time.size() > kTimeMax) return Prefix::kNone;
  const std::string_view behind = text_.substr(end, 2);
  if (!last_ && (behind.empty() || behind == " ")) return Prefix::kUnknown;
  if (behind != " {" || !codec::parse_timestamp(time)) return Prefix::kNone;
  ++end;
  return Prefix::kTimestamp;
}

bool Splitter::step_line(std::vector<Cut>& cuts) {
  const size_t from = std::max(at_, line_scanned_ > base_ ? index_of(line_scanned_) : 0);
  const size_t newline = text_.find('\n', from);
  const size_t end = std::min(newline, text_.size());
  line_scanned_ = base_ + end;
  if (end - at_ > record_bytes_max_) {
    at_line_start_ = true;
    indent_.clear();
    guarded_ = true;
    state_ = State::kBetween;
    return true;
  }
  if (newline == std::string_view::npos && (!last_ || at_ == text_.size())) return false;
  return cut_line(end, cuts);
}

// Cuts the line from at_ to `end`.
bool Splitter::cut_line(size_t end, std::vector<Cut>& cuts) {
  size_t first = at_;
  size_t behind = end;
  const auto trim = [&] {
    while (behind > first && is_json_space(text_[behind - 1])) --behind;
  };
  while (first < end && (is_json_space(text_[first]) || text_[first] == kRecordSeparator)) ++first;
  if (text_.substr(first).starts_with(kByteOrderMark)) first += kByteOrderMark.size();
  trim();
  const size_t line_begin = at_;
  at_ = std::min(end + 1, text_.size());
  if (first >= behind) return true;
  size_t brace = 0;
  if (timestamp_prefix(first, brace) == Prefix::kTimestamp) first = brace;
  const char opening = text_[first];
  const bool bracketed = opening == '{' || opening == '[';
  if (bracketed && text_[behind - 1] == ',') {
    --behind;
    trim();
  }
  const char closing = text_[behind - 1];
  if ((opening == '{' && closing == '}') || (opening == '[' && closing == ']')) {
    saw_json_ = true;
    cuts.push_back({base_ + first, base_ + behind, codec::JsonProblem::kNone, true});
  } else if (bracketed) {  // perhaps a value over several lines
    indent_ = text_.substr(line_begin, first - line_begin);
    at_line_start_ = true;
    if (indent_.find_first_not_of(" \t") != std::string::npos) indent_.clear();
    guarded_ = true;
    at_ = first;
    state_ = State::kBetween;
  } else {
    cuts.push_back({base_ + first, base_ + behind, codec::JsonProblem::kSyntax, true});
  }
  return true;
}

}  // namespace stanch::ingest
