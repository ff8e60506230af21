#!/usr/bin/env python3
"""Response that nobody asked for, on a simulated AWS: in shadow it writes nothing that changes
something and says what it would have done; promoted it contains; demoted it asks again. What
happened is asked of boto3 and of the proxy that counts writes.

usage: autonomy_test.py STANCH VENV [CLOCK_AHEAD]   Skipped (77) without VENV; without the library
of clocks that run ahead, what is done later is not seen.
"""
import json
import os
import subprocess
import sys
import time

import build_venv

build_venv.enter(sys.argv[2], "moto")

from autonomy_case import Case, DENY_ACTION, event, identity_writes, KEY_ACTION, takeover, tell
from moto_world import ACCOUNT
from program_page import ProgramPage

STANCH = sys.argv[1]
CLOCK_AHEAD = sys.argv[3] if len(sys.argv) > 3 else ""
def shadow_then_promoted_then_demoted(world, people, folder):
    case = Case(world, people, folder, "eve")
    before = identity_writes(world)
    ends = case.turn()
    assert ends[KEY_ACTION] == "shadow" and ends[DENY_ACTION] == "shadow", ends
    assert identity_writes(world) == before and case.key_status() == "Active", "it was in shadow"
    assert case.kinds().count("run_in_shadow") == 1, case.kinds()
    case.turn()
    assert case.kinds().count("run_in_shadow") == 1, "the same is said once"
    assert case.kinds().count("plan_made") == 1, "and planned once"
    assert case.kinds().count("approval_asked") == 1, case.kinds()

    report = json.loads(case.run("autonomy", "report", "--json"))["rows"]
    row = next(each for each in report if each["action"] == KEY_ACTION)
    assert (row["autonomy"], row["steps"], row["environment"]) == ("shadow", 1, "test"), row

    case.promote(KEY_ACTION)
    ends = case.turn()
    assert ends[KEY_ACTION] == "done" and ends[DENY_ACTION] == "shadow", ends
    assert case.key_status() == "Inactive" and not case.policies()

    case.run("autonomy", "demote", KEY_ACTION, "--account", ACCOUNT, "--reason", "enough")
    case.run("autonomy", "promote", DENY_ACTION, "--account", ACCOUNT, "--reason", "tried",
             "--until", "1h")
    ends = case.turn()
    assert ends[DENY_ACTION] == "done" and len(case.policies()) == 1, ends
    assert "plan_ended" not in case.kinds(), "it is watched"


def one_rule_alone_never_writes(world, people, folder):
    case = Case(world, people, folder, "mallory", confirmed=False)
    case.promote(KEY_ACTION)
    ends = case.turn()
    assert ends[KEY_ACTION] == "waits", ends
    assert case.key_status() == "Active"


def logs_of_last_week_are_no_reason_to_act(world, people, folder):
    case = Case(world, people, folder, "niaj", age=7 * 86400)
    case.promote(KEY_ACTION)
    assert case.turn()[KEY_ACTION] == "waits" and case.key_status() == "Active"


def a_table_that_asks_for_two_gets_two(world, people, folder):
    case = Case(world, people, folder, "olivia")
    case.write("content/autonomy.yaml", "rows:\n  - {then: two}\n")
    case.promote(KEY_ACTION)
    case.turn()
    case.run("approve", case.incident)  # one, and nobody checked who
    assert case.turn()[KEY_ACTION] == "waits" and case.key_status() == "Active"


def who_refuses_has_answered(world, people, folder):
    case = Case(world, people, folder, "rupert")
    case.turn()
    case.run("reject", case.incident, "--reason", "it is ours")
    assert case.turn()[KEY_ACTION] == "waits" and case.key_status() == "Active"
    assert case.kinds().count("approval_asked") == 1 and "approval_timed_out" not in case.kinds()


def who_cuts_off_others_asks(world, people, folder):
    """The key of a user of whom AWS says that it does other things, too; and one of whom it does not
    say anything, which is not that nobody uses it, and stops nothing."""
    def ago(days):
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - days * 86400))

    def plan_of(case):
        status = json.loads(case.run("status", case.incident, "--json"))
        [plan] = status.get("plans", [status])
        return next(each for each in plan["document"]["steps"] if each["action"] == KEY_ACTION)

    case = Case(world, people, folder, "bernard")
    case.iam.tag_user(UserName="bernard", Tags=[
        {"Key": "used:s3", "Value": ago(6)}, {"Key": "used:iam", "Value": ago(0)},
        {"Key": "used:sqs", "Value": ago(40)}])
    case.promote(KEY_ACTION)
    ends = case.turn()
    assert ends[KEY_ACTION] == "waits" and case.key_status() == "Active", ends
    step = plan_of(case)
    assert step["class"] == "disruptive" and "s3 at" in step["because"][0], step
    assert "before this incident" in step["because"][0] and "sqs" not in step["because"][0], step
    assert any("up to 4 hours late" in each for each in step["used"]), step
    assert any("from ip/203.0.113.77" in each for each in step["used"]), step
    shown = case.run("status", case.incident)
    assert "something else may use it: s3" in shown and "Used" in shown, shown
    case.run("approve", case.incident)
    assert case.turn()[KEY_ACTION] == "done" and case.key_status() == "Inactive"

    world.proxy.inject("iam.GenerateServiceLastAccessedDetails", "denied", times=1000)
    case = Case(world, people, folder, "quentin")
    case.promote(KEY_ACTION)
    assert case.turn()[KEY_ACTION] == "done" and case.key_status() == "Inactive"
    world.proxy.inject_nothing()
    step = plan_of(case)
    assert step["class"] == "reversible", step
    assert any("Not known whether anything else uses it: iam.Generate" in each
               for each in step["used"]), step


def the_last_administrator_is_not_cut_off(world, people, folder):
    """Neither by the engine nor by people, while nobody else administers the account; once somebody
    does the engine plans it anew. Who might, or who is not known, is a question for people."""
    case = Case(world, people, folder, "dolores")
    case.promote(DENY_ACTION)
    everything = json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "*", "Resource": "*"}]})
    policy = case.iam.create_policy(PolicyName="all", PolicyDocument=everything)["Policy"]["Arn"]
    case.iam.attach_user_policy(UserName="dolores", PolicyArn=policy)
    # Of the attacker, so it does not count; a role that people of the account may take is a maybe.
    case.iam.create_user(UserName="dolores2")
    case.iam.attach_user_policy(UserName="dolores2", PolicyArn=policy)
    made = event("dolores", case.key, 4, "iam", "CreateAccessKey", {"userName": "dolores2"})
    made["responseElements"] = {"accessKey": {"userName": "dolores2", "status": "Active",
                                              "accessKeyId": case.iam.create_access_key(
                                                  UserName="dolores2")["AccessKey"]["AccessKeyId"]}}
    case.replay([made])

    def deny():
        told = json.loads(case.run("plan", case.incident, "--do", f"{DENY_ACTION}@aws:user/{ACCOUNT}/"
                                   "dolores", "--json", ends=(0, 3)))
        [step] = told["document"]["steps"]
        return step

    refused = deny()
    assert "last administrator" in refused["lacks"][0] and not refused["calls"], refused
    assert case.turn()[DENY_ACTION] == "failed" and not case.policies()

    trust = {"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}}]}
    case.iam.create_role(RoleName="admin", AssumeRolePolicyDocument=json.dumps(trust))
    case.iam.put_role_policy(RoleName="admin", PolicyName="all", PolicyDocument=everything)
    asks = deny()
    assert asks["calls"] and asks["class"] == "disruptive", asks
    assert any("aws:role" in each and "not known" in each for each in asks["because"]), asks

    case.write("content/context.yaml", "break_glass: [Admi*]\n")
    step = deny()
    assert step["calls"] and step["class"] == "reversible", step
    assert any("Another administrator is left: aws:role/" in each for each in step["used"]), step
    world.proxy.inject("iam.GetAccountAuthorizationDetails", "denied", times=1000)
    step = deny()
    world.proxy.inject_nothing()
    assert step["class"] == "disruptive" and "not known" in step["because"][0], step
    if CLOCK_AHEAD:
        page = ProgramPage(CLOCK_AHEAD, os.path.join(case.state, "page"))
        page.ahead = 70
        case.later = page.environment()
        assert case.turn()[DENY_ACTION] == "done" and len(case.policies()) == 1


def what_nobody_inventoried_asks(world, people, folder):
    case = Case(world, people, folder, "oscar", inventoried=False)
    case.run("autonomy", "promote", KEY_ACTION, "--account", ACCOUNT, "--reason", "tried")
    ends = case.turn()
    assert ends[KEY_ACTION] == "waits" and case.key_status() == "Active", ends
    # A person who says yes is enough, whoever does it then.
    case.run("approve", case.incident)
    ends = case.turn()
    assert ends[KEY_ACTION] == "done" and case.key_status() == "Inactive", ends


def the_kill_switch_stops_the_engine(world, people, folder):
    case = Case(world, people, folder, "trudy")
    case.promote(KEY_ACTION)
    case.run("killswitch", "pull", "--reason", "test")
    ends = case.turn()
    assert ends[KEY_ACTION] == "stopped" and case.key_status() == "Active", ends


def an_aborted_plan_is_not_made_again(world, people, folder):
    case = Case(world, people, folder, "victor")
    case.turn()
    case.run("abort", case.incident, "--reason", "it is a test of ours")
    case.promote(KEY_ACTION)
    assert case.turn() == {} and case.key_status() == "Active"
    assert case.kinds().count("plan_made") == 1


def who_does_not_answer_is_passed_over(world, people, folder):
    case = Case(world, people, folder, "peggy")
    with open(os.path.join(os.path.dirname(__file__), "../../content/autonomy.yaml"),
              encoding="utf-8") as own:
        rows = own.read().split("ask:")[0]
    case.write("content/autonomy.yaml",
               rows + "ask:\n  - {role: commander, within: 1s}\n  - {role: deputy, within: 1s}\n")
    case.run("incident", "role", case.incident, "commander", "carol")

    def asked():
        told = json.loads(case.run("timeline", case.incident, "--json"))["entries"]
        return [each["text"] for each in told
                if each["kind"] in ("approval_asked", "approval_timed_out")]

    for _ in range(4):
        case.turn()
        time.sleep(1.1)
    words = ["commander (carol)", "now asked: deputy", "of deputy", "Nobody approved"]
    said = asked()
    assert len(said) == len(words), said
    assert all(word in text for word, text in zip(words, said)), said
    assert case.key_status() == "Active", "nobody said yes"


def what_could_not_be_seen_is_planned_anew(world, people, folder):
    if not CLOCK_AHEAD:
        return
    case = Case(world, people, folder, "heidi")
    page = ProgramPage(CLOCK_AHEAD, os.path.join(case.state, "page"))
    case.promote(KEY_ACTION)
    world.proxy.inject("iam.GetAccessKeyLastUsed", "denied", times=1000)
    assert case.turn()[KEY_ACTION] == "failed", "nobody may look"
    world.proxy.inject_nothing()
    case.turn()
    assert case.kinds().count("plan_made") == 1, "not at once"
    page.ahead = 70
    case.later = page.environment()
    case.turn()
    assert case.key_status() == "Inactive" and case.kinds().count("plan_made") == 2

    # And one whose target has changed since it was planned.
    case = Case(world, people, folder, "ivan")
    case.turn()
    case.iam.update_access_key(UserName="ivan", AccessKeyId=case.key, Status="Inactive")
    case.promote(KEY_ACTION)
    case.turn()
    case.iam.update_access_key(UserName="ivan", AccessKeyId=case.key, Status="Active")
    page = ProgramPage(CLOCK_AHEAD, os.path.join(case.state, "page"))
    page.ahead = 200
    case.later = page.environment()
    for _ in range(3):
        case.run("respond", "--auto", "--once", ends=(0, 1))
    assert case.key_status() == "Inactive", case.kinds()


def it_goes_on_by_itself(world, people, folder):
    """A promotion that comes while it runs, and nobody gives a command again."""
    case = Case(world, people, folder, "sybil")
    environment = {**os.environ, **world.environment(), "STANCH_STATE": case.state,
                   "STANCH_CONTENT": case.content, "STANCH_CONFIG": os.devnull}
    with subprocess.Popen([STANCH, "respond", "--auto"], env=environment,
                          stdout=subprocess.DEVNULL) as engine:
        try:
            for _ in range(100):
                if "run_in_shadow" in case.kinds():
                    break
                time.sleep(0.1)
            assert case.key_status() == "Active"
            case.promote(KEY_ACTION)
            for _ in range(200):
                if case.key_status() == "Inactive":
                    break
                time.sleep(0.1)
            assert case.key_status() == "Inactive" and engine.poll() is None
        finally:
            engine.kill()


def many_incidents_at_once(world, people, folder):
    case = Case(world, people, folder, "crowd")
    keys = {"crowd": case.key}
    for number in range(1, 9):
        user = f"crowd{number}"
        keys[user] = case.make_user(user)
        case.replay(takeover(user, keys[user], 1 + 10 * number, alone=True))
    assert len(case.incidents()) == len(keys), case.incidents()
    case.promote(KEY_ACTION)
    case.run("respond", "--auto", "--once", ends=(0, 1))
    for user in keys:
        assert case.key_status(user) == "Inactive", user
    case.run("ledger", "checkpoint")
    case.run("ledger", "verify")


def what_asks_people_is_never_promoted(world, people, folder):
    case = Case(world, people, folder, "walter")
    for action in ("aws.ec2.stop-instance", "aws.iam.delete-access-key", "aws.no.such-action"):
        case.promote(action, ends=(2, 3))


def each_duty_has_its_role(world, people, folder):
    """As a hub: what looks, takes evidence and changes things does so as three roles, made by the
    template that `stanch permissions` prints."""
    case = Case(world, people, folder, "uma")
    case.promote(KEY_ACTION)
    template = case.run("permissions", "--format", "cloudformation")
    world.direct("cloudformation").create_stack(
        StackName="stanch", TemplateBody=template, Capabilities=["CAPABILITY_NAMED_IAM"],
        Parameters=[{"ParameterKey": name, "ParameterValue": value} for name, value in (
            ("Hub", f"arn:aws:iam::{ACCOUNT}:user/stanch-responder"), ("Organization", "o-acme"),
            ("ExternalId", "between-us"))])
    trust = case.iam.get_role(RoleName="stanch-respond")["Role"]["AssumeRolePolicyDocument"]
    assert trust["Statement"][0]["Condition"]["StringEquals"]["sts:ExternalId"] == "between-us"
    case.later = {"STANCH_AWS_ROLES": "stanch", "STANCH_AWS_EXTERNAL_ID": "between-us"}
    before = len(world.proxy.log)
    case.turn()
    log = world.proxy.log[before:]
    asked = [each["parameters"] for each in log if each["operation"] == "AssumeRole"]
    assert {each["RoleArn"] for each in asked} == {
        f"arn:aws:iam::{ACCOUNT}:role/stanch-{duty}" for duty in ("read", "respond")}, asked
    assert all(each["ExternalId"] == "between-us" for each in asked), asked
    own = world.responder.access_key_id
    writers = {each["access_key_id"] for each in log if each["accepted"]}
    readers = {each["access_key_id"] for each in log
               if not each["writes"] and each["service"] != "sts"}
    assert len(writers) == len(readers) == 1 and not writers & readers, (writers, readers)
    assert own not in writers | readers and case.key_status() == "Inactive"
    assert {each["operation"] for each in log if each["access_key_id"] == own} == {
        "GetCallerIdentity", "AssumeRole"}


def what_the_contained_make_wakes_nobody_again(world, people, folder):
    case = Case(world, people, folder, "wendy")
    with open(os.path.join(os.path.dirname(__file__), "../../content/autonomy.yaml"),
              encoding="utf-8") as own:
        case.write("content/autonomy.yaml", own.read().replace("targets: 3", "targets: 1"))
    case.turn()
    case.run("approve", case.incident)
    assert case.turn()[KEY_ACTION] == "done" and case.key_status() == "Inactive"

    def mint(user, number):
        key = case.make_user(user)
        made = event("wendy", case.key, number, "iam", "CreateAccessKey", {"userName": user})
        made["responseElements"] = {"accessKey": {
            "accessKeyId": key, "userName": user, "status": "Active",
            "createDate": "Nov 24, 2026 10:00:00 AM"}}
        case.replay([made])
        case.turn()
        return key

    mint("wendy2", 5)
    assert case.key_status("wendy2") == "Inactive", "an approval lets it go"
    assert case.kinds().count("approval_asked") == 1, case.kinds()
    mint("wendy3", 6)
    assert case.key_status("wendy3") == "Active", "one thing more, and no others"
    assert case.kinds().count("approval_asked") == 2, case.kinds()


tell(STANCH, (
    shadow_then_promoted_then_demoted, one_rule_alone_never_writes,
    logs_of_last_week_are_no_reason_to_act, a_table_that_asks_for_two_gets_two,
    who_refuses_has_answered, who_cuts_off_others_asks,
    the_last_administrator_is_not_cut_off, what_nobody_inventoried_asks,
    the_kill_switch_stops_the_engine,
    an_aborted_plan_is_not_made_again, who_does_not_answer_is_passed_over,
    what_could_not_be_seen_is_planned_anew, it_goes_on_by_itself, many_incidents_at_once,
    each_duty_has_its_role, what_asks_people_is_never_promoted,
    what_the_contained_make_wakes_nobody_again,
))
