// Generated rules × generated events. A failure prints its seed, and the rule and the event that
// are left when no simpler ones fail. STANCH_DIFFERENTIAL_CASES makes runs longer,
// STANCH_DIFFERENTIAL_SEED makes them different.

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <cstdlib>
#include <iostream>

#include "compare.h"
#include "generate.h"

namespace stanch::differential {
namespace {

// Rows of choices that are longer than RapidCheck's habit.
rc::Gen<std::vector<Choices>> rows(size_t count_min, size_t count_max, int length) {
  auto row =
      rc::gen::resize(length, rc::gen::container<Choices>(rc::gen::inRange<uint16_t>(0, 5040)));
  auto many = rc::gen::mapcat(rc::gen::inRange(count_min, count_max + 1), [row](size_t count) {
    return rc::gen::container<std::vector<Choices>>(count, row);
  });
  return many;
}

std::vector<std::string> rules_of(const std::vector<Choices>& rows) {
  std::vector<std::string> rules;
  for (size_t i = 0; i < rows.size(); ++i) rules.push_back(rule_text(rows[i], i));
  return rules;
}

std::vector<Event> events_of(const std::vector<Choices>& rows) {
  std::vector<Event> events;
  for (const Choices& row : rows) events.push_back({event_text(row), source_of(row)});
  return events;
}

TEST(Differential, ManyRulesInOneSet) {
  Tally before = tally();
  rc::detail::checkGTest([] {
    auto rules = rules_of(*rows(20, 40, 120).as("rules"));
    auto events = events_of(*rows(4, 12, 160).as("events"));
    if (auto text = difference(rules, events)) RC_FAIL(*text);
  });
  // A test that hardly ever matches would prove little.
  size_t yes = tally().yes - before.yes, no = tally().no - before.no;
  std::cout << "verdicts: " << yes << " yes, " << no << " no\n";
  EXPECT_GT(yes * 10, no);
  EXPECT_GT(no * 10, yes);
}

// Events that differ in one choice have mostly the same shape, and other keys or values in it.
std::vector<Event> with_siblings(const std::vector<Choices>& rows, const Choices& changes) {
  std::vector<Event> events = events_of(rows);
  for (const Choices& row : rows) {
    for (uint16_t change : changes) {
      Choices sibling = row;
      if (sibling.empty()) break;
      uint16_t& choice = sibling[change % sibling.size()];
      choice = static_cast<uint16_t>((choice + change / 7 + 1) % 5040);
      events.push_back({event_text(sibling), source_of(sibling)});
    }
  }
  return events;
}

TEST(Differential, WhatIsRememberedOfShapesChangesNothing) {
  rc::detail::checkGTest([] {
    auto rules = rules_of(*rows(10, 20, 120).as("rules"));
    auto changes =
        *rc::gen::resize(8, rc::gen::container<Choices>(rc::gen::inRange<uint16_t>(0, 5040)))
             .as("changes");
    auto events = with_siblings(*rows(1, 3, 160).as("events"), changes);
    if (auto text = difference(rules, events)) RC_FAIL(*text);
  });
}

TEST(Differential, EachRuleAlone) {
  rc::detail::checkGTest([] {
    auto rules = rules_of(*rows(1, 4, 120).as("rules"));
    auto events = events_of(*rows(1, 12, 160).as("events"));
    if (auto text = difference_alone(rules, events)) RC_FAIL(*text);
  });
}

}  // namespace
}  // namespace stanch::differential

int main(int argc, char** argv) {
  const char* cases = std::getenv("STANCH_DIFFERENTIAL_CASES");
  const char* seed = std::getenv("STANCH_DIFFERENTIAL_SEED");
  std::string parameters = std::string("max_success=") + (cases ? cases : "2000") +
                           " seed=" + (seed ? seed : "20260301") + " max_size=100";
  setenv("RC_PARAMS", parameters.c_str(), /*overwrite=*/0);
  std::cout << "RC_PARAMS=\"" << std::getenv("RC_PARAMS") << "\"\n";
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
