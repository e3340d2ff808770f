"""k-means from given centres by scikit-learn, for KMeansTests. Versions: scikit-learn 1.9.1, numpy 2.4.6, safetensors 0.8.0."""
import pathlib

import numpy as np
from safetensors.numpy import save_file
from sklearn.cluster import KMeans
from sklearn.datasets import make_blobs

out = {}


def case(name, x, start, **options):
    x, start = x.astype(np.float32), start.astype(np.float32)
    fit = KMeans(len(start), init=start.astype(np.float64), n_init=1, **options).fit(x.astype(np.float64))
    out[f"{name}.x"] = x
    out[f"{name}.start"] = start
    out[f"{name}.labels"] = fit.labels_.astype(np.int64)
    out[f"{name}.centers"] = fit.cluster_centers_
    out[f"{name}.result"] = np.array([fit.inertia_, fit.n_iter_])


rng = np.random.default_rng(5)
blobs, _ = make_blobs(500, n_features=8, centers=6, cluster_std=2.5, random_state=3)
case("blobs", blobs, blobs[rng.choice(500, 6, replace=False)])
case("sameBlob", blobs, blobs[:6] * 0.01)
case("noise", rng.standard_normal((600, 12)), rng.standard_normal((9, 12)))
case("stopped", rng.standard_normal((400, 5)), rng.standard_normal((7, 5)), max_iter=3)
case("exact", rng.standard_normal((400, 5)), rng.standard_normal((7, 5)), tol=0)
# Centres far from everything stay without rows and are moved to the farthest rows.
case("empty", blobs[:300], np.concatenate([blobs[:4], np.full((2, 8), 500.0)]))
case("offset", blobs[:300] + 10000, blobs[10:14] + 10000)
save_file({k: np.ascontiguousarray(v) for k, v in out.items()}, pathlib.Path(__file__).with_suffix(".safetensors"))
