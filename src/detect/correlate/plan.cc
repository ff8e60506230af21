#include "detect/correlate/plan.h"

#include <algorithm>
#include <numeric>

#include "base/check.h"

namespace stanch::detect::correlate {

namespace {

uint32_t index_in(std::vector<std::string>& names, const std::string& name) {
  const auto found = std::ranges::find(names, name);
  if (found != names.end()) return static_cast<uint32_t>(found - names.begin());
  names.push_back(name);
  return static_cast<uint32_t>(names.size() - 1);
}

std::vector<std::string> fields_of(const sigma::Reference& reference, const std::string& name) {
  const auto alias = std::ranges::find(reference.aliases, name, &sigma::Alias::name);
  return alias != reference.aliases.end() ? alias->fields : std::vector<std::string>{name};
}

bool has_not(const sigma::Condition& condition) {
  return condition.kind == sigma::Condition::Kind::kNot ||
         std::ranges::any_of(condition.children, has_not);
}

bool is_at_close(const sigma::Correlation& tree) {
  using enum sigma::Bound::Operator;
  if (sigma::is_learning(tree.type)) return false;
  return (tree.expression && has_not(*tree.expression)) ||
         std::ranges::any_of(tree.bounds, [](const sigma::Bound& bound) {
           return bound.op != kGt && bound.op != kGte;
         });
}

}  // namespace

Plan make_plan(std::span<const sigma::Correlation> correlations, size_t rules) {
  Plan plan;
  plan.rule_feeds.resize(rules);
  plan.rule_fields.resize(rules);
  for (const sigma::Correlation& tree : correlations) {
    Compiled& compiled = plan.correlations.emplace_back();
    compiled.tree = tree;
    compiled.names = tree.group_by;
    // A field may be grouped by and counted: it then has two places.
    compiled.names.insert(compiled.names.end(), tree.fields.begin(), tree.fields.end());
    compiled.at_close = is_at_close(tree);
    for (const sigma::Bound& bound : tree.bounds) {
      const auto number = parse_fixed(bound.number);
      CHECK(number);
      compiled.bounds.push_back(*number);
    }
    if (compiled.is_about_news()) {
      compiled.seldom =
          compiled.bounds.empty() ? 1 : static_cast<size_t>(compiled.bounds.front() / kFixedOne);
    }
  }
  // The outer ones first, so that all are known that ask an inner one for fields.
  std::vector<uint32_t> order(correlations.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, std::ranges::greater(),
                           [&](uint32_t index) { return correlations[index].depth; });
  for (const uint32_t index : order) {
    const sigma::Correlation& tree = correlations[index];
    for (uint32_t slot = 0; slot < tree.rules.size(); ++slot) {
      const sigma::Reference& reference = tree.rules[slot];
      Compiled* inner = reference.is_correlation ? &plan.correlations[reference.index] : nullptr;
      std::vector<std::string>& fields =
          inner != nullptr ? inner->names : plan.rule_fields[reference.index];
      Feed feed{index, slot, {}};
      for (const std::string& name : plan.correlations[index].names) {
        std::vector<uint32_t>& places = feed.values.emplace_back();
        for (const std::string& field : fields_of(reference, name)) {
          places.push_back(index_in(fields, field));
        }
      }
      (inner != nullptr ? inner->feeds : plan.rule_feeds[reference.index])
          .push_back(std::move(feed));
    }
  }
  return plan;
}

std::vector<Plan> split(const Plan& plan, size_t parts) {
  CHECK(parts > 0);
  // Each correlation leads to the outermost of those that it is asked by, and these to one of them.
  std::vector<uint32_t> leads_to(plan.correlations.size());
  std::iota(leads_to.begin(), leads_to.end(), 0);
  const auto first_of = [&](uint32_t correlation) {
    while (leads_to[correlation] != correlation) correlation = leads_to[correlation];
    return correlation;
  };
  for (uint32_t inner = 0; inner < plan.correlations.size(); ++inner) {
    for (const Feed& feed : plan.correlations[inner].feeds) {
      leads_to[first_of(inner)] = first_of(feed.correlation);
    }
  }
  std::vector<size_t> part_of(plan.correlations.size());
  size_t together = 0;
  for (uint32_t i = 0; i < part_of.size(); ++i) {
    if (first_of(i) == i) part_of[i] = together++ % parts;
  }
  std::vector<Plan> plans(parts, plan);
  for (size_t part = 0; part < parts; ++part) {
    for (std::vector<Feed>& feeds : plans[part].rule_feeds) {
      std::erase_if(feeds,
                    [&](const Feed& feed) { return part_of[first_of(feed.correlation)] != part; });
    }
  }
  return plans;
}

}  // namespace stanch::detect::correlate
