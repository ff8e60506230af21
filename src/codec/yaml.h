#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Text of people in YAML (1.2), read into a small tree that remembers where
// everything stood. What differs from common YAML libraries, on purpose:
//   - a key that stands twice in one map is kept twice, and listed
//   - every `---` document is read by itself: a broken one does not cost its neighbours
//   - numbers are only what JSON would write as a number. `007`, `+1`, `0x1f`, `1_000` and
//     `.5` are text, so that an account id like 012345678901 stays what it is
//   - booleans are true, True, TRUE and the same of false; yes, no, on, off are text
//   - tags other than !!str, !!map and !!seq, and keys that are no scalars, are refused
//   - aliases are copied, within the limits; merge keys (`<<`) are ordinary keys
// Nothing here throws.

namespace stanch::codec {

enum class YamlKind : uint8_t { kScalar, kList, kMap };
enum class YamlType : uint8_t { kNull, kBool, kInteger, kFloat, kString };

struct YamlMark {
  uint32_t line = 0;    // 1-based, in the whole file
  uint32_t column = 0;  // 1-based, in bytes
};

struct YamlMember;

struct YamlNode {
  YamlKind kind = YamlKind::kScalar;
  YamlType type = YamlType::kNull;  // of a scalar
  bool plain = true;                // a scalar without quotes, not a block
  YamlMark mark;                    // of a quoted scalar its quote, of a block its `|` or `>`
  std::string text;                 // of a scalar, after YAML's own unescaping
  std::vector<YamlNode> items;      // of a list
  std::vector<YamlMember> members;  // of a map, in the order of the text

  bool is_scalar() const { return kind == YamlKind::kScalar; }
  bool is_list() const { return kind == YamlKind::kList; }
  bool is_map() const { return kind == YamlKind::kMap; }
  bool is_null() const { return is_scalar() && type == YamlType::kNull; }
  bool is_string() const { return is_scalar() && type == YamlType::kString; }

  // The value of the first member with this key; null if there is none, or this is no map.
  const YamlNode* find(std::string_view key) const;
};

struct YamlMember {
  YamlNode key;  // always a scalar
  YamlNode value;
};

struct YamlDuplicateKey {
  std::string key;
  YamlMark first, again;
};

struct YamlProblem {
  enum class Kind : uint8_t { kSyntax, kNotUtf8, kTooLarge };
  Kind kind = Kind::kSyntax;
  YamlMark mark;        // line 0: the whole file
  std::string message;  // "a quote is not closed"
  std::string hint;     // may be empty
};

struct YamlDocument {
  std::string_view bytes;  // its part of the text; all parts together are the text
  YamlNode root;           // null scalar if there is a problem
  std::optional<YamlProblem> problem;
  std::vector<YamlDuplicateKey> duplicate_keys;
};

struct YamlLimits {
  size_t bytes_max = size_t{1} << 20;  // of the whole text
  size_t nodes_max = 100'000;          // of one document, aliases counted as copies
  size_t depth_max = 64;               // of maps and lists inside each other
  size_t documents_max = 10'000;
};

// The documents of `text`, in order, without those that are empty. A problem with the
// whole text (size, encoding) gives one document that has it.
std::vector<YamlDocument> parse_yaml(std::string_view text, const YamlLimits& limits = {});

// The type of a plain (unquoted) scalar, by the rules above.
YamlType yaml_type_of_plain(std::string_view text);

}  // namespace stanch::codec
