"""A moto server in a process of its own, which ends with the one that started it.

Prints its port, and serves until its standard input ends: so it ends too where its parent was
killed and could not tell.

A line "keep" keeps what there is by now, and each line "back" goes back to what was kept last: the
process that has it serves no more, and a fork of it does. Each is answered by a line. Nobody may be
asking meanwhile.
"""
import datetime
import json
import os
import signal
import socketserver
import sys
import threading
import time
import uuid

import moto.awslambda.exceptions
import moto.awslambda.models
import moto.awslambda.policy
import moto.backup.responses
import moto.backup.urls
import moto.ec2.models
import moto.ecs.responses
import moto.eks.responses
import moto.eks.urls
import moto.iam.models
import moto.iam.responses
import moto.kms.models
import moto.sesv2.responses
import moto.sesv2.urls
import moto.ssm.responses
import moto.ssoadmin.models
import moto.ssoadmin.responses
import moto_counterparts
from moto.backup.exceptions import ResourceNotFoundException as NoVaultPolicy
from moto.core.exceptions import JsonRESTError
from moto.core.responses import ActionResult
from moto.eks.exceptions import ResourceInUseException, ResourceNotFoundException
from moto.moto_api import state_manager
from moto.moto_server.werkzeug_app import (DomainDispatcherApplication, MotoRequestHandler,
                                           create_backend_app)
from werkzeug.serving import make_server


def serve(server):
    # Werkzeug's own would close the socket at the end.
    thread = threading.Thread(target=socketserver.BaseServer.serve_forever, args=(server, 0.01),
                              daemon=True)
    thread.start()
    return thread


class Fork:
    """A process that lives on from what this one has; it ends with this one, however that ends."""

    def __init__(self, server):
        lines, self._tell = os.pipe()
        self._child = os.fork()
        if self._child == 0:
            os.close(self._tell)
            live(server, iter(os.fdopen(lines).readline, ""))
        os.close(lines)

    def tell(self, line):
        os.write(self._tell, line.encode())

    def end(self):
        os.kill(self._child, signal.SIGKILL)
        os.waitpid(self._child, 0)
        os.close(self._tell)


def live(server, lines):
    """Serves until the first line, which is "keep"; then a fork does, for as long as it is wanted."""
    thread = serve(server)
    if next(lines, None) is None:
        os._exit(0)
    server.shutdown()
    thread.join()
    fork, has_kept = Fork(server), False
    print("kept", flush=True)
    for line in lines:
        has_kept = has_kept or line == "keep\n"
        if has_kept:
            fork.tell(line)  # which answers
        else:
            fork.end()
            fork = Fork(server)
            print("back", flush=True)
    os._exit(0)


def know_nodes():
    """SSM reaches every instance that it is asked about, and each runs Linux."""
    def describe_instance_information(self):
        asked = [each["Values"] for each in self._get_param("Filters") or []]
        return ActionResult({"InstanceInformationList": [
            {"InstanceId": each, "PingStatus": "Online", "PlatformType": "Linux",
             "PlatformName": "Debian GNU/Linux", "PlatformVersion": "12"}
            for values in asked for each in values]})

    moto.ssm.responses.SimpleSystemManagerResponse.describe_instance_information = \
        describe_instance_information


def know_service_credentials():
    made = {}

    def create_service_specific_credential(self):
        name = f"ACCA{len(made):016}"
        made[name] = {"UserName": self._get_param("UserName"), "Status": "Active",
                      "ServiceName": self._get_param("ServiceName"),
                      "ServiceSpecificCredentialId": name}
        return ActionResult({"ServiceSpecificCredential": made[name]})

    def list_service_specific_credentials(self):
        user = self._get_param("UserName")
        return ActionResult({"ServiceSpecificCredentials": [
            each for each in made.values() if user in (None, each["UserName"])]})

    def update_service_specific_credential(self):
        made[self._get_param("ServiceSpecificCredentialId")]["Status"] = self._get_param("Status")
        return ActionResult({})

    for each in (create_service_specific_credential, list_service_specific_credentials,
                 update_service_specific_credential):
        setattr(moto.iam.responses.IamResponse, each.__name__, each)


def know_sending():
    """SES sends in each region, until it is told not to."""
    sending = {}

    def get_account(self):
        return json.dumps({"SendingEnabled": sending.get(self.region, True),
                           "ProductionAccessEnabled": True, "EnforcementStatus": "HEALTHY"})

    def put_account_sending_attributes(self):
        sending[self.region] = json.loads(self.body or "{}").get("SendingEnabled", False)
        return "{}"

    for each in (get_account, put_account_sending_attributes):
        setattr(moto.sesv2.responses.SESV2Response, each.__name__, each)
    for path in ("account", "account/sending"):
        moto.sesv2.urls.url_paths["{0}/v2/email/" + path + "$"] = \
            moto.sesv2.responses.SESV2Response.dispatch


def run_functions():
    """A function answers at once; what it was given last stands among its tags."""
    def invoke(self, function_name, qualifier, body, headers, response_headers):
        function = self.get_function(function_name, qualifier)
        self.tag_resource(function.function_arn, {"given": body})
        return b"{}"

    moto.awslambda.models.LambdaBackend.invoke = invoke


def refuse_a_statement_twice():
    """A function's policy has each statement id once: AddPermission of one that is there conflicts."""
    add = moto.awslambda.policy.Policy.add_statement

    def add_statement(self, raw, qualifier=None):
        name = json.loads(raw).get("StatementId")
        if any(each.get("Sid") == name for each in self.statements):
            refusal = moto.awslambda.exceptions.LambdaClientError(
                "ResourceConflictException",
                f"The statement id ({name}) provided already exists.")
            refusal.code = 409
            raise refusal
        return add(self, raw, qualifier)

    moto.awslambda.policy.Policy.add_statement = add_statement


def share_snapshots():
    """What an account shares with another can be copied there."""
    backends, copy = moto.ec2.models.ec2_backends, moto.ec2.models.EC2Backend.copy_snapshot

    def copy_snapshot(self, source_snapshot_id, source_region, **more):
        own = backends[self.account_id][source_region].snapshots
        shared = [each for account in list(backends)
                  for name, each in backends[account][source_region].snapshots.items()
                  if name == source_snapshot_id
                  and self.account_id in each.create_volume_permission_userids]
        if source_snapshot_id in own or not shared:
            return copy(self, source_snapshot_id, source_region, **more)
        own[source_snapshot_id] = shared[0]
        try:
            return copy(self, source_snapshot_id, source_region, **more)
        finally:
            del own[source_snapshot_id]

    moto.ec2.models.EC2Backend.copy_snapshot = copy_snapshot


def know_what_is_provisioned():
    """A permission set is everywhere as it is, as soon as it was provisioned."""
    whole = moto.ssoadmin.responses.SSOAdminResponse.list_accounts_for_provisioned_permission_set

    def list_accounts_for_provisioned_permission_set(self):
        if self._get_param("ProvisioningStatus") == "LATEST_PERMISSION_SET_NOT_PROVISIONED":
            return json.dumps({"AccountIds": []})
        return whole(self)

    moto.ssoadmin.responses.SSOAdminResponse.list_accounts_for_provisioned_permission_set = \
        list_accounts_for_provisioned_permission_set


def name_permission_sets():
    """As AWS does: beside their instance, not below it."""
    whole = moto.ssoadmin.models.PermissionSet.generate_id

    def generate_id(instance):
        return whole(instance.replace(":instance/", ":permissionSet/"))

    moto.ssoadmin.models.PermissionSet.generate_id = staticmethod(generate_id)


def keep_key_states():
    """Only the deletion of a key that waits for it is cancelled; moto would disable any other."""
    cancel = moto.kms.models.KmsBackend.cancel_key_deletion

    def cancel_key_deletion(self, key_id):
        if self.keys[key_id].key_state != "PendingDeletion":
            raise JsonRESTError("KMSInvalidStateException", f"{key_id} is not pending deletion.")
        cancel(self, key_id)

    moto.kms.models.KmsBackend.cancel_key_deletion = cancel_key_deletion


def know_user_boundaries():
    """Of any text, as those of roles are here."""
    def put_user_permissions_boundary(self):
        user = self.backend.get_user(self._get_param("UserName"))
        user.permissions_boundary = {
            "PermissionsBoundaryType": "Policy",
            "PermissionsBoundaryArn": self._get_param("PermissionsBoundary")}
        return ActionResult({})

    def delete_user_permissions_boundary(self):
        self.backend.get_user(self._get_param("UserName")).permissions_boundary = None
        return ActionResult({})

    moto.iam.models.User.permissions_boundary = None
    for each in (put_user_permissions_boundary, delete_user_permissions_boundary):
        setattr(moto.iam.responses.IamResponse, each.__name__, each)


def know_last_uses():
    """Of a user or role: its tags "used:SERVICE" say when. The report is not ready at once."""
    asked = {}

    def generate_service_last_accessed_details(self):
        job = str(uuid.uuid4())
        asked[job] = self._get_param("Arn"), time.monotonic()
        return ActionResult({"JobId": job})

    def get_service_last_accessed_details(self):
        arn, since = asked[self._get_param("JobId")]
        answer = {"JobStatus": "IN_PROGRESS", "ServicesLastAccessed": [], "IsTruncated": False}
        if time.monotonic() - since < 0.5:
            return ActionResult(answer)
        kind, name = arn.rpartition(":")[2].split("/")[0], arn.rpartition("/")[2]
        tags = (self.backend.list_user_tags(name) if kind == "user" else
                self.backend.list_role_tags(name, None)[0])
        return ActionResult({**answer, "JobStatus": "COMPLETED", "ServicesLastAccessed": [
            {"ServiceName": each["Key"], "ServiceNamespace": each["Key"].removeprefix("used:"),
             "LastAuthenticated": datetime.datetime.fromisoformat(each["Value"])}
            for each in tags if each["Key"].startswith("used:")]})

    for each in (generate_service_last_accessed_details, get_service_last_accessed_details):
        setattr(moto.iam.responses.IamResponse, each.__name__, each)


def know_vault_policies():
    policies = {}

    def get_backup_vault_access_policy(self):
        vault = asked(self)
        if vault.backup_vault_arn not in policies:
            raise NoVaultPolicy(f"Backup Vault Access Policy for {vault.backup_vault_name} "
                                "does not exist.")
        return json.dumps({"BackupVaultName": vault.backup_vault_name,
                           "BackupVaultArn": vault.backup_vault_arn,
                           "Policy": policies[vault.backup_vault_arn]})

    def put_backup_vault_access_policy(self):
        policies[asked(self).backup_vault_arn] = json.loads(self.body)["Policy"]
        return "{}"

    def delete_backup_vault_access_policy(self):
        policies.pop(asked(self).backup_vault_arn, None)
        return "{}"

    def asked(self):
        return self.backup_backend.describe_backup_vault(self.path.split("/")[-2])

    for each in (get_backup_vault_access_policy, put_backup_vault_access_policy,
                 delete_backup_vault_access_policy):
        setattr(moto.backup.responses.BackupResponse, each.__name__, each)
    moto.backup.urls.url_paths["{0}/backup-vaults/(?P<name>[^/]+)/access-policy$"] = \
        moto.backup.responses.BackupResponse.dispatch


def protect_tasks():
    """Of a service alone; until somebody says otherwise, or the time is over."""
    ends = {}

    def answer(self, change=None):
        cluster, names = self._get_param("cluster"), self._get_param("tasks")
        tasks = self.ecs_backend.describe_tasks(cluster, names)
        of_services = [each for each in tasks if each.group.startswith("service:")]
        for each in of_services if change else ():
            change(each.task_arn)
        return ActionResult({
            "protectedTasks": [{"taskArn": each.task_arn, **told(each.task_arn)}
                               for each in of_services],
            "failures": [{"arn": each.task_arn, "reason": "TASK_NOT_VALID"}
                         for each in tasks if each not in of_services]})

    def told(task):
        if ends.get(task, 0) <= time.time():
            return {"protectionEnabled": False}
        return {"protectionEnabled": True, "expirationDate": ends[task]}

    def get_task_protection(self):
        return answer(self)

    def update_task_protection(self):
        minutes = (self._get_param("expiresInMinutes") or 120
                   ) if self._get_param("protectionEnabled") else 0
        return answer(self, lambda task: ends.__setitem__(task, time.time() + 60 * minutes))

    for each in (get_task_protection, update_task_protection):
        setattr(moto.ecs.responses.EC2ContainerServiceResponse, each.__name__, each)


def know_access_entries():
    """Who is let into a cluster of EKS, and by which policies."""
    made = {}  # entries, and their policies by ARN, by cluster's ARN and principal

    def list_access_entries(self):
        cluster = self.eks_backend.describe_cluster(self._get_param("name"))
        return ActionResult({"accessEntries": [principal for of, principal in made
                                               if of == cluster.arn]})

    def create_access_entry(self):
        cluster = self.eks_backend.describe_cluster(self._get_param("name"))
        principal = self._get_param("principalArn")
        if (cluster.arn, principal) in made:
            raise ResourceInUseException(
                clusterName=cluster.name, nodegroupName=None, addonName=None,
                message="The specified access entry resource is already in use on this cluster.")
        account, _, named = principal.partition("::")[2].partition(":")
        kind, name = named.split("/")[0], named.split("/")[-1]
        now = time.time()
        entry = {"clusterName": cluster.name, "principalArn": principal,
                 "kubernetesGroups": self._get_param("kubernetesGroups") or [],
                 "accessEntryArn": cluster.arn.replace(":cluster/", ":access-entry/")
                 + f"/{kind}/{account}/{name}/{uuid.uuid4()}",
                 "createdAt": now, "modifiedAt": now, "tags": self._get_param("tags") or {},
                 "username": self._get_param("username") or principal,
                 "type": self._get_param("type") or "STANDARD"}
        made[cluster.arn, principal] = entry, {}
        return ActionResult({"accessEntry": entry})

    def describe_access_entry(self):
        return ActionResult({"accessEntry": asked(self)[0]})

    def delete_access_entry(self):
        asked(self)
        del made[key(self)]
        return ActionResult({})

    def list_associated_access_policies(self):
        entry, policies = asked(self)
        return ActionResult({"clusterName": entry["clusterName"],
                             "principalArn": entry["principalArn"],
                             "associatedAccessPolicies": list(policies.values())})

    def associate_access_policy(self):
        entry, policies = asked(self)
        now, policy = time.time(), self._get_param("policyArn")
        scope = self._get_param("accessScope")
        policies[policy] = {"policyArn": policy, "associatedAt": now, "modifiedAt": now,
                            "accessScope": {"type": scope["type"],
                                            "namespaces": scope.get("namespaces", [])}}
        return ActionResult({"clusterName": entry["clusterName"],
                             "principalArn": entry["principalArn"],
                             "associatedAccessPolicy": policies[policy]})

    def key(self):
        return (self.eks_backend.describe_cluster(self._get_param("name")).arn,
                self._get_param("principalArn"))

    def asked(self):
        if key(self) not in made:
            raise ResourceNotFoundException(
                clusterName=self._get_param("name"), nodegroupName=None, fargateProfileName=None,
                addonName=None, message="The specified principalArn could not be found. You can "
                "view your available access entries with 'list-access-entries'.")
        return made[key(self)]

    for each in (list_access_entries, create_access_entry, describe_access_entry,
                 delete_access_entry, list_associated_access_policies, associate_access_policy):
        setattr(moto.eks.responses.EKSResponse, each.__name__, each)
    for path in ("", "/(?P<principalArn>.+)", "/(?P<principalArn>.+)/access-policies"):
        moto.eks.urls.url_paths["{0}/clusters/(?P<name>[^/]+)/access-entries" + path + "$"] = \
            moto.eks.responses.EKSResponse.dispatch


def let_tasks_run():
    """Else those of ECS end by being asked about."""
    state_manager.set_transition("ecs::task", {"progression": "manual", "times": 1_000_000})


def main():
    know_nodes()
    know_service_credentials()
    know_sending()
    run_functions()
    refuse_a_statement_twice()
    share_snapshots()
    name_permission_sets()
    keep_key_states()
    let_tasks_run()
    know_what_is_provisioned()
    know_user_boundaries()
    know_last_uses()
    know_vault_policies()
    protect_tasks()
    know_access_entries()
    moto_counterparts.know_sessions()
    moto_counterparts.know_screens()
    moto_counterparts.know_locks()
    moto_counterparts.know_rotations()
    moto_counterparts.end_query_logs()
    moto_counterparts.know_trust_anchors()
    MotoRequestHandler.disable_nagle_algorithm = True
    server = make_server("127.0.0.1", 0, DomainDispatcherApplication(create_backend_app),
                         threaded=True, request_handler=MotoRequestHandler)
    # Moto asks itself what it must know of its own port.
    os.environ["MOTO_PORT"] = str(server.server_port)
    print(server.server_port, flush=True)
    live(server, iter(sys.stdin.readline, ""))


main()
