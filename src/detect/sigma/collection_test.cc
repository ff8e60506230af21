#include "detect/sigma/collection.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "codec/hash.h"
#include "detect/sigma/load.h"
#include "detect/sigma/print.h"

namespace stanch::detect::sigma {
namespace {

// "title product detections" of each rule that loaded; codes of what was reported.
std::string read(const std::string& text) {
  const RuleText file{"r.yml", text};
  const LoadedRules loaded = load({&file, 1}, {});
  std::string out;
  for (const Rule& rule : loaded.rules) {
    out += rule.info.title + " " + rule.logsource.product + "/" + rule.logsource.service;
    for (const NamedDetection& named : rule.detections) {
      out += " " + named.name + "=" + to_text(named.detection.children.at(0).item);
    }
    out += "\n";
  }
  for (const Diagnostic& diagnostic : loaded.diagnostics) {
    out += std::string(diagnostic.code->id) + ":" + std::to_string(diagnostic.place.line) + "\n";
  }
  return out;
}

const std::string kGlobal =
    "action: global\nlogsource: {product: aws, service: x}\n"
    "detection:\n  condition: s\n---\n";

TEST(SigmaCollection, GlobalGoesIntoWhatFollows) {
  EXPECT_EQ(read(kGlobal + "title: A\ndetection: {s: {a: b}}\n---\n"
                           "title: B\ndetection: {s: {a: c}}\n"),
            "A aws/x s=a: ['b']\nB aws/x s=a: ['c']\n");
}

TEST(SigmaCollection, WhatADocumentSaysItselfCounts) {
  EXPECT_EQ(read(kGlobal + "title: A\nlogsource: {service: y}\ndetection: {s: {a: b}}\n"),
            "A aws/y s=a: ['b']\n");
}

TEST(SigmaCollection, GlobalsAddUpUntilReset) {
  EXPECT_EQ(read(kGlobal + "action: global\ndetection: {s: {a: b}}\n---\ntitle: A\n---\n"
                           "action: reset\n---\ntitle: B\nlogsource: {product: x}\n"
                           "detection: {s: {a: c}, condition: s}\n---\ntitle: C\n"),
            "A aws/x s=a: ['b']\nB x/ s=a: ['c']\nSIG005:17\n");
}

TEST(SigmaCollection, RepeatLaysItselfOverTheRuleBefore) {
  EXPECT_EQ(read("title: A\nlogsource: {product: aws}\ndetection: {s: {a: b}, condition: s}\n---\n"
                 "action: repeat\ntitle: B\nlogsource: {product: gcp}\n---\n"
                 "action: repeat\ntitle: C\n"),
            "A aws/ s=a: ['b']\nB gcp/ s=a: ['b']\nC gcp/ s=a: ['b']\n");
}

TEST(SigmaCollection, CorrelationsTakeNoPart) {
  EXPECT_EQ(read(kGlobal + "title: A\ncorrelation: {type: event_count}\n"),
            "SIG006:7\nSIG006:7\nSIG006:7\n");
}

TEST(SigmaCollection, MistakesInActions) {
  EXPECT_EQ(read("action: repeat\ntitle: x\n"), "SIG037:1\n");
  EXPECT_EQ(read("action: [x]\ntitle: x\n"), "SIG037:1\n");
  EXPECT_EQ(read("action: global\nlevel: x\nlevel: y\n"), "SIG004:3\n");
}

TEST(SigmaCollection, ProblemsInAGlobalStandAtTheirOwnLine) {
  EXPECT_EQ(read("action: global\nlevel: x\n---\n\ntitle: A\nlogsource: {product: a}\n"
                 "detection: {s: {a: b}, condition: s}\n"),
            "SIG010:2\n");
}

TEST(SigmaCollection, VersionsAreHashesOfTheBytesThatARuleIsMadeOf) {
  const auto versions = [](const std::string& text) {
    const RuleText file{"r.yml", text};
    std::vector<std::string> out;
    for (const Rule& rule : load({&file, 1}, {}).rules) out.push_back(rule.info.version);
    return out;
  };
  const std::string a = "title: A\nlogsource: {product: a}\ndetection: {s: {a: b}, condition: s}\n";
  EXPECT_EQ(versions(a), std::vector{codec::to_hex(codec::sha256(a))});
  EXPECT_EQ(versions(a + "---\n" + a), (std::vector{codec::to_hex(codec::sha256(a)),
                                                    codec::to_hex(codec::sha256("---\n" + a))}));
  // A global counts into the version of what it goes into.
  const std::string global = "action: global\nlevel: low\n---\n";
  const std::string other_global = "action: global\nlevel: high\n---\n";
  EXPECT_NE(versions(global + a), versions(other_global + a));
  EXPECT_EQ(versions(global + a), versions(global + a));
}

}  // namespace
}  // namespace stanch::detect::sigma
