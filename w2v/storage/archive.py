"""NumPy's archives, `.npz`: arrays without pickled objects, not compressed, each where it can be mapped into memory.

The texts of a container are the array `about`: JSON, as uint8.
"""

import io
import json
import re
import struct
import zipfile
import zlib
from collections.abc import Mapping
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from w2v.storage.container import Container, StoredArray, pieces, read_array

BEGINNINGS = (b"PK\x03\x04", b"PK\x05\x06")
_ABOUT = "about"
_ALIGNMENT = 64
_LOCAL_HEADER = struct.Struct("<4s5H3I2H")
_ZIP64_EXTRA = 20
_PADDING_ID = 0xD935  # that of Android's zipalign
_MOST_TEXT = 1 << 20
_MAGIC = b"\x93NUMPY"
_LAYOUT = re.compile(
    rb"\{'descr': '(?P<dtype>[<>|=]?[a-zA-Z][0-9]{0,3})', 'fortran_order': (?P<by_columns>True|False), "
    rb"'shape': \((?P<shape>[0-9]{1,18},|[0-9]{1,18}(, [0-9]{1,18}){1,7})?\), \} *\n"
)


def write_archive(arrays: Mapping[str, NDArray[Any]], texts: Mapping[str, str], stream: BinaryIO) -> None:
    """Write an archive; the same bytes for the same content. `numpy.load` reads it.

    Each array begins at a multiple of 64 bytes, which NumPy's own archives do not, so that it can be used where it lies.
    """
    about = np.frombuffer(json.dumps(dict(texts), sort_keys=True).encode(), np.uint8)
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        for name, array in {_ABOUT: about, **arrays}.items():
            info = zipfile.ZipInfo(f"{name}.npy")
            begin = archive.fp.tell() + _LOCAL_HEADER.size + len(info.filename) + _ZIP64_EXTRA  # type: ignore[union-attr]
            padding = -(begin + 4) % _ALIGNMENT
            info.extra = struct.pack("<HH", _PADDING_ID, padding) + bytes(padding)
            header = io.BytesIO()
            layout = {"descr": array.dtype.str, "fortran_order": False, "shape": array.shape}
            np.lib.format.write_array_header_1_0(header, layout)
            with archive.open(info, "w", force_zip64=True) as member:
                member.write(header.getvalue())
                for piece in pieces(array):
                    member.write(piece)


def locate_archive(stream: BinaryIO, length: int) -> Container:
    """Where the arrays of an archive lie, in a file of `length` bytes; raises ValueError when it is none."""
    try:
        with zipfile.ZipFile(stream) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, NotImplementedError, OSError, struct.error) as error:
        raise ValueError(str(error)) from None
    arrays = {}
    for info in members:
        name = info.filename.removesuffix(".npy")
        if name in arrays:
            raise ValueError(f"it has its {name} twice")
        arrays[name] = _locate(stream, length, info, name)
    texts = {}
    about = arrays.pop(_ABOUT, None)
    if about is not None:
        if about.bytes > _MOST_TEXT or about.dtype != np.uint8:
            raise ValueError("what it says about itself is too long")
        texts = json.loads(read_array(stream, _ABOUT, about).tobytes())
        if not isinstance(texts, dict) or not all(isinstance(text, str) for text in texts.values()):
            raise ValueError("what it says about itself is no text under names")
    return Container(arrays, texts)


def _locate(stream: BinaryIO, length: int, info: zipfile.ZipInfo, name: str) -> StoredArray:
    if info.compress_type != zipfile.ZIP_STORED or info.flag_bits & 1 or info.file_size != info.compress_size:
        raise ValueError(f"its {name} are compressed or encrypted; write it with numpy.savez")
    local = _read(stream, info.header_offset, _LOCAL_HEADER.size)
    signature, *_, name_bytes, extra_bytes = _LOCAL_HEADER.unpack(local)
    start = info.header_offset + _LOCAL_HEADER.size + name_bytes + extra_bytes
    if signature != b"PK\x03\x04" or start + info.file_size > length:
        raise ValueError(f"its {name} lie outside of it")
    header = _npy_header(stream, start, name)
    layout = _LAYOUT.fullmatch(header, len(_MAGIC) + 4)
    if layout is None:
        raise ValueError(f"its {name} are no array in NumPy's format 1.0")
    shape = tuple(int(number) for number in (layout["shape"] or b"").split(b",") if number)
    stored = StoredArray(_dtype(layout["dtype"], name), shape, start + len(header), info.CRC, zlib.crc32(header))
    if layout["by_columns"] == b"True" and len(shape) > 1:
        raise ValueError(f"its {name} are stored column by column")
    if stored.bytes != info.file_size - len(header):
        raise ValueError(f"its {name} are of shape {shape}, which their length does not fit")
    return stored


def _npy_header(stream: BinaryIO, start: int, name: str) -> bytes:
    beginning = _read(stream, start, len(_MAGIC) + 4)
    if not beginning.startswith(_MAGIC + b"\1\0"):
        raise ValueError(f"its {name} are no array in NumPy's format 1.0")
    return _read(stream, start, len(beginning) + int.from_bytes(beginning[-2:], "little"))


def _dtype(name: bytes, of: str) -> np.dtype[Any]:
    if name == b"|O":
        raise ValueError(f"its {of} are Python objects, which are never loaded")
    try:
        return np.dtype(name.decode())
    except TypeError as error:
        raise ValueError(str(error)) from None


def _read(stream: BinaryIO, offset: int, count: int) -> bytes:
    stream.seek(offset)
    content = stream.read(count)
    if len(content) != count:
        raise ValueError("its parts lie outside of it")
    return content
