#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "base/result.h"
#include "detect/detect.h"
#include "env/env.h"
#include "model/content.h"
#include "normalize/normalize.h"
#include "respond/action/action.h"

namespace stanch::pipeline {

// What is read as content is bounded: an overlay is a folder that somebody names.
struct ContentLimits {
  size_t file_bytes_max = size_t{16} << 20;
  size_t files_max = 100'000;
  size_t depth_max = 64;  // of folders; also what ends a loop of links
};

// The content that was built into the program (folder content/ of the source,
// without what its rules and actions are tested with).
const model::Content& embedded_content();

// Embedded content with the files of `overlay` (a folder; "" for none) laid over it by path.
Result<model::Content> load_content(env::Files& files, const std::string& overlay,
                                    const ContentLimits& limits = {});

// The placeholder values of placeholders.yaml and context.yaml, or what is wrong
// with them. A list that they lack is as it is built in. Empty lists are legal; notes say what they
// switch off.
detect::Placeholders placeholders_of(const model::Content& content, Diagnostics& diagnostics);

// The maps of sources/: logs of one's own. Null without any.
std::shared_ptr<const normalize::OwnSources> own_sources_of(const model::Content& content,
                                                            Diagnostics& diagnostics);

// Warns of lists of these files that are not built in and that none of `rules` asks for.
void check_lists(const model::Content& content, std::span<const detect::RuleText> rules,
                 Diagnostics& diagnostics);

// Rules of the content (rules/**.yaml) followed by those of `folders_or_files`,
// which are read from disk, folders recursively (*.yml, *.yaml).
Result<std::vector<detect::RuleText>> rule_texts(env::Files& files, const model::Content& content,
                                                 std::span<const std::string> folders_or_files,
                                                 const ContentLimits& limits = {});

// The same for actions (actions/**.yaml), without the cases that lie beside them (x.cases.yaml).
Result<std::vector<respond::ActionText>> action_texts(env::Files& files,
                                                      const model::Content& content,
                                                      std::span<const std::string> folders_or_files,
                                                      const ContentLimits& limits = {});

// The paths of such cases: files that are named, and those in folders.
Result<std::vector<std::string>> case_paths(env::Files& files,
                                            std::span<const std::string> folders_or_files,
                                            const ContentLimits& limits = {});

// All bytes of a file, or kInvalid if they are more than `bytes_max`.
Result<std::string> read_file(env::Files& files, const std::string& path, size_t bytes_max);

// The table of diagnostics that placeholders_of() and check_lists() can yield.
std::span<const DiagnosticCode> content_codes();

}  // namespace stanch::pipeline
