"""A contestant: scikit-learn's PCA of float32 rows. Modes: covariance_eigh, randomized, and intelex (its Intel extension)."""
import argparse
import os

parser = argparse.ArgumentParser()
parser.add_argument("mode", choices=["covariance_eigh", "randomized", "intelex"])
parser.add_argument("--data")
parser.add_argument("--work", choices=["fit", "transform"])
for name in ("rows", "columns", "components", "threads"):
    parser.add_argument("--" + name, type=int)
args = parser.parse_args()
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = str(args.threads)

import numpy as np

import contestant

if args.mode == "intelex":
    from sklearnex.decomposition import PCA
else:
    from sklearn.decomposition import PCA

x = np.fromfile(args.data, np.float32).reshape(args.rows, args.columns)
solver = "covariance_eigh" if args.mode == "intelex" else args.mode
pca = PCA(args.components, svd_solver=solver, random_state=0).fit(x)
points = None


def run(n):
    global points
    for _ in range(n):
        if args.work == "fit":
            pca.fit(x)
        else:
            points = pca.transform(x)


contestant.serve(run, lambda: pca.components_ if args.work == "fit" else points[:1000] if points is not None else pca.transform(x[:1000]))
