#include <cstdlib>

#include "codec/jmespath/jmespath.h"

// The first line is an expression, the rest what it is evaluated on. Whatever they are, it ends;
// twice it gives the same; the input stays as it was; and the result reads back equal.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace stanch::codec;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::string_view text = bytes.substr(0, bytes.find('\n'));
  const JmespathOptions options{.additions = true, .steps_max = 100'000};
  const auto problem = Jmespath::find_problem(text, options);
  const auto expression = Jmespath::compile(text, options);
  if (expression.has_value() == problem.has_value()) std::abort();
  if (problem && problem->at > text.size()) std::abort();
  if (!expression) return 0;

  JsonParser parser;
  const std::string_view json = text.size() < bytes.size() ? bytes.substr(text.size() + 1) : "";
  const JsonView view = parser.parse(json);
  const JsonValue value = JsonValue::of(view);
  const std::string before = to_json(value);
  const auto result = expression->evaluate(value);
  if (to_json(value) != before) std::abort();
  const auto again = expression->evaluate(value);
  if (result.has_value() != again.has_value()) std::abort();
  if (!result) return 0;
  if (*result != *again) std::abort();
  const std::string written = to_json(*result);
  const JsonView read = parser.parse(written);
  if (!read || JsonValue::of(read) != *result) std::abort();
  return 0;
}
