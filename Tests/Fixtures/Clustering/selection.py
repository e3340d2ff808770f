"""Parameters of HDBSCAN in combination, by the hdbscan package, for ClusterSelectionTests: on blobs of unequal density, moons, uniform
noise, duplicates, one huge cluster, a chain, and rows of 50 numbers.
Versions: hdbscan 0.8.44, scikit-learn 1.9.1, numpy 2.4.6, safetensors 0.8.0.

Where edges of the spanning tree weigh the same, the package's answer depends on the order of rows (see density.py). Here its own
functions are run one after another on weights in which the shorter distance wins: 1e-11 of it is added to every weight. Every row is
compared. The plain package is run too: its adjusted Rand index is printed.
Labels are bytes, 255 for noise; probabilities, scores and persistences are float32.
"""
import itertools
import pathlib
import warnings

import numpy as np
from hdbscan import HDBSCAN
from hdbscan._hdbscan_linkage import label, mst_linkage_core
from hdbscan._hdbscan_tree import outlier_scores
from hdbscan.hdbscan_ import _tree_to_labels
from safetensors.numpy import save_file
from scipy.spatial.distance import cdist
from sklearn.datasets import make_blobs, make_moons
from sklearn.metrics import adjusted_rand_score

warnings.filterwarnings("ignore")
rng = np.random.default_rng(5)
out, datasets = {}, {}

unequal, _ = make_blobs([70, 50, 40], n_features=2, centers=[[0, 0], [6, 1], [2, 7]], cluster_std=[0.3, 1.0, 1.8], random_state=1)
datasets["unequal"] = np.concatenate([unequal, rng.uniform(-6, 12, (20, 2))])
datasets["moons"] = np.concatenate([make_moons(150, noise=0.06, random_state=3)[0], rng.normal([3, 1], 0.3, (40, 2))])
datasets["uniform"] = rng.uniform(0, 1, (160, 3))
datasets["duplicates"] = np.concatenate([np.repeat(rng.normal(0, 1, (25, 2)), 2, axis=0), rng.normal(6, 1, (50, 2)), rng.normal(-6, 1, (40, 2))])
datasets["huge"] = np.concatenate([rng.normal(0, 1, (150, 3)), rng.normal(7, 0.5, (15, 3)), rng.normal(-7, 0.5, (12, 3))])
datasets["chain"] = np.stack([np.arange(130) * 0.5, np.sin(np.arange(130) * 0.4)], axis=1) * np.linspace(1, 1.3, 130)[:, None] + rng.normal(0, 0.05, (130, 2))
datasets["features"] = np.concatenate([
    make_blobs([60, 40, 30], n_features=50, cluster_std=[2.0, 3.0, 4.0], random_state=6)[0] * np.linspace(1.5, 0.3, 50), rng.normal(0, 6, (15, 50)) * np.linspace(1.5, 0.3, 50)])
datasets = {name: x.astype(np.float32) for name, x in datasets.items()}
for name, x in datasets.items():
    out[f"data.{name}"] = x


def fit(x, options):
    """The package on the rows as they are."""
    return HDBSCAN(approx_min_span_tree=False, core_dist_n_jobs=1, algorithm="generic", **options).fit(x)


def with_sources(tree, weight):
    """Edges of a spanning tree from its weights, which are all different: an edge of weight w joins the pair at w."""
    upper = {w: (i, j) for i, row in enumerate(weight) for j, w in enumerate(row) if j > i}
    return np.array([(*upper[w], w) for w in tree[:, 2]])


def fit_by_distance(x, options):
    """The package's functions on weights without ties: labels, probabilities, outlier scores, persistences, relative validity."""
    distance = cdist(x, x)
    samples = min(options["min_samples"] or options["min_cluster_size"], len(x) - 1)
    core = np.sort(distance, axis=1)[:, samples]
    distance /= options["alpha"]
    weight = np.maximum(distance, np.maximum(core[:, None], core[None])) + 1e-11 * distance
    tree = mst_linkage_core(weight)
    tree = tree[np.argsort(tree[:, 2], kind="stable")]
    labels, probabilities, persistences, condensed, _ = _tree_to_labels(
        x, label(tree), options["min_cluster_size"], options["cluster_selection_method"], options["allow_single_cluster"], False,
        options["cluster_selection_epsilon"], 0.0, options["max_cluster_size"])
    model = HDBSCAN(gen_min_span_tree=True)
    # mst_linkage_core names the row that was added last, not the one an edge comes from.
    model.labels_, model._min_spanning_tree = labels, with_sources(tree, weight)
    return labels, probabilities, outlier_scores(condensed), persistences, model.relative_validity_ if labels.max() >= 0 else 0.0


def canonical(labels):
    found = [c for c in dict.fromkeys(labels.tolist()) if c >= 0]
    order = sorted(found, key=lambda c: (-(labels == c).sum(), found.index(c)))
    rename = {c: i for i, c in enumerate(order)} | {-1: -1}
    return np.array([rename[c] for c in labels]), order


def case(data, options):
    x = datasets[data].astype(np.float64)
    labels, probabilities, outliers, persistences, relative = fit_by_distance(x, options)
    found, order = canonical(labels)
    agreement = adjusted_rand_score(labels, fit(x, options).labels_)
    key = f"{data}.{len([k for k in out if k.startswith(data) and k.endswith('labels')])}"
    out[f"{key}.labels"] = np.where(found < 0, 255, found).astype(np.uint8)
    out[f"{key}.probabilities"] = probabilities.astype(np.float32)
    out[f"{key}.outliers"] = outliers.astype(np.float32)
    out[f"{key}.persistences"] = persistences[order].astype(np.float32)
    out[f"{key}.relative"] = np.array([relative], dtype=np.float32)
    out[f"{key}.options"] = np.array([
        options["min_cluster_size"], options["min_samples"] or 0, options["cluster_selection_method"] == "leaf",
        options["cluster_selection_epsilon"], options["alpha"], options["allow_single_cluster"],
        options["max_cluster_size"]], dtype=np.float64)
    return agreement


# Every value of every parameter with every value of every other, in a seeded choice of the combinations.
values = {
    "min_cluster_size": [5, 12], "min_samples": [None, 2, 6], "cluster_selection_method": ["eom", "leaf"],
    "cluster_selection_epsilon": [0.0, 0.5, 2.0], "alpha": [1.0, 1.4], "allow_single_cluster": [False, True],
    "max_cluster_size": [0, 60]}
combinations = [dict(zip(values, chosen)) for chosen in itertools.product(*values.values())]
scale = {"uniform": 0.2, "features": 6.0, "moons": 0.4}
for data in datasets:
    missing = {(a, x, b, y) for a, b in itertools.combinations(values, 2) for x in values[a] for y in values[b]}
    agreements = []
    for options in [combinations[i] for i in rng.permutation(len(combinations))]:
        covers = {(a, options[a], b, options[b]) for a, b in itertools.combinations(values, 2)}
        if not covers & missing:
            continue
        agreements.append(case(data, options | {"cluster_selection_epsilon": options["cluster_selection_epsilon"] * scale.get(data, 1)}))
        missing -= covers
    print(f"{data}: {len(agreements)} combinations, ARI with the plain package {np.round(sorted(agreements), 3)}")
save_file({k: np.ascontiguousarray(v) for k, v in out.items()}, pathlib.Path(__file__).with_suffix(".safetensors"))
