"""What a peer of `bench_knn.py` is told, and the points it reads; neighbours without the row itself."""
import argparse

import numpy as np


def read(*modes):
    parser = argparse.ArgumentParser()
    if modes:
        parser.add_argument("mode", choices=modes)
    parser.add_argument("--points")
    for name in ("rows", "columns", "neighbors", "threads"):
        parser.add_argument("--" + name, type=int)
    args = parser.parse_args()
    return args, np.fromfile(args.points, "<f4").reshape(args.rows, args.columns)


def others(indices, neighbors):
    """Without the row itself, wherever it stands among one neighbour too many."""
    keep = indices != np.arange(len(indices))[:, None]
    keep[keep.all(1), -1] = False
    return indices[keep].reshape(len(indices), neighbors)
