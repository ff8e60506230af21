#include "respond/guard/tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "codec/base64.h"
#include "codec/timestamp.h"
#include "codec/yaml.h"
#include "model/aws_entity.h"
#include "respond/codes.h"
#include "respond/target.h"

namespace stanch::respond {

namespace {

using codec::YamlMark;
using codec::YamlMember;
using codec::YamlNode;

constexpr int kApprovalsMax = 2;

class TableReader {
 public:
  TableReader(const std::string& path, const std::string& text, GuardTables& tables,
              Diagnostics& diagnostics)
      : path_(path), text_(text), tables_(tables), diagnostics_(diagnostics) {}

  void read() {
    const auto documents = codec::parse_yaml(text_);
    for (const codec::YamlDocument& document : documents) {
      if (document.problem) {
        report(ResponseCode::kSyntax, document.problem->mark, document.problem->message,
               document.problem->hint);
        continue;
      }
      for (const codec::YamlDuplicateKey& twice : document.duplicate_keys) {
        report(ResponseCode::kValue, twice.again, fmt::format("'{}' is given twice", twice.key));
      }
      if (!document.root.is_map()) {
        report(ResponseCode::kValue, document.root.mark, "guards are a map");
        continue;
      }
      for (const YamlMember& member : document.root.members) read(member);
    }
  }

 private:
  void report(ResponseCode code, YamlMark mark, std::string message, std::string hint = "") {
    diagnostics_.push_back({&code_of(code),
                            {path_, mark.line, mark.column},
                            std::move(message),
                            mark.line == 0 ? "" : line_of(text_, mark.line),
                            std::move(hint)});
  }
  void unknown(const YamlNode& key, std::string_view known) {
    report(ResponseCode::kUnknown, key.mark, fmt::format("there is no member '{}'", key.text),
           std::string(known));
  }

  void read(const YamlMember& member) {
    const std::string& name = member.key.text;
    if (name == "approvals") return approvals(member.value);
    if (name == "protected") return texts(member.value, why_never, tables_.protected_entities);
    if (name == "protected_accounts") {
      return texts(member.value, why_no_account, tables_.protected_accounts);
    }
    if (name == "budget") return budget(member.value);
    if (name == "freezes") return freezes(member.value);
    unknown(member.key, "approvals, protected, protected_accounts, budget, freezes.");
  }

  std::optional<uint64_t> number(const YamlNode& node) {
    uint64_t value = 0;
    const char* const end = node.text.data() + node.text.size();
    const auto [at, error] = std::from_chars(node.text.data(), end, value);
    if (node.is_scalar() && node.type == codec::YamlType::kInteger && error == std::errc() &&
        at == end) {
      return value;
    }
    report(ResponseCode::kValue, node.mark, "a number from 0 on belongs here");
    return std::nullopt;
  }

  // What is wrong with a text, and what to write instead; nothing: it is right.
  struct Wrong {
    std::string message, hint;
  };
  using Judge = std::optional<Wrong> (*)(const std::string&);

  void texts(const YamlNode& node, Judge judge, std::vector<std::string>& texts) {
    if (!is_list(node)) return;
    for (const YamlNode& item : node.items) {
      if (!item.is_scalar() || item.text.empty()) {
        report(ResponseCode::kValue, item.mark, "a text belongs here");
      } else if (const auto wrong = judge(item.text)) {
        report(ResponseCode::kValue, item.mark, wrong->message, wrong->hint);
      } else {
        texts.push_back(item.text);
      }
    }
  }

  // Whoever protects something by a pattern that no id fits protects nothing.
  static std::optional<Wrong> why_never(const std::string& pattern) {
    const std::string never = fmt::format("'{}' fits no entity id", pattern);
    if (!pattern.contains('*')) {
      const auto entity = entity_named(pattern);
      if (!entity) return Wrong{never, "aws:user/111122223333/alice, or with * for any run."};
      if (*entity != pattern) return Wrong{never, "It is written " + *entity};
      return std::nullopt;
    }
    if (pattern.starts_with("arn:")) return Wrong{never, "aws:role/*/NAME, not an ARN."};
    const bool is_folded = model::aws_type_folds_case(pattern.substr(0, pattern.find('/')));
    const auto is_large = [](char c) { return c >= 'A' && c <= 'Z'; };
    if (is_folded && std::ranges::any_of(pattern, is_large)) {
      return Wrong{never, "Names of this type are written in lower case."};
    }
    return std::nullopt;
  }
  static std::optional<Wrong> why_no_account(const std::string& account) {
    if (model::is_aws_account(account)) return std::nullopt;
    return Wrong{fmt::format("'{}' is no account", account),
                 "Twelve digits, in quotes where they begin with 0."};
  }

  bool is_list(const YamlNode& node) {
    if (node.is_list() || node.is_null()) return true;
    report(ResponseCode::kValue, node.mark, "a list belongs here");
    return false;
  }
  bool is_map(const YamlNode& node) {
    if (node.is_map() || node.is_null()) return true;
    report(ResponseCode::kValue, node.mark, "a map belongs here");
    return false;
  }

  void approvals(const YamlNode& node) {
    if (!is_map(node)) return;
    for (const YamlMember& member : node.members) {
      const auto risk = std::ranges::find_if(
          kRiskClasses, [&](RiskClass each) { return name_of(each) == member.key.text; });
      if (risk == std::end(kRiskClasses)) {
        unknown(member.key, "read, additive, reversible, disruptive, irreversible.");
        continue;
      }
      const auto people = number(member.value);
      if (people && *people > kApprovalsMax) {
        report(ResponseCode::kValue, member.value.mark,
               "two people are the most that can be asked");
      } else if (people) {
        tables_.approvals[*risk] = static_cast<int>(*people);
      }
    }
  }

  void budget(const YamlNode& node) {
    if (!is_map(node)) return;
    for (const YamlMember& member : node.members) {
      const bool of_incident = member.key.text == "incident";
      if (!of_incident && member.key.text != "hour") {
        unknown(member.key, "incident, hour.");
      } else if (const auto value = number(member.value)) {
        (of_incident ? tables_.budget_of_incident : tables_.budget_of_hour) = *value;
      }
    }
  }

  void freezes(const YamlNode& node) {
    if (!is_list(node)) return;
    for (const YamlNode& item : node.items) {
      Freeze freeze;
      for (const YamlMember& member : item.members) {
        const auto time = codec::parse_timestamp(member.value.text);
        if (member.key.text == "reason") {
          freeze.reason = member.value.text;
        } else if (member.key.text != "from" && member.key.text != "until") {
          unknown(member.key, "from, until, reason.");
        } else if (!time) {
          report(ResponseCode::kValue, member.value.mark,
                 fmt::format("'{}' is no time", member.value.text), "2026-12-20T00:00:00Z");
        } else {
          (member.key.text == "from" ? freeze.from : freeze.until) = *time;
        }
      }
      if (freeze.from < freeze.until) {
        tables_.freezes.push_back(std::move(freeze));
      } else {
        report(ResponseCode::kValue, item.mark, "a freeze needs 'from' and a later 'until'");
      }
    }
  }

  const std::string& path_;
  const std::string& text_;
  GuardTables& tables_;
  Diagnostics& diagnostics_;
};

std::vector<std::string> words_of(std::string_view line) {
  std::vector<std::string> words;
  while (true) {
    while (!line.empty() && (line[0] == ' ' || line[0] == '\t' || line[0] == '\r')) {
      line.remove_prefix(1);
    }
    if (line.empty()) return words;
    const size_t end = std::min(line.find_first_of(" \t\r"), line.size());
    words.emplace_back(line.substr(0, end));
    line.remove_prefix(end);
  }
}

}  // namespace

void read_guards(const std::string& path, const std::string& text, GuardTables& tables,
                 Diagnostics& diagnostics) {
  TableReader(path, text, tables, diagnostics).read();
}

void read_approvers(const std::string& path, const std::string& text, GuardTables& tables,
                    Diagnostics& diagnostics) {
  uint32_t number = 0;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    const std::string line = text.substr(at, end - at);
    at = end + 1;
    ++number;
    const std::vector<std::string> words = words_of(line);
    if (words.empty() || words[0].starts_with('#')) continue;
    const bool is_known = words.size() >= 3 &&
                          (words[1] == "ssh-ed25519" || words[1] == "sk-ssh-ed25519@openssh.com") &&
                          codec::decode_base64(words[2]).has_value();
    const bool is_taken =
        is_known && std::ranges::any_of(tables.approvers, [&](const Approver& each) {
          return each.key == words[2] && each.person != words[0];
        });
    if (is_taken) {
      diagnostics.push_back({&code_of(ResponseCode::kValue),
                             {path, number, 1},
                             "this key is that of another person already",
                             line,
                             "Each person signs with a key of their own."});
      continue;
    }
    if (is_known && !words[0].contains(',') && !words[0].contains('*')) {
      tables.approvers.push_back({words[0], words[1], words[2]});
      continue;
    }
    diagnostics.push_back({&code_of(ResponseCode::kValue),
                           {path, number, 1},
                           "this line names no approver",
                           line,
                           "PERSON ssh-ed25519 KEY, or sk-ssh-ed25519@openssh.com, without "
                           "options or patterns."});
  }
}

bool fits_pattern(std::string_view pattern, std::string_view text) {
  size_t p = 0, t = 0, star = pattern.npos, from = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      from = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != pattern.npos) {
      p = star + 1;
      t = ++from;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

}  // namespace stanch::respond
