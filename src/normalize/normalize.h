#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/diagnostic.h"
#include "base/text_arena.h"
#include "base/time.h"
#include "codec/json.h"
#include "model/event.h"

// Record -> Event: the face of the normalize stage. One file a log family turns
// parsed JSON into facts without copying it. Pure.

namespace stanch::normalize {

// In the order in which they are told apart (family.h).
enum class LogFamily : uint8_t {
  kUnknown,
  kAwsCloudTrail,
  kOkta,
  kAzureActivity,
  kEntraSignIn,
  kEntraAudit,
  kM365Audit,
  kEntraPim,
  kEntraRisk,
  kMicrosoftAlert,
  kAzureFlow,
  kAzureKeyVault,
  kAzureStorage,
  kGraphActivity,
  kWorkspaceAdminLog,
  kWorkspaceLoginLog,
  kGcpAudit,
  kGcpFlow,
  kGcpFirewall,
  kGcpDns,
  kKubernetes,
  kGitHub,
  kWorkspaceAdmin,
  kWorkspaceLogin,
  kWorkspace,
  kWorkspaceAlert,
  kGuardDuty,
  kGuardDutyAsff,
  kGuardDutyOcsf,
  kSecurityHub,
  kSecurityHubOcsf,
  kAccessAnalyzer,
  kAwsConfig,
  kAwsHealth,
  kSuricata,
  kFalco,
  kAwsResolver,
  kAwsWaf,
  kSecurityCenter,
  kVpcFlow,
  kS3Access,
  kElbAccess,
  kSshd,
  kSudo,
  kAuditd,
  kSyslog,

  // From here on logs of one's own, by the number of their map.
  kFirstOwn = 128,
};
// Logs of one's own are all called "own".
std::string_view name_of(LogFamily family);

// A log in Sigma's words; what is empty is not said.
struct LogSource {
  std::string_view product = {}, service = {}, category = {};
};

// Maps by which logs are read that no family knows (docs/formats/sources.md). Immutable.
struct OwnSources;
inline constexpr size_t kOwnSourcesMax = 100;

struct SourceText {
  std::string path;  // as diagnostics name it
  std::string text;
};
// Of the files of content/sources/, in this order; a file with an error gives none. Null if there
// is none at all.
std::shared_ptr<const OwnSources> read_own_sources(std::span<const SourceText> files,
                                                   Diagnostics& diagnostics);
std::span<const DiagnosticCode> source_codes();

// Reads one event after the other. Remembers, in bounded memory, what makes the next one
// quicker; what it says of an event never depends on those before. One a thread.
class Normalizer {
 public:
  explicit Normalizer(std::shared_ptr<const OwnSources> own = nullptr);
  ~Normalizer();

  // Which log this event is from, judged by the members only that family has. Logs of one's own
  // are asked last.
  LogFamily recognise(codec::JsonView event);

  LogSource source_of(LogFamily family) const;  // nothing of an unknown one

  // The provider's event id as it stands in the JSON, or empty.
  std::string_view event_id(LogFamily family, codec::JsonView event, std::string& scratch);

  // Facts of an event of that family. Texts are slices of the JSON, or of `arena` where they
  // had to be built or decoded. `facts` is overwritten.
  void extract(LogFamily family, codec::JsonView event, TextArena& arena, model::Facts& facts);

  // Facts::time alone. Quicker only for CloudTrail, of which there is the most.
  std::optional<Time> time_of(LogFamily family, codec::JsonView event, TextArena& arena);

 private:
  struct Memory;
  std::unique_ptr<Memory> memory_;
};

}  // namespace stanch::normalize
