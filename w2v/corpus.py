"""A corpus ready to train on: its vocabulary, and its tokens as numbers of words."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from w2v.arrays import read_only
from w2v.corpora.growing import GrowingArray
from w2v.corpora.numbering import Numbering
from w2v.corpora.options import TextOptions
from w2v.corpora.renumbering import renumber, renumbering
from w2v.corpora.sources import Source, add_source
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
    source: Source, min_count: int = 1, vocabulary: Vocabulary | None = None, **options: Any
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
    **options
        Those of `TextOptions`: encoding, tokenizer, lowercase, column.

    Raises
    ------
    SourceError
        When a file cannot be read, is damaged or changes meanwhile.
    CorpusError
        When there is no word, or none as frequent as min_count, or none in the vocabulary; for what is no sentence.
    ConfigError
        For an option that is unknown or has no such value.

    Examples
    --------
    >>> corpus = read_corpus([["a", "rose", "is", "a", "rose"], ["a", "daisy"]], min_count=2)
    >>> corpus.vocabulary.words, corpus.ids.tolist(), corpus.ends.tolist()
    (('a', 'rose'), [0, 1, 0, 1, 0], [4, 5])
    """
    numbering = Numbering(GrowingArray(np.int32), GrowingArray(np.int64))
    name = add_source(source, TextOptions(**options), numbering)
    numbered = numbering.numbered()
    read_tokens = len(numbered.ids)
    new = renumbering(numbered, min_count, vocabulary, name)
    renumber(numbered, new)
    return EncodedCorpus(new.vocabulary, numbered.ids.array(), numbered.ends.array(), read_tokens)
