#include "detect/sigma/link_correlations.h"

#include <algorithm>
#include <utility>

#include "base/ascii.h"
#include "base/suggest.h"
#include "detect/sigma/limits.h"
#include "detect/sigma/reporter.h"

// A walk over the correlations, depth first: each is linked after those that it looks at, so
// that one that is met while it is being linked refers to itself.

namespace stanch::detect::sigma {

namespace links {

class Linker {
 public:
  Linker(std::vector<ReadCorrelation>& read, const RuleNames& names, Diagnostics& diagnostics)
      : read_(read), names_(names), diagnostics_(diagnostics), states_(read.size()) {}

  void link_all() {
    for (uint32_t i = 0; i < read_.size(); ++i) link(i);
  }
  bool is_linked(uint32_t index) const { return states_[index] == State::kLinked; }

 private:
  enum class State : uint8_t { kNew, kAtWork, kLinked, kRefused };

  void report(uint32_t index, Code code, At at, std::string message, std::string hint) {
    const RuleText& file = *read_[index].file;
    Reporter(file.path, file.text, diagnostics_)
        .report(code, at, std::move(message), std::move(hint));
  }

  void link(uint32_t index) {
    if (states_[index] != State::kNew) return;
    states_[index] = State::kAtWork;
    path_.push_back(index);
    bool good = !read_[index].refused;
    for (Reference& reference : read_[index].tree.rules) {
      good = link_reference(index, reference) && good;
    }
    path_.pop_back();
    // A cycle through it may have been found meanwhile.
    if (states_[index] != State::kAtWork) return;
    states_[index] = good ? State::kLinked : State::kRefused;
  }

  bool link_reference(uint32_t index, Reference& reference) {
    const std::vector<RuleNames::Target> targets = names_.find(reference.text);
    const auto unknown = [&](std::string message, std::string hint) {
      report(index, Code::kUnknownRule, reference.at, std::move(message), std::move(hint));
      return false;
    };
    if (targets.empty()) {
      return unknown("there is no rule '" + reference.text + "'",
                     did_you_mean(reference.text, names_.known(),
                                  "write the `name` or `id` of a rule that is loaded with it"));
    }
    if (targets.size() > 1) {
      return unknown(
          "'" + reference.text + "' is the name of " + std::to_string(targets.size()) + " rules",
          "refer to one by its `id`");
    }
    const RuleNames::Target& target = targets.front();
    reference.is_correlation = target.is_correlation;
    reference.index = target.index;
    if (!target.is_correlation) {
      return !target.refused || unknown("the rule '" + reference.text + "' is not loaded",
                                        "see what is said about it");
    }
    return link_correlation(index, reference, target.index);
  }

  bool link_correlation(uint32_t index, const Reference& reference, uint32_t target) {
    const auto in_path = std::ranges::find(path_, target);
    if (in_path != path_.end()) {
      std::string chain;
      for (auto step = in_path; step != path_.end(); ++step) {
        chain += read_[*step].tree.info.title + " -> ";
        states_[*step] = State::kRefused;
      }
      report(index, Code::kCorrelationCycle, reference.at,
             "the correlation refers to itself: " + chain + read_[target].tree.info.title,
             "leave one of them out");
      return false;
    }
    link(target);
    if (states_[target] != State::kLinked) {
      report(index, Code::kUnknownRule, reference.at,
             "the correlation '" + reference.text + "' is not loaded", "see what is said about it");
      return false;
    }
    Correlation& tree = read_[index].tree;
    tree.depth = std::max(tree.depth, read_[target].tree.depth + 1);
    if (tree.depth <= kCorrelationDepthMax) return true;
    report(index, Code::kTooLarge, reference.at,
           "more than " + std::to_string(kCorrelationDepthMax) + " correlations of correlations",
           "look at rules instead");
    return false;
  }

  std::vector<ReadCorrelation>& read_;
  const RuleNames& names_;
  Diagnostics& diagnostics_;
  std::vector<State> states_;
  std::vector<uint32_t> path_;  // those at work, the outermost first
};

}  // namespace links

void RuleNames::add(std::string_view id, std::string_view name, Target target) {
  if (!id.empty()) ids_[ascii_lower(id)].push_back(target);
  if (!name.empty()) names_[std::string(name)].push_back(target);
}

std::vector<RuleNames::Target> RuleNames::find(const std::string& text) const {
  if (const auto id = ids_.find(ascii_lower(text)); id != ids_.end()) return id->second;
  if (const auto name = names_.find(text); name != names_.end()) return name->second;
  return {};
}

std::vector<std::string_view> RuleNames::known() const {
  std::vector<std::string_view> known;
  for (const auto& [name, targets] : names_) known.push_back(name);
  for (const auto& [id, targets] : ids_) known.push_back(id);
  return known;
}

LinkedCorrelations link_correlations(std::vector<ReadCorrelation> read, const RuleNames& names,
                                     Diagnostics& diagnostics) {
  links::Linker linker(read, names, diagnostics);
  linker.link_all();
  LinkedCorrelations linked;
  std::vector<uint32_t> new_index(read.size());
  for (uint32_t i = 0; i < read.size(); ++i) {
    if (!linker.is_linked(i)) continue;
    new_index[i] = static_cast<uint32_t>(linked.correlations.size());
    linked.correlations.push_back(std::move(read[i].tree));
    linked.report_of.push_back(read[i].report);
    linked.files.push_back(read[i].file);
  }
  for (Correlation& correlation : linked.correlations) {
    for (Reference& reference : correlation.rules) {
      if (reference.is_correlation) reference.index = new_index[reference.index];
    }
  }
  return linked;
}

}  // namespace stanch::detect::sigma
