"""A contestant: PyTorch on a batch of images. Modes: f32, autocast, bf16 (weights), compile-f32, compile-bf16."""
import argparse

import numpy as np
import torch
from safetensors.torch import load_file

import contestant
import networks

parser = argparse.ArgumentParser()
parser.add_argument("mode")
for name in ("model", "weights", "images"):
    parser.add_argument("--" + name)
for name in ("side", "batch", "threads"):
    parser.add_argument("--" + name, type=int)
args = parser.parse_args()
torch.set_num_threads(args.threads)

network = networks.vit(args.model, args.side)
network.load_state_dict(load_file(args.weights))
x = torch.from_numpy(np.fromfile(args.images, "<f4").reshape(args.batch, 3, args.side, args.side))
if args.mode.endswith("bf16"):
    network, x = network.bfloat16(), x.bfloat16()
if args.mode.startswith("compile"):
    import torch._inductor.config

    torch._inductor.config.freezing = True
    network = torch.compile(network, dynamic=False)


def features():
    # freezing wants no_grad: inference tensors can't be folded
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16, enabled=args.mode == "autocast"):
        return network(x)


def run(n):
    for _ in range(n):
        features()


run(2)
contestant.serve(run, lambda: features().float().numpy())
