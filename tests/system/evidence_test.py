#!/usr/bin/env python3
"""Evidence of an incident on a simulated AWS: taken by steps and by people, sealed, looked at again,
lost, changed, and given out in a package that sha256sum and openssl check.

usage: evidence_test.py STANCH VENV        Skipped (77) without VENV.
"""
import base64
import json
import os
import subprocess
import sys
import tempfile

import build_venv

build_venv.enter(sys.argv[2], "moto")

from action_cases import make_evidence_key
from moto_world import ACCOUNT, REGION, World

STANCH = sys.argv[1]


class Case:
    def __init__(self, world, folder):
        self.world, self.folder = world, folder
        self.state = os.path.join(folder, "state")
        ec2 = world.direct("ec2")
        self.ec2 = ec2
        image = ec2.describe_images()["Images"][0]["ImageId"]
        made = ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1, InstanceType="t3.micro")
        self.instance = made["Instances"][0]["InstanceId"]
        self.content, self.private = (os.path.join(folder, name) for name in ("content", "private"))
        os.mkdir(self.content)
        self.run("ledger", "init")
        self.incident = json.loads(self.run("incident", "open", "Test", "--json"))["incident"]

    def run(self, *arguments, ends=(0,), cloud=True):
        environment = {**os.environ, "STANCH_STATE": self.state, "STANCH_CONFIG": os.devnull,
                       "STANCH_CONTENT": self.content,
                       **(self.world.environment() if cloud else {"AWS_EC2_METADATA_DISABLED": "true"})}
        done = subprocess.run([STANCH, *arguments], capture_output=True, text=True, timeout=60,
                              env=environment, cwd=self.folder)
        if done.returncode not in ends:
            raise AssertionError(f"{' '.join(arguments)} ended with {done.returncode}\n"
                                 f"{done.stdout}{done.stderr}")
        return done.stdout

    def looked(self, verb, ends=(0,), **options):
        told = json.loads(self.run("evidence", verb, self.incident, "--json", ends=ends, **options))
        return {each["evidence"]: each["end"] for each in told["items"]}

    def listed(self):
        return json.loads(self.run("evidence", "list", self.incident, "--json"))

    def opened(self, evidence):
        [place] = [each["place"] for each in self.listed()["items"] if each["evidence"] == evidence]
        return json.loads(subprocess.run(
            ["openssl", "cms", "-decrypt", "-inform", "DER", "-in", place.removeprefix("file:"),
             "-inkey", self.private], check=True, capture_output=True).stdout)


def main():
    with tempfile.TemporaryDirectory(prefix="stanch_evidence_") as folder, World() as world:
        case = Case(world, folder)
        arn = f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/{case.instance}"
        # Nobody said for whom it is sealed.
        [step] = json.loads(case.run("plan", case.incident, "--do",
                                     f"aws.ec2.capture-console-output@{arn}", "--json",
                                     ends=(3,)))["document"]["steps"]
        assert "evidence.pem" in step["lacks"][0], step
        case.run("abort", case.incident, "--reason", "it cannot be done")
        make_evidence_key(case.content, case.private)
        case.run("plan", case.incident, "--do", f"aws.ec2.snapshot-volumes@{arn}",
                 "--do", f"aws.ec2.capture-console-output@{arn}",
                 "--do", f"aws.ec2.capture-console-screenshot@{arn}")
        case.run("apply", case.incident)
        items = {each["means"]: each["evidence"] for each in case.listed()["items"]}
        snapshot = items["aws.ec2.snapshot-volumes"]
        console = items["aws.ec2.capture-console-output"]
        screen = items["aws.ec2.capture-console-screenshot"]

        # What the console said only the owner of the key can read, and the ledger has its hash.
        output = case.opened(console)["output"]
        assert base64.b64decode(output), output
        picture = case.opened(screen)["picture"]
        assert picture == case.ec2.get_console_screenshot(InstanceId=case.instance)["ImageData"]
        for path, _, files in os.walk(case.state):
            for name in files:
                with open(os.path.join(path, name), "rb") as file:
                    kept = file.read()
                assert output.encode() not in kept and picture.encode() not in kept, name

        memory = os.path.join(folder, "memory.lime")
        with open(memory, "w", encoding="utf-8") as file:
            file.write("pages")
        taken = ("evidence", "add", case.incident, "memory.lime", "--what", "memory", "--of", arn,
                 "--authority", "commander", "--means", "LiME 1.9")
        case.run(*taken)
        case.run(*taken, ends=(2,))  # it is evidence already
        case.run(*taken[:-2], ends=(2,))  # nobody says how it was taken
        file_id = next(each["evidence"] for each in case.listed()["items"] if each["what"] == "memory")

        assert set(case.looked("verify", ends=(1,)).values()) == {"not-yet"}, "nothing is sealed"
        whole = (snapshot, console, screen, file_id)
        assert case.looked("seal") == dict.fromkeys(whole, "good")
        assert case.looked("seal") == dict.fromkeys(whole, "was")
        assert case.looked("verify") == dict.fromkeys(whole, "good")
        # Without the cloud nobody knows of what lies there, and it says so.
        assert case.looked("verify", ends=(1,), cloud=False) == {
            snapshot: "unseen", console: "good", screen: "good", file_id: "good"}

        package = os.path.join(folder, "package")
        case.run("evidence", "export", case.incident, package, "--reason", "court")
        subprocess.run(["sh", os.path.join(package, "verify.sh")], check=True, capture_output=True)
        case.run("ledger", "verify", "--package", package)
        with open(os.path.join(package, "data/evidence", file_id), encoding="utf-8") as file:
            assert file.read() == "pages"
        with open(os.path.join(package, "data/evidence/custody.ndjson"), encoding="utf-8") as file:
            custody = {each["evidence"]: each for each in map(json.loads, file)}
        assert len(custody[file_id]["custody"]) == 2 and "sealed" in custody[snapshot]
        with open(os.path.join(package, "data/evidence", file_id), "a", encoding="utf-8") as file:
            file.write("!")
        assert subprocess.run(["sh", os.path.join(package, "verify.sh")], check=False,
                              capture_output=True).returncode != 0, "a changed file is not noticed"

        for each in case.ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"]:
            if case.incident in json.dumps(each.get("Tags", [])):
                case.ec2.delete_snapshot(SnapshotId=each["SnapshotId"])
        with open(memory, "a", encoding="utf-8") as file:
            file.write("!")
        seen = case.looked("verify", ends=(1,))
        assert seen[file_id] == "changed" and seen[console] == "good", seen
        assert seen[snapshot] == "changed", seen
        case.run("evidence", "export", case.incident, package + "2", ends=(2, 3, 4))
        os.remove(memory)
        assert case.looked("verify", ends=(1,))[file_id] == "changed"
        print("ok")


main()
