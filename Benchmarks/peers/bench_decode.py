"""make bench-decode: a file to a grey picture of 224 × 224, beside the libraries that others use for it, on one core and on two.

usage: bench_decode.py [CASE …]; any part of a case's name picks all that have it.
"""
import pathlib
import tempfile

import numpy as np

import cases
import child
import contest
import radiographs
import table
from contest import Entry

SIZE = 224
# Mean difference of a shade from the full decode, windowed, shrunk by a triangle filter. Another filter that counts every pixel is 0.0012 off,
# JPEG decoded at a fraction of its size 0.0016; filters that leave pixels out 0.004 to 0.011.
TOLERANCE = 0.003
# JPEG 2000 decoded at an eighth of its size: what its wavelets keep is 0.0051 off, ours as Pillow's.
WAVELETS = 0.006
# Ours where nothing is decoded at a fraction.
EXACT = 1e-5

FILES = ["jpeg-1024", "png16-1024", *(f"dicom-2048-{kind}" for kind in radiographs.SYNTAXES)]
CASES = [(file, cores) for file in FILES for cores in (1, 2)]

JPEG = ["opencv", "opencv_reduced", "pillow", "pillow_draft", "pyvips_thumbnail", "simplejpeg_reduced", "simplejpeg_fast", "imagecodecs_jpeg"]
PNG = ["opencv", "pillow", "pyvips_thumbnail", "imagecodecs_png"]
ORDERS = ["floats", "bytes", "last"]
READERS = {
    "uncompressed": ["frombuffer", "pixel_array"], "rle": ["pydicom", "pylibjpeg"], "jpegls": ["jpegls", "pyjpegls"],
    "jpeg-lossless": ["ljpeg", "pylibjpeg"], "jpeg2000": ["pillow", "jpeg2k", "pylibjpeg"]}


def ways(file):
    if file.startswith("jpeg"):
        return JPEG
    if file.startswith("png"):
        return PNG
    kind = file.removeprefix("dicom-2048-")
    fastest, *others = READERS[kind]
    return [f"dicom-{fastest}-{order}" for order in ORDERS] + [f"dicom-{reader}-last" for reader in others]


def make(file, folder):
    if file.startswith("jpeg"):
        return radiographs.jpeg(folder, SIZE)
    if file.startswith("png"):
        return radiographs.png(folder, SIZE)
    return radiographs.dicom(folder, SIZE, file.removeprefix("dicom-2048-"))


def limit(entry, file):
    may_reduce = file.startswith("jpeg") or file.endswith("jpeg2000")
    if entry.is_ours and (entry.name.endswith("exact") or not may_reduce):
        return EXACT
    return WAVELETS if file.endswith("jpeg2000") else TOLERANCE


def checker(expected, file):
    def check(entry, pixels):
        if pixels.size != expected.size:
            return False, f"{pixels.size} pixels WRONG"
        error = np.abs(pixels - expected.ravel()).mean()
        is_right = bool(error <= limit(entry, file))
        return is_right, f"mean difference {error:.1e}" + ("" if is_right else " WRONG")
    return check


def run(file, cores):
    with tempfile.TemporaryDirectory() as folder:
        path, expected = make(file, pathlib.Path(folder))
        arguments = ["--file", path, "--size", SIZE]
        entries = [
            Entry(way, child.python("decode_peer.py", way, *arguments, "--processes", cores), environment=dict(child.KEEPS_MEMORY))
            for way in ways(file)]
        for exact in ("no", "yes"):
            entries.append(
                Entry("Medoid" if exact == "no" else "Medoid exact",
                      child.ours("decode", *arguments, "--threads", cores, "--exact", exact), is_ours=True, counts=exact == "no",
                      note="" if exact == "no" else "with digests and flags"))
        contest.hold(entries, cores, checker(expected, file))
    return table.say("decode", name(file, cores), entries, 0, cores, ("f32",))


def name(file, cores):
    return f"{file}-to-{SIZE}-{cores}-core{'s' if cores > 1 else ''}"


if __name__ == "__main__":
    cases.main(CASES, name, run)
