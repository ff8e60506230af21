#include <cstdlib>
#include <string>
#include <string_view>

#include "base/check.h"
#include "triage/severity.h"

// Any bytes: no crash, complaints lie inside the text and are inert, and a matrix that nothing was
// said against never lets severity fall when more is found.

namespace {

using namespace stanch;
using triage::Evidence;

constexpr size_t kBytesMax = 1 << 14;

void check_inert(const Diagnostic& said) {
  for (const char c : to_text(said)) {
    const auto byte = static_cast<unsigned char>(c);
    CHECK(byte == '\n' || (byte >= 0x20 && byte != 0x7f));
  }
}

// Step by step from nothing to the worst, each step something more that is found.
void check_never_falls(const triage::SeverityMatrix& matrix) {
  Evidence evidence;
  model::Severity before = matrix.assess(evidence).severity;
  const auto look = [&] {
    const model::Severity now = matrix.assess(evidence).severity;
    CHECK(now <= before);
    before = now;
  };
  for (int round = 0; round < 5; ++round) {
    evidence.level = static_cast<model::Level>(round), look();
    evidence.denied += 5, look();
    evidence.rules.insert(std::to_string(round)), look();
    evidence.tactics.insert(std::to_string(round)), look();
    evidence.techniques.insert(std::to_string(round)), look();
    evidence.principals.insert(std::to_string(round)), look();
    if (round == 1) evidence.production = true, look();
    if (round == 2) evidence.privileged = true, look();
    evidence.succeeded_level = evidence.level, look();
    if (round < 4) evidence.criticality = static_cast<triage::Criticality>(round), look();
    if (round == 3) evidence.data = "confidential", look();
    evidence.taken += 3, look();
    evidence.destroyed += 3, look();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size > kBytesMax) return 0;
  const std::string text(reinterpret_cast<const char*>(data), size);
  uint32_t lines = 1;
  for (const char c : text) lines += c == '\n';
  Diagnostics diagnostics;
  const auto matrix = triage::SeverityMatrix::read("severity.yaml", text, diagnostics);
  for (const Diagnostic& said : diagnostics) {
    CHECK(said.place.line <= lines + 1);
    check_inert(said);
  }
  if (diagnostics.empty()) check_never_falls(matrix);
  return 0;
}
