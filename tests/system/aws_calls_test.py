#!/usr/bin/env python3
"""Calls of AWS as they are written and read, held against botocore: random parameters of every
operation in the table, and answers that botocore's own models make up.

usage: aws_calls_test.py AWS_CALLER TABLE VENV

STANCH_SEED chooses others than the usual ones. Skipped (77) without VENV.
"""
import base64
import datetime
import json
import os
import random
import subprocess
import sys
from urllib.parse import parse_qsl, urlsplit
from xml.etree import ElementTree
from xml.sax.saxutils import escape, quoteattr

import build_venv

build_venv.enter(sys.argv[3], "botocore")

import botocore.loaders
import botocore.model
import botocore.parsers
import botocore.serialize

TEXT = "abcXYZ019-._~ !\"#$%&'()*+,/:;<=>?@[]^{|}é€"
TIMES = (datetime.datetime(2026, 3, 1, 2, 3, 4, tzinfo=datetime.timezone.utc),
         datetime.datetime(1999, 12, 31, 23, 59, 59, tzinfo=datetime.timezone.utc))
CASES = 12  # of each operation


class Values:
    """Random values of a shape: for botocore, and as Stanch writes them."""

    def __init__(self, dice):
        self.dice = dice

    def text(self, shape):
        if shape.enum:
            return self.dice.choice(shape.enum)
        return "".join(self.dice.choice(TEXT) for _ in range(self.dice.randint(1, 12)))

    def of(self, shape, depth=0):
        kind = shape.type_name
        if kind == "structure":
            theirs, ours = {}, {}
            # Of a document that may hold itself, and of a union one member.
            wanted = list(shape.members)
            is_union = getattr(shape, "is_tagged_union", False)
            if is_union:
                wanted = [self.dice.choice(wanted)] if wanted else []
            for name in wanted:
                required = is_union or name in shape.required_members
                if not required and (depth > 3 or self.dice.random() < (0.4 if depth else 0.25)):
                    if shape.members[name].metadata.get("idempotencyToken"):
                        theirs[name] = "TOKEN"  # which a client of theirs makes beforehand
                    continue
                theirs[name], ours[name] = self.of(shape.members[name], depth + 1)
            return theirs, ours
        if kind == "list":
            pairs = [self.of(shape.member, depth + 1) for _ in range(self.dice.randint(1, 3))]
            return [pair[0] for pair in pairs], [pair[1] for pair in pairs]
        if kind == "map":
            theirs, ours = {}, {}
            for _ in range(self.dice.randint(1, 3)):
                key = self.text(shape.key).replace(":", "") or "k"
                theirs[key], ours[key] = self.of(shape.value, depth + 1)
            return theirs, ours
        if kind == "boolean":
            value = self.dice.choice([True, False])
        elif kind in ("integer", "long"):
            value = self.dice.choice([0, 1, -5, 443, 2**31 - 1])
        elif kind in ("float", "double"):
            value = self.dice.choice([0.5, -2.25, 100.125])
        elif kind == "timestamp":
            time = self.dice.choice(TIMES)
            return time, time.strftime("%Y-%m-%dT%H:%M:%SZ")
        elif kind == "blob":
            bytes_ = bytes(self.dice.randrange(256) for _ in range(self.dice.randint(1, 9)))
            return bytes_, base64.b64encode(bytes_).decode()
        else:
            value = self.text(shape)
        return value, value


def canonical_xml(text):
    def plain(node):
        children = [plain(child) for child in node]
        # Of one name, as the elements of a list are, they keep their order.
        return [node.tag, sorted(node.attrib.items()), (node.text or "") if not children else "",
                sorted(children, key=lambda child: child[0])]

    return plain(ElementTree.fromstring(text)) if text else None


def value_of(body):
    """Of JSON; bytes that are the whole body are none."""
    try:
        return json.loads(body) if body and body.strip() else None
    except ValueError:
        return body


def comparable(protocol, request):
    target = urlsplit(request["target"])
    body = request["body"]
    if protocol in ("query", "ec2"):
        body = sorted(parse_qsl(body.decode(), keep_blank_values=True))
    elif "json" in protocol:
        body = value_of(body)
    elif body.startswith(b"<"):
        body = canonical_xml(body.decode())
    return {"method": request["method"], "path": target.path,
            "query": sorted(parse_qsl(target.query, keep_blank_values=True)),
            "headers": request["headers"], "body": body}


def theirs_of(protocol, request):
    """What botocore makes of it, in our form."""
    body = request["body"]
    if protocol in ("query", "ec2"):
        pairs = sorted((name, str(value)) for name, value in body.items())
    query = request["query_string"]
    pairs_of_query = []
    items = query.items() if isinstance(query, dict) else query
    for name, value in items:
        for each in value if isinstance(value, list) else [value]:
            pairs_of_query.append((name, "" if each is None else str(each)))
    path = urlsplit(request["url_path"])
    pairs_of_query += parse_qsl(path.query, keep_blank_values=True)
    headers = {name.lower(): str(value) for name, value in request["headers"].items()}
    if protocol in ("query", "ec2"):
        body = pairs
    elif "json" in protocol:
        body = value_of(body)
    elif body and bytes(body, "utf-8")[:1] == b"<" if isinstance(body, str) else body[:1] == b"<":
        body = canonical_xml(body if isinstance(body, str) else body.decode())
    return {"method": request["method"], "path": path.path, "query": sorted(pairs_of_query),
            "headers": headers, "body": body}


def check_written(caller, service, protocol, operation, dice):
    serializer = botocore.serialize.create_serializer(protocol, include_validation=False)
    theirs, ours = ({}, {})
    if operation.input_shape is not None:
        theirs, ours = Values(dice).of(operation.input_shape)
    try:
        expected = theirs_of(protocol, serializer.serialize_to_request(theirs, operation))
    except UnicodeEncodeError:
        return False
    answer = caller.ask({"do": "write", "service": service, "operation": operation.name,
                         "parameters": ours, "token": "TOKEN"})
    if "error" in answer:
        sys.exit(f"{service}.{operation.name}: {answer}\n{json.dumps(ours)}")
    answer["body"] = base64.b64decode(answer["body"])
    answer["headers"] = {name.lower(): value for name, value in answer["headers"]}
    got = comparable(protocol, answer)
    for headers in (got["headers"], expected["headers"]):
        # x-amzn-query-mode asks a service for its error codes of old, as sqs.
        for name in ("content-type", "x-amz-checksum-sha256", "content-md5", "x-amzn-query-mode"):
            headers.pop(name, None)
    if isinstance(expected["body"], (dict, list)) or expected["body"]:
        pass
    elif not got["body"]:
        got["body"] = expected["body"]
    if isinstance(got["body"], bytes) and isinstance(expected["body"], str):
        expected["body"] = expected["body"].encode()
    if got != expected:
        sys.exit(f"{service}.{operation.name}: written otherwise\nours   {got}\ntheirs {expected}")
    return True


class Answers:
    """Bodies that a service of that protocol might answer with."""

    def __init__(self, protocol, values):
        self.protocol, self.values = protocol, values

    def scalar(self, shape, value):
        if shape.type_name == "boolean":
            return "true" if value else "false"
        if shape.type_name == "timestamp":
            form = shape.serialization.get("timestampFormat")
            if form == "rfc822":
                return value.strftime("%a, %d %b %Y %H:%M:%S GMT")
            return value.strftime("%Y-%m-%dT%H:%M:%SZ")
        if shape.type_name == "blob":
            return base64.b64encode(value).decode()
        return str(value)

    def name(self, shape, fallback):
        return shape.serialization.get("name", fallback)

    def xml(self, name, shape, value):
        kind, flat = shape.type_name, shape.serialization.get("flattened")
        if kind == "list":
            element = self.name(shape.member, "member")
            if flat:
                own = shape.member.serialization.get("name", name)
                return "".join(self.xml(own, shape.member, each) for each in value)
            inside = "".join(self.xml(element, shape.member, each) for each in value)
        elif kind == "map":
            key, each = self.name(shape.key, "key"), self.name(shape.value, "value")
            entries = [f"<{key}>{escape(k)}</{key}>" + self.xml(each, shape.value, v)
                       for k, v in value.items()]
            if flat:
                return "".join(f"<{name}>{entry}</{name}>" for entry in entries)
            inside = "".join(f"<entry>{entry}</entry>" for entry in entries)
        elif kind == "structure":
            inside, attributes = "", ""
            for member, each in value.items():
                of = shape.members[member]
                if of.serialization.get("location"):
                    continue
                if of.serialization.get("xmlAttribute"):
                    own = self.name(of, member)
                    space = ' xmlns:xsi="urn:x"' if own.startswith("xsi:") else ""
                    attributes += f"{space} {own}={quoteattr(self.scalar(of, each))}"
                else:
                    inside += self.xml(self.name(of, member), of, each)
            return f"<{name}{attributes}>{inside}</{name}>"
        else:
            inside = escape(self.scalar(shape, value))
        return f"<{name}>{inside}</{name}>"

    def json(self, shape, value):
        kind = shape.type_name
        if kind == "structure":
            return {self.name(shape.members[name], name): self.json(shape.members[name], each)
                    for name, each in value.items()
                    if not shape.members[name].serialization.get("location")}
        if kind == "list":
            return [self.json(shape.member, each) for each in value]
        if kind == "map":
            return {key: self.json(shape.value, each) for key, each in value.items()}
        if kind == "timestamp":
            if shape.serialization.get("timestampFormat") == "iso8601":
                return value.strftime("%Y-%m-%dT%H:%M:%SZ")
            return value.timestamp()
        if kind == "blob":
            return base64.b64encode(value).decode()
        return value

    def of(self, operation, value):
        shape = operation.output_shape
        headers, body = {"x-amzn-requestid": "r-1"}, b""
        for name, each in value.items():
            member = shape.members[name]
            if member.serialization.get("location") == "header":
                headers[self.name(member, name)] = self.scalar(member, each)
            elif member.serialization.get("location") == "headers":
                for key, text in each.items():
                    headers[self.name(member, "") + key] = text
        payload = shape.serialization.get("payload")
        if self.protocol in ("query", "ec2"):
            inside = self.xml("X", shape, value)[3:-4]
            wrapper = shape.serialization.get("resultWrapper")
            if wrapper:
                inside = f"<{wrapper}>{inside}</{wrapper}>"
            body = f'<{operation.name}Response xmlns="urn:x">{inside}</{operation.name}Response>'
        elif payload:
            if payload not in value:
                return headers, b""
            member = shape.members[payload]
            if member.type_name == "blob":
                return headers, value[payload]
            if member.type_name == "string":
                return headers, value[payload].encode()
            body = (self.xml(self.name(member, payload), member, value[payload])
                    if "xml" in self.protocol else json.dumps(self.json(member, value[payload])))
        elif "json" in self.protocol:
            body = json.dumps(self.json(shape, value))
        else:
            body = self.xml(operation.name + "Result", shape, value)
        return headers, body.encode()


def as_ours(value):
    """botocore's answer in our form."""
    if isinstance(value, dict):
        return {key: as_ours(each) for key, each in value.items() if key != "ResponseMetadata"}
    if isinstance(value, list):
        return [as_ours(each) for each in value]
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, (bytes, bytearray)):
        return base64.b64encode(value).decode()
    return value


def check_read(caller, service, protocol, operation, dice):
    if operation.output_shape is None:
        return False
    value, _ = Values(dice).of(operation.output_shape)
    value = {name: each for name, each in value.items()
             if operation.output_shape.members[name].serialization.get("location") != "statusCode"}
    headers, body = Answers(protocol, value).of(operation, value)
    if any(ord(c) > 126 or c in "\r\n" for text in headers.values() for c in text):
        return False
    parser = botocore.parsers.create_parser(protocol)
    streams = operation.has_streaming_output
    # Of a stream botocore reads bytes as text.
    response = {"status_code": 200, "headers": CaseInsensitive(headers),
                "body": bytearray(body) if streams else body, "context": {}}
    expected = as_ours(parser.parse(response, operation.output_shape))
    if streams:
        expected[operation.output_shape.serialization["payload"]] = base64.b64encode(body).decode()
    payload = operation.output_shape.serialization.get("payload")
    if not body and expected.get(payload) == {}:
        del expected[payload]  # of nothing, nothing
    for name, member in operation.output_shape.members.items():
        if member.serialization.get("location") == "headers" and expected.get(name) == {}:
            del expected[name]
    answer = caller.ask({"do": "read", "service": service, "operation": operation.name,
                         "status": 200, "headers": list(headers.items()),
                         "body": base64.b64encode(body).decode()})
    if answer != expected:
        sys.exit(f"{service}.{operation.name}: read otherwise\nours   {answer}\n"
                 f"theirs {expected}\nbody {body}")
    return True


class CaseInsensitive(dict):
    def __init__(self, items):
        super().__init__({name.lower(): value for name, value in items.items()})

    def get(self, name, fallback=None):
        return super().get(name.lower(), fallback)

    def __contains__(self, name):
        return super().__contains__(name.lower())

    def __getitem__(self, name):
        return super().__getitem__(name.lower())


class Caller:
    def __init__(self, path):
        self.process = subprocess.Popen([path], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def ask(self, line):
        self.process.stdin.write(json.dumps(line).encode() + b"\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            sys.exit(f"the caller ended at {line}")
        return json.loads(answer)


def main():
    caller = Caller(sys.argv[1])
    table = json.load(open(sys.argv[2]))["services"]
    loader = botocore.loaders.create_loader()
    seed = int(os.environ.get("STANCH_SEED", "1"))
    written = read = 0
    for service, row in table.items():
        model = botocore.model.ServiceModel(loader.load_service_model(service, "service-2"), service)
        for name in row["operations"]:
            operation = model.operation_model(name)
            for case in range(CASES):
                dice = random.Random(f"{seed} {service} {name} {case}")
                written += check_written(caller, service, row["protocol"], operation, dice)
                read += check_read(caller, service, row["protocol"], operation, dice)
    errors(caller)
    print(f"aws_calls_test: {written} calls written, {read} answers read as botocore does")
    if written < 100 or read < 100:
        sys.exit("aws_calls_test: too few")


def errors(caller):
    cases = [
        ("iam", "GetUser", 404, {}, b"<ErrorResponse><Error><Type>Sender</Type><Code>NoSuchEntity"
         b"</Code><Message>m</Message></Error></ErrorResponse>", "NoSuchEntity", "not_found"),
        ("ec2", "DescribeInstances", 400, {}, b"<Response><Errors><Error><Code>InvalidInstanceID."
         b"NotFound</Code><Message>m</Message></Error></Errors></Response>",
         "InvalidInstanceID.NotFound", "not_found"),
        ("ec2", "DescribeInstances", 503, {}, b"<Response><Errors><Error><Code>RequestLimitExceeded"
         b"</Code><Message>m</Message></Error></Errors></Response>", "RequestLimitExceeded",
         "throttled"),
        ("cloudtrail", "StartLogging", 400, {}, b'{"__type":"com.amazonaws.cloudtrail#TrailNotFound'
         b'Exception","message":"m"}', "TrailNotFoundException", "not_found"),
        ("cloudtrail", "StartLogging", 500, {}, b"", "HTTP 500", "unknown_outcome"),
        ("s3", "GetPublicAccessBlock", 404, {}, b"<Error><Code>NoSuchPublicAccessBlockConfiguration"
         b"</Code><Message>m</Message></Error>", "NoSuchPublicAccessBlockConfiguration",
         "not_found"),
        ("s3", "PutPublicAccessBlock", 403, {}, b"<Error><Code>AccessDenied</Code><Message>m"
         b"</Message></Error>", "AccessDenied", "denied"),
        ("s3", "HeadObject", 404, {}, b"", "HTTP 404", "not_found"),
        ("s3", "PutPublicAccessBlock", 503, {}, b"<html>", "HTTP 503", "unknown_outcome"),
    ]
    for service, operation, status, headers, body, code, kind in cases:
        answer = caller.ask({"do": "read", "service": service, "operation": operation,
                             "status": status, "headers": list(headers.items()),
                             "body": base64.b64encode(body).decode()})
        if (answer["code"], answer["class"]) != (code, kind):
            sys.exit(f"{service}.{operation} {status}: {answer}, wanted {code} {kind}")


main()
