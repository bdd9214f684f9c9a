"""Words that are made of parts, with every loss and both architectures, against the slow twin."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.oracles import subword_oracle
from tests.test_w2v.losses import counts_of, random_weights, slow_twin
from tests.test_w2v.test_kernels import KEEP_ALL, sources_digest
from tests.test_w2v.test_subword_kernels import parts_for, random_rows
from tests.test_w2v.test_subword_training import OPTIONS, STEMS, inflections
from w2v import TrainingConfig, read_corpus, train
from w2v.sampling import alias_table, noise_probabilities
from w2v.schedule import Block
from w2v.steps import steps
from w2v.subword_steps import SOURCES_DIGEST, composed_steps_on
from w2v.workspace import Sampling, text_in_order

MODULES = (
    "architectures", "candidates", "compilation", "copying", "draws", "kernels", "objectives", "simd", "steps",
    "subword_kernels", "tiles", "workspace",
)  # fmt: skip

# Each is compiled anew, for some seconds; that the losses and architectures go with each other is shown without n-grams.
COMBINATIONS = [
    ("hierarchical-softmax", "skip-gram"),
    ("negative-sampling", "cbow"),
    pytest.param("sampled-softmax", "skip-gram", marks=pytest.mark.slow),
]


@pytest.mark.parametrize(("loss", "architecture"), COMBINATIONS)
@settings(max_examples=10, deadline=None, derandomize=True)
@given(
    size=st.integers(1, 40),
    window=st.integers(1, 4),
    ngrams=st.integers(1, 100),
    lengths=st.lists(st.integers(1, 40), min_size=2, max_size=4),
    keep=st.sampled_from([KEEP_ALL, KEEP_ALL // 2]),
    seed=st.integers(0, 2**64 - 1),
)
def test_a_block_equals_the_slow_twin(loss, architecture, size, window, ngrams, lengths, keep, seed):
    config = TrainingConfig(
        loss=loss, architecture=architecture, vector_size=size, window=window, negative=4, seed=seed
    )
    words = max(lengths) + 4
    counts = counts_of(words)
    random = np.random.default_rng(seed)
    sentences = [random.permutation(words)[:length] for length in lengths]  # no word twice among a center's contexts
    text = text_in_order(np.concatenate(sentences).astype(np.int32), np.cumsum(lengths))
    weights, _, outputs = random_weights(config, words)
    rows_of = random_rows(words, ngrams, seed)
    parts, matrix = parts_for(rows_of, size, weights.stride, seed)
    noise = alias_table(noise_probabilities(counts, config.ns_exponent))
    sampling = Sampling(np.full(words, keep, np.uint32), noise, window, config.negative)
    expected_parts, expected_outputs = matrix[:, :size].astype(np.float64), outputs[:, :size].astype(np.float64)
    rate = 0.01

    run = composed_steps_on(steps(config, counts), text, len(text.ids), sampling, weights, parts)
    pairs, total = run(Block(0, len(text.ids), 0, rate), seed)

    expected_pairs, expected_total = subword_oracle.train(
        sentences, sampling.keep, slow_twin(config, counts), rows_of, expected_parts, expected_outputs,
        window=window, learning_rate=rate, seed=seed, at_once=64,
        cbow=(config.cbow_mean, config.cbow_exact) if architecture == "cbow" else None,
    )  # fmt: skip
    assert pairs == expected_pairs
    # As for plain words a step is off by the rate times a score's rounding and half a unit in the last place; the row of an
    # n-gram gathers that from each of the places at which words have it.
    examples = max(words, config.negative + 1)
    per_step = rate * ((size + window) * 2**-24 + 2**-20 + 1e-6) * 4 + 2**-22
    places = np.bincount(np.concatenate(rows_of)).max()
    bound = per_step * (2 * window * examples * len(lengths) * places + len(text.ids))
    assert np.abs(matrix[:, :size] - expected_parts).max() < bound
    assert np.abs(outputs[:, :size] - expected_outputs).max() < bound
    assert abs(total - expected_total) <= 1e-5 * abs(expected_total) + 2**-19 * examples * max(pairs, 1)
    assert not matrix[:, size:].any() and not outputs[:, size:].any()


@pytest.mark.parametrize(("loss", "architecture"), COMBINATIONS)
def test_an_unseen_inflection_is_near_its_stem(loss, architecture):
    text, unseen = inflections()
    corpus = read_corpus(text)
    embeddings, report = train(corpus, TrainingConfig(**OPTIONS | {"epochs": 5}, loss=loss, architecture=architecture))
    for word in unseen:
        stem = next(stem for stem in STEMS if word.startswith(stem))
        # The four words of the stem come before the other 36; by chance they would do so once in 91,390 orders.
        assert all(neighbor.startswith(stem) for neighbor, _ in embeddings.most_similar(word, topn=4))
    assert report.epoch_losses[-1] < report.epoch_losses[0]


def test_an_edit_of_what_the_kernel_imports_reaches_the_cache():
    digest = sources_digest(*MODULES)
    assert digest == SOURCES_DIGEST, (
        f'write SOURCES_DIGEST = "{digest}" to w2v/subword_steps.py, so that it is compiled anew'
    )
