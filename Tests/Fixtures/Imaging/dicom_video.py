"""Moving pictures in DICOM files, for Tests/ImagingTests/DICOM/DICOMVideoTests.swift. pydicom 3.0.2, PyAV 18.1.0, numpy 2.

Writes files/dicom_video_*.dcm, 6 frames of 32 × 32, and dicom_video.safetensors: "<name>.frames" U8 [frames, rows, columns, 3], the bare stream as
PyAV shows it (of h264_bare those of h264). The header states 5 frames a second and, where it says so below, a wrong number of frames.
"""

import io
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import UID, VideoEndoscopicImageStorage
from safetensors.numpy import save_file

here = Path(__file__).parent
SIZE, COUNT = 32, 6
X, Y = np.meshgrid(np.arange(SIZE), np.arange(SIZE))
expected = {}


def picture(t):
    return np.stack([60 + 3 * X + 8 * t, 50 + 2 * Y + 12 * t, 160 - X - Y + 5 * t], -1).astype(np.uint8)


def encode(codec, container, rate, options):
    target = io.BytesIO()
    with av.open(target, "w", format=container) as out:
        stream = out.add_stream(codec, rate=rate)
        stream.width, stream.height, stream.pix_fmt = SIZE, SIZE, "yuv420p"
        stream.bit_rate = 2_000_000
        stream.options = options
        stream.codec_context.thread_count = 1
        for t in range(COUNT):
            frame = av.VideoFrame.from_ndarray(picture(t), "rgb24").reformat(format="yuv420p")
            frame.pts, frame.time_base = t, Fraction(1, rate)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return target.getvalue()


def decode(stream):
    with av.open(io.BytesIO(stream)) as clip:
        clip.streams.video[0].thread_count = 1
        return np.stack([f.to_ndarray(format="rgb24") for f in clip.decode(video=0)])


def write(name, syntax, stream, fragments, stated=COUNT):
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = UID(syntax)
    meta.MediaStorageSOPClassUID = VideoEndoscopicImageStorage
    meta.MediaStorageSOPInstanceUID = "1.2.826.0.1.3680043.8.498.6"
    ds = FileDataset(None, {}, file_meta=meta, preamble=b"\0" * 128)
    ds.SOPClassUID = VideoEndoscopicImageStorage
    ds.SOPInstanceUID = "1.2.826.0.1.3680043.8.498.6"
    ds.Modality = "ES"
    ds.PatientID = "P-17"
    ds.InstanceNumber = 4
    ds.CineRate = 5
    ds.FrameTime = 200
    ds.FrameIncrementPointer = 0x00181063
    ds.SamplesPerPixel = 3
    ds.PhotometricInterpretation = "YBR_PARTIAL_420"
    ds.PlanarConfiguration = 0
    ds.NumberOfFrames = stated
    ds.Rows = ds.Columns = SIZE
    ds.BitsAllocated = ds.BitsStored = 8
    ds.HighBit = 7
    ds.PixelRepresentation = 0
    step = -(-len(stream) // fragments)
    step += step % 2
    parts = [stream[i : i + step] for i in range(0, len(stream), step)]
    ds.PixelData = encapsulate(parts, fragments_per_frame=1, has_bot=False)
    ds["PixelData"].VR = "OB"
    ds["PixelData"].is_undefined_length = True
    ds.save_as(here / "files" / f"dicom_video_{name}.dcm", enforce_file_format=True)
    frames = decode(stream)
    assert frames.shape == (COUNT, SIZE, SIZE, 3)
    assert np.abs(frames.astype(int) - np.stack([picture(t) for t in range(COUNT)])).mean() < 6
    return frames


h264 = {"qp": "8", "preset": "veryslow", "x264-params": "keyint=3:bframes=1"}
expected["mpeg2.frames"] = write("mpeg2", "1.2.840.10008.1.2.4.100", encode("mpeg2video", "mpeg2video", 25, {}), 1)
# In a transport stream, which has time stamps of its own, in fragments, with a number of frames that is wrong.
expected["h264.frames"] = write("h264", "1.2.840.10008.1.2.4.102.1", encode("libx264", "mpegts", 10, h264), 3, stated=9)
# Bare; its own rate is not that of the header.
bare = write("h264_bare", "1.2.840.10008.1.2.4.102", encode("libx264", "h264", 10, h264), 1)
assert (bare == expected["h264.frames"]).all()
hevc = {"x265-params": "qp=8:log-level=none:pools=none:frame-threads=1:info=0"}
expected["hevc.frames"] = write("hevc", "1.2.840.10008.1.2.4.107", encode("libx265", "hevc", 10, hevc), 2)
save_file(expected, here / "dicom_video.safetensors")
(here / "dicom_video.safetensors").chmod(0o644)
