"""A corpus ready to train on: its vocabulary, and its tokens as numbers of words."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from w2v.arrays import read_only
from w2v.corpora.folder import complete, holds, made_from, read_folder, written
from w2v.corpora.frequent import Frequent
from w2v.corpora.growing import GrowingArray
from w2v.corpora.numbering import Numbering
from w2v.corpora.options import TextOptions
from w2v.corpora.renumbering import renumber, renumbering
from w2v.corpora.sources import Source, add_source
from w2v.errors import ConfigError, CorpusError
from w2v.files import Path
from w2v.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True, eq=False)
class EncodedCorpus:
    """Sentences of words by number; words outside of the vocabulary are left out.

    Parameters
    ----------
    vocabulary : Vocabulary
    ids : int32 [tokens], read-only
    ends : int64 [sentences], read-only
        Where each sentence ends, rising strictly; the last is the number of tokens.
    read_tokens : int
        The tokens of the text, those outside of the vocabulary included.
    """

    vocabulary: Vocabulary
    ids: NDArray[np.int32]
    ends: NDArray[np.int64]
    read_tokens: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "ids", read_only(self.ids, np.int32))
        object.__setattr__(self, "ends", read_only(self.ends, np.int64))


def read_corpus(
    source: Source,
    min_count: int = 1,
    vocabulary: Vocabulary | None = None,
    memory_map: Path | None = None,
    max_final_vocab: int | None = None,
    **options: Any,
) -> EncodedCorpus:
    """Tokenize, count and encode a corpus.

    Words are numbered from the most frequent on, equally frequent ones in the order of their first occurrence. The text is read
    once. What the numbers take beyond half of the machine's memory goes to a temporary file.

    Parameters
    ----------
    source : path, pattern such as "text/*.gz", "-" for standard input, list of paths, or iterable of sentences
        Files are text, plain or packed (gzip, xz, zstd, bzip2), with a sentence a line and words between ASCII white space, or
        Parquet. Sentences are iterables of words.
    min_count : int
        Words that occur more rarely are left out.
    vocabulary : Vocabulary, optional
        That of another corpus, such as the one trained on: then its words are kept, under its numbers, and no others.
    memory_map : path of a folder, optional
        Where the numbers are kept in files, which are mapped into memory: for text that is larger than memory, and to read it
        once only. Files that were read before with the same options, and have not changed, are taken from there.
    max_final_vocab : int, optional
        How many words are kept at most: the most frequent ones, without those that occur as often as the first one beyond.
    **options
        Those of `TextOptions`: encoding, tokenizer, lowercase, column.

    Raises
    ------
    SourceError
        When a file cannot be read, is damaged or changes meanwhile.
    CorpusError
        When there is no word, or none that is kept, or none in the vocabulary; for what is no sentence.
    ConfigError
        For an option that is unknown or has no such value.

    Examples
    --------
    >>> corpus = read_corpus([["a", "rose", "is", "a", "rose"], ["a", "daisy"]], min_count=2)
    >>> corpus.vocabulary.words, corpus.ids.tolist(), corpus.ends.tolist()
    (('a', 'rose'), [0, 1, 0, 1, 0], [4, 5])
    """
    text = TextOptions.given(options)
    frequent = Frequent(min_count, max_final_vocab)
    _check(source, vocabulary)
    if memory_map is None:
        arrays = GrowingArray(np.int32), GrowingArray(np.int64)
        new, read_tokens = _encode(source, text, frequent, vocabulary, arrays)
        return EncodedCorpus(new, arrays[0].array(), arrays[1].array(), read_tokens)
    origin = made_from(source, text, frequent, vocabulary)
    if holds(memory_map, origin):
        return open_corpus(memory_map)
    with written(memory_map) as arrays:
        new, read_tokens = _encode(source, text, frequent, vocabulary, arrays)
        return EncodedCorpus(*complete(memory_map, arrays, new, read_tokens, origin))


def open_corpus(folder: Path) -> EncodedCorpus:
    """The corpus that `read_corpus` has left in a folder (`memory_map`).

    Raises
    ------
    SourceError, CorpusError
        When the files cannot be read, are no corpus, or damaged.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = read_corpus([["a", "rose", "is", "a", "rose"]], memory_map=folder)
    ...     corpus = open_corpus(folder)
    >>> corpus.vocabulary.words, corpus.ids.tolist()
    (('a', 'rose', 'is'), [0, 1, 2, 0, 1])
    """
    return EncodedCorpus(*read_folder(folder))


def _encode(
    source: Source,
    options: TextOptions,
    frequent: Frequent,
    vocabulary: Vocabulary | None,
    arrays: tuple[GrowingArray, GrowingArray],
) -> tuple[Vocabulary, int]:
    """Write ids and ends to arrays; returns the vocabulary and how many tokens were read."""
    numbering = Numbering(*arrays)
    try:
        name = add_source(source, options, numbering)
        numbered = numbering.numbered()
        read_tokens = len(numbered.ids)
        new = renumbering(numbered, frequent, vocabulary, name)
        renumber(numbered, new)
        return new.vocabulary, read_tokens
    finally:
        numbering.close()


def _check(source: object, vocabulary: object) -> None:
    if isinstance(source, EncodedCorpus):
        raise CorpusError("the corpus was read before; give it to w2v.train as it is")
    if vocabulary is not None and not isinstance(vocabulary, Vocabulary):
        raise ConfigError(
            f"vocabulary is of type {type(vocabulary).__name__}; it must be a Vocabulary, such as corpus.vocabulary"
        )
