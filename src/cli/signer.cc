#include "cli/signer.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/incident.h"
#include "codec/ssh_signature.h"
#include "pipeline/content.h"
#include "respond/guard/approval_text.h"

namespace stanch::cli {

namespace {

constexpr size_t kSignatureBytesMax = 64 * 1024;

}  // namespace

Result<Signer> signer_of(Context& context, const respond::GuardTables& guards,
                         std::string_view text) {
  const std::string path = context.settings().text("signature");
  if (path.empty()) return Signer{own_name(context), "unverified", ""};
  TRY(const std::string armored,
      pipeline::read_file(context.env().files, path, kSignatureBytesMax));
  const auto made = codec::verify_ssh_signature(armored, respond::kApprovalNamespace, text);
  if (!made) {
    return Error(made.error().code(),
                 fmt::format("{}; sign what --text prints now: another plan or other steps, or a "
                             "refusal since, ask for another signature",
                             made.error().message()));
  }
  const auto known = std::ranges::find(guards.approvers, made->key, &respond::Approver::key);
  if (known == guards.approvers.end()) {
    return Error(ErrorCode::kDenied,
                 "the key of this signature is not in the content's file 'approvers'");
  }
  return Signer{known->person, "ssh_signature", armored};
}

}  // namespace stanch::cli
