#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "detect/detect.h"
#include "detect/sigma/correlation.h"

namespace stanch::detect::sigma {

// A correlation whose own text was read. `file` outlives this.
struct ReadCorrelation {
  Correlation tree;
  const RuleText* file = nullptr;
  uint32_t report = 0;  // index of its RuleReport
  bool refused = false;
};

// What the ids and names of rules stand for: those that are loaded, and those that are not.
class RuleNames {
 public:
  struct Target {
    bool is_correlation = false;
    uint32_t index = 0;    // of the rule, or of the ReadCorrelation
    bool refused = false;  // a rule that is not loaded
  };
  // Either may be empty.
  void add(std::string_view id, std::string_view name, Target target);
  // Ids are compared without case, names as they are.
  std::vector<Target> find(const std::string& text) const;
  std::vector<std::string_view> known() const;

 private:
  std::map<std::string, std::vector<Target>> ids_, names_;
};

// Finds out which rules the correlations look at. Those that name what is not there, or refer to
// themselves, are reported and refused, and so are those that look at refused ones. The others
// come back in the order of `read`, which keeps their reports.
struct LinkedCorrelations {
  std::vector<Correlation> correlations;
  std::vector<uint32_t> report_of;
  std::vector<const RuleText*> files;
};
LinkedCorrelations link_correlations(std::vector<ReadCorrelation> read, const RuleNames& names,
                                     Diagnostics& diagnostics);

}  // namespace stanch::detect::sigma
