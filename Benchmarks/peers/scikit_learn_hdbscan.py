"""A contestant: scikit-learn's HDBSCAN, whose min_samples counts the row itself."""
from density import args, serve

from sklearn.cluster import HDBSCAN


def fit(x):
    return HDBSCAN(
        min_cluster_size=args.min_cluster_size, min_samples=args.min_samples + 1, n_jobs=args.threads, copy=True).fit_predict(x)


serve(fit)
