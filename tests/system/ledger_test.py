#!/usr/bin/env python3
"""The ledger of the built program, checked by a second opinion that shares nothing with it.

usage: ledger_test.py STANCH
"""
import base64
import hashlib
import json
import os
import pathlib
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import unittest

STANCH = None


def sha256(data):
    return hashlib.sha256(data).digest()


def root_of(leaves):
    """RFC 9162, section 2.1.1."""
    if not leaves:
        return sha256(b"")
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return sha256(b"\x01" + root_of(leaves[:k]) + root_of(leaves[k:]))


def root_by_proof(leaf, index, size, proof):
    """Section 2.1.3.2."""
    fn, sn, r = index, size - 1, leaf
    for p in proof:
        if fn % 2 == 1 or fn == sn:
            r = sha256(b"\x01" + p + r)
            while fn % 2 == 0 and fn != 0:
                fn, sn = fn // 2, sn // 2
        else:
            r = sha256(b"\x01" + r + p)
        fn, sn = fn // 2, sn // 2
    return r if sn == 0 else None


class Ledger(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="stanch_ledger_"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.database = self.folder / "state" / "ledger" / "ledger.db"
        self.stanch("init", "--name", "test.example/ledger")

    def stanch(self, *arguments, code=0):
        return self.run_stanch("ledger", *arguments, code=code)

    def run_stanch(self, *arguments, code=0, within=(), said=None):
        """`within`: a command that runs it. `said`: what it says of what went wrong."""
        environment = {k: v for k, v in os.environ.items() if not k.startswith("STANCH_")}
        environment.update({"HOME": str(self.folder), "USER": "tester",
                            "STANCH_STATE": str(self.folder / "state")})
        environment.pop("XDG_CONFIG_HOME", None)
        done = subprocess.run([*within, STANCH, *map(str, arguments)], capture_output=True,
                              env=environment, timeout=120, text=True)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        if said is not None:
            self.assertIn(said, done.stderr)
        return done.stdout

    def rotate(self, times):
        """Adds entries: each new key is one."""
        for i in range(times):
            self.stanch("key", "--rotate", "--reason", f"reason number {i} of the test")

    def write_notes(self, stream, texts, kind="note"):
        """Appends entries as docs/formats/ledger.md says, without our program."""
        ledger = json.loads(self.stanch("init", "--json"))["id"]
        connection = sqlite3.connect(self.database)
        number = connection.execute("SELECT max(number) + 1 FROM entries").fetchone()[0]
        prev = sha256(f"stanch.stream/1 {ledger} {stream}\n".encode())
        connection.execute("INSERT INTO streams (name, next, hash) VALUES (?, ?, ?)",
                           (stream, len(texts), prev))
        key = connection.execute("SELECT max(stream) FROM streams").fetchone()[0]
        for sequence, text in enumerate(texts):
            salt = os.urandom(16).hex()
            payload = json.dumps({"text": text}, separators=(",", ":"), ensure_ascii=False)
            fields = b"".join(len(f).to_bytes(8, "little") + f for f in
                              (b"stanch.entry-id/1", stream.encode(), kind.encode(),
                               str(sequence).encode()))
            entry = "ent-" + base64.b32encode(sha256(fields)[:16]).decode().lower().rstrip("=")
            header = json.dumps(
                {"actor": "person/alice", "commitment": sha256(f"{salt}{payload}\n".encode()).hex(),
                 "content": "", "id": entry, "kind": kind, "kind_version": 1, "prev": prev.hex(),
                 "schema": "stanch.entry/1", "sequence": sequence, "stream": stream,
                 "time": "2026-03-01T02:03:04Z"}, separators=(",", ":")) + "\n"
            connection.execute("INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?)",
                               (number + sequence, key, sequence, entry, header, salt, payload))
            prev = sha256(header.encode())
        connection.execute("UPDATE streams SET hash = ? WHERE stream = ?", (prev, key))
        connection.commit()
        return connection

    def test_erased_text_is_in_no_file(self):
        texts = ["first", "the patient is Alice Example " + "x" * 9000, "last"]
        connection = self.write_notes("incident/inc-a", texts)
        self.stanch("checkpoint", "--checkpoint-to", self.folder / "elsewhere")

        def found():
            return [path.name for path in self.database.parent.iterdir()
                    if b"Alice Example" in path.read_bytes()]

        self.assertTrue(found())
        connection.close()
        said = self.stanch("erase", "incident/inc-a/1", "--authority", "GDPR", "--reason", "asked")
        self.assertEqual(said, "erased the payload of incident/inc-a/1; entry 3 says so\n")
        self.assertEqual(found(), [])
        self.assertIn("1 erased", self.stanch("verify", "--checkpoint", self.folder / "elsewhere"))
        self.stanch("export", self.folder / "package")
        subprocess.run(["sh", "package/verify.sh"], cwd=self.folder, check=True,
                       capture_output=True)

    def test_kinds_of_a_newer_program_are_carried(self):
        self.write_notes("incident/inc-b", ["something new"], kind="of_tomorrow").close()
        self.assertIn("holds: 3 entries", self.stanch("verify"))
        self.stanch("checkpoint")
        self.stanch("export", self.folder / "package")
        self.stanch("verify", "--package", self.folder / "package")
        self.stanch("erase", "incident/inc-b/0", "--authority", "a", "--reason", "b", code=2)

    def test_files_are_their_owners_alone(self):
        for path in (self.database, self.database.with_name("ledger.db.key")):
            self.assertEqual(path.stat().st_mode & 0o777, 0o600)

    def test_chain_tree_and_signature_hold_for_a_second_opinion(self):
        self.rotate(6)
        note = self.stanch("checkpoint")
        rows = sqlite3.connect(self.database).execute(
            "SELECT number, header, salt, payload FROM entries ORDER BY number").fetchall()
        self.assertEqual(len(rows), 8)
        ledger = json.loads(self.stanch("init", "--json"))["id"]
        before = sha256(f"stanch.stream/1 {ledger} control\n".encode())
        leaves = []
        for number, header, salt, payload in rows:
            value = json.loads(header)
            self.assertEqual(header, json.dumps(value, sort_keys=True, separators=(",", ":"),
                                                ensure_ascii=False) + "\n")
            self.assertEqual(value["sequence"], number)
            self.assertEqual(value["prev"], before.hex())
            self.assertEqual(value["actor"], "unverified/tester")
            self.assertEqual(value["commitment"], sha256(f"{salt}{payload}\n".encode()).hex())
            before = sha256(header.encode())
            leaves.append(sha256(b"\x00" + header.encode()))
        origin, size, root = note.split("\n")[:3]
        self.assertEqual((origin, size), ("test.example/ledger", "8"))
        self.assertEqual(base64.b64decode(root), root_of(leaves))
        # The signature, by openssl.
        text, signature = self.folder / "text", self.folder / "signature"
        text.write_bytes(note.split("\n\n")[0].encode() + b"\n")
        signature.write_bytes(base64.b64decode(note.split(" ")[-1])[4:])
        (self.folder / "key.pem").write_text(self.stanch("key", "--pem"))
        subprocess.run(["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", self.folder / "key.pem",
                        "-rawin", "-in", text, "-sigfile", signature], check=True,
                       capture_output=True)

    def test_proofs_hold_for_a_second_opinion(self):
        self.rotate(4)
        note = self.stanch("checkpoint")
        root = base64.b64decode(note.split("\n")[2])
        for sequence in range(6):
            proof = json.loads(self.stanch("prove", f"control/{sequence}"))
            leaf = sha256(b"\x00" + proof["header"].encode())
            hashes = [bytes.fromhex(h) for h in proof["proof"]]
            self.assertEqual(root_by_proof(leaf, proof["leaf"], proof["size"], hashes), root)

    def test_a_checkpoint_elsewhere_shows_rolling_back(self):
        elsewhere = self.folder / "elsewhere"
        self.stanch("checkpoint", "--checkpoint-to", elsewhere)
        self.stanch("verify", "--checkpoint", elsewhere)
        shutil.copy(self.database, self.folder / "old.db")
        self.rotate(1)
        self.stanch("checkpoint", "--checkpoint-to", elsewhere)
        shutil.copy(self.folder / "old.db", self.database)
        self.stanch("verify")
        said = self.stanch("verify", "--checkpoint", elsewhere, "--key",
                           self.save_key(), code=1)
        self.assertIn("cut off or rolled back", said)
        self.stanch("checkpoint", "--checkpoint-to", elsewhere, code=4)

    def save_key(self):
        key = self.folder / "key.pem"
        private = self.database.with_name("ledger.db.key")
        key.write_bytes(subprocess.run(["openssl", "pkey", "-in", private, "-pubout"], check=True,
                                       capture_output=True).stdout)
        return key

    def test_a_package_is_checked_by_its_script(self):
        self.rotate(3)
        self.stanch("checkpoint")
        made = json.loads(self.stanch("export", self.folder / "package", "--json"))
        self.assertEqual(made["entries"], 5)
        script = ["sh", self.folder / "package" / "verify.sh", self.save_key()]
        self.assertIn("OK: 5 entries", subprocess.run(script, check=True, capture_output=True,
                                                      text=True).stdout)
        # As help says it: from beside the package, with a path that is not absolute.
        subprocess.run(["sh", "package/verify.sh", "key.pem"], cwd=self.folder, check=True,
                       capture_output=True)
        missing = subprocess.run(["sh", "package/verify.sh", "none.pem"], cwd=self.folder,
                                 capture_output=True, text=True)
        self.assertEqual(missing.returncode, 1)
        self.assertIn("there is no key", missing.stderr)
        self.stanch("verify", "--package", self.folder / "package", "--key", self.save_key())
        # That it left is an entry.
        connection = sqlite3.connect(self.database)
        kind, payload = connection.execute(
            "SELECT header, payload FROM entries ORDER BY number DESC").fetchone()
        connection.close()
        self.assertEqual(json.loads(kind)["kind"], "exported")
        self.assertEqual(json.loads(payload), {"package": made["package"], "streams": []})
        self.stanch("export", self.folder / "package", code=2)
        self.stanch("export", self.folder / "other", "--stream", "incident/none", code=2)

    def lines_of_the_page(self):
        """The few lines that docs/formats/ledger.md gives to those who do not want our script."""
        page = pathlib.Path(__file__).parents[2] / "docs" / "formats" / "ledger.md"
        block = page.read_text().split("<!-- by hand -->\n")[1].split("\n\n")[0]
        return "set -e\n" + "\n".join(line[4:] for line in block.splitlines())

    def test_a_package_is_checked_by_the_lines_of_the_page(self):
        self.rotate(3)
        self.stanch("checkpoint")
        self.stanch("export", self.folder / "package")
        self.save_key()

        def accepted():
            return subprocess.run(["sh", "-c", self.lines_of_the_page()],
                                  cwd=self.folder / "package", capture_output=True,
                                  env={**os.environ, "KEY": "../key.pem"}).returncode == 0

        self.assertTrue(accepted())
        for path in sorted((self.folder / "package").rglob("*")):
            if not path.is_file() or path.name == "tagmanifest-sha256.sig":
                continue
            good = path.read_bytes()
            if not good:
                continue
            at = len(good) // 2
            path.write_bytes(good[:at] + bytes([good[at] ^ 1]) + good[at + 1:])
            self.assertFalse(accepted(), path)
            path.write_bytes(good)
        self.assertTrue(accepted())

    def test_an_edit_is_named(self):
        self.rotate(3)
        connection = sqlite3.connect(self.database)
        connection.execute("UPDATE entries SET payload = replace(payload, 'number 1', 'number 7')")
        connection.commit()
        connection.close()
        result = json.loads(self.stanch("verify", "--json", code=1))
        self.assertEqual(result["problems_total"], 1)
        self.assertEqual((result["problems"][0]["stream"], result["problems"][0]["sequence"]),
                         ("control", 3))

    def on_read_only_media(self, folder):
        """What runs a command that sees `folder` so. Permissions would not bite a root user."""
        script = ('mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && '
                  '! touch "$0/x" 2>/dev/null && exec "$@"')
        for unshare in (["unshare", "--mount"], ["unshare", "--user", "--map-root-user", "--mount"]):
            within = [*unshare, "sh", "-c", script, str(folder)]
            try:
                if subprocess.run([*within, "true"], capture_output=True).returncode == 0:
                    return within
            except FileNotFoundError:
                break
        if os.geteuid() == 0:
            self.skipTest("this system lets nobody mount, and root may write everywhere")
        for path in folder.iterdir():
            path.chmod(0o400)
        folder.chmod(0o500)
        self.addCleanup(folder.chmod, 0o700)
        return []

    def test_a_copy_on_read_only_media_is_read(self):
        opened = json.loads(self.run_stanch("incident", "open", "A call from the abuse desk",
                                            "--json"))["incident"]
        self.stanch("checkpoint")
        # While somebody has it open its log stays, with what was said last.
        reader = sqlite3.connect(self.database)
        self.addCleanup(reader.close)
        reader.execute("SELECT count(*) FROM entries").fetchone()
        self.run_stanch("incident", "note", opened, "the caller was Bob")
        self.assertGreater(self.database.with_name("ledger.db-wal").stat().st_size, 0)
        kinds = {"log": ("ledger.db", "ledger.db-wal"),
                 "log and its table": ("ledger.db", "ledger.db-wal", "ledger.db-shm")}
        entries = {}
        for kind, names in [*kinds.items(), ("no log", ("ledger.db",))]:
            if kind == "no log":
                reader.close()
                self.stanch("verify")  # which closes it last
            with self.subTest(kind):
                copy = self.folder / f"copy of {kind}, 100%"
                copy.mkdir()
                for name in (*names, "ledger.db.key"):
                    shutil.copy(self.database.with_name(name), copy)
                within = self.on_read_only_media(copy)
                before = {path.name: path.read_bytes() for path in copy.iterdir()}

                def run(*arguments, **more):
                    return self.run_stanch(*arguments, "--ledger", f"sqlite:{copy}/ledger.db",
                                           within=within, **more)

                entries[kind] = run("ledger", "verify").split(": ")[1].split(" entries")[0]
                self.assertIn(opened, run("incident", "list", "--json"))
                self.assertIn("the caller was Bob", run("incident", "show", opened, "--json"))
                self.assertIn("the caller was Bob", run("timeline", opened))
                self.assertIn("A call from the abuse desk", run("report", opened))
                run("incident", "note", opened, "more", code=2, said="can only be read")
                run("ledger", "checkpoint", code=2, said="can only be read")
                self.assertEqual(before, {path.name: path.read_bytes() for path in copy.iterdir()})
        self.assertEqual(len(set(entries.values())), 1, entries)

    def test_what_is_not_there_or_not_allowed_is_said(self):
        self.stanch("erase", "control/0", "--authority", "a", "--reason", "b", code=2)
        self.stanch("erase", "control/99", "--authority", "a", "--reason", "b", code=3)
        self.stanch("erase", "control", "--authority", "a", "--reason", "b", code=2)
        self.stanch("erase", "control/0", code=2)
        self.stanch("prove", "control/0", code=4)
        self.stanch("verify", "--ledger", "postgres:x", code=2)
        self.stanch("verify", "--ledger", f"sqlite:{self.folder}/none.db", code=2)
        self.stanch("init", "--name", "other.example", code=2)
        text = self.folder / "text.db"
        text.write_text("this is no database, but long enough to be looked at as one" * 20)
        self.stanch("init", "--ledger", f"sqlite:{text}", code=4)
        self.assertIn("this is no database", text.read_text())


if __name__ == "__main__":
    STANCH = sys.argv.pop(1)
    unittest.main()
