#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include "base/suggest.h"
#include "codec/fold.h"
#include "codec/yaml.h"
#include "normalize/own_source.h"

// Reads the maps of content/sources/*.yaml. A file with an error gives no source; all its errors
// are told.

namespace stanch::normalize {

namespace {

using codec::YamlMark;
using codec::YamlMember;
using codec::YamlNode;

constexpr DiagnosticCode kCodes[] = {
    {"SRC001", "source-syntax", Severity::kError,
     "A file of sources is not YAML as Stanch reads it."},
    {"SRC002", "source-type", Severity::kError,
     "A member of a source holds a list, map or scalar where another is needed."},
    {"SRC003", "source-unknown", Severity::kError, "A member that a source does not have."},
    {"SRC004", "source-value", Severity::kError, "A value that its member cannot take."},
    {"SRC005", "source-missing", Severity::kError, "A member that a source needs is missing."},
    {"SRC006", "source-twice", Severity::kError, "Something is given twice."},
};
enum Code : size_t { kSyntax, kType, kUnknown, kValue, kMissing, kTwice };

constexpr std::string_view kMembers[] = {"name",  "log",     "needs",   "is",
                                         "facts", "targets", "outcomes"};
constexpr std::string_view kLogMembers[] = {"product", "service", "category"};
constexpr std::string_view kOutcomeMembers[] = {"denied", "failed"};
// Words that ids of other entities begin with.
constexpr std::string_view kTaken[] = {"aws", "azure",     "gcp",  "github", "host",
                                       "ip",  "m365",      "okta", "falco",  "google_workspace",
                                       "own", "kubernetes"};
constexpr std::string_view kDenied[] = {"denied", "forbidden", "unauthorized", "401", "403"};
constexpr std::string_view kFailed[] = {"failed", "failure", "fail", "error", "false"};

bool is_word(std::string_view text) {
  const auto fits = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  return !text.empty() && text.size() <= 40 && text[0] >= 'a' && text[0] <= 'z' &&
         std::ranges::all_of(text, [&](char c) { return fits(c) || c == '-'; });
}

bool is_path(std::string_view text) {
  return !text.empty() && !text.starts_with('.') && !text.ends_with('.') && !text.contains("..");
}

class Reader {
 public:
  Reader(const SourceText& file, Diagnostics& diagnostics)
      : file_(file), diagnostics_(diagnostics) {}

  // Nothing where something is wrong.
  std::optional<OwnSource> read() {
    const auto documents = codec::parse_yaml(file_.text);
    if (documents.size() != 1) {
      report(kSyntax, {}, "not one YAML document", "Give each source a file.");
      return std::nullopt;
    }
    const codec::YamlDocument& document = documents.front();
    if (document.problem) {
      report(kSyntax, document.problem->mark, document.problem->message, document.problem->hint);
      return std::nullopt;
    }
    for (const codec::YamlDuplicateKey& key : document.duplicate_keys) {
      report(kTwice, key.again, fmt::format("'{}' stands here twice", key.key),
             "Keep one of them.");
    }
    if (!is_map(document.root, "a source")) return std::nullopt;
    read_source(document.root);
    return is_good_ ? std::optional(std::move(source_)) : std::nullopt;
  }

  void report(Code code, YamlMark mark, std::string message, std::string hint) {
    is_good_ = false;
    diagnostics_.push_back({&kCodes[code],
                            {file_.path, mark.line, mark.column},
                            std::move(message),
                            mark.line == 0 ? "" : line_of(file_.text, mark.line),
                            std::move(hint)});
  }
  YamlMark name_mark() const { return name_mark_; }

 private:
  bool is_map(const YamlNode& node, std::string_view what) {
    if (node.is_map()) return true;
    report(kType, node.mark, fmt::format("{} is no map", what), "Write 'name: value' lines.");
    return false;
  }

  void check_members(const YamlNode& map, std::span<const std::string_view> known) {
    for (const YamlMember& member : map.members) {
      if (std::ranges::find(known, member.key.text) != known.end()) continue;
      report(kUnknown, member.key.mark, fmt::format("there is no '{}' here", member.key.text),
             did_you_mean(member.key.text, known,
                          fmt::format("Known are {}.", fmt::join(known, ", "))));
    }
  }

  std::string text_of(const YamlNode& node, std::string_view what) {
    if (node.is_scalar() && !node.is_null() && !node.text.empty()) return node.text;
    report(kType, node.mark, fmt::format("{} is no text", what), "Put it between quotes.");
    return {};
  }

  std::string path_of(const YamlNode& node, std::string_view what) {
    std::string path = text_of(node, what);
    if (!path.empty() && !is_path(path)) {
      report(kValue, node.mark, fmt::format("'{}' is no path", path),
             "Write the names of members with dots between them: actor.email.");
    }
    return path;
  }

  // One text, or a list of them.
  std::vector<std::string> texts_of(const YamlNode& node, std::string_view what) {
    std::vector<std::string> texts;
    if (!node.is_list()) return {text_of(node, what)};
    for (const YamlNode& item : node.items) texts.push_back(text_of(item, what));
    if (texts.empty()) report(kType, node.mark, fmt::format("{} is empty", what), "");
    return texts;
  }

  std::string word_of(const YamlNode& node, std::string_view what) {
    std::string word = text_of(node, what);
    if (!word.empty() && !is_word(word)) {
      report(kValue, node.mark, fmt::format("'{}' cannot be {}", word, what),
             "Begin with a letter; then a-z, 0-9 and -, 40 at most.");
    }
    return word;
  }

  const YamlNode* needed(const YamlNode& root, std::string_view key, std::string hint) {
    const YamlNode* node = root.find(key);
    if (node == nullptr) {
      report(kMissing, root.mark, fmt::format("there is no '{}'", key), std::move(hint));
    }
    return node;
  }

  void read_source(const YamlNode& root) {
    check_members(root, kMembers);
    if (const auto* node = needed(root, "name", "Name the log: 'name: shop'.")) {
      name_mark_ = node->mark;
      source_.name = word_of(*node, "the name of a source");
      if (std::ranges::find(kTaken, source_.name) != std::end(kTaken)) {
        report(kValue, node->mark, fmt::format("'{}' is what other logs are called", source_.name),
               "Take the name of the application.");
      }
    }
    if (const auto* node =
            needed(root, "log", "Rules name it so: 'log: {product: shop, service: audit}'.")) {
      read_log(*node);
    }
    if (const auto* node = needed(root, "needs", "Name members that all its events have.")) {
      read_needs(*node);
    }
    if (const auto* node = root.find("is")) read_says(*node);
    if (const auto* node = needed(root, "facts", "Say at least where the time is: 'time: ts'.")) {
      read_facts(*node);
    }
    if (const auto* node = root.find("targets")) read_targets(*node);
    read_outcomes(root.find("outcomes"));
  }

  void read_log(const YamlNode& node) {
    if (!is_map(node, "'log'")) return;
    check_members(node, kLogMembers);
    std::string* const slots[] = {&source_.product, &source_.service, &source_.category};
    for (size_t i = 0; i < std::size(kLogMembers); ++i) {
      const YamlNode* value = node.find(kLogMembers[i]);
      if (value != nullptr) *slots[i] = text_of(*value, fmt::format("'{}'", kLogMembers[i]));
    }
    if (source_.product.empty() && source_.service.empty() && source_.category.empty()) {
      report(kMissing, node.mark, "'log' names no log", "Give product, service or category.");
    }
  }

  void read_needs(const YamlNode& node) {
    if (!node.is_list() || node.items.empty()) {
      report(kType, node.mark, "'needs' is no list of paths", "Write 'needs: [ts, actor.email]'.");
      return;
    }
    for (const YamlNode& item : node.items) source_.needs.push_back(path_of(item, "a path"));
  }

  void read_says(const YamlNode& node) {
    if (!is_map(node, "'is'")) return;
    for (const YamlMember& member : node.members) {
      source_.says.push_back({path_of(member.key, "a path"), texts_of(member.value, "a value")});
    }
  }

  void read_facts(const YamlNode& node) {
    if (!is_map(node, "'facts'")) return;
    check_members(node, kOwnFactNames);
    for (size_t i = 0; i < kOwnFacts; ++i) {
      const YamlNode* path = node.find(kOwnFactNames[i]);
      if (path != nullptr) source_.facts[i] = path_of(*path, fmt::format("'{}'", kOwnFactNames[i]));
    }
    if (node.find("time") == nullptr) {
      report(kMissing, node.mark, "there is no 'time'", "Say where the time is: 'time: ts'.");
    }
  }

  void read_targets(const YamlNode& node) {
    if (!is_map(node, "'targets'")) return;
    for (const YamlMember& member : node.members) {
      const std::string type = word_of(member.key, "the kind of a target");
      for (const std::string& path : texts_of(member.value, "a path")) {
        if (!path.empty() && !is_path(path)) {
          report(kValue, member.value.mark, fmt::format("'{}' is no path", path), "");
        }
        source_.targets.push_back({type, path});
      }
    }
  }

  void read_outcomes(const YamlNode* node) {
    source_.denied.assign(std::begin(kDenied), std::end(kDenied));
    source_.failed.assign(std::begin(kFailed), std::end(kFailed));
    if (node == nullptr || !is_map(*node, "'outcomes'")) return;
    check_members(*node, kOutcomeMembers);
    const std::pair<std::string_view, std::vector<std::string>*> lists[] = {
        {"denied", &source_.denied}, {"failed", &source_.failed}};
    for (const auto& [key, words] : lists) {
      const YamlNode* list = node->find(key);
      words->clear();
      if (list == nullptr) continue;
      for (const std::string& word : texts_of(*list, fmt::format("'{}'", key))) {
        words->push_back(codec::fold_case(word));
      }
    }
  }

  const SourceText& file_;
  Diagnostics& diagnostics_;
  OwnSource source_;
  YamlMark name_mark_;
  bool is_good_ = true;
};

}  // namespace

std::shared_ptr<const OwnSources> read_own_sources(std::span<const SourceText> files,
                                                   Diagnostics& diagnostics) {
  OwnSources sources;
  std::map<std::string, std::string> names;  // -> the file that has it
  for (const SourceText& file : files) {
    Reader reader(file, diagnostics);
    std::optional<OwnSource> source = reader.read();
    if (!source) continue;
    const auto [at, is_new] = names.emplace(source->name, file.path);
    if (!is_new) {
      reader.report(kTwice, reader.name_mark(),
                    fmt::format("'{}' is the name of {} too", source->name, at->second),
                    "Give each source a name of its own.");
    } else if (sources.all.size() == kOwnSourcesMax) {
      reader.report(kValue, {}, fmt::format("there are more than {} sources", kOwnSourcesMax), "");
    } else {
      sources.all.push_back(std::move(*source));
    }
  }
  if (sources.all.empty()) return nullptr;
  return std::make_shared<const OwnSources>(std::move(sources));
}

std::span<const DiagnosticCode> source_codes() { return kCodes; }

}  // namespace stanch::normalize
