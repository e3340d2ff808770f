"""make bench-pca: fitting principal components, and projecting rows onto them, beside scikit-learn, its Intel extension, and faiss.

usage: bench_pca.py [CASE …]; any part of a case's name picks all that have it.
"""
import os
import pathlib
import tempfile

import numpy as np

import cases
import child
import contest
import table
from contest import Entry

THREADS = 2
# Rows, columns, components: the three that count, and a series in which the rows grow.
SHAPES = [(20_000, 768, 256), (100_000, 384, 50), (1_000_000, 384, 64)]
GROWTH = [(10**e, 384, 50) for e in (3, 4, 5, 6)]
CASES = [(work, *shape) for work in ("fit", "transform") for shape in SHAPES] + [("growth", *shape) for shape in GROWTH]
# Of components, normalised, against numpy in float64: what ours must keep. The float32 sums of peers miss it on some data by a few times;
# they count within TEN_TIMES, and the table says how far off they are.
TOLERANCE, PEER_TOLERANCE = 1e-4, 1e-3
# A component whose variance is nearer to its neighbour's than this, as a share of the largest, is compared as part of a subspace only.
LEAST_GAP = 1e-5
# What the components may keep less of the variance than the best ones do.
LOSS = 1e-6


def write_rows(path, n, d):
    """A hundred directions of falling strength, noise, and a mean, as float32; gives mean and covariance in float64."""
    rng = np.random.default_rng(0)
    directions = min(d, 100)
    strengths = 0.93 ** np.arange(directions)
    mixing = (rng.standard_normal((directions, d)) * strengths[:, None]).astype(np.float32)
    total, gram = np.zeros(d), np.zeros((d, d))
    with open(path, "wb") as file:
        for start in range(0, n, 50_000):
            count = min(n - start, 50_000)
            signal = rng.standard_normal((count, directions), dtype=np.float32) @ mixing
            x = signal + np.float32(0.05) * rng.standard_normal((count, d), dtype=np.float32) + np.float32(0.3)
            x.tofile(file)
            # 0.3 is near the mean: little is cancelled below.
            wide = x.astype(np.float64) - 0.3
            total += wide.sum(axis=0)
            gram += wide.T @ wide
    shift = total / n
    return 0.3 + shift, (gram - n * np.outer(shift, shift)) / (n - 1)


def signed(components):
    """The largest loading of each positive."""
    largest = np.abs(components).argmax(axis=1)
    return components * np.sign(components[np.arange(len(components)), largest])[:, None]


class Reference:
    """The exact answer, and how far others are from it."""

    def __init__(self, covariance, count):
        values, vectors = np.linalg.eigh(covariance)
        self.covariance, self.values = covariance, values[::-1]
        self.components = signed(vectors.T[::-1][:count])
        gaps = -np.diff(self.values, append=-np.inf)
        apart = np.minimum(gaps, np.concatenate([[np.inf], gaps[:-1]])) > LEAST_GAP * self.values[0]
        self.apart = apart[:count]

    def check_fit(self, entry, numbers):
        found = signed(numbers.astype(np.float64).reshape(self.components.shape))
        difference = np.abs(found - self.components).max(axis=1) / np.abs(self.components).max(axis=1)
        error = difference[self.apart].max()
        best = self.values[:len(found)].sum()
        loss = 1 - np.trace(found @ self.covariance @ found.T) / best
        right = error <= (TOLERANCE if entry.is_ours else PEER_TOLERANCE) and loss <= LOSS
        return bool(right), f"components {error:.1e}, variance lost {max(loss, 0):.0e}" + ("" if right else " WRONG")

    def check_points(self, entry, numbers, rows, mean):
        points = (rows - mean) @ self.components.T
        found = numbers.astype(np.float64).reshape(points.shape)
        # Each contestant has components of its own, of either sign; where they are apart they must agree.
        sign = np.sign((found * points).sum(axis=0))
        error = (np.abs(found * sign - points)[:, self.apart] / points.std(axis=0)[self.apart]).max()
        right = error <= (10 * TOLERANCE if entry.is_ours else 10 * PEER_TOLERANCE)
        return bool(right), f"coordinates {error:.1e} of a deviation" + ("" if right else " WRONG")


def run(work, n, d, count):
    kind = "transform" if work == "transform" else "fit"
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR")) as folder:
        path = pathlib.Path(folder) / "rows.bin"
        mean, covariance = write_rows(path, n, d)
        reference = Reference(covariance, count)
        first = np.fromfile(path, np.float32, 1000 * d).reshape(-1, d).astype(np.float64)

        def check(entry, numbers):
            if kind == "fit":
                return reference.check_fit(entry, numbers)
            return reference.check_points(entry, numbers, first, mean)

        arguments = ["--data", path, "--rows", n, "--columns", d, "--components", count, "--threads", THREADS, "--work", kind]
        entries = [
            Entry("scikit-learn", child.python("scikit_learn_pca.py", "covariance_eigh", *arguments)),
            Entry("scikit-learn-intelex", child.python("scikit_learn_pca.py", "intelex", *arguments)),
            Entry("faiss", child.python("faiss_pca.py", *arguments)),
            Entry("Medoid", child.ours("pca", *arguments, "--solver", "covariance"), is_ours=True),
        ]
        if kind == "fit":
            entries.insert(2, Entry("scikit-learn randomized", child.python("scikit_learn_pca.py", "randomized", *arguments)))
            exact = child.ours("pca", *arguments, "--solver", "covariance64")
            entries.append(Entry("Medoid, 64 bits", exact, is_ours=True, counts=False))
        contest.hold(entries, n, check)
    return table.say("pca", name(work, n, d, count), entries, 0, THREADS, ("f32",))


def name(work, n, d, count):
    return f"{work}-{n}x{d}-to-{count}"


if __name__ == "__main__":
    cases.main(CASES, name, run)
