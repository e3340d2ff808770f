"""HDBSCAN by the hdbscan package, for HDBSCANTests. Versions: hdbscan 0.8.44, scikit-learn 1.9.1, numpy 2.4.6, safetensors 0.8.0.

The package sorts the edges of its spanning tree with an unstable sort, so a point that bridges two clusters exactly at its
core distance may go either way. `sure` says where it agrees with itself over twelve orders of the rows: 1 in label and
probability, 2 in outlier score, 3 in both.
"""
import pathlib
import warnings

import numpy as np
from hdbscan import HDBSCAN
from safetensors.numpy import save_file
from sklearn.datasets import make_blobs, make_moons

warnings.filterwarnings("ignore")
out = {}
datasets = {}
rng = np.random.default_rng(21)


def canonical(labels):
    """Clusters by size, then by lowest row."""
    found = [c for c in dict.fromkeys(labels.tolist()) if c >= 0]
    order = sorted(found, key=lambda c: (-(labels == c).sum(), found.index(c)))
    return np.array([order.index(c) if c >= 0 else -1 for c in labels], dtype=np.int64), order


def fit(x, options):
    return HDBSCAN(approx_min_span_tree=False, core_dist_n_jobs=1, **options).fit(x.astype(np.float64))


def case(name, data, **options):
    x = datasets[data]
    model = fit(x, options)
    labels, order = canonical(model.labels_)
    sure = np.ones(len(x), dtype=np.int64)
    sure_outliers = np.ones(len(x), dtype=np.int64)
    shuffles = np.random.default_rng(1)
    for _ in range(12):
        order_of_rows = shuffles.permutation(len(x))
        again = np.empty(len(x), dtype=np.int64)
        other = fit(x[order_of_rows], options)
        again[order_of_rows] = other.labels_
        probabilities, outliers = np.empty(len(x)), np.empty(len(x))
        probabilities[order_of_rows], outliers[order_of_rows] = other.probabilities_, other.outlier_scores_
        # Clusters are named by their best match, so that one doubtful row does not rename the rest.
        name_of = {-1: -1}
        for c in set(again.tolist()) - {-1}:
            values, counts = np.unique(labels[again == c], return_counts=True)
            name_of[c] = values[np.argmax(counts)]
        sure &= np.array([name_of[c] for c in again.tolist()]) == labels
        sure &= np.isclose(probabilities, model.probabilities_, atol=1e-9, rtol=0)
        sure_outliers &= np.isclose(outliers, model.outlier_scores_, atol=1e-9, rtol=0, equal_nan=True)
    key = f"case.{name}"
    out[f"{key}.labels"] = labels
    out[f"{key}.sure"] = sure + 2 * sure_outliers
    out[f"{key}.probabilities"] = model.probabilities_
    out[f"{key}.outliers"] = model.outlier_scores_
    out[f"{key}.persistence"] = model.cluster_persistence_[order]
    out[f"{key}.options"] = np.array([
        options["min_cluster_size"], options.get("min_samples") or 0,
        options.get("cluster_selection_method", "eom") == "leaf", options.get("cluster_selection_epsilon", 0.0),
        options.get("alpha", 1.0), options.get("allow_single_cluster", False), options.get("max_cluster_size", 0),
    ], dtype=np.float64)
    out[f"{key}.data.{data}"] = np.zeros(1, dtype=np.int64)
    print(f"{name}: {labels.max() + 1} clusters, {(labels < 0).sum()} noise, {(sure == 0).sum()}, {(sure_outliers == 0).sum()} unsure of {len(x)}")


blobs, _ = make_blobs([120, 90, 60, 40], n_features=3, cluster_std=[0.6, 1.0, 1.4, 0.4], random_state=4)
datasets["blobs"] = np.concatenate([blobs, rng.uniform(-12, 12, (40, 3))])
moons, _ = make_moons(300, noise=0.07, random_state=2)
datasets["moons"] = np.concatenate([moons, rng.normal([3, 1], 0.6, (120, 2))])
wide, _ = make_blobs(280, n_features=50, centers=5, cluster_std=4.0, random_state=9)
datasets["wide"] = np.concatenate([wide, rng.uniform(-10, 10, (30, 50))])
datasets["duplicates"] = np.concatenate([
    np.repeat(rng.normal(0, 1, (12, 2)), 3, axis=0), rng.normal(6, 1, (60, 2)), rng.normal(-6, 1, (50, 2))])
datasets["coincident"] = np.concatenate([
    np.repeat(rng.normal(0, 1, (3, 2)), 12, axis=0), rng.normal(6, 1, (60, 2)), rng.normal(-6, 1, (50, 2))])
datasets["one"] = rng.normal(0, 1, (150, 2))
for data, x in datasets.items():
    datasets[data] = x.astype(np.float32)
    out[f"data.{data}"] = datasets[data]

case("blobs5", "blobs", min_cluster_size=5)
case("blobs15", "blobs", min_cluster_size=15)
case("blobs15s5", "blobs", min_cluster_size=15, min_samples=5)
case("blobsLeaf", "blobs", min_cluster_size=8, min_samples=4, cluster_selection_method="leaf")
case("blobsEpsilon", "blobs", min_cluster_size=5, min_samples=3, cluster_selection_epsilon=1.2)
case("blobsLeafEpsilon", "blobs", min_cluster_size=5, min_samples=3, cluster_selection_method="leaf", cluster_selection_epsilon=0.7)
case("blobsMaxSize", "blobs", min_cluster_size=10, max_cluster_size=100)
case("blobsAlpha", "blobs", min_cluster_size=10, min_samples=5, alpha=1.3, algorithm="prims_kdtree")
case("moons10", "moons", min_cluster_size=10)
case("moonsLeaf", "moons", min_cluster_size=10, cluster_selection_method="leaf")
case("moonsEpsilon", "moons", min_cluster_size=5, min_samples=3, cluster_selection_epsilon=0.3)
case("wide10", "wide", min_cluster_size=10)
case("wide15s3", "wide", min_cluster_size=15, min_samples=3)
case("duplicates5", "duplicates", min_cluster_size=6)
case("duplicatesLeaf", "duplicates", min_cluster_size=5, min_samples=4, cluster_selection_method="leaf")
case("coincident5", "coincident", min_cluster_size=5)
case("single", "one", min_cluster_size=10, allow_single_cluster=True)
case("singleEpsilon", "one", min_cluster_size=10, allow_single_cluster=True, cluster_selection_epsilon=0.6)
case("singleForbidden", "one", min_cluster_size=40)
save_file({k: np.ascontiguousarray(v) for k, v in out.items()}, pathlib.Path(__file__).with_suffix(".safetensors"))
