#include "detect/sigma/correlation.h"

namespace stanch::detect::sigma {

std::vector<bool> find_shown(std::span<const Correlation> correlations, size_t rules) {
  std::vector<bool> hidden(rules + correlations.size()), generated(hidden.size());
  for (const Correlation& correlation : correlations) {
    for (const Reference& reference : correlation.rules) {
      const size_t index = reference.index + (reference.is_correlation ? rules : 0);
      (correlation.generate ? generated : hidden)[index] = true;
    }
  }
  std::vector<bool> shown(hidden.size());
  for (size_t i = 0; i < shown.size(); ++i) shown[i] = generated[i] || !hidden[i];
  return shown;
}

}  // namespace stanch::detect::sigma
