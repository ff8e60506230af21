#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <string>

#include "env/os/os.h"
#include "ledger/package.h"

// A package that anybody may have written, in memory: the input is cut at NUL bytes into the files
// of a package, in this order. Nothing that was not signed passes.

namespace {

using namespace stanch;

class Memory : public env::ReadableFile {
 public:
  explicit Memory(std::string bytes) : bytes_(std::move(bytes)) {}
  Result<size_t> read(std::span<char> buffer) override {
    const size_t count = std::min(buffer.size(), bytes_.size() - at_);
    std::copy_n(bytes_.begin() + static_cast<ptrdiff_t>(at_), count, buffer.begin());
    at_ += count;
    return count;
  }

 private:
  std::string bytes_;
  size_t at_ = 0;
};

constexpr const char* kNames[] = {"keys/ledger.pub.pem",
                                  "tagmanifest-sha256.txt",
                                  "tagmanifest-sha256.sig",
                                  "manifest-sha256.txt",
                                  "data/log/checkpoint",
                                  "data/log/leaves.txt",
                                  "data/ledger-id.txt",
                                  "data/omitted.tsv",
                                  "data/streams.tsv",
                                  "data/streams/000000.headers.ndjson",
                                  "data/streams/000000.payloads.txt"};

class PackageFiles : public env::Files {
 public:
  std::map<std::string, std::string> files;

  Result<env::FileStatus> status(const std::string& path) override {
    if (path == "p" || !files.contains(path)) {
      return env::FileStatus{env::FileKind::kFolder, 0, 0, 0};
    }
    return env::FileStatus{env::FileKind::kFile, files[path].size(), 0, 0};
  }
  Result<std::vector<std::string>> list(const std::string& folder) override {
    std::vector<std::string> names;
    if (folder != "p/") return names;
    for (const char* name : kNames) names.emplace_back(name);
    return names;
  }
  Result<std::unique_ptr<env::ReadableFile>> open(const std::string& path) override {
    const auto found = files.find(path);
    if (found == files.end()) return Error(ErrorCode::kNotFound, "no such file");
    return std::unique_ptr<env::ReadableFile>(new Memory(found->second));
  }
  Result<std::unique_ptr<env::WritableFile>> create(const std::string&) override { std::abort(); }
  Result<std::unique_ptr<env::WritableFile>> create_private(const std::string&) override {
    std::abort();
  }
  Result<std::unique_ptr<env::WritableFile>> open_append(const std::string&, uint64_t) override {
    std::abort();
  }
  Result<> rename(const std::string&, const std::string&) override { std::abort(); }
  Result<> remove(const std::string&) override { std::abort(); }
  Result<> make_folders(const std::string&) override { std::abort(); }
  Result<> sync_folder(const std::string&) override { std::abort(); }
  Result<std::unique_ptr<env::FileLock>> lock(const std::string&) override { std::abort(); }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static env::OsEnv os;
  PackageFiles files;
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  for (const char* name : kNames) {
    const size_t end = std::min(rest.find('\0'), rest.size());
    files.files[std::string("p/") + name] = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  env::Env real = os.env();
  env::Env env{real.clock,     real.random,   files,    real.threads,
               real.variables, real.terminal, real.http};
  const codec::PublicKey key = codec::SigningKey({7}).public_key();
  const auto result = ledger::verify_package(env, "p", key);
  if (result && result->entries.passed()) std::abort();  // nobody has that key
  (void)ledger::verify_package(env, "p", std::nullopt);
  return 0;
}
