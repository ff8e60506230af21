#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "env/env.h"

namespace stanch::ingest {

// Files and folders in memory, with the troubles that real ones have. Folders
// exist where a file lies in them.
class FakeFiles final : public env::Files {
 public:
  std::map<std::string, std::string> contents;
  std::set<std::string> empty_folders;
  std::set<std::string> denied;              // files and folders that cannot be opened
  std::set<std::string> pipes;               // are no ordinary files
  std::map<std::string, std::string> links;  // path -> what it leads to; a folder or a file
  std::map<std::string, uint64_t> claimed;   // a size that is not true
  std::map<std::string, uint64_t> fails_at;  // reading fails behind so many bytes
  size_t read_bytes_max = 1 << 20;           // at once

  Result<env::FileStatus> status(const std::string& path) override {
    const std::string real = resolve(path);
    if (const auto file = contents.find(real); file != contents.end()) {
      const uint64_t size = claimed.contains(real) ? claimed[real] : file->second.size();
      const auto kind = pipes.contains(real) ? env::FileKind::kOther : env::FileKind::kFile;
      return env::FileStatus{kind, size, 1, inode(real)};
    }
    if (is_folder(real)) return env::FileStatus{env::FileKind::kFolder, 0, 1, inode(real)};
    return Error(ErrorCode::kNotFound, path + ": no such file");
  }

  Result<std::vector<std::string>> list(const std::string& folder) override {
    const std::string real = resolve(folder);
    if (denied.contains(real)) return Error(ErrorCode::kDenied, folder + ": permission denied");
    if (!is_folder(real)) return Error(ErrorCode::kNotFound, folder + ": no such folder");
    std::set<std::string> names;
    const std::string inside = real == "." ? "" : real == "/" ? "/" : real + "/";
    const auto add = [&](const std::string& path) {
      const bool other_root = inside.empty() && path.starts_with('/');
      if (path.size() > inside.size() && path.starts_with(inside) && !other_root) {
        names.insert(path.substr(inside.size(), path.find('/', inside.size()) - inside.size()));
      }
    };
    for (const auto& [path, text] : contents) add(path);
    for (const auto& [path, target] : links) add(path);
    for (const auto& path : empty_folders) add(path);
    return std::vector<std::string>(names.begin(), names.end());
  }

  Result<std::unique_ptr<env::ReadableFile>> open(const std::string& path) override {
    const std::string real = resolve(path);
    if (denied.contains(real)) return Error(ErrorCode::kDenied, path + ": permission denied");
    const auto file = contents.find(real);
    if (file == contents.end()) return Error(ErrorCode::kNotFound, path + ": no such file");
    const uint64_t fails = fails_at.contains(real) ? fails_at[real] : ~uint64_t{0};
    return std::unique_ptr<env::ReadableFile>(
        std::make_unique<Readable>(file->second, read_bytes_max, fails));
  }

  Result<std::unique_ptr<env::WritableFile>> create(const std::string&) override {
    return unused();
  }
  Result<std::unique_ptr<env::WritableFile>> create_private(const std::string&) override {
    return unused();
  }
  Result<std::unique_ptr<env::WritableFile>> open_append(const std::string&, uint64_t) override {
    return unused();
  }
  Result<> rename(const std::string&, const std::string&) override { return unused(); }
  Result<> remove(const std::string&) override { return unused(); }
  Result<> make_folders(const std::string&) override { return unused(); }
  Result<> sync_folder(const std::string&) override { return unused(); }
  Result<std::unique_ptr<env::FileLock>> lock(const std::string&) override { return unused(); }

 private:
  class Readable final : public env::ReadableFile {
   public:
    Readable(std::string text, size_t at_once, uint64_t fails_at)
        : text_(std::move(text)), at_once_(at_once), fails_at_(fails_at) {}
    Result<size_t> read(std::span<char> buffer) override {
      if (at_ >= fails_at_) return Error(ErrorCode::kUnavailable, "input/output error");
      const size_t count = std::min({buffer.size(), at_once_, text_.size() - at_});
      std::copy_n(text_.begin() + static_cast<ptrdiff_t>(at_), count, buffer.begin());
      at_ += count;
      return count;
    }

   private:
    const std::string text_;
    const size_t at_once_;
    const uint64_t fails_at_;
    size_t at_ = 0;
  };

  static Error unused() { return Error(ErrorCode::kInvalid, "ingest never writes"); }

  // Follows links anywhere in the path.
  std::string resolve(std::string path) {
    while (path.size() > 1 && path.ends_with('/')) path.pop_back();
    for (int i = 0; i < 100; ++i) {
      const auto link = std::ranges::find_if(links, [&](const auto& entry) {
        return path == entry.first || path.starts_with(entry.first + "/");
      });
      if (link == links.end()) break;
      path = link->second + path.substr(link->first.size());
    }
    return path;
  }

  bool is_folder(const std::string& path) {
    if (path == "." || path == "/" || empty_folders.contains(path)) return true;
    const auto inside = contents.lower_bound(path + "/");
    return inside != contents.end() && inside->first.starts_with(path + "/");
  }

  uint64_t inode(const std::string& path) {
    return inodes_.try_emplace(path, inodes_.size() + 1).first->second;
  }

  std::map<std::string, uint64_t> inodes_;
};

}  // namespace stanch::ingest
