"""DBCV by hdbscan's validity_index, for DensityValidityTests. Versions: hdbscan 0.8.44, numpy 2.4.6, scikit-learn 1.9.1, safetensors 0.8.0."""
import pathlib

import numpy as np
from hdbscan.validity import validity_index
from safetensors.numpy import save_file
from sklearn.datasets import make_blobs, make_moons

out = {}
rng = np.random.default_rng(12)


def case(name, x, labels):
    x, labels = x.astype(np.float32), np.asarray(labels)
    score, groups = validity_index(x.astype(np.float64), labels, per_cluster_scores=True)
    assert np.isfinite(groups).all()
    out[f"{name}.x"], out[f"{name}.labels"] = x, labels.astype(np.int64)
    out[f"{name}.groups"], out[f"{name}.score"] = groups, np.array([score])
    print(name, score, groups)


x, labels = make_blobs([200, 60, 30], n_features=2, cluster_std=[2.0, 0.5, 1.0], random_state=1)
case("plane", x, np.where(rng.random(290) < 0.1, -1, labels))
x, labels = make_moons(240, noise=0.08, random_state=1)
case("moons", x, labels)
x, labels = make_blobs([300, 60, 40], n_features=50, cluster_std=3.0, random_state=2)
case("features", x, np.where(rng.random(400) < 0.1, -1, labels))
x, labels = make_blobs([250, 20], n_features=21, cluster_std=4.0, random_state=5)
case("odd", x, labels)
x, labels = make_blobs([40, 2, 2, 3], n_features=3, cluster_std=1.0, random_state=3)
case("pairs", x, labels)
x = np.concatenate([np.repeat(rng.normal(0, 1, (20, 2)), 3, axis=0), np.repeat(rng.normal(5, 1, (25, 2)), 2, axis=0), np.ones((6, 2)) * 20])
case("duplicates", x, np.repeat([0, 1, 2], [60, 50, 6]))
grid = np.stack(np.meshgrid(np.arange(9), np.arange(9)), axis=-1).reshape(-1, 2)
case("grid", np.concatenate([grid, grid[:30] + [30, 0]]), np.repeat([0, 1], [81, 30]))
x, labels = make_blobs([120, 90], n_features=10, cluster_std=5.0, random_state=6)
case("mixed", x, rng.integers(0, 4, 210))
save_file({k: np.ascontiguousarray(v) for k, v in out.items()}, pathlib.Path(__file__).with_suffix(".safetensors"))
