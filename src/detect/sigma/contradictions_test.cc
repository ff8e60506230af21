#include "detect/sigma/contradictions.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "detect/sigma/load.h"
#include "detect/sigma/rule_text_for_test.h"

namespace stanch::detect::sigma {
namespace {

TEST(SigmaContradictions, AreFoundWhereNoEventIsBoth) {
  struct Case {
    std::string detection;
    size_t found;
  };
  const Case cases[] = {
      {"s: {a: b}\n  t: {a: c}\n  condition: s and t", 1},
      {"s: {a: b}\n  t: {a: c}\n  condition: all of them", 1},
      {"s: {a: b}\n  t: {a: c}\n  condition: s or t", 0},
      {"s: {a: b}\n  t: {A: B}\n  condition: s and t", 0},
      {"s: {a: [b, c]}\n  t: {a: [c, d]}\n  condition: s and t", 0},
      {"s: {a: [b, c]}\n  t: {a: [d, e]}\n  condition: s and t", 1},
      {"s: {a: 5}\n  t: {a: 5.0}\n  condition: s and t", 0},
      {"s: {a: b}\n  t: {a|startswith: c}\n  condition: s and t", 0},
      {"s: {a: b}\n  t: {a: 'c*'}\n  condition: s and t", 0},
      {"s: {a|all: [b, c]}\n  condition: s", 0},
      {"s: {a: b}\n  t: {d: c}\n  condition: s and t", 0},
      // Absence.
      {"s: {a: null}\n  t: {a|contains: c}\n  condition: s and t", 1},
      {"s: {a|exists: false, a|startswith: c}\n  condition: s", 1},
      {"s: {a|exists: true, a|startswith: c}\n  condition: s", 0},
      {"s: {a: [null, c]}\n  t: {a: c}\n  condition: s and t", 0},
      // Bounds.
      {"s: {a|gt: 5, a|lt: 5}\n  condition: s", 1},
      {"s: {a|gte: 5, a|lte: 5}\n  condition: s", 0},
      {"s: {a|gt: 5, a|lte: 5}\n  condition: s", 1},
      {"s: {a|gt: [5, 1], a|lt: 3}\n  condition: s", 0},
      {"s: {a: 7, a|lt: 7}\n  condition: s", 1},
      {"s: {a: [7, 6.5], a|lt: 7}\n  condition: s", 0},
      {"s: {a: null, a|lt: 7}\n  condition: s", 1},
      // What is excluded.
      {"s: {a: b, a|neq: [b, c]}\n  condition: s", 1},
      {"s: {a: [b, d], a|neq: [b, c]}\n  condition: s", 0},
      {"s: {a: b, d: e}\n  t: {a: b}\n  condition: s and not t", 1},
      {"s: {a: b, d: e}\n  t: {a: b, f: e}\n  condition: s and not t", 0},
      {"s: {a: b, d: e}\n  t: {a: b}\n  u: {f: g}\n  condition: s and not (t or u)", 1},
      {"s: {a: b, d: e}\n  t: {a: b}\n  u: {f: g}\n  condition: s and not (t and u)", 0},
      {"s: {a: [b, c]}\n  t: {a: b}\n  condition: s and not t", 0},
      // Alternatives, each by itself.
      {"s: {a: b}\n  t: [{a: c}, {d: e}]\n  condition: s and t", 1},
      {"s: {a: b}\n  t: {a: c}\n  u: {d: e}\n  condition: s and (t or u)", 1},
      {"s: {a: b}\n  t: {a: c}\n  u: {a: b}\n  condition: s and u or t", 0},
  };
  for (const Case& c : cases) {
    const RuleText text{"r.yml", rule_with_detection_for_test("  " + c.detection + "\n")};
    const LoadedRules loaded = load({&text, 1}, {});
    ASSERT_EQ(loaded.rules.size(), 1u) << c.detection;
    EXPECT_EQ(find_contradictions(loaded.rules[0]).size(), c.found) << c.detection;
  }
}

TEST(SigmaContradictions, SayWhetherAFilterCanHideSomething) {
  struct Case {
    std::string filter;
    bool can;
  };
  const Case cases[] = {
      {"f: {a: b}, condition: not f", true},
      {"f: {a: c}, condition: not f", false},
      {"f: {a: c, x: y}, condition: not f", false},
      {"f: {x: y}, condition: not f", true},
      {"f: {a: c}, g: {x: y}, condition: not 1 of them", true},
      {"f: {a: c}, g: {x: y}, condition: not all of them", false},
      {"f: {a: c}, condition: f, exclude: true", false},
      {"f: {a: c}, g: {x: y}, condition: f or g, exclude: true", true},
      {"f: {a: c}, g: {x: y}, condition: [f, g], exclude: true", true},
      {"f: {a: c}, g: {a: e}, condition: [f, g], exclude: true", false},
  };
  for (const Case& c : cases) {
    const RuleText text{"r.yml",
                        "title: X\nname: x\nlogsource: {product: aws}\n"
                        "detection: {s: {a: [b, d]}, t: {q: r}, condition: s and t}\n---\n"
                        "title: F\nlogsource: {product: aws}\n"
                        "stanch: {owner: ann, reason: r, expires: 2026-03-01}\n"
                        "filter: {rules: [x], " +
                            c.filter + "}\n"};
    const LoadedRules loaded = load({&text, 1}, {});
    ASSERT_EQ(loaded.filters.size(), 1u) << c.filter;
    EXPECT_EQ(can_hide(loaded.filters[0], loaded.rules[0]), c.can) << c.filter;
    EXPECT_EQ(loaded.diagnostics.empty(), c.can) << c.filter;
  }
}

}  // namespace
}  // namespace stanch::detect::sigma
