#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "codec/json.h"
#include "ingest/ingest.h"
#include "ingest/splitter.h"

// Any bytes: the cuts are the same for every window, in order, inside the text,
// records begin and end with brackets, and what lies between cuts is nothing but
// separators as long as no object was entered for the records inside it. And what is cut again
// is all there, in order, and JSON where that is said.

namespace stanch::ingest {
namespace {

std::vector<Cut> split(std::string_view text, size_t record_bytes_max, size_t window) {
  Splitter splitter(record_bytes_max);
  std::vector<Cut> cuts;
  uint64_t begin = 0;
  for (size_t end = 0; end < text.size();) {
    end = std::min(text.size(), end + window);
    begin = splitter.cut(text.substr(begin, end - begin), false, cuts);
    CHECK(begin <= end);
  }
  splitter.cut(text.substr(begin), true, cuts);
  return cuts;
}

bool may_hold_records(std::string_view text) {
  for (const std::string_view key :
       {"Records\"", "Events\"", "Messages\"", "ogEvents\"", "events\"", "records\""}) {
    if (text.contains(key)) return true;
  }
  return false;
}

void check_order(std::string_view text, const std::vector<Cut>& cuts, size_t record_bytes_max) {
  uint64_t behind = 0;
  for (const Cut& cut : cuts) {
    CHECK(behind <= cut.begin && cut.begin <= cut.end && cut.end <= text.size());
    behind = cut.end;
    if (cut.problem != codec::JsonProblem::kNone) continue;
    const std::string_view record = text.substr(cut.begin, cut.end - cut.begin);
    CHECK(record.size() >= 2 && record.size() <= record_bytes_max);
    CHECK(record.front() == '{' || record.front() == '[');
    CHECK(record.back() == '}' || record.back() == ']');
  }
}

// Every byte is in a cut, or separates.
void check_accounted(std::string_view text, const std::vector<Cut>& cuts) {
  if (may_hold_records(text)) return;
  const auto separates = [](std::string_view gap) {
    // Digits and the like: times in front of records.
    return gap.find_first_not_of(
               " \t\r\n,[]\x1E\xEF\xBB\xBF"
               "0123456789-:T.Z+") == std::string_view::npos;
  };
  uint64_t behind = 0;
  for (const Cut& cut : cuts) {
    CHECK(separates(text.substr(behind, cut.begin - behind)));
    behind = cut.end;
  }
  CHECK(separates(text.substr(behind)));
}

void check_cut_again(std::string_view text) {
  codec::JsonParser parser(codec::JsonParser::Texts::kFew), judge(codec::JsonParser::Texts::kFew);
  const char* behind = text.data();
  size_t whole = 0;
  for (const Piece& piece : cut_again(text, parser, {})) {
    CHECK(behind <= piece.bytes.data());
    const std::string_view gap(behind, static_cast<size_t>(piece.bytes.data() - behind));
    // The splitter steps over more between the records of an array.
    CHECK(may_hold_records(text) ||
          gap.find_first_not_of(" \t\r\n,[]\x1E\xEF\xBB\xBF"
                                "0123456789-:T.Z+") == std::string_view::npos);
    behind = piece.bytes.data() + piece.bytes.size();
    if (piece.problem != codec::JsonProblem::kNone) continue;
    CHECK(judge.parse(piece.bytes));
    ++whole;
  }
  CHECK(behind <= text.data() + text.size());
  // What is JSON already is one piece.
  if (judge.parse(text) && !judge.parse(text).is_scalar()) CHECK(whole == 1);
}

}  // namespace
}  // namespace stanch::ingest

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace stanch::ingest;
  if (size < 2) return 0;
  const size_t window = data[0] % 100 + 1;
  const size_t record_bytes_max = data[1] < 128 ? size_t{1} << 20 : data[1] - 127;
  const std::string_view text(reinterpret_cast<const char*>(data + 2), size - 2);
  const std::vector<Cut> cuts = split(text, record_bytes_max, text.size());
  check_order(text, cuts, record_bytes_max);
  check_accounted(text, cuts);
  check_cut_again(text);
  const std::vector<Cut> again = split(text, record_bytes_max, window);
  CHECK(cuts.size() == again.size());
  for (size_t i = 0; i < cuts.size(); ++i) {
    CHECK(cuts[i].begin == again[i].begin && cuts[i].end == again[i].end &&
          cuts[i].problem == again[i].problem);
  }
  return 0;
}
