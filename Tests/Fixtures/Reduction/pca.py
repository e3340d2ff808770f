"""PCA by scikit-learn, for PCATests. Versions: scikit-learn 1.9.1, numpy 2.4.6, safetensors 0.8.0."""
import pathlib

import numpy as np
from safetensors.numpy import save_file
from sklearn.decomposition import PCA

out = {}
rng = np.random.default_rng(11)


def case(name, x, **options):
    x = x.astype(np.float32)
    pca = PCA(svd_solver="full", **options).fit(x.astype(np.float64))
    out[f"{name}.x"] = x
    out[f"{name}.mean"] = pca.mean_
    out[f"{name}.components"] = pca.components_
    out[f"{name}.variance"] = pca.explained_variance_
    out[f"{name}.ratio"] = pca.explained_variance_ratio_
    out[f"{name}.singular"] = pca.singular_values_
    out[f"{name}.points"] = pca.transform(x.astype(np.float64))
    back = pca.inverse_transform(out[f"{name}.points"])
    out[f"{name}.errors"] = ((x - back) ** 2).sum(axis=1)


scales = 0.8 ** np.arange(20)
mixing = np.linalg.qr(rng.standard_normal((20, 20)))[0]
tall = rng.standard_normal((220, 20)) * scales @ mixing + rng.standard_normal(20) * 3
case("tall", tall, n_components=8)
case("whitened", tall, n_components=8, whiten=True)
case("variance", tall, n_components=0.9)
case("all", tall[:60], n_components=20)
case("wide", rng.standard_normal((15, 40)) + 5, n_components=10)
case("offset", tall[:120] + 1000, n_components=5)
save_file({k: np.ascontiguousarray(v) for k, v in out.items()}, pathlib.Path(__file__).with_suffix(".safetensors"))
