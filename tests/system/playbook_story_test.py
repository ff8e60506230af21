#!/usr/bin/env python3
"""Each playbook of the content from log to proof, on a simulated AWS: logs of an attack become an
incident, which is planned, approved by two, applied and watched. boto3 tells what came of it, and
the proxy that nothing else was written.

usage: playbook_story_test.py STANCH CLOCK_AHEAD VENV [PLAYBOOK]   Skipped (77) without VENV.
"""
import collections
import functools
import json
import os
import sys
import tempfile
import time

import build_venv

build_venv.enter(sys.argv[3], "moto")

from action_cases import People
from moto_world import World
from playbook_stories import (Attack, BYSTANDERS, comes_in, CONTEXT, FOREIGN, instance_role_stolen,
                              machines_started, Places, ROOT, STORIES)
from program_page import ProgramPage
from responder import Responder

STANCH, LIBRARY = sys.argv[1:3]
ONLY = sys.argv[4] if len(sys.argv) > 4 else ""


def begin(stanch, attack):
    os.mkdir(stanch.state)
    stanch.run("ledger", "init")
    log = os.path.join(stanch.state, "log.json")
    with open(log, "w", encoding="utf-8") as file:
        json.dump({"Records": attack.records}, file)
    stanch.run("replay", log)
    incidents = json.loads(stanch.run("incident", "list", "--json"))["incidents"]
    assert len(incidents) == 1, f"{len(incidents)} incidents of one attack"
    stanch.incident = incidents[0]["incident"]


def tell(story, stanch, places):
    def writes():
        counted = collections.Counter()
        for (operation, _, _), count in stanch.world.proxy.writes().items():
            counted[operation] += count
        return counted

    def status():
        return json.loads(stanch.run("incident", "show", stanch.incident, "--json"))["status"]

    stanch.people.write("parameters.yaml", story.told(places))
    begin(stanch, story.did(places))
    chosen = ["--playbook", story.playbooks, "--target", story.by_hand] if story.by_hand else []
    planned = json.loads(stanch.run("plan", stanch.incident, "--json", *chosen))["document"]
    assert planned["playbook"] == story.playbooks, f"it is a case of {planned['playbook']}"
    lacking = [each for each in planned["steps"] if each.get("lacks")]
    assert not lacking, f"cannot be done: {lacking}"
    before = story.is_so(places)
    assert not all(before.values()), f"it is so already: {before}"
    assert not writes(), "a plan has written"
    stanch.approve()
    stanch.run("apply", stanch.incident)
    assert (said := status()) == story.status, f"it is {said}"
    seen = story.is_so(places)
    assert all(seen.values()), f"it is not so: {seen}"
    assert writes() == story.writes, f"written: {dict(writes())}"
    stanch.run("watch", stanch.incident)
    for step in stanch.steps():
        assert step["verified"] and not step["breaches"], step
    assert writes() == story.writes, f"the watch has written: {dict(writes())}"
    undeclared = stanch.why_not_declared()
    assert undeclared is None, undeclared
    shown = json.loads(stanch.run("incident", "show", stanch.incident, "--json"))
    assert shown["tasks"], "nothing is left to people"
    stanch.run("ledger", "verify")


def planned_of(stanch):
    """Without a look at the cloud."""
    code, said, errors = stanch.ends("plan", stanch.incident, "--offline", "--json")
    if code != 0:
        assert "no playbook applies" in errors, errors
        return []
    return [f"{each['action']} {each['target']}" for each in json.loads(said)["document"]["steps"]]


def are_left_alone(beside, stanch, places):
    begin(stanch, beside.did(places))
    planned, wanted = planned_of(stanch), beside.steps(places)
    assert planned == wanted, f"{planned} is planned, not {wanted}"


def nobody_said_which_accounts_are_ours(stanch, places):
    """Then a person closes the trust, and only sessions are revoked."""
    begin(stanch, comes_in(Attack(places), FOREIGN, "operations"))
    stanch.people.write("context.yaml", {**CONTEXT, "own_accounts": []})
    try:
        planned = planned_of(stanch)
    finally:
        stanch.people.write("context.yaml", CONTEXT)
    assert [each.split()[0] for each in planned] == ["aws.iam.revoke-role-sessions"], planned
    shown = json.loads(stanch.run("incident", "show", stanch.incident, "--json"))
    assert any("deny-foreign-trust" in each["title"] for each in shown["tasks"][:1]), shown["tasks"]


def people_alone_decide(stanch, places):
    """A sign-in of the root user, and nothing that a machine could contain."""
    begin(stanch, Attack(places).signs_in(ROOT))
    assert "No machine decides" in stanch.run("plan", stanch.incident)
    again = json.loads(stanch.run("plan", stanch.incident, "--json"))
    shown = json.loads(stanch.run("incident", "show", stanch.incident, "--json"))
    assert {each["title"] for each in shown["tasks"]} == set(again["tasks"]), shown["tasks"]


def the_thief_of_a_role_starts_machines(stanch, places):
    """Two playbooks know that role; revoking its sessions still comes after what needs them."""
    attack = instance_role_stolen(places)
    who = attack.records[0]["userIdentity"]
    launch = machines_started(places).records[0]
    attack.records.append({**launch, "userIdentity": who, "eventID": "00000000-launch"})
    begin(stanch, attack)
    planned = json.loads(stanch.run("plan", stanch.incident, "--json"))["document"]
    assert planned["playbook"] == "mining, stolen-instance-role", planned["playbook"]
    actions = [each["action"] for each in planned["steps"]]
    assert actions.count("aws.iam.revoke-role-sessions") == 1, actions
    assert (actions.index("aws.ssm.capture-processes")
            < actions.index("aws.iam.revoke-role-sessions")), actions


def check_all_are_told():
    folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../content/playbooks")
    names = {each.partition(".")[0] for each in os.listdir(folder)}
    told = {name for story in STORIES for name in story.playbooks.split(", ")}
    assert names == told, f"no story, or no playbook: {names ^ told}"


def main():
    failed, began = 0, time.monotonic()
    check_all_are_told()
    with World() as world, tempfile.TemporaryDirectory(prefix="stanch_story_") as folder:
        page = world.proxy.page = ProgramPage(LIBRARY, os.path.join(folder, "page"))
        places = Places(world)
        people = People(folder, places.role)
        people.write("context.yaml", CONTEXT)
        world.keep()
        told = [(each.playbooks, functools.partial(tell, each)) for each in STORIES] + [
            ("beside: " + each.name, functools.partial(are_left_alone, each)) for each in BYSTANDERS] + [
            (each.__name__, each) for each in (people_alone_decide,
                                               the_thief_of_a_role_starts_machines,
                                               nobody_said_which_accounts_are_ours)]
        for number, (name, story) in enumerate(each for each in told if ONLY in each[0]):
            started = time.monotonic()
            world.back()
            people.write("parameters.yaml", {})
            page.ahead = 0
            stanch = Responder(STANCH, world, people, page, os.path.join(folder, str(number)))
            try:
                story(stanch, places)
                print(f"ok {name} {time.monotonic() - started:.1f} s", flush=True)
            except Exception as error:
                failed += 1
                print(f"{name}: {type(error).__name__}: {error}\n", flush=True)
    print(f"{len(told)} stories, {failed} failed, {time.monotonic() - began:.0f} s")
    sys.exit(1 if failed else 0)


main()
