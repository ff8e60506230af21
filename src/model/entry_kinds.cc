// The table of kinds, first part: rows are grouped by the stream they belong in.

#include "model/entry_kinds.h"

#include <vector>

namespace stanch::model {
namespace {

using enum FieldType;
using enum Retention;

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
    {.name = "proof",
     .type = kObject,
     .required = kOptional,
     .summary = "Signature of the second person."},
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
constexpr PayloadField kOwnCallSeen[] = {
    {.name = "finding", .summary = "Its id."},
    {.name = "rule", .summary = "Id of its rule."},
    {.name = "event", .summary = "Id of its event."},
    {.name = "document", .type = kObject, .summary = "The finding, as finding_joined has it."},
    {.name = "operation", .summary = "As the provider names it: iam:PutUserPolicy."},
    {.name = "intended", .type = kCitation, .summary = "The entry of the call."},
    {.name = "by",
     .choices = "request_id|fit",
     .summary = "How it was known: by the answer's request id, or without an answer by who, what, "
                "on what and when."},
};
constexpr PayloadField kFindingsFolded[] = {
    {.name = "rule", .summary = "Id of the rule that fired often."},
    {.name = "incident", .required = kOptional, .summary = "Where they count."},
    {.name = "count", .type = kInteger, .summary = "How many findings this stands for."},
    {.name = "first", .type = kTime, .summary = "Time of the first event."},
    {.name = "last", .type = kTime, .summary = "Time of the last event."},
    {.name = "samples", .type = kTexts, .summary = "Ids of some of them."},
};

constexpr PayloadField kFindingsCounted[] = {
    {.name = "incident", .summary = "Where they count."},
    {.name = "rule", .summary = "Id of the rule that fired often."},
    {.name = "first", .type = kTime, .summary = "Time of the first event."},
    {.name = "last", .type = kTime, .summary = "Time of the last event."},
    {.name = "findings", .type = kTexts, .summary = "Ids of all of them."},
};

constexpr PayloadField kIncidentsMerged[] = {
    {.name = "absorbed", .summary = "Id of the incident that ends."},
    {.name = "into", .summary = "Id of the one that goes on."},
    {.name = "because", .type = kTexts, .summary = "Why they are one, in words."},
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
    {.name = "replayed",
     .type = kBoolean,
     .required = kOptional,
     .summary = "From logs that were read later: its times are those of the events."},
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

constexpr EntryKind kLedgerKinds[] = {
    kind_of("ledger_created", kPermanent, "The ledger begins.", kLedgerCreated),
    kind_of("checkpoint_key_announced", kPermanent,
            "Checkpoints are signed by this key from here on.", kCheckpointKeyAnnounced),
    kind_of("setting_changed", kPermanent, "A setting that binds all changed.", kSettingChanged),
    kind_of("content_changed", kPermanent, "Rules and tables in force changed.", kContentChanged),
    kind_of("kill_switch_pulled", kPermanent, "Responses stop.", kKillSwitchPulled),
    kind_of("kill_switch_released", kPermanent, "Two people let responses run again.",
            kKillSwitchReleased),
    kind_of("retention_set", kPermanent, "How long payloads of a class of kinds are kept.",
            kRetentionSet),
    kind_of("exported", kPermanent, "A package left the ledger.", kExported),

    kind_of("erased", kPermanent, "The payload of an earlier entry was erased.", kErased),
    kind_of("legal_hold_set", kPermanent, "Nothing of this stream may be erased.", kHoldSet),
    kind_of("legal_hold_released", kPermanent, "A legal hold ended.", kHoldReleased),

    kind_of("intake_position", kOperational,
            "How far a source is read: written after all that it led to.", kIntakePosition),

    kind_of("finding_assigned", kIncident,
            "Which incident a finding belongs to; written before the incident's own entry.",
            kFindingAssigned),
    kind_of("finding_suppressed", kOperational,
            "A finding that an exception keeps from people; counted, never lost.",
            kFindingSuppressed),
    since(5,
          kind_of("own_call_seen", kOperational,
                  "A finding tells of a call that Stanch made itself: it belongs to no incident.",
                  kOwnCallSeen)),
    since(2, kind_of("incidents_merged", kIncident,
                     "Two incidents turned out to be one; written before their own entries.",
                     kIncidentsMerged)),
    since(3, kind_of("findings_counted", kOperational,
                     "Findings of a flood, counted in an incident instead of told one by one; "
                     "written before the incident's own entry.",
                     kFindingsCounted)),
    kind_of("findings_folded", kOperational, "Many findings of one rule, told as one.",
            kFindingsFolded),

    kind_of("incident_opened", kIncident, "The incident begins.", kIncidentOpened),
    kind_of("finding_joined", kIncident, "A finding belongs to it.", kFindingJoined),
    kind_of("severity_set", kIncident, "Its severity, and why.", kSeveritySet),
    kind_of("acknowledged", kIncident, "A person works on it.", kAcknowledged),
    kind_of("assigned", kIncident, "A person owns it.", kAssigned),
    kind_of("role_given", kIncident, "A person has a role in it.", kRoleGiven),
    kind_of("role_withdrawn", kIncident, "A person has a role no longer.", kRoleWithdrawn),
    kind_of("handover_offered", kIncident, "A role is handed over, with a brief.",
            kHandoverOffered),
    kind_of("handover_accepted", kIncident, "The receiver has the role now.", kHandoverAnswered),
    kind_of("handover_declined", kIncident, "The giver keeps the role.", kHandoverAnswered),
    kind_of("state_moved", kIncident, "Where it stands in its life.", kStateMoved),
    kind_of("clock_paused", kIncident, "A deadline waits, for a stated reason.", kClockPaused),
    kind_of("clock_resumed", kIncident, "A deadline runs again.", kClockResumed),
    kind_of("update_given", kIncident, "Those who wait for news got some.", kUpdateGiven),
    kind_of("note", kIncident, "A person wrote something down.", kNote),
    kind_of("hypothesis_set", kIncident, "What may be so, and what became of it.", kHypothesisSet),
    kind_of("task_added", kIncident, "Something is to be done.", kTaskAdded),
    kind_of("task_assigned", kIncident, "Somebody else does it.", kTaskAssigned),
    kind_of("task_done", kIncident, "It was done or dropped.", kTaskDone),
    kind_of("link_added", kIncident, "It has to do with something elsewhere.", kLinkAdded),
    kind_of("link_removed", kIncident, "It has not.", kLinkRemoved),
    kind_of("merged_into", kIncident, "It goes on in another incident.", kMergedInto),
    kind_of("merged_from", kIncident, "Another incident goes on here.", kMergedFrom),
    kind_of("split", kIncident, "Some findings leave for an incident of their own.", kSplit),
    kind_of("scope_changed", kIncident, "Entities are in, or not, by a person's word.",
            kScopeChanged),
    kind_of("aware", kIncident, "The organisation knows: legal clocks start.", kAware),
    kind_of("material", kIncident, "Whether it is material was determined.", kMaterial),
    kind_of("classified", kIncident, "It was classified under a law's scheme.", kClassified),
    kind_of("tlp_set", kIncident, "Who may be told.", kTlpSet),
    kind_of("restricted", kIncident, "Only named people see it.", kRestricted),
    kind_of("closed", kIncident, "It is over, and what it was.", kClosed),
    kind_of("reopened", kIncident, "It is not over.", kReopened),
    kind_of("report_made", kIncident, "A report was written from the entries so far.", kReportMade),
};

}  // namespace

std::span<const EntryKind> ledger_kinds() { return kLedgerKinds; }

std::span<const EntryKind> entry_kinds() {
  static const std::vector<EntryKind> all = [] {
    std::vector<EntryKind> kinds;
    for (const auto part : {ledger_kinds(), response_kinds()}) {
      kinds.insert(kinds.end(), part.begin(), part.end());
    }
    return kinds;
  }();
  return all;
}

}  // namespace stanch::model
