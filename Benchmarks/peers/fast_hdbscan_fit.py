"""A contestant: fast_hdbscan. The answer comes before the work, so that it is compiled by then."""
from density import args, serve

import fast_hdbscan


def fit(x):
    return fast_hdbscan.HDBSCAN(min_cluster_size=args.min_cluster_size, min_samples=args.min_samples).fit_predict(x)


serve(fit)
