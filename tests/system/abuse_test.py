#!/usr/bin/env python3
"""Somebody who knows Stanch aims at it: logs that frame whoever must not be cut off, floods, names
that bite, and calls that look like its own. All that may be promoted is. What was written is asked of
the proxy before a simulated AWS, which knows nothing of Stanch.

usage: abuse_test.py STANCH VENV   Skipped (77) without VENV.
"""
import copy
import json
import os
import sys

import build_venv

build_venv.enter(sys.argv[2], "moto")

from autonomy_case import (ADMINISTRATOR, Case, DENY_ACTION, event, identity_writes, KEY_ACTION,
                           takeover, tell)

PROTECTED = ("emergency-1", "emergency-2")
RESPONDER = "stanch-responder"  # whose credentials the program works with


def promoted(world, people, folder, name):
    case = Case(world, people, folder, name)
    case.write("content/guards.yaml", "protected:\n" + "".join(
        f"  - aws:user/*/{user}\n" for user in PROTECTED) + "budget: {incident: 10, hour: 12}\n")
    for action in (KEY_ACTION, DENY_ACTION):
        case.promote(action)
    return case


def respond(case, turns=2):
    """The ends of all steps that say something, by entity."""
    for _ in range(turns):
        told = json.loads(case.run("respond", "--auto", "--once", "--json", ends=(0, 1)))
    ends = {}
    for incident in told["incidents"]:
        for step in incident["steps"]:
            ends.setdefault(step["target"], set()).add(step["end"])
    return ends


def named(world):
    """What accepted writes on identities were about."""
    return {name.partition("=")[2] for (operation, about, _) in world.proxy.writes()
            if operation.startswith("iam.") for name in about}


def who_is_protected_is_framed(world, people, folder):
    """Logs say that the break-glass user took over everything. It is cut off by nobody alone, and
    by one person neither."""
    case = promoted(world, people, folder, "judy")
    key = case.make_user(PROTECTED[0])
    case.replay(takeover(PROTECTED[0], key, 11, alone=True))
    before = named(world)
    respond(case)
    assert case.key_status() == "Inactive", "the real one is contained"
    framed = next(each["incident"] for each in case.incidents()
                  if each["incident"] != case.incident)
    case.run("approve", framed)
    respond(case)
    assert case.key_status(PROTECTED[0]) == "Active"
    assert PROTECTED[0] not in named(world) - before


def the_responder_is_framed(world, people, folder):
    case = promoted(world, people, folder, "wendy")
    [own] = [each["AccessKeyId"] for each in
             case.iam.list_access_keys(UserName=RESPONDER)["AccessKeyMetadata"]]
    case.replay(takeover(RESPONDER, own, 11) + [
        event("wendy", case.key, 13, "iam", "CreateAccessKey", {"userName": RESPONDER})])
    respond(case)
    assert case.key_status() == "Inactive"
    assert case.key_status(RESPONDER) == "Active" and RESPONDER not in named(world)


def a_flood_spends_the_budget_and_no_more(world, people, folder):
    case = promoted(world, people, folder, "flora")
    did, users = [], [f"flood{number}" for number in range(20)]
    for number, user in enumerate(users):
        did += takeover(user, case.make_user(user), 11 + 2 * number, alone=True)
    case.replay(did)
    before = identity_writes(world)
    respond(case, turns=3)
    spent = identity_writes(world) - before
    assert 0 < spent <= 12, spent
    waits = [each for each in users if case.key_status(each) == "Active"]
    assert len(waits) > 5, waits
    told = case.run("respond", "--auto", "--once", ends=(1,))
    assert "the budget is 12" in told, told


BITING = ["..", "$(touch {folder}/pwned)", "`touch {folder}/pwned`", "x; touch {folder}/pwned", "${target.entity}", "`{\"a\":1}`", "x' || `1` || 'x",
          "a;rm -rf .", "../../../etc/passwd", "<script>alert(1)</script>", "%2e%2e%2f",
          "line\nbreak", "\u202eevil", "\x1b[31mred", "{{7*7}}", "x_json('{}')", "A" * 3000]


def names_bite_nobody(world, people, folder):
    """Names are as long and as odd as AWS never gives them, but a forger's log may. Some are legal
    in IAM: then it is that user, and no other, who is contained."""
    case = promoted(world, people, folder, "nadia")
    # None of its rules lets '..' out of the way; letters, digits and +=,.@_- are IAM's.
    legal = ["..", "a+b=c,d@e", "etc", "@"]
    keys = {name: case.make_user(name) for name in legal}
    did = []
    biting = [name.replace("{folder}", folder) for name in BITING]
    for number, name in enumerate([*biting, "a+b=c,d@e"]):
        mine = takeover(name, keys.get(name, f"AKIAFORGED{number:010}"), 11 + 2 * number,
                        alone=True)
        for each in mine:
            each["userAgent"] = name
        mine[1]["requestParameters"] = {"name": name}
        did += mine
    case.write("content/guards.yaml", "budget: {incident: 100, hour: 1000}\n")
    case.replay(did)
    before = len(world.proxy.log)
    respond(case, turns=1)
    asked = world.proxy.log[before:]
    written = [each for each in asked if each["accepted"]]
    about = {name for each in written for name in map(str, each["parameters"].values())}
    assert case.key_status("..") == "Inactive" and case.key_status("a+b=c,d@e") == "Inactive"
    assert case.key_status("etc") == "Active" and case.key_status("@") == "Active"
    assert not {"etc", "@"} & about, about
    assert all(each["operation"] in ("UpdateAccessKey", "PutUserPolicy") for each in written), \
        {each["operation"] for each in written}
    assert not os.path.exists(os.path.join(folder, "pwned"))
    # People see them without being bitten by them.
    for incident in case.incidents():
        shown = case.run("incident", "show", incident["incident"])
        assert "\x1b" not in shown and "\u202e" not in shown
        page = case.run("report", incident["incident"], "--format", "html")
        assert "<script>alert" not in page


def watch_responder(case):
    with open(os.path.join(os.path.dirname(__file__), "../../content/context.yaml"),
              encoding="utf-8") as own:
        lists = own.read()
    assert lists.count("responder_roles: [") == 1
    case.write("content/context.yaml",
               lists.replace("responder_roles: [", f"responder_roles: [{RESPONDER}, "))


def as_logged(entry, number):
    """What CloudTrail would tell of a request that the proxy saw, made with the program's key."""
    parameters = {name[0].lower() + name[1:]: value for name, value in entry["parameters"].items()
                  if name not in ("Action", "Version")}
    told = event(RESPONDER, entry["access_key_id"], number, entry["service"], entry["operation"],
                 parameters)
    told["eventTime"] = entry["time"].partition(".")[0].partition("+")[0] + "Z"
    told["requestID"], told["userAgent"] = entry["request_id"], "stanch"
    return told


def own_calls_are_known_and_looks_are_not(world, people, folder):
    case = promoted(world, people, folder, "olga")
    watch_responder(case)
    before = len(world.proxy.log)
    respond(case)
    own = [as_logged(each, 100 + number) for number, each in
           enumerate(each for each in world.proxy.log[before:] if each["accepted"])]
    assert len(own) >= 2 and case.key_status() == "Inactive", own
    opened = len(case.incidents())
    told = case.replay(own)
    assert told["findings"] >= len(own) and told["own"] == told["findings"], told
    assert told["opened"] == 0 and len(case.incidents()) == opened
    again = case.replay(own)
    assert again["opened"] == 0 and again["known"] == again["findings"], again

    # The same calls, made again by who stole the key; and by who calls himself as it does.
    stolen = copy.deepcopy(own)
    for number, each in enumerate(stolen):
        each["requestID"], each["eventID"] = f"stolen-{number}", f"00000000-stolen-{number}"
    told = case.replay(stolen)
    assert told["own"] == 0 and told["findings"] >= len(stolen), told
    said = json.loads(case.run("timeline", case.incident, "--json"))["entries"]
    assert sum(each["kind"] == "finding_joined" and each["text"].startswith(
        "Role of the responder used without an entry (high)") for each in said) == len(stolen), said

    forged = event("mallet", "AKIAMALLET0000000000", 201, "iam", "AttachUserPolicy",
                   {"userName": "mallet", "policyArn": ADMINISTRATOR})
    forged["userAgent"], forged["requestID"] = "stanch", own[0]["requestID"]
    forged["sourceIPAddress"] = "203.0.113.9"
    told = case.replay([forged])
    assert told["own"] == 0 and told["opened"] == 1, told
    respond(case)
    assert case.key_status(RESPONDER) == "Active", "the responder is not contained by itself"


def a_call_whose_answer_was_lost_is_ours_once(world, people, folder):
    case = promoted(world, people, folder, "petra")
    watch_responder(case)
    world.proxy.inject("iam.UpdateAccessKey", "reset", after=True)
    before = len(world.proxy.log)
    respond(case, turns=1)
    [lost] = [each for each in world.proxy.log[before:]
              if each["operation"] == "UpdateAccessKey" and each["fault"]]
    assert lost["accepted"], lost
    mine = as_logged(lost, 100)
    told = case.replay([mine])
    assert told["own"] == told["findings"] >= 1, told
    stolen = {**mine, "eventID": "00000000-stolen", "requestID": "stolen"}
    told = case.replay([stolen])
    assert told["own"] == 0, "one call is one event"


tell(sys.argv[1], (who_is_protected_is_framed, the_responder_is_framed,
                   a_flood_spends_the_budget_and_no_more, names_bite_nobody,
                   own_calls_are_known_and_looks_are_not,
                   a_call_whose_answer_was_lost_is_ours_once))
