#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/text_arena.h"
#include "base/time.h"
#include "codec/json.h"
#include "model/aws_entity.h"
#include "model/event.h"
#include "normalize/json_reader.h"
#include "normalize/target_list.h"

// What the findings and notices of AWS's services say alike: a resource, a principal, an address.

namespace stanch::normalize::aws {

// A member that services write with a small first letter in what they send, and their APIs with a
// great one: "accountId", "AccountId". `name` has the small one.
codec::JsonView member_of(codec::JsonView object, std::string_view name);

// Seconds or milliseconds since 1970, or a time in words.
std::optional<Time> time_of(JsonReader& read, codec::JsonView value);

// A finding changes under one id, and is sent again each time: each state is an event of its own.
std::string_view id_of_state(codec::JsonView id, codec::JsonView changed, std::string& scratch);

// The facts of one finding while they are found.
class Finding {
 public:
  Finding(TextArena& arena, model::Facts& facts) : read_(arena), facts_(facts) {}

  JsonReader& read() { return read_; }
  TextArena& arena() { return read_.arena(); }
  model::Facts& facts() { return facts_; }

  // Where bare names belong.
  void set_place(std::string_view account, std::string_view region);

  // A resource by its ARN, or as Security Hub names what has none: "AWS::IAM::AccessKey:AKIA…",
  // "AWS::::Account:111122223333", "i-0123456789abcdef0".
  void add_resource(std::string_view id,
                    model::TargetSource source = model::TargetSource::kResources);
  void add_resource(model::AwsType type, std::string_view name);
  void add_target_address(std::string_view address);

  struct Principal {
    std::string_view type;  // "IAMUser", "AssumedRole" …
    std::string_view name, id, access_key;
  };
  // Whose credential it was. The first counts.
  void set_principal(const Principal& principal);

  void set_credential(std::string_view access_key);

  // From where. The first counts.
  void set_source(std::string_view address);

  // What the API said to the call that the finding is about.
  void set_error(std::string_view code);

 private:
  model::AwsPlace place() const;

  JsonReader read_;
  model::Facts& facts_;
  TargetList targets_{read_.arena(), facts_};
};

}  // namespace stanch::normalize::aws
