"""What the peers of bench_hdbscan.py have in common: their arguments, and serving a fit."""
import argparse
import os

parser = argparse.ArgumentParser()
parser.add_argument("--points")
for option in ("rows", "columns", "threads", "min-cluster-size", "min-samples"):
    parser.add_argument("--" + option, type=int)
args = parser.parse_args()
# Before numpy and numba are loaded.
for library in ("OMP", "OPENBLAS", "NUMBA"):
    os.environ[f"{library}_NUM_THREADS"] = str(args.threads)


def serve(fit):
    """`fit(x)` gives the labels of x."""
    import numpy as np

    import contestant

    x = np.fromfile(args.points, "<f4").reshape(args.rows, args.columns)
    labels = []

    def run(n):
        for _ in range(n):
            labels[:] = [np.asarray(fit(x))]

    def answer():
        if not labels:
            run(1)
        return labels[0]

    contestant.serve(run, answer)
