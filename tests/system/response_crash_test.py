#!/usr/bin/env python3
"""A plan of many actions, applied on a simulated AWS and killed: at each call that changes a file, and
as each request arrives, is done and is answered. Whoever comes next ends it, and boto3, the proxy
and the ledger tell whether all of it was done, and nothing twice.

usage: response_crash_test.py STANCH CLOCK_AHEAD VENV [POINT…]

CLOCK_AHEAD is the library of clock_ahead.cc. A POINT is what a failure names: "undo:done:17".
STANCH_CRASH_TRIALS says how many of all points are tried: 60, or 3,000 with STANCH_FAULTS=1.
Skipped (77) without VENV.

Most trials go one step at a time, so that what a request left behind on the disk can be told: those
of "apply-at-once" and "undo-at-once" go as the program does by itself, four steps at once.
"""
import collections
import contextlib
import multiprocessing
import os
import shutil
import signal
import sys
import tempfile
import time
import traceback

import build_venv

build_venv.enter(sys.argv[3], "moto")

from action_cases import CASES, People, Seeder
from moto_world import World
from program_page import ProgramPage
from responder import Responder

STANCH, LIBRARY, POINTS = sys.argv[1], sys.argv[2], sys.argv[4:]
TRIALS = int(os.environ.get("STANCH_CRASH_TRIALS",
                            3000 if os.environ.get("STANCH_FAULTS") else 60))
WORKERS = int(os.environ.get("STANCH_CRASH_WORKERS", 2))
# The steps of the plan: within the budget of an incident, and of each kind one.
STEPS = (
    "aws.ec2.remove-instance-profile",
    "aws.ec2.protect-instance",
    "aws.ec2.require-imdsv2",
    "aws.ec2.disassociate-address",
    "aws.ec2.unshare-snapshot",
    "aws.ec2.unshare-image",
    "aws.lambda.throttle-function",
    "aws.lambda.remove-foreign-permissions",
    "aws.kms.disable-key",
    "aws.kms.cancel-key-deletion",
    "aws.rds.make-instance-private",
    "aws.rds.unshare-snapshot",
    "aws.s3.deny-changes",
    "aws.s3.enable-versioning",
    "aws.s3.pause-expiry",
    "aws.iam.deny-user",
    "aws.iam.deactivate-access-key",
    "aws.iam.revoke-role-sessions",
    "aws.ec2.snapshot-volumes",
    "aws.autoscaling.detach-instance",
    "aws.ec2.isolate-instance",
    "aws.s3.block-public-access",
    "aws.cloudtrail.restore-logging",
)


def chosen_cases():
    seen = set()
    for case in CASES:
        if case.action in STEPS and case.action not in seen and case.is_by_user():
            seen.add(case.action)
            yield case


class Story:
    """An approved plan, of the actions ("apply") or of taking them back ("undo"), and a world to which
    each trial goes back.
    """

    def __init__(self, stack):
        self.folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="stanch_crash_"))
        self.world = stack.enter_context(World())
        self.page = ProgramPage(LIBRARY, os.path.join(self.folder, "page"))
        self.world.proxy.page = self.page
        seeder = Seeder(self.world)
        self.cases = [(case, case.seed(seeder)) for case in chosen_cases()]
        self.before = [subject.look() for _, subject in self.cases]
        self.stanch = Responder(STANCH, self.world, People(self.folder, seeder.role), self.page,
                                os.path.join(self.folder, "state"))
        self.program, self.point, self.seen, self.wrong = None, None, collections.Counter(), []
        self.world.proxy.at_moment = self.at_moment
        self.stanch.make_plan(self.cases)
        self.keep("apply")

    def turn_to_undo(self):
        self.run(None)
        self.stanch.run("undo", self.stanch.incident)
        self.stanch.approve()
        self.keep("undo")

    def keep(self, kind):
        self.kind, self.at_once, self.kept = kind, 1, os.path.join(self.folder, kind)
        shutil.copytree(self.stanch.state, self.kept)
        self.world.keep()
        self.start = self.page.now()
        self.run(None)
        self.calls, self.ordinary, self.writes = self.calls_now, self.seen, self.count_writes()

    # In the threads of the proxy.
    def at_moment(self, moment, entry):
        if moment == "arrived" and entry["writes"]:
            wrong = self.stanch.why_not_intended(entry, checks_files=self.at_once == 1)
            self.wrong += [wrong] if wrong else []
        program, point = self.program, self.point
        if program is None:
            return False
        names = [moment, "late"] if moment == "arrived" and entry["writes"] else [moment]
        self.seen.update(names)
        if point is None or point[0] not in names or self.seen[point[0]] != point[1]:
            return False
        self.program = None
        program.kill()
        program.wait()
        if point[0] == "late":
            self.world.proxy.deliver_late(entry)
        return True

    def run(self, point):
        """Whether the program was killed; what is wrong is raised."""
        self.world.back()
        self.wrong, self.seen = [], collections.Counter()
        shutil.rmtree(self.stanch.state, ignore_errors=True)
        shutil.copytree(self.kept, self.stanch.state)
        self.page.ahead = self.start - time.time()
        kill = {}
        if point is not None and point[0] in ("call", "tear"):
            kill = {("kill_at" if point[0] == "call" else "tear_at"): point[1]}
        self.point = None if kill else point
        first = self.program = self.stanch.start("apply", self.stanch.incident, "--at-once",
                                                 str(self.at_once), **kill)
        said, errors = first.communicate(timeout=200)
        self.program, self.calls_now = None, self.page.calls
        was_killed = first.returncode == -signal.SIGKILL
        if was_killed:
            self.stanch.run("apply", self.stanch.incident, "--at-once", str(self.at_once))
        elif first.returncode != 0:
            raise AssertionError(f"apply ended with {first.returncode}\n{said}{errors}")
        self.world.proxy.deliver_rest()
        self.check(point)
        return was_killed

    def count_writes(self):
        """By operation."""
        counts = collections.Counter()
        for (operation, _, _), count in self.world.proxy.writes().items():
            counts[operation] += count
        return counts

    def check(self, point):
        assert not self.wrong, self.wrong[0]
        for (case, subject), before in zip(self.cases, self.before):
            seen = subject.look()
            if self.kind.startswith("apply") or not case.undo:
                assert case.is_so(seen), f"{case.action} is not so: {seen}"
            else:
                wanted = before if case.after_undo is None else case.after_undo
                assert seen == wanted, f"{case.action} was {wanted}, is {seen}"
        for step in self.stanch.steps():
            assert step["verified"], f"not verified: {step}"
        self.stanch.run("ledger", "verify")
        refused = [each for each in self.world.proxy.log if each["refused"]]
        assert not refused, f"refused: {refused}"
        undeclared = self.stanch.why_not_declared()
        assert undeclared is None, undeclared
        # Those that were interrupted may have been done again; and of one kind one may have been left
        # out, where a look in between shows that it is not needed: moto's new groups let nothing out
        # over IPv6.
        if point is not None:
            more = self.count_writes() - self.writes
            assert sum(more.values()) <= self.at_once, f"{more}: more than without a crash"
            left_out = self.writes - self.count_writes()
            assert left_out in ({}, {"ec2.RevokeSecurityGroupEgress": 1}), f"{left_out}: left out"

    def points(self):
        counts = {"call": self.calls, "tear": self.calls,
                  **{each: self.ordinary[each] for each in ("arrived", "done", "answered", "late")}}
        return [(kind, number) for kind, count in counts.items()
                for number in range(1, count + 1)]

    def sample(self, count):
        """Evenly: one half of calls that change files, the other of requests."""
        points = self.points()
        files = [each for each in points if each[0] in ("call", "tear")]
        requests = [each for each in points if each not in files]
        of_requests = min(count // 2, len(requests))
        return evenly(files, count - of_requests) + evenly(requests, of_requests)


def evenly(points, count):
    count = min(count, len(points))
    return [points[index * len(points) // count] for index in range(count)]


def work(worker, told):
    try:
        with contextlib.ExitStack() as stack:
            story = Story(stack)
            try_points(story, worker, TRIALS // 2, told)
            try_at_once(story, worker, told)
            if not POINTS or any(each.startswith("undo") for each in POINTS):
                story.turn_to_undo()
                try_points(story, worker, TRIALS // 4, told)
                try_at_once(story, worker, told)
    except BaseException:
        told.put(("failed", "story", traceback.format_exc()))
    told.put(None)


def try_at_once(story, worker, told):
    kind = story.kind
    story.kind, story.at_once = kind + "-at-once", 4
    try_points(story, worker, TRIALS // 8, told)
    story.kind, story.at_once = kind, 1


def try_points(story, worker, count, told):
    named = [tuple(each.split(":")) for each in POINTS]
    points = [(of, int(number)) for kind, of, number in named if kind == story.kind]
    points = points if POINTS else story.sample(count)
    if worker == 0:
        told.put(("points", story.kind, len(points), len(story.points()), len(story.cases)))
    for point in points[worker::WORKERS]:
        tell_trial(story, point, told)


def tell_trial(story, point, told):
    name = f"{story.kind}:{point[0]}:{point[1]}"
    try:
        was_killed = story.run(point)
        told.put(("killed" if was_killed else "not killed", name, story.page.now() - story.start))
    except Exception as error:
        where = traceback.extract_tb(error.__traceback__)[-1].name
        told.put(("failed", name, f"{type(error).__name__} in {where}: {error}"))


def main():
    began = time.monotonic()
    told = multiprocessing.get_context("fork").Queue()
    workers = [multiprocessing.get_context("fork").Process(target=work, args=(each, told))
               for each in range(WORKERS)]
    for each in workers:
        each.start()
    outcomes, open_workers, waited = collections.Counter(), WORKERS, 0
    while open_workers:
        said = told.get()
        if said is None:
            open_workers -= 1
        elif said[0] == "points":
            _, kind, tried, count, steps = said
            print(f"{kind}: {steps} steps, {count} points, {tried} tried", flush=True)
        else:
            outcomes[said[0]] += 1
            if said[0] == "failed":
                print(f"{said[1]}: {said[2]}\n", flush=True)
            else:
                waited += said[2] > 600
    for each in workers:
        each.join()
    print(f"{sum(outcomes.values())} trials in {time.monotonic() - began:.0f} s: "
          + ", ".join(f"{count} {name}" for name, count in sorted(outcomes.items()))
          + f"; {waited} waited for a signature to end")
    sys.exit(1 if outcomes["failed"] or not outcomes["killed"] else 0)


main()
