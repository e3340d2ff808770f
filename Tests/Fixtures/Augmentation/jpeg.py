"""Small pictures through JPEG at several qualities by Pillow, and the tables it used.

Pillow 13, numpy 2.4, safetensors 0.8. Run: python jpeg.py (writes jpeg.safetensors beside itself).
"""
import io
import pathlib

import numpy as np
from PIL import Image
from safetensors.numpy import save_file

SIDE = 29  # not a multiple of 8
rng = np.random.default_rng(4)
y, x = np.mgrid[:SIDE, :SIDE] / SIDE
smooth = np.stack([0.5 + 0.4 * np.sin(7 * x + 2 * y), 0.5 + 0.3 * np.cos(9 * y * x), 0.4 + 0.4 * x * y], -1)
picture = np.clip(255 * (smooth + 0.05 * rng.standard_normal(smooth.shape)), 0, 255).round().astype(np.uint8)
tensors = {"colour": picture.transpose(2, 0, 1).copy(), "grey": picture[..., 0].copy()}
# Pillow gives tables by rows.
for quality in (10, 30, 50, 75, 90, 100):
    for name, source in (("grey", picture[..., 0]), ("colour", picture)):
        file = io.BytesIO()
        Image.fromarray(source).save(file, "JPEG", quality=quality, subsampling=0)
        back = Image.open(file)
        decoded = np.asarray(back)
        tensors[f"{name}{quality}"] = (decoded if decoded.ndim == 2 else decoded.transpose(2, 0, 1)).copy()
        for number, table in back.quantization.items():
            tensors[f"table{number}.{quality}"] = np.array(table, np.int64)
save_file(tensors, pathlib.Path(__file__).with_suffix(".safetensors"))
