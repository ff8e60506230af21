#include "base/result.h"

#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <vector>

namespace stanch {
namespace {

Result<int> half_of(int number) {
  if (number % 2 != 0) return Error(ErrorCode::kInvalid, "odd");
  return number / 2;
}

Result<> check_even(int number) {
  TRY(half_of(number));
  return {};
}

Result<std::string> describe_quarter(int number) {
  TRY(const int half, half_of(number));
  TRY(check_even(half));
  TRY(auto quarter, half_of(half));
  return std::to_string(quarter);
}

TEST(Result, HoldsAValueOrAnError) {
  Result<int> good = half_of(4);
  ASSERT_TRUE(good.has_value());
  EXPECT_TRUE(static_cast<bool>(good));
  EXPECT_EQ(*good, 2);
  EXPECT_EQ(good.value(), 2);

  const Result<int> wrong = half_of(3);
  EXPECT_FALSE(wrong.has_value());
  EXPECT_EQ(wrong.error().code(), ErrorCode::kInvalid);
  EXPECT_EQ(wrong.error().message(), "odd");

  EXPECT_TRUE(check_even(2).has_value());
  EXPECT_FALSE(check_even(1).has_value());
}

TEST(Result, TryHandsErrorsOn) {
  EXPECT_EQ(describe_quarter(8).value(), "2");
  EXPECT_EQ(describe_quarter(6).error().message(), "odd");
  EXPECT_EQ(describe_quarter(5).error().message(), "odd");
}

TEST(Result, CarriesWhatCannotBeCopied) {
  Result<std::unique_ptr<int>> result = std::make_unique<int>(7);
  EXPECT_EQ(**result, 7);
  const std::unique_ptr<int> taken = *std::move(result);
  EXPECT_EQ(*taken, 7);
}

TEST(ResultDeathTest, AskingForWhatIsNotThereEndsUs) {
  EXPECT_DEATH((void)half_of(3).value(), "has_value");
  EXPECT_DEATH((void)half_of(4).error(), "has_value");
  EXPECT_DEATH(check_even(3).value(), "has_value");
}

TEST(Error, GainsContextOnTheWayUp) {
  const Error error = Error(ErrorCode::kDenied, "no permission").within("a.json").within("scan");
  EXPECT_EQ(error.message(), "scan: a.json: no permission");
  EXPECT_EQ(error.code(), ErrorCode::kDenied);
}

TEST(ErrorCode, HasANameForEach) {
  std::set<std::string_view> names;
  for (int code = 0; code <= static_cast<int>(ErrorCode::kCorrupt); ++code) {
    names.insert(name_of(static_cast<ErrorCode>(code)));
  }
  EXPECT_EQ(names,
            (std::set<std::string_view>{"invalid", "not_found", "conflict", "denied", "unavailable",
                                        "throttled", "unknown_outcome", "corrupt"}));
}

}  // namespace
}  // namespace stanch
