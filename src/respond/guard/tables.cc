#include "respond/guard/tables.h"

#include <fmt/format.h>

#include <algorithm>

#include "codec/base64.h"
#include "codec/hash.h"
#include "codec/json_writer.h"
#include "codec/timestamp.h"
#include "model/aws_entity.h"
#include "respond/guard/table_file.h"
#include "respond/target.h"

namespace stanch::respond {

namespace {

using codec::YamlMember;
using codec::YamlNode;

constexpr int kApprovalsMax = 2;

class GuardsReader : private TableFile {
 public:
  GuardsReader(const std::string& path, const std::string& text, GuardTables& tables,
               Diagnostics& diagnostics)
      : TableFile(path, text, diagnostics), tables_(tables) {}

  void read() {
    each_member("guards are", [this](const YamlMember& member) { read(member); });
  }

 private:
  void read(const YamlMember& member) {
    const std::string& name = member.key.text;
    if (name == "approvals") return approvals(member.value);
    if (name == "protected") return texts(member.value, why_never, tables_.protected_entities);
    if (name == "protected_accounts") {
      return texts(member.value, why_no_account, tables_.protected_accounts);
    }
    if (name == "budget") return budget(member.value);
    if (name == "freezes") return freezes(member.value);
    if (name == "soak") return soak(member.value);
    unknown(member.key, "approvals, protected, protected_accounts, budget, freezes, soak.");
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

  void soak(const YamlNode& node) {
    const auto time =
        node.text == "0" ? std::optional(Duration{}) : codec::parse_duration(node.text);
    if (time) {
      tables_.soak = *time;
    } else {
      report(ResponseCode::kValue, node.mark, fmt::format("'{}' is no time", node.text),
             "1h, 30m; 0: it does not wait.");
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

  GuardTables& tables_;
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
  GuardsReader(path, text, tables, diagnostics).read();
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

std::string guards_hash(const GuardTables& tables) {
  const auto sorted = [](std::vector<std::string> texts) {
    std::ranges::sort(texts);
    return texts;
  };
  const std::string text = codec::json_object([&](codec::JsonWriter& json) {
    json.key("approvals").begin_object();
    for (const auto& [risk, people] : tables.approvals) {
      json.field(name_of(risk), int64_t{people});
    }
    json.end_object();
    append_texts("protected", sorted(tables.protected_entities), json);
    append_texts("protected_accounts", sorted(tables.protected_accounts), json);
    json.field("incident", tables.budget_of_incident).field("hour", tables.budget_of_hour);
    json.field("soak", std::chrono::duration_cast<std::chrono::seconds>(tables.soak).count());
    std::vector<std::string> freezes, approvers;
    for (const Freeze& each : tables.freezes) {
      freezes.push_back(fmt::format("{} {}", codec::format_timestamp(each.from),
                                    codec::format_timestamp(each.until)));
    }
    for (const Approver& each : tables.approvers) {
      approvers.push_back(fmt::format("{} {} {}", each.person, each.key_type, each.key));
    }
    append_texts("freezes", sorted(std::move(freezes)), json);
    append_texts("approvers", sorted(std::move(approvers)), json);
  });
  return codec::to_hex(codec::sha256(text));
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
