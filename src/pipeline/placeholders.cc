#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/suggest.h"
#include "codec/yaml.h"
#include "pipeline/content.h"

// context.yaml says what is ours, placeholders.yaml what the world calls things. Both
// are one map of names to lists of values; a name stands in one of them only.

namespace stanch::pipeline {

namespace {

constexpr DiagnosticCode kCodes[] = {
    {"CTX001", "context-syntax", Severity::kError,
     "context.yaml or placeholders.yaml is not YAML as Stanch reads it."},
    {"CTX002", "context-type", Severity::kError,
     "A placeholder is no list of values, or a value is no text or number."},
    {"CTX003", "context-duplicate", Severity::kError,
     "A placeholder is given twice, in one file or in both."},
    {"CTX004", "context-empty", Severity::kNote,
     "A list of the context is empty; the message says what that switches off."},
    {"CTX005", "context-unused", Severity::kWarning,
     "A list that no rule asks for, and that Stanch does not know: it may be misspelt."},
};
enum Code : size_t { kSyntax, kType, kDuplicate, kEmpty, kUnused };
constexpr std::string_view kFiles[] = {"placeholders.yaml", "context.yaml"};

// What an empty list of ours means, in the words of those who see its effect.
struct Effect {
  std::string_view name, text;
};
constexpr Effect kEffects[] = {
    {"own_accounts", "sharing with your other accounts looks foreign"},
    {"own_organization", "grants bound to your organization look foreign"},
    {"egress_cidrs", "sign-ins and instance credentials from your own network look foreign"},
    {"iac_roles", "changes by infrastructure as code look like changes by hand"},
    {"ci_roles", "deployments by your pipelines look like deployments by hand"},
    {"automation_roles", "backup, rotation and scanners look like people"},
    {"admin_roles", "your identity administrators look like anybody"},
    {"security_roles", "your security team's changes to detectors look like tampering"},
    {"responder_roles", "use of Stanch's own roles by others is not recognised"},
    {"break_glass", "use of break-glass identities is not recognised"},
    {"used_regions", "switching on a region that you use looks unusual"},
    {"used_regions_complete", "computing in regions that you do not use is not recognised"},
    {"vendor_accounts", "roles of reviewed vendors look foreign"},
    {"trusted_identity_providers", "your own identity providers look foreign"},
    {"egress_cidrs_complete", "use of instance credentials from elsewhere is not recognised"},
    {"own_domains", "your own domains look foreign, and roles for people of others go unseen"},
    {"image_registries", "images from your own registries look foreign"},
    {"image_registries_complete", "images from foreign registries are not recognised"},
    {"trail_buckets", "log buckets are recognised only where the event itself says so"},
};

class Reader {
 public:
  Reader(detect::Placeholders& values, Diagnostics& diagnostics)
      : values_(values), diagnostics_(diagnostics) {}

  // Lists that have values by now keep them where `fills_up`.
  void read(const std::string& path, const std::string& text, bool fills_up) {
    fills_up_ = fills_up;
    path_ = &path;
    text_ = &text;
    const auto documents = codec::parse_yaml(text);
    for (const codec::YamlDocument& document : documents) {
      if (document.problem) {
        report(kSyntax, document.problem->mark, document.problem->message, document.problem->hint);
      } else if (!document.root.is_null()) {
        read_map(document.root);
      }
    }
  }

 private:
  void report(Code code, codec::YamlMark mark, std::string message, std::string hint) {
    diagnostics_.push_back({&kCodes[code],
                            {*path_, mark.line, mark.column},
                            std::move(message),
                            mark.line == 0 ? "" : line_of(*text_, mark.line),
                            std::move(hint)});
  }

  void read_map(const codec::YamlNode& root) {
    if (!root.is_map()) {
      report(kType, root.mark, "names with lists of values belong here", "Write 'name: [value]'.");
      return;
    }
    for (const codec::YamlMember& member : root.members) {
      const std::string& name = member.key.text;
      if (const auto [at, added] = defined_.emplace(name, *path_); !added) {
        if (fills_up_) continue;
        report(kDuplicate, member.key.mark,
               fmt::format("'{}' is given already, in {}", name, at->second), "Keep one of them.");
        continue;
      }
      read_list(name, member);
    }
  }

  void read_list(const std::string& name, const codec::YamlMember& member) {
    if (!member.value.is_list()) {
      report(kType, member.value.mark, fmt::format("'{}' is no list", name),
             fmt::format("Write '{}: []' for none.", name));
      return;
    }
    std::vector<std::string>& values = values_[name];
    for (const codec::YamlNode& item : member.value.items) {
      if (item.is_scalar() && !item.is_null()) {
        values.push_back(item.text);
      } else {
        report(kType, item.mark, fmt::format("a value of '{}' is no text", name),
               "Put it between quotes.");
      }
    }
    if (member.value.items.empty()) note_empty(name, member);
  }

  void note_empty(const std::string& name, const codec::YamlMember& member) {
    const auto effect = std::ranges::find(kEffects, std::string_view(name), &Effect::name);
    const std::string what = effect == std::end(kEffects)
                                 ? fmt::format("rules match nothing by %{}%", name)
                                 : std::string(effect->text);
    diagnostics_.push_back({&kCodes[kEmpty],
                            {*path_, member.key.mark.line, member.key.mark.column},
                            fmt::format("{} is empty: {}", name, what),
                            "",
                            ""});
  }

  detect::Placeholders& values_;
  Diagnostics& diagnostics_;
  std::map<std::string, std::string> defined_;  // name -> file
  const std::string* path_ = nullptr;
  const std::string* text_ = nullptr;
  bool fills_up_ = false;
};

}  // namespace

std::span<const DiagnosticCode> content_codes() { return kCodes; }

detect::Placeholders placeholders_of(const model::Content& content, Diagnostics& diagnostics) {
  detect::Placeholders values;
  Reader reader(values, diagnostics);
  for (const std::string_view name : kFiles) {
    if (const auto file = content.files.find(name); file != content.files.end()) {
      reader.read(file->first, file->second, false);
    }
  }
  // A file of an organisation need not know the lists that came after it was written.
  for (const std::string_view name : kFiles) {
    if (const auto file = embedded_content().files.find(name);
        file != embedded_content().files.end()) {
      reader.read(file->first + " (built in)", file->second, true);
    }
  }
  return values;
}

void check_lists(const model::Content& content, std::span<const detect::RuleText> rules,
                 Diagnostics& diagnostics) {
  Diagnostics ignored;
  const detect::Placeholders built_in = placeholders_of(embedded_content(), ignored);
  std::vector<std::string_view> known;
  for (const auto& [name, values] : built_in) known.push_back(name);
  const auto is_asked_for = [&](const std::string& name) {
    return built_in.contains(name) ||
           std::ranges::any_of(rules, [mark = "%" + name + "%"](const detect::RuleText& rule) {
             return rule.text.contains(mark);
           });
  };
  for (const std::string_view name : kFiles) {
    const auto file = content.files.find(name);
    if (file == content.files.end()) continue;
    for (const codec::YamlDocument& document : codec::parse_yaml(file->second)) {
      for (const codec::YamlMember& list : document.root.members) {
        if (is_asked_for(list.key.text)) continue;
        const codec::YamlMark mark = list.key.mark;
        diagnostics.push_back(
            {&kCodes[kUnused],
             {file->first, mark.line, mark.column},
             fmt::format("no rule asks for %{}%", list.key.text),
             line_of(file->second, mark.line),
             did_you_mean(list.key.text, known, "Leave it out, or correct its name.")});
      }
    }
  }
}

}  // namespace stanch::pipeline
