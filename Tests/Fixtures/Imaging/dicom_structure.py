# Small DICOM files of every structure, the outline of their elements and the bytes of their frames. pydicom 3.0.2, numpy 2.
# Writes dicom_structure.safetensors: "names" one a line; "files", "outlines" and "frames" joined, with "<what>_ends" I64; "frame_counts" I64:
# frames of each file, and "frame_lengths" I64 of each frame in turn.
# An outline has a line an element: depth, tag, representation, bytes of the value or items of the sequence (nothing behind the pixel data).
# Frames are what a codec is handed: native bytes little endian and beginning with a byte, or the fragments of a frame joined.
#
# With a folder of real files as argument writes dicom_kit.csv instead: name, SHA-256 of the outline and of the joined encapsulated frames,
# 16 digits each, of what pydicom reads.
import hashlib
import io
import logging
import struct
import sys
import warnings
from pathlib import Path

import numpy as np
import pydicom
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.encaps import encapsulate, encapsulate_extended, generate_frames
from pydicom.sequence import Sequence
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
)
from pydicom.values import convert_SQ
from safetensors.numpy import save_file

here = Path(__file__).parent
warnings.filterwarnings("ignore")
logging.disable(logging.CRITICAL)


def outline(ds, depth, out, root=False):
    for tag in sorted(ds.keys()):
        if root and tag > 0x7FE00010:
            continue
        raw, name = ds._dict[tag], f"{int(tag):08x}"
        if int(tag) == 0x00080005:
            out.append(f"{depth} {name} cs")
            continue
        items = None
        if isinstance(raw, RawDataElement):
            value, vr = raw.value or b"", raw.VR or "--"
            item = b"\xfe\xff\x00\xe0" if raw.is_little_endian else b"\xff\xfe\xe0\x00"
            if vr == "SQ" or (vr in ("--", "UN") and value[:4] == item and len(value) >= 8):
                items = convert_SQ(value, raw.is_implicit_VR, raw.is_little_endian, "iso8859")
            elif vr in ("--", "UN") and raw.length == 0xFFFFFFFF and not value:
                items = []  # pydicom knows only of public elements that they are sequences
            else:
                out.append(f"{depth} {name} {vr} {'*' if raw.length == 0xFFFFFFFF else len(value)}")
        else:
            items = raw.value
        if items is not None:
            out.append(f"{depth} {name} SQ {len(items)}")
            for one in items:
                outline(one, depth + 1, out)


def outlined(ds):
    lines = [str(ds.file_meta.get("TransferSyntaxUID", ""))]
    outline(ds, 0, lines, True)
    return "".join(line + "\n" for line in lines)


def encoded_frames(ds):
    extended = None
    if "ExtendedOffsetTable" in ds:
        extended = (ds.ExtendedOffsetTable, ds.ExtendedOffsetTableLengths)
    count = int(ds.get("NumberOfFrames") or 1)
    return list(generate_frames(ds.PixelData, number_of_frames=count, extended_offsets=extended))


def kit(folder):
    lines = ["name,outline,frames"]
    for path in sorted(Path(folder).iterdir()):
        shown = joined = ""
        try:
            ds = pydicom.dcmread(path, force=True)
            text = outlined(ds)
            if text.count("\n") > 1:
                shown = hashlib.sha256(text.encode()).hexdigest()[:16]
            if "PixelData" in ds and ds.file_meta.TransferSyntaxUID.is_encapsulated:
                joined = hashlib.sha256(b"".join(encoded_frames(ds))).hexdigest()[:16]
        except Exception:
            pass
        lines.append(f"{path.name},{shown},{joined}")
    (here / "dicom_kit.csv").write_text("\n".join(lines) + "\n")


if len(sys.argv) > 1:
    kit(sys.argv[1])
    sys.exit()

random = np.random.default_rng(11)
names, files, outlines, frames, counts, lengths = [], [], [], [], [], []


def dataset(syntax, frame_count=1, rows=3, columns=5, samples=1, allocated=16, photometric="MONOCHROME2"):
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = syntax
    meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.7.3"
    meta.MediaStorageSOPInstanceUID = "1.2.826.0.1.3680043.8.498.2"
    ds = FileDataset(
        None, {}, file_meta=meta, preamble=b"\0" * 128,
        is_implicit_VR=syntax == ImplicitVRLittleEndian, is_little_endian=syntax != ExplicitVRBigEndian)
    ds.SpecificCharacterSet = "ISO_IR 192"
    ds.SOPClassUID = meta.MediaStorageSOPClassUID
    ds.Modality = "OT"
    ds.PatientName = "Probe^Struktur"
    ds.InstanceNumber = 3
    ds.SamplesPerPixel = samples
    ds.PhotometricInterpretation = photometric
    if samples > 1:
        ds.PlanarConfiguration = 0
    if frame_count > 1:
        ds.NumberOfFrames = frame_count
    ds.Rows, ds.Columns = rows, columns
    ds.BitsAllocated = ds.BitsStored = allocated
    ds.HighBit = allocated - 1
    ds.PixelRepresentation = 0
    return ds


def nested(ds):
    """Three levels of sequences, one empty, one with an empty item; private elements and an unknown sequence."""
    def code(value):
        item = Dataset()
        item.CodeValue, item.CodingSchemeDesignator = value, "DCM"
        return item

    middle = Dataset()
    middle.PurposeOfReferenceCodeSequence = Sequence([code("121311"), code("121312")])
    middle.ReferencedSOPInstanceUID = "1.2.3.4"
    ds.SourceImageSequence = Sequence([middle, Dataset(), middle])
    ds.ProcedureCodeSequence = Sequence([])
    block = ds.private_block(0x0011, "PROBE 1", create=True)
    block.add_new(0x01, "LO", "a private word")
    block.add_new(0x02, "SQ", Sequence([code("1")]))
    block.add_new(0x03, "UN", b"\1\2\3\4")
    return ds


def samples(ds):
    count = int(ds.get("NumberOfFrames", 1)) * ds.Rows * ds.Columns * ds.SamplesPerPixel
    return random.integers(0, 256, count * ds.BitsAllocated // 8, dtype=np.uint8).tobytes()


def undefined(ds):
    for element in ds:
        if element.VR == "SQ":
            element.is_undefined_length = True
            for item in element.value:
                item.is_undefined_length_sequence_item = True
                undefined(item)
    return ds


def saved(ds):
    buffer = io.BytesIO()
    ds.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


def body_of(content):
    """Where the data set begins."""
    return 144 + struct.unpack("<L", content[140:144])[0]


def case(name, content, expected, outlined_by=None):
    """`expected`: the frames. The outline is that of pydicom reading `content`."""
    ds = pydicom.dcmread(io.BytesIO(outlined_by or content), force=True)
    names.append(name)
    files.append(content)
    outlines.append(outlined(ds).encode())
    counts.append(len(expected))
    lengths.extend(len(frame) for frame in expected)
    frames.append(b"".join(expected))


def split(pixels, count):
    size = len(pixels) // count
    return [pixels[i * size : (i + 1) * size] for i in range(count)]


for syntax, name in [(ImplicitVRLittleEndian, "implicit"), (ExplicitVRLittleEndian, "explicit"),
                     (ExplicitVRBigEndian, "big"), (DeflatedExplicitVRLittleEndian, "deflated")]:
    for lengths_of in ["defined", "undefined"]:
        ds = nested(dataset(syntax, 3))
        pixels = samples(ds)
        ds.PixelData = np.frombuffer(pixels, "<u2").astype(">u2").tobytes() if name == "big" else pixels
        ds["PixelData"].VR = "OW"
        if lengths_of == "undefined":
            undefined(ds)
        case(f"{name}_{lengths_of}", saved(ds), split(pixels, 3))

ds = nested(dataset(ExplicitVRLittleEndian))
ds.PixelData = samples(ds)
ds["PixelData"].VR = "OW"
plain = saved(ds)
start = body_of(plain)
body = plain[start:]
case("no_preamble", plain[132:], [ds.PixelData])
case("no_preamble_no_meta", body, [ds.PixelData])
case("preamble_no_meta", plain[:132] + body, [ds.PixelData])
case("trailing_zeros", plain + bytes(512), [ds.PixelData], plain)
case("trailing_garbage", plain + b"\xab\xcd\xef", [ds.PixelData])
case("trailing_padding", plain + struct.pack("<HH2sHL", 0xFFFC, 0xFFFC, b"OB", 0, 20) + bytes(20), [ds.PixelData])
command = struct.pack("<HHLL", 0, 0, 4, 12) + struct.pack("<HHLHH", 0, 2, 4, 1, 2)
case("command_group", plain[:start] + command + body, [ds.PixelData], plain)
ds = nested(dataset(ImplicitVRLittleEndian))
ds.PixelData = samples(ds)
implicit = saved(ds)
start = body_of(implicit)
case("implicit_no_meta", implicit[start:], [ds.PixelData])
case("implicit_called_explicit", plain[: plain.index(body)] + implicit[start:], [ds.PixelData])
ds = dataset(ExplicitVRBigEndian)
pixels = samples(ds)
ds.PixelData = np.frombuffer(pixels, "<u2").astype(">u2").tobytes()
ds["PixelData"].VR = "OW"
content = saved(ds)
case("big_no_meta", content[body_of(content) :], [pixels])

# Bytes in words of a big endian file, an odd number of them a frame, and as bytes.
for vr in ["OW", "OB"]:
    ds = dataset(ExplicitVRBigEndian, 3, rows=3, columns=5, allocated=8)
    pixels = samples(ds)
    words = pixels + b"\0"
    ds.PixelData = np.frombuffer(words, "<u2").astype(">u2").tobytes() if vr == "OW" else words
    ds["PixelData"].VR = vr
    case(f"big_bytes_{vr}", saved(ds), split(pixels, 3))

# Frames of one-bit pixels that do not begin with a byte, and more pixel data than frames.
ds = dataset(ExplicitVRLittleEndian, 4, rows=3, columns=7, allocated=1)
bits = random.integers(0, 2, 4 * 21, dtype=np.uint8)
ds.PixelData = np.packbits(bits, bitorder="little").tobytes() + b"\0"
ds["PixelData"].VR = "OB"
case("one_bit", saved(ds), [np.packbits(bits[21 * i : 21 * i + 21], bitorder="little").tobytes() for i in range(4)])
ds = dataset(ExplicitVRLittleEndian, 2, allocated=8)
pixels = samples(ds)
ds.PixelData = pixels + b"\7" * 31 + b"\0"[: (len(pixels) + 31) % 2]
ds["PixelData"].VR = "OB"
case("excess", saved(ds), split(pixels, 2))
for name, value in [("frames_zero", "0"), ("frames_empty", ""), ("frames_word", "1A")]:
    ds = dataset(ExplicitVRLittleEndian, allocated=8, rows=2, columns=4)
    ds.PixelData = samples(ds)
    content = saved(ds)
    at = content.index(struct.pack("<HH", 0x0028, 0x0010))
    padded = value.encode() + b" " * (len(value) % 2)
    element = struct.pack("<HH2sH", 0x0028, 0x0008, b"IS", len(padded)) + padded
    case(name, content[:at] + element + content[at:], [ds.PixelData])

# Two pixels of four bytes, and the same said of pixels that are not subsampled.
ds = dataset(ExplicitVRLittleEndian, 2, rows=2, columns=4, samples=3, allocated=8, photometric="YBR_FULL_422")
ds.PixelData = random.integers(0, 256, 2 * 16, dtype=np.uint8).tobytes()
ds["PixelData"].VR = "OB"
case("subsampled", saved(ds), split(ds.PixelData, 2))
ds.PixelData = random.integers(0, 256, 2 * 24, dtype=np.uint8).tobytes()
case("called_subsampled", saved(ds), split(ds.PixelData, 2))

for dtype, keyword, name in [("<f4", "FloatPixelData", "float"), ("<f8", "DoubleFloatPixelData", "double")]:
    for syntax in [ExplicitVRLittleEndian, ExplicitVRBigEndian]:
        ds = dataset(syntax, 2, allocated=np.dtype(dtype).itemsize * 8)
        values = random.normal(size=30).astype(dtype)
        big = syntax == ExplicitVRBigEndian
        setattr(ds, keyword, values.astype(dtype.replace("<", ">") if big else dtype).tobytes())
        case(name + ("_big" if big else ""), saved(ds), split(values.tobytes(), 2))

# Code streams are words with the first and the last marker of JPEG: nothing decodes them here.
def stream(size):
    return b"\xff\xd8\xff" + random.integers(0, 255, size, dtype=np.uint8).tobytes() + b"\xff\xd9"


def item(content):
    content += b"\0" * (len(content) % 2)
    return struct.pack("<HHL", 0xFFFE, 0xE000, len(content)) + content


end = struct.pack("<HHL", 0xFFFE, 0xE0DD, 0)
streams = [stream(size) for size in (20, 31, 44)]
even = [one + b"\0" * (len(one) % 2) for one in streams]


def encapsulated(name, pixels, expected, count=3, syntax=JPEGBaseline8Bit, extended=None):
    ds = dataset(syntax, count, allocated=8)
    ds.PixelData = pixels
    ds["PixelData"].VR = "OB"
    ds["PixelData"].is_undefined_length = True
    if extended:
        ds.ExtendedOffsetTable, ds.ExtendedOffsetTableLengths = extended
    content = saved(ds)
    if name != "fragments_by_start":
        read = encoded_frames(pydicom.dcmread(io.BytesIO(content)))
        assert read == expected, name
    case(name, content, expected)


encapsulated("table", encapsulate(streams, has_bot=True), even)
encapsulated("table_and_fragments", encapsulate(streams, fragments_per_frame=3, has_bot=True), even)
encapsulated("empty_table", encapsulate(streams, has_bot=False), even)
encapsulated("empty_table_and_fragments", encapsulate(streams, fragments_per_frame=2, has_bot=False), even)
pixels, offsets, sizes = encapsulate_extended(streams)
encapsulated("extended_table", pixels, even, extended=(offsets, sizes))
encapsulated("one_frame_in_fragments", item(b"") + item(even[0][:10]) + item(even[0][10:]) + end, [even[0]], count=1)
encapsulated("embedded_delimiter", item(b"") + item(even[0][:6] + end + even[0][6:]) + end,
             [even[0][:6] + end + even[0][6:]], count=1, syntax=JPEG2000Lossless)
# No last markers: the first ones part the frames.
bare = [b"\xff\xd8\xff" + bytes([i]) * 21 for i in range(3)]
encapsulated("fragments_by_start", item(b"") + b"".join(item(b[:8]) + item(b[8:]) for b in bare) + end, bare)
# A table whose offsets lead nowhere is not believed.
wrong = struct.pack("<3L", 0, 11, 12)
encapsulated_wrong = item(wrong) + b"".join(item(s) for s in even) + end
ds = dataset(JPEGBaseline8Bit, 3, allocated=8)
ds.PixelData = encapsulated_wrong
ds["PixelData"].VR = "OB"
ds["PixelData"].is_undefined_length = True
case("wrong_table", saved(ds), even)
# The last delimiter is forgotten.
ds.PixelData = item(b"") + b"".join(item(s) for s in even) + end
content = saved(ds)
case("no_delimiter", content[:-8], even, content)

# Functional groups: shared ones, and one item a frame.
ds = dataset(ExplicitVRLittleEndian, 3, allocated=8)
measures = Dataset()
measures.PixelSpacing, measures.SliceThickness = [0.5, 0.25], 2
plane = Dataset()
plane.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
shared = Dataset()
shared.PixelMeasuresSequence, shared.PlaneOrientationSequence = Sequence([measures]), Sequence([plane])
ds.SharedFunctionalGroupsSequence = Sequence([shared])
ds.PerFrameFunctionalGroupsSequence = Sequence()
for i in range(3):
    group, position, content, transform, window = Dataset(), Dataset(), Dataset(), Dataset(), Dataset()
    position.ImagePositionPatient = [-10, 20.5, 2.5 * i]
    content.TemporalPositionIndex, content.InStackPositionNumber = 1 + i % 2, i + 1
    content.FrameAcquisitionNumber = 7
    transform.RescaleSlope, transform.RescaleIntercept, transform.RescaleType = i + 1, -100 * i, "US"
    window.WindowCenter, window.WindowWidth = 40 + i, 400
    group.PlanePositionSequence, group.FrameContentSequence = Sequence([position]), Sequence([content])
    group.PixelValueTransformationSequence = Sequence([transform])
    group.FrameVOILUTSequence = Sequence([window])
    ds.PerFrameFunctionalGroupsSequence.append(group)
ds.PixelData = samples(ds) + b"\0"
ds["PixelData"].VR = "OB"
case("functional_groups", saved(ds), split(ds.PixelData[:45], 3))
undefined(ds)
case("functional_groups_undefined", saved(ds), split(ds.PixelData[:45], 3))


def ends(parts):
    return np.cumsum([len(part) for part in parts]).astype(np.int64)


def joined(parts):
    return np.frombuffer(b"".join(parts), np.uint8)


save_file(
    {
        "names": joined(["\n".join(names).encode()]),
        "files": joined(files), "file_ends": ends(files),
        "outlines": joined(outlines), "outline_ends": ends(outlines),
        "frames": joined(frames), "frame_counts": np.array(counts, np.int64), "frame_lengths": np.array(lengths, np.int64),
    },
    here / "dicom_structure.safetensors",
)
