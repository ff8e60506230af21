#include "cloud/shown_text.h"

#include <algorithm>

namespace stanch::cloud {

std::string shown_text(std::string_view text, const std::vector<std::string>& secrets) {
  constexpr size_t kCharsMax = 300;
  for (const std::string& secret : secrets) {
    if (!secret.empty() && text.contains(secret)) return "(not shown: there is a secret in it)";
  }
  std::string shown(text.substr(0, kCharsMax));
  for (char& c : shown) c = c < ' ' || c > '~' ? '?' : c;
  return shown;
}

}  // namespace stanch::cloud
