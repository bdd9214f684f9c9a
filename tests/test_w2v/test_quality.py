"""benchmarks/w2v_quality.py: which pairs its loss is taken over, and what that loss is."""

import importlib.util
import json
import math
import sys
from pathlib import Path

import numpy as np
import pytest

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"
OPTIONS = {"window": 4, "negative": 3, "sample": 0}


@pytest.fixture(scope="module")
def quality():
    sys.path.insert(0, str(BENCHMARKS))  # the script takes its own folder off the path again
    before = list(sys.path)
    spec = importlib.util.spec_from_file_location("w2v_quality", BENCHMARKS / "w2v_quality.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert sys.path == before[1:]
    return module


def distinct_words(sentences, length):
    """A text in which every word occurs once, so that a pair's words tell its positions."""
    words = np.arange(sentences * length)
    return words, length * np.arange(1, sentences + 1), np.ones(len(words), np.int64)


def test_pairs_are_of_one_sentence_and_window(quality):
    pairs = quality.fixed_pairs(*distinct_words(500, 9), OPTIONS, seed=1)
    centers = pairs.outputs[:, 0]
    assert np.array_equal(centers // 9, pairs.contexts // 9)
    distances = np.abs(centers - pairs.contexts)
    assert distances.min() == 1 and distances.max() == 4
    assert len(np.unique(np.stack([centers, pairs.contexts]), axis=1).T) == len(centers)


def test_windows_are_uniform(quality):
    """Distance k is reached with probability (window - k + 1) / window; five standard deviations: one false alarm in 10**6."""
    words, ends, counts = distinct_words(1, 4000)
    pairs = quality.fixed_pairs(words, ends, counts, OPTIONS, seed=2)
    right = (pairs.contexts - pairs.outputs[:, 0])[pairs.contexts > pairs.outputs[:, 0]]
    for k in range(1, 5):
        chance = (4 - k + 1) / 4
        trials = len(words) - k
        assert abs((right == k).sum() - trials * chance) <= 5 * math.sqrt(trials * chance * (1 - chance))


def test_negatives_are_never_the_center_and_follow_the_noise(quality):
    """Words 0 and 1 with counts 16 and 1: where the center is word 2, word 0 is a negative 8 times as often as word 1."""
    words = np.tile([2, 2], 20_000)
    pairs = quality.fixed_pairs(words, np.array([len(words)]), np.array([16, 1, len(words)]), OPTIONS, seed=3)
    negatives = pairs.outputs[:, 1:]
    assert (negatives != pairs.outputs[:, :1]).all()
    trials, chance = negatives.size, 8 / 9
    assert abs((negatives == 0).sum() - trials * chance) <= 5 * math.sqrt(trials * chance * (1 - chance))


def test_frequent_words_are_dropped_as_in_training(quality):
    """Half of the tokens are word 0, kept with probability sqrt(t/f) + t/f; the other words are kept, each once at most."""
    rare = 20_000
    words = np.column_stack([np.zeros(rare, np.int64), np.arange(1, rare + 1)]).ravel()
    counts = np.concatenate([[rare], np.ones(rare, np.int64)])
    sample = 0.02
    keep = math.sqrt(sample / 0.5) + sample / 0.5
    pairs = quality.fixed_pairs(
        words, np.array([len(words)]), counts, {**OPTIONS, "window": 1, "sample": sample}, seed=4
    )
    share = (pairs.contexts == 0).mean()
    expected = keep / (1 + keep)
    # Each kept token stands in two pairs at most, so the count's deviation is at most twice that of its draws.
    assert abs(share - expected) <= 5 * 2 * math.sqrt(keep * (1 - keep) * rare) / (rare * (1 + keep))


def test_loss_is_the_formula(quality):
    random = np.random.default_rng(5)
    inputs, outputs = random.normal(size=(2, 30, 8)).astype(np.float32)
    pairs = quality.Pairs(random.integers(0, 30, 9000), random.integers(0, 30, (9000, 4)))
    total = 0.0
    for context, (center, *negatives) in zip(pairs.contexts, pairs.outputs, strict=True):
        scores = [math.fsum(float(a) * float(b) for a, b in zip(inputs[context], outputs[word], strict=True))
                  for word in (center, *negatives)]  # fmt: skip
        total += math.log1p(math.exp(-scores[0])) + sum(math.log1p(math.exp(score)) for score in scores[1:])
    # Sums of 9,000 terms below 40 and products of 8 numbers below 5, in float64.
    assert quality.mean_loss(inputs, outputs, pairs) == pytest.approx(total / 9000, abs=9000 * 40 * 2**-52)


def test_loss_of_untrained_outputs(quality):
    pairs = quality.Pairs(np.array([0, 1]), np.array([[1, 2, 2, 0], [0, 2, 2, 2]]))
    loss = quality.mean_loss(np.ones((3, 5), np.float32), np.zeros((3, 5), np.float32), pairs)
    assert loss == pytest.approx(4 * math.log(2), abs=1e-15)


def test_rows_are_brought_into_one_order(quality):
    vocabulary = quality.read_corpus([["b", "a", "b"]]).vocabulary
    (rows,) = quality.aligned(["</s>", "a", "b"], [np.array([[0.0], [1.0], [2.0]])], vocabulary)
    assert vocabulary.words == ("b", "a") and rows.ravel().tolist() == [2.0, 1.0]


def test_every_fiftieth_line_is_held_out(quality, tmp_path):
    corpus = tmp_path / "corpus.txt"
    corpus.write_text("".join(f"{line}\n" for line in range(1, 121)))
    train, held_out = quality.split(corpus, tmp_path / "split")
    assert held_out.read_text().split() == ["50", "100"]
    assert len(train.read_text().split()) == 118


def test_lines_are_shuffled_and_none_is_lost(quality, tmp_path):
    path = tmp_path / "train.txt"
    path.write_text("".join(f"{line}\n" for line in range(1000)))
    lines = quality.shuffled(path).read_text().split()
    assert sorted(lines, key=int) == path.read_text().split() != lines


def test_recorded_results_make_a_table(quality, tmp_path, capsys):
    scores = dict.fromkeys(quality.MEASURES, 0.5)
    path = tmp_path / "results.jsonl"
    for seed, loss in ((1, 2.0), (2, 4.0)):
        quality.record(
            path, {"contender": "w2v", "epochs": 1, "vector_size": 10, "seed": seed, **scores, "training loss": loss}
        )
    assert [json.loads(line)["seed"] for line in path.open()] == [1, 2]
    capsys.readouterr()
    quality.table(quality.recorded(path))
    # The mean of 2 and 4, and their standard deviation, the square root of 2.
    assert "| w2v | 2 | 3.0000 ± 1.4142 | 0.5000 ± 0.0000 | 0.500 ± 0.000 |" in capsys.readouterr().out
