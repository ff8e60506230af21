#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "codec/jmespath/jmespath.h"
#include "codec/yaml.h"
#include "respond/action/call_value.h"

// Parameters of a call as an action's file writes them: YAML in which ${…} holds one JMESPath
// expression. Alone in a value it gives any JSON; inside a text its text. What it gives is never
// looked through again, so text from events stays text.
//
//   UserName: ${state.user}
//   Description: "Stanch: evidence, ${incident.id}"
//   Time: ${now}                              a hole: now, token, secret, result.CALL.PATH
//   GroupId: {first: ["${state.group}", "${result.create.GroupId}"]}    the first that is not null
//   PolicyDocument: {json: {Version: "2012-10-17", …}}                   as the text of that JSON

namespace stanch::respond {

// The names at hand where templates and expressions of actions are evaluated.
struct Names {
  std::vector<std::string> roots;  // "target", "state" …
  bool holes = false;              // whether there may be holes
};

struct TemplateProblem {
  codec::YamlMark mark;
  std::string message, hint;
};

class Template {
 public:
  // All problems at once; a template with problems must not be used.
  static Template compile(const codec::YamlNode& node, const Names& names,
                          std::vector<TemplateProblem>& problems);

  Template();
  Template(Template&&) noexcept;
  Template& operator=(Template&&) noexcept;
  ~Template();

  // As it was written, on one line: "{UserName: ${state.user}, Status: Inactive}".
  std::string text() const;
  std::vector<std::string> members() const;  // the names on top: "UserName", "Status"

  // kInvalid if an expression has no value of the kind that is needed.
  Result<CallValue> evaluate(std::span<const codec::Jmespath::Root> roots) const;
  // Of a member on top alone; null if there is none.
  Result<CallValue> evaluate(std::string_view member,
                             std::span<const codec::Jmespath::Root> roots) const;

 private:
  struct Node;
  static std::unique_ptr<Node> read(const codec::YamlNode& node, const Names& names, size_t depth,
                                    std::vector<TemplateProblem>& problems);
  static Result<CallValue> evaluate(const Node& node, std::span<const codec::Jmespath::Root> roots);
  std::unique_ptr<Node> root_;
};

// An expression without ${}: a condition, or what is kept of an answer.
std::optional<codec::Jmespath> compile_expression(const codec::YamlNode& node, const Names& names,
                                                  std::vector<TemplateProblem>& problems);

}  // namespace stanch::respond
