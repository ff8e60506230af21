// Five protocols in one file of small parts: query and ec2 flatten the parameters into a form;
// json puts them into one object; rest-json and rest-xml spread them over path, query, headers and
// a body of JSON or XML.

#include "cloud/aws/write_call.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "cloud/aws/signing.h"
#include "cloud/aws/wire_text.h"
#include "cloud/encode_uri.h"
#include "cloud/parameters.h"
#include "codec/base64.h"
#include "codec/hash.h"
#include "codec/json_writer.h"
#include "codec/xml.h"

namespace stanch::cloud::aws {

namespace {

using codec::JsonValue;

// ---------------------------------------------------------------- query, ec2

class Form {
 public:
  explicit Form(Protocol protocol) : is_ec2_(protocol == Protocol::kEc2) {}

  void structure(const Shape& shape, const JsonValue& value, const std::string& prefix) {
    for (const auto& [name, each] : value.object()) {
      const Member& member = *shape.find(name);
      const std::string own = name_of(member);
      this->value(member, each, prefix.empty() ? own : prefix + "." + own);
    }
  }
  void add(std::string_view name, std::string_view value) {
    if (!text_.empty()) text_ += '&';
    text_ += encode_uri(name) + "=" + encode_uri(value);
  }
  std::string take() { return std::move(text_); }

 private:
  // https://smithy.io/2.0/aws/protocols/aws-ec2-query-protocol.html#query-key-resolution
  std::string name_of(const Member& member) const {
    if (!is_ec2_) return member.wire_or_name();
    if (!member.query_name.empty()) return member.query_name;
    std::string name = member.wire_or_name();
    if (name[0] >= 'a' && name[0] <= 'z') name[0] = static_cast<char>(name[0] - 'a' + 'A');
    return name;
  }

  void value(const Member& member, const JsonValue& value, const std::string& name) {
    switch (member.kind()) {
      case Kind::kStructure: return structure(*member.shape, value, name);
      case Kind::kList: return list(member, value, name);
      case Kind::kMap: return map(member, value, name);
      default: return add(name, wire_text(member.kind(), value));
    }
  }

  void list(const Member& member, const JsonValue& value, std::string name) {
    const Member& element = member.shape->element;
    if (!is_ec2_) {
      if (value.array().empty()) return add(name, "");  // as it is cleared
      if (!member.is_flat) {
        name += "." + (element.wire.empty() ? "member" : element.wire);
      } else if (!element.wire.empty()) {
        name = name.substr(0, name.rfind('.') + 1) + element.wire;
      }
    }
    for (size_t i = 0; i < value.array().size(); ++i) {
      this->value(element, value.array()[i], fmt::format("{}.{}", name, i + 1));
    }
  }

  void map(const Member& member, const JsonValue& value, std::string name) {
    if (!member.is_flat) name += ".entry";
    size_t number = 0;
    for (const auto& [key, each] : value.object()) {
      const std::string at = fmt::format("{}.{}.", name, ++number);
      add(at + member.shape->key.wire_or_name(), key);
      this->value(member.shape->value, each, at + member.shape->value.wire_or_name());
    }
  }

  bool is_ec2_;
  std::string text_;
};

// ---------------------------------------------------------------- bodies

void append_json(const Member& member, const JsonValue& value, codec::JsonWriter& json);

void append_json(const Shape& shape, const JsonValue& value, codec::JsonWriter& json) {
  json.begin_object();
  for (const auto& [name, each] : value.object()) {
    const Member& member = *shape.find(name);
    if (member.location != Location::kBody) continue;
    append_json(member, each, json.key(member.wire_or_name()));
  }
  json.end_object();
}

void append_json(const Member& member, const JsonValue& value, codec::JsonWriter& json) {
  switch (member.kind()) {
    case Kind::kStructure: return append_json(*member.shape, value, json);
    case Kind::kList:
      json.begin_array();
      for (const JsonValue& each : value.array()) append_json(member.shape->element, each, json);
      json.end_array();
      return;
    case Kind::kMap:
      json.begin_object();
      for (const auto& [key, each] : value.object()) {
        append_json(member.shape->value, each, json.key(key));
      }
      json.end_object();
      return;
    case Kind::kTimeUnix: json.raw(wire_text(member.kind(), value)); return;
    case Kind::kTimeRfc822: json.string(wire_text(member.kind(), value)); return;
    default: codec::append_json(value, json);
  }
}

std::string opening_tag(const std::string& name, const Member& member) {
  std::string tag = "<" + name;
  if (!member.namespace_uri.empty()) {
    tag +=
        member.namespace_prefix.empty() ? " xmlns=\"" : " xmlns:" + member.namespace_prefix + "=\"";
    codec::append_xml_text(member.namespace_uri, tag);
    tag += '"';
  }
  return tag;
}

void append_xml(const std::string& name, const Member& member, const JsonValue& value,
                std::string& out);

// The attributes into `tag`, the elements into `out`.
void append_xml(const Shape& shape, const JsonValue& value, std::string& tag, std::string& out) {
  for (const Member& member : shape.members) {  // in their order: some schemas are strict
    const JsonValue& each = value[member.name];
    if (each.is_null() || member.location != Location::kBody) continue;
    if (member.is_attribute) {
      tag += " " + member.wire_or_name() + "=\"";
      codec::append_xml_text(wire_text(member.kind(), each), tag);
      tag += '"';
    } else {
      append_xml(member.wire_or_name(), member, each, out);
    }
  }
}

void append_xml(const std::string& name, const Member& member, const JsonValue& value,
                std::string& out) {
  if (member.kind() == Kind::kList && member.is_flat) {
    for (const JsonValue& each : value.array()) append_xml(name, member.shape->element, each, out);
    return;
  }
  std::string tag = opening_tag(name, member), inside;
  switch (member.kind()) {
    case Kind::kStructure: append_xml(*member.shape, value, tag, inside); break;
    case Kind::kList: {
      const Member& element = member.shape->element;
      for (const JsonValue& each : value.array()) {
        append_xml(element.wire.empty() ? "member" : element.wire, element, each, inside);
      }
      break;
    }
    case Kind::kMap:
      for (const auto& [key, each] : value.object()) {
        inside += "<entry>";
        append_xml(member.shape->key.wire_or_name(), member.shape->key, JsonValue(key), inside);
        append_xml(member.shape->value.wire_or_name(), member.shape->value, each, inside);
        inside += "</entry>";
      }
      break;
    default: codec::append_xml_text(wire_text(member.kind(), value), inside);
  }
  out += tag + ">" + inside + "</" + name + ">";
}

// ---------------------------------------------------------------- rest-json, rest-xml

class Rest {
 public:
  Rest(const Operation& operation, const JsonValue& parameters, WireCall& call)
      : operation_(operation), parameters_(parameters), call_(call) {}

  Result<> write() {
    TRY(put_uri());
    if (operation_.input == nullptr) return {};
    for (const Member& member : operation_.input->members) put_beside(member);
    put_body();
    return {};
  }

 private:
  Result<> put_uri() {
    const size_t mark = operation_.uri.find('?');
    std::string_view left = std::string_view(operation_.uri).substr(0, mark);
    call_.path.clear();
    while (!left.empty()) {
      const size_t open = left.find('{');
      call_.path += left.substr(0, open);
      if (open == left.npos) break;
      const size_t close = left.find('}', open);
      std::string_view label = left.substr(open + 1, close - open - 1);
      const bool greedy = label.ends_with('+');
      if (greedy) label.remove_suffix(1);
      TRY(const std::string text, label_text(label));
      call_.path += greedy ? encode_uri_but(text, "/") : encode_uri(text);
      left.remove_prefix(close + 1);
    }
    if (mark == operation_.uri.npos) return {};
    std::string_view query = std::string_view(operation_.uri).substr(mark + 1);
    while (!query.empty()) {
      const std::string_view pair = query.substr(0, query.find('&'));
      const size_t equals = pair.find('=');
      if (equals == pair.npos) {
        call_.query.push_back({std::string(pair), "", false});
      } else {
        call_.query.push_back(
            {std::string(pair.substr(0, equals)), std::string(pair.substr(equals + 1)), true});
      }
      query.remove_prefix(std::min(pair.size() + 1, query.size()));
    }
    return {};
  }

  Result<std::string> label_text(std::string_view label) const {
    const auto member = std::ranges::find_if(operation_.input->members, [&](const Member& each) {
      return each.location == Location::kUri && each.wire_or_name() == label;
    });
    if (member != operation_.input->members.end()) {
      const JsonValue& value = parameters_[member->name];
      std::string text = value.is_null() ? "" : wire_text(member->kind(), value);
      if (!text.empty()) return text;
    }
    // Without it the path would be that of another operation.
    return Error(ErrorCode::kInvalid,
                 fmt::format("{}.{}: {}: it is part of the path", operation_.service->name,
                             operation_.name, label));
  }

  void put_beside(const Member& member) {
    const JsonValue& value = parameters_[member.name];
    if (value.is_null()) return;
    switch (member.location) {
      case Location::kHeader:
        call_.headers.push_back({member.wire_or_name(), header_text(member, value)});
        break;
      case Location::kHeaders:
        for (const auto& [key, each] : value.object()) {
          call_.headers.push_back({member.wire + key, each.text_or_empty()});
        }
        break;
      case Location::kQuery: put_query(member, value); break;
      default: break;
    }
  }

  static std::string header_text(const Member& member, const JsonValue& value) {
    if (member.kind() != Kind::kList) return wire_text(member.kind(), value);
    std::string text;
    for (const JsonValue& each : value.array()) {
      text += (text.empty() ? "" : ",") + wire_text(member.shape->element.kind(), each);
    }
    return text;
  }

  void put_query(const Member& member, const JsonValue& value) {
    const std::string name = encode_uri(member.wire_or_name());
    if (member.kind() == Kind::kList) {
      for (const JsonValue& each : value.array()) {
        call_.query.push_back({name, encode_uri(wire_text(member.shape->element.kind(), each))});
      }
    } else if (member.kind() == Kind::kMap) {
      for (const auto& [key, each] : value.object()) {
        call_.query.push_back({encode_uri(key), encode_uri(each.text_or_empty())});
      }
    } else {
      call_.query.push_back({name, encode_uri(wire_text(member.kind(), value))});
    }
  }

  void put_body() {
    const Shape& input = *operation_.input;
    const bool is_xml = operation_.service->protocol == Protocol::kRestXml;
    const std::string type = is_xml ? "application/xml" : "application/json";
    if (const Member* payload = input.payload) {
      const JsonValue& value = parameters_[payload->name];
      if (value.is_null()) return;
      if (payload->kind() == Kind::kBytes) {
        call_.body = codec::decode_base64(value.string()).value_or("");
      } else if (payload->kind() == Kind::kText) {
        call_.body = value.string();
      } else if (is_xml) {
        append_xml(payload->wire_or_name(), *payload, value, call_.body);
        call_.headers.push_back({"content-type", type});
      } else {
        codec::JsonWriter json(call_.body);
        append_json(*payload, value, json);
        call_.headers.push_back({"content-type", type});
      }
      return;
    }
    const bool has_body = std::ranges::any_of(
        input.members, [](const Member& member) { return member.location == Location::kBody; });
    if (!has_body) return;
    if (is_xml) {
      Member root;
      root.shape = &input;
      root.namespace_uri = operation_.root_namespace;
      append_xml(operation_.root.empty() ? operation_.name + "Request" : operation_.root, root,
                 parameters_, call_.body);
    } else {
      codec::JsonWriter json(call_.body);
      append_json(input, parameters_, json);
    }
    call_.headers.push_back({"content-type", type});
  }

  const Operation& operation_;
  const JsonValue& parameters_;
  WireCall& call_;
};

// ---------------------------------------------------------------- all

// "{AccountId}." of the table, with the parameter: one label of a host name, and no more.
Result<std::string> host_prefix(const Operation& operation, const JsonValue& parameters) {
  std::string prefix = operation.host_prefix;
  const size_t open = prefix.find('{'), close = prefix.find('}');
  if (open == prefix.npos || close == prefix.npos) return prefix;
  const std::string name = prefix.substr(open + 1, close - open - 1);
  const std::string& label = parameters[name].text_or_empty();
  constexpr size_t kLabelMax = 63;
  if (label.empty() || label.size() > kLabelMax ||
      label.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") != label.npos) {
    return Error(ErrorCode::kInvalid, fmt::format("{}.{}: {}: it is part of the host's name",
                                                  operation.service->name, operation.name, name));
  }
  return prefix.substr(0, open) + label + prefix.substr(close + 1);
}

JsonValue with_token(const Operation& operation, const JsonValue& parameters,
                     const std::string& token) {
  JsonValue all = parameters;
  if (operation.input == nullptr) return all;
  for (const Member& member : operation.input->members) {
    if (member.is_token && all[member.name].is_null()) {
      all.object().insert_or_assign(member.name, JsonValue(token));
    }
  }
  return all;
}

}  // namespace

std::string WireCall::target() const {
  std::string target = path;
  for (size_t i = 0; i < query.size(); ++i) {
    target += (i == 0 ? "?" : "&") + query[i].name;
    if (query[i].has_value) target += "=" + query[i].value;
  }
  return target;
}

Result<WireCall> write_call(const Operation& operation, const JsonValue& given,
                            const std::string& token) {
  TRY(check_parameters(operation, given));
  const JsonValue parameters = with_token(operation, given, token);
  const Service& service = *operation.service;
  WireCall call;
  call.method = operation.method;
  TRY(call.host_prefix, host_prefix(operation, parameters));
  switch (service.protocol) {
    case Protocol::kQuery:
    case Protocol::kEc2: {
      Form form(service.protocol);
      form.add("Action", operation.name);
      form.add("Version", service.version);
      if (operation.input != nullptr) form.structure(*operation.input, parameters, "");
      call.headers.push_back({"content-type", "application/x-www-form-urlencoded; charset=utf-8"});
      call.body = form.take();
      break;
    }
    case Protocol::kJson: {
      call.headers.push_back({"content-type", "application/x-amz-json-" + service.json_version});
      call.headers.push_back({"x-amz-target", service.target_prefix + "." + operation.name});
      codec::JsonWriter json(call.body);
      if (operation.input == nullptr) {
        json.begin_object().end_object();
      } else {
        append_json(*operation.input, parameters, json);
      }
      break;
    }
    case Protocol::kRestJson:
    case Protocol::kRestXml: TRY(Rest(operation, parameters, call).write()); break;
    default: CHECK(!"it is no call of AWS");
  }
  if (operation.wants_checksum) {
    const codec::Sha256 hash = codec::sha256(call.body);
    call.headers.push_back(
        {"x-amz-checksum-sha256",
         codec::encode_base64({reinterpret_cast<const char*>(hash.data()), hash.size()})});
  }
  return call;
}

}  // namespace stanch::cloud::aws
