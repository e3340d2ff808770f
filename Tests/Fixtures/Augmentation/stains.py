"""More and less haematoxylin and eosin in a random picture, by least squares in numpy in 64 bits.

numpy 2.4, safetensors 0.8. Run: python stains.py (writes stains.safetensors beside itself).
"""
import pathlib

import numpy as np
from safetensors.numpy import save_file

CHANGES = [(1.3, 0.0, 0.7, 0.0), (0.7, 0.04, 1.2, -0.03), (1.0, 0.05, 1.0, 0.0), (1.0, 0.0, 1.0, 0.0)]

rng = np.random.default_rng(5)
# Pixels mixed of two stains, and pixels of any colour.
h, e = np.array([0.5626, 0.7201, 0.4062]), np.array([0.2159, 0.8012, 0.5581])
h, e = h / np.linalg.norm(h), e / np.linalg.norm(e)
image = np.concatenate([np.exp(-(rng.uniform(0, 1.5, (128, 1)) * h + rng.uniform(0, 1, (128, 1)) * e)), rng.uniform(0.02, 1, (128, 3))])
image = np.round(image * 65535).astype(np.int64)
tensors = {"image": image.T.copy()}
density = -np.log(image / 65535)
# The two concentrations by least squares; what they leave is kept as it is.
stains = np.stack([h, e])
concentrations = np.linalg.lstsq(stains.T, density.T, rcond=None)[0].T
rest = density - concentrations @ stains
for i, (hs, hb, es, eb) in enumerate(CHANGES):
    changed = concentrations * [hs, es] + [hb, eb]
    tensors[f"changed{i}"] = np.clip(np.exp(-(changed @ stains + rest)), 0, 1).T.astype(np.float32).copy()
save_file(tensors, pathlib.Path(__file__).with_suffix(".safetensors"))
