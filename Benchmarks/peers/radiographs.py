"""Files like radiographs, made from a fixed seed: what `make bench-decode` decodes, and what each should become."""
import cv2
import imagecodecs
import numpy as np
import pydicom
from PIL import Image
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import (
    DigitalXRayImageStorageForPresentation, ExplicitVRLittleEndian, JPEG2000Lossless, JPEGLosslessSV1, JPEGLSLossless,
    RLELossless)

SYNTAXES = {
    "uncompressed": ExplicitVRLittleEndian, "rle": RLELossless, "jpegls": JPEGLSLossless, "jpeg-lossless": JPEGLosslessSV1,
    "jpeg2000": JPEG2000Lossless}
# A window of a part of the range: what lies outside is cut off, as in files of real machines.
CENTRE, WIDTH = 1900, 2600


def scene(side, bits):
    """Soft organs, edges of bones, and the grain of a detector: about as hard to compress as a radiograph."""
    random = np.random.default_rng(4)
    y, x = np.mgrid[:side, :side].astype(np.float32) / side
    shade = 0.4 + 0.3 * np.exp(-5 * ((x - 0.5) ** 2 + (y - 0.5) ** 2)) + 0.07 * np.sin(35 * y + 5 * np.cos(8 * x))
    for left, top, radius, height in random.random((30, 4)):
        shade += 0.12 * (height - 0.5) * ((x - left) ** 2 + (y - top) ** 2 < (0.12 * radius) ** 2)
    grain = random.normal(0, 0.02, (side, side)).astype(np.float32)
    shade += cv2.GaussianBlur(grain, (0, 0), 0.8)
    top = 2**bits - 1
    return np.clip(shade * top, 0, top).astype(np.uint8 if bits == 8 else np.uint16)


def windowed(pixels):
    """PS3.3 C.11.2.1.2, LINEAR."""
    return np.clip((pixels - (CENTRE - 0.5)) / (WIDTH - 1) + 0.5, 0, 1).astype(np.float32)


def shrunk(shades, size):
    return np.asarray(Image.fromarray(shades.astype(np.float32)).resize((size, size), Image.BILINEAR))


def jpeg(folder, size):
    path = folder / "film.jpg"
    Image.fromarray(scene(1024, 8)).save(path, quality=90)
    return path, shrunk(np.asarray(Image.open(path)) / 255, size)


def png(folder, size):
    path = folder / "film.png"
    pixels = scene(1024, 16)
    cv2.imwrite(str(path), pixels)
    return path, shrunk(pixels / 65535, size)


def dicom(folder, size, kind):
    path = folder / f"{kind}.dcm"
    pixels = scene(2048, 12)
    ds = FileDataset("", {}, file_meta=FileMetaDataset(), preamble=b"\0" * 128)
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.file_meta.MediaStorageSOPClassUID = ds.SOPClassUID = DigitalXRayImageStorageForPresentation
    ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID = "1.2.826.0.1.3680043.8.498.4"
    ds.Modality = "DX"
    ds.Rows, ds.Columns = pixels.shape
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 16, 12, 11, 0
    ds.WindowCenter, ds.WindowWidth = CENTRE, WIDTH
    ds.PixelData = pixels.tobytes()
    ds["PixelData"].VR = "OW"
    if kind == "jpeg-lossless":
        ds.PixelData = encapsulate([imagecodecs.ljpeg_encode(pixels, bitspersample=12)])
        ds["PixelData"].VR = "OB"
        ds["PixelData"].is_undefined_length = True
    elif kind != "uncompressed":
        ds.compress(SYNTAXES[kind], generate_instance_uid=False)
    ds.file_meta.TransferSyntaxUID = SYNTAXES[kind]
    ds.save_as(path, enforce_file_format=True)
    assert (pydicom.dcmread(path).pixel_array == pixels).all()
    return path, shrunk(windowed(pixels), size)
