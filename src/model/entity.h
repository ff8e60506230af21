#pragma once

#include <initializer_list>
#include <string_view>

#include "base/id.h"
#include "base/text_arena.h"

// Entities: principals, credentials, sessions, hosts, functions, buckets,
// secrets, addresses, accounts … Each has one canonical id, the same wherever
// it is met (docs/formats/entity-ids.md):
//   <cloud>:<type>/<scope>/<name-or-id>     aws:role/123456789012/deploy
//   ip/<address>                            ip/203.0.113.7
// model/aws_entity.h builds those of AWS.

namespace stanch::model {

struct EntityIdTag;
using EntityId = Id<EntityIdTag>;

// An entity id whose text lives elsewhere (in an event's arena).
struct EntityRef {
  std::string_view text;

  bool empty() const { return text.empty(); }
  bool operator==(const EntityRef&) const = default;
};

// A piece of an id. Literals are ours, short, and stand as they are. Names come from outside: every
// byte but A-Z a-z 0-9 - . _ ~ : @ + = , $ is percent-encoded, an empty name
// becomes "-", and one longer than kEntityNameBytesMax becomes "%~" and its hash.
struct EntityPart {
  enum class Kind : uint8_t {
    kLiteral,
    kName,
    kFoldedName,  // lower-cased (ASCII): the provider does not mind the case
  };
  std::string_view text;
  Kind kind = Kind::kLiteral;
};

inline constexpr size_t kEntityNameBytesMax = 2048;  // the longest ARN or name of any provider

// The id made of `parts` in their order, in `arena`.
EntityRef make_entity(std::initializer_list<EntityPart> parts, TextArena& arena);

// "aws:role" of "aws:role/123456789012/deploy", "ip" of "ip/203.0.113.7".
std::string_view entity_type(EntityRef entity);

// ip/<address> for the text of an IPv4 or IPv6 address, or empty if it is
// none. IPv6 is written as RFC 5952 says, IPv4-mapped addresses as IPv4;
// leading zeros of IPv4 parts are dropped and never mean octal.
EntityRef ip_entity(std::string_view address, TextArena& arena);

}  // namespace stanch::model
