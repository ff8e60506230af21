#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "codec/jmespath/jmespath.h"

// The public suite (github.com/jmespath/jmespath.test), all of it.

namespace stanch::codec {
namespace {

struct Counts {
  size_t results = 0, errors = 0, benchmarks = 0, wrong = 0;
};

// The result as JSON, or the name of the problem.
std::string outcome(std::string_view expression, const JsonValue& given) {
  if (const auto problem = Jmespath::find_problem(expression)) {
    return "error: " + std::string(name_of(problem->kind));
  }
  const auto result = Jmespath::compile(expression).value().evaluate(given);
  if (result) return to_json(*result);
  return "error: " + result.error().message().substr(0, result.error().message().find(' '));
}

void run(const JsonValue& given, const JsonValue& each, Counts& counts) {
  const std::string& expression = each["expression"].string();
  const std::string found = outcome(expression, given);
  bool right = false;
  if (each.object().contains("result")) {
    ++counts.results;
    right = found == to_json(each["result"]);
  } else if (each.object().contains("error")) {
    ++counts.errors;
    right = found == "error: " + each["error"].string();
  } else {
    ++counts.benchmarks;  // says nothing of the result
    right = !found.starts_with("error: ");
  }
  if (!right) ++counts.wrong;
  EXPECT_TRUE(right) << expression << "\n  gives    " << found << "\n  expected "
                     << to_json(each["result"]) << " " << each["error"].text_or_empty();
}

TEST(JmespathCompliance, PassesThePublicSuite) {
  const char* set = std::getenv("STANCH_DATA");
  const std::filesystem::path data =
      set != nullptr ? set : std::string(STANCH_SOURCE_DIR) + "/../shared/data";
  const std::filesystem::path folder = data / "jmespath" / "tests";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "0 files: set STANCH_DATA";
  Counts counts;
  size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    SCOPED_TRACE(entry.path().filename());
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    JsonParser parser;
    const JsonValue suites = JsonValue::of(parser.parse(text));
    ASSERT_TRUE(suites.is_array());
    ++files;
    for (const JsonValue& suite : suites.array()) {
      for (const JsonValue& each : suite["cases"].array()) run(suite["given"], each, counts);
    }
  }
  std::printf("%zu files: %zu results, %zu errors, %zu benchmarks; %zu wrong, 0 skipped\n", files,
              counts.results, counts.errors, counts.benchmarks, counts.wrong);
  EXPECT_EQ(files, 16u);
}

}  // namespace
}  // namespace stanch::codec
