#pragma once

#include <string_view>

#include "base/text_arena.h"
#include "model/entity.h"

// Entity ids of Azure and Entra, from ARM resource ids and from object ids;
// docs/formats/entity-ids.md has the table and the reasons.

namespace stanch::model {

// The entity that an ARM resource id names: a resource, a resource group, a subscription, a
// management group, a tenant. Whatever its case and whether or not it begins with a slash, one id.
// Empty for anything else.
EntityRef arm_entity(std::string_view resource_id, TextArena& arena);

// The subscription in an ARM resource id as it is written there, or empty.
std::string_view arm_subscription(std::string_view resource_id);
// The same of "/tenants/<tenant>/…".
std::string_view arm_tenant(std::string_view resource_id);

// An object of a directory: azure:user/<tenant>/<object id>. `type` is as Entra writes it: "User",
// "ServicePrincipal", "Application", "Group" … Empty without an id; `-` stands for a tenant that
// the record does not say.
EntityRef entra_entity(std::string_view type, std::string_view tenant, std::string_view id,
                       TextArena& arena);

// What is known everywhere by an id of its own.
EntityRef azure_client(std::string_view app_id, TextArena& arena);       // an application by appId
EntityRef azure_credential(std::string_view key_id, TextArena& arena);   // a secret, a certificate
EntityRef azure_session(std::string_view session_id, TextArena& arena);  // of a sign-in
EntityRef azure_token(std::string_view unique_id, TextArena& arena);     // one token: its "uti"
EntityRef azure_service(std::string_view name, TextArena& arena);        // the provider itself

}  // namespace stanch::model
