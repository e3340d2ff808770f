"""Writes what the contestants of one case read: weights under timm's names, pixels, and an ONNX file where one is wanted.

usage: export.py vit MODEL SIDE BATCH FOLDER | export.py dino MODEL SIDE LOCAL-SIDE LOCAL-CROPS OUTPUTS BATCH FOLDER
"""
import pathlib
import sys

import numpy as np
import torch
from safetensors.torch import save_file

import networks


def pixels(*shape):
    return np.random.default_rng(11).standard_normal(shape, dtype=np.float32)


def vit(model, side, batch, folder):
    network = networks.vit(model, side)
    save_file(network.state_dict(), folder / "weights.safetensors")
    pixels(batch, 3, side, side).tofile(folder / "images.bin")
    torch.onnx.export(
        network, (torch.zeros(batch, 3, side, side),), folder / "model.onnx", input_names=["x"], output_names=["y"],
        dynamo=True, external_data=False, verbose=False)


def dino(model, side, local_side, local_crops, outputs, batch, folder):
    from distillation import Network

    network = Network(model, side, outputs)
    networks.randomize(network)
    save_file(network.tensors(), folder / "weights.safetensors")
    pixels(batch, 3 * (2 * side**2 + local_crops * local_side**2)).tofile(folder / "images.bin")


if __name__ == "__main__":
    topic, model, *numbers, folder = sys.argv[1:]
    {"vit": vit, "dino": dino}[topic](model, *map(int, numbers), pathlib.Path(folder))
