#pragma once

// One function a command, each in the file of its name (or of its nearest kin). They return the
// exit code.

namespace stanch::cli {

class Context;

int run_scan(Context& context);
int run_replay(Context& context);
int run_rules_lint(Context& context);
int run_rules_list(Context& context);
int run_rules_explain(Context& context);
int run_rules_test(Context& context);
int run_rules_backtest(Context& context);
int run_rules_diff(Context& context);
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
