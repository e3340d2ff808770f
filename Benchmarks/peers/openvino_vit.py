"""A contestant: OpenVINO on a batch of images, f32 or bf16. `--streams 2` keeps several batches in flight: not latency."""
import argparse

import numpy as np
import openvino

import contestant

parser = argparse.ArgumentParser()
parser.add_argument("mode", choices=["f32", "bf16"])
for name in ("onnx", "images"):
    parser.add_argument("--" + name)
for name in ("side", "batch", "threads"):
    parser.add_argument("--" + name, type=int)
parser.add_argument("--streams", type=int, default=1)
args = parser.parse_args()

core = openvino.Core()
network = core.read_model(args.onnx)
network.reshape([args.batch, 3, args.side, args.side])
compiled = core.compile_model(network, "CPU", {
    "INFERENCE_PRECISION_HINT": args.mode, "INFERENCE_NUM_THREADS": args.threads, "NUM_STREAMS": args.streams,
    "PERFORMANCE_HINT": "LATENCY" if args.streams == 1 else "THROUGHPUT"})
x = np.fromfile(args.images, "<f4").reshape(args.batch, 3, args.side, args.side)
request = compiled.create_infer_request()
queue = openvino.AsyncInferQueue(compiled, 2 * args.streams)


def features():
    return request.infer({0: x}, share_inputs=True)[0]


def run(n):
    if args.streams == 1:
        for _ in range(n):
            features()
        return
    for _ in range(n):
        queue.start_async({0: x}, share_inputs=True)
    queue.wait_all()


run(2)
contestant.serve(run, features)
