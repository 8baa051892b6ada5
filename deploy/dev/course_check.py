#!/usr/bin/env python3
"""Runs a course's solutions with CPython: what `learnflow course check` cannot know by reading.

usage: course_check.py [--python PROGRAM] [--jobs N] DIR [TOPIC...]

Every reference solution must pass all tests of its exercise, every wrong solution and every
starter must fail at least one, and every example must print what it says. A program runs in a
scratch folder of its own, with a deadline, and without network by convention only: run courses
that you trust.
"""

import argparse
import concurrent.futures
import os
import pathlib
import subprocess
import sys
import tempfile
import tomllib

DEADLINE_S = 10

# Runs in the child: the program, then the test's own preparation, then the call.
HARNESS = """
import sys
source = open(sys.argv[1], encoding="utf-8").read()
names = {"__name__": "__main__"}
exec(compile(source, "program.py", "exec"), names)
if sys.argv[2]:
    out, sys.stdout = sys.stdout, open(__import__("os").devnull, "w")
    exec(compile(sys.argv[3], "setup.py", "exec"), names)
    value = eval(compile(sys.argv[2], "call", "eval"), names)
    sys.stdout = out
    sys.stdout.write("\\0" + repr(value))
"""


def tidy(text):
    """What the comparator `whitespace` keeps."""
    return "\n".join(line.rstrip() for line in text.strip("\n").rstrip().split("\n")).strip()


def same(comparator, found, expected):
    """Compares as the engine's grader does."""
    if comparator == "exact":
        return found == expected
    if comparator == "float":
        try:
            return abs(float(found) - float(expected)) <= 1e-9
        except ValueError:
            return False
    return tidy(found) == tidy(expected)


def outcome(python, code, test):
    """None when the test passes, otherwise what went wrong."""
    with tempfile.TemporaryDirectory(prefix="course-") as scratch:
        for name, text in test.get("files", {}).items():
            path = pathlib.Path(scratch, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        with tempfile.NamedTemporaryFile("w", suffix=".py", encoding="utf-8") as program:
            program.write(code)
            program.flush()
            command = [python, "-I", "-X", "utf8", "-c", HARNESS, program.name,
                       test.get("call", ""), test.get("setup", "")]
            try:
                run = subprocess.run(command, input=test.get("input", ""), capture_output=True,
                                     text=True, encoding="utf-8", timeout=DEADLINE_S, cwd=scratch,
                                     env={"PATH": os.environ.get("PATH", "")})
            except subprocess.TimeoutExpired:
                return f"took longer than {DEADLINE_S} s"
    if run.returncode != 0:
        return (run.stderr.strip().splitlines() or ["failed without a word"])[-1]
    printed, mark, value = run.stdout.partition("\0")
    found = value if mark else printed
    if same(test.get("comparator", "whitespace"), found, test["expect"]):
        return None
    return f"gives {found.strip()!r}, expected {test['expect'].strip()!r}"


def failures(python, code, tests):
    """The tests that a program fails, with the reasons."""
    found = [(index, outcome(python, code, test)) for index, test in enumerate(tests)]
    return [f"test {index}: {reason}" for index, reason in found if reason]


def check_exercise(python, place, exercise):
    """Every fault of one exercise."""
    tests = exercise.get("test", [])
    if exercise["kind"] == "predict-output":
        reason = outcome(python, exercise["starter"], {**tests[0], "expect": exercise["solution"]})
        faults = [f"{place}: the program {reason}"] if reason else []
        for number, wrong in enumerate(exercise.get("wrong", [])):
            if tidy(wrong["code"]) == tidy(exercise["solution"]):
                faults.append(f"{place}.wrong[{number}] ({wrong['misconception']}) is right")
        return faults
    faults = [f"{place}.solution fails {reason}"
              for reason in failures(python, exercise["solution"], tests)]
    programs = [(f"wrong[{number}] ({wrong['misconception']})", wrong["code"])
                for number, wrong in enumerate(exercise.get("wrong", []))]
    for name, code in [*programs, ("starter", exercise["starter"])]:
        if not failures(python, code, tests):
            faults.append(f"{place}.{name} passes every test")
    return faults


def check_example(python, place, example):
    """Every fault of one example."""
    test = {"input": example.get("input", ""), "expect": example["output"],
            "files": example.get("files", {})}
    reason = outcome(python, example["code"], test)
    return [f"{place}: {reason}"] if reason else []


def jobs_of(folder, only):
    """What there is to check: (function, place, data)."""
    for path in sorted(folder.glob("*/*.toml")):
        topic = f"{path.parent.name}.{path.stem}"
        if only and topic not in only:
            continue
        document = tomllib.loads(path.read_text(encoding="utf-8"))
        for exercise in document.get("exercise", []):
            yield check_exercise, f"{topic}: exercise {exercise['id']}", exercise
        for example in document.get("example", []):
            yield check_example, f"{topic}: example {example['title']!r}", example


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("topics", nargs="*")
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    arguments = parser.parse_args()
    work = list(jobs_of(arguments.folder, set(arguments.topics)))
    if not work:
        sys.exit(f"course_check: {arguments.folder} holds nothing to check")
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        found = pool.map(lambda job: job[0](arguments.python, job[1], job[2]), work)
        faults = [fault for faults in found for fault in faults]
    for fault in faults:
        print(fault)
    print(f"course_check: {len(work)} exercises and examples, {len(faults)} faults")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
