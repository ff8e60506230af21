#include <fmt/format.h>

#include <set>
#include <tuple>
#include <utility>

#include "ingest/glob.h"
#include "ingest/ingest.h"

namespace stanch::ingest {

namespace {

InputProblem problem_of(const Error& error) {
  switch (error.code()) {
    case ErrorCode::kNotFound: return InputProblem::kNotFound;
    case ErrorCode::kDenied: return InputProblem::kDenied;
    default: return InputProblem::kUnreadable;
  }
}

std::string join(std::string_view folder, std::string_view name) {
  std::string path(folder);
  if (!path.empty() && path.back() != '/') path += '/';
  return path.append(name);
}

class Lister {
 public:
  Lister(env::Files& files, const Limits& limits) : files_(files), limits_(limits) {}

  void add(const std::string& path) {
    if (path == "-") {
      if (!std::exchange(standard_input_, true)) listing_.files.push_back({path, 0, false});
      return;
    }
    if (path.empty()) {
      return fail(path, InputProblem::kNotFound,
                  "one of the paths is empty: is a variable not set?");
    }
    const Result<env::FileStatus> status = files_.status(path);
    if (status) return add_existing(path, *status, false, 0);
    if (status.error().code() == ErrorCode::kNotFound && is_glob(path)) return add_glob(path);
    fail(path, problem_of(status.error()), status.error().message());
  }

  Listing finish() && { return std::move(listing_); }

 private:
  using Identity = std::tuple<uint64_t, uint64_t, std::string>;

  // The path counts only where the file system has no numbers.
  static Identity identity_of(const env::FileStatus& status, const std::string& path) {
    const bool numbered = status.device != 0 || status.inode != 0;
    return {status.device, status.inode, numbered ? std::string() : path};
  }

  void fail(const std::string& path, InputProblem problem, std::string message) {
    listing_.errors.push_back({path, problem, std::move(message)});
  }

  void add_existing(const std::string& path, const env::FileStatus& status, bool found,
                    uint32_t depth) {
    if (status.kind == env::FileKind::kFolder) return add_folder(path, status, depth);
    if (status.kind == env::FileKind::kOther && found) {
      // A named pipe may be meant; one that lies about would be waited for for ever.
      return fail(path, InputProblem::kUnreadable, path + " is no ordinary file");
    }
    if (!seen_.insert(identity_of(status, path)).second) return;
    if (listing_.files.size() >= limits_.listed_files_max) {
      if (!std::exchange(full_, true)) {
        fail(path, InputProblem::kUnreadable,
             fmt::format("more than {} files: this one and all after it were left out",
                         limits_.listed_files_max));
      }
      return;
    }
    const bool regular = status.kind == env::FileKind::kFile;
    listing_.files.push_back({path, regular ? status.size : 0, found});
  }

  void add_folder(const std::string& path, const env::FileStatus& status, uint32_t depth) {
    // Links may lead back to a folder that we are in or have seen.
    if (!seen_.insert(identity_of(status, path)).second) return;
    if (depth > limits_.folder_depth_max) {
      return fail(path, InputProblem::kUnreadable,
                  fmt::format("{}: more than {} folders deep", path, limits_.folder_depth_max));
    }
    const Result<std::vector<std::string>> names = files_.list(path);
    if (!names) return fail(path, problem_of(names.error()), names.error().message());
    for (const std::string& name : *names) {
      const std::string inner = join(path, name);
      const Result<env::FileStatus> inner_status = files_.status(inner);
      if (inner_status) {
        add_existing(inner, *inner_status, true, depth + 1);
      } else {  // a link to nowhere, or deleted just now
        fail(inner, problem_of(inner_status.error()), inner_status.error().message());
      }
    }
  }

  void add_glob(const std::string& pattern) {
    glob_found_ = false;
    std::string_view rest = pattern;
    std::string folder;
    if (rest.starts_with('/')) {
      folder = "/";
      rest.remove_prefix(1);
    }
    std::set<std::pair<Identity, size_t>> visited;
    expand(folder, rest, 0, visited);
    if (!glob_found_) fail(pattern, InputProblem::kNotFound, "no file fits " + pattern);
  }

  // Adds what is in `folder` and fits `pattern`. `visited` holds folders with the
  // length of the pattern that was tried in them: ** would come there on many ways.
  void expand(const std::string& folder, std::string_view pattern, uint32_t depth,
              std::set<std::pair<Identity, size_t>>& visited) {
    const size_t slash = pattern.find('/');
    const std::string_view part = pattern.substr(0, slash);
    const std::string_view rest =
        slash == std::string_view::npos ? std::string_view() : pattern.substr(slash + 1);
    const bool is_last = slash == std::string_view::npos || rest.empty();
    if (part.empty() && !is_last) return expand(folder, rest, depth, visited);  // "a//b"
    if (depth > limits_.folder_depth_max) return;
    if (!is_glob(part)) {
      const std::string path = join(folder, part);
      const Result<env::FileStatus> status = files_.status(path);
      if (!status) return;
      if (is_last) return found(path, *status, depth);
      if (status->kind == env::FileKind::kFolder) expand(path, rest, depth + 1, visited);
      return;
    }

    const std::string listed = folder.empty() ? "." : folder;
    const Result<env::FileStatus> here = files_.status(listed);
    if (!here) return fail(listed, problem_of(here.error()), here.error().message());
    if (!visited.emplace(identity_of(*here, listed), pattern.size()).second) return;
    const Result<std::vector<std::string>> names = files_.list(listed);
    if (!names) return fail(listed, problem_of(names.error()), names.error().message());
    const bool any_folders = part == "**";
    if (any_folders && !is_last) expand(folder, rest, depth, visited);
    for (const std::string& name : *names) {
      if (!any_folders && !fits_glob(name, part)) continue;
      const std::string path = join(folder, name);
      const Result<env::FileStatus> status = files_.status(path);
      if (!status) {
        if (is_last) fail(path, problem_of(status.error()), status.error().message());
        continue;
      }
      if (is_last) {
        found(path, *status, depth + 1);
      } else if (status->kind == env::FileKind::kFolder) {
        expand(path, any_folders ? pattern : rest, depth + 1, visited);
      }
    }
  }

  void found(const std::string& path, const env::FileStatus& status, uint32_t depth) {
    glob_found_ = true;
    add_existing(path, status, true, depth);
  }

  env::Files& files_;
  const Limits limits_;
  Listing listing_;
  std::set<Identity> seen_;
  bool standard_input_ = false;
  bool glob_found_ = false;
  bool full_ = false;
};

}  // namespace

Listing list_inputs(env::Files& files, std::span<const std::string> paths, const Limits& limits) {
  Lister lister(files, limits);
  for (const std::string& path : paths) lister.add(path);
  return std::move(lister).finish();
}

}  // namespace stanch::ingest
