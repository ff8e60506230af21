"""The actions of the content that moto can be asked about, each with something to do it to, and what
boto3 must say afterwards. Cases are seeded past the proxy, and share nothing with what is tested.
"""
import dataclasses
import functools
import io
import json
import os
import re
import subprocess
import typing
import zipfile

from action_networks import Networks, denies_address
from action_storage import GRANTED, Storage
from action_subjects import FOREIGN, Identities, Resources, Subject, only_denies, says, statement
from moto_world import ACCOUNT, REGION


@dataclasses.dataclass
class Case:
    action: str
    seed: typing.Callable        # of a Seeder, a Subject
    is_so: typing.Callable       # of what look() gives: the action's effect is there
    undo: str = "plain"          # "signed" if it takes two people, "" if there is no way back
    approve: str = "plain"
    after_undo: typing.Any = None  # what look() gives then, if that is not what it gave at first
    writes: bool = True
    is_so_twice: typing.Callable = None  # the same, where the network does its write twice
    by_role: bool = False          # Stanch works in a session of a role, not as a user
    roles: str = ""                # how roles begin that it assumes in each account

    def is_by_user(self):
        return not self.by_role and not self.roles


class Seeder(Identities, Networks, Resources, Storage):
    """What the cases begin with, built past the proxy."""

    def __init__(self, world):
        self.world = world
        self.client = functools.cache(world.direct)  # which takes its time
        self.client_in = world.direct_in
        ec2 = self.client("ec2")
        self.vpc = ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
        self.subnet = ec2.create_subnet(VpcId=self.vpc,
                                        CidrBlock="10.1.0.0/24")["Subnet"]["SubnetId"]
        self.ami = ec2.describe_images(Owners=["amazon"], Filters=[
            {"Name": "root-device-type", "Values": ["ebs"]}])["Images"][0]["ImageId"]
        self.role = self.client("iam").create_role(
            RoleName="app", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
        self.scene = world.build_scene()

    def run_instance(self, **options):
        made = self.client("ec2").run_instances(ImageId=self.ami, MinCount=1, MaxCount=1,
                                                SubnetId=self.subnet, **options)["Instances"][0]
        return made["InstanceId"], made["NetworkInterfaces"][0]["NetworkInterfaceId"]

    def described(self, instance):
        found = self.client("ec2").describe_instances(InstanceIds=[instance])
        return found["Reservations"][0]["Instances"][0]

    def instance(self, look, **options):
        made, _ = self.run_instance(**options)
        return Subject(f"aws:instance/{ACCOUNT}/{made}", lambda: look(made))

    def profile(self):
        iam, ec2 = self.client("iam"), self.client("ec2")
        arn = iam.create_instance_profile(InstanceProfileName="app")["InstanceProfile"]["Arn"]
        iam.add_role_to_instance_profile(InstanceProfileName="app", RoleName="app")

        def look(instance):
            found = ec2.describe_iam_instance_profile_associations(
                Filters=[{"Name": "instance-id", "Values": [instance]}])
            return [each["IamInstanceProfile"]["Arn"]
                    for each in found["IamInstanceProfileAssociations"]
                    if each["State"] == "associated"]

        made, _ = self.run_instance()
        ec2.associate_iam_instance_profile(InstanceId=made, IamInstanceProfile={"Arn": arn})
        return Subject(f"aws:instance/{ACCOUNT}/{made}", lambda: look(made))

    def standing(self):
        return self.instance(lambda made: self.described(made)["State"]["Name"])

    def protection(self):
        ec2 = self.client("ec2")

        def look(made):
            return {name: ec2.describe_instance_attribute(InstanceId=made, Attribute=name)[
                        name[0].upper() + name[1:]].get("Value")
                    for name in ("disableApiTermination", "disableApiStop",
                                 "instanceInitiatedShutdownBehavior")}

        return self.instance(look)

    def metadata(self):
        return self.instance(lambda made: self.described(made)["MetadataOptions"],
                             MetadataOptions={"HttpTokens": "optional", "HttpEndpoint": "enabled",
                                              "HttpPutResponseHopLimit": 2})

    def address(self):
        ec2 = self.client("ec2")
        _, interface = self.run_instance()
        made = ec2.allocate_address(Domain="vpc")["AllocationId"]
        ec2.associate_address(AllocationId=made, NetworkInterfaceId=interface)

        def look():
            found = ec2.describe_addresses(AllocationIds=[made])["Addresses"][0]
            return {name: found.get(name) or "" for name in ("PublicIp", "NetworkInterfaceId")}

        return Subject(f"aws:elastic-ip/{ACCOUNT}/{made}", look)

    def screen(self):
        shown = self.client("ec2").get_console_screenshot
        subject = self.standing()
        subject.secret = shown(InstanceId=subject.entity.rpartition("/")[2])["ImageData"]
        return subject

    def sessions_on(self):
        """Three on one instance, more than a page of them, and one on another."""
        ssm = self.client("ssm")
        (made, _), (other, _) = self.run_instance(), self.run_instance()
        names = {ssm.start_session(Target=target)["SessionId"]: name for target, name in (
            (made, "shell"), (other, "other"), (made, "tunnel"), (made, "idle"))}

        def look():
            pages = ssm.get_paginator("describe_sessions").paginate(State="Active")
            return sorted(names[each["SessionId"]] for page in pages for each in page["Sessions"]
                          if each["Status"] == "Connected")

        [idle] = [each for each, name in names.items() if name == "idle"]
        return Subject(f"aws:instance/{ACCOUNT}/{made}", look,
                       meanwhile=lambda: ssm.terminate_session(SessionId=idle))

    def unlocked(self):
        ec2 = self.client("ec2")
        made = ec2.create_snapshot(VolumeId=ec2.create_volume(
            Size=1, AvailabilityZone=REGION + "a")["VolumeId"])["SnapshotId"]

        def look():
            return [(each["LockState"], each["LockDuration"]) for each in
                    ec2.describe_locked_snapshots(SnapshotIds=[made])["Snapshots"]]

        return Subject(f"aws:snapshot/{made}", look, lambda: ec2.unlock_snapshot(SnapshotId=made))

    def snapshot(self):
        ec2 = self.client("ec2")
        volume = ec2.create_volume(Size=1, AvailabilityZone=REGION + "a")["VolumeId"]
        made = ec2.create_snapshot(VolumeId=volume)["SnapshotId"]
        for more in ({"UserIds": [FOREIGN]}, {"GroupNames": ["all"]}):
            ec2.modify_snapshot_attribute(SnapshotId=made, Attribute="createVolumePermission",
                                          OperationType="add", **more)
        return Subject(f"aws:snapshot/{made}", lambda: by_text(ec2.describe_snapshot_attribute(
            SnapshotId=made, Attribute="createVolumePermission")["CreateVolumePermissions"]))

    def image(self):
        ec2 = self.client("ec2")
        instance, _ = self.run_instance()
        made = ec2.create_image(InstanceId=instance, Name="golden")["ImageId"]
        ec2.modify_image_attribute(ImageId=made, LaunchPermission={"Add": [{"UserId": FOREIGN},
                                                                           {"Group": "all"}]})
        return Subject(f"aws:image/{made}", lambda: by_text(ec2.describe_image_attribute(
            ImageId=made, Attribute="launchPermission")["LaunchPermissions"]))

    def function(self, name):
        code = io.BytesIO()
        with zipfile.ZipFile(code, "w") as archive:
            archive.writestr("app.py", "def handler(event, context): pass")
        self.client("lambda").create_function(
            FunctionName=name, Role=self.role, Runtime="python3.12", Handler="app.handler",
            Code={"ZipFile": code.getvalue()})
        return f"aws:function/{ACCOUNT}/{REGION}/{name}"

    def told_function(self):
        entity, aws = self.function("told"), self.client("lambda")
        arn = aws.get_function_configuration(FunctionName="told")["FunctionArn"]

        def look():
            return json.loads(aws.list_tags(Resource=arn)["Tags"].get("given", "null"))

        return Subject(entity, look, given={"payload": '{"do": "page", "é": 1}'})

    def unlimited(self):
        return Subject(self.function("unlimited"), lambda: self.concurrency("unlimited"))

    def limited(self):
        entity = self.function("seven")
        self.client("lambda").put_function_concurrency(FunctionName="seven",
                                                       ReservedConcurrentExecutions=7)
        return Subject(entity, lambda: self.concurrency("seven"))

    def concurrency(self, name):
        return self.client("lambda").get_function_concurrency(
            FunctionName=name).get("ReservedConcurrentExecutions")

    def called(self):
        aws = self.client("lambda")
        entity = self.function("called")
        for sid, principal, more in (("everybody", "*", {}), ("partner", FOREIGN, {}),
                                     ("own", ACCOUNT, {}),
                                     ("bucket", "s3.amazonaws.com", {"SourceAccount": ACCOUNT})):
            aws.add_permission(FunctionName="called", StatementId=sid, Principal=principal,
                               Action="lambda:InvokeFunction", **more)
        return Subject(entity, lambda: by_text(json.loads(
            aws.get_policy(FunctionName="called")["Policy"])["Statement"]))

    def key(self):
        kms = self.client("kms")
        made = kms.create_key()["KeyMetadata"]["KeyId"]
        return Subject(f"aws:kms-key/{ACCOUNT}/{REGION}/{made}",
                       lambda: kms.describe_key(KeyId=made)["KeyMetadata"]["KeyState"])

    def doomed_key(self):
        subject = self.key()
        self.client("kms").schedule_key_deletion(KeyId=subject.entity.rpartition("/")[2])
        return subject

    def database(self):
        rds = self.client("rds")
        rds.create_db_instance(DBInstanceIdentifier="orders", DBInstanceClass="db.t3.micro",
                               Engine="postgres", AllocatedStorage=20, PubliclyAccessible=True,
                               MasterUsername="root", MasterUserPassword="orders-orders")
        return Subject(f"aws:db/{ACCOUNT}/{REGION}/orders", lambda: rds.describe_db_instances(
            DBInstanceIdentifier="orders")["DBInstances"][0]["PubliclyAccessible"])

    def database_snapshot(self):
        rds = self.client("rds")
        rds.create_db_instance(DBInstanceIdentifier="users", DBInstanceClass="db.t3.micro",
                               Engine="postgres", AllocatedStorage=20,
                               MasterUsername="root", MasterUserPassword="users-users")
        rds.create_db_snapshot(DBInstanceIdentifier="users", DBSnapshotIdentifier="users-1")
        rds.modify_db_snapshot_attribute(DBSnapshotIdentifier="users-1", AttributeName="restore",
                                         ValuesToAdd=[FOREIGN, "all"])

        def look():
            found = rds.describe_db_snapshot_attributes(DBSnapshotIdentifier="users-1")
            return sorted(value for each in found["DBSnapshotAttributesResult"][
                              "DBSnapshotAttributes"] for value in each["AttributeValues"])

        return Subject(f"aws:db-snapshot/{ACCOUNT}/{REGION}/users-1", look)

    def bucket(self, name):
        self.client("s3").create_bucket(
            Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
        return f"aws:bucket/{name}"

    def policy(self, name):
        try:
            return json.loads(self.client("s3").get_bucket_policy(Bucket=name)["Policy"])
        except self.client("s3").exceptions.ClientError as error:
            return error.response["Error"]["Code"]

    def bucket_with_policy(self, name="acme-with-policy"):
        entity = self.bucket(name)
        # A single statement that is no list.
        self.client("s3").put_bucket_policy(Bucket=name, Policy=json.dumps({
            "Version": "2012-10-17", "Id": "acme", "Statement": {
                "Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
                "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{name}/*"}}))
        return Subject(entity, lambda: self.policy(name))

    def bucket_without_policy(self, name="acme-without-policy"):
        return Subject(self.bucket(name), lambda: self.policy(name))

    def versions(self, name, status=None):
        s3 = self.client("s3")
        entity = self.bucket(name)
        if status:
            s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": status})
        return Subject(entity, lambda: s3.get_bucket_versioning(Bucket=name).get("Status"))

    def expiry(self):
        s3 = self.client("s3")
        entity = self.bucket("acme-expiry")
        rules = [
            {"ID": "bomb", "Status": "Enabled", "Filter": {"Prefix": ""},
             "Expiration": {"Days": 1}},
            {"ID": "old", "Status": "Enabled", "Filter": {"Prefix": "logs/"},
             "NoncurrentVersionExpiration": {"NoncurrentDays": 1}},
            {"ID": "cold", "Status": "Enabled", "Filter": {"Prefix": ""},
             "Transitions": [{"Days": 90, "StorageClass": "GLACIER"}]},
        ]
        s3.put_bucket_lifecycle_configuration(Bucket="acme-expiry",
                                              LifecycleConfiguration={"Rules": rules})
        return Subject(entity, lambda: s3.get_bucket_lifecycle_configuration(
            Bucket="acme-expiry")["Rules"])

    def policies(self, kind, name):
        """The inline policies of a user or a role."""
        iam, of = self.client("iam"), {kind + "Name": name}
        listed = getattr(iam, f"list_{kind.lower()}_policies")(**of)["PolicyNames"]
        get = getattr(iam, f"get_{kind.lower()}_policy")
        return {each: get(PolicyName=each, **of)["PolicyDocument"] for each in listed}

    def user(self):
        return Subject(f"aws:user/{ACCOUNT}/{self.scene.user}",
                       lambda: self.policies("User", self.scene.user))

    def sessions(self):
        return Subject(f"aws:role/{ACCOUNT}/{self.scene.role}",
                       lambda: self.policies("Role", self.scene.role))

    def access_key(self, name):
        def look():
            found = self.client("iam").list_access_keys(UserName=self.scene.user)
            return {each["AccessKeyId"]: each["Status"] for each in found["AccessKeyMetadata"]}[name]

        return Subject(f"aws:access-key/{name}", look)

    def volumes(self):
        def look():
            found = self.client("ec2").describe_snapshots(Filters=[
                {"Name": "volume-id", "Values": self.scene.volumes}])["Snapshots"]
            return {each: sum(of["VolumeId"] == each for of in found)
                    for each in self.scene.volumes}

        return Subject(f"aws:instance/{ACCOUNT}/{self.scene.instance}", look)

    def in_group(self):
        def look():
            found = self.client("autoscaling").describe_auto_scaling_instances(
                InstanceIds=[self.scene.instance])["AutoScalingInstances"]
            return [each["AutoScalingGroupName"] for each in found]

        return Subject(f"aws:instance/{ACCOUNT}/{self.scene.instance}", look)

    def interfaces(self):
        """The groups of each interface; "closed" is one without a rule."""
        ec2 = self.client("ec2")

        def look():
            groups = ec2.describe_security_groups()["SecurityGroups"]
            closed = {each["GroupId"] for each in groups
                      if not each["IpPermissions"] and not each["IpPermissionsEgress"]}
            found = ec2.describe_network_interfaces(
                NetworkInterfaceIds=list(self.scene.interfaces))["NetworkInterfaces"]
            return {each["NetworkInterfaceId"]: sorted(
                        "closed" if of["GroupId"] in closed else of["GroupId"]
                        for of in each["Groups"]) for each in found}

        return Subject(f"aws:instance/{ACCOUNT}/{self.scene.instance}", look)

    def public_bucket(self):
        s3 = self.client("s3")

        def look():
            try:
                return s3.get_public_access_block(
                    Bucket=self.scene.bucket)["PublicAccessBlockConfiguration"]
            except s3.exceptions.ClientError as error:
                return error.response["Error"]["Code"]

        return Subject(f"aws:bucket/{self.scene.bucket}", look)

    def trail(self):
        return Subject(
            f"aws:trail/{ACCOUNT}/{REGION}/{self.scene.trail}",
            lambda: self.client("cloudtrail").get_trail_status(
                Name=self.scene.trail_arn)["IsLogging"])


def by_text(values):
    return sorted(values, key=lambda each: json.dumps(each, sort_keys=True))


def denies_changes(policy, ending=""):
    """To all but one user, or one role whatever its session."""
    own = [each for each in policy["Statement"] if each.get("Sid") == "StanchDenyChanges"
           ] if isinstance(policy, dict) and isinstance(policy["Statement"], list) else []
    if len(own) != 1 or own[0]["Effect"] != "Deny":
        return False
    excepted = own[0]["Condition"]["StringNotLike"]["aws:userid"]
    return re.fullmatch(r"[A-Za-z0-9]{10,}" + re.escape(ending), excepted) is not None


def denies_all(policies):
    """By one policy alone."""
    statements = [statement for each in policies.values() for statement in each["Statement"]]
    return sum(each["Effect"] == "Deny" and each["Action"] == "*" and each["Resource"] == "*"
               for each in statements) == 1


DENY_ALL = "arn:aws:iam::aws:policy/AWSDenyAll"


def is_gone(seen):
    return not seen


def denies_principal(policies, kind):
    """By its ARN, as IAM spells it."""
    return (only_denies(policies, "StanchDenyPrincipal")
            and re.fullmatch(rf"arn:aws:iam::\d{{12}}:{kind}/ci/deploy", policies[0]["Statement"][0][
                "Condition"]["StringEquals"]["aws:PrincipalArn"]))


def denies_off_host(policy):
    """But for the instance's own ways out."""
    if not says(policy, "StanchDenyOffHost"):
        return False
    condition = policy["Statement"][0]["Condition"]
    return (re.fullmatch(r"A[A-Z0-9]+:i-[0-9a-f]+", condition["StringEquals"]["aws:userid"])
            and condition["StringNotEquals"]["aws:SourceVpc"].startswith("vpc-")
            and len(condition["NotIpAddress"]["aws:SourceIp"]) >= 3)


def is_rotated_once(values):
    return values.keys() == {"AWSCURRENT", "AWSPREVIOUS"} and (
        values["AWSPREVIOUS"] == "before-it-was-stolen")


def is_paused(rules):
    return [each["Status"] for each in rules] == ["Disabled", "Disabled", "Enabled"]


CASES = [
    Case("aws.ec2.remove-instance-profile", Seeder.profile, lambda seen: seen == [], "signed"),
    Case("aws.ec2.stop-instance", Seeder.standing, lambda seen: seen == "stopped"),
    Case("aws.ec2.terminate-instance", Seeder.standing, lambda seen: seen == "terminated", "",
         approve="signed"),
    Case("aws.ec2.protect-instance", Seeder.protection,
         lambda seen: seen == {"disableApiTermination": True, "disableApiStop": True,
                               "instanceInitiatedShutdownBehavior": "stop"}),
    Case("aws.ec2.require-imdsv2", Seeder.metadata,
         lambda seen: seen["HttpTokens"] == "required" and seen["HttpPutResponseHopLimit"] == 1),
    Case("aws.ec2.disassociate-address", Seeder.address,
         lambda seen: not seen["NetworkInterfaceId"]),
    Case("aws.ec2.unshare-snapshot", Seeder.snapshot, lambda seen: seen == [], "signed"),
    Case("aws.ec2.unshare-image", Seeder.image, lambda seen: seen == [], "signed"),
    Case("aws.ec2.capture-console-output", Seeder.standing, lambda seen: seen == "running", "",
         writes=False),
    Case("aws.ec2.capture-console-screenshot", Seeder.screen, lambda seen: seen == "running", "",
         writes=False),
    Case("aws.ec2.lock-snapshot", Seeder.unlocked, lambda seen: seen == [("governance", 365)], ""),
    Case("aws.lambda.throttle-function", Seeder.unlimited, lambda seen: seen == 0),
    Case("aws.lambda.throttle-function", Seeder.limited, lambda seen: seen == 0),
    Case("aws.lambda.remove-foreign-permissions", Seeder.called,
         lambda seen: {each["Sid"] for each in seen} == {"own", "bucket"}, "signed"),
    Case("aws.kms.disable-key", Seeder.key, lambda seen: seen == "Disabled"),
    Case("aws.kms.cancel-key-deletion", Seeder.doomed_key, lambda seen: seen == "Enabled", ""),
    Case("aws.rds.make-instance-private", Seeder.database, lambda seen: seen is False),
    Case("aws.rds.unshare-snapshot", Seeder.database_snapshot, lambda seen: seen == [], "signed"),
    Case("aws.s3.deny-changes", Seeder.bucket_with_policy, denies_changes, "signed"),
    Case("aws.s3.deny-changes", Seeder.bucket_without_policy,
         lambda seen: denies_changes(seen, ":*"), "signed", by_role=True),
    Case("aws.s3.enable-versioning", lambda of: of.versions("acme-suspended", "Suspended"),
         lambda seen: seen == "Enabled"),
    Case("aws.s3.enable-versioning", lambda of: of.versions("acme-never"),
         lambda seen: seen == "Enabled", after_undo="Suspended"),
    Case("aws.s3.pause-expiry", Seeder.expiry, is_paused),
    Case("aws.s3.block-customer-keys",
         lambda of: of.bucket_with_policy("acme-ransomed"),
         lambda seen: says(seen, "StanchDenyCustomerKeys", beside=1)),
    Case("aws.s3.block-customer-keys", lambda of: of.bucket_without_policy("acme-bare"),
         lambda seen: seen != "NoSuchBucketPolicy" and says(seen, "StanchDenyCustomerKeys")),
    Case("aws.s3.retain-objects", lambda of: of.lockable("acme-evidence"),
         lambda seen: seen == {"Mode": "GOVERNANCE", "Days": 90}),
    Case("aws.s3.retain-objects", lambda of: of.lockable("acme-strict", "COMPLIANCE"),
         lambda seen: seen == {"Mode": "COMPLIANCE", "Days": 90}),
    Case("aws.iam.deny-role", Seeder.role_policies,
         lambda seen: any(says(each, "StanchDenyAll") for each in seen.values()), "signed"),
    Case("aws.iam.deny-foreign-trust", Seeder.role_trust,
         lambda seen: says(seen, "StanchDenyForeign", beside=1), "signed"),
    Case("aws.iam.bound-role", lambda of: of.role_boundary("unbound"),
         lambda seen: seen == DENY_ALL, "signed"),
    Case("aws.iam.bound-role",
         lambda of: of.role_boundary("bound", "arn:aws:iam::aws:policy/PowerUserAccess"),
         lambda seen: seen == DENY_ALL, "signed"),
    Case("aws.iam.bound-user", lambda of: of.user_boundary("unbound"),
         lambda seen: seen == DENY_ALL, "signed"),
    Case("aws.iam.bound-user",
         lambda of: of.user_boundary("bound", "arn:aws:iam::aws:policy/PowerUserAccess"),
         lambda seen: seen == DENY_ALL, "signed"),
    Case("aws.iam.delete-login-profile", Seeder.login_profile, is_gone, "", "signed"),
    Case("aws.iam.delete-access-key", Seeder.inactive_key, is_gone, "", "signed"),
    Case("aws.iam.deactivate-service-credential", Seeder.service_credential,
         lambda seen: seen == "Inactive", "signed"),
    Case("aws.iam.remove-mfa-device", Seeder.mfa_device, is_gone, "", "signed"),
    Case("aws.iam.delete-user", Seeder.doomed_user, is_gone, "", "signed"),
    Case("aws.iam.delete-role", Seeder.doomed_role, is_gone, "", "signed"),
    Case("aws.iam.delete-policy", Seeder.doomed_policy, lambda seen: seen is None, "", "signed"),
    Case("aws.iam.remove-oidc-provider", Seeder.oidc_provider, is_gone, "signed"),
    Case("aws.iam.remove-saml-provider", Seeder.saml_provider, is_gone, "signed"),
    Case("aws.rolesanywhere.disable-trust-anchor", Seeder.trust_anchor,
         lambda seen: seen == {"enabled": False, "other": True}, "signed"),
    Case("aws.organizations.quarantine-account", Seeder.member,
         lambda seen: only_denies(seen, "StanchQuarantine"), "signed"),
    Case("aws.organizations.protect-responder", Seeder.root,
         lambda seen: only_denies(seen, "StanchProtect")),
    Case("aws.organizations.move-account", Seeder.moved, lambda seen: seen, "signed"),
    Case("aws.organizations.deny-role", lambda of: of.in_member("role"),
         lambda seen: denies_principal(seen, "role"), "signed", roles="stanch"),
    Case("aws.organizations.deny-user", lambda of: of.in_member("user"),
         lambda seen: denies_principal(seen, "user"), "signed", roles="stanch"),
    Case("aws.organizations.deny-workforce-user", Seeder.denied_person,
         lambda seen: only_denies(seen, "StanchDenyPerson"), "signed"),
    Case("aws.sso.remove-assignments", Seeder.assigned, is_gone, "signed"),
    Case("aws.identitystore.remove-from-groups", Seeder.grouped, is_gone, "signed"),
    Case("aws.sso.revoke-permission-set-sessions", lambda of: of.signed_in("bare"),
         lambda seen: says(seen, "StanchRevokeOlderSessions"), "signed", approve="signed"),
    Case("aws.sso.revoke-permission-set-sessions", lambda of: of.signed_in("told", {
        "Version": "2012-10-17", "Statement": {"Effect": "Allow", "Resource": "*",
                                               "Action": "s3:Get${quoted}\"*"}}),
         lambda seen: says(seen, "StanchRevokeOlderSessions", beside=1), "signed",
         approve="signed"),
    Case("aws.ecs.capture-task", Seeder.running_task, lambda seen: seen == "RUNNING", "",
         writes=False),
    Case("aws.ecs.isolate-task", Seeder.networked_task, lambda seen: seen == ["closed"]),
    Case("aws.ecs.protect-task", Seeder.task_of_service, lambda seen: seen is True),
    Case("aws.ecs.stop-task", Seeder.running_task, lambda seen: seen == "STOPPED", "",
         approve="signed"),
    Case("aws.eks.close-endpoint", Seeder.cluster,
         lambda seen: not seen["endpointPublicAccess"] and seen["endpointPrivateAccess"]),
    Case("aws.eks.remove-access-entry", Seeder.access_entry, lambda seen: seen is None, "signed"),
    Case("aws.backup.deny-deletion", lambda of: of.vault("bare"),
         lambda seen: says(seen, "StanchDenyDeletion"), "signed"),
    Case("aws.backup.deny-deletion", lambda of: of.vault("shared", statement(
        Sid="partner", Effect="Allow", Principal={"AWS": f"arn:aws:iam::{FOREIGN}:root"},
        Action="backup:CopyIntoBackupVault", Resource="*")),
         lambda seen: says(seen, "StanchDenyDeletion", beside=1), "signed"),
    Case("aws.autoscaling.suspend-group", Seeder.group, lambda seen: len(seen) == 9),
    Case("aws.ec2.close-security-group", Seeder.security_group,
         lambda seen: [each[:3] for each in seen] == [("tcp", 22, "10.0.0.0/8"),
                                                      ("tcp", 443, "0.0.0.0/0")]),
    Case("aws.ec2.deny-off-host-use", Seeder.role_of_instance,
         lambda seen: any(denies_off_host(each) for each in seen.values()), "signed"),
    Case("aws.secretsmanager.deny-secret", lambda of: of.secret("app/bare"),
         lambda seen: says(seen, "StanchDeny"), "signed"),
    Case("aws.secretsmanager.deny-secret", lambda of: of.secret("app/shared", statement(
        Sid="partner", Effect="Allow", Principal={"AWS": f"arn:aws:iam::{FOREIGN}:root"},
        Action="secretsmanager:GetSecretValue", Resource="*")),
         lambda seen: says(seen, "StanchDeny", beside=1), "signed"),
    Case("aws.secretsmanager.rotate-secret", lambda of: of.rotated(
        "app/rotated", RotationLambdaARN=f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:rotates"),
         is_rotated_once, "", "signed"),
    Case("aws.secretsmanager.rotate-secret", lambda of: of.rotated("rds!cluster-orders", "rds"),
         is_rotated_once, "", "signed"),
    Case("aws.ecr.deny-changes", Seeder.repository,
         lambda seen: says(seen, "StanchDenyChanges", beside=1)),
    Case("aws.sqs.deny-foreign", lambda of: of.queue("orders"),
         lambda seen: says(seen, "StanchDenyForeign"), "signed"),
    Case("aws.sqs.deny-foreign", lambda of: of.queue("shared", statement(
        Sid="partner", Effect="Allow", Principal={"AWS": f"arn:aws:iam::{FOREIGN}:root"},
        Action="sqs:ReceiveMessage", Resource="*")),
         lambda seen: says(seen, "StanchDenyForeign", beside=1), "signed"),
    Case("aws.ses.stop-sending", Seeder.sending, lambda seen: seen is False),
    Case("aws.sns.deny-foreign", Seeder.topic,
         lambda seen: says(seen, "StanchDenyForeign", beside=1), "signed"),
    Case("aws.ssm.capture-processes", Seeder.commanded,
         lambda seen: "AWS-RunShellScript" in seen, ""),
    Case("aws.ssm.end-sessions", Seeder.sessions_on, lambda seen: seen == ["other"], ""),
    Case("aws.ssm.patch-instance", Seeder.commanded,
         lambda seen: "AWS-RunPatchBaseline" in seen, ""),
    Case("aws.guardduty.restore-detector", Seeder.detector, lambda seen: seen == "ENABLED", ""),
    Case("aws.iam.deny-user", Seeder.user, denies_all, "signed"),
    Case("aws.iam.deactivate-access-key", lambda of: of.access_key(of.scene.attacker_key),
         lambda seen: seen == "Inactive", "signed"),
    Case("aws.iam.revoke-role-sessions", Seeder.sessions, denies_all, "signed"),
    Case("aws.ec2.snapshot-volumes", Seeder.volumes, lambda seen: set(seen.values()) == {1}, "",
         is_so_twice=lambda seen: set(seen.values()) == {2}),
    Case("aws.autoscaling.detach-instance", Seeder.in_group, lambda seen: seen == []),
    Case("aws.ec2.isolate-instance", Seeder.interfaces,
         lambda seen: all(groups == ["closed"] for groups in seen.values())),
    Case("aws.s3.block-public-access", Seeder.public_bucket,
         lambda seen: isinstance(seen, dict) and all(seen.values())),
    Case("aws.cloudtrail.restore-logging", Seeder.trail, lambda seen: seen is True, ""),
    Case("aws.ec2.deny-address", lambda of: of.network_acl("203.0.113.7/32"), denies_address),
    Case("aws.ec2.deny-address", lambda of: of.network_acl("2001:db8::/64"), denies_address),
    Case("aws.elbv2.deregister-instance", Seeder.balanced,
         lambda seen: seen == [["other:80"], [], []]),
    Case("aws.ec2.copy-snapshot", Seeder.evidence,
         lambda seen: seen == {"shared": [FOREIGN], "copies": [("alias/evidence", True)]},
         after_undo={"shared": [], "copies": [("alias/evidence", True)]}, roles="stanch"),
    Case("aws.ec2.start-flow-logs", Seeder.flows,
         lambda seen: seen == [("arn:aws:s3:::acme-flows", "ALL")]),
    Case("aws.route53resolver.start-query-logs", Seeder.queries,
         lambda seen: seen == ["arn:aws:s3:::acme-queries"]),
    Case("aws.s3.restore-versions", Seeder.destroyed,
         lambda seen: seen == {"kept": "1", "dir/deleted": "1", "dir/overwritten now": "1",
                               "dir/over": "1", "dir/note": "pay", "rest/overwritten": "x"}, ""),
    Case("aws.s3.close-acl", Seeder.public_acl,
         lambda seen: seen == [grant for grant in GRANTED if "/global/" not in grant[0]], "signed"),
    Case("aws.lambda.invoke-function", Seeder.told_function,
         lambda seen: seen == {"do": "page", "é": 1}, ""),
    Case("aws.config.start-recorder", Seeder.recorder, lambda seen: seen is True, ""),
]


def make_evidence_key(content, private):
    """A key for evidence, of which the content has the certificate."""
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=evidence", "-keyout",
                    private, "-out", os.path.join(content, "evidence.pem")],
                   check=True, capture_output=True)


class People:
    """Two who may approve, with keys of their own, and the role that they let Stanch assume."""

    def __init__(self, folder, role):
        self.folder, self.keys, self.role = os.path.join(folder, "content"), {}, role
        os.mkdir(self.folder)
        with open(os.path.join(self.folder, "guards.yaml"), "w", encoding="utf-8") as file:
            file.write("soak: 0\n")
        make_evidence_key(self.folder, os.path.join(folder, "evidence-private.pem"))
        with open(os.path.join(self.folder, "approvers"), "w", encoding="utf-8") as file:
            for name in ("anna", "ben"):
                self.keys[name] = os.path.join(folder, name)
                subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f",
                                self.keys[name]], check=True)
                with open(self.keys[name] + ".pub", encoding="utf-8") as key:
                    file.write(f"{name} " + " ".join(key.read().split()[:2]) + "\n")

    def write(self, name, said):
        """What the organisation says in context.yaml or parameters.yaml."""
        with open(os.path.join(self.folder, name), "w", encoding="utf-8") as file:
            json.dump(said, file)
