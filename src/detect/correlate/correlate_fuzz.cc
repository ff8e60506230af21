#include <cstddef>
#include <cstdint>
#include <string>

#include "base/check.h"
#include "detect/correlate/correlator.h"
#include "detect/sigma/load.h"

// Any bytes as the saved state of some correlations, behind the right fingerprint and with the
// right hash: it is refused, or it is state that goes on and is saved as it was read.

namespace {

using namespace stanch;
using namespace stanch::detect;

constexpr std::string_view kRules =
    "title: A\nname: a\nlogsource: {product: x}\ndetection: {s: {f: x}, condition: s}\n---\n"
    "title: B\nname: b\ncorrelation: {type: value_median, rules: a, group-by: u, timespan: 5s, "
    "condition: {lt: 5, field: n}}\n---\n"
    "title: C\nname: c\ncorrelation: {type: temporal_ordered, rules: [a, b], timespan: 9s}\n---\n"
    "title: D\ncorrelation: {type: value_count, rules: [a, c], group-by: u, timespan: 5s, "
    "condition: {gte: 2, field: [n, u]}}\n---\n"
    "title: E\ncorrelation: {type: x_first_seen, rules: a, group-by: u, timespan: 9s, "
    "learning: 1s, condition: {field: n}}\n---\n"
    "title: F\ncorrelation: {type: x_surge, rules: a, group-by: u, timespan: 2s, learning: 3s, "
    "condition: {gte: 2, factor: 2}}\n---\n"
    "title: G\ncorrelation: {type: x_silence, rules: a, group-by: u, timespan: 1s, "
    "learning: 2s}\n";

const correlate::Plan& plan() {
  static const correlate::Plan kPlan = [] {
    const RuleText file{"r.yml", std::string(kRules)};
    const sigma::LoadedRules loaded = sigma::load({&file, 1}, {});
    CHECK(loaded.correlations.size() == 6);
    return correlate::make_plan(loaded.correlations, loaded.rules.size());
  }();
  return kPlan;
}

constexpr size_t kHashBytes = 32;
constexpr size_t kHeadBytes = 19 + 8 + kHashBytes;  // magic, length and fingerprint

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const std::string kHead =
      correlate::Correlator(plan(), {}, {}).save().substr(0, kHeadBytes);
  const std::string body =
      kHead.substr(19) + std::string(reinterpret_cast<const char*>(data), size);
  const codec::Sha256 hash = codec::sha256(body);
  const std::string bytes =
      kHead.substr(0, 19) + body + std::string(reinterpret_cast<const char*>(hash.data()), 32);
  correlate::Correlator correlator(plan(), {.groups_max = 3, .entries_max = 9}, {});
  if (!correlator.load(bytes)) return 0;
  const std::string saved = correlator.save();
  correlate::Correlator again(plan(), {.groups_max = 3, .entries_max = 9}, {});
  CHECK(again.load(saved).has_value());
  CHECK(again.save() == saved);
  again.add({Time(Duration(5)), "e", 0, {"1", "u"}});
  again.finish();
  return 0;
}
