#!/usr/bin/env python3
"""Writes src/cloud/gcp/operations.json, the table of operations of Google Cloud and Workspace that
Stanch can call, from the discovery documents that Google's client for Python ships.

pip install --no-deps --target SDK google-api-python-client==2.202.0
tools/gen_gcp_operations.py SDK src/cloud/gcp/operations.json

What a row says is in src/cloud/operations.h. Of bodies the table lists the members that Google
takes (it refuses others itself), not what is inside of them.
"""

import json
import pathlib
import re
import sys

CLOUD = "https://www.googleapis.com/auth/cloud-platform"
DIRECTORY = "https://www.googleapis.com/auth/admin.directory.user"
IAM = ["getIamPolicy", "setIamPolicy"]

# Service -> document, scopes of its tokens, and operations.
WANTED = {
    "gcp-compute": ("compute.v1", CLOUD, [
        "instances.get", "instances.setTags", "instances.addAccessConfig", "instances.deleteAccessConfig",
        "instances.setMetadata", "instances.setLabels", "instances.stop", "instances.start",
        "instances.suspend", "instances.resume",
        "firewalls.get", "firewalls.list", "firewalls.insert", "firewalls.patch", "firewalls.delete",
        "disks.get", "disks.createSnapshot", "snapshots.get", "snapshots.list", "snapshots.setLabels",
        "machineImages.get", "machineImages.insert",
        "instanceGroupManagers.get", "instanceGroupManagers.listManagedInstances",
        "instanceGroupManagers.abandonInstances",
        "regionInstanceGroupManagers.get", "regionInstanceGroupManagers.listManagedInstances",
        "regionInstanceGroupManagers.abandonInstances",
        "projects.get", "projects.setCommonInstanceMetadata"]),
    "gcp-iam": ("iam.v1", CLOUD, [
        "projects.serviceAccounts." + name for name in ["get", "list", "disable", "enable"] + IAM] + [
        "projects.serviceAccounts.keys." + name for name in ["get", "list", "disable", "enable"]]),
    "gcp-iam-deny": ("iam.v2", CLOUD, [
        "policies.get", "policies.listPolicies", "policies.createPolicy", "policies.delete"]),
    "gcp-logging": ("logging.v2", CLOUD, ["sinks.get", "sinks.list", "sinks.create", "sinks.update"]),
    "gcp-pubsub": ("pubsub.v1", CLOUD, ["projects.topics." + name for name in IAM]),
    "gcp-resources": ("cloudresourcemanager.v3", CLOUD, ["projects.get"] + [
        kind + "." + name for kind in ["projects", "folders", "organizations"] for name in IAM]),
    "gcp-storage": ("storage.v1", CLOUD, ["buckets.get", "buckets.patch"] + ["buckets." + name for name in IAM]),
    "workspace-directory": ("admin.directory_v1", DIRECTORY + " " + DIRECTORY + ".security", [
        "users.get", "users.update", "users.signOut", "tokens.get", "tokens.list", "tokens.delete"]),
}
SECRETS = {("workspace-directory", "users.update"): {"password"}}
TYPES = {"string": "s", "boolean": "b", "integer": "i", "number": "d"}
# What answers of Google Cloud call that which a call began, and how it is asked for.
WAITS = {"Operation": "compute", "GoogleLongrunningOperation": "operation"}


def fail(text):
    sys.exit("gen_gcp_operations: " + text)


def method_of(document, name):
    *resources, method = name.split(".")
    at = document
    for resource in resources:
        at = at["resources"][resource]
    return at["methods"][method]


def segments_of(pattern, where):
    """^projects/[^/]+/keys/[^/]+$ -> projects/*/keys/*"""
    text = pattern.removeprefix("^").removesuffix("$").replace("[^/]+", "*")
    if not re.fullmatch(r"[A-Za-z*/]+", text):
        fail(f"{where}: the pattern {pattern} is not as expected")
    return text


class Document:
    def __init__(self, root, name):
        path = root / "googleapiclient/discovery_cache/documents" / (name + ".json")
        self.json = json.loads(path.read_text())
        self.shapes = {}

    def row(self, service, name):
        method = method_of(self.json, name)
        uri = "/" + self.json["servicePath"] + method["path"]
        members, required = {}, []
        for parameter, said in sorted(method.get("parameters", {}).items()):
            if said.get("deprecated"):
                continue
            members[parameter] = member = {"t": TYPES[said["type"]]}
            if said.get("repeated"):
                self.shapes["Texts"] = {"e": "s"}
                member["t"] = "@Texts"
            member["l"] = "uri" if said["location"] == "path" else "querystring"
            if "{+" + parameter + "}" in uri:
                uri = uri.replace("{+" + parameter + "}", "{" + parameter + "}")
                member["g"] = segments_of(said["pattern"], name)
            if parameter == "requestId":
                member["i"] = 1
            if said.get("required") or said["location"] == "path":
                required.append(parameter)
        if service == "gcp-iam-deny":
            uri = self.deny_policy(uri, members, required)
        return self.finish(service, name, method, uri, members, required)

    @staticmethod
    def deny_policy(uri, members, required):
        """What such a policy is attached to stands in its path as one segment, its slashes encoded."""
        path = "/v2/policies/cloudresourcemanager.googleapis.com%2F{attachedTo}/denypolicies"
        for parameter in ("name", "parent"):
            if members.pop(parameter, None):
                required.remove(parameter)
                uri = path + ("/{policy}" if parameter == "name" else "")
        members["attachedTo"] = {"t": "s", "l": "uri", "g": "*/*", "f": 1}
        required.append("attachedTo")
        if "{policy}" in uri:
            members["policy"] = {"t": "s", "l": "uri"}
            required.append("policy")
        return uri

    def finish(self, service, name, method, uri, members, required):
        row = {"method": method["httpMethod"], "uri": uri}
        shape = {"m": members}
        if "request" in method:
            members["body"] = "@" + self.body(service, name, method["request"]["$ref"])
            shape["p"] = "body"
            if name.split(".")[-1] not in ("disable", "enable", "getIamPolicy"):
                required.append("body")
        if required:
            shape["r"] = sorted(required)
        if members:
            row["input"] = "@" + self.shape(name, shape)
        answer = method.get("response", {}).get("$ref", "")
        if answer in WAITS:
            row["wait"] = WAITS[answer]
        properties = self.json["schemas"].get(answer, {}).get("properties", {})
        if "nextPageToken" in properties and "pageToken" in members:
            lists = [each for each, said in properties.items() if said.get("type") == "array"
                     and each not in ("unreachables",)]
            row["page"] = {"in": "pageToken", "out": "nextPageToken", "lists": lists}
        return row

    def body(self, service, name, schema):
        members = {}
        for member, said in self.json["schemas"][schema].get("properties", {}).items():
            members[member] = "j"
            if member in SECRETS.get((service, name), ()):
                members[member] = {"t": "s", "x": 1}
        return self.shape(schema, {"m": members})

    def shape(self, name, shape):
        # Many are alike.
        same = next((other for other, said in self.shapes.items() if said == shape), None)
        if same is None:
            self.shapes[name] = shape
        return same or name


def lines(value, depth):
    """JSON with the deepest rows on one line each."""
    if depth == 0:
        return json.dumps(value, sort_keys=True, separators=(",", ":"))
    inside = ",\n".join(json.dumps(key) + ":" + (lines(each, depth - 1) if isinstance(each, dict)
                                                  else json.dumps(each))
                        for key, each in sorted(value.items()))
    return "{\n" + inside + "\n}"


def main():
    root, out = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    services = {}
    for service, (name, scopes, wanted) in WANTED.items():
        document = Document(root, name)
        rows = {operation: document.row(service, operation) for operation in wanted}
        host = document.json["rootUrl"].removeprefix("https://").rstrip("/")
        services[service] = {"protocol": "google", "endpoint": host, "signing": scopes,
                             "operations": rows, "shapes": document.shapes}
    out.write_text(lines({"services": services}, 4) + "\n")
    print(sum(len(service["operations"]) for service in services.values()), "operations")


main()
