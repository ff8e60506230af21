#!/usr/bin/env python3
"""Each action of the content on a simulated AWS: planned, approved, applied, applied again, undone;
and what boto3 says of the account before, between and afterwards.

usage: action_test.py STANCH VENV [ACTION]

Skipped (77) without VENV. README.md says what moto cannot be asked about.
"""
import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import build_venv

build_venv.enter(sys.argv[2], "moto")

from action_cases import CASES, People, Seeder
from aws_request import Credential
from moto_world import ACCOUNT, REGION, World

STANCH = sys.argv[1]
WATCH_WITHIN = 40  # seconds
ONLY = sys.argv[3] if len(sys.argv) > 3 else ""


class Run:
    """One case, with a ledger of its own."""

    def __init__(self, world, people, case, subject):
        self.world, self.people, self.case, self.subject = world, people, case, subject

    def stanch(self, *arguments, ends=(0,)):
        environment = {**os.environ, **self.world.environment(self.credential),
                       "STANCH_STATE": self.state, "STANCH_CONTENT": self.people.folder,
                       "STANCH_CONFIG": os.devnull}
        if self.case.roles:
            environment["STANCH_AWS_ROLES"] = self.case.roles
        done = subprocess.run([STANCH, *arguments], capture_output=True, text=True, timeout=50,
                              env=environment)
        if done.returncode not in ends:
            raise AssertionError(f"{' '.join(arguments)} ended with {done.returncode}\n"
                                 f"{done.stdout}{done.stderr}")
        return done.stdout

    def make_credential(self):
        """One that no other case has, so that its writes can be told."""
        if self.case.by_role:
            made = self.world.client("sts").assume_role(
                RoleArn=self.people.role, RoleSessionName="stanch")["Credentials"]
            return Credential(made["AccessKeyId"], made["SecretAccessKey"], ACCOUNT,
                              made["SessionToken"])
        iam = self.world.direct("iam")
        user = iam.create_user(UserName=os.path.basename(self.state))["User"]["UserName"]
        made = iam.create_access_key(UserName=user)["AccessKey"]
        credential = Credential(made["AccessKeyId"], made["SecretAccessKey"], ACCOUNT)
        self.world.proxy.add_credential(credential)
        return credential

    def approve(self, way, untouched):
        self.stanch("approve", self.incident)
        if way != "signed":
            return
        self.stanch("apply", self.incident, "--json", ends=(1, 2, 3, 4))
        assert self.subject.look() == untouched, "one approval was enough"
        self.sign(("anna", "ben"))
        if self.case.action == "aws.iam.deny-user":
            self.stanch("reject", self.incident, "--reason", "it is the wrong one")
            for name in ("anna", "ben"):
                self.stanch("approve", self.incident, "--signature", self.signature(name),
                            ends=(2, 3))
            self.stanch("apply", self.incident, "--json", ends=(1, 2, 3, 4))
            assert self.subject.look() == untouched, "signatures from before a refusal count"
            self.sign(("anna", "ben"))

    def signature(self, name):
        return os.path.join(self.state, name + ".sig")

    def sign(self, names):
        for name in names:
            text = os.path.join(self.state, name)
            with open(text, "w", encoding="utf-8") as file:
                file.write(self.stanch("approve", self.incident, "--text"))
            pathlib.Path(self.signature(name)).unlink(missing_ok=True)
            subprocess.run(["ssh-keygen", "-q", "-Y", "sign", "-n", "stanch-approval", "-f",
                            self.people.keys[name], text], check=True, capture_output=True)
            self.stanch("approve", self.incident, "--signature", self.signature(name))

    def writes(self):
        return sum(entry["accepted"] and entry["operation"] != "AssumeRole"
                   and self.credential.access_key_id in (entry["access_key_id"], entry["issued_by"])
                   for entry in self.world.proxy.log)

    def contain_again(self):
        self.subject.open_again()
        assert not self.case.is_so(self.subject.look()), "it was not opened"
        for _ in range(WATCH_WITHIN):  # the first look is due 15 s after it was seen to be contained
            self.stanch("watch", self.incident, "--once", "--json", ends=(0, 1))
            if self.case.is_so(self.subject.look()):
                return
            time.sleep(1)
        raise AssertionError(f"it was opened and stays so: {self.subject.look()}")

    def run(self):
        with tempfile.TemporaryDirectory(prefix="stanch_action_") as self.state:
            case, look = self.case, self.subject.look
            self.credential = self.make_credential()
            self.stanch("ledger", "init")
            opened = json.loads(self.stanch("incident", "open", "Test", "--json"))
            self.incident = opened["incident"]
            before = look()
            assert not (case.writes and case.is_so(before)), f"it is so already: {before}"
            self.stanch("plan", self.incident, "--do", f"{case.action}@{self.subject.entity}",
                        "--account", ACCOUNT, "--region", REGION, *self.subject.told(), "--json")
            self.approve(case.approve, before)
            self.subject.meanwhile()
            self.stanch("apply", self.incident, "--json")
            assert case.is_so(look()), f"it is not so: {look()}"
            written = self.writes()
            assert (written > 0) == case.writes, f"{written} writes"
            self.stanch("apply", self.incident, "--json")
            assert self.writes() == written, "the second apply has written"
            if self.subject.secret:
                for path in pathlib.Path(self.state, "ledger").rglob("*"):
                    assert not path.is_file() or (
                        self.subject.secret.encode() not in path.read_bytes()), "a secret is kept"
            if self.subject.open_again is not None:
                self.contain_again()
            if not case.undo:
                return
            left = look()
            self.stanch("undo", self.incident)
            self.approve(case.undo, left)
            self.stanch("apply", self.incident, "--json")
            wanted = before if case.after_undo is None else case.after_undo
            assert look() == wanted, f"it was\n{wanted}\nand is\n{look()}"
            status = json.loads(self.stanch("incident", "show", self.incident, "--json"))["status"]
            assert not status.startswith("contain"), f"all is undone, and it is {status}"


def main():
    failed = 0
    with World() as world, tempfile.TemporaryDirectory(prefix="stanch_people_") as folder:
        seeder = Seeder(world)
        people = People(folder, seeder.role)
        runs = [Run(world, people, case, case.seed(seeder)) for case in CASES
                if ONLY in case.action]
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            told = [(each, pool.submit(each.run)) for each in runs]
        for each, future in told:
            if future.exception() is not None:
                failed += 1
                error = future.exception()
                print(f"{each.case.action} on {each.subject.entity}: "
                      f"{type(error).__name__}: {error}\n")
        print(f"{len(runs)} cases, {failed} failed")
    sys.exit(1 if failed else 0)


main()
