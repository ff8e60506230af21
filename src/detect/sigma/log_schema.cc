#include <array>
#include <optional>

#include "base/suggest.h"
#include "codec/yaml.h"
#include "detect/detect.h"
#include "detect/sigma/metadata.h"
#include "detect/sigma/reporter.h"

// content/fields/*.yaml:
//
//   log: {product: aws, service: cloudtrail}
//   members: [eventVersion, userIdentity, …]
//
// and anything else that people want to note beside it.

namespace stanch::detect {

std::optional<LogSchema> parse_log_schema(const RuleText& file, Diagnostics& diagnostics) {
  using namespace sigma;
  Reporter reporter(file.path, file.text, diagnostics);
  const auto documents = codec::parse_yaml(file.text);
  const auto refuse = [&](At at, std::string message, std::string hint) {
    reporter.report(Code::kBadLogSchema, at, std::move(message), std::move(hint));
    return std::nullopt;
  };
  if (documents.size() != 1) return refuse({}, "not one YAML document", "");
  const codec::YamlDocument& document = documents.front();
  if (document.problem) {
    return refuse(to_at(document.problem->mark), document.problem->message, document.problem->hint);
  }
  if (!document.duplicate_keys.empty()) {
    const auto& duplicate = document.duplicate_keys.front();
    return refuse(to_at(duplicate.again), "'" + duplicate.key + "' stands here twice", "");
  }
  const codec::YamlNode& root = document.root;
  const codec::YamlNode* log = root.find("log");
  const codec::YamlNode* members = root.find("members");
  if (log == nullptr || !log->is_map()) {
    return refuse(to_at(root.mark), "there is no `log` map",
                  "write e.g. log: {product: aws, service: cloudtrail}");
  }
  if (members == nullptr || !members->is_list() || members->items.empty()) {
    return refuse(to_at(root.mark), "there is no list `members`",
                  "list the top-level members of the events");
  }
  LogSchema schema;
  schema.product = read_text(*log, "product", reporter).value_or("");
  schema.service = read_text(*log, "service", reporter).value_or("");
  schema.category = read_text(*log, "category", reporter).value_or("");
  if (schema.product.empty() && schema.service.empty() && schema.category.empty()) {
    return refuse(to_at(log->mark), "`log` names no log", "give product, service or category");
  }
  for (const codec::YamlNode& member : members->items) {
    if (!member.is_scalar() || member.is_null()) {
      return refuse(to_at(member.mark), "a member is no text", "");
    }
    schema.members.push_back(member.text);
  }
  return schema;
}

}  // namespace stanch::detect
