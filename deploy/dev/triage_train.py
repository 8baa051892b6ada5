#!/usr/bin/env python3
"""Learns engine/src/tutor/triage/weights.tsv from the labelled sets to tune on.

    pip install numpy scipy
    python3 deploy/dev/triage_train.py          # writes the weights
    python3 deploy/dev/triage_train.py --folds  # only says how well questions left out are routed

The engine itself names the signs of each question (the example triage_signs), so this knows
nothing of texts: it fits a logistic regression, and never reads the held-out set.
"""
import collections
import pathlib
import subprocess
import sys

import numpy as np
from scipy.optimize import minimize
from scipy.sparse import csr_matrix

ROOT = pathlib.Path(__file__).resolve().parents[2]
WEIGHTS = ROOT / "engine/src/tutor/triage/weights.tsv"
AGENTS = "concepts code_review debug exercise progress clarify off_topic".split()
FOLDS = 5
# Kinds of signs, each with how freely its weights may grow: what is rare is trusted less.
SCALE = {"f": 0.7, "w": 1.0, "b": 0.5, "m": 0.7, "t": 0.5, "c": 0.35}
DECAY = 0.3
# What a whole question after another one counts, beside the question alone.
WEIGHT = {"as is": 1.0, "later": 0.3}
HEADER = """# Weights of triage, version 1: how much each sign of a question (sign.rs) speaks for each agent.
# Made from the labelled sets to tune on; don't edit by hand: pip install numpy scipy && python3 deploy/dev/triage_train.py
# sign, {}, staying with the agent of the turn before; in 1/100 of ln(odds).
"""


def questions():
    command = "cargo run -q -p learnflow-engine --locked --example triage_signs"
    out = subprocess.run(command.split(), cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for name, number, origin, agent, last, *signs in (line.split("\t") for line in out.splitlines()):
        yield name, int(number), origin, AGENTS.index(agent), AGENTS.index(last) if last in AGENTS[:5] else -1, signs


class Model:
    def __init__(self, rows):
        seen = collections.Counter()
        for row in rows:
            if row[2] == "as is":
                seen.update(set(row[5]))
        kept = sorted(sign for sign, count in seen.items() if count >= 2)
        self.column = {sign: at for at, sign in enumerate(kept)}
        self.scale = np.array([SCALE[sign[0]] for sign in kept])
        x, last = self.matrix(rows), np.array([row[4] for row in rows])
        y = np.array([row[3] for row in rows])
        weight = np.array([WEIGHT[row[2]] for row in rows])
        shape = (len(kept), len(AGENTS) + 1)

        def loss(flat):
            w = flat.reshape(shape)
            z = self.scores(x, last, w)
            z -= z.max(axis=1, keepdims=True)
            p = np.exp(z)
            p /= p.sum(axis=1, keepdims=True)
            n = np.arange(len(y))
            value = -(weight * np.log(p[n, y] + 1e-12)).sum() + DECAY * (w**2).sum()
            p[n, y] -= 1
            p *= weight[:, None]
            stay = np.where(last >= 0, p[n, last], 0)
            gradient = x.T @ np.hstack([p, stay[:, None]]) + 2 * DECAY * w
            return value, gradient.ravel()

        found = minimize(loss, np.zeros(shape).ravel(), jac=True, method="L-BFGS-B", options={"maxiter": 300})
        real = found.x.reshape(shape) * self.scale[:, None]
        self.whole = np.rint(real * 100).astype(int)  # what the engine computes with

    def matrix(self, rows):
        cells = [(at, self.column[s]) for at, row in enumerate(rows) for s in row[5] if s in self.column]
        at, column = zip(*cells)
        return csr_matrix((self.scale[list(column)], (at, column)), shape=(len(rows), len(self.column)))

    def scores(self, x, last, w):
        z = x @ w
        n = np.flatnonzero(last >= 0)
        z[n, last[n]] += z[n, len(AGENTS)]
        return z[:, : len(AGENTS)]

    def route(self, rows):
        w = self.whole / self.scale[:, None]
        return self.scores(self.matrix(rows), np.array([row[4] for row in rows]), w)


def folds(rows):
    right, wrong, confusion = collections.Counter(), [], collections.Counter()
    total = collections.Counter()
    for fold in range(FOLDS):
        train = [row for row in rows if row[1] % FOLDS != fold]
        test = [row for row in rows if row[1] % FOLDS == fold and row[2] == "as is"]
        for row, z in zip(test, Model(train).route(test)):
            found = int(z.argmax())
            total[row[0]] += 1
            right[row[0]] += found == row[3]
            confusion[AGENTS[row[3]], AGENTS[found]] += 1
            if found != row[3]:
                top = sorted(z)[::-1]
                wrong.append((row[0], row[1], AGENTS[row[3]], AGENTS[found], int(top[0] - top[1]), [s[2:] for s in row[5] if s[0] == "w"]))
    for name in total:
        print(f"{name}: {right[name]}/{total[name]} = {100 * right[name] / total[name]:.1f} %")
    if "--wrong" in sys.argv:
        for name, number, expected, found, margin, words in sorted(wrong):
            print(f"  {name} {number}: {expected} -> {found} by {margin}: {' '.join(words)}")


def main():
    rows = list(questions())
    if "--folds" in sys.argv:
        return folds(rows)
    model = Model(rows)
    lines = ["\t".join([sign, *map(str, model.whole[at])]) for sign, at in model.column.items() if abs(model.whole[at]).max() >= 3]
    WEIGHTS.write_text(HEADER.format(", ".join(AGENTS)) + "\n".join(lines) + "\n")
    print(f"{len(lines)} signs, {WEIGHTS.stat().st_size} bytes")


if __name__ == "__main__":
    main()
