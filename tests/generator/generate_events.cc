#include <charconv>
#include <cstdio>
#include <string>
#include <string_view>

#include "generator/generator.h"

// generate_events COUNT [SEED [FINDING_FRACTION]]: NDJSON on standard output.
// generate_events context: the organisation as content/context.yaml.

using namespace stanch::generator;

namespace {

int print_context() {
  std::string_view last;
  for (const ContextValue& value : organisation_context()) {
    if (value.name != last)
      std::printf("%.*s:\n", static_cast<int>(value.name.size()), value.name.data());
    last = value.name;
    std::printf("  - '%.*s'\n", static_cast<int>(value.value.size()), value.value.data());
  }
  return 0;
}

template <typename Number>
bool read_number(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 2 && std::string_view(argv[1]) == "context") return print_context();
  Options options;
  size_t count = 0;
  if (argc < 2 || argc > 4 || !read_number(argv[1], count) ||
      (argc > 2 && !read_number(argv[2], options.seed)) ||
      (argc > 3 && !read_number(argv[3], options.finding_fraction))) {
    std::fputs("usage: generate_events COUNT [SEED [FINDING_FRACTION]] | context\n", stderr);
    return 2;
  }
  constexpr size_t kBatch = 4096;
  Generator generator(options);
  std::string out;
  while (count > 0) {
    const size_t now = count < kBatch ? count : kBatch;
    out.clear();
    generator.append(now, out);
    if (std::fwrite(out.data(), 1, out.size(), stdout) != out.size()) return 1;
    count -= now;
  }
  return 0;
}
