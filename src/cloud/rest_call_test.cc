#include "cloud/rest_call.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace stanch::cloud {
namespace {

using codec::JsonValue;

constexpr const char* kTable = R"({"services":{
  "azure-x":{"protocol":"arm","operations":{
    "disks.get":{"method":"GET","uri":"/{id}?api-version=1","input":"@Get"},
    "disks.put":{"method":"PUT","uri":"/{id}/stop?api-version=1","input":"@Put"}},
   "shapes":{
    "Get":{"m":{"id":{"t":"s","l":"uri","g":"subscriptions/*/disks/*"},
                "$expand":{"t":"s","l":"querystring"},"all":{"t":"b","l":"querystring"}},
           "r":["id"]},
    "Put":{"m":{"id":{"t":"s","l":"uri","g":"**/disks/*"},"body":"@Body",
                "ifMatch":{"t":"s","l":"header","w":"If-Match"}},"p":"body","r":["id","body"]},
    "Body":{"m":{"profile":"@Profile"},"o":1},
    "Profile":{"m":{"password":{"t":"s","x":1}},"o":1}}},
  "gcp-x":{"protocol":"google","operations":{
    "keys.disable":{"method":"POST","uri":"/v1/{name}:disable","input":"@Name"},
    "things.insert":{"method":"POST","uri":"/v1/projects/{project}/things","input":"@Insert"}},
   "shapes":{
    "Name":{"m":{"name":{"t":"s","l":"uri","g":"projects/*/keys/*"}},"r":["name"]},
    "Insert":{"m":{"project":{"t":"s","l":"uri"},"ids":{"t":"@Texts","l":"querystring"},
                   "requestId":{"t":"s","l":"querystring","i":1},"body":"j"},
              "p":"body","r":["project"]},
    "Texts":{"e":"s"}}}}})";

class RestCallTest : public ::testing::Test {
 protected:
  static JsonValue json(const char* text) {
    codec::JsonParser parser;
    return JsonValue::of(parser.parse(text));
  }
  Result<RestCall> write(const char* service, const char* operation, const char* parameters,
                         const std::string& token = "") {
    return write_rest_call(*table_.find(service, operation), json(parameters), token);
  }
  // "METHOD target", or the error.
  std::string target(const char* service, const char* operation, const char* parameters) {
    const auto call = write(service, operation, parameters);
    return call ? call->method + " " + call->target : call.error().message();
  }

  Operations table_ = *Operations::read(kTable);
};

TEST_F(RestCallTest, PutsParametersIntoPathAndQuery) {
  EXPECT_EQ(target("azure-x", "disks.get", R"({"id":"/subscriptions/s/disks/d"})"),
            "GET /subscriptions/s/disks/d?api-version=1");
  EXPECT_EQ(
      target("azure-x", "disks.get",
             R"({"id":"Subscriptions/s/DISKS/a b?&","$expand":"a,b&c=d","all":true})"),
      "GET /Subscriptions/s/DISKS/a%20b%3F%26?api-version=1&%24expand=a%2Cb%26c%3Dd&all=true");
  EXPECT_EQ(target("gcp-x", "keys.disable", R"({"name":"projects/p/keys/a@b.c"})"),
            "POST /v1/projects/p/keys/a%40b.c:disable");
  EXPECT_EQ(target("gcp-x", "things.insert", R"({"project":"p","ids":["a","b"]})"),
            "POST /v1/projects/p/things?ids=a&ids=b");
}

TEST_F(RestCallTest, NothingLeavesItsPlaceInThePath) {
  for (const char* id :
       {"", "/", "subscriptions/s/disks", "subscriptions/s/disks/", "subscriptions//disks/d",
        "subscriptions/s/disks/d/e", "subscriptions/s/disks/..", "subscriptions/../disks/d",
        "subscriptions/./disks/d", "subscriptions/s/snapshots/d", "//subscriptions/s/disks/d",
        "subscriptions/s/disks/%2e%2e", "subscriptions/s/disks/a\\\\b",
        "subscriptions/s/disks/a\\nb", "https://evil.example/disks/d"}) {
    EXPECT_THAT(target("azure-x", "disks.get", (R"({"id":")" + std::string(id) + "\"}").c_str()),
                testing::HasSubstr("cannot be a part of a path"))
        << id;
  }
  EXPECT_THAT(target("gcp-x", "things.insert", R"({"project":"p/../q"})"),
              testing::HasSubstr("cannot be a part of a path"));
  EXPECT_THAT(target("gcp-x", "keys.disable", R"({"name":"Projects/p/keys/k"})"),
              testing::HasSubstr("cannot be a part of a path"))
      << "only Azure takes any case";
}

TEST_F(RestCallTest, SendsDocumentsAsTheyAre) {
  const auto call = write(
      "azure-x", "disks.put",
      R"({"id":"disks/d","ifMatch":"W/\"1\"","body":{"a":{"b":[1,9007199254740993]},"profile":{"c":null}}})");
  ASSERT_TRUE(call) << call.error().message();
  EXPECT_EQ(call->target, "/disks/d/stop?api-version=1");
  EXPECT_EQ(call->body, R"({"a":{"b":[1,9007199254740993]},"profile":{"c":null}})");
  std::string headers;
  for (const auto& header : call->headers) headers += header.name + ": " + header.value + "\n";
  EXPECT_EQ(headers,
            "If-Match: W/\"1\"\nAccept: application/json\nContent-Type: application/json\n");
  EXPECT_FALSE(
      write("azure-x", "disks.put", R"({"id":"disks/d","ifMatch":"a\r\nb: c","body":{}})"));
  EXPECT_FALSE(write("azure-x", "disks.put", R"({"id":"disks/d"})")) << "there is no body";
  EXPECT_FALSE(write("azure-x", "disks.put", R"({"id":"disks/d","body":7})"));
  EXPECT_FALSE(write("azure-x", "disks.put", R"({"id":"disks/d","body":{},"more":1})"));
}

TEST_F(RestCallTest, MakesATokenOfIdempotencyAUuid) {
  const auto call = write("gcp-x", "things.insert", R"({"project":"p"})", "plan 7, step 2");
  ASSERT_TRUE(call);
  EXPECT_THAT(call->target,
              testing::MatchesRegex("/v1/projects/p/things\\?requestId=[0-9a-f]{8}-[0-9a-f]{4}-"
                                    "8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"));
  EXPECT_EQ(call->target,
            write("gcp-x", "things.insert", R"({"project":"p"})", "plan 7, step 2")->target);
  EXPECT_NE(call->target,
            write("gcp-x", "things.insert", R"({"project":"p"})", "plan 7, step 3")->target);
  EXPECT_EQ(write("gcp-x", "things.insert", R"({"project":"p","requestId":"r"})", "t")->target,
            "/v1/projects/p/things?requestId=r");
}

TEST_F(RestCallTest, ReadsTheWholeAnswer) {
  const Operation& get = *table_.find("azure-x", "disks.get");
  EXPECT_EQ(to_json(*read_rest_answer(get, {.status = 200, .body = R"({"x":{"y":[1]}})"})),
            R"({"x":{"y":[1]}})");
  EXPECT_EQ(to_json(*read_rest_answer(get, {.status = 204})), "{}");
  const auto bad = read_rest_answer(get, {.status = 200, .body = "<html>"});
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().code(), ErrorCode::kCorrupt);
}

TEST_F(RestCallTest, KnowsWhatIsSecret) {
  const auto secrets =
      secrets_of(*table_.find("azure-x", "disks.put"),
                 json(R"({"id":"disks/d","body":{"profile":{"password":"p1"},"password":"p2"}})"));
  EXPECT_THAT(secrets, testing::ElementsAre("p1"));
}

TEST(Segments, ManyMayStandAtOnePlace) {
  const struct {
    const char *text, *segments;
    bool fits;
  } cases[] = {
      {"a/b", "a/*", true},
      {"a", "a/*", false},
      {"a/b/c", "a/*", false},
      {"a/b/c", "**", true},
      {"a/../c", "**", false},
      {"", "**", false},
      {"locks/x", "**/locks/*", true},
      {"s/t/locks/x", "**/locks/*", true},
      {"s/lock/x", "**/locks/*", false},
      {"locks", "**/locks/*", false},
      {"a/b/c/d", "a/**/d", true},
      {"a/d", "a/**/d", true},
      {"b/c/d", "a/**/d", false},
      {"a", "a/**/a", false},
      {"a//b", "a/**/b", false},
  };
  for (const auto& each : cases) {
    EXPECT_EQ(are_segments(each.text, each.segments), each.fits)
        << each.text << " as " << each.segments;
  }
}

}  // namespace
}  // namespace stanch::cloud
