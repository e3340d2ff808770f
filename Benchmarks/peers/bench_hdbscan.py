"""make bench-hdbscan: exact density clusters beside hdbscan, fast_hdbscan and scikit-learn, from rows in memory to labels.

usage: bench_hdbscan.py [CASE …]; any part of a case's name picks all that have it.

Before a case is timed, all contestants label CHECKED rows of the same kind, and must agree with one of hdbscan's exact spanning trees:
these weigh the same, but edges of equal weight are in an order of chance there, and labels differ between them (to 0.98 at 5 columns).
min_samples means one thing for all: neighbours of a row without itself, as in hdbscan (scikit-learn's counts the row, so it gets one
more). hdbscan's own spanning tree is approximate where that is its default; fast_hdbscan's choice is its own.
"""
import os
import pathlib
import tempfile

import numpy as np
from sklearn.datasets import make_blobs
from sklearn.metrics import adjusted_rand_score

import cases
import child
import contest
import table
from contest import Entry

THREADS = 2
MIN_CLUSTER_SIZE, MIN_SAMPLES = 25, 10
# Rows, columns, and the peers that finish within a few minutes: the shapes that count, and a series in which the rows grow.
SHAPES = [
    (20_000, 50, ("hdbscan", "fast_hdbscan", "scikit-learn")),
    (100_000, 20, ("hdbscan", "fast_hdbscan")),
    (200_000, 10, ("hdbscan", "fast_hdbscan")),
    (1_000_000, 5, ("fast_hdbscan",)),
]
GROWTH = [
    (1_000, 10, ("hdbscan", "fast_hdbscan", "scikit-learn")),
    (10_000, 10, ("hdbscan", "fast_hdbscan", "scikit-learn")),
    (100_000, 10, ("hdbscan", "fast_hdbscan")),
    (1_000_000, 10, ()),
]
CASES = [("fit", *shape) for shape in SHAPES] + [("growth", *shape) for shape in GROWTH]
CHECKED = 5_000
# Ties keep exact answers apart; a peer that approximates counts down to the second.
AGREEMENT, PEER_AGREEMENT = 0.99, 0.95
# A round is one fit. Who takes longer than LONG seconds in the first gets no other.
ROUNDS, LONG = 3, 60
# The longest a peer may take for one round, in seconds.
PATIENCE = float(os.environ.get("HDBSCAN_PATIENCE", "400"))


def rows(n, d, seed=0):
    """Forty Gaussian blobs of spreads 0.3 to 2, and a tenth of uniform noise over their range, shuffled."""
    rng = np.random.default_rng(seed)
    grouped = int(n * 0.9)
    x, _ = make_blobs(
        grouped, d, centers=40, cluster_std=rng.uniform(0.3, 2.0, 40), center_box=(-10, 10), random_state=seed)
    noise = rng.uniform(x.min(0), x.max(0), (n - grouped, d))
    return np.vstack([x, noise]).astype("<f4")[rng.permutation(n)]


def references(x):
    """The labels of each of hdbscan's ways to an exact tree."""
    import hdbscan
    return [
        hdbscan.HDBSCAN(
            min_cluster_size=MIN_CLUSTER_SIZE, min_samples=MIN_SAMPLES, approx_min_span_tree=False,
            algorithm=algorithm).fit_predict(x)
        for algorithm in ("boruvka_kdtree", "boruvka_balltree", "prims_kdtree")]


def command(name, folder, d):
    arguments = [
        "--points", folder / "points.f32", "--checked", folder / "checked.f32", "--columns", d, "--threads", THREADS,
        "--min-cluster-size", MIN_CLUSTER_SIZE, "--min-samples", MIN_SAMPLES]
    script = {"hdbscan": "hdbscan_fit.py", "fast_hdbscan": "fast_hdbscan_fit.py", "scikit-learn": "scikit_learn_hdbscan.py"}
    return child.python(script[name], *arguments) if name in script else child.ours("hdbscan", *arguments)


def start(entry, folder, exact):
    """Starts a contestant and checks the labels it gives the checked rows, which compiles those that compile."""
    try:
        entry.process = child.Child(entry.command, entry.environment, PATIENCE)
        entry.process.answer(folder / "labels.f32")
        labels = np.fromfile(folder / "labels.f32", "<f4").astype(int)
        agreement = max(adjusted_rand_score(labels, reference) for reference in exact)
        entry.is_right = agreement >= (AGREEMENT if entry.is_ours else PEER_AGREEMENT)
        entry.error = f"agreement {agreement:.4f}" + ("" if entry.is_right else " WRONG")
    except child.Failed as reason:
        entry.give_up(reason)


def time_fit(entry):
    try:
        entry.run(1)
    except child.Failed as reason:
        entry.give_up(reason)


def run(work, n, d, peers):
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR")) as name_of_folder:
        folder = pathlib.Path(name_of_folder)
        rows(n, d).tofile(folder / "points.f32")
        checked = rows(CHECKED, d, seed=1)
        checked.tofile(folder / "checked.f32")
        exact = references(checked)
        entries = [Entry(peer, command(peer, folder, d), is_ours=peer == "Medoid") for peer in ("Medoid", *peers)]
        for entry in entries:
            start(entry, folder, exact)
        for _ in range(ROUNDS):
            for entry in entries:
                # Who takes long gets one round.
                if entry.process and not (entry.rates and 1 / entry.rates[0] > LONG):
                    time_fit(entry)
        for entry in entries:
            entry.stop()
        return table.say("hdbscan", name(work, n, d, peers), entries, 0, THREADS, ("f32",))


def name(work, n, d, peers):
    return f"{work}-{n}x{d}"


if __name__ == "__main__":
    cases.main(CASES, name, run)
