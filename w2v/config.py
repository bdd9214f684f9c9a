"""How to train: every option with its range."""

import math
from dataclasses import dataclass, fields
from numbers import Integral, Real

from w2v.errors import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingConfig:
    """The options of a training run, under gensim's names and with its defaults.

    Parameters
    ----------
    vector_size : int, at least 1
        Numbers in a vector.
    window : int, at least 1
        The greatest distance between a center and its contexts; each center draws its own from 1 to this.
    min_count : int, at least 1
        Words that occur more rarely are left out.
    sample : float, at least 0
        The share of the corpus above which words are dropped at random; 0 keeps all.
    negative : int, at least 1
        Negatives of a center. A vocabulary too small for so many distinct ones gets as many as it has.
    ns_exponent : float
        The power of a word's count to which its chance to be a negative is proportional.
    alpha, min_alpha : float, alpha > 0 and 0 <= min_alpha <= alpha
        The learning rate falls from alpha towards 0 in proportion to the words done, but not below min_alpha.
    epochs : int, at least 1
        Passes over the corpus.
    seed : int, 0 to 2**64 - 1
        With one thread, and with `deterministic`, the same seed gives the same vectors, bit for bit, on processors of one kind.
    threads : int, at least 1
        Threads that train on one set of weights without locks (Niu et al. 2011).
    held_out : float, 0 <= held_out < 1
        The share of the sentences that is not trained on, whose loss is reported after each epoch (`w2v.held_out`).
    subwords : bool
        Whether a word's input row is the mean of its own and its character n-grams' rows (Bojanowski et al. 2017).
    min_n, max_n : int, 1 <= min_n <= max_n
        The least and the greatest number of characters of an n-gram; the word's two brackets count.
    bucket : int, at least 1
        How many buckets n-grams are hashed to; those of one bucket share a row.
    deterministic : bool
        Whether the same seed gives the same vectors, bit for bit, with any number of threads (on processors of one kind):
        training in rounds of blocks that do not see each other's updates, at about half of the speed (`w2v.rounds`).

    Raises
    ------
    ConfigError
        For a value out of its range or of another type.

    Examples
    --------
    >>> TrainingConfig(vector_size=50).window
    5
    >>> TrainingConfig(window=0)
    Traceback (most recent call last):
    w2v.errors.ConfigError: window is 0; it must be a whole number from 1 to 10000
    """

    vector_size: int = 100
    window: int = 5
    min_count: int = 5
    sample: float = 1e-3
    negative: int = 5
    ns_exponent: float = 0.75
    alpha: float = 0.025
    min_alpha: float = 0.0001
    epochs: int = 5
    seed: int = 1
    threads: int = 1
    held_out: float = 0.0
    subwords: bool = False
    min_n: int = 3
    max_n: int = 6
    bucket: int = 2_000_000
    deterministic: bool = False

    def __post_init__(self) -> None:
        for name, (low, high) in _WHOLE.items():
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, Integral) or not low <= int(value) <= high:
                raise ConfigError(f"{name} is {value!r}; it must be a whole number from {low} to {high}")
        for name, least in _REAL.items():
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, Real) or not math.isfinite(value) or value < least:
                at_least = "" if least == -math.inf else f" of at least {least:g}"
                raise ConfigError(f"{name} is {value!r}; it must be a finite number{at_least}")
        if self.alpha == 0 or self.min_alpha > self.alpha:
            raise ConfigError(
                f"alpha is {self.alpha!r} and min_alpha {self.min_alpha!r}; alpha must be positive and the greater"
            )
        if not isinstance(self.deterministic, bool):
            raise ConfigError(f"deterministic is {self.deterministic!r}; it must be True or False")
        if self.held_out >= 1:
            raise ConfigError(f"held_out is {self.held_out!r}; it is a share of the sentences and must be below 1")
        if not isinstance(self.subwords, bool):
            raise ConfigError(f"subwords is {self.subwords!r}; it must be True or False")
        if self.deterministic and self.subwords:
            raise ConfigError("deterministic training with subwords is not supported; leave one of them out")
        if self.min_n > self.max_n:
            raise ConfigError(f"min_n is {self.min_n} and max_n {self.max_n}; min_n must not be the greater")


_WHOLE = {
    "vector_size": (1, 100_000),
    "window": (1, 10_000),
    "min_count": (1, 2**62),
    "negative": (1, 10_000),
    "epochs": (1, 1_000_000),
    "seed": (0, 2**64 - 1),
    "threads": (1, 1024),
    "min_n": (1, 1000),
    "max_n": (1, 1000),
    "bucket": (1, 2**31 - 1),
}
_REAL = {"sample": 0.0, "ns_exponent": -math.inf, "alpha": 0.0, "min_alpha": 0.0, "held_out": 0.0}
OPTION_NAMES = tuple(field.name for field in fields(TrainingConfig))
