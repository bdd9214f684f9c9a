"""Candidates: how often each word is expected among them, and how often it is drawn."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2

from tests.oracles.objectives_oracle import brewer_chances
from w2v.candidates import candidates, draw, nothing_drawn
from w2v.compilation import kernel
from w2v.config import TrainingConfig
from w2v.sampling import inclusion_probabilities

FALSE_ALARM = 1e-6
PROBABILITIES = np.array([0.4, 0.2, 0.15, 0.1, 0.08, 0.05, 0.02])


@kernel
def _count_draws(draws, random, drawn, rounds, totals):
    for _ in range(rounds):
        draw(draws, random, drawn)
        for i in range(drawn.found[0]):
            totals[drawn.words[i]] += drawn.times[i]


def times_drawn(size, distinct, rounds):
    config = TrainingConfig(loss="sampled-softmax", negative=size, distinct_candidates=distinct)
    source = candidates(PROBABILITIES, config)
    drawn = nothing_drawn(source.draws.size, len(PROBABILITIES))
    totals = np.zeros(len(PROBABILITIES))
    _count_draws(source.draws, np.array([size], np.uint64), drawn, rounds, totals)
    return source, drawn, totals


@pytest.mark.parametrize("size", [1, 3, 6])
def test_repeated_candidates_are_drawn_as_often_as_expected(size):
    rounds = 100_000
    source, _, totals = times_drawn(size, False, rounds)
    expected = rounds * np.exp(source.offsets.astype(float))
    assert totals.sum() == rounds * size
    statistic = ((totals - expected) ** 2 / expected).sum()
    assert statistic < chi2.isf(FALSE_ALARM, len(totals) - 1)


@pytest.mark.parametrize("size", [1, 3, 6, 7, 9])
def test_distinct_candidates_are_drawn_as_often_as_expected(size):
    rounds = 100_000
    source, drawn, totals = times_drawn(size, True, rounds)
    assert drawn.found[0] == min(size, 7)
    assert len(set(drawn.words.tolist())) == min(size, 7)
    chances = np.exp(source.offsets.astype(float))
    # Each total is binomial: by Bernstein's inequality it is off by t or more with a chance of at most 2 exp(-t² / (2 v + t)).
    variance = rounds * chances * (1 - chances)
    logarithm = np.log(2 * len(totals) / FALSE_ALARM)
    off_by = logarithm / 2 + np.sqrt(logarithm**2 / 4 + 2 * variance * logarithm)
    assert (np.abs(totals - rounds * chances) <= off_by + rounds * 2e-7).all()  # and a float32 logarithm's rounding


def chances_of_sets(chances, size):
    """How likely each set of `size` words is, from all orders in which Brewer's method draws them."""
    orders = {(): 1.0}
    for _ in range(size):
        longer = {}
        for drawn, chance in orders.items():
            for word, next_chance in enumerate(brewer_chances(chances, drawn, size)):
                if next_chance > 0:
                    longer[(*drawn, word)] = chance * next_chance
        orders = longer
    sets = {}
    for drawn, chance in orders.items():
        sets[frozenset(drawn)] = sets.get(frozenset(drawn), 0.0) + chance
    return sets


@settings(deadline=None, derandomize=True, max_examples=30)
@given(st.lists(st.floats(0.01, 1), min_size=3, max_size=6), st.data())
def test_the_method_gives_each_word_its_chance_and_every_pair_one(shares, data):
    size = data.draw(st.integers(2, len(shares) - 1))
    chances = inclusion_probabilities(np.array(shares) / sum(shares), size)
    free = [chance for chance in chances.tolist() if chance < 1 - 1e-9]
    size -= len(shares) - len(free)
    sets = chances_of_sets(free, size)
    included = [sum(chance for words, chance in sets.items() if word in words) for word in range(len(free))]
    assert included == pytest.approx(free, abs=1e-6)  # as near as a chance may be to 1 and yet below it
    if size >= 2:
        for pair in combinations(range(len(free)), 2):
            together = sum(chance for words, chance in sets.items() if words.issuperset(pair))
            assert 0 < together < free[pair[0]] + 1e-9


@kernel
def _count_sets(draws, random, drawn, rounds, totals):
    for _ in range(rounds):
        draw(draws, random, drawn)
        members = 0
        for i in range(drawn.found[0]):
            members |= 1 << drawn.words[i]
        totals[members] += 1


@pytest.mark.parametrize("size", [2, 3, 5])
def test_sets_of_distinct_candidates_are_drawn_as_the_method_says(size):
    """Chi-square over all sets, whose false-alarm rate is FALSE_ALARM; the most frequent words are likely or certain ones."""
    rounds = 100_000
    source = candidates(PROBABILITIES, TrainingConfig(loss="sampled-softmax", negative=size, distinct_candidates=True))
    totals = np.zeros(2 ** len(PROBABILITIES))
    drawn = nothing_drawn(source.draws.size, len(PROBABILITIES))
    _count_sets(source.draws, np.array([size], np.uint64), drawn, rounds, totals)
    certain = source.draws.certain.tolist()
    others = [word for word in range(len(PROBABILITIES)) if word not in certain]
    sets = chances_of_sets(source.draws.chances[others].tolist(), size - len(certain))
    members = [sum(1 << word for word in [*certain, *(others[place] for place in chosen)]) for chosen in sets]
    expected = rounds * np.array(list(sets.values()))
    assert totals[members].sum() == rounds and expected.min() > 5
    statistic = ((totals[members] - expected) ** 2 / expected).sum()
    assert statistic < chi2.isf(FALSE_ALARM, len(sets) - 1)


def test_places_say_where_each_candidate_stands():
    for distinct in (False, True):
        _, drawn, _ = times_drawn(4, distinct, 50)
        words = drawn.words[: drawn.found[0]]
        assert drawn.places[words].tolist() == list(range(1, len(words) + 1))
        assert np.count_nonzero(drawn.places) == len(words)


@settings(deadline=None, derandomize=True)
@given(st.lists(st.floats(1e-6, 1), min_size=1, max_size=30), st.data())
def test_chances_to_be_chosen_are_proportional_where_they_are_not_certain(shares, data):
    probabilities = np.array(shares) / sum(shares)
    size = data.draw(st.integers(1, len(shares)))
    chances = inclusion_probabilities(probabilities, size)
    assert chances.sum() == pytest.approx(size, rel=1e-9)
    assert (chances > 0).all() and (chances <= 1).all()
    free = chances < 1
    if free.any():
        ratios = chances[free] / probabilities[free]
        assert np.ptp(ratios) <= 1e-9 * ratios.max()
        assert (probabilities[~free] * ratios.max() >= 1 - 1e-9).all()


def test_all_words_are_certain_to_be_among_as_many():
    assert inclusion_probabilities(PROBABILITIES, 7).tolist() == [1.0] * 7
