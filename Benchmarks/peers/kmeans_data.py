"""Overlapping groups of many widths, and rows of them as first centres, from a fixed seed."""
import numpy as np

BLOCK = 100_000


def points(n, d, k):
    """n rows around k centres, and k of the rows to start from."""
    random = np.random.default_rng(0)
    centres = random.normal(0, 1.0, (k, d)).astype(np.float32)
    deviations = random.uniform(0.6, 1.6, k).astype(np.float32)
    kinds = random.integers(0, k, n)
    x = centres[kinds]
    for begin in range(0, n, BLOCK):
        rows = slice(begin, min(n, begin + BLOCK))
        x[rows] += random.standard_normal(x[rows].shape, dtype=np.float32) * deviations[kinds[rows], None]
    return x, x[random.choice(n, k, replace=False)].copy()


def inertia(x, centres):
    """The sum of squared distances to the nearest centre: 32-bit products name it, 64 bits sum up."""
    norms = (centres.astype(np.float64) ** 2).sum(1).astype(np.float32)
    total = 0.0
    for begin in range(0, len(x), BLOCK // 10):
        block = x[begin:begin + BLOCK // 10]
        nearest = centres[(norms - 2 * block @ centres.T).argmin(1)]
        total += float(((block.astype(np.float64) - nearest) ** 2).sum())
    return total
