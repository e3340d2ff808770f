"""Measures of agreement, silhouettes and DBCV, for the validity tests.
Versions: scikit-learn 1.9.1, hdbscan 0.8.44, numpy 2.4.6, safetensors 0.8.0."""
import pathlib

import numpy as np
from hdbscan.validity import validity_index
from safetensors.numpy import save_file
from sklearn import metrics
from sklearn.datasets import make_blobs

out = {}
rng = np.random.default_rng(2)


def agreement(name, truth, labels):
    truth, labels = np.asarray(truth), np.asarray(labels)
    out[f"agree.{name}.truth"] = truth.astype(np.int64)
    out[f"agree.{name}.labels"] = labels.astype(np.int64)
    out[f"agree.{name}.scores"] = np.array([
        metrics.adjusted_rand_score(truth, labels),
        metrics.adjusted_mutual_info_score(truth, labels),
        metrics.normalized_mutual_info_score(truth, labels),
        metrics.homogeneity_score(truth, labels),
        metrics.completeness_score(truth, labels),
    ])


truth = rng.integers(0, 6, 900)
noisy = np.where(rng.random(900) < 0.25, rng.integers(-1, 8, 900), truth)
agreement("noisy", truth, noisy)
agreement("independent", truth, rng.integers(0, 4, 900))
agreement("equal", truth, (truth + 2) % 6)
agreement("finer", truth, truth * 2 + rng.integers(0, 2, 900))
agreement("oneGroup", truth, np.zeros(900))
agreement("oneClass", np.zeros(50), np.zeros(50))
agreement("singletons", np.arange(20), np.arange(20))
agreement("againstSingletons", np.arange(20) // 5, np.arange(20))
agreement("small", [0, 0, 1, 1], [0, 1, 0, 1])

for name, spread, features in [("near", 3.0, 4), ("far", 1.0, 6)]:
    x, labels = make_blobs([80, 60, 40, 1], n_features=features, centers=None, cluster_std=spread, random_state=8)
    x = x.astype(np.float32)
    out[f"silhouette.{name}.x"] = x
    out[f"silhouette.{name}.labels"] = labels.astype(np.int64)
    out[f"silhouette.{name}.rows"] = metrics.silhouette_samples(x.astype(np.float64), labels)

for name, spread, features in [("near", 3.0, 3), ("far", 0.6, 5)]:
    x, labels = make_blobs([70, 50, 30], n_features=features, cluster_std=spread, random_state=4)
    x = x.astype(np.float32)
    labels = np.where(rng.random(150) < 0.1, -1, labels)
    score, groups = validity_index(x.astype(np.float64), labels, per_cluster_scores=True)
    out[f"dbcv.{name}.x"] = x
    out[f"dbcv.{name}.labels"] = labels.astype(np.int64)
    out[f"dbcv.{name}.groups"] = groups
    out[f"dbcv.{name}.score"] = np.array([score])
save_file({k: np.ascontiguousarray(v) for k, v in out.items()}, pathlib.Path(__file__).with_suffix(".safetensors"))
