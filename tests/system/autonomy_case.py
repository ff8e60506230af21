"""An identity whose key was stolen on a simulated AWS, the logs of what it did, and a ledger of its
own: what tests of response that nobody asked for begin with."""
import json
import os
import subprocess
import tempfile
import time

from action_cases import People
from moto_world import ACCOUNT, REGION, World

KEY_ACTION, DENY_ACTION = "aws.iam.deactivate-access-key", "aws.iam.deny-user"
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"


def event(user, key, number, service, name, parameters, age=0):
    """A record of CloudTrail, of a call that worked."""
    then = time.gmtime(time.time() - age - 60 + number)
    return {"eventVersion": "1.11", "eventID": f"00000000-0000-4000-8000-{number:012}",
            "userIdentity": {"type": "IAMUser", "principalId": "AIDAEVE", "accessKeyId": key,
                             "arn": f"arn:aws:iam::{ACCOUNT}:user/{user}", "accountId": ACCOUNT,
                             "userName": user},
            "eventTime": time.strftime("%Y-%m-%dT%H:%M:%SZ", then),
            "eventSource": f"{service}.amazonaws.com", "eventName": name, "awsRegion": REGION,
            "sourceIPAddress": "203.0.113.77", "userAgent": "Boto3/1.34.84",
            "requestParameters": parameters, "responseElements": None, "requestID": f"r-{number}",
            "readOnly": False, "eventType": "AwsApiCall", "managementEvent": True,
            "recipientAccountId": ACCOUNT, "eventCategory": "Management"}


def takeover(user, key, number, age=0, alone=False):
    """Two rules say of these events that the user's key is in other hands. `alone`: they share
    nothing with those of other users."""
    did = [event(user, key, number, "iam", "AttachUserPolicy",
                 {"userName": user, "policyArn": ADMINISTRATOR}, age),
           event(user, key, number + 1, "cloudtrail", "StopLogging",
                 {"name": f"trail-{number}" if alone else "trail"}, age)]
    for each in did if alone else ():
        each["sourceIPAddress"] = f"203.0.113.{number % 250}"
    return did


class Case:
    def __init__(self, world, people, folder, name, confirmed=True, inventoried=True, age=0):
        self.world, self.user, self.later = world, name, {}
        self.state = os.path.join(folder, name)
        os.mkdir(self.state)
        self.content = os.path.join(self.state, "content")
        os.makedirs(os.path.join(self.content, "assets"))
        with open(os.path.join(people.folder, "approvers"), encoding="utf-8") as approvers:
            self.write("content/approvers", approvers.read())
        if inventoried:
            self.write("content/assets/own.yaml", f"assets:\n  - account: '{ACCOUNT}'\n"
                       "    environment: test\n    criticality: low\n")
        self.iam = world.direct("iam")
        self.key = self.make_user(name)
        did = takeover(name, self.key, 1, age)
        self.replay(did if confirmed else did[:1])
        [self.incident] = [each["incident"] for each in self.incidents()]

    def make_user(self, name):
        """Returns its key."""
        self.iam.create_user(UserName=name)
        return self.iam.create_access_key(UserName=name)["AccessKey"]["AccessKeyId"]

    def write(self, name, text):
        with open(os.path.join(self.state, name), "w", encoding="utf-8") as file:
            file.write(text)

    def run(self, *arguments, ends=(0,)):
        environment = {**os.environ, **self.world.environment(), "STANCH_STATE": self.state,
                       "STANCH_CONTENT": self.content, "STANCH_CONFIG": os.devnull, **self.later}
        done = subprocess.run([self.world.program, *arguments], capture_output=True, text=True,
                              timeout=60, env=environment)
        if done.returncode not in ends:
            raise AssertionError(f"{' '.join(arguments)} ended with {done.returncode}\n"
                                 f"{done.stdout}{done.stderr}")
        return done.stdout

    def replay(self, records):
        """Returns what it says of it: counts of findings, own, opened …"""
        self.write("events.json", json.dumps({"Records": records}))
        told = self.run("replay", "--json", os.path.join(self.state, "events.json"))
        return json.loads(told)

    def incidents(self):
        return json.loads(self.run("incident", "list", "--json"))["incidents"]

    def turn(self):
        """One turn of the engine: the ends of the steps of this incident, by action."""
        told = json.loads(self.run("respond", "--auto", "--once", "--json",
                                   ends=(0, 1)))["incidents"]
        assert [each["incident"] for each in told] == [self.incident], told
        return {each["action"]: each["end"] for each in told[0]["steps"]}

    def key_status(self, user=""):
        [key] = self.iam.list_access_keys(UserName=user or self.user)["AccessKeyMetadata"]
        return key["Status"]

    def policies(self):
        return self.iam.list_user_policies(UserName=self.user)["PolicyNames"]

    def kinds(self):
        told = json.loads(self.run("timeline", self.incident, "--json"))
        return [each["kind"] for each in told["entries"]]

    def promote(self, action, ends=(0,)):
        return self.run("autonomy", "promote", action, "--account", ACCOUNT, "--environment",
                        "test", "--reason", "tried", ends=ends)


def tell(program, stories):
    """Each story in one world: who may approve, and a trail that somebody stops."""
    with tempfile.TemporaryDirectory(prefix="stanch_alone_") as folder, World() as world:
        world.program = program
        people = People(folder, "")
        world.direct("s3").create_bucket(Bucket="logs", CreateBucketConfiguration={
            "LocationConstraint": REGION})
        world.direct("cloudtrail").create_trail(Name="trail", S3BucketName="logs")
        for story in stories:
            started = time.monotonic()
            story(world, people, folder)
            print(f"ok {story.__name__} {time.monotonic() - started:.1f} s", flush=True)


def identity_writes(world):
    return sum(count for (operation, _, _), count in world.proxy.writes().items()
               if operation.startswith("iam."))
