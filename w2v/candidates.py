"""Words that a loss draws to stand for the whole vocabulary, and how often each is expected among them."""

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from w2v.compilation import implements
from w2v.config import TrainingConfig
from w2v.draws import draw_word, next_random
from w2v.sampling import alias_table, inclusion_probabilities

_BITS_53 = np.uint64(11)  # how far to shift 64 bits for those that a float64 between 0 and 1 has


class Repeated(NamedTuple):
    """Draws with replacement: `size` of them, from an alias table."""

    noise: NDArray[np.uint64]
    size: int


class Distinct(NamedTuple):
    """Draws without replacement, by systematic sampling (Madow 1949).

    The words in the random `order` have on a line of length `size` as much room as their chance to be chosen; word order[i]
    ends at ends[i]. A point drawn from the first unit of the line, and those at whole distances behind it, choose the words.
    """

    order: NDArray[np.int32]
    ends: NDArray[np.float64]
    size: int


class Candidates(NamedTuple):
    """How candidates are drawn, anew for every `shared` centers, and what is subtracted from scores, float32 [words].

    Word w is expected exp(offsets[w]) times. `center_offsets` are for words that are centers, which no draw has brought.
    """

    draws: Repeated | Distinct
    offsets: NDArray[np.float32]
    center_offsets: NDArray[np.float32]
    shared: int


class Drawn(NamedTuple):
    """The latest candidates of a thread.

    `words` int64 [size] and `times` float32 [size] are the words and how often each was drawn; `found[0]` is how many there are;
    `places` int32 [words of the vocabulary] says where each stands, counted from 1, and 0 for those that were not drawn.
    """

    words: NDArray[np.int64]
    times: NDArray[np.float32]
    found: NDArray[np.int64]
    places: NDArray[np.int32]


def candidates(probabilities: NDArray[np.float64], config: TrainingConfig) -> Candidates:
    """Candidates by the given probabilities float64 [words]; at most as many distinct ones as there are words.

    The offsets are log(size q) with replacement, and else the logarithms of the chances to be chosen.

    >>> config = TrainingConfig(loss="sampled-softmax", negative=2)
    >>> np.exp(candidates(np.array([0.5, 0.3, 0.2]), config).offsets.astype(float)).round(4).tolist()
    [1.0, 0.6, 0.4]
    """
    draws: Repeated | Distinct
    if config.distinct_candidates:
        expected = inclusion_probabilities(probabilities, min(config.negative, len(probabilities)))
        order = np.random.default_rng(config.seed).permutation(len(expected)).astype(np.int32)
        draws = Distinct(order, np.cumsum(expected[order]), min(config.negative, len(expected)))
    else:
        expected = config.negative * probabilities
        draws = Repeated(alias_table(probabilities), config.negative)
    offsets = _logarithms(expected)
    centers = np.zeros_like(offsets) if config.uncorrected_center else offsets
    return Candidates(draws, offsets, centers, config.shared_candidates)


def nothing_drawn(size: int, words: int) -> Drawn:
    """Room for `size` candidates out of so many words."""
    return Drawn(np.zeros(size, np.int64), np.zeros(size, np.float32), np.zeros(1, np.int64), np.zeros(words, np.int32))


def _logarithms(expected: NDArray[np.float64]) -> NDArray[np.float32]:
    least = math.log(np.finfo(np.float32).tiny)  # a word that is never drawn takes no part, but needs a finite number
    return np.maximum(np.log(np.maximum(expected, np.finfo(np.float64).tiny)), least).astype(np.float32)


def draw(draws: Any, random: NDArray[np.uint64], drawn: Drawn) -> None:
    """Replace the candidates in `drawn` by new ones; implemented for Repeated and Distinct."""
    raise NotImplementedError


@implements(draw, Repeated)
def _draw_repeated(draws: Repeated, random: NDArray[np.uint64], drawn: Drawn) -> None:
    words, times, places, noise = drawn.words, drawn.times, drawn.places, draws.noise
    for i in range(drawn.found[0]):
        places[words[i]] = 0
    count = 0
    for _ in range(draws.size):
        word = draw_word(noise, random)
        place = places[word]
        if place == 0:
            words[count] = word
            times[count] = 1
            count += 1
            places[word] = count
        else:
            times[place - 1] += 1
    drawn.found[0] = count


@implements(draw, Distinct)
def _draw_distinct(draws: Distinct, random: NDArray[np.uint64], drawn: Drawn) -> None:
    for i in range(drawn.found[0]):
        drawn.places[drawn.words[i]] = 0
    start = np.float64(np.int64(next_random(random) >> _BITS_53)) * 2.0**-53
    for i in range(draws.size):
        point = min(start + i, draws.ends[-1] * (1 - 2.0**-53))  # rounding may have left the line a little short
        word = np.int64(draws.order[np.searchsorted(draws.ends, point, side="right")])
        drawn.words[i] = word
        drawn.times[i] = 1
        drawn.places[word] = i + 1
    drawn.found[0] = draws.size
