"""The safetensors format: the length of a header, the header in JSON, and all arrays behind one another.

    8 bytes          n, a little-endian whole number
    n bytes          {"name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [begin, end]}, ..., "__metadata__": {name: text}}
    the rest         the arrays, from `begin` to `end` counted from here, without a gap

The texts of a container are the metadata. Checksums of the arrays, which the format has no place for, are a text too.
"""

import json
import math
import struct
from collections.abc import Mapping
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from w2v.storage.container import Container, StoredArray, checksum, pieces

_DTYPES: dict[str, np.dtype[Any]] = {
    "F64": np.dtype("<f8"), "F32": np.dtype("<f4"), "F16": np.dtype("<f2"), "I64": np.dtype("<i8"), "I32": np.dtype("<i4"),
    "I16": np.dtype("<i2"), "I8": np.dtype("i1"), "U8": np.dtype("u1"), "U16": np.dtype("<u2"), "U32": np.dtype("<u4"),
    "U64": np.dtype("<u8"),
}  # fmt: skip
_NAMES = {dtype: name for name, dtype in _DTYPES.items()}
_METADATA = "__metadata__"
_CHECKSUMS = "crc32"
_LENGTH = struct.Struct("<Q")
_LONGEST_HEADER = 1 << 20  # of a few arrays, and of a thousand that are not ours
_ALIGNMENT = 64


def write_safetensors(arrays: Mapping[str, NDArray[Any]], texts: Mapping[str, str], stream: BinaryIO) -> None:
    """Write arrays with the greatest numbers first, so that each begins at a multiple of its numbers' size."""
    ordered = sorted(arrays.items(), key=lambda item: -item[1].dtype.itemsize)
    checksums = {name: checksum(array) for name, array in ordered}
    header: dict[str, Any] = {_METADATA: {**texts, _CHECKSUMS: json.dumps(checksums)}}
    begin = 0
    for name, array in ordered:
        offsets = [begin, begin + array.nbytes]
        header[name] = {"dtype": _NAMES[array.dtype], "shape": list(array.shape), "data_offsets": offsets}
        begin += array.nbytes
    packed = json.dumps(header).encode()
    packed += b" " * (-(_LENGTH.size + len(packed)) % _ALIGNMENT)
    stream.write(_LENGTH.pack(len(packed)))
    stream.write(packed)
    for _, array in ordered:
        for piece in pieces(array):
            stream.write(piece)


def begins_safetensors(first: bytes) -> bool:
    """Whether a file that begins with these nine bytes or more can be of this format.

    >>> begins_safetensors(b"\\x10\\0\\0\\0\\0\\0\\0\\0{"), begins_safetensors(b"3 2\\nthe")
    (True, False)
    """
    return len(first) > _LENGTH.size and first[5:9] == b"\0\0\0{"


def locate_safetensors(stream: BinaryIO, length: int) -> Container:
    """Where the arrays lie, in a file of `length` bytes; raises ValueError when the file is damaged."""
    size = _LENGTH.unpack(stream.read(_LENGTH.size).ljust(_LENGTH.size))[0]
    start = _LENGTH.size + size
    if size > _LONGEST_HEADER or start > length:
        raise ValueError(f"its header is said to take {size} bytes")
    header = json.loads(stream.read(size))
    if not isinstance(header, dict):
        raise ValueError("its header is no JSON object")
    texts = header.pop(_METADATA, {})
    if not isinstance(texts, dict) or not all(isinstance(text, str) for text in texts.values()):
        raise ValueError("its metadata are no text under names")
    texts = dict(texts)
    checksums = json.loads(texts.pop(_CHECKSUMS, "{}"))
    if not isinstance(checksums, dict) or not all(map(_is_whole, checksums.values())):
        raise ValueError("its checksums are no numbers under names")
    arrays = {name: _locate(start, name, entry, checksums.get(name)) for name, entry in header.items()}
    end = start
    for name, stored in sorted(arrays.items(), key=lambda item: (item[1].offset, item[1].bytes)):
        if stored.offset != end:
            raise ValueError(f"its {name} do not lie behind what comes before")
        end += stored.bytes
    if end != length:
        raise ValueError(f"its arrays end at byte {end} of {length}")
    return Container(arrays, texts)


def _locate(start: int, name: str, entry: Any, crc32: int | None) -> StoredArray:
    entry = entry if isinstance(entry, dict) else {}
    kind, shape, offsets = (entry.get(key) for key in ("dtype", "shape", "data_offsets"))
    if not isinstance(kind, str) or kind not in _DTYPES:
        raise ValueError(f"its {name} are of type {kind!r}, not one of {', '.join(_DTYPES)}")
    if not _are_whole(shape) or not _are_whole(offsets) or len(offsets) != 2:
        raise ValueError(f"it does not say where its {name} lie")
    dtype = _DTYPES[kind]
    if math.prod(shape) * dtype.itemsize != offsets[1] - offsets[0]:
        raise ValueError(f"its {name} are of shape {tuple(shape)}, which their length does not fit")
    return StoredArray(dtype, tuple(shape), start + offsets[0], crc32)


def _are_whole(numbers: Any) -> bool:
    return isinstance(numbers, list) and len(numbers) <= 8 and all(map(_is_whole, numbers))


def _is_whole(number: Any) -> bool:
    return isinstance(number, int) and not isinstance(number, bool) and 0 <= number < 1 << 62
