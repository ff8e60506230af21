// Files of content/fields/: whatever they hold, they are read or refused, and what was read can be
// applied to rules, always with the same result.

#include <cstdint>
#include <string>
#include <vector>

#include "base/check.h"
#include "detect/detect.h"
#include "detect/sigma/load.h"
#include "detect/sigma/print.h"

namespace {

using namespace stanch;
using namespace stanch::detect;

constexpr const char* kRules[] = {
    "title: a\nlogsource: {product: azure, service: signinlogs}\ndetection:\n"
    "  s: {f: x, 'g|contains|all': [a, b], 'h|neq': [null, 1], 'p.q|fieldref': f}\n"
    "  t: {'f|exists': false, 'g|expand': '%who%', 'h|re': '^a'}\n  condition: s and not t\n",
    "title: b\nlevel: high\ntags: [attack.t1]\nlogsource: {product: gcp}\ndetection:\n"
    "  s: [word, other]\n  t: {f: 'a*', data.x: Success}\n  condition: [s, t]\n",
};

std::string run(const std::string& text) {
  std::vector<RuleText> rules;
  for (const char* rule : kRules) rules.push_back({"r" + std::to_string(rules.size()), rule});
  FieldContent content;
  Diagnostics diagnostics;
  read_fields({"f.yaml", text}, content, diagnostics);
  CHECK(!content.logs.empty() || !content.maps.empty() || !diagnostics.empty());
  const sigma::LoadedRules loaded =
      sigma::load(rules, {{"who", {"a", "b"}}}, content.logs, content.maps);
  std::string out;
  for (const sigma::Rule& rule : loaded.rules) out += sigma::to_text(rule);
  for (const Diagnostic& diagnostic : diagnostics) out += to_text(diagnostic);
  for (const Diagnostic& diagnostic : loaded.diagnostics) out += to_text(diagnostic);
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  CHECK(run(text) == run(text));
  return 0;
}
