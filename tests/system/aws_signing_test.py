#!/usr/bin/env python3
"""Signatures for AWS, held against those of botocore over random requests.

usage: aws_signing_test.py AWS_SIGNER VENV

STANCH_SEED chooses others than the usual ones. Skipped (77) without VENV.
"""
import datetime
import json
import os
import random
import subprocess
import sys
import types
import unittest
from urllib.parse import parse_qsl, quote, urlsplit

import build_venv

build_venv.enter(sys.argv[2], "botocore")

import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

SIGNER = None
REQUESTS = 4000
TEXT = "abcXYZ019-._~ !\"#$%&'()*+,/:;<=>?@[\\]^`{|}é€😀\t"


def text_of(dice, length_max):
    return "".join(dice.choice(TEXT) for _ in range(dice.randint(0, length_max)))


def path_of(dice, s3):
    segments = []
    for _ in range(dice.randint(0, 5)):
        kind = dice.randint(0, 5)
        segments.append([".", "..", ""][kind] if kind < 3 else text_of(dice, 8))
    path = "/" + quote("/".join(segments), safe="/~")
    if not s3 and dice.randint(0, 3) == 0:
        path = path.replace("%24", "$").replace("%3D", "=").replace("%2B", "+")
    return path


def query_of(dice, repeated):
    parameters = []
    names = []
    for _ in range(dice.choice([0, 0, 1, 2, 5])):
        name = text_of(dice, 5) or "n"
        if name in names and not repeated:
            continue
        names.append(name)
        for _ in range(dice.choice([1, 1, 2, 3]) if repeated else 1):
            name_there = quote(name, safe="~")
            parameters.append(name_there if dice.randint(0, 3) == 0
                              else name_there + "=" + quote(text_of(dice, 8), safe="~"))
    dice.shuffle(parameters)
    return "?" + "&".join(parameters) if parameters else ""


def headers_of(dice):
    headers = []
    for _ in range(dice.randint(0, 4)):
        name = dice.choice(["X-Amz-Target", "content-type", "X-B", "x-a", "X-A", "User-Agent",
                            "Expect", "X-Amzn-Trace-Id", "If-Match", "x-amz-acl"])
        value = "".join(dice.choice("ab \t,;=\"é"[:-1]) for _ in range(dice.randint(0, 12)))
        headers.append([name, value])
    return headers


def request_of(dice, valid):
    s3 = dice.randint(0, 1) == 1
    scheme, port = dice.choice([("https", ""), ("https", ":443"), ("https", ":8443"),
                                ("http", ""), ("http", ":80"), ("http", ":5000")])
    moment = datetime.datetime(1999, 1, 1) + datetime.timedelta(seconds=dice.randint(0, 10**9 * 3))
    return {
        "method": dice.choice(["GET", "POST", "PUT", "DELETE", "HEAD", "PATCH"]),
        "url": scheme + "://" + dice.choice(["sts.eu-west-1.amazonaws.com", "127.0.0.1", "a.b"])
               + port + path_of(dice, s3) + query_of(dice, repeated=valid == 0),
        "headers": headers_of(dice),
        "body": "" if valid else text_of(dice, 30),
        "access_key_id": "AKIA" + "".join(dice.choice("ABC234") for _ in range(16)),
        "secret_access_key": "".join(dice.choice("abc/+=") for _ in range(dice.randint(1, 100))),
        "session_token": dice.choice(["", "t", "Fwo/+GZ=" * 40]),
        "region": dice.choice(["us-east-1", "cn-north-1", "us-gov-west-1"]),
        "service": "s3" if s3 else dice.choice(["sts", "iam", "ec2", "guardduty"]),
        "time": moment.isoformat() + "Z",
        "s3": s3,
        "unsigned_payload": dice.randint(0, 1) == 1,
        "valid": valid,
    }


def sign_with_botocore(given):
    """An AWSRequest, as botocore signs it."""
    moment = datetime.datetime.fromisoformat(given["time"][:-1])
    botocore.auth.datetime = types.SimpleNamespace(
        datetime=types.SimpleNamespace(utcnow=lambda: moment))
    credentials = Credentials(given["access_key_id"], given["secret_access_key"],
                              given["session_token"] or None)
    request = AWSRequest(method=given["method"], url=given["url"], data=given["body"].encode())
    for name, value in given["headers"]:
        request.headers.add_header(name, value)
    scope = (credentials, given["service"], given["region"])
    if given["valid"]:
        kind = botocore.auth.S3SigV4QueryAuth if given["s3"] else botocore.auth.SigV4QueryAuth
        kind(*scope, expires=given["valid"]).add_auth(request)
        return request
    if given["s3"]:
        # Otherwise botocore leaves the choice to checksums.
        signed = not given["unsigned_payload"] or given["url"].startswith("http:")
        request.context["client_config"] = types.SimpleNamespace(
            s3={"payload_signing_enabled": signed})
        botocore.auth.S3SigV4Auth(*scope).add_auth(request)
    else:
        botocore.auth.SigV4Auth(*scope).add_auth(request)
    return request


def sign_with_ours(requests):
    lines = "".join(json.dumps(request) + "\n" for request in requests)
    out = subprocess.run([SIGNER], input=lines.encode(), stdout=subprocess.PIPE, check=True).stdout
    answers = [json.loads(line) for line in out.decode().splitlines()]
    assert len(answers) == len(requests)
    return answers


class Signing(unittest.TestCase):
    def setUp(self):
        self.seed = int(os.environ.get("STANCH_SEED", "1"))

    def test_headers(self):
        dice = random.Random(self.seed)
        requests = [request_of(dice, valid=0) for _ in range(REQUESTS)]
        for given, ours in zip(requests, sign_with_ours(requests)):
            theirs = sign_with_botocore(given)
            found = {name.lower(): value for name, value in ours.get("headers", [])}
            for name in ("authorization", "x-amz-date", "x-amz-security-token",
                         "x-amz-content-sha256"):
                self.assertEqual(found.get(name), theirs.headers.get(name),
                                 f"{name}, seed {self.seed}: {given} {ours}")
            self.assertEqual(ours["url"], given["url"])

    def test_presigned(self):
        dice = random.Random(self.seed)
        requests = [request_of(dice, valid=dice.randint(1, 604800)) for _ in range(REQUESTS)]
        for given, ours in zip(requests, sign_with_ours(requests)):
            theirs = urlsplit(sign_with_botocore(given).url)
            self.assertIn("url", ours, given)
            mine = urlsplit(ours["url"])
            self.assertEqual(mine.path, theirs.path)
            self.assertEqual(sorted(parse_qsl(mine.query, keep_blank_values=True)),
                             sorted(parse_qsl(theirs.query, keep_blank_values=True)),
                             f"seed {self.seed}: {given}")

    def test_the_two_can_differ(self):
        """A change of anything that is signed changes the signature."""
        dice = random.Random(self.seed)
        given = request_of(dice, valid=0)
        changed = []
        for key, value in (("method", "OPTIONS"), ("url", given["url"] + "x"), ("body", "other"),
                           ("secret_access_key", "other"), ("region", "r"), ("service", "x"),
                           ("time", "2026-01-01T00:00:00Z"), ("headers", [["X-New", "1"]])):
            changed.append({**given, "s3": False, key: value})
        answers = sign_with_ours([{**given, "s3": False}] + changed)
        signatures = {dict(answer["headers"])["Authorization"] for answer in answers}
        self.assertEqual(len(signatures), len(answers))


if __name__ == "__main__":
    SIGNER = sys.argv.pop(1)
    sys.argv.pop(1)
    unittest.main()
