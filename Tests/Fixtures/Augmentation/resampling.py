"""Antialiased bicubic resizing of a small image by torch, larger and smaller, in 64 bits.

torch 2.15, safetensors. Run: python resampling.py (writes resampling.safetensors beside itself).
"""
import pathlib

import torch
import torch.nn.functional as F
from safetensors.numpy import save_file

generator = torch.Generator().manual_seed(3)
image = torch.rand(13, 17, generator=generator)
tensors = {"image": image.numpy()}
for side in (5, 9, 16, 24):
    resized = F.interpolate(image.double()[None, None], size=(side, side), mode="bicubic", antialias=True, align_corners=False)
    tensors[f"side{side}"] = resized[0, 0].float().numpy()
save_file(tensors, pathlib.Path(__file__).with_suffix(".safetensors"))
