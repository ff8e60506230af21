#include "generator/work.h"

// People: signing in, looking around in the console, operating machines,
// administering identities, and the few things a month that look worst.

namespace stanch::generator {
namespace {

#define TRUST(principal)                                                                         \
  R"({\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":)" principal \
  R"(,\"Action\":\"sts:AssumeRole\"}]})"

constexpr Step kSignIn[] = {
    {{.source = "signin",
      .name = "ConsoleLogin",
      .kind = Kind::kSignIn,
      .response = R"({"ConsoleLogin":"Success"})",
      .more = R"("additionalEventData":{"MobileVersion":"No","MFAUsed":"No"},)"},
     1,
     1},
    {{.source = "health",
      .name = "DescribeEventAggregates",
      .request =
          R"({"filter":{"eventStatusCodes":["open","upcoming"]},"aggregateField":"eventTypeCategory"})"},
     1,
     2},
    {{.source = "notifications", .name = "ListNotificationHubs", .request = "null"}, 1, 1},
    {{.source = "ec2",
      .name = "DescribeInstances",
      .request = R"({"maxResults":100,"instancesSet":{},"filterSet":{}})"},
     1,
     5},
    {{.source = "ec2",
      .name = "DescribeInstanceTypes",
      .request = R"({"DescribeInstanceTypesRequest":{"MaxResults":100}})"},
     0,
     2},
    {{.source = "s3", .name = "ListBuckets", .request = R"({"Host":"s3.${region}.amazonaws.com"})"},
     0,
     2},
    {{.source = "s3",
      .name = "GetBucketPublicAccessBlock",
      .request =
          R"({"publicAccessBlock":"","bucketName":"${bucket}","Host":"${bucket}.s3.${region}.amazonaws.com"})"},
     0,
     6},
    {{.source = "iam", .name = "ListRoles", .request = R"({"maxItems":1000})", .denied_percent = 8},
     0,
     2},
    {{.source = "logs",
      .name = "StartQuery",
      .request =
          R"({"logGroupNames":["/aws/lambda/${function}"],"startTime":1793570000,"endTime":1793577600})"},
     0,
     4},
    {{.source = "rds", .name = "DescribeDBInstances", .request = R"({"maxRecords":100})"}, 0, 3},
    {{.source = "kms", .name = "ListAliases", .request = R"({"limit":100})"}, 0, 2},
    {{.source = "ce",
      .name = "GetCostAndUsage",
      .request = R"({"granularity":"MONTHLY"})",
      .denied_percent = 30},
     0,
     2},
    {{.source = "bedrock", .name = "ListFoundationModels", .request = "null"}, 0, 1},
    {{.source = "organizations",
      .name = "DescribeOrganization",
      .request = "null",
      .denied_percent = 60},
     0,
     1}};
constexpr Step kCommandLine[] = {
    {{.source = "sts", .name = "GetCallerIdentity"}, 1, 2},
    {{.source = "logs",
      .name = "FilterLogEvents",
      .request = R"({"logGroupName":"/ecs/${cluster}","limit":10000,"interleaved":true})"},
     0,
     5},
    {{.source = "eks", .name = "DescribeCluster", .request = R"({"name":"${cluster}"})"}, 0, 3},
    {{.source = "ssm",
      .name = "DescribeInstanceInformation",
      .request = R"({"filters":[{"key":"tag:Service","values":["${service}"]}]})"},
     0,
     3},
    {{.source = "secretsmanager",
      .name = "GetSecretValue",
      .request = R"({"secretId":"dev/${service}/database"})",
      .denied_percent = 5},
     0,
     1}};
constexpr Step kShell[] = {
    {{.source = "ssm",
      .name = "StartSession",
      .kind = Kind::kWrite,
      .request = R"({"target":"${instance}"})",
      .response =
          R"({"sessionId":"${person}-0${hex17}","tokenValue":"Value hidden due to security reasons.","streamUrl":"wss://ssmmessages.${region}.amazonaws.com/v1/data-channel/${person}-0${hex17}?role=publish_subscribe"})"},
     1,
     2},
    {{.source = "ssm",
      .name = "TerminateSession",
      .kind = Kind::kWrite,
      .request = R"({"sessionId":"${person}-0${hex17}"})",
      .response = R"({"sessionId":"${person}-0${hex17}"})"},
     1,
     1}};
constexpr Step kTunnel[] = {
    {{.source = "ssm",
      .name = "StartSession",
      .kind = Kind::kWrite,
      .request =
          R"({"target":"${instance}","documentName":"AWS-StartPortForwardingSessionToRemoteHost","parameters":{"host":["${database}.cluster-x.${region}.rds.amazonaws.com"],"portNumber":["5432"],"localPortNumber":["15432"]}})",
      .response = R"({"sessionId":"${person}-0${hex17}"})"},
     1,
     1}};
constexpr Step kContainerShell[] = {
    {{.source = "ecs",
      .name = "ExecuteCommand",
      .kind = Kind::kWrite,
      .request =
          R"({"cluster":"${cluster}","task":"${hex32}","container":"main","command":"/bin/sh","interactive":true})",
      .response =
          R"({"clusterArn":"arn:aws:ecs:${region}:${account}:cluster/${cluster}","interactive":true,"session":{"sessionId":"ecs-execute-command-0${hex17}","tokenValue":"HIDDEN_DUE_TO_SECURITY_REASONS"}})"},
     1,
     2}};
constexpr Step kInstanceConnect[] = {
    {{.source = "ec2-instance-connect",
      .name = "SendSSHPublicKey",
      .kind = Kind::kWrite,
      .request =
          R"({"instanceId":"${instance}","instanceOSUser":"ec2-user","sSHPublicKey":"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI${id16}${id16}"})",
      .response = R"({"requestId":"${uuid}","success":true})"},
     1,
     1}};
constexpr Step kOperatorCommand[] = {
    {{.source = "ssm",
      .name = "SendCommand",
      .kind = Kind::kWrite,
      .request =
          R"({"documentName":"AWS-RunShellScript","instanceIds":["${instance}"],"parameters":"HIDDEN_DUE_TO_SECURITY_REASONS","interactive":false})",
      .response =
          R"({"command":{"commandId":"${uuid}","documentName":"AWS-RunShellScript","targetCount":1,"status":"Pending","instanceIds":["${instance}"]}})"},
     1,
     1},
    {{.source = "ssm",
      .name = "GetCommandInvocation",
      .request = R"({"commandId":"${uuid}","instanceId":"${instance}"})"},
     1,
     4}};
constexpr Step kOwnKeyRotation[] = {
    {{.source = "iam", .name = "ListAccessKeys", .request = R"({"userName":"${service}-mailer"})"},
     1,
     1},
    {{.source = "iam",
      .name = "CreateAccessKey",
      .kind = Kind::kWrite,
      .request = "null",
      .response =
          R"({"accessKey":{"userName":"${service}-mailer","accessKeyId":"AKIA${id16}","status":"Active","createDate":"${words}"}})"},
     1,
     1},
    {{.source = "iam",
      .name = "UpdateAccessKey",
      .kind = Kind::kWrite,
      .request =
          R"({"userName":"${service}-mailer","accessKeyId":"AKIA${id16}","status":"Inactive"})"},
     1,
     1},
    {{.source = "iam",
      .name = "DeleteAccessKey",
      .kind = Kind::kWrite,
      .request = R"({"userName":"${service}-mailer","accessKeyId":"AKIA${id16}"})"},
     1,
     1}};
constexpr Step kOwnSecondFactor[] = {
    {{.source = "iam",
      .name = "CreateVirtualMFADevice",
      .kind = Kind::kWrite,
      .request = R"({"path":"/","virtualMFADeviceName":"${service}-mailer"})",
      .response =
          R"({"virtualMFADevice":{"serialNumber":"arn:aws:iam::${account}:mfa/${service}-mailer"}})"},
     1,
     1},
    {{.source = "iam",
      .name = "EnableMFADevice",
      .kind = Kind::kWrite,
      .request =
          R"({"userName":"${service}-mailer","serialNumber":"arn:aws:iam::${account}:mfa/${service}-mailer"})"},
     1,
     1}};
constexpr Step kOpenWeb[] = {
    {{.source = "ec2",
      .name = "AuthorizeSecurityGroupIngress",
      .kind = Kind::kWrite,
      .request =
          R"({"groupId":"${group}","ipPermissions":{"items":[{"ipProtocol":"tcp","fromPort":443,"toPort":443,"groups":{},"ipRanges":{"items":[{"cidrIp":"0.0.0.0/0"}]},"ipv6Ranges":{},"prefixListIds":{}}]}})",
      .response =
          R"({"requestId":"${uuid}","_return":true,"securityGroupRuleSet":{"items":[{"groupOwnerId":"${account}","groupId":"${group}","securityGroupRuleId":"sgr-0${hex17}","isEgress":false,"ipProtocol":"tcp","fromPort":443,"toPort":443,"cidrIpv4":"0.0.0.0/0"}]}})"},
     1,
     1}};
constexpr Step kOpenOffice[] = {
    {{.source = "ec2",
      .name = "AuthorizeSecurityGroupIngress",
      .kind = Kind::kWrite,
      .request =
          R"({"groupId":"${group}","ipPermissions":{"items":[{"ipProtocol":"tcp","fromPort":22,"toPort":22,"groups":{},"ipRanges":{"items":[{"cidrIp":"192.0.2.0/24","description":"office"}]},"ipv6Ranges":{},"prefixListIds":{}}]}})",
      .response = R"({"requestId":"${uuid}","_return":true})"},
     1,
     1}};
constexpr Step kLaunch[] = {
    {{.source = "ec2",
      .name = "RunInstances",
      .kind = Kind::kWrite,
      .request =
          R"({"instancesSet":{"items":[{"imageId":"${image}","minCount":1,"maxCount":1,"keyName":"${person}"}]},"instanceType":"t3.medium","blockDeviceMapping":{},"monitoring":{"enabled":false},"subnetId":"${subnet}","clientToken":"${uuid}"})",
      .response =
          R"({"requestId":"${uuid}","instancesSet":{"items":[{"instanceId":"i-0${hex17}","instanceState":{"code":0,"name":"pending"}}]}})"},
     1,
     1},
    {{.source = "ec2",
      .name = "TerminateInstances",
      .kind = Kind::kWrite,
      .request = R"({"instancesSet":{"items":[{"instanceId":"${instance}"}]}})",
      .response = R"({"requestId":"${uuid}"})"},
     0,
     1}};
// A data scientist tries a graphics machine by hand.
constexpr Step kLaunchGraphics[] = {
    {{.source = "ec2",
      .name = "RunInstances",
      .kind = Kind::kWrite,
      .request =
          R"({"instancesSet":{"items":[{"imageId":"${image}","minCount":1,"maxCount":1}]},"instanceType":"g5.xlarge","blockDeviceMapping":{},"monitoring":{"enabled":false},"subnetId":"${subnet}","clientToken":"${uuid}"})",
      .response =
          R"({"requestId":"${uuid}","instancesSet":{"items":[{"instanceId":"i-0${hex17}","instanceState":{"code":0,"name":"pending"}}]}})"},
     1,
     1}};
constexpr Step kSnapshotBeforeChange[] = {
    {{.source = "rds",
      .name = "CreateDBSnapshot",
      .kind = Kind::kWrite,
      .request =
          R"({"dBInstanceIdentifier":"${database}","dBSnapshotIdentifier":"before-upgrade-${tag}"})",
      .response = R"({"dBSnapshotIdentifier":"before-upgrade-${tag}","status":"creating"})"},
     1,
     1},
    {{.source = "rds",
      .name = "ModifyDBInstance",
      .kind = Kind::kWrite,
      .request =
          R"({"dBInstanceIdentifier":"${database}","engineVersion":"16.4","applyImmediately":true,"allowMajorVersionUpgrade":true})",
      .response =
          R"({"dBInstanceIdentifier":"${database}","pendingModifiedValues":{"engineVersion":"16.4"}})"},
     1,
     1}};
constexpr Step kAskQuota[] = {
    {{.source = "servicequotas",
      .name = "ListServiceQuotas",
      .request = R"({"serviceCode":"ec2"})"},
     1,
     2},
    {{.source = "servicequotas",
      .name = "RequestServiceQuotaIncrease",
      .kind = Kind::kWrite,
      .request = R"({"serviceCode":"lambda","quotaCode":"L-B99A9384","desiredValue":3000.0})",
      .response = R"({"requestedQuota":{"id":"${hex32}","status":"PENDING"}})"},
     1,
     1}};
// A user for a vendor's connector, allowed little, with a key.
constexpr Step kNarrowUser[] = {
    {{.source = "iam",
      .name = "CreateUser",
      .kind = Kind::kWrite,
      .request = R"({"userName":"${service}-connector-${tag}"})",
      .response =
          R"({"user":{"path":"/","userName":"${service}-connector-${tag}","userId":"AIDA${id16}","arn":"arn:aws:iam::${account}:user/${service}-connector-${tag}","createDate":"${words}"}})"},
     1,
     1},
    {{.source = "iam",
      .name = "PutUserPolicy",
      .kind = Kind::kWrite,
      .request =
          R"({"userName":"${service}-connector-${tag}","policyName":"read","policyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\"Resource\":\"arn:aws:s3:::${bucket}/export/*\"}]}"})"},
     1,
     1},
    {{.source = "iam",
      .name = "CreateAccessKey",
      .kind = Kind::kWrite,
      .request = R"({"userName":"${service}-connector-${tag}"})",
      .response =
          R"({"accessKey":{"userName":"${service}-connector-${tag}","accessKeyId":"AKIA${id16}","status":"Active","createDate":"${words}"}})"},
     1,
     1}};
constexpr Step kSupportRole[] = {
    {{.source = "iam",
      .name = "CreateRole",
      .kind = Kind::kWrite,
      .request = R"({"roleName":"support-${tag}","assumeRolePolicyDocument":")" TRUST(
          R"({\"AWS\":\"arn:aws:iam::${account}:root\"})") R"("})",
      .response =
          R"({"role":{"roleName":"support-${tag}","arn":"arn:aws:iam::${account}:role/support-${tag}","roleId":"AROA${id16}"}})"},
     1,
     1},
    {{.source = "iam",
      .name = "AttachRolePolicy",
      .kind = Kind::kWrite,
      .request =
          R"({"roleName":"support-${tag}","policyArn":"arn:aws:iam::aws:policy/AWSSupportAccess"})"},
     1,
     1}};
constexpr Step kAssignment[] = {
    {{.source = "sso",
      .name = "ListPermissionSets",
      .request = R"({"instanceArn":"arn:aws:sso:::instance/ssoins-${hex17}","maxResults":100})"},
     1,
     2},
    {{.source = "sso",
      .name = "CreateAccountAssignment",
      .kind = Kind::kWrite,
      .request =
          R"({"instanceArn":"arn:aws:sso:::instance/ssoins-${hex17}","targetId":"${other}","targetType":"AWS_ACCOUNT","permissionSetArn":"arn:aws:sso:::permissionSet/ssoins-${hex17}/ps-${hex17}","principalType":"GROUP","principalId":"${uuid}"})",
      .response =
          R"({"accountAssignmentCreationStatus":{"status":"IN_PROGRESS","requestId":"${uuid}"}})"},
     1,
     1}};
constexpr Step kSecurityWork[] = {
    {{.source = "guardduty",
      .name = "ListFindings",
      .request = R"({"detectorId":"${hex32}","maxResults":50})"},
     1,
     4},
    {{.source = "guardduty",
      .name = "ArchiveFindings",
      .kind = Kind::kWrite,
      .request = R"({"detectorId":"${hex32}","findingIds":["${hex32}"]})"},
     0,
     2},
    {{.source = "cloudtrail",
      .name = "LookupEvents",
      .request =
          R"({"maxResults":50,"lookupAttributes":[{"attributeKey":"Username","attributeValue":"${person}"}]})"},
     1,
     6},
    {{.source = "ec2",
      .name = "CreateSnapshot",
      .kind = Kind::kWrite,
      .request = R"({"volumeId":"${volume}","description":"evidence ${tag}"})",
      .response = R"({"requestId":"${uuid}","snapshotId":"snap-0${hex17}","status":"pending"})"},
     0,
     1}};
constexpr Step kWrongPassword[] = {
    {{.source = "signin",
      .name = "ConsoleLogin",
      .kind = Kind::kSignIn,
      .response = R"({"ConsoleLogin":"Failure"})",
      .more =
          R"("errorMessage":"Failed authentication","additionalEventData":{"LoginTo":"https://console.aws.amazon.com/console/home","MobileVersion":"No","MFAUsed":"No"},)"},
     1,
     2}};
constexpr Step kBreakGlassDrill[] = {
    {{.source = "signin",
      .name = "ConsoleLogin",
      .kind = Kind::kSignIn,
      .response = R"({"ConsoleLogin":"Success"})",
      .more =
          R"("additionalEventData":{"LoginTo":"https://console.aws.amazon.com/console/home","MobileVersion":"No","MFAUsed":"Yes","MFAIdentifier":"arn:aws:iam::${account}:mfa/break-glass-1"},)"},
     1,
     1},
    {{.source = "iam", .name = "ListUsers", .request = R"({"maxItems":100})"}, 1, 2},
    {{.source = "ec2",
      .name = "DescribeInstances",
      .request = R"({"instancesSet":{},"filterSet":{}})"},
     1,
     2}};

#undef TRUST

constexpr Script kPeopleScripts[] = {
    {Work::kPeople, 24000, Who::kPerson, "", kSignIn},
    {Work::kPeople, 8000, Who::kPersonCli, "", kCommandLine},
    {Work::kPeople, 1200, Who::kPersonCli, "", kShell},
    {Work::kPeople, 300, Who::kPersonCli, "", kTunnel},
    {Work::kPeople, 200, Who::kPersonCli, "", kContainerShell},
    {Work::kPeople, 60, Who::kPersonCli, "", kInstanceConnect},
    {Work::kPeople, 300, Who::kPersonCli, "", kOperatorCommand},
    {Work::kPeople, 60, Who::kLegacyUser, "", kOwnKeyRotation},
    {Work::kPeople, 10, Who::kLegacyUser, "", kOwnSecondFactor},
    {Work::kPeople, 30, Who::kPerson, "", kOpenWeb},
    {Work::kPeople, 30, Who::kPerson, "", kOpenOffice},
    {Work::kPeople, 150, Who::kPerson, "", kLaunch},
    {Work::kPeople, 1, Who::kPerson, "", kLaunchGraphics},
    {Work::kPeople, 60, Who::kPerson, "", kSnapshotBeforeChange},
    {Work::kPeople, 20, Who::kPerson, "", kAskQuota},
    {Work::kPeople, 6, Who::kAdministrator, "", kNarrowUser},
    {Work::kPeople, 8, Who::kAdministrator, "", kSupportRole},
    {Work::kPeople, 60, Who::kAdministrator, "", kAssignment},
    {Work::kPeople, 900, Who::kSecurityTeam, "", kSecurityWork},
    {Work::kPeople, 20, Who::kLegacyUser, "", kWrongPassword},
    {Work::kPeople, 4, Who::kBreakGlass, "", kBreakGlassDrill},
};

}  // namespace

std::span<const Script> people_scripts() { return kPeopleScripts; }

}  // namespace stanch::generator
