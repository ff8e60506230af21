"""Operations that moto has nothing of, for moto_process.py. What they answer is held against botocore's
shapes: a member that AWS does not know, or one of another type, is a 500.
"""
import base64
import collections
import datetime
import re
import sys
import time
import types
import uuid

import botocore.loaders
import botocore.model
import botocore.validate
import moto.backend_index
import moto.ec2.models
import moto.ec2.responses
import moto.route53resolver.responses
import moto.secretsmanager.models
import moto.ssm.responses
from moto.core.base_backend import BackendDict, BaseBackend
from moto.core.exceptions import JsonRESTError
from moto.core.responses import ActionResult, BaseResponse
from moto.ec2.exceptions import EC2ClientError
from moto.route53resolver.exceptions import ResourceNotFoundException as NoAssociation
from moto.secretsmanager.exceptions import (InvalidRequestException,
                                            OperationNotPermittedOnReplica,
                                            SecretNotFoundException)

LOADER = botocore.loaders.Loader()
PICTURE = base64.b64encode(b"\xff\xd8\xff\xe0\0\x10JFIF\0 your files are encrypted \xff\xd9").decode()
LOCKS = ("compliance", "governance")


def answer(service, operation, result):
    model = botocore.model.ServiceModel(LOADER.load_service_model(service, "service-2"), service)
    shape = model.operation_model(operation).output_shape
    wrong = botocore.validate.ParamValidator().validate(result, shape)
    unknown = list(unknown_in(result, shape))
    assert not wrong.has_errors() and not unknown, f"{wrong.generate_report()} {unknown}"
    return ActionResult(result)


def unknown_in(value, shape):
    if shape.type_name == "list":
        for each in value:
            yield from unknown_in(each, shape.member)
    if shape.type_name == "structure":
        for name, each in value.items():
            if name not in shape.members:
                yield name
            else:
                yield from unknown_in(each, shape.members[name])


def now():
    return datetime.datetime.now(datetime.timezone.utc)


def know_sessions():
    """Of Session Manager, in pages of two. One that is ended is Terminating for a look, then history.
    https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DescribeSessions.html"""
    made = collections.defaultdict(dict)  # by account and region, then by id
    members = {"Target": "Target", "Owner": "Owner", "Status": "Status", "SessionId": "SessionId"}

    def own(self):
        return made[self.current_account, self.region]

    def start_session(self):
        name = f"eve-{uuid.uuid4().hex[:17]}"
        own(self)[name] = {
            "SessionId": name, "Target": self._get_param("Target"), "Status": "Connected",
            "StartDate": now(), "AccessType": "Standard",
            "DocumentName": self._get_param("DocumentName") or "SSM-SessionManagerRunShell",
            "Owner": f"arn:aws:iam::{self.current_account}:user/eve"}
        return answer("ssm", "StartSession", {"SessionId": name, "TokenValue": "token",
                                              "StreamUrl": "wss://ssmmessages.example.com"})

    def terminate_session(self):
        name = self._get_param("SessionId")
        session = own(self).get(name, {})
        if session.get("Status") == "Connected":
            session.update({"Status": "Terminating", "EndDate": now()})
        return answer("ssm", "TerminateSession", {"SessionId": name})

    def describe_sessions(self):
        filters = {each["key"]: each["value"] for each in self._get_param("Filters") or []}
        if filters.keys() - members.keys():
            raise JsonRESTError("InvalidFilterKey", "The specified key isn't valid.")
        is_active = self._get_param("State") == "Active"
        found = [dict(each) for each in own(self).values()
                 if (each["Status"] != "Terminated") == is_active
                 and all(each[members[key]] == value for key, value in filters.items())]
        begin, size = int(self._get_param("NextToken") or 0), self._get_param("MaxResults") or 2
        page, rest = found[begin:begin + size], found[begin + size:]
        if is_active:
            for each in page:
                if each["Status"] == "Terminating":
                    own(self)[each["SessionId"]]["Status"] = "Terminated"
        return answer("ssm", "DescribeSessions", {
            "Sessions": page, **({"NextToken": str(begin + size)} if rest else {})})

    for each in (start_session, terminate_session, describe_sessions):
        setattr(moto.ssm.responses.SimpleSystemManagerResponse, each.__name__, each)


def know_screens():
    """Of all instances but those of Graviton, and bare metal.
    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetConsoleScreenshot.html"""
    def get_console_screenshot(self):
        instance = self.ec2_backend.get_instance(self._get_param("InstanceId"))
        if instance.architecture == "arm64" or instance.instance_type.endswith(".metal"):
            raise EC2ClientError("UnsupportedOperation", "It has no screen.")
        return answer("ec2", "GetConsoleScreenshot", {"InstanceId": instance.id,
                                                      "ImageData": PICTURE})

    moto.ec2.responses.EC2Response.get_console_screenshot = get_console_screenshot


def know_locks():
    """Of snapshots.
    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_LockSnapshot.html"""
    locks = {}

    def asked(self):
        [snapshot] = self.ec2_backend.describe_snapshots([self._get_param("SnapshotId")])
        return snapshot.id

    def lock_snapshot(self):
        snapshot, mode = asked(self), self._get_param("LockMode")
        days, cool_off = self._get_param("LockDuration"), self._get_param("CoolOffPeriod")
        if mode not in LOCKS or not days or (cool_off and mode == "governance"):
            raise EC2ClientError("InvalidParameterCombination", "Not a lock.")
        begin = now()
        locks[snapshot] = {
            "SnapshotId": snapshot, "LockState": mode + ("-cooloff" if cool_off else ""),
            "LockDuration": days, "LockCreatedOn": begin, "LockDurationStartTime": begin,
            "LockExpiresOn": begin + datetime.timedelta(days=days),
            **({"CoolOffPeriod": cool_off,
                "CoolOffPeriodExpiresOn": begin + datetime.timedelta(hours=cool_off)}
               if cool_off else {})}
        return answer("ec2", "LockSnapshot", locks[snapshot])

    def unlock_snapshot(self):
        snapshot = asked(self)
        if locks.get(snapshot, {}).get("LockState") == "compliance":
            raise EC2ClientError("OperationNotPermitted", "It is locked in compliance mode.")
        locks.pop(snapshot, None)
        return answer("ec2", "UnlockSnapshot", {"SnapshotId": snapshot})

    def describe_locked_snapshots(self):
        names = self._get_param("SnapshotIds", [])
        own = {each.id for each in self.ec2_backend.describe_snapshots(names)}
        return answer("ec2", "DescribeLockedSnapshots", {"Snapshots": [
            {**lock, "OwnerId": self.current_account} for name, lock in locks.items()
            if name in own]})

    for each in (lock_snapshot, unlock_snapshot, describe_locked_snapshots):
        setattr(moto.ec2.responses.EC2Response, each.__name__, each)


def know_rotations():
    """Of secrets. They go on while RotateSecret has answered long ago: until a secret was described
    twice since. Until then it refuses any other, and the same once more.
    https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RotateSecret.html"""
    looks = {}  # that are left, by ARN

    def rotate_secret(self, secret_id, client_request_token=None, rotation_lambda_arn=None,
                      rotation_rules=None, rotate_immediately=True):
        if not self._is_valid_identifier(secret_id):
            raise SecretNotFoundException()
        secret = self.secrets[secret_id]
        if isinstance(secret, moto.secretsmanager.models.ReplicaSecret):
            raise OperationNotPermittedOnReplica
        if secret.is_deleted():
            raise InvalidRequestException("You can't perform this operation on the secret because "
                                          "it was marked for deletion.")
        secret.rotation_lambda_arn = rotation_lambda_arn or secret.rotation_lambda_arn
        if not (secret.rotation_lambda_arn or secret.owning_service):
            raise InvalidRequestException("No Lambda rotation function ARN is associated with this "
                                          "secret.")
        if rotation_rules:
            secret.auto_rotate_after_days = rotation_rules["AutomaticallyAfterDays"]
        secret.rotation_requested = secret.rotation_enabled = True
        if not rotate_immediately:
            return secret.to_short_dict()
        if any("AWSPENDING" in each["version_stages"] for each in secret.versions.values()):
            raise InvalidRequestException("A previous rotation isn't complete. That rotation will "
                                          "be reattempted.")
        version = self._from_client_request_token(client_request_token)
        if version not in secret.versions:
            secret.versions[version] = {
                "version_id": version, "version_stages": ["AWSPENDING"],
                "createdate": int(time.time()), "secret_string": f"made for {version}"}
            looks[secret.arn] = 2
        return secret.to_short_dict(version_id=version)

    def end(secret):
        for each in secret.versions.values():
            stages = each["version_stages"]
            each["version_stages"] = (["AWSPREVIOUS"] if "AWSCURRENT" in stages else
                                      ["AWSCURRENT"] if "AWSPENDING" in stages else [])
            if "AWSPENDING" in stages:
                secret.set_default_version_id(each["version_id"])
        secret.last_rotation_date = time.time()

    describe = moto.secretsmanager.models.SecretsManagerBackend.describe_secret

    def describe_secret(self, secret_id):
        secret = describe(self, secret_id)
        if secret.arn in looks:
            looks[secret.arn] -= 1
            if not looks[secret.arn]:
                end(secret)
                del looks[secret.arn]
        return secret

    for each in (rotate_secret, describe_secret):
        setattr(moto.secretsmanager.models.SecretsManagerBackend, each.__name__, each)


def end_query_logs():
    """An association is DELETING for a look.
    https://docs.aws.amazon.com/Route53/latest/APIReference/API_route53resolver_DisassociateResolverQueryLogConfig.html"""
    whole = (moto.route53resolver.responses.Route53ResolverResponse
             .list_resolver_query_log_config_associations)

    def disassociate_resolver_query_log_config(self):
        config, network = (self._get_param(each)
                           for each in ("ResolverQueryLogConfigId", "ResourceId"))
        found = self.route53resolver_backend.resolver_query_log_config_associations.values()
        for each in found:
            if (each.resolver_query_log_config_id, each.resource_id, each.status) == (
                    config, network, "ACTIVE"):
                each.status = "DELETING"
                return answer("route53resolver", "DisassociateResolverQueryLogConfig",
                              {"ResolverQueryLogConfigAssociation": each.description()})
        raise NoAssociation("[RSLVR-01601] The specified query logging configuration isn't "
                            "associated with the specified VPC.")

    def list_resolver_query_log_config_associations(self):
        said = whole(self)
        found = self.route53resolver_backend.resolver_query_log_config_associations
        for name in [name for name, each in found.items() if each.status == "DELETING"]:
            del found[name]
        return said

    for each in (disassociate_resolver_query_log_config,
                 list_resolver_query_log_config_associations):
        setattr(moto.route53resolver.responses.Route53ResolverResponse, each.__name__, each)


class NoTrustAnchor(JsonRESTError):
    code = 404


class RolesAnywhere(BaseResponse):
    """https://docs.aws.amazon.com/rolesanywhere/latest/APIReference/API_DisableTrustAnchor.html"""
    def __init__(self):
        super().__init__(service_name="rolesanywhere")

    def create_trust_anchor(self):
        name = str(uuid.uuid4())
        self._anchors()[name] = {
            "trustAnchorId": name, "name": self._get_param("name"),
            "trustAnchorArn": f"arn:aws:rolesanywhere:{self.region}:{self.current_account}"
                              f":trust-anchor/{name}",
            "source": self._get_param("source"), "enabled": self._get_param("enabled") or False,
            "createdAt": now(), "updatedAt": now()}
        return self._answer("CreateTrustAnchor", name)

    def get_trust_anchor(self):
        return self._answer("GetTrustAnchor", self._asked())

    def enable_trust_anchor(self):
        return self._set("EnableTrustAnchor", True)

    def disable_trust_anchor(self):
        return self._set("DisableTrustAnchor", False)

    def _anchors(self):
        return rolesanywhere_backends[self.current_account][self.region].anchors

    def _asked(self):
        name = self.path.split("/")[2]
        if name not in self._anchors():
            raise NoTrustAnchor("ResourceNotFoundException",
                                f"TrustAnchor with id {name} doesn't exist.")
        return name

    def _set(self, operation, enabled):
        name = self._asked()
        self._anchors()[name].update(enabled=enabled, updatedAt=now())
        return self._answer(operation, name)

    def _answer(self, operation, name):
        return answer("rolesanywhere", operation, {"trustAnchor": self._anchors()[name]})


class RolesAnywhereBackend(BaseBackend):
    def __init__(self, region_name, account_id):
        super().__init__(region_name, account_id)
        self.anchors = {}


# Moto looks for the routes of a service beside its models.
RolesAnywhereBackend.__module__ = "moto.rolesanywhere.models"
rolesanywhere_backends = BackendDict(RolesAnywhereBackend, "rolesanywhere")


def know_trust_anchors():
    service = types.ModuleType("moto.rolesanywhere")
    service.rolesanywhere_backends = rolesanywhere_backends
    service.urls = types.ModuleType("moto.rolesanywhere.urls")
    service.urls.url_bases = [r"https?://rolesanywhere\.(.+)\.amazonaws\.com"]
    service.urls.url_paths = {"{0}" + path + "$": RolesAnywhere.dispatch for path in (
        "/trustanchors", "/trustanchor/(?P<id>[^/]+)", "/trustanchor/(?P<id>[^/]+)/(?P<do>[^/]+)")}
    sys.modules.update({each.__name__: each for each in (service, service.urls)})
    moto.backend_index.backend_url_patterns.append(
        ("rolesanywhere", re.compile(service.urls.url_bases[0])))
