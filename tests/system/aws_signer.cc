#include <iostream>
#include <string>

#include "cloud/aws/signing.h"
#include "codec/json.h"
#include "codec/json_writer.h"
#include "codec/timestamp.h"

// Signs requests for aws_signing_test.py: one JSON object a line, in and out.

namespace {

using namespace stanch;

std::string signed_line(const codec::JsonView json) {
  const auto text = [&](std::string_view key) { return json[key].string_or_empty(); };
  env::HttpRequest request{.method = text("method"), .url = text("url"), .body = text("body")};
  for (const codec::JsonView header : json["headers"].elements()) {
    std::vector<std::string> pair;
    for (const codec::JsonView part : header.elements()) pair.push_back(part.string_or_empty());
    request.headers.push_back({pair.at(0), pair.at(1)});
  }
  const cloud::aws::Credentials credentials{.access_key_id = text("access_key_id"),
                                            .secret_access_key = text("secret_access_key"),
                                            .session_token = text("session_token"),
                                            .expires = std::nullopt,
                                            .source = ""};
  const cloud::aws::Signing signing{.region = text("region"),
                                    .service = text("service"),
                                    .when = codec::parse_timestamp(text("time")).value(),
                                    .rules = json["s3"].as_bool()
                                                 ? cloud::aws::SigningRules::kS3
                                                 : cloud::aws::SigningRules::kOrdinary,
                                    .unsigned_payload = json["unsigned_payload"].as_bool()};
  const int64_t valid = json["valid"].as_int64().value();
  const auto result = valid > 0
                          ? presign(request, credentials, signing, std::chrono::seconds(valid))
                          : sign(request, credentials, signing);
  std::string line;
  codec::JsonWriter out(line);
  out.begin_object();
  if (!result) {
    out.key("error").string(result.error().message());
  } else {
    out.key("url").string(request.url).key("headers").begin_array();
    for (const env::HttpHeader& header : request.headers) {
      out.begin_array().string(header.name).string(header.value).end_array();
    }
    out.end_array();
  }
  out.end_object();
  return line;
}

}  // namespace

int main() {
  std::ios::sync_with_stdio(false);
  codec::JsonParser parser;
  for (std::string line; std::getline(std::cin, line);) {
    const codec::JsonView json = parser.parse(line);
    if (!json) return 2;
    std::cout << signed_line(json) << "\n";
  }
  return 0;
}
