"""The words that get a vector, and how often each occurs."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from w2v.arrays import read_only
from w2v.errors import UnknownWordError


@dataclass(frozen=True, slots=True, eq=False)
class Vocabulary:
    """Words, each at its number: its position in `words`.

    Parameters
    ----------
    words : tuple of distinct str
    counts : int64 [words], read-only
        How often each occurs in the corpus.

    Examples
    --------
    >>> vocabulary = Vocabulary(("the", "cat"), [7, 2])
    >>> vocabulary.index("cat"), "dog" in vocabulary, len(vocabulary)
    (1, False, 2)
    """

    words: tuple[str, ...]
    counts: NDArray[np.int64]
    _numbers: dict[str, int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "counts", read_only(self.counts, np.int64))
        object.__setattr__(self, "_numbers", {word: number for number, word in enumerate(self.words)})
        if not len(self._numbers) == len(self.words) == len(self.counts):
            raise ValueError(
                f"{len(self.words)} words, {len(self._numbers)} of them distinct, with {len(self.counts)} counts"
            )

    @classmethod
    def looked_up(cls, words: Sequence[str], counts: NDArray[np.int64], numbers: Mapping[str, int]) -> "Vocabulary":
        """A vocabulary of which no word is read before it is asked for: words and their numbers stay where they are.

        `words` and `numbers` are each other's inverse; that they are is not checked.
        """
        vocabulary = cls.__new__(cls)
        values = (words, read_only(counts, np.int64), numbers)
        for name, value in zip(("words", "counts", "_numbers"), values, strict=True):
            object.__setattr__(vocabulary, name, value)
        return vocabulary

    def __len__(self) -> int:
        return len(self.words)

    def __iter__(self) -> Iterator[str]:
        return iter(self.words)

    def __contains__(self, word: object) -> bool:
        return word in self._numbers

    def index(self, word: str) -> int:
        """The number of a word; raises UnknownWordError for one without."""
        try:
            return self._numbers[word]
        except (KeyError, TypeError):
            raise UnknownWordError(f"the word {word!r} is not in the vocabulary of {len(self)} words") from None

    def indices(self, words: Sequence[str]) -> list[int]:
        """The numbers of several words."""
        return [self.index(word) for word in words]
