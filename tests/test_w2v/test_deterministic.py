"""Deterministic training: the same bits for any number of threads, and the updates that its rounds are to make."""

import numpy as np
import pytest

from tests.oracles import sgns_oracle as oracle
from tests.test_w2v.planted import topics
from tests.test_w2v.test_kernels import sources_digest
from w2v import EncodedCorpus, TrainingConfig, Vocabulary, deterministic, read_corpus, round_steps, rounds, train
from w2v.deterministic import ROUND_BLOCK_TOKENS, ROUND_BLOCKS
from w2v.errors import ConfigError
from w2v.sampling import alias_table, keep_limits, keep_probabilities, noise_probabilities
from w2v.schedule import schedule
from w2v.weights import initial_weights


@pytest.fixture(scope="module")
def corpus():
    return read_corpus(topics(4_500))


def config(**options):
    return TrainingConfig(**{"vector_size": 20, "epochs": 2, "sample": 0.01, "deterministic": True, **options})


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"vector_size": 7, "negative": 2, "window": 1},
        {"vector_size": 33, "negative": 13, "sample": 0.0, "held_out": 0.1},
        {"architecture": "cbow", "loss": "hierarchical-softmax"},
        {"subwords": True, "min_n": 2, "loss": "sampled-softmax", "shared_candidates": 7},
        pytest.param({"subwords": True, "bucket": 50}, marks=pytest.mark.slow),
        pytest.param({"loss": "noise-contrastive", "distinct_candidates": True}, marks=pytest.mark.slow),
        pytest.param({"loss": "full-softmax"}, marks=pytest.mark.slow),
        pytest.param({"architecture": "cbow", "subwords": True, "cbow_exact": True}, marks=pytest.mark.slow),
        pytest.param({"architecture": "cbow", "loss": "sampled-softmax", "negative": 20}, marks=pytest.mark.slow),
    ],
)
def test_any_number_of_threads_gives_the_same_bits(corpus, options):
    blocks_of_an_epoch = len(schedule(corpus.ends, config(epochs=1), ROUND_BLOCK_TOKENS))
    assert (
        blocks_of_an_epoch > 3 * ROUND_BLOCKS and blocks_of_an_epoch % ROUND_BLOCKS
    )  # the last round is a shorter one
    runs = [train(corpus, config(threads=threads, **options)) for threads in (1, 2, 3, 5, ROUND_BLOCKS + 3)]
    assert len({embeddings.vectors.tobytes() for embeddings, _ in runs}) == 1
    assert len({embeddings.outputs.tobytes() for embeddings, _ in runs}) == 1
    assert len({(report.pairs, report.epoch_losses, report.held_out_losses) for _, report in runs}) == 1


def test_another_seed_gives_other_bits(corpus):
    first, second = (train(corpus, config(seed=seed))[0] for seed in (1, 2))
    assert first.vectors.tobytes() != second.vectors.tobytes()


def test_an_interrupt_leaves_nothing_behind(corpus):
    def interrupt(progress):
        raise KeyboardInterrupt

    expected = train(corpus, config())[0].vectors.tobytes()
    with pytest.raises(KeyboardInterrupt):
        train(corpus, config(threads=3, epochs=100_000), interrupt)
    assert train(corpus, config(threads=3))[0].vectors.tobytes() == expected


def test_an_error_in_one_thread_ends_the_others(corpus, monkeypatch):
    def fail(share, *rest):
        if share[0] == 1:
            raise MemoryError("in one thread")

    monkeypatch.setattr(deterministic, "merge_share", fail)
    with pytest.raises(MemoryError, match="in one thread"):
        train(corpus, config(threads=3))


@pytest.mark.parametrize(
    "options",
    [
        {"negative": 5},
        {"negative": 11},
        {"architecture": "cbow", "loss": "hierarchical-softmax"},
        {"subwords": True, "min_n": 2, "loss": "sampled-softmax", "shared_candidates": 7},
        pytest.param({"loss": "noise-contrastive", "distinct_candidates": True}, marks=pytest.mark.slow),
        pytest.param({"loss": "full-softmax"}, marks=pytest.mark.slow),
        pytest.param({"architecture": "cbow"}, marks=pytest.mark.slow),
    ],
)
def test_a_text_of_one_block_trains_as_ever(options):
    """A row with one copy becomes that copy."""
    corpus = read_corpus(topics(100))
    assert len(corpus.ids) < ROUND_BLOCK_TOKENS
    one, other = (train(corpus, config(deterministic=mode, epochs=5, **options)) for mode in (True, False))
    assert one[0].vectors.tobytes() == other[0].vectors.tobytes()
    assert one[0].outputs.tobytes() == other[0].outputs.tobytes()
    assert one[1].epoch_losses == other[1].epoch_losses


def text_without_repeats(words, sentences, seed):
    """Sentences without a word twice, since the slow twin adds a repeated context's updates in another order."""
    random = np.random.default_rng(seed)
    # some words in every sentence, others rare: all kinds of merges
    rows = [np.concatenate([random.permutation(8), 8 + random.permutation(words - 8)[:8]]) for _ in range(sentences)]
    rows = [random.permutation(row) for row in rows]
    counts = np.bincount(np.concatenate(rows), minlength=words)
    vocabulary = Vocabulary(tuple(map(str, range(words))), counts)
    return EncodedCorpus(vocabulary, np.concatenate(rows), np.cumsum([len(row) for row in rows]), counts.sum()), rows


def merged(before, copies, touched, pairs, steepness):
    """The rows after a round, word by word."""
    after = before.copy()
    for word in range(len(before)):
        moves = [copy[word] - before[word] for copy, words in zip(copies, touched, strict=True) if word in words]
        if moves:
            crowding = steepness * pairs[word]
            after[word] += (1 + crowding) / (1 + len(moves) * crowding) * sum(moves)
    return after


def changed(before, after):
    return set(np.flatnonzero((before != after).any(axis=1)))


def test_rounds_are_those_of_the_slow_twin():
    words, window, negative, size, rate = 150, 3, 4, 10, 0.05
    corpus, sentences = text_without_repeats(words, 400, seed=1)
    setting = config(
        vector_size=size, window=window, negative=negative, alpha=rate, min_alpha=rate, epochs=1, sample=0.05, threads=2,
        shuffle=False,
    )  # fmt: skip
    embeddings, report = train(corpus, setting)

    counts, keep = corpus.vocabulary.counts, keep_probabilities(corpus.vocabulary.counts, 0.05)
    noise = noise_probabilities(counts, setting.ns_exponent)
    kept = ROUND_BLOCK_TOKENS * counts * keep / counts.sum()
    input_pairs = np.maximum(kept, 1) * (window + 1) * (negative + 1)
    output_pairs = np.maximum(kept + kept.sum() * negative * noise, 1) * (window + 1)
    blocks = schedule(corpus.ends, setting, ROUND_BLOCK_TOKENS)
    start = initial_weights(words, setting)[0]
    inputs = start.inputs[: words * start.stride].reshape(words, -1)[:, :size].astype(float)
    outputs = np.zeros((words, size))
    pairs, loss = 0, 0.0
    for first in range(0, len(blocks), ROUND_BLOCKS):
        copies, touched = [], []
        for number in range(first, min(first + ROUND_BLOCKS, len(blocks))):
            block = blocks.block(number)
            mine = [row for row, end in zip(sentences, corpus.ends, strict=True) if block.start < end <= block.stop]
            copy = inputs.copy(), outputs.copy()
            done = oracle.train(
                mine, keep_limits(counts, 0.05), oracle.alias_rows(alias_table(noise)), *copy,
                window=window, negative=negative, learning_rate=rate, seed=blocks.seeds[number],
            )  # fmt: skip
            pairs, loss = pairs + done[0], loss + done[1]
            copies.append(copy)
            touched.append([changed(inputs, copy[0]), changed(outputs, copy[1])])
        share = kept / kept.sum()
        squares = [(rows**2).sum(axis=1) @ share for rows in (outputs, inputs)]
        steep = [rate * deterministic.CURVATURE * square for square in squares]
        inputs, outputs = (
            merged(rows, [copy[side] for copy in copies], [words[side] for words in touched], per_block, steep[side])
            for side, rows, per_block in ((0, inputs, input_pairs), (1, outputs, output_pairs))
        )
    assert len(blocks) == 7 and report.pairs == pairs
    assert report.loss == pytest.approx(loss / pairs, rel=1e-5)
    # A row has some 10,000 updates, each rounded to half a unit in the last place of numbers below 2, 6e-8: 6e-4 at the very
    # worst, and the square root of 10,000 of them, 6e-6, for roundings in random directions.
    assert np.abs(embeddings.vectors - inputs).max() < 2e-5
    assert np.abs(embeddings.outputs - outputs).max() < 2e-5


def test_words_of_one_topic_come_together(corpus):
    embeddings, report = train(corpus, config(epochs=3, threads=2, sample=0.0))
    for word in corpus.vocabulary:
        neighbors = [neighbor for neighbor, _ in embeddings.most_similar(word, topn=10)]
        assert sum(neighbor[0] == word[0] for neighbor in neighbors) >= 9
    assert report.epoch_losses[2] < report.epoch_losses[0]


def independent_words():
    """Ten words, each of them thousands of times in a block."""
    random = np.random.default_rng(0)
    return read_corpus([[str(word) for word in random.integers(0, 10, 50)] for _ in range(600)])


@pytest.mark.parametrize("alpha", [0.025, 0.1])
@pytest.mark.parametrize(
    "kind",
    [
        {},
        pytest.param({"architecture": "cbow"}, marks=pytest.mark.slow),
        pytest.param({"architecture": "cbow", "loss": "hierarchical-softmax"}, marks=pytest.mark.slow),
        pytest.param({"loss": "full-softmax"}, marks=pytest.mark.slow),
        pytest.param({"subwords": True, "min_n": 2, "loss": "sampled-softmax"}, marks=pytest.mark.slow),
    ],
)
def test_words_in_every_block_do_not_overshoot(alpha, kind):
    """Moves that only were added would diverge; full softmax does with less curvature too."""
    options = {"sample": 0.0, "negative": 2, "alpha": alpha, "epochs": 3, **kind}
    corpus = independent_words()
    rounds_loss, plain_loss = (train(corpus, config(deterministic=mode, **options))[1].loss for mode in (True, False))
    # Words are independent, so no vectors do better than scores of log(p(w, c) / (2 p(w) / 9 p(c))), the same for all pairs.
    assert rounds_loss < 1.02 * plain_loss


def test_what_is_no_truth_value():
    with pytest.raises(ConfigError, match="deterministic is 1; it must be True or False"):
        TrainingConfig(deterministic=1)


def test_an_edit_of_what_rounds_import_reaches_the_cache():
    digest = sources_digest("compilation", "copying", "draws", "kernels", "simd", "tiles", "workspace")
    assert digest == rounds.SOURCES_DIGEST, (
        f'write SOURCES_DIGEST = "{digest}" to w2v/rounds.py, so that its kernels are compiled anew'
    )


def test_an_edit_of_what_rounds_of_steps_import_reaches_the_cache():
    digest = sources_digest(
        "architectures", "candidates", "compilation", "copying", "draws", "kernels", "objectives", "rounds", "simd", "steps",
        "subword_kernels", "subword_steps", "tiles", "workspace",
    )  # fmt: skip
    assert digest == round_steps.SOURCES_DIGEST, (
        f'write SOURCES_DIGEST = "{digest}" to w2v/round_steps.py, so that its kernels are compiled anew'
    )
