#!/usr/bin/env python3
"""`stanch timeline`, `metrics` and `report`, by the built program, as people use them.

learn_test.py PROGRAM SOURCE
"""

import csv
import hashlib
import io
import json
import os
import re
import pathlib
import subprocess
import sys
import tempfile

PROGRAM, SOURCE = sys.argv[1], pathlib.Path(sys.argv[2])
RECORDINGS = str(SOURCE / "tests/demo/recordings")
checks = 0

# What somebody who wants to harm the reader writes into whatever he can.
HOSTILE = ("=cmd|'/c calc'!A1 \x1b]0;owned\x07\x1b[2J <script>alert(1)</script> '; DROP TABLE x;-- "
           "../../etc/passwd ![i](http://evil.example/i.png) [l](javascript:alert(1)) | `x` \u202e")


def check(condition, what):
    global checks
    checks += 1
    if not condition:
        sys.exit(f"learn_test: {what}")


class World:
    """A state folder, and who gives the commands."""

    def __init__(self, folder, user="alice"):
        self.folder = pathlib.Path(folder)
        self.environment = {"PATH": os.environ["PATH"], "HOME": folder, "USER": user,
                            "STANCH_STATE": folder + "/state"}

    def run(self, *arguments, ok=True, stdin=None):
        done = subprocess.run([PROGRAM, *arguments], env=self.environment, input=stdin,
                              capture_output=True, check=False)
        out, err = done.stdout.decode(), done.stderr.decode()
        check((done.returncode == 0) == ok, f"{arguments}: {done.returncode}\n{out}\n{err}")
        return out if ok else err

    def json(self, *arguments):
        return json.loads(self.run(*arguments, "--json"))


def is_inert(text):
    """Nothing that moves a terminal, hides or turns the reading direction."""
    return all(c == "\n" or (c >= " " and c not in "\x7f\u202e") for c in text)


def timeline_is_the_entries(world, incident):
    short = incident[:10]
    world.run("incident", "ack", short, "--comment", "on it")
    whole = world.json("timeline", short)
    check(whole["schema"] == "stanch.timeline/1" and whole["incident"] == incident, "its document")
    shown = world.json("incident", "show", short)
    entries = whole["entries"]
    check(len(entries) == shown["entries"], "a line for each entry")
    check([entry["sequence"] for entry in entries] == list(range(len(entries))), "in order")
    check(entries[0]["kind"] == "incident_opened", "the first opens it")
    check(entries[-1]["text"] == "Acknowledged: alice works on it; on it", "the last: just now")
    text = world.run("timeline", short)
    lines = [line for line in text.splitlines() if line[:2] == "  " and line[2:4].isdigit()]
    check(len(lines) == len(entries), "a line each")
    check("alice works on it; on it" in text and " UTC\n" in text, "in words, by day")
    none = world.json("timeline", short, "--since", "2200-01-01")
    check(none["entries"] == [] and none["outside"] == shown["entries"], "cut by time, and counted")
    late = world.json("timeline", short, "--since", "1h")
    check([entry["kind"] for entry in late["entries"]] == ["acknowledged"], "of the last hour")
    check("no time" in world.run("timeline", short, "--since", "soon", ok=False), "not a time")
    check("not before" in world.run("timeline", short, "--since", "1h", "--until", "2h", ok=False),
          "the wrong way round")


def prefix_names_one(world):
    rows = world.json("incident", "list", "--all")["incidents"]
    error = world.run("timeline", "inc-", ok=False)
    check(all(row["incident"] in error for row in rows[:2]), f"candidates are named: {error}")
    check("there is no incident" in world.run("timeline", "inc-zzzz", ok=False), "unknown")


def texts_are_inert(world):
    hand = world.json("incident", "open", HOSTILE, "--source", HOSTILE)["incident"]
    world.run("incident", "note", hand, "--", "-", stdin=HOSTILE.encode())
    world.run("incident", "note", hand, "--privileged", "COUNSEL")
    for arguments in (("timeline", hand), ("timeline", hand, "--json"), ("metrics",)):
        check(is_inert(world.run(*arguments)), f"inert: {arguments}")
    table = world.run("timeline", hand, "--format", "csv")
    check(is_inert(table.replace("\r\n", "\n")), "inert CSV")
    cells = [cell for row in csv.reader(io.StringIO(table)) for cell in row]
    check(all(not cell.startswith(tuple("=+-@\t\r")) for cell in cells), "no cell is a formula")
    check(sum("DROP TABLE" in cell for cell in cells) == 2, "but all of it is there")
    check("COUNSEL" not in world.run("timeline", hand) + table, "counsel's note stays out")
    check("COUNSEL" in world.run("timeline", hand, "--privileged"), "unless asked for")
    return hand


def erased_is_a_gap(world, hand):
    world.run("ledger", "erase", f"incident/{hand}/2", "--authority", "GDPR", "--reason", "request 9")
    gap = world.json("timeline", hand)["entries"][2]
    check(gap["text"] == "note: erased: GDPR, request 9" and gap["telling"] == "erased", f"{gap}")


def restricted_is_for_named_people(world, hand):
    world.run("incident", "restrict", hand, "alice", "--reason", "insider")
    check("restricted to named people" in world.run("timeline", hand, ok=False), "refused")
    check(world.json("timeline", hand, "--restricted")["entries"], "shown to who says so")
    check("--restricted says" in world.run("incident", "restrict", hand, "--reason", "x", ok=False),
          "lifted by nobody else")
    world.run("incident", "restrict", hand, "--restricted", "--reason", "it was none")


def metrics_are_of_the_ledger(world, incident):
    before = world.json("metrics")
    check(before["schema"] == "stanch.metrics/1", "its document")
    rows = world.json("incident", "list", "--all")["incidents"]
    everyone = before["real"]["all"]
    check(everyone["cases"] + before["merged"] == len(rows), "every incident")
    check(everyone["measures"]["acknowledge"]["n"] == 1, "one was taken")
    check(everyone["measures"]["contain"]["open"] == everyone["open"], "none is contained")
    for status in ("containing", "contained_watching"):
        world.run("incident", "move", incident, status)
    after = world.json("metrics")["real"]
    check(after["all"]["measures"]["contain"]["n"] == 1, "one is contained")
    worst = [row for row in after["severities"] if row["severity"] == "S1"][0]
    check(worst["measures"]["contain"]["n"] == 1 and worst["cases"] >= 1, "and is S1")
    check(after["all"]["measures"]["waiting"]["n"] == 1, "with who was waited for")
    drill = world.json("incident", "open", "Exercise", "--drill")["incident"]
    world.run("incident", "ack", drill)
    apart = world.json("metrics")
    check(apart["real"]["all"]["cases"] == after["all"]["cases"], "exercises are apart")
    check(apart["drills"]["all"]["cases"] == 1, "and counted")
    early = world.json("metrics", "--until", "2001-01-01")
    check(early["outside"] + early["merged"] == len(rows) + 1, f"a window {early['outside']}")
    text = world.run("metrics")
    for words in ("to contain, verified", "S1 Critical", "Exercises", "machine at work",
                  "waiting for the source"):
        check(words in text, f"the table has {words}")
    check(max(map(len, text.splitlines())) <= 80, "80 columns")
    check("erased" in text, "what was erased is said")


def report_is_whole(world, incident, hand):
    before = world.json("incident", "show", incident)["entries"]
    page = world.run("report", incident, "--format", "html")
    check(page.startswith("<!doctype html>") and page.endswith("</html>\n"), "a page")
    check(world.json("incident", "show", incident)["entries"] == before, "nothing is written")
    path = world.folder / "report.html"
    world.run("report", incident, "--format", "html", "-o", str(path), "--record")
    last = world.json("timeline", incident)["entries"][-1]
    check(last["kind"] == "report_made", "recorded")
    check(hashlib.sha256(path.read_bytes()).hexdigest()[:12] in last["text"], f"by hash: {last}")
    document = world.json("report", incident)
    check(document["schema"] == "stanch.report/1", "its document")
    check(document["incident"]["incident"] == incident, "holds the incident")
    check(len(document["timeline"]["entries"]) == before + 1, "and its timeline")
    for arguments in (("report", hand), ("report", hand, "--format", "html"),
                      ("report", hand, "--json")):
        text = world.run(*arguments)
        check(is_inert(text), f"inert: {arguments}")
        check(not re.search(r"(?<!\\)<script", text) or "--json" in arguments, "no script")
        check("COUNSEL" not in text, "nothing for counsel")
        check("COUNSEL" in world.run(*arguments, "--privileged"), "unless asked for")
    secret = world.folder / "privileged.md"
    world.run("report", hand, "--privileged", "-o", str(secret))
    check(secret.stat().st_mode & 0o077 == 0, "what is for few is readable for few")
    world.run("incident", "restrict", hand, "alice", "--reason", "insider")
    check("restricted to named people" in world.run("report", hand, ok=False), "refused")
    check("For alice alone" in world.run("report", hand, "--restricted"), "marked")
    check("the report:" in world.run("report", incident, "-o", "/nowhere/at/all", ok=False),
          "cannot be written")


def main():
    with tempfile.TemporaryDirectory() as folder:
        world = World(folder)
        check("ledger init" in world.run("metrics", ok=False), "no ledger yet, and what to do")
        world.run("replay", "-q", RECORDINGS)
        incident = world.json("incident", "list")["incidents"][0]["incident"]
        timeline_is_the_entries(world, incident)
        prefix_names_one(world)
        hand = texts_are_inert(world)
        erased_is_a_gap(world, hand)
        restricted_is_for_named_people(world, hand)
        metrics_are_of_the_ledger(world, incident)
        report_is_whole(world, incident, hand)
        world.run("ledger", "verify", "-q")
    print(f"learn_test: {checks} checks passed")


main()
