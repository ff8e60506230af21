#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "triage/finding.h"

// What findings of one attack share (docs/formats/grouping.md).

namespace stanch::triage {

// The strongest first.
enum class KeyKind : uint8_t {
  kCredential,  // what the call was made with, and the host or function that it was given to
  kPerson,      // behind a role
  kMinted,      // made by the call
  kPrincipal,
  kAccount,  // of Kubernetes, by the names that clouds have for it
  kName,     // of a person, where nothing else says who it is
  kTarget,
  kAddress,
};

struct GroupKey {
  std::string entity = {};  // its id; of a person "person/<id>", of a name "name/<address>"
  KeyKind kind = KeyKind::kCredential;
  bool touched = false;   // by the call; else the call was made by it, with it or from it
  bool lineage = false;   // who acted, what they acted with, and what they made to act with
  std::string user = {};  // who is met with it here: many make it common; empty: nobody
};

// Each entity once, the strongest first. Accounts, regions, organizations, networks, the
// provider's own services and things, and user agents are none. Texts of any length and content
// go in; no key is longer than kGroupKeyBytesMax.
std::vector<GroupKey> group_keys(const Finding& finding);

// "the same credential was used: aws:access-key/AKIA…", printable whatever the entity is.
std::string words_of(const GroupKey& key);

}  // namespace stanch::triage
