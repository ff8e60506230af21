#include "generator/work.h"

// What services do among themselves, what applications do all day, and the data
// events of S3: nine tenths of a real log.

namespace stanch::generator {
namespace {

constexpr Step kRoleForService[] = {
    {{.source = "sts",
      .name = "AssumeRole",
      .request =
          R"({"roleArn":"arn:aws:iam::${account}:role/${role}","roleSessionName":"${hex32}","durationSeconds":3600})",
      .response =
          R"({"credentials":{"accessKeyId":"ASIA${id16}","sessionToken":"IQoJb3JpZ2luX2VjE${id60}${id60}","expiration":"${words}"},"assumedRoleUser":{"assumedRoleId":"AROA${id16}:${hex32}","arn":"arn:aws:sts::${account}:assumed-role/${role}/${hex32}"}})",
      .more =
          R"("resources":[{"accountId":"${account}","type":"AWS::IAM::Role","ARN":"arn:aws:iam::${account}:role/${role}"}],"sharedEventID":"${uuid}",)"},
     1,
     2}};

constexpr Step kLogStream[] = {
    {{.source = "logs",
      .name = "CreateLogStream",
      .kind = Kind::kWrite,
      .request =
          R"({"logGroupName":"/aws/lambda/${function}","logStreamName":"2026/11/02/[$LATEST]${hex32}"})"},
     1,
     3}};

constexpr std::string_view kRunRequest =
    R"({"instancesSet":{"items":[{"imageId":"${image}","minCount":1,"maxCount":1}]},"instanceType":"m6i.large","blockDeviceMapping":{"items":[{"deviceName":"/dev/xvda","ebs":{"volumeSize":40,"deleteOnTermination":true,"volumeType":"gp3","encrypted":true}}]},"monitoring":{"enabled":false},"disableApiTermination":false,"clientToken":"fleet-${uuid}-0","iamInstanceProfile":{"arn":"arn:aws:iam::${account}:instance-profile/${service}-node"},"userData":"<sensitiveDataRemoved>","launchTemplate":{"launchTemplateId":"lt-0${hex8}","version":"14"},"networkInterfaceSet":{"items":[{"deviceIndex":0,"subnetId":"${subnet}","groupSet":{"items":[{"groupId":"${group}"}]},"deleteOnTermination":true}]},"tagSpecificationSet":{"items":[{"resourceType":"instance","tags":[{"key":"aws:autoscaling:groupName","value":"${cluster}"},{"key":"Service","value":"${service}"}]}]}})";
constexpr std::string_view kRunResponse =
    R"({"requestId":"${uuid}","reservationId":"r-0${hex17}","ownerId":"${account}","groupSet":{},"instancesSet":{"items":[{"instanceId":"i-0${hex17}","imageId":"${image}","instanceState":{"code":0,"name":"pending"},"privateDnsName":"ip-10-18-3-${number}.ec2.internal","amiLaunchIndex":0,"instanceType":"m6i.large","launchTime":1793577600000,"placement":{"availabilityZone":"${region}a","tenancy":"default"},"monitoring":{"state":"disabled"},"subnetId":"${subnet}","vpcId":"${vpc}","architecture":"x86_64","rootDeviceType":"ebs","hypervisor":"xen","clientToken":"fleet-${uuid}-0","ebsOptimized":false}]}})";

constexpr Step kScaleOut[] = {
    {{.source = "ec2",
      .name = "RunInstances",
      .kind = Kind::kWrite,
      .request = kRunRequest,
      .response = kRunResponse},
     1,
     3},
    {{.source = "ec2",
      .name = "DescribeInstances",
      .request = R"({"instancesSet":{"items":[{"instanceId":"${instance}"}]},"filterSet":{}})"},
     1,
     4},
    {{.source = "elasticloadbalancing",
      .name = "RegisterTargets",
      .kind = Kind::kWrite,
      .request =
          R"({"targetGroupArn":"arn:aws:elasticloadbalancing:${region}:${account}:targetgroup/${cluster}/${hex17}","targets":[{"id":"${instance}","port":8080}]})"},
     1,
     2}};
// A burst for machine learning goes through the scaling service, too.
constexpr Step kScaleOutGraphics[] = {
    {{.source = "ec2",
      .name = "RunInstances",
      .kind = Kind::kWrite,
      .request =
          R"({"instancesSet":{"items":[{"imageId":"${image}","minCount":1,"maxCount":4}]},"instanceType":"g5.12xlarge","blockDeviceMapping":{},"monitoring":{"enabled":false},"disableApiTermination":false,"clientToken":"fleet-${uuid}-0","launchTemplate":{"launchTemplateId":"lt-0${hex8}","version":"3"},"subnetId":"${subnet}"})",
      .response = kRunResponse},
     1,
     2}};
constexpr Step kScaleIn[] = {
    {{.source = "ec2",
      .name = "TerminateInstances",
      .kind = Kind::kWrite,
      .request = R"({"instancesSet":{"items":[{"instanceId":"${instance}"}]}})",
      .response =
          R"({"requestId":"${uuid}","instancesSet":{"items":[{"instanceId":"${instance}","currentState":{"code":32,"name":"shutting-down"},"previousState":{"code":16,"name":"running"}}]}})"},
     1,
     2}};
constexpr Step kInterfaces[] = {
    {{.source = "ec2",
      .name = "CreateNetworkInterface",
      .kind = Kind::kWrite,
      .request =
          R"({"subnetId":"${subnet}","description":"AWS Lambda VPC ENI-${function}-${uuid}","groupSet":{"items":[{"groupId":"${group}"}]},"privateIpAddressesSet":{},"ipv6AddressCount":0,"clientToken":"${uuid}"})",
      .response =
          R"({"requestId":"${uuid}","networkInterface":{"networkInterfaceId":"${interface}","subnetId":"${subnet}","vpcId":"${vpc}","availabilityZone":"${region}b","description":"AWS Lambda VPC ENI-${function}","ownerId":"${account}","requesterManaged":true,"status":"pending","macAddress":"0a:1b:2c:3d:4e:5f","privateIpAddress":"10.18.3.${number}","sourceDestCheck":true,"interfaceType":"lambda","groupSet":{"items":[{"groupId":"${group}","groupName":"${service}"}]}}})"},
     1,
     2},
    {{.source = "ec2",
      .name = "DeleteNetworkInterface",
      .kind = Kind::kWrite,
      .request = R"({"networkInterfaceId":"${interface}"})",
      .response = R"({"requestId":"${uuid}","_return":true})"},
     0,
     1}};
constexpr Step kVolumeGrant[] = {
    {{.source = "kms",
      .name = "CreateGrant",
      .kind = Kind::kWrite,
      .request =
          R"({"keyId":"arn:aws:kms:${region}:${account}:key/${key}","granteePrincipal":"arn:aws:iam::${account}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling","operations":["Encrypt","Decrypt","ReEncryptFrom","ReEncryptTo","GenerateDataKey","GenerateDataKeyWithoutPlaintext","DescribeKey"],"constraints":{"encryptionContextSubset":{"aws:ebs:id":"${volume}"}}})",
      .response =
          R"({"grantId":"${hex64}","keyId":"arn:aws:kms:${region}:${account}:key/${key}"})"},
     1,
     1}};
constexpr Step kConfigReads[] = {
    {{.source = "ec2",
      .name = "DescribeSecurityGroups",
      .request =
          R"({"securityGroupSet":{},"securityGroupIdSet":{"items":[{"groupId":"${group}"}]},"filterSet":{}})"},
     1,
     3},
    {{.source = "iam",
      .name = "GetRolePolicy",
      .request = R"({"roleName":"${role}","policyName":"inline"})"},
     1,
     3},
    {{.source = "s3",
      .name = "GetBucketPolicy",
      .request =
          R"({"bucketName":"${bucket}","Host":"${bucket}.s3.${region}.amazonaws.com","policy":""})"},
     1,
     2}};
constexpr Step kTrailAcl[] = {
    {{.source = "s3",
      .name = "GetBucketAcl",
      .request =
          R"({"bucketName":"acme-log-archive","Host":"acme-log-archive.s3.${region}.amazonaws.com","acl":""})",
      .more =
          R"("additionalEventData":{"SignatureVersion":"SigV4","CipherSuite":"TLS_AES_128_GCM_SHA256","bytesTransferredIn":0,"AuthenticationMethod":"AuthHeader","x-amz-id-2":"${id60}","bytesTransferredOut":568},"resources":[{"accountId":"${account}","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::acme-log-archive"}],)"},
     1,
     2}};

// ---- applications --------------------------------------------------------------
constexpr std::string_view kKeyResource =
    R"("resources":[{"accountId":"${account}","type":"AWS::KMS::Key","ARN":"arn:aws:kms:${region}:${account}:key/${key}"}],)";
constexpr Step kKeyUse[] = {
    {{.source = "kms",
      .name = "Decrypt",
      .request =
          R"({"encryptionAlgorithm":"SYMMETRIC_DEFAULT","encryptionContext":{"aws:lambda:FunctionArn":"arn:aws:lambda:${region}:${account}:function:${function}"}})",
      .more = kKeyResource},
     1,
     5},
    {{.source = "kms",
      .name = "GenerateDataKey",
      .request =
          R"({"keyId":"arn:aws:kms:${region}:${account}:key/${key}","keySpec":"AES_256","encryptionContext":{"aws:s3:arn":"arn:aws:s3:::${bucket}"}})",
      .more = kKeyResource},
     0,
     4}};
constexpr Step kSecretUse[] = {
    {{.source = "secretsmanager",
      .name = "GetSecretValue",
      .request =
          R"({"secretId":"arn:aws:secretsmanager:${region}:${account}:secret:${secret}-AbCdEf"})",
      .denied_percent = 1},
     1,
     2},
    {{.source = "ssm",
      .name = "GetParameters",
      .request =
          R"({"names":["/${service}/feature/flags","/${service}/database/host","/${service}/database/password"],"withDecryption":true})"},
     0,
     2},
    {{.source = "ssm",
      .name = "GetParametersByPath",
      .request =
          R"({"path":"/${service}/prod/","recursive":true,"withDecryption":true,"maxResults":10})"},
     0,
     1}};
constexpr Step kRoleChain[] = {
    {{.source = "sts",
      .name = "AssumeRole",
      .request =
          R"({"roleArn":"arn:aws:iam::${account}:role/${service}-shared-read","roleSessionName":"${service}-${tag}"})",
      .response =
          R"({"credentials":{"accessKeyId":"ASIA${id16}","sessionToken":"IQoJb3JpZ2luX2VjE${id60}${id60}","expiration":"${words}"},"assumedRoleUser":{"assumedRoleId":"AROA${id16}:${service}-${tag}","arn":"arn:aws:sts::${account}:assumed-role/${service}-shared-read/${service}-${tag}"}})",
      .more =
          R"("resources":[{"accountId":"${account}","type":"AWS::IAM::Role","ARN":"arn:aws:iam::${account}:role/${service}-shared-read"}],)"},
     1,
     2}};
constexpr Step kNodeStart[] = {
    {{.source = "sts", .name = "GetCallerIdentity", .response = "null"}, 1, 1},
    {{.source = "ecr", .name = "GetAuthorizationToken", .request = "{}"}, 1, 1},
    {{.source = "ecr",
      .name = "BatchGetImage",
      .request =
          R"({"registryId":"${account}","repositoryName":"${service}","imageIds":[{"imageTag":"2026.11.${number}"}],"acceptedMediaTypes":["application/vnd.oci.image.manifest.v1+json"]})",
      .more =
          R"("resources":[{"accountId":"${account}","ARN":"arn:aws:ecr:${region}:${account}:repository/${service}"}],)"},
     1,
     3},
    {{.source = "ssm",
      .name = "UpdateInstanceInformation",
      .kind = Kind::kWrite,
      .request =
          R"({"instanceId":"${instance}","agentVersion":"3.3.987.0","agentStatus":"Active","platformType":"Linux","platformName":"Amazon Linux","platformVersion":"2023","iPAddress":"10.18.3.9","computerName":"ip-10-18-3-9.ec2.internal","agentName":"amazon-ssm-agent","availabilityZone":"${region}a","sSMConnectionChannel":"ssmmessages"})"},
     20,
     60},
    {{.source = "ec2",
      .name = "DescribeInstances",
      .request = R"({"instancesSet":{"items":[{"instanceId":"${instance}"}]},"filterSet":{}})"},
     1,
     2},
    {{.source = "ec2",
      .name = "DescribeVolumes",
      .request = R"({"volumeSet":{"items":[{"volumeId":"${volume}"}]},"filterSet":{}})"},
     0,
     2}};
constexpr Step kModelUse[] = {
    {{.source = "bedrock",
      .name = "Converse",
      .request = R"({"modelId":"anthropic.claude-3-5-sonnet-20240620-v1:0"})",
      .more = R"("additionalEventData":{"inputTokens":${number},"outputTokens":${number}},)"},
     1,
     4}};
constexpr Step kMail[] = {{{.source = "ses", .name = "GetSendQuota"}, 1, 1}};
constexpr Step kQueues[] = {
    {{.source = "sqs",
      .name = "GetQueueAttributes",
      .request =
          R"({"queueUrl":"https://sqs.${region}.amazonaws.com/${account}/${service}-jobs","attributeNames":["ApproximateNumberOfMessages"]})"},
     1,
     3},
    {{.source = "dynamodb",
      .name = "DescribeTable",
      .request = R"({"tableName":"${service}-state"})"},
     0,
     2}};

// ---- objects -------------------------------------------------------------------
constexpr std::string_view kObjectMore =
    R"("additionalEventData":{"SignatureVersion":"SigV4","CipherSuite":"TLS_AES_128_GCM_SHA256","bytesTransferredIn":${bytes},"SSEApplied":"SSE_KMS","AuthenticationMethod":"AuthHeader","x-amz-id-2":"${id60}","bytesTransferredOut":${bytes}},"resources":[{"type":"AWS::S3::Object","ARN":"arn:aws:s3:::${bucket}/events/2026/11/02/${hex8}.parquet"},{"accountId":"${account}","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::${bucket}"}],)";
constexpr std::string_view kObjectRequest =
    R"({"bucketName":"${bucket}","Host":"${bucket}.s3.${region}.amazonaws.com","key":"events/2026/11/02/${hex8}.parquet"})";
constexpr Step kObjectUse[] = {
    {{.source = "s3",
      .name = "GetObject",
      .kind = Kind::kDataRead,
      .request = kObjectRequest,
      .more = kObjectMore,
      .denied_percent = 1},
     2,
     12},
    {{.source = "s3",
      .name = "HeadObject",
      .kind = Kind::kDataRead,
      .request = kObjectRequest,
      .more = kObjectMore},
     0,
     4},
    {{.source = "s3",
      .name = "PutObject",
      .kind = Kind::kDataWrite,
      .request = kObjectRequest,
      .response =
          R"({"x-amz-server-side-encryption":"aws:kms","x-amz-server-side-encryption-aws-kms-key-id":"arn:aws:kms:${region}:${account}:key/${key}","x-amz-version-id":"${hex32}"})",
      .more = kObjectMore},
     0,
     6}};
constexpr Step kObjectCleanUp[] = {
    {{.source = "s3",
      .name = "DeleteObject",
      .kind = Kind::kDataWrite,
      .request = kObjectRequest,
      .response = R"({"x-amz-delete-marker":"true","x-amz-version-id":"${hex32}"})",
      .more = kObjectMore},
     1,
     6}};
constexpr Step kDataLake[] = {
    {{.source = "s3",
      .name = "ListObjects",
      .kind = Kind::kDataRead,
      .request =
          R"({"list-type":"2","bucketName":"${bucket}","prefix":"events/2026/11/","Host":"${bucket}.s3.${region}.amazonaws.com","max-keys":"5000"})",
      .more = kObjectMore},
     1,
     3},
    {{.source = "s3",
      .name = "GetObject",
      .kind = Kind::kDataRead,
      .request = kObjectRequest,
      .more = kObjectMore},
     6,
     24},
    {{.source = "s3",
      .name = "CopyObject",
      .kind = Kind::kDataWrite,
      .request =
          R"({"bucketName":"${bucket}","Host":"${bucket}.s3.${region}.amazonaws.com","key":"final/${hex8}.parquet","x-amz-copy-source":"${bucket}/_temporary/${hex8}.parquet","x-amz-server-side-encryption":"aws:kms","x-amz-server-side-encryption-aws-kms-key-id":"arn:aws:kms:${region}:${account}:key/${key}"})",
      .response = R"({"x-amz-server-side-encryption":"aws:kms"})",
      .more = kObjectMore},
     2,
     6},
    {{.source = "s3",
      .name = "DeleteObjects",
      .kind = Kind::kDataWrite,
      .request =
          R"({"bucketName":"${bucket}","Host":"${bucket}.s3.${region}.amazonaws.com","delete":""})",
      .more = kObjectMore},
     1,
     3}};

constexpr Script kPlatformScripts[] = {
    {Work::kServices, 34, Who::kService, "ec2", kRoleForService},
    {Work::kServices, 60, Who::kService, "lambda", kRoleForService},
    {Work::kServices, 40, Who::kService, "ecs-tasks", kRoleForService},
    {Work::kServices, 30, Who::kService, "config", kRoleForService},
    {Work::kServices, 12, Who::kService, "backup", kRoleForService},
    {Work::kServices, 120, Who::kFunction, "", kLogStream},
    {Work::kServices, 36, Who::kServiceRole, "autoscaling", kScaleOut},
    {Work::kServices, 2, Who::kServiceRole, "autoscaling", kScaleOutGraphics},
    {Work::kServices, 20, Who::kServiceRole, "autoscaling", kScaleIn},
    {Work::kServices, 26, Who::kServiceRole, "lambda", kInterfaces},
    {Work::kServices, 18, Who::kServiceRole, "autoscaling", kVolumeGrant},
    {Work::kServices, 60, Who::kServiceRole, "config", kConfigReads},
    {Work::kServices, 20, Who::kService, "cloudtrail", kTrailAcl},
    {Work::kApplications, 120, Who::kFunction, "", kKeyUse},
    {Work::kApplications, 80, Who::kContainer, "", kKeyUse},
    {Work::kApplications, 60, Who::kContainer, "", kSecretUse},
    {Work::kApplications, 30, Who::kFunction, "", kSecretUse},
    {Work::kApplications, 50, Who::kContainer, "", kRoleChain},
    {Work::kApplications, 40, Who::kInstance, "", kNodeStart},
    {Work::kApplications, 14, Who::kContainer, "", kModelUse},
    {Work::kApplications, 1, Who::kLegacyUser, "", kMail},
    {Work::kApplications, 30, Who::kContainer, "", kQueues},
    {Work::kObjects, 130, Who::kContainer, "", kObjectUse},
    {Work::kObjects, 60, Who::kFunction, "", kObjectUse},
    {Work::kObjects, 8, Who::kContainer, "", kObjectCleanUp},
    {Work::kObjects, 60, Who::kDataJob, "", kDataLake},
};

}  // namespace

std::span<const Script> platform_scripts() { return kPlatformScripts; }

}  // namespace stanch::generator
