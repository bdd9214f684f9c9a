"""Resamples of the questions of a set, to see how far a score depends on which questions were asked."""

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from w2v.question_files import Analogies

RESAMPLES = 2000
LEVEL = 0.95
_SEED = 1  # of all sets: scores of the same questions are the same
_AT_ONCE = 100


def resamples(items: int) -> NDArray[np.float64]:
    """How often each item is drawn, with replacement (Efron 1979): float64 [2000, items]."""
    return _draws(np.random.default_rng(_SEED), items)


def analogy_resamples(analogies: Analogies) -> Iterator[NDArray[np.float64]]:
    """How often each question is asked: float64 [some resamples, questions], 2,000 resamples in all.

    A question is made of two pairs, and a pair is in many questions, which are right or wrong together; so the pairs of each
    section are drawn with replacement, and a question is asked as often as the product of its pairs' numbers (Snijders and
    Borgatti 1999 draw the vertices of a graph in this way). To draw questions would make intervals several times too narrow.
    """
    random = np.random.default_rng(_SEED)
    numbers: dict[tuple[int, str, str], int] = {}
    pairs = np.array(
        [
            [
                numbers.setdefault((section, *words[:2]), len(numbers)),
                numbers.setdefault((section, *words[2:]), len(numbers)),
            ]
            for section, words in zip(analogies.section, analogies.words, strict=True)
        ]
    )
    section_of = np.array([section for section, _, _ in numbers])
    drawn = np.empty((RESAMPLES, len(numbers)))
    for section in np.unique(section_of):
        own = np.flatnonzero(section_of == section)
        drawn[:, own] = _draws(random, len(own))
    for start in range(0, RESAMPLES, _AT_ONCE):
        some = drawn[start : start + _AT_ONCE]
        yield some[:, pairs[:, 0]] * some[:, pairs[:, 1]]


def interval(values: NDArray[np.floating]) -> tuple[float, float]:
    """The middle 95 % of resampled values; NaN where there are none."""
    known = values[np.isfinite(values)]
    if not len(known):
        return math.nan, math.nan
    low, high = np.quantile(known, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def _draws(random: np.random.Generator, items: int) -> NDArray[np.float64]:
    if not items:
        return np.zeros((RESAMPLES, 0))
    return random.multinomial(items, np.full(items, 1 / items), size=RESAMPLES).astype(np.float64)
