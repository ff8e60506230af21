"""A moto server in a process of its own, which ends with the one that started it.

Prints its port, and serves until its standard input ends: so it ends too where its parent was
killed and could not tell.
"""
import os
import sys
import threading

import moto.awslambda.policy
import moto.iam.responses
import moto.ssm.responses
from moto.core.responses import ActionResult
from moto.moto_server.werkzeug_app import (DomainDispatcherApplication, MotoRequestHandler,
                                           create_backend_app)
from werkzeug.serving import make_server


def take_revisions():
    """RemovePermission compares a list with the one revision in it, and so refuses each."""
    policy = moto.awslambda.policy.Policy
    as_it_was = policy.del_statement

    def del_statement(self, sid, revision=""):
        return as_it_was(self, sid, revision[0] if isinstance(revision, list) else revision)

    policy.del_statement = del_statement


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


def know_no_service_credentials():
    def list_service_specific_credentials(self):
        return ActionResult({"ServiceSpecificCredentials": []})

    moto.iam.responses.IamResponse.list_service_specific_credentials = \
        list_service_specific_credentials


def main():
    take_revisions()
    know_nodes()
    know_no_service_credentials()
    server = make_server("127.0.0.1", 0, DomainDispatcherApplication(create_backend_app),
                         threaded=True, request_handler=MotoRequestHandler)
    # Moto asks itself what it must know of its own port.
    os.environ["MOTO_PORT"] = str(server.server_port)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_port, flush=True)
    sys.stdin.buffer.read()
    os._exit(0)


main()
