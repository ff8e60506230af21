#include "model/event.h"

// Every text of Facts, once: what copy() has to move. A text forgotten here
// is found by the test that overwrites the source after copying.

namespace stanch::model {
namespace {

class Keeper {
 public:
  explicit Keeper(TextArena& arena) : arena_(arena) {}

  template <typename... Texts>
  void keep(Texts&... texts) {
    (store(texts), ...);
  }

 private:
  void store(std::string_view& text) { text = arena_.store(text); }
  void store(EntityRef& entity) { entity.text = arena_.store(entity.text); }

  TextArena& arena_;
};

}  // namespace

Facts copy(const Facts& facts, TextArena& arena) {
  Facts out = facts;
  Keeper keeper(arena);
  keeper.keep(out.cloud, out.event_id, out.request_id, out.shared_event_id, out.addendum_reason,
              out.addendum_of, out.account, out.region, out.organization, out.error_code,
              out.error_message);
  Actor& actor = out.actor;
  keeper.keep(actor.entity, actor.arn, actor.principal_id, actor.user_name, actor.account,
              actor.on_behalf_of, actor.identity_store);
  Credential& credential = out.credential;
  keeper.keep(credential.entity, credential.session, credential.access_key_id,
              credential.session_name, credential.issuer, credential.issuer_arn,
              credential.source_identity, credential.invoked_by, credential.issued_to,
              credential.ec2_role_delivery);
  Source& source = out.source;
  keeper.keep(source.entity, source.address, source.service, source.user_agent, source.tls_version,
              source.tls_cipher, source.tls_host, source.vpc_endpoint);
  keeper.keep(out.action.service, out.action.name, out.action.raw_name);
  for (Target& target : out.targets) keeper.keep(target.entity);
  for (Minted& minted : out.minted) keeper.keep(minted.entity, minted.session, minted.principal);
  return out;
}

}  // namespace stanch::model
