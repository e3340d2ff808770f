"""A contestant: fast_hdbscan, compiled before it is timed."""
from density import args, serve

import fast_hdbscan
import numpy as np


def fit(x):
    return fast_hdbscan.HDBSCAN(min_cluster_size=args.min_cluster_size, min_samples=args.min_samples).fit_predict(x)


fit(np.random.default_rng(0).standard_normal((2_000, args.columns)).astype(np.float32))
serve(fit)
