"""One step of one center, against the definition of the loss in float64, and the rows that stay as they are."""

import re

import numpy as np
import pytest

from w2v import Embeddings, TrainingConfig, Vocabulary, train_center
from w2v.config import Architecture, Loss
from w2v.errors import ConfigError, UnknownWordError
from w2v.huffman import huffman_paths
from w2v.subwords import NgramRule, Subwords

WORDS, SIZE = 30, 7
RATE = 0.05


@pytest.fixture
def embeddings():
    random = np.random.default_rng(7)
    vocabulary = Vocabulary(tuple(f"w{i}" for i in range(WORDS)), np.arange(WORDS, 0, -1) ** 2)
    return Embeddings(vocabulary, *random.normal(0, 0.5, (2, WORDS, SIZE)).astype(np.float32))


def config(**options):
    return TrainingConfig(vector_size=SIZE, alpha=RATE, **options)


def sigmoid(score):
    return 1 / (1 + np.exp(-score))


@pytest.mark.parametrize("negative", [1, 5, 9])
@pytest.mark.parametrize("contexts", [["w3"], ["w3", "w8", "w20"]])
def test_negative_sampling_changes_k_plus_one_output_rows_as_the_gradient_says(embeddings, negative, contexts) -> None:
    step = train_center(embeddings, "w5", contexts, config(negative=negative, seed=3))
    rows, inputs = step.output_rows, [int(word[1:]) for word in contexts]
    assert 5 in rows and len(rows) == negative + 1
    assert step.input_rows.tolist() == sorted(inputs)
    x, y = embeddings.vectors[inputs].astype(float), embeddings.outputs[rows].astype(float)
    slopes = sigmoid(x @ y.T) - (rows == 5)
    assert step.after.outputs[rows] == pytest.approx(y - RATE * slopes.T @ x, abs=1e-6)
    assert step.after.vectors[inputs] == pytest.approx(x - RATE * slopes @ y, abs=1e-6)
    signs = np.where(rows == 5, 1, -1)
    assert step.loss == pytest.approx(-np.log(sigmoid(signs * (x @ y.T))).sum(), rel=1e-5)
    assert step.pairs == len(contexts)


def test_the_full_softmax_changes_every_output_row(embeddings) -> None:
    step = train_center(embeddings, "w5", ["w3"], config(loss=Loss.FULL_SOFTMAX))
    assert step.output_rows.tolist() == list(range(WORDS)) and step.input_rows.tolist() == [3]
    x, y = embeddings.vectors[3].astype(float), embeddings.outputs.astype(float)
    shares = np.exp(y @ x) / np.exp(y @ x).sum()
    slopes = shares - (np.arange(WORDS) == 5)
    assert step.after.outputs == pytest.approx(y - RATE * np.outer(slopes, x), abs=1e-6)
    assert step.after.vectors[3] == pytest.approx(x - RATE * slopes @ y, abs=1e-6)
    assert step.loss == pytest.approx(-np.log(shares[5]), rel=1e-5)


def test_hierarchical_softmax_changes_the_rows_of_the_nodes_above_the_center(embeddings) -> None:
    step = train_center(embeddings, "w5", ["w3"], config(loss=Loss.HIERARCHICAL_SOFTMAX))
    paths = huffman_paths(embeddings.vocabulary.counts)
    assert step.output_rows.tolist() == sorted(paths.nodes[paths.starts[5] : paths.starts[6]].tolist())


def test_cbow_has_one_pair_whatever_the_contexts(embeddings) -> None:
    step = train_center(embeddings, "w5", ["w3", "w8"], config(architecture=Architecture.CBOW))
    assert step.pairs == 1 and step.input_rows.tolist() == [3, 8] and len(step.output_rows) == 6


def test_the_embeddings_stay_as_they_are_and_the_seed_decides(embeddings) -> None:
    vectors, outputs = embeddings.vectors.copy(), embeddings.outputs.copy()
    first, same, other = (train_center(embeddings, "w5", ["w3"], config(seed=seed)) for seed in (1, 1, 2))
    assert (embeddings.vectors == vectors).all() and (embeddings.outputs == outputs).all()
    assert first.before is embeddings
    assert (first.after.outputs == same.after.outputs).all()
    assert first.output_rows.tolist() != other.output_rows.tolist()


def with_ngrams(embeddings):
    subwords = Subwords(NgramRule(3, 4, 10), np.arange(10), np.zeros((10, SIZE)))
    return Embeddings(embeddings.vocabulary, embeddings.vectors, embeddings.outputs, subwords)


@pytest.mark.parametrize(
    ("change", "contexts", "options", "message"),
    [
        (None, [], {}, 'contexts are []; write a list of at least one word, such as ["word"]'),
        (None, "w3", {}, "contexts are 'w3'; write a list of at least one word"),
        (None, ["w3"], {"subwords": True}, "a step of one center is for words that are not made of n-grams"),
        (with_ngrams, ["w3"], {}, "a step of one center is for words that are not made of n-grams"),
        (
            lambda e: Embeddings(e.vocabulary, e.vectors),
            ["w3"],
            {},
            "a step needs an output row for each of the 30 words",
        ),
    ],
)
def test_what_is_no_step_is_told(embeddings, change, contexts, options, message) -> None:
    given = embeddings if change is None else change(embeddings)
    with pytest.raises(ConfigError, match=re.escape(message)):
        train_center(given, "w5", contexts, config(**options))


def test_unknown_words_are_told(embeddings) -> None:
    for center, contexts in (("nobody", ["w3"]), ("w3", ["nobody"])):
        with pytest.raises(UnknownWordError, match="the word 'nobody' is not in the vocabulary of 30 words"):
            train_center(embeddings, center, contexts, config())
