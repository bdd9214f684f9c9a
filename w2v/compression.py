"""Compressed files: gzip, xz and Zstandard, told by their first bytes when read and by their names when written."""

import gzip
import io
import lzma
import os
import stat
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, cast

from w2v.errors import SourceError
from w2v.extras import extra
from w2v.files import Path, reading

_GZIP, _XZ, _ZSTANDARD = b"\x1f\x8b", b"\xfd7zXZ\x00", b"\x28\xb5\x2f\xfd"
_PIECE = 1 << 10  # bytes unpacked at once: a block of Zstandard's, 128 KiB, takes four bytes or more
SUFFIXES = (".gz", ".xz", ".zst")


@contextmanager
def reading_unpacked(path: Path) -> Iterator[BinaryIO]:
    """Open a file to read, compressed or not: what is read is what was compressed, with bounded memory.

    Raises
    ------
    SourceError
        When the file cannot be read, and when what is compressed is damaged or ends too early.
    MissingExtraError
        When it is of Zstandard and the package zstandard is not there.

    Examples
    --------
    >>> import gzip, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with gzip.open(folder + "/some.gz", "wb") as packed:
    ...         _ = packed.write(b"text")
    ...     with reading_unpacked(folder + "/some.gz") as stream:
    ...         print(stream.read())
    b'text'
    """
    with reading(path) as stream:
        first = stream.peek(len(_XZ)) if isinstance(stream, io.BufferedReader) else b""
        try:
            if first.startswith(_GZIP):
                with gzip.GzipFile(fileobj=stream) as unpacked:
                    yield cast(BinaryIO, unpacked)
            elif first.startswith(_XZ):
                with lzma.LZMAFile(stream) as unpacked:
                    yield cast(BinaryIO, unpacked)
            elif first.startswith(_ZSTANDARD):
                with _zstandard_reader(stream, path) as unpacked:
                    yield cast(BinaryIO, unpacked)
            else:
                yield stream
        except (EOFError, zlib.error, lzma.LZMAError, gzip.BadGzipFile) as error:
            raise SourceError(f"cannot read {os.fspath(path)}: what is compressed in it is damaged: {error}") from None


@contextmanager
def packing(stream: BinaryIO, path: Path) -> Iterator[BinaryIO]:
    """Compress what is written to a stream by the suffix of `path`; the same bytes for the same content."""
    name = os.fspath(path)
    packed: Any
    if name.endswith(".gz"):
        packed = gzip.GzipFile(filename="", mode="wb", fileobj=stream, mtime=0)
    elif name.endswith(".xz"):
        packed = lzma.LZMAFile(stream, "wb")  # noqa: SIM115 - closed at the end of the block
    elif name.endswith(".zst"):
        packed = _zstandard(path).ZstdCompressor(write_checksum=True).stream_writer(stream, closefd=False)
    else:
        yield stream
        return
    with packed:
        yield packed


def plain_length(stream: BinaryIO) -> int | None:
    """The bytes in all of an open file; None for what is compressed, and what is no file, which do not tell."""
    if not isinstance(stream, io.BufferedReader) or not isinstance(stream.raw, io.FileIO):
        return None
    state = os.fstat(stream.fileno())
    return state.st_size if stat.S_ISREG(state.st_mode) else None


def unpacked_name(path: Path) -> str:
    """The name of a file without what says how it is compressed.

    >>> unpacked_name("vectors.bin.gz")
    'vectors.bin'
    """
    name = os.fspath(path)
    return name[: name.rindex(".")] if name.endswith(SUFFIXES) else name


def _zstandard(path: Path) -> Any:
    return extra("zstandard", "zst", os.fspath(path))


def _zstandard_reader(stream: BinaryIO, path: Path) -> io.BufferedReader:
    zstandard = _zstandard(path)
    return io.BufferedReader(
        _Unpacked(stream, zstandard.ZstdDecompressor().decompressobj, zstandard.ZstdError), 1 << 17
    )


class _Unpacked(io.RawIOBase):
    """What is in the frames of a Zstandard stream; zstandard's own reader takes a stream that is cut off for its end."""

    def __init__(self, stream: BinaryIO, new_frame: Callable[[], Any], broken: type[Exception]) -> None:
        self._stream, self._new_frame, self._broken = stream, new_frame, broken
        self._frame: Any = None
        self._packed = b""
        self._ready = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._ready:
            self._packed = self._packed or self._stream.read(_PIECE)
            if not self._packed:
                if self._frame is not None:
                    raise EOFError("it ends within a frame")
                return 0
            self._unpack()
        count = min(len(buffer), len(self._ready))
        buffer[:count] = self._ready[:count]
        self._ready = self._ready[count:]
        return count

    def _unpack(self) -> None:
        self._frame = self._frame or self._new_frame()
        try:
            self._ready = memoryview(self._frame.decompress(self._packed))
        except self._broken as error:
            raise EOFError(error) from None
        self._packed = b""
        if self._frame.eof:
            self._packed = self._frame.unused_data
            self._frame = None
