"""The words that get a vector, and how often each occurs."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from w2v.arrays import read_only
from w2v.errors import UnknownWordError, VectorsError
from w2v.tables import MOST_ROWS, Table, Tabular


@dataclass(frozen=True, slots=True, eq=False)
class Vocabulary(Tabular):
    """Words, each at its number: its position in `words`.

    Parameters
    ----------
    words : tuple of distinct str
    counts : int64 [words], read-only
        How often each occurs in the corpus.

    Raises
    ------
    VectorsError
        When words are no text or not distinct, or have not as many counts.

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
        odd = (word for word in self.words if not isinstance(word, str))
        for word in [self.words] if isinstance(self.words, str | bytes) else odd:
            raise VectorsError(f"{word!r} is no word of a vocabulary; its words are a tuple of str")
        object.__setattr__(self, "words", tuple(self.words))
        object.__setattr__(self, "counts", read_only(self.counts, np.int64))
        object.__setattr__(self, "_numbers", {word: number for number, word in enumerate(self.words)})
        if len(self._numbers) < len(self.words):
            twice = next(word for number, word in enumerate(self.words) if self._numbers[word] != number)
            raise VectorsError(f"the word {twice!r} is there twice; words are distinct")
        if self.counts.shape != (len(self.words),):
            raise VectorsError(
                f"{len(self.words)} words need as many counts, not an array of shape {self.counts.shape}"
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

    def _tables(self) -> tuple[Table, ...]:
        shown = range(min(len(self), MOST_ROWS))
        rows = [(self.words[number], self.counts[number]) for number in shown]
        return (Table(f"Vocabulary: {len(self):,} words", ("word", "count"), rows, len(self) - len(rows)),)

    def __repr__(self) -> str:
        first = ", ".join(repr(self.words[number]) for number in range(min(3, len(self))))
        return f"<Vocabulary: {len(self):,} words{': ' * bool(first)}{first}{', ...' * (len(self) > 3)}>"

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
            raise UnknownWordError(
                f"the word {word!r} is not in the vocabulary of {len(self)} words{self._other_case(word)}"
            ) from None

    def _other_case(self, word: object) -> str:
        """What to write where a word differs in its capitals alone."""
        cases = (word.lower(), word.capitalize(), word.upper()) if isinstance(word, str) else ()
        there = next((case for case in cases if case in self), None)
        return "" if there is None else f"; {there!r} is"

    def indices(self, words: Sequence[str]) -> list[int]:
        """The numbers of several words."""
        return [self.index(word) for word in words]
