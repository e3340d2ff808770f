"""The networks that all contestants run: timm's vision transformers, weights from a fixed seed."""
import torch
from timm.models.vision_transformer import VisionTransformer

from extents import DEPTH, extents


def randomize(network, seed=7):
    """Every tensor moves, so that each counts in the check: timm's own start has no biases and norms of one."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, p in network.named_parameters():
            if name.endswith("weight_g"):
                continue
            deviation = min(0.05, p[0].numel() ** -0.5) if p.dim() > 1 else 0.1
            p.normal_(0, deviation, generator=generator)
            if "norm" in name and name.endswith("weight"):
                p.add_(1)


def backbone(model, side, kind=VisionTransformer, depth=DEPTH, **arguments):
    width, heads, patch = extents(model)
    return kind(
        img_size=side, patch_size=patch, embed_dim=width, depth=depth, num_heads=heads, num_classes=0,
        global_pool="token", **arguments)


def vit(model, side):
    network = backbone(model, side)
    randomize(network)
    return network.eval()
