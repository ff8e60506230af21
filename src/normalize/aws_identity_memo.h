#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "codec/json.h"
#include "model/event.h"
#include "normalize/json_reader.h"

namespace stanch::normalize::aws {

// Reads userIdentity, and remembers what came of it: whoever calls once calls again, and every
// call made with one credential carries the same bytes there.
//
// What they say depends on nothing else, so that the same bytes give the same actor and
// credential. Bounded: kSlots of up to kBytesMax; which slot follows from a hash that needs no
// secret, as who makes two collide makes them be read anew. One a thread.
class IdentityMemo {
 public:
  static constexpr size_t kSlots = 2048;
  static constexpr size_t kBytesMax = 2048;

  // As read_identity(), whose texts are slices of the JSON or in the reader's arena.
  void read(codec::JsonView user_identity, JsonReader& reader, model::Actor& actor,
            model::Credential& credential);

 private:
  struct Slot {
    std::string bytes;   // of the JSON; empty: nothing is known
    std::string texts;   // what was built
    model::Actor actor;  // whose texts are slices of the two
    model::Credential credential;
  };

  void keep(std::string_view bytes, const model::Actor& actor, const model::Credential& credential,
            Slot& slot);

  std::vector<Slot> slots_;  // empty until it is used
};

}  // namespace stanch::normalize::aws
