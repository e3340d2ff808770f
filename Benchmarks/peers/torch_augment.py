"""A contestant: DINO's crops of one grey image after another with torchvision on one core. Modes: tensors, pillow."""
import argparse
import random

import numpy as np
import torch
from PIL import Image, ImageFilter
from torchvision.transforms import v2

import contestant

parser = argparse.ArgumentParser()
parser.add_argument("mode", choices=["tensors", "pillow"])
parser.add_argument("--images")
for name in ("side", "local-side", "extent"):
    parser.add_argument("--" + name, type=int)
args = parser.parse_args()
torch.set_num_threads(1)
torch.manual_seed(0)
random.seed(0)
pixels = np.fromfile(args.images, np.uint8).reshape(args.extent, args.extent)
BICUBIC = v2.InterpolationMode.BICUBIC


class PillowBlur(torch.nn.Module):
    def forward(self, image):
        return image.filter(ImageFilter.GaussianBlur(random.uniform(0.1, 2)))


def pipeline(size, scale, blur, solarize):
    taps = max(3, size // 10 // 2 * 2 + 1)
    blurring = PillowBlur() if args.mode == "pillow" else v2.GaussianBlur(taps, (0.1, 2.0))
    return v2.Compose([
        v2.RandomResizedCrop(size, scale, interpolation=BICUBIC, antialias=True), v2.RandomHorizontalFlip(0.5),
        v2.RandomApply([v2.ColorJitter(0.4, 0.4)], p=0.8), v2.RandomApply([blurring], p=blur),
        v2.RandomSolarize(128, p=solarize), v2.ToImage(), v2.ToDtype(torch.float32, scale=True),
        v2.Normalize((0.5,), (0.25,))])


first, second = (pipeline(args.side, (0.4, 1), *p) for p in ((1, 0), (0.1, 0.2)))
local = pipeline(args.local_side, (0.05, 0.4), 0.5, 0)
image = Image.fromarray(pixels) if args.mode == "pillow" else torch.from_numpy(pixels)[None]


def run(n):
    for _ in range(n):
        first(image), second(image)
        for _ in range(8):
            local(image)


def whole():
    """The part that isn't random: the whole image at the size of a global crop."""
    exact = torch.from_numpy(pixels)[None].float() / 255
    small = v2.functional.resize(exact, [args.side, args.side], interpolation=BICUBIC, antialias=True)
    return ((small.clamp(0, 1) - 0.5) / 0.25).numpy()


run(2)
contestant.serve(run, whole)
