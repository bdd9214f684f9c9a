"""Arrays in files, at positions: without buffers that would be in memory twice."""

import tempfile
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from w2v.errors import SourceError


def scratch_name() -> str:
    """What messages call a file without a name."""
    return f"a temporary file in {tempfile.gettempdir()}"


def open_scratch(path: str | None = None) -> BinaryIO:
    """A new file to write and read: at a path, or without a name in the folder for temporary files, gone when it is closed.

    Raises
    ------
    SourceError
        When it cannot be made.
    """
    try:
        return tempfile.TemporaryFile(buffering=0) if path is None else open(path, "w+b", buffering=0)
    except OSError as error:
        raise SourceError(f"cannot write {path or scratch_name()}: {error.strerror or error}") from error


def put(file: BinaryIO, position: int, values: Any, name: str) -> None:
    """Write the bytes of a contiguous array at a position; raises SourceError when that fails, as on a full disk."""
    rest = memoryview(values)
    if not rest.nbytes:
        return
    rest = rest.cast("B")
    try:
        file.seek(position)
        while rest:
            rest = rest[file.write(rest) :]
    except OSError as error:
        raise SourceError(f"cannot write {name}: {error.strerror or error}") from error


def take(file: BinaryIO, position: int, count: int, dtype: Any) -> NDArray[Any]:
    """Read `count` values at a position into an array of their own."""
    values = np.empty(count, dtype)
    rest = memoryview(values.view(np.uint8))  # type: ignore[arg-type]
    file.seek(position)
    while rest and (got := file.readinto(rest)):  # type: ignore[attr-defined]
        rest = rest[got:]
    return values
