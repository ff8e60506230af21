// Calls of AWS as they are written and read, for aws_calls_test.py: a line of JSON in, one out.

#include <iostream>
#include <string>

#include "cloud/aws/read_answer.h"
#include "cloud/aws/write_call.h"
#include "codec/base64.h"
#include "codec/json_value.h"

namespace {

using namespace stanch;
using codec::JsonValue;
using codec::JsonWriter;

std::string failure(const Error& error) {
  return codec::json_object([&](JsonWriter& json) {
    json.field("error", name_of(error.code())).field("message", error.message());
  });
}

std::string write(const cloud::Operation& operation, const JsonValue& line) {
  const auto call =
      cloud::aws::write_call(operation, line["parameters"], line["token"].text_or_empty());
  if (!call) return failure(call.error());
  return codec::json_object([&](JsonWriter& json) {
    json.field("method", call->method)
        .field("host_prefix", call->host_prefix)
        .field("target", call->target())
        .field("body", codec::encode_base64(call->body));
    json.key("headers").begin_array();
    for (const env::HttpHeader& header : call->headers) {
      json.begin_array().string(header.name).string(header.value).end_array();
    }
    json.end_array();
  });
}

std::string read(const cloud::Operation& operation, const JsonValue& line) {
  env::HttpResponse response;
  response.status = static_cast<int>(*line["status"].integer());
  response.body = codec::decode_base64(line["body"].text_or_empty()).value();
  for (const JsonValue& header : line["headers"].array()) {
    response.headers.push_back({header.array()[0].string(), header.array()[1].string()});
  }
  if (response.status >= 300) {
    const cloud::aws::ServiceError error = cloud::aws::read_error(operation, response);
    return codec::json_object([&](JsonWriter& json) {
      json.field("code", error.code)
          .field("message", error.message)
          .field("class", name_of(class_of(error, response.status)));
    });
  }
  const auto answer = cloud::aws::read_answer(operation, response);
  return answer ? codec::to_json(*answer) : failure(answer.error());
}

}  // namespace

int main() {
  codec::JsonParser parser;
  std::string text;
  while (std::getline(std::cin, text)) {
    const JsonValue line = JsonValue::of(parser.parse(text));
    const auto* operation = cloud::Operations::built_in().find(line["service"].text_or_empty(),
                                                               line["operation"].text_or_empty());
    if (operation == nullptr) {
      std::cout << "{\"error\":\"no such operation\"}\n";
    } else if (line["do"].text_or_empty() == "write") {
      std::cout << write(*operation, line) << "\n";
    } else {
      std::cout << read(*operation, line) << "\n";
    }
  }
}
