#!/usr/bin/env python3
"""The built program as a shell sees it: streams, terminals, signals, exit codes.

usage: cli_test.py STANCH
"""
import gzip
import json
import os
import pathlib
import pty
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import unittest

STANCH = None
SKIPPED = []

RULE = """title: User created
id: 11111111-1111-4111-8111-111111111111
level: high
logsource: {product: aws, service: cloudtrail}
detection:
  selection:
    eventName: CreateUser
  condition: selection
"""


def event(number):
    return json.dumps({
        "eventVersion": "1.08", "eventTime": "2026-03-01T02:03:04Z", "eventName": "CreateUser",
        "eventSource": "iam.amazonaws.com", "awsRegion": "us-east-1", "eventID": str(number),
        "sourceIPAddress": "203.0.113.7", "userAgent": "\x1b[31mred\u202e",
        "userIdentity": {"type": "IAMUser", "userName": "al\x1b[2Jice"},
        "recipientAccountId": "111122223333",
    })


class Cli(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="stanch_cli_"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.rule = self.folder / "rule.yml"
        self.rule.write_text(RULE)
        self.log = self.folder / "log.ndjson"
        self.log.write_text("".join(event(i) + "\n" for i in range(3)))
        self.scan = ["scan", str(self.log), "--no-builtin-rules", "--rules", str(self.rule)]

    def run_stanch(self, *arguments, **options):
        environment = {k: v for k, v in os.environ.items() if not k.startswith("STANCH_")}
        environment.update({"HOME": str(self.folder), "LC_ALL": "C.UTF-8"})
        environment.pop("XDG_CONFIG_HOME", None)
        environment.pop("NO_COLOR", None)
        environment.update(options.pop("env", {}))
        return subprocess.run([STANCH, *arguments], capture_output="stdout" not in options,
                              env=environment, timeout=120, **options)

    def run_on_terminal(self, *arguments, columns=100):
        """Its standard output on a pseudo-terminal, and its exit code."""
        master, slave = pty.openpty()
        import fcntl
        import struct
        import termios
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        done = self.run_stanch(*arguments, stdout=slave, stderr=subprocess.PIPE)
        os.close(slave)
        text = b""
        try:
            while piece := os.read(master, 65536):
                text += piece
        except OSError:
            pass  # Linux says the end of a terminal so
        os.close(master)
        return text.decode(), done

    def test_findings_go_to_a_pipe_as_ndjson(self):
        done = self.run_stanch(*self.scan)
        self.assertEqual(done.returncode, 1)
        documents = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual([d["schema"] for d in documents], ["stanch.finding/1"] * 3)
        self.assertIn(b"3 findings: 3 high", done.stderr)

    def test_findings_go_to_a_terminal_as_a_table(self):
        text, done = self.run_on_terminal(*self.scan, "-q", columns=80)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stderr, b"")
        plain = re.sub(r"\x1b\[[0-9;]*m", "", text)
        self.assertNotIn("\x1b", plain)
        self.assertNotIn("\u202e", plain)
        lines = plain.replace("\r", "").split("\n")
        self.assertTrue(lines[0].startswith("TIME (UTC)"))
        self.assertIn("3 findings: 3 high", plain)
        for line in lines:
            self.assertLessEqual(len(line), 80, line)

    def test_no_color(self):
        os.environ["NO_COLOR"] = ""  # empty: as if it were not there
        try:
            text, _ = self.run_on_terminal(*self.scan)
            self.assertIn("\x1b[", text)
        finally:
            del os.environ["NO_COLOR"]
        text, _ = self.run_on_terminal(*self.scan, "--color", "never")
        self.assertNotIn("\x1b", text)
        done = self.run_stanch(*self.scan, "--color", "always", "--format", "table")
        self.assertIn(b"\x1b[31m", done.stdout)

    def test_standard_input(self):
        done = self.run_stanch("scan", "-", *self.scan[2:], input=self.log.read_bytes())
        self.assertEqual(done.returncode, 1)
        self.assertEqual(len(done.stdout.splitlines()), 3)

    def test_closed_pipe_ends_calmly(self):
        many = self.folder / "many.ndjson"
        many.write_text("".join(event(i) + "\n" for i in range(5000)))
        reader, writer = os.pipe()
        os.close(reader)
        done = self.run_stanch("scan", str(many), *self.scan[2:], "-q", stdout=writer,
                               stderr=subprocess.PIPE)
        os.close(writer)
        self.assertEqual(done.returncode, 141)
        self.assertEqual(done.stderr, b"")
        for arguments in (["help"], ["--version"], ["man"], ["rules", "list"]):
            reader, writer = os.pipe()
            os.close(reader)
            done = self.run_stanch(*arguments, stdout=writer, stderr=subprocess.PIPE)
            os.close(writer)
            self.assertEqual((done.returncode, done.stderr), (141, b""), arguments)

    def test_full_disk_is_said(self):
        if not os.path.exists("/dev/full"):
            self.skip("/dev/full")
        for target in ({"stdout": open("/dev/full", "wb"), "stderr": subprocess.PIPE}, {}):
            extra = [] if target else ["--output", "/dev/full"]
            done = self.run_stanch(*self.scan, *extra, **target)
            self.assertEqual(done.returncode, 4)
            self.assertIn(b"no space left", done.stderr)
            if target:
                target["stdout"].close()

    def test_output_can_be_a_device(self):
        done = self.run_stanch(*self.scan, "--output", "/dev/stdout", "--quiet")
        self.assertEqual(done.returncode, 1)
        self.assertEqual(len(done.stdout.splitlines()), 3)

    def test_exit_codes(self):
        for arguments, code in (
                (self.scan, 1), ([*self.scan, "--fail-level", "critical"], 0),
                (["scan"], 2), (["scan", "--nonsense", "x"], 2), (["nonsense"], 2), ([], 2),
                ([*self.scan, "--fail-level", "critical", "/nonexistent/stanch"], 3),
                ([*self.scan, "/nonexistent/stanch"], 1),
                (["help"], 0), (["--version"], 0), (["help", "nonsense"], 2)):
            self.assertEqual(self.run_stanch(*arguments).returncode, code, arguments)

    def test_same_findings_for_any_number_of_threads(self):
        many = self.folder / "many"
        many.mkdir()
        for i in range(40):
            (many / f"{i:02}.ndjson").write_text(
                "".join(event(f"{i}-{j}") + "\n" for j in range(20)))
        outputs = {self.run_stanch("scan", str(many), *self.scan[2:], "-j", str(jobs)).stdout
                   for jobs in (1, 2, 7)}
        self.assertEqual(len(outputs), 1)
        self.assertEqual(len(outputs.pop().splitlines()), 800)

    def test_goes_on_without_threads(self):
        self.folder.chmod(0o755)

        def take_threads_away():
            if os.getuid() == 0:  # whom no such limit holds
                os.setgid(65534)
                os.setuid(65534)
            resource.setrlimit(resource.RLIMIT_NPROC, (1, 1))
        try:
            done = self.run_stanch(*self.scan, "-j", "8", preexec_fn=take_threads_away)
        except PermissionError:
            SKIPPED.append("threads: the program is not there for other users")
            return
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertEqual(len(done.stdout.splitlines()), 3)
        self.assertIn(b"the system gave 7 threads fewer", done.stderr)

    def test_a_cut_or_strange_file_is_no_success(self):
        quiet = ["--no-builtin-rules", "--rules", str(self.rule), "--fail-level", "never"]
        whole = self.log.read_bytes().splitlines()
        for name, content, code in (
                ("cut.json", b'{"Records":[{"eventName":"x', 3),
                ("a.tar.gz", gzip.compress(b"\0" * 257 + b"ustar" + b"\0" * 250 + whole[0]), 3),
                ("words.json", b'{"a":1}\n{"b"\n', 3),
                ("empty.json", b" \n", 0),
                ("glued.ndjson", whole[0] + whole[1] + b"\n" + whole[2][:-9] + whole[2], 0)):
            file = self.folder / name
            file.write_bytes(content)
            done = self.run_stanch("scan", str(file), *quiet)
            self.assertEqual(done.returncode, code, name)
            self.assertEqual(b"NOT READ" in done.stderr, code == 3, name)
            self.assertEqual(len(done.stdout.splitlines()), 3 if "glued" in name else 0, name)
            self.assertIn(str(file).encode(), done.stderr if "glued" not in name else done.stdout)
        done = self.run_stanch("scan", "-", *quiet, input=b"")
        self.assertEqual(done.returncode, 0)
        self.assertIn(b"standard input is empty", done.stderr)

    def test_settings_file(self):
        settings = self.folder / ".config/stanch/stanch.yaml"
        settings.parent.mkdir(parents=True)
        settings.write_text("scan:\n  fail_level: never\n")
        self.assertEqual(self.run_stanch(*self.scan).returncode, 0)
        settings.write_text("scan:\n  fial_level: never\n")
        done = self.run_stanch(*self.scan)
        self.assertEqual(done.returncode, 2)
        self.assertIn(b"stanch.yaml:2:3: error CFG003", done.stderr)
        self.assertIn(b"Did you mean 'scan.fail_level'?", done.stderr)

    def test_manual_page_has_no_warnings(self):
        page = self.folder / "stanch.1"
        page.write_bytes(self.run_stanch("man").stdout)
        for tool in (["man", "--warnings", "-l"], ["groff", "-ww", "-man", "-Tutf8"]):
            if shutil.which(tool[0]) is None:
                SKIPPED.append(f"manual page: no {tool[0]}")
                continue
            done = subprocess.run([*tool, str(page)], capture_output=True, timeout=60,
                                  env={**os.environ, "MANWIDTH": "80"})
            self.assertEqual(done.stderr, b"", tool)
            self.assertGreater(len(done.stdout), 1000)

    def test_completions_are_scripts(self):
        for shell in ("bash", "zsh", "fish"):
            script = self.run_stanch("completion", shell).stdout
            self.assertGreater(len(script), 500)
            if shutil.which(shell) is None:
                SKIPPED.append(f"completion: no {shell}")
                continue
            done = subprocess.run([shell, "-n"], input=script, capture_output=True, timeout=60)
            self.assertEqual((done.returncode, done.stderr), (0, b""), shell)

    def complete_in_bash(self, *words):
        script = self.run_stanch("completion", "bash").stdout.decode()
        script += f"COMP_WORDS=({' '.join(map(repr, words))}); COMP_CWORD={len(words) - 1}\n"
        script += '_stanch; printf "%s\\n" "${COMPREPLY[@]}"\n'
        done = subprocess.run(["bash", "-c", script], capture_output=True, timeout=60,
                              cwd=self.folder)
        return done.stdout.decode().split()

    def test_bash_completes(self):
        if shutil.which("bash") is None:
            self.skip("bash")
        self.assertEqual(self.complete_in_bash("stanch", "sc"), ["scan"])
        self.assertEqual(self.complete_in_bash("stanch", "rules", "l"), ["lint", "list"])
        self.assertEqual(self.complete_in_bash("stanch", "scan", "--fo"), ["--format"])
        self.assertEqual(self.complete_in_bash("stanch", "scan", "--format", "s"), ["sarif"])
        self.assertEqual(self.complete_in_bash("stanch", "scan", "log"), ["log.ndjson"])
        self.assertEqual(self.complete_in_bash("stanch", "ledger", "verify", "--pa"), ["--package"])
        self.assertEqual(self.complete_in_bash("stanch", "ledger", "init", "--name", ""), [])

    # Readline splits words at '=' too.
    def test_bash_completes_behind_an_equals_sign(self):
        if shutil.which("bash") is None:
            self.skip("bash")
        formats = ["table", "ndjson", "ocsf", "sarif", "csv"]
        self.assertEqual(self.complete_in_bash("stanch", "scan", "--format", "="), formats)
        self.assertEqual(self.complete_in_bash("stanch", "scan", "--format", "=", "s"), ["sarif"])
        self.assertEqual(self.complete_in_bash("stanch", "--color", "=", "never", "sc"), ["scan"])

    def test_bash_completes_what_there_is_help_on(self):
        if shutil.which("bash") is None:
            self.skip("bash")
        self.assertEqual(self.complete_in_bash("stanch", "help", "rules", "l"), ["lint", "list"])
        self.assertEqual(self.complete_in_bash("stanch", "help", "e"), ["evidence", "exit-codes"])
        self.assertEqual(self.complete_in_bash("stanch", "help", "scan", ""), [])

    def complete_in_fish(self, line):
        script = self.folder / "stanch.fish"
        script.write_bytes(self.run_stanch("completion", "fish").stdout)
        done = subprocess.run(["fish", "--no-config", "-c", 'source $argv[1]; complete -C $argv[2]',
                               str(script), line], capture_output=True, timeout=60,
                              cwd=self.folder, env={**os.environ, "HOME": str(self.folder)})
        return [line.split("\t")[0] for line in done.stdout.decode().splitlines()]

    # Choices came with every file of the folder, and help with nothing.
    def test_fish_completes(self):
        if shutil.which("fish") is None:
            self.skip("fish")
        formats = ["csv", "ndjson", "ocsf", "sarif", "table"]
        self.assertEqual(sorted(self.complete_in_fish("stanch scan --format ")), formats)
        self.assertEqual(self.complete_in_fish("stanch scan --jobs "), [])
        self.assertIn("log.ndjson", self.complete_in_fish("stanch scan lo"))
        self.assertIn("log.ndjson", self.complete_in_fish("stanch scan --output "))
        self.assertEqual(self.complete_in_fish("stanch sc"), ["scan"])
        self.assertEqual(self.complete_in_fish("stanch rules l"), ["lint", "list"])
        self.assertEqual(self.complete_in_fish("stanch help ex"), ["evidence", "exit-codes"])
        self.assertEqual(self.complete_in_fish("stanch help rules l"), ["lint", "list"])

    def skip(self, what):
        SKIPPED.append(what)
        self.skipTest(what)


if __name__ == "__main__":
    STANCH = os.path.abspath(sys.argv.pop(1))
    result = unittest.main(exit=False, verbosity=1).result
    if SKIPPED:
        print(f"skipped: {len(SKIPPED)} ({'; '.join(SKIPPED)})")
    sys.exit(0 if result.wasSuccessful() else 1)
