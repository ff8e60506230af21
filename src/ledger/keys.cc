#include "ledger/keys.h"

#include <fmt/format.h>

#include <utility>

#include "codec/json.h"
#include "model/streams.h"

namespace stanch::ledger {
namespace {

constexpr size_t kKeyBytesMax = 4096;

Result<> write_and_rename(env::Files& files, std::unique_ptr<env::WritableFile> file,
                          const std::string& path, std::string_view bytes) {
  TRY(file->append(bytes));
  TRY(file->sync());
  file.reset();
  TRY(files.rename(path + ".new", path));
  return files.sync_folder(folder_of(path));
}

}  // namespace

std::string folder_of(const std::string& path) {
  const size_t slash = path.rfind('/');
  return slash == path.npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}

Result<> replace_file(env::Files& files, const std::string& path, std::string_view bytes) {
  TRY(auto file, files.create(path + ".new"));
  return write_and_rename(files, std::move(file), path, bytes);
}

Result<std::string> read_file(env::Files& files, const std::string& path, size_t bytes_max) {
  TRY(auto file, files.open(path));
  std::string bytes;
  std::string chunk(size_t{1} << 16, '\0');
  for (;;) {
    TRY(const size_t count, file->read(std::span(chunk)));
    if (count == 0) return bytes;
    if (bytes.size() + count > bytes_max) {
      return Error(ErrorCode::kInvalid, fmt::format("{} has more than {} bytes", path, bytes_max));
    }
    bytes.append(chunk, 0, count);
  }
}

Result<codec::SigningKey> load_key(env::Files& files, const std::string& path) {
  TRY(const std::string pem, read_file(files, path, kKeyBytesMax));
  auto key = codec::parse_private_pem(pem);
  if (!key) return std::move(key).error().within(path);
  return key;
}

Result<codec::SigningKey> make_key(env::Env& env, const std::string& path) {
  if (env.files.status(path)) {
    return Error(ErrorCode::kConflict, fmt::format("there is a key at {} already", path));
  }
  codec::SigningKey::Seed seed;
  env.random.fill(seed);
  codec::SigningKey key(seed);
  seed.fill(0);
  TRY(auto file, env.files.create_private(path + ".new"));
  TRY(write_and_rename(env.files, std::move(file), path, key.to_pem()));
  return key;
}

Result<std::vector<codec::NoteKey>> announced_keys(Ledger& ledger) {
  std::vector<codec::NoteKey> keys;
  TRY(const std::vector<model::Entry> entries, read_all(ledger, model::kControlStream));
  codec::JsonParser parser;
  for (const model::Entry& entry : entries) {
    if (entry.kind != "checkpoint_key_announced" || !entry.payload) continue;
    const codec::JsonView payload = parser.parse(entry.payload->json);
    if (!payload) continue;
    auto key = codec::parse_note_key(payload["key"].string_or_empty());
    if (key) keys.push_back(std::move(*key));
  }
  return keys;
}

}  // namespace stanch::ledger
