# Small DICOM files and the shades pydicom makes of them. pydicom 3.0.2, numpy 2.
# Writes files/*.dcm and dicom.safetensors: "<name>" F32 [rows, columns] in 0…1, 0 black.
# (pydicom's apply_voi wraps at 256 for tables of 8 bits with more entries, so the tables here have 10 or 16 bits.)
from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.pixels import apply_modality_lut, apply_voi_lut
from pydicom.uid import ExplicitVRLittleEndian, SecondaryCaptureImageStorage
from safetensors.numpy import save_file

here = Path(__file__).parent
expected = {}


def lut(first, bits, entries, vr):
    item = Dataset()
    item.add_new(0x00283002, vr, [len(entries) % 65536, first, bits])
    item.add_new(0x00283006, "US", [int(v) for v in entries])
    return item


def case(name, pixels, stored, signed=False, allocated=16, photometric="MONOCHROME2", **elements):
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.MediaStorageSOPClassUID = SecondaryCaptureImageStorage
    meta.MediaStorageSOPInstanceUID = "1.2.826.0.1.3680043.8.498.1"
    ds = FileDataset(None, {}, file_meta=meta, preamble=b"\0" * 128)
    ds.SOPClassUID = SecondaryCaptureImageStorage
    ds.SOPInstanceUID = "1.2.826.0.1.3680043.8.498.1"
    ds.Modality = "CR"
    ds.PatientID = "P-17"
    ds.Rows, ds.Columns = pixels.shape[:2]
    ds.SamplesPerPixel = 1
    ds.PhotometricInterpretation = photometric
    ds.BitsAllocated, ds.BitsStored, ds.HighBit = allocated, stored, stored - 1
    ds.PixelRepresentation = int(signed)
    for key, value in elements.items():
        if key == "PixelPaddingValue":
            ds.add_new(0x00280120, "SS" if signed else "US", value)
        else:
            setattr(ds, key, value)
    raw = pixels.astype(np.int64) & ((1 << stored) - 1)
    ds.PixelData = raw.astype(f"<u{allocated // 8}").tobytes()
    ds.save_as(here / "files" / f"{name}.dcm", enforce_file_format=True)
    values = apply_modality_lut(pixels.astype(np.int32), ds).astype(np.float64)
    if "VOILUTSequence" in ds:
        integers = values.astype(np.int64)
        item = ds.VOILUTSequence[0]
        shades = apply_voi_lut(integers, ds) / (2.0 ** item.LUTDescriptor[2] - 1)
    elif "WindowCenter" in ds:
        if "ModalityLUTSequence" in ds:
            low, high = 0, 2.0 ** ds.ModalityLUTSequence[0].LUTDescriptor[2] - 1
        else:
            low, high = (-(2.0 ** (stored - 1)), 2.0 ** (stored - 1) - 1) if signed else (0, 2.0**stored - 1)
        if "RescaleSlope" in ds:
            low, high = (v * float(ds.RescaleSlope) + float(ds.RescaleIntercept) for v in (low, high))
        shades = (apply_voi_lut(values, ds) - low) / (high - low)
    else:
        kept = np.sort(values[pixels != elements.get("PixelPaddingValue")])
        low, high = (kept[max(1, int(np.ceil(q * kept.size))) - 1] for q in (0.005, 0.995))
        shades = np.clip((values - low) / (high - low), 0, 1)
    if photometric == "MONOCHROME1" or elements.get("PresentationLUTShape") == "INVERSE":
        shades = 1 - shades
    if "PixelPaddingValue" in elements:
        shades = np.where(pixels == elements["PixelPaddingValue"], 0, shades)  # PS3.3 C.7.5.1.1.2
    expected[name] = np.ascontiguousarray(shades, np.float32)


random = np.random.default_rng(7)
twelve = random.integers(0, 4096, (12, 14))
hounsfield = random.integers(-1024, 2000, (12, 14))
case("window_linear", twelve, 12, WindowCenter=2000, WindowWidth=1500)
case("window_linear_narrow", twelve, 12, WindowCenter=2000, WindowWidth=1)
case("window_first_of_two", twelve, 12, WindowCenter=[700, 3000], WindowWidth=[900, 100])
case("window_exact", twelve, 12, WindowCenter=2000.25, WindowWidth=1500, VOILUTFunction="LINEAR_EXACT")
case("window_sigmoid", twelve, 12, WindowCenter=2000, WindowWidth=800, VOILUTFunction="SIGMOID")
case("rescale_then_window", hounsfield + 1024, 12, RescaleSlope=1, RescaleIntercept=-1024, WindowCenter=40, WindowWidth=400)
case("signed_twelve_bits", np.clip(hounsfield, -2048, 2047), 12, signed=True, RescaleSlope=0.5, RescaleIntercept=-3,
     WindowCenter=100, WindowWidth=700)
case("signed_sixteen_bits", hounsfield * 11, 16, signed=True, WindowCenter=0, WindowWidth=20000)
case("monochrome1", twelve, 12, photometric="MONOCHROME1", WindowCenter=2000, WindowWidth=3000)
case("monochrome1_identity_shape_inverse", twelve, 12, photometric="MONOCHROME1", PresentationLUTShape="INVERSE",
     WindowCenter=2000, WindowWidth=3000)
case("voi_table", twelve, 12, VOILUTSequence=[lut(100, 16, (np.arange(3000) ** 1.38).astype(int), "US")],
     WindowCenter=1, WindowWidth=2)
case("voi_table_signed", np.clip(hounsfield, -2048, 2047), 12, signed=True,
     VOILUTSequence=[lut(-500, 10, np.arange(1000) * 1023 // 999, "SS")])
case("modality_table", twelve % 256, 8, allocated=8, WindowCenter=32000, WindowWidth=50000,
     ModalityLUTSequence=[lut(10, 16, np.arange(200)[::-1] * 320, "US")])
case("percentiles", twelve, 12)
padded = twelve.copy()
padded[:4] = 4000
case("percentiles_with_padding", np.where(padded == 4000, 4000, padded % 900), 12, PixelPaddingValue=4000)
case("eight_bits", twelve % 256, 8, allocated=8, WindowCenter=128, WindowWidth=256)
save_file(expected, here / "dicom.safetensors", {"pydicom": "3.0.2"})
