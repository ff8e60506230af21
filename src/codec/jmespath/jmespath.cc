#include "codec/jmespath/jmespath.h"

#include <utility>
#include <variant>

#include "codec/jmespath/evaluate.h"
#include "codec/jmespath/parse.h"

namespace stanch::codec {

Result<Jmespath> Jmespath::compile(std::string_view text, const JmespathOptions& options) {
  auto parsed = jmespath::parse(text, options);
  if (const auto* problem = std::get_if<JmespathProblem>(&parsed)) return to_error(*problem);
  auto tree = std::make_shared<jmespath::Tree>(std::get<jmespath::Tree>(std::move(parsed)));
  tree->text = text;
  return Jmespath(std::move(tree), options.steps_max);
}

std::optional<JmespathProblem> Jmespath::find_problem(std::string_view text,
                                                      const JmespathOptions& options) {
  auto parsed = jmespath::parse(text, options);
  auto* problem = std::get_if<JmespathProblem>(&parsed);
  return problem != nullptr ? std::optional(std::move(*problem)) : std::nullopt;
}

const std::string& Jmespath::text() const { return tree_->text; }

Result<JsonValue> Jmespath::evaluate(const JsonValue& value) const {
  jmespath::Evaluator evaluator(*tree_, steps_max_);
  return evaluator.result_of(evaluator.evaluate(jmespath::Part(value)));
}

Result<JsonValue> Jmespath::evaluate_with(std::span<const Root> roots) const {
  jmespath::Evaluator evaluator(*tree_, steps_max_);
  jmespath::Part::Table table;
  for (const Root& root : roots) table.insert_or_assign(root.name, jmespath::Part(*root.value));
  const jmespath::Part all = evaluator.keep(std::move(table));
  return evaluator.result_of(evaluator.evaluate(all));
}

}  // namespace stanch::codec
