# Small slides whose colours say where a pixel lies, and stain normalisation by NumPy.
# tifffile 2026.3.3, imagecodecs, pydicom 3.0.2, numpy 2, safetensors; versions in the metadata.
# Writes files/slide_* and slides.safetensors: "stain.pixels" I64 [pixel, RGB], "macenko.<vectors|concentrations|normalized>",
# "reinhard.<means|deviations|normalized>" F64.
#
# Pattern of TIFF files: red = 60 + 0.18 x, green = 30, blue = 110 + 0.18 y, x and y in pixels of level 0 at the pixel's centre, whatever the
# level: purple, as stained tissue is. Pattern of DICOM files: red = 60 + x, green = 30, blue = 110 + y, x and y from 0.
from pathlib import Path

import numpy as np
import pydicom
import tifffile
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRLittleEndian
from safetensors.numpy import save_file

here = Path(__file__).parent
files = here / "files"


def ramp(width, height, sx, sy):
    x = (np.arange(width) + 0.5) * sx
    y = (np.arange(height) + 0.5) * sy
    picture = np.empty((height, width, 3))
    picture[..., 0] = 60 + 0.18 * x
    picture[..., 1] = 30
    picture[..., 2] = 110 + 0.18 * y[:, None]
    return np.clip(np.floor(picture + 0.5), 0, 255).astype(np.uint8)


def pyramid(name, sizes, description=None, resolution=None, unit=None):
    with tifffile.TiffWriter(files / name) as tiff:
        for index, (width, height) in enumerate(sizes):
            nominal = round(sizes[0][0] / width)
            tiff.write(
                ramp(width, height, nominal, nominal), tile=(128, 128), photometric="rgb", compression="zlib", compressionargs={"level": 9},
                predictor=True, metadata=None, software=False, datetime=None,
                description=description if index == 0 else (description and "Aperio Image Library\r\nlevel"),
                resolution=resolution, resolutionunit=unit, subfiletype=0 if index == 0 else 1)


def aperio(width, height, power, mpp):
    return (f"Aperio Image Library v12.0.0\r\n{width}x{height} [0,0 {width}x{height}] (128x128) -> |"
            f"AppMag = {power}|MPP = {mpp}")


pyramid("slide_quarter.svs", [(1016, 760), (254, 190)], aperio(1016, 760, 40, 0.25))
pyramid("slide_odd.svs", [(1001, 763), (500, 381), (250, 190)], aperio(1001, 763, 20, 0.499))
pyramid("slide_power_only.svs", [(320, 256)],
        "Aperio Image Library v12.0.0\r\n320x256 [0,0 320x256] (128x128) -> |AppMag = 40")
pyramid("slide_centimetre.tif", [(640, 512), (320, 256)], resolution=(20000, 25000), unit="CENTIMETER")
pyramid("slide_inch.tif", [(320, 256), (160, 128)], resolution=(25400 * 2, 25400 * 2), unit="INCH")
pyramid("slide_72.tif", [(320, 256), (160, 128)], resolution=(72, 72), unit="INCH")


# DICOM slides
def colours(width, height, step):
    x = (np.arange(width) + 0.5) * step - 0.5
    y = (np.arange(height) + 0.5) * step - 0.5
    picture = np.empty((height, width, 3))
    picture[..., 0] = 60 + x
    picture[..., 1] = 30
    picture[..., 2] = 110 + y[:, None]
    return np.floor(picture + 0.5).astype(np.uint8)


def frames_of(picture, side):
    height, width = picture.shape[:2]
    rows, columns = -(-height // side), -(-width // side)
    padded = np.zeros((rows * side, columns * side, 3), np.uint8)
    padded[:height, :width] = picture
    return [((c * side, r * side), padded[r * side:(r + 1) * side, c * side:(c + 1) * side])
            for r in range(rows) for c in range(columns)]


def item(**values):
    data = Dataset()
    for name, value in values.items():
        setattr(data, name, value)
    return data


def dicom(name, picture, side, spacing, kind, series, sparse=False, planes=1, label="NO"):
    root = "1.2.826.0.1.3680043.10.1331"
    height, width = picture.shape[:2]
    data = Dataset()
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    data.file_meta.MediaStorageSOPClassUID = data.SOPClassUID = "1.2.840.10008.5.1.4.1.1.77.1.6"
    data.file_meta.MediaStorageSOPInstanceUID = data.SOPInstanceUID = f"{root}.{series}.{len(name)}.{width}"
    data.SeriesInstanceUID = f"{root}.{series}"
    data.StudyInstanceUID = f"{root}.1"
    data.PatientID = "SLIDE-PATIENT"
    data.Modality = "SM"
    data.ImageType = ["ORIGINAL", "PRIMARY", kind, "NONE" if kind == "VOLUME" else "RESAMPLED"]
    data.SpecimenLabelInImage = label
    data.TotalPixelMatrixColumns, data.TotalPixelMatrixRows = width, height
    data.Rows = data.Columns = side
    data.SamplesPerPixel, data.PhotometricInterpretation, data.PlanarConfiguration = 3, "RGB", 0
    data.BitsAllocated = data.BitsStored = 8
    data.HighBit, data.PixelRepresentation = 7, 0
    data.OpticalPathSequence = Sequence([item(OpticalPathIdentifier="1")])
    data.DimensionOrganizationType = "TILED_SPARSE" if sparse else "TILED_FULL"
    measures = item(PixelSpacing=[spacing, spacing], SliceThickness="0.001")
    data.SharedFunctionalGroupsSequence = Sequence([item(PixelMeasuresSequence=Sequence([measures]))])
    frames = [(x, y, plane, tile if plane == 0 else 255 - tile)
              for plane in range(planes) for k, ((x, y), tile) in enumerate(frames_of(picture, side))
              if plane == 0 or k % 6 == 1]
    if sparse:
        # Out of order, the frame of the upper right corner left out, the second plane between those of the first.
        corner = max(x for x, y, plane, tile in frames)
        frames = [f for f in frames if (f[0], f[1]) != (corner, 0)]
        frames = [frames[k] for k in np.random.default_rng(5).permutation(len(frames))]
        first = next(k for k, f in enumerate(frames) if f[2] == 0)
        frames[0], frames[first] = frames[first], frames[0]
        data.PerFrameFunctionalGroupsSequence = Sequence([
            item(PlanePositionSlideSequence=Sequence([item(
                ColumnPositionInTotalImagePixelMatrix=x + 1, RowPositionInTotalImagePixelMatrix=y + 1,
                ZOffsetInSlideCoordinateSystem=float(plane))]),
                OpticalPathIdentificationSequence=Sequence([item(OpticalPathIdentifier="1")]))
            for x, y, plane, tile in frames])
    data.NumberOfFrames = len(frames)
    data.PixelData = b"".join(tile.tobytes() for *_, tile in frames)
    data["PixelData"].VR = "OB"
    pydicom.dcmwrite(files / name, data, enforce_file_format=True)


full = colours(150, 120, 1)
dicom("slide_full.dcm", full, 32, 0.0005, "VOLUME", 7)
dicom("slide_full_half.dcm", colours(75, 60, 2), 32, 0.001, "VOLUME", 7)
dicom("slide_label.dcm", full[:40, :50], 32, 0.0005, "LABEL", 7, label="YES")
dicom("slide_sparse.dcm", full, 32, 0.0005, "VOLUME", 8, sparse=True, planes=2)

# Stains: two directions of density, amounts of them, noise and glass.
random = np.random.default_rng(17)
vectors = np.array([[0.65, 0.70, 0.29], [0.10, 0.95, 0.28]])
vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
amounts = np.stack([random.gamma(2, 0.35, 1300), random.gamma(3, 0.2, 1300)], 1)
density = amounts @ vectors + random.normal(0, 0.02, (1300, 3))
pixels = np.clip(np.round(240 * np.exp(-density)), 0, 255).astype(np.uint8)
pixels[:100] = random.integers(232, 250, (100, 3))

od = -np.log((pixels.astype(float) + 1) / 240)
tissue = od[~np.any(od < 0.15, axis=1)]
values, axes = np.linalg.eigh(np.cov(tissue.T))
plane = axes[:, 1:3] * np.sign(axes[np.abs(axes).argmax(0), range(3)])[1:3]
projected = tissue @ plane
angle = np.arctan2(projected[:, 1], projected[:, 0])
low, high = np.percentile(angle, [1, 99])
ends = [plane @ np.array([np.cos(a), np.sin(a)]) for a in (low, high)]
stains = np.stack(ends if ends[0][0] > ends[1][0] else ends[::-1], 1)
concentrations = np.linalg.lstsq(stains, od.T, rcond=None)[0]
most = np.percentile(concentrations, 99, axis=1)
reference = np.array([[0.5626, 0.2159], [0.7201, 0.8012], [0.4062, 0.5581]])
scaled = concentrations * (np.array([1.9705, 1.0308]) / most)[:, None]
macenko = np.clip(240 * np.exp(-reference @ scaled).T, 0, 255)

cones = np.array([[0.3811, 0.5783, 0.0402], [0.1967, 0.7244, 0.0782], [0.0241, 0.1288, 0.8444]])
opponents = np.diag([3 ** -0.5, 6 ** -0.5, 2 ** -0.5]) @ np.array([[1, 1, 1], [1, 1, -2], [1, -1, 0]])
lab = np.log(np.maximum(pixels @ cones.T, 1)) @ opponents.T
means, deviations = lab.mean(0), lab.std(0)
moved = (lab - means) / deviations * [0.6135447, 0.10989545, 0.0286032] + [8.74108109, -0.12440419, 0.0444982]
reinhard = np.clip(np.exp(moved @ np.linalg.inv(opponents).T) @ np.linalg.inv(cones).T, 0, 255)

save_file(
    {"stain.pixels": pixels.astype(np.int64), "macenko.vectors": np.ascontiguousarray(stains.T),
     "macenko.concentrations": most, "macenko.normalized": np.ascontiguousarray(macenko), "reinhard.means": means,
     "reinhard.deviations": deviations, "reinhard.normalized": np.ascontiguousarray(reinhard)},
    here / "slides.safetensors",
    {"numpy": np.__version__, "tifffile": tifffile.__version__, "pydicom": pydicom.__version__})
