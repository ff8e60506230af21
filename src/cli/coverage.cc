// stanch coverage: what can be seen and done in each account, before anything happens.

#include "host/coverage.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "cli/commands.h"
#include "cli/incident.h"
#include "cli/incident_act.h"
#include "cli/ledger.h"
#include "cli/progress.h"
#include "cli/response.h"
#include "cli/screen.h"
#include "codec/timestamp.h"
#include "codec/utf8.h"
#include "pipeline/output/text.h"

namespace stanch::cli {

namespace {

using codec::JsonWriter;
using host::AccountCoverage;
using host::Coverage;
using host::CoverageGap;
using host::ReadsAndWrites;
using host::Recorded;
using host::Refused;
using host::RegionCoverage;
using host::Share;
using host::Trail;
using pipeline::output::Color;
using pipeline::output::counted;

// ---------------------------------------------------------------- a region's row

// "all", "all but kms", "reads only", "writes only", "off", "unknown", "some".
std::string management_text(const Recorded& recorded) {
  const auto& [reads, writes] = recorded.management;
  if (reads == Share::kAll && writes == Share::kNone) return "reads only";
  if (writes == Share::kAll && reads == Share::kNone) return "writes only";
  std::string text(name_of(recorded.management.whole()));
  if (recorded.management.whole() != Share::kAll || recorded.management_without.empty())
    return text;
  std::vector<std::string> without;
  for (const std::string& source : recorded.management_without) {
    without.push_back(source.substr(0, source.find('.')));
  }
  return fmt::format("{} but {}", text, fmt::join(without, ", "));
}

// Of all types but S3's objects and Lambda's functions.
std::string others_text(const Recorded& recorded) {
  size_t types = 0;
  bool is_unknown = recorded.other_data.whole() == Share::kUnknown;
  for (const auto& [type, kinds] : recorded.data) {
    if (type == host::kS3Objects || type == host::kLambdaFunctions) continue;
    types += kinds.whole() >= Share::kSome ? 1 : 0;
    is_unknown = is_unknown || kinds.whole() == Share::kUnknown;
  }
  if (types > 0) return counted(types, "type");
  return is_unknown ? "unknown" : "off";
}

std::string trails_text(const RegionCoverage& region) {
  if (region.trails_refused) return "unknown";
  const size_t all = region.trails.size();
  const auto count = [&](auto&& is_so) {
    return static_cast<size_t>(std::ranges::count_if(region.trails, is_so));
  };
  const size_t good = count([](const Trail& trail) { return trail.records(); });
  if (all == 0) return "none";
  if (good == all) return fmt::format("{} logging", all);
  if (good > 0) return fmt::format("{} of {} log", good, all);
  if (count([](const Trail& trail) { return !trail.is_logging; }) > 0) return "unknown";
  return count([](const Trail& trail) { return *trail.is_logging; }) > 0 ? "failing" : "stopped";
}

std::string last_file_text(const RegionCoverage& region, Time now) {
  if (const auto delivered = region.delivered()) return age_text(*delivered, now);
  const bool is_unknown =
      region.trails_refused || std::ranges::any_of(region.trails, [](const Trail& trail) {
        return trail.status_refused.has_value();
      });
  if (is_unknown) return "unknown";
  return region.trails.empty() ? "" : "never";
}

Color color_of(const std::string& cell) {
  if (cell == "none" || cell == "failing" || cell == "stopped") return Color::kBoldRed;
  return cell == "unknown" ? Color::kYellow : Color::kNone;
}

struct Column {
  const char* title;
  size_t columns;
};
constexpr Column kColumns[] = {{"Region", 15}, {"Trails", 11}, {"Management", 12}, {"S3", 8},
                               {"Lambda", 8},  {"Others", 8},  {"Last file", 16}};

std::string row_text(const std::vector<std::string>& cells, const Context& context, bool colored) {
  std::string text = "  ";
  for (size_t i = 0; i < cells.size(); ++i) {
    const std::string cell =
        i + 1 == cells.size()
            ? cells[i]
            : pipeline::output::fit(cells[i], kColumns[i].columns - 1, context.style());
    const size_t shown = pipeline::output::columns_of(cell);
    text += colored ? pipeline::output::colored(cell, color_of(cells[i]), context.style()) : cell;
    if (i + 1 < cells.size()) text.append(kColumns[i].columns - shown, ' ');
  }
  while (text.ends_with(' ')) text.pop_back();
  return text + "\n";
}

void append_regions(const AccountCoverage& account, Context& context, std::string& text) {
  if (account.regions.empty()) return;
  std::vector<std::string> titles;
  for (const Column& column : kColumns) titles.emplace_back(column.title);
  text += "\n" + row_text(titles, context, false);
  const Time now = context.env().clock.now();
  for (const RegionCoverage& region : account.regions) {
    const Recorded recorded = region.recorded();
    text += row_text({region.region, trails_text(region), management_text(recorded),
                      std::string(name_of(recorded.data_of(host::kS3Objects).whole())),
                      std::string(name_of(recorded.data_of(host::kLambdaFunctions).whole())),
                      others_text(recorded), last_file_text(region, now)},
                     context, true);
  }
}

// ---------------------------------------------------------------- an account

std::string why_text(const Refused& why) {
  if (why.message.empty()) return why.code;
  return why.message.contains(why.code) ? why.message : why.code + ": " + why.message;
}

// "management all; data: AWS::S3::Object some, AWS::DynamoDB::Table all".
std::string selected_text(const Trail& trail) {
  if (trail.selectors_refused)
    return "what it selects is unknown: " + trail.selectors_refused->code;
  std::vector<std::string> types;
  for (const auto& [type, kinds] : trail.selected.data) {
    if (kinds.whole() != Share::kNone) {
      types.push_back(fmt::format("{} {}", type, name_of(kinds.whole())));
    }
  }
  const bool is_unknown = trail.selected.other_data.whole() == Share::kUnknown;
  if (is_unknown) types.emplace_back("others unknown");
  return fmt::format("management {}; data {}", management_text(trail.selected),
                     types.empty() ? "off" : fmt::format("{}", fmt::join(types, ", ")));
}

// Each trail once, with what there is to say of it in single regions.
void show_trails(const AccountCoverage& account, Screen& screen) {
  std::map<std::string, std::vector<std::pair<const Trail*, std::string>>> trails;
  for (const RegionCoverage& region : account.regions) {
    for (const Trail& trail : region.trails) {
      trails[trail.arn.empty() ? trail.name : trail.arn].emplace_back(&trail, region.region);
    }
  }
  for (const auto& [arn, seen] : trails) {
    const Trail& trail = *seen.front().first;
    screen.gap();
    screen.line("Trail",
                fmt::format("{}: {}{}", trail.name.empty() ? arn : trail.name,
                            trail.is_organization ? "of the organization, " : "",
                            trail.is_multi_region ? "all regions; home " + trail.home_region
                                                  : trail.home_region + " alone"));
    screen.line("", selected_text(trail));
    std::map<std::string, std::vector<std::string>> standing;
    for (const auto& [each, region] : seen) {
      if (!each->is_logging) {
        const std::string why = each->status_refused ? ": " + each->status_refused->code : "";
        standing["unknown whether it logs" + why].push_back(region);
      } else if (!*each->is_logging) {
        standing["not logging"].push_back(region);
      } else if (!each->delivery_error.empty()) {
        standing["no files arrive: " + each->delivery_error].push_back(region);
      }
    }
    for (const auto& [what, regions] : standing) {
      screen.line("", fmt::format("{} in {}", what, fmt::join(regions, ", ")));
    }
  }
}

std::string account_text(const AccountCoverage& account, Context& context) {
  Screen screen(context.style());
  screen.gap();
  screen.title(
      fmt::format("Account {}{}", account.account, account.is_own ? ", of these credentials" : ""));
  std::vector<std::string> good, bad;
  for (const host::RoleCoverage& role : account.roles) {
    role.refused ? bad.push_back(fmt::format("{} cannot: {}", role.name, why_text(*role.refused)))
                 : good.push_back(role.name);
  }
  if (!good.empty())
    bad.insert(bad.begin(), fmt::format("{} can be assumed", fmt::join(good, ", ")));
  screen.lines("Roles", bad);
  if (account.unseen) {
    const bool is_said = !account.roles.empty();
    screen.line("Trails", "unknown: " + (is_said ? "nothing can be looked at there"
                                                 : account.unseen->message));
  }
  if (account.regions_refused) {
    screen.line("Regions", "which are enabled is unknown: " + why_text(*account.regions_refused));
  }
  std::string text = screen.take();
  append_regions(account, context, text);
  show_trails(account, screen);
  std::map<std::string, std::vector<std::string>> refused;
  for (const RegionCoverage& region : account.regions) {
    if (region.trails_refused) refused[why_text(*region.trails_refused)].push_back(region.region);
  }
  screen.gap();
  for (const auto& [why, regions] : refused) {
    screen.line("Unknown", fmt::format("{}: {}", fmt::join(regions, ", "), why));
  }
  if (!account.not_enabled.empty()) {
    screen.line("Not enabled", fmt::format("{}: {}", counted(account.not_enabled.size(), "region"),
                                           fmt::join(account.not_enabled, ", ")));
  }
  return text + screen.take();
}

// ---------------------------------------------------------------- all

std::string accounts_text(const Coverage& coverage) {
  const std::string many = counted(coverage.accounts.size(), "account");
  switch (coverage.accounts_from) {
    case host::AccountsFrom::kNamed: return many + ", as named";
    case host::AccountsFrom::kOrganization:
      return fmt::format("{} of the organization{}", many,
                         coverage.not_active.empty()
                             ? ""
                             : fmt::format("; left out, for they are not active: {}",
                                           fmt::join(coverage.not_active, ", ")));
    case host::AccountsFrom::kOwn: break;
  }
  return coverage.organization_refused
             ? "the credentials' own; which others there are is unknown: " +
                   why_text(*coverage.organization_refused)
             : "the credentials' own alone";
}

// An account's gaps of one reason together, in the order of the first.
void show_gaps(const Coverage& coverage, const std::vector<CoverageGap>& gaps, Screen& screen) {
  std::vector<std::pair<const CoverageGap*, std::vector<std::string>>> groups;
  for (const CoverageGap& gap : gaps) {
    const auto same = std::ranges::find_if(groups, [&](const auto& group) {
      return group.first->account == gap.account && group.first->words == gap.words;
    });
    auto& group =
        same == groups.end() ? groups.emplace_back(&gap, std::vector<std::string>()) : *same;
    if (!gap.region.empty()) group.second.push_back(gap.region);
  }
  for (const auto& [gap, regions] : groups) {
    const auto account =
        std::ranges::find(coverage.accounts, gap->account, &AccountCoverage::account);
    const bool is_all = regions.size() > 1 && regions.size() == account->regions.size();
    const std::string where = is_all ? fmt::format("in all {} regions", regions.size())
                                     : fmt::format("{}", fmt::join(regions, ", "));
    screen.line(gap->account.empty() ? "All" : gap->account + " ",
                gap->words + (where.empty() ? "" : fmt::format(" ({})", where)));
  }
}

std::string coverage_text(const Coverage& coverage, const std::vector<CoverageGap>& gaps,
                          Context& context) {
  Screen screen(context.style());
  screen.title(gaps.empty() ? "All is covered" : "NOT ALL IS COVERED");
  screen.line("Accounts", accounts_text(coverage));
  std::string text = screen.take();
  for (const AccountCoverage& account : coverage.accounts) text += account_text(account, context);
  if (gaps.empty()) return text;
  screen.gap();
  screen.title(counted(gaps.size(), "gap"));
  show_gaps(coverage, gaps, screen);
  return text + screen.take();
}

// ---------------------------------------------------------------- JSON

void append_refused(std::string_view name, const std::optional<Refused>& refused,
                    JsonWriter& json) {
  if (!refused) return;
  json.key(name).begin_object().field("code", refused->code);
  text_if("message", refused->message, json);
  json.end_object();
}

void append_kinds(std::string_view name, const ReadsAndWrites& kinds, JsonWriter& json) {
  json.key(name).begin_object().field("reads", name_of(kinds.reads));
  json.field("writes", name_of(kinds.writes)).end_object();
}

void append_recorded(const Recorded& recorded, JsonWriter& json) {
  append_kinds("management", recorded.management, json);
  append_texts("management_without",
               {recorded.management_without.begin(), recorded.management_without.end()}, json);
  json.key("data").begin_object();
  std::set<std::string_view> types = {host::kS3Objects, host::kLambdaFunctions};
  for (const auto& [type, kinds] : recorded.data) types.insert(type);
  for (const std::string_view type : types) append_kinds(type, recorded.data_of(type), json);
  json.end_object();
  append_kinds("other_data", recorded.other_data, json);
}

void append_trail(const Trail& trail, JsonWriter& json) {
  json.begin_object();
  text_if("name", trail.name, json);
  text_if("arn", trail.arn, json);
  text_if("home_region", trail.home_region, json);
  json.field("multi_region", trail.is_multi_region).field("organization", trail.is_organization);
  if (trail.is_logging) json.field("logging", *trail.is_logging);
  if (trail.delivered) json.field("delivered_at", codec::format_timestamp(*trail.delivered));
  text_if("delivery_error", trail.delivery_error, json);
  append_refused("status_refused", trail.status_refused, json);
  append_refused("selectors_refused", trail.selectors_refused, json);
  append_recorded(trail.selected, json);
  json.end_object();
}

void append_region(const RegionCoverage& region, JsonWriter& json) {
  json.begin_object().field("region", region.region);
  append_refused("trails_refused", region.trails_refused, json);
  json.key("recorded").begin_object();
  append_recorded(region.recorded(), json);
  json.end_object();
  if (const auto delivered = region.delivered()) {
    json.field("delivered_at", codec::format_timestamp(*delivered));
  }
  json.key("trails").begin_array();
  for (const Trail& trail : region.trails) append_trail(trail, json);
  json.end_array().end_object();
}

void append_account(const AccountCoverage& account, JsonWriter& json) {
  json.begin_object().field("account", account.account).field("own", account.is_own);
  json.key("roles").begin_array();
  for (const host::RoleCoverage& role : account.roles) {
    json.begin_object().field("role", role.name).field("assumable", !role.refused);
    append_refused("refused", role.refused, json);
    json.end_object();
  }
  json.end_array();
  append_refused("unseen", account.unseen, json);
  append_refused("regions_refused", account.regions_refused, json);
  json.key("regions").begin_array();
  for (const RegionCoverage& region : account.regions) append_region(region, json);
  json.end_array();
  append_texts("not_enabled", account.not_enabled, json);
  append_texts("not_existing", account.not_existing, json);
  json.end_object();
}

int print_coverage_json(Context& context, const Coverage& coverage,
                        const std::vector<CoverageGap>& gaps, int exit_code) {
  return print_json(context, "stanch.coverage/1", exit_code, [&](JsonWriter& json) {
    json.field("covered", gaps.empty());
    json.field("accounts_from", name_of(coverage.accounts_from));
    append_refused("organization_refused", coverage.organization_refused, json);
    append_texts("not_active", coverage.not_active, json);
    json.key("accounts").begin_array();
    for (const AccountCoverage& account : coverage.accounts) append_account(account, json);
    json.end_array().key("gaps").begin_array();
    for (const CoverageGap& gap : gaps) {
      json.begin_object();
      text_if("account", gap.account, json);
      text_if("region", gap.region, json);
      json.field("gap", gap.kind).field("words", gap.words).end_object();
    }
    json.end_array();
  });
}

}  // namespace

int run_coverage(Context& context) {
  const auto accounts = context.arguments("ACCOUNT");
  host::CoverageRequest request{.accounts = {accounts.begin(), accounts.end()},
                                .regions = context.settings().list("coverage-region"),
                                .progress = {}};
  if (const auto checked = host::check_coverage(request); !checked) {
    return fail_usage(context, checked.error());
  }
  // With a source identity, as in an incident: whose trust does not let it be set is not of use.
  const auto aws = open_cloud(context, "stanch-coverage");
  if (!aws) return fail_opening(context, aws.error());
  env::Terminal& terminal = context.env().terminal;
  ProgressLine progress(
      context.env(), context.error_style(),
      terminal.error_is_terminal() && !context.quiet() && !context.settings().flag("no-progress"));
  request.progress = [&](std::string_view things, size_t done, size_t all) {
    progress.update(fmt::format("asked {} of {} {}", done, all, things));
  };
  const Coverage coverage = host::ask_coverage(context.env(), *aws, request);
  progress.clear();
  const std::vector<CoverageGap> gaps = host::gaps_of(coverage);
  const int exit_code = gaps.empty() ? kExitOk : kExitFindings;
  if (context.settings().flag("json")) {
    return print_coverage_json(context, coverage, gaps, exit_code);
  }
  return context.print(coverage_text(coverage, gaps, context), exit_code);
}

}  // namespace stanch::cli
