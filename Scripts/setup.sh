#!/usr/bin/env bash
# Installs the system packages Medoid is built on, if any is missing; says what before it does; does nothing a second time.
set -euo pipefail

debian=(
  libopenblas-dev liblapacke-dev libhdf5-dev
  libturbojpeg0-dev libjpeg-dev libvips-dev libtiff-dev libgdcm-dev libopenjp2-7-dev libcharls-dev libjxl-dev libdeflate-dev zlib1g-dev
  libopenslide-dev libavformat-dev libavcodec-dev libswscale-dev libavutil-dev libarchive-dev pkg-config)
emulation=(gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user)  # with `aarch64` as argument: what Scripts/kernels-aarch64.sh runs
homebrew=(openblas lapack hdf5 jpeg-turbo vips libtiff gdcm openjpeg charls jpeg-xl libdeflate zlib openslide ffmpeg libarchive pkg-config)

command -v swift >/dev/null || { echo "Medoid needs Swift 6.2 or newer: https://www.swift.org/install" >&2; exit 1; }

if [[ $(uname -s) == Darwin ]]; then
  missing=()
  for name in "${homebrew[@]}"; do brew list --formula "$name" >/dev/null 2>&1 || missing+=("$name"); done
  if ((${#missing[@]})); then
    echo "Medoid needs these Homebrew packages; install them with:" >&2
    echo "    brew install ${missing[*]}" >&2
    exit 1
  fi
  exit 0
fi

if ! command -v dpkg-query >/dev/null; then
  echo "This is neither Debian, Ubuntu nor macOS. Install what your system calls: ${debian[*]}" >&2
  exit 1
fi

[[ ${1:-} != aarch64 ]] || debian+=("${emulation[@]}")

missing=()
for name in "${debian[@]}"; do
  [[ $(dpkg-query -W -f='${db:Status-Status}' "$name" 2>/dev/null) == installed ]] || missing+=("$name")
done
((${#missing[@]})) || exit 0

as_root=()
if ((EUID != 0)); then
  command -v sudo >/dev/null || { echo "Run this as root, or install sudo first. Missing: ${missing[*]}" >&2; exit 1; }
  as_root=(sudo)
fi
echo "Medoid installs these system packages with apt-get${as_root:+ through sudo}: ${missing[*]}"
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
echo "Installed."
