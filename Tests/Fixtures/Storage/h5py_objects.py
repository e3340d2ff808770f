"""An HDF5 file as strangers write it (h5py 3.16.0, HDF5 2.0.0, numpy 2.4.6): text of every padding, foreign widths, gzip, groups."""
import pathlib

import h5py
import numpy as np

here = pathlib.Path(__file__).parent
with h5py.File(here / "h5py_objects.h5", "w", libver=("earliest", "v108")) as f:
    f["float32"] = np.arange(6, dtype="<f4").reshape(2, 3) / 4
    f["big_endian"] = np.arange(4, dtype=">f8") / 3
    f["float16"] = np.array([0.5, -2], "<f2")
    f["int16"] = np.array([-3, 4], "<i2")
    f["uint8"] = np.arange(24, dtype="u1").reshape(2, 1, 3, 4)
    f["uint64"] = np.array([1, 2**63], "<u8")
    f.create_dataset("deep/er/gzipped", data=np.arange(3000, dtype="<u2").reshape(1000, 3), chunks=(100, 3), compression="gzip", shuffle=True)
    f["scalar"] = np.float32(2.5)
    f["text/variable"] = ["Thorax", "", "Schädel 头"]
    f["text/padded_by_nul"] = np.array([b"a", b"bcd", b""], "S4")
    space = h5py.h5t.C_S1.copy()
    space.set_size(5)
    space.set_strpad(h5py.h5t.STR_SPACEPAD)
    d = h5py.h5d.create(f.id, b"text/padded_by_space", space, h5py.h5s.create_simple((2,)))
    d.write(h5py.h5s.ALL, h5py.h5s.ALL, np.array([b"ab   ", b"c d  "], "S5"), mtype=space)
    f["text/broken"] = np.array([b"\xff\xfe"], "S2")
    f.attrs["variable"] = "größer"
    f.attrs["integer"] = np.int32(-5)
    f.attrs["real"] = 0.1
    f.attrs["several"] = [1, 2]
    f["float32"].attrs["unit"] = "mm"
