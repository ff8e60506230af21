#include <functional>

#include "model/event.h"

// Every text of Facts but entities, once: what may be a slice of the record. A text forgotten
// here is found by the test that overwrites the record after keeping.

namespace stanch::model {
namespace {

class Keeper {
 public:
  Keeper(std::string_view record, TextArena& arena)
      : begin_(record.data()), end_(begin_ + record.size()), arena_(arena) {}

  template <typename... Texts>
  void keep(Texts&... texts) {
    (store(texts), ...);
  }

 private:
  void store(std::string_view& text) {
    const bool is_slice = !std::less<>()(text.data(), begin_) && std::less<>()(text.data(), end_);
    if (is_slice) text = arena_.store(text);
  }

  const char* begin_;
  const char* end_;
  TextArena& arena_;
};

}  // namespace

void keep(Facts& facts, std::string_view record, TextArena& arena) {
  Keeper keeper(record, arena);
  keeper.keep(facts.cloud, facts.event_id, facts.request_id, facts.shared_event_id,
              facts.addendum_reason, facts.addendum_of, facts.account, facts.region,
              facts.organization, facts.error_code, facts.error_message);
  Actor& actor = facts.actor;
  keeper.keep(actor.arn, actor.principal_id, actor.user_name, actor.account, actor.on_behalf_of,
              actor.identity_store);
  Credential& credential = facts.credential;
  keeper.keep(credential.access_key_id, credential.session_name, credential.issuer_arn,
              credential.source_identity, credential.invoked_by, credential.ec2_role_delivery);
  Source& source = facts.source;
  keeper.keep(source.address, source.service, source.user_agent, source.tls_version,
              source.tls_cipher, source.tls_host, source.vpc_endpoint);
  keeper.keep(facts.action.service, facts.action.name, facts.action.raw_name);
}

}  // namespace stanch::model
