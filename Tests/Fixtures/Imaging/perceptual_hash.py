"""pHash of 32 × 32 pictures by imagehash 4.3.2, for Tests/ImagingTests/Quality. numpy, scipy, Pillow 13.0.0, safetensors."""

from pathlib import Path

import imagehash
import numpy as np
from PIL import Image
from safetensors.numpy import save_file
from scipy.ndimage import gaussian_filter

rng = np.random.default_rng(7)
pictures = []
for k in range(12):
    noise = gaussian_filter(rng.standard_normal((32, 32)), k / 2)
    pictures.append(((noise - noise.min()) / np.ptp(noise) * 255).astype(np.uint8))
hashes = [int(str(imagehash.phash(Image.fromarray(p))), 16) for p in pictures]
save_file(
    {"pictures": np.stack(pictures).astype(np.float32) / 255, "hashes": np.array(hashes, np.uint64).view(np.int64)},
    Path(__file__).with_suffix(".safetensors"),
)
