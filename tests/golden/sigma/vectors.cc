#include "vectors.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <sstream>
#include <stdexcept>

#include "codec/base64.h"

namespace stanch::vectors {
namespace {

void allow_only(const YAML::Node& map, const std::set<std::string>& keys) {
  for (const auto& member : map) {
    auto key = member.first.as<std::string>();
    if (!keys.contains(key)) {
      throw std::runtime_error("line " + std::to_string(member.first.Mark().line + 1) +
                               ": unknown key " + key);
    }
  }
}

std::string text_or_empty(const YAML::Node& node) { return node ? node.as<std::string>() : ""; }

std::string indented(const std::string& text) {
  std::istringstream lines(text);
  std::string out;
  for (std::string line; std::getline(lines, line);) out += "    " + line + "\n";
  return out;
}

constexpr std::string_view kHeader = "title: vector\nlogsource:\n  product: test\n";

// `rule` is whole; `detection` lacks the header; `item` also a name and a condition.
std::string rule_text(const YAML::Node& group) {
  if (group["rule"]) return group["rule"].as<std::string>();
  std::string text = std::string(kHeader) + "detection:\n";
  if (group["detection"]) return text + indented(group["detection"].as<std::string>());
  return text + "    condition: selection\n    selection:\n" +
         indented(indented(group["item"].as<std::string>()));
}

Verdict verdict_of(const std::string& text) {
  static const std::map<std::string, Verdict> kVerdicts = {
      {"true", Verdict::kMatches},
      {"hidden", Verdict::kHidden},
      {"false", Verdict::kDoesNotMatch},
      {"loads", Verdict::kLoads},
      {"unbindable", Verdict::kUnbindable},
      {"refused", Verdict::kRefused},
      {"refused-placeholder", Verdict::kRefusedPlaceholder}};
  return kVerdicts.at(text);
}

Case read_case(const YAML::Node& node) {
  allow_only(node, {"id", "event", "event_base64", "which", "document", "source", "verdict",
                    "codes", "loaded", "reason"});
  Case out;
  out.id = node["id"].as<std::string>();
  out.verdict = verdict_of(node["verdict"].as<std::string>());
  out.reason = node["reason"].as<std::string>();
  out.which = text_or_empty(node["which"]);
  if (node["document"]) out.document = node["document"].as<uint32_t>();
  if (node["codes"]) out.codes = node["codes"].as<std::vector<std::string>>();
  if (YAML::Node loaded = node["loaded"]) {
    allow_only(loaded, {"id", "version", "level"});
    out.loaded = loaded.as<std::map<std::string, std::string>>();
  }
  if (node["event"]) out.event = node["event"].as<std::string>();
  if (node["event_base64"]) {
    out.event = codec::decode_base64(node["event_base64"].as<std::string>());
  }
  if (YAML::Node source = node["source"]) {
    allow_only(source, {"product", "service", "category"});
    out.product = text_or_empty(source["product"]);
    out.service = text_or_empty(source["service"]);
    out.category = text_or_empty(source["category"]);
  }
  bool needs_event = out.verdict == Verdict::kMatches || out.verdict == Verdict::kDoesNotMatch ||
                     out.verdict == Verdict::kHidden;
  if (needs_event != out.event.has_value()) throw std::runtime_error(out.id + ": event?");
  return out;
}

Group read_group(const YAML::Node& node, const std::string& file) {
  allow_only(node, {"spec", "item", "detection", "rule", "placeholders", "logs", "maps", "cases"});
  Group out;
  out.file = file;
  out.spec = node["spec"].as<std::vector<std::string>>();
  out.rule = rule_text(node);
  out.maps = text_or_empty(node["maps"]);
  for (const auto& member : node["placeholders"]) {
    out.placeholders[member.first.as<std::string>()] = member.second.as<std::vector<std::string>>();
  }
  for (const YAML::Node& log : node["logs"]) {
    allow_only(log, {"product", "service", "category", "members"});
    out.logs.push_back({text_or_empty(log["product"]), text_or_empty(log["service"]),
                        text_or_empty(log["category"]),
                        log["members"].as<std::vector<std::string>>()});
  }
  for (const YAML::Node& one : node["cases"]) out.cases.push_back(read_case(one));
  if (out.spec.empty() || out.cases.empty()) throw std::runtime_error(file + ": empty group");
  return out;
}

}  // namespace

std::vector<std::string> file_names(const std::string& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::string name = entry.path().filename();
    const bool other =
        name == "checklist.yaml" || name == "correlations.yaml" || name == "second_opinion.yaml";
    if (entry.path().extension() == ".yaml" && !other) names.push_back(name);
  }
  std::ranges::sort(names);
  return names;
}

std::vector<Group> read_groups(const std::string& folder, const std::string& file) {
  YAML::Node root = YAML::LoadFile(folder + "/" + file);
  allow_only(root, {"topic", "groups"});
  std::vector<Group> groups;
  for (const YAML::Node& node : root["groups"]) groups.push_back(read_group(node, file));
  return groups;
}

Checklist read_checklist(const std::string& folder) {
  YAML::Node root = YAML::LoadFile(folder + "/checklist.yaml");
  allow_only(root, {"both", "refused", "any"});
  auto ids = [](const YAML::Node& map) {
    std::vector<std::string> out;
    for (const auto& member : map) out.push_back(member.first.as<std::string>());
    return out;
  };
  return {ids(root["both"]), ids(root["refused"]), ids(root["any"])};
}

}  // namespace stanch::vectors
