"""Which words of a corpus are kept, by how often they occur."""

from dataclasses import dataclass
from numbers import Integral

import numpy as np
from numpy.typing import NDArray

from w2v.config import TrainingConfig
from w2v.errors import ConfigError, CorpusError


@dataclass(frozen=True, slots=True)
class Frequent:
    """Words that occur `min_count` times, and of these at most `max_final_vocab`, the most frequent ones.

    Words that occur as often as the first one beyond are left out with it, as in gensim: no word is kept for its place.

    Raises
    ------
    ConfigError
        For what is no whole number of at least 1; `max_final_vocab` may be None, for any number of words.

    Examples
    --------
    >>> counts = np.array([7, 5, 3, 3, 1])
    >>> [Frequent(2, most).least(counts) for most in (None, 4, 3, 2)]
    [2, 2, 4, 4]
    """

    min_count: int = 1
    max_final_vocab: int | None = None

    def __post_init__(self) -> None:
        for name in ("min_count", "max_final_vocab"):
            value = getattr(self, name)
            if name == "max_final_vocab" and value is None:
                continue
            if isinstance(value, bool) or not isinstance(value, Integral) or int(value) < 1:
                raise ConfigError(f"{name} is {value!r}; it must be a whole number of at least 1")
            object.__setattr__(self, name, int(value))

    @classmethod
    def of(cls, config: TrainingConfig) -> "Frequent":
        """What the options of training say."""
        return cls(config.min_count, config.max_final_vocab)

    def least(self, counts: NDArray[np.int64]) -> int:
        """How often a word has to occur to be kept, by the counts of all words, or of the `foremost`."""
        most = self.max_final_vocab
        if most is None or len(counts) <= most:
            return self.min_count
        return max(self.min_count, 1 + int(np.partition(counts, -most - 1)[-most - 1]))

    def foremost(self, counts: NDArray[np.int64]) -> NDArray[np.int64]:
        """The places, rising, of those words of a part that decide, with those of the other parts, which words are kept.

        They are the words that occur `min_count` times, and of these one more than may be kept.

        >>> Frequent(2, 1).foremost(np.array([3, 1, 5, 2]))
        array([0, 2])
        """
        often = np.flatnonzero(counts >= self.min_count)
        most = self.max_final_vocab
        if most is None or len(often) <= most + 1:
            return often
        return np.sort(often[np.argpartition(counts[often], -most - 1)[-most - 1 :]])

    def none_kept(self, name: str, word: bytes, count: int) -> CorpusError:
        """The error for a text of which no word is kept, by its most frequent word."""
        if count >= self.min_count:
            return CorpusError(
                f"more than {self.max_final_vocab} words of {name} occur {count} times, and none more often, so that no word is "
                "kept; raise max_final_vocab"
            )
        spelled = (word if len(word) <= 100 else word[:100] + b"...").decode("utf-8", "surrogateescape")
        return CorpusError(
            f"no word of {name} occurs {self.min_count} times or more; the most frequent, {spelled!r}, occurs {count} times; "
            "lower min_count"
        )
