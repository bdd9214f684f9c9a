"""Arrays that grow at their end: in memory, and beyond a limit in a file."""

import os
import struct
from contextlib import suppress
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import DTypeLike, NDArray

from w2v.corpora.scratch import open_scratch, put, scratch_name, take

_HEADER_BYTES = 128
_MEMORY_NOT_TOLD = 1 << 33
_LIMIT_OF_CONTAINER = "/sys/fs/cgroup/memory.max"


def half_of_memory() -> int:
    """Half of the memory that this process may use, in bytes: of the machine's, or of its container's where that has less."""
    try:
        machine = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        machine = _MEMORY_NOT_TOLD
    try:
        with open(_LIMIT_OF_CONTAINER, "rb") as stream:
            text = stream.read(100).strip()
    except OSError:
        text = b""
    return min(machine, int(text) if text.isdigit() else machine) // 2


class GrowingArray:
    """A one-dimensional array that grows at its end.

    In memory it grows where it lies. With more than `most_bytes`, by default half of the machine's memory, it moves to a file
    without a name in the folder for temporary files. With a `path` it is an .npy file from the start, complete once `array`
    was called.

    Raises
    ------
    SourceError
        When the file cannot be written.

    Examples
    --------
    >>> numbers = GrowingArray(np.int32)
    >>> numbers.append(np.array([3, 1, 4], np.int32))
    >>> numbers.write(1, np.array([7], np.int32))
    >>> numbers.array().tolist(), numbers.read(1, 3).tolist()
    ([3, 7, 4], [7, 4])
    """

    def __init__(self, dtype: DTypeLike, path: str | None = None, most_bytes: int | None = None) -> None:
        self.dtype = np.dtype(dtype)
        self._memory = bytearray()
        self._length = 0
        self._most_bytes = half_of_memory() if most_bytes is None else most_bytes
        self._file: BinaryIO | None = None
        self._name = path or scratch_name()
        if path is not None:
            self._begin_file(path)

    def __len__(self) -> int:
        return self._length

    def append(self, values: NDArray[Any]) -> None:
        """Add values of this array's type at the end."""
        if not len(values):
            return
        if self._file is None and len(self._memory) + values.nbytes > self._most_bytes:
            memory, self._memory = self._memory, bytearray()
            self._begin_file(None)
            self._put(0, memory)
        if self._file is None:
            self._memory += np.ascontiguousarray(values, self.dtype).data.cast("B")
        else:
            self._put(self._length, np.ascontiguousarray(values, self.dtype).data)
        self._length += len(values)

    def read(self, start: int, stop: int) -> NDArray[Any]:
        """A copy of the values `start` to `stop`."""
        size = self.dtype.itemsize
        if self._file is None:
            return np.frombuffer(self._memory[start * size : stop * size], self.dtype)
        return take(self._file, _HEADER_BYTES + start * size, stop - start, self.dtype)

    def write(self, start: int, values: NDArray[Any]) -> None:
        """Overwrite the values from `start` on."""
        if not len(values):
            return
        values = np.ascontiguousarray(values, self.dtype)
        if self._file is None:
            size = self.dtype.itemsize
            self._memory[start * size : (start + len(values)) * size] = values.data.cast("B")
        else:
            self._put(start, values.data)

    def cut(self, length: int) -> None:
        """Keep the first `length` values only."""
        self._length = length
        if self._file is None:
            del self._memory[length * self.dtype.itemsize :]
        else:
            self._file.truncate(_HEADER_BYTES + length * self.dtype.itemsize)

    def array(self) -> NDArray[Any]:
        """The whole array: this memory, or the file mapped into memory to read. Afterwards it cannot grow."""
        if self._file is None:
            return np.frombuffer(self._memory, self.dtype) if self._memory else np.empty(0, self.dtype)
        put(self._file, 0, _header(self.dtype, self._length), self._name)
        mapped = np.empty(0, self.dtype)
        if self._length:
            mapped = np.asarray(np.memmap(self._file, self.dtype, "r", _HEADER_BYTES, (self._length,)))
        self.close()
        return mapped

    def close(self) -> None:
        """Give up the file; arrays mapped from it stay valid."""
        if self._file is not None:
            with suppress(OSError):
                self._file.close()

    def _begin_file(self, path: str | None) -> None:
        self._file = open_scratch(path)
        put(self._file, 0, bytes(_HEADER_BYTES), self._name)

    def _put(self, start: int, values: Any) -> None:
        assert self._file is not None
        put(self._file, _HEADER_BYTES + start * self.dtype.itemsize, values, self._name)


def _header(dtype: np.dtype[Any], length: int) -> bytes:
    """The header of an .npy file, of a size that does not depend on the length."""
    text = repr({"descr": np.lib.format.dtype_to_descr(dtype), "fortran_order": False, "shape": (length,)}).encode()
    size = _HEADER_BYTES - 10
    return np.lib.format.magic(1, 0) + struct.pack("<H", size) + text.ljust(size - 1) + b"\n"
