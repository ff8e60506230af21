#!/usr/bin/env python3
"""Holds OCSF documents against the public schema's own source files.

usage: ocsf_validate.py SCHEMA-FOLDER FILE… [-- COMMAND ARGUMENT…]

FILE holds one JSON document a line; so does what COMMAND prints. The schema folder is a checkout of
github.com/ocsf/ocsf-schema (version.json, dictionary.json, events/, objects/,
profiles/). It is resolved as the specification describes: `extends`, `$include`,
profiles by metadata.profiles, dictionary attributes and types.

Checked: no unknown or deprecated members; required ones there; constraints
(at_least_one, just_one); types with their limits; enum values; class, category
and type ids; captions beside enum ids. To prove that it can fail, each of a list of
broken copies of the first document must be refused.

Exit: 0 valid · 1 not valid · 77 the schema is not there (skipped, and said).
"""
import copy
import json
import pathlib
import re
import subprocess
import sys


class Schema:
    def __init__(self, folder):
        self.folder = folder
        self.version = self.load("version.json")["version"]
        dictionary = self.load("dictionary.json")
        self.dictionary = dictionary["attributes"]
        self.types = dictionary["types"]["attributes"]
        self.categories = self.load("categories.json")["attributes"]
        self.objects = self.index("objects")
        self.events = self.index("events")
        self.profiles = self.index("profiles")
        self.cache = {}
        self.observable_types = self.collect_observables()

    def load(self, name):
        return json.loads((self.folder / name).read_text(encoding="utf-8"))

    def index(self, name):
        found = {}
        for path in sorted((self.folder / name).rglob("*.json")):
            item = json.loads(path.read_text(encoding="utf-8"))
            if "name" in item or "extends" in item:
                found[item.get("name", item.get("extends"))] = item
        return found

    def collect_observables(self):
        found = {0, 99}
        for table in (self.types, self.dictionary):
            found |= {row["observable"] for row in table.values() if "observable" in row}
        for item in self.objects.values():
            if "observable" in item:
                found.add(item["observable"])
            for row in item["attributes"].values():
                if isinstance(row, dict) and "observable" in row:
                    found.add(row["observable"])
        return found

    def resolve(self, table, name):
        """(attributes, constraints) of an object or event, with all it extends."""
        key = (id(table), name)
        if key in self.cache:
            return self.cache[key]
        item = table[name]
        attributes, constraints = {}, {}
        if "extends" in item and item["extends"] != name:
            base, constraints = self.resolve(table, item["extends"])
            attributes = copy.deepcopy(base)
            constraints = dict(constraints)
        constraints = item.get("constraints", constraints)
        own = dict(item["attributes"])
        includes = own.pop("$include", [])
        for include in [includes] if isinstance(includes, str) else includes:
            profile = self.load(include)
            for attribute, row in profile["attributes"].items():
                self.merge(attributes, attribute, dict(row, profile=profile["name"]))
        for attribute, row in own.items():
            self.merge(attributes, attribute, row)
        self.cache[key] = attributes, constraints
        return attributes, constraints

    def merge(self, attributes, name, row):
        into = attributes.setdefault(name, copy.deepcopy(self.dictionary.get(name, {})))
        for key, value in row.items():
            if key == "enum" and "enum" in into:
                into["enum"] = {**into["enum"], **value}
            else:
                into[key] = value

    def event_of(self, class_uid):
        for name, event in self.events.items():
            category = event.get("category") or self.inherited(event, "category")
            if category in self.categories and "uid" in event:
                if self.categories[category]["uid"] * 1000 + event["uid"] == class_uid:
                    return name, self.categories[category]["uid"]
        return None, None

    def inherited(self, event, key):
        while "extends" in event:
            event = self.events[event["extends"]]
            if key in event:
                return event[key]
        return None


class Checker:
    def __init__(self, schema):
        self.schema = schema
        self.problems = []

    def report(self, path, text):
        self.problems.append(f"{path or 'document'}: {text}")

    def document(self, document):
        class_uid = document.get("class_uid")
        name, category = self.schema.event_of(class_uid)
        if name is None:
            self.report("class_uid", f"no class {class_uid!r}")
            return
        attributes, constraints = self.schema.resolve(self.schema.events, name)
        profiles = document.get("metadata", {}).get("profiles", [])
        for profile in profiles:
            if profile not in self.schema.profiles:
                self.report("metadata.profiles", f"no profile {profile!r}")
        attributes = copy.deepcopy(attributes)
        # What the schema's server computes: these ids have one value in a class.
        attributes["class_uid"]["enum"] = {str(class_uid): {"caption": self.schema.events[name]["caption"]}}
        attributes["category_uid"]["enum"] = {str(category): {}}
        type_uid = class_uid * 100 + document.get("activity_id", -1)
        attributes["type_uid"]["enum"] = {str(type_uid): {}}
        self.members(document, attributes, constraints, profiles, "")
        version = document.get("metadata", {}).get("version")
        if version != self.schema.version:
            self.report("metadata.version", f"{version!r} is not {self.schema.version!r}")

    def members(self, value, attributes, constraints, profiles, path):
        usable = {
            name: row for name, row in attributes.items()
            if row.get("profile") is None or row["profile"] in profiles
        }
        for name, row in usable.items():
            if row.get("requirement") == "required" and name not in value:
                self.report(f"{path}{name}", "required, and missing")
        for kind, names in constraints.items():
            there = sum(name in value for name in names)
            if (kind == "at_least_one" and there == 0) or (kind == "just_one" and there != 1):
                self.report(path.rstrip("."), f"{kind} of {', '.join(names)}: there are {there}")
        for name, member in value.items():
            row = usable.get(name)
            if row is None:
                self.report(f"{path}{name}", "no such member here")
            elif "@deprecated" in row:
                self.report(f"{path}{name}", "deprecated")
            else:
                self.attribute(member, row, profiles, f"{path}{name}")
                self.sibling(value, member, row, f"{path}{name}")

    def sibling(self, value, member, row, path):
        """The caption that belongs to an enum id, where both are given."""
        name = row.get("sibling")
        if name in value and "enum" in row and member != 99:
            caption = row["enum"].get(str(member), {}).get("caption")
            if caption is not None and value[name] != caption:
                self.report(path, f"{member} is {caption!r}, but {name} says {value[name]!r}")

    def attribute(self, member, row, profiles, path):
        if row.get("is_array"):
            if not isinstance(member, list):
                self.report(path, "not an array")
                return
            for index, element in enumerate(member):
                self.value(element, row, profiles, f"{path}[{index}]")
        else:
            self.value(member, row, profiles, path)

    def value(self, value, row, profiles, path):
        type_name = row["type"]
        if path.endswith("observables.type_id") or re.search(r"observables\[\d+\]\.type_id$", path):
            if value not in self.schema.observable_types:
                self.report(path, f"no observable type {value!r}")
        elif "enum" in row and str(value) not in row["enum"]:
            self.report(path, f"{value!r} is no value of its enum")
        if type_name in self.schema.types:
            self.scalar(value, type_name, path)
        elif type_name == "object":
            if not isinstance(value, dict):
                self.report(path, "not an object")
        elif type_name in self.schema.objects:
            if not isinstance(value, dict):
                self.report(path, f"not an object ({type_name})")
                return
            attributes, constraints = self.schema.resolve(self.schema.objects, type_name)
            self.members(value, attributes, constraints, profiles, f"{path}.")
        else:
            self.report(path, f"the schema names an unknown type {type_name!r}")

    def scalar(self, value, type_name, path):
        row = self.schema.types[type_name]
        base = row.get("type", type_name)
        wanted = {"string_t": str, "boolean_t": bool, "integer_t": int, "long_t": int,
                  "float_t": (int, float)}.get(base)
        if wanted is None:
            return  # json_t: anything
        if not isinstance(value, wanted) or (isinstance(value, bool) and base != "boolean_t"):
            self.report(path, f"{value!r} is no {type_name}")
            return
        if "regex" in row and not re.search(row["regex"], value):
            self.report(path, f"{value!r} is no {type_name}")
        if "max_len" in row and len(value) > row["max_len"]:
            self.report(path, f"longer than {row['max_len']}")
        if "range" in row and not row["range"][0] <= value <= row["range"][1]:
            self.report(path, f"{value} is not within {row['range']}")


def problems_of(schema, document):
    checker = Checker(schema)
    checker.document(document)
    return checker.problems


def broken_copies(document):
    """(name, document that must be refused)"""
    def changed(change):
        made = copy.deepcopy(document)
        change(made)
        return made

    yield "required member gone", changed(lambda d: d.pop("severity_id"))
    yield "required member of an object gone", changed(lambda d: d["finding_info"].pop("uid"))
    yield "unknown member", changed(lambda d: d.update(sevrity="High"))
    yield "unknown member of an object", changed(lambda d: d["finding_info"].update(nme="x"))
    yield "enum", changed(lambda d: d.update(severity_id=7))
    yield "caption", changed(lambda d: d.update(severity="Low-ish"))
    yield "type", changed(lambda d: d.update(time="now"))
    yield "boolean for a number", changed(lambda d: d.update(time=True))
    yield "array", changed(lambda d: d.update(evidences={}))
    yield "constraint", changed(lambda d: d.update(evidences=[{"uid": "x"}]))
    yield "type_uid", changed(lambda d: d.update(type_uid=200402))
    yield "class", changed(lambda d: d.update(class_uid=2999))
    yield "deprecated", changed(lambda d: d.update(comment="x"))
    yield "profile not applied", changed(lambda d: d["metadata"].pop("profiles"))
    yield "profile's required member gone", changed(lambda d: d.pop("cloud"))


def main():
    folder = pathlib.Path(sys.argv[1])
    if not (folder / "dictionary.json").exists():
        print(f"skipped: 1 test, no OCSF schema at {folder}")
        return 77
    schema = Schema(folder)
    count, bad = 0, 0
    names, command = sys.argv[2:], []
    if "--" in names:
        at = names.index("--")
        names, command = names[:at], names[at + 1:]
    sources = [(name, pathlib.Path(name).read_text(encoding="utf-8")) for name in names]
    if command:
        done = subprocess.run(command, stdout=subprocess.PIPE, timeout=600)
        sources.append((command[0], done.stdout.decode("utf-8")))
    for name, text in sources:
        for number, line in enumerate(text.splitlines(), 1):
            document = json.loads(line)
            if count == 0:
                for what, broken in broken_copies(document):
                    if not problems_of(schema, broken):
                        print(f"self-check: a document with '{what}' passes")
                        bad += 1
            count += 1
            for problem in problems_of(schema, document):
                print(f"{name}:{number}: {problem}")
                bad += 1
    print(f"{count} documents against OCSF {schema.version}: {bad} problems")
    return 1 if bad or count == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
