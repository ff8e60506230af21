"""An attack for each playbook of the content: what CloudTrail tells of it, naming what there really
is in a simulated AWS; which playbooks must apply and no others; what boto3 must see afterwards; and
all that may have been written."""
import dataclasses
import json
import time
import typing

from action_cases import Seeder, denies_changes, denies_off_host
from action_subjects import FOREIGN, MANAGED, or_none, says, statement, WORKFORCE
from autonomy_case import ADMINISTRATOR, event
from moto_world import ACCOUNT, REGION

DESKTOP = "aws-cli/2.17.44 md/awscrt#0.21.2 ua/2.0 os/macos#23.6.0 md/arch#arm64 lang/python#3.11.9"
STARTED = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - 600))


@dataclasses.dataclass
class Story:
    playbooks: str             # that apply, as a plan names them
    did: typing.Callable       # of Places: the records
    is_so: typing.Callable     # of Places, after the plan was applied: names of effects, each a bool
    writes: dict               # operations, and how often each was accepted; nothing else was
    by_hand: str = ""          # what it begins with, where a person says so
    status: str = "contained_watching"
    told: typing.Callable = lambda places: {}  # of Places: what parameters.yaml says meanwhile


@dataclasses.dataclass
class Bystanders:
    """An attack beside which others are at work; or no attack at all."""
    name: str
    did: typing.Callable       # of Places: the records
    steps: typing.Callable     # of Places: all that may be planned, "action entity" in their order


class Places(Seeder):
    """What the attacks are about, built once and past the proxy."""

    def __init__(self, world):
        super().__init__(world)
        self.world = world
        iam = self.client("iam")
        self.keys = {}
        for name in ("deploy", "console", "helper", "support", "mailer", "modeller", "insider"):
            iam.create_user(UserName=name)
            self.keys[name] = iam.create_access_key(UserName=name)["AccessKey"]["AccessKeyId"]
        for name in ("helper", "support"):  # which somebody made for others
            self.keys["made-" + name] = iam.create_access_key(
                UserName=name)["AccessKey"]["AccessKeyId"]
        iam.create_login_profile(UserName="helper", Password="helper-Helper-1")
        self.device("added", "support")
        for name in ("operations", "switched", "pipeline", "vendor"):
            self.trusting(name, {"AWS": f"arn:aws:iam::{FOREIGN}:root"})
        self.provider = self.oidc_provider()
        self.opened = self.secret("prod/opened")
        self.on_host = self.role_of_instance().entity.rpartition("/")[2]
        self.started, _ = self.run_instance()
        self.shared = [self.snapshot(), self.image(), self.database_snapshot()]
        self.expiry()
        self.service = self.run_service()
        self.let_into_cluster()
        self.employ_people()
        self.service_credential = {}
        for name in ("mailer", "modeller"):
            self.service_credential[name] = iam.create_service_specific_credential(
                UserName=name, ServiceName="bedrock.amazonaws.com")[
                    "ServiceSpecificCredential"]["ServiceSpecificCredentialId"]

    def run_service(self):
        """Two of its tasks, the second by name alone."""
        first = self.networked_task(group="service:web", count=2)
        cluster, name = first.entity.split("/")[-2:]
        arns = self.client("ecs").list_tasks(cluster=cluster)["taskArns"]
        [second] = {each.rpartition("/")[2] for each in arns} - {name}
        return first, second

    def let_into_cluster(self):
        self.endpoint = self.cluster()
        self.entries = {name: self.client("eks").create_access_entry(
            clusterName="prod", principalArn=f"arn:aws:iam::{ACCOUNT}:role/app/{name}")["accessEntry"]
                        for name in ("switched", "vendor")}

    def employ_people(self):
        self.organization_root, _ = self.organization()
        self.person_at_work, colleague = self.person(), self.person()
        self.assignments = self.assigned(self.person_at_work)
        self.memberships = self.grouped(self.person_at_work)
        (_, permission_set), *_ = self.assignments.look()
        of = {"InstanceArn": colleague[0], "PrincipalId": colleague[2], "PrincipalType": "USER"}
        sso = self.client("sso-admin")
        sso.create_account_assignment(TargetId=ACCOUNT, TargetType="AWS_ACCOUNT",
                                      PermissionSetArn=permission_set, **of)
        self.assignments_of_colleague = lambda: len(
            sso.list_account_assignments_for_principal(**of)["AccountAssignments"])

    def is_protected(self, task):
        cluster = self.service[0].entity.split("/")[-2]
        return self.client("ecs").get_task_protection(cluster=cluster, tasks=[task])[
            "protectedTasks"][0]["protectionEnabled"]

    def key_status(self, name):
        found = [each for user in ("deploy", "helper", "support", "mailer", "modeller", "insider")
                 for each in self.client("iam").list_access_keys(UserName=user)[
                     "AccessKeyMetadata"]]
        return {each["AccessKeyId"]: each["Status"] for each in found}[self.keys[name]]

    def password(self, user):
        iam = self.client("iam")
        return or_none(iam, lambda: iam.get_login_profile(UserName=user)["LoginProfile"])

    def is_denied(self, *users):
        return all(any(says(each, "StanchDenyAll") for each in self.policies("User", user).values())
                   for user in users)

    def is_role_denied(self, role):
        return any(says(each, "StanchDenyAll") for each in self.policies("Role", role).values())

    def is_revoked(self, *roles):
        return all(any(says(each, "StanchRevokeOlderSessions")
                       for each in self.policies("Role", role).values()) for role in roles)

    def trust(self, role):
        return self.client("iam").get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]

    def credential_status(self, name):
        return {each["ServiceSpecificCredentialId"]: each["Status"] for each in self.client(
            "iam").list_service_specific_credentials()["ServiceSpecificCredentials"]}[
                self.service_credential[name]]


class Attack:
    """Records, in their order. Each is of somebody: by_user, by_session …"""

    def __init__(self, places):
        self.places, self.records = places, []

    def add(self, who, service, name, parameters=None, answer=None, **more):
        told = event("", "", len(self.records) + 1, service, name, parameters)
        self.records.append({**told, "userIdentity": who, "responseElements": answer, **more})
        return self

    def by_user(self, name, *call, **more):
        return self.add({"type": "IAMUser", "principalId": "AIDA" + name.upper(),
                         "arn": f"arn:aws:iam::{ACCOUNT}:user/{name}", "accountId": ACCOUNT,
                         "accessKeyId": self.places.keys[name], "userName": name}, *call, **more)

    def signs_in(self, who):
        return self.add(who, "signin", "ConsoleLogin", None, {"ConsoleLogin": "Success"},
                        additionalEventData={"LoginTo": "https://console.aws.amazon.com/console/home",
                                             "MobileVersion": "No", "MFAUsed": "No"},
                        eventType="AwsConsoleSignIn", readOnly=False)

    def at_console(self, name, *call, **more):
        return self.add({"type": "IAMUser", "principalId": "AIDA" + name.upper(),
                         "arn": f"arn:aws:iam::{ACCOUNT}:user/{name}", "accountId": ACCOUNT,
                         "accessKeyId": "ASIACONSOLE000000001", "userName": name,
                         "sessionContext": {"attributes": {"creationDate": STARTED,
                                                           "mfaAuthenticated": "false"}}},
                        *call, sessionCredentialFromConsole="true", **more)

    def by_role(self, role, *call, session="work", key="ASIASESSION000000001", issued=STARTED,
                delivery=None, person=None, path="app", **more):
        context = {"sessionIssuer": {"type": "Role", "principalId": "AROA" + role.upper(),
                                     "arn": f"arn:aws:iam::{ACCOUNT}:role/{path}/{role}",
                                     "accountId": ACCOUNT, "userName": role},
                   "attributes": {"creationDate": issued, "mfaAuthenticated": "false"}}
        if delivery:
            context["ec2RoleDelivery"] = delivery
        behalf = {"onBehalfOf": {
            "userId": person[2],
            "identityStoreArn": f"arn:aws:identitystore::{ACCOUNT}:identitystore/{person[1]}"
        }} if person else {}
        return self.add({"type": "AssumedRole", "principalId": f"AROA{role.upper()}:{session}",
                         "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/{session}",
                         "accountId": ACCOUNT, "accessKeyId": key, "sessionContext": context,
                         **behalf}, *call, **more)

    def by_person(self, *call, **more):
        return self.by_role("AWSReservedSSO_admin_0123456789abcdef", *call,
                            path="aws-reserved/sso.amazonaws.com/" + REGION, session="erin",
                            key="ASIAPERSON0000000001", person=self.places.person_at_work, **more)


ROOT = {"type": "Root", "principalId": ACCOUNT, "arn": f"arn:aws:iam::{ACCOUNT}:root",
        "accountId": ACCOUNT, "accessKeyId": ""}


def made_key(places, name):
    return {"accessKey": {"userName": name, "status": "Active",
                          "accessKeyId": places.keys["made-" + name]}}


def foreign_trust(**principal):
    return json.dumps(statement(Effect="Allow", Principal=principal or {
        "AWS": f"arn:aws:iam::{FOREIGN}:root"}, Action="sts:AssumeRole"))


# What context.yaml of these stories says is ours.
HUB = "121212121212"
CONTEXT = {"own_accounts": [ACCOUNT, HUB], "break_glass": ["switched", "vendor"]}


def session_of(role, name, key):
    """What AssumeRole is asked and answers, and what else its record has."""
    arn = f"arn:aws:iam::{ACCOUNT}:role/app/{role}"
    return ("sts", "AssumeRole", {"roleArn": arn, "roleSessionName": name}, {
        "credentials": {"accessKeyId": key}, "assumedRoleUser": {
            "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/{role}/{name}"}}), {
                "resources": [{"accountId": ACCOUNT, "type": "AWS::IAM::Role", "ARN": arn}],
                "readOnly": True}


def leaked_key(places):
    return Attack(places).by_user(
        "deploy", "iam", "AttachUserPolicy", {"userName": "support", "policyArn": ADMINISTRATOR}
    ).by_user("deploy", "iam", "CreateAccessKey", {"userName": "support"},
              made_key(places, "support"))


def trail_stopped(places):
    return Attack(places).by_role("operations", "cloudtrail", "StopLogging",
                                  {"name": places.scene.trail_arn})


def bucket_opened(places):
    return Attack(places).by_role(
        "operations", "s3", "PutBucketPolicy", {
            "policy": "", "bucketName": places.scene.bucket, "bucketPolicy": {
                "Version": "2012-10-17", "Statement": [{
                    "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject",
                    "Resource": f"arn:aws:s3:::{places.scene.bucket}/*"}]}})


def bucket_ransomed(places):
    return Attack(places).by_role(
        "operations", "s3", "PutBucketLifecycle", {
            "lifecycle": "", "bucketName": "acme-expiry", "LifecycleConfiguration": {
                "Rule": {"ID": "bomb", "Status": "Enabled", "Filter": {"Prefix": ""},
                         "Expiration": {"Days": 1}}}})


def instance_role_stolen(places):
    return Attack(places).by_role(
        "on-host", "s3", "ListBuckets", {"Host": "s3.eu-west-1.amazonaws.com"},
        session=places.on_host, delivery="2.0", userAgent=DESKTOP, readOnly=True)


def console_abused(places):
    attack = Attack(places).signs_in({
        "type": "IAMUser", "principalId": "AIDACONSOLE", "accountId": ACCOUNT, "accessKeyId": "",
        "arn": f"arn:aws:iam::{ACCOUNT}:user/console", "userName": "console"})
    attack.at_console("console", "iam", "CreateLoginProfile", {
        "userName": "helper", "passwordResetRequired": False}, {
            "loginProfile": {"userName": "helper", "passwordResetRequired": False}})
    attack.at_console("console", "iam", "CreateAccessKey", {"userName": "helper"},
                      made_key(places, "helper"))
    attack.at_console("console", "iam", "EnableMFADevice", {
        "userName": "support", "serialNumber": f"arn:aws:iam::{ACCOUNT}:mfa/added"})
    call, more = session_of("switched", "console", "ASIASWITCHED00000001")
    attack.at_console("console", *call, **more)
    mirrors_traffic(attack, "switched", session="console", key="ASIASWITCHED00000001")
    return mirrors_traffic(attack, "operations")  # at work behind the same address


def mirrors_traffic(attack, role, **more):
    return attack.by_role(role, "ec2", "CreateTrafficMirrorSession", {
        "CreateTrafficMirrorSessionRequest": {"SessionNumber": 1}}, **more)


def trust_opened(places):
    return Attack(places).by_role("operations", "iam", "UpdateAssumeRolePolicy", {
        "roleName": "switched", "policyDocument": foreign_trust()})


def secrets_read(places):
    return Attack(places).by_role(
        "operations", "secretsmanager", "BatchGetSecretValue",
        {"filters": [{"key": "tag-key", "values": ["Environment"]}]}, readOnly=True
    ).by_role("operations", "secretsmanager", "PutResourcePolicy", {
        "secretId": "prod/opened", "resourcePolicy": json.dumps(statement(
            Effect="Allow", Principal={"AWS": f"arn:aws:iam::{FOREIGN}:root"},
            Action="secretsmanager:GetSecretValue", Resource="*"))})


def machines_started(places):
    return Attack(places).by_role("operations", "ec2", "RunInstances", {
        "instancesSet": {"items": [{"imageId": places.ami, "minCount": 1, "maxCount": 1}]},
        "instanceType": "p4d.24xlarge", "subnetId": places.subnet}, {
            "reservationId": "r-0559a9951572b8908", "ownerId": ACCOUNT, "instancesSet": {
                "items": [{"instanceId": places.started, "instanceType": "p4d.24xlarge",
                           "instanceState": {"code": 0, "name": "pending"}}]}})


def with_service_credential(places, name):
    return Attack(places).by_user(name, "iam", "CreateServiceSpecificCredential", {
        "userName": name, "serviceName": "bedrock.amazonaws.com"}, {"serviceSpecificCredential": {
            "serviceName": "bedrock.amazonaws.com", "userName": name, "status": "Active",
            "serviceSpecificCredentialId": places.service_credential[name]}})


def mail_sent(places):
    return with_service_credential(places, "mailer").by_user(
        "mailer", "ses", "PutAccountDetails", {
            "productionAccessEnabled": True, "mailType": "MARKETING",
            "websiteURL": "https://www.example.com"}, awsRegion="eu-central-1"
    ).by_user("mailer", "iam", "AttachUserPolicy", {  # which moves no mail to IAM's region
        "userName": "mailer", "policyArn": ADMINISTRATOR}, awsRegion="us-east-1")


def models_called(places):
    return with_service_credential(places, "modeller").by_user(
        "modeller", "bedrock", "PutUseCaseForModelAccess")


def copies_shared(places):
    def share(service, name, parameters):
        attack.by_role("operations", service, name, parameters, {"_return": True})

    attack, [snapshot, image, database] = Attack(places), [
        each.entity.rpartition("/")[2] for each in places.shared]
    share("ec2", "ModifySnapshotAttribute", {
        "snapshotId": snapshot, "attributeType": "CREATE_VOLUME_PERMISSION",
        "createVolumePermission": {"add": {"items": [{"userId": FOREIGN}]}}})
    share("ec2", "ModifyImageAttribute", {
        "imageId": image, "attributeType": "launchPermission",
        "launchPermission": {"add": {"items": [{"group": "all"}]}}})
    share("rds", "ModifyDBSnapshotAttribute", {
        "dBSnapshotIdentifier": database, "attributeName": "restore", "valuesToAdd": ["all"]})
    return attack


def pipeline_opened(places):
    provider = f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.ci.example.com/acme"
    trust = statement(Effect="Allow", Principal={"Federated": provider},
                      Action="sts:AssumeRoleWithWebIdentity", Condition={"StringEquals": {
                          "token.ci.example.com/acme:aud": "sts.amazonaws.com"}})
    return Attack(places).by_role(
        "operations", "iam", "CreateOpenIDConnectProvider",
        {"url": "https://token.ci.example.com/acme", "clientIDList": ["sts.amazonaws.com"]},
        {"openIDConnectProviderArn": provider}
    ).by_role("operations", "iam", "UpdateAssumeRolePolicy", {
        "roleName": "pipeline", "policyDocument": json.dumps(trust)})


def root_signs_in(places):
    return Attack(places).signs_in(ROOT).add(
        {**ROOT, "accessKeyId": "ASIAROOT000000000001", "sessionContext": {
            "attributes": {"creationDate": STARTED, "mfaAuthenticated": "false"}}},
        "iam", "CreateAccessKey", {"userName": "support"}, made_key(places, "support"))


def insider_works(places):
    return Attack(places).by_user("insider", "iam", "AttachUserPolicy", {
        "userName": "insider", "policyArn": ADMINISTRATOR})


def vendor_comes_in(places):
    return comes_in(Attack(places), FOREIGN, "vendor")


def task_entered(places):
    """By a shell; and its service, of an image that mines, grows."""
    task = places.service[0].entity
    cluster, name = task.split("/")[-2:]
    return Attack(places).by_role("operations", "ecs", "ExecuteCommand", {
        "cluster": cluster, "task": name, "container": "web", "command": "/bin/sh",
        "interactive": True}, {
            "clusterArn": f"arn:aws:ecs:{REGION}:{ACCOUNT}:cluster/{cluster}",
            "containerName": "web", "interactive": True,
            "taskArn": f"arn:aws:ecs:{REGION}:{ACCOUNT}:task/{cluster}/{name}", "session": {
                "sessionId": "ecs-execute-command-0f1e2d3c4b5a69788",
                "streamUrl": "HIDDEN_DUE_TO_SECURITY_REASONS",
                "tokenValue": "HIDDEN_DUE_TO_SECURITY_REASONS"}}
    ).by_role("operations", "ecs", "UpdateService", {
        "cluster": cluster, "service": "web", "desiredCount": 200}, {"service": {
            "serviceName": "web", "desiredCount": 200, "status": "ACTIVE",
            "serviceArn": f"arn:aws:ecs:{REGION}:{ACCOUNT}:service/{cluster}/web"}})


def cluster_entered(places):
    """A role of others is let in, and administers it; the endpoint stays as it was."""
    entry = places.entries["switched"]
    told = {name: entry[name] for name in (
        "clusterName", "principalArn", "kubernetesGroups", "accessEntryArn", "username", "type")}
    policy = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"
    quoted = entry["principalArn"].replace(":", "%3A").replace("/", "%2F")
    return Attack(places).by_role("operations", "eks", "CreateAccessEntry", {
        "name": "prod", "principalArn": entry["principalArn"], "type": "STANDARD",
        "clientRequestToken": "bc211a43-ad00-49db-97e4-425f85482462"}, {"accessEntry": told}
    ).by_role("operations", "eks", "AssociateAccessPolicy", {
        "name": "prod", "principalArn": quoted, "policyArn": policy,
        "accessScope": {"type": "cluster"}}, {
            "clusterName": "prod", "principalArn": entry["principalArn"],
            "associatedAccessPolicy": {"policyArn": policy, "accessScope": {
                "type": "cluster", "namespaces": []}}})


def person_phished(places):
    """Makes a key for another, and goes on to a role."""
    attack = Attack(places).by_person(
        "iam", "AttachUserPolicy", {"userName": "support", "policyArn": ADMINISTRATOR}
    ).by_person("iam", "CreateAccessKey", {"userName": "support"}, made_key(places, "support"))
    call, more = session_of("switched", "erin", "ASIASWITCHED00000002")
    attack.by_person(*call, **more)
    return mirrors_traffic(attack, "switched", session="erin", key="ASIASWITCHED00000002")


def comes_in(attack, account, role):
    """Another account assumes the role, which then does what a rule minds."""
    key = "ASIA" + role.upper().ljust(16, "0")
    call, more = session_of(role, "sync", key)
    attack.add({"type": "AWSAccount", "principalId": "AROAOTHER:sync", "accountId": account},
               *call, **more)
    return mirrors_traffic(attack, role, session="sync", key=key,
                           issued=attack.records[-1]["eventTime"])


def sending(places, region):
    return places.world.direct("sesv2", region).get_account()["SendingEnabled"]


def is_isolated(places, instance):
    """Each interface has one group, without a rule."""
    ec2 = places.client("ec2")
    groups = {group["GroupId"] for each in places.described(instance)["NetworkInterfaces"]
              for group in each["Groups"]}
    return len(groups) == 1 and not any(
        each["IpPermissions"] or each["IpPermissionsEgress"]
        for each in ec2.describe_security_groups(GroupIds=list(groups))["SecurityGroups"])


ISOLATION = {"ec2.CreateSecurityGroup": 1, "ec2.RevokeSecurityGroupEgress": 2,
             "ec2.ModifyNetworkInterfaceAttribute": 1}
STORIES = [
    Story("leaked-access-key", leaked_key, lambda of: {
        "user": of.is_denied("deploy"), "key": of.key_status("deploy") == "Inactive",
        "minted": of.key_status("made-support") == "Inactive",
        "others": not of.is_denied("support") and of.key_status("support") == "Active"},
          {"iam.PutUserPolicy": 1, "iam.UpdateAccessKey": 2}),
    Story("logging-tampering", trail_stopped, lambda of: {"trail": of.trail().look()},
          {"cloudtrail.StartLogging": 1}, status="new"),  # to see again contains nobody
    Story("public-bucket", bucket_opened, lambda of: {
        "block": of.public_bucket().look() == dict.fromkeys((
            "BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"),
                                                            True)}, {"s3.PutPublicAccessBlock": 1}),
    Story("ransomed-bucket", bucket_ransomed, lambda of: {
        "role": of.is_role_denied("operations"), "bucket": denies_changes(of.policy("acme-expiry")),
        "expiry": {"Disabled"} == {
            each["Status"] for each in of.client("s3").get_bucket_lifecycle_configuration(
                Bucket="acme-expiry")["Rules"] if "Transitions" not in each}},
          {"iam.PutRolePolicy": 1, "s3.PutBucketPolicy": 1,
           "s3.PutBucketLifecycleConfiguration": 1}),
    Story("stolen-instance-role", instance_role_stolen, lambda of: {
        "off host": any(denies_off_host(each) for each in of.policies("Role", "on-host").values()
                        if says(each, "StanchDenyOffHost")),
        "revoked": of.is_revoked("on-host"), "isolated": is_isolated(of, of.on_host)},
          {"ec2.CreateSnapshots": 1, "iam.PutRolePolicy": 2, "ssm.SendCommand": 1, **ISOLATION}),
    Story("console-user", console_abused, lambda of: {
        "users": of.is_denied("console", "helper") and not of.is_denied("support"),
        "key": of.key_status("made-helper") == "Inactive",
        "device": not of.client("iam").list_virtual_mfa_devices()["VirtualMFADevices"],
        "switched": of.is_revoked("switched"), "password": of.password("helper") is None},
          {"iam.PutUserPolicy": 2, "iam.UpdateAccessKey": 1, "iam.DeactivateMFADevice": 1,
           "iam.DeleteVirtualMFADevice": 1, "iam.PutRolePolicy": 1, "iam.DeleteLoginProfile": 1}),
    Story("rogue-trust", trust_opened, lambda of: {
        "editor": of.is_revoked("operations"), "sessions": of.is_revoked("switched"),
        "trust": says(of.trust("switched"), "StanchDenyForeign", beside=1)},
          {"iam.PutRolePolicy": 2, "iam.UpdateAssumeRolePolicy": 1}),
    Story("mass-secret-read", secrets_read, lambda of: {
        "reader": of.is_revoked("operations"), "secret": says(of.opened.look(), "StanchDeny")},
          {"iam.PutRolePolicy": 1, "secretsmanager.PutResourcePolicy": 1}),
    Story("mining", machines_started, lambda of: {
        "who": of.is_revoked("operations"), "isolated": is_isolated(of, of.started),
        "running": of.described(of.started)["State"]["Name"] == "running",
        "protected": of.client("ec2").describe_instance_attribute(
            InstanceId=of.started, Attribute="disableApiStop")["DisableApiStop"]["Value"]},
          {"iam.PutRolePolicy": 1, "ec2.CreateSnapshots": 1, "ec2.ModifyInstanceAttribute": 2,
           **ISOLATION}),
    Story("email-abuse, leaked-access-key", mail_sent, lambda of: {
        "user": of.is_denied("mailer"), "key": of.key_status("mailer") == "Inactive",
        "credential": of.credential_status("mailer") == "Inactive",
        "mail": not sending(of, "eu-central-1"), "elsewhere": sending(of, REGION)},
          {"iam.PutUserPolicy": 1, "iam.UpdateAccessKey": 1,
           "iam.UpdateServiceSpecificCredential": 1, "sesv2.PutAccountSendingAttributes": 1}),
    Story("leaked-access-key, model-abuse", models_called, lambda of: {
        "user": of.is_denied("modeller"), "key": of.key_status("modeller") == "Inactive",
        "credential": of.credential_status("modeller") == "Inactive",
        "others": of.credential_status("mailer") == "Active"},
          {"iam.PutUserPolicy": 1, "iam.UpdateAccessKey": 1,
           "iam.UpdateServiceSpecificCredential": 1}),
    Story("copy-out", copies_shared, lambda of: {
        "who": of.is_revoked("operations"), **{each.entity: each.look() == [] for each in of.shared}},
          {"iam.PutRolePolicy": 1, "ec2.ModifySnapshotAttribute": 2, "ec2.ModifyImageAttribute": 1,
           "rds.ModifyDBSnapshotAttribute": 1}),
    Story("pipeline-role", pipeline_opened, lambda of: {
        "who": of.is_revoked("operations"), "role": of.is_role_denied("pipeline"),
        "sessions": of.is_revoked("pipeline"), "provider": of.provider.look() is None},
          {"iam.PutRolePolicy": 3, "iam.DeleteOpenIDConnectProvider": 1}),
    Story("root-user", root_signs_in, lambda of: {
        "key": of.key_status("made-support") == "Inactive", "user": not of.is_denied("support")},
          {"iam.UpdateAccessKey": 1}),
    Story("insider", insider_works, lambda of: {
        "user": of.is_denied("insider"), "key": of.key_status("insider") == "Inactive"},
          {"iam.PutUserPolicy": 1, "iam.UpdateAccessKey": 1},
          by_hand=f"aws:user/{ACCOUNT}/insider"),
    Story("vendor-compromise", vendor_comes_in, lambda of: {
        "trust": says(of.trust("vendor"), "StanchDenyForeign", beside=1),
        "sessions": of.is_revoked("vendor")},
          {"iam.UpdateAssumeRolePolicy": 1, "iam.PutRolePolicy": 1}),
    Story("container-workload", task_entered, lambda of: {
        "isolated": of.service[0].look() == ["closed"], "other": not of.is_protected(of.service[1]),
        "protected": of.is_protected(of.service[0].entity.rpartition("/")[2])},
          {"ecs.UpdateTaskProtection": 1, **ISOLATION}),
    Story("kubernetes-cluster", cluster_entered, lambda of: {
        "who": of.is_role_denied("operations"), "entries": of.client("eks").list_access_entries(
            clusterName="prod")["accessEntries"] == [of.entries["vendor"]["principalArn"]],
        "endpoint": of.endpoint.look()["endpointPublicAccess"]},
          {"iam.PutRolePolicy": 1, "eks.DeleteAccessEntry": 1}),
    Story("workforce-user", person_phished, lambda of: {
        "person": [of.person_at_work[2]] == [
            each["Statement"][0]["Condition"]["StringEquals"]["identitystore:UserId"]
            for each in of.bound_by(of.organization_root) if says(each, "StanchDenyPerson")],
        "assignments": not of.assignments.look(), "groups": not of.memberships.look(),
        "colleague": of.assignments_of_colleague() == 1,
        "key": of.key_status("made-support") == "Inactive", "user": not of.is_denied("support"),
        "switched": of.is_revoked("switched")},
          {"organizations.CreatePolicy": 1, "organizations.AttachPolicy": 1,
           "sso-admin.DeleteAccountAssignment": 4, "identitystore.DeleteGroupMembership": 2,
           "iam.UpdateAccessKey": 1, "iam.PutRolePolicy": 1},
          told=lambda of: {**MANAGED, **WORKFORCE}),
]


def own_key_rotated(places):
    """Afterwards with the old key something fails that is minded where it works."""
    return Attack(places).by_user("support", "iam", "CreateAccessKey", {"userName": "support"},
                                  made_key(places, "support")).by_user(
        "support", "ec2", "RunInstances", {"instanceType": "p4d.24xlarge"},
        errorCode="Client.UnauthorizedOperation")


def launch_fails_beside(places):
    return machines_started(places).by_role(
        "pipeline", "ec2", "RunInstances", {"instanceType": "p4d.24xlarge"},
        errorCode="Client.InstanceLimitExceeded").by_user(
        "support", "ec2", "RunInstances", {"instanceType": "p4d.24xlarge"},
        errorCode="Client.InstanceLimitExceeded")


def role_opens_itself(places):
    return Attack(places).by_role("operations", "iam", "UpdateAssumeRolePolicy", {
        "roleName": "operations", "policyDocument": foreign_trust()})


def console_user_opens_the_role(places):
    attack = Attack(places)
    call, more = session_of("switched", "console", "ASIASWITCHED00000001")
    return attack.at_console("console", *call, **more).at_console(
        "console", "iam", "UpdateAssumeRolePolicy", {
            "roleName": "switched", "policyDocument": foreign_trust()})


def reads_secrets(attack, by, who, count):
    for number in range(count):
        by(who, "secretsmanager", "GetSecretValue", {"secretId": f"prod/{who}/{number}"},
           readOnly=True)
    return attack


def few_secrets_read(places):
    """Each is counted by two rules."""
    attack = Attack(places)
    return reads_secrets(attack, attack.by_user, "support", 11)


def many_secrets_read(places):
    """Of which most are only counted; by one who tries out what it may."""
    attack = Attack(places)
    attack.by_role("operations", "ec2", "RunInstances", {}, errorCode="Client.DryRunOperation")
    return reads_secrets(attack, attack.by_role, "operations", 60)


def key_made_beside(attack):
    return attack.by_role("switched", "iam", "CreateAccessKey", {"userName": "support"},
                          made_key(attack.places, "support"))


def hub_comes_in_beside(places):
    return comes_in(comes_in(Attack(places), FOREIGN, "operations"), HUB, "vendor")


def trust_changed_beside(places):
    """By one who lets nobody in but with an external id."""
    trust = statement(Effect="Allow", Principal={"AWS": f"arn:aws:iam::{FOREIGN}:root"},
                      Action="sts:AssumeRole",
                      Condition={"StringEquals": {"sts:ExternalId": "7c9e"}})
    return pipeline_opened(places).by_role("switched", "iam", "UpdateAssumeRolePolicy", {
        "roleName": "pipeline", "policyDocument": json.dumps(trust)})


def revoke(role):
    return f"aws.iam.revoke-role-sessions aws:role/{ACCOUNT}/{role}"


def close(role):
    return f"aws.iam.deny-foreign-trust aws:role/{ACCOUNT}/{role}"


def deny(user):
    return f"aws.iam.deny-user aws:user/{ACCOUNT}/{user}"


BYSTANDERS = [
    Bystanders("an owner rotates a key, and a launch fails", own_key_rotated, lambda of: []),
    Bystanders("launches fail beside", launch_fails_beside, lambda of: [revoke("operations")] + [
        f"aws.ec2.{action} aws:instance/{ACCOUNT}/{of.started}"
        for action in ("snapshot-volumes", "protect-instance", "isolate-instance")]),
    Bystanders("a role that opened itself", role_opens_itself, lambda of: [
        close("operations"), revoke("operations")]),
    Bystanders("a user at the console who opened the role it had", console_user_opens_the_role,
               lambda of: [deny("console"), close("switched"), revoke("switched")]),
    Bystanders("a user reads few secrets", few_secrets_read, lambda of: []),
    Bystanders("a role reads many secrets", many_secrets_read, lambda of: [revoke("operations")]),
    Bystanders("a key is made beside mail", lambda of: key_made_beside(mail_sent(of)), lambda of: [
        deny("mailer"),
        "aws.iam.deactivate-service-credential aws:service-credential/"
        + of.service_credential["mailer"],
        f"aws.ses.stop-sending aws:account/{ACCOUNT}",
        "aws.iam.deactivate-access-key aws:access-key/" + of.keys["mailer"]]),
    Bystanders("a key is made beside models", lambda of: key_made_beside(models_called(of)),
               lambda of: [
        deny("modeller"), "aws.iam.deactivate-access-key aws:access-key/" + of.keys["modeller"],
        "aws.iam.deactivate-service-credential aws:service-credential/"
        + of.service_credential["modeller"]]),
    Bystanders("an account of ours comes in beside a vendor", hub_comes_in_beside, lambda of: [
        close("operations"), revoke("operations")]),
    Bystanders("a trust is changed beside", trust_changed_beside, lambda of: [
        revoke("operations"), f"aws.iam.deny-role aws:role/{ACCOUNT}/pipeline",
        revoke("pipeline"), "aws.iam.remove-oidc-provider " + of.provider.entity]),
]
