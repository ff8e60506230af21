#include "ledger/package.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "base/check.h"
#include "codec/json.h"
#include "codec/timestamp.h"
#include "ledger/keys.h"
#include "ledger/tree.h"

namespace stanch::ledger {
namespace {

constexpr size_t kWriteBytes = size_t{1} << 20;

std::string_view text_of(std::span<const uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// A file of the package that is written piece by piece, and its hash.
class PackageFile {
 public:
  static Result<PackageFile> create(env::Files& files, const std::string& path) {
    TRY(auto file, files.create(path));
    return PackageFile(std::move(file));
  }

  Result<> append(std::string_view bytes) {
    buffer_ += bytes;
    if (buffer_.size() >= kWriteBytes) return flush();
    return {};
  }
  // The hash of all, durable when it returns.
  Result<codec::Sha256> finish() {
    TRY(flush());
    TRY(file_->sync());
    return hash_->finish();
  }

 private:
  explicit PackageFile(std::unique_ptr<env::WritableFile> file)
      : file_(std::move(file)), hash_(std::make_unique<codec::Sha256Stream>()) {}

  Result<> flush() {
    hash_->add(buffer_);
    TRY(file_->append(buffer_));
    buffer_.clear();
    return {};
  }

  std::unique_ptr<env::WritableFile> file_;
  std::unique_ptr<codec::Sha256Stream> hash_;
  std::string buffer_;
};

bool is_privileged(const StoredEntry& row) {
  return row.payload && model::is_privileged(*row.payload);
}

class Exporter {
 public:
  Exporter(Store& store, env::Env& env, const codec::SigningKey& key, const ExportOptions& options)
      : store_(store), files_(env.files), key_(key), options_(options) {}

  Result<Exported> run() {
    TRY(const auto kept, store_.checkpoints());
    if (kept.empty()) {
      return Error(ErrorCode::kUnavailable,
                   "there is no checkpoint to export under: run 'stanch ledger checkpoint'");
    }
    size_ = kept.back().size;
    for (const model::StreamId& stream : options_.streams) {
      TRY(const StreamHead head, store_.head(stream));
      if (head.next == 0) {
        return Error(ErrorCode::kNotFound, fmt::format("there is no stream {}", stream.text()));
      }
    }
    TRY(make_folders());
    TRY(put("data/ledger-id.txt", store_.id() + "\n"));
    TRY(put("data/log/checkpoint", kept.back().note));
    TRY(put_leaves());
    TRY(put_streams());
    for (const Attachment& each : options_.attachments) TRY(attach(each));
    TRY(put_tags());
    for (const char* folder : {"/data/streams", "/data/log", "/data", "/keys", ""}) {
      TRY(files_.sync_folder(options_.folder + folder));
    }
    TRY(files_.sync_folder(folder_of(options_.folder)));
    return exported_;
  }

 private:
  Result<> make_folders() {
    const auto found = files_.list(options_.folder);
    if (found && !found->empty()) {
      return Error(
          ErrorCode::kInvalid,
          fmt::format("{} is not empty: a package needs a folder of its own", options_.folder));
    }
    for (const char* folder : {"/data/streams", "/data/log", "/keys"}) {
      TRY(files_.make_folders(options_.folder + folder));
    }
    return {};
  }

  void list(const std::string& name, const codec::Sha256& hash) {
    auto& manifest = name.starts_with("data/") ? manifest_ : tags_;
    manifest.emplace(name, codec::to_hex(hash));
  }

  Result<> put(const std::string& name, std::string_view bytes) {
    TRY(PackageFile file, PackageFile::create(files_, options_.folder + "/" + name));
    TRY(file.append(bytes));
    TRY(const codec::Sha256 hash, file.finish());
    list(name, hash);
    return {};
  }

  Result<> attach(const Attachment& attachment) {
    CHECK(attachment.name.starts_with("data/") && !attachment.name.contains(".."));
    const std::string to = options_.folder + "/" + attachment.name;
    TRY(files_.make_folders(folder_of(to)));
    TRY(PackageFile file, PackageFile::create(files_, to));
    TRY(file.append(attachment.text));
    if (!attachment.path.empty()) {
      TRY(const auto from, files_.open(attachment.path));
      std::vector<char> buffer(kWriteBytes);
      for (;;) {
        TRY(const size_t count, from->read(buffer));
        if (count == 0) break;
        TRY(file.append({buffer.data(), count}));
      }
    }
    TRY(const codec::Sha256 hash, file.finish());
    list(attachment.name, hash);
    return files_.sync_folder(folder_of(to));
  }

  Result<> put_leaves() {
    TRY(PackageFile file, PackageFile::create(files_, options_.folder + "/data/log/leaves.txt"));
    for (uint64_t number = 0; number * kTileHashes < size_; ++number) {
      TRY(const auto tile, store_.tile(0, number));
      const uint64_t count = std::min(kTileHashes, size_ - number * kTileHashes);
      if (!tile || tile->hashes.size() < count * kHashBytes) {
        return Error(ErrorCode::kCorrupt, "the tree is incomplete: run 'stanch ledger verify'");
      }
      const auto* bytes = reinterpret_cast<const uint8_t*>(tile->hashes.data());
      for (uint64_t i = 0; i < count; ++i) {
        TRY(file.append(codec::to_hex({bytes + i * kHashBytes, kHashBytes}) + "\n"));
      }
    }
    TRY(const codec::Sha256 hash, file.finish());
    list("data/log/leaves.txt", hash);
    return {};
  }

  Result<> put_streams() {
    std::string table, omitted;
    const auto one = [&](const model::StreamId& stream) -> Result<> {
      const std::string number = fmt::format("{:06}", exported_.streams);
      TRY(const uint64_t count, put_stream(stream, number, omitted));
      if (count == 0) return {};
      table += fmt::format("{}\t{}\t{}\n", number, count, stream.text());
      ++exported_.streams;
      return {};
    };
    for (const model::StreamId& stream : options_.streams) {
      TRY(const StreamHead head, store_.head(stream));
      if (head.next == 0) {
        return Error(ErrorCode::kNotFound, fmt::format("there is no stream {}", stream.text()));
      }
      TRY(one(stream));
    }
    for (std::string after; options_.streams.empty();) {
      TRY(const auto heads, store_.streams("", after));
      if (heads.empty()) break;
      for (const StreamHead& head : heads) TRY(one(head.stream));
      after = heads.back().stream.text();
    }
    TRY(put("data/streams.tsv", table));
    return put("data/omitted.tsv", omitted);
  }

  // How many entries of the stream the checkpoint covers; they alone are written.
  Result<uint64_t> put_stream(const model::StreamId& stream, const std::string& number,
                              std::string& omitted) {
    const std::string base = "data/streams/" + number;
    TRY(PackageFile headers,
        PackageFile::create(files_, options_.folder + "/" + base + ".headers.ndjson"));
    TRY(PackageFile payloads,
        PackageFile::create(files_, options_.folder + "/" + base + ".payloads.txt"));
    uint64_t count = 0;
    TRY(store_.scan_stream(stream, [&](const StoredEntry& row) -> Result<> {
      if (row.number >= size_) return {};
      ++count;
      ++exported_.entries;
      TRY(headers.append(row.header));
      const bool erased = !row.salt || !row.payload;
      if (erased || (!options_.privileged && is_privileged(row))) {
        ++(erased ? exported_.erased : exported_.withheld);
        omitted +=
            fmt::format("{}\t{}\t{}\n", number, row.sequence, erased ? "erased" : "withheld");
      } else {
        TRY(payloads.append(*row.salt));
        TRY(payloads.append(*row.payload));
      }
      return payloads.append("\n");
    }));
    TRY(const codec::Sha256 headers_hash, headers.finish());
    TRY(const codec::Sha256 payloads_hash, payloads.finish());
    if (count == 0) {
      TRY(files_.remove(options_.folder + "/" + base + ".headers.ndjson"));
      TRY(files_.remove(options_.folder + "/" + base + ".payloads.txt"));
      return count;
    }
    list(base + ".headers.ndjson", headers_hash);
    list(base + ".payloads.txt", payloads_hash);
    return count;
  }

  static std::string manifest_text(const std::map<std::string, std::string>& files) {
    std::string text;
    for (const auto& [name, hash] : files) text += hash + "  " + name + "\n";
    return text;
  }

  Result<> put_tags() {
    const codec::NoteKey verifier{store_.origin(), key_.public_key()};
    TRY(put("bagit.txt", "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"));
    TRY(put("bag-info.txt",
            fmt::format("Source-Organization: {}\nBagging-Date: {}\n"
                        "Bag-Software-Agent: stanch {}\nExternal-Identifier: {}\n"
                        "External-Description: {} entries of {} streams of a stanch ledger\n",
                        store_.origin(), codec::format_timestamp(options_.now).substr(0, 10),
                        options_.program, store_.id(), exported_.entries, exported_.streams)));
    TRY(put("keys/ledger.pub.pem", codec::to_pem(key_.public_key())));
    TRY(put("keys/ledger.vkey", verifier.to_text() + "\n"));
    TRY(put("verify.sh", verify_script()));
    TRY(put("manifest-sha256.txt", manifest_text(manifest_)));
    const std::string tags = manifest_text(tags_);
    TRY(put("tagmanifest-sha256.txt", tags));
    exported_.package = codec::sha256(tags);
    return put("tagmanifest-sha256.sig", text_of(key_.sign(tags)));
  }

  Store& store_;
  env::Files& files_;
  const codec::SigningKey& key_;
  const ExportOptions& options_;
  uint64_t size_ = 0;
  std::map<std::string, std::string> manifest_, tags_;  // name -> hash
  Exported exported_;
};

}  // namespace

Result<Exported> export_package(Store& store, env::Env& env, const codec::SigningKey& key,
                                const ExportOptions& options) {
  return Exporter(store, env, key, options).run();
}

}  // namespace stanch::ledger
