#include "respond/action/template.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "codec/trimmed.h"

namespace stanch::respond {

namespace {

using codec::Jmespath;
using codec::JsonValue;
using codec::YamlMark;
using codec::YamlNode;
using codec::YamlType;

constexpr size_t kDepthMax = 32;

std::optional<Jmespath> compile(std::string_view text, YamlMark mark, const Names& names,
                                std::vector<TemplateProblem>& problems) {
  const codec::JmespathOptions options{.additions = true, .names = names.roots};
  if (const auto problem = Jmespath::find_problem(text, options)) {
    problems.push_back(
        {mark, fmt::format("in '{}': {}", text.substr(0, 100), problem->message), problem->hint});
    return std::nullopt;
  }
  return *Jmespath::compile(text, options);
}

// Where the "}" is that closes a "${": not inside quotes, and with its own braces closed.
size_t end_of_expression(std::string_view text, size_t from) {
  size_t open = 0;
  char quote = 0;
  for (size_t i = from; i < text.size(); ++i) {
    const char c = text[i];
    if (quote != 0) {
      if (c == '\\') {
        ++i;
      } else if (c == quote) {
        quote = 0;
      }
    } else if (c == '\'' || c == '"' || c == '`') {
      quote = c;
    } else if (c == '{') {
      ++open;
    } else if (c == '}') {
      if (open == 0) return i;
      --open;
    }
  }
  return text.npos;
}

JsonValue constant_of(const YamlNode& node) {
  switch (node.type) {
    case YamlType::kNull: return {};
    case YamlType::kBool: return JsonValue(node.text[0] == 't' || node.text[0] == 'T');
    case YamlType::kInteger:
    case YamlType::kFloat: {
      codec::JsonParser parser;
      return JsonValue::of(parser.parse(node.text));
    }
    case YamlType::kString: return JsonValue(node.text);
  }
  return {};
}

}  // namespace

struct Template::Node {
  enum class Kind : uint8_t { kConstant, kExpression, kHole, kText, kJson, kFirst, kList, kObject };
  Kind kind = Kind::kConstant;
  JsonValue constant;
  std::optional<Jmespath> expression;
  CallValue::Hole hole;
  std::vector<std::unique_ptr<Node>> nodes;  // of a text, json (one), first, list, object
  std::vector<std::string> names;            // of an object's
};

Template::Template() = default;
Template::Template(Template&&) noexcept = default;
Template& Template::operator=(Template&&) noexcept = default;
Template::~Template() = default;

Template Template::compile(const YamlNode& node, const Names& names,
                           std::vector<TemplateProblem>& problems) {
  Template out;
  out.root_ = read(node, names, 0, problems);
  return out;
}

namespace {

template <typename Node>
std::unique_ptr<Node> read_expression(std::string_view text, YamlMark mark, const Names& names,
                                      std::vector<TemplateProblem>& problems) {
  auto node = std::make_unique<Node>();
  if (const auto hole = find_hole(text); hole && names.holes) {
    node->kind = Node::Kind::kHole;
    node->hole = *hole;
    return node;
  }
  node->kind = Node::Kind::kExpression;
  node->expression = compile(text, mark, names, problems);
  return node;
}

template <typename Node>
std::unique_ptr<Node> read_text(const YamlNode& yaml, const Names& names,
                                std::vector<TemplateProblem>& problems) {
  const std::string_view text = yaml.text;
  auto node = std::make_unique<Node>();
  node->kind = Node::Kind::kText;
  size_t at = 0;
  while (at < text.size()) {
    const size_t open = text.find("${", at);
    if (open != at) {
      auto& part = node->nodes.emplace_back(std::make_unique<Node>());
      part->constant = JsonValue(text.substr(at, open == text.npos ? text.npos : open - at));
    }
    if (open == text.npos) break;
    const size_t close = end_of_expression(text, open + 2);
    if (close == text.npos) {
      problems.push_back({yaml.mark, "a ${ is not closed", "Close it with }."});
      return node;
    }
    node->nodes.push_back(read_expression<Node>(
        codec::trimmed(text.substr(open + 2, close - open - 2)), yaml.mark, names, problems));
    at = close + 1;
  }
  // Alone it is any value.
  if (node->nodes.size() == 1) return std::move(node->nodes[0]);
  return node;
}

}  // namespace

namespace {

// Quoted only where it would read as something else.
std::string text_of_constant(const JsonValue& value) {
  if (!value.is_string() || value.string().empty()) return to_json(value);
  const bool plain = std::ranges::all_of(value.string(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-_./*").contains(c);
  });
  const bool reads_back = plain && codec::yaml_type_of_plain(value.string()) == YamlType::kString;
  return reads_back ? value.string() : to_json(value);
}

template <typename Node>
void append_text(const Node& node, std::string& out) {
  using Kind = typename Node::Kind;
  const auto all = [&](std::string_view open, std::string_view close) {
    out += open;
    for (size_t i = 0; i < node.nodes.size(); ++i) {
      if (i > 0) out += ", ";
      if (node.kind == Kind::kObject) out += node.names[i] + ": ";
      append_text(*node.nodes[i], out);
    }
    out += close;
  };
  switch (node.kind) {
    case Kind::kConstant: out += text_of_constant(node.constant); break;
    case Kind::kExpression: out += "${" + node.expression->text() + "}"; break;
    case Kind::kHole: out += "${" + text_of(node.hole) + "}"; break;
    case Kind::kText:
      out += '"';
      for (const auto& part : node.nodes) {
        if (part->kind == Kind::kConstant) {
          const std::string quoted = to_json(part->constant);
          out.append(quoted, 1, quoted.size() - 2);
        } else {
          append_text(*part, out);
        }
      }
      out += '"';
      break;
    case Kind::kJson: all("{json: ", "}"); break;
    case Kind::kFirst: all("{first: [", "]}"); break;
    case Kind::kList: all("[", "]"); break;
    case Kind::kObject: all("{", "}"); break;
  }
}

}  // namespace

std::string Template::text() const {
  std::string out;
  if (root_ == nullptr) return "{}";
  append_text(*root_, out);
  return out;
}

std::vector<std::string> Template::members() const {
  return root_ == nullptr ? std::vector<std::string>() : root_->names;
}

std::unique_ptr<Template::Node> Template::read(const YamlNode& yaml, const Names& names,
                                               size_t depth,
                                               std::vector<TemplateProblem>& problems) {
  auto node = std::make_unique<Node>();
  if (depth > kDepthMax) {
    problems.push_back({yaml.mark, "this nests too deep", ""});
    return node;
  }
  if (yaml.is_scalar()) {
    if (yaml.is_string() && yaml.text.contains("${")) return read_text<Node>(yaml, names, problems);
    node->constant = constant_of(yaml);
    return node;
  }
  if (yaml.is_list()) {
    node->kind = Node::Kind::kList;
    for (const YamlNode& item : yaml.items) {
      node->nodes.push_back(read(item, names, depth + 1, problems));
    }
    return node;
  }
  if (yaml.members.size() == 1 && yaml.members[0].key.text == "json") {
    node->kind = Node::Kind::kJson;
    node->nodes.push_back(read(yaml.members[0].value, names, depth + 1, problems));
    return node;
  }
  if (yaml.members.size() == 1 && yaml.members[0].key.text == "first") {
    node->kind = Node::Kind::kFirst;
    for (const YamlNode& item : yaml.members[0].value.items) {
      node->nodes.push_back(read(item, names, depth + 1, problems));
    }
    if (node->nodes.empty()) problems.push_back({yaml.mark, "'first' is a list", ""});
    return node;
  }
  node->kind = Node::Kind::kObject;
  for (const codec::YamlMember& member : yaml.members) {
    node->names.push_back(member.key.text);
    node->nodes.push_back(read(member.value, names, depth + 1, problems));
  }
  return node;
}

Result<CallValue> Template::evaluate(std::span<const Jmespath::Root> roots) const {
  return root_ == nullptr ? CallValue::value(JsonValue(JsonValue::Object()))
                          : evaluate(*root_, roots);
}

Result<CallValue> Template::evaluate(std::string_view member,
                                     std::span<const Jmespath::Root> roots) const {
  const std::vector<std::string> names = members();
  const auto found = std::ranges::find(names, member);
  if (found == names.end()) return CallValue();
  return evaluate(*root_->nodes[static_cast<size_t>(found - names.begin())], roots);
}

Result<CallValue> Template::evaluate(const Node& node, std::span<const Jmespath::Root> roots) {
  CallValue::List values;
  switch (node.kind) {
    case Node::Kind::kConstant: return CallValue::value(node.constant);
    case Node::Kind::kHole: return CallValue::hole(node.hole);
    case Node::Kind::kExpression: {
      auto value = node.expression->evaluate_with(roots);
      if (!value) return std::move(value).error().within("${" + node.expression->text() + "}");
      return CallValue::value(std::move(*value));
    }
    case Node::Kind::kFirst:
      for (const auto& each : node.nodes) {
        TRY(CallValue value, evaluate(*each, roots));
        if (!value.is_null()) return value;
      }
      return CallValue();
    default: break;
  }
  for (const auto& each : node.nodes) {
    TRY(CallValue value, evaluate(*each, roots));
    values.push_back(std::move(value));
  }
  switch (node.kind) {
    case Node::Kind::kText: return CallValue::text(std::move(values));
    case Node::Kind::kJson: return CallValue::json(std::move(values[0]));
    case Node::Kind::kList: return CallValue::list(std::move(values));
    default: {
      CallValue::Object object;
      for (size_t i = 0; i < values.size(); ++i) {
        object.emplace(node.names[i], std::move(values[i]));
      }
      return CallValue::object(std::move(object));
    }
  }
}

std::optional<Jmespath> compile_expression(const YamlNode& node, const Names& names,
                                           std::vector<TemplateProblem>& problems) {
  if (!node.is_scalar() || node.text.empty()) {
    problems.push_back({node.mark, "an expression belongs here", "JMESPath, without ${}."});
    return std::nullopt;
  }
  return compile(codec::trimmed(node.text), node.mark, names, problems);
}

}  // namespace stanch::respond
