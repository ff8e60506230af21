#include "learn/spans.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <set>

namespace stanch::learn {
namespace {

Time at(int64_t tick) { return Time(Duration(tick)); }

std::vector<Span> drawn_spans() {
  const auto ends = *rc::gen::container<std::vector<std::pair<uint8_t, uint8_t>>>(
      rc::gen::pair(rc::gen::inRange<uint8_t>(0, 60), rc::gen::inRange<uint8_t>(0, 60)));
  std::vector<Span> spans;
  for (const auto& [from, to] : ends) spans.push_back({at(from), at(to)});
  return spans;
}

// The second opinion: moment by moment.
std::set<int64_t> moments(const std::vector<Span>& spans) {
  std::set<int64_t> found;
  for (const Span& span : spans) {
    for (Time t = span.from; t < span.to; t += Duration(1))
      found.insert(t.time_since_epoch().count());
  }
  return found;
}

bool are_apart(const std::vector<Span>& spans) {
  for (size_t i = 0; i < spans.size(); ++i) {
    if (spans[i].from >= spans[i].to) return false;
    if (i > 0 && spans[i - 1].to > spans[i].from) return false;
  }
  return true;
}

RC_GTEST_PROP(SpansProperty, AgreeWithTheirMoments, ()) {
  const std::vector<Span> drawn = drawn_spans();
  const std::vector<Span> spans = united(drawn), taken = united(drawn_spans());
  const Span whole{at(*rc::gen::inRange(0, 30)), at(*rc::gen::inRange(30, 60))};
  RC_ASSERT(are_apart(spans));
  RC_ASSERT(moments(spans) == moments(drawn));
  RC_ASSERT(length_of(spans).count() == static_cast<int64_t>(moments(drawn).size()));

  const std::vector<Span> left = without(spans, taken);
  RC_ASSERT(are_apart(left));
  std::set<int64_t> wanted = moments(spans);
  for (const int64_t moment : moments(taken)) wanted.erase(moment);
  RC_ASSERT(moments(left) == wanted);

  const std::vector<Span> inside = within(spans, whole);
  std::erase_if(wanted = moments(spans),
                [&](int64_t moment) { return at(moment) < whole.from || at(moment) >= whole.to; });
  RC_ASSERT(are_apart(inside));
  RC_ASSERT(moments(inside) == wanted);
}

TEST(Spans, MayHaveNoEnd) {
  const std::vector<Span> spans = united({{at(5), Time::max()}, {at(1), at(2)}});
  EXPECT_EQ(within(spans, {at(0), at(10)}), (std::vector<Span>{{at(1), at(2)}, {at(5), at(10)}}));
}

}  // namespace
}  // namespace stanch::learn
