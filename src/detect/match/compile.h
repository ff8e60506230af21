#pragma once

#include <memory>
#include <span>
#include <vector>

#include "detect/match/program.h"

namespace stanch::detect::match {

// Compiles checked rules, with correlations and filters of them, into one program. Cannot fail.
std::shared_ptr<const RuleSet> compile(std::vector<sigma::Rule> rules,
                                       std::span<const sigma::Correlation> correlations = {},
                                       std::vector<sigma::Filter> filters = {});

// Whether a rule is found by its clues, or has to be evaluated for every event.
bool is_indexed(const RuleSet& rules, uint32_t rule);

}  // namespace stanch::detect::match
