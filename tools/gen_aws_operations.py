#!/usr/bin/env python3
"""Writes src/cloud/aws/operations.json, the table of AWS operations that Stanch can call, from the
public service models that botocore ships.

build/venv/bin/python tools/gen_aws_operations.py src/cloud/aws/operations.json

An operation has a row if an action of
content/actions/aws, a playbook, or the list below names it. What a row says is in
src/cloud/aws/operations.h.
"""

import json
import pathlib
import re
import sys

import botocore.exceptions
import botocore.loaders

ROOT = pathlib.Path(__file__).resolve().parent.parent

# What the program itself calls, whatever the content says.
OWN = {
    "sts": ["AssumeRole", "AssumeRoleWithWebIdentity", "GetCallerIdentity"],
    "organizations": ["DescribeOrganization", "ListAccounts"],
    "ec2": ["DescribeRegions"],
    "cloudtrail": ["DescribeTrails", "GetTrailStatus", "GetEventSelectors", "ListPublicKeys"],
    "iam": ["GenerateServiceLastAccessedDetails", "GetAccessKeyLastUsed",
            "GetAccountAuthorizationDetails", "GetLoginProfile", "GetRole",
            "GetServiceLastAccessedDetails", "GetUser", "ListAccessKeys", "ListAccountAliases"],
    "s3": ["GetObject", "HeadObject", "ListObjectsV2", "PutObject"],
}
# Members that answers have and those models do not know yet. "The Status parameter in the API response
# will be retired on September 9, 2026": docs.aws.amazon.com/organizations/latest/APIReference/API_Account.html
NEWER = {("organizations", "Account"): {"State": "s"}}
PARTITIONS = ("aws", "aws-cn", "aws-us-gov")
CALL = re.compile(r"^\s*(?:- )?(?:call|page):\s*([a-z0-9-]+)\.([A-Z][A-Za-z0-9]+)\s*$", re.MULTILINE)

SCALARS = {"string": "s", "character": "s", "boolean": "b", "integer": "i", "long": "i", "short": "i",
           "float": "d", "double": "d", "bigdecimal": "d", "blob": "x"}
DEFAULT_TIME = {"query": "iso8601", "ec2": "iso8601", "rest-xml": "iso8601", "json": "unixTimestamp",
                "rest-json": "unixTimestamp"}
TIMES = {"iso8601": "ti", "rfc822": "tr", "unixTimestamp": "tu"}


def wanted_operations():
    wanted = {service: set(names) for service, names in OWN.items()}
    for path in sorted((ROOT / "content").glob("*/aws/*.yaml")):
        for service, name in CALL.findall(path.read_text()):
            wanted.setdefault(service, set()).add(name)
    return wanted


class Service:
    def __init__(self, loader, name):
        self.name = name
        self.model = loader.load_service_model(name, "service-2")
        try:
            self.paging = loader.load_service_model(name, "paginators-1")["pagination"]
        except botocore.exceptions.UnknownServiceError:
            self.paging = {}
        self.protocol = self.model["metadata"]["protocol"]
        self.shapes = {}

    def row(self, wanted, endpoints):
        meta = self.model["metadata"]
        row = {"protocol": self.protocol, "version": meta["apiVersion"],
               "endpoint": meta["endpointPrefix"],
               "signing": meta.get("signingName", meta["endpointPrefix"])}
        for name, key in (("target", "targetPrefix"), ("json", "jsonVersion"),
                          ("namespace", "xmlNamespace")):
            if meta.get(key):
                row[name] = meta[key]
        found = global_endpoints(endpoints, meta["endpointPrefix"])
        if found:
            row["global"] = found
        row["operations"] = {}
        for name in sorted(wanted):
            if name not in self.model["operations"]:
                sys.exit(f"gen_aws_operations: there is no {self.name}.{name}")
            row["operations"][name] = self.operation(name)
        row["shapes"] = dict(sorted(self.shapes.items()))
        return row

    def operation(self, name):
        model = self.model["operations"][name]
        row = {"method": model["http"]["method"], "uri": model["http"]["requestUri"]}
        for side in ("input", "output"):
            if side in model:
                row[side] = self.shape(model[side]["shape"])
                wrapper = model[side].get("resultWrapper")
                if wrapper:
                    row["wrapper"] = wrapper
        if "input" in model and model["input"].get("locationName"):
            row["root"] = model["input"]["locationName"]
            namespace = model["input"].get("xmlNamespace", {})
            if isinstance(namespace, dict) and namespace.get("uri"):
                row["namespace"] = namespace["uri"]
        if model.get("endpoint", {}).get("hostPrefix"):
            row["host"] = model["endpoint"]["hostPrefix"]
        checksum = model.get("httpChecksum", {})
        if model.get("httpChecksumRequired") or checksum.get("requestChecksumRequired"):
            row["checksum"] = True
        paging = self.paging.get(name)
        if paging and isinstance(paging["input_token"], str) and "output_token" in paging:
            keys = paging["result_key"]
            row["page"] = {"in": paging["input_token"], "out": paging["output_token"],
                           "lists": keys if isinstance(keys, list) else [keys]}
            if paging.get("more_results"):
                row["page"]["more"] = paging["more_results"]
        return row

    def member(self, model):
        """A type, or where more is to say an object with it."""
        shape = self.model["shapes"][model["shape"]]
        said = {"t": self.shape(model["shape"], model.get("timestampFormat"), model.get("location"))}
        if model.get("locationName"):
            said["w"] = model["locationName"]
        if model.get("queryName"):
            said["q"] = model["queryName"]
        if model.get("location"):
            said["l"] = model["location"]
        if model.get("flattened") or shape.get("flattened"):
            said["f"] = 1
        if model.get("xmlAttribute"):
            said["a"] = 1
        if shape.get("sensitive") or model.get("sensitive"):
            said["x"] = 1
        if model.get("idempotencyToken"):
            said["i"] = 1
        namespace = model.get("xmlNamespace") or shape.get("xmlNamespace")
        if isinstance(namespace, dict) and namespace.get("uri"):
            said["n"] = {namespace.get("prefix", ""): namespace["uri"]}
        return said["t"] if len(said) == 1 else said

    def shape(self, name, time=None, location=None):
        model = self.model["shapes"][name]
        kind = model["type"]
        if kind == "timestamp":
            fallback = "rfc822" if location == "header" else DEFAULT_TIME[self.protocol]
            return TIMES[time or model.get("timestampFormat") or fallback]
        if kind in SCALARS:
            return SCALARS[kind]
        if name in self.shapes:
            return "@" + name
        said = self.shapes[name] = {}
        if kind == "structure":
            said["m"] = {key: self.member(value) for key, value in model["members"].items()}
            for key, kind_of in NEWER.get((self.name, name), {}).items():
                said["m"].setdefault(key, kind_of)
            if model.get("required"):
                said["r"] = model["required"]
            if model.get("payload"):
                said["p"] = model["payload"]
        elif kind == "list":
            said["e"] = self.member(model["member"])
        elif kind == "map":
            said["k"], said["v"] = self.member(model["key"]), self.member(model["value"])
        else:
            sys.exit(f"gen_aws_operations: {self.name}: {name} is a {kind}")
        return "@" + name


def global_endpoints(endpoints, prefix):
    """Services that have one endpoint a partition: its host, and the region to sign for."""
    found = {}
    for partition in endpoints["partitions"]:
        service = partition["services"].get(prefix)
        if partition["partition"] not in PARTITIONS or not service:
            continue
        if service.get("isRegionalized", True) is not False or "partitionEndpoint" not in service:
            continue
        endpoint = service["endpoints"][service["partitionEndpoint"]]
        found[partition["partition"]] = {"host": endpoint["hostname"],
                                         "region": endpoint["credentialScope"]["region"]}
    return found


def main():
    out = pathlib.Path(sys.argv[1])
    loader = botocore.loaders.create_loader()
    endpoints = loader.load_data("endpoints")
    table = {"services": {}}
    for name, operations in sorted(wanted_operations().items()):
        table["services"][name] = Service(loader, name).row(operations, endpoints)
    # A line a service, operation and shape: so that a change reads as one.
    lines = ['{"services":{']
    for at, (name, row) in enumerate(table["services"].items()):
        rows = {key: row.pop(key) for key in ("operations", "shapes")}
        lines.append(("," if at else "") + json.dumps(name) + ":" + compact(row)[:-1])
        for key, of in rows.items():
            lines.append(f',"{key}":{{')
            lines += [("," if i else "") + json.dumps(each) + ":" + compact(value)
                      for i, (each, value) in enumerate(of.items())]
            lines.append("}")
        lines.append("}")
    lines.append("}}")
    out.write_text("\n".join(lines) + "\n")


def compact(value):
    return json.dumps(value, separators=(",", ":"))


if __name__ == "__main__":
    main()
