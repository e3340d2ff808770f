# Archives of small pictures, harmless and not, for the tests of ingest. Python 3 and libarchive 3 (through ctypes, for 7z).
# Writes files/archive_*: "plain" holds a.pgm, c/d.ppm and b.pgm in this order, "odd" what must be refused, "cut" ends early, "bomb" unpacks to 80 MB.
import bz2
import ctypes
import ctypes.util
import gzip
import io
import lzma
import tarfile
import zipfile
from pathlib import Path

files = Path(__file__).parent / "files"
grey = b"P5\n6 4\n255\n" + bytes(range(24))
other = b"P5\n6 4\n255\n" + bytes(reversed(range(24)))
colour = b"P6\n2 2\n255\n" + bytes(range(0, 120, 10))
plain = [("./a.pgm", grey), ("c/d.ppm", colour), ("b.pgm", other)]


def tar(entries):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, content in entries:
            info = name if isinstance(name, tarfile.TarInfo) else tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


def pack(entries, encrypted=()):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            archive.writestr(zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
    data = bytearray(out.getvalue())
    for name in encrypted:  # the flag alone: what is said to be encrypted must not be read
        for signature, offset in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
            place = data.find(signature)
            while place >= 0:
                if name.encode() in data[place : place + 120].split(b"PK", 2)[1]:
                    data[place + offset] |= 1
                place = data.find(signature, place + 4)
    return bytes(data)


def link(name, target, kind):
    info = tarfile.TarInfo(name)
    info.type = kind
    info.linkname = target
    return info


def seven_zip(entries):
    lib = ctypes.CDLL(ctypes.util.find_library("archive"))
    for name in ("archive_write_new", "archive_entry_new"):
        getattr(lib, name).restype = ctypes.c_void_p
    archive = ctypes.c_void_p(lib.archive_write_new())
    assert lib.archive_write_set_format_7zip(archive) == 0
    assert lib.archive_write_open_filename(archive, str(files / "archive_plain.7z").encode()) == 0
    for name, content in entries:
        entry = ctypes.c_void_p(lib.archive_entry_new())
        lib.archive_entry_set_pathname(entry, name.encode())
        lib.archive_entry_set_size(entry, ctypes.c_int64(len(content)))
        lib.archive_entry_set_filetype(entry, 0o100000)
        lib.archive_entry_set_perm(entry, 0o644)
        assert lib.archive_write_header(archive, entry) == 0
        lib.archive_write_data(archive, content, ctypes.c_size_t(len(content)))
        lib.archive_entry_free(entry)
    lib.archive_write_close(archive)
    lib.archive_write_free(archive)


def write(name, content):
    (files / f"archive_{name}").write_bytes(content)


whole = tar(plain)
write("plain.tar", whole)
write("plain.tar.gz", gzip.compress(whole, mtime=0))
write("plain.tar.bz2", bz2.compress(whole))
write("plain.tar.xz", lzma.compress(whole))
write("plain.zip", pack(plain))
seven_zip(plain)
write(
    "odd.zip",
    pack(
        [
            ("good.pgm", grey), ("../../up.pgm", other), ("/etc/root.pgm", colour), (".hidden/x.pgm", grey),
            ("secret.pgm", grey), ("inner.zip", pack(plain)), ("empty", b""), ("notes.txt", b"no picture at all"),
            ("folder/", b""),
        ],
        encrypted=["secret.pgm"],
    ),
)
write(
    "links.tar",
    tar(
        [
            ("real.pgm", grey), (link("soft", "/etc/passwd", tarfile.SYMTYPE), b""),
            (link("hard", "real.pgm", tarfile.LNKTYPE), b""), (link("pipe", "", tarfile.FIFOTYPE), b""),
            (link("device", "", tarfile.CHRTYPE), b""), (link("folder", "", tarfile.DIRTYPE), b""),
        ]
    ),
)
noise = bytes((i * i * 7919 >> 3) & 255 for i in range(3000))
cut = tar([("first.pgm", grey), ("second.pgm", b"P5\n50 60\n255\n" + noise)])
write("cut.tar", cut[:3000])
write("cut.tar.gz", gzip.compress(cut, mtime=0)[:1000])
write("bomb.tar.bz2", bz2.compress(tar([("first.pgm", grey), ("bomb.pgm", bytes(80_000_000)), ("after.pgm", other)])))
write("not_tar.gz", gzip.compress(b"no tar", mtime=0))
