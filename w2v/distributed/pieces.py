"""A corpus in pieces that workers read by themselves: whole files, and byte ranges of large ones that are not packed.

A range ends behind the end of a line, or where a line is longer than `LONGEST_LINE`, behind white space. Where that is follows
from the file alone, so that neighbors agree on it without a word.
"""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import BinaryIO

from w2v.corpora.compression import packing
from w2v.corpora.encodings import as_utf8
from w2v.corpora.files import PIECE_BYTES as BLOCK_BYTES
from w2v.corpora.files import STANDARD_INPUT, between_words, opened, paths_of, shown
from w2v.corpora.numbering import Numbering
from w2v.corpora.options import TextOptions
from w2v.corpora.parquet import is_parquet
from w2v.corpora.remote import is_remote, remote_state
from w2v.corpora.sources import add_file
from w2v.corpora.words import Tokenizer, word_pieces
from w2v.errors import ConfigError, SourceError
from w2v.files import Path

PIECES_OF_WORKER = 8  # at least, so that all get about as much
MOST_BYTES = 1 << 26
LEAST_BYTES = 1 << 14
LONGEST_LINE = 1 << 14
_STEP = 1 << 13
_FIRST_BYTES = 1 << 12
_WHITE_SPACE = b" \t\n\r\v\f"


@dataclass(frozen=True, slots=True)
class Piece:
    """A file, of which `state` tells whether it has changed, or of its bytes those about `start` to `stop`."""

    path: str
    state: tuple[int, str]
    start: int = 0
    stop: int | None = None


def pieces(source: Path | Iterable[Path], options: TextOptions, workers: int) -> list[Piece]:
    """Cut files into pieces, enough of them for so many workers; for one worker, every file is a piece.

    Raises
    ------
    SourceError
        When a file is not there, or a pattern finds none.
    ConfigError
        For standard input, which only one process can read.
    """
    paths = paths_of(source)
    if STANDARD_INPUT in paths:
        raise ConfigError("standard input, '-', cannot be read by several workers; give files")
    states = [file_state(path) for path in paths]
    size = sum(state[0] for state in states) // (workers * PIECES_OF_WORKER)
    size = min(max(size, LEAST_BYTES), MOST_BYTES)
    found = []
    for path, state in zip(paths, states, strict=True):
        if workers == 1 or state[0] <= 2 * size or not _is_plain(path, options):
            found.append(Piece(path, state))
            continue
        bounds = [*range(0, state[0] - size + 1, size), state[0]]
        found += [Piece(path, state, start, stop) for start, stop in pairwise(bounds)]
    return found


def file_state(path: str) -> tuple[int, str]:
    """The size of a file, and what tells whether it has changed."""
    if is_remote(path):
        return remote_state(path)
    try:
        status = os.stat(path)
    except OSError as error:
        raise SourceError(f"cannot read {path}: {error.strerror or error}") from error
    return status.st_size, str(status.st_mtime_ns)


def _is_plain(path: str, options: TextOptions) -> bool:
    """Whether a file can be cut at newlines: text that is not packed, in an encoding that leaves white space as it is."""
    if options.encoding is not None or options.column is not None or is_parquet(path):
        return False
    with opened(path) as stream:
        return packing(stream.read(_FIRST_BYTES), path) is None


def add_piece(piece: Piece, options: TextOptions, numbering: Numbering) -> None:
    """Number the words of a piece, as `read_corpus` numbers those of a file.

    Raises
    ------
    SourceError
        When the file cannot be read, or is not what it was when it was cut.
    """
    if file_state(piece.path) != piece.state:
        raise SourceError(f"cannot read {piece.path}: it has changed since the corpus was dealt to the workers")
    if piece.stop is None:
        add_file(piece.path, options, numbering)
        return
    name = shown(piece.path)
    with opened(piece.path) as stream:
        blocks = _range(stream, piece)
        if piece.start == 0:
            blocks = as_utf8(blocks, None, name)
        for text in word_pieces(between_words(blocks, name), Tokenizer(options.tokenizer), options.lowercase, name):
            numbering.add_text(text)
    numbering.end_sentence()


def _range(stream: BinaryIO, piece: Piece) -> Iterator[bytes]:
    assert piece.stop is not None
    start, stop = (cut(stream, position, piece.state[0]) for position in (piece.start, piece.stop))
    stream.seek(start)
    while start < stop:
        block = stream.read(min(BLOCK_BYTES, stop - start))
        if not block:
            raise SourceError(f"cannot read {piece.path}: it ends early, at byte {start:,}")
        yield block
        start += len(block)


def cut(stream: BinaryIO, position: int, size: int) -> int:
    """Where to cut near a position: behind the next newline, or if a long line goes on behind it, the next white space.

    >>> import io
    >>> [cut(io.BytesIO(b"the cat\\nthe dog"), position, 15) for position in (0, 1, 8, 9)]
    [0, 8, 8, 15]
    """
    if position == 0:
        return 0
    start = position - 1  # a newline just before the position ends a line there
    newline = _behind(stream, start, min(start + LONGEST_LINE, size), b"\n")
    if newline is not None:
        return newline
    return _behind(stream, min(start + LONGEST_LINE, size), size, _WHITE_SPACE) or size


def _behind(stream: BinaryIO, start: int, stop: int, letters: bytes) -> int | None:
    """The position behind the first of some letters in a range."""
    stream.seek(start)
    while start < stop:
        text = stream.read(min(_STEP, stop - start))
        if not text:
            return None
        found = [place for place in map(text.find, (bytes([letter]) for letter in letters)) if place >= 0]
        if found:
            return start + min(found) + 1
        start += len(text)
    return None
