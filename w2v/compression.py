"""Compressed files as streams: told by their first bytes when they are read, and by their names when they are written."""

import bz2
import gzip
import io
import lzma
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

from w2v.corpora.compression import packing as packing_of
from w2v.corpora.compression import unpacked
from w2v.extras import extra
from w2v.files import Path, reading

SUFFIXES = (".gz", ".xz", ".zst", ".bz2")
_BEGINNING = 16
_ZIP = b"PK"  # an archive of arrays, which is read as it is
_PIECE = 1 << 13  # of which gzip unpacks a thousandfold at most
_BUFFER = 1 << 17


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
        first = stream.peek(_BEGINNING)[:_BEGINNING] if isinstance(stream, io.BufferedReader) else b""
        kind = None if first.startswith(_ZIP) else packing_of(first, os.fspath(path))
        if kind is None:
            yield stream
            return
        pieces = unpacked(iter(lambda: stream.read(_PIECE), b""), kind, os.fspath(path))
        with io.BufferedReader(_Pieces(pieces), _BUFFER) as text:
            yield text


@contextmanager
def packing(stream: BinaryIO, path: Path) -> Iterator[BinaryIO]:
    """Compress what is written to a stream by the suffix of `path`; the same bytes for the same content."""
    name = os.fspath(path)
    packed: Any
    if name.endswith(".gz"):
        packed = gzip.GzipFile(filename="", mode="wb", fileobj=stream, mtime=0)
    elif name.endswith(".xz"):
        packed = lzma.LZMAFile(stream, "wb")  # noqa: SIM115 - closed at the end of the block
    elif name.endswith(".bz2"):
        packed = bz2.BZ2File(stream, "wb")
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


class _Pieces(io.RawIOBase):
    """A file of pieces that come one after the other."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._piece = pieces, memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._piece:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._piece = memoryview(piece)
        count = min(len(buffer), len(self._piece))
        buffer[:count] = self._piece[:count]
        self._piece = self._piece[count:]
        return count
