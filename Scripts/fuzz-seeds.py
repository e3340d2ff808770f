#!/usr/bin/env python3
"""Small seed files for `make fuzz`, one folder for each reader: fuzz-seeds.py OUT [FOLDER of further small files …].

They come from the fixtures of Tests/Fixtures/Imaging (files, and bytes of files in .safetensors; coded frames are wrapped as DICOM) and from
what Pillow writes. Files of further folders are taken where they are below 25,000 bytes. Needs numpy, pydicom 3 and Pillow 13.
"""
import io
import sys
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pydicom
from PIL import Image
from pydicom.encaps import encapsulate
from safetensors.numpy import load_file

fixtures = Path(__file__).resolve().parent.parent / "Tests/Fixtures/Imaging"
out = Path(sys.argv[1])
MOST = 25_000
READERS = {
    "dcm": ["dicom"], "jpg": ["jpeg"], "png": ["png"], "tif": ["tiff", "slide"], "tiff": ["tiff", "slide"], "svs": ["slide"],
    "webp": ["webp"], "bmp": ["bmp"], "gif": ["gif", "video"], "jp2": ["jpeg2000"], "j2k": ["jpeg2000"], "jxl": ["jpegxl"],
    "ppm": ["pnm"], "pgm": ["pnm"], "pbm": ["pnm"], "nii": ["nifti"], "hdr": ["nifti"], "npz": ["npz"], "npy": ["npz"],
    "mp4": ["video"], "mov": ["video"], "avi": ["video"], "mpg": ["video"], "mkv": ["video"], "webm": ["video"],
    "ts": ["video"], "h264": ["video"], "hevc": ["video"], "zip": ["zip"], "tar": ["tar"], "tgz": ["tar"],
}
ENDINGS = {"jpeg": "jpg", "tiff": "tif", "jpeg2000": "jp2", "jpegxl": "jxl"}


def put(name, data):
    """Into the folder of every reader that knows the ending."""
    if len(data) > MOST:
        return
    if name.endswith((".gz", ".bz2", ".xz", ".7z")):
        name += ".nii.gz" if ".nii" in name else ".tgz"
    for reader in ["nifti"] if name.endswith(".nii.gz") else READERS.get(name.rsplit(".", 1)[-1].lower(), []):
        (out / reader).mkdir(parents=True, exist_ok=True)
        (out / reader / name).write_bytes(bytes(data))


def stored_files():
    for file in sorted((fixtures / "files").iterdir()):
        if "bomb" not in file.name:
            put(file.name, file.read_bytes())
    for name, data in sorted(load_file(fixtures / "rasters.safetensors").items()):
        if name.endswith(".file"):
            first, *rest = name[:-5].split(".")
            ending = rest[0] if first == "animation" else ENDINGS.get(first, first)
            put(".".join([first, *rest]) + "." + ending, data.tobytes())
    for name, data in sorted(load_file(fixtures / "volumes.safetensors").items()):
        # Halves of pairs say no more than that the other is missing.
        if name.endswith(".file") and "pair" not in name:
            data = data.tobytes()
            ending = "npz" if data[:2] == b"PK" else "npy" if data[1:6] == b"NUMPY" else "nii"
            put(name[:-5] + (".nii.gz" if data[:2] == b"\x1f\x8b" else "." + ending), data)
    structure = load_file(fixtures / "dicom_structure.safetensors")
    start = 0
    for number, end in enumerate(structure["file_ends"]):
        put(f"structure_{number}.dcm", structure["files"][start : int(end)].tobytes())
        start = int(end)


def coded_frames():
    frames = load_file(fixtures / "codecs.safetensors")
    for number, (key, frame) in enumerate(sorted(frames.items())):
        parts = key.split("|")
        if len(parts) != 5:
            continue
        name, syntax, photometric = parts[:3]
        frame = frame.tobytes()
        rows, columns, samples, allocated, stored, high, signed, planar, kind = map(int, frames[key + "|header"])
        data = pydicom.Dataset()
        data.file_meta = pydicom.dataset.FileMetaDataset()
        # Syntaxes that pydicom does not know yet are written under a name of the same length.
        stand_in = {"1.2.840.10008.1.2.4.110": "1.2.840.10008.1.2.4.201", "1.2.840.10008.1.2.8.1": "1.2.840.10008.1.2.4.50"}
        data.file_meta.TransferSyntaxUID = stand_in.get(syntax, syntax)
        data.file_meta.MediaStorageSOPClassUID = data.SOPClassUID = "1.2.840.10008.5.1.4.1.1.7"
        data.file_meta.MediaStorageSOPInstanceUID = data.SOPInstanceUID = "1.2.3"
        data.SamplesPerPixel, data.PhotometricInterpretation, data.Modality = samples, photometric, "OT"
        data.Rows, data.Columns, data.BitsAllocated = rows, columns, allocated
        if samples > 1:
            data.PlanarConfiguration = planar
        if kind == 0:
            data.BitsStored, data.HighBit, data.PixelRepresentation = stored, high, signed
            is_coded = syntax not in ("1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2")
            data.PixelData = encapsulate([frame]) if is_coded else frame + bytes(len(frame) % 2)
            data["PixelData"].VR = "OB" if is_coded or allocated <= 8 else "OW"
            data["PixelData"].is_undefined_length = is_coded
        elif kind == 1:
            data.FloatPixelData = frame
        else:
            data.DoubleFloatPixelData = frame
        buffer = io.BytesIO()
        pydicom.dcmwrite(buffer, data, enforce_file_format=True)
        whole = buffer.getvalue()
        if syntax in stand_in:
            whole = whole.replace(stand_in[syntax].encode(), syntax.encode() + bytes(len(syntax) % 2), 1)
        put(f"frame_{number}.dcm", whole)
        if frame[:3] == b"\xff\xd8\xff" and (number % 8 == 0 or name.startswith(("baseline", "extended"))):
            put(f"frame_{number}.jpg", frame)
        elif frame[:2] == b"\xff\x4f":
            put(f"frame_{number}.j2k", frame)
        elif name.startswith("jxl"):
            put(f"frame_{number}.jxl", frame)


def pictures():
    y, x = np.mgrid[0:18, 0:21]
    colour = np.stack([x * 12, y * 14, (x * y) % 251, 255 - x * 3], -1).astype(np.uint8)
    for mode in ("1", "L", "P", "RGB", "RGBA", "CMYK"):
        picture = Image.fromarray(colour).convert(mode)
        for ending, settings in [
            ("bmp", {}), ("pbm", {}), ("ppm", {}), ("jpg", {"progressive": True}), ("jpg", {"restart_marker_blocks": 2}),
            ("webp", {"lossless": True}), ("webp", {"quality": 60}), ("gif", {}), ("tif", {"compression": "tiff_lzw"}),
            ("tif", {"compression": "tiff_adobe_deflate"}), ("tif", {"compression": "jpeg"}), ("jp2", {"quality_layers": [9, 3]}),
        ]:
            buffer = io.BytesIO()
            try:
                picture.save(buffer, {"tif": "TIFF", "jpg": "JPEG", "pbm": "PPM", "ppm": "PPM", "jp2": "JPEG2000"}.get(ending, ending), **settings)
            except (OSError, ValueError, KeyError):
                continue
            put(f"pillow_{mode}_{'_'.join(str(v) for v in settings.values()).strip('[]')}.{ending}", buffer.getvalue())
    for name, text in [("grey", b"P2\n# a\n3 2 255\n0 1 2\n255 4 5\n"), ("bits", b"P1\n4 2\n0101\n1010\n"), ("rgb", b"P3 2 1 1023\n1 2 3 1000 5 6\n")]:
        put(f"text_{name}.ppm", text)
    put("wide.pgm", b"P5 5 4 4095\n" + bytes(range(40)))


def archives():
    names = ["raster_grey.png", "raster_grey.jpg", "eight_bits.dcm", "raster_colour.ppm"]
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", method) as archive:
            for name in names:
                archive.writestr(zipfile.ZipInfo("folder/" + name), (fixtures / "files" / name).read_bytes(), method)
        put(f"few_{method}.zip", buffer.getvalue())
    for mode in ("w:", "w:gz", "w:bz2", "w:xz"):
        for kind in (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT):
            buffer = io.BytesIO()
            with tarfile.open(fileobj=buffer, mode=mode, format=kind) as archive:
                for name in names[:2]:
                    entry = tarfile.TarInfo(name * (1 if kind == tarfile.USTAR_FORMAT else 12))
                    data = (fixtures / "files" / name).read_bytes()
                    entry.size = len(data)
                    archive.addfile(entry, io.BytesIO(data))
            put(f"few_{kind}" + (".tar" if mode == "w:" else f"_{mode[2:]}.tgz"), buffer.getvalue())


stored_files()
coded_frames()
pictures()
archives()
for folder in sys.argv[2:]:
    for file in sorted(Path(folder).rglob("*")):
        if file.is_file():
            name = file.name if "." in file.name else file.name + ".dcm"
            put("more_" + name, file.read_bytes() if file.stat().st_size <= MOST else bytes(MOST + 1))
for folder in sorted(out.iterdir()):
    sizes = [file.stat().st_size for file in folder.iterdir()]
    print(f"{folder.name}: {len(sizes)} files, {sum(sizes) // len(sizes)} bytes on average, {max(sizes)} at most")
