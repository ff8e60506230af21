#include "detect/sigma/collection.h"

#include <utility>

#include "codec/hash.h"

// Rule collections: several documents in one file, where `action` says what a document is.
//
//   global   its fields go into every document that follows, below what that one has itself
//   reset    forgets what `global` gave
//   repeat   the document before, with this one's fields laid over it
//
// Maps are merged key by key, anything else is replaced. Correlations and filters take no
// part. Two `global`s add up; that is what `reset` is for.

namespace stanch::detect::sigma {

namespace {

using codec::YamlDocument;
using codec::YamlMember;
using codec::YamlNode;

void lay_over(const YamlNode& over, YamlNode& under) {
  if (!over.is_map() || !under.is_map()) {
    under = over;
    return;
  }
  for (const YamlMember& member : over.members) {
    YamlMember* found = nullptr;
    for (YamlMember& candidate : under.members) {
      if (candidate.key.text == member.key.text) found = &candidate;
    }
    if (found == nullptr) {
      under.members.push_back(member);
    } else {
      found->key = member.key;
      lay_over(member.value, found->value);
    }
  }
}

// A tree and the bytes it was made of.
struct Source {
  YamlNode root;
  std::vector<std::string_view> bytes;
};

void lay_over(const Source& over, Source& under) {
  lay_over(over.root, under.root);
  under.root.mark = over.root.mark;
  under.bytes.insert(under.bytes.end(), over.bytes.begin(), over.bytes.end());
}

std::string version_of(const std::vector<std::string_view>& pieces) {
  if (pieces.size() == 1) return codec::to_hex(codec::sha256(pieces.front()));
  codec::Sha256Fields fields;
  for (const std::string_view piece : pieces) fields.add(piece);
  return codec::to_hex(fields.finish());
}

void remove_member(YamlNode& map, std::string_view key) {
  std::erase_if(map.members, [&](const YamlMember& member) { return member.key.text == key; });
}

Code code_of(codec::YamlProblem::Kind kind) {
  switch (kind) {
    case codec::YamlProblem::Kind::kSyntax: return Code::kYamlSyntax;
    case codec::YamlProblem::Kind::kNotUtf8: return Code::kNotUtf8;
    case codec::YamlProblem::Kind::kTooLarge: return Code::kTooLarge;
  }
  return Code::kYamlSyntax;
}

// Reports what the YAML itself has wrong. True if there is nothing.
bool check_yaml(const YamlDocument& document, Reporter& reporter) {
  if (document.problem) {
    const codec::YamlProblem& problem = *document.problem;
    reporter.report(code_of(problem.kind), to_at(problem.mark), problem.message, problem.hint);
    return false;
  }
  if (!document.root.is_map()) {
    reporter.report(Code::kNotARule, to_at(document.root.mark), "the document is no map",
                    "a rule is a map of title, logsource, detection …");
    return false;
  }
  for (const codec::YamlDuplicateKey& duplicate : document.duplicate_keys) {
    reporter.report(Code::kDuplicateKey, to_at(duplicate.again),
                    "'" + duplicate.key + "' stands in this map already, in line " +
                        std::to_string(duplicate.first.line),
                    "only one of them would count: rename or join them");
  }
  return document.duplicate_keys.empty();
}

class Collector {
 public:
  explicit Collector(Reporter& reporter) : reporter_(reporter) {}

  void add(uint32_t index, YamlDocument document, bool is_last) {
    if (!check_yaml(document, reporter_)) {
      CollectedDocument broken;
      broken.index = index;
      broken.root = std::move(document.root);
      broken.broken = true;
      collected_.push_back(std::move(broken));
      return;
    }
    Source source{std::move(document.root), {document.bytes}};
    const YamlNode* action_node = source.root.find("action");
    if (action_node == nullptr) {
      const bool is_rule =
          source.root.find("correlation") == nullptr && source.root.find("filter") == nullptr;
      if (is_rule && !global_.bytes.empty()) {
        Source merged = global_;
        lay_over(source, merged);
        source = std::move(merged);
      }
      if (is_rule && !is_last) previous_ = source;
      return keep(index, std::move(source));
    }
    const std::string action = action_node->text;
    const At at = to_at(action_node->mark);
    remove_member(source.root, "action");
    if (action == "global") {
      if (global_.bytes.empty()) global_.root.kind = codec::YamlKind::kMap;
      lay_over(source, global_);
    } else if (action == "reset") {
      global_ = {};
    } else if (action == "repeat" && !previous_.bytes.empty()) {
      lay_over(source, previous_);
      keep(index, previous_);
    } else {
      report_action(index, action, at, std::move(source.root));
    }
  }

  std::vector<CollectedDocument> take() { return std::move(collected_); }

 private:
  void keep(uint32_t index, Source source) {
    CollectedDocument document;
    document.index = index;
    document.version = version_of(source.bytes);
    document.root = std::move(source.root);
    collected_.push_back(std::move(document));
  }

  void report_action(uint32_t index, const std::string& action, At at, YamlNode root) {
    if (action == "repeat") {
      reporter_.report(Code::kBadAction, at, "there is no rule before this one to repeat",
                       "remove `action`");
    } else {
      reporter_.report(Code::kBadAction, at, "'" + action + "' is not an action",
                       "write global, repeat or reset");
    }
    CollectedDocument broken;
    broken.index = index;
    broken.root = std::move(root);
    broken.broken = true;
    collected_.push_back(std::move(broken));
  }

  Reporter& reporter_;
  Source global_, previous_;
  std::vector<CollectedDocument> collected_;
};

}  // namespace

std::vector<CollectedDocument> collect(std::vector<YamlDocument> documents, Reporter& reporter) {
  Collector collector(reporter);
  for (size_t i = 0; i < documents.size(); ++i) {
    collector.add(static_cast<uint32_t>(i), std::move(documents[i]), i + 1 == documents.size());
  }
  return collector.take();
}

}  // namespace stanch::detect::sigma
