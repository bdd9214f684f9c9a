"""Archives of vectors with all that belongs to them: NumPy's `.npz`, without pickled objects.

`letters` uint8 holds the words' bytes behind one another, `ends` int64 where each ends, `counts` int64 how often it occurs, and
`vectors` float32 [words, size] its vector. With n-grams there are `ngram_rule` int64 [min_n, max_n, bucket], `ngram_buckets`
int64 and `ngram_vectors` float32 [n-grams, size].
"""

import errno
import os
import zipfile
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from w2v.embeddings import Embeddings
from w2v.errors import VectorFileError
from w2v.files import Path, reading, replacing
from w2v.storage.letters import word_bytes
from w2v.subwords import NgramRule, Subwords
from w2v.vocabulary import Vocabulary

_KINDS = {"letters": "u1", "ends": "i8", "counts": "i8", "vectors": "f4"}
_NGRAM_KINDS = {"ngram_rule": "i8", "ngram_buckets": "i8", "ngram_vectors": "f4"}


def write_archive(embeddings: Embeddings, path: Path) -> None:
    """Write words, counts, vectors, and the n-grams' where there are any; the same bytes for the same content.

    Raises
    ------
    VectorFileError
        When a word has half of a surrogate pair in it.
    SourceError
        When the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> rule = NgramRule(min_n=3, max_n=3, bucket=100)
    >>> embeddings = Embeddings(Vocabulary(("ab",), [7]), [[1, 2]], subwords=Subwords(rule, [8, 56], [[1, 2], [3, 6]]))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_archive(embeddings, folder + "/vectors.npz")
    ...     print(read_archive(folder + "/vectors.npz")["abc"])
    [1. 2.]
    """
    words = word_bytes(embeddings.vocabulary.words)
    arrays: dict[str, NDArray[Any]] = {
        "letters": np.frombuffer(b"".join(words), np.uint8),
        "ends": np.cumsum([len(word) for word in words], dtype=np.int64),
        "counts": embeddings.vocabulary.counts,
        "vectors": embeddings.vectors,
    }
    subwords = embeddings.subwords
    if subwords is not None:
        rule = subwords.rule
        arrays["ngram_rule"] = np.array([rule.min_n, rule.max_n, rule.bucket], np.int64)
        arrays["ngram_buckets"] = subwords.buckets
        arrays["ngram_vectors"] = subwords.vectors
    with replacing(path) as stream:
        np.savez(stream, **arrays)  # type: ignore[arg-type]


def read_archive(path: Path) -> Embeddings:
    """Read what `write_archive` wrote.

    Raises
    ------
    SourceError
        When the file cannot be read.
    VectorFileError
        When it is damaged, or is no archive of vectors; with what is wrong.
    """
    name = os.fspath(path)
    with reading(path) as stream:
        try:
            with zipfile.ZipFile(stream) as archive:
                damaged = archive.testzip()
            if damaged:
                raise ValueError(f"{damaged} is damaged")
            stream.seek(0)
            with np.load(stream, allow_pickle=False) as arrays:
                return _embeddings(arrays)
        except (
            ValueError,
            EOFError,
            MemoryError,
            NotImplementedError,
            RuntimeError,
            zipfile.BadZipFile,
            zlib.error,
        ) as error:
            raise VectorFileError(f"{name} is not an archive of vectors: {error}") from None
        except OSError as error:
            if error.errno != errno.EINVAL:
                raise
            raise VectorFileError(f"{name} is not an archive of vectors: its parts lie outside of it") from None


def _embeddings(arrays: Mapping[str, NDArray[Any]]) -> Embeddings:
    letters, ends, counts, vectors = _take(arrays, _KINDS)
    starts = np.concatenate([np.zeros(1, np.int64), ends])
    if ends.ndim != 1 or (np.diff(starts) < 0).any() or starts[-1] != letters.size:
        raise ValueError("the ends of its words do not rise up to their last letter")
    text = letters.tobytes()
    words = tuple(
        text[start:end].decode("utf-8", "surrogateescape")
        for start, end in zip(starts[:-1].tolist(), ends.tolist(), strict=True)
    )
    subwords = None
    if "ngram_rule" in arrays:
        rule, buckets, ngram_vectors = _take(arrays, _NGRAM_KINDS)
        if rule.shape != (3,) or not 1 <= rule[0] <= rule[1] or rule[2] < 1:
            raise ValueError(f"its rule for n-grams is {rule.tolist()}")
        subwords = Subwords(NgramRule(*rule.tolist()), buckets, ngram_vectors)
    return Embeddings(Vocabulary(words, counts), vectors, subwords=subwords)


def _take(arrays: Mapping[str, NDArray[Any]], kinds: Mapping[str, str]) -> list[NDArray[Any]]:
    taken = []
    for name, kind in kinds.items():
        if name not in arrays:
            raise ValueError(f"it has no {name}")
        array = arrays[name]  # read now, and again each time that it is asked for
        if array.dtype.newbyteorder("=") != np.dtype(kind):
            raise ValueError(f"its {name} are of type {array.dtype}, not {np.dtype(kind)}")
        taken.append(array)
    return taken
