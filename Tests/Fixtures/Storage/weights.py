"""Tensors of every type that Storage reads, written by the format's own library (safetensors 0.8.0, numpy 2.4.6).

weights.safetensors: compared byte by byte with what our writer makes of the same numbers (F32, F64, I64).
halves.safetensors:  all 65,536 bit patterns of F16 that are finite, BF16 samples, and what they are in F32.
"""
import json
import pathlib

import numpy as np
from safetensors.numpy import save_file

here = pathlib.Path(__file__).parent

save_file(
    {
        "norm.weight": np.linspace(-1, 1, 6, dtype=np.float32).reshape(2, 3),
        "empty": np.zeros((0, 4), np.float32),
        "scalar": np.array(7, np.int64),
        "blocks.0.mean": np.array([0.1, 1e-300, -2.5]),
        'quote " back \\ tab \t é': np.array([1.5], np.float32),
    },
    here / "weights.safetensors",
    metadata={"format": 'np "1"'},
)

halves = np.arange(65536, dtype=np.uint16).view(np.float16)
halves = halves[np.isfinite(halves)]
words = np.arange(0, 0x7F80, 97, dtype=np.uint16)
singles = (words.astype(np.uint32) << 16).view(np.float32)

# BF16 is no type of NumPy: this file is put together by hand.
parts = {
    "half": ("F16", halves, halves.shape),
    "brain": ("BF16", words, words.shape),
}
header, data = {}, b""
for name, (dtype, array, shape) in parts.items():
    header[name] = {"dtype": dtype, "shape": list(shape), "data_offsets": [len(data), len(data) + array.nbytes]}
    data += array.tobytes()
# The expected singles, thinned to keep the file small: every 7th half, every brain.
expected = {"half.every7": halves.astype(np.float32)[::7], "brain.single": singles}
for name, array in expected.items():
    header[name] = {"dtype": "F32", "shape": list(array.shape), "data_offsets": [len(data), len(data) + array.nbytes]}
    data += array.tobytes()
text = json.dumps(header).encode()
(here / "halves.safetensors").write_bytes(len(text).to_bytes(8, "little") + text + data)
