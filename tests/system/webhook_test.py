#!/usr/bin/env python3
"""The built program sends to a webhook: a receiver on loopback checks the signature by itself, as
Standard Webhooks has it, and answers as receivers do.

usage: webhook_test.py STANCH CLOCK_AHEAD VENV

Skipped (77) without VENV.
"""
import base64
import hashlib
import hmac
import http.server
import json
import os
import subprocess
import sys
import tempfile
import threading

import build_venv

build_venv.enter(sys.argv[3], "moto")

from moto_world import ACCOUNT, World
from program_page import ProgramPage

STANCH, LIBRARY = sys.argv[1:3]
KEY = os.urandom(32)
TARGET = f"aws:user/{ACCOUNT}/eve"


class Receiver(http.server.BaseHTTPRequestHandler):
    """Answers with what is next, 204 by default, and keeps what was signed as it should be."""
    answers, received, refused = [], [], []
    page = None  # of the clocks of who sends

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        mark, stamp = self.headers["webhook-id"], self.headers["webhook-timestamp"]
        signed = hmac.new(KEY, f"{mark}.{stamp}.".encode() + body, hashlib.sha256).digest()
        wanted = "v1," + base64.b64encode(signed).decode()
        is_good = hmac.compare_digest(wanted, self.headers["webhook-signature"]) and (
            abs(self.page.now() - int(stamp)) < 300)
        (self.received if is_good else self.refused).append((mark, json.loads(body)))
        self.send_response((self.answers.pop(0) if self.answers else 204) if is_good else 401)
        self.end_headers()

    def log_message(self, *_):
        pass


class Run:
    def __init__(self, world, folder, secret):
        self.environment = {
            **os.environ, **world.environment(), **Receiver.page.environment(), "STANCH_STATE": folder,
            "STANCH_CONTENT": os.path.join(folder, "content"), "STANCH_CONFIG": os.devnull,
            **({"STANCH_WEBHOOK_DESK": secret} if secret else {})}

    def stanch(self, *arguments, ends=(0,)):
        done = subprocess.run([STANCH, *arguments], capture_output=True, text=True, timeout=60,
                              env=self.environment)
        assert "whsec_" not in done.stdout + done.stderr and "pathsecret" not in done.stdout, (
            f"{arguments} tells a secret:\n{done.stdout}{done.stderr}")
        assert done.returncode in ends, f"{arguments}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout + done.stderr

    def plan(self, ends=(0,)):
        opened = json.loads(self.stanch("incident", "open", "Test", "--json"))
        self.incident = opened["incident"]
        return self.stanch("plan", self.incident, "--do", f"webhook.send@{TARGET}", "--with",
                           "webhook=desk", "--with", "message=Disable her, please.", ends=ends)

    def apply(self, *more, ends=(0,)):
        self.stanch("approve", self.incident)
        return self.stanch("apply", self.incident, *more, ends=ends)


def main():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    secret = "whsec_" + base64.b64encode(KEY).decode()
    with World() as world, tempfile.TemporaryDirectory(prefix="stanch_webhook_") as folder:
        Receiver.page = world.proxy.page = ProgramPage(LIBRARY, os.path.join(folder, "page"))
        os.mkdir(os.path.join(folder, "content"))
        with open(os.path.join(folder, "content/webhooks.yaml"), "w", encoding="utf-8") as file:
            file.write(f"desk: http://127.0.0.1:{server.server_port}/pathsecret\n")
        run = Run(world, folder, secret)
        run.stanch("ledger", "init")

        said = run.plan()
        assert "127.0.0.1" in said, f"the plan does not say where it goes:\n{said}"
        assert not Receiver.received, "planning sends nothing"
        run.apply()
        (mark, message), = Receiver.received
        assert message["type"] == "stanch.step", message
        assert message["data"]["incident"] == run.incident
        assert message["data"]["target"]["id"] == TARGET
        assert message["data"]["message"] == "Disable her, please."
        run.stanch("apply", run.incident)
        assert len(Receiver.received) == 1, "the second apply has sent"

        # Nobody knows what a receiver did that answers so; only a person has it sent again.
        Receiver.answers, Receiver.received[:] = [502], []
        run.plan()
        run.apply(ends=(1, 2, 3, 4))
        run.stanch("apply", run.incident, ends=(1, 2, 3, 4))
        assert len(Receiver.received) == 1, "it was sent again by itself"
        run.stanch("apply", run.incident, "--retry")
        assert [each[0] for each in Receiver.received] == [Receiver.received[0][0]] * 2, (
            f"the message sent again has another id: {Receiver.received}")
        assert Receiver.received[0][0] != mark, "two messages have one id"

        # It was refused: the step says so, and by whom.
        Receiver.answers, Receiver.received[:] = [403], []
        run.plan()
        said = run.apply(ends=(1, 2, 3, 4))
        assert "403" in said, said
        assert not Receiver.refused, "a signature was wrong"

        unsigned = Run(world, folder, "")
        said = unsigned.plan(ends=(3,))
        assert "STANCH_WEBHOOK_" in said, f"nothing says what signs it:\n{said}"
        unsigned.stanch("approve", unsigned.incident, ends=(0, 1, 2, 3, 4))
        unsigned.stanch("apply", unsigned.incident, ends=(0, 1, 2, 3, 4))
        assert len(Receiver.received) == 1, "it was sent unsigned"

        leaked = [name for name in ("ledger.db", "ledger.db-wal")
                  if os.path.exists(path := os.path.join(folder, "ledger", name))
                  and (secret.encode() in open(path, "rb").read()
                       or b"pathsecret" in open(path, "rb").read())]
        assert not leaked, f"the ledger holds a secret: {leaked}"
    print("webhook: told, signed, sent once, sent again under the same id, refused, unsigned")


main()
