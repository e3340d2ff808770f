"""PCA of rows that are hard on arithmetic, by numpy in float64, for PCASolverTests. Versions: numpy 2.4.6, safetensors 0.8.0.

Components are the right singular vectors of the centred float32 rows, signs by the largest loading.
"""
import pathlib

import numpy as np
from safetensors.numpy import save_file

out = {}
rng = np.random.default_rng(5)
N, D = 1000, 10
rotation = np.linalg.qr(rng.standard_normal((D, D)))[0]


def case(name, x):
    x = x.astype(np.float32)
    wide = x.astype(np.float64)
    mean = wide.mean(axis=0)
    centred = wide - mean
    values, vt = np.linalg.svd(centred, full_matrices=False)[1:]
    largest = np.abs(vt).argmax(axis=1)
    vt *= np.sign(vt[np.arange(len(vt)), largest])[:, None]
    out[f"{name}.x"] = x
    out[f"{name}.mean"] = mean
    out[f"{name}.components"] = vt
    out[f"{name}.variance"] = values**2 / (len(x) - 1)


def rows(n=N, decay=0.85):
    return rng.standard_normal((n, D)) * decay ** np.arange(D) @ rotation


case("plain", rows())
case("offset 1e3", rows() + 1e3 * rng.uniform(1, 2, D))
case("offset 1e6", rows() + 1e6 * rng.uniform(1, 2, D))
# Every column at a scale of its own, from 1 to 1e6.
case("scales", rng.standard_normal((N, D)) * 10 ** np.linspace(0, 6, D))
# The rows wander off by ten thousand deviations, from the first to the last.
case("drift", rows() + np.linspace(0, 1e4, N)[:, None] * rng.standard_normal(D))
# The second and third variance equal to 1e-9 of themselves: only the plane they span is a fact.
exact = rng.standard_normal((N, D))
exact = np.linalg.qr(exact - exact.mean(axis=0))[0]
equal = np.array([4, 2, 2 * (1 + 1e-9), 1.5, 1.2, 1, 0.8, 0.7, 0.6, 0.5])
case("nearly equal", exact * equal * np.sqrt(N) @ rotation)
save_file({k: np.ascontiguousarray(v) for k, v in out.items()}, pathlib.Path(__file__).with_suffix(".safetensors"))
