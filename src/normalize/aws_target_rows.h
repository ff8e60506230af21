#pragma once

#include <string_view>

#include "model/aws_entity.h"

// The tables behind targets: where requests and responses name what they act
// on. Names are those of CloudTrail, which writes the first letter of each
// parameter small ("dBInstanceIdentifier"). Arrays fan out at every step.

namespace stanch::normalize::aws {

enum class Accepts : uint8_t { kText, kArn };  // kArn: anything else there is no name

struct TargetRow {
  std::string_view service;  // "iam" of "iam.amazonaws.com"
  std::string_view path;     // below requestParameters or responseElements
  model::AwsType type;       // of a bare name; an ARN decides itself
  Accepts accepts = Accepts::kText;
  std::string_view api = {};         // only where the API's name contains this
  std::string_view parent_key = {};  // request member that names the cluster
};

namespace target_rows {

using enum model::AwsType;
using enum Accepts;

inline constexpr TargetRow kRequest[] = {
    {"iam", "userName", kUser},
    {"iam", "roleName", kRole},
    {"iam", "groupName", kGroup},
    {"iam", "policyArn", kPolicy},
    {"iam", "permissionsBoundary", kPolicy, kArn},
    {"iam", "instanceProfileName", kInstanceProfile},
    {"iam", "accessKeyId", kAccessKey},
    {"iam", "serialNumber", kMfaDevice, kArn},
    {"iam", "sAMLProviderArn", kSamlProvider},
    {"iam", "openIDConnectProviderArn", kOidcProvider},
    {"iam", "serverCertificateName", kServerCertificate},
    {"iam", "sSHPublicKeyId", kSshKey},
    {"iam", "certificateId", kSigningCertificate},
    {"iam", "serviceSpecificCredentialId", kServiceCredential},

    {"sts", "roleArn", kRole, kArn},
    {"sts", "targetPrincipal", kRoot},
    {"sts", "principalArn", kSamlProvider, kArn},
    {"sts", "accessKeyId", kAccessKey},

    {"ec2", "instanceId", kEc2},
    {"ec2", "instancesSet.items.instanceId", kEc2},
    {"ec2", "instancesSet.items.imageId", kEc2},
    {"ec2", "imageId", kEc2},
    {"ec2", "imagesSet.items.imageId", kEc2},
    {"ec2", "sourceImageId", kEc2},
    {"ec2", "snapshotId", kEc2},
    {"ec2", "snapshotSet.items.snapshotId", kEc2},
    {"ec2", "sourceSnapshotId", kEc2},
    {"ec2", "volumeId", kEc2},
    {"ec2", "volumeSet.items.volumeId", kEc2},
    {"ec2", "groupId", kEc2},
    {"ec2", "groupSet.items.groupId", kEc2},
    {"ec2", "securityGroupSet.items.groupId", kEc2},
    {"ec2", "securityGroupIdSet.items.groupId", kEc2},
    {"ec2", "ipPermissions.items.groups.items.groupId", kEc2},
    {"ec2", "networkInterfaceId", kEc2},
    {"ec2", "vpcId", kEc2},
    {"ec2", "subnetId", kEc2},
    {"ec2", "routeTableId", kEc2},
    {"ec2", "networkAclId", kEc2},
    {"ec2", "internetGatewayId", kEc2},
    {"ec2", "resourceId", kEc2},
    {"ec2", "resourcesSet.items.resourceId", kEc2},
    {"ec2", "keyPairId", kEc2},
    {"ec2", "iamInstanceProfile.arn", kInstanceProfile},
    {"ec2", "iamInstanceProfile.name", kInstanceProfile},
    {"ec2", "AssociateIamInstanceProfileRequest.InstanceId", kEc2},
    {"ec2", "AssociateIamInstanceProfileRequest.IamInstanceProfile.Name", kInstanceProfile},
    {"ec2", "AssociateIamInstanceProfileRequest.IamInstanceProfile.Arn", kInstanceProfile},
    {"ec2", "ReplaceIamInstanceProfileAssociationRequest.IamInstanceProfile.Name",
     kInstanceProfile},
    {"ec2", "ReplaceIamInstanceProfileAssociationRequest.IamInstanceProfile.Arn", kInstanceProfile},
    {"ec2", "CreateFlowLogsRequest.ResourceId.content", kEc2},
    {"ec2", "DeleteFlowLogsRequest.FlowLogId.content", kEc2},
    {"ec2", "CreateSnapshotsRequest.InstanceSpecification.InstanceId", kEc2},
    {"ec2", "ModifyInstanceMetadataOptionsRequest.InstanceId", kEc2},
    {"ec2", "GetLaunchTemplateDataRequest.InstanceId", kEc2},
    {"ec2", "CreateLaunchTemplateVersionRequest.LaunchTemplateId", kEc2},
    {"ec2", "SendDiagnosticInterruptRequest.InstanceId", kEc2},
    {"ec2-instance-connect", "instanceId", kEc2},
    {"ebs", "snapshotId", kEc2},
    {"ebs", "parentSnapshotId", kEc2},

    {"s3", "bucketName", kBucket},
    {"s3", "bucket", kBucket},
    {"s3", "x-amz-copy-source", kBucket},
    {"s3", "ReplicationConfiguration.Rule.Destination.Bucket", kBucket, kArn},
    {"s3", "BucketLoggingStatus.LoggingEnabled.TargetBucket", kBucket},

    {"kms", "keyId", kKmsKey},
    {"kms", "targetKeyId", kKmsKey},
    {"kms", "sourceKeyId", kKmsKey},
    {"kms", "destinationKeyId", kKmsKey},
    {"kms", "aliasName", kKmsKey},
    {"kms", "granteePrincipal", kRole, kArn},
    {"kms", "retiringPrincipal", kRole, kArn},

    {"lambda", "functionName", kFunction},
    {"lambda", "role", kRole, kArn},
    {"lambda", "layerName", kLambdaLayer},
    {"lambda", "layers", kLambdaLayer, kArn},

    {"cloudtrail", "name", kTrail, kText, "Trail"},
    {"cloudtrail", "name", kTrail, kText, "Logging"},
    {"cloudtrail", "trailName", kTrail},
    {"cloudtrail", "trailNameList", kTrail},
    {"cloudtrail", "resourceId", kTrail, kArn},
    {"cloudtrail", "resourceIdList", kTrail, kArn},
    {"cloudtrail", "eventDataStore", kEventDataStore},
    {"cloudtrail", "s3BucketName", kBucket},
    {"cloudtrail", "kmsKeyId", kKmsKey},

    {"organizations", "accountId", kAccount},
    {"organizations", "targetId", kAccount},
    {"organizations", "target.id", kAccount},
    {"organizations", "policyId", kAccount},
    {"organizations", "organizationalUnitId", kAccount},
    {"organizations", "parentId", kAccount},
    {"organizations", "sourceParentId", kAccount},
    {"organizations", "destinationParentId", kAccount},
    {"organizations", "rootId", kAccount},

    {"rds", "dBInstanceIdentifier", kDb},
    {"rds", "sourceDBInstanceIdentifier", kDb},
    {"rds", "dBClusterIdentifier", kDbCluster},
    {"rds", "dBSnapshotIdentifier", kDbSnapshot},
    {"rds", "sourceDBSnapshotIdentifier", kDbSnapshot},
    {"rds", "targetDBSnapshotIdentifier", kDbSnapshot},
    {"rds", "dBClusterSnapshotIdentifier", kDbClusterSnapshot},
    {"rds", "sourceDBClusterSnapshotIdentifier", kDbClusterSnapshot},
    {"rds", "targetDBClusterSnapshotIdentifier", kDbClusterSnapshot},
    {"rds", "sourceArn", kDbSnapshot, kArn},
    {"rds", "s3BucketName", kBucket},
    {"rds", "resourceName", kDb, kArn},

    {"secretsmanager", "secretId", kSecret},
    {"secretsmanager", "secretIdList", kSecret},
    {"secretsmanager", "name", kSecret, kText, "CreateSecret"},

    {"ssm", "name", kSsmParameter, kText, "Parameter"},
    {"ssm", "names", kSsmParameter, kText, "Parameter"},
    {"ssm", "name", kSsmDocument, kText, "Document"},
    {"ssm", "name", kSsmDocument, kText, "Association"},
    {"ssm", "documentName", kSsmDocument},
    {"ssm", "instanceId", kEc2},
    {"ssm", "instanceIds", kEc2},
    {"ssm", "target", kEc2},
    {"ssm", "targets.values", kEc2},
    {"ssm", "resourceId", kEc2},

    {"ecs", "cluster", kEcsCluster},
    {"ecs", "clusterName", kEcsCluster},
    {"ecs", "taskDefinition", kEcsTaskDefinition},
    {"ecs", "service", kEcsService, kText, "", "cluster"},
    {"ecs", "serviceName", kEcsService, kText, "", "cluster"},
    {"ecs", "task", kEcsTask, kText, "", "cluster"},
    {"ecs", "tasks", kEcsTask, kText, "", "cluster"},
    {"ecs", "taskRoleArn", kRole, kArn},
    {"ecs", "executionRoleArn", kRole, kArn},

    {"eks", "name", kEksCluster, kText, "Cluster"},
    {"eks", "name", kEksCluster, kText, "Access"},
    {"sso", "permissionSetArn", kPermissionSet, kArn},
    {"eks", "clusterName", kEksCluster},
    {"eks", "nodegroupName", kEksNodegroup, kText, "", "clusterName"},
    {"eks", "fargateProfileName", kEksFargateProfile, kText, "", "clusterName"},
    {"eks", "principalArn", kRole, kArn},
    {"eks", "roleArn", kRole, kArn},
    {"eks", "nodeRole", kRole, kArn},

    {"ecr", "repositoryName", kEcrRepository},

    {"rolesanywhere", "roleArn", kRole, kArn},
    {"rolesanywhere", "roleArns", kRole, kArn},
    {"rolesanywhere", "trustAnchorArn", kRole, kArn},
    {"rolesanywhere", "profileArn", kRole, kArn},
};

inline constexpr TargetRow kResponse[] = {
    {"iam", "user.arn", kUser},
    {"iam", "role.arn", kRole},
    {"iam", "group.arn", kGroup},
    {"iam", "policy.arn", kPolicy},
    {"iam", "instanceProfile.arn", kInstanceProfile},
    {"iam", "accessKey.userName", kUser},
    {"iam", "accessKey.accessKeyId", kAccessKey},
    {"iam", "loginProfile.userName", kUser},
    {"iam", "virtualMFADevice.serialNumber", kMfaDevice, kArn},
    {"iam", "sAMLProviderArn", kSamlProvider},
    {"iam", "openIDConnectProviderArn", kOidcProvider},
    {"iam", "serviceSpecificCredential.serviceSpecificCredentialId", kServiceCredential},
    {"iam", "sSHPublicKey.sSHPublicKeyId", kSshKey},
    {"iam", "certificate.certificateId", kSigningCertificate},

    {"sts", "federatedUser.arn", kFederatedUser, kArn},

    {"ec2", "instancesSet.items.instanceId", kEc2},
    {"ec2", "imageId", kEc2},
    {"ec2", "snapshotId", kEc2},
    {"ec2", "volumeId", kEc2},
    {"ec2", "groupId", kEc2},
    {"ec2", "vpc.vpcId", kEc2},
    {"ec2", "subnet.subnetId", kEc2},
    {"ec2", "networkInterface.networkInterfaceId", kEc2},
    {"ec2", "keyPairId", kEc2},
    {"ec2", "CreateFlowLogsResponse.flowLogIdSet.item", kEc2},
    {"ec2", "CreateSnapshotsResponse.snapshotSet.item.snapshotId", kEc2},
    {"ebs", "snapshotId", kEc2},

    {"kms", "keyMetadata.arn", kKmsKey, kArn},
    {"kms", "keyMetadata.keyId", kKmsKey},

    {"lambda", "functionArn", kFunction, kArn},

    {"cloudtrail", "trailARN", kTrail, kArn},
    {"cloudtrail", "eventDataStoreArn", kEventDataStore, kArn},

    {"organizations", "organization.id", kAccount},
    {"organizations", "createAccountStatus.accountId", kAccount},
    {"organizations", "policy.policySummary.id", kAccount},
    {"organizations", "organizationalUnit.id", kAccount},

    {"rds", "dBInstanceArn", kDb, kArn},
    {"rds", "dBClusterArn", kDbCluster, kArn},
    {"rds", "dBSnapshotArn", kDbSnapshot, kArn},

    {"secretsmanager", "aRN", kSecret, kArn},
    {"secretsmanager", "arn", kSecret, kArn},

    {"ecs", "cluster.clusterArn", kEcsCluster, kArn},
    {"ecs", "service.serviceArn", kEcsService, kArn},
    {"ecs", "task.taskArn", kEcsTask, kArn},
    {"ecs", "tasks.taskArn", kEcsTask, kArn},
    {"ecs", "taskDefinition.taskDefinitionArn", kEcsTaskDefinition, kArn},

    {"eks", "accessEntry.accessEntryArn", kEksAccessEntry, kArn},

    {"ecr", "repository.repositoryArn", kEcrRepository, kArn},

    {"rolesanywhere", "trustAnchor.trustAnchorArn", kRole, kArn},
    {"rolesanywhere", "profile.profileArn", kRole, kArn},
};

}  // namespace target_rows

}  // namespace stanch::normalize::aws
