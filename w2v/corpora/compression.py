"""Packed files, known by how they begin; whatever ends early or is damaged is an error, never a shorter text."""

import bz2
import lzma
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from enum import StrEnum
from typing import Any

from w2v.corpora.controls import is_text
from w2v.errors import SourceError
from w2v.extras import extra

_MOST_BYTES = 1 << 22  # that a piece unpacks to, where the format can be asked for so much
_INPUT_BYTES = 1 << 16
_MOST_MEMORY = 1 << 30  # that a file of xz may ask for
_ZSTD_INPUT_BYTES = 1 << 12  # which may unpack to 128 MB


class Packing(StrEnum):
    """How a file is packed."""

    GZIP = "gzip"
    XZ = "xz"
    ZSTD = "zstd"
    BZIP2 = "bzip2"


_BEGINNINGS = {
    Packing.GZIP: b"\x1f\x8b\x08",
    Packing.XZ: b"\xfd7zXZ\x00",
    Packing.ZSTD: b"\x28\xb5\x2f\xfd",
    Packing.BZIP2: b"BZh",
}
_NAMES = {".gz": Packing.GZIP, ".xz": Packing.XZ, ".zst": Packing.ZSTD, ".bz2": Packing.BZIP2}
_ZSTD_SKIPPABLE = b"\x2a\x4d\x18"
_BZIP2_BLOCK = b"1AY&SY"
_OTHERS = {
    b"PK\x03\x04": "a zip archive",
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
    b"\x89PNG": "a picture",
    b"%PDF-": "a PDF",
}


def packing(first: bytes, name: str) -> Packing | None:
    """How a file is packed that begins with `first`; its name counts only where it is too short to tell.

    >>> packing(b"\\x1f\\x8b\\x08 and so on", "text.txt")
    <Packing.GZIP: 'gzip'>
    >>> packing(b"plain", "text.gz")

    Raises
    ------
    SourceError
        For a file that is cut off before it can be told, for one that is not what its name says, and for archives of other kinds.
    """
    for kind, beginning in _BEGINNINGS.items():
        if first.startswith(beginning) and (kind is not Packing.BZIP2 or first[4:10] == _BZIP2_BLOCK):
            return kind
    if first[1:4] == _ZSTD_SKIPPABLE and first[0] >> 4 == 5:
        return Packing.ZSTD
    for beginning, other in _OTHERS.items():
        if first.startswith(beginning):
            raise SourceError(f"cannot read {name}: it is {other}; give its text")
    promised = next((kind for end, kind in _NAMES.items() if name.endswith(end)), None)
    if promised and len(first) < 10 and (_BEGINNINGS[promised].startswith(first) or first.startswith(b"BZh")):
        raise _cut_off(name, promised)
    if promised and not is_text(first[:4096]):
        raise SourceError(f"cannot read {name}: it is neither {promised}, as its name says, nor text")
    return None


def unpacked(blocks: Iterator[bytes], kind: Packing, name: str) -> Iterator[bytes]:
    """The text of a packed file, in pieces of bounded size; several packed texts may follow each other in the file.

    Raises
    ------
    SourceError
        For data that are damaged or end early.
    MissingExtraError
        For zstd without the package `zstandard`.
    """
    unpack = _unpacker(kind, name)
    inputs = _cut(blocks, _ZSTD_INPUT_BYTES if kind is Packing.ZSTD else _INPUT_BYTES)
    try:
        rest = next(inputs, b"")
        while rest:
            rest = yield from _one(unpack(), rest, inputs, kind, name)
            if kind in (Packing.GZIP, Packing.XZ):
                rest = _without_padding(rest, inputs)
    except (zlib.error, lzma.LZMAError, ValueError, OSError) as error:
        if isinstance(error, SourceError) or (isinstance(error, OSError) and error.errno is not None):
            raise  # of reading; bz2 raises an OSError without a number for damaged data
        raise SourceError(f"cannot read {name}: its {kind} data are damaged ({error})") from error


def _one(packed: Any, data: bytes, inputs: Iterator[bytes], kind: Packing, name: str) -> Any:
    """Unpack one packed text; returns the bytes behind it that have been read."""
    bounded = kind in (Packing.XZ, Packing.BZIP2)
    while not packed.eof:
        text = packed.decompress(data, _MOST_BYTES) if bounded else packed.decompress(data)
        if text:
            yield text
        if packed.eof:
            break
        data = b"" if bounded and not packed.needs_input else next(inputs, b"")
        if not data and (not bounded or packed.needs_input):
            raise _cut_off(name, kind)
    return packed.unused_data or next(inputs, b"")


def _cut(blocks: Iterator[bytes], size: int) -> Iterator[bytes]:
    for block in blocks:
        for start in range(0, len(block), size):
            yield block[start : start + size]


def _without_padding(data: bytes, inputs: Iterator[bytes]) -> bytes:
    """What follows the zeros that may stand behind a packed text."""
    while data and not (data := data.lstrip(b"\0")):
        data = next(inputs, b"")
    return data


def _unpacker(kind: Packing, name: str) -> Callable[[], Any]:
    if kind is Packing.GZIP:
        return lambda: zlib.decompressobj(16 + zlib.MAX_WBITS)
    if kind is Packing.XZ:
        return lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_MOST_MEMORY)
    if kind is Packing.BZIP2:
        return bz2.BZ2Decompressor
    zstandard = extra("zstandard", "zst", f"reading {name}, which is packed by zstd,")

    class Unpacker:
        def __init__(self) -> None:
            self._packed = zstandard.ZstdDecompressor().decompressobj()

        def decompress(self, data: bytes) -> bytes:
            try:
                return self._packed.decompress(data)
            except zstandard.ZstdError as error:
                raise ValueError(str(error)) from error

        @property
        def eof(self) -> bool:
            return bool(self._packed.eof)

        @property
        def unused_data(self) -> bytes:
            return bytes(self._packed.unused_data)

    return Unpacker


def _cut_off(name: str, kind: Packing) -> SourceError:
    return SourceError(f"cannot read {name}: its {kind} data end early; the file is cut off")


def ahead(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """The same pieces, each made in a thread of its own while the one before is used.

    >>> list(ahead(iter([b"a", b"b"])))
    [b'a', b'b']
    """
    with ThreadPoolExecutor(1) as pool:
        coming = pool.submit(next, pieces, None)
        while (piece := coming.result()) is not None:
            coming = pool.submit(next, pieces, None)
            yield piece
