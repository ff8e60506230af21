#pragma once

#include <string>
#include <string_view>

#include "cli/context.h"
#include "respond/guard/tables.h"

namespace stanch::cli {

// Who says something, and how anybody may know.
struct Signer {
  std::string person;
  std::string means;      // "ssh_signature", or "unverified"
  std::string signature;  // armored; of "unverified" empty
};

// Whose signature of `text` the file of --signature is: its key must be in the content's file
// `approvers`. Without that option the system's user, whom nobody has checked.
Result<Signer> signer_of(Context& context, const respond::GuardTables& guards,
                         std::string_view text);

}  // namespace stanch::cli
