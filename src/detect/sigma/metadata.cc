#include "detect/sigma/metadata.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <span>
#include <utility>

#include "base/suggest.h"
#include "detect/sigma/limits.h"

// Sigma 2.1, "Sigma Rules: Structure". An error is what would make a finding wrong (its id,
// level, log source); what only describes the rule is a warning.

namespace stanch::detect::sigma {

namespace {

using codec::YamlMember;
using codec::YamlNode;

constexpr std::array<std::string_view, 23> kFields = {
    "title",       "id",        "name",        "related",        "taxonomy", "status",
    "description", "license",   "author",      "date",           "modified", "references",
    "logsource",   "detection", "fields",      "falsepositives", "level",    "tags",
    "scope",       "stanch",    "correlation", "filter",         "action"};
constexpr std::array<std::string_view, 4> kLogSourceFields = {"category", "product", "service",
                                                              "definition"};
constexpr std::array<std::string_view, 2> kStanchFields = {"needs_data_events", "triage"};
constexpr std::array<std::string_view, 5> kLevels = {"informational", "low", "medium", "high",
                                                     "critical"};
constexpr std::array<std::string_view, 5> kStatuses = {"stable", "test", "experimental",
                                                       "deprecated", "unsupported"};
constexpr std::array<std::string_view, 5> kRelations = {"derived", "obsolete", "merged", "renamed",
                                                        "similar"};

bool is_one_of(std::string_view text, std::span<const std::string_view> words) {
  return std::ranges::find(words, text) != words.end();
}

std::string list_words(std::span<const std::string_view> words) {
  std::string text = "one of";
  for (const std::string_view word : words) text += " " + std::string(word);
  return text;
}

std::string_view kind_of(const YamlNode& node) {
  if (node.is_list()) return "a list";
  if (node.is_map()) return "a map";
  return node.is_null() ? "nothing" : "a single value";
}

size_t count_characters(std::string_view text) {
  return static_cast<size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

// A list of texts; a single text counts as a list of one, which public rules rely on.
std::vector<std::string> read_texts(const YamlNode& root, std::string_view key,
                                    Reporter& reporter) {
  std::vector<std::string> texts;
  const YamlNode* node = root.find(key);
  if (node == nullptr || node->is_null()) return texts;
  const auto add = [&](const YamlNode& item) {
    if (item.is_scalar()) {
      if (!item.is_null()) texts.push_back(item.text);
      return;
    }
    reporter.report(
        Code::kWrongType, to_at(item.mark),
        "`" + std::string(key) + "` holds " + std::string(kind_of(item)) + " where text should be",
        "put text with ': ' or '[' in quotes");
  };
  if (node->is_list()) {
    for (const YamlNode& item : node->items) add(item);
  } else {
    add(*node);
  }
  return texts;
}

void check_date(const YamlNode& root, std::string_view key, Reporter& reporter) {
  const YamlNode* node = root.find(key);
  if (node == nullptr || node->is_null()) return;
  const std::string& text = node->text;
  const auto digits = [&](size_t at, size_t count) {
    int number = 0;
    for (size_t i = at; i < at + count; ++i) {
      if (text[i] < '0' || text[i] > '9') return -1;
      number = number * 10 + (text[i] - '0');
    }
    return number;
  };
  if (text.size() == 10 && text[4] == '-' && text[7] == '-') {
    const int year = digits(0, 4), month = digits(5, 2), day = digits(8, 2);
    using namespace std::chrono;
    if (year >= 0 && month > 0 && day > 0 &&
        year_month_day(std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                       std::chrono::day(static_cast<unsigned>(day)))
            .ok()) {
      return;
    }
  }
  reporter.report(Code::kBadDate, to_at(node->mark),
                  "`" + std::string(key) + "` is not a date: '" + text + "'",
                  "write YYYY-MM-DD, e.g. 2026-03-01");
}

// Schema of Sigma 2.1: ^[a-z0-9_-]+\.[a-z0-9._-]+$
bool is_tag(std::string_view tag) {
  constexpr std::string_view kNamespace = "abcdefghijklmnopqrstuvwxyz0123456789_-";
  const size_t dot = tag.find_first_not_of(kNamespace);
  if (dot == 0 || dot == std::string_view::npos || tag[dot] != '.' || dot + 1 == tag.size()) {
    return false;
  }
  return std::ranges::all_of(tag.substr(dot + 1),
                             [&](char c) { return c == '.' || kNamespace.contains(c); });
}

void read_tags(const YamlNode& root, model::RuleInfo& info, Reporter& reporter) {
  info.tags = read_texts(root, "tags", reporter);
  const YamlNode* node = root.find("tags");
  for (const std::string& tag : info.tags) {
    if (is_tag(tag)) continue;
    At at = to_at(node->mark);
    for (const YamlNode& item : node->items) {
      if (item.text == tag) at = to_at(item.mark);
    }
    reporter.report(Code::kBadTag, at, "'" + tag + "' is not a tag",
                    "write namespace.value in lower case, e.g. attack.t1078.004");
  }
}

void check_related(const YamlNode& root, Reporter& reporter) {
  const YamlNode* related = root.find("related");
  if (related == nullptr || related->is_null()) return;
  const auto warn = [&](const YamlNode& at, std::string message) {
    reporter.report(Code::kBadRelated, to_at(at.mark), std::move(message),
                    "write a list of {id: <UUID>, type: " + list_words(kRelations) + "}");
  };
  if (!related->is_list()) return warn(*related, "`related` is no list");
  for (const YamlNode& entry : related->items) {
    const YamlNode* id = entry.find("id");
    const YamlNode* type = entry.find("type");
    if (id == nullptr || !is_uuid(id->text)) {
      warn(entry, "an entry of `related` has no UUID as its id");
    } else if (type == nullptr || !is_one_of(type->text, kRelations)) {
      warn(entry, "an entry of `related` has no known type");
    }
  }
}

void read_level(const YamlNode& root, model::RuleInfo& info, Reporter& reporter) {
  const auto level = read_text(root, "level", reporter);
  if (!level) return;  // Stanch's default is medium
  const auto found = std::ranges::find(kLevels, *level);
  if (found != kLevels.end()) {
    info.level = static_cast<model::Level>(found - kLevels.begin());
    return;
  }
  reporter.report(Code::kBadLevel, to_at(root.find("level")->mark),
                  "'" + *level + "' is not a level",
                  did_you_mean(*level, kLevels, "write " + list_words(kLevels)));
}

void read_log_source(const YamlNode& root, Rule& rule, Reporter& reporter) {
  const YamlNode* source = root.find("logsource");
  if (source == nullptr || source->is_null()) {
    reporter.report(Code::kMissingField, to_at(root.mark), "the rule has no `logsource`",
                    "write e.g. logsource: {product: aws, service: cloudtrail}");
    return;
  }
  if (!source->is_map()) {
    reporter.report(Code::kWrongType, to_at(source->mark),
                    "`logsource` is " + std::string(kind_of(*source)) + ", not a map",
                    "write e.g. logsource: {product: aws, service: cloudtrail}");
    return;
  }
  rule.logsource.category = read_text(*source, "category", reporter).value_or("");
  rule.logsource.product = read_text(*source, "product", reporter).value_or("");
  rule.logsource.service = read_text(*source, "service", reporter).value_or("");
  bool has_custom = false;
  for (const YamlMember& member : source->members) {
    const std::string& key = member.key.text;
    if (is_one_of(key, kLogSourceFields)) continue;
    has_custom = true;
    const std::string_view similar = find_similar(key, kLogSourceFields);
    if (similar.empty() || source->find(similar) != nullptr) continue;
    reporter.report(Code::kLikelyTypo, to_at(member.key.mark),
                    "'" + key + "' means nothing in `logsource`",
                    did_you_mean(key, kLogSourceFields));
  }
  const LogSource& read = rule.logsource;
  if (read.category.empty() && read.product.empty() && read.service.empty() && !has_custom) {
    reporter.report(Code::kMissingField, to_at(source->mark), "`logsource` names no log",
                    "give at least one of product, service, category");
  }
}

void read_stanch(const YamlNode& root, Rule& rule, Reporter& reporter) {
  const YamlNode* stanch = root.find("stanch");
  if (stanch == nullptr || stanch->is_null()) return;
  const auto warn = [&](const YamlNode& at, std::string message, std::string hint) {
    reporter.report(Code::kStanchField, to_at(at.mark), std::move(message), std::move(hint));
  };
  if (!stanch->is_map()) {
    return warn(*stanch, "`stanch` is not a map",
                "write e.g. stanch: {needs_data_events: true, triage: …}");
  }
  for (const YamlMember& member : stanch->members) {
    const YamlNode& value = member.value;
    if (member.key.text == "needs_data_events") {
      if (value.is_scalar() && value.type == codec::YamlType::kBool) {
        rule.needs_data_events = value.text.front() == 't' || value.text.front() == 'T';
      } else {
        warn(value, "`needs_data_events` is not true or false", "write true or false");
      }
    } else if (member.key.text == "triage") {
      if (value.is_scalar() && !value.is_null()) {
        rule.triage = value.text;
      } else {
        warn(value, "`triage` is not text", "write what to look at first");
      }
    } else {
      warn(member.key, "`stanch` knows no '" + member.key.text + "'",
           did_you_mean(member.key.text, kStanchFields, "it knows needs_data_events and triage"));
    }
  }
}

void warn_of_typos(const YamlNode& root, Reporter& reporter) {
  for (const YamlMember& member : root.members) {
    const std::string& key = member.key.text;
    if (is_one_of(key, kFields)) continue;
    const std::string_view similar = find_similar(key, kFields);
    if (similar.empty() || root.find(similar) != nullptr) continue;
    reporter.report(Code::kLikelyTypo, to_at(member.key.mark),
                    "'" + key + "' is a field of your own, and looks like a known one",
                    did_you_mean(key, kFields));
  }
}

}  // namespace

std::optional<std::string> read_text(const YamlNode& map, std::string_view key,
                                     Reporter& reporter) {
  const YamlNode* node = map.find(key);
  if (node == nullptr || node->is_null()) return std::nullopt;
  if (node->is_scalar()) return node->text;
  reporter.report(Code::kWrongType, to_at(node->mark),
                  "`" + std::string(key) + "` is " + std::string(kind_of(*node)) + ", not text",
                  "put text with ': ' or '[' in quotes");
  return std::nullopt;
}

bool is_uuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool is_dash = i == 8 || i == 13 || i == 18 || i == 23;
    const bool is_hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    if (is_dash ? c != '-' : !is_hex) return false;
  }
  return true;
}

std::string read_info(const YamlNode& root, std::string_view noun, model::RuleInfo& info,
                      Reporter& reporter) {
  info.title = read_text(root, "title", reporter).value_or("");
  if (info.title.empty()) {
    const YamlNode* title = root.find("title");
    if (title == nullptr || title->is_scalar()) {
      reporter.report(Code::kMissingField, to_at(root.mark),
                      "the " + std::string(noun) + " has no `title`",
                      "say in a few words what it detects");
    }
  } else if (count_characters(info.title) > kTitleCharactersMax) {
    reporter.report(Code::kTitleTooLong, to_at(root.find("title")->mark),
                    "the title has more than 256 characters", "move detail to `description`");
  }
  if (const auto id = read_text(root, "id", reporter)) {
    if (!is_uuid(*id)) {
      reporter.report(Code::kBadId, to_at(root.find("id")->mark), "'" + *id + "' is not a UUID",
                      "make one with `uuidgen`");
    }
    info.id = model::RuleId(*id);
  }
  info.description = read_text(root, "description", reporter).value_or("");
  if (info.description.size() > kDescriptionBytesMax) {
    reporter.report(Code::kTooLarge, to_at(root.find("description")->mark),
                    "the description has more than 65,535 bytes", "shorten it");
  }
  info.status = read_text(root, "status", reporter).value_or("");
  if (!info.status.empty() && !is_one_of(info.status, kStatuses)) {
    reporter.report(Code::kBadStatus, to_at(root.find("status")->mark),
                    "'" + info.status + "' is not a status",
                    did_you_mean(info.status, kStatuses, "write " + list_words(kStatuses)));
  }
  info.falsepositives = read_texts(root, "falsepositives", reporter);
  info.references = read_texts(root, "references", reporter);
  read_level(root, info, reporter);
  read_tags(root, info, reporter);
  check_related(root, reporter);
  check_date(root, "date", reporter);
  check_date(root, "modified", reporter);
  warn_of_typos(root, reporter);
  return read_text(root, "name", reporter).value_or("");
}

void read_metadata(const YamlNode& root, Rule& rule, Reporter& reporter) {
  rule.name = read_info(root, "rule", rule.info, reporter);
  read_log_source(root, rule, reporter);
  read_stanch(root, rule, reporter);
}

}  // namespace stanch::detect::sigma
