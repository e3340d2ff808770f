# Hundreds of tiny DICOM files and the shades pydicom's own pipeline makes of them. pydicom 3.0.2, pyjpegls 1.4, pylibjpeg-openjpeg 2.4,
# imagecodecs 2026, numpy 2.
# Writes dicom_matrix.safetensors: "names" (text, a line a case), "files" (all files one after the other, without the 132 bytes that all begin
# with), "file_ends", "shades" F32 [planes, rows, columns] one after the other, 0…1 with 0 black, "shade_ends".
#
# The oracle is pixel_array → apply_modality_lut → apply_voi_lut → inversion, scaled to 0…1 by the range of the output. Where pydicom leaves
# the standard, or has no opinion, the expectation is written out here and says why:
#  * padding is 0 at the end (PS3.3 C.7.5.1.1.2), pydicom windows it;
#  * samples lie below High Bit (PS3.5 8.1.1), pydicom takes the lowest bits;
#  * the offset of an indirect segment counts bytes (PS3.3 C.7.9.2.3), pydicom counts words;
#  * without a window ours is that of the percentiles;
#  * VOI tables of 8 bits have no more than 256 entries here, because pydicom's index wraps there;
#  * numbers are widened before a modality table, because pydicom's index overflows where signed numbers fill their type;
#  * a presentation table stands evenly over the range of its input (PS3.3 C.11.4), pydicom stretches over what occurs.
import io
import itertools
import warnings
from pathlib import Path

import imagecodecs
import numpy as np
from pydicom import dcmread, dcmwrite
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.pixels import apply_color_lut, apply_modality_lut, apply_voi_lut
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian, JPEG2000Lossless,
    JPEGLosslessSV1, JPEGLSLossless, RLELossless)
from safetensors.numpy import save_file

warnings.filterwarnings("ignore")
ROWS, COLUMNS = 6, 7
random = np.random.default_rng(11)
names, files, shades = [], [], []


def lut(first, bits, entries, signed=False):
    item = Dataset()
    item.add_new(0x00283002, "SS" if signed else "US", [len(entries), first, bits])
    item.add_new(0x00283006, "US", [int(v) for v in entries])
    return item


def dataset(cells, photometric="MONOCHROME2", allocated=16, stored=12, signed=False, syntax=ExplicitVRLittleEndian, planar=0,
            high=None, **elements):
    """`cells` are what the pixel element holds: [rows, columns] or [rows, columns, 3]."""
    ds = FileDataset(None, {}, file_meta=FileMetaDataset(), preamble=b"\0" * 128)
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.SamplesPerPixel = 3 if cells.ndim == 3 else 1
    ds.PhotometricInterpretation = photometric
    ds.Rows, ds.Columns = cells.shape[:2]
    if cells.ndim == 3:
        ds.PlanarConfiguration = planar
    ds.BitsAllocated, ds.BitsStored, ds.HighBit = allocated, stored, stored - 1 if high is None else high
    ds.PixelRepresentation = int(signed)
    for key, value in elements.items():
        if key.startswith("PixelPadding"):
            ds.add_new({"PixelPaddingValue": 0x00280120, "PixelPaddingRangeLimit": 0x00280121}[key], "SS" if signed else "US", value)
        else:
            setattr(ds, key, value)
    if np.issubdtype(cells.dtype, np.floating):
        del ds.BitsStored, ds.HighBit, ds.PixelRepresentation
        setattr(ds, "FloatPixelData" if allocated == 32 else "DoubleFloatPixelData", cells.astype(f"<f{allocated // 8}").tobytes())
        return ds
    native = cells.astype(np.int64) & ((1 << allocated) - 1)
    ordered = native.transpose(2, 0, 1) if planar else native
    ds.PixelData = ordered.astype(f"<u{allocated // 8}").tobytes()
    ds["PixelData"].VR = "OB" if allocated == 8 else "OW"
    if len(ds.PixelData) % 2:
        ds.PixelData += b"\0"
    if syntax == ExplicitVRBigEndian:
        if allocated == 8 and len(ds.PixelData) % 2 == 0:
            ds["PixelData"].VR = "OB"
        elif allocated > 8:
            ds.PixelData = ordered.astype(f">u{allocated // 8}").tobytes()
    elif syntax == JPEGLosslessSV1:
        masked = (native & ((1 << stored) - 1)).astype(f"u{allocated // 8}")
        ds.PixelData = encapsulate([imagecodecs.ljpeg_encode(masked, bitspersample=stored)])
        ds["PixelData"].VR = "OB"
        ds["PixelData"].is_undefined_length = True
    elif syntax == JPEG2000Lossless:
        array = native & ((1 << stored) - 1)
        array = np.where(array >> (stored - 1), array - (1 << stored), array) if signed else array
        ds.PixelData = encapsulate([imagecodecs.jpeg2k_encode(
            array.astype(f"{'i' if signed else 'u'}{allocated // 8}"), level=0, reversible=True, codecformat="j2k", resolutions=1,
            bitspersample=stored, mct=photometric == "YBR_RCT")])
        ds["PixelData"].VR = "OB"
        ds["PixelData"].is_undefined_length = True
    elif syntax.is_compressed and syntax != DeflatedExplicitVRLittleEndian:
        array = native & ((1 << stored) - 1)
        array = np.where(array >> (stored - 1), array - (1 << stored), array) if signed else array
        ds.compress(syntax, array.astype(f"{'i' if signed else 'u'}{allocated // 8}"), generate_instance_uid=False)
    ds.file_meta.TransferSyntaxUID = syntax
    return ds


def written(ds):
    buffer = io.BytesIO()
    if ds.file_meta.TransferSyntaxUID == ExplicitVRBigEndian:
        dcmwrite(buffer, ds, implicit_vr=False, little_endian=False, force_encoding=True)
    else:
        ds.save_as(buffer, enforce_file_format=False)
    data = buffer.getvalue()
    assert data[:132] == b"\0" * 128 + b"DICM"
    return data


def modality(ds, numbers):
    return apply_modality_lut(numbers.astype(np.int64), ds).astype(np.float64)


def percentiles(values, kept):
    kept = np.sort(values[kept], axis=None)
    low, high = (kept[max(1, int(np.ceil(q * kept.size))) - 1] for q in (0.005, 0.995))
    if low == high:
        low, high = kept[0], kept[-1]
    return np.clip((values - low) / (high - low), 0, 1) if high > low else np.zeros(values.shape)


def grey(ds, numbers, padding=None):
    """The pipeline over stored numbers [rows, columns]."""
    values = modality(ds, numbers)
    is_padding = np.zeros(numbers.shape, bool) if padding is None else (numbers >= min(padding)) & (numbers <= max(padding))
    if "VOILUTSequence" in ds:
        assert (values == np.round(values)).all()
        item = ds.VOILUTSequence[0]
        result = apply_voi_lut(values.astype(np.int64), ds) / (2.0 ** item.LUTDescriptor[2] - 1)
    elif "WindowCenter" in ds:
        stored = ds.get("BitsStored", 8)
        signed = ds.get("PixelRepresentation", 0)
        if "BitsStored" not in ds:
            ds.BitsStored, ds.PixelRepresentation = 8, 0
        if "ModalityLUTSequence" in ds:
            low, high = 0, 2.0 ** ds.ModalityLUTSequence[0].LUTDescriptor[2] - 1
        else:
            low, high = (-(2.0 ** (stored - 1)), 2.0 ** (stored - 1) - 1) if signed else (0, 2.0**stored - 1)
            if "RescaleSlope" in ds:
                low, high = (v * float(ds.RescaleSlope) + float(ds.RescaleIntercept) for v in (low, high))
        result = (apply_voi_lut(values, ds) - low) / (high - low)
    else:
        result = percentiles(values, ~is_padding if not is_padding.all() else ...)
    if "PresentationLUTSequence" in ds:
        item = ds.PresentationLUTSequence[0]
        entries = np.array(item.LUTData)
        result = entries[np.floor(result * (len(entries) - 1) + 0.5).astype(int)] / (2.0 ** item.LUTDescriptor[2] - 1)
    elif ds.PhotometricInterpretation == "MONOCHROME1" or ds.get("PresentationLUTShape") == "INVERSE":
        result = 1 - result
    return np.where(is_padding, 0, result)


def add(name, ds, expected=None, padding=None):
    data = written(ds)
    if expected is None:
        again = dcmread(io.BytesIO(data), force=True)
        expected = grey(again, again.pixel_array, padding)
    assert np.isfinite(expected).all() and name not in names
    names.append(name)
    files.append(data[132:])
    shades.append(np.clip(np.ascontiguousarray(expected, np.float32), 0, 1))


def noise(stored, signed, shape=(ROWS, COLUMNS)):
    low, high = (-(1 << (stored - 1)), 1 << (stored - 1)) if signed else (0, 1 << stored)
    numbers = random.integers(low, high, shape)
    numbers.flat[:4] = [low, high - 1, 0, high // 2]
    return numbers


def window(stored, signed, kind):
    """Centre and width in the modality's values of the matrix below: about -half…half of the span, or 0…1000 after a table."""
    table = {
        "linear": dict(WindowCenter=0.1, WindowWidth=0.5), "exact": dict(WindowCenter=0.1, WindowWidth=0.5, VOILUTFunction="LINEAR_EXACT"),
        "sigmoid": dict(WindowCenter=0.1, WindowWidth=0.5, VOILUTFunction="SIGMOID"),
        "several": dict(WindowCenter=[0.2, 0.4], WindowWidth=[0.3, 0.9])}
    return table[kind]


def matrix():
    bits = [(8, 8), (8, 5), (16, 16), (16, 12)]
    for photometric, signed, (allocated, stored), modal, voi in itertools.product(
            ("MONOCHROME1", "MONOCHROME2"), (False, True), bits, ("none", "rescale", "table"),
            ("none", "table", "linear", "exact", "sigmoid", "several", "narrow", "wide")):
        numbers = noise(stored, signed)
        low, span = (-(1 << (stored - 1)) if signed else 0), 1 << stored
        elements = {}
        least, width = low, span
        if modal == "rescale":
            slope, intercept = (3 if stored < 16 else 1, -7) if voi == "table" else (0.37, -11.5)
            elements |= dict(RescaleSlope=slope, RescaleIntercept=intercept)
            least, width = low * slope + intercept, span * slope
        elif modal == "table":
            entries = (np.arange(25) * 41) % 1009
            first = low + span // 4
            elements |= dict(ModalityLUTSequence=[lut(first, 16, entries, signed)])
            least, width = 0, 1009
        middle = int(least + width // 3)
        if voi == "table":
            negative = least < 0
            elements |= dict(VOILUTSequence=[lut(middle, 10, np.arange(32) ** 2 % 1021, negative)])
        elif voi == "narrow":
            elements |= dict(WindowCenter=middle, WindowWidth=1)
        elif voi == "wide":
            elements |= dict(WindowCenter=middle, WindowWidth=50 * int(width))
        elif voi != "none":
            elements |= {k: v if k == "VOILUTFunction" else
                         [round(float(least + (0.5 + x) * width), 2) if k == "WindowCenter" else max(1.0, round(float(x * width), 2))
                          for x in np.atleast_1d(v)]
                         for k, v in window(stored, signed, voi).items()}
        name = f"{photometric}-{'signed' if signed else 'unsigned'}-{stored}of{allocated}-modality_{modal}-voi_{voi}"
        add(name, dataset(numbers, photometric, allocated, stored, signed, **elements))


def syntaxes():
    kinds = {"implicit": ImplicitVRLittleEndian, "big": ExplicitVRBigEndian, "deflated": DeflatedExplicitVRLittleEndian,
             "rle": RLELossless, "jpegls": JPEGLSLossless, "jpeg_lossless": JPEGLosslessSV1, "jpeg2000": JPEG2000Lossless}
    for (kind, syntax), signed, (allocated, stored) in itertools.product(
            kinds.items(), (False, True), ((8, 8), (16, 12), (16, 16))):
        for photometric in ("MONOCHROME1", "MONOCHROME2"):
            numbers = noise(stored, signed)
            if kind == "jpegls":
                # pyjpegls has no room for pictures that grow.
                numbers = np.sort(numbers, None).reshape(numbers.shape)
            add(f"{kind}-{photometric}-{'signed' if signed else 'unsigned'}-{stored}of{allocated}",
                dataset(numbers, photometric, allocated, stored, signed, syntax, WindowCenter=(1 << stored) // 7,
                        WindowWidth=(1 << stored) // 2))
    # The encoder of lossless JPEG knows grey alone.
    del kinds["jpeg_lossless"]
    for kind, syntax in kinds.items():
        for planar in (0, 1) if kind in ("implicit", "big", "deflated") else (0,):
            colours = noise(8, False, (ROWS, COLUMNS, 3))
            if kind == "jpegls":
                colours = np.sort(colours, None).reshape(colours.shape)
            ds = dataset(colours, "RGB", 8, 8, syntax=syntax, planar=planar)
            add(f"{kind}-RGB-planar{planar}", ds, colours.transpose(2, 0, 1) / 255)


def padding():
    for photometric, signed, has_window in itertools.product(("MONOCHROME1", "MONOCHROME2"), (False, True), (False, True)):
        window = dict(WindowCenter=200, WindowWidth=1500) if has_window else {}
        value = -2000 if signed else 4000
        for limit in (None, -1500 if signed else 4095):
            numbers = noise(12, signed)
            numbers[:2] = value
            numbers[2, :3] = (value + (limit or value)) // 2
            extra = dict(PixelPaddingValue=value) | ({} if limit is None else dict(PixelPaddingRangeLimit=limit))
            add(f"padding-{photometric}-{'signed' if signed else 'unsigned'}-{'window' if has_window else 'percentiles'}"
                f"-{'range' if limit else 'value'}",
                dataset(numbers, photometric, 16, 12, signed, RescaleSlope=2, RescaleIntercept=-100, **window, **extra),
                padding=(value, value if limit is None else limit))
    add("padding-everything", dataset(np.full((ROWS, COLUMNS), 9), PixelPaddingValue=9), np.zeros((ROWS, COLUMNS)))


def stored_bits():
    for signed, high, photometric in itertools.product((False, True), (11, 13, 15), ("MONOCHROME1", "MONOCHROME2")):
        numbers = noise(12, signed)
        # What lies around the sample means nothing: an overlay, once.
        rubbish = random.integers(0, 1 << 16, numbers.shape)
        mask = 0xfff << (high - 11)
        cells = (rubbish & ~mask & 0xffff) | ((numbers & 0xfff) << (high - 11))
        ds = dataset(cells, photometric, 16, 12, signed, high=high, WindowCenter=300, WindowWidth=2000, RescaleSlope=1.5,
                     RescaleIntercept=-20)
        add(f"high_bit{high}-{photometric}-{'signed' if signed else 'unsigned'}", ds, grey(ds, numbers))
    for stored in (1, 2, 7):
        numbers = noise(stored, False)
        cells = numbers | (random.integers(0, 256, numbers.shape) << stored & 0xff)
        ds = dataset(cells, allocated=8, stored=stored)
        add(f"stored{stored}of8", ds, numbers.astype(float) if stored == 1 else grey(ds, numbers))
    for signed in (False, True):
        numbers = noise(32, signed)
        add(f"32of32-{'signed' if signed else 'unsigned'}",
            dataset(numbers, "MONOCHROME1", 32, 32, signed, WindowCenter=1e8, WindowWidth=3e9))
        numbers = noise(20, signed)
        add(f"20of32-percentiles-{'signed' if signed else 'unsigned'}", dataset(numbers, "MONOCHROME2", 32, 20, signed))


def floating():
    for allocated in (32, 64):
        values = random.normal(0, 3, (ROWS, COLUMNS)).astype(f"f{allocated // 8}")
        window = dict(WindowCenter=0.5, WindowWidth=4, VOILUTFunction="LINEAR_EXACT")
        ds = dataset(values, allocated=allocated, **window)
        add(f"float{allocated}-window", ds, np.clip((values.astype(float) - 0.5) / 4 + 0.5, 0, 1))
        broken = values.copy()
        broken[0, :3] = [np.nan, np.inf, -np.inf]
        ds = dataset(broken, "MONOCHROME1", allocated=allocated, **window)
        expected = np.clip((np.nan_to_num(broken.astype(float), posinf=1e9, neginf=-1e9) - 0.5) / 4 + 0.5, 0, 1)
        # What is no number is no picture: black.
        add(f"float{allocated}-not_a_number", ds, np.where(np.isnan(broken), 0, 1 - expected))
        ds = dataset(broken, allocated=allocated)
        finite = np.isfinite(broken)
        filled = np.where(finite, broken, np.where(broken == np.inf, 1e9, -1e9)).astype(float)
        add(f"float{allocated}-percentiles", ds, percentiles(filled, finite))
        padded = values.copy()
        padded[1] = 99
        ds = dataset(padded, "MONOCHROME1", allocated=allocated)
        ds.add_new(0x00280122 if allocated == 32 else 0x00280123, "FL" if allocated == 32 else "FD", 99.0)
        ds.add_new(0x00280124 if allocated == 32 else 0x00280125, "FL" if allocated == 32 else "FD", 98.0)
        add(f"float{allocated}-padding", ds, np.where(padded == 99, 0, 1 - percentiles(padded.astype(float), padded != 99)))


def odd_ones():
    numbers = noise(12, False)
    plain = dict(WindowCenter=2000, WindowWidth=2500)
    for photometric, shape in itertools.product(("MONOCHROME1", "MONOCHROME2"), ("IDENTITY", "INVERSE")):
        ds = dataset(numbers, photometric, PresentationLUTShape=shape, **plain)
        add(f"shape_{shape}-{photometric}", ds)
    add("presentation_table", dataset(numbers, PresentationLUTSequence=[lut(0, 10, np.arange(64)[::-1] ** 2 % 1001)], **plain))
    ds = dataset(numbers, WindowCenter=2000, WindowWidth=0)
    add("percentiles_where_the_width_is_0", ds, percentiles(numbers.astype(float), ...))
    ds = dataset(numbers, WindowCenter=[2000, 1000], WindowWidth=[-5, 700])
    again = dataset(numbers, WindowCenter=1000, WindowWidth=700)
    add("first_window_that_works", ds, grey(again, numbers))
    ds = dataset(numbers, RescaleSlope=0.0001, RescaleIntercept=0, WindowCenter=0.2, WindowWidth=0.3)
    add("fractional_window", ds, np.clip((numbers * 0.0001 - 0.2) / 0.3 + 0.5, 0, 1))
    add("slope_of_zero", dataset(numbers, RescaleSlope=0, RescaleIntercept=-5, **plain),
        grey(dataset(numbers, RescaleSlope=1, RescaleIntercept=-5, **plain), numbers))
    add("negative_slope", dataset(numbers, RescaleSlope=-1.25, RescaleIntercept=4000, **plain))
    add("constant", dataset(np.full((ROWS, COLUMNS), 77)), np.zeros((ROWS, COLUMNS)))
    two = np.full((ROWS, COLUMNS), 5)
    two[3, 3] = 9
    add("one_pixel", dataset(np.tile(two, (7, 6))), percentiles(np.tile(two, (7, 6)).astype(float), ...))
    table = lut(1000, 12, (np.arange(40) * 100) % 4096)
    add("voi_table_wins", dataset(numbers, VOILUTSequence=[table], WindowCenter=5, WindowWidth=3))
    add("voi_table_first_of_two", dataset(numbers, VOILUTSequence=[table, lut(0, 8, range(200))]))
    # Entries above what the descriptor's bits allow: 16 bits then, in our reading (pydicom refuses).
    ds = dataset(numbers, VOILUTSequence=[lut(1000, 8, np.arange(40) * 1600)])
    add("voi_table_of_16_under_8_bits", ds, (np.arange(40) * 1600)[np.clip(numbers - 1000, 0, 39)] / 65535)
    # Two 8-bit entries a word.
    packed = lut(1000, 8, np.arange(20) * 2 + (np.arange(20) * 2 + 1) * 256)
    packed.LUTDescriptor = [40, 1000, 8]
    add("voi_table_of_bytes", dataset(numbers, VOILUTSequence=[packed]), np.clip(numbers - 1000, 0, 39) / 255)


def palette_elements(ds, tables, first, bits, signed, segments=None):
    """`tables` are three lists of entries; `segments` three lists of words in their place."""
    for k, tag in enumerate((0x00281101, 0x00281102, 0x00281103)):
        ds.add_new(tag, "SS" if signed else "US", [len(tables[k]) if len(tables[k]) < 32768 or not signed else 0, first, bits])
    for k in range(3):
        if segments is None:
            if bits == 8:
                data = bytes(int(v) for v in tables[k]) + b"\0" * (len(tables[k]) % 2)
            else:
                data = np.array(tables[k], "<u2").tobytes()
            ds.add_new(0x00281201 + k, "OW", data)
        else:
            data = bytes(segments[k]) if bits == 8 else np.array(segments[k], "<u2").tobytes()
            ds.add_new(0x00281221 + k, "OW", data + b"\0" * (len(data) % 2))


def palettes():
    for allocated, bits, signed, first in ((8, 8, False, 0), (8, 16, False, 0), (8, 16, True, -100), (16, 16, False, 0),
                                           (16, 8, False, 30), (16, 16, True, -40), (16, 16, False, 1000)):
        entries = 256 if allocated == 8 and not signed else 60
        tables = [random.integers(0, 1 << bits, entries) for _ in range(3)]
        numbers = noise(allocated, signed) if allocated == 8 else random.integers(first - 20, first + 80, (ROWS, COLUMNS))
        if not signed:
            numbers = np.maximum(numbers, 0)
        ds = dataset(numbers, "PALETTE COLOR", allocated, allocated, signed)
        palette_elements(ds, tables, first, bits, signed)
        typed = numbers.astype(f"{'i' if signed else 'u'}{allocated // 8}")
        expected = apply_color_lut(typed.astype(np.int32), ds).transpose(2, 0, 1) / (2.0**bits - 1)
        add(f"palette-{allocated}-entries{bits}-{'signed' if signed else 'unsigned'}-from{first}", ds, expected)
    numbers = noise(8, False)
    # 256 entries: 100 in a line, 3 given, a line of 50, then the last two segments again, and what is left at one height.
    for bits in (8, 16):
        top = (1 << bits) - 1
        for name, indirect in (("segments", False), ("segments_indirect", True)):
            segments, tables = [], []
            for k in range(3):
                start, middle, peak = 3 + k, top // 3, top - 7 * k
                words = [0, 1, start, 1, 100, middle, 0, 3, 5 + k, 9, 30, 1, 50, peak]
                line = np.around(np.linspace(start + (middle - start) / 100, middle, 100)).astype(int).tolist()
                rise = np.around(np.linspace(30 + (peak - 30) / 50, peak, 50)).astype(int).tolist()
                table = [start] + line + [5 + k, 9, 30] + rise
                if indirect:
                    # Two segments from the sixth unit on, at byte 6 or 12.
                    offset = 6 * bits // 8
                    words += [2, 2, offset, 0, 0, 0] if bits == 8 else [2, 2, offset, 0]
                    table += [5 + k, 9, 30] + rise
                words += [1, 256 - len(table), peak]
                table += [peak] * (256 - len(table))
                segments.append(words)
                tables.append(table)
            ds = dataset(numbers, "PALETTE COLOR", 8, 8)
            palette_elements(ds, tables, 0, bits, False, segments)
            expected = np.array(tables)[:, numbers] / top
            if not (indirect and bits == 16):
                theirs = apply_color_lut(numbers.astype(np.uint8), ds).transpose(2, 0, 1) / top
                assert (theirs == expected).all(), (name, bits)
            add(f"palette-{name}-entries{bits}", ds, expected)
    # 16-bit entries of 8 bits, as the descriptor says.
    tables = [random.integers(0, 256, 256) for _ in range(3)]
    ds = dataset(numbers, "PALETTE COLOR", 8, 8)
    palette_elements(ds, tables, 0, 16, False)
    for tag in (0x00281101, 0x00281102, 0x00281103):
        ds[tag].value = [256, 0, 8]
    add("palette-bytes_in_words", ds, np.array([t[numbers] for t in tables]) / 255)
    # A palette beside a greyscale is left alone.
    ds = dataset(numbers, "MONOCHROME2", 8, 8, WindowCenter=100, WindowWidth=90)
    palette_elements(ds, tables, 0, 16, False)
    add("palette-supplemental", ds)


def colours():
    for planar, (allocated, stored) in itertools.product((0, 1), ((8, 8), (16, 16), (16, 12), (8, 6))):
        cells = noise(stored, False, (ROWS, COLUMNS, 3))
        ds = dataset(cells, "RGB", allocated, stored, planar=planar)
        add(f"RGB-{stored}of{allocated}-planar{planar}", ds, dcmread(io.BytesIO(written(ds))).pixel_array.transpose(2, 0, 1) / (2.0**stored - 1))
    for planar in (0, 1):
        cells = noise(8, False, (ROWS, COLUMNS, 3))
        ds = dataset(cells, "YBR_FULL", 8, 8, planar=planar)
        add(f"YBR_FULL-planar{planar}", ds, dcmread(io.BytesIO(written(ds))).pixel_array.transpose(2, 0, 1) / 255)
    cells = noise(8, False, (ROWS, 8, 3))
    ds = dataset(cells, "YBR_FULL_422", 8, 8)
    pairs = cells.reshape(ROWS, 4, 2, 3)
    ds.PixelData = np.stack([pairs[..., 0, 0], pairs[..., 1, 0], pairs[..., 0, 1], pairs[..., 0, 2]], -1).astype("u1").tobytes()
    add("YBR_FULL_422", ds, dcmread(io.BytesIO(written(ds))).pixel_array.transpose(2, 0, 1) / 255)
    for kind, syntax in (("rle", RLELossless), ("jpeg2000", JPEG2000Lossless)):
        cells = noise(8, False, (ROWS, COLUMNS, 3))
        ds = dataset(cells, "YBR_RCT" if kind == "jpeg2000" else "YBR_FULL", 8, 8, syntax=syntax)
        again = dcmread(io.BytesIO(written(ds))).pixel_array
        if kind == "jpeg2000":
            assert (again == cells).all()
        add(f"{kind}-YBR", ds, again.transpose(2, 0, 1) / 255)


matrix()
syntaxes()
padding()
stored_bits()
floating()
odd_ones()
palettes()
colours()
tensors = {
    "names": np.frombuffer("\n".join(names).encode(), np.uint8),
    "files": np.frombuffer(b"".join(files), np.uint8),
    "file_ends": np.cumsum([len(f) for f in files]),
    "shades": np.concatenate([s.ravel() for s in shades]),
    "shade_ends": np.cumsum([s.size for s in shades])}
save_file(tensors, Path(__file__).parent / "dicom_matrix.safetensors")
print(len(names), "cases", {k: v.nbytes for k, v in tensors.items()})
