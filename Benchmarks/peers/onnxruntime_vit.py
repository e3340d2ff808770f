"""A contestant: ONNX Runtime on a batch of images, f32; or int8 weights, dynamically quantised, for information."""
import argparse
import pathlib

import numpy as np
import onnxruntime

import contestant

parser = argparse.ArgumentParser()
parser.add_argument("mode", choices=["f32", "int8"])
for name in ("onnx", "images"):
    parser.add_argument("--" + name)
for name in ("side", "batch", "threads"):
    parser.add_argument("--" + name, type=int)
args = parser.parse_args()

path = args.onnx
if args.mode == "int8":
    from onnxruntime.quantization import QuantType, quantize_dynamic

    path = str(pathlib.Path(args.onnx).with_suffix(".int8.onnx"))
    quantize_dynamic(args.onnx, path, weight_type=QuantType.QInt8)
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = args.threads
options.log_severity_level = 3
session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
x = np.fromfile(args.images, "<f4").reshape(args.batch, 3, args.side, args.side)


def run(n):
    for _ in range(n):
        session.run(None, {"x": x})


run(2)
contestant.serve(run, lambda: session.run(None, {"x": x})[0])
