#include "generator/work.h"

// Infrastructure as code, pipelines, backup and patching: nearly all writes of an
// organisation, among them each kind that a careless rule takes for an attack.

namespace stanch::generator {
namespace {

constexpr std::string_view kBucketMore =
    R"("additionalEventData":{"SignatureVersion":"SigV4","CipherSuite":"TLS_AES_128_GCM_SHA256","bytesTransferredIn":${bytes},"AuthenticationMethod":"AuthHeader","x-amz-id-2":"${id60}","bytesTransferredOut":0},"resources":[{"accountId":"${account}","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::${bucket}"}],)";
#define BUCKET(what) \
  R"({)" what R"("bucketName":"${bucket}","Host":"${bucket}.s3.${region}.amazonaws.com"})"
#define TRUST(principal)                                                                         \
  R"({\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":)" principal \
  R"(,\"Action\":\"sts:AssumeRole\"}]})"

constexpr Step kPlan[] = {
    {{.source = "sts", .name = "GetCallerIdentity"}, 1, 1},
    {{.source = "iam", .name = "GetRole", .request = R"({"roleName":"${role}"})"}, 2, 10},
    {{.source = "iam", .name = "ListAttachedRolePolicies", .request = R"({"roleName":"${role}"})"},
     2,
     8},
    {{.source = "iam",
      .name = "GetPolicyVersion",
      .request =
          R"({"policyArn":"arn:aws:iam::${account}:policy/${service}-access","versionId":"v3"})"},
     1,
     6},
    {{.source = "s3",
      .name = "GetBucketPolicy",
      .request = BUCKET(R"("policy":"",)"),
      .more = kBucketMore},
     1,
     5},
    {{.source = "s3",
      .name = "GetBucketVersioning",
      .request = BUCKET(R"("versioning":"",)"),
      .more = kBucketMore},
     1,
     5},
    {{.source = "ec2",
      .name = "DescribeSecurityGroups",
      .request =
          R"({"securityGroupSet":{},"securityGroupIdSet":{"items":[{"groupId":"${group}"}]},"filterSet":{}})"},
     2,
     10},
    {{.source = "ec2",
      .name = "DescribeInstanceAttribute",
      .request = R"({"instanceId":"${instance}","attribute":"userData"})"},
     0,
     4},
    {{.source = "ec2",
      .name = "DescribeVpcAttribute",
      .request = R"({"vpcId":"${vpc}","attribute":"enableDnsSupport"})"},
     1,
     6},
    {{.source = "lambda",
      .name = "GetFunction20150331v2",
      .request = R"({"functionName":"${function}"})"},
     1,
     6},
    {{.source = "rds",
      .name = "DescribeDBInstances",
      .request = R"({"dBInstanceIdentifier":"${database}"})"},
     1,
     4},
    {{.source = "kms",
      .name = "DescribeKey",
      .request = R"({"keyId":"arn:aws:kms:${region}:${account}:key/${key}"})"},
     1,
     5}};
constexpr Step kApplyRole[] = {
    {{.source = "iam",
      .name = "CreateRole",
      .kind = Kind::kWrite,
      .request = R"({"roleName":"${service}-${tag}","path":"/","assumeRolePolicyDocument":")" TRUST(
          R"({\"Service\":\"ecs-tasks.amazonaws.com\"})") R"(","maxSessionDuration":3600,"tags":[{"key":"Service","value":"${service}"}]})",
      .response =
          R"({"role":{"path":"/","roleName":"${service}-${tag}","roleId":"AROA${id16}","arn":"arn:aws:iam::${account}:role/${service}-${tag}","createDate":"${words}","assumeRolePolicyDocument":"%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C%22Principal%22%3A%7B%22Service%22%3A%22ecs-tasks.amazonaws.com%22%7D%2C%22Action%22%3A%22sts%3AAssumeRole%22%7D%5D%7D"}})"},
     1,
     1},
    {{.source = "iam",
      .name = "CreatePolicy",
      .kind = Kind::kWrite,
      .request =
          R"({"policyName":"${service}-${tag}","path":"/","policyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"s3:GetObject\",\"s3:PutObject\"],\"Resource\":\"arn:aws:s3:::${bucket}/*\"}]}"})",
      .response =
          R"({"policy":{"policyName":"${service}-${tag}","policyId":"ANPA${id16}","arn":"arn:aws:iam::${account}:policy/${service}-${tag}","path":"/","defaultVersionId":"v1","attachmentCount":0,"createDate":"${words}","updateDate":"${words}"}})"},
     1,
     1},
    {{.source = "iam",
      .name = "AttachRolePolicy",
      .kind = Kind::kWrite,
      .request =
          R"({"roleName":"${service}-${tag}","policyArn":"arn:aws:iam::${account}:policy/${service}-${tag}"})"},
     1,
     2},
    {{.source = "iam",
      .name = "PutRolePolicy",
      .kind = Kind::kWrite,
      .request =
          R"({"roleName":"${service}-${tag}","policyName":"logs","policyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"logs:CreateLogStream\",\"logs:PutLogEvents\"],\"Resource\":\"*\"}]}"})"},
     0,
     1}};
constexpr Step kApplyPolicyVersion[] = {
    {{.source = "iam",
      .name = "ListPolicyVersions",
      .request = R"({"policyArn":"arn:aws:iam::${account}:policy/${service}-access"})"},
     1,
     1},
    {{.source = "iam",
      .name = "DeletePolicyVersion",
      .kind = Kind::kWrite,
      .request =
          R"({"policyArn":"arn:aws:iam::${account}:policy/${service}-access","versionId":"v2"})"},
     0,
     1},
    {{.source = "iam",
      .name = "CreatePolicyVersion",
      .kind = Kind::kWrite,
      .request =
          R"({"policyArn":"arn:aws:iam::${account}:policy/${service}-access","policyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"sqs:SendMessage\",\"sqs:ReceiveMessage\"],\"Resource\":\"arn:aws:sqs:*:${account}:${service}-*\"}]}","setAsDefault":true})",
      .response =
          R"({"policyVersion":{"versionId":"v7","isDefaultVersion":true,"createDate":"${words}"}})"},
     1,
     1}};
// A role that another account of ours may take over.
constexpr Step kApplySharedRole[] = {
    {{.source = "iam",
      .name = "CreateRole",
      .kind = Kind::kWrite,
      .request = R"({"roleName":"${service}-shared-${tag}","assumeRolePolicyDocument":")" TRUST(
          R"({\"AWS\":\"arn:aws:iam::${other}:root\"})") R"(","maxSessionDuration":3600})",
      .response =
          R"({"role":{"path":"/","roleName":"${service}-shared-${tag}","roleId":"AROA${id16}","arn":"arn:aws:iam::${account}:role/${service}-shared-${tag}","createDate":"${words}"}})"},
     1,
     1},
    {{.source = "iam",
      .name = "AttachRolePolicy",
      .kind = Kind::kWrite,
      .request =
          R"({"roleName":"${service}-shared-${tag}","policyArn":"arn:aws:iam::aws:policy/ReadOnlyAccess"})"},
     1,
     1}};
constexpr Step kApplyBucket[] = {
    {{.source = "s3",
      .name = "CreateBucket",
      .kind = Kind::kWrite,
      .request = BUCKET(
          R"("CreateBucketConfiguration":{"LocationConstraint":"${region}","xmlns":"http://s3.amazonaws.com/doc/2006-03-01/"},)"),
      .more = kBucketMore},
     1,
     1},
    {{.source = "s3",
      .name = "PutBucketPublicAccessBlock",
      .kind = Kind::kWrite,
      .request = BUCKET(
          R"("publicAccessBlock":"","PublicAccessBlockConfiguration":{"xmlns":"http://s3.amazonaws.com/doc/2006-03-01/","BlockPublicAcls":true,"IgnorePublicAcls":true,"BlockPublicPolicy":true,"RestrictPublicBuckets":true},)"),
      .more = kBucketMore},
     1,
     1},
    {{.source = "s3",
      .name = "PutBucketVersioning",
      .kind = Kind::kWrite,
      .request = BUCKET(
          R"("versioning":"","VersioningConfiguration":{"xmlns":"http://s3.amazonaws.com/doc/2006-03-01/","Status":"Enabled"},)"),
      .more = kBucketMore},
     1,
     1},
    {{.source = "s3",
      .name = "PutBucketEncryption",
      .kind = Kind::kWrite,
      .request = BUCKET(
          R"("encryption":"","ServerSideEncryptionConfiguration":{"xmlns":"http://s3.amazonaws.com/doc/2006-03-01/","Rule":{"ApplyServerSideEncryptionByDefault":{"SSEAlgorithm":"aws:kms","KMSMasterKeyID":"arn:aws:kms:${region}:${account}:key/${key}"},"BucketKeyEnabled":true}},)"),
      .more = kBucketMore},
     1,
     1},
    {{.source = "s3",
      .name = "PutBucketLifecycle",
      .kind = Kind::kWrite,
      .request = BUCKET(
          R"("lifecycle":"","LifecycleConfiguration":{"xmlns":"http://s3.amazonaws.com/doc/2006-03-01/","Rule":[{"ID":"expire-old","Status":"Enabled","Filter":{"Prefix":""},"Expiration":{"Days":365},"NoncurrentVersionExpiration":{"NoncurrentDays":30}},{"ID":"uploads","Status":"Enabled","Filter":{"Prefix":""},"AbortIncompleteMultipartUpload":{"DaysAfterInitiation":1}}]},)"),
      .more = kBucketMore},
     1,
     1},
    {{.source = "s3",
      .name = "PutBucketPolicy",
      .kind = Kind::kWrite,
      .request = BUCKET(
          R"("policy":"","bucketPolicy":{"Version":"2012-10-17","Statement":[{"Sid":"TlsOnly","Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::${bucket}","arn:aws:s3:::${bucket}/*"],"Condition":{"Bool":{"aws:SecureTransport":"false"}}},{"Sid":"Readers","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::${account}:role/${role}"},"Action":["s3:GetObject"],"Resource":"arn:aws:s3:::${bucket}/*"}]},)"),
      .more = kBucketMore},
     1,
     1},
    {{.source = "s3",
      .name = "PutBucketTagging",
      .kind = Kind::kWrite,
      .request = BUCKET(R"("tagging":"",)"),
      .more = kBucketMore},
     1,
     1}};
// Grants inside the organisation: to another account of ours, and to all by condition.
constexpr Step kApplySharing[] = {
    {{.source = "s3",
      .name = "PutBucketPolicy",
      .kind = Kind::kWrite,
      .request = BUCKET(
          R"("policy":"","bucketPolicy":{"Version":"2012-10-17","Statement":[{"Sid":"Lake","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::${other}:root"},"Action":["s3:GetObject","s3:ListBucket"],"Resource":["arn:aws:s3:::${bucket}","arn:aws:s3:::${bucket}/*"]}]},)"),
      .more = kBucketMore},
     1,
     1},
    {{.source = "s3",
      .name = "PutBucketPolicy",
      .kind = Kind::kWrite,
      .request = BUCKET(
          R"("policy":"","bucketPolicy":{"Version":"2012-10-17","Statement":[{"Sid":"Organization","Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::${bucket}/*","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-exampleorg"}}}]},)"),
      .more = kBucketMore},
     0,
     1},
    {{.source = "ecr",
      .name = "SetRepositoryPolicy",
      .kind = Kind::kWrite,
      .request =
          R"({"registryId":"${account}","repositoryName":"${service}","policyText":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Sid\":\"Pull\",\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"arn:aws:iam::${other}:root\"},\"Action\":[\"ecr:BatchGetImage\",\"ecr:GetDownloadUrlForLayer\"]}]}","force":false})",
      .response = R"({"registryId":"${account}","repositoryName":"${service}"})",
      .more =
          R"("resources":[{"accountId":"${account}","ARN":"arn:aws:ecr:${region}:${account}:repository/${service}"}],)"},
     0,
     1},
    {{.source = "sqs",
      .name = "SetQueueAttributes",
      .kind = Kind::kWrite,
      .request =
          R"({"queueUrl":"https://sqs.${region}.amazonaws.com/${account}/${service}-events","attributes":{"Policy":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"sqs:SendMessage\",\"Resource\":\"*\",\"Condition\":{\"ArnEquals\":{\"aws:SourceArn\":\"arn:aws:sns:${region}:${account}:${service}\"}}}]}"}})"},
     1,
     1},
    {{.source = "ram",
      .name = "AssociateResourceShare",
      .kind = Kind::kWrite,
      .request =
          R"({"resourceShareArn":"arn:aws:ram:${region}:${account}:resource-share/${uuid}","principals":["${other}"]})",
      .response =
          R"({"resourceShareAssociations":[{"associationType":"PRINCIPAL","external":false,"status":"ASSOCIATING"}]})"},
     0,
     1},
    {{.source = "lambda",
      .name = "AddPermission20150331v2",
      .kind = Kind::kWrite,
      .request =
          R"({"functionName":"${function}","statementId":"AllowPeer","action":"lambda:InvokeFunction","principal":"${other}"})",
      .response = R"({"statement":"{}"})"},
     0,
     1},
    {{.source = "ec2",
      .name = "CreateVpcPeeringConnection",
      .kind = Kind::kWrite,
      .request =
          R"({"vpcId":"${vpc}","peerVpcId":"vpc-0${hex17}","peerOwnerId":"${other}","peerRegion":"eu-west-1"})",
      .response =
          R"({"requestId":"${uuid}","vpcPeeringConnection":{"vpcPeeringConnectionId":"pcx-0${hex17}","status":{"code":"initiating-request"},"requesterVpcInfo":{"ownerId":"${account}","vpcId":"${vpc}"}}})"},
     0,
     1}};
constexpr Step kApplyNetwork[] = {
    {{.source = "ec2",
      .name = "CreateSecurityGroup",
      .kind = Kind::kWrite,
      .request =
          R"({"groupName":"${service}-${tag}","groupDescription":"Managed by Terraform","vpcId":"${vpc}"})",
      .response = R"({"requestId":"${uuid}","_return":true,"groupId":"${group}"})"},
     1,
     1},
    {{.source = "ec2",
      .name = "AuthorizeSecurityGroupIngress",
      .kind = Kind::kWrite,
      .request =
          R"({"groupId":"${group}","ipPermissions":{"items":[{"ipProtocol":"tcp","fromPort":5432,"toPort":5432,"groups":{},"ipRanges":{"items":[{"cidrIp":"10.16.0.0/13","description":"inside"}]},"ipv6Ranges":{},"prefixListIds":{}},{"ipProtocol":"tcp","fromPort":22,"toPort":22,"groups":{},"ipRanges":{"items":[{"cidrIp":"192.0.2.0/24","description":"office"}]},"ipv6Ranges":{},"prefixListIds":{}},{"ipProtocol":"tcp","fromPort":443,"toPort":443,"groups":{},"ipRanges":{"items":[{"cidrIp":"0.0.0.0/0","description":"public"}]},"ipv6Ranges":{"items":[{"cidrIpv6":"::/0"}]},"prefixListIds":{}}]}})",
      .response =
          R"({"requestId":"${uuid}","_return":true,"securityGroupRuleSet":{"items":[{"groupOwnerId":"${account}","groupId":"${group}","securityGroupRuleId":"sgr-0${hex17}","isEgress":false,"ipProtocol":"tcp","fromPort":5432,"toPort":5432,"cidrIpv4":"10.16.0.0/13"},{"groupOwnerId":"${account}","groupId":"${group}","securityGroupRuleId":"sgr-0${hex17}","isEgress":false,"ipProtocol":"tcp","fromPort":443,"toPort":443,"cidrIpv4":"0.0.0.0/0"}]}})"},
     1,
     2},
    {{.source = "ec2",
      .name = "AuthorizeSecurityGroupEgress",
      .kind = Kind::kWrite,
      .request =
          R"({"groupId":"${group}","ipPermissions":{"items":[{"ipProtocol":"-1","groups":{},"ipRanges":{"items":[{"cidrIp":"0.0.0.0/0"}]},"ipv6Ranges":{},"prefixListIds":{}}]}})",
      .response = R"({"requestId":"${uuid}","_return":true})"},
     1,
     1},
    {{.source = "ec2",
      .name = "RevokeSecurityGroupIngress",
      .kind = Kind::kWrite,
      .request =
          R"({"groupId":"${group}","ipPermissions":{"items":[{"ipProtocol":"tcp","fromPort":8080,"toPort":8080,"groups":{},"ipRanges":{"items":[{"cidrIp":"10.0.0.0/8"}]},"ipv6Ranges":{},"prefixListIds":{}}]}})",
      .response = R"({"requestId":"${uuid}","_return":true})"},
     0,
     1}};
constexpr Step kApplyDatabase[] = {
    {{.source = "rds",
      .name = "ModifyDBInstance",
      .kind = Kind::kWrite,
      .request =
          R"({"dBInstanceIdentifier":"${database}","allocatedStorage":200,"backupRetentionPeriod":14,"deletionProtection":true,"applyImmediately":true,"publiclyAccessible":false,"allowMajorVersionUpgrade":false})",
      .response =
          R"({"dBInstanceIdentifier":"${database}","dBInstanceClass":"db.r6g.large","engine":"postgres","dBInstanceStatus":"available","masterUsername":"app","allocatedStorage":100,"backupRetentionPeriod":14,"multiAZ":true,"publiclyAccessible":false,"storageEncrypted":true,"deletionProtection":true,"pendingModifiedValues":{"allocatedStorage":200},"dBInstanceArn":"arn:aws:rds:${region}:${account}:db:${database}","vpcSecurityGroups":[{"status":"active","vpcSecurityGroupId":"${group}"}]})"},
     1,
     2},
    {{.source = "rds",
      .name = "AddTagsToResource",
      .kind = Kind::kWrite,
      .request =
          R"({"resourceName":"arn:aws:rds:${region}:${account}:db:${database}","tags":[{"key":"Service","value":"${service}"}]})"},
     1,
     1},
    {{.source = "dynamodb",
      .name = "UpdateContinuousBackups",
      .kind = Kind::kWrite,
      .request =
          R"({"tableName":"${service}-state","pointInTimeRecoverySpecification":{"pointInTimeRecoveryEnabled":true}})"},
     0,
     1}};
constexpr Step kApplyFunction[] = {
    {{.source = "lambda",
      .name = "UpdateFunctionConfiguration20150331v2",
      .kind = Kind::kWrite,
      .request =
          R"({"functionName":"${function}","memorySize":512,"timeout":30,"role":"arn:aws:iam::${account}:role/${function}-role","runtime":"python3.12","layers":["arn:aws:lambda:${region}:${account}:layer:shared:12"],"environment":{}})",
      .response =
          R"({"functionName":"${function}","functionArn":"arn:aws:lambda:${region}:${account}:function:${function}","runtime":"python3.12","role":"arn:aws:iam::${account}:role/${function}-role","handler":"app.handler","codeSize":${bytes},"timeout":30,"memorySize":512,"lastModified":"${time}","codeSha256":"${hex32}=","version":"$LATEST","state":"Active","lastUpdateStatus":"InProgress","packageType":"Zip","architectures":["x86_64"]})"},
     1,
     1},
    {{.source = "lambda",
      .name = "AddPermission20150331v2",
      .kind = Kind::kWrite,
      .request =
          R"({"functionName":"${function}","statementId":"AllowBucket","action":"lambda:InvokeFunction","principal":"s3.amazonaws.com","sourceArn":"arn:aws:s3:::${bucket}","sourceAccount":"${account}"})",
      .response =
          R"({"statement":"{\"Sid\":\"AllowBucket\",\"Effect\":\"Allow\",\"Principal\":{\"Service\":\"s3.amazonaws.com\"},\"Action\":\"lambda:InvokeFunction\",\"Resource\":\"arn:aws:lambda:${region}:${account}:function:${function}\"}"})"},
     1,
     1},
    {{.source = "kms",
      .name = "PutKeyPolicy",
      .kind = Kind::kWrite,
      .request =
          R"({"keyId":"${key}","policyName":"default","policy":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Sid\":\"Root\",\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"arn:aws:iam::${account}:root\"},\"Action\":\"kms:*\",\"Resource\":\"*\"},{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"arn:aws:iam::${account}:role/${role}\"},\"Action\":[\"kms:Decrypt\",\"kms:GenerateDataKey*\"],\"Resource\":\"*\"}]}","bypassPolicyLockoutSafetyCheck":false})"},
     0,
     1}};
// A test environment is torn down, with all that would be frightening elsewhere.
constexpr Step kDestroy[] = {
    {{.source = "rds",
      .name = "ModifyDBInstance",
      .kind = Kind::kWrite,
      .request =
          R"({"dBInstanceIdentifier":"${database}","deletionProtection":false,"applyImmediately":true})",
      .response = R"({"dBInstanceIdentifier":"${database}","deletionProtection":false})"},
     1,
     1},
    {{.source = "rds",
      .name = "DeleteDBInstance",
      .kind = Kind::kWrite,
      .request =
          R"({"dBInstanceIdentifier":"${database}","skipFinalSnapshot":true,"deleteAutomatedBackups":true})",
      .response = R"({"dBInstanceIdentifier":"${database}","dBInstanceStatus":"deleting"})"},
     1,
     1},
    {{.source = "kms",
      .name = "ScheduleKeyDeletion",
      .kind = Kind::kWrite,
      .request = R"({"keyId":"${key}","pendingWindowInDays":7})",
      .response =
          R"({"keyId":"arn:aws:kms:${region}:${account}:key/${key}","deletionDate":"${words}","keyState":"PendingDeletion","pendingWindowInDays":7})"},
     1,
     1},
    {{.source = "s3",
      .name = "DeleteBucketPublicAccessBlock",
      .kind = Kind::kWrite,
      .request = BUCKET(R"("publicAccessBlock":"",)"),
      .more = kBucketMore},
     1,
     1},
    {{.source = "s3",
      .name = "DeleteObjects",
      .kind = Kind::kDataWrite,
      .request = BUCKET(R"("delete":"",)"),
      .more = kBucketMore},
     1,
     3},
    {{.source = "s3",
      .name = "DeleteBucket",
      .kind = Kind::kWrite,
      .request = BUCKET(""),
      .more = kBucketMore},
     1,
     1},
    {{.source = "iam",
      .name = "DetachRolePolicy",
      .kind = Kind::kWrite,
      .request =
          R"({"roleName":"${role}","policyArn":"arn:aws:iam::${account}:policy/${service}-access"})"},
     1,
     2},
    {{.source = "iam",
      .name = "DeleteRole",
      .kind = Kind::kWrite,
      .request = R"({"roleName":"${role}"})"},
     1,
     2},
    {{.source = "ec2",
      .name = "DeleteFlowLogs",
      .kind = Kind::kWrite,
      .request = R"({"DeleteFlowLogsRequest":{"FlowLogId":{"tag":1,"content":"fl-0${hex17}"}}})",
      .response = R"({"DeleteFlowLogsResponse":{"requestId":"${uuid}","unsuccessful":""}})"},
     1,
     1},
    {{.source = "ec2",
      .name = "DeleteVpc",
      .kind = Kind::kWrite,
      .request = R"({"vpcId":"${vpc}"})",
      .response = R"({"requestId":"${uuid}","_return":true})"},
     1,
     1}};
// Rare, but in every organisation: a bucket for temporary files, user data changed in place.
constexpr Step kApplyOddities[] = {
    {{.source = "s3",
      .name = "PutBucketLifecycle",
      .kind = Kind::kWrite,
      .request = BUCKET(
          R"("lifecycle":"","LifecycleConfiguration":{"xmlns":"http://s3.amazonaws.com/doc/2006-03-01/","Rule":{"ID":"temporary","Status":"Enabled","Filter":{"Prefix":"tmp/"},"Expiration":{"Days":1}}},)"),
      .more = kBucketMore},
     0,
     1},
    {{.source = "s3",
      .name = "PutBucketVersioning",
      .kind = Kind::kWrite,
      .request = BUCKET(
          R"("versioning":"","VersioningConfiguration":{"xmlns":"http://s3.amazonaws.com/doc/2006-03-01/","Status":"Suspended"},)"),
      .more = kBucketMore},
     0,
     1},
    {{.source = "ec2",
      .name = "ModifyInstanceAttribute",
      .kind = Kind::kWrite,
      .request = R"({"instanceId":"${instance}","userData":"<sensitiveDataRemoved>"})",
      .response = R"({"requestId":"${uuid}","_return":true})"},
     0,
     1},
    {{.source = "lambda",
      .name = "CreateFunctionUrlConfig",
      .kind = Kind::kWrite,
      .request =
          R"({"functionName":"${function}","authType":"NONE","cors":{"allowOrigins":["https://www.example.com"]}})",
      .response =
          R"({"functionUrl":"https://${hex32}.lambda-url.${region}.on.aws/","authType":"NONE"})"},
     0,
     1}};
constexpr Step kStack[] = {
    {{.source = "lambda",
      .name = "CreateFunction20150331",
      .kind = Kind::kWrite,
      .request =
          R"({"functionName":"${function}-${tag}","runtime":"nodejs20.x","role":"arn:aws:iam::${account}:role/${function}-role","handler":"index.handler","code":{"s3Bucket":"cdk-assets-${account}","s3Key":"${hex64}.zip"},"memorySize":256,"timeout":60,"publish":false})",
      .response =
          R"({"functionName":"${function}-${tag}","state":"Pending","codeSha256":"${hex32}="})"},
     1,
     2},
    {{.source = "iam",
      .name = "CreateRole",
      .kind = Kind::kWrite,
      .request = R"({"roleName":"${service}-stack-${tag}","assumeRolePolicyDocument":")" TRUST(
          R"({\"Service\":\"lambda.amazonaws.com\"})") R"("})",
      .response =
          R"({"role":{"roleName":"${service}-stack-${tag}","roleId":"AROA${id16}","arn":"arn:aws:iam::${account}:role/${service}-stack-${tag}"}})"},
     1,
     1},
    {{.source = "iam",
      .name = "PutRolePolicy",
      .kind = Kind::kWrite,
      .request =
          R"({"roleName":"${service}-stack-${tag}","policyName":"default","policyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"dynamodb:GetItem\",\"dynamodb:PutItem\"],\"Resource\":\"arn:aws:dynamodb:*:${account}:table/${service}-*\"}]}"})"},
     1,
     1},
    {{.source = "logs",
      .name = "PutRetentionPolicy",
      .kind = Kind::kWrite,
      .request = R"({"logGroupName":"/aws/lambda/${function}","retentionInDays":30})"},
     1,
     1}};

// ---- pipelines -------------------------------------------------------------------
constexpr Step kSignInByOidc[] = {
    {{.source = "sts", .name = "GetCallerIdentity"}, 1, 1},
    {{.source = "ecr", .name = "GetAuthorizationToken", .request = "{}"}, 1, 1},
    {{.source = "ecr",
      .name = "InitiateLayerUpload",
      .kind = Kind::kWrite,
      .request = R"({"registryId":"${account}","repositoryName":"${service}"})",
      .response = R"({"uploadId":"${uuid}","partSize":10485760})",
      .more =
          R"("resources":[{"accountId":"${account}","ARN":"arn:aws:ecr:${region}:${account}:repository/${service}"}],)"},
     2,
     6},
    {{.source = "ecr",
      .name = "PutImage",
      .kind = Kind::kWrite,
      .request =
          R"({"registryId":"${account}","repositoryName":"${service}","imageTag":"2026.11.${number}","imageManifestMediaType":"application/vnd.docker.distribution.manifest.v2+json","imageManifest":"{\"schemaVersion\":2}"})",
      .response =
          R"({"image":{"repositoryName":"${service}","registryId":"${account}","imageId":{"imageDigest":"sha256:${hex64}","imageTag":"2026.11.4"}}})",
      .more =
          R"("resources":[{"accountId":"${account}","ARN":"arn:aws:ecr:${region}:${account}:repository/${service}"}],)"},
     1,
     1},
    {{.source = "ecs",
      .name = "RegisterTaskDefinition",
      .kind = Kind::kWrite,
      .request =
          R"({"family":"${cluster}","networkMode":"awsvpc","requiresCompatibilities":["FARGATE"],"cpu":"1024","memory":"2048","taskRoleArn":"arn:aws:iam::${account}:role/${role}","executionRoleArn":"arn:aws:iam::${account}:role/ecs-execution","containerDefinitions":[{"name":"main","image":"${account}.dkr.ecr.${region}.amazonaws.com/${service}:2026.11.4","essential":true,"portMappings":[{"containerPort":8080,"protocol":"tcp"}],"logConfiguration":{"logDriver":"awslogs","options":{"awslogs-group":"/ecs/${cluster}","awslogs-region":"${region}"}}},{"name":"agent","image":"docker.io/vendor/agent:7.58.1","essential":false}]})",
      .response =
          R"({"taskDefinition":{"taskDefinitionArn":"arn:aws:ecs:${region}:${account}:task-definition/${cluster}:118","family":"${cluster}","revision":118,"status":"ACTIVE","registeredBy":"${principal}"}})"},
     1,
     1},
    {{.source = "ecs",
      .name = "UpdateService",
      .kind = Kind::kWrite,
      .request =
          R"({"cluster":"${cluster}","service":"${service}","taskDefinition":"${cluster}:118","forceNewDeployment":false})",
      .response =
          R"({"service":{"serviceName":"${service}","status":"ACTIVE","desiredCount":4,"runningCount":4}})"},
     1,
     1},
    {{.source = "ecs",
      .name = "DescribeServices",
      .request = R"({"cluster":"${cluster}","services":["${service}"]})"},
     2,
     10}};
constexpr Step kDeployFunction[] = {
    {{.source = "lambda",
      .name = "UpdateFunctionCode20150331v2",
      .kind = Kind::kWrite,
      .request =
          R"({"functionName":"${function}","s3Bucket":"acme-build-${account}","s3Key":"${function}/${hex32}.zip","publish":false,"dryRun":false})",
      .response =
          R"({"functionName":"${function}","functionArn":"arn:aws:lambda:${region}:${account}:function:${function}","runtime":"python3.12","role":"arn:aws:iam::${account}:role/${function}-role","handler":"app.handler","codeSize":${bytes},"timeout":30,"memorySize":512,"lastModified":"${time}","codeSha256":"${hex32}=","version":"$LATEST","state":"Active","lastUpdateStatus":"InProgress"})"},
     1,
     2},
    {{.source = "lambda",
      .name = "GetFunction20150331v2",
      .request = R"({"functionName":"${function}"})"},
     1,
     5},
    {{.source = "lambda",
      .name = "PublishVersion20150331",
      .kind = Kind::kWrite,
      .request = R"({"functionName":"${function}"})",
      .response = R"({"version":"41"})"},
     1,
     1},
    {{.source = "lambda",
      .name = "UpdateAlias20150331",
      .kind = Kind::kWrite,
      .request = R"({"functionName":"${function}","name":"live","functionVersion":"41"})",
      .response = R"({"name":"live","functionVersion":"41"})"},
     1,
     1}};
constexpr Step kImagePipeline[] = {
    {{.source = "ec2",
      .name = "CreateKeyPair",
      .kind = Kind::kWrite,
      .request = R"({"keyName":"packer_${uuid}","keyType":"ed25519","keyFormat":"pem"})",
      .response =
          R"({"requestId":"${uuid}","keyName":"packer","keyPairId":"key-0${hex17}","keyMaterial":"<sensitiveDataRemoved>"})"},
     1,
     1},
    {{.source = "ec2",
      .name = "RunInstances",
      .kind = Kind::kWrite,
      .request =
          R"({"instancesSet":{"items":[{"imageId":"${image}","minCount":1,"maxCount":1,"keyName":"packer"}]},"instanceType":"c6i.xlarge","blockDeviceMapping":{},"monitoring":{"enabled":false},"subnetId":"${subnet}","iamInstanceProfile":{"name":"image-builder"},"clientToken":"${uuid}"})",
      .response =
          R"({"requestId":"${uuid}","instancesSet":{"items":[{"instanceId":"${instance}","instanceState":{"code":0,"name":"pending"}}]}})"},
     1,
     1},
    {{.source = "ec2",
      .name = "DescribeInstances",
      .request = R"({"instancesSet":{"items":[{"instanceId":"${instance}"}]},"filterSet":{}})"},
     2,
     6},
    {{.source = "ec2",
      .name = "CreateImage",
      .kind = Kind::kWrite,
      .request = R"({"instanceId":"${instance}","name":"base-${tag}","noReboot":false})",
      .response = R"({"requestId":"${uuid}","imageId":"${image}"})"},
     1,
     1},
    {{.source = "ec2",
      .name = "ModifyImageAttribute",
      .kind = Kind::kWrite,
      .request =
          R"({"imageId":"${image}","launchPermission":{"add":{"items":[{"userId":"${other}"}]}},"attributeType":"launchPermission"})",
      .response = R"({"requestId":"${uuid}","_return":true})"},
     1,
     1},
    {{.source = "ec2",
      .name = "DeregisterImage",
      .kind = Kind::kWrite,
      .request = R"({"imageId":"${image}"})",
      .response = R"({"requestId":"${uuid}","_return":true})"},
     1,
     2},
    {{.source = "ec2",
      .name = "DeleteSnapshot",
      .kind = Kind::kWrite,
      .request = R"({"snapshotId":"snap-0${hex17}"})",
      .response = R"({"requestId":"${uuid}","_return":true})"},
     1,
     2},
    {{.source = "ec2",
      .name = "TerminateInstances",
      .kind = Kind::kWrite,
      .request = R"({"instancesSet":{"items":[{"instanceId":"${instance}"}]}})",
      .response =
          R"({"requestId":"${uuid}","instancesSet":{"items":[{"instanceId":"${instance}","currentState":{"code":32,"name":"shutting-down"}}]}})"},
     1,
     1},
    {{.source = "ec2",
      .name = "DeleteKeyPair",
      .kind = Kind::kWrite,
      .request = R"({"keyName":"packer_${tag}"})",
      .response = R"({"requestId":"${uuid}","_return":true})"},
     1,
     1}};
// Deployment on machines through Run Command.
constexpr Step kFleetDeploy[] = {
    {{.source = "ssm",
      .name = "SendCommand",
      .kind = Kind::kWrite,
      .request =
          R"({"documentName":"AWS-RunShellScript","targets":[{"key":"tag:Service","values":["${service}"]}],"maxConcurrency":"25%","maxErrors":"1","parameters":"HIDDEN_DUE_TO_SECURITY_REASONS","interactive":false})",
      .response =
          R"({"command":{"commandId":"${uuid}","documentName":"AWS-RunShellScript","targetCount":0,"status":"Pending","targets":[{"key":"tag:Service","values":["${service}"]}],"parameters":"HIDDEN_DUE_TO_SECURITY_REASONS"}})"},
     1,
     1},
    {{.source = "ssm",
      .name = "ListCommandInvocations",
      .request = R"({"commandId":"${uuid}","details":false})"},
     2,
     8}};

// ---- backup, patching, housekeeping ---------------------------------------------------
constexpr std::string_view kSnapshotResponse =
    R"({"requestId":"${uuid}","snapshotId":"snap-0${hex17}","volumeId":"${volume}","status":"pending","startTime":1793577600000,"progress":"","ownerId":"${account}","volumeSize":40,"description":"","encrypted":true})";
constexpr Step kSnapshots[] = {
    {{.source = "ec2",
      .name = "CreateSnapshot",
      .kind = Kind::kWrite,
      .request =
          R"({"volumeId":"${volume}","description":"This snapshot is created by the AWS Backup service.","tagSpecificationSet":{"items":[{"resourceType":"snapshot","tags":[{"key":"aws:backup:source-resource","value":"${volume}"}]}]}})",
      .response = kSnapshotResponse},
     2,
     8},
    {{.source = "ec2",
      .name = "DescribeSnapshots",
      .request =
          R"({"snapshotSet":{"items":[{"snapshotId":"snap-0${hex17}"}]},"ownersSet":{},"filterSet":{}})"},
     2,
     8},
    {{.source = "ec2",
      .name = "DeleteSnapshot",
      .kind = Kind::kWrite,
      .request = R"({"snapshotId":"snap-0${hex17}"})",
      .response = R"({"requestId":"${uuid}","_return":true})"},
     2,
     8},
    {{.source = "rds",
      .name = "CreateDBSnapshot",
      .kind = Kind::kWrite,
      .request =
          R"({"dBInstanceIdentifier":"${database}","dBSnapshotIdentifier":"awsbackup:job-${uuid}"})",
      .response =
          R"({"dBSnapshotIdentifier":"awsbackup:job-${uuid}","status":"creating","encrypted":true})"},
     0,
     2}};
constexpr Step kSnapshotSharing[] = {
    {{.source = "ec2",
      .name = "CreateSnapshot",
      .kind = Kind::kWrite,
      .request = R"({"volumeId":"${volume}","description":"Created for policy: policy-0${hex17}"})",
      .response = kSnapshotResponse},
     1,
     3},
    {{.source = "ec2",
      .name = "ModifySnapshotAttribute",
      .kind = Kind::kWrite,
      .request =
          R"({"snapshotId":"snap-0${hex17}","createVolumePermission":{"add":{"items":[{"userId":"${other}"}]}},"attributeType":"CREATE_VOLUME_PERMISSION"})",
      .response = R"({"requestId":"${uuid}","_return":true})"},
     1,
     2}};
constexpr Step kSharedUsed[] = {
    {{.source = "ec2",
      .name = "SharedSnapshotVolumeCreated",
      .kind = Kind::kServiceEvent,
      .more =
          R"("serviceEventDetails":{"snapshotId":"snap-0${hex17}"},"sharedEventID":"${uuid}",)"},
     1,
     2}};
constexpr Step kPatching[] = {
    {{.source = "ssm",
      .name = "SendCommand",
      .kind = Kind::kWrite,
      .request =
          R"({"documentName":"AWS-RunPatchBaseline","targets":[{"key":"tag:PatchGroup","values":["${service}"]}],"maxConcurrency":"10%","maxErrors":"5%","parameters":"HIDDEN_DUE_TO_SECURITY_REASONS","interactive":false})",
      .response =
          R"({"command":{"commandId":"${uuid}","documentName":"AWS-RunPatchBaseline","targetCount":0,"status":"Pending"}})"},
     1,
     2},
    {{.source = "ssm",
      .name = "PutInventory",
      .kind = Kind::kWrite,
      .request =
          R"({"instanceId":"${instance}","items":[{"typeName":"AWS:PatchSummary","schemaVersion":"1.0","captureTime":"${time}"}]})"},
     2,
     8},
    {{.source = "ssm",
      .name = "PutComplianceItems",
      .kind = Kind::kWrite,
      .request =
          R"({"resourceId":"${instance}","resourceType":"ManagedInstance","complianceType":"Patch","executionSummary":{"executionTime":"${time}"},"items":[]})"},
     2,
     8}};
// Every night a copy of a production database goes to a test account of ours.
constexpr Step kDatabaseRefresh[] = {
    {{.source = "rds",
      .name = "CreateDBSnapshot",
      .kind = Kind::kWrite,
      .request =
          R"({"dBInstanceIdentifier":"${database}","dBSnapshotIdentifier":"refresh-${tag}"})",
      .response = R"({"dBSnapshotIdentifier":"refresh-${tag}","status":"creating"})"},
     1,
     1},
    {{.source = "rds",
      .name = "DescribeDBSnapshots",
      .request = R"({"dBSnapshotIdentifier":"refresh-${tag}"})"},
     4,
     20},
    {{.source = "rds",
      .name = "ModifyDBSnapshotAttribute",
      .kind = Kind::kWrite,
      .request =
          R"({"dBSnapshotIdentifier":"refresh-${tag}","attributeName":"restore","valuesToAdd":["${other}"]})",
      .response =
          R"({"dBSnapshotIdentifier":"refresh-${tag}","dBSnapshotAttributes":[{"attributeName":"restore","attributeValues":["${other}"]}]})"},
     1,
     1},
    {{.source = "rds",
      .name = "DeleteDBSnapshot",
      .kind = Kind::kWrite,
      .request = R"({"dBSnapshotIdentifier":"refresh-old"})",
      .response = R"({"status":"available"})"},
     1,
     1}};
constexpr Step kHousekeeping[] = {
    {{.source = "ec2",
      .name = "DescribeVolumes",
      .request =
          R"({"volumeSet":{},"filterSet":{"items":[{"name":"status","valueSet":{"items":[{"value":"available"}]}}]}})"},
     1,
     3},
    {{.source = "ec2",
      .name = "DeleteVolume",
      .kind = Kind::kWrite,
      .request = R"({"volumeId":"${volume}"})",
      .response = R"({"requestId":"${uuid}","_return":true})"},
     1,
     3},
    {{.source = "ec2",
      .name = "StopInstances",
      .kind = Kind::kWrite,
      .request = R"({"instancesSet":{"items":[{"instanceId":"${instance}"}]},"force":false})",
      .response =
          R"({"requestId":"${uuid}","instancesSet":{"items":[{"instanceId":"${instance}","currentState":{"code":64,"name":"stopping"},"previousState":{"code":16,"name":"running"}}]}})"},
     1,
     4}};
constexpr Step kRotation[] = {
    {{.source = "secretsmanager",
      .name = "PutSecretValue",
      .kind = Kind::kWrite,
      .request =
          R"({"secretId":"${secret}","clientRequestToken":"${uuid}","versionStages":["AWSPENDING"]})",
      .response =
          R"({"arn":"arn:aws:secretsmanager:${region}:${account}:secret:${secret}-AbCdEf"})"},
     1,
     1},
    {{.source = "secretsmanager",
      .name = "GetSecretValue",
      .request = R"({"secretId":"${secret}","versionStage":"AWSPENDING"})"},
     1,
     3},
    {{.source = "secretsmanager",
      .name = "UpdateSecretVersionStage",
      .kind = Kind::kWrite,
      .request =
          R"({"secretId":"${secret}","versionStage":"AWSCURRENT","moveToVersionId":"${uuid}"})"},
     1,
     1}};

#undef BUCKET
#undef TRUST

constexpr Script kDeliveryScripts[] = {
    {Work::kInfrastructure, 9000, Who::kIac, "", kPlan},
    {Work::kInfrastructure, 40, Who::kIac, "", kApplyRole},
    {Work::kInfrastructure, 30, Who::kIac, "", kApplyPolicyVersion},
    {Work::kInfrastructure, 2, Who::kIac, "", kApplySharedRole},
    {Work::kInfrastructure, 60, Who::kIac, "", kApplyBucket},
    {Work::kInfrastructure, 4, Who::kIac, "", kApplySharing},
    {Work::kInfrastructure, 60, Who::kIac, "", kApplyNetwork},
    {Work::kInfrastructure, 40, Who::kIac, "", kApplyDatabase},
    {Work::kInfrastructure, 50, Who::kIac, "", kApplyFunction},
    {Work::kInfrastructure, 14, Who::kIac, "", kDestroy},
    {Work::kInfrastructure, 1, Who::kIac, "", kApplyOddities},
    {Work::kInfrastructure, 400, Who::kStack, "", kStack},
    {Work::kDelivery, 600, Who::kCi, "", kSignInByOidc},
    {Work::kDelivery, 300, Who::kCi, "", kDeployFunction},
    {Work::kDelivery, 30, Who::kCi, "", kFleetDeploy},
    {Work::kDelivery, 8, Who::kAutomation, "image-pipeline", kImagePipeline},
    {Work::kBackup, 300, Who::kServiceRole, "backup", kSnapshots},
    {Work::kBackup, 60, Who::kServiceRole, "dlm", kSnapshotSharing},
    {Work::kBackup, 6, Who::kService, "ec2", kSharedUsed},
    {Work::kBackup, 200, Who::kServiceRole, "ssm", kPatching},
    {Work::kBackup, 1, Who::kAutomation, "db-refresh", kDatabaseRefresh},
    {Work::kBackup, 60, Who::kAutomation, "housekeeping-volumes", kHousekeeping},
    {Work::kBackup, 40, Who::kFunction, "", kRotation},
};

}  // namespace

std::span<const Script> delivery_scripts() { return kDeliveryScripts; }

}  // namespace stanch::generator
