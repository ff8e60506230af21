#!/usr/bin/env python3
"""Each action of the content met by each fault, on a simulated AWS: what comes of it, against a table
that people review; and that the program never says what is not so.

usage: fault_matrix_test.py STANCH CLOCK_AHEAD VENV TABLE [ACTION [FAULT]]

TABLE is tests/golden/response/faults.txt; its end says how to read it. Without STANCH_FAULTS=1 only
some actions are met by most faults. STANCH_UPDATE=1 writes into the table what was found.
Skipped (77) without VENV.
"""
import contextlib
import dataclasses
import datetime
import multiprocessing
import os
import shutil
import sys
import tempfile
import time
import traceback

import build_venv

build_venv.enter(sys.argv[3], "moto")

from action_cases import CASES, People, Seeder
from moto_world import World
from program_page import ProgramPage
from responder import Responder, fits

STANCH, LIBRARY, TABLE = sys.argv[1], sys.argv[2], sys.argv[4]
ONLY, ONLY_FAULT = (sys.argv[5:7] + ["", ""])[:2]
UPDATE = os.environ.get("STANCH_UPDATE") == "1"
ALL = bool(ONLY) or bool(os.environ.get("STANCH_FAULTS"))
WORKERS = int(os.environ.get("STANCH_MATRIX_WORKERS", 2))
# A mark, a name of our own and calls that follow, a desired state, and a list of which each is one.
ORDINARY = ("aws.ec2.snapshot-volumes", "aws.ec2.isolate-instance",
            "aws.iam.deactivate-access-key", "aws.lambda.remove-foreign-permissions")
SECONDS_MAX = 200         # of real time, for one command: hundreds of looks, on a busy machine
AHEAD_MAX = 150 * 60      # of its own: eight attempts, whose signatures hold for 15 minutes each
LONG = 5 * 60             # nothing but a signature that may still be valid is waited for so long
FOR_EVER = 10_000


@dataclasses.dataclass(frozen=True)
class Fault:
    name: str
    of: str = ""         # "write" or "read": the first of the action
    kind: str = ""       # of recording_proxy.py; "" moves the clock of AWS
    options: dict = dataclasses.field(default_factory=dict)
    clock_ahead: int = 0  # seconds

    def takes_long(self):
        """Each attempt waits for a signature to end, and looks meanwhile: hundreds of looks."""
        return (self.of == "write" and self.options.get("times") == FOR_EVER
                and self.kind in ("internal_error", "unavailable", "reset"))


def of_both(name, kind, **options):
    return [Fault(f"{of}: {name}", of, kind, options) for of in ("write", "read")]


FAULTS = [
    *of_both("429", "too_many_requests"),
    *of_both("429, Retry-After: 7", "too_many_requests", retry_after=7),
    *of_both("throttled, three times", "throttled", times=3),
    *of_both("throttled for ever", "throttled", times=FOR_EVER),
    *of_both("500", "internal_error"),
    Fault("write: 500, though it was done", "write", "internal_error", {"after": True}),
    *of_both("500 for ever", "internal_error", times=FOR_EVER),
    *of_both("503", "unavailable"),
    Fault("write: 503, though it was done", "write", "unavailable", {"after": True}),
    *of_both("503 for ever", "unavailable", times=FOR_EVER),
    *of_both("reset", "reset"),
    Fault("write: reset, once it was done", "write", "reset", {"after": True}),
    *of_both("reset for ever", "reset", times=FOR_EVER),
    *of_both("no answer for 90 s", "delay", seconds=90.0),
    Fault("write: done, but no answer for 90 s", "write", "delay",
          {"seconds": 90.0, "after": True}),
    *of_both("half the answer", "cut"),
    *of_both("nobody can read it", "malformed"),
    *of_both("200, and an error in it", "error_in_200"),
    Fault("write: done twice", "write", "duplicate"),
    Fault("read: as before the write, twice", "stale", "stale", {"times": 2}),
    *of_both("denied", "denied", times=FOR_EVER),
    *of_both("denied once", "denied"),
    *of_both("the token has expired", "expired", times=FOR_EVER),
    Fault("clock: an hour ahead of ours", clock_ahead=3600),
    Fault("clock: an hour behind ours", clock_ahead=-3600),
]

LEGEND = """
d  done, verified: boto3 says so too     n  failed, nothing was written     f  failed, something was
N  F  and --retry does not do it once the fault is over
*  after it waited until signatures could not hold any more: 15 minutes for each attempt
-  the action does no such call          ?  not tried yet: held to what must never be alone
"""


class Row:
    """An action, with its plan approved, and a ledger that each cell copies."""

    def __init__(self, matrix, case, subject, number):
        self.matrix, self.case, self.subject = matrix, case, subject
        self.name, self.before = case.action, subject.look()
        self.kept = os.path.join(matrix.folder, f"kept{number}")
        self.stanch = Responder(STANCH, matrix.world, matrix.people, matrix.page, self.kept)
        self.stanch.make_plan([(case, subject)])

    def find_calls(self):
        """The first read, and the first write of the action itself: evidence may come before it."""
        assert self.apply(None) == 0, f"{self.name} fails without a fault"
        self.read = next("{service}.{operation}".format(**each)
                         for each in self.matrix.world.proxy.log
                         if each["service"] != "sts" and not each["writes"])
        self.step = self.stanch.steps()[-1]["step"]
        self.write = next((each["operation"].replace(":", ".") for each in self.intentions()),
                          None)

    def intentions(self):
        return [each for each in self.stanch.intentions()[0].values()
                if each["step"] == self.step]

    def has_written(self):
        return any(entry["accepted"] and any(fits(each, entry) for each in self.intentions())
                   for entry in self.matrix.world.proxy.log)

    def apply(self, fault):
        """In a world where it was only planned. Its exit code."""
        self.matrix.reset()
        self.stanch.state = os.path.join(self.matrix.folder, "state")
        shutil.rmtree(self.stanch.state, ignore_errors=True)
        shutil.copytree(self.kept, self.stanch.state)
        if fault is not None:
            self.inject(fault)
        code, self.said, self.errors = self.stanch.ends("apply", self.stanch.incident,
                                                        within=SECONDS_MAX)
        assert code in (0, 1), f"ended with {code}: {self.said}{self.errors}"
        return code

    def inject(self, fault):
        proxy = self.matrix.world.proxy
        if not fault.kind:
            proxy.clock_ahead = datetime.timedelta(seconds=fault.clock_ahead)
        elif fault.of == "stale":
            proxy.inject(self.read, "stale", since=self.write, **fault.options)
        else:
            proxy.inject(getattr(self, fault.of), fault.kind, **fault.options)

    def applies(self, fault):
        wanted = {"write": [self.write], "read": [self.read], "stale": [self.write, self.read],
                  "": []}[fault.of]
        return all(wanted)

    def cell(self, fault):
        if not self.applies(fault):
            return "-"
        self.wrong = []
        self.matrix.world.proxy.at_moment = self.at_moment
        code = self.apply(fault)
        took = self.matrix.page.now() - self.matrix.start
        waited = "*" if took > LONG else ""
        self.matrix.world.proxy.deliver_rest()
        assert not self.wrong, self.wrong[0]
        assert took < AHEAD_MAX, f"it took {took:.0f} s"
        self.check_retry_after(fault)
        seen = self.subject.look()
        was_doubled = fault.kind == "duplicate" and self.case.is_so_twice
        is_so = (self.case.is_so_twice if was_doubled else self.case.is_so)(seen)
        steps = self.stanch.steps()
        assert all(each["verified"] for each in steps) == (code == 0), f"status says {steps}"
        undeclared = self.stanch.why_not_declared()
        assert undeclared is None, undeclared
        if code == 0:
            assert is_so, f"it says that it is done: {seen}"
            return "d" + waited
        wrote = self.has_written()
        for _, _, said in self.stanch.entries("hold_returned"):
            nothing = "nothing was written" in said.get("reason", "")
            assert not (nothing and wrote), "it says that nothing was written"
        assert wrote or not self.case.writes or seen == self.before, f"it was {self.before}, is {seen}"
        word = "f" if wrote else "n"
        return (word if self.retries() else word.upper()) + waited

    def check_retry_after(self, fault):
        """The same call is not made again before the answer allowed it."""
        seconds = fault.options.get("retry_after")
        if seconds is None:
            return
        same = [each for each in self.matrix.world.proxy.log
                if "{service}.{operation}".format(**each) == getattr(self, fault.of)]
        refused = next(each for each in same if each["fault"])
        again = [each for each in same if each["number"] > refused["number"]]
        assert again, "it was not called again"
        passed = (datetime.datetime.fromisoformat(again[0]["time"])
                  - datetime.datetime.fromisoformat(refused["time"])).total_seconds()
        assert passed >= seconds, f"it was called again after {passed:.1f} s"

    def at_moment(self, moment, entry):
        # What the proxy's clock alone refuses never reached the service.
        if moment == "arrived" and entry["writes"]:
            wrong = self.stanch.why_not_intended(entry)
            self.wrong += [wrong] if wrong else []
        return False

    def retries(self):
        """Whether it is done once nothing goes wrong any more."""
        self.matrix.world.proxy.inject_nothing()
        code, _, _ = self.stanch.ends("apply", self.stanch.incident, "--retry", within=SECONDS_MAX)
        is_so = self.case.is_so(self.subject.look())
        assert is_so or code != 0, "once the fault is over it says that it is done"
        undeclared = self.stanch.why_not_declared()
        assert undeclared is None, undeclared
        return code == 0


class Matrix:
    def __init__(self, stack, names):
        self.folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="stanch_faults_"))
        self.world = stack.enter_context(World())
        self.page = ProgramPage(LIBRARY, os.path.join(self.folder, "page"))
        self.world.proxy.page = self.page
        seeder = Seeder(self.world)
        self.people = People(self.folder, seeder.role)
        cases = {case.action: case for case in reversed(CASES) if case.is_by_user()}
        seeded = [(cases[name], cases[name].seed(seeder)) for name in names]
        self.rows = [Row(self, case, subject, number)
                     for number, (case, subject) in enumerate(seeded)]
        self.world.keep()
        self.start = self.page.now()
        for row in self.rows:
            row.find_calls()

    def reset(self):
        self.world.back()
        self.world.proxy.clock_ahead = datetime.timedelta()
        self.page.ahead = self.start - time.time()


def all_actions():
    """By their names, those that read alone last."""
    cases = {case.action: case for case in CASES if case.is_by_user()}
    return sorted(cases, key=lambda name: (not cases[name].writes, name))


def chosen_actions():
    return [name for name in all_actions() if ONLY in name and (ALL or name in ORDINARY)]


def work(worker, names, told):
    try:
        with contextlib.ExitStack() as stack:
            matrix = Matrix(stack, names[worker::WORKERS])
            for row in matrix.rows:
                for fault in FAULTS:
                    if ONLY_FAULT in fault.name and (ALL or not fault.takes_long()):
                        told.put((row.name, fault.name, *tried(row, fault)))
    except BaseException:
        told.put(("", "", "!", traceback.format_exc()))
    told.put(None)


def tried(row, fault):
    try:
        return row.cell(fault), ""
    except Exception as error:
        where = traceback.extract_tb(error.__traceback__)[-1].name
        return "!", f"{type(error).__name__} in {where}: {error}"


def table_of(names, cells):
    """A row for each fault, a column for each action."""
    width = max(len(fault.name) for fault in FAULTS)
    lines = [f"{number:2}  {name}" for number, name in enumerate(names, 1)]
    lines += ["", " " * width + " " + " ".join(f"{number:3}" for number in range(1, len(names) + 1))]
    for fault in FAULTS:
        row = " ".join(f"{cells.get((name, fault.name), '?'):>3}" for name in names)
        lines.append(f"{fault.name:{width}} {row}".rstrip())
    return "\n".join(lines) + "\n" + LEGEND


def read_table(text):
    """What table_of() was of."""
    lines = text.split("\n")
    names = [line.split()[1] for line in lines[:lines.index("")]]
    cells = {}
    for line in lines[lines.index("") + 2:]:
        for fault in FAULTS:
            words = line[len(fault.name):].split()
            if line.startswith(fault.name + " ") and len(words) == len(names):
                cells.update({(name, fault.name): word for name, word in zip(names, words)})
    return cells


def main():
    began = time.monotonic()
    context = multiprocessing.get_context("fork")
    told, names, cells, failed, open_workers = context.Queue(), chosen_actions(), {}, 0, WORKERS
    workers = [context.Process(target=work, args=(each, names, told)) for each in range(WORKERS)]
    for each in workers:
        each.start()
    while open_workers:
        said = told.get()
        if said is None:
            open_workers -= 1
            continue
        action, fault, word, why = said
        cells[(action, fault)] = word
        if why:
            failed += 1
            print(f"{action}, {fault}: {why}\n", flush=True)
    for each in workers:
        each.join()
    with open(TABLE, encoding="utf-8") as file:
        wanted = read_table(file.read())
    if UPDATE:
        wanted.update(cells)
        with open(TABLE, "w", encoding="utf-8") as file:
            file.write(table_of(all_actions(), wanted))
    unknown = sum(wanted.get(cell, "?") == "?" for cell in cells)
    for cell, word in cells.items():
        if word != "!" and wanted.get(cell, "?") not in ("?", word):
            failed += 1
            print(f"{cell[0]}, {cell[1]}: is '{word}', but '{wanted.get(cell)}' in "
                  f"{os.path.basename(TABLE)}")
    print(f"{len(names)} actions, {len(cells)} cells in {time.monotonic() - began:.0f} s, "
          f"{failed} failed, {unknown} not in the table")
    sys.exit(1 if failed or not cells else 0)


main()
