#include "detect/sigma/expand.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/suggest.h"
#include "codec/yaml.h"
#include "detect/sigma/limits.h"
#include "detect/sigma/modifiers.h"
#include "detect/sigma/values.h"

namespace stanch::detect::sigma {

namespace {

// A value cut into literal text and names of placeholders.
struct Part {
  bool is_name = false;
  std::string text;
};

bool is_placeholder_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-' || c == '.';
}

// A '%' that is no part of `%name%` is a percent sign, as is `\%`.
std::vector<Part> split(std::string_view text) {
  std::vector<Part> parts(1);
  for (size_t i = 0; i < text.size(); ++i) {
    if (text.substr(i).starts_with("\\%")) {
      parts.back().text += '%';
      ++i;
      continue;
    }
    if (text.substr(i).starts_with("\\\\")) {  // its second half must not escape a '%'
      parts.back().text += "\\\\";
      ++i;
      continue;
    }
    if (text[i] == '%') {
      size_t end = i + 1;
      while (end < text.size() && is_placeholder_character(text[end])) ++end;
      if (end > i + 1 && end < text.size() && text[end] == '%') {
        parts.push_back({true, std::string(text.substr(i + 1, end - i - 1))});
        parts.push_back({});
        i = end;
        continue;
      }
    }
    parts.back().text += text[i];
  }
  return parts;
}

std::string alternatives(const std::vector<std::string>& expressions) {
  std::string group = "(?:";
  for (const std::string& expression : expressions) {
    if (group.size() > 3) group += '|';
    group += expression;
  }
  return group + ")";
}

class Expander {
 public:
  Expander(const Placeholders& placeholders, Reporter& reporter)
      : placeholders_(placeholders), reporter_(reporter) {}

  void expand(Item& item) {
    const size_t errors_before = reporter_.errors();
    const ItemForm form = form_of(item.modifiers);
    std::vector<Scalar> written = std::exchange(item.values, {});
    bool has_placeholder = false;
    for (const Scalar& value : written) {
      if (value.type != ScalarType::kString) {
        item.values.push_back(value);
        continue;
      }
      const std::vector<Part> parts = split(value.text);
      has_placeholder |= parts.size() > 1;
      if (!expand(value, parts, form, item)) return;
    }
    if (!has_placeholder) {
      reporter_.report(Code::kPercentWithoutExpand, item.at,
                       "`expand` without a %placeholder% in its values", "remove `|expand`");
    }
    if (reporter_.errors() == errors_before) check_values(item, reporter_);
  }

  bool all_known() const { return all_known_; }

 private:
  // Appends all combinations. False if there are too many.
  bool expand(const Scalar& value, const std::vector<Part>& parts, ItemForm form, Item& item) {
    std::vector<std::string> texts(1);
    for (const Part& part : parts) {
      if (!part.is_name) {
        for (std::string& text : texts) text += part.text;
        continue;
      }
      const std::vector<std::string>* replacements = find(part.text, value.at);
      if (replacements == nullptr) return true;
      if (replacements->empty()) item.empty_lists.push_back(part.text);
      if (form == ItemForm::kRegex && !replacements->empty()) {
        // One expression for the whole list, so that it can say "nothing but these".
        const std::string group = alternatives(*replacements);
        for (std::string& text : texts) text += group;
        continue;
      }
      if (texts.size() * replacements->size() + item.values.size() > kValuesMax) {
        reporter_.report(
            Code::kTooLarge, value.at,
            "the placeholders give more than " + std::to_string(kValuesMax) + " values",
            "make the lists shorter");
        return false;
      }
      std::vector<std::string> longer;
      longer.reserve(texts.size() * replacements->size());
      for (const std::string& text : texts) {
        for (const std::string& replacement : *replacements) longer.push_back(text + replacement);
      }
      texts = std::move(longer);
    }
    const size_t bytes_max = form == ItemForm::kRegex ? kExpandedRegexBytesMax : kValueBytesMax;
    for (std::string& text : texts) {
      if (text.size() > bytes_max) {
        reporter_.report(Code::kTooLarge, value.at,
                         "with its placeholders the value is longer than " +
                             std::to_string(bytes_max) + " bytes",
                         "make the lists shorter");
        return false;
      }
      Scalar scalar{ScalarType::kString, std::move(text), value.at};
      // Placeholder values are text; where numbers are asked for, they are read as such.
      if (form == ItemForm::kNumber || form == ItemForm::kTimePart) {
        const codec::YamlType type = codec::yaml_type_of_plain(scalar.text);
        if (type == codec::YamlType::kInteger) scalar.type = ScalarType::kInteger;
        if (type == codec::YamlType::kFloat) scalar.type = ScalarType::kFloat;
      }
      item.values.push_back(std::move(scalar));
    }
    return true;
  }

  const std::vector<std::string>* find(const std::string& name, At at) {
    const auto found = placeholders_.find(name);
    if (found == placeholders_.end()) {
      std::vector<std::string_view> names;
      for (const auto& [known, values] : placeholders_) names.push_back(known);
      const std::string_view similar = find_similar(name, names);
      std::string hint = "give it values in content/placeholders.yaml, e.g. " + name + ": [value]";
      if (!similar.empty()) hint = "did you mean %" + std::string(similar) + "%? Else " + hint;
      reporter_.report(Code::kUnknownPlaceholder, at,
                       "the placeholder %" + name + "% has no values", std::move(hint));
      all_known_ = false;
      return nullptr;
    }
    if (found->second.empty() && told_empty_.insert(name).second) {
      reporter_.report(Code::kEmptyPlaceholder, at,
                       "the list of %" + name + "% is empty: it matches nothing",
                       "fill it in content/placeholders.yaml or content/context.yaml");
    }
    return &found->second;
  }

  const Placeholders& placeholders_;
  Reporter& reporter_;
  bool all_known_ = true;
  std::set<std::string> told_empty_;  // once a rule is enough
};

void expand(Detection& detection, Expander& expander) {
  if (detection.kind == Detection::Kind::kItem) {
    if (has(detection.item, Modifier::kExpand)) expander.expand(detection.item);
    return;
  }
  for (Detection& child : detection.children) expand(child, expander);
}

void add_names(const Detection& detection, std::vector<std::string>& names) {
  for (const Detection& child : detection.children) add_names(child, names);
  if (!has(detection.item, Modifier::kExpand)) return;
  for (const Scalar& value : detection.item.values) {
    for (Part& part : split(value.text)) {
      if (part.is_name) names.push_back(std::move(part.text));
    }
  }
}

}  // namespace

std::vector<std::string> placeholder_names(const Rule& rule) {
  std::vector<std::string> names;
  for (const NamedDetection& named : rule.detections) add_names(named.detection, names);
  return names;
}

bool expand_placeholders(Rule& rule, const Placeholders& placeholders, Reporter& reporter) {
  Expander expander(placeholders, reporter);
  for (NamedDetection& named : rule.detections) expand(named.detection, expander);
  return expander.all_known();
}

}  // namespace stanch::detect::sigma
