"""The child's side of the line protocol: what every contestant answers, ours (Benchmarks/Contestant/Protocol.swift) included.

    ready                  once it is loaded and warm
    go N       -> seconds S    N rounds of the work
    answer P   -> written      the result as raw f32 in file P, for the check
    memory     -> memory B     the largest resident memory this process ever had, in bytes
    quit
"""
import os
import sys
import time

# Libraries print what they like; the protocol keeps the real standard output to itself.
_lines = os.fdopen(os.dup(1), "w", buffering=1)
os.dup2(2, 1)


def peak_memory():
    with open("/proc/self/status") as status:
        return 1024 * int(next(line for line in status if line.startswith("VmHWM")).split()[1])


def serve(run, answer):
    """`run(n)` does the work n times; `answer()` gives an array of what it computes."""
    print("ready", file=_lines)
    for line in sys.stdin:
        command, *rest = line.split()
        if command == "go":
            start = time.perf_counter()
            run(int(rest[0]))
            print(f"seconds {time.perf_counter() - start:.9f}", file=_lines)
        elif command == "answer":
            answer().astype("<f4").tofile(rest[0])
            print("written", file=_lines)
        elif command == "memory":
            print(f"memory {peak_memory()}", file=_lines)
        else:
            return
