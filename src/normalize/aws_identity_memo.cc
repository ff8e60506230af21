#include "normalize/aws_identity_memo.h"

#include <functional>

#include "codec/hash.h"
#include "normalize/aws_cloudtrail.h"

namespace stanch::normalize::aws {

namespace {

// Every text of the two, once. One that is forgotten here is found by the tests that read each
// record twice, and overwrite the first.
template <typename Visit>
void for_each_text(model::Actor& actor, model::Credential& credential, Visit visit) {
  for (std::string_view* text :
       {&actor.entity.text, &actor.arn, &actor.principal_id, &actor.user_name, &actor.account,
        &actor.on_behalf_of, &actor.identity_store, &actor.person.text, &credential.entity.text,
        &credential.session.text, &credential.access_key_id, &credential.session_name,
        &credential.issuer.text, &credential.issuer_arn, &credential.source_identity,
        &credential.invoked_by, &credential.issued_to.text, &credential.ec2_role_delivery}) {
    visit(*text);
  }
}

bool is_slice(std::string_view text, std::string_view of) {
  return !std::less<>()(text.data(), of.data()) &&
         std::less<>()(text.data(), of.data() + of.size());
}

}  // namespace

void IdentityMemo::read(codec::JsonView user_identity, JsonReader& reader, model::Actor& actor,
                        model::Credential& credential) {
  if (!user_identity.exists() || !user_identity.is_object() ||
      user_identity.raw().size() > kBytesMax) {
    return read_identity(user_identity, reader, actor, credential);
  }
  if (slots_.empty()) slots_.resize(kSlots);
  const std::string_view bytes = user_identity.raw();
  Slot& slot = slots_[codec::keyed_hash({}, bytes) % kSlots];
  if (slot.bytes != bytes) {
    read_identity(user_identity, reader, actor, credential);
    return keep(bytes, actor, credential, slot);
  }
  actor = slot.actor;
  credential = slot.credential;
  const std::string_view built = reader.arena().store(slot.texts);
  for_each_text(actor, credential, [&](std::string_view& text) {
    if (text.empty()) return;
    const bool is_read = is_slice(text, slot.bytes);
    const char* const from = is_read ? slot.bytes.data() : slot.texts.data();
    text = {(is_read ? bytes : built).data() + (text.data() - from), text.size()};
  });
}

void IdentityMemo::keep(std::string_view bytes, const model::Actor& actor,
                        const model::Credential& credential, Slot& slot) {
  slot.bytes.clear();  // its texts are moved next
  slot.texts.clear();
  slot.actor = actor;
  slot.credential = credential;
  size_t built = 0;
  const auto is_built = [bytes](std::string_view text) {
    return !text.empty() && !is_slice(text, bytes);
  };
  for_each_text(slot.actor, slot.credential, [&](std::string_view& text) {
    if (is_built(text)) built += text.size();
  });
  slot.texts.reserve(built);
  slot.bytes = bytes;
  for_each_text(slot.actor, slot.credential, [&](std::string_view& text) {
    if (is_built(text)) {
      slot.texts += text;
      text = std::string_view(slot.texts).substr(slot.texts.size() - text.size());
    } else if (!text.empty()) {
      text = {slot.bytes.data() + (text.data() - bytes.data()), text.size()};
    }
  });
}

}  // namespace stanch::normalize::aws
