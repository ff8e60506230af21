#include "ledger/ledger.h"

#include <fmt/format.h>

#include <utility>

namespace stanch::ledger {

Result<Appended> settle_append(Ledger& ledger, const model::StreamId& stream,
                               uint64_t expected_next, std::span<const model::EntryDraft> drafts) {
  TRY(const StreamHead head, ledger.head(stream));
  if (head.next <= expected_next) {
    return Error(ErrorCode::kNotFound,
                 fmt::format("stream {} has nothing at {}", stream.text(), expected_next));
  }
  Appended appended{.next = expected_next + drafts.size(), .citations = {}, .repeated = true};
  for (const model::EntryDraft& draft : drafts) {
    const uint64_t sequence = expected_next + appended.citations.size();
    TRY(const std::vector<model::Entry> found, ledger.read(stream, sequence, 1));
    if (found.empty() || found[0].id != model::entry_id(stream, draft.kind, draft.key)) {
      return Error(ErrorCode::kConflict,
                   fmt::format("stream {} has another entry at {}", stream.text(), sequence));
    }
    appended.citations.push_back(model::citation_of(found[0]));
  }
  return appended;
}

Result<std::vector<model::Entry>> read_all(Ledger& ledger, const model::StreamId& stream) {
  std::vector<model::Entry> entries;
  for (;;) {
    TRY(std::vector<model::Entry> page, ledger.read(stream, entries.size()));
    if (page.empty()) return entries;
    for (model::Entry& entry : page) entries.push_back(std::move(entry));
  }
}

}  // namespace stanch::ledger
