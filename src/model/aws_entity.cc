#include "model/aws_entity.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <string>
#include <vector>

#include "model/aws_arn.h"
#include "model/entity_parts.h"

namespace stanch::model {
namespace {

using Kind = EntityPart::Kind;

constexpr std::string_view kArnPrefix = "arn:";

// What AWS itself publishes for everyone, met by name and by ARN in any account.
bool is_published_document(std::string_view name) {
  return name.starts_with("AWS") || name.starts_with("Amazon");
}

EntityRef write(const AwsTypeRow& row, const AwsName& name, const AwsPlace& place,
                TextArena& arena) {
  EntityPart last{name.name, row.folds_case ? Kind::kFoldedName : Kind::kName};
  EntityPart parent{name.parent, Kind::kName};
  EntityPart parent_end{name.parent.empty() ? "" : "/"};
  if (name.parent.empty()) parent.kind = Kind::kLiteral;
  bool needs_account = row.scope == AwsScope::kInAccount || row.scope == AwsScope::kInRegion;
  if (needs_account && place.account.empty()) return {};
  if (row.scope == AwsScope::kInRegion && place.region.empty()) return {};
  switch (row.scope) {
    case AwsScope::kEverywhere:
      return make_entity({{row.word}, {"/"}, parent, parent_end, last}, arena);
    case AwsScope::kInPartition:
      if (place.partition == "aws") return make_entity({{row.word}, {"/"}, last}, arena);
      return make_entity({{row.word}, {"/"}, {place.partition, Kind::kName}, {"/"}, last}, arena);
    case AwsScope::kInAccount:
      return make_entity({{row.word}, {"/"}, {place.account, Kind::kName}, {"/"}, last}, arena);
    case AwsScope::kInRegion:
      return make_entity({{row.word},
                          {"/"},
                          {place.account, Kind::kName},
                          {"/"},
                          {place.region, Kind::kName},
                          {"/"},
                          parent,
                          parent_end,
                          last},
                         arena);
  }
  return {};
}

EntityRef write_ec2(std::string_view id, const AwsPlace& place, TextArena& arena) {
  const Ec2Row* row = find_ec2_row(id);
  if (row == nullptr) return {};
  AwsTypeRow as_type{AwsType::kEc2, row->word, row->scope, false, {}, {}};
  return write(as_type, {{}, id}, place, arena);
}

EntityRef write_named(AwsType type, std::string_view text, AwsPlace place, bool from_arn,
                      TextArena& arena) {
  if (type == AwsType::kEc2) return write_ec2(text, place, arena);
  if (type == AwsType::kRoot) {
    if (place.account.empty()) return {};
    return make_entity({{word_of(type)}, {"/"}, {place.account, Kind::kName}}, arena);
  }
  AwsName name = clean_name(type, text, from_arn);
  if (name.name.empty()) return {};
  if (type == AwsType::kSsmDocument && is_published_document(name.name)) place.account = "aws";
  return write(row_of(type), name, place, arena);
}

// aws:<service>-<resource type>/<account>/<region>/<name> for what has no row.
EntityRef write_other(const Arn& arn, TextArena& arena) {
  ArnResource resource = split_resource(arn.resource);
  return make_entity({{"aws:"},
                      {arn.service, Kind::kFoldedName},
                      {resource.type.empty() ? "" : "-"},
                      {resource.type, resource.type.empty() ? Kind::kLiteral : Kind::kFoldedName},
                      {"/"},
                      {arn.account, Kind::kName},
                      {"/"},
                      {arn.region, Kind::kName},
                      {"/"},
                      {resource.name, Kind::kName}},
                     arena);
}

EntityRef write_arn(const Arn& arn, TextArena& arena) {
  AwsPlace place{arn.partition, arn.account, arn.region};
  ArnResource resource = split_resource(arn.resource);
  if (arn.service == "sts" && resource.type == "assumed-role") {
    std::string_view role = resource.name.substr(0, resource.name.find('/'));
    return write_named(AwsType::kRole, role, place, true, arena);
  }
  if (arn.service == "s3" && arn.region.empty() && arn.account.empty()) {
    return write_named(AwsType::kBucket, arn.resource, place, true, arena);
  }
  if (arn.service == "ec2") {
    EntityRef entity = write_ec2(resource.name, place, arena);
    return entity.empty() ? write_other(arn, arena) : entity;
  }
  if (arn.service == "iam" && arn.resource == "root") {
    return write_named(AwsType::kRoot, {}, place, true, arena);
  }
  const AwsTypeRow* row = resource.type.empty() ? nullptr : find_row(arn.service, resource.type);
  EntityRef entity = row ? write_named(row->type, resource.name, place, true, arena) : EntityRef{};
  return entity.empty() ? write_other(arn, arena) : entity;
}

bool is_region(std::string_view text) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  };
  return !text.empty() && std::ranges::all_of(text, fits);
}

// Whether names of the type are unique only below a parent, which stands before them.
bool has_parent(AwsType type) {
  switch (type) {
    case AwsType::kIdentityCenterUser:
    case AwsType::kPermissionSet:
    case AwsType::kWebIdentity:
    case AwsType::kSamlUser:
    case AwsType::kEcsService:
    case AwsType::kEcsTask:
    case AwsType::kEksNodegroup:
    case AwsType::kEksFargateProfile:
    case AwsType::kEksAccessEntry: return true;
    default: return false;
  }
}

// The id of a type that has a row, from the parts of one that was typed.
EntityRef rewrite(const AwsTypeRow& row, const EntityParts& typed, TextArena& arena) {
  const std::vector<std::string>& scope = typed.scope;
  size_t at = 0;
  AwsPlace place;
  if (row.scope == AwsScope::kInPartition && scope.size() == 1) place.partition = scope[at++];
  if (row.scope == AwsScope::kInAccount || row.scope == AwsScope::kInRegion) {
    if (at == scope.size() || !is_aws_account(scope[at])) return {};
    place.account = scope[at++];
  }
  if (row.scope == AwsScope::kInRegion) {
    if (at == scope.size() || !is_region(scope[at])) return {};
    place.region = scope[at++];
  }
  std::string_view parent;
  if (has_parent(row.type)) {
    if (at == scope.size()) return {};
    parent = scope[at++];
  }
  if (at != scope.size()) return {};
  if (row.type == AwsType::kEc2) return write_ec2(typed.name, place, arena);
  const AwsName name = clean_name(row.type, typed.name, false);
  return name.name.empty() ? EntityRef() : write(row, {parent, name.name}, place, arena);
}

// The id of what has no row: aws:<service>-<resource type>/<account>/<region>/<name>.
EntityRef rewrite_other(const EntityParts& typed, TextArena& arena) {
  const std::string_view type = std::string_view(typed.type).substr(sizeof("aws:") - 1);
  const bool fits = is_region(type) && typed.scope.size() == 2 &&
                    (is_aws_account(typed.scope[0]) || typed.scope[0] == "-") &&
                    is_region(typed.scope[1]);
  const size_t dash = type.find('-');
  if (!fits || find_row(type.substr(0, dash), dash == type.npos ? "" : type.substr(dash + 1))) {
    return {};
  }
  return make_entity({{typed.type},
                      {"/"},
                      {typed.scope[0], Kind::kName},
                      {"/"},
                      {typed.scope[1], Kind::kName},
                      {"/"},
                      {typed.name, Kind::kName}},
                     arena);
}

constexpr size_t kIssuedBytes = sizeof("2026-03-01T02:03:04Z") - 1;

// RFC 3339 to the second; every session of every event passes here.
void write_issued(Time time, std::array<char, kIssuedBytes>& out) {
  using namespace std::chrono;
  sys_days day = floor<days>(time);
  year_month_day date(day);
  hh_mm_ss clock(floor<seconds>(time - day));
  char* to = out.data();
  const auto write = [&to](unsigned two_digits) {
    *to++ = static_cast<char>('0' + two_digits / 10);
    *to++ = static_cast<char>('0' + two_digits % 10);
  };
  const auto year = static_cast<unsigned>(static_cast<int>(date.year()));
  write(year / 100);
  write(year % 100);
  *to++ = '-';
  write(static_cast<unsigned>(date.month()));
  *to++ = '-';
  write(static_cast<unsigned>(date.day()));
  *to++ = 'T';
  write(static_cast<unsigned>(clock.hours().count()));
  *to++ = ':';
  write(static_cast<unsigned>(clock.minutes().count()));
  *to++ = ':';
  write(static_cast<unsigned>(clock.seconds().count()));
  *to++ = 'Z';
}

}  // namespace

bool is_aws_account(std::string_view text) {
  constexpr size_t kDigits = 12;
  return text.size() == kDigits &&
         std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

std::string_view word_of(AwsType type) { return row_of(type).word; }

std::optional<Arn> parse_arn(std::string_view text) {
  if (!text.starts_with(kArnPrefix)) return std::nullopt;
  text.remove_prefix(kArnPrefix.size());
  bool complete = true;
  const auto take_part = [&] {
    size_t end = 0;  // parts are short: a plain loop is quicker than find()
    while (end < text.size() && text[end] != ':') ++end;
    complete &= end < text.size();
    const std::string_view part = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return part;
  };
  const std::string_view partition = take_part(), service = take_part();
  const std::string_view region = take_part(), account = take_part();
  if (!complete || partition.empty() || service.empty() || text.empty()) return std::nullopt;
  return Arn{partition, service, region, account, text};
}

std::string_view aws_partition(std::string_view region) {
  struct Row {
    std::string_view region_prefix, partition;
  };
  static constexpr Row kRows[] = {
      {"cn-", "aws-cn"},         {"us-gov-", "aws-us-gov"}, {"us-isob-", "aws-iso-b"},
      {"us-isof-", "aws-iso-f"}, {"eu-isoe-", "aws-iso-e"}, {"us-iso-", "aws-iso"},
      {"eusc-", "aws-eusc"},
  };
  for (const Row& row : kRows) {
    if (region.starts_with(row.region_prefix)) return row.partition;
  }
  return "aws";
}

EntityRef aws_entity(std::string_view arn, TextArena& arena) {
  std::optional<Arn> parts = parse_arn(arn);
  return parts ? write_arn(*parts, arena) : EntityRef{};
}

EntityRef aws_entity(AwsType type, std::string_view name, const AwsPlace& place, TextArena& arena) {
  if (name.starts_with(kArnPrefix)) return aws_entity(name, arena);
  if (type == AwsType::kKmsKey && name.starts_with("alias/")) {
    return write_named(AwsType::kKmsAlias, name.substr(6), place, false, arena);
  }
  return write_named(type, name, place, false, arena);
}

EntityRef aws_entity(AwsType type, std::string_view parent, std::string_view name,
                     const AwsPlace& place, TextArena& arena) {
  if (parent.empty() || name.empty()) return {};
  return write(row_of(type), {parent, name}, place, arena);
}

EntityRef canonical_aws_entity(std::string_view typed, TextArena& arena) {
  if (typed.starts_with(kArnPrefix)) return aws_entity(typed, arena);
  const auto parts = split_entity(typed);
  if (!parts || !parts->type.starts_with("aws:")) return {};
  // A name that is an ARN itself, or a key's alias, would be a second spelling.
  if (parts->name.starts_with(kArnPrefix)) return {};
  if (parts->type == word_of(AwsType::kKmsKey) && parts->name.starts_with("alias/")) return {};
  if (parts->type == word_of(AwsType::kRoot)) {
    return parts->scope.empty() && is_aws_account(parts->name)
               ? write_named(AwsType::kRoot, {}, {.account = parts->name}, false, arena)
               : EntityRef();
  }
  if (const Ec2Row* ec2 = find_ec2_row(parts->name); ec2 != nullptr && ec2->word == parts->type) {
    return rewrite({AwsType::kEc2, ec2->word, ec2->scope, false, {}, {}}, *parts, arena);
  }
  const AwsTypeRow* row = find_row_of_word(parts->type);
  return row != nullptr ? rewrite(*row, *parts, arena) : rewrite_other(*parts, arena);
}

bool aws_type_folds_case(std::string_view word) {
  const AwsTypeRow* row = find_row_of_word(word);
  return row != nullptr && row->folds_case;
}

EntityRef aws_session(const AwsSession& session, TextArena& arena) {
  using enum AwsSession::Principal;
  std::string_view kind = session.principal == kUser ? "user:" : "";
  EntityPart principal{session.principal_name, Kind::kFoldedName};
  if (session.principal == kRoot) principal = {"root:"};
  std::array<char, kIssuedBytes> issued;
  write_issued(session.issued, issued);
  return make_entity({{"aws:session/"},
                      {session.account, Kind::kName},
                      {"/"},
                      {kind},
                      principal,
                      {"/"},
                      {session.session_name, Kind::kName},
                      {"@"},
                      {{issued.data(), issued.size()}}},
                     arena);
}

}  // namespace stanch::model
