"""make bench-kmeans: Lloyd's iteration from the same start, a fixed number of times, on two threads, beside scikit-learn, its extension and faiss.

usage: bench_kmeans.py [CASE …]; any part of a case's name picks all that have it. A rate is fits a second.
"""
import pathlib
import tempfile

import cases
import child
import contest
import kmeans_data
import table
from contest import Entry

THREADS = 2
# Rows, columns, clusters, iterations: the two of the table, then growth.
CASES = [
    (100_000, 384, 100, 20), (1_000_000, 64, 1000, 10), (1_000, 64, 100, 10), (10_000, 64, 100, 10), (100_000, 64, 100, 10),
    (1_000_000, 64, 100, 10),
]
# Peers that round to 32 bits may part ways at a near tie, and their sums with them.
TOLERANCE = 1e-3
# A fit of seconds is a round.
contest.ROUNDS = 3


def checker(x, k):
    exact = []

    def check(entry, centres):
        value = kmeans_data.inertia(x, centres.reshape(k, -1))
        if not exact:
            exact.append(value)
            return True, f"inertia {value:.8g}, the reference"
        # More iterations than asked for would only lower it: what counts is that nobody does less.
        error = value / exact[0] - 1
        entry.note = f"inertia {value:.8g}"
        return error < TOLERANCE, "" if error < TOLERANCE else f"{error:.1e} above the reference WRONG"

    return check


def run(n, d, k, iterations):
    x, start = kmeans_data.points(n, d, k)
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        x.tofile(folder / "points.f32")
        start.tofile(folder / "start.f32")
        arguments = [
            "--points", folder / "points.f32", "--start", folder / "start.f32", "--rows", n, "--columns", d, "--clusters", k,
            "--iterations", iterations, "--threads", THREADS]
        # scikit-learn's own Lloyd is the reference.
        peers = {
            "scikit-learn lloyd": "lloyd", "scikit-learn-intelex": "intelex", "faiss": "faiss", "scikit-learn elkan": "elkan"}
        entries = [Entry(name, child.python("kmeans_peer.py", mode, *arguments)) for name, mode in peers.items()]
        entries.append(Entry("Medoid", child.ours("kmeans", *arguments), is_ours=True))
        contest.hold(entries, 1, checker(x, k))
    return table.say("kmeans", name(n, d, k, iterations), entries, 0, THREADS, ("f32",))


def name(n, d, k, iterations):
    return f"{n}x{d}-k{k}-{iterations}-iterations"


if __name__ == "__main__":
    cases.main(CASES, name, run)
