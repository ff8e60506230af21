#pragma once

#include <vector>

#include "base/time.h"

// Sets of moments, as spans of time.

namespace stanch::learn {

struct Span {
  Time from{}, to{};  // without `to`
  bool operator==(const Span&) const = default;
};

// The moments of any of them, as spans that are sorted and apart; empty and turned ones are left
// out.
std::vector<Span> united(std::vector<Span> spans);

// Of two such sets.
std::vector<Span> without(const std::vector<Span>& spans, const std::vector<Span>& taken);
std::vector<Span> within(const std::vector<Span>& spans, Span whole);

Duration length_of(const std::vector<Span>& spans);

}  // namespace stanch::learn
