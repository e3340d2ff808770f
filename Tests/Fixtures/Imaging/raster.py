# Small pictures of every format and the samples Pillow reads from them. Pillow (version in the metadata), numpy 2.
# Writes files/raster_* and raster.safetensors: "<file>" F32 [channels, height, width] in 0…1, upright, and
# "resize.<fit>.<size>" F32 from "resize.source".
from pathlib import Path

import numpy as np
import PIL
from PIL import Image, ImageOps
from safetensors.numpy import save_file

here = Path(__file__).parent
expected = {}
random = np.random.default_rng(11)
y, x = np.mgrid[0:20, 0:26]
smooth = np.stack([127 + 100 * np.sin(x / 5), 127 + 90 * np.cos(y / 4), 3 * x + 6 * y], -1).clip(0, 255).astype(np.uint8)
noise = random.integers(0, 256, (13, 17, 3)).astype(np.uint8)


def keep(name, samples):
    if samples.ndim == 2:
        samples = samples[..., None]
    expected[name] = np.ascontiguousarray(np.moveaxis(samples, -1, 0), np.float32)


def write(name, image, **options):
    image.save(here / "files" / f"raster_{name}", **options)


def read(name):
    return ImageOps.exif_transpose(Image.open(here / "files" / f"raster_{name}"))


write("grey.png", Image.fromarray(noise[..., 0]))
write("colour.png", Image.fromarray(noise))
write("colour.bmp", Image.fromarray(noise))
write("colour.webp", Image.fromarray(noise), lossless=True)
write("colour.tif", Image.fromarray(noise), compression="tiff_lzw")
write("palette.png", Image.fromarray(noise).quantize(16))
write("frames.gif", Image.fromarray(noise[..., 0]), save_all=True, append_images=[Image.fromarray(noise[..., 1])])
write("colour.ppm", Image.fromarray(noise))
write("grey.jpg", Image.fromarray(smooth[..., 0]), quality=90)
write("colour.jpg", Image.fromarray(smooth), quality=90)
for name in ["grey.png", "colour.png", "colour.bmp", "colour.webp", "colour.tif", "colour.ppm", "colour.jpg"]:
    keep(name, np.asarray(read(name).convert("RGB" if "colour" in name else "L")) / 255)
keep("palette.png", np.asarray(read("palette.png").convert("RGB")) / 255)
keep("frames.gif", noise[..., 0] / 255)
keep("grey.jpg", np.asarray(read("grey.jpg")) / 255)
for orientation in range(2, 9):
    exif = Image.Exif()
    exif[0x0112] = orientation
    write(f"turned{orientation}.jpg", Image.fromarray(smooth[..., 0]), quality=90, exif=exif)
    keep(f"turned{orientation}.jpg", np.asarray(read(f"turned{orientation}.jpg")) / 255)
sixteen = random.integers(0, 65536, (13, 17)).astype(np.uint16)
write("sixteen.png", Image.fromarray(sixteen))
write("sixteen.tif", Image.fromarray(sixteen))
keep("sixteen.png", sixteen / 65535)
keep("sixteen.tif", sixteen / 65535)
alpha = random.integers(0, 2, (13, 17)).astype(np.uint8) * 255
write("alpha.png", Image.fromarray(np.dstack([noise, alpha])))
keep("alpha.png", np.where(alpha[..., None] == 255, noise, 0) / 255)
write("cmyk.jpg", Image.fromarray(smooth).convert("CMYK"), quality=95)

source = random.random((37, 53)).astype(np.float32)
expected["resize.source"] = source
image = Image.fromarray(source)


def shrink(width, height, box=None):
    return np.asarray(image.resize((width, height), Image.BILINEAR, box=box))


for size in [1, 16, 64]:
    expected[f"resize.stretch.{size}"] = shrink(size, size)
    expected[f"resize.crop.{size}"] = shrink(size, size, (8, 0, 45, 37))
    height = max(1, int(37 * size / 53 + 0.5))
    padded = np.zeros((size, size), np.float32)
    top = (size - height) // 2
    padded[top : top + height] = shrink(size, height)
    expected[f"resize.pad.{size}"] = padded
save_file(expected, here / "raster.safetensors", {"Pillow": PIL.__version__})
