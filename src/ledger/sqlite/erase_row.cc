#include "ledger/sqlite/erase_row.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "ledger/sqlite/rows.h"

namespace stanch::ledger::sqlite {
namespace {

constexpr size_t kFileChunkBytes = size_t{1} << 20;

}  // namespace

Result<std::string> erase_row(Connection& database, const model::StreamId& stream,
                              uint64_t sequence) {
  std::string salt;
  TRY(const auto row, sqlite::find_stream(database, stream.text()));
  if (!row || sequence >= row->next) {
    return Error(ErrorCode::kNotFound,
                 fmt::format("stream {} has no entry {}", stream.text(), sequence));
  }
  TRY(Statement * select,
      database.cached("SELECT salt FROM entries WHERE stream = ? AND sequence = ?"));
  {
    Using use(*select);
    select->bind(1, row->key).bind(2, sequence);
    TRY(const bool found, select->step());
    if (found) salt = select->text(0);
  }
  TRY(Statement * update, database.cached("UPDATE entries SET salt = NULL, payload = NULL "
                                          "WHERE stream = ? AND sequence = ?"));
  update->bind(1, row->key).bind(2, sequence);
  TRY(update->run());
  return salt;
}

Result<bool> files_contain(env::Files& files, const std::string& path, const std::string& text) {
  for (const char* suffix : {"", "-wal"}) {
    auto file = files.open(path + suffix);
    if (!file && file.error().code() == ErrorCode::kNotFound) continue;
    if (!file) return file.error();
    std::string chunk(kFileChunkBytes, '\0');
    size_t kept = 0;  // the end of the chunk before: the text may lie across
    for (;;) {
      TRY(const size_t count, (*file)->read(std::span(chunk).subspan(kept)));
      if (count == 0) break;
      const std::string_view seen(chunk.data(), kept + count);
      if (seen.find(text) != seen.npos) return true;
      const size_t keep = std::min(seen.size(), text.size() - 1);
      chunk.replace(0, keep, std::string(seen.substr(seen.size() - keep)));
      chunk.resize(kFileChunkBytes);
      kept = keep;
    }
  }
  return false;
}

}  // namespace stanch::ledger::sqlite
