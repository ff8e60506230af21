#!/usr/bin/env python3
"""What `stanch coverage` says of a simulated AWS, held against what boto3 says of it.

usage: coverage_test.py STANCH VENV [--show]   Skipped (77) without VENV. --show: what people read.
"""
import contextlib
import datetime
import json
import os
import pty
import subprocess
import sys
import tempfile
import termios

import build_venv

build_venv.enter(sys.argv[2], "moto")

from moto_world import ACCOUNT, REGION, World

STANCH = sys.argv[1]
SHOWS = "--show" in sys.argv
OTHER = "222222222222"
ROLES = ("--roles", "stanch", "--external-id", "between-us")
S3, LAMBDA, TABLE = "AWS::S3::Object", "AWS::Lambda::Function", "AWS::DynamoDB::Table"
ALL, OFF = {"reads": "all", "writes": "all"}, {"reads": "off", "writes": "off"}
SOME = {"reads": "some", "writes": "some"}


class Watched:
    """The program on that world; that it writes nothing is seen each time."""

    def __init__(self, world, folder):
        self.world, self.folder = world, folder

    def environment(self):
        return {**os.environ, **self.world.environment(), "STANCH_STATE": self.folder,
                "STANCH_CONFIG": os.devnull, "LC_ALL": "C.UTF-8"}

    def ends(self, *arguments):
        done = subprocess.run([STANCH, "coverage", *arguments], capture_output=True, text=True,
                              env=self.environment(), timeout=120)
        assert not self.world.proxy.writes(), self.world.proxy.writes()
        return done.returncode, done.stdout, done.stderr

    def document(self, *arguments, ends=1):
        code, said, errors = self.ends(*arguments, "--json")
        assert code == ends, (code, said, errors)
        document = json.loads(said)
        assert document["schema"] == "stanch.coverage/1"
        assert document["covered"] == (ends == 0) == (not document["gaps"]), document["gaps"]
        return document

    def text(self, *arguments, ends=1):
        """As on a terminal of 80 columns."""
        ours, its = pty.openpty()
        termios.tcsetwinsize(its, (24, 80))
        with subprocess.Popen([STANCH, "coverage", *arguments, "--color", "never"], stdout=its,
                              stderr=subprocess.PIPE, text=True, env=self.environment()) as program:
            os.close(its)
            said = b""
            with contextlib.suppress(OSError):  # the end of a terminal
                while more := os.read(ours, 65536):
                    said += more
            errors = program.stderr.read()
        os.close(ours)
        said = said.decode().replace("\r\n", "\n")
        assert program.returncode == ends, (program.returncode, said, errors)
        assert all(len(line) <= 80 and line == line.rstrip() for line in said.splitlines()), said
        if SHOWS:
            print(said)
        return " ".join(said.split())

    def own(self, *arguments, ends=1):
        [account] = self.document(*arguments, ends=ends)["accounts"]
        assert account["account"] == ACCOUNT and account["own"], account
        return {each["region"]: each for each in account["regions"]}, account

    def trails(self, region=REGION):
        return self.world.direct("cloudtrail", region)


def gaps_of(document):
    return {(each.get("account"), each.get("region"), each["gap"]) for each in document["gaps"]}


def enabled_regions(world):
    found = world.direct("ec2").describe_regions(AllRegions=True)["Regions"]
    return sorted(each["RegionName"] for each in found if each["OptInStatus"] != "not-opted-in")


def every_enabled_region_is_asked(watched):
    regions, account = watched.own()
    assert sorted(regions) == enabled_regions(watched.world), sorted(regions)
    assert account["roles"] == [] and all(not each["trails"] for each in regions.values())
    document = watched.document()
    assert document["accounts_from"] == "own" and "organization_refused" not in document, document["organization_refused"]
    assert gaps_of(document) == {(ACCOUNT, each, "no-trail") for each in regions}
    text = watched.text()
    assert "NOT ALL IS COVERED" in text and "there is no trail (in all " in text, text


def each_region_has_its_trails(watched):
    home = watched.trails()
    home.create_trail(Name="here", S3BucketName="logs")
    home.start_logging(Name="here")
    watched.trails("us-east-1").create_trail(Name="stopped", S3BucketName="logs")
    regions, _ = watched.own()
    for region, found in regions.items():
        said = watched.trails(region).describe_trails()["trailList"]
        assert [each["arn"] for each in found["trails"]] == [each["TrailARN"] for each in said]
        for each in found["trails"]:
            status = watched.trails(region).get_trail_status(Name=each["arn"])
            assert each["logging"] == status["IsLogging"], (region, each)
    here, stopped = regions[REGION], regions["us-east-1"]
    assert here["recorded"]["management"] == ALL and stopped["recorded"]["management"] == OFF
    delivered = datetime.datetime.fromisoformat(here["delivered_at"].replace("Z", "+00:00"))
    status = home.get_trail_status(Name="here")
    assert abs((status["LatestDeliveryTime"] - delivered).total_seconds()) < 120, delivered
    assert "delivered_at" not in stopped
    gaps = gaps_of(watched.document())
    assert (ACCOUNT, "us-east-1", "not-logging") in gaps and (ACCOUNT, "us-east-2", "no-trail") in gaps
    assert not [each for each in gaps if each[1] == REGION], gaps
    assert not gaps_of(watched.document("--region", REGION, ends=0))
    text = watched.text("--region", REGION, ends=0)
    assert "All is covered" in text and "1 logging" in text and "ago" in text, text
    watched.trails("us-east-1").delete_trail(Name="stopped")
    home.delete_trail(Name="here")


def a_trail_of_all_regions_covers_all(watched):
    watched.trails().create_trail(Name="all", S3BucketName="logs", IsMultiRegionTrail=True)
    watched.trails().start_logging(Name="all")
    before = len(watched.world.proxy.log)
    regions, _ = watched.own(ends=0)
    assert all(each["trails"][0]["multi_region"] for each in regions.values())
    asked = [each["operation"] for each in watched.world.proxy.log[before:]]
    assert asked.count("GetEventSelectors") == 1, "once a trail"
    assert asked.count("GetTrailStatus") == asked.count("DescribeTrails") == len(regions)


def data_events_are_what_the_selectors_say(watched):
    def conditions(**fields):
        return [{"Field": name.replace("_", "."), "Equals": [value]}
                for name, value in fields.items()]

    home = watched.trails()
    cases = (
        ("EventSelectors", [{"ReadWriteType": "All", "IncludeManagementEvents": True, "DataResources": [
            {"Type": S3, "Values": ["arn:aws:s3:::logs/"]},
            {"Type": LAMBDA, "Values": ["arn:aws:lambda"]}]}], (ALL, SOME, ALL, OFF), 0),
        ("EventSelectors", [{"ReadWriteType": "WriteOnly", "IncludeManagementEvents": True,
                             "DataResources": [{"Type": S3, "Values": ["arn:aws:s3"]}]}],
         ({"reads": "off", "writes": "all"}, {"reads": "off", "writes": "all"}, OFF, OFF), 1),
        ("AdvancedEventSelectors", [
            {"Name": "management", "FieldSelectors": conditions(eventCategory="Management")},
            {"Name": "tables", "FieldSelectors": conditions(eventCategory="Data", resources_type=TABLE)}],
         (ALL, OFF, OFF, ALL), 0),
        ("AdvancedEventSelectors", [{"Name": "objects", "FieldSelectors": conditions(
            eventCategory="Data", resources_type=S3, readOnly="false")}],
         (OFF, {"reads": "off", "writes": "all"}, OFF, OFF), 1),
    )
    for kind, selectors, expected, ends in cases:
        home.put_event_selectors(TrailName="all", **{kind: selectors})
        assert home.get_event_selectors(TrailName="all")[kind] == selectors
        regions, _ = watched.own("--region", REGION, "--region", "eu-north-1", ends=ends)
        for region in (REGION, "eu-north-1"):
            said = regions[region]["recorded"]
            found = (said["management"], said["data"][S3], said["data"][LAMBDA],
                     said["data"].get(TABLE, said["other_data"]))
            assert found == expected, (region, selectors, found)
    text = watched.text("--region", REGION)
    assert "management-incomplete" not in text and "reads off, writes off" in text, text
    home.put_event_selectors(TrailName="all", EventSelectors=cases[0][1])


def what_is_refused_is_unknown(watched):
    for operation, gap in (("DescribeTrails", "trails-unknown"), ("GetTrailStatus", "logging-unknown"),
                           ("GetEventSelectors", "management-unknown")):
        watched.world.proxy.inject("cloudtrail." + operation, "denied")
        document = watched.document("--region", REGION)
        assert gaps_of(document) == {(ACCOUNT, REGION, gap)}, document["gaps"]
        [region] = document["accounts"][0]["regions"]
        assert region["recorded"]["management"] == {"reads": "unknown", "writes": "unknown"}
        assert not watched.world.proxy.unfired()
        watched.world.proxy.inject("cloudtrail." + operation, "denied")
        assert "unknown" in watched.text("--region", REGION)
    # One of many is its row, and not the end.
    watched.world.proxy.inject("cloudtrail.DescribeTrails", "denied")
    gaps = gaps_of(watched.document())
    assert len(gaps) == 1 and next(iter(gaps))[2] == "trails-unknown", gaps
    watched.world.proxy.inject("ec2.DescribeRegions", "denied")
    document = watched.document()
    assert gaps_of(document) == {(ACCOUNT, None, "regions-unknown")}, document
    assert document["accounts"][0]["regions_refused"]["code"] == "UnauthorizedOperation"
    # What passes is asked again.
    watched.world.proxy.inject("cloudtrail.DescribeTrails", "throttled", times=2)
    watched.document(ends=0)
    assert not watched.world.proxy.unfired()


def each_role_is_tried(watched):
    proxy = watched.world.proxy
    document = watched.document(ACCOUNT, *ROLES, "--region", REGION, ends=0)
    assert document["accounts_from"] == "named"
    assert document["accounts"][0]["roles"] == [
        {"role": "stanch-" + duty, "assumable": True} for duty in ("read", "evidence", "respond")]
    asked = [each["parameters"] for each in proxy.log if each["operation"] == "AssumeRole"]
    assert {each["RoleArn"].rpartition("/")[2] for each in asked} == {
        "stanch-read", "stanch-evidence", "stanch-respond"}
    assert all(each["ExternalId"] == "between-us" and each["SourceIdentity"] == "stanch-coverage"
               for each in asked), asked
    own = watched.world.responder.access_key_id
    assert {each["operation"] for each in proxy.log if each["access_key_id"] == own and
            each["service"] != "sts" and each["time"] >= asked_since(proxy)} == set()

    proxy.inject("sts.AssumeRole", "denied", nth=3)
    document = watched.document(ACCOUNT, *ROLES, "--region", REGION)
    assert gaps_of(document) == {(ACCOUNT, None, "role-not-assumable")}, document["gaps"]
    refused = document["accounts"][0]["roles"][2]
    assert not refused["assumable"] and refused["refused"]["code"] == "AccessDenied", refused

    proxy.inject("sts.AssumeRole", "denied")
    document = watched.document(OTHER, *ROLES)
    [account] = document["accounts"]
    assert account["regions"] == [] and account["unseen"]["code"] == "AccessDenied", account
    assert gaps_of(document) == {(OTHER, None, "role-not-assumable"),
                                 (OTHER, None, "account-unseen")}
    proxy.inject("sts.AssumeRole", "denied")
    text = watched.text(OTHER, *ROLES)
    assert "stanch-read cannot" in text and "AccessDenied" in text, text
    # Another account, without a way into it.
    document = watched.document(OTHER)
    assert gaps_of(document) == {(OTHER, None, "account-unseen")}
    assert "--roles" in watched.text(OTHER)


def asked_since(proxy):
    """When a role was assumed first."""
    return next(each["time"] for each in proxy.log if each["operation"] == "AssumeRole")


def of_an_organization_all_accounts(watched):
    only = ("--region", REGION)
    # Without one AWS says so, and moto lists no account: which no organization has.
    document = watched.document(*ROLES, *only)
    assert document["accounts_from"] == "own" and len(document["accounts"]) == 1
    assert gaps_of(document) == {(None, None, "organization-unknown")}, document["gaps"]
    organizations = watched.world.direct("organizations")
    organizations.create_organization(FeatureSet="ALL")
    member = organizations.create_account(
        AccountName="member", Email="member@example.com")["CreateAccountStatus"]["AccountId"]
    document = watched.document(*ROLES, *only)
    assert document["accounts_from"] == "organization"
    listed = organizations.list_accounts()["Accounts"]
    assert [each["account"] for each in document["accounts"]] == sorted(
        each["Id"] for each in listed)
    assert gaps_of(document) == {(member, REGION, "no-trail")}, document["gaps"]
    text = watched.text(*ROLES, *only)
    assert "2 accounts of the organization" in text and f"Account {member}" in text, text
    watched.world.proxy.inject("organizations.ListAccounts", "denied")
    document = watched.document(*ROLES, *only)
    assert document["accounts_from"] == "own"
    assert document["organization_refused"]["code"] == "AccessDeniedException"
    assert gaps_of(document) == {(None, None, "organization-unknown")}, document["gaps"]


def what_it_asks_stands_in_the_policy(watched):
    read = json.loads(subprocess.run([STANCH, "permissions", "--playbook", "leaked-access-key"],
                                     capture_output=True, check=True).stdout)["stanch-read"]
    allowed = {each for statement in read["Statement"] for each in statement["Action"]}
    proxy = watched.world.proxy
    asked = {f"{each['service']}:{each['operation']}" for each in proxy.log}
    own = {"sts:AssumeRole", "organizations:ListAccounts"}  # as the hub
    assert asked - own <= allowed and len(asked - own) == 5, asked - allowed


def wrong_use_is_told(watched):
    for arguments in (("12345",), ("--region", "Ireland!"), (ACCOUNT, "--no-such")):
        code, said, errors = watched.ends(*arguments)
        assert code == 2 and not said and errors, (arguments, code, errors)
    assert watched.ends("--region", "eu-nowhere-9")[0] == 1


def main():
    with tempfile.TemporaryDirectory(prefix="stanch_coverage_") as folder, World() as world:
        world.direct("s3").create_bucket(Bucket="logs", CreateBucketConfiguration={
            "LocationConstraint": REGION})
        watched = Watched(world, folder)
        for story in (every_enabled_region_is_asked, each_region_has_its_trails,
                      a_trail_of_all_regions_covers_all, data_events_are_what_the_selectors_say,
                      what_is_refused_is_unknown, each_role_is_tried,
                      of_an_organization_all_accounts, what_it_asks_stands_in_the_policy,
                      wrong_use_is_told):
            story(watched)
            assert not world.proxy.unfired(), world.proxy.unfired()
            print("ok", story.__name__)


main()
