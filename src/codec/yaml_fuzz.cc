#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "codec/yaml.h"
#include "codec/yaml_roads.h"

// Any bytes: no crash, no exception, limits kept, marks inside the text, and the same
// answer by both roads wherever the quick one does not give up.

namespace {

using namespace stanch::codec;

constexpr YamlLimits kLimits = {
    .bytes_max = 1 << 14, .nodes_max = 2000, .depth_max = 20, .documents_max = 50};

size_t check_tree(const YamlNode& node, size_t depth, uint32_t lines) {
  CHECK(depth <= kLimits.depth_max);
  CHECK(node.mark.line >= 1 && node.mark.line <= lines);
  CHECK(node.mark.column >= 1);
  size_t nodes = 1;
  for (const YamlNode& item : node.items) nodes += check_tree(item, depth + 1, lines);
  for (const YamlMember& member : node.members) {
    CHECK(member.key.is_scalar());
    nodes += check_tree(member.key, depth + 1, lines);
    nodes += check_tree(member.value, depth + 1, lines);
  }
  CHECK(node.is_list() || node.items.empty());
  CHECK(node.is_map() || node.members.empty());
  return nodes;
}

void check_equal(const YamlNode& a, const YamlNode& b) {
  CHECK(a.kind == b.kind && a.type == b.type && a.text == b.text && a.plain == b.plain);
  CHECK(a.is_null() || (a.mark.line == b.mark.line && a.mark.column == b.mark.column));
  CHECK(a.items.size() == b.items.size() && a.members.size() == b.members.size());
  for (size_t i = 0; i < a.items.size(); ++i) check_equal(a.items[i], b.items[i]);
  for (size_t i = 0; i < a.members.size(); ++i) {
    check_equal(a.members[i].key, b.members[i].key);
    check_equal(a.members[i].value, b.members[i].value);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  uint32_t lines = 1;
  for (const char c : text) lines += c == '\n';
  for (const YamlDocument& document : parse_yaml(text, kLimits)) {
    if (document.problem) {
      CHECK(!document.problem->message.empty());
      CHECK(document.problem->mark.line <= lines + 1);
      CHECK(document.root.is_null());
      continue;
    }
    CHECK(check_tree(document.root, 0, lines + 1) <= kLimits.nodes_max);
    YamlDocument quick, full;
    quick.bytes = full.bytes = document.bytes;
    if (!parse_yaml_quick(quick, kLimits, 1)) continue;
    parse_yaml_full(full, kLimits, 1);
    CHECK(!full.problem);
    check_equal(quick.root, full.root);
    CHECK(quick.duplicate_keys.size() == full.duplicate_keys.size());
  }
  return 0;
}
