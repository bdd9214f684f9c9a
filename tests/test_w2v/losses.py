"""A block trained with any loss, by the kernels and by the slow twin, to be compared."""

import numpy as np
from hypothesis import strategies as st

from tests.oracles import objectives_oracle as oracle
from tests.test_w2v.test_kernels import KEEP_ALL
from w2v.config import Loss, TrainingConfig
from w2v.sampling import alias_table, inclusion_probabilities, noise_probabilities
from w2v.schedule import Block
from w2v.steps import steps
from w2v.weights import loaded_weights
from w2v.workspace import Sampling, text_in_order

CANDIDATES = (Loss.SAMPLED_SOFTMAX, Loss.NOISE_CONTRASTIVE)

blocks = st.fixed_dictionaries(
    {
        "vector_size": st.integers(1, 40),
        "negative": st.integers(1, 20),
        "window": st.integers(1, 5),
        "seed": st.integers(0, 2**64 - 1),
        "spare_words": st.integers(0, 12),
        "lengths": st.lists(st.integers(1, 12), min_size=1, max_size=3),
        "keep": st.sampled_from([KEEP_ALL, KEEP_ALL // 2]),
        "shared_candidates": st.sampled_from([0, 1, 3]),
    }
)


def counts_of(words):
    return np.arange(words, 0, -1, dtype=np.int64) ** 2


def slow_twin(config, counts):
    """The loss of a configuration, from its definition."""
    words = len(counts)
    noise = noise_probabilities(counts, config.ns_exponent)
    if config.loss is Loss.NEGATIVE_SAMPLING:
        return oracle.NegativeSampling(alias_table(noise), min(config.negative, words - 1))
    if config.loss is Loss.FULL_SOFTMAX:
        return oracle.FullSoftmax(words)
    objective = steps(config, counts).objective
    if config.loss is Loss.HIERARCHICAL_SOFTMAX:
        starts, nodes, turns = objective.paths
        spans = [slice(starts[word], starts[word + 1]) for word in range(words)]
        return oracle.HierarchicalSoftmax([list(zip(nodes[span], turns[span], strict=True)) for span in spans])
    drawing = oracle.SampledSoftmax if config.loss is Loss.SAMPLED_SOFTMAX else oracle.NoiseContrastive
    size = config.negative
    if config.distinct_candidates:
        size = min(size, words)
        expected = inclusion_probabilities(noise, size)
        draw = oracle.brewer_draws(objective.candidates.draws.noise, expected, size)
    else:
        expected = size * noise
        draw = oracle.repeated_draws(alias_table(noise), size)
    twin = drawing(draw, expected, config.shared_candidates)
    twin.corrected_center = not config.uncorrected_center
    return twin


def random_weights(config, words):
    random = np.random.default_rng(config.seed)
    inputs, outputs = random.standard_normal((2, words, config.vector_size)).astype(np.float32)
    weights = loaded_weights(inputs, outputs, config)[0]
    size = np.float32(np.sqrt(config.vector_size))
    weights.inputs[:] /= size
    weights.outputs[:] /= size
    return weights, rows(weights.inputs, weights, words), rows(weights.outputs, weights, words)


def rows(matrix, weights, words):
    return matrix[: words * weights.stride].reshape(words, weights.stride)


def check_against_the_slow_twin(config, sentences, words, keep=KEEP_ALL, rate=0.05):
    """Train one block both ways, and compare weights, pairs and losses."""
    counts = counts_of(words)
    size = config.vector_size
    weights, inputs, outputs = random_weights(config, words)
    expected = inputs[:, :size].astype(np.float64), outputs[:, :size].astype(np.float64)
    text = text_in_order(np.concatenate(sentences).astype(np.int32), np.cumsum([len(s) for s in sentences]))
    noise = alias_table(noise_probabilities(counts, config.ns_exponent))
    sampling = Sampling(np.full(words, keep, np.uint32), noise, config.window, config.negative)

    train = steps(config, counts).blocks_on(text, len(text.ids), sampling, weights)
    pairs, loss = train(Block(0, len(text.ids), 0, rate), config.seed)

    cbow = (config.cbow_mean, config.cbow_exact) if config.architecture == "cbow" else None
    expected_pairs, expected_loss = oracle.train(
        sentences, sampling.keep, slow_twin(config, counts), *expected,
        window=config.window, learning_rate=rate, seed=config.seed, cbow=cbow,
    )  # fmt: skip
    assert pairs == expected_pairs
    # A score is off by at most (size + window) / 2**24 of |x| |y|, with |x| up to the number of contexts in a sum, and by half
    # a unit of an offset below 16; its gradient by as much, once for each time an output counts, and 1e-6 of exp. A row gathers
    # at most rate times |x| times that from each example, and half a unit in the last place at each step.
    contexts = 2 * config.window if cbow and not config.cbow_mean else 1
    examples = max(words, config.negative + 1)
    per_step = rate * contexts * ((size + config.window) * contexts * 2**-24 + 2**-20 + 1e-6) * 4 + contexts * 2**-22
    bound = per_step * (2 * config.window * examples + len(text.ids))
    assert np.abs(inputs[:, :size] - expected[0]).max() < bound
    assert np.abs(outputs[:, :size] - expected[1]).max() < bound
    # log(1 + exp(z)) = z + log(1 + exp(-z)) is off by some units in the last place of z, here below 16, once for each example
    assert abs(loss - expected_loss) <= 1e-5 * abs(expected_loss) + 2**-19 * examples * max(pairs, 1)
    assert not inputs[:, size:].any() and not outputs[:, size:].any()
    assert not weights.outputs[weights.spare_output :].any()
    return pairs, loss


def check_a_block(block, **options):
    """Compare both on a block as `blocks` describes it; no word twice among a center's contexts."""
    names = ("vector_size", "negative", "window", "seed")
    chosen = {name: block[name] for name in names}
    if options.get("loss") in CANDIDATES:
        chosen["shared_candidates"] = block["shared_candidates"]
    config = TrainingConfig(**chosen, **options)
    words = max(block["lengths"]) + 1 + block["spare_words"]
    random = np.random.default_rng(block["seed"])
    sentences = [random.permutation(words)[:length] for length in block["lengths"]]
    check_against_the_slow_twin(config, sentences, words, block["keep"])
