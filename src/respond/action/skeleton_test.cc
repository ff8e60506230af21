#include "respond/action/skeleton.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace stanch::respond {
namespace {

SkeletonRequest request() {
  return {.name = "aws.iam.deactivate-access-key",
          .target = "aws:access-key",
          .reads = {{"iam", "GetAccessKeyLastUsed"}, {"iam", "ListAccessKeys"}},
          .writes = {{"iam", "UpdateAccessKey"}}};
}

Diagnostics problems_of(const std::string& text) {
  Diagnostics diagnostics;
  EXPECT_FALSE(read_action("new.yaml", text, diagnostics));
  return diagnostics;
}

bool tells(const Diagnostics& diagnostics, std::string_view what) {
  return std::ranges::any_of(
      diagnostics, [&](const Diagnostic& diagnostic) { return diagnostic.message.contains(what); });
}

TEST(Skeleton, SaysByItsMistakesWhatIsToBeFilledIn) {
  const std::string text = skeleton(request());
  const Diagnostics diagnostics = problems_of(text);
  for (const Diagnostic& diagnostic : diagnostics) {
    EXPECT_NE(diagnostic.code->id, "ACT001") << to_text(diagnostic);
    EXPECT_NE(diagnostic.code->id, "ACT002") << to_text(diagnostic);
    EXPECT_NE(diagnostic.code->id, "ACT003") << to_text(diagnostic);
    EXPECT_NE(diagnostic.code->id, "ACT006") << to_text(diagnostic);
  }
  for (const char* what :
       {"'title' is empty", "'description' is empty", "'' is no phase", "'' is no class",
        "'' is no safe", "an expression belongs here", "the parameter 'AccessKeyId' is missing",
        "the parameter 'Status' is missing", "'undo' changes nothing", "undo would overwrite"}) {
    EXPECT_TRUE(tells(diagnostics, what)) << what;
  }
  EXPECT_TRUE(text.contains("    page: iam.ListAccessKeys\n"));
  EXPECT_TRUE(
      text.contains("  update_access_key:\n    call: iam.UpdateAccessKey\n"
                    "    # It needs AccessKeyId, Status.\n    # It takes UserName.\n"));
  EXPECT_TRUE(text.contains("region: global\n"));
}

TEST(Skeleton, OfOperationsNobodyKnowsSaysSo) {
  SkeletonRequest unknown = request();
  unknown.reads = {{"iam", "GetUser"}, {"iam", "GetUser"}};
  unknown.writes = {{"nobody", "DoesThis"}};
  const std::string text = skeleton(unknown);
  EXPECT_TRUE(tells(problems_of(text), "the table of operations has no nobody.DoesThis"));
  EXPECT_TRUE(text.contains("  get_user_2:\n"));
  EXPECT_TRUE(text.contains("region: target\n"));
}

TEST(Skeleton, WithoutCallsSaysSo) {
  EXPECT_TRUE(
      tells(problems_of(skeleton({.name = "aws.a", .target = "aws:user"})), "nothing is observed"));
}

TEST(Skeleton, TakesOperationsByServiceAndName) {
  for (const char* bad :
       {"", "iam", "iam.", ".GetUser", "iam.Get User", "iam.A.B", "iam.A\nb: c"}) {
    EXPECT_FALSE(find_operation_name(bad)) << bad;
  }
  const auto name = find_operation_name("iam.GetUser");
  ASSERT_TRUE(name);
  EXPECT_EQ(name->service, "iam");
  EXPECT_EQ(name->operation, "GetUser");
}

}  // namespace
}  // namespace stanch::respond
