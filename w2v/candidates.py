"""Words that a loss draws to stand for the whole vocabulary, and how often each is expected among them."""

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from w2v.compilation import implements, kernel_part
from w2v.config import TrainingConfig
from w2v.draws import draw_word, next_random
from w2v.sampling import alias_table, inclusion_probabilities

_CERTAIN = 1 - 1e-12  # chances beyond are 1, but for rounding
_LIKELY = (
    0.75  # the chance beyond which words are tried one by one: at least a quarter of the others' proposals are kept
)
_BITS_53 = np.uint64(11)  # how far to shift 64 bits for those that a float64 between 0 and 1 has


class Repeated(NamedTuple):
    """Draws with replacement: `size` of them, from an alias table."""

    noise: NDArray[np.uint64]
    size: int


class Distinct(NamedTuple):
    """Draws without replacement, `size` of them, by Brewer's method (1975).

    Word w is to be among the candidates with chance π_w, `chances` float64 [words], and they sum to the size. The words
    `certain`, int32, always are. The others are drawn one after the other: with n to come and S the sum of the chances of the
    words that are not yet drawn, the next is w with a chance proportional to

        π_w ρ(π_w),    ρ(π) = (S - π) / (S - n π).

    After the last, each word is among them with exactly its chance, and no pair of words excludes each other. Most words are
    proposed by the table `noise`, by their chances, and kept with chance ρ(π_w) / ρ(`greatest`); `common` is the sum of their
    chances and `greatest` the greatest. Those `likely` ones, int32, for which ρ may be large, are tried one by one.
    """

    noise: NDArray[np.uint64]
    chances: NDArray[np.float64]
    certain: NDArray[np.int32]
    likely: NDArray[np.int32]
    common: float
    greatest: float
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
        draws = _distinct(expected, min(config.negative, len(expected)))
    else:
        expected = config.negative * probabilities
        draws = Repeated(alias_table(probabilities), config.negative)
    offsets = _logarithms(expected)
    centers = np.zeros_like(offsets) if config.uncorrected_center else offsets
    return Candidates(draws, offsets, centers, config.shared_candidates)


def _distinct(chances: NDArray[np.float64], size: int) -> Distinct:
    certain, likely = chances >= _CERTAIN, (chances > _LIKELY) & (chances < _CERTAIN)
    common = np.where(certain | likely, 0.0, chances)
    table = alias_table(common / common.sum() if common.any() else np.full(len(chances), 1 / len(chances)))
    rows = [np.flatnonzero(mask).astype(np.int32) for mask in (certain, likely)]
    return Distinct(table, chances, rows[0], rows[1], float(common.sum()), float(common.max()), size)


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


@kernel_part
def _uniform(random: NDArray[np.uint64]) -> Any:
    """A number from 0 to below 1."""
    return np.float64(np.int64(next_random(random) >> _BITS_53)) * 2.0**-53


@kernel_part
def _lift(chance: Any, rest: Any, left: Any) -> Any:
    """ρ of a word's chance, with `left` words to come out of those whose chances sum to `rest`."""
    return (rest - chance) / (rest - left * chance)


@kernel_part
def _likely_word(point: Any, draws: Distinct, rest: Any, left: Any, places: NDArray[np.int32]) -> Any:
    """The likely word in whose share of the line a point falls; the last that is not drawn yet, where rounding leaves none."""
    chosen: Any = -1
    below = 0.0
    for i in range(draws.likely.shape[0]):
        word = np.int64(draws.likely[i])
        if places[word] == 0 and below <= point:
            chosen = word
            below += draws.chances[word] * _lift(draws.chances[word], rest, left)
    return chosen


@kernel_part
def _next_word(draws: Distinct, rest: Any, left: Any, random: NDArray[np.uint64], places: NDArray[np.int32]) -> Any:
    most = _lift(draws.greatest, rest, left)
    likely = 0.0
    for i in range(draws.likely.shape[0]):
        known = np.int64(draws.likely[i])
        if places[known] == 0:
            likely += draws.chances[known] * _lift(draws.chances[known], rest, left)
    chosen: Any = -1
    while chosen < 0:
        point = _uniform(random) * (likely + draws.common * most)
        if point < likely:
            chosen = _likely_word(point, draws, rest, left, places)
        else:
            proposed = draw_word(draws.noise, random)
            kept = _uniform(random) * most < _lift(draws.chances[proposed], rest, left)
            if kept and places[proposed] == 0:
                chosen = proposed
    return chosen


@kernel_part
def _enter(word: Any, count: Any, drawn: Drawn) -> None:
    drawn.words[count] = word
    drawn.times[count] = 1
    drawn.places[word] = count + 1


@implements(draw, Distinct)
def _draw_distinct(draws: Distinct, random: NDArray[np.uint64], drawn: Drawn) -> None:
    for i in range(drawn.found[0]):
        drawn.places[drawn.words[i]] = 0
    certain = draws.certain.shape[0]
    for i in range(certain):
        _enter(np.int64(draws.certain[i]), i, drawn)
    rest = np.float64(draws.size - certain)
    for count in range(certain, draws.size):
        word = _next_word(draws, rest, draws.size - count, random, drawn.places)
        _enter(word, count, drawn)
        rest -= draws.chances[word]
    drawn.found[0] = draws.size
