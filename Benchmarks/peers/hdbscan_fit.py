"""A contestant: the hdbscan package, its tree and algorithm of its own choice."""
from density import args, serve

import hdbscan


def fit(x):
    return hdbscan.HDBSCAN(
        min_cluster_size=args.min_cluster_size, min_samples=args.min_samples, core_dist_n_jobs=args.threads).fit_predict(x)


serve(fit)
