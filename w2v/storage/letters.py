"""Words as their bytes behind one another, and words that stay in a file until they are asked for."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from w2v.errors import VectorFileError


def word_bytes(words: Sequence[str]) -> list[bytes]:
    """The bytes of words as they were in the text; raises VectorFileError for a word that no text can hold."""
    try:
        return [word.encode("utf-8", "surrogateescape") for word in words]
    except UnicodeEncodeError as error:
        raise VectorFileError(f"the word {error.object!r} cannot be written: it has half of a surrogate pair") from None


def spell(letters: bytes) -> str:
    """A word of its bytes, any bytes.

    >>> spell(word_bytes([spell(b"\\xff")])[0]) == spell(b"\\xff")
    True
    """
    return letters.decode("utf-8", "surrogateescape")


def word_order(words: Sequence[bytes]) -> NDArray[np.int64]:
    """The words' numbers in the order of their bytes, in which `StoredNumbers` searches.

    >>> word_order([b"the", b"cat"]).tolist()
    [1, 0]
    """
    return np.array(sorted(range(len(words)), key=words.__getitem__), np.int64)


class StoredWords(Sequence[str]):
    """Words of which each is read from a file when it is asked for.

    Parameters
    ----------
    letters : uint8 [bytes]
        All words behind one another.
    ends : int64 [words]
        Where each ends.

    Examples
    --------
    >>> words = StoredWords(np.frombuffer(b"thecat", np.uint8), np.array([3, 6]))
    >>> words[1], words[-1], words[:2], list(words), words == ("the", "cat")
    ('cat', 'cat', ('the', 'cat'), ['the', 'cat'], True)
    """

    __slots__ = ("_ends", "_letters")

    def __init__(self, letters: NDArray[np.uint8], ends: NDArray[np.int64]) -> None:
        self._letters, self._ends = letters, ends

    def __len__(self) -> int:
        return len(self._ends)

    def letters(self, number: int) -> bytes:
        """The bytes of a word."""
        start = int(self._ends[number - 1]) if number else 0
        return self._letters[start : int(self._ends[number])].tobytes()

    @overload
    def __getitem__(self, number: int) -> str: ...
    @overload
    def __getitem__(self, number: slice) -> tuple[str, ...]: ...
    def __getitem__(self, number: int | slice) -> str | tuple[str, ...]:
        if isinstance(number, slice):
            return tuple(self[i] for i in range(*number.indices(len(self))))
        return spell(self.letters(range(len(self))[number]))

    def __iter__(self) -> Iterator[str]:
        start = 0
        for stop in self._ends:
            yield spell(self._letters[start:stop].tobytes())
            start = stop

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, (StoredWords, tuple)):
            return NotImplemented
        return len(self) == len(other) and all(a == b for a, b in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]


class StoredNumbers(Mapping[str, int]):
    """The number of each of some stored words, found by bisection in the order of their bytes.

    >>> words = StoredWords(np.frombuffer(b"thecat", np.uint8), np.array([3, 6]))
    >>> numbers = StoredNumbers(words, np.array([1, 0]))
    >>> numbers["cat"], numbers.get("dog"), dict(numbers)
    (1, None, {'the': 0, 'cat': 1})
    """

    __slots__ = ("_order", "_words")

    def __init__(self, words: StoredWords, order: NDArray[np.int64]) -> None:
        self._words, self._order = words, order

    def __len__(self) -> int:
        return len(self._words)

    def __iter__(self) -> Iterator[str]:
        return iter(self._words)

    def __getitem__(self, word: Any) -> int:
        try:
            wanted = word.encode("utf-8", "surrogateescape")
        except (AttributeError, UnicodeEncodeError):
            raise KeyError(word) from None
        low, high = 0, len(self._order)
        while low < high:
            middle = (low + high) // 2
            number = int(self._order[middle])
            if not 0 <= number < len(self._words):
                raise VectorFileError(
                    f"the order of the words is damaged: it has a word {number} of {len(self._words)}"
                )
            letters = self._words.letters(number)
            if letters == wanted:
                return number
            low, high = (middle + 1, high) if letters < wanted else (low, middle)
        raise KeyError(word)
