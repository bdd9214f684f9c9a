"""Which words of a file are wanted, and taking them from it one after the other."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from numbers import Integral

import numpy as np
from numpy.typing import NDArray

from w2v.errors import VectorFileError
from w2v.storage.letters import spell
from w2v.storage.word2vec import RowStream

_FIRST_BYTES = 1 << 24


@dataclass(frozen=True, slots=True)
class Choice:
    """What to take of a file: of its first `limit` words those that are among `words`; all of them where these are None.

    A word that comes again is an error, or with `first_of_duplicates` left out.
    """

    limit: int | None = None
    words: frozenset[str] | None = None
    first_of_duplicates: bool = False

    @property
    def takes_all(self) -> bool:
        """Whether no word is left out for being far behind or not asked for."""
        return self.limit is None and self.words is None

    def numbers(self, words: Iterable[str]) -> list[int]:
        """The numbers of the words that are taken."""
        first = islice(words, self.limit)
        return [number for number, word in enumerate(first) if self.words is None or word in self.words]


def choose(words: Iterable[str] | None, limit: int | None, duplicates: str) -> Choice:
    """A checked Choice.

    Raises
    ------
    VectorFileError
        When the limit is below 1, `duplicates` neither "error" nor "first", or a word no text.
    """
    if limit is not None and (isinstance(limit, bool) or not isinstance(limit, Integral) or limit < 1):
        raise VectorFileError(f"limit is {limit!r}; it must be a whole number of at least 1, or None for all words")
    if duplicates not in ("error", "first"):
        raise VectorFileError(f"duplicates is {duplicates!r}; it must be 'error' or 'first'")
    if isinstance(words, str):
        raise VectorFileError(f"words is the string {words!r}; give several words, such as [{words!r}]")
    wanted = None if words is None else frozenset(words)
    odd = next((word for word in wanted or () if not isinstance(word, str)), None)
    if odd is not None:
        raise VectorFileError(f"words has {odd!r} in it, which is no text")
    return Choice(limit, wanted, duplicates == "first")


def take(stream: RowStream, choice: Choice, name: str) -> tuple[list[str], NDArray[np.float32]]:
    """The chosen words of a stream and their vectors; memory grows with what has come, whatever the file says.

    Raises
    ------
    VectorFileError
        When the file is damaged, a word comes twice, or none is among those chosen.
    """
    expected = min(count for count in (stream.count, choice.limit, 1 << 62) if count is not None)
    vectors = np.empty((max(min(expected, _FIRST_BYTES // (4 * stream.size)), 1), stream.size), np.float32)
    words: list[str] = []
    seen: set[str] = set()
    for letters, vector in islice(stream.rows, choice.limit):
        word = spell(letters)
        if choice.words is not None and word not in choice.words:
            continue
        if word in seen:
            if choice.first_of_duplicates:
                continue
            raise VectorFileError(f"{name} has the word {word!r} twice; duplicates='first' takes the first of them")
        if len(words) == len(vectors):
            vectors.resize((min(len(words) * 5 // 4 + 1, expected), stream.size), refcheck=False)
        vectors[len(words)] = vector
        words.append(word)
        seen.add(word)
    if not words:
        raise VectorFileError(f"{name} has none of the words that were asked for")
    vectors.resize((len(words), stream.size), refcheck=False)
    return words, vectors
