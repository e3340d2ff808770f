"""A contestant: whole steps of DINO in PyTorch. Modes: f32, autocast, compile-f32, compile-autocast."""
import argparse

import numpy as np
import torch
from safetensors.torch import load_file

import contestant
from distillation import Network, Trainer

parser = argparse.ArgumentParser()
parser.add_argument("mode")
for name in ("model", "weights", "images"):
    parser.add_argument("--" + name)
for name in ("side", "local-side", "local-crops", "outputs", "batch", "threads"):
    parser.add_argument("--" + name, type=int)
args = parser.parse_args()
torch.set_num_threads(args.threads)

networks = [Network(args.model, args.side, args.outputs) for _ in range(2)]
for network in networks:
    network.take(load_file(args.weights))
pixels = torch.from_numpy(np.fromfile(args.images, "<f4"))
count = 2 * args.batch * 3 * args.side**2
crops = (
    pixels[:count].reshape(-1, 3, args.side, args.side), pixels[count:].reshape(-1, 3, args.local_side, args.local_side))
trainer = Trainer(*networks, 2 + args.local_crops, "autocast" in args.mode, args.mode.startswith("compile"))
# The first steps answer the check, and warm up.
losses = [trainer.step(*crops) for _ in range(3)]


def run(n):
    for _ in range(n):
        trainer.step(*crops)


contestant.serve(run, lambda: np.array(losses))
