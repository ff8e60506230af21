#!/usr/bin/env python3
"""What the playbooks of the content say of the recordings of tests/demo: which actions on which
entities, in which order, and which tasks. The cloud is not asked.

usage: playbook_test.py STANCH RECORDINGS GOLDEN   (STANCH_UPDATE=1 writes GOLDEN anew)
"""
import json
import os
import subprocess
import sys
import tempfile

STANCH, RECORDINGS, GOLDEN = sys.argv[1:]


def main():
    with tempfile.TemporaryDirectory(prefix="stanch_playbook_") as folder:
        environment = dict(os.environ, XDG_STATE_HOME=folder)

        def run(*arguments):
            return subprocess.run([STANCH, *arguments], env=environment, capture_output=True, text=True)

        run("replay", RECORDINGS, "--json")
        told = ""
        incidents = json.loads(run("incident", "list", "--all", "--json").stdout)["incidents"]
        for incident in sorted(incidents, key=lambda each: each["incident"]):
            name = incident["incident"]
            told += f"{name}\n"
            planned = run("plan", name, "--offline", "--json")
            if planned.returncode != 0:
                told += "  " + planned.stderr.splitlines()[0] + "\n"
                continue
            for step in json.loads(planned.stdout)["document"]["steps"]:
                told += f"  {step['id']}. {step['action']} {step['target']}"
                told += f" after {','.join(step['after'])}\n" if step["after"] else "\n"
            tasks = json.loads(run("incident", "show", name, "--json").stdout)
            for task in tasks.get("tasks", tasks.get("state", {}).get("tasks", [])):
                told += f"  task: {task['title']}\n"
        if os.environ.get("STANCH_UPDATE") == "1":
            with open(GOLDEN, "w", encoding="utf-8") as file:
                file.write(told)
        with open(GOLDEN, encoding="utf-8") as file:
            wanted = file.read()
        if told != wanted:
            print(told)
            sys.exit("the playbooks say something else than " + os.path.basename(GOLDEN))


main()
