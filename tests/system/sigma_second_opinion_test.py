#!/usr/bin/env python3
"""The vectors of Sigma, held against pySigma: what it loads, and what its trees match.

usage: sigma_second_opinion_test.py FOLDER VENV [ID …]

Where pySigma says something else than a vector, second_opinion.yaml says why. A disagreement that
is not in there fails, and so does one in there that is gone. With IDs of cases it shows those.
Skipped (77) without VENV, or pySigma in it.
"""
import base64
import collections
import glob
import os
import sys

import build_venv

build_venv.enter(sys.argv[2], "pySigma")

try:
    import sigma
except ModuleNotFoundError:
    print("skipped: there is no pySigma in build/venv; ./dev test puts it there")
    sys.exit(77)

import yaml
from sigma.collection import SigmaCollection
from sigma.conditions import (ConditionAND, ConditionFieldEqualsValueExpression, ConditionNOT,
                              ConditionOR)
from sigma.processing.pipeline import ProcessingItem, ProcessingPipeline
from sigma.processing.transformations import ValueListPlaceholderTransformation
from sigma.rule import SigmaRule

import sigma_events

CLASSES = ("decision", "silent", "bug", "extension")
HEADER = "title: vector\nlogsource:\n  product: test\n"
RULES_OVER_TIME = "".join(f"title: T\nname: {name}\nlogsource: {{product: test}}\n"
                          "detection: {s: {f: x}, condition: s}\n---\n" for name in "abc")


def indented(text):
    return "".join("    " + line + "\n" for line in text.splitlines())


def text_of(group):
    if "rule" in group:
        return group["rule"]
    if "detection" in group:
        return HEADER + "detection:\n" + indented(group["detection"])
    return (HEADER + "detection:\n    condition: selection\n    selection:\n"
            + indented(indented(group["item"])))


class Loaded:
    """A text, as pySigma reads it. `why` is its first complaint, if it has one."""

    def __init__(self, text, placeholders):
        self.rules, self.why = [], ""
        try:
            collection = SigmaCollection.from_yaml(text, collect_errors=True)
        except Exception as problem:  # some of its complaints are Python's own
            self.why = f"{type(problem).__name__}: {problem}"
            return
        self.complain(collection.errors[:1])
        for rule in collection.rules:
            if rule.errors:
                self.complain(rule.errors[:1])
            elif isinstance(rule, SigmaRule):
                self.read_conditions(rule, placeholders)

    def read_conditions(self, rule, placeholders):
        """Conditions and placeholders are looked at only when pySigma converts a rule."""
        try:
            ProcessingPipeline(items=[ProcessingItem(ValueListPlaceholderTransformation())],
                               vars=placeholders).apply(rule)
            trees = [condition.parsed for condition in rule.detection.parsed_condition]
            self.rules.append((rule, trees))
        except Exception as problem:
            self.complain([problem])

    def complain(self, problems):
        self.why = self.why or "".join(f"{type(one).__name__}: {one}" for one in problems)


def holds(tree, event):
    if isinstance(tree, ConditionAND):
        return all(holds(one, event) for one in tree.args)
    if isinstance(tree, ConditionOR):
        return any(holds(one, event) for one in tree.args)
    if isinstance(tree, ConditionNOT):
        return not holds(tree.args[0], event)
    if isinstance(tree, ConditionFieldEqualsValueExpression):
        return sigma_events.field_matches(event, tree.field, tree.value)
    return sigma_events.keyword_matches(event, tree.value)


def is_of_log(rule, source):
    """L1: a key that both set must be equal."""
    return all(not getattr(rule.logsource, key) or not value
               or getattr(rule.logsource, key).lower() == value.lower()
               for key, value in source.items())


def opinion(loaded, one):
    """What pySigma says of a case, in the words of the vectors."""
    if "event" not in one and "event_base64" not in one:
        return "refused" if loaded.why else "loads"
    rules = [(rule, trees) for rule, trees in loaded.rules
             if one.get("which", rule.title) == rule.title]
    if len(rules) != 1:
        return "refused" if loaded.why else "missing"
    rule, trees = rules[0]
    event = sigma_events.read_event(base64.b64decode(one["event_base64"])
                                    if "event_base64" in one else one["event"].encode())
    if not is_of_log(rule, one.get("source", {})):
        return "false"
    return "true" if any(holds(tree, event) for tree in trees) else "false"


def expected(verdict):
    """What pySigma could say of that: it joins filters to rules, and knows no logs."""
    return {"hidden": "false", "unbindable": "loads",
            "refused-placeholder": "refused"}.get(verdict, verdict)


def opinions(folder):
    """(id, ours, pySigma's, its complaint) of each case, and of each group over time."""
    for path in sorted(glob.glob(os.path.join(folder, "*.yaml"))):
        name = os.path.basename(path)
        with open(path, encoding="utf-8") as file:
            # As the vectors' own reader has it: every scalar is a text.
            loader = yaml.SafeLoader if name == "correlations.yaml" else yaml.BaseLoader
            groups = yaml.load(file, loader).get("groups", [])
        for group in groups:
            if "correlations" in group:
                text = RULES_OVER_TIME + "---\n".join(
                    yaml.safe_dump({"title": "C", "name": f"c{number}", "correlation": one})
                    for number, one in enumerate(group["correlations"]))
                loaded = Loaded(text, {})
                yield group["cases"][0]["id"], "loads", opinion(loaded, {}), loaded.why
                continue
            if "maps" in group:
                continue  # its trees are pySigma's only after a pipeline has gone over them
            loaded = Loaded(text_of(group), group.get("placeholders", {}))
            for one in group["cases"]:
                yield one["id"], expected(one["verdict"]), opinion(loaded, one), loaded.why


def read_list(folder):
    """Disagreements: what pySigma says, and the class, by id."""
    with open(os.path.join(folder, "second_opinion.yaml"), encoding="utf-8") as file:
        entries = yaml.safe_load(file)["disagreements"]
    listed = {}
    for entry in entries:
        assert entry["class"] in CLASSES and entry["reason"], entry
        assert ("decision" in entry) == (entry["class"] == "decision"), entry
        for one in entry["ids"]:
            assert one not in listed, f"{one} stands twice"
            listed[one] = (entry["pysigma"], entry["class"])
    return listed


def main(folder, shown):
    listed = read_list(folder)
    counts, wrong, all_ids = collections.Counter(), [], set()
    for name, ours, theirs, why in opinions(folder):
        all_ids.add(name)
        if name in shown:
            print(f"{name}: vector {ours}, pySigma {theirs}; {why}")
        said, kind = listed.get(name, (None, "unlisted"))
        counts["agree" if theirs == ours else kind] += 1
        if theirs == ours and name in listed:
            wrong.append(f"{name}: pySigma agrees; take it off the list")
        elif theirs not in (ours, said):
            wrong.append(f"{name}: the vector says {ours}, pySigma {theirs}; {why}")
    wrong += [f"{name}: there is no such case" for name in listed if name not in all_ids]
    print("\n".join(wrong))
    print(f"{sum(counts.values())} compared: "
          + ", ".join(f"{counts[kind]} {kind}" for kind in ("agree", *CLASSES, "unlisted")))
    return 1 if wrong or len(all_ids) < 700 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[3:]))
