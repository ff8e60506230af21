"""A moto server in a process of its own, which ends with the one that started it.

Prints its port, and serves until its standard input ends: so it ends too where its parent was
killed and could not tell.

A line "keep" keeps what there is by now, and each line "back" goes back to what was kept last: the
process that has it serves no more, and a fork of it does. Each is answered by a line. Nobody may be
asking meanwhile.
"""
import os
import signal
import socketserver
import sys
import threading

import moto.iam.responses
import moto.ssm.responses
from moto.core.responses import ActionResult
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


def know_no_service_credentials():
    def list_service_specific_credentials(self):
        return ActionResult({"ServiceSpecificCredentials": []})

    moto.iam.responses.IamResponse.list_service_specific_credentials = \
        list_service_specific_credentials


def main():
    know_nodes()
    know_no_service_credentials()
    MotoRequestHandler.disable_nagle_algorithm = True
    server = make_server("127.0.0.1", 0, DomainDispatcherApplication(create_backend_app),
                         threaded=True, request_handler=MotoRequestHandler)
    # Moto asks itself what it must know of its own port.
    os.environ["MOTO_PORT"] = str(server.server_port)
    print(server.server_port, flush=True)
    live(server, iter(sys.stdin.readline, ""))


main()
