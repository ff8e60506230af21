#!/usr/bin/env python3
"""Holds facts against what somebody else read out of the same real log lines.

usage: ecs_facts_test.py FACTS-PRINTER FOLDER ALLOWED

FOLDER has <provider>/<log>/<file> with events and <file>-expected.json with the Elastic Common
Schema document of each. Compared, where that says it: time, actor, address, action, outcome; and
that a family knows the event. What differs must be in ALLOWED, with a reason:

    <provider>/<log> <what> <ours> <theirs> # <reason>

in which ours and theirs are shell patterns without spaces (a space is written ?). A row that
explains nothing fails, so that none outlives its reason. A provider is another row of PROVIDERS.

Exit: 0 as expected · 1 not · 77 the folder is not there (skipped, and said).
"""
import datetime
import fnmatch
import gzip
import ipaddress
import json
import pathlib
import re
import subprocess
import sys

PROVIDERS = ["aws", "azure", "gcp", "github", "google_workspace", "o365", "okta"]
WHAT = ["family", "time", "actor", "address", "action", "outcome"]


def read(path):
    data = path.read_bytes()
    return (gzip.decompress(data) if path.suffix == ".gz" else data).decode()


def parsed(line):
    """The events of a line; one that is no JSON as its text."""
    try:
        event = json.loads(line)
    except ValueError:
        return [line]
    records = event.get("Records")
    return records if isinstance(records, list) else [event]


def one_of(value):
    return value[0] if isinstance(value, list) and value else value


def events_of(path):
    """The events of a file, in its order: lines, or the inputs of a test."""
    text = read(path)
    if not path.name.removesuffix(".gz").endswith(".json"):
        return [event for line in text.splitlines() if line.strip() for event in parsed(line)]
    events = []
    for event in json.loads(text)["events"]:
        inner = [event[key] for key in event if key not in ("event", "tags", "@timestamp")]
        events.append(inner[0] if inner and isinstance(inner[0], dict)
                      else json.loads(event.get("message") or event["event"]["original"]))
    return events


def expected_of(path):
    name = path.name.removesuffix(".gz")
    for candidate in (path.with_name(name + "-expected.json"),
                      path.with_name(name + "-expected.json.gz")):
        if candidate.exists():
            return json.loads(read(candidate))["expected"]
    return None


def moment(text):
    """To the millisecond, which is all that ECS keeps."""
    match = re.fullmatch(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?Z", text or "")
    if not match:
        return text or "-"
    return match[1] + "." + (match[2] or "").ljust(3, "0")[:3]


def address(text):
    try:
        ip = ipaddress.ip_address(text)
    except ValueError:
        return text or "-"
    return str(getattr(ip, "ipv4_mapped", None) or ip)


def compare(said, ecs):
    """(what, ours, theirs) of all that differs, and what was compared."""
    facts, compared, odd = said["facts"], [], []

    def hold(what, ours, theirs, same):
        compared.append(what)
        if not same:
            odd.append((what, ours or "-", theirs))

    hold("family", said["family"], "-", said["family"] != "unknown")
    if said["family"] == "unknown":
        return compared, odd
    if "@timestamp" in ecs:
        ours, theirs = moment(facts.get("time")), moment(ecs["@timestamp"])
        hold("time", ours, theirs, ours == theirs)
    user = ecs.get("user", {})
    names = [one_of(user[key]) for key in ("id", "email", "full_name", "name") if user.get(key)]
    if names:
        actor = facts.get("actor", {})
        ours = [actor[key] for key in ("principal_id", "user_name", "arn") if actor.get(key)]
        same = bool({name.lower() for name in names} & {name.lower() for name in ours})
        hold("actor", "|".join(ours), names[0], same)
    theirs = one_of(ecs.get("source", {}).get("ip") or ecs.get("client", {}).get("ip"))
    ours = facts.get("source", {}).get("address")
    if theirs or ours:
        hold("address", address(ours), address(theirs), address(ours) == address(theirs))
    event = ecs.get("event", {})
    if event.get("action"):
        action = facts.get("action", {})
        ours = [action[key] for key in ("name", "raw_name") if action.get(key)]
        hold("action", "|".join(ours), event["action"], event["action"] in ours)
    if event.get("outcome") in ("success", "succeeded", "failure"):
        same = (facts["outcome"] == "ok") == (event["outcome"] != "failure")
        hold("outcome", facts["outcome"], event["outcome"], same)
    return compared, odd


class Allowed:
    def __init__(self, path):
        self.rows, self.used = [], set()
        for line in path.read_text().splitlines():
            row, _, reason = line.partition("#")
            if not row.strip():
                continue
            assert reason.strip() and len(row.split()) == 4, f"{path}: not understood: {line}"
            self.rows.append(row.split())

    def explains(self, *found):
        for number, row in enumerate(self.rows):
            if all(fnmatch.fnmatchcase(text, pattern) for text, pattern in zip(found, row)):
                self.used.add(number)
                return True
        return False

    def unused(self):
        return [row for number, row in enumerate(self.rows) if number not in self.used]


def main():
    printer, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    allowed = Allowed(pathlib.Path(sys.argv[3]))
    missing = [provider for provider in PROVIDERS if not (folder / provider).is_dir()]
    if missing:
        print(f"skipped: {len(missing)} of {len(PROVIDERS)} folders are not in {folder}")
        return 77
    failures, counts, explained, events_read = [], dict.fromkeys(WHAT, 0), 0, 0
    for path in sorted(p for provider in PROVIDERS for p in (folder / provider).rglob("*")):
        is_input = path.is_file() and "-expected.json" not in path.name
        expected = expected_of(path) if is_input else None
        if expected is None:
            continue
        events = events_of(path)
        assert len(events) == len(expected), f"{path}: not one document an event"
        lines = "".join(json.dumps(event) + "\n" for event in events)
        answers = subprocess.run([printer], input=lines, capture_output=True, text=True, check=True)
        log = path.parent.relative_to(folder).as_posix()
        answers = answers.stdout.splitlines()
        for number, (answer, ecs) in enumerate(zip(answers, expected, strict=True)):
            events_read += 1
            compared, odd = compare(json.loads(answer), ecs or {})
            for what in compared:
                counts[what] += 1
            for what, ours, theirs in odd:
                if allowed.explains(log, what, ours, theirs):
                    explained += 1
                else:
                    failures.append(f"{log}/{path.name}:{number}: {what}: {ours!r}, "
                                    f"expected {theirs!r}")
    failures += [f"explains nothing: {' '.join(row)}" for row in allowed.unused()]
    for failure in failures:
        print(failure)
    compared = ", ".join(f"{count} {what}" for what, count in counts.items())
    print(f"{events_read} events; compared {compared}"
          f"; {explained} differences explained, {len(failures)} not")
    return 1 if failures or events_read == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
