"""A corpus ready to train on: its vocabulary, and its tokens as numbers of words."""

from collections.abc import Iterable
from dataclasses import dataclass
from os import PathLike, fspath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from w2v.arrays import read_only
from w2v.compilation import kernel
from w2v.errors import CorpusError
from w2v.files import reading
from w2v.tokenizer import TokenizedText, tokenize_sentences, tokenize_streams
from w2v.vocabulary import Vocabulary

Source = str | PathLike[str] | Iterable[Iterable[str]]


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


def read_corpus(source: Source, min_count: int = 1, vocabulary: Vocabulary | None = None) -> EncodedCorpus:
    """Tokenize, count and encode a corpus.

    Words are numbered from the most frequent on, equally frequent ones in the order of their first occurrence.

    Parameters
    ----------
    source : path of a text file, or iterable of sentences that are iterables of words
        In a file, words are what stands between ASCII white space, and a line is a sentence. It is read once.
    min_count : int
        Words that occur more rarely are left out.
    vocabulary : Vocabulary, optional
        That of another corpus, such as the one trained on: then its words are kept, under its numbers, and no others.

    Raises
    ------
    SourceError
        When the file cannot be read.
    CorpusError
        When there is no word, or none as frequent as min_count, or none in the vocabulary.

    Examples
    --------
    >>> corpus = read_corpus([["a", "rose", "is", "a", "rose"], ["a", "daisy"]], min_count=2)
    >>> corpus.vocabulary.words, corpus.ids.tolist(), corpus.ends.tolist()
    (('a', 'rose'), [0, 1, 0, 1, 0], [4, 5])
    """
    if isinstance(source, (str, PathLike)):
        with reading(source) as stream:
            text = tokenize_streams([stream])
        name = fspath(source)
    else:
        text = tokenize_sentences(source)
        name = "the corpus"
    if not len(text.counts):
        raise CorpusError(f"{name} has no words")
    if vocabulary is None:
        vocabulary, numbers = _number(text, min_count, name)
    else:
        numbers = _numbers_in(vocabulary, text, name)
    return _encode(text, vocabulary, numbers)


def _number(text: TokenizedText, min_count: int, name: str) -> tuple[Vocabulary, NDArray[np.int32]]:
    """Make a vocabulary of a text's frequent words; returns also the number in it of each of the text's words, or -1."""
    order = np.argsort(-text.counts, kind="stable")
    order = order[: np.count_nonzero(text.counts >= min_count)]
    if not len(order):
        raise CorpusError(
            f"no word of {name} occurs {min_count} times or more; the most frequent, "
            f"{text.spell(int(text.counts.argmax()))!r}, occurs {text.counts.max()} times; lower min_count"
        )
    numbers = np.full(len(text.counts), -1, np.int32)
    numbers[order] = np.arange(len(order), dtype=np.int32)
    return Vocabulary(tuple(map(text.spell, order.tolist())), text.counts[order]), numbers


def _numbers_in(vocabulary: Vocabulary, text: TokenizedText, name: str) -> NDArray[np.int32]:
    """The number in a vocabulary of each of a text's words, or -1."""
    words = map(text.spell, range(len(text.counts)))
    numbers = np.array([vocabulary.index(word) if word in vocabulary else -1 for word in words], np.int32)
    if numbers.max() < 0:
        raise CorpusError(f"no word of {name} is in the vocabulary of {len(vocabulary)} words")
    return numbers


def _encode(text: TokenizedText, vocabulary: Vocabulary, numbers: NDArray[np.int32]) -> EncodedCorpus:
    ends = np.empty(len(text.ends), np.int64)
    kept, sentences = _renumber(text.tokens, text.ends, numbers, ends)
    # What is left of the text's memory stays in use only where it is most of it.
    ids = text.tokens[:kept] if 2 * kept > len(text.tokens) else text.tokens[:kept].copy()
    return EncodedCorpus(vocabulary, ids, ends[:sentences].copy(), int(text.counts.sum()))


@kernel
def _renumber(
    tokens: NDArray[np.int32], token_ends: NDArray[np.int64], numbers: NDArray[np.int32], ends: NDArray[np.int64]
) -> tuple[int, int]:
    """Overwrite tokens by their new numbers, without those of number -1; returns how many are left, in how many sentences.

    Writes the new ends of the sentences in which something is left. A token is always written, and overwritten unless it was
    kept: it goes to where what has been read already stood.
    """
    kept: Any = 0
    written = 0
    read = 0
    for sentence in range(token_ends.shape[0]):
        for position in range(read, token_ends[sentence]):
            number = numbers[tokens[position]]
            tokens[kept] = number
            kept += np.int64(number >= 0)
        read = token_ends[sentence]
        if kept > (ends[written - 1] if written > 0 else 0):
            ends[written] = kept
            written += 1
    return kept, written
