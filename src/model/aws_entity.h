#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/text_arena.h"
#include "base/time.h"
#include "model/entity.h"

// Entity ids of AWS, from ARNs and from bare names. Both lead to the same id;
// docs/formats/entity-ids.md has the table and the reasons.

namespace stanch::model {

enum class AwsType : uint8_t {
  kAccount,
  kOrganization,
  kOrganizationRoot,
  kOrganizationalUnit,
  kOrganizationPolicy,
  kRoot,
  kUser,
  kRole,
  kGroup,
  kPolicy,
  kInstanceProfile,
  kFederatedUser,
  kMfaDevice,
  kSamlProvider,
  kOidcProvider,
  kServerCertificate,
  kAccessKey,
  kLoginProfile,
  kServiceCredential,
  kSshKey,
  kSigningCertificate,
  kService,
  kIdentityCenterUser,
  kPermissionSet,
  kWebIdentity,
  kSamlUser,
  kEc2,  // any EC2 resource: its id says which (i-…, ami-…, sg-…)
  kBucket,
  kAccessPoint,
  kKmsKey,
  kKmsAlias,
  kFunction,
  kLambdaLayer,
  kTrail,
  kEventDataStore,
  kSecret,
  kSsmParameter,
  kSsmDocument,
  kDb,
  kDbCluster,
  kDbSnapshot,
  kDbClusterSnapshot,
  kEcsCluster,
  kEcsService,
  kEcsTask,
  kEcsTaskDefinition,
  kEksCluster,
  kEksNodegroup,
  kEksFargateProfile,
  kEksAccessEntry,
  kEcrRepository,
};

// The first part of the id, "aws:role"; "aws:" for kEc2, where the id decides.
std::string_view word_of(AwsType type);

bool is_aws_account(std::string_view text);  // twelve digits

struct Arn {
  std::string_view partition;  // "aws", "aws-cn", "aws-us-gov" …
  std::string_view service;
  std::string_view region;    // empty for global services
  std::string_view account;   // may be empty; "aws" for what AWS itself owns
  std::string_view resource;  // "role/path/name", "secret:name-AbCdEf" …
};
std::optional<Arn> parse_arn(std::string_view text);

// Where a bare name was used, which is what it is completed with.
struct AwsPlace {
  std::string_view partition = "aws";
  std::string_view account = {};
  std::string_view region = {};
};

// The partition that a region belongs to: "aws-cn" for cn-north-1.
std::string_view aws_partition(std::string_view region);

// The entity that an ARN names: sessions of roles fold to their role, objects
// to their bucket, versions and qualifiers to what they are versions of. Every
// well-formed ARN has one; empty for anything else.
EntityRef aws_entity(std::string_view arn, TextArena& arena);

// The entity that `name` (bare, or an ARN, which then decides alone) means at
// `place`. Empty if the name is empty or cannot be one of that type.
EntityRef aws_entity(AwsType type, std::string_view name, const AwsPlace& place, TextArena& arena);

// The same for names that are unique only below a parent: `parent` is the ECS
// or EKS cluster, the identity store, the identity provider, the instance of Identity Center.
EntityRef aws_entity(AwsType type, std::string_view parent, std::string_view name,
                     const AwsPlace& place, TextArena& arena);

// The one spelling of an entity id, or of an ARN, that somebody typed: case folded where the
// provider does not mind it, escapes written as we write them. Empty for what cannot be an id of
// AWS: a scope that does not fit the type, an account that is not twelve digits, a name that is
// none of the type.
EntityRef canonical_aws_entity(std::string_view typed, TextArena& arena);
// Whether names of "aws:role" are written in lower case; false for what is no type.
bool aws_type_folds_case(std::string_view word);

// A session: aws:session/<account>/<principal>/<name>@<issued>, where the
// principal is a role's name, "user:<name>" or "root:" (role names hold no
// colon). Known alike from the call that issued it and from the calls made
// with it.
struct AwsSession {
  enum class Principal : uint8_t { kRole, kUser, kRoot };
  std::string_view account = {};
  Principal principal = Principal::kRole;
  std::string_view principal_name = {};  // empty for root
  std::string_view session_name = {};    // empty where sessions have none
  Time issued = {};                      // cut to seconds
};
EntityRef aws_session(const AwsSession& session, TextArena& arena);

}  // namespace stanch::model
