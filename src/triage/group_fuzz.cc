#include <cstdint>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "triage/grouper.h"

namespace stanch::triage {
namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

// The rest of the input, byte by byte; zeros after its end.
class Bytes {
 public:
  Bytes(const uint8_t* data, size_t size) : data_(data), size_(size) {}
  bool empty() const { return at_ == size_; }
  uint8_t next() { return at_ < size_ ? data_[at_++] : 0; }
  std::string text(std::string_view prefix, uint8_t kinds) {
    const uint8_t value = next();
    if (value % kinds == 0) return "";
    if (value == 255) {  // any bytes
      std::string any;
      for (size_t left = next(); left > 0 && !empty(); --left) any += static_cast<char>(next());
      return any;
    }
    return std::string(prefix) + std::to_string(value % kinds);
  }

 private:
  const uint8_t* data_;
  size_t size_, at_ = 0;
};

Finding read_finding(Bytes& bytes) {
  Finding one;
  one.id = "fnd-" + std::to_string(bytes.next()) + "." + std::to_string(bytes.next() % 4);
  one.rule = bytes.text("rule", 3);
  one.level = static_cast<model::Level>(bytes.next() % 5);
  const uint8_t time = bytes.next();
  if (time == 254) one.event_time = Time::max();
  if (time == 253) one.event_time = Time::min();
  if (time < 253) one.event_time = Time(std::chrono::hours(8) * time);
  one.actor = bytes.text("aws:user/1/", 9);
  one.issuer = bytes.text("aws:role/1/", 4);
  one.session_name = bytes.text("session", 8);
  one.on_behalf_of = bytes.text("person", 4);
  one.credential = bytes.text("aws:access-key/", 16);
  one.source = bytes.text("ip/192.0.2.", 4);
  for (size_t left = bytes.next() % 4; left > 0; --left) {
    one.targets.push_back(bytes.text(left % 2 == 0 ? "aws:bucket/" : "aws:user/1/", 9));
  }
  if (bytes.next() % 4 == 0) {
    one.minted.push_back({.entity = bytes.text("aws:access-key/", 16),
                          .session = "",
                          .principal = bytes.text("aws:user/1/", 9)});
  }
  return one;
}

// Small, so that forgetting happens.
GroupingContext context(uint8_t size) {
  const bool small = size % 2 == 0;
  return {.is_own_egress = [](std::string_view id) { return id == "ip/192.0.2.1"; },
          .limits = {.entities = small ? 16u : 1000u,
                     .incidents = small ? 4u : 1000u,
                     .findings = small ? 8u : 1000u}};
}

bool same(const Assignment& a, const Assignment& b) {
  return a.incident == b.incident && a.opens == b.opens && a.folded == b.folded &&
         a.because == b.because && a.merges.size() == b.merges.size();
}

void check_words(const Assignment& assignment) {
  require(!assignment.incident.empty() && !assignment.because.empty());
  require(!(assignment.opens && assignment.folded));
  require(assignment.merges.empty() || (!assignment.opens && !assignment.folded));
  for (const std::string& line : assignment.because) {
    for (const char c : line) require(c >= ' ' && c <= '~');
  }
  for (const Merge& merge : assignment.merges) {
    require(merge.absorbed != merge.into && merge.into == assignment.incident);
  }
}

}  // namespace
}  // namespace stanch::triage

// Findings, and what people do between them. Two groupers that are told the same say the same; a
// third one that only reads what a ledger would say of it says the same from then on, too, as long
// as nothing was forgotten.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace stanch;
  using namespace stanch::triage;
  Bytes bytes(data, size);
  const uint8_t limits = bytes.next();
  Grouper one(context(limits)), other(context(limits)), taught(context(limits));
  const size_t taught_until = bytes.next() % 32;
  std::vector<model::IncidentId> incidents = {model::IncidentId("inc-a"),
                                              model::IncidentId("inc-b")};
  const auto some = [&] { return incidents[bytes.next() % incidents.size()]; };
  const auto all = [&](auto act) {
    for (Grouper* grouper : {&one, &other, &taught}) act(*grouper);
  };
  for (size_t step = 0; !bytes.empty() && step < 200; ++step) {
    const uint8_t act = bytes.next();
    if (act < 200) {
      const Finding finding = read_finding(bytes);
      const Time now{std::chrono::hours(step)};
      const Assignment assigned = one.decide(finding, now);
      check_words(assigned);
      require(same(assigned, other.decide(finding, now)));
      if (step >= taught_until) {
        const Assignment again = taught.decide(finding, now);
        require(one.forgotten() + taught.forgotten() > 0 || same(assigned, again));
      } else {
        for (const Merge& merge : assigned.merges) taught.learn_merged(merge.absorbed, merge.into);
        if (!assigned.folded) taught.learn(finding, assigned.incident, now);
      }
      incidents.push_back(assigned.incident);
    } else if (act < 215) {
      const model::IncidentId absorbed = some(), into = some();
      all([&](Grouper& grouper) { grouper.learn_merged(absorbed, into); });
    } else if (act < 225) {
      const model::IncidentId from = some(), into = some();
      const std::string leaves[] = {read_finding(bytes).id};
      all([&](Grouper& grouper) { grouper.learn_split(from, into, leaves); });
    } else if (act < 235) {
      const model::IncidentId incident = some();
      all([&](Grouper& grouper) { grouper.learn_closed(incident); });
    } else if (act < 240) {
      const model::IncidentId incident = some();
      all([&](Grouper& grouper) { grouper.learn_reopened(incident); });
    } else {
      const Finding finding = read_finding(bytes);
      const model::IncidentId incident = some();
      all([&](Grouper& grouper) { grouper.learn(finding, incident, Time{}); });
    }
  }
  return 0;
}
