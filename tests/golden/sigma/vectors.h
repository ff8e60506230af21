#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

// The conformance vectors as README.md describes them. They are read with yaml-cpp
// itself, so that the loader under test has no part in it.

namespace stanch::vectors {

enum class Verdict {
  kMatches,
  kDoesNotMatch,
  kHidden,
  kLoads,
  kUnbindable,
  kRefused,
  kRefusedPlaceholder,
};

struct Case {
  std::string id;
  std::optional<std::string> event;  // JSON text; nothing where none is matched
  std::string which;                 // title of the rule that is meant; empty: the only one
  std::optional<uint32_t> document;  // of the rule text, from 0; nothing: the only one
  std::optional<std::vector<std::string>> codes;  // all that is said; nothing: not asked
  std::map<std::string, std::string> loaded;      // id, version, level of the rule
  std::string product, service, category;
  Verdict verdict;
  std::string reason;
};

// A log and the top-level members that its events can have.
struct Log {
  std::string product, service, category;
  std::vector<std::string> members;
};

struct Group {
  std::string file;
  std::vector<std::string> spec;
  std::string rule;  // YAML text of all documents
  std::string maps;  // text of a file of content/fields/; empty: none
  std::map<std::string, std::vector<std::string>, std::less<>> placeholders;
  std::vector<Log> logs;
  std::vector<Case> cases;
};

struct Checklist {
  std::vector<std::string> both, refused, any;
};

// These throw on anything that README.md does not allow.
std::vector<std::string> file_names(const std::string& folder);
std::vector<Group> read_groups(const std::string& folder, const std::string& file);
Checklist read_checklist(const std::string& folder);

}  // namespace stanch::vectors
