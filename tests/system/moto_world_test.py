#!/usr/bin/env python3
"""The simulated AWS of the tests of response: what its proxy refuses, counts and spoils; that our
signatures hold there; and that moto is still other than AWS where README.md says so.

usage: moto_world_test.py AWS_CALLER AWS_SIGNER VENV

Skipped (77) without VENV.
"""
import base64
import contextlib
import dataclasses
import datetime
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
import unittest
from urllib.parse import urlencode
from xml.etree import ElementTree

import build_venv

build_venv.enter(sys.argv[3], "moto")

import botocore.auth
import botocore.exceptions
import botocore.parsers
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

import moto_world

CALLER, SIGNER = sys.argv[1:3]
WORLD = SCENE = None
DENY = json.dumps({"Version": "2012-10-17",
                   "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]})
FORM = ("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")


def setUpModule():
    global WORLD, SCENE
    WORLD = moto_world.World().__enter__()
    unittest.addModuleCleanup(WORLD.__exit__)
    SCENE = WORLD.build_scene()


# A read and a write of each protocol.
def calls(client):
    return {
        "query": lambda: client("iam").get_user(UserName=SCENE.user),
        "ec2": lambda: client("ec2").describe_instances(InstanceIds=[SCENE.instance]),
        "json": lambda: client("cloudtrail").get_trail_status(Name=SCENE.trail_arn),
        "rest-xml": lambda: client("s3").get_bucket_policy(Bucket=SCENE.bucket),
        "rest-json": lambda: client("guardduty").list_detectors(),
    }


def writes(client):
    [interface] = list(SCENE.interfaces)[:1]
    return {
        "query": lambda: client("iam").put_user_policy(UserName=SCENE.user, PolicyName="p",
                                                       PolicyDocument=DENY),
        "ec2": lambda: client("ec2").modify_network_interface_attribute(
            NetworkInterfaceId=interface, Groups=SCENE.interfaces[interface]),
        "json": lambda: client("cloudtrail").start_logging(Name=SCENE.trail_arn),
        "rest-xml": lambda: client("s3").put_public_access_block(
            Bucket=SCENE.bucket, PublicAccessBlockConfiguration={"BlockPublicAcls": True}),
        "rest-json": lambda: client("guardduty").create_detector(Enable=True),
    }


WRITES = {"query": "iam.PutUserPolicy", "ec2": "ec2.ModifyNetworkInterfaceAttribute",
          "json": "cloudtrail.StartLogging", "rest-xml": "s3.PutPublicAccessBlock",
          "rest-json": "guardduty.CreateDetector"}


class Case(unittest.TestCase):
    def setUp(self):
        WORLD.proxy.forget()
        WORLD.proxy.clock_ahead = datetime.timedelta()

    def tearDown(self):
        self.assertEqual(WORLD.proxy.unfired(), [])

    def refused(self, call):
        """Status and code of the error that it ends with."""
        with self.assertRaises(botocore.exceptions.ClientError) as caught:
            call()
        answer = caught.exception.response
        return answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Code"]


class Clients:
    """One for each service: making them costs more than using them."""

    def __init__(self, **options):
        self.options, self.made = options, {}

    def __call__(self, service):
        if service not in self.made:
            self.made[service] = WORLD.client(service, **self.options)
        return self.made[service]


class Requests(Case):
    def test_each_protocol_is_understood(self):
        ids = []
        for protocol, call in (*calls(CLIENT).items(), *writes(CLIENT).items()):
            headers = call()["ResponseMetadata"]["HTTPHeaders"]
            ids.append(headers["x-amz-request-id" if protocol == "rest-xml"
                               else "x-amzn-requestid"])
        of = WORLD.responder
        interface = list(SCENE.interfaces)[0]
        wanted = [
            ("iam", "GetUser", "query", False, ("UserName=" + SCENE.user,)),
            ("ec2", "DescribeInstances", "ec2", False, ("InstanceId=" + SCENE.instance,)),
            ("cloudtrail", "GetTrailStatus", "json", False, ("Name=" + SCENE.trail_arn,)),
            ("s3", "GetBucketPolicy", "rest-xml", False, ("Bucket=" + SCENE.bucket,)),
            ("guardduty", "ListDetectors", "rest-json", False, ()),
            ("iam", "PutUserPolicy", "query", True, ("PolicyName=p", "UserName=" + SCENE.user)),
            ("ec2", "ModifyNetworkInterfaceAttribute", "ec2", True,
             ("NetworkInterfaceId=" + interface,
              "SecurityGroupId=" + SCENE.interfaces[interface][0])),
            ("cloudtrail", "StartLogging", "json", True, ("Name=" + SCENE.trail_arn,)),
            ("s3", "PutPublicAccessBlock", "rest-xml", True, ("Bucket=" + SCENE.bucket,)),
            ("guardduty", "CreateDetector", "rest-json", True, ()),
        ]
        log = WORLD.proxy.log
        self.assertEqual([(each["service"], each["operation"], each["protocol"], each["writes"],
                           each["about"]) for each in log], wanted)
        self.assertEqual([each["request_id"] for each in log], ids)
        self.assertEqual(len(set(ids)), len(ids))
        for each in log:
            self.assertEqual((each["access_key_id"], each["account"], each["refused"],
                              each["fault"], each["behind"], each["answered"], each["accepted"]),
                             (of.access_key_id, moto_world.ACCOUNT, "", "", 200, 200,
                              each["writes"]))
            self.assertEqual(each["region"], "us-east-1" if each["service"] == "iam"
                             else moto_world.REGION)
        self.assertEqual(log[5]["parameters"]["PolicyDocument"], DENY)
        self.assertEqual(sum(WORLD.proxy.writes().values()), 5)

    def test_operations_of_one_path_are_told_apart(self):
        s3 = CLIENT("s3")
        s3.put_object(Bucket=SCENE.bucket, Key="a b+=/é", Body=b"x")
        s3.copy_object(Bucket=SCENE.bucket, Key="copy",
                       CopySource={"Bucket": SCENE.bucket, "Key": "a b+=/é"})
        s3.head_object(Bucket=SCENE.bucket, Key="copy")
        s3.list_objects(Bucket=SCENE.bucket)
        s3.list_objects_v2(Bucket=SCENE.bucket)
        s3.list_buckets()
        self.assertEqual([each["operation"] for each in WORLD.proxy.log],
                         ["PutObject", "CopyObject", "HeadObject", "ListObjects", "ListObjectsV2",
                          "ListBuckets"])
        self.assertEqual(WORLD.proxy.log[0]["about"],
                         ("Bucket=" + SCENE.bucket, "Key=a b+=/é"))
        self.assertEqual(WORLD.proxy.write_count("s3.PutObject", "a b+=/é"), 1)
        self.assertEqual(s3.get_object(Bucket=SCENE.bucket, Key="copy")["Body"].read(), b"x")

    def test_sessions_of_a_role_of_another_account(self):
        made = CLIENT("sts").assume_role(RoleArn="arn:aws:iam::222222222222:role/responder",
                                         RoleSessionName="stanch")["Credentials"]
        session = moto_world.Credential(made["AccessKeyId"], made["SecretAccessKey"], "",
                                        made["SessionToken"])
        there = WORLD.client("sts", credential=session)
        self.assertEqual(there.get_caller_identity()["Account"], "222222222222")
        self.assertEqual(WORLD.proxy.log[-1]["account"], "222222222222")
        other = WORLD.client("sts", credential=dataclasses.replace(session, session_token="x"))
        self.assertEqual(self.refused(other.get_caller_identity), (403, "InvalidClientTokenId"))


class Signatures(Case):
    def check_refused(self, client, reason, wanted):
        for protocol, call in writes(client).items():
            with self.subTest(protocol):
                WORLD.proxy.forget()
                self.assertEqual(self.refused(call), wanted[protocol])
                [entry] = WORLD.proxy.log
                self.assertEqual((entry["refused"], entry["behind"], entry["accepted"]),
                                 (reason, None, False))
                self.assertFalse(WORLD.proxy.writes())

    def test_of_a_wrong_secret(self):
        wrong = dataclasses.replace(WORLD.responder, secret="wrong")
        self.check_refused(Clients(credential=wrong), "wrong_signature", {
            "query": (403, "SignatureDoesNotMatch"), "ec2": (401, "AuthFailure"),
            "json": (400, "InvalidSignatureException"),
            "rest-xml": (403, "SignatureDoesNotMatch"),
            "rest-json": (403, "InvalidSignatureException")})

    def test_of_an_unknown_key(self):
        unknown = dataclasses.replace(WORLD.responder, access_key_id="AKIAUNKNOWN")
        self.check_refused(Clients(credential=unknown), "unknown_key", {
            "query": (403, "InvalidClientTokenId"), "ec2": (401, "AuthFailure"),
            "json": (400, "UnrecognizedClientException"),
            "rest-xml": (403, "InvalidAccessKeyId"),
            "rest-json": (403, "UnrecognizedClientException")})

    def test_of_another_time(self):
        stale = {"query": (403, "SignatureDoesNotMatch"), "ec2": (400, "RequestExpired"),
                 "json": (400, "InvalidSignatureException"),
                 "rest-xml": (403, "RequestTimeTooSkewed"),
                 "rest-json": (403, "InvalidSignatureException")}
        for sign in (1, -1):
            # Half a minute for a slow machine.
            WORLD.proxy.clock_ahead = sign * datetime.timedelta(minutes=15, seconds=30)
            self.check_refused(CLIENT, "stale", stale)
            for minutes in (4, 6, 14):
                WORLD.proxy.clock_ahead = sign * datetime.timedelta(minutes=minutes)
                for protocol, call in calls(CLIENT).items():
                    with self.subTest(f"{protocol} {sign * minutes} min"):
                        if minutes < 5 or protocol == "rest-xml":
                            call()
                        else:
                            self.assertEqual(self.refused(call), stale[protocol])

    def test_every_answer_shows_the_clock(self):
        WORLD.proxy.clock_ahead = datetime.timedelta(hours=5)
        for path in ("/", "/" + SCENE.bucket):
            answer, _ = send("GET", path, [], b"")
            self.assertEqual(answer.status, 403)
            shown = datetime.datetime.strptime(answer.getheader("Date"),
                                               "%a, %d %b %Y %H:%M:%S GMT")
            ahead = shown.replace(tzinfo=datetime.timezone.utc) - datetime.datetime.now(
                datetime.timezone.utc)
            self.assertLess(abs(ahead - WORLD.proxy.clock_ahead), datetime.timedelta(minutes=1))

    def test_of_a_request_that_was_changed(self):
        good = signed("POST", "/?a=1&b=2", [FORM, ("X-Amz-Extra", "1")],
                      b"Action=GetUser&UserName=" + SCENE.user.encode(), "iam", "us-east-1")
        method, target, headers, body = good

        def with_header(name, value):
            kept = [pair for pair in headers if pair[0].lower() != name.lower()]
            return method, target, [*kept, (name, value)], body

        token = dict(headers)["Authorization"]
        date = dict(headers)["X-Amz-Date"]
        for what, request, reason in (
                ("nothing", good, ""),
                ("order of the query", (method, "/?b=2&a=1", headers, body), ""),
                ("an unsigned header", with_header("X-Other", "1"), ""),
                ("method", ("PUT", target, headers, body), "wrong_signature"),
                ("path", (method, "/x?a=1&b=2", headers, body), "wrong_signature"),
                ("query", (method, "/?a=1&b=3", headers, body), "wrong_signature"),
                ("body", (method, target, headers, body + b"x"), "wrong_signature"),
                ("host", with_header("Host", "iam.amazonaws.com"), "wrong_signature"),
                ("type", with_header("Content-Type", "text/plain"), "wrong_signature"),
                ("x-amz-extra", with_header("X-Amz-Extra", "2"), "wrong_signature"),
                ("one more of ours", with_header("X-Amz-New", "1"), "wrong_signature"),
                ("second", with_header("X-Amz-Date", date[:-2] + chr(ord(date[-2]) ^ 1) + "Z"),
                 "wrong_signature"),
                ("day", with_header("X-Amz-Date", "20010101T000000Z"), "wrong_signature"),
                ("service", with_header("Authorization", token.replace("/iam/", "/sts/")),
                 "wrong_signature"),
                ("region", with_header("Authorization", token.replace("us-east-1", "eu-west-1")),
                 "wrong_region"),
                ("day of the scope",
                 with_header("Authorization", token.replace(date[:8], "20010101")),
                 "wrong_signature"),
                ("fewer signed", with_header("Authorization", token.replace("host;", "")),
                 "wrong_signature"),
                ("a token", with_header("X-Amz-Security-Token", "t"), "wrong_token"),
                ("no form", with_header("Authorization", token[:-1]), "unsigned"),
                ("none", (method, target, [pair for pair in headers
                                           if pair[0] != "Authorization"], body), "unsigned")):
            with self.subTest(what):
                WORLD.proxy.forget()
                answer, _ = send(*request)
                [entry] = WORLD.proxy.log
                self.assertEqual(entry["refused"], reason)
                self.assertEqual(answer.status == 200, reason == "")

    def test_of_a_region_that_a_global_service_has_not(self):
        request = signed("POST", "/", [FORM], b"Action=ListAccountAliases", "iam", "eu-west-1")
        send(*request)
        self.assertEqual(WORLD.proxy.log[0]["refused"], "wrong_region")

    def test_of_a_body_other_than_its_hash_says(self):
        hashed = [("X-Amz-Content-SHA256", "0" * 64)]
        request = signed("PUT", f"/{SCENE.bucket}/key", hashed, b"body", "s3", "eu-west-1")
        answer, body = send(*request)
        self.assertEqual(answer.status, 400)
        self.assertIn(b"<Code>XAmzContentSHA256Mismatch</Code>", body)
        without = signed("PUT", f"/{SCENE.bucket}/key", [], b"body", "s3", "eu-west-1")
        send(*without)
        self.assertEqual([each["refused"] for each in WORLD.proxy.log],
                         ["wrong_body", "wrong_body"])


def signed(method, target, headers, body, service, region):
    """Signed with what the headers are, and nothing added but the date."""
    host = WORLD.proxy.url.removeprefix("http://")
    request = AWSRequest(method=method, url=f"http://{host}{target}", data=body)
    request.headers["Host"] = host
    for name, value in headers:
        request.headers[name] = value
    of = WORLD.responder
    botocore.auth.SigV4Auth(Credentials(of.access_key_id, of.secret), service,
                            region).add_auth(request)
    return method, target, request.headers.items(), body


def send(method, target, headers, body):
    """The answer to exactly that request."""
    connection = http.client.HTTPConnection(WORLD.proxy.url.removeprefix("http://"), timeout=20)
    host = any(name.lower() == "host" for name, _ in headers)
    connection.putrequest(method, target, skip_host=host, skip_accept_encoding=True)
    for name, value in headers:
        connection.putheader(name, value)
    connection.putheader("Content-Length", str(len(body)))
    connection.endheaders(body)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer, body


class Faults(Case):
    def entry(self):
        [entry] = WORLD.proxy.log
        return entry

    def check(self, kind, expect, done, **options):
        """`expect` is called with the write, its protocol; `done`: was it done there?"""
        for protocol, call in writes(CLIENT).items():
            with self.subTest(f"{kind} {protocol}"):
                WORLD.proxy.forget()
                fault = WORLD.proxy.inject(WRITES[protocol], kind, **options)
                expect(call, protocol)
                self.assertEqual(fault.fired, 1)
                entry = self.entry()
                self.assertEqual((entry["accepted"], entry["behind"]),
                                 (done, 200 if done else None))
                self.assertEqual(entry["fault"], kind + (" after" if done else " before"))
                self.assertEqual(WORLD.proxy.write_count(WRITES[protocol]), int(done))
                call()  # the second one is spared
                self.assertEqual(WORLD.proxy.write_count(WRITES[protocol]), 1 + done)
                self.assertEqual(WORLD.proxy.log[1]["fault"], "")

    def check_answer(self, kind, wanted, done=False, **options):
        self.check(kind, lambda call, protocol:
                   self.assertEqual(self.refused(call), wanted[protocol]), done, **options)

    def test_reset(self):
        def expect(call, _):
            with self.assertRaises(botocore.exceptions.ConnectionClosedError):
                call()
            self.assertIsNone(self.entry()["answered"])
        self.check("reset", expect, done=False)
        self.check("reset", expect, done=True, after=True)

    def test_a_reset_is_one(self):
        """No orderly end, which some clients take for an empty answer."""
        WORLD.proxy.inject("iam.ListAccountAliases", "reset")
        method, target, headers, body = signed(
            "POST", "/", [FORM], b"Action=ListAccountAliases", "iam", "us-east-1")
        host, port = WORLD.proxy.url.removeprefix("http://").split(":")
        lines = [f"{method} {target} HTTP/1.1", f"Content-Length: {len(body)}",
                 *(f"{name}: {value}" for name, value in headers)]
        with socket.create_connection((host, int(port)), timeout=20) as connection:
            connection.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
            with self.assertRaises(ConnectionResetError):
                connection.recv(1)

    def test_answers_of_a_service_that_does_not_want(self):
        same = lambda status, code: {protocol: (status, code) for protocol in WRITES}
        self.check_answer("denied", {
            "query": (403, "AccessDenied"), "ec2": (403, "UnauthorizedOperation"),
            "json": (400, "AccessDeniedException"), "rest-xml": (403, "AccessDenied"),
            "rest-json": (403, "AccessDeniedException")})
        self.check_answer("throttled", {
            "query": (400, "Throttling"), "ec2": (503, "RequestLimitExceeded"),
            "json": (400, "ThrottlingException"), "rest-xml": (503, "SlowDown"),
            "rest-json": (429, "TooManyRequestsException")})
        self.check_answer("too_many_requests", same(429, "TooManyRequestsException"))
        unavailable = {
            "query": (503, "ServiceUnavailable"), "ec2": (503, "Unavailable"),
            "json": (503, "ServiceUnavailableException"), "rest-xml": (503, "ServiceUnavailable"),
            "rest-json": (503, "ServiceUnavailableException")}
        internal = {
            "query": (500, "InternalFailure"), "ec2": (500, "InternalError"),
            "json": (500, "InternalFailure"), "rest-xml": (500, "InternalError"),
            "rest-json": (500, "InternalFailure")}
        for after in (False, True):
            self.check_answer("unavailable", unavailable, done=after, after=after)
            self.check_answer("internal_error", internal, done=after, after=after)

    def test_retry_after(self):
        request = signed("POST", "/", [FORM], b"Action=ListAccountAliases", "iam", "us-east-1")
        for wanted in (None, 7):
            WORLD.proxy.inject("iam.ListAccountAliases", "too_many_requests",
                               retry_after=wanted)
            answer, _ = send(*request)
            self.assertEqual(answer.status, 429)
            self.assertEqual(answer.getheader("Retry-After"), wanted and str(wanted))
            WORLD.proxy.forget()

    def test_a_delay_longer_than_the_client_waits(self):
        client = Clients(read_timeout=0.5)
        for after in (False, True):
            WORLD.proxy.forget()
            WORLD.proxy.inject("iam.PutUserPolicy", "delay", seconds=3, after=after)
            with self.assertRaises(botocore.exceptions.ReadTimeoutError):
                writes(client)["query"]()
            if not after:
                self.assertFalse(self.entry()["accepted"])
            # What is late is done all the same, after the client gave up.
            until = time.monotonic() + 20
            while not self.entry()["accepted"] and time.monotonic() < until:
                time.sleep(0.02)
            if after:
                self.assertIsNone(self.entry()["answered"])
            self.assertEqual(WORLD.proxy.write_count("iam.PutUserPolicy", SCENE.user), 1)

    def test_an_answer_that_breaks_off(self):
        def expect(call, _):
            # Too little came; what botocore makes of it depends on how much.
            with self.assertRaises((botocore.exceptions.ResponseStreamingError,
                                    botocore.exceptions.IncompleteReadError,
                                    botocore.exceptions.ConnectionClosedError)):
                call()
        self.check("cut", expect, done=True)

    def raw(self, operation, call):
        """Status and body as they came: botocore takes much for an answer."""
        seen = []
        events = CLIENT(operation.split(".")[0]).meta.events
        events.register_first("before-parse", lambda response_dict, **_: seen.append(
            response_dict), unique_id="raw")
        try:
            call()
        except (botocore.exceptions.ClientError, botocore.parsers.ResponseParserError):
            pass
        events.unregister("before-parse", unique_id="raw")
        return seen[0]["status_code"], seen[0]["body"]

    def test_an_answer_that_nobody_can_read(self):
        def expect(call, protocol):
            status, body = self.raw(WRITES[protocol], call)
            self.assertEqual(status, 200)
            with self.assertRaises((ValueError, ElementTree.ParseError)):
                json.loads(body) if "json" in protocol else ElementTree.fromstring(body)
        self.check("malformed", expect, done=True)

    def test_an_error_that_says_200(self):
        def expect(call, protocol):
            status, body = self.raw(WRITES[protocol], call)
            self.assertEqual(status, 200)
            self.assertIn(b"error_in_200", body)
        self.check("error_in_200", expect, done=True)

    def test_a_token_that_has_expired(self):
        self.check_answer("expired", {
            "query": (403, "ExpiredToken"), "ec2": (400, "RequestExpired"),
            "json": (400, "ExpiredTokenException"), "rest-xml": (400, "ExpiredToken"),
            "rest-json": (403, "ExpiredTokenException")})

    def test_a_write_that_is_done_twice(self):
        WORLD.proxy.inject("ec2.CreateSnapshots", "duplicate")
        CLIENT("ec2").create_snapshots(InstanceSpecification={"InstanceId": SCENE.instance})
        found = WORLD.direct("ec2").describe_snapshots(
            Filters=[{"Name": "volume-id", "Values": SCENE.volumes}])["Snapshots"]
        self.assertEqual(len(found), 2 * len(SCENE.volumes))
        self.assertEqual(WORLD.proxy.write_count("ec2.CreateSnapshots"), 1)

    def test_a_read_that_is_behind(self):
        iam, user = CLIENT("iam"), {"UserName": SCENE.user, "PolicyName": "stale"}
        look = lambda: iam.list_user_policies(UserName=SCENE.user)["PolicyNames"]
        WORLD.proxy.inject("iam.ListUserPolicies", "stale", since="iam.PutUserPolicy", times=2)
        before = look()
        iam.put_user_policy(PolicyDocument=DENY, **user)
        self.assertEqual([look(), look()], [before, before])
        self.assertIn("stale", look())
        iam.delete_user_policy(**user)

    def test_the_nth_is_chosen(self):
        WORLD.proxy.inject("iam.GetUser", "denied", nth=2, times=2)
        wrong = WORLD.client("iam", credential=dataclasses.replace(WORLD.responder, secret="x"))
        outcomes = []
        for _ in range(5):
            self.refused(lambda: wrong.get_user(UserName=SCENE.user))  # is not counted
            CLIENT("iam").list_users()                                 # nor is another
            try:
                CLIENT("iam").get_user(UserName=SCENE.user)
                outcomes.append("done")
            except botocore.exceptions.ClientError as error:
                outcomes.append(error.response["Error"]["Code"])
        self.assertEqual(outcomes, ["done", "AccessDenied", "AccessDenied", "done", "done"])

    def test_what_did_not_happen_is_told(self):
        fault = WORLD.proxy.inject("iam.GetUser", "denied", nth=2)
        calls(CLIENT)["query"]()
        self.assertEqual(WORLD.proxy.unfired(), [fault])
        WORLD.proxy.forget()

    def test_faults_that_cannot_be(self):
        for kind, options in (("nonsense", {}), ("denied", {"after": True}), ("delay", {}),
                              ("throttled", {"after": True}),
                              ("reset", {"retry_after": 1})):
            with self.assertRaises(ValueError):
                WORLD.proxy.inject("iam.GetUser", kind, **options)


class Moments(Case):
    """What `at_moment` sees and does."""

    def setUp(self):
        super().setUp()
        self.addCleanup(setattr, WORLD.proxy, "at_moment", None)

    def end_at(self, wanted):
        WORLD.proxy.forget()
        seen = []

        def at_moment(moment, entry):
            seen.append((moment, entry["operation"]))
            return moment == wanted

        WORLD.proxy.at_moment = at_moment
        try:
            writes(CLIENT)["query"]()
            # The client may have its answer before the proxy says so.
            for _ in range(500):
                if seen[-1][0] == "answered":
                    break
                time.sleep(0.01)
        except botocore.exceptions.ConnectionClosedError:
            seen.append("reset")
        return seen, WORLD.proxy.write_count()

    def test_each_request_passes_three(self):
        moments = [(each, "PutUserPolicy") for each in ("arrived", "done", "answered")]
        self.assertEqual(self.end_at("none"), (moments, 1))
        self.assertEqual(self.end_at("arrived"), (moments[:1] + ["reset"], 0))
        self.assertEqual(self.end_at("done"), (moments[:2] + ["reset"], 1))

    def test_a_request_that_is_late(self):
        """It is done at the end of the time for which it is taken, and not after that."""
        for minutes, done in ((4, 0), (4.8, 1), (6, 0)):
            WORLD.proxy.forget()
            WORLD.proxy.clock_ahead = datetime.timedelta()

            def at_moment(moment, entry):
                if entry["writes"]:
                    WORLD.proxy.deliver_late(entry)
                return entry["writes"]

            WORLD.proxy.at_moment = at_moment
            with self.assertRaises(botocore.exceptions.ConnectionClosedError):
                writes(CLIENT)["query"]()
            WORLD.proxy.at_moment = None
            WORLD.proxy.clock_ahead = datetime.timedelta(minutes=minutes)
            with contextlib.suppress(botocore.exceptions.ClientError):  # boto3's clock stands
                CLIENT("iam").list_users()
            self.assertEqual(WORLD.proxy.write_count("iam.PutUserPolicy"), done)


class Counts(Case):
    def test_a_write_that_is_tried_again_counts_twice(self):
        again = WORLD.client("iam")
        WORLD.proxy.inject("iam.PutUserPolicy", "reset", after=True)
        for _ in range(2):
            try:
                writes(lambda _: again)["query"]()
            except botocore.exceptions.ConnectionClosedError:
                pass
        [(key, count)] = WORLD.proxy.writes().items()
        self.assertEqual((key[0], key[1], count),
                         ("iam.PutUserPolicy", ("PolicyName=p", "UserName=" + SCENE.user), 2))

    def test_what_was_not_done_does_not_count(self):
        WORLD.proxy.inject("iam.PutUserPolicy", "reset")
        with self.assertRaises(botocore.exceptions.ConnectionClosedError):
            writes(CLIENT)["query"]()
        self.refused(lambda: CLIENT("iam").put_user_policy(
            UserName="nobody", PolicyName="p", PolicyDocument=DENY))
        self.refused(lambda: CLIENT("ec2").create_snapshots(
            InstanceSpecification={"InstanceId": SCENE.instance}, DryRun=True))
        for call in calls(CLIENT).values():
            call()
        self.assertFalse(WORLD.proxy.writes())
        self.assertEqual(len(WORLD.proxy.log), 3 + 5)

    def test_writes_differ_by_what_they_are_about_and_say(self):
        iam = CLIENT("iam")
        for key, status in ((SCENE.attacker_key, "Inactive"), (SCENE.attacker_key, "Active"),
                            (SCENE.user_key, "Inactive"), (SCENE.attacker_key, "Inactive"),
                            (SCENE.user_key, "Active")):
            iam.update_access_key(UserName=SCENE.user, AccessKeyId=key, Status=status)
        self.assertEqual(sorted(WORLD.proxy.writes().values()), [1, 1, 1, 2])
        self.assertEqual(WORLD.proxy.write_count("iam.UpdateAccessKey", SCENE.attacker_key), 3)
        self.assertEqual(WORLD.proxy.write_count("iam.UpdateAccessKey", SCENE.user_key), 2)
        self.assertEqual(WORLD.proxy.write_count(about=SCENE.user), 5)
        self.assertEqual(WORLD.proxy.write_count("iam.DeleteAccessKey"), 0)

    def test_the_order_of_parameters_does_not_matter(self):
        for pairs in ([("UserName", SCENE.user), ("Status", "Active")],
                      [("Status", "Active"), ("UserName", SCENE.user)]):
            body = urlencode([("Action", "UpdateAccessKey"),
                              ("AccessKeyId", SCENE.user_key), *pairs]).encode()
            send(*signed("POST", "/", [FORM], body, "iam", "us-east-1"))
        self.assertEqual(list(WORLD.proxy.writes().values()), [2])


class Ours(Case):
    """Calls that Stanch writes and signs."""

    @classmethod
    def setUpClass(cls):
        cls.programs = {path: subprocess.Popen([path], stdin=subprocess.PIPE,
                                               stdout=subprocess.PIPE)
                        for path in (CALLER, SIGNER)}

    @classmethod
    def tearDownClass(cls):
        for program in cls.programs.values():
            program.communicate()

    def ask(self, path, line):
        program = self.programs[path]
        program.stdin.write(json.dumps(line).encode() + b"\n")
        program.stdin.flush()
        if path == SIGNER:
            program.stdin.close()  # it keeps its answers until the end
            answer = program.stdout.read()
            program.wait()
            program.stdout.close()
            self.programs[path] = subprocess.Popen([path], stdin=subprocess.PIPE,
                                                   stdout=subprocess.PIPE)
            return json.loads(answer)
        return json.loads(program.stdout.readline())

    def call(self, service, operation, parameters, secret=None):
        """Status and what Stanch reads of the answer."""
        wire = self.ask(CALLER, {"do": "write", "service": service, "operation": operation,
                                 "parameters": parameters, "token": "TOKEN"})
        of = WORLD.responder
        request = {"method": wire["method"], "url": WORLD.proxy.url + wire["target"],
                   "headers": wire["headers"], "body": base64.b64decode(wire["body"]).decode(),
                   "access_key_id": of.access_key_id, "secret_access_key": secret or of.secret,
                   "session_token": "", "service": service, "s3": service == "s3",
                   "region": moto_world.GLOBAL.get(service, moto_world.REGION),
                   "time": datetime.datetime.now(datetime.timezone.utc).strftime(
                       "%Y-%m-%dT%H:%M:%SZ"),
                   "unsigned_payload": False, "valid": 0}
        answer, body = send(request["method"], wire["target"],
                            self.ask(SIGNER, request)["headers"], request["body"].encode())
        read = self.ask(CALLER, {"do": "read", "service": service, "operation": operation,
                                 "status": answer.status, "headers": answer.getheaders(),
                                 "body": base64.b64encode(body).decode()})
        return answer.status, read

    def test_signatures_of_ours_hold(self):
        interface = list(SCENE.interfaces)[1]
        tags = [{"ResourceType": "snapshot", "Tags": [{"Key": "a b", "Value": "é+/=&"}]}]
        for service, operation, parameters in (
                ("iam", "ListAccessKeys", {"UserName": SCENE.user}),
                ("iam", "PutRolePolicy", {"RoleName": SCENE.role, "PolicyName": "ours",
                                          "PolicyDocument": DENY}),
                ("autoscaling", "DescribeAutoScalingInstances", {"InstanceIds": [SCENE.instance]}),
                ("sts", "GetCallerIdentity", {}),
                ("ec2", "DescribeInstances", {"InstanceIds": [SCENE.instance]}),
                ("ec2", "ModifyNetworkInterfaceAttribute", {
                    "NetworkInterfaceId": interface, "Groups": SCENE.interfaces[interface]}),
                ("ec2", "CreateSnapshots", {"InstanceSpecification": {
                    "InstanceId": SCENE.instance}, "TagSpecifications": tags}),
                ("cloudtrail", "GetTrailStatus", {"Name": SCENE.trail_arn}),
                ("s3", "PutPublicAccessBlock", {
                    "Bucket": SCENE.bucket,
                    "PublicAccessBlockConfiguration": {"BlockPublicAcls": True}}),
                ("s3", "GetPublicAccessBlock", {"Bucket": SCENE.bucket}),
                ("s3", "ListObjectsV2", {"Bucket": SCENE.bucket, "Prefix": "a b+=/é&"})):
            with self.subTest(f"{service}.{operation}"):
                WORLD.proxy.forget()
                status, read = self.call(service, operation, parameters)
                [entry] = WORLD.proxy.log
                self.assertEqual((status, entry["refused"], entry["operation"]),
                                 (200, "", operation), read)
        keys = self.call("iam", "ListAccessKeys", {"UserName": SCENE.user})[1]
        self.assertEqual({each["AccessKeyId"] for each in keys["AccessKeyMetadata"]},
                         {SCENE.user_key, SCENE.attacker_key})

    def test_refusals_are_read_as_what_they_are(self):
        for service, operation, parameters, code in (
                ("iam", "ListAccountAliases", {}, "SignatureDoesNotMatch"),
                ("ec2", "DescribeRegions", {}, "AuthFailure"),
                ("cloudtrail", "DescribeTrails", {}, "InvalidSignatureException"),
                ("s3", "GetPublicAccessBlock", {"Bucket": SCENE.bucket},
                 "SignatureDoesNotMatch")):
            _, read = self.call(service, operation, parameters, secret="wrong")
            self.assertEqual((read["code"], read["class"]), (code, "denied"))
        faults = (("denied", "denied"), ("throttled", "throttled"),
                  ("too_many_requests", "throttled"), ("internal_error", "unknown_outcome"),
                  ("malformed", None))
        for kind, wanted in faults:
            for service, operation, parameters in (
                    ("iam", "ListAccountAliases", {}), ("ec2", "DescribeRegions", {}),
                    ("cloudtrail", "DescribeTrails", {}),
                    ("s3", "ListObjectsV2", {"Bucket": SCENE.bucket})):
                with self.subTest(f"{kind} {service}"):
                    WORLD.proxy.inject(f"{service}.{operation}", kind)
                    _, read = self.call(service, operation, parameters)
                    self.assertIn("error" if wanted is None else "code", read)
                    self.assertEqual(read.get("class"), wanted)


class TheWorld(Case):
    def test_the_scene_is_what_it_says(self):
        direct = WORLD.direct
        # Whatever the other tests did, it was not done to this one.
        s = WORLD.build_scene("other")
        iam = direct("iam")
        keys = iam.list_access_keys(UserName=s.user)["AccessKeyMetadata"]
        self.assertEqual({each["AccessKeyId"]: each["Status"] for each in keys},
                         {s.user_key: "Active", s.attacker_key: "Active"})
        role = iam.get_role(RoleName=s.role)["Role"]
        self.assertEqual(role["AssumeRolePolicyDocument"], s.role_trust)
        self.assertEqual(iam.list_role_policies(RoleName=s.role)["PolicyNames"], [s.role_policy])
        [instance] = direct("ec2").describe_instances(
            InstanceIds=[s.instance])["Reservations"][0]["Instances"]
        self.assertEqual({each["NetworkInterfaceId"]: [of["GroupId"] for of in each["Groups"]]
                          for each in instance["NetworkInterfaces"]}, s.interfaces)
        self.assertEqual(len({group for groups in s.interfaces.values() for group in groups}), 2)
        self.assertEqual(sorted(each["Ebs"]["VolumeId"]
                                for each in instance["BlockDeviceMappings"]), s.volumes)
        self.assertEqual((instance["VpcId"], len(s.volumes)), (s.vpc, 2))
        [group] = direct("autoscaling").describe_auto_scaling_groups(
            AutoScalingGroupNames=[s.group])["AutoScalingGroups"]
        self.assertEqual({each["InstanceId"] for each in group["Instances"]},
                         {s.instance, s.group_neighbour})
        self.assertEqual(self.refused(lambda: direct("s3").get_public_access_block(
            Bucket=s.bucket)), (404, "NoSuchPublicAccessBlockConfiguration"))
        self.assertIn('"*"', direct("s3").get_bucket_policy(Bucket=s.bucket)["Policy"])
        self.assertFalse(direct("cloudtrail").get_trail_status(Name=s.trail_arn)["IsLogging"])
        self.assertEqual(WORLD.proxy.log, [])

    def test_the_responder_is_who_it_is(self):
        self.assertTrue(CLIENT("sts").get_caller_identity()["Arn"].endswith(
            "user/stanch-responder"))

    def test_the_environment_leads_here(self):
        script = ("import boto3; print(boto3.client('sts').get_caller_identity()['Account'])")
        run = subprocess.run([sys.executable, "-c", script], stdout=subprocess.PIPE, check=True,
                             env={**os.environ, **WORLD.environment()})
        self.assertEqual(run.stdout.decode().strip(), moto_world.ACCOUNT)
        self.assertEqual([each["operation"] for each in WORLD.proxy.log], ["GetCallerIdentity"])

    def test_moto_ends_with_whoever_started_it(self):
        script = ("import moto_world, time\n"
                  "with moto_world.World() as world:\n"
                  "    print(world.moto.pid, flush=True)\n"
                  "    time.sleep(60)\n")
        parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE,
                                  cwd=os.path.dirname(os.path.abspath(__file__)))
        moto = int(parent.stdout.readline())
        os.kill(moto, 0)
        parent.send_signal(signal.SIGKILL)
        parent.wait()
        parent.stdout.close()
        until = time.monotonic() + 10
        while runs(moto) and time.monotonic() < until:
            time.sleep(0.02)
        self.assertFalse(runs(moto))


class Keeping(unittest.TestCase):
    def test_moto_goes_back_to_what_was_kept_last(self):
        with moto_world.World() as world:
            users = lambda: [each["UserName"] for each in
                             world.direct("iam").list_users()["Users"][1:]]
            for kept in ([], ["first"]):
                for name in kept:
                    world.direct("iam").create_user(UserName=name)
                world.keep()
                for _ in range(2):
                    world.direct("iam").create_user(UserName="later")
                    world.client("iam").list_users()
                    self.assertEqual(users(), kept + ["later"])
                    world.back()
                    self.assertEqual((users(), world.proxy.log), (kept, []))
            moto = world.moto.pid
        self.assertFalse(runs(moto))


class MotoIsOther(Case):
    """What README.md says of moto. Where one of these fails, moto has learned: change both."""

    @classmethod
    def setUpClass(cls):
        cls.scene = WORLD.build_scene("strange")
        cls.ec2, cls.autoscaling = WORLD.direct("ec2"), WORLD.direct("autoscaling")

    def groups(self, interface):
        [found] = self.ec2.describe_network_interfaces(
            NetworkInterfaceIds=[interface])["NetworkInterfaces"]
        return [group["GroupId"] for group in found["Groups"]]

    def test_security_groups(self):
        first, second = self.scene.interfaces
        [used] = self.groups(first)
        self.ec2.delete_security_group(GroupId=used)
        self.assertEqual(self.groups(first), [used])
        self.assertEqual(self.refused(lambda: self.ec2.describe_security_groups(
            GroupIds=[used])), (400, "InvalidGroup.NotFound"))
        self.ec2.modify_network_interface_attribute(NetworkInterfaceId=second,
                                                    Groups=["sg-0123456789abcdef0"])
        self.assertEqual(self.groups(second), [])
        self.ec2.create_security_group(GroupName="sg-name", Description="é|",
                                       VpcId=self.scene.vpc)

    def test_snapshots(self):
        made = self.ec2.create_snapshots(
            InstanceSpecification={"InstanceId": self.scene.instance})["Snapshots"]
        self.assertEqual([each.get("State") for each in made], [None, None])
        ids = [each["SnapshotId"] for each in made]
        self.assertEqual([each["State"] for each in self.ec2.describe_snapshots(
            SnapshotIds=ids)["Snapshots"]], ["completed", "completed"])
        page = self.ec2.describe_snapshots(OwnerIds=["self"], MaxResults=5)
        self.assertGreater(len(page["Snapshots"]), 1000)
        self.assertNotIn("NextToken", page)

    def test_instances(self):
        made = self.ec2.run_instances(
            ImageId="ami-12c6146b", MinCount=1, MaxCount=1, NetworkInterfaces=[
                {"DeviceIndex": 0, "SubnetId": self.scene.subnet}])["Instances"][0]["InstanceId"]
        self.ec2.terminate_instances(InstanceIds=[made])
        [found] = self.ec2.describe_instances(
            InstanceIds=[made])["Reservations"][0]["Instances"]
        self.assertEqual((found["State"]["Name"], found["SecurityGroups"],
                          len(found["NetworkInterfaces"])), ("terminated", [], 1))
        self.assertEqual(self.refused(lambda: self.ec2.describe_instances(
            InstanceIds=["nonsense"])), (400, "InvalidInstanceID.NotFound"))

    def test_auto_scaling(self):
        group, instance = self.scene.group, [self.scene.instance]

        def detach(name):
            return self.autoscaling.detach_instances(
                InstanceIds=instance, AutoScalingGroupName=name,
                ShouldDecrementDesiredCapacity=False)["Activities"]

        def members():
            [found] = self.autoscaling.describe_auto_scaling_groups(
                AutoScalingGroupNames=[group])["AutoScalingGroups"]
            return [each["InstanceId"] for each in found["Instances"]]

        attach = lambda: self.autoscaling.attach_instances(InstanceIds=instance,
                                                           AutoScalingGroupName=group)
        self.assertEqual(len(detach(group)), 1)
        self.assertEqual(detach(group), [])
        self.assertEqual(len(members()), 2)
        with self.assertRaises(botocore.parsers.ResponseParserError):
            detach("nowhere")
        attach()
        attach()
        self.assertEqual(members().count(self.scene.instance), 2)
        self.assertEqual(self.refused(attach), (500, "ResourceContention"))

    def test_identities(self):
        iam = WORLD.direct("iam")
        made = iam.create_service_linked_role(AWSServiceName="guardduty.amazonaws.com")["Role"]
        iam.put_role_policy(RoleName=made["RoleName"], PolicyName="p", PolicyDocument=DENY)
        page = iam.list_access_keys(UserName=self.scene.user, MaxItems=1)
        self.assertEqual(len(page["AccessKeyMetadata"]), 2)
        iam.create_user(UserName="denied")
        key = iam.create_access_key(UserName="denied")["AccessKey"]
        iam.update_access_key(UserName="denied", AccessKeyId=key["AccessKeyId"],
                              Status="Inactive")
        iam.put_user_policy(UserName="denied", PolicyName="p", PolicyDocument=DENY)
        of = moto_world.Credential(key["AccessKeyId"], key["SecretAccessKey"],
                                   moto_world.ACCOUNT)
        WORLD.proxy.add_credential(of)
        WORLD.client("iam", credential=of).list_users()
        self.assertEqual(self.refused(lambda: iam.get_access_key_last_used(
            AccessKeyId="AKIAUNKNOWN000000000")), (404, "NoSuchEntity"))
        WORLD.direct("sts").assume_role(RoleSessionName="any",
                                        RoleArn="arn:aws:iam::333333333333:role/nobodys")

    def test_trails(self):
        arn = self.scene.trail_arn
        self.assertNotIn("HomeRegion", WORLD.direct("cloudtrail").get_trail(Name=arn)["Trail"])
        elsewhere = WORLD.direct("cloudtrail", "us-east-1")
        for call in (elsewhere.get_trail, elsewhere.start_logging):
            self.assertEqual(self.refused(lambda: call(Name=arn)),
                             (400, "TrailNotFoundException"))

    def test_organizations(self):
        organizations = WORLD.direct("organizations")
        organizations.create_organization(FeatureSet="ALL")
        root = organizations.list_roots()["Roots"][0]["Id"]
        one, two = (organizations.create_organizational_unit(ParentId=root, Name=name)[
            "OrganizationalUnit"]["Id"] for name in ("one", "two"))
        member = organizations.create_account(Email="m@example.com", AccountName="member")[
            "CreateAccountStatus"]["AccountId"]
        organizations.move_account(AccountId=member, SourceParentId=one, DestinationParentId=two)
        self.assertEqual(organizations.list_parents(ChildId=member)["Parents"][0]["Id"], two)

    def test_clusters(self):
        eks, ecs = WORLD.direct("eks"), WORLD.direct("ecs")
        eks.create_cluster(name="c", roleArn="arn:aws:iam::123456789012:role/c",
                           resourcesVpcConfig={"subnetIds": [self.scene.subnet],
                                               "publicAccessCidrs": ["203.0.113.0/24"]})
        eks.update_cluster_config(name="c", resourcesVpcConfig={"endpointPublicAccess": False})
        found = eks.describe_cluster(name="c")["cluster"]
        self.assertEqual(found["status"], "ACTIVE")
        self.assertNotIn("publicAccessCidrs", found["resourcesVpcConfig"])
        self.ec2.modify_vpc_attribute(VpcId=self.scene.vpc, EnableDnsHostnames={"Value": True})
        ecs.create_cluster(clusterName="c")
        ecs.register_task_definition(family="c", networkMode="awsvpc", containerDefinitions=[
            {"name": "c", "image": "nginx", "memory": 64}])
        [task] = ecs.run_task(
            cluster="c", taskDefinition="c", launchType="FARGATE", networkConfiguration={
                "awsvpcConfiguration": {"subnets": [self.scene.subnet],
                                        "securityGroups": []}})["tasks"]
        [interface] = [each["value"] for each in task["attachments"][0]["details"]
                       if each["name"] == "networkInterfaceId"]
        self.assertFalse(self.ec2.describe_network_interfaces(NetworkInterfaceIds=[interface])[
            "NetworkInterfaces"][0]["RequesterManaged"])
        ecs.stop_task(cluster="c", task=task["taskArn"])
        self.assertEqual(ecs.describe_tasks(cluster="c", tasks=[task["taskArn"]])["tasks"][0][
            "lastStatus"], "STOPPED")

    def test_buckets(self):
        s3, bucket = WORLD.direct("s3"), self.scene.bucket
        s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration={
            "BlockPublicPolicy": True})
        s3.put_bucket_policy(Bucket=bucket,
                             Policy=s3.get_bucket_policy(Bucket=bucket)["Policy"])


def runs(pid):
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


if __name__ == "__main__":
    CLIENT = Clients()
    del sys.argv[1:4]
    unittest.main()
