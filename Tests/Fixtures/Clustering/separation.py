"""Calinski-Harabasz, Davies-Bouldin and silhouettes of several partitions, for CentroidValidityTests and SilhouetteTests.
Versions: scikit-learn 1.9.1, numpy 2.4.6, safetensors 0.8.0."""
import pathlib

import numpy as np
from safetensors.numpy import save_file
from sklearn import metrics
from sklearn.cluster import KMeans
from sklearn.datasets import make_blobs

out = {}


def case(name, x, labelings):
    x = x.astype(np.float32)
    out[f"{name}.x"] = x
    x = x.astype(np.float64)
    labelings = np.array(labelings, dtype=np.int64)
    out[f"{name}.labels"] = labelings
    out[f"{name}.calinski"] = np.array([metrics.calinski_harabasz_score(x, y) for y in labelings])
    out[f"{name}.davies"] = np.array([metrics.davies_bouldin_score(x, y) for y in labelings])
    out[f"{name}.silhouette"] = np.array([metrics.silhouette_score(x, y) for y in labelings])


def fits(x, ks):
    return [KMeans(k, n_init=2, random_state=k).fit_predict(x) for k in ks]


rng = np.random.default_rng(4)
blobs, truth = make_blobs([90, 60, 40, 30], n_features=7, cluster_std=2.0, random_state=6)
case("blobs", blobs, fits(blobs, [2, 3, 4, 5, 9]) + [truth])
noise = rng.standard_normal((150, 12))
case("noise", noise, fits(noise, [2, 6]) + [rng.integers(0, 3, 150)])
# Far from the origin, with rows that occur twice: products alone would lose the small distances.
far = np.repeat(rng.standard_normal((60, 5)), 2, axis=0) + 3000
case("far", far, fits(far, [2, 4]))
case("duplicates", np.repeat([[0.0, 0], [3, 4], [10, 0]], 10, axis=0), [np.repeat([0, 1, 2], 10)])
save_file({k: np.ascontiguousarray(v) for k, v in out.items()}, pathlib.Path(__file__).with_suffix(".safetensors"))
