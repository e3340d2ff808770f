"""DINO in PyTorch by Medoid's default recipe, for so many minutes: train_dino.py TRUTH.csv MINUTES SEED OUT.npz

ViT-Ti/8 of depth 6 on images of 64 pixels, two large crops and four small ones, batches of 32, 64 prototypes, KoLeo 0.1, AdamW with warm-up and cosines,
a teacher of 0.04. The images are read and cropped by Pillow and torchvision, in processes of their own; products are bf16 (autocast). The number of steps is
what the minutes allow by the speed so far, asked three times, so that the schedules end when the minutes do. Of TRUTH.csv only the paths are read.
"""
import argparse
import csv
import math
import os
import time

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch.utils.data import DataLoader, Dataset
from torchvision.transforms import v2

from distillation import CENTER_MOMENTUM, CLIP, Network, loss_of

SIDE, LOCAL_SIDE, LOCAL_CROPS, BATCH, OUTPUTS, DEPTH, PATCH = 64, 32, 4, 32, 64, 6, 8
PEAK, LAST_RATE, DECAY, LAST_DECAY, KOLEO = 2e-3 * BATCH / 256, 1e-6, 0.04, 0.4, 0.1
BICUBIC = v2.InterpolationMode.BICUBIC


def letterboxed(path):
    with Image.open(path) as image:
        image = image.convert("RGB")
    side = max(image.size)
    square = Image.new("RGB", (side, side))
    square.paste(image, ((side - image.width) // 2, (side - image.height) // 2))
    return torch.from_numpy(np.array(square.resize((SIDE, SIDE), Image.BICUBIC))).permute(2, 0, 1)


class Crops(Dataset):
    def __init__(self, images, mean, deviation):
        self.images = images

        def pipeline(size, scale, blur):
            return v2.Compose([
                v2.RandomResizedCrop(size, scale, interpolation=BICUBIC, antialias=True), v2.RandomHorizontalFlip(),
                v2.RandomApply([v2.RandomRotation(10)], 0.5), v2.RandomApply([v2.ColorJitter(0.2, 0.35)], 0.8),
                v2.RandomApply([v2.GaussianBlur(5, (0.1, 1.2))], blur), v2.ToDtype(torch.float32, scale=True),
                v2.Normalize(mean, deviation)])

        self.pipelines = [
            pipeline(SIDE, (0.4, 1), 0.5), pipeline(SIDE, (0.4, 1), 0.1),
            *[pipeline(LOCAL_SIDE, (0.1, 0.4), 0.3)] * LOCAL_CROPS]

    def __len__(self):
        return len(self.images)

    def __getitem__(self, index):
        return [pipeline(self.images[index]) for pipeline in self.pipelines]


def koleo(features):
    """DINOv2's: minus the mean logarithm of the distance to the nearest of the batch, one crop at a time."""
    total = 0
    for crop in features.float().chunk(2):
        units = F.normalize(crop, dim=1)
        with torch.no_grad():
            products = units @ units.T
            products.fill_diagonal_(-1)
            nearest = products.argmax(1)
        total = total - torch.log(F.pairwise_distance(units, units[nearest]) + 1e-8).mean()
    return total / 2


def cosine(step, steps, first, last):
    return last + (first - last) * (1 + math.cos(math.pi * step / max(steps, 1))) / 2


def train(images, mean, deviation, seconds):
    student, teacher = (Network("vit_tiny_8", SIDE, OUTPUTS, DEPTH, 1024) for _ in range(2))
    torch.nn.init.trunc_normal_(student.head.last_layer.weight_v, std=0.02)
    for module in student.head.mlp:
        if isinstance(module, torch.nn.Linear):
            torch.nn.init.trunc_normal_(module.weight, std=0.02)
            torch.nn.init.zeros_(module.bias)
    teacher.load_state_dict(student.state_dict())
    teacher.requires_grad_(False)
    parameters = [p for p in student.parameters() if p.requires_grad]
    averages = [t for t, p in zip(teacher.parameters(), student.parameters()) if p.requires_grad]
    groups = [{"params": [p for p in parameters if p.dim() > 1 and p.shape[0] > 1]},
              {"params": [p for p in parameters if not (p.dim() > 1 and p.shape[0] > 1)], "weight_decay": 0}]
    optimizer = torch.optim.AdamW(groups, lr=PEAK, weight_decay=DECAY, fused=True)
    center = torch.zeros(OUTPUTS)
    loader = DataLoader(
        Crops(images, mean, deviation), BATCH, shuffle=True, drop_last=True, num_workers=1, persistent_workers=True,
        prefetch_factor=4)
    an_epoch, steps, step, timed = len(loader), 1000, 0, None
    begin = time.monotonic()
    while step < steps:
        for crops in loader:
            if step == steps:
                break
            rate = PEAK * min((step + 1) / max(steps // 10, 1), 1)
            optimizer.param_groups[0]["weight_decay"] = cosine(step, steps, DECAY, LAST_DECAY)
            for group in optimizer.param_groups:
                group["lr"] = rate if step < steps // 10 else cosine(step - steps // 10, steps - steps // 10, PEAK, LAST_RATE)
            momentum = cosine(step, steps, min(max(1 - 10 / steps, 0.5), 0.9995), 1)
            with torch.autocast("cpu", torch.bfloat16):
                large, small = torch.cat(crops[:2]), torch.cat(crops[2:])
                with torch.no_grad():
                    taught = teacher([large])
                features = student.backbone(large)
                studied = student.head(torch.cat([features, student.backbone(small)]))
            loss = loss_of(taught, studied, center, 2 + LOCAL_CROPS) + KOLEO * koleo(features)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            if step < an_epoch:
                student.head.last_layer.weight_v.grad = None
            for p in parameters:
                if p.grad is not None:
                    torch.nn.utils.clip_grad_norm_(p, CLIP)
            optimizer.step()
            with torch.no_grad():
                torch._foreach_lerp_(averages, parameters, 1 - momentum)
                center.lerp_(taught.float().mean(0), 1 - CENTER_MOMENTUM)
            step += 1
            if step == 5:
                timed = time.monotonic()
            # The first steps are slow while the crops of others are still being made.
            if step in (25, 100, 400):
                each = (time.monotonic() - timed) / (step - 5)
                steps = max(30, int((seconds - (time.monotonic() - begin)) / each) + step)
            # The machine's speed is not constant.
            if time.monotonic() - begin > seconds * 1.02:
                steps = step
    return teacher.backbone.eval(), step, time.monotonic() - begin


def vectors(network, images, mean, deviation):
    """By place: the class token beside the mean of patches at the end and before each block, and every patch before block 2 in 32 directions."""
    scale = [torch.tensor(x)[:, None, None] for x in (mean, deviation)]
    found = {}

    def keep(place, tokens):
        found.setdefault(place, []).append(torch.cat([tokens[:, 0], tokens[:, 1:].mean(1)], 1))

    with torch.no_grad():
        for start in range(0, len(images), 64):
            x = (torch.stack(images[start : start + 64]).float() / 255 - scale[0]) / scale[1]
            x = network._pos_embed(network.patch_embed(x))
            for index, block in enumerate(network.blocks):
                if index >= DEPTH // 3:
                    keep(f"layer={index} pool=cls+mean", x)
                if index == DEPTH // 3:
                    found.setdefault("patches", []).append(x[:, 1:])
                x = block(x)
            x = network.norm(x)
            keep("layer=last pool=cls+mean", x)
            found.setdefault("layer=last pool=cls", []).append(x[:, 0])
    found = {place: torch.cat(rows) for place, rows in found.items()}
    patches = found.pop("patches")
    rows = patches.flatten(0, 1) - patches.mean((0, 1))
    directions = torch.linalg.eigh((rows.T @ rows).double())[1][:, -32:].float()
    found[f"layer={DEPTH // 3} pool=layout"] = (rows @ directions).reshape(len(images), -1)
    return {place: rows.numpy() for place, rows in found.items()}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("truth")
    parser.add_argument("minutes", type=float)
    parser.add_argument("seed", type=int)
    parser.add_argument("out")
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    root = os.path.dirname(os.path.abspath(args.truth))
    with open(args.truth, newline="") as file:
        paths = [row["path"] for row in csv.DictReader(file)]
    images = [letterboxed(os.path.join(root, path)) for path in paths]
    sample = torch.stack(images[:: max(1, len(images) // 4096)]).float() / 255
    mean, deviation = sample.mean((0, 2, 3)).tolist(), sample.std((0, 2, 3)).clamp(min=1 / 255).tolist()
    network, steps, took = train(images, mean, deviation, 60 * args.minutes)
    print(f"PyTorch: {steps} steps in {took / 60:.1f} minutes")
    np.savez(args.out, paths=np.array(paths), **vectors(network, images, mean, deviation))


if __name__ == "__main__":
    main()
