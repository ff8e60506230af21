#pragma once

#include <string_view>

#include "base/text_arena.h"
#include "model/entity.h"

// Entity ids of Google Cloud and Workspace, from e-mail addresses, members of policies and names of
// resources; docs/formats/entity-ids.md has the rules and the reasons.

namespace stanch::model {

// Whom an address is of: gcp:service-account/<project>/<address>, else gcp:user/<address>. Empty
// if it is none.
EntityRef gcp_principal(std::string_view address, TextArena& arena);

// A member as policies have it, "serviceAccount:…", "user:…", "group:…", "domain:…", "allUsers",
// "principal://iam.googleapis.com/…/subject/…", or a bare address. An account of Kubernetes in a
// project's pool has two forms and one id: gcp:workload/<pool>/<namespace>/<name>.
EntityRef gcp_member(std::string_view member, TextArena& arena);

// The use of a service account by whoever may lend it: gcp:session/<project>/<address>/<who>. No
// log names the token, so all that `lender` does with the account is one session. Nothing for
// what is no service account.
EntityRef gcp_session(EntityRef account, EntityRef lender, TextArena& arena);

// Whether it is an account of Google's own services rather than one that somebody made.
bool is_google_agent(std::string_view address);
bool is_service_account(std::string_view address);

// The resource of a name, "projects/p/zones/z/instances/i", with "//host/" before it or without.
// Objects are their bucket, versions what they are versions of. Empty if it is no such name.
EntityRef gcp_resource(std::string_view name, TextArena& arena);

// What follows "projects/" in a name, or empty; "_" is no project.
std::string_view gcp_project_of(std::string_view name);

}  // namespace stanch::model
