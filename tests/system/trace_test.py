#!/usr/bin/env python3
"""`stanch trace` by the built program: five stories, each from a touched resource to the first
credential, with everything to revoke. Events come shuffled, twice, and over several files.

trace_test.py PROGRAM
"""

import json
import pathlib
import random
import subprocess
import sys
import tempfile

PROGRAM = sys.argv[1]
checks = 0


def check(condition, what):
    global checks
    checks += 1
    if not condition:
        sys.exit(f"trace_test: {what}")


class Log:
    """Records of CloudTrail, one minute after the other."""

    def __init__(self):
        self.records = []

    def add(self, identity, service, name, parameters=None, response=None, account="111122223333",
            address="203.0.113.7", **more):
        number = len(self.records)
        self.records.append({
            "eventVersion": "1.08", "userIdentity": identity,
            "eventTime": f"2026-03-01T02:{number:02}:00Z", "eventSource": f"{service}.amazonaws.com",
            "eventName": name, "awsRegion": "eu-west-1", "sourceIPAddress": address,
            "userAgent": "aws-cli/2.15", "requestParameters": parameters,
            "responseElements": response, "eventID": f"00000000-0000-4000-8000-{number:012}",
            "readOnly": name.startswith(("Get", "List", "Describe")), "eventType": "AwsApiCall",
            "managementEvent": True, "recipientAccountId": account, **more})

    def trace(self, entity, *options):
        """The trace as JSON; the same however the events lie in files."""
        answers = set()
        for seed in range(3):
            with tempfile.TemporaryDirectory() as folder:
                records = self.records + self.records[::2]
                random.Random(seed).shuffle(records)
                for part in range(3):
                    text = "".join(json.dumps(record) + "\n" for record in records[part::3])
                    (pathlib.Path(folder) / f"{part}.ndjson").write_text(text)
                for jobs in ("1", "3"):
                    done = subprocess.run(
                        [PROGRAM, "trace", entity, "--logs", folder, "--json", "--jobs", jobs,
                         *options],
                        capture_output=True, text=True, check=False, env={"HOME": folder})
                    check(done.returncode == 0, f"{entity}: {done.stderr}")
                    answers.add(done.stdout)
                for form in ("tree", "dot", "mermaid", "csv"):
                    done = subprocess.run(
                        [PROGRAM, "trace", entity, "--logs", folder, "--format", form],
                        capture_output=True, text=True, check=False, env={"HOME": folder})
                    check(done.returncode == 0 and done.stdout, f"{form}: {done.stderr}")
                    check("\x1b" not in done.stdout, "foreign text is inert")
                    check(form != "mermaid" or "<script>" not in done.stdout, "also in a page")
        check(len(answers) == 1, "the order of events changes nothing")
        return json.loads(answers.pop())


def user(name, key):
    return {"type": "IAMUser", "principalId": "AIDA" + name.upper(), "userName": name,
            "arn": f"arn:aws:iam::111122223333:user/{name}", "accountId": "111122223333",
            "accessKeyId": key}


def session(role, name, key, account="111122223333", issued="2026-03-01T02:00:00Z", **context):
    return {"type": "AssumedRole", "principalId": f"AROA{role.upper()}:{name}",
            "arn": f"arn:aws:sts::{account}:assumed-role/{role}/{name}", "accountId": account,
            "accessKeyId": key,
            "sessionContext": {
                "sessionIssuer": {"type": "Role", "principalId": "AROA" + role.upper(),
                                  "arn": f"arn:aws:iam::{account}:role/{role}",
                                  "accountId": account, "userName": role},
                "attributes": {"creationDate": issued, "mfaAuthenticated": "false"}, **context}}


def assumed(role, name, key, account="111122223333"):
    return {"credentials": {"accessKeyId": key, "sessionToken": "HIDDEN",
                            "expiration": "Mar 1, 2026, 3:00:00 AM"},
            "assumedRoleUser": {"assumedRoleId": f"AROA{role.upper()}:{name}",
                                "arn": f"arn:aws:sts::{account}:assumed-role/{role}/{name}"}}


def cuts(trace, kind):
    return {cut["id"] for cut in trace["cuts"] if cut["kind"] == kind}


def origins(trace):
    return {(origin["kind"], origin["holder"]) for origin in trace["origins"]}


def codes(trace):
    return {unknown["code"] for unknown in trace["unknown"]}


def cross_account_chain():
    """A leaked key, three roles in three accounts, a bucket in the last."""
    log = Log()
    log.add(user("eve", "AKIAEVE"), "sts", "AssumeRole",
            {"roleArn": "arn:aws:iam::111122223333:role/one", "roleSessionName": "a"},
            assumed("one", "a", "ASIAONE"))
    log.add(session("one", "a", "ASIAONE"), "sts", "AssumeRole",
            {"roleArn": "arn:aws:iam::222233334444:role/two", "roleSessionName": "b"},
            assumed("two", "b", "ASIATWO", "222233334444"))
    two = session("two", "b", "ASIATWO", "222233334444", "2026-03-01T02:01:00Z")
    log.add(two, "sts", "AssumeRole",
            {"roleArn": "arn:aws:iam::333344445555:role/three", "roleSessionName": "c"},
            assumed("three", "c", "ASIATHREE", "333344445555"), account="222233334444")
    three = session("three", "c", "ASIATHREE", "333344445555", "2026-03-01T02:02:00Z")
    log.add(three, "s3", "DeleteBucketPolicy", {"bucketName": "ledger"}, account="333344445555")
    log.add(user("bob", "AKIABOB"), "sts", "GetCallerIdentity")
    trace = log.trace("ledger")
    check(("first-key", "aws:access-key/AKIAEVE") in origins(trace), f"first key: {origins(trace)}")
    check(len(origins(trace)) == 1, "one beginning")
    keys = {key for holder in trace["holders"] for key in holder["ids"]}
    check({"aws:access-key/AKIAEVE", "aws:access-key/ASIAONE", "aws:access-key/ASIATWO",
           "aws:access-key/ASIATHREE"} <= keys, f"every hop: {keys}")
    check("aws:access-key/AKIABOB" not in keys, "bob has nothing to do with it")
    check(max(holder["hops"] for holder in trace["holders"]) == 3, "three hops")
    check("aws:access-key/AKIAEVE" in cuts(trace, "deactivate-key"), "the key")
    check({"aws:role/111122223333/one", "aws:role/222233334444/two", "aws:role/333344445555/three"} <=
          cuts(trace, "revoke-sessions"), f"every role: {cuts(trace, 'revoke-sessions')}")
    check({"horizon", "data-events"} <= codes(trace), f"unknowns: {codes(trace)}")
    check(log.trace("ASIATHREE")["origins"] == trace["origins"], "from its key the same")


def instance_role():
    """The session of an instance, from inside and from outside."""
    log = Log()
    inside = session("web", "i-0abc1234567890def", "ASIAWEB", ec2RoleDelivery="2.0")
    log.add(inside, "s3", "ListBuckets", address="10.0.0.4")
    log.add(inside, "secretsmanager", "PutSecretValue", {"secretId": "prod/db"}, address="198.51.100.66")
    trace = log.trace("198.51.100.66")
    start = [holder for holder in trace["holders"] if holder["relation"] == "start"]
    check(len(start) == 1 and "aws:access-key/ASIAWEB" in start[0]["ids"], f"the session: {start}")
    check({use["address"] for use in start[0]["sources"]} == {"ip/10.0.0.4", "ip/198.51.100.66"},
          "both addresses")
    check("aws:instance/111122223333/i-0abc1234567890def" in
          {holder["id"] for holder in trace["holders"]} or start[0].get("given_to", "").endswith(
              "i-0abc1234567890def"), "the instance is named")
    check("aws:role/111122223333/web" in cuts(trace, "confine-to-host"), "deny it off the host")
    check("aws:role/111122223333/web" in cuts(trace, "revoke-sessions"), "or revoke all")


def minted_key():
    """An assumed role makes a key for a user, which is then used."""
    log = Log()
    log.add(user("eve", "AKIAEVE"), "sts", "AssumeRole",
            {"roleArn": "arn:aws:iam::111122223333:role/admin", "roleSessionName": "x"},
            assumed("admin", "x", "ASIAADMIN"))
    log.add(session("admin", "x", "ASIAADMIN"), "iam", "CreateAccessKey", {"userName": "robot"},
            {"accessKey": {"userName": "robot", "accessKeyId": "AKIANEW", "status": "Active"}})
    log.add(user("robot", "AKIANEW"), "ec2", "TerminateInstances",
            {"instancesSet": {"items": [{"instanceId": "i-0123456789abcdef0"}]}})
    trace = log.trace("i-0123456789abcdef0")
    check(origins(trace) == {("first-key", "aws:access-key/AKIAEVE")}, f"{origins(trace)}")
    check({"aws:access-key/AKIAEVE", "aws:access-key/AKIANEW"} <= cuts(trace, "deactivate-key"),
          f"both keys: {cuts(trace, 'deactivate-key')}")
    check("aws:role/111122223333/admin" in cuts(trace, "deny-from-above"), "it can write IAM")
    check("aws:access-key/AKIANEW" in {left["id"] for left in trace["remains"]}, "it stays")


def identity_center():
    """A person of the directory, with the user id behind the session."""
    log = Log()
    person = {"userId": "9067-1234", "identityStoreArn":
              "arn:aws:identitystore::111122223333:identitystore/d-9067642ac7"}
    work = session("AWSReservedSSO_Admin_0123456789abcdef", "lea@example.com", "ASIASSO")
    work["onBehalfOf"] = person
    log.add(work, "iam", "CreateUser", {"userName": "backdoor"},
            {"user": {"userName": "backdoor", "arn": "arn:aws:iam::111122223333:user/backdoor"}})
    trace = log.trace("aws:user/111122223333/backdoor")
    people = cuts(trace, "disable-person")
    check(len(people) == 1 and "9067-1234" in next(iter(people)), f"the person: {people}")
    check({"person"} == {kind for kind, _ in origins(trace)}, f"{origins(trace)}")
    check("aws:user/111122223333/backdoor" in {left["id"] for left in trace["remains"]}, "stays")


def pipeline():
    """A role that a pipeline takes by its own tokens."""
    log = Log()
    token = {"type": "WebIdentityUser",
             "principalId": "arn:aws:iam::111122223333:oidc-provider/token.example:repo:o/r:ref",
             "userName": "repo:o/r:ref:refs/heads/main",
             "identityProvider": "arn:aws:iam::111122223333:oidc-provider/token.example"}
    log.add(token, "sts", "AssumeRoleWithWebIdentity",
            {"roleArn": "arn:aws:iam::111122223333:role/ci", "roleSessionName": "run"},
            assumed("ci", "run", "ASIACI"))
    log.add(session("ci", "run", "ASIACI"), "lambda", "UpdateFunctionCode20150331v2",
            {"functionName": "billing"},
            {"functionName": "billing",
             "functionArn": "arn:aws:lambda:eu-west-1:111122223333:function:billing"})
    trace = log.trace("billing")
    check({kind for kind, _ in origins(trace)} == {"person"}, f"vouched for elsewhere: {origins(trace)}")
    check("aws:role/111122223333/ci" in cuts(trace, "revoke-sessions"), "the role's sessions")
    check(cuts(trace, "disable-person"), "and where the tokens come from")


def mistakes():
    log = Log()
    log.add(user("<script>\x1b[2J", "AKIAEVIL"), "iam", "ListUsers")
    log.add(user("same", "AKIAA"), "iam", "GetRole", {"roleName": "same"})
    log.trace("AKIAEVIL")
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "a.ndjson"
        path.write_text("".join(json.dumps(record) + "\n" for record in log.records))
        for arguments, words in ((["nobody", "--logs", str(path)], "not in these logs"),
                                 (["AKIAEVIX", "--logs", str(path)], "Nearest to it are"),
                                 (["x"], "needs the logs"),
                                 (["AKIAA", "--logs", str(path), "--since", "soon"], "is no time")):
            done = subprocess.run([PROGRAM, "trace", *arguments], capture_output=True, text=True,
                                  check=False, env={"HOME": folder})
            check(done.returncode == 2 and words in done.stderr, f"{arguments}: {done.stderr}")


def main():
    for story in (cross_account_chain, instance_role, minted_key, identity_center, pipeline, mistakes):
        story()
    print(f"trace_test: {checks} checks passed")


main()
