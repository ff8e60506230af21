#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "codec/canonical_json.h"
#include "ledger/chain_checker.h"
#include "model/entry.h"
#include "model/entry_kind.h"

// Rows that anybody may have written. A header that is read is the one that would be written; the
// checker takes anything; a payload that fits its kind is an object.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace stanch;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const size_t newline = bytes.find('\n');
  const size_t end = newline == bytes.npos ? size : newline + 1;
  const std::string_view header = bytes.substr(0, end), payload = bytes.substr(end);
  if (const auto entry = model::parse_header_line(header)) {
    if (model::header_line(*entry) != header) std::abort();
  }
  ledger::ChainChecker checker("led-fuzz");
  ledger::StoredEntry row{.number = 0,
                          .stream = "s",
                          .sequence = 0,
                          .id = "ent-x",
                          .header = header,
                          .salt = payload.substr(0, 32),
                          .payload = payload};
  checker.check(row, std::nullopt);
  row.number = 1;
  row.salt = row.payload = std::nullopt;
  checker.check(row, false);
  checker.finish();
  if (checker.problems_total() == 0) std::abort();  // nothing in here can be two good entries
  static codec::JsonParser parser;
  const codec::JsonView view = parser.parse(payload);
  for (const model::EntryKind& kind : model::entry_kinds()) {
    if (model::check_payload(kind, view) && !view.is_object()) std::abort();
  }
  return 0;
}
