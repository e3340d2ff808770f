"""make bench-knn: the 15 nearest other rows of every row, 384 columns, 200 clusters on the sphere, two threads.

usage: bench_knn.py [CASE …]; any part of a case's name picks all that have it.

What counts is exact. Approximate contestants are rows for information, with their recall beside them: the share of the true
neighbours of 200 rows, found by plain loops in float64. The case of a million rows has approximate ones only.
"""
import pathlib
import tempfile

import numpy as np

import cases
import child
import contest
import table
from contest import Entry

COLUMNS, CLUSTERS, NEIGHBORS, THREADS = 384, 200, 15, 2
CASES = [(1_000,), (3_000,), (10_000,), (30_000,), (100_000,), (1_000_000,)]
# Rows of which the true neighbours are found.
CHECKED = 200
# Products in float32 mistake two neighbours at nearly the same distance.
EXACT = 0.999
contest.ROUNDS = 3


def points(rows):
    random = np.random.default_rng(0)
    centres = random.normal(0, 1, (CLUSTERS, COLUMNS)).astype(np.float32)
    x = centres[random.integers(0, CLUSTERS, rows)]
    x += random.standard_normal((rows, COLUMNS), dtype=np.float32)
    return x / np.linalg.norm(x, axis=1, keepdims=True)


def squares(x, row, others=slice(None)):
    """Squared distances of a row, in float64, by blocks that fit a cache."""
    picked = x[others]
    own = x[row].astype(np.float64)
    return np.concatenate([((picked[at:at + 4096] - own) ** 2).sum(1) for at in range(0, len(picked), 4096)])


def checker(x):
    rows = np.linspace(0, len(x) - 1, CHECKED).astype(int)
    # Its own distance, 0, is the first.
    last = [np.partition(squares(x, row), NEIGHBORS)[NEIGHBORS] for row in rows]

    def check(entry, answer):
        found = answer.astype(np.int64).reshape(len(x), NEIGHBORS)
        hits = [
            sum(square <= limit and other != row for square, other in zip(squares(x, row, found[row]), found[row]))
            if len(set(found[row])) == NEIGHBORS else 0 for row, limit in zip(rows, last)]
        recall = sum(hits) / (CHECKED * NEIGHBORS)
        least = 0 if not entry.counts else 1 if entry.is_ours else EXACT
        return recall >= least, f"recall {recall:.4f}" + ("" if recall >= least else " WRONG")

    return check


def run(rows):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "points.f32"
        x = points(rows)
        x.tofile(path)
        arguments = ["--points", path, "--rows", rows, "--columns", COLUMNS, "--neighbors", NEIGHBORS, "--threads", THREADS]
        exact = [
            Entry("faiss Flat", child.python("faiss_knn.py", "flat", *arguments)),
            Entry("scikit-learn brute", child.python("sklearn_knn.py", *arguments)),
            Entry("Medoid", child.ours("knn", *arguments, "--search", "exact"), is_ours=True),
        ]
        approximate = [
            Entry("faiss HNSW", child.python("faiss_knn.py", "hnsw", *arguments), counts=False),
            Entry("pynndescent", child.python("pynndescent_knn.py", *arguments), counts=False),
            Entry("Medoid approximate", child.ours("knn", *arguments, "--search", "approximate"), is_ours=True, counts=False),
        ]
        entries = approximate if rows > 100_000 else exact + approximate
        contest.hold(entries, rows, checker(x))
    right = table.say("knn", name(rows), entries, 0, THREADS, ("f32",))
    # Nothing counts where all is approximate; it is enough that ours could run.
    return right or rows > 100_000 and all(not e.broke for e in entries if e.is_ours)


def name(rows):
    return f"{rows}x{COLUMNS}-k{NEIGHBORS}"


if __name__ == "__main__":
    cases.main(CASES, name, run)
