#include "triage/assets.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <random>
#include <set>
#include <sstream>

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

// A key, or a bucket: whose account it is, only who asks may know.
TEST(Assets, WhatDoesNotSayWhereItIsBelongsToTheAccountThatIsSaid) {
  Diagnostics diagnostics;
  const Assets assets =
      of_yaml("assets:\n  - {account: '111122223333', environment: test}\n", diagnostics);
  EXPECT_FALSE(assets.find("aws:access-key/AKIAEXAMPLE"));
  EXPECT_EQ(assets.find("aws:access-key/AKIAEXAMPLE", "111122223333")->environment, "test");
  EXPECT_FALSE(assets.find("aws:access-key/AKIAEXAMPLE", "444455556666"));
  EXPECT_FALSE(assets.find("aws:bucket/111122223333"));
  EXPECT_FALSE(assets.find("aws:user/444455556666/eve", "111122223333")) << "it says where";
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
  EXPECT_EQ(
      codes,
      "004:5 003:6 005:7 005:8 004:10 002:11 002:12 004:13 004:13 004:13 004:13 002:13 002:15 "
      "001:18 002:2 001:2 ");
  EXPECT_EQ(assets.size(), 1u);
  EXPECT_TRUE(assets.find("aws:bucket/good"));
}

// A row that can fit nothing would be there for nothing; a member given twice means nobody knows
// what.
TEST(Assets, RefusesWhatCanFitNothingOrMeanTwoThings) {
  struct Case {
    const char *text, *codes;
  };
  for (const Case& given : {
           Case{"assets: [{match: orders}]", "004:1:18 "},
           {"assets: [{match: 'aws:secret/1/eu-west-1/my secret'}]", "004:1:18 "},
           {"assets: [{match: 'aws:secret/1/eu-west-1/my%20secret'}]", ""},
           {"assets: [{match: 'aws:user/1/\xc3\xa9ve'}]", "004:1:18 "},
           {"assets: [{match: ''}]", "004:1:18 "},
           {"assets: [{match: '*'}]", ""},
           {"assets: [{match: a/b, reaches: [a/c, 'arn:aws:s3:::x']}]", ""},
           {"assets: [{match: a/b, reaches: [a/*]}]", "004:1:32 "},
           {"assets: [{match: a/b, reaches: [c]}]", "004:1:32 "},
           {"assets: [{match: a/b, reaches: ['arn:x']}]", "004:1:32 "},
           {"assets: [{match: a/b, criticality: critical, criticality: low}]", "006:1:46 "},
           {"assets: [{match: a/b}]\nasset: [{match: a/c}]", "003:2:1 "},
           {"assets: [{match: a/b}]\nassets: [{match: a/c}]", "006:2:1 "},
       }) {
    Diagnostics diagnostics;
    const Assets assets = of_yaml(given.text, diagnostics);
    std::string codes;
    for (const Diagnostic& said : diagnostics) {
      codes += std::string(said.code->id.substr(3)) + ":" + std::to_string(said.place.line) + ":" +
               std::to_string(said.place.column) + " ";
    }
    EXPECT_EQ(codes, given.codes) << given.text;
    if (std::string(given.codes).starts_with("004") || std::string(given.text).contains("low")) {
      EXPECT_TRUE(assets.empty()) << given.text;
    }
  }
}

TEST(Assets, CsvSaysWhereInTheLine) {
  Diagnostics diagnostics;
  Assets assets;
  assets.add_csv("a.csv",
                 "match,owner,data\n"
                 "aws:bucket/a,\"two\nlines\",secret\n"
                 "aws:bucket/b,=cmd(),hush\n"
                 "orders,me,public\n"
                 "aws:bucket/c,\"open\n",
                 diagnostics);
  std::string places;
  for (const Diagnostic& said : diagnostics) {
    places += std::to_string(said.place.line) + ":" + std::to_string(said.place.column) + " ";
    EXPECT_FALSE(to_text(said).contains('\x1b'));
  }
  EXPECT_EQ(places, "6:14 3:8 4:21 5:1 ");
  EXPECT_TRUE(assets.empty());
}

// Whatever stands in the file, a terminal gets none of its control characters.
TEST(Assets, ComplaintsAreInert) {
  Diagnostics diagnostics;
  Assets assets;
  assets.add_csv("a\x1b[2J.csv", "match,data\n\x1b]0;x\a,\xc2\x9b\x1b[31m\n\x08,\x7f\n",
                 diagnostics);
  assets.add_csv("b.csv", "\x1b[31m,match\n", diagnostics);
  assets.add_yaml("c.yaml", "assets: [{match: \"\\e[2J\", \"\\e]\": 1, data: \"\\x9b\"}]\n",
                  diagnostics);
  EXPECT_GE(diagnostics.size(), 6u);
  for (const Diagnostic& said : diagnostics) {
    const std::string text = to_text(said);
    EXPECT_FALSE(text.contains("\xc2\x9b")) << text;
    for (const char c : text) {
      const auto byte = static_cast<unsigned char>(c);
      EXPECT_TRUE(byte == '\n' || (byte >= 0x20 && byte != 0x7f)) << text;
    }
  }
  EXPECT_TRUE(assets.empty());
}

// The inventory that is shipped says nothing; its example, uncommented, is one that loads.
TEST(Assets, TheShippedInventoryAndItsExampleLoad) {
  std::ifstream file(std::string(STANCH_SOURCE_DIR) + "/content/assets/assets.yaml");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  Diagnostics diagnostics;
  EXPECT_TRUE(of_yaml(text, diagnostics).empty());
  EXPECT_TRUE(diagnostics.empty());
  std::string example, line;
  for (std::istringstream lines(text); std::getline(lines, line);) {
    if (line == "# assets:" || line.starts_with("#   ")) example += line.substr(2) + "\n";
  }
  const Assets assets = of_yaml(example, diagnostics);
  for (const Diagnostic& said : diagnostics) ADD_FAILURE() << to_text(said);
  EXPECT_EQ(assets.size(), 3u);
  const auto orders = assets.find("aws:db/111122223333/eu-west-1/orders");
  ASSERT_TRUE(orders);
  EXPECT_EQ(orders->criticality, Criticality::kCritical);
  EXPECT_EQ(assets.find("aws:role/111122223333/admin")->privilege, "administrator");
}

// A name must not make a thing look like one of a test account.
TEST(Assets, AnAccountIsAScopeAndNeverAName) {
  Diagnostics diagnostics;
  const Assets assets =
      of_yaml("assets: [{account: '444455556666', environment: test}]", diagnostics);
  for (const char* inside :
       {"aws:account/444455556666", "aws:root/444455556666", "aws:user/444455556666/eve",
        "aws:secret/444455556666/eu-west-1/x", "aws:ecs-task/444455556666/eu-west-1/c/t"}) {
    EXPECT_TRUE(assets.find(inside)) << inside;
  }
  for (const char* outside :
       {"aws:role/111122223333/444455556666", "aws:bucket/444455556666",
        "aws:secret/111122223333/eu-west-1/444455556666", "aws:bucket/aws-cn/444455556666",
        "aws:ecs-task/111122223333/444455556666/c/t", "aws:saml-user/444455556666/eve",
        "aws:web-identity/444455556666/eve", "aws:session/111122223333/r/444455556666",
        "aws:user/4444555566667/eve", "444455556666", "", "/", "aws:user/44445555666/eve"}) {
    EXPECT_FALSE(assets.find(outside)) << outside;
  }
}

TEST(Assets, RowsMayAddToButNotContradictEachOther) {
  Diagnostics diagnostics;
  const Assets assets = of_yaml(R"(assets:
  - {match: aws:bucket/a, owner: me}
  - {match: aws:bucket/a, data: restricted}
  - {match: aws:bucket/a, owner: me}
  - {match: aws:bucket/a, owner: you}
  - {match: "aws:bucket/*", owner: all, on_call: "1", environment: x, data: public, criticality: low, protected: true, reaches: [aws:bucket/a]}
  - {match: "aws:bucket/*", on_call: "2"}
  - {match: "aws:bucket/*", environment: y}
  - {match: "aws:bucket/*", data: internal}
  - {match: "aws:bucket/*", criticality: high}
  - {match: "aws:bucket/*", protected: false}
  - {match: "aws:bucket/*", reaches: [aws:bucket/b]}
  - {account: aws, owner: "1"}
  - {account: aws, owner: "2"}
)",
                                diagnostics);
  std::string lines;
  for (const Diagnostic& diagnostic : diagnostics) {
    EXPECT_EQ(diagnostic.code->name, "table-twice");
    lines += std::to_string(diagnostic.place.line) + " ";
  }
  EXPECT_EQ(lines, "5 7 8 9 10 11 12 14 ");
  EXPECT_EQ(assets.find("aws:bucket/a")->owner, "me");
  EXPECT_EQ(assets.find("aws:bucket/a")->data, "restricted");
  EXPECT_EQ(assets.find("aws:bucket/a")->on_call, "1");
}

// What spreadsheets do to a file.
TEST(Assets, CsvOfASpreadsheet) {
  Diagnostics diagnostics;
  Assets assets;
  assets.add_csv("a.csv", "\xEF\xBB\xBFmatch,owner\r\naws:bucket/a,me\r\n", diagnostics);
  EXPECT_TRUE(diagnostics.empty());
  EXPECT_EQ(assets.find("aws:bucket/a")->owner, "me");
  assets.add_yaml("a.yaml",
                  "\xEF\xBB\xBF"
                  "assets: [{match: aws:bucket/b}]",
                  diagnostics);
  EXPECT_TRUE(diagnostics.empty());
  EXPECT_TRUE(assets.find("aws:bucket/b"));
  struct Case {
    const char* text;
    const char* message;
  };
  for (const Case& wrong :
       {Case{"match;owner\na;b\nc;d\n", "there is no column 'match;owner'"},
        Case{"match,owner,owner\na,b,c\n", "two columns are 'owner'"},
        Case{"match,colour\na,b\nc,d\n", "there is no column 'colour'"},
        Case{"match,owner\naws:bucket/a,M\xfcller\n", "the file is not UTF-8"},
        Case{"account\n12345678901\n", "'12345678901' is no value of account"},
        Case{"account\n1.11122E+11\n", "'1.11122E+11' is no value of account"}}) {
    Diagnostics said;
    Assets none;
    none.add_csv("b.csv", wrong.text, said);
    ASSERT_EQ(said.size(), 1u) << wrong.text;
    EXPECT_EQ(said[0].message, wrong.message);
    EXPECT_TRUE(none.empty());
  }
}

// Every way in which a star may be read.
bool fits_naively(std::string_view pattern, std::string_view text) {
  if (pattern.empty()) return text.empty();
  if (pattern[0] == '*') {
    return fits_naively(pattern.substr(1), text) ||
           (!text.empty() && fits_naively(pattern, text.substr(1)));
  }
  return !text.empty() && pattern[0] == text[0] && fits_naively(pattern.substr(1), text.substr(1));
}

// The index against the rows read one by one, as docs/formats/assets.md tells it.
TEST(Assets, FindIsWhatReadingAllRowsGives) {
  std::mt19937_64 random(7);
  const auto pick = [&](auto&... texts) {
    const std::string all[] = {texts...};
    return all[random() % std::size(all)];
  };
  for (int round = 0; round < 500; ++round) {
    std::vector<std::pair<std::string, std::string>> rows;  // match or account, owner
    std::string csv = "match,account,owner\n";
    std::set<std::string> seen;
    for (int i = 0; i < 8; ++i) {
      const std::string match =
          "aws:" + pick("a", "*", "b") + "/" + pick("1", "2", "*") + pick("", "/x", "/*", "/x*y");
      const bool account = random() % 4 == 0;
      const std::string what = account ? pick("1", "2", "x") : match;
      if (!seen.insert(what).second) continue;
      rows.emplace_back(what, "o" + std::to_string(i));
      csv += (account ? "," + what : what + ",") + ",o" + std::to_string(i) + "\n";
    }
    Diagnostics diagnostics;
    Assets assets;
    assets.add_csv("a.csv", csv, diagnostics);
    ASSERT_TRUE(diagnostics.empty());
    const std::string entity =
        "aws:" + pick("a", "b") + "/" + pick("1", "2", "x") + pick("", "/x", "/xy", "/1");
    // Naively: the best row by (exact, literal characters), then an account, the first of equals.
    std::string owner;
    int best = -1;
    for (const auto& [what, name] : rows) {
      int worth = -1;
      if (what.starts_with("aws:")) {
        if (!fits_naively(what, entity)) continue;
        const auto stars = std::ranges::count(what, '*');
        worth = static_cast<int>(what.size()) - static_cast<int>(stars) + (stars == 0 ? 1000 : 1);
      } else if (entity.find("/" + what + "/") == 5) {
        worth = 0;
      }
      if (worth > best) {
        best = worth;
        owner = name;
      }
    }
    const auto found = assets.find(entity);
    ASSERT_EQ(found.has_value(), best >= 0) << csv << entity;
    ASSERT_EQ(found ? found->owner : "", owner) << csv << entity;
  }
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
