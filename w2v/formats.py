"""Files of vectors, in and out: each format has a module in `w2v.storage`."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from enum import Enum
from functools import partial
from typing import BinaryIO

import numpy as np

from w2v.compression import SUFFIXES, packing, plain_length, reading_unpacked, unpacked_name
from w2v.config import TrainingConfig
from w2v.embeddings import Embeddings
from w2v.errors import VectorFileError
from w2v.files import Path, replacing
from w2v.storage import archive, fasttext, records, safetensors
from w2v.storage.choice import Choice, choose, take
from w2v.storage.container import Container, map_array, read_array, read_rows
from w2v.storage.counts import counts_of
from w2v.storage.word2vec import RowStream, word2vec_rows, write_word2vec
from w2v.vocabulary import Vocabulary


class _Format(Enum):
    WORD2VEC = "a file of vectors"
    ARCHIVE = "an archive of vectors"
    FASTTEXT = "a model of fastText's"
    SAFETENSORS = "a safetensors file of vectors"
    PICKLE = "a pickle, as gensim's save writes them"
    ARRAY = "a single array of NumPy's, as gensim writes them beside its pickles"


_FOREIGN = {
    _Format.PICKLE: "it runs code, and is not read here: load it with gensim if you trust it, and take w2v.from_gensim(model)",
    _Format.ARRAY: "it has no words: read the file it belongs to",
}
_CONTAINERS = {_Format.ARCHIVE: archive.locate_archive, _Format.SAFETENSORS: safetensors.locate_safetensors}


def write_vectors(embeddings: Embeddings, path: Path, config: TrainingConfig | None = None) -> None:
    """Write the format that the name ends in: `.npz`, `.safetensors`, word2vec's binary for `.bin`, its text for any other.

    The file appears when it is complete. Words keep their bytes, also such as are not UTF-8. Archives and safetensors hold all
    there is: counts, output rows, n-grams, and the options of the training run where they are given. word2vec's formats hold
    words and vectors, and are compressed when the name goes on with `.gz`, `.xz`, `.zst` or `.bz2`. The binary format is
    word2vec.c's byte for byte, with a newline behind each vector that gensim does not write; the text format is gensim's, with
    the fewest digits from which each number can be read back exactly, where word2vec.c writes six decimals.

    Parameters
    ----------
    embeddings : Embeddings
    path : str or path
        Replaced where there is such a file.
    config : TrainingConfig, optional
        The options of the training run, for archives and safetensors; `read_config` reads them again.

    Raises
    ------
    VectorFileError
        When a word is empty or has white space in it, which word2vec's formats cannot hold, or half of a surrogate pair; and for
        a compressed archive.
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
    if not isinstance(embeddings, Embeddings):
        remedy = (
            "write model.wv"
            if isinstance(getattr(embeddings, "wv", None), Embeddings)
            else "w2v.from_gensim makes some"
        )
        raise VectorFileError(f"{type(embeddings).__name__} is no Embeddings of this package; {remedy}")
    _check_path(path)
    if not embeddings.vectors.size:
        raise VectorFileError(f"{os.fspath(path)}: there are no vectors to write, of {len(embeddings)} words")
    kind = _format_by_name(path)
    if kind is _Format.WORD2VEC:
        with replacing(path) as file, packing(file, path) as stream:
            write_word2vec(embeddings, stream, binary=_is_binary(path))
        return
    if os.fspath(path).endswith(SUFFIXES):
        raise VectorFileError(f"{os.fspath(path)}: these files are not compressed; write {unpacked_name(path)}")
    write = archive.write_archive if kind is _Format.ARCHIVE else safetensors.write_safetensors
    arrays, texts = records.to_arrays(embeddings), records.to_texts(embeddings, config)
    with replacing(path) as stream:
        write(arrays, texts, stream)


def read_vectors(
    path: Path,
    *,
    limit: int | None = None,
    words: Iterable[str] | None = None,
    counts: Path | None = None,
    duplicates: str = "error",
    memory_map: bool = False,
) -> Embeddings:
    """Read word2vec's formats, text and binary, GloVe's text, fastText's models, archives and safetensors.

    What a file is, is told by what is in it, and only where that leaves a doubt by its name. Files compressed with gzip, xz,
    Zstandard or bzip2 are unpacked while they are read.

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
    memory_map : bool
        Leave an archive or a safetensors file where it is, however large, and read what a question needs when it is asked. Such
        a file is taken at its word: that its numbers are finite and its checksums right was seen to when it was written, and
        is seen to when it is read without `memory_map`.

    Raises
    ------
    SourceError
        When the file cannot be read.
    VectorFileError
        When it is truncated, corrupt, has a word twice or a number that is not finite; with the place.
    """
    choice = choose(words, limit, duplicates)
    _check_path(path)
    name = os.fspath(path)
    if memory_map and not (choice.takes_all and counts is None):
        raise VectorFileError("memory_map goes with all words of a file as they are; leave out limit, words and counts")
    with reading_unpacked(path) as stream:
        kind = _format(stream, path)
        if kind in _CONTAINERS:
            embeddings = _read_container(stream, path, kind, choice, memory_map)
        elif memory_map:
            raise VectorFileError(
                f"{name} cannot be mapped into memory; .npz and .safetensors can, and w2v convert writes them"
            )
        elif kind in _FOREIGN:
            raise _foreign(path, kind)
        elif kind is _Format.FASTTEXT:
            with _damage_is_told(path, kind):
                embeddings = fasttext.read_fasttext(stream, plain_length(stream), choice)
        else:
            embeddings = _read_rows(stream, path, choice)
    if counts is None:
        return embeddings
    known = embeddings.vocabulary.words
    return replace(embeddings, vocabulary=Vocabulary(known, counts_of(known, counts)))


def read_config(path: Path) -> TrainingConfig | None:
    """The options that a file's vectors were trained with; None where it does not say, as no file of word2vec's does.

    Parameters
    ----------
    path : str or path
        Of a file that `write_vectors` wrote, or of any file of vectors.

    Raises
    ------
    SourceError
        When the file cannot be read.
    VectorFileError
        When it is damaged, or no file of vectors, or has options that this version does not know.
    """
    with reading_unpacked(path) as stream:
        kind = _format(stream, path)
        if kind in _FOREIGN:
            raise _foreign(path, kind)
        if kind not in _CONTAINERS:
            return None
        with _damage_is_told(path, kind):
            return records.to_config(_locate(stream, kind))


def _read_container(stream: BinaryIO, path: Path, kind: _Format, choice: Choice, memory_map: bool) -> Embeddings:
    with _damage_is_told(path, kind):
        container = _locate(stream, kind)
        records.check_version(container)
        load = partial(read_array, stream)
        if memory_map:
            return records.mapped_from_arrays(container, partial(map_array, path))
        if choice.takes_all:
            return records.from_arrays(container, load)
        return records.some_from_arrays(container, load, partial(read_rows, stream), choice)


def _locate(stream: BinaryIO, kind: _Format) -> Container:
    length = plain_length(stream)
    if length is None:
        raise ValueError("it is compressed, or comes through a pipe; unpack it to a file first")
    return _CONTAINERS[kind](stream, length)


@contextmanager
def _damage_is_told(path: Path, kind: _Format) -> Iterator[None]:
    try:
        yield
    except VectorFileError:
        raise
    except (ValueError, EOFError, MemoryError, RecursionError, OverflowError) as error:
        raise VectorFileError(f"{os.fspath(path)} is not {kind.value}: {error}") from None


def _read_rows(stream: BinaryIO, path: Path, choice: Choice) -> Embeddings:
    name = os.fspath(path)
    rows = word2vec_rows(stream, name, prefer_binary=_is_binary(path))
    if choice.limit is None:
        _check_length(rows, plain_length(stream), name)
    words, vectors = take(rows, choice, name)
    try:
        return Embeddings(Vocabulary(tuple(words), np.zeros(len(words), np.int64)), vectors)
    except ValueError as error:
        raise VectorFileError(f"{name}: {error}") from None


def _check_length(rows: RowStream, length: int | None, name: str) -> None:
    """Each number and each word takes at least two bytes in text, and four and one in binary."""
    if rows.count is not None and length is not None and rows.count * (rows.size + 1) > length:
        raise VectorFileError(
            f"{name} says that it has {rows.count} words of {rows.size} dimensions, which its length cannot hold"
        )


def _format(stream: BinaryIO, path: Path) -> _Format:
    first = stream.peek(16)  # type: ignore[attr-defined]
    if first.startswith(archive.BEGINNINGS):
        return _Format.ARCHIVE
    if first.startswith(fasttext.MAGIC):
        return _Format.FASTTEXT
    if safetensors.begins_safetensors(first):
        return _Format.SAFETENSORS
    # Pickles begin with the number of their protocol, 2 to 5; this is no UTF-8, and no header of word2vec's.
    if len(first) > 2 and first[0] == 0x80 and first[1] in b"\2\3\4\5":
        return _Format.PICKLE
    return _Format.ARRAY if first.startswith(b"\x93NUMPY") else _format_by_name(path)


def _foreign(path: Path, kind: _Format) -> VectorFileError:
    return VectorFileError(f"{os.fspath(path)} is {kind.value}; {_FOREIGN[kind]}")


def _check_path(path: object) -> None:
    if not isinstance(path, str | os.PathLike):
        raise VectorFileError(f"{path!r} is no path of a file")


def _format_by_name(path: Path) -> _Format:
    name = unpacked_name(path)
    if name.endswith(".npz"):
        return _Format.ARCHIVE
    return _Format.SAFETENSORS if name.endswith(".safetensors") else _Format.WORD2VEC


def _is_binary(path: Path) -> bool:
    return unpacked_name(path).endswith(".bin")
