#include "cloud/aws/credential_sources.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>

#include "cloud/aws/world_for_test.h"

namespace stanch::cloud::aws {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr const char* kSts = "https://sts.eu-west-1.amazonaws.com/";
constexpr const char* kLater = "2027-01-01T00:00:00Z";

TEST(FromEnvironment, TakesKeysThatAreWhole) {
  World world;
  EXPECT_EQ(world.find(from_environment), "none");
  world.sim.set_variable("AWS_ACCESS_KEY_ID", "AKIA1");
  EXPECT_THAT(world.find(from_environment), HasSubstr("only one is set"));
  world.sim.set_variable("AWS_SECRET_ACCESS_KEY", "SECRET1");
  EXPECT_EQ(world.find(from_environment), "AKIA1 of environment");
  EXPECT_EQ(world.last->secret_access_key, "SECRET1");
  EXPECT_EQ(world.last->session_token, "");
  world.sim.set_variable("AWS_SESSION_TOKEN", "SECRET2");
  EXPECT_EQ(world.find(from_environment), "AKIA1 of environment");
  EXPECT_EQ(world.last->session_token, "SECRET2");
  world.sim.set_variable("AWS_ACCESS_KEY_ID", "");
  EXPECT_THAT(world.find(from_environment), HasSubstr("only one is set"));
}

TEST(FromProfile, TakesTheKeysOfTheProfile) {
  struct Case {
    std::string name;
    std::string config, keys, profile;
    std::string expected;
  };
  const std::string pair = "aws_access_key_id = AKIA1\naws_secret_access_key = SECRET1\n";
  const Case cases[] = {
      {"no files", "", "", "", "none"},
      {"no default", "[profile a]\n" + pair, "[b]\n" + pair, "", "none"},
      {"default of keys", "", "[default]\n" + pair, "", "AKIA1 of profile default"},
      {"default of config", "[default]\n" + pair, "", "", "AKIA1 of profile default"},
      {"a region alone", "[default]\nregion = eu-west-1\n", "", "", "none"},
      {"named, of keys", "", "[a]\n" + pair, "a", "AKIA1 of profile a"},
      {"named, of config", "[profile a]\n" + pair, "", "a", "AKIA1 of profile a"},
      {"quoted", "[profile \"a b\"]\n" + pair, "", "a b", "AKIA1 of profile a b"},
      {"no profile without its word", "[a]\n" + pair, "", "a",
       "not_found: profile a: there is none"},
      {"another word", "[profiles a]\n" + pair, "", "s a", "not_found: profile s a: there is none"},
      {"keys count first", "[profile a]\naws_access_key_id = OTHER\n", "[a]\n" + pair, "a",
       "AKIA1 of profile a"},
      {"profile default counts more",
       "[profile default]\n" + pair + "[default]\naws_access_key_id = OTHER\n", "", "",
       "AKIA1 of profile default"},
      {"named but empty", "[profile a]\nregion = x\n", "", "a",
       "not_found: the AWS profile that is asked for has no credentials"},
      {"half", "", "[default]\naws_secret_access_key = SECRET1\n", "",
       "invalid: profile default: of aws_access_key_id and aws_secret_access_key only one is set"},
      {"a program", "[default]\ncredential_process = /bin/evil SECRET\n", "", "",
       "invalid: profile default: credential_process is not supported: no program is run that a "
       "file names; use a role, or keys in the environment"},
      {"keys are enough", "[default]\ncredential_process = /bin/evil\n", "[default]\n" + pair, "",
       "AKIA1 of profile default"},
      {"a browser", "[default]\nsso_session = x\n", "", "",
       "invalid: profile default: sign-in by SSO is not supported: nobody is there to sign in; "
       "use a role"},
      {"not INI", "", "[default]\nSECRET\n", "",
       "invalid: /home/user/.aws/credentials: line 2: it is neither a section nor key = value"},
  };
  for (const Case& c : cases) {
    World world;
    if (!c.config.empty()) world.sim.put_file("/home/user/.aws/config", c.config);
    if (!c.keys.empty()) world.sim.put_file("/home/user/.aws/credentials", c.keys);
    if (!c.profile.empty()) world.sim.set_variable("AWS_PROFILE", c.profile);
    EXPECT_EQ(world.find(from_profile), c.expected) << c.name;
    EXPECT_TRUE(world.requests.empty()) << c.name;
  }
}

TEST(FromProfile, FilesLieWhereTheVariablesSay) {
  World world;
  world.sim.put_file("/etc/config", "[profile a]\naws_access_key_id = AKIA1\n");
  world.sim.put_file("/home/user/keys", "[a]\naws_secret_access_key = SECRET1\n");
  world.sim.set_variable("AWS_CONFIG_FILE", "/etc/config");
  world.sim.set_variable("AWS_SHARED_CREDENTIALS_FILE", "~/keys");
  world.options.profile = "a";
  EXPECT_EQ(world.find(from_profile), "AKIA1 of profile a");
  world.sim.set_variable("AWS_PROFILE", "other");
  EXPECT_EQ(world.find(from_profile), "AKIA1 of profile a") << "options come first";
  world.sim.inject({.call = env::FileCall::kOpen, .problem = EACCES, .path = "keys"});
  EXPECT_THAT(world.find(from_profile), StartsWith("denied: ")) << "a file that is kept from us";
  World homeless;
  homeless.sim.set_variable("HOME", "");
  EXPECT_EQ(homeless.find(from_profile), "none");
}

TEST(FromProfile, RolesAreAssumedFromTheirSourceOn) {
  World world;
  world.sim.put_file("/home/user/.aws/config",
                     "[profile top]\nrole_arn = arn:aws:iam::111122223333:role/top\n"
                     "source_profile = middle\nexternal_id = SECRET=id&x\n"
                     "role_session_name = us@example\nduration_seconds = 900\n"
                     "[profile middle]\nrole_arn = arn:aws:iam::444455556666:role/path/middle\n"
                     "source_profile = bottom\n");
  world.sim.put_file("/home/user/.aws/credentials",
                     "[bottom]\naws_access_key_id = AKIABOTTOM\naws_secret_access_key = SECRET1\n");
  world.sim.set_variable("AWS_PROFILE", "top");
  world.servers[kSts] = [&](const env::HttpRequest& request) {
    const bool middle = request.body.contains("middle");
    return World::answer(200, sts_answer(middle ? "ASIAMIDDLE" : "ASIATOP", kLater));
  };
  EXPECT_EQ(world.find(from_profile), "ASIATOP of role arn:aws:iam::111122223333:role/top");
  EXPECT_EQ(world.last->secret_access_key, "SECRET/sts+ASIATOP");
  EXPECT_EQ(world.last->session_token, "SECRETtoken+/=");
  EXPECT_EQ(world.last->expires, codec::parse_timestamp(kLater));
  ASSERT_EQ(world.requests.size(), 2u);
  EXPECT_EQ(world.requests[0].url, kSts);
  EXPECT_EQ(world.requests[0].method, "POST");
  EXPECT_FALSE(world.requests[0].plain_http);
  EXPECT_EQ(world.requests[0].body,
            "Action=AssumeRole&Version=2011-06-15"
            "&RoleArn=arn%3Aaws%3Aiam%3A%3A444455556666%3Arole%2Fpath%2Fmiddle"
            "&RoleSessionName=stanch");
  EXPECT_EQ(world.requests[1].body,
            "Action=AssumeRole&Version=2011-06-15"
            "&RoleArn=arn%3Aaws%3Aiam%3A%3A111122223333%3Arole%2Ftop"
            "&RoleSessionName=us%40example&DurationSeconds=900&ExternalId=SECRET%3Did%26x");
  EXPECT_THAT(World::header(world.requests[0], "Authorization"),
              AllOf(HasSubstr("Credential=AKIABOTTOM/20260101/eu-west-1/sts/aws4_request"),
                    HasSubstr("SignedHeaders=content-type;host;x-amz-date,")));
  EXPECT_THAT(World::header(world.requests[1], "Authorization"), HasSubstr("ASIAMIDDLE/"));
  EXPECT_EQ(World::header(world.requests[1], "X-Amz-Security-Token"), "SECRETtoken+/=");
}

TEST(FromProfile, ARoleMayStandOnItsOwnKeysOrOnTheMachine) {
  const std::string role = "[profile a]\nrole_arn = arn:aws:iam::111122223333:role/r\n";
  const std::string keys = "[a]\naws_access_key_id = AKIA1\naws_secret_access_key = SECRET1\n";
  struct Case {
    std::string name, lines, expected_key;
  };
  const Case cases[] = {
      {"its own keys", "source_profile = a\n", "AKIA1"},
      {"the environment", "credential_source = Environment\n", "AKIAENV"},
      {"the container", "credential_source = EcsContainer\n", "ASIACONTAINER"},
      {"the instance", "credential_source = Ec2InstanceMetadata\n", "ASIAINSTANCE"},
  };
  for (const Case& c : cases) {
    World world;
    world.sim.put_file("/home/user/.aws/config", role + c.lines);
    world.sim.put_file("/home/user/.aws/credentials", keys);
    world.sim.set_variable("AWS_PROFILE", "a");
    world.sim.set_variable("AWS_ACCESS_KEY_ID", "AKIAENV");
    world.sim.set_variable("AWS_SECRET_ACCESS_KEY", "SECRET2");
    world.sim.set_variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2");
    world.servers["http://169.254.170.2/v2"] =
        World::always(200, json_answer("ASIACONTAINER", kLater));
    world.servers["http://169.254.169.254/latest/api/token"] = World::always(200, "t");
    world.servers["http://169.254.169.254/latest/meta-data/"] = World::always(200, "web");
    world.servers["http://169.254.169.254/latest/meta-data/iam/security-credentials/web"] =
        World::always(200, json_answer("ASIAINSTANCE", kLater));
    world.servers[kSts] = World::always(200, sts_answer("ASIAROLE", kLater));
    EXPECT_EQ(world.find(from_profile), "ASIAROLE of role arn:aws:iam::111122223333:role/r")
        << c.name;
    EXPECT_THAT(World::header(world.requests.back(), "Authorization"),
                HasSubstr("Credential=" + c.expected_key + "/"))
        << c.name;
  }
}

TEST(FromProfile, WhatLeadsNowhereIsRefusedBeforeAnythingIsAsked) {
  const std::string role = "role_arn = arn:aws:iam::111122223333:role/r\n";
  struct Case {
    std::string name, config, problem;
  };
  std::string long_chain = "[profile a]\n" + role + "source_profile = p1\n";
  for (int i = 1; i < 9; ++i) {
    long_chain += "[profile p" + std::to_string(i) + "]\n" + role + "source_profile = p" +
                  std::to_string(i + 1) + "\n";
  }
  const Case cases[] = {
      {"no source", "[profile a]\n" + role, "either source_profile or credential_source"},
      {"two sources",
       "[profile a]\n" + role + "source_profile = b\ncredential_source = Environment\n",
       "either source_profile or credential_source"},
      {"source not there", "[profile a]\n" + role + "source_profile = b\n",
       "not_found: profile a: profile b: there is none"},
      {"source empty", "[profile a]\n" + role + "source_profile = b\n[profile b]\nregion = x\n",
       "the source of the role has no credentials"},
      {"itself, without keys", "[profile a]\n" + role + "source_profile = a\n",
       "the source of the role has no credentials"},
      {"a circle",
       "[profile a]\n" + role + "source_profile = b\n[profile b]\n" + role + "source_profile = a\n",
       "go round in a circle"},
      {"a long chain", long_chain, "more than 5 roles"},
      {"unknown source", "[profile a]\n" + role + "credential_source = Moon\n", "is none of"},
      {"a device", "[profile a]\n" + role + "source_profile = b\nmfa_serial = x\n", "mfa_serial"},
      {"a program as source",
       "[profile a]\n" + role + "source_profile = b\n[profile b]\ncredential_process = SECRET\n",
       "credential_process"},
      {"seconds", "[profile a]\n" + role + "source_profile = b\nduration_seconds = 1h\n",
       "duration_seconds is no number"},
  };
  for (const Case& c : cases) {
    World world;
    world.sim.put_file("/home/user/.aws/config", c.config);
    world.sim.set_variable("AWS_PROFILE", "a");
    EXPECT_THAT(world.find(from_profile), HasSubstr(c.problem)) << c.name;
    EXPECT_TRUE(world.requests.empty()) << c.name;
  }
}

TEST(FromProfile, TheRegionOfStsIsThatOfTheProfileIfNothingElseSaysOne) {
  World world;
  world.sim.put_file("/home/user/.aws/config",
                     "[profile a]\nrole_arn = arn:aws:iam::1:role/r\nregion = cn-north-1\n"
                     "web_identity_token_file = /token\n");
  world.sim.put_file("/token", "SECRETtoken\n");
  world.sim.set_variable("AWS_PROFILE", "a");
  world.sim.set_variable("AWS_REGION", "");
  world.servers["https://sts."] = World::always(200, sts_answer("ASIA1", kLater));
  EXPECT_EQ(world.find(from_profile), "ASIA1 of role arn:aws:iam::1:role/r");
  world.sim.set_variable("AWS_DEFAULT_REGION", "us-east-2");
  EXPECT_EQ(world.find(from_profile), "ASIA1 of role arn:aws:iam::1:role/r");
  ASSERT_EQ(world.requests.size(), 2u);
  EXPECT_EQ(world.requests[0].url, "https://sts.cn-north-1.amazonaws.com.cn/");
  EXPECT_EQ(world.requests[1].url, "https://sts.us-east-2.amazonaws.com/");
  EXPECT_THAT(world.requests[0].body, HasSubstr("&WebIdentityToken=SECRETtoken"));
}

TEST(FromWebIdentity, TradesTheTokenWithoutSigning) {
  World world;
  EXPECT_EQ(world.find(from_web_identity), "none");
  world.sim.set_variable("AWS_ROLE_ARN", "arn:aws:iam::111122223333:role/pod");
  EXPECT_EQ(world.find(from_web_identity), "none");
  world.sim.set_variable("AWS_WEB_IDENTITY_TOKEN_FILE", "/token");
  EXPECT_THAT(world.find(from_web_identity), StartsWith("not_found: "));
  world.sim.put_file("/token", " SECRET.jwt_-=\n");
  world.servers[kSts] = World::always(200, sts_answer("ASIAPOD", kLater));
  EXPECT_EQ(world.find(from_web_identity), "ASIAPOD of role arn:aws:iam::111122223333:role/pod");
  world.sim.set_variable("AWS_ROLE_SESSION_NAME", "pod-7");
  EXPECT_EQ(world.find(from_web_identity), "ASIAPOD of role arn:aws:iam::111122223333:role/pod");
  ASSERT_EQ(world.requests.size(), 2u);
  EXPECT_EQ(world.requests[0].body,
            "Action=AssumeRoleWithWebIdentity&Version=2011-06-15"
            "&RoleArn=arn%3Aaws%3Aiam%3A%3A111122223333%3Arole%2Fpod&RoleSessionName=stanch"
            "&WebIdentityToken=SECRET.jwt_-%3D");
  EXPECT_EQ(World::header(world.requests[0], "Authorization"), "");
  EXPECT_THAT(world.requests[1].body, HasSubstr("RoleSessionName=pod-7"));
  world.sim.set_variable("AWS_ROLE_ARN", "");
  EXPECT_THAT(world.find(from_web_identity), HasSubstr("without AWS_ROLE_ARN"));
}

TEST(FromWebIdentity, ATokenIsOneWord) {
  for (const std::string text :
       {"", " \n", "two words", "SECRET\r\nX: y", "SECRET\x01", "\xc3\xa9"}) {
    World world;
    world.sim.set_variable("AWS_ROLE_ARN", "arn:aws:iam::111122223333:role/pod");
    world.sim.set_variable("AWS_WEB_IDENTITY_TOKEN_FILE", "/token");
    world.sim.put_file("/token", text);
    EXPECT_EQ(world.find(from_web_identity), "invalid: /token: there is no token");
    world.sim.put_file("/token", std::string((64 << 10) + 1, 'x'));
    EXPECT_EQ(world.find(from_web_identity), "invalid: /token: it is larger than 65536 bytes");
    EXPECT_TRUE(world.requests.empty());
  }
}

TEST(FromContainer, AsksTheServiceBesideIt) {
  World world;
  EXPECT_EQ(world.find(from_container), "none");
  world.sim.set_variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/credentials/id?x=1");
  world.servers["http://169.254.170.2/v2"] = World::always(200, json_answer("ASIA1", kLater));
  EXPECT_EQ(world.find(from_container), "ASIA1 of container");
  EXPECT_EQ(world.last->session_token, "SECRETtoken");
  EXPECT_EQ(world.last->expires, codec::parse_timestamp(kLater));
  ASSERT_EQ(world.requests.size(), 1u);
  EXPECT_EQ(world.requests[0].url, "http://169.254.170.2/v2/credentials/id?x=1");
  EXPECT_EQ(World::header(world.requests[0], "Authorization"), "");
  world.sim.set_variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "@evil.example/");
  EXPECT_THAT(world.find(from_container), HasSubstr("begins with no slash"));
}

TEST(FromContainer, AFullUriLeadsOnlyWhereItMay) {
  const std::pair<std::string, bool> cases[] = {
      {"http://127.0.0.1:51679/c", true},
      {"http://127.9.9.9/c", true},
      {"http://localhost:1338/c", true},
      {"http://[::1]/c", true},
      {"http://169.254.170.2/c", true},
      {"http://169.254.170.23/v1/credentials", true},
      {"http://[fd00:ec2::23]/c", true},
      {"https://metadata.example/c", true},
      {"http://metadata.example/c", false},
      {"http://169.254.169.254/latest/meta-data/", false},
      {"http://[fd00:ec2::254]/c", false},
      {"http://10.0.0.1/c", false},
      {"http://localhost.evil.example/c", false},
      {"http://169.254.170.2@evil.example/", false},
      {"http://127.1/c", false},
      {"file:///etc/shadow", false},
      {"http://[::ffff:10.0.0.1]/c", false},
  };
  for (const auto& [uri, allowed] : cases) {
    World world;
    world.sim.set_variable("AWS_CONTAINER_CREDENTIALS_FULL_URI", uri);
    world.servers["http"] = World::always(200, json_answer("ASIA1", kLater));
    const std::string found = world.find(from_container);
    EXPECT_EQ(found == "ASIA1 of container", allowed) << uri << ": " << found;
    EXPECT_EQ(world.requests.size(), allowed ? 1u : 0u) << uri;
    EXPECT_EQ(found.contains("AWS_CONTAINER_CREDENTIALS_FULL_URI: "), !allowed) << uri;
  }
}

TEST(FromContainer, ShowsItsToken) {
  World world;
  world.sim.set_variable("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://169.254.170.23/v1/c");
  world.sim.set_variable("AWS_CONTAINER_AUTHORIZATION_TOKEN", "Basic SECRET");
  world.servers["http://169.254.170.23/"] = World::always(200, json_answer("ASIA1", kLater));
  EXPECT_EQ(world.find(from_container), "ASIA1 of container");
  EXPECT_EQ(World::header(world.requests.back(), "Authorization"), "Basic SECRET");
  world.sim.set_variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "/token");
  EXPECT_THAT(world.find(from_container), StartsWith("not_found: "));
  world.sim.put_file("/token", "SECRETfile\n");
  EXPECT_EQ(world.find(from_container), "ASIA1 of container");
  EXPECT_EQ(World::header(world.requests.back(), "Authorization"), "SECRETfile");
  world.sim.set_variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "");
  world.sim.set_variable("AWS_CONTAINER_AUTHORIZATION_TOKEN", "SECRET\r\nX: y");
  EXPECT_THAT(world.find(from_container), HasSubstr("no value of a header"));
  EXPECT_EQ(world.requests.size(), 2u);
}

TEST(FromContainer, SaysWhatWentWrongAndTriesAgain) {
  struct Case {
    std::string name;
    World::Answer answer;
    std::string problem;
    size_t requests;
  };
  const Case cases[] = {
      {"denied", World::always(403, "SECRET"),
       "denied: the container's credential service answers 403", 1},
      {"gone", World::always(404, ""), "invalid: the container's credential service answers 404",
       1},
      {"broken", World::always(500, ""),
       "unavailable: the container's credential service answers 500", 3},
      {"busy", World::always(429, ""), "throttled: the container's credential service answers 429",
       3},
      {"refused", World::never(env::HttpFate::kRefused), "unavailable: cannot ask 169.254.170.2",
       3},
      {"lost", World::never(env::HttpFate::kAnswerLost), "unavailable: asked 169.254.170.2", 3},
      {"not JSON", World::always(200, "SECRET"), "holds no whole credentials", 1},
      {"empty", World::always(200, "{}"), "holds no whole credentials", 1},
      {"failure",
       World::always(200, R"({"Code":"Failed","AccessKeyId":"A","SecretAccessKey":"SECRET",
        "Token":"SECRET","Expiration":"2027-01-01T00:00:00Z"})"),
       "holds no whole credentials", 1},
      {"no end", World::always(200, json_answer("ASIA1", "soon")), "holds no whole credentials", 1},
  };
  for (const Case& c : cases) {
    World world;
    world.sim.set_variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2");
    world.servers["http://169.254.170.2/v2"] = c.answer;
    EXPECT_THAT(world.find(from_container), HasSubstr(c.problem)) << c.name;
    EXPECT_EQ(world.requests.size(), c.requests) << c.name;
  }
  World world;
  world.sim.set_variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2");
  world.servers["http://169.254.170.2/v2"] = [&](const env::HttpRequest&) {
    return world.requests.size() < 3 ? env::HttpTurn{.fate = env::HttpFate::kRefused}
                                     : World::answer(200, json_answer("ASIA1", kLater));
  };
  EXPECT_EQ(world.find(from_container), "ASIA1 of container");
}

constexpr const char* kTokenUrl = "http://169.254.169.254/latest/api/token";
constexpr const char* kRolesUrl =
    "http://169.254.169.254/latest/meta-data/iam/security-credentials/";

std::string calls(const World& world) {
  std::string text;
  for (const env::HttpRequest& request : world.requests) {
    text += request.method + " " + request.url + " " +
            World::header(request, "X-aws-ec2-metadata-token") + "\n";
  }
  return text;
}

TEST(FromInstance, AsksForATokenFirstAndShowsItAlways) {
  World world;
  world.servers[kTokenUrl] = World::always(200, "SECRET==");
  world.servers[kRolesUrl] = World::always(200, "web-role\n");
  world.servers[std::string(kRolesUrl) + "web-role"] =
      World::always(200, json_answer("ASIA1", kLater));
  EXPECT_EQ(world.find(from_instance), "ASIA1 of instance role web-role");
  EXPECT_EQ(calls(world), std::string("PUT ") + kTokenUrl + " \nGET " + kRolesUrl +
                              " SECRET==\nGET " + kRolesUrl + "web-role SECRET==\n");
  EXPECT_EQ(World::header(world.requests[0], "X-aws-ec2-metadata-token-ttl-seconds"), "21600");
  for (const env::HttpRequest& request : world.requests) EXPECT_TRUE(request.plain_http);
}

TEST(FromInstance, IsNotAskedWhereItIsNot) {
  World world;
  EXPECT_EQ(world.find(from_instance), "none");
  EXPECT_EQ(world.requests.size(), 1u) << "most machines are no instances, and should not wait";
  world.sim.set_variable("AWS_EC2_METADATA_DISABLED", "true");
  EXPECT_EQ(world.find(from_instance), "none");
  EXPECT_EQ(world.requests.size(), 1u);
}

// Version 1 would answer a GET without a token.
TEST(FromInstance, WithoutATokenNothingElseIsAsked) {
  struct Case {
    std::string name;
    World::Answer answer;
    std::string problem;
  };
  const Case cases[] = {
      {"forbidden", World::always(403, ""),
       "denied: asked for a token, the instance's metadata service answers 403"},
      {"not found", World::always(404, ""), "invalid: asked for a token"},
      {"wrong method", World::always(405, ""), "invalid: asked for a token"},
      {"broken", World::always(500, ""), "unavailable: asked for a token"},
      {"empty", World::always(200, ""),
       "unavailable: the instance's metadata service gives no token"},
      {"a page", World::always(200, "<html> x"),
       "unavailable: the instance's metadata service gives no token"},
      {"the answer does not arrive", World::never(env::HttpFate::kAnswerLost),
       "its hop limit (HttpPutResponseHopLimit) must be 2"},
  };
  for (const Case& c : cases) {
    World world;
    world.servers["http://169.254.169.254/"] = World::always(200, "web");
    world.servers[kTokenUrl] = c.answer;
    EXPECT_THAT(world.find(from_instance), HasSubstr(c.problem)) << c.name;
    EXPECT_THAT(calls(world), Not(HasSubstr("GET"))) << c.name;
  }
}

TEST(FromInstance, ARolesNameIsNoPath) {
  struct Case {
    int status;
    std::string body, expected;
  };
  const Case cases[] = {
      {404, "", "none"},
      {401, "SECRET", "denied: the instance's metadata service answers 401"},
      {503, "", "unavailable: the instance's metadata service answers 503"},
      {200, "", "unavailable: the instance's metadata service names no role"},
      {200, "..", "unavailable: the instance's metadata service names no role"},
      {200, "../../user-data", "unavailable: the instance's metadata service names no role"},
      {200, "a?b", "unavailable: the instance's metadata service names no role"},
      {200, std::string(65, 'a'), "unavailable: the instance's metadata service names no role"},
  };
  for (const Case& c : cases) {
    World world;
    world.servers[kTokenUrl] = World::always(200, "t");
    world.servers[kRolesUrl] = World::always(c.status, c.body);
    EXPECT_EQ(world.find(from_instance), c.expected) << c.body;
    for (const auto& request : world.requests) {
      EXPECT_TRUE(request.url == kTokenUrl || request.url == kRolesUrl) << request.url;
    }
  }
}

TEST(FromInstance, LiesWhereTheVariablesSay) {
  struct Case {
    std::string endpoint, mode, expected;
  };
  const Case cases[] = {
      {"", "IPv6", "PUT http://[fd00:ec2::254]/latest/api/token \n"},
      {"", "ipv4", "PUT http://169.254.169.254/latest/api/token \n"},
      {"http://127.0.0.1:8111/", "IPv6", "PUT http://127.0.0.1:8111/latest/api/token \n"},
      {"", "carrier pigeon", ""},
      {"http://10.0.0.1", "", ""},
      {"ftp://127.0.0.1", "", ""},
  };
  for (const Case& c : cases) {
    World world;
    world.sim.set_variable("AWS_EC2_METADATA_SERVICE_ENDPOINT", c.endpoint);
    world.sim.set_variable("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", c.mode);
    const std::string found = world.find(from_instance);
    EXPECT_EQ(calls(world), c.expected);
    EXPECT_EQ(found == "none", !c.expected.empty()) << found;
  }
}

TEST(LoadCredentials, TheFirstSourceThatIsSetUpDecides) {
  World world;
  world.servers[kTokenUrl] = World::always(200, "t");
  world.servers[kRolesUrl] = World::always(200, "web");
  world.servers[std::string(kRolesUrl) + "web"] =
      World::always(200, json_answer("ASIAINSTANCE", kLater));
  EXPECT_EQ(world.load(), "ASIAINSTANCE of instance role web");
  world.sim.set_variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2");
  EXPECT_THAT(world.load(), StartsWith("unavailable: cannot ask 169.254.170.2"))
      << "not the instance's role instead";
  world.servers["http://169.254.170.2/v2"] =
      World::always(200, json_answer("ASIACONTAINER", kLater));
  EXPECT_EQ(world.load(), "ASIACONTAINER of container");
  world.sim.set_variable("AWS_ROLE_ARN", "arn:aws:iam::1:role/pod");
  world.sim.set_variable("AWS_WEB_IDENTITY_TOKEN_FILE", "/token");
  EXPECT_THAT(world.load(), StartsWith("not_found: cannot open /token"));
  world.sim.put_file("/token", "SECRET");
  world.servers[kSts] = World::always(200, sts_answer("ASIAPOD", kLater));
  EXPECT_EQ(world.load(), "ASIAPOD of role arn:aws:iam::1:role/pod");
  world.sim.put_file("/home/user/.aws/credentials",
                     "[default]\naws_access_key_id = AKIAFILE\naws_secret_access_key = SECRET\n");
  EXPECT_EQ(world.load(), "AKIAFILE of profile default");
  world.sim.set_variable("AWS_ACCESS_KEY_ID", "AKIAENV");
  EXPECT_THAT(world.load(), HasSubstr("only one is set"));
  world.sim.set_variable("AWS_SECRET_ACCESS_KEY", "SECRET");
  EXPECT_EQ(world.load(), "AKIAENV of environment");
  world.options.profile = "default";
  EXPECT_EQ(world.load(), "AKIAFILE of profile default") << "it was asked for by name";
  EXPECT_THAT(World().load(), StartsWith("not_found: no AWS credentials: "));
}

}  // namespace
}  // namespace stanch::cloud::aws
