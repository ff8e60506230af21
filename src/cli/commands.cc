#include "cli/commands.h"

#include "cli/options.h"

// Which commands there are, and every word that help, man page and completions say about them.

namespace stanch::cli {

namespace {

using enum ValueKind;

constexpr ArgumentSpec kScanArguments[] = {
    {.name = "PATH",
     .repeatable = true,
     .help = "Files, folders (read recursively), globs, or '-' for standard input; plain, .gz "
             "or .zst."},
};
constexpr std::string_view kScanOptions[] = {
    "format",           "output",      "min-level", "fail-level", "raw",         "rules",
    "no-builtin-rules", "content",     "jobs",      "no-dedup",   "dead-letter", "journal",
    "summary-json",     "no-progress", "state",     "rule-status"};
constexpr Example kScanExamples[] = {
    {"stanch scan logs/", "every log below logs/, as a table"},
    {"stanch scan --format sarif -o findings.sarif logs/", "for tools that read SARIF"},
    {"zcat *.json.gz | stanch scan --min-level high -", "from standard input"},
    {"stanch scan -o found.ndjson --journal found.journal archive/",
     "go on after a crash: give the same command again"},
    {"stanch scan --rules ~/sigma/rules/cloud/aws logs/", "with more rules"},
};

constexpr std::string_view kReplayOptions[] = {"ledger",           "state",       "rules",
                                               "no-builtin-rules", "content",     "jobs",
                                               "no-dedup",         "no-progress", "json"};
constexpr Example kReplayExamples[] = {
    {"stanch replay logs/", "the incidents that these logs tell of"},
    {"stanch replay --ledger sqlite:case-42.db logs/", "into a ledger of its own"},
};

constexpr ArgumentSpec kIncident = {
    .name = "INCIDENT",
    .kind = kText,
    .help = "Id of the incident, or as much of its beginning as no other has."};
constexpr ArgumentSpec text_of(std::string_view name, std::string_view help) {
  return {.name = name, .kind = kText, .help = help};
}
constexpr ArgumentSpec texts_of(std::string_view name, bool required, std::string_view help) {
  return {.name = name, .kind = kText, .required = required, .repeatable = true, .help = help};
}
constexpr ArgumentSpec kPerson = text_of("PERSON", "A person, as your organisation names them.");
constexpr ArgumentSpec kText1 = text_of("TEXT", "The text; '-' reads it from standard input.");
constexpr ArgumentSpec kIncidentOpenArguments[] = {text_of("TITLE", "What it is, in one line.")};
constexpr ArgumentSpec kIncidentArguments[] = {kIncident};
constexpr ArgumentSpec kIncidentPersonArguments[] = {kIncident, kPerson};
constexpr ArgumentSpec kIncidentTextArguments[] = {kIncident, kText1};
constexpr ArgumentSpec kIncidentTaskArguments[] = {
    kIncident, texts_of("TITLE", false, "What is to be done, for a new task.")};
constexpr ArgumentSpec kIncidentSeverityArguments[] = {kIncident,
                                                       text_of("SEVERITY", "S1, S2, S3 or S4.")};
constexpr ArgumentSpec kIncidentMoveArguments[] = {
    kIncident,
    text_of("STATUS",
            "triaged, containing, contained_watching, contained, eradicating, recovering, "
            "recovered, review.")};
constexpr std::string_view kRoles =
    "commander, deputy, analyst, legal, communications, operations, or one of your own.";
constexpr ArgumentSpec kIncidentRoleArguments[] = {kIncident, text_of("ROLE", kRoles), kPerson};
constexpr ArgumentSpec kIncidentHandoverArguments[] = {
    kIncident, text_of("ROLE", kRoles), texts_of("PERSON", false, "Who is to take it.")};
constexpr ArgumentSpec kIncidentPauseArguments[] = {
    kIncident, text_of("CLOCK", "acknowledge, contain or update.")};
constexpr ArgumentSpec kIncidentLinkArguments[] = {
    kIncident, text_of("RELATION", "related, duplicate, caused_by, ticket, channel or document."),
    text_of("TARGET", "An incident, or a URL.")};
constexpr ArgumentSpec kIncidentScopeArguments[] = {
    kIncident, texts_of("ENTITY", true, "Entity ids (docs/formats/entity-ids.md).")};
constexpr ArgumentSpec kIncidentTlpArguments[] = {
    kIncident, text_of("TLP", "RED, AMBER+STRICT, AMBER, GREEN or CLEAR.")};
constexpr ArgumentSpec kIncidentRestrictArguments[] = {
    kIncident, texts_of("PERSON", false, "Who may see it; nobody: it is no longer restricted.")};
constexpr ArgumentSpec kIncidentMaterialArguments[] = {
    kIncident, text_of("DECISION", "material, not_material or undetermined.")};
constexpr ArgumentSpec kIncidentClassifyArguments[] = {
    kIncident, text_of("SCHEME", "Whose: NIS2, DORA, your own."),
    text_of("CLASS", "The class in that scheme.")};
constexpr ArgumentSpec kIncidentMergeArguments[] = {kIncident,
                                                    text_of("INTO", "The one that goes on.")};
constexpr ArgumentSpec kIncidentSplitArguments[] = {
    kIncident, texts_of("FINDING", true, "Ids of the findings that leave.")};

constexpr std::string_view kIncidentOpenOptions[] = {"ledger",   "state",  "source", "description",
                                                     "severity", "reason", "drill",  "json"};
constexpr std::string_view kIncidentListOptions[] = {
    "ledger", "state", "all", "closed", "mine", "severity", "status", "limit", "after", "json"};
constexpr std::string_view kIncidentShowOptions[] = {"ledger",     "state",   "privileged",
                                                     "restricted", "content", "json"};
constexpr std::string_view kIncidentAckOptions[] = {"ledger", "state", "comment", "json"};
constexpr std::string_view kIncidentAssignOptions[] = {"ledger", "state", "json"};
constexpr std::string_view kIncidentNoteOptions[] = {"ledger", "state", "privileged", "json"};
constexpr std::string_view kIncidentTaskOptions[] = {"ledger", "state", "owner",   "due", "give",
                                                     "done",   "drop",  "comment", "json"};
constexpr std::string_view kIncidentSeverityOptions[] = {"ledger", "state", "reason", "json"};
constexpr std::string_view kIncidentMoveOptions[] = {"ledger", "state", "reason", "json"};
constexpr std::string_view kIncidentRoleOptions[] = {"ledger", "state", "withdraw", "reason",
                                                     "json"};
constexpr std::string_view kIncidentHandoverOptions[] = {"ledger",  "state",  "accept",
                                                         "decline", "reason", "json"};
constexpr std::string_view kIncidentUpdateOptions[] = {"ledger", "state", "audience", "next",
                                                       "json"};
constexpr std::string_view kIncidentPauseOptions[] = {"ledger", "state",  "until",
                                                      "resume", "reason", "json"};
constexpr std::string_view kIncidentHypothesisOptions[] = {"ledger",   "state",  "hypothesis",
                                                           "standing", "reason", "json"};
constexpr std::string_view kIncidentLinkOptions[] = {"ledger", "state", "title", "remove", "json"};
constexpr std::string_view kIncidentScopeOptions[] = {"ledger", "state", "remove", "reason",
                                                      "json"};
constexpr std::string_view kIncidentTlpOptions[] = {"ledger", "state", "json"};
constexpr std::string_view kIncidentRestrictOptions[] = {"ledger", "state", "reason", "restricted",
                                                         "json"};
constexpr std::string_view kIncidentAwareOptions[] = {"ledger", "state",  "person", "when",
                                                      "regime", "reason", "json"};
constexpr std::string_view kIncidentMaterialOptions[] = {"ledger", "state",  "person",
                                                         "when",   "reason", "json"};
constexpr std::string_view kIncidentClassifyOptions[] = {"ledger", "state",  "person",
                                                         "when",   "reason", "json"};
constexpr std::string_view kIncidentCloseOptions[] = {"ledger", "state", "disposition", "reason",
                                                      "json"};
constexpr std::string_view kIncidentReopenOptions[] = {"ledger", "state", "reason", "json"};
constexpr std::string_view kIncidentMergeOptions[] = {"ledger", "state", "reason", "json"};
constexpr std::string_view kIncidentSplitOptions[] = {"ledger", "state", "title", "reason", "json"};
constexpr Example kIncidentOpenExamples[] = {
    {"stanch incident open 'Leaked key' --source 'abuse desk' --severity S2",
     "most real cases begin with a call"},
};
constexpr Example kIncidentListExamples[] = {
    {"stanch incident list", "what is open, the worst first"},
    {"stanch incident list --all --severity S2", "S1 and S2, closed ones too"},
};
constexpr Example kIncidentShowExamples[] = {
    {"stanch incident show inc-ifzj", "the first screen"},
};
constexpr Example kIncidentTaskExamples[] = {
    {"stanch incident task inc-ifzj 'Find what the key read' --owner bob --due 4h", "a new task"},
    {"stanch incident task inc-ifzj --done t1 --comment 'only its own bucket'", "it is done"},
};
constexpr Example kIncidentCloseExamples[] = {
    {"stanch incident close inc-ifzj --disposition true_positive --reason done",
     "after the review"},
};
constexpr Example kIncidentHandoverExamples[] = {
    {"stanch incident handover inc-ifzj commander dan", "offer it, with a brief"},
    {"stanch incident handover inc-ifzj commander --accept", "what dan says"},
};

constexpr std::string_view kTimelineOptions[] = {"ledger",          "state",      "period-since",
                                                 "period-until",    "privileged", "restricted",
                                                 "timeline-format", "json"};
constexpr Example kTimelineExamples[] = {
    {"stanch timeline inc-ifzj", "all that happened, a line each"},
    {"stanch timeline inc-ifzj --since 4h", "of the last four hours"},
    {"stanch timeline inc-ifzj --format csv > timeline.csv", "for a spreadsheet"},
};
constexpr std::string_view kReportOptions[] = {"ledger",        "state",         "report-format",
                                               "report-output", "privileged",    "restricted",
                                               "content",       "record-report", "json"};
constexpr Example kReportExamples[] = {
    {"stanch report inc-ifzj --format html -o report.html", "one page, to be sent or printed"},
    {"stanch report inc-ifzj > report.md", "Markdown, for a wiki"},
    {"stanch report inc-ifzj --format html -o report.html --record", "and the ledger says so"},
};
constexpr std::string_view kMetricsOptions[] = {
    "ledger", "state", "period-since", "period-until", "metrics-severity", "json"};
constexpr Example kMetricsExamples[] = {
    {"stanch metrics --since 90d", "of the incidents of the last 90 days"},
    {"stanch metrics --since 2026-01-01 --until 2026-04-01 --severity S1", "S1 of a quarter"},
};

constexpr ArgumentSpec kLintArguments[] = {
    {.name = "DIR",
     .required = false,
     .repeatable = true,
     .help = "Folders or files of Sigma rules. Without any: the rules of the content."},
};
constexpr std::string_view kLintOptions[] = {"json", "against", "content"};
constexpr Example kLintExamples[] = {
    {"stanch rules lint rules/", "all problems of all files at once"},
    {"stanch rules lint rules/ --against logs/", "and which rules are blind on these logs"},
    {"stanch rules lint rules/ --against azure/signinlogs", "which of that log can never match"},
};

constexpr std::string_view kListOptions[] = {"json", "rules", "no-builtin-rules", "content",
                                             "rule-status"};
constexpr Example kListExamples[] = {
    {"stanch rules list", "rules by level, then ATT&CK coverage by tactic"},
    {"stanch rules list --json", "the same for programs"},
    {"stanch rules list -r mine/ --status stable --status test", "those that are past trial"},
};

constexpr ArgumentSpec kExplainArguments[] = {
    {.name = "RULE",
     .kind = kText,
     .help = "Id, title, path or file name of a rule (without its ending); or a rule file."},
    {.name = "EVENT",
     .kind = kFile,
     .help = "A file with events, or '-' for standard input; for a correlation a folder too."},
};
constexpr std::string_view kExplainOptions[] = {"record", "json", "rules", "no-builtin-rules",
                                                "content"};
constexpr Example kExplainExamples[] = {
    {"stanch rules explain my-rule.yml event.json", "why it matches, or why not"},
    {"stanch rules explain my-rule.yml trail.json.gz --record 17", "for the 17th event"},
    {"stanch rules explain my-correlation logs/ -r rules/", "why a correlation did not fire"},
};

constexpr ArgumentSpec kTestArguments[] = {
    {.name = "DIR",
     .repeatable = true,
     .help = "Folders or files of rules with <rule>.events.ndjson beside them."},
};
constexpr std::string_view kTestOptions[] = {"strict", "json", "content"};
constexpr Example kTestExamples[] = {
    {"stanch rules test content/rules --strict", "every rule against its own events"},
};

constexpr ArgumentSpec kActionArguments[] = {
    {.name = "ACTION", .kind = kText, .help = "Name of an action; or the file of one."},
};
constexpr ArgumentSpec kActionsLintArguments[] = {
    {.name = "PATH",
     .required = false,
     .repeatable = true,
     .help = "Folders or files of actions. Without any: the actions of the content."},
};
constexpr ArgumentSpec kActionsNewArguments[] = {
    {.name = "NAME",
     .kind = kText,
     .help = "Cloud, service and a verb: aws.iam.deactivate-access-key."},
};
constexpr ArgumentSpec kActionsTestArguments[] = {
    {.name = "WHAT",
     .required = false,
     .repeatable = true,
     .help = "Files, folders or names of actions. Without any: all of the content's, which takes "
             "--content DIR, since the program holds no cases."},
};
constexpr std::string_view kActionsListOptions[] = {"action-target", "action-phase", "content",
                                                    "json"};
constexpr std::string_view kActionsShowOptions[] = {"content", "json"};
constexpr std::string_view kActionsNewOptions[] = {"new-target", "reads", "writes", "new-output"};
constexpr Example kActionsListExamples[] = {
    {"stanch actions list", "by phase"},
    {"stanch actions list --target aws:instance", "what can be done to an instance"},
};
constexpr Example kActionsShowExamples[] = {
    {"stanch actions show aws.iam.deactivate-access-key", "before it is approved"},
    {"stanch actions show my-action.yaml", "one that is being written"},
};
constexpr Example kActionsLintExamples[] = {
    {"stanch actions lint actions/", "all problems of all files at once"},
};
constexpr Example kActionsNewExamples[] = {
    {"stanch actions new aws.iam.cut --target aws:user --writes iam.PutUserPolicy",
     "a file to begin with"},
};

constexpr Example kActionsTestExamples[] = {
    {"stanch actions test my-action.yaml", "against my-action.cases.yaml"},
    {"stanch actions test --content content", "every action of that content"},
};

constexpr ArgumentSpec kBacktestArguments[] = {
    {.name = "RULE", .repeatable = true, .help = "Rule files or folders."},
};
constexpr std::string_view kBacktestOptions[] = {"on",   "json",    "examples",
                                                 "jobs", "content", "no-progress"};
constexpr Example kBacktestExamples[] = {
    {"stanch rules backtest new.yml --on logs/", "how often it would have fired, and on what"},
};

constexpr ArgumentSpec kDiffArguments[] = {
    {.name = "OLD", .help = "The rules as they were: a file or folder."},
    {.name = "NEW", .help = "The rules as they are to be: a file or folder."},
};
constexpr Example kDiffExamples[] = {
    {"stanch rules diff rules.old/ rules/ --on logs/", "what a change makes louder or quieter"},
};

constexpr ArgumentSpec kCoverageArguments[] = {
    texts_of("ACCOUNT", false,
             "Ids of accounts. Without any: all active ones of the organization, if the "
             "credentials may list them (organizations:ListAccounts) and there are --roles; else "
             "their own.")};
constexpr std::string_view kCoverageOptions[] = {"roles",           "external-id", "profile",
                                                 "coverage-region", "no-progress", "json"};
constexpr Example kCoverageExamples[] = {
    {"stanch coverage", "the account that the credentials are of"},
    {"stanch coverage --roles stanch --external-id between-us", "all of the organization"},
    {"stanch coverage 111122223333 --roles stanch --region eu-west-1", "one account, one region"},
};
constexpr std::string_view kPermissionsOptions[] = {"playbooks", "permissions-format", "content"};
constexpr Example kPermissionsExamples[] = {
    {"stanch permissions --format cloudformation > stanch.json", "for all actions, to deploy"},
    {"stanch permissions --playbook leaked-access-key", "what one playbook needs"},
};
constexpr std::string_view kPlanOptions[] = {
    "playbook",      "target-entity", "do",     "with",        "envelope",   "offline",
    "contain-first", "account",       "region", "calls",       "ledger",     "state",
    "content",       "profile",       "roles",  "external-id", "restricted", "json"};
constexpr std::string_view kStatusOptions[] = {"plan",    "calls",      "ledger", "state",
                                               "content", "restricted", "json"};
constexpr std::string_view kApproveOptions[] = {
    "plan", "step", "signature", "text", "comment", "ledger", "state", "content", "restricted"};
constexpr std::string_view kRejectOptions[] = {"plan",  "step",    "reason",    "ledger",
                                               "state", "content", "restricted"};
constexpr std::string_view kPauseOptions[] = {"plan",  "reason",  "ledger",
                                              "state", "content", "restricted"};
constexpr std::string_view kApplyOptions[] = {"plan",        "at-once",    "retry",   "ledger",
                                              "state",       "content",    "profile", "roles",
                                              "external-id", "restricted", "json"};
constexpr std::string_view kUndoOptions[] = {"plan",        "step",       "calls",   "ledger",
                                             "state",       "content",    "profile", "roles",
                                             "external-id", "restricted", "json"};
constexpr std::string_view kWatchOptions[] = {
    "once", "ledger", "state", "content", "profile", "roles", "external-id", "restricted", "json"};
constexpr ArgumentSpec kEvidenceAddArguments[] = {
    kIncident, {.name = "FILE", .kind = kFile, .help = "The file that was taken."}};
constexpr ArgumentSpec kEvidenceExportArguments[] = {
    kIncident,
    {.name = "FOLDER", .kind = kFolder, .help = "Where to write it: a new or empty folder."}};
constexpr std::string_view kEvidenceListOptions[] = {"ledger", "state", "content", "restricted",
                                                     "json"};
constexpr std::string_view kEvidenceAddOptions[] = {"evidence-what", "evidence-of", "authority",
                                                    "means",         "when",        "ledger",
                                                    "state",         "content",     "restricted"};
constexpr std::string_view kEvidenceLookOptions[] = {"evidence",    "ledger",     "state",
                                                     "content",     "profile",    "roles",
                                                     "external-id", "restricted", "json"};
constexpr std::string_view kEvidenceExportOptions[] = {"reason",  "ledger",     "state",
                                                       "content", "restricted", "json"};
constexpr Example kEvidenceAddExamples[] = {
    {"stanch evidence add inc-7k web-1.lime --what memory --of aws:instance/...",
     "then --authority and --means"},
};
constexpr Example kEvidenceExportExamples[] = {
    {"stanch evidence export inc-7k IR-42", "for a court, or another team"},
    {"sh IR-42/verify.sh stanch.pub.pem", "what the receiver does"},
};
constexpr ArgumentSpec kEvidenceTrailArguments[] = {
    {.name = "FOLDER",
     .kind = kFolder,
     .help = "What was downloaded from the trail's bucket: digests and log files, best with the "
             "folders that they had there."}};
constexpr std::string_view kEvidenceTrailOptions[] = {"public-keys", "profile", "json"};
constexpr Example kEvidenceTrailExamples[] = {
    {"aws s3 sync s3://BUCKET/AWSLogs trail/AWSLogs", "what is to be validated"},
    {"aws cloudtrail list-public-keys --start-time 2026-03-01 > keys.json",
     "in each region, while there are credentials"},
    {"stanch evidence validate-trail trail --public-keys keys.json", "anywhere, any time later"},
};
constexpr ArgumentSpec kRespondArguments[] = {
    {.name = "INCIDENT",
     .kind = kText,
     .required = false,
     .repeatable = true,
     .help = "Ids of incidents, or their beginnings. Without any: all that are open."}};
constexpr std::string_view kRespondOptions[] = {
    "auto", "once", "ledger", "state", "content", "profile", "roles", "external-id", "json"};
constexpr std::string_view kAutonomyReportOptions[] = {"period-since", "ledger", "state", "content",
                                                       "json"};
constexpr std::string_view kAutonomyShowOptions[] = {"ledger", "state", "json"};
constexpr std::string_view kAutonomySetOptions[] = {
    "autonomy-account", "environment", "until", "reason", "ledger", "state", "content"};
constexpr ArgumentSpec kAutonomyArguments[] = {text_of("ACTION", "Name of the action.")};
constexpr Example kRespondExamples[] = {
    {"stanch respond --auto", "all open incidents, from now on"},
    {"stanch respond --auto --once inc-7k", "one turn for one incident"},
};
constexpr Example kAutonomyReportExamples[] = {
    {"stanch autonomy report --since 30d", "what would have been done, to whom, and whom else"}};
constexpr Example kAutonomyPromoteExamples[] = {
    {"stanch autonomy promote aws.iam.deny-user --account '*' --reason tried", "anywhere"}};
constexpr std::string_view kKillSwitchShowOptions[] = {"ledger", "state", "json"};
constexpr std::string_view kKillSwitchPullOptions[] = {"scope", "reason", "ledger", "state",
                                                       "content"};
constexpr std::string_view kKillSwitchReleaseOptions[] = {"scope", "reason", "second", "signature",
                                                          "text",  "ledger", "state",  "content"};
constexpr Example kPlanExamples[] = {
    {"stanch plan inc-7k", "what the playbooks that apply say"},
    {"stanch plan inc-7k --playbook leaked-access-key --target aws:access-key/AKIA",
     "without any finding"},
    {"stanch plan inc-7k --do aws.iam.deny-user@aws:user/111122223333/eve",
     "what denying a user would call"},
    {"stanch plan inc-7k --do aws.ec2.isolate-instance@ARN-OF-IT",
     "with the snapshots that come first"},
};
constexpr Example kApproveExamples[] = {
    {"stanch approve inc-7k", "as the system's user, whom nobody has checked"},
    {"stanch approve inc-7k --text > a", "what is to be signed, and then:"},
    {"ssh-keygen -Y sign -n stanch-approval -f KEY a", "which writes a.sig"},
    {"stanch approve inc-7k --signature a.sig", "as the person whose key that is"},
};
constexpr Example kApplyExamples[] = {{"stanch apply inc-7k", "all steps that may go on"}};
constexpr Example kUndoExamples[] = {
    {"stanch undo inc-7k --step 2", "plan to take step 2 back; then approve and apply"}};
constexpr Example kKillSwitchExamples[] = {
    {"stanch killswitch pull --reason 'it denies the wrong role'", "everything, at once"}};

constexpr std::string_view kLedgerInitOptions[] = {"ledger", "state", "name", "json"};
constexpr Example kLedgerInitExamples[] = {
    {"stanch ledger init --name example.com/stanch", "in the state folder"},
    {"stanch ledger init --ledger sqlite:/srv/stanch/ledger.db", "elsewhere"},
};
constexpr std::string_view kLedgerKeyOptions[] = {"ledger", "state", "rotate",
                                                  "reason", "pem",   "json"};
constexpr Example kLedgerKeyExamples[] = {
    {"stanch ledger key --pem > stanch.pub.pem", "the public key, to be kept by others"},
    {"stanch ledger key --rotate --reason 'yearly'", "a new key"},
};
constexpr std::string_view kLedgerCheckpointOptions[] = {"ledger", "state", "checkpoint-to",
                                                         "json"};
constexpr Example kLedgerCheckpointExamples[] = {
    {"stanch ledger checkpoint --checkpoint-to /mnt/other-machine/stanch.checkpoint",
     "sign everything so far, and keep the signature elsewhere"},
};
constexpr std::string_view kLedgerVerifyOptions[] = {"ledger", "state",   "checkpoint",
                                                     "key",    "package", "json"};
constexpr Example kLedgerVerifyExamples[] = {
    {"stanch ledger verify --checkpoint /mnt/other-machine/stanch.checkpoint",
     "the whole ledger, against a checkpoint kept elsewhere"},
    {"stanch ledger verify --package IR-42 --key stanch.pub.pem", "an exported package"},
};
constexpr ArgumentSpec kLedgerExportArguments[] = {
    {.name = "FOLDER", .kind = kFolder, .help = "Where to write it: a new or empty folder."},
};
constexpr std::string_view kLedgerExportOptions[] = {"ledger",     "state",  "stream", "privileged",
                                                     "restricted", "reason", "json"};
constexpr Example kLedgerExportExamples[] = {
    {"stanch ledger export --stream incident/inc-abc IR-42", "one incident"},
    {"sh IR-42/verify.sh stanch.pub.pem", "what the receiver does"},
};
constexpr ArgumentSpec kLedgerEntryArguments[] = {
    {.name = "ENTRY",
     .kind = kText,
     .required = false,
     .help = "STREAM/SEQUENCE, for instance incident/inc-abc/7."},
};
constexpr std::string_view kLedgerProveOptions[] = {"ledger",     "state",      "from",
                                                    "privileged", "restricted", "json"};
constexpr Example kLedgerProveExamples[] = {
    {"stanch ledger prove incident/inc-abc/7", "that this entry is below the last checkpoint"},
    {"stanch ledger prove --from old.checkpoint", "that nothing before it was changed since"},
};
constexpr std::string_view kLedgerEraseOptions[] = {"ledger", "state",   "authority",
                                                    "reason", "expired", "json"};
constexpr Example kLedgerEraseExamples[] = {
    {"stanch ledger erase incident/inc-abc/7 --authority GDPR --reason 'request 12'",
     "one payload"},
    {"stanch ledger erase --expired", "whatever is older than its retention"},
};
constexpr std::string_view kLedgerRebuildOptions[] = {"ledger", "state", "json"};

constexpr ArgumentSpec kCompletionArguments[] = {
    {.name = "SHELL", .kind = kText, .help = "bash, zsh or fish."},
};
constexpr Example kCompletionExamples[] = {
    {"stanch completion bash > /etc/bash_completion.d/stanch", "for all users"},
    {"source <(stanch completion zsh)", "for this shell"},
    {"stanch completion fish > ~/.config/fish/completions/stanch.fish", "for fish"},
};
constexpr Example kManExamples[] = {
    {"stanch man | man -l -", "read it"},
    {"stanch man > /usr/local/share/man/man1/stanch.1", "install it"},
};
constexpr std::string_view kVersionOptions[] = {"json", "content"};
constexpr ArgumentSpec kHelpArguments[] = {
    {.name = "COMMAND",
     .kind = kText,
     .required = false,
     .repeatable = true,
     .help = "A command, or one of the pages 'config' and 'exit-codes'."},
};

constexpr ArgumentSpec kTraceArguments[] = {
    {.name = "ENTITY",
     .kind = kText,
     .help = "An entity id (docs/formats/entity-ids.md), an ARN, an access key id, an address, or "
             "a name."},
};
constexpr std::string_view kTraceOptions[] = {
    "logs", "since",        "trace-until",  "trace-format", "json",
    "jobs", "geo-database", "asn-database", "content",      "no-progress"};
constexpr Example kTraceExamples[] = {
    {"stanch trace AKIAIOSFODNN7EXAMPLE --logs logs/", "all that came of a leaked key"},
    {"stanch trace aws:bucket/payroll --logs logs/ --since 2026-03-01",
     "who touched a bucket, and where they came from"},
    {"stanch trace 203.0.113.7 --logs logs/ --format csv", "a timeline of an address"},
    {"stanch trace deploy --logs logs/ --format dot | dot -Tsvg > trace.svg", "a picture"},
};

constexpr CommandSpec kCommands[] = {
    {.name = "scan",
     .summary = "Find attacks in cloud audit logs",
     .description =
         "Reads audit logs of AWS, Azure, Entra, Microsoft 365, Google Cloud, Kubernetes, GitHub, "
         "Okta and more, in every form in which they are handed out, evaluates all rules on every "
         "event and writes the findings in the order of the input; those of correlations come "
         "last, "
         "when all is read. Forms are recognised, never asked for. Nothing is skipped silently: "
         "the "
         "summary accounts for every byte and record.",
     .arguments = kScanArguments,
     .options = kScanOptions,
     .examples = kScanExamples,
     .exit_note = "When there are findings at or above --fail-level and unreadable input too, "
                  "the exit code is 1: a broken file must not hide an attack.",
     .reads = true,
     .run = run_scan},
    {.name = "replay",
     .summary = "Make incidents of what is found in logs",
     .description =
         "Findings are put in the order of their events' time and grouped into incidents, whose "
         "entries are appended to the ledger; the clock of all that is the time of the events. "
         "Killed and repeated, it goes on where it was; what the ledger has is never appended "
         "twice. Without --ledger, a ledger is made if there is none.",
     .arguments = kScanArguments,
     .options = kReplayOptions,
     .examples = kReplayExamples,
     .reads = true,
     .run = run_replay},
    {.name = "trace",
     .summary = "Follow a credential, identity, address or resource through logs",
     .description =
         "Where it came from, back to the sign-in or the first key, hop by hop and across "
         "accounts; what was done with each credential on the way, and from where; what it made "
         "that outlives it; everything to cut, the highest lever first; and what these logs cannot "
         "tell. Links that no event proves are marked as inferred, with the reason.",
     .arguments = kTraceArguments,
     .options = kTraceOptions,
     .examples = kTraceExamples,
     .exit_note = "2 also if ENTITY is not in the logs, or may be several things: they are listed.",
     .reads = true,
     .run = run_trace},
    {.name = "incident",
     .summary = "Open, see and work on incidents",
     .description =
         "An incident is what its entries in the ledger say; every act is an entry, with "
         "who said it and when. A user of the system counts as unverified: nobody has "
         "checked who that is (docs/formats/incident.md)."},
    {.name = "incident open",
     .summary = "Open an incident by hand",
     .description =
         "Most real cases begin with a phone call, a ticket, or the provider's abuse desk.",
     .arguments = kIncidentOpenArguments,
     .options = kIncidentOpenOptions,
     .examples = kIncidentOpenExamples,
     .run = run_incident_open},
    {.name = "incident list",
     .summary = "List incidents, the worst first",
     .options = kIncidentListOptions,
     .examples = kIncidentListExamples,
     .run = run_incident_list},
    {.name = "incident show",
     .summary = "Show the first screen of an incident",
     .description = "What happened, whether it goes on, who, what they did, what to do, what is "
                    "due, and what we cannot know.",
     .arguments = kIncidentArguments,
     .options = kIncidentShowOptions,
     .examples = kIncidentShowExamples,
     .run = run_incident_show},
    {.name = "incident ack",
     .summary = "Say that you work on it",
     .arguments = kIncidentArguments,
     .options = kIncidentAckOptions,
     .run = run_incident_ack},
    {.name = "incident assign",
     .summary = "Say who owns it",
     .arguments = kIncidentPersonArguments,
     .options = kIncidentAssignOptions,
     .run = run_incident_assign},
    {.name = "incident note",
     .summary = "Write something down",
     .description = "With --privileged for counsel: it stays out of exports and reports unless "
                    "asked for. Closed incidents take notes too.",
     .arguments = kIncidentTextArguments,
     .options = kIncidentNoteOptions,
     .run = run_incident_note},
    {.name = "incident task",
     .summary = "Add a task, give it to somebody, or end it",
     .arguments = kIncidentTaskArguments,
     .options = kIncidentTaskOptions,
     .examples = kIncidentTaskExamples,
     .run = run_incident_task},
    {.name = "incident severity",
     .summary = "Change its severity",
     .arguments = kIncidentSeverityArguments,
     .options = kIncidentSeverityOptions,
     .run = run_incident_severity},
    {.name = "incident move",
     .summary = "Say where it stands in its life",
     .description = "Moves that make no sense are refused, with those that do.",
     .arguments = kIncidentMoveArguments,
     .options = kIncidentMoveOptions,
     .run = run_incident_move},
    {.name = "incident role",
     .summary = "Give a role to a person",
     .arguments = kIncidentRoleArguments,
     .options = kIncidentRoleOptions,
     .run = run_incident_role},
    {.name = "incident handover",
     .summary = "Hand over a role, with a brief",
     .description = "The receiver has to accept.",
     .arguments = kIncidentHandoverArguments,
     .options = kIncidentHandoverOptions,
     .examples = kIncidentHandoverExamples,
     .run = run_incident_handover},
    {.name = "incident update",
     .summary = "Say what was told to those who wait for news",
     .arguments = kIncidentTextArguments,
     .options = kIncidentUpdateOptions,
     .run = run_incident_update},
    {.name = "incident pause",
     .summary = "Let a clock wait, for a stated reason",
     .description = "It stays visible, and runs again by itself.",
     .arguments = kIncidentPauseArguments,
     .options = kIncidentPauseOptions,
     .run = run_incident_pause},
    {.name = "incident hypothesis",
     .summary = "Say what may be so, or what became of it",
     .arguments = kIncidentTextArguments,
     .options = kIncidentHypothesisOptions,
     .run = run_incident_hypothesis},
    {.name = "incident link",
     .summary = "Link it with something elsewhere",
     .arguments = kIncidentLinkArguments,
     .options = kIncidentLinkOptions,
     .run = run_incident_link},
    {.name = "incident scope",
     .summary = "Put entities in its scope, or out of it",
     .arguments = kIncidentScopeArguments,
     .options = kIncidentScopeOptions,
     .run = run_incident_scope},
    {.name = "incident tlp",
     .summary = "Say who may be told (TLP 2.0)",
     .arguments = kIncidentTlpArguments,
     .options = kIncidentTlpOptions,
     .run = run_incident_tlp},
    {.name = "incident restrict",
     .summary = "Let only named people see it",
     .arguments = kIncidentRestrictArguments,
     .options = kIncidentRestrictOptions,
     .run = run_incident_restrict},
    {.name = "incident aware",
     .summary = "Say that the organisation knows, and since when",
     .description = "Many laws count their hours from then. The ledger keeps it; it does not watch "
                    "those hours yet.",
     .arguments = kIncidentArguments,
     .options = kIncidentAwareOptions,
     .run = run_incident_aware},
    {.name = "incident material",
     .summary = "Say whether it is material",
     .arguments = kIncidentMaterialArguments,
     .options = kIncidentMaterialOptions,
     .run = run_incident_material},
    {.name = "incident classify",
     .summary = "Classify it under a law's scheme",
     .arguments = kIncidentClassifyArguments,
     .options = kIncidentClassifyOptions,
     .run = run_incident_classify},
    {.name = "incident close",
     .summary = "Close it, and say what it was",
     .arguments = kIncidentArguments,
     .options = kIncidentCloseOptions,
     .examples = kIncidentCloseExamples,
     .run = run_incident_close},
    {.name = "incident reopen",
     .summary = "Open it again",
     .description = "Somebody has to acknowledge it again.",
     .arguments = kIncidentArguments,
     .options = kIncidentReopenOptions,
     .run = run_incident_reopen},
    {.name = "incident merge",
     .summary = "Let it go on in another incident",
     .description = "Nothing is rewritten: its findings join the other one.",
     .arguments = kIncidentMergeArguments,
     .options = kIncidentMergeOptions,
     .run = run_incident_merge},
    {.name = "incident split",
     .summary = "Let findings leave for an incident of their own",
     .description = "They are not grouped together again by themselves.",
     .arguments = kIncidentSplitArguments,
     .options = kIncidentSplitOptions,
     .run = run_incident_split},
    {.name = "timeline",
     .summary = "Tell an incident entry by entry",
     .description =
         "The timeline is the entries of the incident, in their order, each in plain words. What "
         "was erased is a gap that says by whose authority; what a newer program wrote is told as "
         "such. Nothing is left out but notes for counsel, which are counted.",
     .arguments = kIncidentArguments,
     .options = kTimelineOptions,
     .examples = kTimelineExamples,
     .run = run_timeline},
    {.name = "report",
     .summary = "Write the report of an incident",
     .description =
         "For people who were not there: summary, course, decisions and why, scope, times, who did "
         "what, what we could not know, and the whole timeline. Made of the incident's entries "
         "alone. Notes for counsel stay out unless asked for; the page says so either way.",
     .arguments = kIncidentArguments,
     .options = kReportOptions,
     .examples = kReportExamples,
     .run = run_report},
    {.name = "metrics",
     .summary = "Say how long things took",
     .description =
         "Time to detect, acknowledge, contain (verified), eradicate and recover: median, "
         "p90 and max by severity, from the ledger alone. What is not done yet counts as taking "
         "longer than so far. Exercises stand apart. docs/formats/metrics.md says what each "
         "number means.",
     .options = kMetricsOptions,
     .examples = kMetricsExamples,
     .run = run_metrics},
    {.name = "rules",
     .summary = "Check, list, explain, test and compare rules",
     .description = "Everything for those who write Sigma rules."},
    {.name = "rules lint",
     .summary = "Check rules: all problems of all files at once",
     .description =
         "Reports errors, warnings and notes with file, line, column and a hint. Says too which "
         "rules can never match any event of their log source (unbindable), which cannot be "
         "indexed and so are evaluated on every event, and with --against which are blind.",
     .arguments = kLintArguments,
     .options = kLintOptions,
     .examples = kLintExamples,
     .exit_note = "1 if a rule has an error.",
     .checks = true,
     .reads = true,
     .run = run_rules_lint},
    {.name = "rules list",
     .summary = "List the rules, and the ATT&CK techniques they cover",
     .description = "The rules and correlations that a scan with the same options would run, the "
                    "most severe first, and the filters; then for each tactic the techniques that "
                    "they cover.",
     .options = kListOptions,
     .examples = kListExamples,
     .run = run_rules_list},
    {.name = "rules explain",
     .summary = "Show why a rule matches an event, or why not",
     .description =
         "Prints the rule as a tree: which selection, item and value held, and what the event had "
         "instead.\n"
         "A correlation is held against all events of EVENT: how many each of its rules matched, "
         "what did not count and for want of which field, and when it fired; or, of the group "
         "that came nearest, how much it counted in which window, and what was missing.",
     .arguments = kExplainArguments,
     .options = kExplainOptions,
     .examples = kExplainExamples,
     .exit_note = "0 whether the rule matches or not; 3 also if there is no such event.",
     .reads = true,
     .run = run_rules_explain},
    {.name = "rules test",
     .summary = "Run rules against the events that lie beside them",
     .description =
         "For each rule, reads <rule>.events.ndjson: one JSON object a line with \"expect\" "
         "(true or false), \"why\", \"event\", and optionally \"context\" (values of "
         "placeholders for this event).",
     .arguments = kTestArguments,
     .options = kTestOptions,
     .examples = kTestExamples,
     .exit_note = "1 if an expectation fails or a rule does not load.",
     .checks = true,
     .run = run_rules_test},
    {.name = "rules backtest",
     .summary = "Run rules over logs and count what they would have found",
     .description =
         "For each rule, the findings that it would have given on these logs, how many that is "
         "in 1,000 events, and a few of the events. Only the rules that are named count; those "
         "built in that their correlations name are loaded beside. Each "
         "event counts once, as in a scan. To be done before a rule goes live: what is too loud "
         "here will be too loud then.",
     .arguments = kBacktestArguments,
     .options = kBacktestOptions,
     .examples = kBacktestExamples,
     .exit_note = "0 however much was found.",
     .reads = true,
     .run = run_rules_backtest},
    {.name = "rules diff",
     .summary = "Compare two rule sets on the same logs",
     .description = "Shows which rules fire more, less, or not any more, and on which events.",
     .arguments = kDiffArguments,
     .options = kBacktestOptions,
     .examples = kDiffExamples,
     .exit_note = "0 whether they differ or not.",
     .reads = true,
     .run = run_rules_diff},
    {.name = "actions",
     .summary = "List, show, check, test and begin actions",
     .description = "What can be done to a target, as data (docs/formats/actions.md)."},
    {.name = "actions list",
     .summary = "List what can be done, to which type of target",
     .description = "The actions of the content, in the order in which an incident goes through "
                    "the phases. The class is how bad each may be for a target that nobody else "
                    "depends on.",
     .options = kActionsListOptions,
     .examples = kActionsListExamples,
     .run = run_actions_list},
    {.name = "actions show",
     .summary = "Show all that an action does, for whoever approves it",
     .description = "What it reads and writes, what it needs, how it is verified, watched and "
                    "undone, and which permissions that takes, which follow from its calls.",
     .arguments = kActionArguments,
     .options = kActionsShowOptions,
     .examples = kActionsShowExamples,
     .run = run_actions_show},
    {.name = "actions lint",
     .summary = "Check actions: all problems of all files at once",
     .description = "Reports mistakes with file, line, column and a hint: of the text, of "
                    "expressions, of calls that the table of operations does not have or that "
                    "miss parameters, of writes that nothing guards or verifies, and of ways back "
                    "that are missing.",
     .arguments = kActionsLintArguments,
     .options = kActionsShowOptions,
     .examples = kActionsLintExamples,
     .exit_note = "1 if an action has an error.",
     .checks = true,
     .run = run_actions_lint},
    {.name = "actions new",
     .summary = "Write a file to begin an action with",
     .description = "YAML with a comment for all that is to be filled in; 'stanch actions lint' "
                    "then says what still is.",
     .arguments = kActionsNewArguments,
     .options = kActionsNewOptions,
     .examples = kActionsNewExamples,
     .run = run_actions_new},
    {.name = "actions test",
     .summary = "Run actions against the cases that lie beside them",
     .description =
         "For each action x.yaml, reads x.cases.yaml: what a target answers, and which calls, "
         "reasons and checks should follow from that (docs/formats/actions.md). Nothing is "
         "called; what follows is computed as for a plan. With -v it names the actions that have "
         "no case.",
     .arguments = kActionsTestArguments,
     .options = kActionsShowOptions,
     .examples = kActionsTestExamples,
     .exit_note = "1 if a case fails, or an action or a case has a mistake.",
     .checks = true,
     .run = run_actions_test},
    {.name = "coverage",
     .summary = "Show what can be seen and done in each account",
     .description =
         "For each account: which of Stanch's three roles can be assumed. For each of its enabled "
         "regions: which trails record there, which management and data events, and when a log "
         "file last arrived. It only reads. What could not be asked is unknown, never off.\n"
         "Data events that are off are shown, and are no gap.",
     .arguments = kCoverageArguments,
     .options = kCoverageOptions,
     .examples = kCoverageExamples,
     .exit_note = "1 if there is a gap (docs/formats/codes.md): a role that cannot be assumed, a "
                  "region without a trail that logs and delivers all management events, or "
                  "anything of this that nobody could tell.",
     .checks = true,
     .reads = true,
     .run = run_coverage},
    {.name = "permissions",
     .summary = "Write what Stanch's roles in an account must be allowed",
     .description =
         "Policies of IAM for three roles, derived from the calls of the actions, and of 'stanch "
         "coverage': to read, to take evidence, to contain. None may delete evidence, none may "
         "touch what is "
         "called stanch-*.",
     .options = kPermissionsOptions,
     .examples = kPermissionsExamples,
     .run = run_permissions},
    {.name = "plan",
     .summary = "Plan exact calls for an incident, and show whom they hit",
     .description =
         "What is to be done is what the content's playbooks say of the incident's findings, or "
         "what --do names. Looks at each target as it is, and writes nothing. The plan is kept "
         "with its hash: what "
         "is approved and applied is exactly this. Steps that nothing needs to be done for say so.",
     .arguments = kIncidentArguments,
     .options = kPlanOptions,
     .examples = kPlanExamples,
     .run = run_plan},
    {.name = "status",
     .summary = "Show a plan, how its steps stand, and what waits for whom",
     .arguments = kIncidentArguments,
     .options = kStatusOptions,
     .run = run_status},
    {.name = "approve",
     .summary = "Approve a plan, or steps of it",
     .description =
         "An approval is of one hash and no other plan. It is a signature by a key that the "
         "content's file 'approvers' names (OpenSSH's allowed_signers); without one it is kept as "
         "unverified, and never counts where two people are asked.",
     .arguments = kIncidentArguments,
     .options = kApproveOptions,
     .examples = kApproveExamples,
     .run = run_approve},
    {.name = "reject",
     .summary = "Refuse a plan, or steps of it",
     .arguments = kIncidentArguments,
     .options = kRejectOptions,
     .run = run_reject},
    {.name = "apply",
     .summary = "Do what was approved, and prove that it took effect",
     .description =
         "Each step is claimed, looked at, kept as it was, called and verified. Whatever ends this "
         "command at any moment, the next goes on from there: nothing is sent twice unseen.",
     .arguments = kIncidentArguments,
     .options = kApplyOptions,
     .examples = kApplyExamples,
     .exit_note = "1 if a step failed or waits.",
     .checks = true,
     .run = run_apply},
    {.name = "watch",
     .summary = "See that containment stays, and contain again where it does not",
     .description =
         "Looks at 15 s, 1, 5 and 30 min after each step was verified. What is not as it "
         "was left is contained again, within what was approved.",
     .arguments = kIncidentArguments,
     .options = kWatchOptions,
     .exit_note = "1 if something was not contained any more.",
     .checks = true,
     .run = run_watch},
    {.name = "respond",
     .summary = "Act without being asked, as far as people let it",
     .description =
         "Plans what the playbooks say of open incidents. Evidence is read and visibility restored "
         "at once; what changes something runs alone only where autonomy.yaml and a promotion let "
         "it. Of the rest it says what it would have done (shadow), and asks people. Then it "
         "watches what it contained. Every guard holds, and all it does is in the ledger.",
     .arguments = kRespondArguments,
     .options = kRespondOptions,
     .examples = kRespondExamples,
     .exit_note = "1 if a step failed, or something was not contained any more.",
     .checks = true,
     .run = run_respond},
    {.name = "evidence",
     .summary = "See, seal, check and give out evidence",
     .description =
         "Its point in time is fixed when it is taken; it is sealed when it is complete "
         "and told by a hash or by what the cloud says of it (docs/formats/evidence.md)."},
    {.name = "evidence list",
     .summary = "Show what evidence there is, and what could not be had",
     .arguments = kIncidentArguments,
     .options = kEvidenceListOptions,
     .run = run_evidence_list},
    {.name = "evidence add",
     .summary = "Say that a file was taken as evidence",
     .description = "Hashes the file, and keeps what it is of, how and by whose decision it was "
                    "taken. It stays where it lies.",
     .arguments = kEvidenceAddArguments,
     .options = kEvidenceAddOptions,
     .examples = kEvidenceAddExamples,
     .run = run_evidence_add},
    {.name = "evidence seal",
     .summary = "Seal what is complete",
     .description = "Looks at each item where it lies, in the cloud, the ledger or a file, and "
                    "keeps its hash, or what tells it. What is not complete yet says so.",
     .arguments = kIncidentArguments,
     .options = kEvidenceLookOptions,
     .exit_note = "1 if something is not sealed.",
     .checks = true,
     .run = run_evidence_seal},
    {.name = "evidence verify",
     .summary = "See that sealed evidence is still what it was",
     .description = "Looks again, compares with the seal, and keeps in the ledger that somebody "
                    "looked.",
     .arguments = kIncidentArguments,
     .options = kEvidenceLookOptions,
     .exit_note = "1 if something is not what it was, is not sealed, or could not be looked at.",
     .checks = true,
     .run = run_evidence_verify},
    {.name = "evidence export",
     .summary = "Write a package of the evidence, for others",
     .description =
         "A BagIt bag with a signed manifest: the incident's entries, the list of evidence with "
         "who had it when, what is missing, and the files that lie on this machine. Signs a "
         "checkpoint first, so that all of it is covered.",
     .arguments = kEvidenceExportArguments,
     .options = kEvidenceExportOptions,
     .examples = kEvidenceExportExamples,
     .run = run_evidence_export},
    {.name = "evidence validate-trail",
     .summary = "See that CloudTrail files are what AWS wrote",
     .description =
         "Of files that were downloaded from a trail's bucket. Verifies the signature of each "
         "digest file, the chain from digest to digest, and the "
         "hash of each log file that they name; and says what is missing, what no digest names, "
         "and which times no digest speaks for.\n"
         "The signature of a digest stands in the one after it. That of the newest is only in the "
         "metadata of its S3 object; keep it beside the file, as FILE.signature: its hex digits, "
         "or what 'aws s3api head-object' prints. Without it the newest digest, and the log files "
         "that it names, cannot be proved (docs/formats/evidence.md).",
     .arguments = kEvidenceTrailArguments,
     .options = kEvidenceTrailOptions,
     .examples = kEvidenceTrailExamples,
     .exit_note = "1 if something is not valid, or cannot be proved to be.",
     .checks = true,
     .reads = true,
     .run = run_evidence_validate_trail},
    {.name = "autonomy",
     .summary = "Say what may run without asking, and see what would have",
     .description = "A fresh installation is in shadow (docs/formats/autonomy.md)."},
    {.name = "autonomy report",
     .summary = "Show what would have run alone",
     .description = "By action, account and environment: how many steps, in how many incidents, "
                    "how many of these were false alarms, and who else would have been hit.",
     .options = kAutonomyReportOptions,
     .examples = kAutonomyReportExamples,
     .run = run_autonomy_report},
    {.name = "autonomy show",
     .summary = "Show what people promoted",
     .options = kAutonomyShowOptions,
     .run = run_autonomy_show},
    {.name = "autonomy promote",
     .summary = "Let an action run alone in an account",
     .description = "Where autonomy.yaml lets it: only what is reversible, and confirmed by two "
                    "independent rules. An entry of the ledger, until it ends or is demoted.",
     .arguments = kAutonomyArguments,
     .options = kAutonomySetOptions,
     .examples = kAutonomyPromoteExamples,
     .run = run_autonomy_promote},
    {.name = "autonomy demote",
     .summary = "Put an action back into shadow",
     .arguments = kAutonomyArguments,
     .options = kAutonomySetOptions,
     .run = run_autonomy_demote},
    {.name = "undo",
     .summary = "Plan to take steps back",
     .description = "Computed from what was saved before and from what is there now. What somebody "
                    "else changed since is never overwritten, and what another incident still "
                    "holds is not opened. To be approved and applied like any plan.",
     .arguments = kIncidentArguments,
     .options = kUndoOptions,
     .examples = kUndoExamples,
     .run = run_undo},
    {.name = "pause",
     .summary = "Let nothing of a plan go on for now",
     .arguments = kIncidentArguments,
     .options = kPauseOptions,
     .run = run_pause},
    {.name = "resume",
     .summary = "Let a paused plan go on",
     .arguments = kIncidentArguments,
     .options = kPauseOptions,
     .run = run_resume},
    {.name = "abort",
     .summary = "Withdraw a plan; what it did stays",
     .arguments = kIncidentArguments,
     .options = kPauseOptions,
     .run = run_abort},
    {.name = "killswitch",
     .summary = "Stop response at once, and let it go on",
     .description = "Evidence and undoing always go on."},
    {.name = "killswitch show",
     .summary = "Show what is stopped",
     .options = kKillSwitchShowOptions,
     .run = run_kill_switch_show},
    {.name = "killswitch pull",
     .summary = "Stop it: here at once, and everywhere by the ledger",
     .description = "Works on this machine even if the ledger does not.",
     .options = kKillSwitchPullOptions,
     .examples = kKillSwitchExamples,
     .run = run_kill_switch_pull},
    {.name = "killswitch release",
     .summary = "Let it go on, with a second person",
     .description = "The second person signs what --text prints. Where the content registers no "
                    "approvers, --second names who it is, and nobody checks that.",
     .options = kKillSwitchReleaseOptions,
     .run = run_kill_switch_release},
    {.name = "ledger",
     .summary = "Make, sign, check and hand out the ledger",
     .description = "The ledger holds every fact that matters as an entry that cannot be changed "
                    "unnoticed (docs/formats/ledger.md)."},
    {.name = "ledger init",
     .summary = "Make a ledger, and the key that signs its checkpoints",
     .description = "Repeating it changes nothing, and completes what was interrupted.",
     .options = kLedgerInitOptions,
     .examples = kLedgerInitExamples,
     .run = run_ledger_init},
    {.name = "ledger key",
     .summary = "Show the ledger's public keys, or make a new one",
     .options = kLedgerKeyOptions,
     .examples = kLedgerKeyExamples,
     .run = run_ledger_key},
    {.name = "ledger checkpoint",
     .summary = "Sign everything so far",
     .description =
         "Writes a C2SP checkpoint: number of entries and root of their Merkle tree, signed. Kept "
         "elsewhere, it shows any later change, deletion, reordering or rolling back of what it "
         "covers. Nothing is signed if the checkpoint that is there is not its beginning.",
     .options = kLedgerCheckpointOptions,
     .examples = kLedgerCheckpointExamples,
     .run = run_ledger_checkpoint},
    {.name = "ledger verify",
     .summary = "Check a ledger or a package, and name the first bad entry",
     .description = "Computes everything anew: hashes, links, commitments, the tree, signatures.",
     .options = kLedgerVerifyOptions,
     .examples = kLedgerVerifyExamples,
     .exit_note = "1 if anything does not hold.",
     .checks = true,
     .reads = true,
     .run = run_ledger_verify},
    {.name = "ledger export",
     .summary = "Write a package that others can check",
     .description =
         "A folder (a BagIt bag) with the entries of the streams, all hashes of the tree, the last "
         "checkpoint, signed manifests, and a script that checks all of it with sha256sum and "
         "openssl. It holds what the last checkpoint covers.",
     .arguments = kLedgerExportArguments,
     .options = kLedgerExportOptions,
     .examples = kLedgerExportExamples,
     .run = run_ledger_export},
    {.name = "ledger prove",
     .summary = "Prove that an entry is in the ledger",
     .description = "Writes JSON, with or without --json: the hashes on the way to the signed "
                    "root; with --from, that an older checkpoint is the beginning of the newest.",
     .arguments = kLedgerEntryArguments,
     .options = kLedgerProveOptions,
     .examples = kLedgerProveExamples,
     .run = run_ledger_prove},
    {.name = "ledger erase",
     .summary = "Erase the payload of an entry, and say so in the ledger",
     .description =
         "For privacy law. The text is gone from the ledger's file; the entry, its place and an "
         "'erased' entry with authority and reason stay, and the chain still verifies. Refused "
         "under a legal hold, and for kinds that are never erased. Packages that were exported "
         "before are not reached.",
     .arguments = kLedgerEntryArguments,
     .options = kLedgerEraseOptions,
     .examples = kLedgerEraseExamples,
     .run = run_ledger_erase},
    {.name = "ledger rebuild",
     .summary = "Make anew what follows from the entries",
     .options = kLedgerRebuildOptions,
     .run = run_ledger_rebuild},
    {.name = "completion",
     .summary = "Write a completion script for bash, zsh or fish",
     .arguments = kCompletionArguments,
     .examples = kCompletionExamples,
     .run = run_completion},
    {.name = "man",
     .summary = "Write the manual page",
     .description = "In roff, made from the same text as this help.",
     .examples = kManExamples,
     .run = run_man},
    {.name = "version",
     .summary = "Show the versions of program, content and compiler",
     .options = kVersionOptions,
     .run = run_version},
    {.name = "help",
     .summary = "Explain a command, 'config' or 'exit-codes'",
     .arguments = kHelpArguments,
     .run = run_help},
};

}  // namespace

std::span<const CommandSpec> all_commands() { return kCommands; }

}  // namespace stanch::cli
