#include "cloud/operations.h"

#include <algorithm>

#include "base/check.h"
#include "codec/json_value.h"

namespace stanch::cloud {

namespace {

using codec::JsonValue;

template <typename T>
struct Word {
  std::string_view word;
  T value;
};

constexpr Word<Protocol> kProtocols[] = {
    {"query", Protocol::kQuery},      {"ec2", Protocol::kEc2},
    {"json", Protocol::kJson},        {"rest-json", Protocol::kRestJson},
    {"rest-xml", Protocol::kRestXml}, {"webhook", Protocol::kWebhook},
    {"arm", Protocol::kArm},          {"graph", Protocol::kGraph},
    {"google", Protocol::kGoogle}};
constexpr Word<Waits> kWaits[] = {{"compute", Waits::kCompute}, {"operation", Waits::kOperation}};
constexpr Word<Kind> kKinds[] = {
    {"s", Kind::kText},        {"b", Kind::kBoolean},   {"i", Kind::kInteger},
    {"d", Kind::kNumber},      {"x", Kind::kBytes},     {"ti", Kind::kTimeIso},
    {"tr", Kind::kTimeRfc822}, {"tu", Kind::kTimeUnix}, {"j", Kind::kAnything}};
constexpr Word<Location> kLocations[] = {{"header", Location::kHeader},
                                         {"headers", Location::kHeaders},
                                         {"uri", Location::kUri},
                                         {"querystring", Location::kQuery},
                                         {"statusCode", Location::kStatus}};

// An error is a mistake of the generator: the first is enough.
class Reading {
 public:
  Result<std::map<std::string, Service, std::less<>>> read(const JsonValue& table) {
    std::map<std::string, Service, std::less<>> services;
    if (!table["services"].is_object()) return Error(ErrorCode::kInvalid, "no services");
    for (const auto& [name, row] : table["services"].object()) {
      service(name, row, services[name]);
    }
    if (!problem_.empty()) return Error(ErrorCode::kInvalid, "operations: " + problem_);
    return services;
  }

 private:
  template <typename T, size_t kCount>
  T word(const JsonValue& value, const Word<T> (&words)[kCount]) {
    const auto found = std::ranges::find(words, value.text_or_empty(), &Word<T>::word);
    if (found != std::end(words)) return found->value;
    problem("'" + value.text_or_empty() + "' is no known word");
    return {};
  }
  void problem(const std::string& what) {
    if (problem_.empty()) problem_ = at_ + ": " + what;
  }

  void service(const std::string& name, const JsonValue& row, Service& service) {
    at_ = name;
    service.name = name;
    service.protocol = word(row["protocol"], kProtocols);
    service.version = row["version"].text_or_empty();
    service.endpoint_prefix = row["endpoint"].text_or_empty();
    service.signing_name = row["signing"].text_or_empty();
    service.target_prefix = row["target"].text_or_empty();
    service.json_version = row["json"].text_or_empty();
    service.xml_namespace = row["namespace"].text_or_empty();
    if (!row["operations"].is_object() || !row["shapes"].is_object()) return problem("incomplete");
    if (row["global"].is_object()) {
      for (const auto& [partition, endpoint] : row["global"].object()) {
        service.global[partition] = {endpoint["host"].text_or_empty(),
                                     endpoint["region"].text_or_empty()};
      }
    }
    for (const auto& [shape, said] : row["shapes"].object()) service.shapes[shape];
    for (const auto& [shape, said] : row["shapes"].object()) {
      at_ = name + "." + shape;
      this->shape(service, said, service.shapes[shape]);
    }
    for (const auto& [operation, said] : row["operations"].object()) {
      at_ = name + "." + operation;
      this->operation(service, said, service.operations[operation]);
      service.operations[operation].name = operation;
    }
  }

  void operation(Service& service, const JsonValue& said, Operation& operation) {
    operation.service = &service;
    operation.method = said["method"].text_or_empty();
    operation.uri = said["uri"].text_or_empty();
    operation.wrapper = said["wrapper"].text_or_empty();
    operation.root = said["root"].text_or_empty();
    operation.root_namespace = said["namespace"].text_or_empty();
    operation.host_prefix = said["host"].text_or_empty();
    operation.input = shape_of(service, said["input"]);
    operation.output = shape_of(service, said["output"]);
    operation.wants_checksum = said["checksum"].is_bool();
    if (said["wait"].is_string()) operation.waits = word(said["wait"], kWaits);
    if (const JsonValue& page = said["page"]; page.is_object()) {
      operation.paging = std::make_unique<Paging>();
      operation.paging->in = page["in"].text_or_empty();
      operation.paging->out = page["out"].text_or_empty();
      operation.paging->more = page["more"].text_or_empty();
      if (!page["lists"].is_array()) return problem("pages of nothing");
      for (const JsonValue& list : page["lists"].array()) {
        operation.paging->lists.push_back(list.text_or_empty());
      }
    }
  }

  const Shape* shape_of(const Service& service, const JsonValue& type) {
    if (type.is_null()) return nullptr;
    const std::string& text = type.text_or_empty();
    const auto found = service.shapes.find(text.empty() ? text : text.substr(1));
    if (found != service.shapes.end()) return &found->second;
    problem("there is no shape '" + text + "'");
    return nullptr;
  }

  void shape(const Service& service, const JsonValue& said, Shape& shape) {
    if (said["m"].is_object()) {
      shape.kind = Kind::kStructure;
      for (const auto& [name, member] : said["m"].object()) {
        shape.members.push_back(this->member(service, name, member));
      }
      if (said["r"].is_array()) {
        for (const JsonValue& name : said["r"].array()) {
          shape.required.push_back(name.text_or_empty());
        }
      }
      shape.is_open = !said["o"].is_null();
      if (said["p"].is_string()) {
        shape.payload = shape.find(said["p"].string());
        if (shape.payload == nullptr) problem("its body is no member");
      }
    } else if (!said["e"].is_null()) {
      shape.kind = Kind::kList;
      shape.element = member(service, "", said["e"]);
    } else if (!said["k"].is_null() && !said["v"].is_null()) {
      shape.kind = Kind::kMap;
      shape.key = member(service, "key", said["k"]);
      shape.value = member(service, "value", said["v"]);
    } else {
      problem("is neither structure nor list nor map");
    }
  }

  Member member(const Service& service, std::string name, const JsonValue& said) {
    Member member;
    member.name = std::move(name);
    const JsonValue& type = said.is_string() ? said : said["t"];
    if (type.text_or_empty().starts_with('@')) {
      member.shape = shape_of(service, type);
    } else {
      member.scalar = word(type, kKinds);
    }
    member.wire = said["w"].text_or_empty();
    member.query_name = said["q"].text_or_empty();
    if (said["l"].is_string()) member.location = word(said["l"], kLocations);
    member.is_flat = !said["f"].is_null();
    member.is_attribute = !said["a"].is_null();
    member.is_sensitive = !said["x"].is_null();
    member.is_token = !said["i"].is_null();
    member.segments = said["g"].text_or_empty();
    if (said["n"].is_object() && !said["n"].object().empty()) {
      member.namespace_prefix = said["n"].object().begin()->first;
      member.namespace_uri = said["n"].object().begin()->second.text_or_empty();
    }
    return member;
  }

  std::string at_, problem_;
};

// Made part of the program by CMakeLists.txt.
extern "C" const char stanch_aws_operations[];
extern "C" const char stanch_aws_operations_end[];
extern "C" const char stanch_azure_operations[];
extern "C" const char stanch_azure_operations_end[];
extern "C" const char stanch_gcp_operations[];
extern "C" const char stanch_gcp_operations_end[];
extern "C" const char stanch_webhook_operations[];
extern "C" const char stanch_webhook_operations_end[];

}  // namespace

const Member* Shape::find(std::string_view name) const {
  const auto found = std::ranges::find(members, name, &Member::name);
  return found == members.end() ? nullptr : &*found;
}

const Operations& Operations::built_in() {
  static const Operations kTable = [] {
    Operations all;
    for (const std::string_view table :
         {std::string_view(stanch_aws_operations, stanch_aws_operations_end),
          std::string_view(stanch_azure_operations, stanch_azure_operations_end),
          std::string_view(stanch_gcp_operations, stanch_gcp_operations_end),
          std::string_view(stanch_webhook_operations, stanch_webhook_operations_end)}) {
      auto more = read(table);
      CHECK(more.has_value());
      all.services_.merge(more->services_);
      CHECK(more->services_.empty());
    }
    return all;
  }();
  return kTable;
}

Result<Operations> Operations::read(std::string_view json) {
  codec::JsonParser parser;
  Operations operations;
  TRY(operations.services_, Reading().read(JsonValue::of(parser.parse(json))));
  return operations;
}

const Operation* Operations::find(std::string_view service, std::string_view operation) const {
  const auto of = services_.find(service);
  if (of == services_.end()) return nullptr;
  const auto found = of->second.operations.find(operation);
  return found == of->second.operations.end() ? nullptr : &found->second;
}

}  // namespace stanch::cloud
