#!/usr/bin/env python3
"""Writes src/cloud/azure/operations.json, the table of operations of Azure Resource Manager and
Microsoft Graph that Stanch can call, from the clients that Microsoft publishes for Python.

pip install --no-deps --target SDK azure-mgmt-authorization==4.0.0 azure-mgmt-automation==2.0.0 \\
    azure-mgmt-compute==39.0.0 azure-mgmt-keyvault==14.1.0 azure-mgmt-logic==10.0.0 \\
    azure-mgmt-monitor==6.0.2 azure-mgmt-msi==7.1.0 azure-mgmt-network==33.1.0 \\
    azure-mgmt-resource-locks==1.0.0 azure-mgmt-storage==25.3.0 msgraph-sdk==1.65.0
tools/gen_azure_operations.py SDK src/cloud/azure/operations.json

Their code is read, never run: the functions that build a request say its method, path, version and
parameters. What a row says is in src/cloud/operations.h. Where the path of Azure ends in the id of a
resource, that is one parameter, `id`, and the table says of what type it must be.
"""

import ast
import json
import pathlib
import re
import sys

# Service -> where its requests are built, and which: the resource -> its operations. A page is one
# whose answer says where the next one is.
ARM = {
    "azure-authorization": ("authorization/v2022_04_01/operations/_role_assignments_operations.py", "", {
        "roleAssignments": ["get", "create", "delete", "list_for_scope"]}),
    "azure-automation": ("automation/operations/_operations.py", "webhook", {
        "webhooks": ["get", "update", "delete", "list_by_automation_account"]}),
    "azure-compute": ("compute/operations/_operations.py", None, {
        "virtualMachines": ["get", "update", "list_all", "instance_view", "deallocate", "power_off",
                            "start"],
        "disks": ["get"],
        "snapshots": ["get", "create_or_update", "delete", "list_by_resource_group", "grant_access",
                      "revoke_access"]}),
    "azure-keyvault": ("keyvault/operations/_operations.py", None, {
        "vaults": ["get", "update", "update_access_policy"],
        "secrets": ["get", "update", "list"]}),
    "azure-locks": ("resource/locks/operations/_operations.py", None, {
        "managementLocks": ["get_by_scope", "create_or_update_by_scope", "delete_by_scope",
                            "list_by_scope"]}),
    "azure-logic": ("logic/operations/_workflows_operations.py", "", {
        "workflows": ["get", "disable", "enable"]}),
    "azure-monitor": ("monitor/v2021_05_01_preview/operations/_diagnostic_settings_operations.py", "", {
        "diagnosticSettings": ["get", "create_or_update", "delete", "list"]}),
    "azure-msi": ("msi/v2024_11_30/operations/_federated_identity_credentials_operations.py", "", {
        "federatedIdentityCredentials": ["get", "create_or_update", "delete", "list"]}),
    "azure-network": ("network/operations/_operations.py", None, {
        "networkInterfaces": ["get", "create_or_update", "list_all"],
        "networkSecurityGroups": ["get", "create_or_update", "delete", "list"],
        "publicIPAddresses": ["get"],
        "securityRules": ["get", "create_or_update", "delete", "list"]}),
    "azure-storage": ("storage/operations/_operations.py", None, {
        "storageAccounts": ["get_properties", "update"],
        "blobContainers": ["get", "update", "list", "set_legal_hold", "clear_legal_hold",
                           "get_immutability_policy", "create_or_update_immutability_policy"]}),
}
# Answers of one page alone.
ONE_PAGE = {("diagnosticSettings", "list")}

# Operations of Graph: method and path as its reference has them.
GRAPH = {
    "users.get": "GET /users/{user-id}",
    "users.update": "PATCH /users/{user-id}",
    "users.revokeSignInSessions": "POST /users/{user-id}/revokeSignInSessions",
    "users.listMemberOf": "GET /users/{user-id}/memberOf",
    "users.listAppRoleAssignments": "GET /users/{user-id}/appRoleAssignments",
    "users.listOauth2PermissionGrants": "GET /users/{user-id}/oauth2PermissionGrants",
    "riskyUsers.get": "GET /identityProtection/riskyUsers/{riskyUser-id}",
    "riskyUsers.confirmCompromised": "POST /identityProtection/riskyUsers/confirmCompromised",
    "riskyUsers.dismiss": "POST /identityProtection/riskyUsers/dismiss",
    "groups.get": "GET /groups/{group-id}",
    "groups.listMembers": "GET /groups/{group-id}/members",
    "groups.addMember": "POST /groups/{group-id}/members/$ref",
    "groups.removeMember": "DELETE /groups/{group-id}/members/{directoryObject-id}/$ref",
    "roleAssignments.list": "GET /roleManagement/directory/roleAssignments",
    "roleAssignments.get": "GET /roleManagement/directory/roleAssignments/{unifiedRoleAssignment-id}",
    "roleAssignments.create": "POST /roleManagement/directory/roleAssignments",
    "roleAssignments.delete": "DELETE /roleManagement/directory/roleAssignments/{unifiedRoleAssignment-id}",
    "roleEligibilitySchedules.list": "GET /roleManagement/directory/roleEligibilitySchedules",
    "roleEligibilityScheduleRequests.create":
        "POST /roleManagement/directory/roleEligibilityScheduleRequests",
    "roleAssignmentScheduleRequests.create":
        "POST /roleManagement/directory/roleAssignmentScheduleRequests",
    "servicePrincipals.get": "GET /servicePrincipals/{servicePrincipal-id}",
    "servicePrincipals.list": "GET /servicePrincipals",
    "servicePrincipals.update": "PATCH /servicePrincipals/{servicePrincipal-id}",
    "servicePrincipals.removePassword": "POST /servicePrincipals/{servicePrincipal-id}/removePassword",
    "servicePrincipals.listAppRoleAssignments":
        "GET /servicePrincipals/{servicePrincipal-id}/appRoleAssignments",
    "servicePrincipals.listAppRoleAssignedTo":
        "GET /servicePrincipals/{servicePrincipal-id}/appRoleAssignedTo",
    "servicePrincipals.createAppRoleAssignment":
        "POST /servicePrincipals/{servicePrincipal-id}/appRoleAssignedTo",
    "servicePrincipals.deleteAppRoleAssignment":
        "DELETE /servicePrincipals/{servicePrincipal-id}/appRoleAssignedTo/{appRoleAssignment-id}",
    "applications.get": "GET /applications/{application-id}",
    "applications.list": "GET /applications",
    "applications.update": "PATCH /applications/{application-id}",
    "applications.removePassword": "POST /applications/{application-id}/removePassword",
    "applications.listFederatedIdentityCredentials":
        "GET /applications/{application-id}/federatedIdentityCredentials",
    "applications.getFederatedIdentityCredential":
        "GET /applications/{application-id}/federatedIdentityCredentials/{federatedIdentityCredential-id}",
    "applications.createFederatedIdentityCredential":
        "POST /applications/{application-id}/federatedIdentityCredentials",
    "applications.deleteFederatedIdentityCredential":
        "DELETE /applications/{application-id}/federatedIdentityCredentials/{federatedIdentityCredential-id}",
    "oauth2PermissionGrants.get": "GET /oauth2PermissionGrants/{oAuth2PermissionGrant-id}",
    "oauth2PermissionGrants.list": "GET /oauth2PermissionGrants",
    "oauth2PermissionGrants.create": "POST /oauth2PermissionGrants",
    "oauth2PermissionGrants.delete": "DELETE /oauth2PermissionGrants/{oAuth2PermissionGrant-id}",
    "namedLocations.get": "GET /identity/conditionalAccess/namedLocations/{namedLocation-id}",
    "namedLocations.list": "GET /identity/conditionalAccess/namedLocations",
    "namedLocations.create": "POST /identity/conditionalAccess/namedLocations",
    "namedLocations.update": "PATCH /identity/conditionalAccess/namedLocations/{namedLocation-id}",
    "namedLocations.delete": "DELETE /identity/conditionalAccess/namedLocations/{namedLocation-id}",
}

# Secrets, where they stand in bodies and in answers.
SENT_SECRETS = {("graph", "users.update"): {"passwordProfile": {"password": None}}}
SAID_SECRETS = {("azure-compute", "snapshots.grantAccess"): {"accessSAS": None}}

TYPES = {"str": "s", "bool": "b", "int": "i", "float": "d", "[str]": "s", "iso-8601": "s"}
# Everywhere where something is changed: Azure's contract for resource providers has conditional
# requests (RFC 9110, section 13), and those that keep no ETag pass it over.
CONDITIONS = {"If-Match": "ifMatch", "If-None-Match": "ifNoneMatch"}


def fail(text):
    sys.exit("gen_azure_operations: " + text)


def camel(name):
    head, *tail = name.split("_")
    return head + "".join(word.capitalize() for word in tail)


def snake(name):
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def open_shape(secrets, shapes, name):
    """The shape of a document of which only the secrets are listed."""
    members = {}
    for member, inside in secrets.items():
        if inside is None:
            members[member] = {"t": "s", "x": 1}
        else:
            members[member] = open_shape(inside, shapes, name + member[0].upper() + member[1:])
    shapes[name] = {"m": members, "o": 1}
    return "@" + name


class Builder:
    """A function of an SDK that builds a request, read."""

    def __init__(self, function):
        self.url, self.method = None, None
        self.query, self.headers = [], {}
        required = {argument.arg for argument, default in
                    zip(function.args.kwonlyargs, function.args.kw_defaults) if default is None}
        for node in ast.walk(function):
            if isinstance(node, ast.Assign) or isinstance(node, ast.AnnAssign):
                self.assignment(node, required)
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "HttpRequest":
                self.method = next(word.value.value for word in node.keywords if word.arg == "method")
        source = ast.unparse(function)
        version = re.search(r"'api[-_]version', (?:_params.pop\('api-version', )?'([0-9A-Za-z-]+)'", source)
        if version is None:
            fail(function.name + " has no version")
        self.version = version.group(1)
        self.has_body = "kwargs.pop('content_type'" in source
        if self.url is None or self.method is None:
            fail(function.name + " is not as expected")

    def assignment(self, node, required):
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target
        if isinstance(target, ast.Name) and target.id == "_url":
            text = node.value
            if isinstance(text, ast.Call) and ast.unparse(text.func) == "kwargs.pop":
                text = text.args[1]
            if isinstance(text, ast.Constant):
                self.url = text.value
        elif isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name):
            name, value = target.slice.value, node.value
            if not isinstance(value, ast.Call) or not ast.unparse(value.func).startswith("_SERIALIZER"):
                return
            own, kind = value.args[0].value, value.args[2].value
            if target.value.id == "_params" and name != "api-version":
                self.query.append((name, kind, own in required))
            elif target.value.id == "_headers" and name not in ("Accept", "Content-Type"):
                self.headers[name] = camel(own)

    def row(self, operation, service, shapes, is_page):
        members, required, uri = {}, [], self.url
        if uri.startswith("/subscriptions/{subscriptionId}") or uri.startswith(("/{scope}", "/{resourceUri}")):
            uri = self.resource_id(members)
            required += members
        if "{subscriptionId}" in uri:
            members["subscriptionId"] = {"t": "s", "l": "uri"}
            required.append("subscriptionId")
        for name, kind, is_required in self.query:
            members[name] = {"t": TYPES[kind], "l": "querystring"}
            if is_required:
                required.append(name)
        headers = dict(self.headers)
        if self.method in ("PUT", "PATCH", "DELETE"):
            headers.update(CONDITIONS)
        for header, name in headers.items():
            members[name] = {"t": "s", "l": "header", "w": header}
        return finish(service, operation, self.method, uri + "?api-version=" + self.version, members,
                      required, self.has_body, self.method in ("PUT", "PATCH"), shapes,
                      {"out": "nextLink", "lists": ["value"]} if is_page else None)

    def resource_id(self, members):
        """The path, with the id of a resource in it as one parameter."""
        segments = self.url.strip("/").split("/")
        last = max(i for i, segment in enumerate(segments) if segment.startswith("{"))
        if segments[last] == "{subscriptionId}":
            return self.url
        kinds = []
        for segment in segments[:last + 1]:
            name = segment.strip("{}")
            free = name in ("scope", "resourceUri")
            kinds.append(segment if not segment.startswith("{") else "**" if free else "*")
        members["id"] = {"t": "s", "l": "uri", "g": "/".join(kinds)}
        return "/{id}" + "".join("/" + segment for segment in segments[last + 1:])


def finish(service, operation, method, uri, members, required, has_body, needs_body, shapes, page):
    row = {"method": method, "uri": uri}
    shape = {"m": members}
    if has_body:
        secrets = SENT_SECRETS.get((service, operation))
        body = open_shape(secrets, shapes, operation + "Body") if secrets else "j"
        members["body"] = body
        shape["p"] = "body"
        if needs_body:
            required.append("body")
    if required:
        shape["r"] = sorted(required)
    if members:
        # Many are alike.
        same = next((name for name, other in shapes.items() if other == shape), None)
        name = same or operation
        shapes[name] = shape
        row["input"] = "@" + name
    said = SAID_SECRETS.get((service, operation))
    if said:
        row["output"] = open_shape(said, shapes, operation + "Answer")
    if page:
        row["page"] = page
    return row


def arm_service(root, service, path, prefix, resources):
    tree = ast.parse((root / "azure/mgmt" / path).read_text())
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    operations, shapes = {}, {}
    for resource, names in resources.items():
        for name in names:
            before = snake(resource) if prefix is None else prefix
            before = before.replace("public_ipaddresses", "public_ip_addresses")
            function = "build_" + (before + "_" if before else "") + name + "_request"
            if function not in functions:
                fail(f"{service}: there is no {function}")
            operation = resource + "." + camel(name)
            is_page = name.startswith("list") and (resource, name) not in ONE_PAGE
            operations[operation] = Builder(functions[function]).row(operation, service, shapes, is_page)
    return {"protocol": "arm", "operations": operations, "shapes": shapes}


def graph_builders(root):
    """Path -> (parameters of the query, methods), of every request that the SDK can build."""
    found = {}
    template = re.compile(r'super\(\).__init__\(request_adapter, "\{\+baseurl\}([^"{]*(?:\{[^?}&]*\}[^"{]*)*)'
                          r'(?:\{[?&]([^}]*)\})?"')
    for path in (root / "msgraph/generated").rglob("*_request_builder.py"):
        text = path.read_text()
        match = template.search(text)
        if match is None:
            continue
        url = match.group(1).replace("%2D", "-")
        query = [word.replace("%24", "$").replace("%40", "@").rstrip("*")
                 for word in (match.group(2) or "").split(",") if word]
        found[url.split("?")[0]] = (query, set(re.findall(r"RequestInformation\(Method\.([A-Z]+)", text)))
    return found


def graph_service(root):
    builders = graph_builders(root)
    operations, shapes = {}, {}
    for operation, what in GRAPH.items():
        method, path = what.split(" ")
        if path not in builders or method not in builders[path][1]:
            fail(f"graph: there is no {what}")
        members, required = {}, []
        for name in re.findall(r"\{([^}]*)\}", path):
            own = re.sub(r"-(.)", lambda found: found.group(1).upper(), name)
            path = path.replace("{" + name + "}", "{" + own + "}")
            members[own] = {"t": "s", "l": "uri"}
            required.append(own)
        for name in builders[what.split(" ")[1]][0] if method == "GET" else []:
            kind = "i" if name in ("$top", "$skip") else "b" if name == "$count" else "s"
            members[name] = {"t": kind, "l": "querystring"}
        is_list = operation.split(".")[1].startswith("list")
        has_body = method == "PATCH" or (method == "POST" and not path.endswith("revokeSignInSessions"))
        operations[operation] = finish("graph", operation, method, "/v1.0" + path, members, required,
                                       has_body, has_body, shapes,
                                       {"out": "@odata.nextLink", "lists": ["value"]} if is_list else None)
    return {"protocol": "graph", "operations": operations, "shapes": shapes}


def lines(value, depth):
    """JSON with the deepest rows on one line each."""
    if depth == 0:
        return json.dumps(value, sort_keys=True, separators=(",", ":"))
    inside = ",\n".join(json.dumps(key) + ":" + lines(each, depth - 1) if isinstance(each, dict)
                        else json.dumps(key) + ":" + json.dumps(each)
                        for key, each in sorted(value.items()))
    return "{\n" + inside + "\n}"


def main():
    root, out = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    services = {name: arm_service(root, name, *where) for name, where in ARM.items()}
    services["graph"] = graph_service(root)
    out.write_text(lines({"services": services}, 4) + "\n")
    print(sum(len(service["operations"]) for service in services.values()), "operations")


main()
