# Volumes of every kind, as bytes, with the numbers they hold. nibabel 5.4.2, numpy 2 (versions in the metadata). Writes volumes.safetensors:
#   nifti.<case>.file    U8    the file (of a pair the header, and .voxels the other)
#   nifti.<case>.stored  U8    nibabel's unscaled dataobj, little endian, first axis fastest
#   nifti.<case>.shape   I64   [columns, rows, slices, volumes, samples, bytes a sample]
#   nifti.<case>.shades  F32   [volumes · slices, height, width] as looked at
#   turn.<codes>.file    U8    one volume in each of its 48 orientations, nibabel's axis codes; .place F64 [slices, 9]
#   numpy.<case>.file    U8    .npy and .npz; .<name>.stored U8, .<name>.shape I64 [items, slices, rows, columns, samples, bytes a sample]
import gzip
import io
import itertools
import warnings
from pathlib import Path

import nibabel as nib
import numpy as np
from nibabel.orientations import axcodes2ornt, inv_ornt_aff, io_orientation, ornt_transform
from safetensors.numpy import save_file

warnings.simplefilter("ignore")
out = {}
random = np.random.default_rng(31)


def raw(data):
    return np.frombuffer(data, np.uint8).copy()


def files(image):
    if isinstance(image, (nib.Nifti1Image, nib.Nifti2Image)):
        return {"file": image.to_bytes()}
    parts = {"file": io.BytesIO(), "voxels": io.BytesIO()}
    image.to_file_map({"header": nib.FileHolder(fileobj=parts["file"]), "image": nib.FileHolder(fileobj=parts["voxels"])})
    return {k: v.getvalue() for k, v in parts.items()}


def window(values, low=None, high=None):
    finite = np.sort(values[np.isfinite(values)].ravel())
    if low is None:
        low, high = (finite[max(1, int(np.ceil(q * finite.size))) - 1] for q in (0.005, 0.995))
        if not low < high:
            low, high = finite[0], finite[-1]
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(np.isnan(values), 0, np.clip((values - low) / (high - low), 0, 1))


def looked_at(shades, affine):
    """[volumes · slices, height, width], by nibabel's own orientations: slices through the stored third axis."""
    shades = shades.reshape(*shades.shape[:3], -1)
    ornt = io_orientation(affine)
    canonical = nib.apply_orientation(shades, ornt)
    axis, flip = int(ornt[2, 0]), ornt[2, 1]
    pictures = []
    for volume in range(shades.shape[3]):
        for k in range(shades.shape[2]):
            s = k if flip > 0 else shades.shape[2] - 1 - k
            pictures.append(np.take(canonical[..., volume], s, axis)[::-1, ::-1].T)
    # In C order, as safetensors takes it for granted.
    return np.ascontiguousarray(np.stack(pictures))


def keep(case, image, shades=None, pack=False):
    for name, data in files(image).items():
        out[f"nifti.{case}.{name}"] = raw(gzip.compress(data, mtime=0) if pack else data)
    data = image.dataobj.get_unscaled() if hasattr(image.dataobj, "get_unscaled") else np.asarray(image.dataobj)
    data = data.astype(data.dtype.newbyteorder("<"))
    samples = len(data.dtype.names) if data.dtype.names else 1
    out[f"nifti.{case}.stored"] = raw(data.tobytes(order="F"))
    sizes = list(data.shape[:3]) + [1] * (3 - data.ndim) + [int(np.prod(data.shape[3:]))]
    out[f"nifti.{case}.shape"] = np.array([*sizes, samples, data.dtype.itemsize // samples], np.int64)
    if shades is not None:
        out[f"nifti.{case}.shades"] = looked_at(shades, image.affine).astype(np.float32)


def made(kind, dtype, shape, endian="<", affine=np.diag([2, 2, 3, 1])):
    dtype = np.dtype(dtype)
    if dtype.kind == "f":
        data = random.normal(0, 100, shape)
    elif dtype.kind in "iu":
        data = random.integers(np.iinfo(dtype).min, np.iinfo(dtype).max, shape, dtype, endpoint=True)
    header = kind.header_class(endianness=endian)
    header.set_data_dtype(dtype)
    return kind(data.astype(dtype.newbyteorder(endian)), affine, header)


def reread(image):
    """As a reader of the file gets it, so that what is unscaled is really what stands there."""
    parts = files(image)
    if "voxels" not in parts:
        return type(image).from_bytes(parts["file"])
    return type(image).from_file_map(
        {"header": nib.FileHolder(fileobj=io.BytesIO(parts["file"])), "image": nib.FileHolder(fileobj=io.BytesIO(parts["voxels"]))}
    )


types = ["uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64", "float32", "float64"]
kinds = [nib.Nifti1Image, nib.Nifti2Image, nib.Nifti1Pair, nib.Nifti2Pair]
for i, name in enumerate(types):
    for endian, kind in itertools.product("<>", kinds):
        image = reread(made(kind, name, (5, 4, 3), endian))
        case = f"{name}.{'little' if endian == '<' else 'big'}.{'12'[kind in (kinds[1], kinds[3])]}{'pair' if 'Pair' in kind.__name__ else ''}"
        values = np.asarray(image.dataobj.get_unscaled(), np.float64)
        keep(case, image, window(values) if kind is kinds[0] and endian == "<" else None, pack=i % 2 == 1 and kind is kinds[1])
for name, fields in [("rgb", "RGB"), ("rgba", "RGBA")]:
    data = random.integers(0, 256, (5, 4, 3, len(fields))).astype(np.uint8)
    packed = data.view([(f, "u1") for f in fields])[..., 0]
    keep(name, reread(nib.Nifti1Image(packed, np.eye(4))))
keep("time", reread(made(nib.Nifti1Image, "int16", (5, 4, 3, 2))))
keep("five-axes", reread(made(nib.Nifti2Image, "uint8", (5, 4, 3, 2, 2), ">")), pack=True)
keep("plane", reread(made(nib.Nifti1Image, "uint8", (6, 7))))
keep("analyze", reread(made(nib.AnalyzeImage, "int16", (5, 4, 3))))


def scaled(case, data, slope, inter, shown=(0, 0), extension=False):
    image = nib.Nifti1Image(data, np.diag([-1, 1, 1, 1]))
    image.header["cal_min"], image.header["cal_max"] = shown
    image.header["xyzt_units"] = 2 | 8
    if extension:
        image.header.extensions.append(nib.nifti1.Nifti1Extension("comment", b"some words that are no pixels"))
    file = bytearray(image.to_bytes())
    file[112:120] = np.array([slope, inter], "<f4").tobytes()
    image = nib.Nifti1Image.from_bytes(bytes(file))
    out[f"nifti.{case}.file"] = raw(bytes(file))
    values = data.astype(np.float64)
    if slope and np.isfinite(slope):
        values = values * float(np.float32(slope)) + float(np.float32(inter))
    low, high = (float(np.float32(v)) for v in shown)
    shades = window(values, low, high) if low < high and np.mean((values > low) & (values < high)) >= 0.01 else window(values)
    out[f"nifti.{case}.stored"] = raw(data.tobytes(order="F"))
    out[f"nifti.{case}.shape"] = np.array([*data.shape, 1, 1, data.dtype.itemsize], np.int64)
    out[f"nifti.{case}.shades"] = looked_at(shades, image.affine).astype(np.float32)


numbers = random.integers(-1000, 1000, (6, 5, 4)).astype(np.int16)
scaled("scaled", numbers, 0.37, -20)
scaled("negative-slope", numbers, -2, 5, extension=True)
scaled("slope-zero", numbers, 0, 7)
scaled("slope-nan", numbers, np.nan, np.nan)
scaled("shown", numbers, 2, 1, (-300, 500))
scaled("shown-nothing", numbers, 1, 0, (9000, 9001))
holes = random.normal(0, 1, (6, 5, 4)).astype(np.float32)
holes[1, 2, 3], holes[0, 0, 0], holes[2, 2, 2] = np.nan, np.inf, -np.inf
scaled("holes", holes, 0.5, 1)

# One volume in all its orientations, oblique by a few degrees.
base = np.arange(2 * 3 * 4, dtype=np.uint8).reshape(2, 3, 4) * 10
turn = np.array([[0.99, -0.1, 0.05], [0.1, 0.99, -0.07], [-0.05, 0.07, 0.99]]) * [1.5, 2.0, 2.5]
affine = np.eye(4)
affine[:3, :3], affine[:3, 3] = turn, [-7, 11, 23]
for axes in itertools.permutations(range(3)):
    for signs in itertools.product("+-", repeat=3):
        codes = "".join([("R", "L"), ("A", "P"), ("S", "I")][a]["+-".index(s)] for a, s in zip(axes, signs))
        change = ornt_transform(axcodes2ornt("RAS"), axcodes2ornt(codes))
        data = nib.apply_orientation(base, change)
        image = nib.Nifti1Image(data, affine @ inv_ornt_aff(change, base.shape))
        assert "".join(nib.aff2axcodes(image.affine)) == codes
        out[f"turn.{codes}.file"] = raw(image.to_bytes())
        out[f"turn.{codes}.shades"] = looked_at(window(data.astype(float)), image.affine).astype(np.float32)
        # Where the upper left voxel of each picture lies and where right and down go, by carrying the voxels' places along.
        grid = np.stack(np.meshgrid(*map(np.arange, data.shape), indexing="ij"), -1)
        placed = nib.affines.apply_affine(image.affine, grid) * [-1, -1, 1]
        maps = np.stack([looked_at(placed[..., i], image.affine) for i in range(3)], -1)
        unit = lambda v: v / np.linalg.norm(v)
        out[f"turn.{codes}.place"] = np.array([[*m[0, 0], *unit(m[0, 1] - m[0, 0]), *unit(m[1, 0] - m[0, 0])] for m in maps])


def zipped(compressed=True, **arrays):
    bio = io.BytesIO()
    (np.savez_compressed if compressed else np.savez)(bio, **arrays)
    return bio.getvalue()


def single(array):
    bio = io.BytesIO()
    np.save(bio, array, allow_pickle=True)
    return bio.getvalue()


def expect(case, name, array, shape):
    array = np.ascontiguousarray(array.astype(array.dtype.newbyteorder("<")))
    out[f"numpy.{case}.{name}.stored"] = raw(array.tobytes())
    out[f"numpy.{case}.{name}.shape"] = np.array([*shape, array.dtype.itemsize], np.int64)


def random_bytes(*shape):
    return random.integers(0, 256, shape).astype(np.uint8)


train, val, test = random_bytes(5, 6, 7), random_bytes(2, 6, 7), random_bytes(3, 6, 7)
labels = {f"{s}_labels": np.zeros((5, 1), np.uint8) for s in ["train", "val", "test"]}
for case, compressed in [("grey", True), ("grey-plain", False)]:
    out[f"numpy.{case}.npz.file"] = raw(zipped(compressed, train_images=train, train_labels=labels["train_labels"], val_images=val, test_images=test))
    for name, array in [("train_images", train), ("val_images", val), ("test_images", test)]:
        expect(case, name, array, [len(array), 1, 6, 7, 1])
colour = random_bytes(3, 6, 7, 3)
out["numpy.colour.npz.file"] = raw(zipped(train_images=colour, train_labels=np.array([[None, {}]], object)))
expect("colour", "train_images", colour, [3, 1, 6, 7, 3])
volume = random_bytes(2, 5, 6, 7)
out["numpy.volume.npz.file"] = raw(zipped(train_images=volume, val_images=volume[..., None]))
expect("volume", "train_images", volume, [2, 5, 6, 7, 1])
expect("volume", "val_images", volume, [2, 5, 6, 7, 1])
out["numpy.objects.npz.file"] = raw(zipped(train_images=np.array([[[None, {}]]], object)))
for case, array, shape in [
    ("plane", random_bytes(6, 7), [1, 1, 6, 7, 1]),
    ("rgb", random_bytes(6, 7, 3), [1, 1, 6, 7, 3]),
    ("stack", random.integers(-999, 999, (4, 6, 7)).astype(">i2"), [4, 1, 6, 7, 1]),
    ("floats", random.random((4, 6, 7)).astype(np.float32), [4, 1, 6, 7, 1]),
    ("truths", random.random((4, 6, 7)) > 0.5, [4, 1, 6, 7, 1]),
    ("fortran", np.asfortranarray(random.integers(0, 60000, (4, 6, 7)).astype(np.uint16)), [4, 1, 6, 7, 1]),
]:
    out[f"numpy.{case}.npy.file"] = raw(single(array))
    expect(case, "", array, shape)
out["numpy.objects.npy.file"] = raw(single(np.array([[1, None]], object)))

out = {name: np.ascontiguousarray(array) for name, array in out.items()}
save_file(out, Path(__file__).with_suffix(".safetensors"), {"nibabel": nib.__version__, "numpy": np.__version__})
