#include "detect/fields/read_pipeline.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <initializer_list>
#include <span>
#include <utility>

#include "base/suggest.h"
#include "detect/sigma/detection.h"
#include "detect/sigma/limits.h"
#include "detect/sigma/modifiers.h"

// The names are those of pySigma's processing pipelines
// (https://sigmahq-pysigma.readthedocs.io/en/latest/Processing_Pipelines.html). Whatever is not
// in the tables below is an error, so that a map is never half applied.

namespace stanch::detect::fields {

namespace {

using codec::YamlMember;
using codec::YamlNode;
using sigma::At;
using sigma::Code;
using sigma::to_at;

using Words = std::span<const std::string_view>;

struct TransformationRow {
  std::string_view name;
  Transformation::Kind kind;
  std::array<std::string_view, 5> keys;  // beside those that all have
};
constexpr TransformationRow kTransformations[] = {
    {"field_name_mapping", Transformation::Kind::kFieldMapping, {"mapping"}},
    {"field_name_prefix_mapping", Transformation::Kind::kPrefixMapping, {"mapping"}},
    {"field_name_prefix", Transformation::Kind::kPrefix, {"prefix"}},
    {"field_name_suffix", Transformation::Kind::kSuffix, {"suffix"}},
    {"map_string", Transformation::Kind::kMapString, {"mapping"}},
    {"replace_string",
     Transformation::Kind::kReplaceString,
     {"regex", "replacement", "interpret_special"}},
    {"change_logsource",
     Transformation::Kind::kChangeLogSource,
     {"category", "product", "service"}},
    {"add_condition", Transformation::Kind::kAddCondition, {"conditions", "name", "negated"}},
    {"value_placeholders", Transformation::Kind::kValuePlaceholders, {"include", "exclude"}},
    {"wildcard_placeholders", Transformation::Kind::kWildcardPlaceholders, {"include", "exclude"}},
};

// What pySigma has beside them. Most are about the text of queries, which there is none of here.
constexpr std::string_view kOtherTransformations[] = {
    "add_field",
    "add_fieldname_suffix",
    "case",
    "convert_type",
    "detection_item_failure",
    "drop_detection_item",
    "extract_fields",
    "field_name_transform",
    "hashes_fields",
    "nest",
    "query_expression_placeholders",
    "file_placeholders",
    "http_placeholders",
    "command_placeholders",
    "regex",
    "remove_field",
    "rule_failure",
    "set_custom_attribute",
    "set_field",
    "set_state",
    "set_value",
    "strict_field_mapping_failure",
    "values_case",
};

enum class Asked : uint8_t { kRule, kItem, kField };

struct ConditionRow {
  std::string_view name;
  Asked asked;
  Condition::Kind kind;
  std::array<std::string_view, 3> keys;
};
constexpr ConditionRow kConditions[] = {
    {"logsource", Asked::kRule, Condition::Kind::kLogSource, {"category", "product", "service"}},
    {"contains_field", Asked::kRule, Condition::Kind::kContainsField, {"field"}},
    {"contains_detection_item", Asked::kRule, Condition::Kind::kContainsItem, {"field", "value"}},
    {"is_sigma_rule", Asked::kRule, Condition::Kind::kIsRule, {}},
    {"is_sigma_correlation_rule", Asked::kRule, Condition::Kind::kIsCorrelation, {}},
    {"rule_attribute", Asked::kRule, Condition::Kind::kAttribute, {"attribute", "value", "op"}},
    {"tag", Asked::kRule, Condition::Kind::kTag, {"tag"}},
    {"processing_item_applied", Asked::kRule, Condition::Kind::kApplied, {"processing_item_id"}},
    {"match_string", Asked::kItem, Condition::Kind::kMatchString, {"cond", "pattern", "negate"}},
    {"match_value", Asked::kItem, Condition::Kind::kMatchValue, {"cond", "value"}},
    {"is_null", Asked::kItem, Condition::Kind::kIsNull, {"cond"}},
    {"contains_wildcard", Asked::kItem, Condition::Kind::kContainsWildcard, {"cond"}},
    {"include_fields", Asked::kField, Condition::Kind::kIncludeFields, {"fields", "mode"}},
    {"exclude_fields", Asked::kField, Condition::Kind::kExcludeFields, {"fields", "mode"}},
};

constexpr std::string_view kOtherConditions[] = {
    "processing_state",
    "is_sigma_filter",
    "custom_attribute",
};

struct ConditionKeys {
  Asked asked;
  std::string_view list, op, negated, expression;
};
constexpr ConditionKeys kConditionKeys[] = {
    {Asked::kRule, "rule_conditions", "rule_cond_op", "rule_cond_not", "rule_cond_expression"},
    {Asked::kItem, "detection_item_conditions", "detection_item_cond_op", "detection_item_cond_not",
     "detection_item_cond_expression"},
    {Asked::kField, "field_name_conditions", "field_name_cond_op", "field_name_cond_not",
     "field_name_cond_expression"},
};

template <typename Table>
std::vector<std::string_view> names_of(const Table& table) {
  std::vector<std::string_view> names;
  for (const auto& row : table) names.push_back(row.name);
  return names;
}

class PipelineReader {
 public:
  explicit PipelineReader(sigma::Reporter& reporter) : reporter_(reporter) {}

  void read(const YamlNode& root, Pipeline& pipeline) {
    for (const std::string_view key : {"postprocessing", "finalizers"}) {
      if (const YamlNode* node = root.find(key)) {
        unsupported(
            to_at(node->mark),
            "`" + std::string(key) + "` is about the text of queries, which there is none of");
      }
    }
    if (const YamlNode* priority = root.find("priority")) {
      const std::string& text = priority->text;
      const auto [end, error] =
          std::from_chars(text.data(), text.data() + text.size(), pipeline.priority);
      if (!priority->is_scalar() || error != std::errc() || end != text.data() + text.size()) {
        bad(to_at(priority->mark), "`priority` is no whole number", "write e.g. priority: 20");
      }
    }
    if (const YamlNode* vars = root.find("vars")) read_vars(*vars, pipeline.vars);
    const YamlNode& list = *root.find("transformations");
    if (!list.is_list()) {
      bad(to_at(list.mark), "`transformations` is no list",
          "write a list of maps, each with a `type`");
      return;
    }
    if (list.items.size() > kTransformationsMax) {
      too_many(to_at(list.mark), "transformations", kTransformationsMax);
      return;
    }
    for (const YamlNode& node : list.items) pipeline.transformations.push_back(read_one(node));
  }

 private:
  void bad(At at, std::string message, std::string hint = "") {
    reporter_.report(Code::kBadFieldMap, at, std::move(message), std::move(hint));
  }
  void unsupported(At at, std::string message, std::string hint = "") {
    reporter_.report(Code::kUnsupportedMapping, at, std::move(message), std::move(hint));
  }
  void too_many(At at, std::string_view what, size_t limit) {
    reporter_.report(Code::kTooLarge, at,
                     "more than " + std::to_string(limit) + " " + std::string(what), "split it");
  }

  void read_vars(const YamlNode& node, Placeholders& vars) {
    if (!node.is_map()) {
      bad(to_at(node.mark), "`vars` is no map", "write e.g. vars: {Administrators: [adm*]}");
      return;
    }
    for (const YamlMember& member : node.members) {
      read_texts(member.value, "values", vars[member.key.text]);
    }
  }

  // One text, or a list of them; each of those that it may be.
  void read_texts(const YamlNode& node, std::string_view what, std::vector<std::string>& out,
                  size_t most = kRowsMax) {
    const std::span<const YamlNode> all =
        node.is_list() ? std::span<const YamlNode>(node.items) : std::span(&node, 1);
    if (all.empty() || all.size() > most) {
      bad(to_at(node.mark),
          "a list of " + std::string(what) + " needs 1 to " + std::to_string(most));
      return;
    }
    for (const YamlNode& each : all) {
      if (!each.is_scalar() || each.is_null()) {
        bad(to_at(each.mark), "here stand " + std::string(what) + ", one or a list",
            "write a text, or a list of texts");
        return;
      }
      if (each.text.size() > sigma::kValueBytesMax) {
        bad(to_at(each.mark),
            "a text of more than " + std::to_string(sigma::kValueBytesMax) + " bytes");
        return;
      }
      out.push_back(each.text);
    }
  }

  std::string read_text(const YamlNode& map, std::string_view key, bool needed = true) {
    const YamlNode* node = map.find(key);
    if (node != nullptr && node->is_scalar() && !node->is_null()) return node->text;
    if (node != nullptr || needed) {
      bad(to_at((node != nullptr ? *node : map).mark), "`" + std::string(key) + "` must be a text");
    }
    return {};
  }

  bool read_flag(const YamlNode& map, std::string_view key) {
    const YamlNode* node = map.find(key);
    if (node == nullptr) return false;
    if (node->is_scalar() && node->type == codec::YamlType::kBool) {
      return node->text.front() == 't' || node->text.front() == 'T';
    }
    bad(to_at(node->mark), "`" + std::string(key) + "` must be true or false");
    return false;
  }

  std::string read_name(const YamlNode& map, std::string_view key) {
    std::string name = read_text(map, key);
    if (name.size() > kNameBytesMax) {
      bad(to_at(map.mark), "`" + std::string(key) + "` is too long");
    }
    return name;
  }

  void check_keys(const YamlNode& map, Words allowed) {
    for (const YamlMember& member : map.members) {
      const std::string_view key = member.key.text;
      if (std::ranges::find(allowed, key) != allowed.end()) continue;
      bad(to_at(member.key.mark), "'" + std::string(key) + "' means nothing here",
          did_you_mean(key, allowed));
    }
  }

  sigma::LogSource read_source(const YamlNode& node) {
    sigma::LogSource source{.category = read_text(node, "category", false),
                            .product = read_text(node, "product", false),
                            .service = read_text(node, "service", false)};
    if (source.category.empty() && source.product.empty() && source.service.empty()) {
      bad(to_at(node.mark), "the log source is empty", "give product, service or category");
    }
    return source;
  }

  Transformation read_one(const YamlNode& node) {
    Transformation out;
    if (!node.is_map()) {
      bad(to_at(node.mark), "a transformation is no map", "write a map with a `type`");
      return out;
    }
    const std::string type = read_text(node, "type");
    const auto* row = std::ranges::find(kTransformations, type, &TransformationRow::name);
    if (row == std::end(kTransformations)) {
      if (!type.empty())
        refuse_type(*node.find("type"), names_of(kTransformations), kOtherTransformations,
                    "transformation");
      return out;
    }
    out.kind = row->kind;
    out.id = read_text(node, "id", false);
    std::vector<std::string_view> allowed = {"id", "type"};
    for (const std::string_view key : row->keys) {
      if (!key.empty()) allowed.push_back(key);
    }
    for (const ConditionKeys& keys : kConditionKeys) {
      allowed.insert(allowed.end(), {keys.list, keys.op, keys.negated, keys.expression});
    }
    check_keys(node, allowed);
    read_conditions(node, kConditionKeys[0], out.rule);
    read_conditions(node, kConditionKeys[1], out.item);
    read_conditions(node, kConditionKeys[2], out.field);
    read_content(node, out);
    return out;
  }

  void refuse_type(const YamlNode& type, std::vector<std::string_view> known, Words others,
                   std::string_view noun) {
    if (std::ranges::find(others, type.text) != others.end()) {
      std::string all;
      for (const std::string_view name : known) {
        all += (all.empty() ? "" : ", ") + std::string(name);
      }
      unsupported(to_at(type.mark),
                  "the " + std::string(noun) + " '" + type.text + "' is not supported",
                  "these are: " + all);
      return;
    }
    known.insert(known.end(), others.begin(), others.end());
    bad(to_at(type.mark), "there is no " + std::string(noun) + " '" + type.text + "'",
        did_you_mean(type.text, known));
  }

  void read_content(const YamlNode& node, Transformation& out) {
    using Kind = Transformation::Kind;
    switch (out.kind) {
      case Kind::kFieldMapping:
      case Kind::kPrefixMapping: read_rows(node, kNameBytesMax, out); break;
      case Kind::kMapString: read_rows(node, sigma::kValueBytesMax, out); break;
      case Kind::kPrefix: out.text = read_name(node, "prefix"); break;
      case Kind::kSuffix: out.text = read_name(node, "suffix"); break;
      case Kind::kReplaceString: read_replacement(node, out); break;
      case Kind::kChangeLogSource: out.source = read_source(node); break;
      case Kind::kAddCondition: read_added(node, out); break;
      case Kind::kValuePlaceholders:
      case Kind::kWildcardPlaceholders:
        if (const YamlNode* include = node.find("include")) {
          read_texts(*include, "names of placeholders", out.include);
        }
        if (const YamlNode* exclude = node.find("exclude")) {
          read_texts(*exclude, "names of placeholders", out.exclude);
        }
        break;
    }
  }

  void read_rows(const YamlNode& node, size_t bytes_max, Transformation& out) {
    const YamlNode* mapping = node.find("mapping");
    if (mapping == nullptr || !mapping->is_map() || mapping->members.empty()) {
      bad(to_at((mapping != nullptr ? *mapping : node).mark), "there is no map `mapping`",
          "write e.g. mapping: {ResultType: [resultType, status.errorCode]}");
      return;
    }
    if (mapping->members.size() > kRowsMax) {
      too_many(to_at(mapping->mark), "rows", kRowsMax);
      return;
    }
    for (const YamlMember& member : mapping->members) {
      Row row{.from = member.key.text, .to = {}};
      read_texts(member.value, "what it becomes", row.to, kAlternativesMax);
      if (std::ranges::any_of(row.to,
                              [&](const std::string& text) { return text.size() > bytes_max; })) {
        bad(to_at(member.value.mark),
            "a name of more than " + std::to_string(bytes_max) + " bytes");
      }
      const bool is_name = out.kind == Transformation::Kind::kFieldMapping;
      if (is_name && std::ranges::find(row.to, "") != row.to.end()) {
        bad(to_at(member.value.mark), "a field without a name");
      }
      out.rows.push_back(std::move(row));
    }
  }

  std::optional<codec::Pattern> read_pattern(const YamlNode& node, std::string_view text) {
    auto pattern = codec::Pattern::compile(text, {});
    if (pattern) return std::move(*pattern);
    bad(to_at(node.mark), "an expression that cannot be used: " + pattern.error().message());
    return std::nullopt;
  }

  void read_replacement(const YamlNode& node, Transformation& out) {
    const std::string regex = read_text(node, "regex");
    out.text = read_text(node, "replacement");
    if (regex.empty()) return;
    out.pattern = read_pattern(*node.find("regex"), regex);
    if (!read_flag(node, "interpret_special")) {
      std::string literal;
      for (const char c : out.text)
        literal += c == '*' || c == '?' ? "\\\\" + std::string(1, c) : std::string(1, c);
      out.text = std::move(literal);
    }
    if (!out.pattern) return;
    if (const auto tried = out.pattern->replace_all("", out.text); !tried) {
      bad(to_at(node.find("replacement")->mark),
          "the replacement does not fit the expression: " + tried.error().message());
    }
  }

  // What a rule says below `detection`, read as a rule's detection is.
  void read_added(const YamlNode& node, Transformation& out) {
    const YamlNode* conditions = node.find("conditions");
    out.negated = read_flag(node, "negated");
    std::string name = read_text(node, "name", false);
    if (name.empty()) name = "_added";
    if (conditions == nullptr || !conditions->is_map() || conditions->members.empty()) {
      bad(to_at((conditions != nullptr ? *conditions : node).mark), "there is no map `conditions`",
          "write e.g. conditions: {eventSource: iam.amazonaws.com}");
      return;
    }
    YamlNode detection;
    detection.kind = codec::YamlKind::kMap;
    detection.mark = node.mark;
    const auto add = [&](std::string_view key, YamlNode value) {
      YamlNode named;
      named.type = codec::YamlType::kString;
      named.mark = node.mark;
      named.text = key;
      detection.members.push_back({std::move(named), std::move(value)});
    };
    YamlNode condition;
    condition.type = codec::YamlType::kString;
    condition.mark = node.mark;
    condition.text = name;
    add(name, *conditions);
    add("condition", std::move(condition));
    YamlNode root;
    root.kind = codec::YamlKind::kMap;
    root.mark = node.mark;
    root.members.push_back(detection.members.front());
    root.members.front().key.text = "detection";
    root.members.front().value = std::move(detection);
    sigma::Rule rule;
    sigma::read_detection(root, rule, reporter_);
    if (rule.detections.size() != 1) return;
    out.added = std::move(rule.detections.front());
    for (const sigma::Detection& child : out.added.detection.children) {
      if (sigma::has(child.item, sigma::Modifier::kExpand)) {
        unsupported(child.item.at, "`expand` in an added condition is not supported");
      }
    }
  }

  void read_conditions(const YamlNode& node, const ConditionKeys& keys, Conditions& out) {
    if (const YamlNode* expression = node.find(keys.expression)) {
      unsupported(to_at(expression->mark),
                  "`" + std::string(keys.expression) + "` is not supported",
                  "write `" + std::string(keys.op) + ": or`, or two transformations");
    }
    if (const YamlNode* op = node.find(keys.op)) {
      out.any = op->text == "or";
      if (op->text != "or" && op->text != "and") {
        bad(to_at(op->mark), "`" + std::string(keys.op) + "` is `and` or `or`");
      }
    }
    out.negated = read_flag(node, keys.negated);
    const YamlNode* list = node.find(keys.list);
    if (list == nullptr) return;
    if (!list->is_list() || list->items.size() > kConditionsMax) {
      bad(to_at(list->mark), "`" + std::string(keys.list) + "` is no list of up to " +
                                 std::to_string(kConditionsMax) + " conditions");
      return;
    }
    for (const YamlNode& each : list->items) out.list.push_back(read_condition(each, keys.asked));
  }

  Condition read_condition(const YamlNode& node, Asked asked) {
    Condition out;
    if (!node.is_map()) {
      bad(to_at(node.mark), "a condition is no map", "write a map with a `type`");
      return out;
    }
    const std::string type = read_text(node, "type");
    if (type.empty()) return out;
    const auto* row = std::ranges::find(kConditions, type, &ConditionRow::name);
    if (row == std::end(kConditions)) {
      refuse_type(*node.find("type"), names_of(kConditions), kOtherConditions, "condition");
      return out;
    }
    if (row->asked != asked) {
      if (row->kind == Condition::Kind::kApplied) {
        unsupported(to_at(node.mark), "'" + type + "' is asked of rules only");
      } else {
        bad(to_at(node.mark), "'" + type + "' cannot be asked here",
            "conditions of rules, of items and of fields have lists of their own");
      }
      return out;
    }
    std::vector<std::string_view> allowed = {"type"};
    for (const std::string_view key : row->keys) {
      if (!key.empty()) allowed.push_back(key);
    }
    check_keys(node, allowed);
    out.kind = row->kind;
    read_content(node, out);
    return out;
  }

  void read_content(const YamlNode& node, Condition& out) {
    using Kind = Condition::Kind;
    if (const YamlNode* cond = node.find("cond")) {
      out.all = cond->text == "all";
      if (cond->text != "all" && cond->text != "any") {
        bad(to_at(cond->mark), "`cond` is `any` or `all`");
      }
    }
    switch (out.kind) {
      case Kind::kLogSource: out.source = read_source(node); break;
      case Kind::kContainsField: out.name = read_name(node, "field"); break;
      case Kind::kContainsItem:
        out.name = read_name(node, "field");
        out.value = read_value(node);
        break;
      case Kind::kAttribute: read_attribute(node, out); break;
      case Kind::kTag: out.name = read_text(node, "tag"); break;
      case Kind::kApplied: out.name = read_text(node, "processing_item_id"); break;
      case Kind::kMatchString: {
        const std::string pattern = read_text(node, "pattern");
        out.negate = read_flag(node, "negate");
        if (pattern.empty()) break;
        if (auto read = read_pattern(*node.find("pattern"), "\\A(?:" + pattern + ")")) {
          out.patterns.push_back(std::move(*read));
        }
        break;
      }
      case Kind::kMatchValue: out.value = read_value(node); break;
      case Kind::kIncludeFields:
      case Kind::kExcludeFields: read_field_list(node, out); break;
      case Kind::kIsRule:
      case Kind::kIsCorrelation:
      case Kind::kIsNull:
      case Kind::kContainsWildcard: break;
    }
  }

  sigma::Scalar read_value(const YamlNode& node) {
    sigma::Scalar out;
    const YamlNode* value = node.find("value");
    if (value == nullptr || !value->is_scalar()) {
      bad(to_at((value != nullptr ? *value : node).mark), "`value` must be a scalar");
      return out;
    }
    out.text = value->text;
    out.at = to_at(value->mark);
    return out;
  }

  void read_attribute(const YamlNode& node, Condition& out) {
    static constexpr std::string_view kAttributes[] = {"id", "title", "level", "status"};
    out.name = read_text(node, "attribute");
    out.value = read_value(node);
    if (!out.name.empty() && std::ranges::find(kAttributes, out.name) == std::end(kAttributes)) {
      unsupported(to_at(node.mark), "the attribute '" + out.name + "' cannot be asked for",
                  "these can: id, title, level, status");
    }
    const YamlNode* op = node.find("op");
    if (op != nullptr && op->text != "eq") {
      unsupported(to_at(op->mark), "`op: " + op->text + "` is not supported", "`op: eq` is");
    }
  }

  void read_field_list(const YamlNode& node, Condition& out) {
    const YamlNode* list = node.find("fields");
    if (list == nullptr) {
      bad(to_at(node.mark), "there is no list `fields`");
      return;
    }
    read_texts(*list, "names of fields", out.texts);
    const std::string mode = read_text(node, "mode", false);
    if (mode.empty() || mode == "plain") return;
    if (mode != "re") {
      bad(to_at(node.find("mode")->mark), "`mode` is `plain` or `re`");
      return;
    }
    for (const std::string& text : std::exchange(out.texts, {})) {
      if (auto read = read_pattern(*list, "\\A(?:" + text + ")")) {
        out.patterns.push_back(std::move(*read));
      }
    }
  }

  sigma::Reporter& reporter_;
};

}  // namespace

std::optional<Pipeline> read_pipeline(const YamlNode& root, const std::string& path,
                                      sigma::Reporter& reporter) {
  Pipeline pipeline;
  pipeline.path = path;
  const size_t errors_before = reporter.errors();
  PipelineReader(reporter).read(root, pipeline);
  if (reporter.errors() != errors_before) return std::nullopt;
  return pipeline;
}

}  // namespace stanch::detect::fields
