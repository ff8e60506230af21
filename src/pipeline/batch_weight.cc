#include "pipeline/batch_weight.h"

namespace stanch::pipeline {

namespace {

constexpr size_t kBlockBytes = 32;   // what an allocator adds, and rounds up
constexpr size_t kArenaBytes = 512;  // that are not used, of a finding's arena

size_t heap_of(const std::string& text) { return text.size() + kBlockBytes; }

template <typename... Texts>
size_t sizes(const Texts&... texts) {
  return (texts.size() + ...);
}

// Of all texts that model::copy() puts into a finding's arena.
size_t text_of(const model::Facts& facts) {
  const model::Actor& actor = facts.actor;
  const model::Credential& credential = facts.credential;
  const model::Source& source = facts.source;
  size_t bytes = sizes(facts.cloud, facts.event_id, facts.request_id, facts.shared_event_id,
                       facts.addendum_reason, facts.addendum_of, facts.account, facts.region,
                       facts.organization, facts.error_code, facts.error_message,
                       facts.action.service, facts.action.name, facts.action.raw_name) +
                 sizes(actor.entity.text, actor.arn, actor.principal_id, actor.user_name,
                       actor.account, actor.on_behalf_of, actor.identity_store) +
                 sizes(credential.entity.text, credential.session.text, credential.access_key_id,
                       credential.session_name, credential.issuer.text, credential.issuer_arn,
                       credential.source_identity, credential.invoked_by, credential.issued_to.text,
                       credential.ec2_role_delivery) +
                 sizes(source.entity.text, source.address, source.service, source.user_agent,
                       source.tls_version, source.tls_cipher, source.tls_host, source.vpc_endpoint);
  for (const model::Target& target : facts.targets) {
    bytes += sizeof target + target.entity.text.size();
  }
  for (const model::Minted& minted : facts.minted) {
    bytes += sizeof minted + sizes(minted.entity.text, minted.session.text, minted.principal.text);
  }
  return bytes;
}

size_t weight_of(const model::Finding& finding) {
  size_t bytes = sizeof finding + kArenaBytes + text_of(finding.facts) + heap_of(finding.raw) +
                 heap_of(finding.id.text()) + heap_of(finding.event_id.text()) +
                 heap_of(finding.content_version) + heap_of(finding.origin.file);
  for (const model::MatchedField& match : finding.matched) {
    bytes += sizeof match + heap_of(match.selection) + heap_of(match.field) + heap_of(match.value);
  }
  return bytes;
}

}  // namespace

size_t weight_of(const FoundEvent& found) {
  size_t bytes = sizeof found + heap_of(found.bytes) + found.rules.size() * sizeof(uint32_t);
  for (const model::Finding& finding : found.findings) bytes += weight_of(finding);
  return bytes;
}

size_t weight_of(const DeadLetter& letter) {
  return sizeof letter + heap_of(letter.origin.file) + heap_of(letter.bytes);
}

size_t weight_of(const BatchResult& result) { return RunningWeight().of(result); }

size_t RunningWeight::of(const BatchResult& result) {
  for (; found_ < result.found.size(); ++found_) weight_ += weight_of(result.found[found_]);
  for (; dead_ < result.dead.size(); ++dead_) weight_ += weight_of(result.dead[dead_]);
  return sizeof result + weight_ + result.keys.size() * sizeof(EventKey);
}

}  // namespace stanch::pipeline
