"""A contestant: exact neighbours by scikit-learn's brute force."""
from sklearn.neighbors import NearestNeighbors

import contestant
import knn_input

args, points = knn_input.read()
found = None


def run(n):
    global found
    for _ in range(n):
        model = NearestNeighbors(n_neighbors=args.neighbors, algorithm="brute", n_jobs=args.threads).fit(points)
        # Without an argument it leaves each row out of its own neighbours.
        found = model.kneighbors(return_distance=False)


def answer():
    if found is None:
        run(1)
    return found


contestant.serve(run, answer)
