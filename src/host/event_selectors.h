#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "codec/json_value.h"

// What a trail of CloudTrail records, by its event selectors: the answer to GetEventSelectors,
// judged. Pure; the answer is foreign, and what of it is not understood is unknown, never off.

namespace stanch::host {

// How much of it. In this order: of two trails, or two selectors, the greater counts.
enum class Share : uint8_t { kNone, kUnknown, kSome, kAll };
std::string_view name_of(Share share);  // "off", "unknown", "some", "all"

// Events that only read, and those that write, of one kind.
struct ReadsAndWrites {
  Share reads = Share::kNone, writes = Share::kNone;

  Share whole() const;  // of both together
};

struct Recorded {
  ReadsAndWrites management;
  // Sources whose management events are left out: "kms.amazonaws.com". Only these two may be, and
  // many do, so that management counts as recorded without them.
  std::set<std::string> management_without;
  // Data events by type of resource: "AWS::S3::Object". What is not named is as `other_data`.
  std::map<std::string, ReadsAndWrites, std::less<>> data;
  ReadsAndWrites other_data;

  ReadsAndWrites data_of(std::string_view type) const;
  void add(const Recorded& other);    // what both record together
  Recorded at_most(Share cap) const;  // for trails of which it is not known whether they record
  Recorded data_only() const;
};

inline constexpr std::string_view kS3Objects = "AWS::S3::Object";
inline constexpr std::string_view kLambdaFunctions = "AWS::Lambda::Function";

// Of nobody knows which selectors.
Recorded unknown_recorded();
// Of an answer to GetEventSelectors.
Recorded recorded_by(const codec::JsonValue& selectors);

}  // namespace stanch::host
