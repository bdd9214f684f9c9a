"""word2vec's files: text where every number can be read back exactly, and binary; and archives, which hold n-grams too.

word2vec's start with a line of the number of words and the size of a vector. In binary a word, a space, the vector as
little-endian float32 and a newline follow for each word; in text a word and its numbers in decimal, a word a line.
"""

import os
import re
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from w2v.archives import read_archive, word_bytes, write_archive
from w2v.embeddings import Embeddings
from w2v.errors import VectorFileError
from w2v.files import Path, reading, replacing
from w2v.vocabulary import Vocabulary

_FLOAT = np.dtype("<f4")
_HEADER_BYTES = 64
_BLANK = re.compile(rb"[ \t\n\r\v\f]")


def write_vectors(embeddings: Embeddings, path: Path) -> None:
    """Write word2vec's binary format to a file named `.bin`, an archive to one named `.npz`, word2vec's text format to any other.

    The file appears when it is complete. Words keep their bytes, also such as are not UTF-8. Counts and the vectors of n-grams
    are in archives alone.

    Raises
    ------
    VectorFileError
        When a word is empty or has white space in it, which word2vec's formats cannot hold, or half of a surrogate pair.
    SourceError
        When the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> embeddings = Embeddings(Vocabulary(("one", "two"), [2, 1]), [[1, 2.5], [0.1, -3]])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_vectors(embeddings, folder + "/vectors.txt")
    ...     print(open(folder + "/vectors.txt").read(), end="")
    ...     print(read_vectors(folder + "/vectors.txt")["two"])
    2 2
    one 1 2.5
    two 0.100000001 -3
    [ 0.1 -3. ]
    """
    if _is_archive(path):
        write_archive(embeddings, path)
        return
    words = word_bytes(embeddings.vocabulary.words)
    for word in words:
        if not word or _BLANK.search(word):
            name = word.decode(errors="replace")
            raise VectorFileError(f"the word {name!r} cannot be written: it is empty or has white space in it")
    with replacing(path) as stream:
        stream.write(b"%d %d\n" % embeddings.vectors.shape)
        if _is_binary(path):
            for word, vector in zip(words, embeddings.vectors.astype(_FLOAT, copy=False), strict=True):
                stream.write(b"%b %b\n" % (word, vector.tobytes()))
        else:
            line = b"%b" + b" %.9g" * embeddings.vector_size + b"\n"
            for word, vector in zip(words, embeddings.vectors, strict=True):
                stream.write(line % (word, *vector.tolist()))


def read_vectors(path: Path) -> Embeddings:
    """Read word2vec's binary format from a file named `.bin`, an archive from `.npz`, word2vec's text format from any other.

    word2vec's formats hold no counts: the vocabulary's are 0.

    Raises
    ------
    SourceError
        When the file cannot be read.
    VectorFileError
        When it is truncated, corrupt, has a word twice or a number that is not finite; with the place.
    """
    if _is_archive(path):
        return read_archive(path)
    with reading(path) as stream:
        name = os.fspath(path)
        count, size = _read_header(stream, name)
        read = _read_binary if _is_binary(path) else _read_text
        words, vectors = read(stream, count, size, name)
    names = tuple(word.decode("utf-8", "surrogateescape") for word in words)
    if len(set(names)) < count:
        seen: set[str] = set()
        twice = next(word for word in names if word in seen or seen.add(word))  # type: ignore[func-returns-value]
        raise VectorFileError(f"{name} has the word {twice!r} twice")
    try:
        return Embeddings(Vocabulary(names, np.zeros(count, np.int64)), vectors)
    except ValueError as error:
        raise VectorFileError(f"{name}: {error}") from None


def _is_archive(path: Path) -> bool:
    return os.fspath(path).endswith(".npz")


def _is_binary(path: Path) -> bool:
    return os.fspath(path).endswith(".bin")


def _read_header(stream: BinaryIO, name: str) -> tuple[int, int]:
    line = stream.readline(_HEADER_BYTES)
    fields = line.split()
    if not (line.endswith(b"\n") and len(fields) == 2 and all(field.isdigit() for field in fields)):
        raise VectorFileError(
            f"{name} is not a word2vec file: its first line must be two numbers, of words and of dimensions"
        )
    count, size = map(int, fields)
    # Each number and each word takes at least two bytes in text, and four and one in binary.
    if not count or not size or count * (size + 1) > os.fstat(stream.fileno()).st_size:
        raise VectorFileError(
            f"{name} says that it has {count} words of {size} dimensions, which its length cannot hold"
        )
    return count, size


def _read_binary(stream: BinaryIO, count: int, size: int, name: str) -> tuple[list[bytes], NDArray[np.float32]]:
    content = stream.read()
    vectors = np.empty((count, size), np.float32)
    words = []
    position = 0
    for i in range(count):
        while content[position : position + 1] == b"\n":
            position += 1
        space = content.find(b" ", position)
        if space < 0 or space + 1 + size * _FLOAT.itemsize > len(content):
            raise VectorFileError(f"{name} is truncated: it ends within word {i + 1} of {count}")
        words.append(content[position:space])
        vectors[i] = np.frombuffer(content, _FLOAT, size, space + 1)
        position = space + 1 + size * _FLOAT.itemsize
    if content[position:].strip():
        raise VectorFileError(f"{name} goes on behind the last of its {count} words")
    return words, vectors


def _read_text(stream: BinaryIO, count: int, size: int, name: str) -> tuple[list[bytes], NDArray[np.float32]]:
    vectors = np.empty((count, size), np.float32)
    words = []
    for i in range(count):
        line = stream.readline()
        if not line.endswith(b"\n"):
            raise VectorFileError(f"{name} is truncated: it ends within word {i + 1} of {count}")
        word, *numbers = line.split()[: size + 2] or [b""]
        if len(numbers) != size:
            raise VectorFileError(f"{name} has {len(numbers)} numbers in place of {size} for word {i + 1} of {count}")
        try:
            with np.errstate(over="ignore"):  # what float32 cannot hold becomes infinite, and is refused later
                vectors[i] = [float(number) for number in numbers]
        except ValueError as error:
            raise VectorFileError(f"{name}, word {i + 1} of {count}: {error}") from None
        words.append(word)
    if stream.read().strip():
        raise VectorFileError(f"{name} goes on behind the last of its {count} words")
    return words, vectors
