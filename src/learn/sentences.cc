// The sentences: one row a kind, in the order of docs/formats/entry-kinds.md. Who says it, and
// when, stands beside it, so a sentence begins with what happened.

#include "learn/sentence.h"

namespace stanch::learn {

namespace {

using enum Topic;

constexpr SentenceRow kRows[] = {
    // control
    {"ledger_created", 1, kLedger, "The ledger {ledger} begins; in checkpoints it is {origin}"},
    {"checkpoint_key_announced", 1, kLedger,
     "Checkpoints are signed by {key} from here on[, no longer by {replaces}][: {reason}]"},
    {"setting_changed", 1, kLedger, "Setting {setting} changed: {reason}"},
    {"content_changed", 1, kLedger,
     "Rules and tables {content_version} are in force[; before: {previous}]"},
    {"kill_switch_pulled", 1, kResponse, "KILL SWITCH pulled for {scope}: {reason}"},
    {"kill_switch_released", 1, kResponse,
     "Kill switch for {scope} released, with {second_person}: {reason}"},
    {"retention_set", 1, kLedger,
     "Payloads of class {class} are kept {days} days, by {authority}: {reason}"},
    {"exported", 1, kLedger,
     "A package {package} was written[ of {streams}][, for {to}][: {reason}]"},
    // every stream
    {"erased", 1, kLedger, "Payload of entry {sequence} erased, by {authority}: {reason}"},
    {"legal_hold_set", 1, kDuties, "Legal hold {hold} set, by {authority}: {reason}"},
    {"legal_hold_released", 1, kDuties, "Legal hold {hold} released, by {authority}: {reason}"},
    // intake
    {"intake_position", 1, kLedger, "{source} was read on: {events} events, {findings} findings"},
    // triage
    {"finding_assigned", 1, kFound,
     "Finding {finding} {opens?opens|joins} {incident}[: {because}]"},
    {"finding_suppressed", 1, kFound,
     "Finding {finding} of rule {rule} held back by exception {by}: {reason}[; until {until}]"},
    {"own_call_seen", 1, kFound,
     "Finding {finding} of rule {rule} tells of our own call {operation}, known by its {by}"},
    {"incidents_merged", 1, kFound, "{absorbed} goes on in {into}[: {because}]"},
    {"findings_counted", 1, kFound,
     "Findings of rule {rule}, counted only in {incident}, from {first} to {last}"},
    {"findings_folded", 1, kFound,
     "{count} more findings of rule {rule}, counted only, from {first} to {last}"},
    // incident
    {"incident_opened", 1, kFound,
     "{drill?DRILL opened|Opened}[ by {by}]: {title}[; told by {source}][. {description}]"},
    {"finding_joined", 1, kFound,
     "{title} ({level})[: {document.facts.actor.entity}][ called {document.facts.action.name}]"
     "[ from {document.facts.source.entity}][, {document.facts.outcome}]"
     "[, at {event_time}][; counted {document.correlation.words}][; {because}]"},
    {"severity_set", 1, kFound,
     "Severity {severity}[, was {previous}], by {by}[: {because}][. Reason: {reason}]"},
    {"acknowledged", 1, kPeople, "Acknowledged: {person} works on it[; {comment}]"},
    {"assigned", 1, kPeople, "Assigned to {person}[, before {previous}]"},
    {"role_given", 1, kPeople, "{person} is {role}[; before: {previous}]"},
    {"role_withdrawn", 1, kPeople, "{person} is no longer {role}[: {reason}]"},
    {"handover_offered", 1, kPeople, "{from} hands {role} over to {to}. Brief: {brief}"},
    {"handover_accepted", 1, kPeople, "{to} accepts {role} from {from}[: {reason}]"},
    {"handover_declined", 1, kPeople, "{to} declines {role}; {from} keeps it[: {reason}]"},
    {"state_moved", 1, kResponse, "Now {to}; was {from}[: {reason}]"},
    {"clock_paused", 1, kPeople, "Clock '{clock}' paused until {until}: {reason}"},
    {"clock_resumed", 1, kPeople, "Clock '{clock}' runs again[: {reason}]"},
    {"update_given", 1, kPeople, "Update[ for {audience}]: {text}[; the next is due {next_due}]"},
    {"note", 1, kPeople, "Note: {text}"},
    {"hypothesis_set", 1, kPeople, "Hypothesis {standing}: {text}[; because {because}]"},
    {"task_added", 1, kPeople, "Task {task}: {title}[, for {owner}][, due {due}]"},
    {"task_assigned", 1, kPeople, "Task {task} goes to {owner}[, due {due}]"},
    {"task_done", 1, kPeople, "Task {task} {outcome}[: {text}]"},
    {"link_added", 1, kPeople, "Link, {relation}: {target}[ ({title})]"},
    {"link_removed", 1, kPeople, "Link removed, {relation}: {target}"},
    {"merged_into", 1, kFound, "Goes on in {incident}[: {because}]"},
    {"merged_from", 1, kFound, "{incident} goes on here"},
    {"split", 1, kFound, "Split off into {into}: {reason}[; findings {findings}]"},
    {"scope_changed", 1, kFound,
     "Scope changed[, in: {added}][, out: {removed}][; because {because}]"},
    {"aware", 1, kDuties, "{person} is aware since {when}[, for {regime}]: {why}"},
    {"material", 1, kDuties, "{person} determined on {when}: {decision}. {why}"},
    {"classified", 1, kDuties, "{person} classified it on {when} as {class} of {scheme}: {why}"},
    {"tlp_set", 1, kPeople, "TLP:{tlp} from here on"},
    {"restricted", 1, kPeople, "Who may see it changed[, only {people}]: {reason}"},
    {"closed", 1, kPeople, "Closed as {disposition}: {reason}"},
    {"reopened", 1, kPeople, "Reopened: {reason}"},
    {"report_made", 1, kLedger, "Report written ({format}) up to entry {through}: {sha256}"},
    // control
    {"autonomy_set", 1, kResponse,
     "{action} in account {account}, environment {environment}: {autonomy}"
     "[, before {previous}][, until {until}]: {reason}"},
    {"provider_suspended", 1, kResponse,
     "Identities of {provider} do not count any more[, for {incident}]: {reason}"},
    {"provider_restored", 1, kResponse,
     "Identities of {provider} count again, with {second_person}: {reason}"},
    {"exception_set", 1, kFound,
     "Exception {exception} for rule {rule} until {until}, owner {owner}: {reason}"},
    {"exception_ended", 1, kFound, "Exception {exception} ended, by {by}[: {reason}]"},
    {"clock_jumped", 1, kLedger, "The machine's clock was set from {from} to {to}"},
    {"drill_scored", 1, kDuties, "Drill {scenario} scored[, {incident}]; seed {seed}"},
    // plan and approval
    {"plan_made", 1, kResponse,
     "Plan {plan} made ({mode})[ from playbook {playbook}][: {because}]"
     "[; contains first: {contain_first}][; replaces {replaces}][; undoes {undoes}]"},
    {"plan_ended", 1, kResponse, "Plan {plan} ended: {outcome}[; {reason}]"},
    {"plan_paused", 1, kResponse, "Plan {plan} paused: {reason}"},
    {"plan_resumed", 1, kResponse, "Plan {plan} may go on: {reason}"},
    {"approval_asked", 1, kResponse,
     "{approvers} approvals asked for plan {plan}[, steps {steps}][, of {from}], by {deadline}"
     "[: {because}]"},
    {"approved", 1, kResponse,
     "{person} approves plan {plan}[, steps {steps}], by {means}[: {comment}]"},
    {"approval_refused", 1, kResponse, "{person} refuses plan {plan}[, steps {steps}]: {reason}"},
    {"approval_withdrawn", 1, kResponse,
     "{person} takes back the approval of plan {plan}[, steps {steps}]: {reason}"},
    {"approval_timed_out", 1, kResponse,
     "Nobody approved plan {plan} in time[; now asked: {escalated_to}]"
     "[; runs without it: {runs_alone}]"},
    {"guard_stopped", 1, kResponse,
     "Guard {guard} stopped plan {plan}[, step {step}]; approvals that would do: {asks_for}"
     "[; because {because}]"},
    {"run_in_shadow", 1, kResponse,
     "Plan {plan} would have run[: steps {steps}][; also hit: {also_hit}]"},
    // execution
    {"state_saved", 1, kResponse,
     "State of {target} saved before step {step}{done_already?; nothing needs to change|}"},
    {"intended", 1, kResponse,
     "Call {operation} on {target} is about to leave, step {step}, attempt {attempt}"},
    {"answered", 1, kResponse, "The call was answered: {outcome}[, request {request_id}]"},
    {"verified", 1, kResponse, "Step {step} took effect on {target}, verified"},
    {"step_failed", 1, kResponse, "Step {step} FAILED[ on {target}], {outcome}: {reason}"},
    {"watched", 1, kResponse,
     "{target} {holds?is still contained|is NOT CONTAINED any more}, step {step}"
     "[: {because}][; looked at again {next}]"},
    {"undo_stopped", 1, kResponse,
     "Undo of step {step} on {target} stopped, nothing was put back: {reason}"},
    // target, budget
    {"hold_taken", 1, kResponse, "{incident} holds {aspect} until {until}"},
    {"hold_extended", 1, kResponse, "{incident} holds {aspect} on, until {until}[: {reason}]"},
    {"hold_returned", 1, kResponse,
     "{incident} holds {aspect} no longer{last?; nobody does|}: {reason}"},
    {"budget_taken", 1, kResponse,
     "{incident} used {amount} of the budget, {left} left until {window_ends}"},
    {"budget_returned", 1, kResponse, "Budget was not used after all: {reason}"},
    // evidence
    {"evidence_taken", 1, kEvidence,
     "Evidence {evidence} taken: {what} of {source}, as of {taken_at}[, at {place}], by "
     "{authority}"},
    {"evidence_sealed", 1, kEvidence,
     "Evidence {evidence} sealed at {place}, {size} bytes[, SHA-256 {sha256}]"
     "[, locked until {locked_until}]"},
    {"evidence_missing", 1, kEvidence,
     "Evidence could NOT be had: {what} of {source}: {reason}"
     "{went_on?; containment went on without it|}"},
    {"evidence_moved", 1, kEvidence, "Evidence {evidence} from {from} to {to}: {purpose}"},
    {"unknown_stated", 1, kEvidence,
     "Cannot be known: {what} ({because})[; {scope}][; from {from}][; until {until}]"},
    // duties, notices, learning
    {"obligation_opened", 1, kDuties, "{to} must be told by {deadline}: {regime} ({obligation})"},
    {"obligation_closed", 1, kDuties, "Duty {obligation} {outcome}, says {person}: {reason}"},
    {"notice_sent", 1, kDuties,
     "Notice ({purpose}) to {to} by {channel}[: {text}][; meets {obligation}]"},
    {"notice_failed", 1, kDuties,
     "Notice {notice} did not get through by {channel}: {reason}[; next: {next_channel}]"},
    {"lesson_recorded", 1, kDuties, "Lesson: {text}. To change: {change}; {owner}, by {due}"},
    {"lesson_closed", 1, kDuties, "Lesson {lesson} {outcome}: {text}"},
};

}  // namespace

std::span<const SentenceRow> sentence_rows() { return kRows; }

}  // namespace stanch::learn
