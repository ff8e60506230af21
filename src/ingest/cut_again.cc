#include <algorithm>
#include <cstddef>
#include <string_view>
#include <vector>

#include "codec/json.h"
#include "codec/utf8.h"
#include "ingest/ingest.h"
#include "ingest/splitter.h"
#include "ingest/value_scanner.h"

// Where the ordinary way failed: a line that is no JSON, or a piece that was rejected. Mostly two
// files were put together:
//
//   {…}{…}          the first had no newline at its end
//   {… "x{…}{…}     and was cut off
//   …}{…}           or the second begins in the middle
//
// From left to right, whatever is whole is taken. Where nothing whole begins, the next whole
// object is looked for behind which stands no comma and no closing bracket: inside of JSON one of
// these follows every value, so what is found is no part of the broken one. (It cannot be
// inside of a string either: there, a quote behind a brace has a backslash in front.) What is
// broken may still be an object with an array of records, of which some are whole: those the
// splitter finds.
//
// Refused: to look for the first key of records that came before. It finds no more, and what is
// found would depend on other lines.

namespace stanch::ingest {

namespace {

// Text may be made so that a value seems to begin everywhere and ends nowhere. So many times
// its size is looked at, then the rest counts as broken.
constexpr size_t kLooks = 16;

using codec::kByteOrderMark;

constexpr std::string_view kSpace = " \t\r\n\x1E";
constexpr std::string_view kSeparators = " \t\r\n\x1E,";

class Cutter {
 public:
  Cutter(std::string_view text, codec::JsonParser& parser, const Limits& limits)
      : text_(text), parser_(parser), limits_(limits), looks_(kLooks * text.size()) {}

  std::vector<Piece> cut() && {
    const size_t begin = text_.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
    for (size_t at = skip(begin, kSeparators); at < text_.size(); at = skip(at, kSeparators)) {
      const size_t end = end_of_whole(at);
      if (end == kNone) {
        const size_t next = find_whole(at + 1);
        add_broken(text_.substr(at, next - at));
        at = next;
      } else {
        pieces_.push_back({text_.substr(at, end - at), codec::JsonProblem::kNone});
        at = end;
      }
    }
    return std::move(pieces_);
  }

 private:
  static constexpr size_t kNone = std::string_view::npos;

  size_t skip(size_t at, std::string_view what) const {
    return std::min(text_.find_first_not_of(what, at), text_.size());
  }

  // Where brackets that open at `at` are closed.
  size_t end_of_brackets(size_t at) {
    ValueScanner scanner;
    scanner.begin(text_[at], false);
    const std::string_view reach = text_.substr(0, at + looks_);  // never past the end
    size_t end = at + 1;
    for (;;) {
      const ValueScanner::Stop stop = scanner.scan(reach, end, false);
      if (stop == ValueScanner::Stop::kNewline) {
        scanner.pass_newline(end);
        continue;
      }
      looks_ -= std::min(looks_, end - at);
      return stop == ValueScanner::Stop::kEnd && scanner.balanced() ? end : kNone;
    }
  }

  // Where the JSON ends that begins at `at`.
  size_t end_of_whole(size_t at) {
    if (text_[at] != '{' && text_[at] != '[') return kNone;
    const size_t end = end_of_brackets(at);
    return end != kNone && parser_.parse(text_.substr(at, end - at)) ? end : kNone;
  }

  // Where a whole object begins that is part of nothing; or the end.
  size_t find_whole(size_t from) {
    for (size_t at = from; (at = text_.find('{', at)) != kNone; ++at) {
      const size_t first = skip(at + 1, kSpace);
      if (first == text_.size() || text_[first] != '"') continue;
      const size_t end = end_of_brackets(at);
      if (end == kNone) continue;
      const size_t behind = skip(end, kSpace);
      if (behind < text_.size() && std::string_view(",]}").contains(text_[behind])) continue;
      if (parser_.parse(text_.substr(at, end - at))) return at;
    }
    return text_.size();
  }

  void add_broken(std::string_view bytes) {
    bytes = bytes.substr(0, bytes.find_last_not_of(kSeparators) + 1);
    Splitter splitter(limits_.record_bytes_max);
    std::vector<Cut> cuts;
    splitter.cut(bytes, true, cuts);
    if (cuts.size() == 1) cuts[0] = {0, bytes.size(), cuts[0].problem};
    if (cuts.empty()) cuts = {{0, bytes.size(), codec::JsonProblem::kSyntax}};
    for (const Cut& cut : cuts) {
      const std::string_view piece = bytes.substr(cut.begin, cut.end - cut.begin);
      codec::JsonProblem problem = cut.problem;
      const bool may_be_json =
          problem == codec::JsonProblem::kNone || problem == codec::JsonProblem::kSyntax;
      if (may_be_json && parser_.parse(piece)) {
        problem = codec::JsonProblem::kNone;
      } else if (problem == codec::JsonProblem::kNone ||
                 (may_be_json && parser_.problem() == codec::JsonProblem::kTooDeep)) {
        problem = parser_.problem();
      }
      pieces_.push_back({piece, problem});
    }
  }

  const std::string_view text_;
  codec::JsonParser& parser_;
  const Limits& limits_;
  size_t looks_;
  std::vector<Piece> pieces_;
};

}  // namespace

std::vector<Piece> cut_again(std::string_view text, codec::JsonParser& parser,
                             const Limits& limits) {
  return Cutter(text, parser, limits).cut();
}

}  // namespace stanch::ingest
