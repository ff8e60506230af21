#include "generator/work.h"

// Single steps of attacks, for measuring what findings cost. Never part of
// ordinary work; chosen by Options::finding_fraction only.

namespace stanch::generator {
namespace {

#define BUCKET(what) \
  R"({)" what R"("bucketName":"${bucket}","Host":"${bucket}.s3.${region}.amazonaws.com"})"

constexpr Step kShareDisk[] = {
    {{.source = "ec2",
      .name = "ModifySnapshotAttribute",
      .kind = Kind::kWrite,
      .request =
          R"({"snapshotId":"snap-0${hex17}","createVolumePermission":{"add":{"items":[{"userId":"${foreign}"}]}},"attributeType":"CREATE_VOLUME_PERMISSION"})",
      .response = R"({"requestId":"${uuid}","_return":true})"},
     1,
     3}};
constexpr Step kPublishImage[] = {
    {{.source = "ec2",
      .name = "ModifyImageAttribute",
      .kind = Kind::kWrite,
      .request =
          R"({"imageId":"${image}","launchPermission":{"add":{"items":[{"group":"all"}]}},"attributeType":"launchPermission"})",
      .response = R"({"requestId":"${uuid}","_return":true})"},
     1,
     1}};
constexpr Step kShareDatabase[] = {
    {{.source = "rds",
      .name = "ModifyDBSnapshotAttribute",
      .kind = Kind::kWrite,
      .request =
          R"({"dBSnapshotIdentifier":"${database}-x","attributeName":"restore","valuesToAdd":["${foreign}"]})",
      .response = R"({"dBSnapshotIdentifier":"${database}-x"})"},
     1,
     1}};
constexpr Step kBackdoorBucket[] = {
    {{.source = "s3",
      .name = "PutBucketPolicy",
      .kind = Kind::kWrite,
      .request = BUCKET(
          R"("policy":"","bucketPolicy":{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::${foreign}:root"},"Action":["s3:GetObject","s3:ListBucket"],"Resource":["arn:aws:s3:::${bucket}","arn:aws:s3:::${bucket}/*"]}]},)")},
     1,
     1}};
constexpr Step kMiners[] = {
    {{.source = "ec2",
      .name = "RunInstances",
      .kind = Kind::kWrite,
      .request =
          R"({"instancesSet":{"items":[{"imageId":"${image}","minCount":1,"maxCount":25}]},"instanceType":"p3.16xlarge","blockDeviceMapping":{},"monitoring":{"enabled":false},"clientToken":"${uuid}"})",
      .response =
          R"({"requestId":"${uuid}","instancesSet":{"items":[{"instanceId":"i-0${hex17}"}]}})"},
     1,
     4}};
constexpr Step kMinersDenied[] = {
    {{.source = "ec2",
      .name = "RunInstances",
      .kind = Kind::kWrite,
      .request =
          R"({"instancesSet":{"items":[{"imageId":"${image}","minCount":1,"maxCount":10}]},"instanceType":"g4dn.12xlarge","blockDeviceMapping":{},"monitoring":{"enabled":false},"clientToken":"${uuid}"})",
      .error = "Client.VcpuLimitExceeded"},
     1,
     4}};
constexpr Step kOpenShell[] = {
    {{.source = "ec2",
      .name = "AuthorizeSecurityGroupIngress",
      .kind = Kind::kWrite,
      .request =
          R"({"groupId":"${group}","ipPermissions":{"items":[{"ipProtocol":"tcp","fromPort":22,"toPort":22,"groups":{},"ipRanges":{"items":[{"cidrIp":"0.0.0.0/0"}]},"ipv6Ranges":{},"prefixListIds":{}}]}})",
      .response = R"({"requestId":"${uuid}","_return":true})"},
     1,
     2}};
constexpr Step kEncrypt[] = {
    {{.source = "s3",
      .name = "CopyObject",
      .kind = Kind::kDataWrite,
      .request =
          R"({"bucketName":"${bucket}","Host":"${bucket}.s3.${region}.amazonaws.com","key":"events/${hex8}.parquet","x-amz-copy-source":"${bucket}/events/${hex8}.parquet","x-amz-server-side-encryption-customer-algorithm":"AES256"})",
      .response = R"({"x-amz-server-side-encryption-customer-algorithm":"AES256"})",
      .more = R"("additionalEventData":{"SSEApplied":"SSE_C","bytesTransferredIn":${bytes}},)"},
     4,
     20}};
constexpr Step kWipe[] = {
    {{.source = "s3",
      .name = "PutBucketVersioning",
      .kind = Kind::kWrite,
      .request = BUCKET(R"("versioning":"","VersioningConfiguration":{"Status":"Suspended"},)")},
     1,
     1},
    {{.source = "s3",
      .name = "PutBucketLifecycle",
      .kind = Kind::kWrite,
      .request = BUCKET(
          R"("lifecycle":"","LifecycleConfiguration":{"Rule":{"ID":"x","Status":"Enabled","Filter":{"Prefix":""},"Expiration":{"Days":1}}},)")},
     1,
     1},
    {{.source = "s3",
      .name = "DeleteObjects",
      .kind = Kind::kDataWrite,
      .request = BUCKET(R"("delete":"",)")},
     2,
     8}};
constexpr Step kKeys[] = {{{.source = "kms",
                            .name = "ScheduleKeyDeletion",
                            .kind = Kind::kWrite,
                            .request = R"({"keyId":"${key}","pendingWindowInDays":7})",
                            .response = R"({"keyId":"${key}","keyState":"PendingDeletion"})"},
                           1,
                           2},
                          {{.source = "kms",
                            .name = "DisableKey",
                            .kind = Kind::kWrite,
                            .request = R"({"keyId":"${key}"})"},
                           1,
                           1}};
constexpr Step kBackups[] = {
    {{.source = "backup",
      .name = "DeleteRecoveryPoint",
      .kind = Kind::kWrite,
      .request =
          R"({"backupVaultName":"prod","recoveryPointArn":"arn:aws:ec2:${region}::snapshot/snap-0${hex17}"})"},
     1,
     6}};
constexpr Step kDatabases[] = {
    {{.source = "rds",
      .name = "DeleteDBInstance",
      .kind = Kind::kWrite,
      .request =
          R"({"dBInstanceIdentifier":"${database}","skipFinalSnapshot":true,"deleteAutomatedBackups":true})",
      .response = R"({"dBInstanceStatus":"deleting"})"},
     1,
     2}};
constexpr Step kOpenFunction[] = {
    {{.source = "lambda",
      .name = "AddPermission20150331v2",
      .kind = Kind::kWrite,
      .request =
          R"({"functionName":"${function}","statementId":"a","action":"lambda:InvokeFunction","principal":"*"})",
      .response = R"({"statement":"{}"})"},
     1,
     1}};
constexpr Step kAdministrator[] = {
    {{.source = "iam",
      .name = "CreateUser",
      .kind = Kind::kWrite,
      .request = R"({"userName":"svc-${tag}"})",
      .response =
          R"({"user":{"userName":"svc-${tag}","arn":"arn:aws:iam::${account}:user/svc-${tag}"}})"},
     1,
     1},
    {{.source = "iam",
      .name = "AttachUserPolicy",
      .kind = Kind::kWrite,
      .request =
          R"({"userName":"svc-${tag}","policyArn":"arn:aws:iam::aws:policy/AdministratorAccess"})"},
     1,
     1},
    {{.source = "iam",
      .name = "CreateAccessKey",
      .kind = Kind::kWrite,
      .request = R"({"userName":"svc-${tag}"})",
      .response =
          R"({"accessKey":{"userName":"svc-${tag}","accessKeyId":"AKIA${id16}","status":"Active"}})"},
     1,
     1}};
constexpr Step kTrails[] = {
    {{.source = "cloudtrail",
      .name = "StopLogging",
      .kind = Kind::kWrite,
      .request = R"({"name":"arn:aws:cloudtrail:${region}:${account}:trail/organization"})"},
     1,
     1}};
constexpr Step kModels[] = {
    {{.source = "bedrock",
      .name = "CreateFoundationModelAgreement",
      .kind = Kind::kWrite,
      .request = R"({"modelId":"anthropic.claude-3-sonnet-20240229-v1:0"})",
      .response = R"({"modelId":"anthropic.claude-3-sonnet-20240229-v1:0"})"},
     1,
     1},
    {{.source = "bedrock",
      .name = "InvokeModel",
      .request = R"({"modelId":"anthropic.claude-3-sonnet-20240229-v1:0"})"},
     2,
     8}};

#undef BUCKET

constexpr Script kAttackScripts[] = {
    {Work::kPeople, 10, Who::kThief, "", kShareDisk},
    {Work::kPeople, 4, Who::kThief, "", kPublishImage},
    {Work::kPeople, 4, Who::kThief, "", kShareDatabase},
    {Work::kPeople, 8, Who::kThief, "", kBackdoorBucket},
    {Work::kPeople, 10, Who::kThief, "", kMiners},
    {Work::kPeople, 10, Who::kThief, "", kMinersDenied},
    {Work::kPeople, 10, Who::kThief, "", kOpenShell},
    {Work::kPeople, 30, Who::kThief, "", kEncrypt},
    {Work::kPeople, 20, Who::kThief, "", kWipe},
    {Work::kPeople, 8, Who::kThief, "", kKeys},
    {Work::kPeople, 10, Who::kThief, "", kBackups},
    {Work::kPeople, 4, Who::kThief, "", kDatabases},
    {Work::kPeople, 6, Who::kThief, "", kOpenFunction},
    {Work::kPeople, 12, Who::kThief, "", kAdministrator},
    {Work::kPeople, 4, Who::kThief, "", kTrails},
    {Work::kPeople, 20, Who::kThief, "", kModels},
};

}  // namespace

std::span<const Script> attack_scripts() { return kAttackScripts; }

}  // namespace stanch::generator
