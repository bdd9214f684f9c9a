"""Blocks and learning rates."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from w2v.config import TrainingConfig
from w2v.schedule import block_bounds, learning_rate, schedule


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
