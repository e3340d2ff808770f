"""What the peers of bench_hdbscan.py have in common: their arguments, and serving a fit."""
import argparse
import os

parser = argparse.ArgumentParser()
for option in ("points", "checked"):
    parser.add_argument("--" + option)
for option in ("columns", "threads", "min-cluster-size", "min-samples"):
    parser.add_argument("--" + option, type=int)
args = parser.parse_args()
# Before numpy and numba are loaded.
for library in ("OMP", "OPENBLAS", "NUMBA"):
    os.environ[f"{library}_NUM_THREADS"] = str(args.threads)


def serve(fit):
    """`fit(x)` gives the labels of x. The work is that of `points`, the answer the labels of `checked`."""
    import numpy as np

    import contestant

    def rows(path):
        return np.fromfile(path, "<f4").reshape(-1, args.columns)

    points = rows(args.points)

    def run(n):
        for _ in range(n):
            fit(points)

    contestant.serve(run, lambda: np.asarray(fit(rows(args.checked))))
