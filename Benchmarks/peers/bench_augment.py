"""make bench-augment: DINO's crops (2 of 224 and 8 of 96 pixels, or smaller) from a grey image of 1024 × 1024, on one core each.

usage: bench_augment.py [CASE …]; any part of a case's name picks all that have it.
"""
import pathlib
import tempfile

import numpy as np

import cases
import child
import contest
import table
from contest import Entry

EXTENT = 1024
CASES = [(224, 96), (64, 32)]
# Of standardised values, whose range is 4.
TOLERANCE = 1e-3


def scene():
    """Something with slopes, edges and noise, 8 bits."""
    y, x = np.mgrid[:EXTENT, :EXTENT] / EXTENT
    smooth = 128 + 60 * np.sin(9 * y) * np.cos(7 * x) + 40 * ((x - 0.5) ** 2 + (y - 0.5) ** 2 < 0.1)
    return np.clip(smooth + np.random.default_rng(0).normal(0, 12, (EXTENT, EXTENT)), 0, 255).astype(np.uint8)


def checker():
    exact = []

    def check(_, pixels):
        if not exact:
            exact.append(pixels)
            return True, "reference"
        error = np.abs(pixels - exact[0]).max()
        return bool(error <= TOLERANCE), f"largest difference {error:.1e}" + ("" if error <= TOLERANCE else " WRONG")

    return check


def run(side, local_side):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "image.bin"
        scene().tofile(path)
        arguments = ["--images", path, "--side", side, "--local-side", local_side, "--extent", EXTENT]
        entries = [
            Entry("torchvision tensors", child.python("torch_augment.py", "tensors", *arguments)),
            Entry("torchvision Pillow", child.python("torch_augment.py", "pillow", *arguments)),
            Entry("Medoid", child.ours("augment", *arguments), is_ours=True),
        ]
        contest.hold(entries, 1, checker())
    return table.say("augment", name(side, local_side), entries, 0, 1, ("f32",))


def name(side, local_side):
    return f"2x{side}+8x{local_side}-from-{EXTENT}-grey-1-core"


if __name__ == "__main__":
    cases.main(CASES, name, run)
