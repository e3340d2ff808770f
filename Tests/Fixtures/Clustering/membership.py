"""Exemplars, soft membership and predictions of new rows by the hdbscan package, for DensityModelTests.
Versions: hdbscan 0.8.44, scikit-learn 1.9.1, numpy 2.4.6, safetensors 0.8.0.

The package sorts the edges of its spanning tree with an unstable sort, so where edges weigh the same its answer depends on the
order of rows. `sure` says for which rows (1 training, 2 new) it agrees with itself over eight orders.

Three things of the package are set right first:
* it takes for a group's cluster the lowest-numbered one that a point of the group leaves, which is a part of the cluster where no
  point leaves before it splits: here it is the lowest cluster that holds all of them;
* the chance of being in a group at all is measured against one group of those that a row joins at the same density (all that lie
  below its own cluster, say): here against the nearest of them, not the one that is numbered lower;
* it has no cosine metric where it predicts: its own formulas are run over cosine distances, with a search that looks at every row.
"""
import pathlib
import warnings

import numpy as np
from hdbscan import HDBSCAN
from hdbscan import plots, prediction
from hdbscan.dist_metrics import DistanceMetric
from safetensors.numpy import save_file
from sklearn.datasets import make_blobs, make_moons
from sklearn.metrics.pairwise import cosine_distances

warnings.filterwarnings("ignore")
out = {}
datasets = {}
rng = np.random.default_rng(33)


def rounded(distances):
    """Equal rows are at distance zero, not at that of a rounding error."""
    return np.where(distances < 1e-12, 0, distances)


def above(parents, node):
    """The node and all above it, lowest first."""
    path = [node]
    while path[-1] in parents:
        path.append(parents[path[-1]])
    return path


def selected_clusters(self):
    """The cluster of each label, as `CondensedTree._select_clusters` means to find it."""
    tree = self._raw_tree
    parents = dict(zip(tree["child"].tolist(), tree["parent"].tolist()))
    clusters = []
    for label in range(self._labels.max() + 1):
        paths = [above(parents, parents[point]) for point in np.flatnonzero(self._labels == label).tolist()]
        clusters.append(max(set(paths[0]).intersection(*paths)))
    return clusters


plots.CondensedTree._select_clusters = selected_clusters


def measured_against_the_nearest(vectors, model, rows, places, densities, floor):
    """Membership vectors with the chance measured against the nearest of the groups joined at one density."""
    data, tree = model.prediction_data_, model.condensed_tree_._raw_tree
    clusters = model.condensed_tree_._select_clusters()
    parents, births = (dict(zip(tree["child"].tolist(), tree[field].tolist())) for field in ("parent", "lambda_val"))
    vectors = vectors.reshape(len(rows), -1).copy()
    for i, (row, place, own) in enumerate(zip(rows, places, densities)):
        here, joins = above(parents, parents[place]), []
        for cluster in clusters:
            there = above(parents, cluster)
            apart = [c for c in there if c not in here]
            joins.append(own if cluster in here or here[0] in there else births[apart[-1]])
        first = [g for g, join in enumerate(joins) if join == max(joins)]
        if len(first) < 2:
            continue
        nearest = min(first, key=lambda g: data.dist_metric.pairwise(row[None], np.asarray(data.exemplars[g])).min())
        top = data.leaf_max_lambdas[clusters[nearest]]
        vectors[i] *= max(joins) / (max(own, top) + floor) / vectors[i].sum()
    return vectors


class EveryRow:
    """The part of a search tree that predictions use, over cosine distances to all rows."""

    def __init__(self, data, **_):
        self.data = data

    def query(self, points, k):
        distances = rounded(cosine_distances(points, self.data))
        indices = np.argsort(distances, axis=1, kind="stable")[:, :k]
        return np.take_along_axis(distances, indices, axis=1), indices


def cosine(a, b):
    return float(rounded(1 - np.dot(a, b) / np.sqrt(np.dot(a, a) * np.dot(b, b))))


def fit(x, metric, options):
    if metric == "euclidean":
        return HDBSCAN(approx_min_span_tree=False, core_dist_n_jobs=1, prediction_data=True, **options).fit(x)
    model = HDBSCAN(metric="precomputed", **options).fit(rounded(cosine_distances(x)))
    trees = prediction.PredictionData._tree_type_map
    prediction.PredictionData._tree_type_map = {"every": lambda data, metric, **_: EveryRow(data)}
    samples = options.get("min_samples") or options["min_cluster_size"]
    model._prediction_data = prediction.PredictionData(
        x, model.condensed_tree_, samples, tree_type="every", metric="pyfunc", func=cosine)
    prediction.PredictionData._tree_type_map = trees
    return model


def answers(x, new, metric, options):
    """Everything, with clusters by size, then by lowest row."""
    model = fit(x, metric, options)
    labels = model.labels_
    found = [c for c in dict.fromkeys(labels.tolist()) if c >= 0]
    order = sorted(found, key=lambda c: (-(labels == c).sum(), found.index(c)))
    rename = {c: i for i, c in enumerate(order)} | {-1: -1}
    predicted, probabilities = prediction.approximate_predict(model, new)
    memberships = prediction.all_points_membership_vectors(model)
    exemplars = [
        sorted(int(np.flatnonzero((x == row).all(axis=1))[0]) for row in np.asarray(model.prediction_data_.exemplars[c]))
        for c in order]
    tree = model.condensed_tree_._raw_tree
    leaving = dict(zip(tree["child"].tolist(), tree["lambda_val"].tolist()))
    memberships = measured_against_the_nearest(memberships, model, x, range(len(x)), [leaving[i] for i in range(len(x))], 0)
    samples = options.get("min_samples") or options["min_cluster_size"]
    near, at = model.prediction_data_.tree.query(new, k=2 * samples)
    landed = [prediction._find_neighbor_and_lambda(at[i], near[i], model.prediction_data_.core_distances, samples) for i in range(len(new))]
    new_memberships = measured_against_the_nearest(
        prediction.membership_vector(model, new), model, new, [row for row, _ in landed],
        [min(density, leaving[row]) for row, density in landed], 1e-8)
    return model, {
        "labels": np.array([rename[c] for c in labels]),
        "probabilities": model.probabilities_,
        "outliers": model.outlier_scores_,
        "memberships": memberships.reshape(len(x), -1)[:, order],
        "new.labels": np.array([rename[c] for c in predicted]),
        "new.probabilities": probabilities,
        "new.memberships": new_memberships[:, order],
        "new.outliers": prediction.approximate_predict_scores(model, new),
    }, exemplars


def case(name, data, metric="euclidean", **options):
    x, new = datasets[data][0].astype(np.float64), datasets[data][1].astype(np.float64)
    if metric == "cosine":
        # Rows of length 1 are kept in 32 bits.
        x, new = ((rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32).astype(np.float64) for rows in (x, new))
    model, expected, exemplars = answers(x, new, metric, options)
    sure, sure_new = np.ones(len(x), dtype=bool), np.ones(len(new), dtype=bool)
    shuffles = np.random.default_rng(1)
    for _ in range(8):
        rows = shuffles.permutation(len(x))
        _, other, _ = answers(x[rows], new, metric, options)
        if other["memberships"].shape != expected["memberships"].shape:
            raise SystemExit(f"{name}: the package finds other clusters in another order of rows")
        # Clusters of one size are named by their lowest row, which another order changes: match by training labels.
        back = np.argsort(rows)
        groups = expected["memberships"].shape[1]
        match = [np.bincount(expected["labels"][other["labels"][back] == g] + 1, minlength=groups + 1)[1:].argmax() for g in range(groups)]
        place = np.argsort(match)
        rename = np.array(match + [-1])
        for key, value in other.items():
            flags = sure_new if key.startswith("new.") else sure
            value = value if key.startswith("new.") else value[back]
            value = rename[value] if key.endswith("labels") else value[:, place] if value.ndim == 2 else value
            agree = np.isclose(value, expected[key], atol=1e-9, rtol=0, equal_nan=True)
            flags &= agree.all(axis=1) if agree.ndim == 2 else agree
    key = f"case.{name}"
    for field, value in expected.items():
        out[f"{key}.{field}"] = value.astype(np.int64) if field.endswith("labels") else value.astype(np.float32)
    out[f"{key}.sure"] = sure.astype(np.uint8)
    out[f"{key}.new.sure"] = sure_new.astype(np.uint8)
    out[f"{key}.exemplars"] = np.array(sum(exemplars, []), dtype=np.int64)
    out[f"{key}.exemplarCounts"] = np.array([len(e) for e in exemplars], dtype=np.int64)
    out[f"{key}.options"] = np.array([
        options["min_cluster_size"], options.get("min_samples") or 0,
        options.get("cluster_selection_method", "eom") == "leaf", options.get("cluster_selection_epsilon", 0.0),
        options.get("alpha", 1.0), options.get("allow_single_cluster", False), options.get("max_cluster_size", 0),
        metric == "cosine"], dtype=np.float64)
    out[f"{key}.data.{data}"] = np.zeros(1, dtype=np.int64)
    print(f"{name}: {len(exemplars)} clusters, {(model.labels_ < 0).sum()} noise, {(~sure).sum()} of {len(x)} and {(~sure_new).sum()} of {len(new)} unsure, "
          f"exemplars {[len(e) for e in exemplars]}, NaN {sum(int(np.isnan(v).sum()) for v in expected.values())}")


def dataset(name, x, new):
    """New rows: some of their own, and the first 25 of the training rows again."""
    x = x.astype(np.float32)
    datasets[name] = x, np.concatenate([new.astype(np.float32), x[:25]])
    out[f"data.{name}"], out[f"new.{name}"] = datasets[name]


blobs, _ = make_blobs([90, 70, 40, 25], n_features=3, cluster_std=[0.6, 1.0, 1.4, 0.4], random_state=4)
dataset("blobs", np.concatenate([blobs, rng.uniform(-12, 12, (30, 3))]), rng.uniform(-12, 12, (60, 3)))
moons, _ = make_moons(180, noise=0.07, random_state=2)
dataset("moons", np.concatenate([moons, rng.normal([3, 1], 0.5, (70, 2))]), rng.uniform([-2, -2], [5, 3], (60, 2)))
wide, _ = make_blobs(170, n_features=50, centers=5, cluster_std=3.0, random_state=9)
dataset("wide", np.concatenate([wide, rng.uniform(-10, 10, (20, 50))]), np.concatenate([wide[::6] + rng.normal(0, 2, wide[::6].shape), rng.uniform(-10, 10, (10, 50))]))

case("blobs", "blobs", min_cluster_size=10, min_samples=5)
case("blobsLeaf", "blobs", min_cluster_size=5, min_samples=4, cluster_selection_method="leaf")
case("blobsEpsilon", "blobs", min_cluster_size=5, min_samples=3, cluster_selection_epsilon=1.2)
case("blobsDefault", "blobs", min_cluster_size=8)
case("moons", "moons", min_cluster_size=10)
case("moonsLeaf", "moons", min_cluster_size=12, min_samples=4, cluster_selection_method="leaf")
case("moonsSize", "moons", min_cluster_size=12, min_samples=5, max_cluster_size=80)
case("wide", "wide", min_cluster_size=10, min_samples=4)
case("wideCosine", "wide", metric="cosine", min_cluster_size=10, min_samples=4)
case("wideCosineLeaf", "wide", metric="cosine", min_cluster_size=5, cluster_selection_method="leaf")
case("wideCosineAlpha", "wide", metric="cosine", min_cluster_size=8, min_samples=5, alpha=1.2)
case("blobsCosine", "blobs", metric="cosine", min_cluster_size=8, min_samples=5)
save_file({k: np.ascontiguousarray(v) for k, v in out.items()}, pathlib.Path(__file__).with_suffix(".safetensors"))
