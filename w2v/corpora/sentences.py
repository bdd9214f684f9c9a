"""Sentences that are lists of words already, numbered in batches: joined, they go through the same kernels as text."""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

import numpy as np

from w2v.corpora.numbering import Numbering
from w2v.errors import CorpusError

_PART_WORDS = 1 << 16
_BATCH_PARTS = 1 << 13
_BATCH_LETTERS = 1 << 21
_BETWEEN = "\n"


def add_sentences(sentences: Iterable[Iterable[str]], lowercase: bool, numbering: Numbering) -> None:
    """Number the words of sentences, in one pass.

    Raises
    ------
    CorpusError
        For a sentence that is no iterable of words, with its number.
    """
    batch = _Batch(lowercase, numbering)
    for number, sentence in enumerate(sentences, 1):
        for part in _parts(sentence, number):
            batch.add(part, number)
        batch.end_sentence()
    batch.flush()


def shortened(value: object) -> str:
    """What a message shows of a value.

    >>> shortened(None), len(shortened(range(10**9))), len(shortened([1.5] * 1000))
    ('None', 20, 60)
    """
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


class _Batch:
    """Words that wait to be numbered together."""

    def __init__(self, lowercase: bool, numbering: Numbering) -> None:
        self._lowercase, self._numbering = lowercase, numbering
        self._texts: list[str] = []
        self._letters = self._words = 0
        self._tokens = len(numbering.ids)
        self._ends = array("q")

    def add(self, part: Sequence[str], number: int) -> None:
        try:
            text = _BETWEEN.join(part)
        except TypeError:
            raise _no_word(part, number) from None
        self._tokens += len(part)
        if text.count(_BETWEEN) != len(part) - 1:
            self.flush()
            self._number([self._encoded(word) for word in part])
            return
        self._texts.append(text)
        self._letters += len(text)
        self._words += len(part)
        if self._letters > _BATCH_LETTERS or len(self._texts) >= _BATCH_PARTS:
            self.flush()

    def end_sentence(self) -> None:
        self._ends.append(self._tokens)

    def flush(self) -> None:
        """Number what waits."""
        if self._texts:
            text = self._encoded(_BETWEEN.join(self._texts))
            cuts = np.flatnonzero(np.frombuffer(text, np.uint8) == ord(_BETWEEN))
            self._numbering.add_words(text, np.append(0, cuts + 1), np.append(cuts, len(text)))
        self._numbering.add_ends(np.array(self._ends, np.int64))
        self._texts, self._letters, self._words, self._ends = [], 0, 0, array("q")

    def _number(self, words: list[bytes]) -> None:
        """Number words that may have the letter in them which otherwise stands between words."""
        stops = np.cumsum([len(word) for word in words])
        self._numbering.add_words(b"".join(words), np.append(0, stops[:-1]), stops)

    def _encoded(self, text: str) -> bytes:
        try:
            return (text.lower() if self._lowercase else text).encode("utf-8", "surrogateescape")
        except UnicodeEncodeError as error:
            raise CorpusError(
                f"a word has the lone surrogate {error.object[error.start]!r}, which no encoding holds; leave it out"
            ) from None


def _parts(sentence: Any, number: int) -> Iterator[Sequence[str]]:
    """A sentence in lists of words that are not too long to be joined."""
    if isinstance(sentence, (list, tuple)) and len(sentence) <= _PART_WORDS:
        if sentence:
            yield sentence
        return
    if isinstance(sentence, str):
        raise CorpusError(f"a sentence is a list of words, not the string {sentence[:40]!r}; split it first")
    if isinstance(sentence, (bytes, bytearray)):
        raise CorpusError(f"a sentence is a list of words, not {bytes(sentence[:40])!r}; decode and split it first")
    try:
        words = iter(sentence)
    except TypeError:
        raise CorpusError(f"sentence {number:,} is {shortened(sentence)}; a sentence is a list of words") from None
    while part := list(islice(words, _PART_WORDS)):
        yield part


def _no_word(part: Sequence[Any], number: int) -> CorpusError:
    word = next(word for word in part if not isinstance(word, str))
    remedy = "decode it first" if isinstance(word, (bytes, bytearray)) else "write str(...) if it is meant as a word"
    return CorpusError(
        f"sentence {number:,} has {shortened(word)} among its words, which is of type {type(word).__name__} and no string; "
        f"{remedy}"
    )
