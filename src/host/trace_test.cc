// Stories, each from what was touched to the first credential: tests/golden/trace/<story>/ holds
// the events, what is traced (`entity`), and the trace as people (`trace.txt`), programs
// (`trace.json`), diagrams and spreadsheets get it. STANCH_UPDATE=1 writes these anew, to be
// reviewed as code.

#include "host/trace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "codec/json.h"
#include "codec/utf8.h"
#include "env/os/os.h"
#include "pipeline/output/text.h"
#include "pipeline/output/trace/trace_writer.h"

namespace stanch::host {
namespace {

namespace fs = std::filesystem;
namespace output = pipeline::output;
namespace scope = triage::scope;
using testing::Contains;
using testing::Each;
using testing::Field;
using testing::HasSubstr;
using testing::IsSupersetOf;
using testing::Not;

const fs::path kFolder = fs::path(STANCH_SOURCE_DIR) / "tests/golden/trace";

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void write(const fs::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

std::vector<std::string> lines_of(const fs::path& story) {
  std::vector<std::string> lines;
  for (const char* name : {"events-1.ndjson", "events-2.ndjson"}) {
    std::istringstream text(read(story / name));
    for (std::string line; std::getline(text, line);) lines.push_back(line);
  }
  return lines;
}

class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "stanch-trace-XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  ~Folder() { fs::remove_all(path_); }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

Result<TraceOutcome> trace_of(const std::string& logs, const std::string& entity, unsigned jobs = 1,
                              bool timeline = false) {
  env::OsEnv os;
  env::Env env = os.env();
  TraceRequest request;
  request.options.paths = {logs};
  request.options.jobs = jobs;
  request.entity = entity;
  request.timeline = timeline;
  return trace(env, request, {});
}

std::string entity_of(const fs::path& story) {
  std::string entity = read(story / "entity");
  entity.pop_back();
  return entity;
}

const fs::path& logs_only(const fs::path& story, const Folder& folder) {
  for (const char* name : {"events-1.ndjson", "events-2.ndjson"}) {
    fs::copy_file(story / name, folder.path() / name);
  }
  return folder.path();
}

void expect_golden(const fs::path& path, const std::string& text) {
  if (std::getenv("STANCH_UPDATE") != nullptr) write(path, text);
  EXPECT_EQ(text, read(path)) << path;
}

class Story : public testing::TestWithParam<std::string> {
 protected:
  fs::path story() const { return kFolder / GetParam(); }
};

TEST_P(Story, IsToldAsWritten) {
  Folder folder;
  const auto outcome = trace_of(logs_only(story(), folder).string(), entity_of(story()), 1, true);
  ASSERT_TRUE(outcome) << outcome.error().message();
  ASSERT_EQ(outcome->lookup.matches.size(), 1u);
  const output::Style style{.columns = 80, .color = false, .unicode = true};
  const std::string tree = output::trace_tree(outcome->trace, style);
  expect_golden(story() / "trace.txt", tree);
  expect_golden(story() / "trace.json", output::trace_json(outcome->trace));
  expect_golden(story() / "trace.dot", output::trace_dot(outcome->trace));
  expect_golden(story() / "trace.mmd", output::trace_mermaid(outcome->trace));
  std::string timeline(output::timeline_header());
  for (const std::string& row : outcome->timeline) timeline += row;
  for (size_t at = 0; (at = timeline.find(folder.path().string(), at)) != timeline.npos;) {
    timeline.replace(at, folder.path().string().size(), "logs");
  }
  expect_golden(story() / "timeline.csv", timeline);
  std::istringstream rows(tree);
  for (std::string row; std::getline(rows, row);) {
    EXPECT_LE(output::columns_of(std::string_view(row)), 80u) << row;
  }
}

// However the events are shuffled, repeated and spread over files, and for any number of threads.
TEST_P(Story, IsTheSameForAnyOrderAnyFilesAndAnyThreads) {
  std::vector<std::string> lines = lines_of(story());
  std::string expected, expected_rows;
  uint64_t chance = 12345;
  for (int round = 0; round < 6; ++round) {
    Folder folder;
    const size_t files = 1 + static_cast<size_t>(round) * 2;
    std::vector<std::string> texts(files);
    for (const std::string& line : lines) {
      for (int copy = 0; copy < 1 + round % 2; ++copy) {
        chance = chance * 6364136223846793005 + 1442695040888963407;
        texts[(chance >> 33) % files] += line + "\n";
      }
    }
    for (size_t i = 0; i < files; ++i) {
      write(folder.path() / ("f" + std::to_string(i) + ".json"), texts[i]);
    }
    const auto outcome = trace_of(folder.path().string(), entity_of(story()),
                                  static_cast<unsigned>(1 + round % 3), true);
    ASSERT_TRUE(outcome) << outcome.error().message();
    ASSERT_EQ(outcome->lookup.matches.size(), 1u);
    const std::string told = output::trace_json(outcome->trace);
    if (round == 0) expected = told;
    ASSERT_EQ(told, expected) << "round " << round;
    std::string rows;  // without where the event stands
    for (std::string row : outcome->timeline) {
      for (int cell = 0; cell < 4; ++cell) row.resize(row.rfind(','));
      rows += row + "\n";
    }
    if (round == 0) expected_rows = rows;
    ASSERT_EQ(rows, expected_rows) << "round " << round;
    for (size_t i = lines.size(); i > 1; --i) {
      chance = chance * 6364136223846793005 + 1442695040888963407;
      std::swap(lines[i - 1], lines[(chance >> 33) % i]);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Stories, Story,
                         testing::Values("three-hop-chain", "instance-role-theft",
                                         "key-minted-by-role", "identity-center-user",
                                         "ci-oidc-role", "azure-secret-added-and-used",
                                         "gcp-key-and-impersonation", "pod-token-to-cloud-role",
                                         "pod-identity-to-cloud-role", "gke-pod-to-service-account",
                                         "one-person-three-places"),
                         [](const auto& story) {
                           std::string name = story.param;
                           std::ranges::replace(name, '-', '_');
                           return name;
                         });

// ---------------------------------------------------------------- what each story must tell

struct Told {
  const char* story;
  std::vector<std::string> chain;  // ids from the first credential to the one that touched it
  scope::OriginKind origin;
  std::vector<std::pair<scope::CutKind, std::string>> cuts;  // among them, in this order
};

std::vector<std::string> chain_to(const scope::Trace& trace, const std::string& id) {
  std::vector<std::string> chain = {id};
  for (bool found = true; found;) {
    found = false;
    for (const scope::Hop& hop : trace.hops) {
      if (!hop.primary || trace.holders[hop.child].id != chain.front()) continue;
      chain.insert(chain.begin(), trace.holders[hop.parent].id);
      found = true;
      break;
    }
  }
  return chain;
}

TEST(StoryFacts, LeadToTheFirstCredentialAndEverythingToCut) {
  using enum scope::CutKind;
  const std::string sso = "awsreservedsso_poweruser_0123456789abcdef";
  const std::string tenant = "6f0d3b1a-2c54-4e8e-9b7a-1d2e3f405162";
  const std::string mara = "azure:user/" + tenant + "/1b2c3d4e-5f60-4718-8293-a4b5c6d7e8f9";
  const std::string exporter =
      "azure:service-principal/" + tenant + "/3d4e5f60-7182-493a-a4b5-c6d7e8f90112";
  const std::string backup =
      "aws:web-identity/oidc.eks.eu-west-1.amazonaws.com%2Fid%2F4B7E9A513C1F0E5D2B100A7E1C526D0F/"
      "system:serviceaccount:shop:backup";
  const std::string sso_role = "aws:role/222233334444/" + sso;
  const Told all[] = {
      {"three-hop-chain",
       {"aws:access-key/AKIACIDEPLOYEXAMPLE",
        "aws:session/111122223333/deploy/hop1@2026-03-01T02:01:00Z",
        "aws:session/222233334444/support/hop2@2026-03-01T02:03:00Z",
        "aws:session/333344445555/data-reader/hop3@2026-03-01T02:06:00Z"},
       scope::OriginKind::kFirstKey,
       {{kDenyFromAbove, "aws:role/222233334444/support"},
        {kDenyPrincipal, "aws:user/111122223333/ci-deploy"},
        {kDenyPrincipal, "aws:user/222233334444/backup-agent"},
        {kDeactivateKey, "aws:access-key/AKIACIDEPLOYEXAMPLE"},
        {kDeactivateKey, "aws:access-key/AKIABACKUPEXAMPLE001"},
        {kRevokeSessions, "aws:role/111122223333/deploy"},
        {kRevokeSessions, "aws:role/222233334444/support"},
        {kRevokeSessions, "aws:role/333344445555/data-reader"}}},
      {"instance-role-theft",
       {"aws:access-key/AKIAOPSEXAMPLE000001", "aws:instance/111122223333/i-0abcdef1234567890",
        "aws:session/111122223333/web/i-0abcdef1234567890@2026-03-01T01:01:00Z"},
       scope::OriginKind::kFirstKey,
       {{kConfineToHost, "aws:role/111122223333/web"},
        {kRevokeSessions, "aws:role/111122223333/web"},
        {kIsolateHost, "aws:instance/111122223333/i-0abcdef1234567890"}}},
      {"key-minted-by-role",
       {"aws:user/111122223333/dana", "aws:session/111122223333/user:dana/-@2026-03-01T08:00:00Z",
        "aws:session/111122223333/iam-admin/dana@2026-03-01T08:10:00Z",
        "aws:access-key/AKIAMINTEDEXAMPLE001"},
       scope::OriginKind::kSignIn,
       {{kDenyFromAbove, "aws:role/111122223333/iam-admin"},
        {kDenyPrincipal, "aws:user/111122223333/dana"},
        {kDenyPrincipal, "aws:user/111122223333/reporting"},
        {kDeactivateKey, "aws:access-key/AKIAMINTEDEXAMPLE001"},
        {kDeactivateKey, "aws:access-key/AKIASECONDEXAMPLE001"},
        {kRevokeSessions, "aws:role/111122223333/iam-admin"},
        {kRemoveCredential, "aws:login-profile/111122223333/reporting"}}},
      {"identity-center-user",
       {"aws:identity-center-user/d-9067642ac7/544894e8-80c1-707f-60e3-3ba6510dfac1",
        "aws:saml-user/"
        "arn:aws:iam::222233334444:saml-provider%2FAWSSSO_0123456789abcdef_DO_NOT_DELETE/"
        "erin@example.com",
        "aws:session/222233334444/" + sso + "/erin@example.com@2026-03-01T07:40:01Z"},
       scope::OriginKind::kPerson,
       {{kDisablePerson,
         "aws:identity-center-user/d-9067642ac7/544894e8-80c1-707f-60e3-3ba6510dfac1"},
        {kRevokeSessions, sso_role},
        {kRevokeSessions, "aws:role/222233334444/lambda-admin"},
        {kIsolateHost, "aws:function/222233334444/us-east-1/sync"}}},
      {"ci-oidc-role",
       {"aws:web-identity/token.actions.githubusercontent.com/"
        "repo:example%2Fpayments:pull_request",
        "aws:session/111122223333/gha-deploy/GitHubActions@2026-03-01T10:20:00Z"},
       scope::OriginKind::kPerson,
       {{kDisablePerson,
         "aws:web-identity/token.actions.githubusercontent.com/"
         "repo:example%2Fpayments:pull_request"},
        {kRevokeSessions, "aws:role/111122223333/gha-deploy"},
        {kRevokeSessions, "aws:role/222233334444/prod-release"}}},
      {"azure-secret-added-and-used",
       {mara, "azure:credential/60718293-a4b5-4c6d-97e8-f90112233445",
        "azure:token/new-token-0001-AA"},
       scope::OriginKind::kSignIn,
       {{kDenyFromAbove, mara},
        {kDenyPrincipal, exporter},
        {kRemoveCredential, "azure:credential/60718293-a4b5-4c6d-97e8-f90112233445"}}},
      {"gcp-key-and-impersonation",
       {"gcp:user/tom.berg@example.com",
        "gcp:service-account-key/acme-build/ci@acme-build.iam.gserviceaccount.com/"
        "9a8b7c6d5e4f30212233445566778899aabbccdd",
        "gcp:session/acme-prod/deploy@acme-prod.iam.gserviceaccount.com/"
        "ci@acme-build.iam.gserviceaccount.com",
        "gcp:session/acme-seed/org-admin@acme-seed.iam.gserviceaccount.com/"
        "deploy@acme-prod.iam.gserviceaccount.com",
        "gcp:service-account-key/acme-seed/org-admin@acme-seed.iam.gserviceaccount.com/"
        "00112233445566778899aabbccddeeff00112233"},
       scope::OriginKind::kSignIn,
       {{kDenyPrincipal, "gcp:service-account/acme-build/ci@acme-build.iam.gserviceaccount.com"},
        {kDeactivateKey,
         "gcp:service-account-key/acme-build/ci@acme-build.iam.gserviceaccount.com/"
         "9a8b7c6d5e4f30212233445566778899aabbccdd"}}},
      {"pod-token-to-cloud-role",
       {"kubernetes:pod/shop/backup-28401", "kubernetes:service-account/shop/backup", backup,
        "aws:session/111122223333/shop-backup/x@2026-03-01T11:05:00Z"},
       scope::OriginKind::kHost,
       {{kDenyFromAbove, "aws:role/111122223333/shop-backup"},
        {kDisablePerson, backup},
        {kDenyPrincipal, "kubernetes:service-account/shop/backup"},
        {kRevokeSessions, "aws:role/111122223333/shop-backup"},
        {kIsolateHost, "kubernetes:pod/shop/debug-1"}}},
      {"pod-identity-to-cloud-role",
       {"kubernetes:pod/shop/report-7d", "kubernetes:service-account/shop/report",
        "aws:web-identity/arn:aws:eks:eu-west-1:111122223333:cluster%2Fshop/"
        "system:serviceaccount:shop:report",
        "aws:session/111122223333/shop-report/"
        "eks-shop-report-7d-0b1c2d3e-4f50-4617-8283-94a5b6c7d8e9@2026-03-01T14:00:00Z"},
       scope::OriginKind::kHost,
       {{kRevokeSessions, "aws:role/111122223333/shop-report"}}},
      {"gke-pod-to-service-account",
       {"kubernetes:service-account/shop/backup", "gcp:workload/acme-prod.svc.id.goog/shop/backup",
        "gcp:session/acme-prod/backup@acme-prod.iam.gserviceaccount.com/"
        "acme-prod.svc.id.goog:shop:backup"},
       scope::OriginKind::kNotRecorded,
       {{kDisablePerson, "gcp:workload/acme-prod.svc.id.goog/shop/backup"},
        {kDenyPrincipal,
         "gcp:service-account/acme-prod/backup@acme-prod.iam.gserviceaccount.com"}}},
      {"one-person-three-places",
       {"okta:user/00u9q2w8e7R6t5Y4u3i2",
        "aws:saml-user/arn:aws:iam::222233334444:saml-provider%2Fokta/erin.wade@example.com",
        "aws:session/222233334444/engineer/erin.wade@example.com@2026-03-01T13:02:00Z",
        "aws:access-key/AKIAETLEXAMPLE000001"},
       scope::OriginKind::kSignIn,
       {{kDisablePerson, "okta:user/00u9q2w8e7R6t5Y4u3i2"},
        {kDenyPrincipal, "gcp:user/erin.wade@example.com"},
        {kDeactivateKey, "aws:access-key/AKIAETLEXAMPLE000001"},
        {kRevokeSessions, "aws:role/222233334444/engineer"}}},
  };
  for (const Told& told : all) {
    Folder folder;
    const fs::path story = kFolder / told.story;
    const auto outcome = trace_of(logs_only(story, folder).string(), entity_of(story));
    ASSERT_TRUE(outcome) << told.story;
    const scope::Trace& trace = outcome->trace;
    EXPECT_EQ(chain_to(trace, told.chain.back()), told.chain) << told.story;
    EXPECT_THAT(trace.holders, Contains(Field(&scope::Holder::id, told.chain.back())));
    const auto origin = std::ranges::find_if(trace.origins, [&](const scope::Origin& o) {
      return trace.holders[o.holder].id == told.chain.front();
    });
    ASSERT_NE(origin, trace.origins.end()) << told.story;
    EXPECT_EQ(origin->kind, told.origin) << told.story;
    size_t next = 0;
    for (const scope::Cut& cut : trace.cuts) {
      if (next < told.cuts.size() && told.cuts[next] == std::pair(cut.kind, cut.id)) ++next;
    }
    EXPECT_EQ(next, told.cuts.size()) << told.story << ": not cut, or out of order: "
                                      << (next < told.cuts.size() ? told.cuts[next].second : "");
    EXPECT_TRUE(std::ranges::is_sorted(trace.cuts, {}, &scope::Cut::kind)) << told.story;
  }
}

TEST(StoryFacts, ASessionUsedFromTwoPlacesIsToldSo) {
  Folder folder;
  const fs::path story = kFolder / "instance-role-theft";
  const auto outcome = trace_of(logs_only(story, folder).string(), entity_of(story));
  const std::string tree = output::trace_tree(outcome->trace, {.columns = 400});
  EXPECT_THAT(tree, HasSubstr("used from 2 addresses"));
  EXPECT_THAT(tree, HasSubstr("1 session or key outside of this trace would be cut too"));
  EXPECT_THAT(tree, HasSubstr("no data events are in the logs"));
}

TEST(Trace, FindsWhatPeopleHaveAtHand) {
  Folder folder;
  const std::string logs = logs_only(kFolder / "three-hop-chain", folder).string();
  const std::pair<const char*, const char*> cases[] = {
      {"AKIACIDEPLOYEXAMPLE", "aws:access-key/AKIACIDEPLOYEXAMPLE"},
      {"aws:access-key/AKIACIDEPLOYEXAMPLE", "aws:access-key/AKIACIDEPLOYEXAMPLE"},
      {"203.0.113.99", "ip/203.0.113.99"},
      {"arn:aws:iam::111122223333:role/deploy", "aws:role/111122223333/deploy"},
      {"arn:aws:sts::111122223333:assumed-role/deploy/hop1",
       "aws:session/111122223333/deploy/hop1@2026-03-01T02:01:00Z"},
      {"arn:aws:s3:::payroll-exports/2026/1.csv", "aws:bucket/payroll-exports"},
      {"PAYROLL-exports", "aws:bucket/payroll-exports"},
      {"backup-agent", "aws:user/222233334444/backup-agent"},
      {"hop2", "aws:session/222233334444/support/hop2@2026-03-01T02:03:00Z"},
  };
  for (const auto& [text, id] : cases) {
    const auto outcome = trace_of(logs, text);
    ASSERT_TRUE(outcome) << text;
    ASSERT_EQ(outcome->lookup.matches.size(), 1u) << text;
    EXPECT_EQ(outcome->lookup.matches[0].id, id) << text;
  }
  const auto none = trace_of(logs, "payrol-exprts");
  EXPECT_TRUE(none->lookup.matches.empty());
  EXPECT_THAT(none->lookup.near, Contains("aws:bucket/payroll-exports"));
}

TEST(Trace, FindsAcrossCloudsWhatPeopleHaveAtHand) {
  const struct {
    const char *story, *text, *id;
  } cases[] = {
      {"azure-secret-added-and-used", "60718293-a4b5-4c6d-97e8-f90112233445",
       "azure:credential/60718293-a4b5-4c6d-97e8-f90112233445"},
      {"azure-secret-added-and-used", "mara.olsen@example.com",
       "azure:user/6f0d3b1a-2c54-4e8e-9b7a-1d2e3f405162/1b2c3d4e-5f60-4718-8293-a4b5c6d7e8f9"},
      {"gcp-key-and-impersonation", "ci@acme-build.iam.gserviceaccount.com",
       "gcp:service-account/acme-build/ci@acme-build.iam.gserviceaccount.com"},
      {"gcp-key-and-impersonation",
       "//secretmanager.googleapis.com/projects/acme-prod/secrets/payroll-db",
       "gcp:secret/acme-prod/payroll-db"},
      {"pod-token-to-cloud-role", "system:serviceaccount:shop:backup",
       "kubernetes:service-account/shop/backup"},
      // A person is who signed in at the identity provider, by whichever name.
      {"one-person-three-places", "Erin.Wade@example.com", "okta:user/00u9q2w8e7R6t5Y4u3i2"},
      {"one-person-three-places", "gcp:user/erin.wade@example.com",
       "gcp:user/erin.wade@example.com"},
  };
  for (const auto& each : cases) {
    Folder folder;
    const std::string logs = logs_only(kFolder / each.story, folder).string();
    const auto outcome = trace_of(logs, each.text);
    ASSERT_TRUE(outcome) << each.text;
    ASSERT_EQ(outcome->lookup.matches.size(), 1u) << each.text;
    EXPECT_EQ(outcome->lookup.matches[0].id, each.id) << each.text;
  }
}

TEST(Trace, ANameOfSeveralThingsIsNotGuessed) {
  Folder folder;
  logs_only(kFolder / "three-hop-chain", folder);
  std::string more = read(folder.path() / "events-1.ndjson");
  for (size_t at = 0; (at = more.find("111122223333", at)) != more.npos;) {
    more.replace(at, 12, "777788889999");
  }
  for (size_t at = 0; (at = more.find("\"eventID\":\"", at)) != more.npos; ++at)
    more[at + 11] = 'f';
  write(folder.path() / "more.ndjson", more);
  const auto outcome = trace_of(folder.path().string(), "deploy");
  ASSERT_TRUE(outcome);
  EXPECT_EQ(outcome->lookup.matches.size(), 2u);
}

// Whatever a caller writes into a record, it stays text.
TEST(Trace, HostileTextIsInertInEveryForm) {
  Folder folder;
  std::string text;
  const std::string bad = R"(=cmd()\u001b[31m\u202e<script>\"];x[\n|#35;`${jndi}%00)";
  text +=
      R"({"eventVersion":"1.11","userIdentity":{"type":"IAMUser","principalId":"AIDA1","arn":"arn:aws:iam::111122223333:user/)" +
      bad + R"(","accountId":"111122223333","accessKeyId":"AKIAHOSTILEEXAMPLE01","userName":")" +
      bad +
      R"("},"eventTime":"2026-03-01T02:00:00Z","eventSource":"iam.amazonaws.com","eventName":"CreateUser","awsRegion":")" +
      bad + R"(","sourceIPAddress":")" + bad + R"(","userAgent":")" + bad +
      R"(","requestParameters":{"userName":")" + bad +
      R"("},"responseElements":null,"eventID":"e1","readOnly":false,"recipientAccountId":"111122223333","managementEvent":true})";
  write(folder.path() / "e.json", text);
  const auto outcome = trace_of(folder.path().string(), "AKIAHOSTILEEXAMPLE01", 1, true);
  ASSERT_TRUE(outcome);
  ASSERT_EQ(outcome->lookup.matches.size(), 1u);
  std::string csv;
  for (const std::string& row : outcome->timeline) csv += row;
  ASSERT_FALSE(csv.empty());
  const std::string dot = output::trace_dot(outcome->trace);
  const std::string mermaid = output::trace_mermaid(outcome->trace);
  for (const std::string& out :
       {output::trace_tree(outcome->trace, {.columns = 80, .color = false, .unicode = true}),
        output::trace_json(outcome->trace), dot, mermaid, csv}) {
    EXPECT_THAT(out, Not(HasSubstr("\x1b")));
    EXPECT_THAT(out, Not(HasSubstr("\u202e")));
    EXPECT_TRUE(codec::is_utf8(out));
  }
  EXPECT_THAT(csv, Not(HasSubstr(",=")));
  EXPECT_THAT(csv, Not(HasSubstr(",\"=")));
  EXPECT_THAT(mermaid, Not(HasSubstr("<script")));
  EXPECT_THAT(mermaid, Not(HasSubstr("];x")));
  // Of quotes only those that end a label are left when the escaped ones are gone.
  std::string bare = dot;
  for (const std::string_view escaped : {"\\\\", "\\\""}) {
    for (size_t at = 0; (at = bare.find(escaped, at)) != bare.npos;) bare.erase(at, 2);
  }
  EXPECT_THAT(bare, Not(HasSubstr("\"];x")));
  codec::JsonParser parser;
  EXPECT_TRUE(parser.parse(output::trace_json(outcome->trace)).exists());
}

TEST(Trace, TellsInputThatWasNotRead) {
  Folder folder;
  logs_only(kFolder / "three-hop-chain", folder);
  write(folder.path() / "events-1.ndjson",
        read(folder.path() / "events-1.ndjson") + "{\"cut\": \n");
  const auto outcome = trace_of(folder.path().string(), "AKIACIDEPLOYEXAMPLE");
  ASSERT_TRUE(outcome);
  EXPECT_THAT(outcome->trace.unknowns, Contains(Field(&scope::Unknown::code, "unparsed")));
}

TEST(Trace, ATimelineNeedsLogsThatCanBeReadTwice) {
  const auto outcome = trace_of("-", "AKIACIDEPLOYEXAMPLE", 1, true);
  ASSERT_FALSE(outcome);
  EXPECT_THAT(outcome.error().message(), HasSubstr("reads the logs twice"));
}

}  // namespace
}  // namespace stanch::host
