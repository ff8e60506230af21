#include "corpus.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "codec/json.h"
#include "generator/generator.h"

namespace stanch::bench {

namespace {

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::vector<std::filesystem::path> files_under(const std::string& folder) {
  std::vector<std::filesystem::path> paths;
  std::error_code error;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder, error)) {
    if (entry.is_regular_file()) paths.push_back(entry.path());
  }
  std::ranges::sort(paths);
  return paths;
}

}  // namespace

Corpus of_text(std::string ndjson) {
  Corpus corpus;
  corpus.size = ndjson.size();
  corpus.lines = static_cast<size_t>(std::ranges::count(ndjson, '\n'));
  corpus.text = std::move(ndjson);
  corpus.text.resize(corpus.size + Corpus::kPadding);
  return corpus;
}

Corpus generated(size_t events, double finding_fraction) {
  generator::Options options;
  options.finding_fraction = finding_fraction;
  generator::Generator generator(options);
  std::string text;
  generator.append(events, text);
  return of_text(std::move(text));
}

Corpus recorded(const std::string& folder, size_t events) {
  std::string once;
  size_t lines = 0;
  codec::JsonParser parser;
  for (const auto& path : files_under(folder)) {
    const std::string bytes = read_file(path);
    const codec::JsonView root = parser.parse(bytes);
    if (!root) continue;
    const codec::JsonView records = root.is_array() ? root : root["Records"];
    for (const codec::JsonView record : records.elements()) {
      codec::append_compact(record, once);
      once += '\n';
      ++lines;
    }
  }
  std::string text;
  for (size_t have = 0; lines != 0 && have < events; have += lines) text += once;
  return of_text(std::move(text));
}

std::string data_folder() {
  const char* given = std::getenv("STANCH_DATA");
  return given ? given : STANCH_SOURCE_DIR "/../shared/data";
}

std::vector<detect::RuleText> public_rules() {
  std::vector<detect::RuleText> texts;
  for (const auto& path : files_under(data_folder() + "/sigma/rules/cloud")) {
    if (path.extension() == ".yml") texts.push_back({path.string(), read_file(path)});
  }
  return texts;
}

std::vector<detect::RuleText> generated_rules(size_t count) {
  static constexpr std::string_view kVerbs[] = {"Create", "Delete", "Update",   "Put",  "Attach",
                                                "Detach", "Modify", "Describe", "List", "Get"};
  static constexpr std::string_view kServices[] = {"iam", "ec2", "s3",  "lambda", "kms", "rds",
                                                   "ecs", "eks", "ssm", "sns",    "sqs", "logs"};
  std::vector<detect::RuleText> texts;
  for (size_t i = 0; i < count; ++i) {
    const std::string_view verb = kVerbs[i % std::size(kVerbs)];
    const std::string_view service = kServices[(i / 10) % std::size(kServices)];
    std::string selection;
    if (i % 10 == 9) {
      selection = fmt::format("        userAgent|contains: 'tool-{}/'\n", i);
    } else {
      selection =
          fmt::format("        eventSource: {}.amazonaws.com\n        eventName: {}Thing{}\n",
                      service, verb, i / 7);
      if (i % 4 == 0) selection += "        errorCode: null\n";
      if (i % 5 == 0) {
        selection += fmt::format("        requestParameters.name|startswith: 'prod-{}'\n", i);
      }
    }
    texts.push_back({fmt::format("generated/{}.yml", i),
                     fmt::format("title: Generated rule {0}\n"
                                 "id: 00000000-0000-4000-8000-{0:012x}\n"
                                 "status: test\nlevel: low\n"
                                 "logsource:\n    product: aws\n    service: cloudtrail\n"
                                 "detection:\n    selection:\n{1}    condition: selection\n",
                                 i, selection)});
  }
  return texts;
}

}  // namespace stanch::bench
