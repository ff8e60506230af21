#!/usr/bin/env python3
"""`stanch replay` and `stanch incident`, by the built program, as people use them.

incident_test.py PROGRAM SOURCE
"""

import concurrent.futures
import json
import os
import pathlib
import pty
import re
import subprocess
import sys
import tempfile
import termios

PROGRAM, SOURCE = sys.argv[1], pathlib.Path(sys.argv[2])
RECORDINGS = str(SOURCE / "tests/demo/recordings")
checks = 0


def check(condition, what):
    global checks
    checks += 1
    if not condition:
        sys.exit(f"incident_test: {what}")


class World:
    """A state folder, and who gives the commands."""

    def __init__(self, folder, user="alice"):
        self.environment = {"PATH": os.environ["PATH"], "HOME": folder, "USER": user,
                            "STANCH_STATE": folder + "/state"}

    def as_user(self, user):
        other = World(self.environment["HOME"], user)
        return other

    def run(self, *arguments, ok=True, stdin=None):
        done = subprocess.run([PROGRAM, *arguments], env=self.environment, input=stdin,
                              capture_output=True, text=True, check=False)
        if ok is not None:
            check((done.returncode == 0) == ok,
                  f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done.stdout if ok else done.stderr

    def on_terminal(self, *arguments):
        """The lines that somebody sees at a terminal, without its colours."""
        master, slave = pty.openpty()
        termios.tcsetwinsize(slave, (24, 80))
        program = subprocess.Popen([PROGRAM, *arguments], env=self.environment, stdout=slave)
        os.close(slave)
        read = b""
        try:
            while piece := os.read(master, 65536):
                read += piece
        except OSError:  # its end
            pass
        os.close(master)
        check(program.wait() == 0, arguments)
        return re.sub("\x1b\\[[0-9;]*m", "", read.decode()).splitlines()

    def json(self, *arguments):
        return json.loads(self.run(*arguments, "--json"))


def rows(world, *arguments):
    return world.json("incident", "list", *arguments)["incidents"]


def replay_gives_incidents(world):
    first = world.json("replay", "-q", RECORDINGS)
    check(first["schema"] == "stanch.replay/1", "schema")
    check(first["opened"] == len(first["incidents"]) + first["merged"], "what is opened is told")
    check({"S1", "S2"} <= {row["severity"] for row in first["incidents"]}, "severities")
    again = world.json("replay", "-q", RECORDINGS)
    check(again["opened"] == 0 and again["known"] + again["aside"] == again["findings"],
          "a second replay adds nothing")
    check(again["incidents"] == first["incidents"], "and says the same")
    world.run("ledger", "verify", "-q")
    listed = rows(world)
    check([row["incident"] for row in listed if row["severity"] == "S1"] !=[], "S1 is listed")
    check([row["severity"] for row in listed] == sorted(row["severity"] for row in listed),
          "the worst first")
    return listed[0]["incident"]


def a_night(world, incident):
    """From the alarm to the morning."""
    short = incident[:10]
    text = world.run("incident", "show", short)
    for label in ("Standing", "Because", "Active", "Identity", "Did", "Next", "Clocks", "Unknown",
                  "Findings"):
        check(f"\n{label} " in text, f"the first screen has {label}: {text}")
    order = [text.index(f"\n{label} ") for label in
             ("Active", "Identity", "Did", "Next", "Clocks", "Unknown")]
    check(order == sorted(order), "in the order that responders need")
    world.run("incident", "ack", short, "--comment", "on it")
    check("already" in world.run("incident", "ack", short, ok=False), "once is enough")
    world.run("incident", "role", short, "commander", "alice")
    world.run("incident", "move", short, "triaged")
    refused = world.run("incident", "move", short, "recovered", ok=False)
    check("From there: containing" in refused, refused)
    check("--reason is needed" in world.run("incident", "severity", short, "S1", ok=False), "why?")
    world.run("incident", "severity", short, "S2", "--reason", "only a copy was hit")
    world.run("incident", "task", short, "Find what it read", "--owner", "bob", "--due", "4h")
    world.run("incident", "task", short, "--done", "t1", "--comment", "nothing")
    check("ended already" in world.run("incident", "task", short, "--done", "t1", ok=False), "done")
    world.run("incident", "note", short, "-", stdin="first line\nsecond line\n")
    world.run("incident", "note", short, "for counsel", "--privileged")
    world.run("incident", "hypothesis", short, "key was in a repository")
    world.run("incident", "hypothesis", short, "key was in a repository", "--hypothesis", "h1",
              "--standing", "ruled_out", "--reason", "never committed")
    world.run("incident", "update", short, "contained", "--audience", "board", "--next", "2h")
    world.run("incident", "pause", short, "contain", "--until", "1h", "--reason", "owner asleep")
    check("paused until" in world.run("incident", "show", short), "a pause is visible")
    world.run("incident", "pause", short, "contain", "--resume", "--reason", "awake")
    world.run("incident", "aware", short, "--person", "lea", "--reason", "customer data",
              "--regime", "GDPR", "--when", "2026-11-15T03:00:00Z")
    check("future" in world.run("incident", "aware", short, "--reason", "x", "--when",
                                "2200-01-01T00:00:00Z", ok=False), "awareness is no plan")
    world.run("incident", "material", short, "undetermined", "--reason", "volume unknown")
    world.run("incident", "classify", short, "NIS2", "significant", "--reason", "service at risk")
    world.run("incident", "tlp", short, "AMBER+STRICT")
    check("none of RED" in world.run("incident", "tlp", short, "PINK", ok=False), "TLP")
    world.run("incident", "link", short, "ticket", "https://tickets.example/1")
    world.run("incident", "scope", short, "aws:bucket/backups", "--reason", "same key")
    brief = world.run("incident", "handover", short, "commander", "dan")
    check("Ruled out\n  - h1" in brief and "for counsel" not in brief, brief)
    check("offered to dan" in world.run("incident", "handover", short, "commander", "--accept",
                                        ok=False), "not to alice")
    world.as_user("dan").run("incident", "handover", short, "commander", "--accept")
    state = world.json("incident", "show", short)
    check(state["roles"]["commander"] == "dan", "dan commands")
    check(state["severity"] == "S2" and state["worst_severity"] == "S1", "it was worse")
    check(state["notes_withheld"] == 1 and "for counsel" not in json.dumps(state), "privilege")
    check("second line" in state["notes"][0]["text"], "notes keep their lines")
    check(state["foreign"] == 0, "every entry makes sense")
    for status in ("containing", "contained_watching", "contained", "eradicating", "recovering",
                   "recovered", "review"):
        world.run("incident", "move", short, status)
    check("--disposition" in world.run("incident", "close", short, "--reason", "x", ok=False), "what?")
    world.run("incident", "close", short, "--disposition", "true_positive", "--reason", "done")
    check("closed" in world.run("incident", "assign", short, "bob", ok=False), "closed is closed")
    world.run("incident", "note", short, "learned later")
    check(incident not in [row["incident"] for row in rows(world)], "not among the open ones")
    check(incident in [row["incident"] for row in rows(world, "--closed")], "but the closed")
    world.run("incident", "reopen", short, "--reason", "the key is used again")
    world.run("incident", "ack", short)
    world.run("ledger", "verify", "-q")


def by_hand(world):
    opened = world.json("incident", "open", "Leaked key \x1b[2J reported\u202e", "--source",
                        "abuse desk <script>", "--severity", "S2")["incident"]
    other = world.json("incident", "open", "=cmd()|' /C calc'!A0")["incident"]
    for text in (world.run("incident", "show", opened), world.run("incident", "list"),
                 world.run("incident", "note", opened, "\x1b]0;owned\x07 \u2028")):
        check("\x1b" not in text and "\x07" not in text and "\u202e" not in text,
              "foreign text is inert on the terminal")
    check("several" in world.run("incident", "show", "inc-", ok=False), "ambiguous")
    check("no incident" in world.run("incident", "show", "inc-zzzzzz", ok=False), "unknown")
    check("itself" in world.run("incident", "merge", opened, opened, "--reason", "x", ok=False), "self")
    world.run("incident", "merge", opened, other, "--reason", "one call, two tickets")
    world.run("incident", "merge", opened, other, "--reason", "again: completes, changes nothing")
    check("goes on in" in world.run("incident", "ack", opened, ok=False), "say it there")
    check(opened not in [row["incident"] for row in rows(world)], "told where it goes on")
    check("say it there" in world.run("incident", "note", opened, "x", ok=False), "nor a note")
    check("say it there" in world.run("incident", "reopen", opened, "--reason", "x", ok=False),
          "it is not over, it goes on elsewhere")
    check("goes on in" in world.run("incident", "merge", other, opened, "--reason", "x", ok=False),
          "no circle")
    for arguments in (("assign", other, " "), ("role", other, "", "bob"), ("open", ""),
                      ("classify", other, "", "", "--reason", "x"), ("note", other, "\n")):
        check(" is empty" in world.run("incident", *arguments, ok=False), arguments)
    check("quotes" in world.run("incident", "task", other, "two", "words", ok=False), "one title")
    check("past" in world.run("incident", "pause", other, "contain", "--until",
                              "2001-01-01T00:00:00Z", "--reason", "x", ok=False), "pauses end")
    world.run("incident", "task", other, "Look")
    check("no open task" in world.run("incident", "task", other, "--give", "t9", "--owner", "x",
                                      ok=False), "which task?")
    world.run("incident", "task", other, "--give", "t1", "--owner", "eve", "--due", "1h")
    check(world.json("incident", "show", other)["tasks"][0]["owner"] == "eve", "given")
    check("no link" in world.run("incident", "link", other, "ticket", "x", "--remove", ok=False),
          "which link?")
    check("no hypothesis" in world.run("incident", "hypothesis", other, "x", "--hypothesis", "h7",
                                       ok=False), "which one?")
    world.run("incident", "close", other, "--disposition", "false_positive", "--reason", "test")
    check("closed" in world.run("incident", "task", other, "--done", "t1", ok=False), "it is over")
    world.run("incident", "link", other, "ticket", "https://tickets.example/2")
    restricted = world.json("incident", "open", "An insider")["incident"]
    world.run("incident", "restrict", restricted, "lea", "--reason", "insider")
    check("restricted" in world.run("incident", "show", restricted, ok=False), "not for all")
    check("insider" not in world.run("incident", "list"), "nor in the list")
    world.run("incident", "assign", restricted, "lea")
    row = next(row for row in rows(world) if row["incident"] == restricted)
    check(set(row) == {"incident", "severity", "restricted"}, f"id and severity alone: {row}")
    check("lea" not in json.dumps(rows(world, "--mine")), "nor whose it is")
    check(restricted not in [row["incident"] for row in rows(world, "--status", "new")], "nor where")
    for text in (world.run("incident", "note", restricted, "seen", "--json"),
                 world.run("incident", "handover", restricted, "commander", "max")):
        check("insider" not in text, f"an act shows nothing of it: {text}")
    check("An insider" in world.run("incident", "show", restricted, "--restricted"), "for named")


def listing(world):
    """Filters, and page by page all of them once."""
    everything = [row["incident"] for row in rows(world, "--all")]
    check(len(everything) > 4, "enough for pages")
    paged, after = [], []
    while True:
        page = world.json("incident", "list", "--all", "--limit", "2", *after)
        paged += [row["incident"] for row in page["incidents"]]
        if "next" not in page:
            break
        after = ["--after", page["next"]]
    check(paged == everything, "pages")
    check("--after" in world.run("incident", "list", "--all", "--limit", "1"), "how to go on")
    mine = world.json("incident", "open", "Mine")["incident"]
    world.run("incident", "assign", mine, "alice")
    owners = {row["incident"]: row["assignee"] for row in rows(world, "--mine")}
    check(mine in owners and set(owners.values()) == {"alice"}, f"mine: {owners}")
    check(mine in [row["incident"] for row in rows(world, "--status", "new")], "where it stands")
    check(rows(world, "--status", "recovering") == [], "none there")
    check("no state" in world.run("incident", "list", "--status", "asleep", ok=False), "no such state")
    lines = world.run("incident", "list", "--all").splitlines()
    for arguments in (("list", "--all"), ("show", everything[0])):
        for line in world.on_terminal("incident", *arguments):
            check(len(line) <= 80, f"80 columns: {line}")
    short = next(line.split()[1] for line in lines if line.endswith(" Mine"))
    world.run("incident", "show", short)  # what the list shows can be typed


def splitting(world):
    parent = next(row for row in rows(world) if row["findings"] > 3)
    findings = world.json("incident", "show", parent["incident"])["findings"]
    leaving = [finding["finding"] for finding in findings[:2]]
    text = world.run("incident", "split", parent["incident"], *leaving, "--reason", "not the same")
    child = text.split()[-1]
    again = world.run("incident", "split", parent["incident"], *leaving, "--reason", "not the same",
                      ok=None)
    check(world.json("incident", "show", child)["finding_count"] == 2, "two left")
    check(world.json("incident", "show", parent["incident"])["finding_count"] ==
          parent["findings"] - 2, again)
    again = world.json("replay", "-q", RECORDINGS)
    check(again["opened"] == 0 and again["merged"] == 0, "a replay leaves what people split")
    check("no finding" in world.run("incident", "split", child, "fnd-none", "--reason", "x", ok=False),
          "unknown finding")
    world.run("incident", "severity", child, "S1", "--reason", "worse than we thought")
    world.run("incident", "merge", child, parent["incident"], "--reason", "the same after all")
    whole = world.json("incident", "show", parent["incident"])
    check(whole["finding_count"] == parent["findings"], "what left has come back")
    check(whole["severity"] == "S1" and whole["foreign"] == 0, "and is as bad as it was there")


def two_at_once(world, incident):
    """Nothing that anybody says is lost."""
    count = 24

    def say(i):
        return world.as_user(f"user{i}").run("incident", "note", incident, f"note {i}")

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(say, range(count)))
    notes = [note["text"] for note in world.json("incident", "show", incident)["notes"]]
    check({f"note {i}" for i in range(count)} <= set(notes), "every note is there")
    check(len(notes) == len(set(notes)), "and once")
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda i: world.run("incident", "hypothesis", incident, f"idea {i}"),
                      range(8)))
        list(pool.map(lambda i: world.run("incident", "task", incident, f"do {i}"), range(8)))
    state = world.json("incident", "show", incident)
    ideas = [each["text"] for each in state["hypotheses"]]
    check({f"idea {i}" for i in range(8)} <= set(ideas), f"no idea takes another's place: {ideas}")
    check({f"do {i}" for i in range(8)} <= {task["title"] for task in state["tasks"]}, "nor task")
    left, right = (world.json("incident", "open", name)["incident"] for name in ("left", "right"))
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda pair: world.run("incident", "merge", *pair, "--reason", "x", ok=None),
                      [(left, right), (right, left)]))
    check(len({left, right} & {row["incident"] for row in rows(world)}) == 1, "one of them goes on")
    hand = world.json("incident", "open", "race")["incident"]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        tries = list(pool.map(lambda i: world.as_user(f"u{i}").run("incident", "ack", hand, ok=None),
                              range(8)))
    check(len(tries) == 8 and world.json("incident", "show", hand)["entries"] == 3,
          "one of eight acknowledged")
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: world.run("replay", "-q", RECORDINGS), range(4)))
    world.run("ledger", "verify", "-q")


def rebuilt_and_erased(world, incident):
    before = rows(world, "--all")
    world.run("ledger", "rebuild", "-q")
    check(rows(world, "--all") == before, "the list follows from the entries")
    hand = world.json("incident", "open", "Secret of a person")["incident"]
    check("Secret of a person" in world.run("incident", "list"), "listed")
    world.run("ledger", "erase", f"incident/{hand}/0", "--authority", "GDPR", "--reason", "12")
    check("Secret" not in world.run("incident", "list", "--all"), "erased text is not in the list")
    path = pathlib.Path(world.environment["STANCH_STATE"]) / "ledger"
    for file in path.iterdir():
        check(b"Secret of a person" not in file.read_bytes(), f"nor in {file.name}")
    world.run("ledger", "verify", "-q")
    world.run("incident", "show", hand)


def main():
    with tempfile.TemporaryDirectory() as folder:
        world = World(folder)
        incident = replay_gives_incidents(world)
        a_night(world, incident)
        by_hand(world)
        listing(world)
        splitting(world)
        two_at_once(world, incident)
        rebuilt_and_erased(world, incident)
    print(f"incident_test: {checks} checks passed")


main()
