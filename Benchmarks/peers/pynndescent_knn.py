"""A contestant: approximate neighbours by pynndescent, compiled beforehand."""
import pynndescent

import contestant
import knn_input

args, points = knn_input.read()
found = None


def graph(x):
    return pynndescent.NNDescent(x, n_neighbors=args.neighbors + 1, n_jobs=args.threads, random_state=0).neighbor_graph[0]


def run(n):
    global found
    for _ in range(n):
        found = graph(points)


def answer():
    if found is None:
        run(1)
    return knn_input.others(found, args.neighbors)


graph(points[:5000])
contestant.serve(run, answer)
