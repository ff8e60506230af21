#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/text_arena.h"
#include "base/time.h"
#include "codec/json.h"
#include "model/event.h"
#include "normalize/json_reader.h"

// What the logs of Azure, Entra and Microsoft 365 write alike.

namespace stanch::normalize::azure {

// RFC 3339; the same without a zone, which is UTC; and "8/22/2022 6:11:52 PM".
std::optional<Time> time_of(std::string_view text);
// Seconds since 1970, as tokens have them.
std::optional<Time> unix_time(std::string_view seconds);

// The address of "203.0.113.7:443", "[2001:db8::7]:443", "[203.0.113.7]".
std::string_view bare_address(std::string_view text);

// Address and entity of a caller; nothing for what is no address.
void set_source(std::string_view address, TextArena& arena, model::Facts& facts);

// In lower case.
std::string_view folded(std::string_view text, TextArena& arena);
bool same_word(std::string_view a, std::string_view b);  // whatever their case
bool contains_word(std::string_view text, std::string_view lower_case);
bool is_guid(std::string_view text);

// The name as everybody writes it; the raw one as the record has it.
void set_action(std::string_view name, std::string_view raw_name, model::Facts& facts);

// Diagnostic settings write around `properties` what APIs give by itself.
inline codec::JsonView properties_of(codec::JsonView event) {
  const codec::JsonView properties = event["properties"];
  return is_object(properties) ? properties : event;
}

// The first of these members that is there.
inline codec::JsonView either(codec::JsonView object, std::string_view a, std::string_view b) {
  const codec::JsonView found = object[a];
  return found ? found : object[b];
}

// The value of the element {"key": <key>, "value": …} of a list, whatever the case of its members.
codec::JsonView value_of_key(JsonReader& read, codec::JsonView list, std::string_view key);

// JSON that stands inside a text, or the object that stands there itself.
class Nested {
 public:
  explicit Nested(codec::JsonView value);
  codec::JsonView view() const { return view_; }

 private:
  std::string text_;
  codec::JsonParser parser_{codec::JsonParser::Texts::kFew};
  codec::JsonView view_;
};

// What Entra says of a sign-in that it refused though the password was right: a policy, a missing
// assignment, a missing consent.
// https://learn.microsoft.com/en-us/entra/identity-platform/reference-error-codes
bool is_refusal(std::string_view error_code);

// Of a directory's operations, which Entra's audit log and that of Microsoft 365 share.
model::Access access_of_directory(std::string_view operation);
// What the operation makes: "Application" of "Add application".
std::string_view made_by_directory(std::string_view operation);
// Whether somebody can sign in afterwards with what the user had not before.
bool sets_password(std::string_view operation, std::string_view reason);
// Adds the secrets, certificates and federated credentials that a property holds after a change and
// did not hold before: texts of "[KeyIdentifier=…,KeyType=…,KeyUsage=…,DisplayName=…]".
void find_minted(std::string_view property, std::string_view before, std::string_view after,
                 model::EntityRef principal, TextArena& arena, std::vector<model::Minted>& minted);

}  // namespace stanch::normalize::azure
