"""make bench-dino: whole training steps on given crops beside PyTorch, from the same weights.

usage: bench_dino.py [CASE …]; any part of a case's name picks all that have it.
"""
import pathlib
import subprocess
import tempfile

import numpy as np

import cases
import child
import contest
import extents
import table
from contest import Entry

THREADS = 2
# model, side of the 2 globals, side of the locals, locals, outputs, batch
CASES = [
    ("vit_small_16", 224, 96, 8, 4096, 16), ("vit_small_16", 224, 96, 8, 65536, 16), ("vit_tiny_8", 64, 32, 8, 4096, 64)]
# Of the loss in the first step and in the two after it, which see the gradient, the optimiser, the teacher and the centre.
TOLERANCES = {"f32": (2e-5, 1e-4), "bf16": (1e-3, 2e-3)}


def entries(case, folder):
    model, side, local_side, local_crops, outputs, batch = case
    arguments = [
        "--model", model, "--side", side, "--local-side", local_side, "--local-crops", local_crops, "--outputs", outputs,
        "--batch", batch, "--threads", THREADS, "--weights", folder / "weights.safetensors", "--images",
        folder / "images.bin"]

    def torch(name, mode, p):
        return Entry(
            name, child.python("torch_dino.py", mode, *arguments), p, environment=child.KEEPS_MEMORY)

    def own(p):
        return Entry("Medoid " + p, child.ours("dino", *arguments, "--precision", p), p, is_ours=True)

    return [
        torch("PyTorch f32", "f32", "f32"), torch("PyTorch bf16 autocast", "autocast", "bf16"), own("bf16"), own("f32"),
        torch("PyTorch autocast compiled", "compile-autocast", "bf16"), torch("PyTorch f32 compiled", "compile-f32", "f32"),
    ]


def checker():
    """Compares the first steps' losses with those of the first contestant, PyTorch in f32."""
    exact = []

    def check(entry, losses):
        if not exact:
            exact.extend(losses)
            return True, "losses " + " ".join(f"{x:.4f}" for x in losses)
        errors = np.abs(losses / np.array(exact) - 1)
        first, later = TOLERANCES[entry.precision]
        right = errors[0] <= first and errors[1:].max() <= later
        return bool(right), f"loss off by {errors[0]:.1e}, later {errors[1:].max():.1e}" + ("" if right else " WRONG")

    return check


def name(model, side, local_side, local_crops, outputs, batch):
    return f"{model}-2x{side}+{local_crops}x{local_side}-k{outputs}-b{batch}"


def run(*case):
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([str(w) for w in child.python("export.py", "dino", *case, folder)], check=True)
        found = entries(case, pathlib.Path(folder))
        contest.hold(found, case[-1], checker())
    gflop = extents.step_gflop(*case[:-1])
    return table.say("dino", name(*case), found, gflop, THREADS, ("f32", "bf16"))


if __name__ == "__main__":
    cases.main(CASES, name, run)
