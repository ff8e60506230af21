#include "learn/sentence.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "base/check.h"
#include "codec/timestamp.h"
#include "codec/utf8.h"
#include "learn/limits.h"
#include "model/incident.h"

namespace stanch::learn {

namespace {

using codec::JsonView;
using model::FieldType;

constexpr size_t kHashShown = 12;

std::string cut(std::string text, size_t code_points) {
  size_t at = 0;
  for (size_t count = 0; at < text.size(); ++count) {
    if (count == code_points) return text.substr(0, at) + "…";
    at += codec::decode_utf8(std::string_view(text).substr(at)).length;
  }
  return text;
}

const model::PayloadField* find_field(const model::EntryKind* kind, std::string_view name) {
  if (kind == nullptr) return nullptr;
  const auto found = std::ranges::find(kind->fields, name, &model::PayloadField::name);
  return found == kind->fields.end() ? nullptr : &*found;
}

// "contained_watching" -> "contained, watching", "not_material" -> "not material".
std::string words_of(std::string name) {
  if (const auto status = model::find_status(name)) return std::string(caption_of(*status));
  std::ranges::replace(name, '_', ' ');
  return name;
}

std::string text_of(JsonView view, const model::PayloadField* field, const SentenceLimits& limits) {
  std::string text = view.string_or_empty();
  if (field == nullptr) return cut(std::move(text), limits.code_points);
  if (field->type == FieldType::kHash) return text.substr(0, kHashShown);
  if (field->type == FieldType::kTime) {
    const auto time = codec::parse_timestamp(text);
    return time ? time_for_people(*time) : cut(std::move(text), limits.code_points);
  }
  if (!field->choices.empty()) return words_of(std::move(text));
  return cut(std::move(text), limits.code_points);
}

std::string list_of(JsonView list, std::string_view name, const SentenceLimits& limits) {
  // Reasons are clauses, all else is names.
  const std::string_view between = name == "because" ? "; " : ", ";
  std::string all;
  size_t count = 0;
  for (const JsonView each : list.elements()) {
    if (count++ >= limits.list) continue;
    if (!all.empty()) all += between;
    all += cut(each.string_or_empty(), limits.code_points);
  }
  if (count > limits.list) all += fmt::format(" and {} more", count - limits.list);
  return all;
}

// "" if it is not there, or says nothing.
std::string value_of(JsonView view, std::string_view name, const model::EntryKind* kind,
                     const SentenceLimits& limits) {
  if (!view || view.is_null()) return "";
  if (view.is_string()) return text_of(view, find_field(kind, name), limits);
  if (view.is_array()) return list_of(view, name, limits);
  if (view.is_bool()) return view.as_bool() ? "yes" : "no";
  if (view.is_number()) return std::string(view.raw());
  if (view["stream"].exists() && view["sequence"].exists()) {
    return fmt::format("{}/{}", view["stream"].string_or_empty(), view["sequence"].raw());
  }
  return "";
}

class Teller {
 public:
  Teller(const model::EntryKind* kind, JsonView payload, const SentenceLimits& limits)
      : kind_(kind), payload_(payload), limits_(limits) {}

  std::string tell(std::string_view pattern) {
    std::string told;
    while (!pattern.empty()) {
      if (pattern.front() == '{') {
        told += member(take(pattern, '}')).value_or("");
      } else if (pattern.front() == '[') {
        told += group(take(pattern, ']'));
      } else {
        const size_t end = std::min(pattern.find_first_of("{["), pattern.size());
        told += pattern.substr(0, end);
        pattern.remove_prefix(end);
      }
    }
    return told;
  }

 private:
  // What stands between the bracket that `pattern` begins with and its partner.
  static std::string_view take(std::string_view& pattern, char close) {
    const size_t end = pattern.find(close);
    CHECK(end != std::string_view::npos);
    const std::string_view inside = pattern.substr(1, end - 1);
    pattern.remove_prefix(end + 1);
    return inside;
  }

  std::optional<std::string> member(std::string_view name) {
    const size_t question = name.find('?');
    const std::string_view path = name.substr(0, question);
    JsonView view = payload_;
    for (size_t at = 0; at <= path.size();) {
      const size_t dot = std::min(path.find('.', at), path.size());
      view = view[path.substr(at, dot - at)];
      at = dot + 1;
    }
    if (question != std::string_view::npos) {
      const bool holds = view && view.is_bool() && view.as_bool();  // what is not said is not so
      const std::string_view both = name.substr(question + 1);
      const size_t bar = both.find('|');
      return std::string(holds ? both.substr(0, bar) : both.substr(bar + 1));
    }
    std::string value = value_of(view, path, kind_, limits_);
    if (value.empty()) return std::nullopt;
    return value;
  }

  std::string group(std::string_view inside) {
    std::string told;
    while (!inside.empty()) {
      if (inside.front() == '{') {
        const auto value = member(take(inside, '}'));
        if (!value) return "";
        told += *value;
      } else {
        const size_t end = std::min(inside.find('{'), inside.size());
        told += inside.substr(0, end);
        inside.remove_prefix(end);
      }
    }
    return told;
  }

  const model::EntryKind* kind_;
  JsonView payload_;
  SentenceLimits limits_;
};

struct TopicRow {
  Topic topic;
  std::string_view name, caption;
};
constexpr TopicRow kTopicRows[] = {
    {Topic::kFound, "found", "Found"},          {Topic::kPeople, "people", "People"},
    {Topic::kResponse, "response", "Response"}, {Topic::kEvidence, "evidence", "Evidence"},
    {Topic::kDuties, "duties", "Duties"},       {Topic::kLedger, "ledger", "Ledger"},
};
static_assert(std::size(kTopicRows) == kTopics);

}  // namespace

std::string_view name_of(Topic topic) { return kTopicRows[static_cast<size_t>(topic)].name; }
std::string_view caption_of(Topic topic) { return kTopicRows[static_cast<size_t>(topic)].caption; }

SentenceLimits brief() { return {.code_points = kTextCodePoints, .list = kListedTexts}; }

const SentenceRow* find_sentence(std::string_view kind, uint32_t version) {
  for (const SentenceRow& row : sentence_rows()) {
    if (row.kind == kind && row.version == version) return &row;
  }
  return nullptr;
}

std::string sentence(const SentenceRow& row, JsonView payload, const SentenceLimits& limits) {
  return Teller(model::find_entry_kind(row.kind, row.version), payload, limits).tell(row.pattern);
}

std::string time_for_people(Time time) {
  std::string text = codec::format_timestamp(std::chrono::floor<std::chrono::seconds>(time));
  text[10] = ' ';
  text.pop_back();
  return text + " UTC";
}

}  // namespace stanch::learn
