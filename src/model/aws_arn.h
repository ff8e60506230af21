#pragma once

#include <string_view>

#include "model/aws_entity.h"

// How names of AWS are read: which part of a resource's text is its name.
// Inside model/ only.

namespace stanch::model {

// How far a name reaches, and so what stands between type and name in the id.
enum class AwsScope : uint8_t {
  kEverywhere,   // the name is unique, nothing stands between
  kInPartition,  // the partition, unless that is "aws"
  kInAccount,
  kInRegion,  // account and region
};

struct AwsTypeRow {
  AwsType type;
  std::string_view word;  // "aws:role"
  AwsScope scope;
  bool folds_case;                // the provider does not mind the case
  std::string_view arn_service;   // empty: no ARN names it
  std::string_view arn_resource;  // first word of the ARN's resource; empty: there is none
};

const AwsTypeRow& row_of(AwsType type);
const AwsTypeRow* find_row(std::string_view arn_service, std::string_view arn_resource);
const AwsTypeRow* find_row_of_word(std::string_view word);  // "aws:role"; not of EC2's ids

// One kind of EC2 resource, known by how its ids begin.
struct Ec2Row {
  std::string_view prefix;  // "i-"
  std::string_view word;    // "aws:instance"
  AwsScope scope;
};
const Ec2Row* find_ec2_row(std::string_view id);

// An ARN's resource, "role/path/name", cut at its first '/' or ':'.
struct ArnResource {
  std::string_view type;  // "role"; empty if there is no separator
  std::string_view name;  // "path/name"
};
ArnResource split_resource(std::string_view resource);

// A name without what does not belong to it: path, version, qualifier. Leaves
// `parent` as it is unless the name holds it ("cluster/name").
struct AwsName {
  std::string_view parent;
  std::string_view name;
};
AwsName clean_name(AwsType type, std::string_view text, bool from_arn);

}  // namespace stanch::model
