"""make bench-umap: maps of two dimensions by UMAP, neighbours included, beside umap-learn, warm, and how trustworthy each is.

usage: bench_umap.py [CASE …]; any part of a case's name picks all that have it.
"""
import pathlib
import statistics
import tempfile

import numpy as np
from sklearn.datasets import make_blobs
from sklearn.manifold import trustworthiness

import cases
import child

COLUMNS, THREADS = 50, 2
# (rows, rounds): two that are compared in earnest, and how the cost grows.
CASES = [(n, 3) for n in (20_000, 70_000)] + [(n, 1) for n in (1_000, 3_000, 10_000, 30_000, 100_000, 300_000)]
# Whoever keeps less of the neighbourhoods than umap-learn does, by more than this, does not count.
SLACK = 0.002
# A fit of umap-learn beyond this is left out; brute force over more rows than this is minutes.
PEER_ROWS = 100_000
PATIENCE = 1500


def blobs(rows):
    """40 clumps of unlike width in 50 dimensions."""
    widths = np.random.default_rng(0).uniform(0.5, 3.0, 40)
    return make_blobs(rows, COLUMNS, centers=40, cluster_std=widths, random_state=0)[0].astype(np.float32)


def trust(points, layout):
    """Of 2,000 rows among themselves, to the ten nearest."""
    chosen = np.random.default_rng(0).choice(len(points), min(2000, len(points)), replace=False)
    return float(trustworthiness(points[chosen], layout[chosen], n_neighbors=10))


class Contestant:
    def __init__(self, name, command, counts=True, is_ours=False):
        self.name, self.command, self.counts, self.is_ours = name, command, counts, is_ours
        self.seconds, self.trust, self.memory, self.error, self.process = [], 0.0, 0, "", None

    def start(self, points):
        try:
            self.process = child.Child(self.command, {}, PATIENCE)
            with tempfile.NamedTemporaryFile(suffix=".f32") as file:
                self.process.answer(file.name)
                layout = np.fromfile(file.name, "<f4").reshape(-1, 2)
            self.trust = trust(points, layout) if np.isfinite(layout).all() else 0.0
        except child.Failed as reason:
            self.process, self.error = None, str(reason)

    def run(self):
        try:
            self.seconds.append(self.process.go(1))
        except child.Failed as reason:
            self.process, self.error, self.seconds = None, str(reason), []

    def stop(self):
        if self.process:
            self.memory = self.process.memory()
            self.process.stop()


def name(rows, _):
    return f"{rows}x{COLUMNS}"


def run(rows, rounds):
    points = blobs(rows)
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "points.f32"
        points.tofile(path)
        arguments = ["--points", path, "--rows", rows, "--columns", COLUMNS, "--threads", THREADS]
        all_of_them = [Contestant("Medoid", child.ours("umap", *arguments), is_ours=True)]
        if rows <= PEER_ROWS:
            all_of_them.append(Contestant("umap-learn", child.python("umap_layout.py", "threads", *arguments)))
            # Reproducible as ours is, but on one thread: for information.
            if rounds > 1 and rows <= 20_000:
                seeded = child.python("umap_layout.py", "seeded", *arguments)
                all_of_them.append(Contestant("umap-learn seeded", seeded, counts=False))
        for one in all_of_them:
            one.start(points)
        for _ in range(rounds):
            for one in (c for c in all_of_them if c.process):
                one.run()
        for one in all_of_them:
            one.stop()
    return say(name(rows, rounds), all_of_them)


def say(case, all_of_them):
    """Prints the table and the ratio, and says whether ours took part and was right."""
    ours, peers = all_of_them[0], [c for c in all_of_them[1:] if c.counts and c.seconds]
    bound = max((p.trust for p in peers), default=0) - SLACK
    print(f"\numap {case}\n  {'':20} {'seconds':>9} {'MiB':>7}  trustworthiness")
    for one in all_of_them:
        seconds = f"{statistics.median(one.seconds):9.2f}" if one.seconds else f"{'–':>9}"
        notes = [one.error] if one.error else []
        notes += [] if one.counts else ["for information"]
        notes += ["WRONG"] if one.seconds and one.trust < bound else []
        print(f"  {one.name:20} {seconds} {one.memory / 2**20:7.0f}  {one.trust:.4f} {'; '.join(notes)}")
    is_right = bool(ours.seconds) and ours.trust >= bound
    if is_right and peers:
        mine = statistics.median(ours.seconds)
        best = min(peers, key=lambda p: statistics.median(p.seconds))
        theirs = statistics.median(best.seconds)
        print(f"ratio umap {case} {mine:.4g} {theirs:.4g} {best.name} {theirs / mine:.3f}", flush=True)
    return is_right


if __name__ == "__main__":
    cases.main(CASES, name, run)
