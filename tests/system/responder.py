"""The built program as tests of response run it: against a World, on the page's clocks, with a ledger
of its own; and what that ledger says, read without the program.
"""
import contextlib
import json
import os
import sqlite3
import subprocess

from moto_world import ACCOUNT, REGION


class Responder:
    def __init__(self, program, world, people, page, state):
        self.program, self.world, self.people, self.page = program, world, people, page
        self.state, self.incident, self.pid = state, None, None

    def start(self, *arguments, **kill):
        """`kill` is of ProgramPage.environment()."""
        environment = {**os.environ, **self.world.environment(), **self.page.environment(**kill),
                       "STANCH_STATE": self.state, "STANCH_CONTENT": self.people.folder,
                       "STANCH_CONFIG": os.devnull}
        started = subprocess.Popen([self.program, *arguments], stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True, env=environment)
        self.pid = started.pid
        return started

    def ends(self, *arguments, within=60):
        """Its exit code and all that it said."""
        with self.start(*arguments) as program:
            try:
                said, errors = program.communicate(timeout=within)
            except subprocess.TimeoutExpired:
                program.kill()
                raise
        return program.returncode, said, errors

    def run(self, *arguments):
        code, said, errors = self.ends(*arguments)
        if code != 0:
            raise AssertionError(f"{' '.join(arguments)} ended with {code}\n{said}{errors}")
        return said

    def make_plan(self, cases):
        """Of pairs of a Case and its Subject, in an incident of its own; approved by two."""
        self.run("ledger", "init")
        self.incident = json.loads(self.run("incident", "open", "Test", "--json"))["incident"]
        wishes = [word for case, subject in cases
                  for word in ("--do", f"{case.action}@{subject.entity}", *subject.told())]
        self.run("plan", self.incident, *wishes, "--account", ACCOUNT, "--region", REGION)
        self.approve()

    def approve(self):
        for name, key in self.people.keys.items():
            text = os.path.join(self.state, name + ".text")
            with open(text, "w", encoding="utf-8") as file:
                file.write(self.run("approve", self.incident, "--text"))
            with contextlib.suppress(FileNotFoundError):
                os.remove(text + ".sig")
            subprocess.run(["ssh-keygen", "-q", "-Y", "sign", "-n", "stanch-approval", "-f", key,
                            text], check=True, capture_output=True)
            self.run("approve", self.incident, "--signature", text + ".sig")

    def steps(self):
        """Of the latest plan, as `status` has them."""
        status = json.loads(self.run("status", self.incident, "--json"))
        return status.get("plans", [status])[-1]["steps"]

    def entries(self, *kinds):
        """Kind, sequence and payload of the entries of these kinds, as they lie in the database."""
        path = os.path.join(self.state, "ledger", "ledger.db")
        with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
            rows = database.execute("SELECT header, payload FROM entries ORDER BY number")
            for header, payload in rows.fetchall():
                header = json.loads(header)
                if header["kind"] in kinds:
                    yield header["kind"], header["sequence"], json.loads(payload)

    def intentions(self):
        """Payloads by sequence, and the sequences of those that are answered."""
        found, answered = {}, set()
        for kind, sequence, payload in self.entries("intended", "answered"):
            if kind == "intended":
                found[sequence] = payload
            else:
                answered.add(payload["intended"]["sequence"])
        return found, answered

    def why_not_intended(self, entry, checks_files=True):
        """Of a write that arrives at the proxy; None if it may. `checks_files`: nothing else goes on
        in the program, so all that it wrote must be on the disk by now."""
        if unsynced := checks_files and self._unsynced():
            return f"{entry['operation']} left before {unsynced} were synced"
        found, answered = self.intentions()
        if not any(fits(found[each], entry) for each in found.keys() - answered):
            return f"{entry['operation']} about {entry['about']} was not intended"
        return None

    def _unsynced(self):
        """Names of files. SQLite's shared memory is made anew after a crash; what a checkpoint has
        written into the database its log still has, until the database was synced too."""
        bits = self.page.unsynced
        files = [os.path.basename(os.readlink(f"/proc/{self.pid}/fd/{file}"))
                 for file in range(64) if bits >> file & 1]
        return [each for each in files if not each.endswith(("-shm", "ledger.db"))]

    def why_not_declared(self):
        """Of the writes that the proxy counted: none more often than the ledger says, and what
        makes a thing of which there may be two, once. None if all are."""
        found, _ = self.intentions()
        for (operation, about, _), count in self.world.proxy.writes().items():
            service, _, name = operation.partition(".")
            intended = [each for each in found.values()
                        if fits(each, {"service": service, "operation": name, "about": about})]
            if count > len(intended):
                return f"{operation} {about}: {count} times, intended {len(intended)} times"
            if count > 1 and any(each["idempotency"] == "mark" for each in intended):
                return f"{operation} {about} was done {count} times"
        return None


def fits(intended, entry):
    """Whether that intention is of the request of that entry of the proxy's log."""
    if intended["operation"] != f"{entry['service']}:{entry['operation']}":
        return False
    known = set(_texts_of(intended["request"]))
    return all(each.partition("=")[2] in known for each in entry["about"])


def _texts_of(value):
    if isinstance(value, dict):
        value = list(value.values())
    if not isinstance(value, list):
        yield str(value)
        return
    for each in value:
        yield from _texts_of(each)
