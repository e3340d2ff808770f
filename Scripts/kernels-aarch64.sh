#!/usr/bin/env bash
# Builds the kernels for 64-bit Arm and checks them on a processor that QEMU plays: on Debian and Ubuntu, with the toolchain's clang.
set -euo pipefail
cd "$(dirname "$0")/.."

Scripts/setup.sh aarch64

libraries=$(swift -print-target-info | sed -n 's/.*"runtimeResourcePath": "\(.*\)".*/\1/p')
out=.build/kernels-aarch64
mkdir -p "$out"
"$libraries/../../bin/clang" --target=aarch64-linux-gnu -O3 -Wall -Werror -static -fuse-ld=lld \
  -isystem /usr/aarch64-linux-gnu/include -L/usr/aarch64-linux-gnu/lib -B/usr/aarch64-linux-gnu/lib \
  --gcc-install-dir="$(dirname "$(aarch64-linux-gnu-gcc -print-libgcc-file-name)")" \
  -ISources/Kernels/include Sources/Kernels/*.c Tests/KernelTwins/*.c -lm -o "$out/twins"
for instructions in portable amx-emulated; do
  KERNELS_INSTRUCTION_SET=$instructions qemu-aarch64 "$out/twins"
done
