#include "cloud/aws/read_answer.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "cloud/aws/wire_text.h"
#include "codec/base64.h"
#include "codec/xml.h"

namespace stanch::cloud::aws {

namespace {

using codec::JsonValue;
using codec::XmlElement;

bool equal_but_case(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

// ---------------------------------------------------------------- XML

JsonValue from_xml(const Member& member, const XmlElement& element);

JsonValue list_from_xml(const Member& element, const std::vector<const XmlElement*>& elements) {
  JsonValue::Array list;
  for (const XmlElement* each : elements) list.push_back(from_xml(element, *each));
  return JsonValue(std::move(list));
}

std::vector<const XmlElement*> children_of(const XmlElement& parent, std::string_view name) {
  std::vector<const XmlElement*> children;
  for (const XmlElement& child : parent.children) {
    if (child.name == name) children.push_back(&child);
  }
  return children;
}

void add_entry(const Shape& map, const XmlElement& entry, JsonValue::Object& object) {
  const XmlElement* value = entry.find(map.value.wire_or_name());
  if (value == nullptr) return;
  object.insert_or_assign(std::string(entry.text_of(map.key.wire_or_name())),
                          from_xml(map.value, *value));
}

// What the elements of one name inside `parent` say; null if there is none.
JsonValue member_from_xml(const Member& member, const XmlElement& parent) {
  if (member.is_attribute) {
    const auto found = parent.attributes.find(member.wire_or_name().substr(
        member.wire_or_name().find(':') + 1));  // names are without their prefix
    return found == parent.attributes.end() ? JsonValue()
                                            : value_of_text(member.kind(), found->second);
  }
  std::string_view name = member.wire_or_name();
  if (member.is_flat && member.kind() == Kind::kList && !member.shape->element.wire.empty()) {
    name = member.shape->element.wire;
  }
  const std::vector<const XmlElement*> found = children_of(parent, name);
  if (found.empty()) return {};
  if (member.is_flat && member.kind() == Kind::kList) {
    return list_from_xml(member.shape->element, found);
  }
  if (member.is_flat && member.kind() == Kind::kMap) {
    JsonValue::Object object;
    for (const XmlElement* entry : found) add_entry(*member.shape, *entry, object);
    return JsonValue(std::move(object));
  }
  return from_xml(member, *found.front());
}

JsonValue structure_from_xml(const Shape& shape, const XmlElement& element) {
  JsonValue::Object object;
  for (const Member& member : shape.members) {
    if (member.location != Location::kBody) continue;
    JsonValue value = member_from_xml(member, element);
    if (!value.is_null()) object.emplace(member.name, std::move(value));
  }
  return JsonValue(std::move(object));
}

JsonValue from_xml(const Member& member, const XmlElement& element) {
  switch (member.kind()) {
    case Kind::kStructure: return structure_from_xml(*member.shape, element);
    case Kind::kList: {
      const Member& each = member.shape->element;
      return list_from_xml(each, children_of(element, each.wire.empty() ? "member" : each.wire));
    }
    case Kind::kMap: {
      JsonValue::Object object;
      for (const XmlElement* entry : children_of(element, "entry")) {
        add_entry(*member.shape, *entry, object);
      }
      return JsonValue(std::move(object));
    }
    default: return value_of_text(member.kind(), element.text);
  }
}

// ---------------------------------------------------------------- JSON

JsonValue from_json(const Member& member, const JsonValue& value);

JsonValue structure_from_json(const Shape& shape, const JsonValue& value) {
  JsonValue::Object object;
  for (const Member& member : shape.members) {
    if (member.location != Location::kBody) continue;
    JsonValue each = from_json(member, value[member.wire_or_name()]);
    if (!each.is_null()) object.emplace(member.name, std::move(each));
  }
  return JsonValue(std::move(object));
}

JsonValue from_json(const Member& member, const JsonValue& value) {
  if (value.is_null()) return {};
  switch (member.kind()) {
    case Kind::kStructure:
      return value.is_object() ? structure_from_json(*member.shape, value) : JsonValue();
    case Kind::kList: {
      if (!value.is_array()) return {};
      JsonValue::Array list;
      for (const JsonValue& each : value.array()) {
        list.push_back(from_json(member.shape->element, each));
      }
      return JsonValue(std::move(list));
    }
    case Kind::kMap: {
      if (!value.is_object()) return {};
      JsonValue::Object object;
      for (const auto& [key, each] : value.object()) {
        object.emplace(key, from_json(member.shape->value, each));
      }
      return JsonValue(std::move(object));
    }
    case Kind::kTimeIso:
    case Kind::kTimeRfc822:
    case Kind::kTimeUnix:
      return value_of_text(member.kind(), value.is_string() ? value.string() : to_json(value));
    default: return value;
  }
}

// ---------------------------------------------------------------- all

Error unreadable(const Operation& operation, std::string_view why) {
  return Error(ErrorCode::kCorrupt, fmt::format("the answer to {}.{}: {}", operation.service->name,
                                                operation.name, why));
}

Result<JsonValue> json_of(const Operation& operation, const std::string& body) {
  if (body.empty()) return JsonValue(JsonValue::Object());
  codec::JsonParser parser;
  const codec::JsonView view = parser.parse(body);
  if (!view) return unreadable(operation, "it is no JSON");
  return JsonValue::of(view);
}

// What stands beside the body.
void add_beside(const Shape& shape, const env::HttpResponse& response, JsonValue::Object& object) {
  for (const Member& member : shape.members) {
    if (member.location == Location::kStatus) {
      object.insert_or_assign(member.name, JsonValue(int64_t{response.status}));
    } else if (member.location == Location::kHeader) {
      const std::string* text = response.find_header(member.wire_or_name());
      if (text == nullptr) continue;
      JsonValue value = value_of_text(member.kind(), *text);
      if (!value.is_null()) object.insert_or_assign(member.name, std::move(value));
    } else if (member.location == Location::kHeaders) {
      JsonValue::Object found;
      for (const env::HttpHeader& header : response.headers) {
        const std::string_view name = header.name;
        if (!equal_but_case(name.substr(0, member.wire.size()), member.wire)) continue;
        found.insert_or_assign(std::string(name.substr(member.wire.size())),
                               JsonValue(header.value));
      }
      if (!found.empty()) object.insert_or_assign(member.name, JsonValue(std::move(found)));
    }
  }
}

Result<JsonValue> rest_answer(const Operation& operation, const env::HttpResponse& response) {
  const Shape& shape = *operation.output;
  const bool is_xml = operation.service->protocol == Protocol::kRestXml;
  JsonValue::Object object;
  if (const Member* payload = shape.payload) {
    JsonValue value;
    if (payload->kind() == Kind::kBytes) {
      value = JsonValue(codec::encode_base64(response.body));
    } else if (payload->kind() == Kind::kText) {
      value = JsonValue(response.body);
    } else if (!response.body.empty() && is_xml) {
      TRY(const XmlElement root, codec::parse_xml(response.body));
      value = from_xml(*payload, root);
    } else if (!response.body.empty()) {
      TRY(const JsonValue body, json_of(operation, response.body));
      value = from_json(*payload, body);
    }
    if (!value.is_null()) object.emplace(payload->name, std::move(value));
  } else if (is_xml) {
    if (!response.body.empty()) {
      TRY(const XmlElement root, codec::parse_xml(response.body));
      object = structure_from_xml(shape, root).object();
    }
  } else {
    TRY(const JsonValue body, json_of(operation, response.body));
    object = structure_from_json(shape, body).object();
  }
  add_beside(shape, response, object);
  return JsonValue(std::move(object));
}

}  // namespace

Result<JsonValue> read_answer(const Operation& operation, const env::HttpResponse& response) {
  if (operation.output == nullptr) return JsonValue(JsonValue::Object());
  switch (operation.service->protocol) {
    case Protocol::kQuery:
    case Protocol::kEc2: {
      auto root = codec::parse_xml(response.body);
      if (!root) return unreadable(operation, root.error().message());
      const XmlElement* result = &*root;
      if (!operation.wrapper.empty()) result = root->find(operation.wrapper);
      if (result == nullptr) return unreadable(operation, "there is no " + operation.wrapper);
      return structure_from_xml(*operation.output, *result);
    }
    case Protocol::kJson: {
      TRY(const JsonValue body, json_of(operation, response.body));
      return structure_from_json(*operation.output, body);
    }
    case Protocol::kRestJson:
    case Protocol::kRestXml: {
      auto answer = rest_answer(operation, response);
      if (answer) return answer;
      return unreadable(operation, answer.error().message());
    }
    default: CHECK(!"it is no call of AWS");
  }
  return JsonValue();
}

ServiceError read_xml_error(std::string_view body) {
  const auto root = codec::parse_xml(body);
  if (!root) return {};
  const XmlElement* found = &*root;
  if (const XmlElement* errors = found->find("Errors")) found = errors;
  if (const XmlElement* inner = found->find("Error")) found = inner;
  return {std::string(found->text_of("Code")), std::string(found->text_of("Message")), {}};
}

bool holds_error(const Operation& operation, std::string_view body) {
  const Shape* output = operation.output;
  const Member* payload = output == nullptr ? nullptr : output->payload;
  if (body.empty() || (payload != nullptr && payload->kind() == Kind::kBytes)) return false;
  const Protocol protocol = operation.service->protocol;
  if (protocol == Protocol::kJson || protocol == Protocol::kRestJson) {
    constexpr std::string_view kType = "__type";
    if (!body.contains(kType) || (output != nullptr && output->find(kType) != nullptr))
      return false;
    codec::JsonParser parser;
    const codec::JsonView type = parser.parse(body)[kType];
    return type.exists() && type.is_string();
  }
  // As each protocol writes its errors; parsed only if it may be one.
  if (!body.contains("Error")) return false;
  const auto root = codec::parse_xml(body);
  if (!root) return false;
  return (root->name == "Error" && root->find("Code") != nullptr) ||
         (root->name == "ErrorResponse" && root->find("Error") != nullptr) ||
         (root->name == "Response" && root->find("Errors") != nullptr);
}

// https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html: PermanentRedirect (301),
// TemporaryRedirect (307), AuthorizationHeaderMalformed (400). To HEAD there is no body.
std::string other_region(const ServiceError& error, const env::HttpResponse& response) {
  const bool may_say = response.status == 301 || response.status == 307 ||
                       (response.status == 400 &&
                        (response.body.empty() || error.code == "AuthorizationHeaderMalformed"));
  if (!may_say) return {};
  if (const std::string* said = response.find_header("x-amz-bucket-region")) return *said;
  const auto root = codec::parse_xml(response.body);
  return root ? std::string(root->text_of("Region")) : std::string();
}

ServiceError read_error(const Operation& operation, const env::HttpResponse& response) {
  ServiceError error;
  const Protocol protocol = operation.service->protocol;
  if (protocol == Protocol::kJson || protocol == Protocol::kRestJson) {
    codec::JsonParser parser;
    const codec::JsonView body = parser.parse(response.body);
    if (const std::string* header = response.find_header("x-amzn-errortype")) error.code = *header;
    for (const char* name : {"__type", "code", "Code"}) {
      if (error.code.empty() && body) error.code = body[name].string_or_empty();
    }
    for (const char* name : {"message", "Message", "errorMessage"}) {
      if (error.message.empty() && body) error.message = body[name].string_or_empty();
    }
    // "com.amazonaws.kms#NotFoundException:http://…"
    error.code = error.code.substr(0, error.code.find(':'));
    error.code = error.code.substr(error.code.rfind('#') + 1);
  } else {
    error = read_xml_error(response.body);
  }
  if (operation.service->signing_name == "s3") error.region = other_region(error, response);
  if (error.code.empty()) error.code = fmt::format("HTTP {}", response.status);
  return error;
}

std::string request_id_of(const env::HttpResponse& response) {
  for (const char* name : {"x-amzn-requestid", "x-amz-request-id", "x-amzn-request-id"}) {
    if (const std::string* id = response.find_header(name)) return *id;
  }
  return {};
}

ErrorCode class_of(const ServiceError& error, int status) {
  const auto is = [&](std::initializer_list<std::string_view> codes) {
    return std::ranges::find(codes, error.code) != codes.end();
  };
  // Botocore's list of what is throttling (data/_retry.json), and S3's.
  if (status == 429 ||
      is({"Throttling", "ThrottlingException", "ThrottledException", "RequestThrottledException",
          "TooManyRequestsException", "ProvisionedThroughputExceededException",
          "TransactionInProgressException", "RequestLimitExceeded", "BandwidthLimitExceeded",
          "LimitExceededException", "RequestThrottled", "SlowDown", "PriorRequestNotComplete",
          "EC2ThrottledException"})) {
    return ErrorCode::kThrottled;
  }
  if (is({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthFailure",
          "InvalidClientTokenId", "UnrecognizedClientException", "SignatureDoesNotMatch",
          "ExpiredToken", "ExpiredTokenException", "RequestExpired", "RequestTimeTooSkewed",
          "InvalidSignatureException", "MissingAuthenticationToken", "OptInRequired",
          "NotAuthorized", "AuthorizationError"})) {
    return ErrorCode::kDenied;
  }
  if (status == 401 || status == 403) return ErrorCode::kDenied;
  if (is({"ConcurrentModification", "ConcurrentModificationException", "PreconditionFailed",
          "PreconditionFailedException", "OperationAborted", "ConflictException",
          "EntityTemporarilyUnmodifiable", "ResourceConflictException", "IncorrectState",
          "IncorrectInstanceState", "DependencyViolation", "ResourceInUse", "DeleteConflict"})) {
    return ErrorCode::kConflict;
  }
  if (status == 404 || error.code.starts_with("NoSuch") || error.code.ends_with(".NotFound") ||
      is({"NotFoundException", "ResourceNotFoundException", "TrailNotFoundException"})) {
    return ErrorCode::kNotFound;
  }
  if (status >= 500 || is({"RequestTimeout", "RequestTimeoutException", "InternalError"})) {
    return ErrorCode::kUnknownOutcome;
  }
  return ErrorCode::kInvalid;
}

}  // namespace stanch::cloud::aws
