# Raster files of every kind, as bytes, with the samples they store and how they look. Pillow 13.0, tifffile 2026.3.3, imagecodecs 2026.3.6,
# opencv 5.0, numpy 2 (versions in the metadata). Writes rasters.safetensors; for each case
#   <case>.file    U8   the file
#   <case>.<i>.shape   I64 [rows, columns, samples, bytes a sample] of picture i as stored
#   <case>.<i>.stored  U8   its samples, little endian, C order: numpy's array of Pillow, OpenCV or tifffile
#   <case>.<i>.shades  F32 [channels, height, width], where it is said here: upright, 0 black
#   <case>.<i>.unit    I64, instead, where the shades are the stored samples over the greatest of their type
#   <case>.seconds F64, of animations
import io
import struct
import zlib
from pathlib import Path

import cv2
import imagecodecs
import numpy as np
import PIL
import tifffile
from PIL import Image, ImageOps, PngImagePlugin
from safetensors.numpy import save_file

out = {}
random = np.random.default_rng(23)


def planes(shades):
    shades = np.asarray(shades, np.float64)
    return np.ascontiguousarray(np.moveaxis(shades if shades.ndim == 3 else shades[..., None], -1, 0), np.float32)


def keep(case, file, pictures, shades=None, seconds=None):
    out[f"{case}.file"] = np.frombuffer(file, np.uint8).copy()
    for i, stored in enumerate(pictures):
        if stored.dtype == np.float16:
            stored = stored.astype(np.float32)
        if stored.dtype == bool:
            stored = stored.astype(np.uint8)
        stored = np.ascontiguousarray(stored.astype(stored.dtype.newbyteorder("<")))
        samples = stored.shape[2] if stored.ndim == 3 else 1
        out[f"{case}.{i}.shape"] = np.array([*stored.shape[:2], samples, stored.dtype.itemsize], np.int64)
        out[f"{case}.{i}.stored"] = np.frombuffer(stored.tobytes(), np.uint8).copy()
        if shades is None:
            continue
        if stored.dtype.kind == "u" and np.array_equal(planes(shades[i]), planes(stored / np.iinfo(stored.dtype).max)):
            out[f"{case}.{i}.unit"] = np.ones(1, np.int64)
        else:
            out[f"{case}.{i}.shades"] = planes(shades[i])
    if seconds is not None:
        out[f"{case}.seconds"] = np.array(seconds, np.float64)


# --- PNG, by a writer of our own: every filter, in runs of every length; Pillow or OpenCV must agree with what was meant.
HEIGHT, WIDTH = 23, 13
FILTERS = [4, 4, 4, 4, 4, 3, 3, 2, 1, 0, 4, 4, 3, 3, 3, 3, 1, 4, 2, 3, 4, 4, 4]


def chunk(name, body):
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def packed(samples, depth):
    """Rows of samples [rows, columns, n] as rows of bytes."""
    rows = samples.reshape(samples.shape[0], -1)
    if depth == 16:
        return [r.astype(">u2").tobytes() for r in rows]
    if depth == 8:
        return [r.astype(np.uint8).tobytes() for r in rows]
    bits = np.unpackbits(rows.astype(np.uint8)[..., None], axis=2)[:, :, 8 - depth :].reshape(rows.shape[0], -1)
    return [np.packbits(r).tobytes() for r in bits]


def filtered(rows, step):
    prior = bytes(len(rows[0])) if rows else b""
    result = b""
    for y, row in enumerate(rows):
        kind = FILTERS[y % len(FILTERS)]
        line = bytearray()
        for i, value in enumerate(row):
            a = row[i - step] if i >= step else 0
            b = prior[i]
            c = prior[i - step] if i >= step else 0
            p = a + b - c
            nearest = min((abs(p - a), 0, a), (abs(p - b), 1, b), (abs(p - c), 2, c))[2]
            line.append((value - [0, a, b, (a + b) // 2, nearest][kind]) & 255)
        result += bytes([kind]) + bytes(line)
        prior = row
    return result


def png(samples, colour, depth, interlaced=False, before=(), parts=1, extra=b""):
    samples = samples.reshape(samples.shape[0], samples.shape[1], -1)
    step = max(1, samples.shape[2] * depth // 8)
    passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
    data = b""
    for x, y, dx, dy in passes if interlaced else [(0, 0, 1, 1)]:
        part = samples[y::dy, x::dx]
        if part.shape[0] and part.shape[1]:
            data += filtered(packed(part, depth), step)
    data = zlib.compress(data + extra, 9)
    header = struct.pack(">IIBBBBB", samples.shape[1], samples.shape[0], depth, colour, 0, 0, int(interlaced))
    size = -(-len(data) // parts)
    return b"".join(
        [b"\x89PNG\r\n\x1a\n", chunk(b"IHDR", header), *[chunk(*c) for c in before]]
        + [chunk(b"IDAT", data[i : i + size]) for i in range(0, len(data), size)]
        + [chunk(b"IEND", b"")]
    )


def pillow(file):
    return Image.open(io.BytesIO(file))


def opencv(file):
    array = cv2.imdecode(np.frombuffer(file, np.uint8), cv2.IMREAD_UNCHANGED)
    return array if array.ndim == 2 else array[..., [2, 1, 0, 3][: array.shape[2]]]


palette = random.integers(0, 256, (256, 3))
NAMES = {0: "grey", 2: "rgb", 3: "palette", 4: "grey-alpha", 6: "rgba"}
for colour, count, depths in [(0, 1, [1, 2, 4, 8, 16]), (2, 3, [8, 16]), (3, 1, [1, 2, 4, 8]), (4, 2, [8, 16]), (6, 4, [8, 16])]:
    for depth in depths:
        samples = random.integers(0, 1 << depth, (HEIGHT, WIDTH, count))
        most = (1 << depth) - 1
        stored = samples.astype(np.uint16 if depth == 16 else np.uint8)
        before = [(b"PLTE", palette[: 1 << depth].astype(np.uint8).tobytes())] if colour == 3 else []
        if colour == 0 and depth in (2, 4):
            stored = (stored * (255 // most)).astype(np.uint8)
        if colour == 3:
            shades = palette[samples[..., 0]] / 255
        elif colour in (4, 6):
            shades = samples[..., :-1] / most * (samples[..., -1:] / most)
        else:
            shades = samples / most
        for interlaced in [False, True]:
            file = png(samples, colour, depth, interlaced, before, parts=1 if interlaced else 3)
            read = np.asarray(pillow(file)) if depth <= 8 or colour == 0 else opencv(file)
            if colour == 4 and depth == 16:  # OpenCV makes colour of it
                assert np.array_equal(read[..., 0], stored[..., 0]) and np.array_equal(read[..., 3], stored[..., 1])
            else:
                assert np.array_equal(read.reshape(stored.shape).astype(stored.dtype), stored), (colour, depth)
            case = f"png.{NAMES[colour]}{depth}" + (".interlaced" if interlaced else "")
            keep(case, file, [stored], None if interlaced and colour > 2 else [shades])

for width, height in [(1, 1), (2, 3), (5, 1), (1, 5)]:
    samples = random.integers(0, 256, (height, width, 3))
    for interlaced in [False, True]:
        keep(f"png.small{width}x{height}" + (".interlaced" if interlaced else ""), png(samples, 2, 8, interlaced), [samples.astype(np.uint8)])

few = random.integers(0, 3, (9, 8, 1))
keep("png.key-grey8", png(few, 0, 8, before=[(b"tRNS", b"\0\2")]), [few.astype(np.uint8)], [np.where(few == 2, 0, few) / 255])
keep("png.key-grey2", png(few, 0, 2, before=[(b"tRNS", b"\0\2")]), [(few * 85).astype(np.uint8)], [np.where(few == 2, 0, few) / 3])
rgb = random.integers(0, 2, (9, 8, 3)) * 40000
key = np.all(rgb == [40000, 0, 40000], axis=-1, keepdims=True)
assert key.any()
keep("png.key-rgb16", png(rgb, 2, 16, before=[(b"tRNS", struct.pack(">HHH", 40000, 0, 40000))]), [rgb.astype(np.uint16)], [np.where(key, 0, rgb) / 65535])
alphas = np.array([0, 128, 255])
keep(
    "png.key-palette",
    png(few, 3, 8, before=[(b"PLTE", palette[:3].astype(np.uint8).tobytes()), (b"tRNS", bytes([0, 128]))]),
    [few.astype(np.uint8)],
    [palette[few[..., 0]] / 255 * alphas[few] / 255],
)
solid = np.dstack([random.integers(0, 256, (9, 8, 3)), np.full((9, 8), 255)])
keep("png.opaque", png(solid, 6, 8), [solid.astype(np.uint8)], [solid[..., :3] / 255])
keep("png.surplus", png(few, 0, 8, extra=b"more than is needed"), [few.astype(np.uint8)], [few / 255])
keep("png.profile", png(few, 0, 8, before=[(b"iCCP", b"x\0\0" + zlib.compress(b"no profile"))]), [few.astype(np.uint8)])
keep("png.animated", png(few, 0, 8, before=[(b"acTL", struct.pack(">II", 3, 0))]), [few.astype(np.uint8)])
wedge = (np.arange(5)[:, None] * 40 + np.arange(7) * 5).astype(np.uint8)
for orientation in range(1, 9):
    exif = Image.Exif()
    exif[0x0112] = orientation
    bio = io.BytesIO()
    Image.fromarray(wedge).save(bio, "PNG", exif=exif)
    upright = np.asarray(ImageOps.exif_transpose(pillow(bio.getvalue())))
    keep(f"png.turned{orientation}", bio.getvalue(), [wedge], [upright / 255])

# --- TIFF by tifffile, and what tifffile reads again.
def tiff(case, array, shades=None, pages=None, **options):
    bio = io.BytesIO()
    tifffile.imwrite(bio, array, **options)
    with tifffile.TiffFile(io.BytesIO(bio.getvalue())) as file:
        read = file.pages[0].asarray()
    keep(case, bio.getvalue(), [read], None if shades is None else [shades])


def percentiles(array):
    values = np.sort(array[np.isfinite(array)].astype(np.float64).ravel())
    low, high = (values[max(1, int(np.ceil(q * values.size))) - 1] for q in (0.005, 0.995))
    return np.nan_to_num(np.clip((array.astype(np.float64) - low) / (high - low), 0, 1), nan=0)


SHAPE = (17, 21)
for name in ["uint8", "uint16", "uint32", "uint64", "int8", "int16", "int32", "int64", "float16", "float32", "float64"]:
    kind = np.dtype(name)
    if kind.kind == "f":
        array = random.normal(5, 3, SHAPE).astype(kind)
        array[3, 4] = np.nan
    else:
        array = random.integers(np.iinfo(kind).min, np.iinfo(kind).max, SHAPE, kind, endpoint=True)
    shades = array / np.iinfo(kind).max if name in ("uint8", "uint16") else percentiles(array)
    tiff(f"tiff.{name}", array, shades, photometric="minisblack", byteorder="<" if kind.itemsize % 4 else ">", compression="zlib" if name == "int16" else None)
grey8 = random.integers(0, 256, SHAPE).astype(np.uint8)
rgb8 = random.integers(0, 256, (*SHAPE, 3)).astype(np.uint8)
rgb16 = random.integers(0, 65536, (*SHAPE, 3)).astype(np.uint16)
rgba8 = random.integers(0, 256, (*SHAPE, 4)).astype(np.uint8)
tiff("tiff.white-is-zero", grey8, 1 - grey8 / 255, photometric="miniswhite")
bits = random.integers(0, 2, SHAPE).astype(bool)
tiff("tiff.bilevel", bits, bits, photometric="minisblack")
tiff("tiff.bilevel-white-is-zero", bits, 1 - bits.astype(int), photometric="miniswhite", compression="packbits")
for depth, kind in [(4, np.uint8), (12, np.uint16)]:
    array = random.integers(0, 1 << depth, SHAPE).astype(kind)
    tiff(f"tiff.bits{depth}", array, array / ((1 << depth) - 1), photometric="minisblack", bitspersample=depth)
tiff("tiff.rgb8", rgb8, rgb8 / 255, photometric="rgb")
tiff("tiff.rgb16", rgb16, rgb16 / 65535, photometric="rgb", byteorder=">", compression="lzw", predictor=True)
tiff("tiff.big", grey8, grey8 / 255, bigtiff=True, rowsperstrip=5)
tiff("tiff.strips", rgb8, rgb8 / 255, photometric="rgb", rowsperstrip=4, compression="zlib")
tiff("tiff.rgba", rgba8, rgba8[..., :3] / 255 * (rgba8[..., 3:] / 255), photometric="rgb", extrasamples=["unassalpha"])
tiff("tiff.premultiplied", rgba8, rgba8[..., :3] / 255, photometric="rgb", extrasamples=["assocalpha"])
colours = random.integers(0, 65536, (3, 256)).astype(np.uint16)
tiff("tiff.palette", grey8, np.moveaxis(colours[:, grey8], 0, -1) / 65535, photometric="palette", colormap=colours)
large = random.integers(0, 256, (21, 34, 3)).astype(np.uint8)
tiff("tiff.tiled", large, large / 255, photometric="rgb", tile=(16, 16))
bio = io.BytesIO()
tifffile.imwrite(bio, np.ascontiguousarray(np.moveaxis(rgb8, -1, 0)), photometric="rgb", planarconfig="separate")
keep("tiff.planar", bio.getvalue(), [rgb8], [rgb8 / 255])
bio = io.BytesIO()
tifffile.imwrite(bio, np.ascontiguousarray(np.moveaxis(large, -1, 0)), photometric="rgb", planarconfig="separate", tile=(16, 16), compression="zlib")
keep("tiff.planar-tiled", bio.getvalue(), [large], [large / 255])
for orientation in range(1, 9):
    bio = io.BytesIO()
    Image.fromarray(wedge).save(bio, "TIFF", tiffinfo={274: orientation})
    upright = np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(bio.getvalue()))))
    keep(f"tiff.turned{orientation}", bio.getvalue(), [wedge], [upright / 255])
pages = [grey8, random.integers(0, 65536, (6, 9)).astype(np.uint16), rgb8]
bio = io.BytesIO()
with tifffile.TiffWriter(bio) as writer:
    for page in pages:
        writer.write(page, photometric="rgb" if page.ndim == 3 else "minisblack", metadata=None)
keep("tiff.pages", bio.getvalue(), pages, [p / (255 if p.dtype == np.uint8 else 65535) for p in pages])
bio = io.BytesIO()
with tifffile.TiffWriter(bio) as writer:
    writer.write(large, photometric="rgb", metadata=None)
    writer.write(large[::2, ::2], photometric="rgb", subfiletype=1, metadata=None)
    writer.write(large[::4, ::4], photometric="rgb", metadata=None)
keep("tiff.pyramid", bio.getvalue(), [large], [large / 255])
smooth = (np.mgrid[0:16, 0:24].sum(0)[..., None] * [2, 3, 1]).clip(0, 255).astype(np.uint8)
bio = io.BytesIO()
Image.fromarray(smooth).save(bio, "TIFF", compression="jpeg", quality=92)
keep("tiff.jpeg", bio.getvalue(), [np.asarray(Image.open(io.BytesIO(bio.getvalue())))])
bio = io.BytesIO()
Image.fromarray(smooth).convert("CMYK").save(bio, "TIFF")
keep("tiff.cmyk", bio.getvalue(), [np.asarray(Image.open(io.BytesIO(bio.getvalue())))])

# --- Animations by Pillow, looked at by Pillow.
frames = [random.integers(0, 4, (12, 14)).astype(np.uint8) * 80 for _ in range(5)]
delays = [100, 900, 50, 1000, 200]
starts = np.cumsum([0] + delays[:-1]) / 1000
for form, options in [("GIF", {}), ("WEBP", {"lossless": True})]:
    bio = io.BytesIO()
    images = [Image.fromarray(f).convert("RGB" if form == "WEBP" else "L") for f in frames]
    images[0].save(bio, form, save_all=True, append_images=images[1:], duration=delays, loop=0, **options)
    image = Image.open(io.BytesIO(bio.getvalue()))
    shades = []
    for i in range(image.n_frames):
        image.seek(i)
        shades.append(np.asarray(image.convert("RGB")) / 255)
        assert np.array_equal(shades[-1][..., 0] * 255, frames[i])
    case = f"animation.{form.lower()}"
    out[f"{case}.file"] = np.frombuffer(bio.getvalue(), np.uint8).copy()
    out[f"{case}.seconds"] = starts.astype(np.float64)
    for i, s in enumerate(shades):
        out[f"{case}.{i}.shades"] = planes(s[..., :1])

# --- JPEG, JPEG 2000 and JPEG XL.
bio = io.BytesIO()
Image.fromarray(smooth).convert("CMYK").save(bio, "JPEG", quality=95)
keep("jpeg.cmyk", bio.getvalue(), [np.asarray(Image.open(bio))], [np.asarray(Image.open(bio).convert("RGB")) / 255])
bio = io.BytesIO()
Image.fromarray(smooth).save(bio, "JPEG", quality=95, icc_profile=b"no profile")
keep("jpeg.profile", bio.getvalue(), [np.asarray(Image.open(bio))])
y, x = np.mgrid[0:240, 0:320]
scene = np.stack([127 + 100 * np.sin(x / 25), 127 + 90 * np.cos(y / 20), x / 4 + y / 2], -1).clip(0, 255).astype(np.uint8)
for name, image in [("grey", Image.fromarray(scene[..., 0])), ("colour", Image.fromarray(scene))]:
    bio = io.BytesIO()
    image.save(bio, "JPEG", quality=80)
    keep(f"jpeg.large-{name}", bio.getvalue(), [])
grey16 = random.integers(0, 65536, SHAPE).astype(np.uint16)
grey12 = random.integers(0, 4096, SHAPE).astype(np.uint16)
for name, array in [("grey8", grey8), ("rgb8", rgb8), ("grey16", grey16)]:
    shades = [array / np.iinfo(array.dtype).max]
    keep(f"jpegxl.{name}", imagecodecs.jpegxl_encode(array, lossless=True), [array], shades)
    keep(f"jpegxl.boxed-{name}", imagecodecs.jpegxl_encode(array, lossless=True, usecontainer=True), [array], shades)
    keep(f"jpeg2000.{name}", imagecodecs.jpeg2k_encode(array, level=0, reversible=True), [array], shades)
keep("jpeg2000.grey12", imagecodecs.jpeg2k_encode(grey12, level=0, reversible=True, bitspersample=12), [grey12], [grey12 / 4095])


def shaded(array, bits):
    alpha = array[..., -1:] / 255
    return array[..., :-1] / 255 * alpha if array.ndim == 3 and array.shape[2] in (2, 4) else array / (2**bits - 1)


for name, array, bits in [
    ("rgb12", random.integers(0, 4096, (*SHAPE, 3)).astype(np.uint16), 12),
    ("grey5", random.integers(0, 32, SHAPE).astype(np.uint8), 5),
    ("grey-alpha", random.integers(0, 256, (*SHAPE, 2)).astype(np.uint8), 8),
    ("rgb-alpha", random.integers(0, 256, (*SHAPE, 4)).astype(np.uint8), 8),
]:
    for codec in ["jp2", "j2k"]:
        file = imagecodecs.jpeg2k_encode(array, level=0, reversible=True, bitspersample=bits, codecformat=codec)
        assert np.array_equal(imagecodecs.jpeg2k_decode(file), array)
        keep(f"jpeg2000.{name}-{codec}", file, [array], [shaded(array, bits)])


def box(name, body):
    return struct.pack(">I", 8 + len(body)) + name + body


# Indices into a palette: the boxes pclr and cmap (ISO/IEC 15444-1, I.5.3.4 and I.5.3.5) go into the header box of a file of indices.
indices = random.integers(0, 7, SHAPE).astype(np.uint8)
palette = random.integers(0, 256, (7, 3)).astype(np.uint8)
file = imagecodecs.jpeg2k_encode(indices, level=0, reversible=True, codecformat="jp2")
place = file.index(b"jp2h") - 4
header = file[place + 8 : place + struct.unpack(">I", file[place : place + 4])[0]]
header = header.replace(b"colr\x01\0\0" + struct.pack(">I", 17), b"colr\x01\0\0" + struct.pack(">I", 16))
header += box(b"pclr", struct.pack(">HB", 7, 3) + bytes([7] * 3) + palette.tobytes())
header += box(b"cmap", b"".join(struct.pack(">HBB", 0, 1, i) for i in range(3)))
end = place + struct.unpack(">I", file[place : place + 4])[0]
file = file[:place] + box(b"jp2h", header) + file[end:]
assert np.array_equal(imagecodecs.jpeg2k_decode(file), palette[indices])
keep("jpeg2000.palette", file, [palette[indices]], [palette[indices] / 255])

out = {name: np.ascontiguousarray(array) for name, array in out.items()}
save_file(
    out,
    Path(__file__).with_suffix(".safetensors"),
    {"Pillow": PIL.__version__, "tifffile": tifffile.__version__, "imagecodecs": imagecodecs.__version__, "opencv": cv2.__version__},
)
