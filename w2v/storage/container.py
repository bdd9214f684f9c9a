"""Files that hold arrays under names, and text beside them: what npz archives and safetensors have in common."""

import math
import os
import zlib
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from w2v.files import Path

_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class StoredArray:
    """Where in a file an array lies, row after row.

    `checksum` is the CRC-32 of its bytes, or None where there is none; it begins with `checksum_before`, that of the bytes which
    count but lie in front.
    """

    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    offset: int
    checksum: int | None = None
    checksum_before: int = 0

    @property
    def bytes(self) -> int:
        """How many bytes it takes; exact for any shape."""
        return math.prod(self.shape) * self.dtype.itemsize


@dataclass(frozen=True, slots=True)
class Container:
    """The arrays of a file by name, and its texts."""

    arrays: Mapping[str, StoredArray]
    texts: Mapping[str, str] = field(default_factory=dict)


def read_array(stream: BinaryIO, name: str, stored: StoredArray) -> NDArray[Any]:
    """Read an array; raises ValueError when the file ends within it, or its checksum is another."""
    array = np.empty(stored.shape, stored.dtype)
    stream.seek(stored.offset)
    view: Any = array.reshape(-1).view(np.uint8)
    if stream.readinto(view) != stored.bytes:  # type: ignore[attr-defined]
        raise ValueError(f"it ends within its {name}")
    if stored.checksum is not None and zlib.crc32(view, stored.checksum_before) != stored.checksum:
        raise ValueError(f"its {name} are damaged: their checksum is another")
    return array


def read_rows(stream: BinaryIO, name: str, stored: StoredArray, numbers: Sequence[int]) -> NDArray[Any]:
    """Read some rows of an array, in rising order; what lies between is read only where it is little.

    Raises ValueError when the array has not so many rows, or the file ends within it.
    """
    rows = np.empty((len(numbers), *stored.shape[1:]), stored.dtype)
    row_bytes = stored.bytes // max(stored.shape[0], 1)
    if numbers and numbers[-1] >= stored.shape[0]:
        raise ValueError(f"its {name} are {stored.shape[0]}, which are too few")
    at_once = max(_PIECE // row_bytes, 1)
    done = 0
    while done < len(numbers):
        first = numbers[done]
        stop = bisect_left(numbers, first + at_once, done)
        stream.seek(stored.offset + first * row_bytes)
        content = stream.read((numbers[stop - 1] + 1 - first) * row_bytes)
        if len(content) != (numbers[stop - 1] + 1 - first) * row_bytes:
            raise ValueError(f"it ends within its {name}")
        block = np.frombuffer(content, stored.dtype).reshape(-1, *stored.shape[1:])
        rows[done:stop] = block[[number - first for number in numbers[done:stop]]]
        done = stop
    return rows


def map_array(path: Path, name: str, stored: StoredArray) -> NDArray[Any]:
    """Map an array into memory, read-only: its pages are read when they are needed.

    Raises ValueError when it does not begin where its numbers can be computed with.
    """
    if not stored.bytes:
        return np.empty(stored.shape, stored.dtype)
    if stored.offset % stored.dtype.alignment:
        raise ValueError(f"its {name} cannot be mapped into memory where they lie; w2v convert writes the file anew")
    return np.memmap(os.fspath(path), stored.dtype, "r", stored.offset, stored.shape)


def pieces(array: NDArray[Any]) -> Iterator[bytes]:
    """The bytes of an array, row after row, some at a time."""
    rows = max(_PIECE // max(array[:1].nbytes, 1), 1)
    for start in range(0, len(array), rows):
        yield array[start : start + rows].tobytes()


def checksum(array: NDArray[Any]) -> int:
    """The CRC-32 of an array's bytes, row after row."""
    value = 0
    for piece in pieces(array):
        value = zlib.crc32(piece, value)
    return value


def check_finite(array: NDArray[np.float32], name: str) -> None:
    """Raise ValueError when a number is not finite; without an array beside this one."""
    if array.size and not np.isfinite([array.min(), array.max()]).all():
        raise ValueError(f"a number of its {name} is not finite")
