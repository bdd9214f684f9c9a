"""Blocks and learning rates."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from w2v.config import TrainingConfig
from w2v.schedule import block_bounds, learning_rate, schedule, shuffled_sentences


@given(st.lists(st.integers(1, 100), min_size=1, max_size=50), st.integers(1, 40))
@settings(max_examples=200, deadline=None, derandomize=True)
def test_blocks_cover_the_corpus_and_cut_only_long_sentences(lengths, block_tokens):
    ends = np.cumsum(lengths)
    bounds = block_bounds(ends, block_tokens)
    assert bounds[0] == 0 and bounds[-1] == ends[-1]
    sizes = np.diff(bounds)
    assert (sizes > 0).all() and (sizes <= 2 * block_tokens).all()
    for cut in set(bounds[1:].tolist()) - set(ends.tolist()):
        sentence = int(np.searchsorted(ends, cut))
        assert lengths[sentence] >= block_tokens


@given(st.lists(st.integers(1, 9_000), min_size=1, max_size=20), st.integers(1, 3))
@settings(max_examples=50, deadline=None, derandomize=True)
def test_the_learning_rate_falls_with_the_tokens_before_a_block(lengths, epochs):
    config = TrainingConfig(epochs=epochs, min_alpha=0.0)
    blocks = schedule(np.cumsum(lengths), config)
    total = sum(lengths) * epochs
    done = 0
    for number in range(len(blocks)):
        block = blocks.block(number)
        assert block.learning_rate == pytest.approx(0.025 * (1 - done / (total + 1)))
        assert blocks.tokens_before(number) == done
        assert np.cumsum(lengths)[block.sentence] > block.start
        done += block.stop - block.start
    assert done == total == blocks.tokens_total == blocks.tokens_before(len(blocks))
    assert len(set(blocks.seeds.tolist())) == len(blocks)


def test_the_learning_rate_has_a_least_value():
    assert learning_rate(TrainingConfig(min_alpha=0.01), 999, 999) == 0.01


@given(st.lists(st.integers(1, 9), min_size=1, max_size=30), st.integers(0, 2**64 - 1))
@settings(max_examples=200, deadline=None, derandomize=True)
def test_shuffled_sentences_are_those_of_the_text(lengths, seed):
    ends = np.cumsum(lengths)
    places = np.split(np.arange(ends[-1]), ends[:-1])
    new_ends, shifts = shuffled_sentences(ends, seed)
    moved = np.split(np.arange(ends[-1]) + np.repeat(shifts, np.diff(new_ends, prepend=0)), new_ends[:-1])
    assert sorted(sentence.tolist() for sentence in moved) == [sentence.tolist() for sentence in places]
    again = shuffled_sentences(ends, seed)
    assert np.array_equal(again[0], new_ends) and np.array_equal(again[1], shifts)


def test_every_order_of_sentences_is_as_likely():
    """Chi-square with 5 degrees of freedom over 6,000 seeds: 30.9 is exceeded by chance once in 100,000 times."""
    seen: dict[tuple[int, ...], int] = {}
    for seed in range(6_000):
        new_ends, _ = shuffled_sentences(np.array([1, 3, 6]), seed)
        order = tuple(np.diff(new_ends, prepend=0).tolist())
        seen[order] = seen.get(order, 0) + 1
    assert len(seen) == 6
    assert sum((count - 1_000) ** 2 / 1_000 for count in seen.values()) < 30.9
