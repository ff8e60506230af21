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

Result<bool> file_contains(env::Files& files, const std::string& path, const std::string& text) {
  auto file = files.open(path);
  if (!file && file.error().code() == ErrorCode::kNotFound) return false;
  if (!file) return file.error();
  std::string seen;  // the end of the chunk before, as the text may lie across; and this one
  std::string chunk(kFileChunkBytes, '\0');
  for (;;) {
    TRY(const size_t count, (*file)->read(std::span(chunk)));
    if (count == 0) return false;
    seen.erase(0, seen.size() - std::min(seen.size(), text.size() - 1));
    seen.append(chunk, 0, count);
    if (seen.find(text) != seen.npos) return true;
  }
}

}  // namespace stanch::ledger::sqlite
