#pragma once

// One function a command, each in the file of its name (or of its nearest kin). They return the
// exit code.

namespace stanch::cli {

class Context;

int run_scan(Context& context);
int run_replay(Context& context);
int run_trace(Context& context);
int run_incident_open(Context& context);
int run_incident_list(Context& context);
int run_incident_show(Context& context);
int run_coverage(Context& context);
int run_permissions(Context& context);
int run_plan(Context& context);
int run_status(Context& context);
int run_approve(Context& context);
int run_reject(Context& context);
int run_apply(Context& context);
int run_respond(Context& context);
int run_evidence_list(Context& context);
int run_evidence_add(Context& context);
int run_evidence_seal(Context& context);
int run_evidence_verify(Context& context);
int run_evidence_export(Context& context);
int run_evidence_validate_trail(Context& context);
int run_autonomy_report(Context& context);
int run_autonomy_show(Context& context);
int run_autonomy_promote(Context& context);
int run_autonomy_demote(Context& context);
int run_watch(Context& context);
int run_undo(Context& context);
int run_pause(Context& context);
int run_resume(Context& context);
int run_abort(Context& context);
int run_kill_switch_show(Context& context);
int run_kill_switch_pull(Context& context);
int run_kill_switch_release(Context& context);
int run_incident_ack(Context& context);
int run_incident_assign(Context& context);
int run_incident_note(Context& context);
int run_incident_task(Context& context);
int run_incident_severity(Context& context);
int run_incident_move(Context& context);
int run_incident_role(Context& context);
int run_incident_handover(Context& context);
int run_incident_update(Context& context);
int run_incident_pause(Context& context);
int run_incident_hypothesis(Context& context);
int run_incident_link(Context& context);
int run_incident_scope(Context& context);
int run_incident_tlp(Context& context);
int run_incident_restrict(Context& context);
int run_incident_aware(Context& context);
int run_incident_material(Context& context);
int run_incident_classify(Context& context);
int run_incident_close(Context& context);
int run_incident_reopen(Context& context);
int run_incident_merge(Context& context);
int run_incident_split(Context& context);
int run_timeline(Context& context);
int run_metrics(Context& context);
int run_report(Context& context);
int run_rules_lint(Context& context);
int run_rules_list(Context& context);
int run_rules_explain(Context& context);
int run_rules_test(Context& context);
int run_rules_backtest(Context& context);
int run_rules_diff(Context& context);
int run_actions_list(Context& context);
int run_actions_show(Context& context);
int run_actions_lint(Context& context);
int run_actions_new(Context& context);
int run_actions_test(Context& context);
int run_ledger_init(Context& context);
int run_ledger_key(Context& context);
int run_ledger_checkpoint(Context& context);
int run_ledger_verify(Context& context);
int run_ledger_export(Context& context);
int run_ledger_prove(Context& context);
int run_ledger_erase(Context& context);
int run_ledger_rebuild(Context& context);
int run_completion(Context& context);
int run_man(Context& context);
int run_version(Context& context);
int run_help(Context& context);

}  // namespace stanch::cli
