"""What half precision costs PyTorch: every gradient of sum(class token * cotangent) in 64 bits (kept in 32), and for each tensor the
relative distance |g - reference| / |reference| of the gradient under CPU autocast to bf16 (weights and residual stream in 32 bits).

torch 2.15.0, timm 1.0.31, transformers 5.23.0, numpy, safetensors. Run: python half_precision.py (writes half_precision_<name>.safetensors)

Weights, images and cotangents come from linear congruential generators that the test repeats, one a tensor, begun by its name
("images" and "cotangent" are two more): uniform multiples of 2**-14 in -2..<2, times and plus powers of two, so exact in 32 bits.
"""

from pathlib import Path

import numpy as np
import torch
from networks import IMAGE, Family
from safetensors.numpy import save_file

COUNT = 4
FAMILIES = {
    "timm_registers": Family("timm_registers", width=64, heads=2, hidden=128, layer_scale=True, registers=4),
    "dinov3_gated": Family("dinov3", width=64, heads=2, hidden=80, gated=True, layer_scale=True, registers=4),
}


def uniform(name, shape):
    state = 0
    for byte in name.encode():
        state = (31 * state + byte) % 2**32
    values = np.empty(int(np.prod(shape)))
    for i in range(len(values)):
        state = (1664525 * state + 1013904223) % 2**32
        values[i] = (state >> 16) / 16384 - 2
    return torch.from_numpy(values.reshape(shape)).float()


torch.set_num_threads(1)
for name, family in FAMILIES.items():
    drawn = family.draw(uniform)
    images = uniform("images", (COUNT, 3, IMAGE, IMAGE))
    cotangent = uniform("cotangent", (COUNT, family.width))

    def gradients(dtype, autocast):
        tensors = {n: t.to(dtype).requires_grad_() for n, t in drawn.items()}
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=autocast):
            features = family.run(tensors, images.to(dtype))[0][:, 0]
        loss = (features.to(dtype) * cotangent.to(dtype)).sum()
        return features.detach(), dict(zip(tensors, torch.autograd.grad(loss, list(tensors.values()))))

    features, reference = gradients(torch.float64, False)
    half_features, half = gradients(torch.float32, True)
    plain = gradients(torch.float32, False)[1]
    out = {"features": features.float().numpy()}
    for n, g in reference.items():
        distance = lambda other: ((other.double() - g).norm() / g.norm()).item()
        assert distance(plain[n]) < 1e-5, n
        out[f"gradient.{n}"] = g.float().numpy()
        out[f"autocast.{n}"] = np.array([distance(half[n])])
    cosines = torch.cosine_similarity(half_features.double(), features, dim=-1)
    path = Path(__file__).with_name(f"half_precision_{name}.safetensors")
    save_file({n: np.ascontiguousarray(v) for n, v in out.items()}, path)
    errors = sorted(v.item() for n, v in out.items() if n.startswith("autocast"))
    print(f"{name}: {path.stat().st_size} bytes, autocast errors {errors[0]:.4f} to {errors[-1]:.4f}, median {errors[len(errors) // 2]:.4f}")
    print("cosines of autocast's features", cosines.tolist())
