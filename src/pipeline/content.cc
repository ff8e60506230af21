#include "pipeline/content.h"

#include <fmt/format.h>

#include <algorithm>

namespace stanch::pipeline {

namespace {

// One file of the table in embedded_content.S, which CMake generates.
struct EmbeddedFile {
  const char* path;
  uint64_t path_bytes;
  const char* data;
  uint64_t data_bytes;
};

extern "C" const EmbeddedFile stanch_content_begin[];
extern "C" const EmbeddedFile stanch_content_end[];

constexpr std::string_view kRules = "rules/", kActions = "actions/";

bool is_yaml_name(std::string_view name) {
  return name.ends_with(".yml") || name.ends_with(".yaml");
}

// Actions have theirs beside them: x.cases.yaml.
bool is_case_name(std::string_view name) { return name.ends_with(".cases.yaml"); }

// The events of a rule and the cases of an action lie beside it; editors leave copies; none of
// these is content.
bool is_content_name(std::string_view path) {
  const std::string_view name = path.substr(path.rfind('/') + 1);
  if (path.starts_with(kActions) && is_case_name(name)) return false;
  return !name.starts_with('.') && !name.ends_with('~') && !name.ends_with(".events.ndjson") &&
         name != "README.md";
}

// Calls `visit(path below the folder)` for each file, folders sorted and in depth.
class Walk {
 public:
  Walk(env::Files& files, const ContentLimits& limits) : files_(files), limits_(limits) {}

  template <typename Visit>
  Result<> run(const std::string& folder, const std::string& prefix, Visit visit,
               size_t depth = 0) {
    if (depth > limits_.depth_max) {
      return Error(ErrorCode::kInvalid, fmt::format("{}: more than {} folders inside each other",
                                                    folder, limits_.depth_max));
    }
    TRY(const auto names, files_.list(folder));
    for (const std::string& name : names) {
      if (name.starts_with('.')) continue;
      const std::string path = folder + "/" + name;
      TRY(const auto status, files_.status(path));
      if (status.kind == env::FileKind::kFolder) {
        TRY(run(path, prefix + name + "/", visit, depth + 1));
      } else if (status.kind == env::FileKind::kFile) {
        if (++count_ > limits_.files_max) {
          return Error(ErrorCode::kInvalid,
                       fmt::format("{}: more than {} files", folder, limits_.files_max));
        }
        TRY(visit(path, prefix + name));
      }
    }
    return {};
  }

 private:
  env::Files& files_;
  const ContentLimits& limits_;
  size_t count_ = 0;
};

using IsWanted = bool (*)(std::string_view path);

// The files that are named, and those in folders that are wanted.
Result<std::vector<std::string>> paths_of(env::Files& files,
                                          std::span<const std::string> folders_or_files,
                                          IsWanted is_wanted, const ContentLimits& limits) {
  std::vector<std::string> paths;
  for (const std::string& named : folders_or_files) {
    TRY(const auto status, files.status(named));
    if (status.kind != env::FileKind::kFolder) {
      paths.push_back(named);
      continue;
    }
    std::string folder = named;
    while (folder.size() > 1 && folder.ends_with('/')) folder.pop_back();
    TRY(Walk(files, limits)
            .run(folder, "", [&](const std::string& path, const std::string&) -> Result<> {
              if (is_wanted(path)) paths.push_back(path);
              return {};
            }));
  }
  return paths;
}

// Texts of one kind: those of the content below `prefix`, then those on disk.
template <typename Text>
Result<std::vector<Text>> texts_of(env::Files& files, const model::Content& content,
                                   std::string_view prefix,
                                   std::span<const std::string> folders_or_files,
                                   IsWanted is_wanted, const ContentLimits& limits) {
  std::vector<Text> texts;
  for (const auto& [path, bytes] : content.files) {
    if (path.starts_with(prefix) && is_wanted(path)) texts.push_back({path, bytes});
  }
  TRY(const auto paths, paths_of(files, folders_or_files, is_wanted, limits));
  for (const std::string& path : paths) {
    TRY(std::string text, read_file(files, path, limits.file_bytes_max));
    texts.push_back({path, std::move(text)});
  }
  return texts;
}

bool is_action_file(std::string_view path) { return is_yaml_name(path) && !is_case_name(path); }

}  // namespace

Result<std::string> read_file(env::Files& files, const std::string& path, size_t bytes_max) {
  TRY(const auto file, files.open(path));
  std::string text;
  char buffer[65536];
  for (;;) {
    TRY(const size_t size, file->read(buffer));
    if (size == 0) return text;
    if (text.size() + size > bytes_max) {
      return Error(ErrorCode::kInvalid, fmt::format("{} is larger than {} bytes", path, bytes_max));
    }
    text.append(buffer, size);
  }
}

const model::Content& embedded_content() {
  static const model::Content content = [] {
    model::Content made;
    for (const EmbeddedFile* file = stanch_content_begin; file != stanch_content_end; ++file) {
      made.files.emplace(std::string(file->path, file->path_bytes),
                         std::string(file->data, file->data_bytes));
    }
    return made;
  }();
  return content;
}

Result<model::Content> load_content(env::Files& files, const std::string& overlay,
                                    const ContentLimits& limits) {
  model::Content content = embedded_content();
  if (overlay.empty()) return content;
  TRY(Walk(files, limits)
          .run(overlay, "", [&](const std::string& path, const std::string& name) -> Result<> {
            if (!is_content_name(name)) return {};
            TRY(content.files[name], read_file(files, path, limits.file_bytes_max));
            return {};
          }));
  return content;
}

std::shared_ptr<const normalize::OwnSources> own_sources_of(const model::Content& content,
                                                            Diagnostics& diagnostics) {
  std::vector<normalize::SourceText> texts;
  for (const auto& [path, text] : content.files) {
    if (path.starts_with("sources/") && is_yaml_name(path)) texts.push_back({path, text});
  }
  return normalize::read_own_sources(texts, diagnostics);
}

Result<std::vector<detect::RuleText>> rule_texts(env::Files& files, const model::Content& content,
                                                 std::span<const std::string> folders_or_files,
                                                 const ContentLimits& limits) {
  return texts_of<detect::RuleText>(files, content, kRules, folders_or_files, is_yaml_name, limits);
}

Result<std::vector<respond::ActionText>> action_texts(env::Files& files,
                                                      const model::Content& content,
                                                      std::span<const std::string> folders_or_files,
                                                      const ContentLimits& limits) {
  return texts_of<respond::ActionText>(files, content, kActions, folders_or_files, is_action_file,
                                       limits);
}

Result<std::vector<std::string>> case_paths(env::Files& files,
                                            std::span<const std::string> folders_or_files,
                                            const ContentLimits& limits) {
  return paths_of(files, folders_or_files, is_case_name, limits);
}

}  // namespace stanch::pipeline
