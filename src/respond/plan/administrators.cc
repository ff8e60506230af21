// All users, roles, groups and policies of an account come with one operation, a few pages of it.
// What a principal may do is judged by its own policies, those of its groups and its boundary; what
// limits it in a way that is not followed here (a condition, another boundary) makes "perhaps" of
// "yes". Service control policies are not looked at.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html

#include "respond/plan/administrators.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/ascii.h"
#include "base/check.h"
#include "base/text_arena.h"
#include "codec/jmespath/jmespath.h"
#include "model/aws_entity.h"
#include "respond/guard/tables.h"
#include "respond/limits.h"
#include "respond/plan/observe.h"

namespace stanch::respond {

namespace {

using codec::JsonValue;

// Policies of AWS itself, as they end in every partition.
constexpr std::string_view kAdministrator = ":iam::aws:policy/AdministratorAccess";
constexpr std::string_view kDenyAll = ":iam::aws:policy/AWSDenyAll";
constexpr std::string_view kQuarantine = ":iam::aws:policy/AWSCompromisedKeyQuarantine";
constexpr std::string_view kSamlProvider = ":saml-provider/";
constexpr std::string_view kOurNames = "stanch-";

// Of a list its items, of anything else itself.
void each_of(const JsonValue& value, const std::function<void(const JsonValue&)>& body) {
  if (value.is_array()) {
    std::ranges::for_each(value.array(), body);
  } else if (!value.is_null()) {
    body(value);
  }
}

bool any_of(const JsonValue& value, const std::function<bool(const std::string&)>& is) {
  bool any = false;
  each_of(value, [&](const JsonValue& each) { any |= each.is_string() && is(each.string()); });
  return any;
}
bool is_everything(const std::string& text) { return text == "*" || text == "*:*"; }
bool is_about_iam(const std::string& text) { return text == "*" || text.starts_with("iam:"); }

// IAM answers with documents as text with URL escapes. Null: it cannot be read.
JsonValue document_of(const JsonValue& text) {
  static const codec::Jmespath kRead =
      codec::Jmespath::compile("x_json(x_url_decode(@))", {.additions = true, .names = {}}).value();
  auto read = kRead.evaluate(text);
  return read ? std::move(*read) : JsonValue();
}

// What the policies of a principal come to.
struct Rights {
  bool all = false;      // everything is allowed
  bool perhaps = false;  // or may be: under a condition, or by what could not be read
  bool limited = false;  // something takes of it away
  bool none = false;     // everything is denied

  void add_statement(const JsonValue& statement) {
    const bool is_conditional = statement["Condition"].is_true_like();
    const bool anywhere = any_of(statement["Resource"], is_everything);
    const bool everything = any_of(statement["Action"], is_everything);
    const bool all_but = statement["NotAction"].is_true_like();
    if (!anywhere) return;
    if (statement["Effect"].text_or_empty() == "Allow") {
      // All but something that is not IAM is as good: it can give itself the rest.
      if (!everything && !(all_but && !any_of(statement["NotAction"], is_about_iam))) return;
      (is_conditional ? perhaps : all) = true;
    } else if (everything && !is_conditional) {
      none = true;
    } else if (everything || all_but || any_of(statement["Action"], is_about_iam)) {
      limited = true;
    }
  }
  void add_document(const JsonValue& text) {
    const JsonValue document = document_of(text);
    perhaps |= !document.is_object();
    each_of(document["Statement"], [&](const JsonValue& each) { add_statement(each); });
  }
};

// What stands in the pages of an account.
struct Details {
  std::vector<JsonValue> users, roles;
  std::map<std::string, JsonValue> groups;    // by name
  std::map<std::string, JsonValue> policies;  // by ARN: the text of its default version
  std::string unread;                         // Account::unread
  bool may_pass = false;                      // Account::may_pass

  void add(const JsonValue& page) {
    each_of(page["UserDetailList"], [&](const JsonValue& each) { users.push_back(each); });
    each_of(page["RoleDetailList"], [&](const JsonValue& each) { roles.push_back(each); });
    each_of(page["GroupDetailList"], [&](const JsonValue& each) {
      groups.emplace(each["GroupName"].text_or_empty(), each);
    });
    each_of(page["Policies"], [&](const JsonValue& policy) {
      each_of(policy["PolicyVersionList"], [&](const JsonValue& version) {
        if (version["VersionId"] != policy["DefaultVersionId"]) return;
        policies.emplace(policy["Arn"].text_or_empty(), version["Document"]);
      });
    });
  }

  void add_policies(const JsonValue& owner, const char* inline_list, Rights& rights) const {
    each_of(owner[inline_list],
            [&](const JsonValue& each) { rights.add_document(each["PolicyDocument"]); });
    each_of(owner["AttachedManagedPolicies"], [&](const JsonValue& each) {
      const std::string& arn = each["PolicyArn"].text_or_empty();
      rights.all |= arn.ends_with(kAdministrator);
      rights.none |= arn.ends_with(kDenyAll);
      rights.limited |= arn.find(kQuarantine) != std::string::npos;
      const auto own = policies.find(arn);
      if (own != policies.end()) rights.add_document(own->second);
    });
    const std::string& boundary =
        owner["PermissionsBoundary"]["PermissionsBoundaryArn"].text_or_empty();
    rights.none |= boundary.ends_with(kDenyAll);
    rights.limited |= !boundary.empty() && !boundary.ends_with(kAdministrator);
  }
};

Details read_details(IamReader& iam, const std::string& account) {
  Details details;
  JsonValue::Array kinds;
  for (const char* kind : {"User", "Role", "Group", "LocalManagedPolicy"}) {
    kinds.emplace_back(kind);
  }
  JsonValue::Object asked = {{"Filter", JsonValue(std::move(kinds))},
                             {"MaxItems", JsonValue(kDetailsMax)}};
  for (uint64_t page = 0; page < kDetailPagesMax; ++page) {
    auto answer = iam.ask(account, "GetAccountAuthorizationDetails", asked);
    if (!answer) {
      details.unread = answer.error().message();
      details.may_pass = may_pass(answer.error().code());
      return details;
    }
    details.add(*answer);
    const JsonValue& marker = (*answer)["Marker"];
    if (!marker.is_true_like()) return details;
    asked.insert_or_assign("Marker", marker);
  }
  details.unread = fmt::format("it has more than {} users, roles, groups and policies",
                               kDetailPagesMax * static_cast<uint64_t>(kDetailsMax));
  return details;
}

std::string entity_of(const JsonValue& arn) {
  TextArena arena;
  return std::string(model::aws_entity(arn.text_or_empty(), arena).text);
}

}  // namespace

const Administrators::Account& Administrators::account(const std::string& id) {
  const auto [found, is_new] = accounts_.try_emplace(id);
  if (!is_new) return found->second;
  const Details details = read_details(iam_, id);
  Account& account = found->second;
  account.unread = details.unread;
  account.may_pass = details.may_pass;
  const auto surely = [](const Rights& rights) {
    if (rights.none || (!rights.all && !rights.perhaps)) return Surely::kNo;
    return rights.all && !rights.limited ? Surely::kYes : Surely::kPerhaps;
  };
  for (const JsonValue& role : details.roles) {
    Rights rights;
    details.add_policies(role, "RolePolicyList", rights);
    Principal& principal = account.principals.emplace_back(read_role(role, id));
    principal.administers = surely(rights);
  }
  for (const JsonValue& user : details.users) {
    Rights rights;
    details.add_policies(user, "UserPolicyList", rights);
    each_of(user["GroupList"], [&](const JsonValue& name) {
      const auto group = details.groups.find(name.text_or_empty());
      if (group != details.groups.end()) {
        details.add_policies(group->second, "GroupPolicyList", rights);
      }
    });
    account.principals.push_back({.entity = entity_of(user["Arn"]),
                                  .name = user["UserName"].text_or_empty(),
                                  .is_user = true,
                                  .administers = surely(rights)});
  }
  return account;
}

// Open to people who come from an identity provider, or from another account of ours. Whether those
// of its own account may take it, or what comes with a web identity, is not followed here.
Administrators::Principal Administrators::read_role(const JsonValue& role,
                                                    const std::string& account) const {
  Principal principal{.entity = entity_of(role["Arn"]), .name = role["RoleName"].text_or_empty()};
  const auto open = [&](Surely how) { principal.is_open = std::max(principal.is_open, how); };
  const JsonValue trust = document_of(role["AssumeRolePolicyDocument"]);
  each_of(trust["Statement"], [&](const JsonValue& statement) {
    if (statement["Effect"].text_or_empty() != "Allow") return;
    const JsonValue& who = statement["Principal"];
    if (who.is_string()) return open(Surely::kPerhaps);  // "*"
    each_of(who["Federated"], [&](const JsonValue& provider) {
      const bool is_saml = provider.text_or_empty().find(kSamlProvider) != std::string::npos;
      open(is_saml ? Surely::kYes : Surely::kPerhaps);
    });
    each_of(who["AWS"], [&](const JsonValue& each) {
      const std::string& text = each.text_or_empty();
      const auto arn = model::parse_arn(text);
      const std::string from = arn ? std::string(arn->account) : text;
      if (from == account || text == "*") {
        const std::string entity = arn ? entity_of(each) : "";
        if (entity.empty() || !ours_.is_suspect(entity)) open(Surely::kPerhaps);
      } else if (std::ranges::find(ours_.accounts, from) != ours_.accounts.end()) {
        open(Surely::kYes);
      }
    });
  });
  return principal;
}

Administrators::Surely Administrators::can_sign_in(const std::string& name, const CutOff& cut) {
  const auto keys = iam_.ask(cut.account, "ListAccessKeys", {{"UserName", JsonValue(name)}});
  bool is_unknown = !keys;
  if (keys) {
    bool any = false;
    each_of((*keys)["AccessKeyMetadata"], [&](const JsonValue& key) {
      any |= key["Status"].text_or_empty() == "Active" &&
             key["AccessKeyId"].text_or_empty() != cut.key;
    });
    if (any) return Surely::kYes;
  }
  if (!cut.is_password) {
    const auto profile = iam_.ask(cut.account, "GetLoginProfile", {{"UserName", JsonValue(name)}});
    is_unknown |= !profile;
    if (profile && !profile->is_null()) return Surely::kYes;
  }
  return is_unknown ? Surely::kPerhaps : Surely::kNo;
}

bool Administrators::is_break_glass(const std::string& name) const {
  return std::ranges::any_of(ours_.break_glass, [&](const std::string& pattern) {
    return fits_pattern(ascii_lower(pattern), ascii_lower(name));
  });
}

AdministratorLeft Administrators::after(const CutOff& cut) {
  const Account& all = account(cut.account);
  const auto unknown = [&](const std::string& why) {
    return AdministratorLeft{
        Left::kUnknown,
        fmt::format("whether another administrator of account {} is left is not known: {}",
                    cut.account, why),
        all.may_pass};
  };
  const auto target = std::ranges::find(all.principals, cut.identity, &Principal::entity);
  const bool is_there = target != all.principals.end();
  if (!is_there && !all.unread.empty()) return unknown(all.unread);
  if (!is_there || target->administers == Surely::kNo) return {};
  // A role that nobody can get in by is no way that could be cut off.
  if (!target->is_user && target->is_open == Surely::kNo) return {};
  std::string perhaps;
  const bool is_part = !cut.key.empty() || cut.is_password;
  if (is_part) {
    const Surely other = can_sign_in(target->name, cut);
    if (other == Surely::kYes) {
      return {Left::kYes, fmt::format("{} has another way in.", cut.identity), false};
    }
    if (other == Surely::kPerhaps) perhaps = cut.identity;
  }
  const CutOff nothing{cut.account, "", "", false};
  uint64_t users = 0;
  for (const Principal& each : all.principals) {
    const bool counts = each.administers != Surely::kNo && each.entity != cut.identity &&
                        !each.name.starts_with(kOurNames) && !ours_.is_suspect(each.entity);
    if (!counts) continue;
    const bool is_named = is_break_glass(each.name);
    Surely is_open = each.is_open;
    if (is_named) {
      is_open = Surely::kYes;
    } else if (each.is_user) {
      is_open = ++users > kAdministratorsMax ? Surely::kPerhaps : can_sign_in(each.name, nothing);
    }
    if (is_open == Surely::kYes && (is_named || each.administers == Surely::kYes)) {
      return {Left::kYes, fmt::format("Another administrator is left: {}.", each.entity), false};
    }
    if (is_open != Surely::kNo && perhaps.empty()) perhaps = each.entity;
  }
  if (!all.unread.empty()) return unknown(all.unread);
  if (!perhaps.empty()) return unknown(fmt::format("{} may be one who can get in", perhaps));
  if (target->administers == Surely::kPerhaps) {
    return unknown(fmt::format("{} may be the last", cut.identity));
  }
  return {
      Left::kNo,
      fmt::format("It would cut off the last administrator of account {}: nobody else was "
                  "found who administers it and can get in. Make another, or name one for "
                  "emergencies in context.yaml (break_glass), and plan anew; until then contain "
                  "less of it.",
                  cut.account),
      false};
}

}  // namespace stanch::respond
