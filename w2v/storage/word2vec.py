"""word2vec's formats, text and binary, and GloVe's text, which is word2vec's without the first line.

word2vec's files start with a line of the number of words and the size of a vector. In binary a word, a space, the vector as
little-endian float32 and, from word2vec.c though not from gensim, a newline follow for each word; in text a word and its
numbers in decimal, a word a line.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from w2v.embeddings import Embeddings
from w2v.errors import VectorFileError
from w2v.storage.decimals import decimal_rows
from w2v.storage.letters import word_bytes

FLOAT = np.dtype("<f4")
LONGEST_WORD = 1 << 20
_HEADER_BYTES = 64
_NUMBER_BYTES = 64  # of a number in decimal with the blanks before it, at most
_LARGEST_SIZE = 100_000
_PIECE = 1 << 20
_ROWS_AT_ONCE = 1024
_BLANK = re.compile(rb"[ \t\n\r\v\f]")
_NEWLINES = re.compile(rb"\n*")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_TEXT = re.compile(rb"[\x20-\x7e\t\r\n]*")

Row = tuple[bytes, NDArray[np.float32]]


@dataclass(frozen=True, slots=True, eq=False)
class RowStream:
    """The words of a file one after the other, each with its vector: float32 [size], which is overwritten by the next.

    `count` is how many the file says that it has; None where it does not say.
    """

    count: int | None
    size: int
    rows: Iterator[Row]


def write_word2vec(embeddings: Embeddings, stream: BinaryIO, *, binary: bool) -> None:
    """Write the same bytes as word2vec.c in binary, and as gensim in text.

    Raises
    ------
    VectorFileError
        When a word is empty, has white space in it, or is longer than 1,048,576 bytes, which these formats cannot hold, or has
        half of a surrogate pair; before anything is written.
    """
    words = word_bytes(embeddings.vocabulary.words)
    check_words(words)
    stream.write(b"%d %d\n" % embeddings.vectors.shape)
    for start in range(0, len(words), _ROWS_AT_ONCE):
        some = words[start : start + _ROWS_AT_ONCE]
        vectors = embeddings.vectors[start : start + _ROWS_AT_ONCE]
        if binary:
            packed = (vector.tobytes() for vector in vectors.astype(FLOAT, copy=False))
            stream.write(b"".join(b"%b %b\n" % row for row in zip(some, packed, strict=True)))
        else:
            lines = (line.encode() for line in decimal_rows(vectors))
            stream.write(b"".join(b"%b %b\n" % row for row in zip(some, lines, strict=True)))


def check_words(words: Sequence[bytes]) -> None:
    """Raise a VectorFileError for a word that cannot stand in a line, or in word2vec's formats."""
    for word in words:
        if not word or _BLANK.search(word):
            name = word.decode(errors="replace")
            raise VectorFileError(
                f"the word {name!r} cannot be written: it is empty or has white space in it; .npz and .safetensors hold any word"
            )
        if len(word) > LONGEST_WORD:
            raise VectorFileError(
                f"a word of {len(word)} bytes cannot be written: longer ones than {LONGEST_WORD} are not read back; "
                ".npz and .safetensors hold any word"
            )


def word2vec_rows(stream: BinaryIO, name: str, *, prefer_binary: bool) -> RowStream:
    """What is in a file of word2vec's or GloVe's.

    It is text when the first word has its numbers in decimal behind it, binary when something stands there that text has not;
    `prefer_binary` decides where the first word is damaged, and where its vector is so
    short that it could be either.

    Raises
    ------
    VectorFileError
        When it is neither; and while rows are taken when the file is damaged, with the place.
    """
    line = stream.readline(_HEADER_BYTES).removeprefix(_BYTE_ORDER_MARK)
    fields = line.split()
    if not (line.endswith(b"\n") and len(fields) == 2 and all(field.isdigit() for field in fields)):
        return _without_header(stream, line, name)
    count, size = map(int, fields)
    if not count or not 0 < size <= _LARGEST_SIZE:
        raise VectorFileError(
            f"{name} says that it has {count} words of {size} dimensions; there must be one or more of each, and at most "
            f"{_LARGEST_SIZE} dimensions"
        )
    first = stream.readline(LONGEST_WORD + _NUMBER_BYTES * size)
    _, numbers = _split(first, size)
    is_text = numbers is not None and (size > 2 or not prefer_binary)
    if not is_text:
        behind = first.partition(b" ")[2][: 4 * size]
        is_text = not prefer_binary and _TEXT.fullmatch(behind) is not None
    read = _text_rows if is_text else _binary_rows
    return RowStream(count, size, read(stream, first, count, size, name))


def _without_header(stream: BinaryIO, start: bytes, name: str) -> RowStream:
    """GloVe's text: the first line tells the size."""
    line = start if start.endswith(b"\n") else start + stream.readline(_PIECE)
    size = len(line.split()) - 1 if line.endswith(b"\n") else 0
    no_glove = not 0 < size <= _LARGEST_SIZE or (
        size == 1 and _is_number(line.split()[0])
    )  # rather a damaged line of two numbers
    if no_glove or _split(line, size)[1] is None:
        raise VectorFileError(
            f"{name} is not a file of vectors: its first line must be two numbers, of words and of dimensions, as in "
            "word2vec's formats, or a word and its numbers, as in GloVe's"
        )
    return RowStream(None, size, _text_rows(stream, line, None, size, name))


def _split(line: bytes, size: int) -> tuple[bytes, NDArray[np.float32] | None]:
    """The word of a line, which may have blanks in it, and its numbers; None when they are not `size` numbers."""
    word, _, rest = line.partition(b" ")
    try:
        numbers = np.fromstring(rest, FLOAT, sep=" ")
    except (
        DeprecationWarning,
        ValueError,
    ):  # what NumPy does about other text than numbers, by its version and filters
        numbers = None
    if numbers is not None and len(numbers) == size and rest and not _BLANK.search(word):
        return word, numbers
    return _split_with_care(line, size)


def _split_with_care(line: bytes, size: int) -> tuple[bytes, NDArray[np.float32] | None]:
    head, *fields = line.rsplit(None, size) or [b""]
    parts = head.split()
    if len(fields) != size or (len(parts) > 1 and _is_number(parts[-1])):
        return head, None
    try:
        with np.errstate(over="ignore"):  # what float32 cannot hold becomes infinite, and is refused later
            return head.strip(), np.array([_number(field) for field in fields], FLOAT)
    except ValueError:
        return head, None


def _number(field: bytes) -> float:
    if b"_" in field:  # which Python allows within numbers
        raise ValueError(f"could not convert string to float: {field!r}")
    return float(field)


def _is_number(field: bytes) -> bool:
    try:
        return _number(field) is not None
    except ValueError:
        return False


def _text_rows(stream: BinaryIO, line: bytes, count: int | None, size: int, name: str) -> Iterator[Row]:
    longest = LONGEST_WORD + _NUMBER_BYTES * size
    number = 0
    while number != count and (line.strip() or count is not None):
        number += 1
        word, numbers = _split(line, size)
        if numbers is None or not line.endswith(b"\n"):
            place = f"word {number}" + (f" of {count}" if count is not None else "")
            raise VectorFileError(_what_is_wrong(line, size, longest, name, place))
        yield word, numbers
        line = stream.readline(longest)
    _check_end(stream, line, count, name)


def _what_is_wrong(line: bytes, size: int, longest: int, name: str, place: str) -> str:
    if len(line) >= longest:
        return f"{name}, {place}: its line is longer than {longest} bytes"
    if not line.endswith(b"\n"):
        return f"{name} is truncated: it ends within {place}"
    fields = line.split()
    for field in fields[1:][-size:]:
        try:
            _number(field)
        except ValueError as error:
            return f"{name}, {place}: {error}"
    return f"{name} has {max(len(fields) - 1, 0)} numbers in place of {size} for {place}"


def _binary_rows(stream: BinaryIO, buffer: bytes, count: int, size: int, name: str) -> Iterator[Row]:
    position = 0
    for number in range(1, count + 1):
        while True:
            position = _NEWLINES.match(buffer, position).end()  # type: ignore[union-attr]
            start = buffer.find(b" ", position) + 1
            if start and start + FLOAT.itemsize * size <= len(buffer):
                break
            if not start and len(buffer) - position > LONGEST_WORD:
                raise VectorFileError(f"{name}: word {number} of {count} is longer than {LONGEST_WORD} bytes")
            piece = stream.read(_PIECE)
            if not piece:
                raise VectorFileError(f"{name} is truncated: it ends within word {number} of {count}")
            buffer = buffer[position:] + piece
            position = 0
        yield buffer[position : start - 1], np.frombuffer(buffer, FLOAT, size, start)
        position = start + FLOAT.itemsize * size
    _check_end(stream, buffer[position:], count, name)


def _check_end(stream: BinaryIO, piece: bytes, count: int | None, name: str) -> None:
    while piece:
        if piece.strip():
            where = "an empty line" if count is None else f"the last of its {count} words"
            raise VectorFileError(f"{name} goes on behind {where}")
        piece = stream.read(_PIECE)
