"""Learning-rate factor of every tensor of a small ViT under layer-wise decay, by timm; by DINOv2's rule where timm's differs.

torch 2.15, timm 1.0.31, safetensors. Run: python layerwise.py (writes layerwise.safetensors beside itself).
`factor.NAME`: decay 0.9 to the power of layers above, from `timm.optim.param_groups_layer_decay`, times 0.2 for `patch_embed` (DINOv2's
`patch_embed_lr_mult`); `mask_token` is of layer 0, the last norm (timm's goes with the last block) and `head.` learn in full, as DINOv2 has it.
"""
import pathlib

import numpy as np
import timm
from safetensors.numpy import save_file
from timm.optim import param_groups_layer_decay

DECAY, PATCH_EMBED, DEPTH = 0.9, 0.2, 3
model = timm.models.vision_transformer.VisionTransformer(
    img_size=16, patch_size=4, embed_dim=16, depth=DEPTH, num_heads=2, num_classes=5, reg_tokens=2, init_values=1e-5,
    global_pool="token", class_token=True)
scales = {}
for group in param_groups_layer_decay(model, weight_decay=0.0, layer_decay=DECAY):
    for parameter in group["params"]:
        scales[id(parameter)] = group["lr_scale"]
factors = {name: scales[id(parameter)] for name, parameter in model.named_parameters()}
print({name: round(value, 4) for name, value in factors.items()})
factors = {name: value for name, value in factors.items() if not name.startswith("head.")}
factors["mask_token"] = DECAY ** (DEPTH + 1)
factors["norm.weight"] = factors["norm.bias"] = 1.0
for name in factors:
    if "patch_embed" in name:
        factors[name] *= PATCH_EMBED
for name in ["mlp.0.weight", "mlp.0.bias", "mlp.2.weight", "mlp.2.bias", "mlp.4.weight", "mlp.4.bias",
             "last_layer.weight_g", "last_layer.weight_v"]:
    factors["head." + name] = 1.0
save_file({"factor." + name: np.array([value]) for name, value in factors.items()},
          pathlib.Path(__file__).with_suffix(".safetensors"))
