"""Features scored against labels by scikit-learn, for FeatureScoresTests. Versions: scikit-learn 1.9.1, numpy 2.4.6, safetensors 0.8.0.

k-NN: cosine, leave-one-out, no neighbour of the row's own patient (patient 0 is unknown), k = 20 from 500 rows on, else 5, of
equally many votes the nearer. k-means: k = number of labels, 10 starts, the mean adjusted Rand index over three seeds.
"""
import pathlib

import numpy as np
from safetensors.numpy import save_file
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score

rng = np.random.default_rng(5)
out = {}
for name, rows, kinds, spread in [("small", 120, 3, 1.7), ("large", 520, 4, 1.3)]:
    labels = rng.integers(0, kinds, rows)
    patients = rng.integers(0, rows // 4, rows)
    centres = rng.normal(size=(kinds, 12))
    # Images of one patient are alike whatever their kind.
    own = rng.normal(size=(rows // 4, 12))
    points = centres[labels] + spread * rng.normal(size=(rows, 12)) + 0.5 * own[patients]
    points = (points - points.mean(0)).astype(np.float32)
    z = points.astype(np.float64)
    units = z / np.linalg.norm(z, axis=1, keepdims=True)
    similarity = units @ units.T
    np.fill_diagonal(similarity, -np.inf)
    similarity[(patients[:, None] == patients[None]) & (patients[:, None] > 0)] = -np.inf
    order = np.argsort(-similarity, axis=1, kind="stable")[:, : 20 if rows >= 500 else 5]
    right = np.zeros(rows, np.int64)
    for i in range(rows):
        votes = np.bincount(labels[order[i]], minlength=kinds)
        best = np.flatnonzero(votes == votes.max())
        right[i] = next(labels[j] for j in order[i] if labels[j] in best) == labels[i]
    groups = [KMeans(kinds, n_init=10, random_state=s).fit_predict(z) for s in range(3)]
    out |= {
        f"{name}.points": points,
        f"{name}.labels": labels.astype(np.int64),
        f"{name}.patients": patients.astype(np.int64),
        f"{name}.right": right,
        f"{name}.ari": np.array([np.mean([adjusted_rand_score(labels, g) for g in groups])]),
    }
    print(name, right.mean(), out[f"{name}.ari"])
save_file(out, str(pathlib.Path(__file__).with_suffix(".safetensors")))
