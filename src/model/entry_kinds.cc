// The table of kinds. Rows are grouped by the stream they belong in.

#include <algorithm>

#include "model/entry_kind.h"

namespace stanch::model {
namespace {

using enum FieldType;
using enum Retention;

constexpr bool kOptional = false;

// ---------------------------------------------------------------- control

constexpr PayloadField kLedgerCreated[] = {
    {.name = "ledger", .summary = "Id of this ledger, drawn when it was made."},
    {.name = "origin", .summary = "Its name in checkpoints."},
    {.name = "program", .summary = "Version of the program that made it."},
};
constexpr PayloadField kCheckpointKeyAnnounced[] = {
    {.name = "key", .summary = "Verifier key of the checkpoints from here on: name+id+base64."},
    {.name = "replaces", .required = kOptional, .summary = "The verifier key before it."},
    {.name = "reason", .required = kOptional, .summary = "Why it changed."},
};
constexpr PayloadField kSettingChanged[] = {
    {.name = "setting", .summary = "Its name."},
    {.name = "value", .type = kObject, .summary = "What it is now: {\"is\": …}."},
    {.name = "previous", .type = kObject, .required = kOptional, .summary = "What it was."},
    {.name = "reason", .summary = "Why."},
};
constexpr PayloadField kContentChanged[] = {
    {.name = "content_version", .type = kHash, .summary = "Of the content in force from here on."},
    {.name = "previous", .type = kHash, .required = kOptional, .summary = "Of the one before."},
};
constexpr PayloadField kKillSwitchPulled[] = {
    {.name = "scope", .summary = "What stops: \"all\", or a cloud, account or action."},
    {.name = "reason", .summary = "Why."},
};
constexpr PayloadField kKillSwitchReleased[] = {
    {.name = "scope", .summary = "What may run again."},
    {.name = "pulled", .type = kCitation, .summary = "The entry that stopped it."},
    {.name = "second_person", .summary = "Who else released it."},
    {.name = "reason", .summary = "Why."},
};
constexpr PayloadField kRetentionSet[] = {
    {.name = "class", .choices = "incident|operational", .summary = "Of kinds."},
    {.name = "days", .type = kInteger, .summary = "Payloads older than that may be erased."},
    {.name = "authority", .summary = "Whose decision, or which law."},
    {.name = "reason", .summary = "Why."},
};
constexpr PayloadField kExported[] = {
    {.name = "package", .type = kHash, .summary = "SHA-256 of the package's manifest."},
    {.name = "streams", .type = kTexts, .summary = "What it holds; empty: all."},
    {.name = "to", .required = kOptional, .summary = "Who receives it."},
    {.name = "reason", .required = kOptional, .summary = "Why."},
};

// ---------------------------------------------------------------- every stream

constexpr PayloadField kErased[] = {
    {.name = "sequence", .type = kInteger, .summary = "Of the entry in this stream."},
    {.name = "hash", .type = kHash, .summary = "Of that entry."},
    {.name = "authority", .summary = "Whose decision, or which law."},
    {.name = "reason", .summary = "Why."},
};
constexpr PayloadField kHoldSet[] = {
    {.name = "hold", .summary = "Its name; several may be in force."},
    {.name = "authority", .summary = "Who ordered it."},
    {.name = "reason", .summary = "Why."},
};
constexpr PayloadField kHoldReleased[] = {
    {.name = "hold", .summary = "Its name."},
    {.name = "authority", .summary = "Who ordered it."},
    {.name = "reason", .summary = "Why."},
};

// ---------------------------------------------------------------- intake

constexpr PayloadField kIntakePosition[] = {
    {.name = "source", .summary = "What is read."},
    {.name = "position", .type = kObject, .summary = "Up to where everything led to is durable."},
    {.name = "events", .type = kInteger, .summary = "Since the position before."},
    {.name = "findings", .type = kInteger, .summary = "Since the position before."},
};

// ---------------------------------------------------------------- triage

constexpr PayloadField kFindingAssigned[] = {
    {.name = "finding", .summary = "Its id."},
    {.name = "incident", .summary = "Id of the incident that it joins or opens."},
    {.name = "opens", .type = kBoolean, .summary = "True if the incident begins with it."},
    {.name = "because", .type = kTexts, .summary = "What it shares, in words."},
};
constexpr PayloadField kFindingSuppressed[] = {
    {.name = "finding", .summary = "Its id."},
    {.name = "rule", .summary = "Id of its rule."},
    {.name = "by", .summary = "What suppressed it: id of the exception."},
    {.name = "reason", .summary = "Of the exception."},
    {.name = "until", .type = kTime, .required = kOptional, .summary = "When the exception ends."},
};
constexpr PayloadField kFindingsFolded[] = {
    {.name = "rule", .summary = "Id of the rule that fired often."},
    {.name = "incident", .required = kOptional, .summary = "Where they count."},
    {.name = "count", .type = kInteger, .summary = "How many findings this stands for."},
    {.name = "first", .type = kTime, .summary = "Time of the first event."},
    {.name = "last", .type = kTime, .summary = "Time of the last event."},
    {.name = "samples", .type = kTexts, .summary = "Ids of some of them."},
};

// ---------------------------------------------------------------- incident

constexpr PayloadField kIncidentOpened[] = {
    {.name = "incident", .summary = "Its id."},
    {.name = "title", .summary = "One line."},
    {.name = "by", .choices = "finding|person|split", .summary = "What opened it."},
    {.name = "finding", .required = kOptional, .summary = "Id of the opening finding."},
    {.name = "source",
     .required = kOptional,
     .summary = "Who told us: a call, a ticket, the provider."},
    {.name = "description", .required = kOptional, .summary = "What was reported."},
    {.name = "triage",
     .type = kCitation,
     .required = kOptional,
     .summary = "The triage entry behind it."},
    {.name = "split_from",
     .type = kCitation,
     .required = kOptional,
     .summary = "The entry that split it off."},
    {.name = "drill", .type = kBoolean, .required = kOptional, .summary = "An exercise."},
};
constexpr PayloadField kFindingJoined[] = {
    {.name = "finding", .summary = "Its id."},
    {.name = "rule", .summary = "Id of the rule, detector or person behind it."},
    {.name = "rule_version",
     .type = kHash,
     .required = kOptional,
     .summary = "Of the rule's bytes."},
    {.name = "title", .summary = "Of the rule."},
    {.name = "level",
     .choices = "informational|low|medium|high|critical",
     .summary = "Of the finding."},
    {.name = "event_time", .type = kTime, .required = kOptional, .summary = "Of the event."},
    {.name = "events", .type = kTexts, .summary = "Event ids."},
    {.name = "entities", .type = kTexts, .summary = "Entity ids that it touches."},
    {.name = "techniques", .type = kTexts, .required = kOptional, .summary = "ATT&CK techniques."},
    {.name = "because", .type = kTexts, .summary = "Why it belongs here, in words."},
    {.name = "triage",
     .type = kCitation,
     .required = kOptional,
     .summary = "The triage entry behind it."},
    {.name = "document",
     .type = kObject,
     .required = kOptional,
     .summary = "The finding as stanch.finding."},
    {.name = "record_sha256",
     .type = kHash,
     .required = kOptional,
     .summary = "Of the log record's bytes."},
    {.name = "record_base64", .required = kOptional, .summary = "The log record's bytes."},
    {.name = "origin",
     .type = kObject,
     .required = kOptional,
     .summary = "Where the record was read."},
};
constexpr PayloadField kSeveritySet[] = {
    {.name = "severity", .choices = "S1|S2|S3|S4", .summary = "From here on."},
    {.name = "previous", .required = kOptional, .choices = "S1|S2|S3|S4", .summary = "Before."},
    {.name = "by", .choices = "matrix|person", .summary = "Who decided."},
    {.name = "because", .type = kTexts, .summary = "The decision in words."},
    {.name = "reason", .required = kOptional, .summary = "Of a person who changed it."},
};
constexpr PayloadField kAcknowledged[] = {
    {.name = "person", .summary = "Who works on it now."},
    {.name = "comment", .required = kOptional, .summary = "What they said."},
};
constexpr PayloadField kAssigned[] = {
    {.name = "person", .summary = "Who owns it from here on."},
    {.name = "previous", .required = kOptional, .summary = "Who did before."},
};
constexpr PayloadField kRoleGiven[] = {
    {.name = "role",
     .summary = "commander, deputy, analyst, legal, communications, operations, or an own one."},
    {.name = "person", .summary = "Who has it."},
    {.name = "previous", .required = kOptional, .summary = "Who had it."},
};
constexpr PayloadField kRoleWithdrawn[] = {
    {.name = "role", .summary = "Which."},
    {.name = "person", .summary = "From whom."},
    {.name = "reason", .required = kOptional, .summary = "Why."},
};
constexpr PayloadField kHandoverOffered[] = {
    {.name = "role", .summary = "Which."},
    {.name = "from", .summary = "Who hands over."},
    {.name = "to", .summary = "Who is to accept."},
    {.name = "brief",
     .summary = "Known, ruled out, hypotheses, pending, running, next update due."},
};
constexpr PayloadField kHandoverAnswered[] = {
    {.name = "role", .summary = "Which."},
    {.name = "from", .summary = "Who hands over."},
    {.name = "to", .summary = "Who answers."},
    {.name = "offer", .type = kCitation, .summary = "The offer."},
    {.name = "reason", .required = kOptional, .summary = "Why not, or what was agreed."},
};
constexpr PayloadField kStateMoved[] = {
    {.name = "from",
     .choices = "new|acknowledged|triaged|containing|contained_watching|contained|eradicating|"
                "recovering|recovered|review|closed",
     .summary = "State before."},
    {.name = "to",
     .choices = "new|acknowledged|triaged|containing|contained_watching|contained|eradicating|"
                "recovering|recovered|review|closed",
     .summary = "State from here on."},
    {.name = "reason", .required = kOptional, .summary = "Why."},
};
constexpr PayloadField kClockPaused[] = {
    {.name = "clock", .choices = "acknowledge|contain|update", .summary = "Which."},
    {.name = "until", .type = kTime, .summary = "It runs again then at the latest."},
    {.name = "reason", .summary = "Why."},
};
constexpr PayloadField kClockResumed[] = {
    {.name = "clock", .choices = "acknowledge|contain|update", .summary = "Which."},
    {.name = "reason", .required = kOptional, .summary = "Why."},
};
constexpr PayloadField kUpdateGiven[] = {
    {.name = "text", .summary = "What was said."},
    {.name = "audience", .required = kOptional, .summary = "To whom."},
    {.name = "next_due",
     .type = kTime,
     .required = kOptional,
     .summary = "When the next one is due."},
};
constexpr PayloadField kNote[] = {
    {.name = "text", .summary = "In Markdown; never evaluated."},
    {.name = "privileged",
     .type = kBoolean,
     .required = kOptional,
     .summary = "For counsel: stays out of exports unless asked for."},
};
constexpr PayloadField kHypothesisSet[] = {
    {.name = "hypothesis", .summary = "Its id in this incident."},
    {.name = "text", .summary = "What may be so."},
    {.name = "standing",
     .choices = "open|supported|ruled_out",
     .summary = "What is thought of it."},
    {.name = "because", .type = kTexts, .required = kOptional, .summary = "Why."},
};
constexpr PayloadField kTaskAdded[] = {
    {.name = "task", .summary = "Its id in this incident."},
    {.name = "title", .summary = "What is to be done."},
    {.name = "owner", .required = kOptional, .summary = "By whom."},
    {.name = "due", .type = kTime, .required = kOptional, .summary = "By when."},
};
constexpr PayloadField kTaskAssigned[] = {
    {.name = "task", .summary = "Its id."},
    {.name = "owner", .summary = "Who does it from here on."},
    {.name = "due", .type = kTime, .required = kOptional, .summary = "By when."},
};
constexpr PayloadField kTaskDone[] = {
    {.name = "task", .summary = "Its id."},
    {.name = "outcome", .choices = "done|dropped", .summary = "How it ended."},
    {.name = "text", .required = kOptional, .summary = "What came of it, or why it was dropped."},
};
constexpr PayloadField kLinkAdded[] = {
    {.name = "relation",
     .choices = "related|duplicate|caused_by|ticket|channel|document",
     .summary = "What it is to this incident."},
    {.name = "target", .summary = "Incident id or URL."},
    {.name = "title", .required = kOptional, .summary = "For people."},
};
constexpr PayloadField kLinkRemoved[] = {
    {.name = "relation",
     .choices = "related|duplicate|caused_by|ticket|channel|document",
     .summary = "Of the link."},
    {.name = "target", .summary = "Of the link."},
};
constexpr PayloadField kMergedInto[] = {
    {.name = "incident", .summary = "Where it goes on."},
    {.name = "because", .type = kTexts, .summary = "Why they are one."},
};
constexpr PayloadField kMergedFrom[] = {
    {.name = "incident", .summary = "Which came in."},
    {.name = "merged", .type = kCitation, .summary = "Its merged_into entry."},
};
constexpr PayloadField kSplit[] = {
    {.name = "into", .summary = "Id of the new incident."},
    {.name = "findings", .type = kTexts, .summary = "Ids of the findings that leave."},
    {.name = "reason", .summary = "Why."},
};
constexpr PayloadField kScopeChanged[] = {
    {.name = "added", .type = kTexts, .required = kOptional, .summary = "Entity ids."},
    {.name = "removed", .type = kTexts, .required = kOptional, .summary = "Entity ids."},
    {.name = "because", .type = kTexts, .summary = "How each was reached, or why it is out."},
};
constexpr PayloadField kAware[] = {
    {.name = "person", .summary = "Who became aware on behalf of the organisation."},
    {.name = "when", .type = kTime, .summary = "When; may lie before the entry."},
    {.name = "why", .summary = "What made them sure."},
    {.name = "regime", .required = kOptional, .summary = "Of which duty, if of one alone."},
};
constexpr PayloadField kMaterial[] = {
    {.name = "decision",
     .choices = "material|not_material|undetermined",
     .summary = "What was determined."},
    {.name = "person", .summary = "Who determined it."},
    {.name = "when", .type = kTime, .summary = "When."},
    {.name = "why", .summary = "The grounds."},
};
constexpr PayloadField kClassified[] = {
    {.name = "scheme", .summary = "Whose: NIS2, DORA, an own one."},
    {.name = "class", .summary = "The class in that scheme."},
    {.name = "person", .summary = "Who classified it."},
    {.name = "when", .type = kTime, .summary = "When."},
    {.name = "why", .summary = "The grounds."},
};
constexpr PayloadField kTlpSet[] = {
    {.name = "tlp", .choices = "RED|AMBER+STRICT|AMBER|GREEN|CLEAR", .summary = "FIRST TLP 2.0."},
};
constexpr PayloadField kRestricted[] = {
    {.name = "people", .type = kTexts, .summary = "Who may see it; empty: no longer restricted."},
    {.name = "reason", .summary = "Why."},
};
constexpr PayloadField kClosed[] = {
    {.name = "disposition",
     .choices = "true_positive|benign_expected|false_positive|undetermined",
     .summary = "What it was."},
    {.name = "reason", .summary = "Why."},
};
constexpr PayloadField kReopened[] = {
    {.name = "reason", .summary = "Why."},
};
constexpr PayloadField kReportMade[] = {
    {.name = "format", .choices = "markdown|html|json", .summary = "Of the report."},
    {.name = "sha256", .type = kHash, .summary = "Of its bytes."},
    {.name = "through",
     .type = kInteger,
     .summary = "Sequence of the last entry that it tells of."},
};

#define ROW(kind_name, keeps, may_be_erased, its_fields, its_summary)                         \
  EntryKind {                                                                                 \
    .name = kind_name, .retention = keeps, .erasable = may_be_erased, .summary = its_summary, \
    .fields = its_fields                                                                      \
  }

constexpr EntryKind kKinds[] = {
    ROW("ledger_created", kPermanent, false, kLedgerCreated, "The ledger begins."),
    ROW("checkpoint_key_announced", kPermanent, false, kCheckpointKeyAnnounced,
        "Checkpoints are signed by this key from here on."),
    ROW("setting_changed", kPermanent, false, kSettingChanged, "A setting that binds all changed."),
    ROW("content_changed", kPermanent, false, kContentChanged,
        "Rules and tables in force changed."),
    ROW("kill_switch_pulled", kPermanent, false, kKillSwitchPulled, "Responses stop."),
    ROW("kill_switch_released", kPermanent, false, kKillSwitchReleased,
        "Two people let responses run again."),
    ROW("retention_set", kPermanent, false, kRetentionSet,
        "How long payloads of a class of kinds are kept."),
    ROW("exported", kPermanent, false, kExported, "A package left the ledger."),

    ROW("erased", kPermanent, false, kErased, "The payload of an earlier entry was erased."),
    ROW("legal_hold_set", kPermanent, false, kHoldSet, "Nothing of this stream may be erased."),
    ROW("legal_hold_released", kPermanent, false, kHoldReleased, "A legal hold ended."),

    ROW("intake_position", kOperational, true, kIntakePosition,
        "How far a source is read: written after all that it led to."),

    ROW("finding_assigned", kIncident, true, kFindingAssigned,
        "Which incident a finding belongs to; written before the incident's own entry."),
    ROW("finding_suppressed", kOperational, true, kFindingSuppressed,
        "A finding that an exception keeps from people; counted, never lost."),
    ROW("findings_folded", kOperational, true, kFindingsFolded,
        "Many findings of one rule, told as one."),

    ROW("incident_opened", kIncident, true, kIncidentOpened, "The incident begins."),
    ROW("finding_joined", kIncident, true, kFindingJoined, "A finding belongs to it."),
    ROW("severity_set", kIncident, true, kSeveritySet, "Its severity, and why."),
    ROW("acknowledged", kIncident, true, kAcknowledged, "A person works on it."),
    ROW("assigned", kIncident, true, kAssigned, "A person owns it."),
    ROW("role_given", kIncident, true, kRoleGiven, "A person has a role in it."),
    ROW("role_withdrawn", kIncident, true, kRoleWithdrawn, "A person has a role no longer."),
    ROW("handover_offered", kIncident, true, kHandoverOffered,
        "A role is handed over, with a brief."),
    ROW("handover_accepted", kIncident, true, kHandoverAnswered, "The receiver has the role now."),
    ROW("handover_declined", kIncident, true, kHandoverAnswered, "The giver keeps the role."),
    ROW("state_moved", kIncident, true, kStateMoved, "Where it stands in its life."),
    ROW("clock_paused", kIncident, true, kClockPaused, "A deadline waits, for a stated reason."),
    ROW("clock_resumed", kIncident, true, kClockResumed, "A deadline runs again."),
    ROW("update_given", kIncident, true, kUpdateGiven, "Those who wait for news got some."),
    ROW("note", kIncident, true, kNote, "A person wrote something down."),
    ROW("hypothesis_set", kIncident, true, kHypothesisSet,
        "What may be so, and what became of it."),
    ROW("task_added", kIncident, true, kTaskAdded, "Something is to be done."),
    ROW("task_assigned", kIncident, true, kTaskAssigned, "Somebody else does it."),
    ROW("task_done", kIncident, true, kTaskDone, "It was done or dropped."),
    ROW("link_added", kIncident, true, kLinkAdded, "It has to do with something elsewhere."),
    ROW("link_removed", kIncident, true, kLinkRemoved, "It has not."),
    ROW("merged_into", kIncident, true, kMergedInto, "It goes on in another incident."),
    ROW("merged_from", kIncident, true, kMergedFrom, "Another incident goes on here."),
    ROW("split", kIncident, true, kSplit, "Some findings leave for an incident of their own."),
    ROW("scope_changed", kIncident, true, kScopeChanged,
        "Entities are in, or not, by a person's word."),
    ROW("aware", kIncident, true, kAware, "The organisation knows: legal clocks start."),
    ROW("material", kIncident, true, kMaterial, "Whether it is material was determined."),
    ROW("classified", kIncident, true, kClassified, "It was classified under a law's scheme."),
    ROW("tlp_set", kIncident, true, kTlpSet, "Who may be told."),
    ROW("restricted", kIncident, true, kRestricted, "Only named people see it."),
    ROW("closed", kIncident, true, kClosed, "It is over, and what it was."),
    ROW("reopened", kIncident, true, kReopened, "It is not over."),
    ROW("report_made", kIncident, true, kReportMade,
        "A report was written from the entries so far."),
};

#undef ROW

}  // namespace

std::span<const EntryKind> entry_kinds() { return kKinds; }

}  // namespace stanch::model
