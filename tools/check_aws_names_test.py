#!/usr/bin/env python3
"""Plants one wrong name at a time in a rule; check_aws_names must find it, and leave right ones alone."""

import importlib.machinery
import importlib.util
import json
import os
import pathlib
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
PROGRAM = os.path.join(os.path.dirname(os.path.abspath(__file__)), "check_aws_names")
LOADER = importlib.machinery.SourceFileLoader("check_aws_names", PROGRAM)
names = importlib.util.module_from_spec(importlib.util.spec_from_loader("check_aws_names", LOADER))
LOADER.exec_module(names)

try:
    import yaml
except ModuleNotFoundError:
    print("skipped: there is no PyYAML in build/venv; ./dev test puts it there")
    sys.exit(77)


def model(prefix, operations, **metadata):
    shapes = {"Text": {"type": "string"}, "Tags": {"type": "map", "value": {"shape": "Text"}}}
    calls = {}
    for name, (path, members) in operations.items():
        calls[name] = {"name": name, "http": {"requestUri": path}, "input": {"shape": name + "Request"}}
        shapes[name + "Request"] = {"type": "structure", "members": {
            member: {"shape": shape} for member, shape in members.items()}}
    shapes["Rule"] = {"type": "structure", "members": {"CidrIp": {"shape": "Text"}}}
    shapes["Rules"] = {"type": "list", "member": {"shape": "Rule"}}
    return {"metadata": {"endpointPrefix": prefix, **metadata}, "operations": calls, "shapes": shapes}


MODELS = {
    "iam": model("iam", {"CreateUser": ("/", {"UserName": "Text", "Rules": "Rules", "Tags": "Tags"})}),
    "sesv2": model("email", {"GetAccount": ("/", {})}, signingName="ses"),
    "lambda": model("lambda", {"UpdateFunctionCode": ("/2015-03-31/functions", {}),
                               "CreateFunctionUrlConfig": ("/2021-10-31/functions", {})}),
    "ec2": model("ec2", {"RunInstances": ("/", {})}),
}


class CheckNames(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        for service, text in MODELS.items():
            path = self.root / "models" / service / "2026-01-01" / "service-2.json"
            path.parent.mkdir(parents=True)
            path.write_text(json.dumps(text))
        (self.root / "rules").mkdir()
        self.models = names.Models(self.root / "models")

    def problems(self, *selections, allowed="", service="cloudtrail"):
        detection = {f"s{number}": one for number, one in enumerate(selections)}
        (self.root / "rules/rule.yaml").write_text(yaml.safe_dump({
            "logsource": {"product": "aws", "service": service},
            "detection": {**detection, "condition": "1 of s*"}}))
        (self.root / "allowed.txt").write_text(allowed)
        found = names.check(self.root / "rules", self.models, self.root / "allowed.txt")
        return [problem.split(": ", 1)[1] for problem in found]

    def test_right_names_are_left_alone(self):
        good = [
            {"eventSource": "iam.amazonaws.com", "eventName": "CreateUser",
             "requestParameters.userName|exists": True},
            {"eventSource": "iam.amazonaws.com", "eventName|startswith": ["Create"],
             "requestParameters.rules.cidrIp": "0.0.0.0/0", "requestParameters.tags.anything": "x"},
            {"eventSource": ["ses.amazonaws.com", "iam.amazonaws.com"], "eventName": "GetAccount"},
            {"eventSource": "lambda.amazonaws.com", "eventName": "UpdateFunctionCode20150331v2"},
            {"eventSource": "lambda.amazonaws.com", "eventName": "UpdateFunctionCode*"},
            {"eventSource": "lambda.amazonaws.com", "eventName|startswith": "UpdateFunctionCode2"},
            {"eventSource": "lambda.amazonaws.com", "eventName": "CreateFunctionUrlConfig"},
            {"eventSource": "ec2.amazonaws.com", "eventName": "RunInstances",
             "requestParameters.instancesSet.items.maxCount|gte": 9},
            {"eventName|re": "^Create"},
        ]
        for selection in good:
            self.assertEqual(self.problems(selection), [], selection)

    def test_wrong_names_are_found(self):
        wrong = [
            ({"eventSource": "iam.amazonaws.com", "eventName": "MakeUser"},
             ["no call iam.amazonaws.com:MakeUser"]),
            ({"eventSource": "iam.amazonaws.com", "eventName|endswith": "Group"},
             ["no call iam.amazonaws.com:*Group"]),
            ({"eventSource": "email2.amazonaws.com", "eventName": "GetAccount"},
             ["no source email2.amazonaws.com", "no call email2.amazonaws.com:GetAccount"]),
            ({"eventSource": "ses.amazonaws.com", "eventName": "CreateUser"},
             ["no call ses.amazonaws.com:CreateUser"]),
            ({"eventSource": "iam.amazonaws.com", "eventName": "CreateUser",
              "requestParameters.UserName": "x"}, ["no parameter iam.amazonaws.com:UserName"]),
            ({"eventSource": "iam.amazonaws.com", "eventName": "CreateUser",
              "requestParameters.rules.CidrIp": "x"}, ["no parameter iam.amazonaws.com:rules.CidrIp"]),
            ({"eventSource": "lambda.amazonaws.com", "eventName": "UpdateFunctionCode"},
             ["no call lambda.amazonaws.com:UpdateFunctionCode"]),
        ]
        for selection, expected in wrong:
            self.assertEqual(self.problems(selection), expected, selection)

    def test_a_map_without_source_takes_those_of_the_others(self):
        source = {"eventSource": "iam.amazonaws.com"}
        self.assertEqual(self.problems(source, {"eventName": "CreateUser"}), [])
        self.assertEqual(self.problems(source, {"eventName": "GetAccount"}),
                         ["no call iam.amazonaws.com:GetAccount"])

    def test_rules_on_other_logs_are_not_looked_at(self):
        wrong = {"eventSource": "iam.amazonaws.com", "eventName": "MakeUser"}
        self.assertEqual(self.problems(wrong, service="guardduty"), [])

    def test_what_is_allowed_is_no_problem_until_it_is_not_needed(self):
        wrong = {"eventSource": "iam.amazonaws.com", "eventName": "MakeUser"}
        line = "call iam.amazonaws.com:Make* # user guide\n"
        self.assertEqual(self.problems(wrong, allowed=line), [])
        right = {"eventSource": "iam.amazonaws.com", "eventName": "CreateUser"}
        self.assertEqual(self.problems(right, allowed="# none\n\n" + line),
                         ["no rule needs call iam.amazonaws.com:Make*"])

    def test_an_allowed_name_says_why(self):
        with self.assertRaises(SystemExit):
            self.problems({"eventSource": "iam.amazonaws.com"}, allowed="call iam.amazonaws.com:Make*\n")


if __name__ == "__main__":
    unittest.main()
