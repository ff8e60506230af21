#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "detect/detect.h"

// What the benchmark works on: generated records of ordinary work, the rules
// of the content, and, where they are present, public rules and recordings.

namespace stanch::bench {

struct Corpus {
  std::string text;  // NDJSON, with kPadding readable bytes behind it
  size_t size = 0;   // of the NDJSON
  size_t lines = 0;
  static constexpr size_t kPadding = 64;
};

// `finding_fraction`: of the events, see generator.h. Seeded.
Corpus generated(size_t events, double finding_fraction);
Corpus of_text(std::string ndjson);

// Every record of the recordings under `folder` ("Records" files and NDJSON), one a line,
// repeated until there are at least `events`. Empty if the folder is not there.
Corpus recorded(const std::string& folder, size_t events);

// The public rules for clouds under $STANCH_DATA or ../shared/data; empty if absent.
std::vector<detect::RuleText> public_rules();
std::string data_folder();

// `count` rules in the proportions of public ones: nine of ten pin an event name,
// most of them the service too, few look at texts by `contains`.
std::vector<detect::RuleText> generated_rules(size_t count);

}  // namespace stanch::bench
