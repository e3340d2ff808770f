# Small frames in every transfer syntax, and the samples pydicom makes of them (or, where it reads none, the samples that were coded).
# pydicom 3.0.2, pylibjpeg 2.1 with -libjpeg 2.5, -openjpeg 2.6, -rle 2.2, pyjpegls 1.5.1, imagecodecs 2026.3.6, numpy 2.4, zlib.
# Writes codecs.safetensors: "<name>|<transfer syntax>|<photometric>|<type>|<tolerance>" U8, the frame;
# the same + "|header" I64 [rows, columns, samples, allocated, stored, high, signed, planar, number (0 integer, 1 float, 2 double)];
# "every colour" U8, the SHA-256 of pydicom's conversion of many colours;
# the same + "|pixels" U8, the samples in little endian where the tolerance is not 0, else their SHA-256.
import hashlib
import zlib
from pathlib import Path

import imagecodecs
import jpeg_ls
import numpy as np
import openjpeg
from pydicom.encaps import encapsulate
from pydicom.pixels import get_decoder
from pydicom.pixels.processing import convert_color_space
from safetensors.numpy import save_file

here = Path(__file__).parent
out = {}
rng = np.random.default_rng(0)
ROOT = "1.2.840.10008.1.2"


def picture(bits, rows=17, columns=21, samples=1, signed=False, flat=True):
    """Smooth, noisy, flat and extreme parts."""
    y, x = np.mgrid[0:rows, 0:columns]
    top = 2.0**bits - 1
    planes = []
    for s in range(samples):
        v = top * (0.5 + 0.3 * np.sin(x / 5 + s) * np.cos(y / 4))
        v += rng.normal(0, top / 40, v.shape)
        if flat:
            v[: rows // 3, columns // 2 :] = top // 3
        v[-1, 0], v[-1, -1], v[0, 0] = 0, top, 0
        planes.append(np.clip(np.rint(v), 0, top))
    a = np.stack(planes, -1) if samples > 1 else planes[0]
    a = a.astype(np.int64)
    if signed:
        a -= 2 ** (bits - 1)
    width = 8 if bits <= 8 else 16 if bits <= 16 else 32
    return a.astype(f"{'i' if signed else 'u'}{width // 8}")


def case(name, suffix, frame, a, photometric=None, allocated=None, stored=None, high=None, signed=None, planar=0, number=0,
         tolerance=0, reference=True, shape=None):
    rows, columns = (shape or a.shape)[:2]
    samples = (shape or a.shape)[2] if len(shape or a.shape) == 3 else 1
    allocated = allocated or a.dtype.itemsize * 8
    stored = stored or allocated
    high = stored - 1 if high is None else high
    signed = a.dtype.kind == "i" if signed is None else signed
    photometric = photometric or ("RGB" if samples == 3 else "MONOCHROME2")
    expected = a
    if reference:
        uid = ROOT + suffix
        decoder = get_decoder(uid)
        options = dict(rows=rows, columns=columns, samples_per_pixel=samples, bits_allocated=allocated, bits_stored=stored,
                       pixel_representation=int(signed), photometric_interpretation=photometric, number_of_frames=1,
                       planar_configuration=planar,
                       pixel_keyword=["PixelData", "FloatPixelData", "DoubleFloatPixelData"][number])
        source = encapsulate([bytes(frame)]) if decoder.is_encapsulated else bytes(frame) + bytes(len(frame) % 2)
        expected, _ = decoder.as_array(source, index=0, **options)
        if a is not None and tolerance == 0 and a.shape == expected.shape:
            assert np.array_equal(a.astype(np.int64) if number == 0 else a, expected), name
    key = f"{name}|{ROOT + suffix}|{photometric}|{expected.dtype.name}|{tolerance}"
    assert key not in out, key
    out[key] = np.frombuffer(bytes(frame), np.uint8)
    out[key + "|header"] = np.array([rows, columns, samples, allocated, stored, high, signed, planar, number], np.int64)
    pixels = np.ascontiguousarray(expected).astype(expected.dtype.newbyteorder("<")).tobytes()
    out[key + "|pixels"] = np.frombuffer(pixels if tolerance else hashlib.sha256(pixels).digest(), np.uint8)


def native():
    for bits, stored in [(8, 8), (8, 6), (16, 16), (16, 12), (32, 32), (32, 20)]:
        for signed in (False, True):
            a = picture(stored, signed=signed).astype(f"{'i' if signed else 'u'}{bits // 8}")
            raw = a.copy()
            if stored < bits:  # what lies above the stored bits means nothing
                raw = (a.astype(np.int64) & (2**stored - 1) | rng.integers(0, 2 ** (bits - stored), a.shape) << stored).astype(f"u{bits // 8}")
            case(f"native{bits}/{stored}{'s' if signed else 'u'}", ".1", raw.tobytes(), a, stored=stored)
    # High bit 15, as films of the eighties have it: pydicom takes the low bits all the same.
    a = picture(12)
    case("native high bit", ".1", (a << 4 | 5).astype(np.uint16).tobytes(), a, stored=12, high=15, reference=False)
    a = picture(12, signed=True)
    case("native high bit signed", ".1", (a.astype(np.int16) << 4 | 5).astype(np.int16).tobytes(), a, stored=12, high=15, reference=False)
    for bits in (8, 16):
        a = picture(bits, samples=3)
        case(f"native rgb {bits}", ".1", a.tobytes(), a)
        case(f"native rgb planar {bits}", ".1", np.ascontiguousarray(a.transpose(2, 0, 1)).tobytes(), a, planar=1)
    every = rng.integers(0, 256, (24, 30, 3)).astype(np.uint8)
    every[0, :8] = [[0, 0, 0], [255, 255, 255], [255, 0, 0], [0, 255, 255], [128, 128, 128], [0, 255, 0], [255, 128, 0], [76, 85, 255]]
    case("native ybr", ".1", every.tobytes(), None, photometric="YBR_FULL", shape=every.shape, allocated=8, signed=False)
    half = rng.integers(0, 256, (24 * 30 // 2, 4)).astype(np.uint8)
    case("native ybr 422", ".1", half.tobytes(), None, photometric="YBR_FULL_422", shape=every.shape, allocated=8, signed=False)
    mask = (picture(8, rows=13, columns=11) > 120).astype(np.uint8)
    packed = np.packbits(mask.ravel(), bitorder="little")
    case("native 1 bit", ".1", packed.tobytes(), mask, allocated=1)
    for signed in (False, True):
        a = picture(12, rows=7, columns=9, signed=signed)
        stream = np.concatenate([[(int(v) >> k) & 1 for k in range(12)] for v in a.ravel()]).astype(np.uint8)
        case(f"native 12 packed {signed}", ".1", np.packbits(stream, bitorder="little").tobytes(), a, allocated=12, stored=12, reference=False)
    for number, dtype in ((1, np.float32), (2, np.float64)):
        a = rng.normal(0, 1e3, (5, 7)).astype(dtype)
        case(f"native {dtype.__name__}", ".1", a.tobytes(), a, number=number, signed=False)
    a = rng.integers(0, 2**63, (5, 6), dtype=np.int64)
    case("native 64", ".1", a.astype(np.uint64).tobytes(), a.astype(np.uint64))


def pack(data):
    """One byte segment (PS3.5 G.3.1), padded to an even length."""
    made, i = bytearray(), 0
    while i < len(data):
        n = 1
        while i + n < len(data) and n < 128 and data[i + n] == data[i]:
            n += 1
        if n > 1:
            made += bytes([257 - n, data[i]])
        else:
            while i + n < len(data) and n < 128 and (i + n + 1 >= len(data) or data[i + n] != data[i + n + 1]):
                n += 1
            made += bytes([n - 1]) + data[i : i + n]
        i += n
    return bytes(made) + bytes(len(made) % 2)


def run_length(a):
    planes = a.reshape(a.shape[0] * a.shape[1], -1).T
    width = a.dtype.itemsize
    segments = [pack(np.ascontiguousarray(p).view(np.uint8)[k::width].tobytes()) for p in planes for k in reversed(range(width))]
    header = np.zeros(16, "<u4")
    header[0] = len(segments)
    header[1 : 1 + len(segments)] = 64 + np.cumsum([0] + [len(s) for s in segments])[:-1]
    return header.tobytes() + b"".join(segments)


def run_lengths():
    for bits in (8, 16, 32):
        for samples in (1, 3):
            for signed in (False, True):
                stored = bits - 2
                a = picture(min(stored, 30), samples=samples, signed=signed).astype(f"{'i' if signed else 'u'}{bits // 8}")
                frame = run_length(a)
                case(f"rle {bits} x{samples} {signed}", ".5", frame, a, stored=stored)
    # A run of every length, whole bytes of no code between, and a last run that is too long.
    a = np.repeat(np.arange(129, dtype=np.uint8), np.arange(129))[None]
    body = b"".join(bytes([128, 257 - n, v]) if n > 1 else bytes([0, v]) for v, n in enumerate(range(129)) if n)
    header = np.zeros(16, "<u4"); header[:2] = 1, 64
    case("rle all runs", ".5", header.tobytes() + body + bytes([129, 1]), a)
    long = np.full((20, 900), 7, np.uint16); long[::3, ::2] = rng.integers(0, 65536, (7, 450)); long[1::3, :300] *= 200
    frame = run_length(long)
    case("rle in pieces", ".5", frame, long)
    mask = (picture(8, rows=13, columns=11) > 120).astype(np.uint8)
    packed = np.packbits(mask.ravel(), bitorder="little").tobytes()
    body = bytes([len(packed) - 1]) + packed
    case("rle 1 bit", ".5", header.tobytes() + body + bytes(len(body) % 2), mask, allocated=1, reference=False)


def deflated():
    def raw(data):
        c = zlib.compressobj(9, zlib.DEFLATED, -15)
        return c.compress(data) + c.flush()
    a = picture(12)
    case("deflated 16", ".8.1", raw(a.tobytes()), a, stored=12, reference=False)
    mask = (picture(8, rows=13, columns=11) > 120).astype(np.uint8)
    case("deflated 1 bit", ".8.1", raw(np.packbits(mask.ravel(), bitorder="little").tobytes()), mask, allocated=1, reference=False)


class Bits:
    def __init__(self):
        self.text = []

    def put(self, value, count):
        if count:
            self.text.append(format(value, f"0{count}b"))

    def bytes(self):
        t = "".join(self.text)
        t += "1" * (-len(t) % 8)
        data = bytes(int(t[i : i + 8], 2) for i in range(0, len(t), 8))
        return data.replace(b"\xff", b"\xff\x00")


def lossless(a, precision, predictor=1, shift=0, restart_rows=0, separate=False, lengths=None):
    """Lossless JPEG (ISO/IEC 10918-1 annex H) straight from the standard, one code for all components."""
    a = a.reshape(a.shape[0], a.shape[1], -1).astype(np.int64) >> shift
    rows, columns, parts = a.shape
    lengths = lengths or [5] * 17
    order = sorted(range(17), key=lambda s: lengths[s])
    codes, code, last = {}, 0, 0
    for s in order:
        code <<= lengths[s] - last
        codes[s], last = (code, lengths[s]), lengths[s]
        code += 1
    counts = [sum(l == n for l in lengths) for n in range(1, 17)]
    segment = lambda marker, body: bytes([255, marker]) + (len(body) + 2).to_bytes(2, "big") + body
    data = b"\xff\xd8" + segment(0xC3, bytes([precision]) + rows.to_bytes(2, "big") + columns.to_bytes(2, "big") + bytes([parts])
                                 + b"".join(bytes([c + 1, 0x11, 0]) for c in range(parts)))
    data += segment(0xC4, bytes([0] + counts + order))
    if restart_rows:
        data += segment(0xDD, (restart_rows * columns).to_bytes(2, "big"))
    for scan in ([[c] for c in range(parts)] if separate else [list(range(parts))]):
        data += segment(0xDA, bytes([len(scan)]) + b"".join(bytes([c + 1, 0]) for c in scan) + bytes([predictor, 0, shift]))
        bits, number = Bits(), 0
        for y in range(rows):
            first = y == 0
            if restart_rows and y and y % restart_rows == 0:
                data += bits.bytes() + bytes([255, 0xD0 + number % 8])
                bits, number, first = Bits(), number + 1, True
            for x in range(columns):
                for c in scan:
                    left = a[y, x - 1, c] if x else 0
                    if x == 0:
                        p = 1 << (precision - shift - 1) if first else a[y - 1, 0, c]
                    elif first:
                        p = left
                    else:
                        b, d = a[y - 1, x, c], a[y - 1, x - 1, c]
                        p = [0, left, b, d, left + b - d, left + ((b - d) >> 1), b + ((left - d) >> 1), (left + b) >> 1][predictor]
                    e = int(a[y, x, c] - p) & 0xFFFF
                    e = e - 65536 if e > 32768 else e
                    s = abs(e).bit_length() if e != 32768 else 16
                    bits.put(*codes[s])
                    if 0 < s < 16:
                        bits.put(e if e > 0 else e + (1 << s) - 1, s)
        data += bits.bytes()
    return data + b"\xff\xd9"


def jpeg_lossless():
    for predictor in range(1, 8):
        a = picture(12)
        case(f"lossless turbo p{predictor}", ".4.57", imagecodecs.jpeg_encode(a, lossless=True, predictor=predictor, bitspersample=12), a, stored=12)
        a = picture(16)
        case(f"lossless p{predictor} 16", ".4.57", lossless(a, 16, predictor), a)
        a = picture(8, samples=3)
        case(f"lossless p{predictor} rgb", ".4.57", lossless(a, 8, predictor), a)
        case(f"lossless p{predictor} rgb separate", ".4.57", lossless(a, 8, predictor, separate=True), a)
        a = picture(10, signed=True)
        case(f"lossless p{predictor} restart", ".4.57", lossless(a.astype(np.int64) & 1023, 10, predictor, restart_rows=4), a, stored=10)
    extremes = (rng.integers(0, 2, (15, 13)) * 65535).astype(np.uint16)
    extremes[3] = 32768
    case("lossless extremes", ".4.70", lossless(extremes, 16), extremes)
    skewed = [16, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 16]
    case("lossless long codes", ".4.70", lossless(picture(12) , 12, 1, lengths=skewed), None, stored=12, shape=(17, 21), allocated=16, signed=False)
    noise = rng.integers(0, 65536, (15, 13)).astype(np.uint16)
    case("lossless noise long codes", ".4.57", lossless(noise, 16, 4, lengths=skewed), noise)
    a = picture(12)
    case("lossless point transform", ".4.57", lossless(a, 12, 1, shift=3), a >> 3 << 3, stored=12, reference=False)
    a = picture(8, samples=3)
    case("lossless rgb restart", ".4.57", lossless(a, 8, 7, restart_rows=5), a)
    for bits in (2, 3, 7, 9):
        a = picture(bits)
        case(f"lossless {bits} bits", ".4.70", lossless(a, bits), a, stored=bits)
    a = picture(16, rows=1, columns=1)
    case("lossless one pixel", ".4.70", lossless(a, 16), a)
    a = picture(8, rows=100, columns=2)
    case("lossless many restarts", ".4.57", lossless(a, 8, 5, restart_rows=7), a)


def jpeg_lossy():
    a = picture(8, rows=24, columns=32, flat=False)
    case("baseline grey", ".4.50", imagecodecs.jpeg_encode(a, level=85), a, tolerance=1)
    c = np.stack([np.roll(a, k, 0) // (1 + k) for k in range(3)], -1)
    case("baseline rgb kept", ".4.50", imagecodecs.jpeg_encode(c, level=85, colorspace="rgb", outcolorspace="rgb"), c, tolerance=1)
    case("baseline ybr 444", ".4.50", imagecodecs.jpeg_encode(c, level=85, subsampling="444"), c, photometric="YBR_FULL", tolerance=3)
    case("baseline jfif under rgb", ".4.50", imagecodecs.jpeg_encode(c, level=85, subsampling="444"), c, photometric="RGB", tolerance=3)
    d = picture(12, rows=24, columns=32, flat=False)
    case("extended 12", ".4.51", imagecodecs.jpeg_encode(d, level=85, bitspersample=12), d, stored=12, tolerance=1)
    s = (d[:24, :32].astype(np.int32))
    rgb = np.stack([s, s // 2, 4095 - s], -1).astype(np.uint16)
    case("extended 12 rgb", ".4.51", imagecodecs.jpeg_encode(rgb, level=90, bitspersample=12, colorspace="rgb", outcolorspace="rgb"), rgb, stored=12, tolerance=1)


def jpeg_ls_cases():
    for bits in (2, 5, 8, 10, 12, 15, 16):
        a = picture(bits)
        for near in (0, 2) if bits > 5 else (0,):
            case(f"jpeg-ls {bits} near {near}", ".4.80" if near == 0 else ".4.81",
                 jpeg_ls.encode_pixel_data(a.tobytes(), lossy_error=near, interleave_mode=0, rows=17, columns=21, samples_per_pixel=1, bits_allocated=a.itemsize * 8, bits_stored=bits),
                 a if near == 0 else None, stored=bits, shape=a.shape, allocated=a.itemsize * 8, signed=False)
    a = picture(12, signed=True)
    frame = jpeg_ls.encode_pixel_data((a.view(np.uint16) & 4095).tobytes(), lossy_error=0, interleave_mode=0, rows=17, columns=21, samples_per_pixel=1, bits_allocated=16, bits_stored=12)
    case("jpeg-ls signed", ".4.80", frame, a, stored=12)
    for bits in (8, 16):
        a = picture(bits, samples=3)
        for mode in (0, 1, 2):
            source = np.ascontiguousarray(a.transpose(2, 0, 1)) if mode == 0 else a
            for near in (0, 3):
                case(f"jpeg-ls rgb {bits} mode {mode} near {near}", ".4.80" if near == 0 else ".4.81",
                     jpeg_ls.encode_buffer(source.tobytes(), 17, 21, 3, bits, near, mode),
                     a if near == 0 else None, shape=a.shape, allocated=bits, signed=False)
    a = np.zeros((30, 200), np.uint8); a[10:20, 50:190] = 200; a[15, ::7] = 9
    case("jpeg-ls runs", ".4.80", imagecodecs.jpegls_encode(a), a)
    a = rng.integers(0, 65536, (20, 30)).astype(np.uint16)
    case("jpeg-ls noise", ".4.80", imagecodecs.jpegls_encode(a), a)


def jpeg_2000():
    def code(a, bits, signed=False, photometric=0, **options):
        samples = a.shape[2] if a.ndim == 3 else 1
        return openjpeg.utils.encode_buffer(a.tobytes(), columns=a.shape[1], rows=a.shape[0], samples_per_pixel=samples, bits_stored=bits,
                                            is_signed=signed, photometric_interpretation=photometric, **options)
    for bits in (1, 4, 8, 12, 16, 20):
        for signed in (False, True) if bits > 1 else (False,):
            a = picture(bits, 33, 37, signed=signed)
            case(f"j2k {bits} {signed}", ".4.90", code(a, bits, signed), a, stored=bits)
    a = picture(8, 33, 37, 3)
    case("j2k rct", ".4.90", code(a, 8, photometric=1, use_mct=True), a, photometric="YBR_RCT")
    case("j2k rgb", ".4.90", code(a, 8, photometric=1, use_mct=False), a)
    case("j2k ict", ".4.91", code(a, 8, photometric=1, use_mct=True, compression_ratios=[4]), None, shape=a.shape, allocated=8, signed=False, photometric="YBR_ICT", tolerance=2)
    case("j2k file", ".4.90", code(picture(12, 33, 37), 12, codec_format=1), None, stored=12, shape=(33, 37), allocated=16, signed=False)
    a = picture(12, 33, 37, signed=True)
    case("j2k unsigned stream, signed header", ".4.90", code((a.view(np.uint16) & 4095), 12), a, stored=12)
    a = picture(12, 33, 37)
    case("j2k signed stream, unsigned header", ".4.90", code((a.astype(np.int16) << 4 >> 4).astype(np.int16), 12, True), a, stored=12)
    a = picture(8, 33, 37)
    case("j2k 8 bits in 16", ".4.90", code(a, 8), a, stored=8, allocated=16)
    for name, suffix in (("lossless", ".4.201"), ("rpcl", ".4.202"), ("any", ".4.203")):
        for a in (picture(8, 33, 37), picture(16, 33, 37), picture(8, 33, 37, 3)):
            case(f"htj2k {name} {a.dtype.name} x{a.shape[-1] if a.ndim == 3 else 1}", suffix, imagecodecs.htj2k_encode(a, reversible=True), a, photometric="YBR_RCT" if a.ndim == 3 else None)


def jpeg_xl():
    for bits in (8, 10, 12, 16):
        for samples in (1, 3):
            a = picture(bits, samples=samples)
            case(f"jxl {bits} x{samples}", ".4.110", imagecodecs.jpegxl_encode(a, lossless=True, bitspersample=bits, usecontainer=False), a, stored=bits, reference=False)


for part in (native, run_lengths, deflated, jpeg_lossless, jpeg_lossy, jpeg_ls_cases, jpeg_2000, jpeg_xl):
    part()
# Every pair of colour differences under eight lumas, luma by luma, blue by blue.
lumas = np.array([0, 1, 17, 76, 128, 200, 254, 255], np.uint8)
ybr = np.stack(np.meshgrid(lumas, np.arange(256, dtype=np.uint8), np.arange(256, dtype=np.uint8), indexing="ij"), -1)
rgb = convert_color_space(ybr.reshape(-1, 256, 3), "YBR_FULL", "RGB")
out["every colour"] = np.frombuffer(hashlib.sha256(rgb.tobytes()).digest(), np.uint8)
save_file(out, here / "codecs.safetensors")
print(len(out) // 3, "cases", sum(v.nbytes for v in out.values()), "bytes")
