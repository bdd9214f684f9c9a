"""Arrays that stay as they are."""

import mmap
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray


def read_only(values: ArrayLike, dtype: DTypeLike) -> NDArray[Any]:
    """A view that cannot be written through, of an array or of a new one where the type differs.

    >>> array = np.zeros(2)
    >>> view = read_only(array, np.float64)
    >>> view.flags.writeable, array.flags.writeable, view.base is array
    (False, True, True)
    """
    view = np.asarray(values, dtype).view()
    view.flags.writeable = False
    return view


def mapping(array: NDArray[Any]) -> mmap.mmap | None:
    """The mapping of a file that an array is a view of; None for an array in memory.

    >>> mapping(np.zeros(2)) is None
    True
    """
    memory: Any = array
    while isinstance(memory, np.ndarray):
        memory = memory.base
    return memory if isinstance(memory, mmap.mmap) else None


def advise(array: NDArray[Any], start: int, stop: int, advice: str) -> None:
    """Tell the system how the values `start` to `stop` are used, where they are mapped from a file and it can be told.

    `advice` is "MADV_WILLNEED" for what is read soon, and "MADV_DONTNEED" for what need not stay in memory.
    """
    mapped = mapping(array)
    if mapped is None or not hasattr(mmap, advice) or start >= stop:
        return
    offset = array.ctypes.data - np.frombuffer(mapped, np.uint8).ctypes.data
    begin = (offset + start * array.itemsize) // mmap.PAGESIZE * mmap.PAGESIZE
    mapped.madvise(getattr(mmap, advice), begin, offset + stop * array.itemsize - begin)
