"""Files of words and how often each occurs, a word a line: word2vec.c's -save-vocab and -read-vocab, gensim's fvocab."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from w2v.compression import packing, reading_unpacked
from w2v.errors import VectorFileError
from w2v.files import Path, replacing
from w2v.storage.letters import spell, word_bytes
from w2v.storage.word2vec import LONGEST_WORD, check_words
from w2v.vocabulary import Vocabulary

_GREATEST = 2**63 - 1
_LONGEST_LINE = LONGEST_WORD + 64


def write_counts(vocabulary: Vocabulary, path: Path) -> None:
    """Write a line of each word and its count.

    Parameters
    ----------
    vocabulary : Vocabulary
    path : path

    Raises
    ------
    VectorFileError
        When a word is empty or has white space in it.
    SourceError
        When the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_counts(Vocabulary(("the", "cat"), [7, 2]), folder + "/counts.txt")
    ...     print(open(folder + "/counts.txt").read(), end="")
    ...     print(read_counts(folder + "/counts.txt").counts)
    the 7
    cat 2
    [7 2]
    """
    words = word_bytes(vocabulary.words)
    check_words(words)
    with replacing(path) as file, packing(file, path) as stream:
        for word, count in zip(words, vocabulary.counts.tolist(), strict=True):
            stream.write(b"%b %d\n" % (word, count))


def read_counts(path: Path) -> Vocabulary:
    """Read a file of words and counts, compressed or not, in its order.

    Raises
    ------
    SourceError
        When the file cannot be read.
    VectorFileError
        When a line is no word with a count, or a word comes twice.

    Examples
    --------
    >>> import os, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = open(os.path.join(folder, "counts.txt"), "w").write("the 7\\ncat 2\\n")
    ...     read_counts(os.path.join(folder, "counts.txt")).words
    ('the', 'cat')
    """
    counts: dict[str, int] = {}
    with reading_unpacked(path) as stream:
        number = 0
        while line := stream.readline(_LONGEST_LINE):
            number += 1
            fields = line.split()
            if len(fields) != 2 or not fields[1].isdigit() or int(fields[1][:20]) > _GREATEST:
                shown = line[:60].decode(errors="replace").strip()
                raise VectorFileError(f"{path}, line {number}: {shown!r} is not a word and how often it occurs")
            word = spell(fields[0])
            if word in counts:
                raise VectorFileError(f"{path}, line {number}: the word {word!r} comes twice")
            counts[word] = int(fields[1])
    return Vocabulary(tuple(counts), np.fromiter(counts.values(), np.int64, len(counts)))


def read_words(path: Path) -> list[str]:
    """The words of a file, the first of each line; so that a file of counts serves too.

    Raises
    ------
    SourceError
        When the file cannot be read.
    VectorFileError
        When there is none, or a line is longer than 1,048,640 bytes.
    """
    words: list[str] = []
    with reading_unpacked(path) as stream:
        while line := stream.readline(_LONGEST_LINE):
            if len(line) == _LONGEST_LINE:
                raise VectorFileError(f"{path} has a line of more than {_LONGEST_LINE} bytes")
            words += map(spell, line.split()[:1])
    if not words:
        raise VectorFileError(f"{path} has no words")
    return words


def counts_of(words: Sequence[str], path: Path) -> NDArray[np.int64]:
    """The counts of some words by a file of counts; raises VectorFileError for a word that is not in it."""
    counted = read_counts(path)
    missing = next((word for word in words if word not in counted), None)
    if missing is not None:
        raise VectorFileError(f"{path} has no count of the word {missing!r}")
    return counted.counts[counted.indices(words)]
