#include "learn/spans.h"

#include <algorithm>

namespace stanch::learn {

std::vector<Span> united(std::vector<Span> spans) {
  std::erase_if(spans, [](const Span& span) { return span.to <= span.from; });
  std::ranges::sort(spans, {}, &Span::from);
  std::vector<Span> apart;
  for (const Span& span : spans) {
    if (!apart.empty() && span.from <= apart.back().to) {
      apart.back().to = std::max(apart.back().to, span.to);
    } else {
      apart.push_back(span);
    }
  }
  return apart;
}

std::vector<Span> without(const std::vector<Span>& spans, const std::vector<Span>& taken) {
  std::vector<Span> left;
  for (Span span : spans) {
    for (const Span& gap : taken) {
      if (gap.to <= span.from || gap.from >= span.to) continue;
      if (gap.from > span.from) left.push_back({span.from, gap.from});
      span.from = gap.to;
      if (span.from >= span.to) break;
    }
    if (span.from < span.to) left.push_back(span);
  }
  return left;
}

std::vector<Span> within(const std::vector<Span>& spans, Span whole) {
  std::vector<Span> inside;
  for (const Span& span : spans) {
    const Span cut{std::max(span.from, whole.from), std::min(span.to, whole.to)};
    if (cut.from < cut.to) inside.push_back(cut);
  }
  return inside;
}

Duration length_of(const std::vector<Span>& spans) {
  Duration length{};
  for (const Span& span : spans) length += span.to - span.from;
  return length;
}

}  // namespace stanch::learn
