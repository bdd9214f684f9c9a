"""Files of vectors, in and out: each format has a module in `w2v.storage`."""

import os
from collections.abc import Iterable

import numpy as np

from w2v.archives import read_archive, write_archive
from w2v.compression import packing, plain_length, reading_unpacked, unpacked_name
from w2v.embeddings import Embeddings
from w2v.errors import VectorFileError
from w2v.files import Path, replacing
from w2v.storage.choice import choose, take
from w2v.storage.counts import counts_of
from w2v.storage.word2vec import RowStream, word2vec_rows, write_word2vec
from w2v.vocabulary import Vocabulary


def write_vectors(embeddings: Embeddings, path: Path) -> None:
    """Write word2vec's binary format to a file named `.bin`, an archive to one named `.npz`, word2vec's text format to any other.

    The file appears when it is complete. Words keep their bytes, also such as are not UTF-8. Counts and the vectors of n-grams
    are in archives alone. word2vec's formats are compressed when the name goes on with `.gz`, `.xz` or `.zst`. The binary format
    is word2vec.c's byte for byte, with a newline behind each vector that gensim does not write; the text format is gensim's,
    with the fewest digits from which each number can be read back exactly, where word2vec.c writes six decimals.

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
    one 1.0 2.5
    two 0.1 -3.0
    [ 0.1 -3. ]
    """
    if _is_archive(path):
        write_archive(embeddings, path)
        return
    with replacing(path) as file, packing(file, path) as stream:
        write_word2vec(embeddings, stream, binary=_is_binary(path))


def read_vectors(
    path: Path,
    *,
    limit: int | None = None,
    words: Iterable[str] | None = None,
    counts: Path | None = None,
    duplicates: str = "error",
) -> Embeddings:
    """Read word2vec's formats, text and binary, GloVe's text, and archives.

    What a file is, is told by what is in it, and only where that leaves a doubt by its name. Files compressed with gzip, xz or
    Zstandard are unpacked while they are read.

    Parameters
    ----------
    path : str or path
    limit : int, optional
        Read the first so many words alone, and not what comes behind them.
    words : iterable of str, optional
        Keep these words alone, in the order of the file.
    counts : str or path, optional
        A file of words and their counts, as word2vec.c's -save-vocab and gensim's fvocab write it. Without it the counts of
        a file that holds none are 0.
    duplicates : "error" or "first"
        What to do about a word that comes twice; gensim takes the first.

    Raises
    ------
    SourceError
        When the file cannot be read.
    VectorFileError
        When it is truncated, corrupt, has a word twice or a number that is not finite; with the place.
    """
    choice = choose(words, limit, duplicates)
    name = os.fspath(path)
    if _is_archive(path):
        return read_archive(path)
    with reading_unpacked(path) as stream:
        rows = word2vec_rows(stream, name, prefer_binary=_is_binary(path))
        if limit is None:
            _check_length(rows, plain_length(stream), name)
        chosen, vectors = take(rows, choice, name)
    known = np.zeros(len(chosen), np.int64) if counts is None else counts_of(chosen, counts)
    try:
        return Embeddings(Vocabulary(tuple(chosen), known), vectors)
    except ValueError as error:
        raise VectorFileError(f"{name}: {error}") from None


def _check_length(rows: RowStream, length: int | None, name: str) -> None:
    """Each number and each word takes at least two bytes in text, and four and one in binary."""
    if rows.count is not None and length is not None and rows.count * (rows.size + 1) > length:
        raise VectorFileError(
            f"{name} says that it has {rows.count} words of {rows.size} dimensions, which its length cannot hold"
        )


def _is_archive(path: Path) -> bool:
    return os.fspath(path).endswith(".npz")


def _is_binary(path: Path) -> bool:
    return unpacked_name(path).endswith(".bin")
