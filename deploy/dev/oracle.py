#!/usr/bin/env python3
"""Recomputes the engine's knowledge tracing and review scheduling with pyBKT and py-fsrs.

usage: oracle.py VECTORS

VECTORS is what `cargo run --example progress_vectors` prints. Run it by deploy/dev/oracle.sh,
which installs both packages. Exit 1 when a value differs by more than the limits below.
"""

import importlib.metadata
import json
import sys
from datetime import datetime, timedelta, timezone

import numpy
from fsrs import Card, Rating, Scheduler
from pyBKT.fit import predict_onestep

# Both sides compute in 64-bit floating point; what is stored is rounded at each step, and what it
# loses grows with the number that it is part of.
EXACT_LIMIT = 1e-6
STORED_TRACE_LIMIT = 1e-4
STORED_CARD_LIMIT = 1e-4

# pyBKT numbers its resources from 1: an answer without and with hints teaches differently.
RESOURCES = {"correct": 1, "hinted": 2, "wrong": 1}
MODEL = {
    "prior": 0.3,
    "learns": numpy.array([0.1, 0.05]),
    "forgets": numpy.zeros(2),
    "guesses": numpy.array([0.2]),
    "slips": numpy.array([0.1]),
}
NO_RESPONSE, WRONG, CORRECT = 0, 1, 2
# Millionths can't tell how much more certain than this somebody is: the stored value recovers
# sooner from there on, which is meant.
CERTAIN = 0.999
# Seven years: more is not stored.
STABILITY_LIMIT_DAYS = 2600


class Difference:
    """The largest difference of one kind of value."""

    def __init__(self, name, limit):
        self.name, self.limit, self.count, self.largest = name, limit, 0, 0.0

    def see(self, found, expected, relative=False):
        scale = max(1.0, abs(expected)) if relative else 1.0
        difference = abs(found - expected) / scale
        # A NaN is larger than every limit.
        self.largest = max(self.largest, difference if difference == difference else float("inf"))
        self.count += 1

    def __str__(self):
        return f"{self.name} {self.count} values within {self.largest:.1e}"


def traced(traces):
    """The probability of knowing before each answer and after the last, by trace."""
    # One more answer, without a response, shows the state after the last one.
    answers = [
        [WRONG if evidence == "wrong" else CORRECT for evidence in trace["evidence"]]
        + [NO_RESPONSE]
        for trace in traces
    ]
    resources = [[RESOURCES[evidence] for evidence in trace["evidence"]] + [1] for trace in traces]
    lengths = numpy.array([len(answer) for answer in answers])
    data = {
        "data": numpy.concatenate(answers)[numpy.newaxis],
        "resources": numpy.concatenate(resources),
        "starts": numpy.cumsum(lengths) - lengths + 1,
        "lengths": lengths,
    }
    _, states = predict_onestep.run(MODEL, data, parallel=False)
    return [part.tolist() for part in numpy.split(states[1], numpy.cumsum(lengths)[:-1])]


def check_traces(traces):
    exact = Difference("pyBKT", EXACT_LIMIT)
    stored = Difference("stored", STORED_TRACE_LIMIT)
    for trace, states in zip(traces, traced(traces), strict=True):
        was_doubtful = True
        for known, kept, expected in zip(trace["known"], trace["stored"], states[1:], strict=True):
            exact.see(known, expected)
            was_doubtful = was_doubtful and expected < CERTAIN
            if was_doubtful:
                stored.see(kept, expected)
    return exact, stored


def check_cards(cards):
    exact = Difference("py-fsrs", EXACT_LIMIT)
    stored = Difference("stored", STORED_CARD_LIMIT)
    scheduler = Scheduler(
        learning_steps=(), relearning_steps=(), maximum_interval=365, enable_fuzzing=False
    )
    for history in cards:
        card, was_stored = Card(card_id=1), True
        for step in history["steps"]:
            now = datetime.fromtimestamp(step["at_s"], timezone.utc)
            if step["recall"] is not None:
                exact.see(step["recall"], scheduler.get_card_retrievability(card, now))
            card, _ = scheduler.review_card(card, Rating(step["grade"]), now)
            exact.see(step["stability"], card.stability, relative=True)
            exact.see(step["difficulty"], card.difficulty)
            exact.see(step["interval_days"], (card.due - now) / timedelta(days=1))
            was_stored = was_stored and card.stability < STABILITY_LIMIT_DAYS
            if was_stored:
                stored.see(step["stored_stability"], card.stability, relative=True)
                stored.see(step["stored_difficulty"], card.difficulty)
    return exact, stored


def main():
    with open(sys.argv[1], encoding="utf-8") as lines:
        vectors = [json.loads(line) for line in lines]
    traces = [vector for vector in vectors if vector["kind"] == "trace"]
    cards = [vector for vector in vectors if vector["kind"] == "card"]
    differences = [*check_traces(traces), *check_cards(cards)]
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in ("pyBKT", "fsrs"))
    print(f"oracle: {versions}: {'; '.join(map(str, differences))}")
    wrong = [d for d in differences if d.count == 0 or d.largest > d.limit]
    for difference in wrong:
        print(f"oracle: {difference}: the limit is {difference.limit:.0e}", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
