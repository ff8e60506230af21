"""What a request over HTTP asks of AWS, whether its signature holds, and how each service says no.

The signature is computed anew by botocore from what arrived. Only signatures in headers are
known: what is presigned counts as unsigned.
"""
import dataclasses
import datetime
import functools
import hashlib
import hmac
import json
import re
from urllib.parse import parse_qsl, unquote, urlsplit
from xml.etree import ElementTree
from xml.sax.saxutils import escape

import botocore.auth
import botocore.exceptions
import botocore.loaders
import botocore.model
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

# How far a request's time may be from the service's. S3 says so in its refusals; the others say
# five minutes in the words of theirs ("- 5 min.").
SKEW = datetime.timedelta(minutes=5)
SKEW_OF_S3 = datetime.timedelta(minutes=15)

# These know one region alone, and want it in the signature's scope.
GLOBAL = {"iam": "us-east-1", "organizations": "us-east-1"}

READS = re.compile(r"^(Get|List|Describe|Head|Lookup|Search|Simulate|BatchGet|AssumeRole|"
                   r"GenerateServiceLastAccessedDetails)")

# What names the thing that a call is about.
NAMES = re.compile(r"(Id|Ids|Name|Names|Arn|Arns|ARN|ARNs)$")


# Services whose requests are signed under another name, which an older one has too.
SIGNS_AS = {"sesv2": "ses", "elbv2": "elasticloadbalancing", "sso-admin": "sso"}


@dataclasses.dataclass(frozen=True)
class Credential:
    access_key_id: str
    secret: str
    account: str
    session_token: str = ""
    issued_by: str = ""  # the access key that asked for it


class AwsRequest:
    def __init__(self, method, target, headers, body):
        """`headers` are pairs, as they came."""
        self.method, self.target, self.headers, self.body = method, target, headers, body
        self.scope_date = self.region = self.service = self.access_key_id = ""
        self.signed_headers, self.signature = [], ""
        self._read_authorization()
        self.date = self.header("x-amz-date")
        self.protocol, self.operation, self.parameters = self._read_call()

    def header(self, name):
        found = [value for key, value in self.headers if key.lower() == name]
        return found[0] if len(found) == 1 else ""

    def _read_authorization(self):
        match = re.fullmatch(
            r"AWS4-HMAC-SHA256 Credential=([^/,]+)/(\d{8})/([^/,]+)/([^/,]+)/aws4_request, ?"
            r"SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})", self.header("authorization"))
        if match:
            (self.access_key_id, self.scope_date, self.region, self.service, signed,
             self.signature) = match.groups()
            self.signed_headers = signed.split(";")

    def _read_call(self):
        path = urlsplit(self.target)
        query = parse_qsl(path.query, keep_blank_values=True)
        if (self.service, self.header("x-amz-target").partition(".")[0]) == (
                "sso", "SWBExternalService"):
            self.service = "sso-admin"
        if self.header("x-amz-target"):
            return "json", self.header("x-amz-target").rpartition(".")[2], _json(self.body)
        form = []
        if "x-www-form-urlencoded" in self.header("content-type"):
            form = parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True)
        called = dict(query + form)
        if "Action" in called:
            if not self.service:
                self.service = "sts"  # the one that answers the unsigned
            parameters = {name: value for name, value in called.items()
                          if name not in ("Action", "Version")}
            if (self.service, called.get("Version")) == ("elasticloadbalancing", "2015-12-01"):
                self.service = "elbv2"
            return "ec2" if self.service == "ec2" else "query", called["Action"], parameters
        if self.service == "ses" and path.path.startswith("/v2/"):
            self.service = "sesv2"
        routes = _routes(self.service)
        if not routes:
            return "rest-xml" if self.service in ("s3", "") else "rest-json", "", {}
        found = [route for route in routes if route.fits(self, path.path, dict(query))]
        if not found:
            return routes[0].protocol, "", dict(query)
        best = max(found, key=lambda route: route.weight)
        parameters = {**dict(query), **best.labels(path.path)}
        return best.protocol, best.operation, parameters

    @property
    def name(self):
        return f"{self.service}.{self.operation}"

    @property
    def writes(self):
        return not READS.match(self.operation)

    def about(self):
        """The names and ids among the parameters: ("PolicyName=p", "UserName=u")."""
        found = []
        for path, value in _leaves(self.parameters):
            steps = [step for step in path if not step.isdigit() and step != "member"]
            if steps and (NAMES.search(steps[-1]) or steps in (["Bucket"], ["Key"])):
                found.append(f"{steps[-1]}={value}")
        return tuple(sorted(found))

    def body_hash(self):
        """Of query and body; the order of members and parameters does not matter."""
        query = sorted(parse_qsl(urlsplit(self.target).query, keep_blank_values=True))
        body = self.body
        if self.protocol in ("query", "ec2"):
            body = sorted(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
        elif self.protocol in ("json", "rest-json"):
            body = _json(body)
        else:
            body = body.decode("latin-1")
        return hashlib.sha256(json.dumps([query, body], sort_keys=True).encode()).hexdigest()

    def ends(self):
        """When it is refused for being late."""
        sent = datetime.datetime.strptime(self.date, "%Y%m%dT%H%M%SZ")
        return (sent.replace(tzinfo=datetime.timezone.utc)
                + (SKEW_OF_S3 if self.service == "s3" else SKEW))

    def check(self, credentials, now):
        """Why this request is refused, as a key of REFUSALS; "" if it is not."""
        if not self.signature:
            unsigned = self.operation in ("AssumeRoleWithWebIdentity", "AssumeRoleWithSAML")
            return "" if unsigned and not self.header("authorization") else "unsigned"
        credential = credentials.get(self.access_key_id)
        if credential is None:
            return "unknown_key"
        if self.header("x-amz-security-token") != credential.session_token:
            return "wrong_token"
        try:
            sent = datetime.datetime.strptime(self.date, "%Y%m%dT%H%M%SZ")
        except ValueError:
            return "wrong_signature"
        sent = sent.replace(tzinfo=datetime.timezone.utc)
        if not self._everything_signed() or not self.date.startswith(self.scope_date):
            return "wrong_signature"
        if self.region != GLOBAL.get(self.service, self.region):
            return "wrong_region"
        if not hmac.compare_digest(self.signature, self._expected(credential)):
            return "wrong_signature"
        declared = self.header("x-amz-content-sha256")
        if declared not in ("", "UNSIGNED-PAYLOAD", hashlib.sha256(self.body).hexdigest()):
            return "wrong_body"
        if self.service == "s3" and not declared:
            return "wrong_body"
        if abs(now - sent) > (SKEW_OF_S3 if self.service == "s3" else SKEW):
            return "stale"
        return ""

    def _everything_signed(self):
        here = {name.lower() for name, _ in self.headers}
        must = {"host"} | {name for name in here if name.startswith("x-amz-")}
        return must <= set(self.signed_headers) <= here

    def _expected(self, credential):
        url = "http://" + self.header("host") + self.target
        request = AWSRequest(method=self.method, url=url, data=self.body)
        for name, value in self.headers:
            if name.lower() in self.signed_headers:
                request.headers.add_header(name, value)
        request.context["timestamp"] = self.date
        kind = botocore.auth.S3SigV4Auth if self.service == "s3" else botocore.auth.SigV4Auth
        name = SIGNS_AS.get(self.service, self.service)
        auth = kind(Credentials(credential.access_key_id, credential.secret), name, self.region)
        # botocore would leave some headers out, which others may sign.
        auth.headers_to_sign = lambda request: _lower(request.headers)
        text = auth.string_to_sign(request, auth.canonical_request(request))
        return auth.signature(text, request)


def _lower(headers):
    lower = botocore.auth.HTTPHeaders()
    for name, value in headers.items():
        lower[name.lower()] = value
    return lower


def _json(body):
    try:
        return json.loads(body) if body.strip() else {}
    except ValueError:
        return {}


def _leaves(value, path=()):
    if isinstance(value, dict):
        for name, each in value.items():
            yield from _leaves(each, path + tuple(name.split(".")))
    elif isinstance(value, list):
        for each in value:
            yield from _leaves(each, path)
    else:
        yield path, value


class _Route:
    """An operation of a REST service, by method, path and query."""

    def __init__(self, protocol, model):
        self.protocol, self.operation = protocol, model.name
        self.method = model.http["method"]
        path, _, query = model.http["requestUri"].partition("?")
        pattern = re.sub(r"\\\{(\w+)(\\\+)?\\\}",
                         lambda m: f"(?P<{m[1]}>{'.+' if m[2] else '[^/]+'})", re.escape(path))
        self.path = re.compile(pattern.rstrip("/") + "/?")
        self.query = parse_qsl(query, keep_blank_values=True)
        self.needed_query, self.needed_headers = set(), set()
        shape = model.input_shape
        for name in shape.required_members if shape else []:
            location = shape.members[name].serialization
            if location.get("location") == "querystring":
                self.needed_query.add(location["name"])
            elif location.get("location") == "header":
                self.needed_headers.add(location["name"].lower())
        self.weight = (len(re.sub(r"\{.*?\}", "", path)), path.count("{"), len(self.query)
                       + len(self.needed_query) + len(self.needed_headers))

    def fits(self, request, path, query):
        return (request.method == self.method and self.path.fullmatch(path)
                and all(query.get(name) == value for name, value in self.query)
                and self.needed_query <= set(query)
                and all(request.header(name) for name in self.needed_headers))

    def labels(self, path):
        return {name: unquote(value)
                for name, value in self.path.fullmatch(path).groupdict().items()}


@functools.cache
def _routes(service):
    try:
        model = botocore.model.ServiceModel(
            botocore.loaders.create_loader().load_service_model(service, "service-2"), service)
    except (botocore.exceptions.DataNotFoundError, botocore.exceptions.UnknownServiceError,
            botocore.exceptions.ValidationError):
        return []
    protocol = model.metadata["protocol"]
    if not protocol.startswith("rest-"):
        return []
    # Some that are deprecated have the very route of what came after them.
    operations = [model.operation_model(name) for name in model.operation_names]
    return [_Route(protocol, each) for each in operations if not each.deprecated]


# Status and code by protocol. The words of AWS's pages on common errors, and where a page and
# the services differ, of the services.
REFUSALS = {
    "unsigned": {"query": (403, "MissingAuthenticationToken"), "ec2": (401, "AuthFailure"),
                 "json": (400, "MissingAuthenticationTokenException"),
                 "rest-json": (403, "MissingAuthenticationTokenException"),
                 "rest-xml": (403, "AccessDenied")},
    "unknown_key": {"query": (403, "InvalidClientTokenId"), "ec2": (401, "AuthFailure"),
                    "json": (400, "UnrecognizedClientException"),
                    "rest-json": (403, "UnrecognizedClientException"),
                    "rest-xml": (403, "InvalidAccessKeyId")},
    "wrong_token": {"query": (403, "InvalidClientTokenId"), "ec2": (401, "AuthFailure"),
                    "json": (400, "UnrecognizedClientException"),
                    "rest-json": (403, "UnrecognizedClientException"),
                    "rest-xml": (400, "InvalidToken")},
    "wrong_signature": {"query": (403, "SignatureDoesNotMatch"), "ec2": (401, "AuthFailure"),
                        "json": (400, "InvalidSignatureException"),
                        "rest-json": (403, "InvalidSignatureException"),
                        "rest-xml": (403, "SignatureDoesNotMatch")},
    "wrong_body": {"query": (403, "SignatureDoesNotMatch"), "ec2": (401, "AuthFailure"),
                   "json": (400, "InvalidSignatureException"),
                   "rest-json": (403, "InvalidSignatureException"),
                   "rest-xml": (400, "XAmzContentSHA256Mismatch")},
    "stale": {"query": (403, "SignatureDoesNotMatch"), "ec2": (400, "RequestExpired"),
              "json": (400, "InvalidSignatureException"),
              "rest-json": (403, "InvalidSignatureException"),
              "rest-xml": (403, "RequestTimeTooSkewed")},
    "denied": {"query": (403, "AccessDenied"), "ec2": (403, "UnauthorizedOperation"),
               "json": (400, "AccessDeniedException"),
               "rest-json": (403, "AccessDeniedException"), "rest-xml": (403, "AccessDenied")},
    "expired": {"query": (403, "ExpiredToken"), "ec2": (400, "RequestExpired"),
                "json": (400, "ExpiredTokenException"),
                "rest-json": (403, "ExpiredTokenException"), "rest-xml": (400, "ExpiredToken")},
    "throttled": {"query": (400, "Throttling"), "ec2": (503, "RequestLimitExceeded"),
                  "json": (400, "ThrottlingException"),
                  "rest-json": (429, "TooManyRequestsException"), "rest-xml": (503, "SlowDown")},
    "too_many_requests": {protocol: (429, "TooManyRequestsException") for protocol in
                          ("query", "ec2", "json", "rest-json", "rest-xml")},
    "internal_error": {"query": (500, "InternalFailure"), "ec2": (500, "InternalError"),
                       "json": (500, "InternalFailure"),
                       "rest-json": (500, "InternalFailure"), "rest-xml": (500, "InternalError")},
    "unavailable": {"query": (503, "ServiceUnavailable"), "ec2": (503, "Unavailable"),
                    "json": (503, "ServiceUnavailableException"),
                    "rest-json": (503, "ServiceUnavailableException"),
                    "rest-xml": (503, "ServiceUnavailable")},
}
REFUSALS["wrong_region"] = REFUSALS["wrong_signature"]


def refusal(request, reason, request_id, now):
    """Status, headers and body of that refusal, in the shape of the service."""
    status, code = REFUSALS[reason][request.protocol]
    message = f"The test said: {reason}."
    if reason == "stale" and code in ("SignatureDoesNotMatch", "InvalidSignatureException"):
        message = (f"Signature expired: {request.date} is now earlier than "
                   f"{now - SKEW:%Y%m%dT%H%M%SZ} ({now:%Y%m%dT%H%M%SZ} - 5 min.)")
    return (status, *error_body(request.protocol, code, message, request_id))


def id_header(protocol):
    return "x-amz-request-id" if protocol == "rest-xml" else "x-amzn-RequestId"


def error_body(protocol, code, message, request_id):
    if protocol in ("json", "rest-json"):
        headers = {"Content-Type": "application/x-amz-json-1.1", "x-amzn-RequestId": request_id}
        if protocol == "rest-json":
            headers["x-amzn-ErrorType"] = code
            return headers, json.dumps({"message": message}).encode()
        return headers, json.dumps({"__type": code, "message": message}).encode()
    inside = f"<Code>{escape(code)}</Code><Message>{escape(message)}</Message>"
    if protocol == "ec2":
        text = (f"<Response><Errors><Error>{inside}</Error></Errors>"
                f"<RequestID>{request_id}</RequestID></Response>")
    elif protocol == "rest-xml":
        text = f"<Error>{inside}<RequestId>{request_id}</RequestId></Error>"
    else:
        text = (f"<ErrorResponse><Error><Type>Sender</Type>{inside}</Error>"
                f"<RequestId>{request_id}</RequestId></ErrorResponse>")
    return ({"Content-Type": "text/xml", id_header(protocol): request_id},
            b'<?xml version="1.0" encoding="UTF-8"?>\n' + text.encode())


def minted(request, answer):
    """The credential that an answer hands out, or None."""
    if request.name in ("sts.AssumeRole", "sts.AssumeRoleWithWebIdentity", "sts.GetSessionToken",
                        "iam.CreateAccessKey"):
        found = {node.tag.rpartition("}")[2]: node.text or ""
                 for node in ElementTree.fromstring(answer).iter()}
        arn = found.get("Arn", "").split(":")
        return Credential(found["AccessKeyId"], found["SecretAccessKey"],
                          arn[4] if len(arn) > 4 else "", found.get("SessionToken", ""))
    return None
