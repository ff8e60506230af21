#include <algorithm>
#include <memory>
#include <span>
#include <tuple>
#include <utility>

#include "codec/yaml.h"
#include "detect/detect.h"
#include "detect/fields/read_pipeline.h"
#include "detect/sigma/limits.h"
#include "detect/sigma/metadata.h"
#include "detect/sigma/reporter.h"

// content/fields/*.yaml:
//
//   log: {product: aws, service: cloudtrail}
//   family: aws_cloudtrail
//   members: [eventVersion, userIdentity, …]
//   data_events: {eventName: [GetObject, …]}
//   transformations: [{type: field_name_mapping, …}, …]
//
// and anything else that people want to note beside it. A file may lack the first four, or the
// last.

namespace stanch::detect {

namespace {

using sigma::At;
using sigma::Code;
using sigma::Reporter;
using sigma::to_at;

void refuse(Reporter& reporter, At at, std::string message, std::string hint) {
  reporter.report(Code::kBadLogSchema, at, std::move(message), std::move(hint));
}

void read_schema(const codec::YamlNode& root, FieldContent& content, Reporter& reporter) {
  const codec::YamlNode* log = root.find("log");
  const codec::YamlNode* members = root.find("members");
  if (log == nullptr || !log->is_map()) {
    return refuse(reporter, to_at(root.mark), "there is no `log` map",
                  "write e.g. log: {product: aws, service: cloudtrail}");
  }
  if (members == nullptr || !members->is_list() || members->items.empty()) {
    return refuse(reporter, to_at(root.mark), "there is no list `members`",
                  "list the members of the events");
  }
  LogSchema schema;
  schema.product = sigma::read_text(*log, "product", reporter).value_or("");
  schema.service = sigma::read_text(*log, "service", reporter).value_or("");
  schema.category = sigma::read_text(*log, "category", reporter).value_or("");
  if (const codec::YamlNode* family = root.find("family")) {
    const bool is_list = family->is_list();
    for (const codec::YamlNode& each : is_list ? std::span(family->items) : std::span(family, 1)) {
      schema.families.push_back(each.text);
    }
  }
  if (schema.product.empty() && schema.service.empty() && schema.category.empty()) {
    return refuse(reporter, to_at(log->mark), "`log` names no log",
                  "give product, service or category");
  }
  for (const codec::YamlNode& member : members->items) {
    if (!member.is_scalar() || member.is_null()) {
      return refuse(reporter, to_at(member.mark), "a member is no text", "");
    }
    schema.members.push_back(member.text);
  }
  if (const codec::YamlNode* data_events = root.find("data_events")) {
    for (const codec::YamlMember& member : data_events->members) {
      for (const codec::YamlNode& value : member.value.items) {
        schema.data_events[member.key.text].push_back(value.text);
      }
    }
    if (schema.data_events.empty()) {
      return refuse(reporter, to_at(data_events->mark), "`data_events` is no map of lists",
                    "write e.g. data_events: {eventName: [GetObject]}");
    }
  }
  content.logs.push_back(std::move(schema));
}

}  // namespace

void read_fields(const RuleText& file, FieldContent& content, Diagnostics& diagnostics) {
  Reporter reporter(file.path, file.text, diagnostics);
  const auto documents = codec::parse_yaml(file.text, {.bytes_max = sigma::kFileBytesMax,
                                                       .nodes_max = sigma::kNodesMax,
                                                       .depth_max = sigma::kYamlDepthMax});
  if (documents.size() != 1) return refuse(reporter, {}, "not one YAML document", "");
  const codec::YamlDocument& document = documents.front();
  if (document.problem) {
    return refuse(reporter, to_at(document.problem->mark), document.problem->message,
                  document.problem->hint);
  }
  if (!document.duplicate_keys.empty()) {
    const auto& duplicate = document.duplicate_keys.front();
    return refuse(reporter, to_at(duplicate.again), "'" + duplicate.key + "' stands here twice",
                  "");
  }
  const codec::YamlNode& root = document.root;
  const auto holds = [&](std::string_view key) { return root.find(key) != nullptr; };
  const bool is_map = holds("transformations");
  if (!is_map || holds("log") || holds("members")) read_schema(root, content, reporter);
  if (!is_map) return;
  auto pipeline = fields::read_pipeline(root, file.path, reporter);
  if (!pipeline) return;
  content.maps.push_back(std::make_shared<const fields::Pipeline>(std::move(*pipeline)));
  std::ranges::stable_sort(content.maps, [](const FieldMap& a, const FieldMap& b) {
    return std::tie(a->priority, a->path) < std::tie(b->priority, b->path);
  });
}

}  // namespace stanch::detect
