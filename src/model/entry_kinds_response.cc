// The table of kinds, second part: what response, evidence, notices and learning say.

#include "model/entry_kinds.h"

namespace stanch::model {
namespace {

using enum FieldType;
using enum Retention;

// ---------------------------------------------------------------- control

constexpr PayloadField kAutonomySet[] = {
    {.name = "action", .summary = "Name of the action, or *."},
    {.name = "account", .summary = "Account, subscription or project, or *."},
    {.name = "environment", .summary = "As the inventory calls it, or *."},
    {.name = "autonomy", .choices = "shadow|run|one|two|never", .summary = "From here on."},
    {.name = "previous",
     .required = kOptional,
     .choices = "shadow|run|one|two|never",
     .summary = "Before."},
    {.name = "until", .type = kTime, .required = kOptional, .summary = "When it falls back."},
    {.name = "reason", .summary = "Why."},
};
constexpr PayloadField kProviderSuspended[] = {
    {.name = "provider", .summary = "Identity provider or chat."},
    {.name = "incident", .required = kOptional, .summary = "In whose scope it is."},
    {.name = "reason", .summary = "Why its sessions end and its approvals do not count."},
};
constexpr PayloadField kProviderRestored[] = {
    {.name = "provider", .summary = "Which."},
    {.name = "suspended", .type = kCitation, .summary = "The entry that suspended it."},
    {.name = "second_person", .summary = "Who else restored it."},
    {.name = "reason", .summary = "Why."},
};
constexpr PayloadField kExceptionSet[] = {
    {.name = "exception", .summary = "Its id."},
    {.name = "rule", .summary = "Id of the rule whose notices it holds back."},
    {.name = "owner", .summary = "Who answers for it."},
    {.name = "until", .type = kTime, .summary = "When it ends."},
    {.name = "filter", .type = kObject, .summary = "What it matches."},
    {.name = "would_have_hidden",
     .type = kInteger,
     .required = kOptional,
     .summary = "Findings, as tried on the past."},
    {.name = "reason", .summary = "Why."},
};
constexpr PayloadField kExceptionEnded[] = {
    {.name = "exception", .summary = "Its id."},
    {.name = "by", .choices = "time|person", .summary = "What ended it."},
    {.name = "reason", .required = kOptional, .summary = "Why."},
};
constexpr PayloadField kClockJumped[] = {
    {.name = "from", .type = kTime, .summary = "What the clock would have said."},
    {.name = "to", .type = kTime, .summary = "What it said."},
};
constexpr PayloadField kDrillScored[] = {
    {.name = "scenario", .summary = "Its name."},
    {.name = "seed", .summary = "What makes it the same again."},
    {.name = "incident", .required = kOptional, .summary = "That it led to."},
    {.name = "score", .type = kObject, .summary = "What was measured, against what was wanted."},
};

// ---------------------------------------------------------------- incident: plan and approval

constexpr PayloadField kPlanMade[] = {
    {.name = "plan", .type = kHash, .summary = "Its hash: over every call with its holes."},
    {.name = "playbook", .required = kOptional, .summary = "Id of the playbook behind it."},
    {.name = "mode", .choices = "live|shadow|undo", .summary = "What it is for."},
    {.name = "because", .type = kTexts, .summary = "Why these steps, in words."},
    {.name = "contain_first",
     .required = kOptional,
     .summary = "Why containment does not wait for evidence."},
    {.name = "replaces", .type = kHash, .required = kOptional, .summary = "The plan before it."},
    {.name = "undoes", .type = kHash, .required = kOptional, .summary = "The plan it takes back."},
    {.name = "document", .type = kObject, .summary = "The plan as stanch.plan."},
};
constexpr PayloadField kPlanEnded[] = {
    {.name = "plan", .type = kHash, .summary = "Its hash."},
    {.name = "outcome",
     .choices = "done|partial|failed|withdrawn|stale|expired",
     .summary = "How it ended."},
    {.name = "reason", .required = kOptional, .summary = "Why."},
};
constexpr PayloadField kPlanPaused[] = {
    {.name = "plan", .type = kHash, .summary = "Its hash."},
    {.name = "reason", .summary = "Why."},
};
constexpr PayloadField kApprovalAsked[] = {
    {.name = "plan", .type = kHash, .summary = "Hash of the plan."},
    {.name = "steps", .type = kTexts, .summary = "Ids of the steps that need it."},
    {.name = "approvers", .type = kInteger, .summary = "How many people."},
    {.name = "from", .type = kTexts, .summary = "People or roles that are asked."},
    {.name = "deadline", .type = kTime, .summary = "When others are asked, or it ends."},
    {.name = "because", .type = kTexts, .summary = "What asks for it: guards, classes."},
};
constexpr PayloadField kApproved[] = {
    {.name = "plan", .type = kHash, .summary = "Hash of the plan; no other is approved."},
    {.name = "steps", .type = kTexts, .summary = "Ids of the steps."},
    {.name = "person", .summary = "Who approves."},
    {.name = "means",
     .choices = "ssh_signature|webauthn|identity_provider|break_glass|unverified",
     .summary = "How that was proved; unverified never counts."},
    {.name = "proof", .type = kObject, .required = kOptional, .summary = "Signature or assertion."},
    {.name = "envelope",
     .type = kObject,
     .required = kOptional,
     .summary = "What else it covers: action, principal, targets, minutes."},
    {.name = "comment", .required = kOptional, .summary = "What they said."},
};
constexpr PayloadField kApprovalRefused[] = {
    {.name = "plan", .type = kHash, .summary = "Hash of the plan."},
    {.name = "steps", .type = kTexts, .summary = "Ids of the steps."},
    {.name = "person", .summary = "Who refuses, or withdraws what they approved."},
    {.name = "reason", .summary = "Why."},
};
constexpr PayloadField kApprovalTimedOut[] = {
    {.name = "plan", .type = kHash, .summary = "Hash of the plan."},
    {.name = "asked", .type = kCitation, .summary = "The entry that asked."},
    {.name = "escalated_to",
     .type = kTexts,
     .required = kOptional,
     .summary = "Who is asked instead."},
    {.name = "runs_alone",
     .type = kTexts,
     .required = kOptional,
     .summary = "Steps that policy lets run without it."},
};
constexpr PayloadField kGuardStopped[] = {
    {.name = "guard", .summary = "Which guard."},
    {.name = "plan", .type = kHash, .summary = "Hash of the plan."},
    {.name = "step", .required = kOptional, .summary = "Id of the step; the whole plan without."},
    {.name = "asks_for",
     .choices = "nothing|one|two",
     .summary = "Approvals that would do; nothing: it is forbidden."},
    {.name = "because", .type = kTexts, .summary = "Why, in words."},
};

// ---------------------------------------------------------------- incident: execution

constexpr PayloadField kStateSaved[] = {
    {.name = "plan", .type = kHash, .summary = "Hash of the plan."},
    {.name = "step", .summary = "Id of the step."},
    {.name = "target", .summary = "Entity id."},
    {.name = "state",
     .type = kObject,
     .summary = "What was observed before the change; absent says so."},
    {.name = "done_already", .type = kBoolean, .summary = "Nothing needs to be written."},
};
constexpr PayloadField kIntended[] = {
    {.name = "plan", .type = kHash, .summary = "Hash of the plan."},
    {.name = "step", .summary = "Id of the step."},
    {.name = "call", .type = kInteger, .summary = "Which call of the step, from 0."},
    {.name = "attempt", .type = kInteger, .summary = "From 1."},
    {.name = "operation", .summary = "As the provider names it: iam:PutUserPolicy."},
    {.name = "target", .summary = "Entity id."},
    {.name = "credential", .summary = "Entity id of what signs it."},
    {.name = "request",
     .type = kObject,
     .summary = "The filled call; secrets as salted hash and reference."},
    {.name = "idempotency",
     .choices = "desired_state|client_token|own_name|etag|mark|none",
     .summary = "What makes repeating it harmless."},
    {.name = "valid_until", .type = kTime, .summary = "Its signature is worth nothing after that."},
};
constexpr PayloadField kAnswered[] = {
    {.name = "intended", .type = kCitation, .summary = "The entry of the call."},
    {.name = "outcome",
     .choices = "done|throttled|unavailable|denied|invalid|conflict|unknown",
     .summary = "Unknown: it is looked at before anything is sent again."},
    {.name = "request_id", .required = kOptional, .summary = "The provider's; in its logs too."},
    {.name = "status", .type = kInteger, .required = kOptional, .summary = "Of HTTP."},
    {.name = "answer",
     .type = kObject,
     .required = kOptional,
     .summary = "What later steps use of it, or the error."},
};
constexpr PayloadField kVerified[] = {
    {.name = "plan", .type = kHash, .summary = "Hash of the plan."},
    {.name = "step", .summary = "Id of the step."},
    {.name = "target", .summary = "Entity id."},
    {.name = "state", .type = kObject, .summary = "What was observed."},
    {.name = "reads", .type = kInteger, .summary = "How often it was looked at until it held."},
};
constexpr PayloadField kStepFailed[] = {
    {.name = "plan", .type = kHash, .summary = "Hash of the plan."},
    {.name = "step", .summary = "Id of the step."},
    {.name = "target", .required = kOptional, .summary = "Entity id."},
    {.name = "outcome",
     .choices = "stopped|unknown|not_verified|stale|evidence_missing",
     .summary = "What kind of failure."},
    {.name = "reason", .summary = "In words."},
};
constexpr PayloadField kWatched[] = {
    {.name = "plan", .type = kHash, .summary = "Hash of the plan."},
    {.name = "step", .summary = "Id of the step."},
    {.name = "target", .summary = "Entity id."},
    {.name = "holds", .type = kBoolean, .summary = "Whether containment is still in place."},
    {.name = "next",
     .type = kTime,
     .required = kOptional,
     .summary = "When it is looked at again."},
    {.name = "because", .type = kTexts, .required = kOptional, .summary = "What showed a breach."},
    {.name = "events", .type = kTexts, .required = kOptional, .summary = "Event ids of a breach."},
};
constexpr PayloadField kUndoStopped[] = {
    {.name = "plan", .type = kHash, .summary = "Hash of the plan of undoing."},
    {.name = "step", .summary = "Id of the step."},
    {.name = "target", .summary = "Entity id."},
    {.name = "saved", .type = kObject, .summary = "State before the change."},
    {.name = "left", .type = kObject, .summary = "State that the change left."},
    {.name = "live", .type = kObject, .summary = "State now."},
    {.name = "reason", .summary = "Why nothing was put back."},
};
constexpr PayloadField kRunInShadow[] = {
    {.name = "plan", .type = kHash, .summary = "Hash of the plan."},
    {.name = "steps", .type = kTexts, .summary = "Ids of the steps that would have run."},
    {.name = "also_hit", .type = kTexts, .summary = "Who else would have been hit: entity ids."},
};

// ---------------------------------------------------------------- target/<entity>, budget/<scope>

constexpr PayloadField kHoldTaken[] = {
    {.name = "incident", .summary = "Whose hold."},
    {.name = "aspect", .summary = "What stays contained: keys, network, trust …"},
    {.name = "plan", .type = kHash, .summary = "Hash of the plan."},
    {.name = "step", .summary = "Id of the step."},
    {.name = "until", .type = kTime, .summary = "It opens a task then; it never ends by itself."},
};
constexpr PayloadField kHoldExtended[] = {
    {.name = "incident", .summary = "Whose hold."},
    {.name = "aspect", .summary = "Of what."},
    {.name = "until", .type = kTime, .summary = "From here on."},
    {.name = "reason", .required = kOptional, .summary = "Why."},
};
constexpr PayloadField kHoldReturned[] = {
    {.name = "incident", .summary = "Whose hold."},
    {.name = "aspect", .summary = "Of what."},
    {.name = "taken", .type = kCitation, .summary = "The entry that took it."},
    {.name = "last", .type = kBoolean, .summary = "Nobody holds this aspect any more."},
    {.name = "reason", .summary = "Why."},
};
constexpr PayloadField kBudgetTaken[] = {
    {.name = "incident", .summary = "Who spends."},
    {.name = "plan", .type = kHash, .summary = "Hash of the plan."},
    {.name = "step", .summary = "Id of the step."},
    {.name = "amount", .type = kInteger, .summary = "How much of the budget."},
    {.name = "left", .type = kInteger, .summary = "After it."},
    {.name = "window_ends", .type = kTime, .summary = "When it is full again."},
};
constexpr PayloadField kBudgetReturned[] = {
    {.name = "taken", .type = kCitation, .summary = "The entry that took it."},
    {.name = "reason", .summary = "Why it was not used."},
};

// ---------------------------------------------------------------- incident: evidence

constexpr PayloadField kEvidenceTaken[] = {
    {.name = "evidence", .summary = "Its id in this incident."},
    {.name = "what", .summary = "snapshot, memory, state, object, log, configuration …"},
    {.name = "source", .summary = "Entity id that it is of."},
    {.name = "place", .required = kOptional, .summary = "Id or address that was returned."},
    {.name = "sha256", .type = kHash, .required = kOptional, .summary = "At the source."},
    {.name = "taken_at", .type = kTime, .summary = "The point in time that it shows."},
    {.name = "authority", .summary = "Policy, approver or law."},
    {.name = "means", .summary = "How: operation, or tool with version and hash."},
    {.name = "intended", .type = kCitation, .required = kOptional, .summary = "The call."},
    {.name = "clock_offset_ms",
     .type = kInteger,
     .required = kOptional,
     .summary = "Of the source's clock, as measured."},
};
constexpr PayloadField kEvidenceSealed[] = {
    {.name = "evidence", .summary = "Its id."},
    {.name = "place", .summary = "Where it lies, locked."},
    {.name = "size", .type = kInteger, .summary = "Bytes."},
    {.name = "sha256", .type = kHash, .required = kOptional, .summary = "After the copy."},
    {.name = "identity",
     .type = kObject,
     .required = kOptional,
     .summary = "Where the provider gives no hash: id, time, size, key."},
    {.name = "encrypted_to", .required = kOptional, .summary = "Id of the evidence key."},
    {.name = "locked_until", .type = kTime, .required = kOptional, .summary = "At the earliest."},
};
constexpr PayloadField kEvidenceMissing[] = {
    {.name = "evidence", .required = kOptional, .summary = "Its id, if it had one."},
    {.name = "what", .summary = "What could not be taken or sealed."},
    {.name = "source", .summary = "Entity id."},
    {.name = "reason", .summary = "Why."},
    {.name = "went_on", .type = kBoolean, .summary = "Containment went on without it."},
};
constexpr PayloadField kEvidenceMoved[] = {
    {.name = "evidence", .summary = "Its id."},
    {.name = "from", .summary = "Who or where had it."},
    {.name = "to", .summary = "Who or where has it; the same: it was looked at."},
    {.name = "purpose", .summary = "What for."},
    {.name = "sha256", .type = kHash, .required = kOptional, .summary = "As checked then."},
};
constexpr PayloadField kUnknownStated[] = {
    {.name = "what", .summary = "What cannot be known."},
    {.name = "because",
     .choices = "data_events_off|account_silent|region_silent|log_horizon|logging_tampered|other",
     .summary = "Why not."},
    {.name = "scope", .type = kTexts, .summary = "Accounts, regions, resources."},
    {.name = "from", .type = kTime, .required = kOptional, .summary = "Since when."},
    {.name = "until", .type = kTime, .required = kOptional, .summary = "Up to when."},
};

// ---------------------------------------------------------------- incident: notices, learning

constexpr PayloadField kObligationOpened[] = {
    {.name = "obligation", .summary = "Its id in this incident."},
    {.name = "regime", .summary = "Law or contract."},
    {.name = "to", .summary = "Who must be told."},
    {.name = "deadline", .type = kTime, .summary = "By when."},
    {.name = "clock_started", .type = kCitation, .summary = "The entry that started it."},
};
constexpr PayloadField kObligationClosed[] = {
    {.name = "obligation", .summary = "Its id."},
    {.name = "outcome", .choices = "met|not_due|missed", .summary = "How."},
    {.name = "person", .summary = "Who decided."},
    {.name = "reason", .summary = "The grounds."},
};
constexpr PayloadField kNoticeSent[] = {
    {.name = "notice", .summary = "Its id in this incident."},
    {.name = "purpose",
     .choices = "page|update|approval|obligation|handover|other",
     .summary = "What for."},
    {.name = "obligation", .required = kOptional, .summary = "Which duty it meets."},
    {.name = "to", .type = kTexts, .summary = "People, roles or authorities."},
    {.name = "channel", .summary = "How."},
    {.name = "sha256", .type = kHash, .summary = "Of the text."},
    {.name = "text", .required = kOptional, .summary = "What was said."},
    {.name = "receipt", .required = kOptional, .summary = "What the channel answered."},
};
constexpr PayloadField kNoticeFailed[] = {
    {.name = "notice", .summary = "Its id."},
    {.name = "channel", .summary = "Which failed."},
    {.name = "reason", .summary = "Why."},
    {.name = "next_channel", .required = kOptional, .summary = "What is tried instead."},
};
constexpr PayloadField kLessonRecorded[] = {
    {.name = "lesson", .summary = "Its id in this incident."},
    {.name = "text", .summary = "What was learnt."},
    {.name = "change", .summary = "What is to be different."},
    {.name = "owner", .summary = "Who sees to it."},
    {.name = "due", .type = kTime, .summary = "By when."},
};
constexpr PayloadField kLessonClosed[] = {
    {.name = "lesson", .summary = "Its id."},
    {.name = "outcome", .choices = "done|dropped", .summary = "How."},
    {.name = "text", .summary = "What was changed, or why not."},
};

constexpr EntryKind kResponseKinds[] = {
    kind_of("autonomy_set", kPermanent, "What may run without asking changed.", kAutonomySet),
    kind_of("provider_suspended", kPermanent, "A provider of identities does not count any more.",
            kProviderSuspended),
    kind_of("provider_restored", kPermanent, "Two people let it count again.", kProviderRestored),
    kind_of("exception_set", kPermanent, "Findings of a rule are held back from people.",
            kExceptionSet),
    kind_of("exception_ended", kPermanent, "They are not any more.", kExceptionEnded),
    kind_of("clock_jumped", kOperational, "The clock of the machine was set.", kClockJumped),
    kind_of("drill_scored", kIncident, "An exercise ended.", kDrillScored),

    kind_of("plan_made", kIncident, "Exact calls, in order, and whom they hit.", kPlanMade),
    kind_of("plan_ended", kIncident, "Nothing of the plan runs any more.", kPlanEnded),
    since(4, kind_of("plan_paused", kIncident, "Nothing of it goes on for now.", kPlanPaused)),
    since(4, kind_of("plan_resumed", kIncident, "It may go on.", kPlanPaused)),
    kind_of("approval_asked", kIncident, "People are asked for it.", kApprovalAsked),
    kind_of("approved", kIncident, "A person approves exactly this plan.", kApproved),
    kind_of("approval_refused", kIncident, "A person does not.", kApprovalRefused),
    kind_of("approval_withdrawn", kIncident, "A person takes back what they approved.",
            kApprovalRefused),
    kind_of("approval_timed_out", kIncident, "Nobody answered in time.", kApprovalTimedOut),
    kind_of("guard_stopped", kIncident, "A guard forbids a step, or asks for people.",
            kGuardStopped),
    kind_of("run_in_shadow", kIncident, "What would have been done.", kRunInShadow),

    kind_of("state_saved", kIncident, "How it was before a step.", kStateSaved),
    kind_of("intended", kIncident, "A call is about to leave.", kIntended),
    kind_of("answered", kIncident, "What came of the call.", kAnswered),
    kind_of("verified", kIncident, "The step took effect.", kVerified),
    kind_of("step_failed", kIncident, "The step did not; its branch waits.", kStepFailed),
    kind_of("watched", kIncident, "Whether containment is still in place.", kWatched),
    kind_of("undo_stopped", kIncident, "Undoing would overwrite what somebody else changed.",
            kUndoStopped),

    kind_of("hold_taken", kIncident, "An incident keeps an aspect of this target contained.",
            kHoldTaken),
    kind_of("hold_extended", kIncident, "It does for longer.", kHoldExtended),
    kind_of("hold_returned", kIncident, "It does not any more.", kHoldReturned),
    kind_of("budget_taken", kOperational, "A step uses some of what may be done in a time.",
            kBudgetTaken),
    kind_of("budget_returned", kOperational, "It did not use it.", kBudgetReturned),

    kind_of("evidence_taken", kIncident, "Its point in time is fixed.", kEvidenceTaken),
    kind_of("evidence_sealed", kIncident, "It is complete, copied, hashed and locked.",
            kEvidenceSealed),
    kind_of("evidence_missing", kIncident, "It could not be had.", kEvidenceMissing),
    kind_of("evidence_moved", kIncident, "It was given to somebody, or looked at.", kEvidenceMoved),
    kind_of("unknown_stated", kIncident, "What cannot be known, and why.", kUnknownStated),

    kind_of("obligation_opened", kIncident, "Somebody must be told by a deadline.",
            kObligationOpened),
    kind_of("obligation_closed", kIncident, "That duty was met, or never was one.",
            kObligationClosed),
    kind_of("notice_sent", kIncident, "Somebody was told.", kNoticeSent),
    kind_of("notice_failed", kIncident, "A channel did not carry it.", kNoticeFailed),
    kind_of("lesson_recorded", kIncident, "What is to change.", kLessonRecorded),
    kind_of("lesson_closed", kIncident, "It changed, or will not.", kLessonClosed),
};

}  // namespace

std::span<const EntryKind> response_kinds() { return kResponseKinds; }

}  // namespace stanch::model
