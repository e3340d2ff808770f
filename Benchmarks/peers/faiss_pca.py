"""A contestant: faiss's PCAMatrix, fitted to all rows."""
import argparse
import os

parser = argparse.ArgumentParser()
parser.add_argument("--data")
parser.add_argument("--work", choices=["fit", "transform"])
for name in ("rows", "columns", "components", "threads"):
    parser.add_argument("--" + name, type=int)
args = parser.parse_args()
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[variable] = str(args.threads)

import faiss
import numpy as np

import contestant

faiss.omp_set_num_threads(args.threads)
x = np.fromfile(args.data, np.float32).reshape(args.rows, args.columns)


def fitted():
    matrix = faiss.PCAMatrix(args.columns, args.components)
    # By itself it looks at no more than a thousand rows a column.
    matrix.max_points_per_d = args.rows // args.columns + 1
    matrix.train(x)
    return matrix


pca = fitted()


def run(n):
    global pca
    for _ in range(n):
        if args.work == "fit":
            pca = fitted()
        else:
            pca.apply(x)


def answer():
    if args.work == "fit":
        return faiss.vector_to_array(pca.A).reshape(args.components, args.columns)
    return pca.apply(x[:1000])


contestant.serve(run, answer)
