#include "triage/scope/find.h"

#include <algorithm>
#include <set>

#include "triage/scope/limits.h"

namespace stanch::triage::scope {

namespace {

using Number = Links::Number;

constexpr size_t kMatchesMax = 1000;
constexpr size_t kNearMax = 5;

std::string lowered(std::string_view text) {
  std::string low(text);
  std::ranges::transform(low, low.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return low;
}

// Whether a text has the form of an entity's id: "<cloud>:<type>/…" or "ip/…". An ARN has not.
bool is_entity(const Links& links, Number number) {
  const std::string_view text = links.text(number);
  if (text.starts_with("ip/")) return true;
  const size_t colon = text.find(':'), slash = text.find('/');
  return colon != text.npos && slash != text.npos && colon > 0 && slash > colon + 1 &&
         text.find(':', colon + 1) >= slash && text.find(' ') == text.npos;
}

// The last part of an id, its escapes undone, in lower case.
std::string name_in(std::string_view id) {
  const std::string_view tail = id.substr(id.rfind('/') + 1);
  const auto digit = [](char c) {
    return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
  };
  std::string name;
  for (size_t i = 0; i < tail.size(); ++i) {
    const bool escape =
        tail[i] == '%' && i + 2 < tail.size() && digit(tail[i + 1]) >= 0 && digit(tail[i + 2]) >= 0;
    if (escape) {
      name += static_cast<char>(digit(tail[i + 1]) * 16 + digit(tail[i + 2]));
      i += 2;
    } else {
      name += tail[i];
    }
  }
  return lowered(name);
}

uint64_t events_of(const Links& links, Number number) {
  uint64_t events = 0;
  for (const Links::Edge& edge : links.out(number)) {
    if (edge.kind == EdgeKind::kActedIn) events += edge.tally->count;
  }
  for (const EdgeKind kind :
       {EdgeKind::kActsAs, EdgeKind::kUsedFrom, EdgeKind::kCreated, EdgeKind::kWrote,
        EdgeKind::kRead, EdgeKind::kDid, EdgeKind::kDenied, EdgeKind::kFailed}) {
    for (const Links::Edge& edge : links.in(number, kind)) events += edge.tally->count;
  }
  return events;
}

std::vector<Candidate> candidates(const Links& links, const std::set<Number>& numbers) {
  std::vector<Candidate> found;
  for (const Number number : numbers) {
    if (found.size() == kMatchesMax) break;
    found.push_back({std::string(links.text(number)), events_of(links, number)});
  }
  std::ranges::sort(found, [](const Candidate& a, const Candidate& b) {
    return a.events != b.events ? a.events > b.events : a.id < b.id;
  });
  return found;
}

// Entities of which records say this text under one of these words.
std::set<Number> said(const Links& links, std::string_view text,
                      std::initializer_list<std::string_view> words) {
  std::set<Number> found;
  const auto number = links.find(text);
  if (!number) return found;
  for (const Links::Edge& edge : links.in(*number, EdgeKind::kSays)) {
    if (std::ranges::find(words, links.text(edge.what)) != words.end()) found.insert(edge.from);
  }
  return found;
}

// Who is found needs no credential of theirs beside them.
void drop_credentials(const Links& links, std::set<Number>& found) {
  std::set<Number> theirs;
  for (const Number number : found) {
    for (const Links::Edge& edge : links.out(number, EdgeKind::kActsAs)) {
      if (found.contains(edge.to)) theirs.insert(number);
    }
  }
  for (const Number number : theirs) found.erase(number);
}

// Of several names of one person that where the others came from.
std::set<Number> one_a_person(const Lineage& lineage, const std::set<Number>& found) {
  std::set<Number> people;
  for (Number number : found) {
    for (size_t step = 0; step < kHopsMax; ++step) {
      const auto parents = lineage.parents(lineage.units().of(number));
      if (parents.empty() || parents.front().kind != LinkKind::kSamePerson) break;
      number = parents.front().parent;
    }
    people.insert(number);
  }
  return people;
}

// How many pairs of neighbouring letters two names share, of all they have: from 0 to 1.
double likeness(std::string_view a, std::string_view b) {
  if (a.size() < 2 || b.size() < 2) return 0;
  std::multiset<std::string_view> pairs;
  for (size_t i = 0; i + 1 < a.size(); ++i) pairs.insert(a.substr(i, 2));
  size_t shared = 0;
  for (size_t i = 0; i + 1 < b.size(); ++i) {
    if (const auto pair = pairs.find(b.substr(i, 2)); pair != pairs.end()) {
      pairs.erase(pair);
      ++shared;
    }
  }
  return 2.0 * static_cast<double>(shared) / static_cast<double>(a.size() + b.size() - 2);
}

std::vector<std::string> nearest(const Links& links, std::string_view text) {
  constexpr size_t kTextBytesCompared = 200;
  constexpr double kLeast = 0.4;
  const std::string wanted = lowered(text.substr(0, kTextBytesCompared));
  const std::string wanted_name = name_in(wanted);
  std::vector<std::pair<double, Number>> found;
  for (Number number = 1; number < links.size(); ++number) {
    if (!is_entity(links, number)) continue;
    const std::string_view id = links.text(number).substr(0, kTextBytesCompared);
    const double like = std::max(likeness(wanted_name, name_in(id)), likeness(wanted, lowered(id)));
    if (like >= kLeast) found.emplace_back(-like, number);
  }
  std::ranges::sort(found);
  std::vector<std::string> near;
  for (const auto& [like, number] : found) {
    if (near.size() == kNearMax) break;
    near.emplace_back(links.text(number));
  }
  return near;
}

}  // namespace

Lookup find_entity(const Links& links, std::string_view text, std::span<const std::string> ids,
                   const Lineage* lineage) {
  std::set<Number> found;
  const auto exact = links.find(text);
  if (exact && *exact != 0 && is_entity(links, *exact)) found.insert(*exact);
  if (found.empty()) found = said(links, text, {"arn", "principal-id"});
  const bool is_named = found.empty();
  if (is_named) {
    for (const std::string& id : ids) {
      if (const auto number = links.find(id); number && *number != 0) found.insert(*number);
    }
  }
  if (found.empty()) {
    const std::string wanted = lowered(text);
    for (Number number = 1; number < links.size(); ++number) {
      // A session of Google's ends in who began it.
      const bool is_session = links.text(number).contains(":session/");
      if (!is_session && is_entity(links, number) && name_in(links.text(number)) == wanted)
        found.insert(number);
    }
  }
  if (found.empty()) {
    found = said(links, text, {"session-name", "name", "source-identity"});
    drop_credentials(links, found);
  }
  if (found.empty()) return {{}, nearest(links, text)};
  if (is_named && lineage != nullptr) found = one_a_person(*lineage, found);
  // One credential under several names is one.
  const Units units(links);
  std::set<Number> distinct, seen;
  for (const Number number : found) {
    if (seen.insert(units.of(number)).second) distinct.insert(number);
  }
  return {candidates(links, distinct), {}};
}

}  // namespace stanch::triage::scope
