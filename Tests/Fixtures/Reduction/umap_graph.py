"""The graph and the curve of UMAP, and the trustworthiness of a map, for UMAPGraphTests and MapQualityTests.

Versions: umap-learn 0.5.12, scikit-learn 1.9.1, numpy 2.4.6, safetensors 0.8.0.
"""
import pathlib

import numpy as np
from safetensors.numpy import save_file
from sklearn.manifold import trustworthiness
from sklearn.neighbors import NearestNeighbors
from umap.umap_ import find_ab_params, fuzzy_simplicial_set

out = {}
rng = np.random.default_rng(5)


def case(name, x, k, **options):
    """Neighbours with the row itself first, as umap-learn wants them; ours leave it out."""
    x = x.astype(np.float32)
    distances, indices = NearestNeighbors(n_neighbors=k).fit(x.astype(np.float64)).kneighbors()
    indices, distances = indices[:, : k - 1], distances[:, : k - 1]
    own = np.arange(len(x))[:, None]
    graph, sigmas, rhos = fuzzy_simplicial_set(
        x, k, np.random.RandomState(0), "euclidean", knn_indices=np.hstack([own, indices]).astype(np.int32),
        knn_dists=np.hstack([0 * own, distances]).astype(np.float32), **options)
    graph = graph.tocsr()
    graph.sort_indices()
    out[f"{name}.indices"] = indices.astype(np.int64)
    out[f"{name}.distances"] = distances.astype(np.float64)
    out[f"{name}.sigmas"] = sigmas.astype(np.float32)
    out[f"{name}.rhos"] = rhos.astype(np.float32)
    out[f"{name}.starts"] = graph.indptr.astype(np.int64)
    out[f"{name}.ends"] = graph.indices.astype(np.int64)
    out[f"{name}.weights"] = graph.data.astype(np.float32)


blobs = np.concatenate([rng.normal(c, s, (50, 6)) for c, s in ((0, 1), (4, 0.3), (-5, 2))])
case("plain", blobs, 15)
case("small", blobs[:40], 5)
case("mixed", blobs, 12, set_op_mix_ratio=0.3)
case("intersection", blobs, 12, set_op_mix_ratio=0.0)
case("connected", blobs, 10, local_connectivity=2.5)
case("loose", blobs, 10, local_connectivity=0.4)
copies = np.concatenate([np.repeat(blobs[:4], 6, axis=0), blobs[50:80]])
case("copies", copies, 5)
curves = [(0.1, 1.0), (0.0, 1.0), (0.5, 1.0), (0.99, 1.0), (0.25, 2.0), (0.01, 0.5)]
out["curves"] = np.array([[*curve, *find_ab_params(curve[1], curve[0])] for curve in curves])
out["map.points"] = blobs.astype(np.float32)
out["map.map"] = blobs[:, 2:4].astype(np.float32)
out["map.trustworthiness"] = np.array(
    [trustworthiness(out["map.points"], out["map.map"], n_neighbors=k) for k in (1, 5, 10, 30)])
save_file({k: np.ascontiguousarray(v) for k, v in out.items()}, pathlib.Path(__file__).with_suffix(".safetensors"))
