"""Files of text: which ones are meant, and their text in pieces that end between words."""

import os
import stat
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from glob import glob, has_magic
from itertools import chain
from typing import BinaryIO

from w2v.corpora.compression import ahead, packing, unpacked
from w2v.corpora.encodings import as_utf8
from w2v.corpora.remote import is_remote, opened_remote, remote_paths
from w2v.errors import CorpusError, SourceError
from w2v.files import Path, reading

PIECE_BYTES = 1 << 22
LONGEST_WORD = 1 << 24  # bytes
STANDARD_INPUT = "-"
_WHITE_SPACE = b" \t\n\r\v\f"


def paths_of(source: Path | Iterable[Path]) -> list[str]:
    """The files that paths and patterns such as "text/*.gz" name, each pattern's in the order of their names.

    A file whose name is the pattern itself comes before what the pattern finds; "**" reaches through folders.

    Raises
    ------
    SourceError
        For a pattern that no file matches.
    CorpusError
        For what is no path.
    """
    given = [source] if isinstance(source, (str, os.PathLike)) else list(source)
    for entry in given:
        if not isinstance(entry, (str, os.PathLike)):
            raise CorpusError(f"{entry!r} is no path of a file; write a string or a pathlib.Path")
    return [path for entry in given for path in _matching(os.fspath(entry))]


def _matching(path: str) -> list[str]:
    if is_remote(path):
        return remote_paths(path)
    if not has_magic(path) or os.path.lexists(path):
        return [path]
    found = sorted(entry for entry in glob(path, recursive=True) if not os.path.isdir(entry))
    if not found:
        raise SourceError(f"cannot read {path}: no file matches")
    return found


def shown(path: str) -> str:
    """A path as messages name it."""
    return "standard input" if path == STANDARD_INPUT else path


@contextmanager
def opened(path: str) -> Iterator[BinaryIO]:
    """A file, or standard input for "-", to read.

    Raises
    ------
    SourceError
        When it cannot be read, and when it has changed by the time that the block ends.
    """
    if path == STANDARD_INPUT:
        yield sys.stdin.buffer
        return
    if is_remote(path):
        with opened_remote(path) as stream:
            yield stream
        return
    if os.path.isdir(path):
        raise SourceError(f"cannot read {path}: Is a directory; write {os.path.join(path, '*')} for the files in it")
    with reading(path) as stream:
        before = os.fstat(stream.fileno())
        yield stream
        after = os.fstat(stream.fileno())
        if stat.S_ISREG(before.st_mode) and _state(before) != _state(after):
            raise SourceError(
                f"cannot read {path}: it changed while it was read, from {before.st_size:,} to {after.st_size:,} bytes; "
                "read it again when it is complete"
            )


def _state(status: os.stat_result) -> tuple[int, int]:
    return status.st_size, status.st_mtime_ns


def text_pieces(path: str, encoding: str | None = None) -> Iterator[bytes]:
    """The text of a file, unpacked and in UTF-8, in pieces of about `PIECE_BYTES` that end between words.

    Raises
    ------
    SourceError
        When the file cannot be read, is damaged, is not in the encoding, or changes while it is read.
    CorpusError
        For a word of more than `LONGEST_WORD` bytes.
    """
    name = shown(path)
    with opened(path) as stream:
        first = stream.read(PIECE_BYTES)
        blocks: Iterator[bytes] = chain([first], iter(lambda: stream.read(PIECE_BYTES), b""))
        kind = packing(first, name)
        if kind is not None:
            blocks = unpacked(blocks, kind, name)
            if stream.seekable():  # whoever waits for a pipe is to be stopped by Ctrl-C at once
                blocks = ahead(blocks)
        yield from between_words(as_utf8(blocks, encoding, name), name)


def between_words(blocks: Iterable[bytes], name: str) -> Iterator[bytes]:
    """Cut a text at white space anew.

    >>> list(between_words([b"the ca", b"t", b" sat"], "text"))
    [b'the ', b'cat ', b'sat']
    """
    rest: list[bytes] = []
    length = 0
    for block in blocks:
        cut = 1 + max(block.rfind(space) for space in _WHITE_SPACE)
        if cut:
            yield b"".join((*rest, block[:cut]))
            rest, length = [], 0
        rest.append(block[cut:])
        length += len(block) - cut
        if length > LONGEST_WORD:
            raise CorpusError(
                f"{name} has a word of more than {LONGEST_WORD:,} bytes, which begins with "
                f"{b''.join(rest)[:20].decode('utf-8', 'replace')!r}; is this text, with white space between its words?"
            )
    if length:
        yield b"".join(rest)
