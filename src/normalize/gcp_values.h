#pragma once

#include <string>
#include <string_view>

#include "codec/json.h"
#include "model/event.h"
#include "normalize/json_reader.h"

// What the logs of Google Cloud write alike.

namespace stanch::normalize::gcp {

// Whom a call was made by: an address, and a subject where there is none.
void set_actor(std::string_view email, std::string_view subject, TextArena& arena,
               model::Actor& actor);
// The key of a service account that it was made with.
void set_key(std::string_view key_name, TextArena& arena, model::Credential& credential);
// Address and entity of a caller. "private", "gce-internal-ip" and the like are no addresses.
void set_source(std::string_view address, TextArena& arena, model::Facts& facts);

// The id that Cloud Logging gave an entry.
std::string_view insert_id(codec::JsonView entry, std::string& scratch);
// "vpc_flows" of "projects/p/logs/compute.googleapis.com%2Fvpc_flows", if `service` wrote it.
std::string_view log_of(std::string_view log_name, std::string_view service);
// Project, location, organization of an entry of Cloud Logging.
void read_place(JsonReader& read, codec::JsonView entry, model::Facts& facts);

}  // namespace stanch::normalize::gcp
