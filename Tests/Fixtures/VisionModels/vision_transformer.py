"""A small timm VisionTransformer with every tensor drawn at random: stream after each block, class features, features of
each layer and pool, and every gradient of sum(features * cotangent), at the native side, at a smaller one with stochastic
depth, and at a larger one. Computed in 64 bits, kept in 32.

torch 2.15.0, timm 1.0.31, numpy, safetensors. Run: python vision_transformer.py
"""

from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.numpy import save_file
from timm.models.vision_transformer import VisionTransformer

IMAGE, PATCH, WIDTH, DEPTH, HEADS, COUNT = 16, 4, 20, 2, 2, 3

torch.set_num_threads(1)
torch.manual_seed(7)
# Weights are drawn in 32 bits, so that both sides start from the same numbers.
model = VisionTransformer(img_size=IMAGE, patch_size=PATCH, embed_dim=WIDTH, depth=DEPTH, num_heads=HEADS, num_classes=0)
with torch.no_grad():
    for name, parameter in model.named_parameters():
        centre = 1.0 if "norm" in name and name.endswith("weight") else 0.0
        parameter.copy_(centre + 0.25 * torch.randn(parameter.shape))
model = model.double().eval()


def positions(grid):
    """The table at another grid: bicubic by size, no antialiasing, as HF's Dinov2 does and DINO nearly does."""
    table = model.pos_embed
    native = IMAGE // PATCH
    if grid == native:
        return table
    patches = table[:, 1:].reshape(1, native, native, WIDTH).permute(0, 3, 1, 2)
    patches = F.interpolate(patches, size=(grid, grid), mode="bicubic", align_corners=False, antialias=False)
    return torch.cat([table[:, :1], patches.permute(0, 2, 3, 1).reshape(1, grid * grid, WIDTH)], 1)


def run(images, scale):
    """The stream at the input of every block and at the end; scale is [2 * depth, count]."""
    x = model.patch_embed.proj(images).flatten(2).transpose(1, 2)
    x = torch.cat([model.cls_token.expand(len(images), -1, -1), x], 1) + positions(images.shape[-1] // PATCH)
    streams = [x]
    for i, block in enumerate(model.blocks):
        x = x + scale[2 * i][:, None, None] * block.attn(block.norm1(x))
        x = x + scale[2 * i + 1][:, None, None] * block.mlp(block.norm2(x))
        streams.append(x)
    return streams


out = {f"parameters.{n}": p.detach().float().numpy() for n, p in model.named_parameters()}
for case, side in (("native", 16), ("smaller", 8), ("larger", 24)):
    images = torch.randn(COUNT, 3, side, side)
    cotangent = torch.randn(COUNT, WIDTH)
    scale = torch.ones(2 * DEPTH, COUNT)
    if case == "smaller":
        scale = torch.tensor([[1.25, 0, 1.25], [1, 1.5, 0], [0, 2, 1], [1.5, 1.5, 0]])
    out[f"{case}.images"] = images.numpy()
    out[f"{case}.cotangent"] = cotangent.numpy()
    out[f"{case}.scale"] = scale.numpy()
    streams = run(images.double(), scale.double())
    if case == "native":
        # The hand-written run is timm's own.
        assert torch.allclose(model.forward_features(images.double()), model.norm(streams[-1]), atol=1e-12)
    for i, stream in enumerate(streams):
        out[f"{case}.stream.{i}"] = stream.detach().float().numpy()
    tokens = model.norm(streams[-1])
    out[f"{case}.tokens"] = tokens.detach().float().numpy()
    model.zero_grad()
    (tokens[:, 0] * cotangent.double()).sum().backward()
    for name, parameter in model.named_parameters():
        out[f"{case}.gradient.{name}"] = parameter.grad.float().numpy()

save_file({k: np.ascontiguousarray(v) for k, v in out.items()}, Path(__file__).with_suffix(".safetensors"))
