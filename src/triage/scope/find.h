#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "triage/scope/lineage.h"
#include "triage/scope/links.h"

// From what a person has at hand to an entity: an id, an ARN, a key id, an address, a name.

namespace stanch::triage::scope {

struct Candidate {
  std::string id;
  uint64_t events = 0;  // that are about it, roughly
};

struct Lookup {
  std::vector<Candidate> matches;  // the most told about first; one: that is it
  std::vector<std::string> near;   // ids, if nothing matches
};

// The first of these that finds anything counts: an entity's id; `ids`, other ids that the text
// stands for; what a session, key or principal is called in records (ARN, principal id); the name
// at the end of an id, whatever the case; the name of a session or person. What only names a person
// finds whoever `lineage`, if there is one, says that they are.
Lookup find_entity(const Links& links, std::string_view text, std::span<const std::string> ids = {},
                   const Lineage* lineage = nullptr);

}  // namespace stanch::triage::scope
