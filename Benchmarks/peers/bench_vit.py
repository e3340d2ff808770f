"""make bench-vit: feature extraction beside PyTorch, ONNX Runtime and OpenVINO on the same weights and images.

usage: bench_vit.py [CASE …]; a case is named as the `ratio` line names it, and any part of the name picks all that have it.
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
# model, side, batch, precision: a contestant counts at this precision or better.
CASES = [
    ("vit_small_16", 224, 1, "bf16"), ("vit_small_16", 224, 16, "bf16"), ("vit_small_16", 224, 64, "bf16"),
    ("vit_base_16", 224, 16, "bf16"), ("vit_tiny_8", 64, 64, "bf16"), ("vit_tiny_8", 64, 256, "bf16"),
    ("vit_small_16", 224, 16, "f32"),
]
F32_TOLERANCE = 1e-4
BF16_COSINE = 0.9995


def entries(model, side, batch, precision, folder):
    shape = ["--model", model, "--side", side, "--batch", batch, "--threads", THREADS]
    inputs = ["--weights", folder / "weights.safetensors", "--images", folder / "images.bin"]
    onnx = ["--side", side, "--batch", batch, "--threads", THREADS, "--onnx", folder / "model.onnx", *inputs[2:]]

    def torch(name, mode, p, *more):
        return Entry(
            name, child.python("torch_vit.py", mode, *shape, *inputs, *more), p, environment=child.KEEPS_MEMORY)

    def own(p):
        return Entry("Medoid " + p, child.ours("vit", *shape, *inputs, "--precision", p), p, is_ours=True)

    def openvino(name, p, *more, **facts):
        return Entry(name, child.python("openvino_vit.py", p, *onnx, *more), p, **facts)

    f32 = [
        torch("PyTorch f32", "f32", "f32"), own("f32"), openvino("OpenVINO f32", "f32"),
        Entry("ONNX Runtime f32", child.python("onnxruntime_vit.py", "f32", *onnx), "f32"),
    ]
    if precision == "f32":
        return [*f32, torch("PyTorch f32 compiled", "compile-f32", "f32")]
    bf16 = [
        own("bf16"), openvino("OpenVINO bf16", "bf16"),
        torch("PyTorch bf16 weights", "bf16", "bf16"), torch("PyTorch bf16 compiled", "compile-bf16", "bf16"),
        torch("PyTorch bf16 autocast", "autocast", "bf16"),
        Entry("ONNX Runtime int8", child.python("onnxruntime_vit.py", "int8", *onnx), "int8", counts=False),
    ]
    if batch == 1:
        bf16.append(openvino("OpenVINO bf16 2 streams", "bf16", "--streams", 2, counts=False, note="2 in flight"))
    # The exact reference starts first, the fast ones next, so that the hopeless leave early.
    return f32[:1] + bf16[:3] + f32[1:] + bf16[3:]


def checker(batch):
    """Compares with the first contestant's vectors, PyTorch's in f32, which are timm's."""
    vectors = []

    def check(entry, answer):
        answer = answer.reshape(batch, -1)
        if not vectors:
            vectors.append(answer)
            return True, "reference"
        exact = vectors[0].astype(np.float64)
        if entry.precision == "f32":
            error = np.abs(answer - exact).max() / np.abs(exact).max()
            return error <= F32_TOLERANCE, f"error {error:.1e}" + ("" if error <= F32_TOLERANCE else " WRONG")
        cosines = (answer * exact).sum(1) / np.linalg.norm(answer, axis=1) / np.linalg.norm(exact, axis=1)
        right = entry.precision == "int8" or cosines.min() >= BF16_COSINE
        return right, f"cosine {cosines.min():.5f}" + ("" if right else " WRONG")

    return check


def run(model, side, batch, precision):
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        # In a process of its own: the driver stays small while others are timed.
        subprocess.run(
            [str(w) for w in child.python("export.py", "vit", model, side, batch, folder)], check=True,
            stdout=subprocess.DEVNULL)
        found = entries(model, side, batch, precision, folder)
        contest.hold(found, batch, checker(batch))
    precisions = ("f32",) if precision == "f32" else ("f32", "bf16")
    gflop = extents.forward_gflop(model, side)
    return table.say("vit", name(model, side, batch, precision), found, gflop, THREADS, precisions)


def name(model, side, batch, precision):
    return f"{model}-{side}-b{batch}-{precision}"


if __name__ == "__main__":
    cases.main(CASES, name, run)
