"""A moto server in a process of its own, which ends with the one that started it.

Prints its port, and serves until its standard input ends: so it ends too where its parent was
killed and could not tell.

A line "keep" keeps what there is by now, and each line "back" goes back to what was kept last: the
process that has it serves no more, and a fork of it does. Each is answered by a line. Nobody may be
asking meanwhile.
"""
import json
import os
import signal
import socketserver
import sys
import threading

import moto.awslambda.models
import moto.ec2.models
import moto.iam.responses
import moto.kms.models
import moto.sesv2.responses
import moto.sesv2.urls
import moto.ssm.responses
import moto.ssoadmin.models
import moto.ssoadmin.responses
from moto.core.exceptions import JsonRESTError
from moto.core.responses import ActionResult
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
        return ActionResult({"ServiceSpecificCredentials": list(made.values())})

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


def let_tasks_run():
    """Else those of ECS end by being asked about."""
    state_manager.set_transition("ecs::task", {"progression": "manual", "times": 1_000_000})


def main():
    know_nodes()
    know_service_credentials()
    know_sending()
    run_functions()
    share_snapshots()
    name_permission_sets()
    keep_key_states()
    let_tasks_run()
    know_what_is_provisioned()
    MotoRequestHandler.disable_nagle_algorithm = True
    server = make_server("127.0.0.1", 0, DomainDispatcherApplication(create_backend_app),
                         threaded=True, request_handler=MotoRequestHandler)
    # Moto asks itself what it must know of its own port.
    os.environ["MOTO_PORT"] = str(server.server_port)
    print(server.server_port, flush=True)
    live(server, iter(sys.stdin.readline, ""))


main()
