#pragma once

#include <string_view>

// Rules for tests of whole scans: one is a finding only through its correlations, and one is hidden
// now and then by a filter.

namespace stanch::pipeline {

inline constexpr std::string_view kCorrelatedRules = R"(
title: Trails were looked at
name: looked_at_trails
logsource: {product: aws, service: cloudtrail}
detection: {s: {eventName: DescribeTrails}, condition: s}
---
title: Trails were looked at again and again
correlation:
  type: event_count
  rules: looked_at_trails
  group-by: [userIdentity.userName]
  timespan: 20s
  condition: {gte: 2}
---
title: No trail was looked at twice
correlation:
  type: event_count
  rules: looked_at_trails
  group-by: [userIdentity.userName]
  timespan: 5s
  condition: {lt: 2}
---
title: Trails may be deleted on even seconds
logsource: {product: aws}
stanch: {owner: ann, reason: a test, expires: 2027-01-01}
filter: {rules: [other_names], even: {eventTime|endswith: ['0Z', '2Z', '4Z']}, condition: not even}
---
title: Something else was asked
name: other_names
logsource: {product: aws, service: cloudtrail}
detection: {s: {eventName: [DescribeTrails, ListTrails, GetTrailStatus]}, condition: s}
)";

}  // namespace stanch::pipeline
