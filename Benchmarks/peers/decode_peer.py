"""A contestant: one file to a grey picture of the model's size with the named library, in so many processes at once."""
import argparse
import os
import struct

import numpy as np

import contestant

parser = argparse.ArgumentParser()
parser.add_argument("way")
parser.add_argument("--file")
parser.add_argument("--size", type=int)
parser.add_argument("--processes", type=int)
args = parser.parse_args()
PATH, SIZE = args.file, args.size
os.environ["VIPS_CONCURRENCY"] = "1"
import cv2

cv2.setNumThreads(1)


def area(pixels):
    return cv2.resize(pixels, (SIZE, SIZE), interpolation=cv2.INTER_AREA)


def raw():
    with open(PATH, "rb") as file:
        return file.read()


# ---- JPEG and PNG ----

def opencv():
    return area(cv2.imread(PATH, cv2.IMREAD_UNCHANGED))


def opencv_reduced():
    return area(cv2.imread(PATH, cv2.IMREAD_REDUCED_GRAYSCALE_4))


def pillow():
    from PIL import Image
    with Image.open(PATH) as image:
        return np.asarray((image if image.mode == "L" else image.convert("F")).resize((SIZE, SIZE), Image.BILINEAR))


def pillow_draft():
    from PIL import Image
    with Image.open(PATH) as image:
        image.draft("L", (SIZE, SIZE))
        return np.asarray(image.resize((SIZE, SIZE), Image.BILINEAR))


def pyvips_thumbnail():
    import pyvips
    return pyvips.Image.thumbnail(PATH, SIZE, height=SIZE, size="force").numpy()


def simplejpeg_reduced():
    import simplejpeg
    return area(simplejpeg.decode_jpeg(raw(), "GRAY", min_height=SIZE, min_width=SIZE)[:, :, 0])


def simplejpeg_fast():
    import simplejpeg
    pixels = simplejpeg.decode_jpeg(raw(), "GRAY", fastdct=True, fastupsample=True, min_height=SIZE, min_width=SIZE)
    return area(pixels[:, :, 0])


def imagecodecs_jpeg():
    import imagecodecs
    return area(imagecodecs.jpeg_decode(raw()))


def imagecodecs_png():
    import imagecodecs
    return area(imagecodecs.png_decode(raw()))


# ---- DICOM ----

def header():
    import pydicom
    return pydicom.dcmread(PATH)


def frame(ds):
    from pydicom.encaps import get_frame
    return get_frame(ds.PixelData, 0, number_of_frames=1)


def window(pixels, ds):
    """PS3.3 C.11.2.1.2 in place, in 32 bits."""
    centre, width = float(ds.WindowCenter), float(ds.WindowWidth)
    shades = cv2.multiply(pixels, 1.0, scale=1 / (width - 1), dtype=cv2.CV_32F)
    shades += 0.5 - (centre - 0.5) / (width - 1)
    return np.clip(shades, 0, 1, out=shades)


def window_to_bytes(pixels, ds):
    """The same to 8 bits in one pass of OpenCV: what most pipelines feed a network with."""
    centre, width = float(ds.WindowCenter), float(ds.WindowWidth)
    return cv2.convertScaleAbs(cv2.subtract(pixels, max(0, centre - 0.5 - (width - 1) / 2)), alpha=255 / (width - 1))


def native(ds):
    return np.frombuffer(ds.PixelData, np.uint16).reshape(ds.Rows, ds.Columns)


def decoded(ds, codec):
    import imagecodecs
    return np.asarray(getattr(imagecodecs, codec + "_decode")(frame(ds)))


def reduced(ds):
    """OpenJPEG through Pillow at an eighth of the size."""
    import io
    from PIL import Image
    with Image.open(io.BytesIO(frame(ds))) as image:
        image.reduce = 3
        image.load()
        # Pillow spreads the stored bits over 16.
        return np.asarray(image).astype(np.uint16) >> (16 - ds.BitsStored)


def plugin(name):
    def pixels(ds):
        from pydicom.pixels import pixel_array
        return pixel_array(ds, decoding_plugin=name)
    return pixels


READERS = {
    "pixel_array": lambda ds: ds.pixel_array, "frombuffer": native,
    "jpegls": lambda ds: decoded(ds, "jpegls"), "ljpeg": lambda ds: decoded(ds, "ljpeg"),
    "jpeg2k": lambda ds: decoded(ds, "jpeg2k"), "pillow": reduced, "pylibjpeg": plugin("pylibjpeg"), "pydicom": plugin("pydicom"),
    "pyjpegls": plugin("pyjpegls")}


def dicom(reader, order):
    """Windowed as floats or as bytes, then shrunk; or shrunk first, which is right up to what the window cuts off."""
    read = READERS[reader]

    def work():
        ds = header()
        pixels = read(ds)
        if order == "floats":
            return area(window(pixels, ds))
        if order == "bytes":
            return area(window_to_bytes(pixels, ds))
        return window(area(pixels), ds)
    return work


work = dicom(*args.way.split("-")[1:]) if args.way.startswith("dicom-") else globals()[args.way]


def answer():
    pixels = np.asarray(work())
    if pixels.ndim == 3:
        pixels = pixels[:, :, 0]
    tops = {np.dtype(np.uint8): 255, np.dtype(np.uint16): 65535}
    if pixels.dtype == np.float32 and pixels.max() > 2:
        tops[pixels.dtype] = 65535
    return pixels.astype(np.float32) / tops.get(pixels.dtype, 1)


class Crew:
    """Processes that all do the same work when told to. The first is this one."""

    def __init__(self, count):
        self.pipes = []
        for _ in range(count - 1):
            orders, done = os.pipe(), os.pipe()
            if os.fork() == 0:
                os.close(orders[1])
                while order := os.read(orders[0], 8):
                    for _ in range(struct.unpack("q", order)[0]):
                        work()
                    os.write(done[1], b"d")
                os._exit(0)
            os.close(orders[0])
            self.pipes.append((orders[1], done[0]))

    def run(self, rounds):
        for order, _ in self.pipes:
            os.write(order, struct.pack("q", rounds))
        for _ in range(rounds):
            work()
        for _, done in self.pipes:
            os.read(done, 1)


# Forked before the library has threads of its own, which a fork would lose.
crew = Crew(args.processes)
work()
crew.run(2)
contestant.serve(crew.run, answer)
