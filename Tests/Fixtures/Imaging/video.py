"""Small clips of known pixels, for Tests/ImagingTests/Video. PyAV 18.1.0, Pillow 13.0.0, numpy.

Frame t of 10 is 32 × 24: luma 40 + 2x + 2y + 6t, chroma 110 and 150, in what each encoding calls its samples. Clips whose name begins with `exact`
are losslessly encoded, so that a test works out every pixel by the matrix of its standard; those beginning with `lossy` come near.
"""

import struct
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from PIL import Image

OUT = Path(__file__).parent / "files"
WIDTH, HEIGHT, COUNT = 32, 24, 10
X, Y = np.meshgrid(np.arange(WIDTH), np.arange(HEIGHT))


def luma(t):
    return 40 + 2 * X + 2 * Y + 6 * t


def frame(t, pixels):
    """One frame in pixel format `pixels`, written plane by plane so that nothing is converted."""
    f = av.VideoFrame(WIDTH, HEIGHT, pixels)

    def fill(plane, values):
        data = np.zeros((plane.height, plane.line_size), np.uint8)
        bytes_ = np.ascontiguousarray(values).view(np.uint8).reshape(values.shape[0], -1)
        data[:, : bytes_.shape[1]] = bytes_
        plane.update(data)

    if pixels == "gray16le":
        fill(f.planes[0], (luma(t) * 200 + 7).astype("<u2"))
    elif pixels == "gray":
        fill(f.planes[0], luma(t).astype(np.uint8))
    elif pixels == "bgr0":
        fill(f.planes[0], np.stack([0 * X + 9, luma(t), 255 - luma(t), 0 * X], -1).astype(np.uint8))
    else:
        ten = pixels.endswith("10le")
        kind, scale = ("<u2", 4) if ten else (np.uint8, 1)
        fill(f.planes[0], (luma(t) * scale).astype(kind))
        for plane, value in ((1, 110), (2, 150)):
            p = f.planes[plane]
            fill(p, np.full((p.height, p.width), value * scale).astype(kind))
    return f


def clip(name, codec, pixels, options=None, container=None, colour=None, full=False, stamps=None):
    # The index of an MP4 comes first, so that a cut leaves something to show.
    movable = {"movflags": "faststart"} if name.endswith(("mp4", "mov")) else {}
    with av.open(str(OUT / f"video_{name}"), "w", format=container, container_options=movable) as out:
        stream = out.add_stream(codec, rate=10)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, pixels
        stream.options = options or {}
        context = stream.codec_context
        context.thread_count = 1
        if colour:
            context.colorspace = colour
        if full:
            context.color_range = 2
        for t in range(COUNT):
            f = frame(t, pixels)
            f.pts = stamps[t] if stamps else t
            f.time_base = Fraction(1, 10)
            if colour:
                f.colorspace = colour
            if full:
                f.color_range = 2
            out.mux(stream.encode(f))
        out.mux(stream.encode(None))


lossless = {"qp": "0", "preset": "veryslow", "x264-params": "keyint=5:bframes=3"}
clip("exact_601.mp4", "libx264", "yuv420p", lossless)
clip("exact_709.mp4", "libx264", "yuv420p", lossless, colour=1)
clip("exact_full.mov", "libx264", "yuvj420p", lossless, full=True)
clip("exact_times.mp4", "libx264", "yuv420p", lossless, stamps=[0, 1, 2, 5, 9, 10, 11, 12, 20, 31])
clip("exact_rgb.mkv", "ffv1", "bgr0")
clip("exact_grey.mkv", "ffv1", "gray")
clip("exact_sixteen.mkv", "ffv1", "gray16le", {"level": "3"})
clip("exact_stream.h264", "libx264", "yuv420p", lossless, "h264")
clip("exact_stream.ts", "libx264", "yuv420p", lossless, "mpegts")
clip("exact_ten.hevc", "libx265", "yuv420p10le", {"x265-params": "lossless=1:log-level=none:pools=none:frame-threads=1:info=0"}, "hevc")
clip("lossy_mpeg4.avi", "mpeg4", "yuv420p", {"qscale": "1", "b": "4000000"})
clip("lossy_motion.mov", "mjpeg", "yuvj444p", {"q": "1"}, full=True)
clip("lossy.webm", "libvpx-vp9", "yuv420p", {"crf": "4", "b": "0"})

# MPEG-1 and -2 know few rates.
with av.open(str(OUT / "video_lossy.mpg"), "w", format="vob") as out:
    stream = out.add_stream("mpeg2video", rate=25)
    stream.width, stream.height, stream.pix_fmt, stream.bit_rate = WIDTH, HEIGHT, "yuv420p", 4_000_000
    for t in range(COUNT):
        f = frame(t, "yuv420p")
        f.pts = t
        f.time_base = Fraction(1, 25)
        out.mux(stream.encode(f))
    out.mux(stream.encode(None))

# A quarter turn clockwise, written into the track header of a copy.
data = bytearray((OUT / "video_exact_601.mp4").read_bytes())
start = data.index(b"tkhd") + 44
data[start : start + 36] = struct.pack(">9i", 0, 65536, 0, -65536, 0, 0, HEIGHT << 16, 0, 1 << 30)
(OUT / "video_exact_turned.mp4").write_bytes(data)

# GIF: frames of 0.1, 0.3 and 0.2 s, the second one partly transparent; and a still.
palette = sum(([i, i, 255 - i] for i in range(256)), [])
images = []
for t in range(3):
    indices = luma(t).astype(np.uint8)
    if t == 1:
        indices[:, :8] = 255
    image = Image.fromarray(indices, "P")
    image.putpalette(palette)
    images.append(image)
images[0].save(
    OUT / "video_exact.gif", save_all=True, append_images=images[1:], duration=[100, 300, 200], transparency=255, disposal=1, optimize=False
)
images[0].save(OUT / "video_still.gif", optimize=False)
