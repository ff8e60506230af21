#include "triage/assets.h"

#include <gtest/gtest.h>

namespace stanch::triage {
namespace {

Assets of_yaml(const std::string& text, Diagnostics& diagnostics) {
  Assets assets;
  assets.add_yaml("assets/a.yaml", text, diagnostics);
  return assets;
}

TEST(Assets, TheMostSpecificRowWinsMemberByMember) {
  Diagnostics diagnostics;
  const Assets assets = of_yaml(R"(
assets:
  - account: "111122223333"
    environment: test
    criticality: low
    owner: everybody
  - match: aws:db/111122223333/*
    criticality: high
  - match: aws:db/111122223333/eu-west-1/orders
    criticality: critical
    data: restricted
    on_call: "+49 30 1234"
  - match: aws:db/111122223333/eu-west-1/*
    environment: production
)",
                                diagnostics);
  ASSERT_TRUE(diagnostics.empty()) << to_text(diagnostics[0]);
  const auto orders = assets.find("aws:db/111122223333/eu-west-1/orders");
  ASSERT_TRUE(orders);
  EXPECT_EQ(orders->criticality, Criticality::kCritical);
  EXPECT_EQ(orders->environment, "production");
  EXPECT_EQ(orders->owner, "everybody");
  EXPECT_EQ(orders->data, "restricted");
  EXPECT_EQ(assets.find("aws:db/111122223333/us-east-1/x")->criticality, Criticality::kHigh);
  EXPECT_EQ(assets.find("aws:user/111122223333/eve")->criticality, Criticality::kLow);
  EXPECT_EQ(assets.find("aws:account/111122223333")->owner, "everybody");
  EXPECT_FALSE(assets.find("aws:user/999999999999/eve"));
  EXPECT_FALSE(assets.find("aws:user/1111222233334444/eve"));
}

TEST(Assets, AnArnMeansTheEntitiesThatItNames) {
  Diagnostics diagnostics;
  const Assets assets = of_yaml(R"(
assets:
  - {match: "arn:aws:iam::111122223333:role/deploy-*", owner: platform}
  - {match: "arn:aws:s3:::ledger", owner: finance, reaches: ["arn:aws:s3:::copy"], protected: true}
)",
                                diagnostics);
  ASSERT_TRUE(diagnostics.empty()) << to_text(diagnostics[0]);
  EXPECT_EQ(assets.find("aws:role/111122223333/deploy-prod")->owner, "platform");
  EXPECT_FALSE(assets.find("aws:role/111122223333/other"));
  const auto ledger = assets.find("aws:bucket/ledger");
  ASSERT_TRUE(ledger);
  EXPECT_EQ(ledger->reaches, std::vector<std::string>{"aws:bucket/copy"});
  EXPECT_EQ(ledger->is_protected, true);
}

TEST(Assets, CsvSaysTheSame) {
  Diagnostics diagnostics;
  Assets assets;
  assets.add_csv("a.csv",
                 "match,owner,criticality,reaches\r\n"
                 "aws:bucket/x,\"Smith, \"\"Al\"\"\",high,aws:bucket/y aws:bucket/z\r\n"
                 "\n"
                 "aws:bucket/w,\"=cmd()\n2nd line\",,\n",
                 diagnostics);
  ASSERT_TRUE(diagnostics.empty()) << to_text(diagnostics[0]);
  EXPECT_EQ(assets.size(), 2u);
  EXPECT_EQ(assets.find("aws:bucket/x")->owner, "Smith, \"Al\"");
  EXPECT_EQ(assets.find("aws:bucket/x")->reaches,
            (std::vector<std::string>{"aws:bucket/y", "aws:bucket/z"}));
  EXPECT_EQ(assets.find("aws:bucket/w")->owner, "=cmd()\n2nd line");
  EXPECT_FALSE(assets.find("aws:bucket/w")->criticality);
}

// All problems at once; what is right is there all the same.
TEST(Assets, SayAllThatIsWrong) {
  Diagnostics diagnostics;
  Assets assets = of_yaml(R"(assets:
  - match: aws:bucket/good
    owner: me
  - match: aws:bucket/a
    criticality: terrible
    colour: red
  - owner: nobody
  - match: aws:bucket/b
    account: "1"
  - match: "arn:nonsense"
  - match: [1]
  - just text
  - {match: x, data: secret, protected: maybe, privilege: king, reaches: y}
---
other: 1
---
a: [
)",
                          diagnostics);
  assets.add_csv("a.csv", "match,owner\nx\n", diagnostics);
  assets.add_csv("b.csv", "match,owner\nx,\"open\n", diagnostics);
  assets.add_csv("c.csv", "", diagnostics);
  std::string codes;
  for (const Diagnostic& diagnostic : diagnostics) {
    codes += std::string(diagnostic.code->id.substr(3)) + ":" +
             std::to_string(diagnostic.place.line) + " ";
  }
  EXPECT_EQ(codes,
            "004:5 003:6 005:7 005:8 004:10 002:11 002:12 004:13 004:13 004:13 002:13 002:15 "
            "001:18 002:2 001:2 ");
  EXPECT_EQ(assets.size(), 1u);
  EXPECT_TRUE(assets.find("aws:bucket/good"));
}

TEST(Assets, StarsMatchAnyRun) {
  struct Case {
    const char *pattern, *text;
    bool fits;
  };
  for (const Case& given : {Case{"a*c", "abbc", true},
                            {"a*c", "ac", true},
                            {"a*c", "acb", false},
                            {"*", "", true},
                            {"*b*b*", "abab", true},
                            {"*b*b*", "ab", false},
                            {"a", "ab", false},
                            {"**", "x", true}}) {
    Diagnostics diagnostics;
    const Assets assets =
        of_yaml("assets: [{match: \"" + std::string(given.pattern) + "\"}]", diagnostics);
    EXPECT_EQ(assets.find(given.text).has_value(), given.fits) << given.pattern << given.text;
  }
}

}  // namespace
}  // namespace stanch::triage
