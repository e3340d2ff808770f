"""Every published family of vision transformers, small, by its own library's class, with all tensors drawn at random: the stream,
tokens, projections, attention weights, and every gradient of sum(class token * cotangent), pixels' included; at the table's
size, at a smaller and a larger one by that family's own rule of resampling. Drawn in 32 bits, computed in 64, kept in 32
(transformers and timm resample tables, and transformers turns rotary angles, in 32).

torch 2.15.0, timm 1.0.31, transformers 5.23.0, numpy, safetensors. Run: python families.py (writes family_<name>.safetensors)
"""

from pathlib import Path

import numpy as np
import torch
from networks import Family
from safetensors.numpy import save_file

COUNT = 2
FAMILIES = {
    "timm": Family("timm"),
    "timm_layer_scale": Family("timm", width=24, heads=3, hidden=72, layer_scale=True),
    "timm_registers": Family("timm_registers", layer_scale=True, registers=4),
    "timm_swiglu": Family("timm", hidden=40, gated=True, layer_scale=True),
    "dino": Family("dino"),
    "vit": Family("vit"),
    "dinov2": Family("dinov2", layer_scale=True),
    "dinov2_registers": Family("dinov2_registers", layer_scale=True, registers=4),
    "dinov3": Family("dinov3", layer_scale=True, registers=4),
    "dinov3_gated": Family("dinov3", width=24, heads=3, hidden=40, gated=True, layer_scale=True, registers=4),
}

torch.set_num_threads(1)
for number, (name, family) in enumerate(FAMILIES.items()):
    generator = torch.Generator().manual_seed(100 + number)
    drawn = family.draw(lambda _, shape: torch.randn(shape, generator=generator))
    tensors = {n: t.double().requires_grad_() for n, t in drawn.items()}
    out = {f"parameters.{n}": t for n, t in drawn.items()}
    for case, side in (("native", 16), ("smaller", 12), ("larger", 28)):
        images = torch.randn(COUNT, 3, side, side, generator=generator)
        cotangent = torch.randn(COUNT, family.width, generator=generator)
        pixels = images.double().requires_grad_()
        tokens, stream, qkv, attention = family.run(tensors, pixels)
        gradients = torch.autograd.grad((tokens[:, 0] * cotangent.double()).sum(), [*tensors.values(), pixels])
        out |= {f"{case}.images": images, f"{case}.cotangent": cotangent, f"{case}.tokens": tokens,
                f"{case}.gradient.pixels": gradients[-1]}
        if case == "native":
            out |= {f"native.stream.{i}": s for i, s in enumerate(stream)}
            out |= {"native.qkv": qkv, "native.attention": attention}
        for n, g in zip(tensors, gradients):
            # Beyond the table's own size only the resampling and what is below it is new.
            if case != "larger" or n in ("pos_embed", "cls_token", "patch_embed.proj.weight"):
                out[f"{case}.gradient.{n}"] = g
        if family.rotary:
            bare = family.run(tensors, pixels, key_bias=False)[0]
            assert torch.equal(bare, tokens), "no bias and one of zeros are the same"
    path = Path(__file__).with_name(f"family_{name}.safetensors")
    save_file({n: np.ascontiguousarray(t.detach().float().numpy()) for n, t in out.items()}, path)
    heads = attention[:, :, 0].max(-1).values.mean().item()
    print(f"{name}: {path.stat().st_size} bytes, largest attention weight of the class token {heads:.2f} on average")
