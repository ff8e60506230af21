#include <gtest/gtest.h>

#include "codec/timestamp.h"
#include "normalize/aws_cloudtrail.h"

namespace stanch::normalize::aws {
namespace {

struct FoldCase {
  const char* name;
  const char* expected;
};

TEST(ApiVersion, IsFoldedOnlyWhereItIsOne) {
  const FoldCase cases[] = {
      {"Invoke20150331", "Invoke"},
      {"ListFunctions20150331v2", "ListFunctions"},
      {"UpdateFunctionCode20150331v2", "UpdateFunctionCode"},
      {"CreateFunction20150331", "CreateFunction"},
      {"AddPermission20150331v2", "AddPermission"},
      {"GetAccountSettings20160819", "GetAccountSettings"},
      {"CreateDistribution2020_05_31", "CreateDistribution"},
      {"CreateInvalidation2014_05_31", "CreateInvalidation"},
      {"Get_2020_05_31", "Get"},
      {"Invoke20150331v17", "Invoke"},
      // no versions
      {"", ""},
      {"GetUser", "GetUser"},
      {"ListObjectsV2", "ListObjectsV2"},
      {"PutEventsv2", "PutEventsv2"},
      {"20150331", "20150331"},
      {"Invoke20151331", "Invoke20151331"},
      {"Invoke20150332", "Invoke20150332"},
      {"Invoke20150300", "Invoke20150300"},
      {"Invoke19990331", "Invoke19990331"},
      {"Invoke120150331", "Invoke120150331"},
      {"Invoke20150331v123", "Invoke20150331v123"},
      {"Invoke20150331v", "Invoke20150331v"},
      {"0331", "0331"},
      {"v2", "v2"},
      {"7", "7"},
  };
  for (const FoldCase& c : cases) EXPECT_EQ(fold_api_version(c.name), c.expected) << c.name;
}

struct TimeCase {
  const char* text;
  const char* expected;  // "" if it is no time
};

TEST(AwsTime, ReadsTheThreeFormsOfCloudTrail) {
  const TimeCase cases[] = {
      {"2026-03-01T02:03:04Z", "2026-03-01T02:03:04Z"},
      {"2024-08-01T13:56:39.482702201Z", "2024-08-01T13:56:39.482702201Z"},
      {"20131102T010628Z", "2013-11-02T01:06:28Z"},
      {"Aug 1, 2024, 11:45:22 AM", "2024-08-01T11:45:22Z"},
      {"Aug 1, 2024 1:33:28 PM", "2024-08-01T13:33:28Z"},
      {"Aug 1, 2024, 12:00:00\u202f\x41M", "2024-08-01T00:00:00Z"},
      {"Dec 31, 2024, 12:59:59 PM", "2024-12-31T12:59:59Z"},
      {"Feb 29, 2024, 1:00:00 AM", "2024-02-29T01:00:00Z"},
      {"Feb 29, 2023, 1:00:00 AM", ""},
      {"Aug 1, 2024, 13:00:00 AM", ""},
      {"Aug 1, 2024, 0:00:00 AM", ""},
      {"Aug 1, 2024, 1:60:00 AM", ""},
      {"Aug 1, 2024, 1:00:00 XM", ""},
      {"Aug 1, 2024, 1:00:00 AM!", ""},
      {"Aug 1, 2024, 1:00 AM", ""},
      {"Aug 1 2024, 1:00:00 AM", ""},
      {"Aug 1, 2024;1:00:00 AM", ""},
      {"Foo 1, 2024, 1:00:00 AM", ""},
      {"Thu, 1 Nov 2018 22:00:00 GMT", "2018-11-01T22:00:00Z"},
      {"Mon, 02 Mar 2026 08:40:12 GMT", "2026-03-02T08:40:12Z"},
      {"Thu, 31 Nov 2018 22:00:00 GMT", ""},
      {"Thu, 1 Nov 2018 22:00:00 CET", ""},
      {"20131302T010628Z", ""},
      {"20131102T010628", ""},
      {"20131102T250628Z", ""},
      {"20131102T010628Z and more", ""},
      {"2026-03-01T02:03:04", ""},
      {"1722511821.123456", ""},
      {"2026-03-01", ""},
      {"", ""},
  };
  for (const TimeCase& c : cases) {
    std::optional<Time> time = parse_aws_time(c.text);
    EXPECT_EQ(time ? codec::format_timestamp(*time) : "", c.expected) << c.text;
  }
}

TEST(HiddenNames, AreNoNames) {
  EXPECT_TRUE(is_hidden("HIDDEN_DUE_TO_SECURITY_REASONS"));
  EXPECT_TRUE(is_hidden("****"));
  EXPECT_FALSE(is_hidden("hidden"));
  EXPECT_FALSE(is_hidden(""));
}

}  // namespace
}  // namespace stanch::normalize::aws
