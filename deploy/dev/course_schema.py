#!/usr/bin/env python3
"""Validates a course's files with its published schemas and an independent validator.

usage: course_schema.py SCHEMAS COURSE

SCHEMAS is the folder of course.schema.json and topic.schema.json. Run it by deploy/dev/oracle.sh,
which installs jsonschema. Exit 1 when a file doesn't fit its schema, or when a file that is broken
on purpose does.
"""

import copy
import json
import pathlib
import sys
import tomllib

from jsonschema import Draft202012Validator

# What must not pass: a change to the first topic's document each.
BROKEN = {
    "an unknown field": lambda topic: topic.update(surprise=1),
    "three hints": lambda topic: topic["exercise"][0]["hints"].pop(),
    "an unknown kind": lambda topic: topic["exercise"][0].update(kind="essay"),
    "an id with a space": lambda topic: topic["quiz"][0].update(id="q 1"),
    "no title": lambda topic: topic.pop("title"),
    "a weight of 0": lambda topic: topic["exercise"][0]["test"][0].update(weight=0),
}


def validator(folder, name):
    schema = json.loads(pathlib.Path(folder, f"{name}.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def read(path):
    return tomllib.loads(path.read_text(encoding="utf-8"))


def main():
    schemas, course = sys.argv[1], pathlib.Path(sys.argv[2])
    faults = []

    def check(path, against):
        for error in against.iter_errors(read(path)):
            faults.append(f"{path}: {error.json_path}: {error.message[:200]}")

    check(course / "course.toml", validator(schemas, "course"))
    topic = validator(schemas, "topic")
    topics = sorted(course.glob("*/*.toml"))
    for path in topics:
        check(path, topic)
    for name, spoil in BROKEN.items():
        document = copy.deepcopy(read(topics[0]))
        spoil(document)
        if topic.is_valid(document):
            faults.append(f"the topic's schema lets through {name}")
    for fault in faults:
        print(f"course schema: {fault}", file=sys.stderr)
    print(f"course schema: {len(topics) + 1} files, {len(BROKEN)} broken ones, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
