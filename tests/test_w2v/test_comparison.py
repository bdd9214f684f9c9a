"""Resamples against lists written out, and comparisons of vectors that are known to be better, equal or worse."""

import json
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import pearsonr, spearmanr

from w2v.cli import main
from w2v.commands.evaluate import _plain
from w2v.comparison import _resampled_mean, compare
from w2v.correlation import p_value, pearson, resampled_spearman, spearman
from w2v.embeddings import Embeddings
from w2v.errors import QueryError
from w2v.formats import write_vectors
from w2v.question_files import Analogies, read_analogies
from w2v.resampling import analogy_resamples, interval, resamples
from w2v.vocabulary import Vocabulary

NUMBERS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4), st.integers(0, 3)), min_size=2, max_size=15)


@given(NUMBERS)
@settings(max_examples=100, deadline=None, derandomize=True)
def test_resampled_correlations_are_those_of_the_lists_written_out(rows):
    first, second, times = (np.array(column) for column in zip(*rows, strict=True))
    found = resampled_spearman(first, second, np.array([times, np.ones(len(rows))]))
    for value, repeats in zip(found, (times, np.ones(len(rows), int)), strict=True):
        a, b = np.repeat(first, repeats), np.repeat(second, repeats)
        if len(set(a)) < 2 or len(set(b)) < 2:
            assert np.isnan(value)
        else:
            assert value == pytest.approx(spearmanr(a, b).statistic)


def test_correlations_and_their_p_values_are_scipys():
    random = np.random.default_rng(0)
    for pairs in (4, 30, 300):
        a = random.standard_normal(pairs)
        b = a * 0.3 + random.standard_normal(pairs)
        for ours, theirs in ((spearman(a, b), spearmanr(a, b)), (pearson(a, b), pearsonr(a, b))):
            assert ours == pytest.approx(theirs.statistic)
            assert p_value(ours, pairs) == pytest.approx(theirs.pvalue)
    assert p_value(1.0, 5) == 0 and np.isnan(p_value(0.5, 2)) and np.isnan(p_value(np.nan, 9))


def test_resamples_have_as_many_items_as_there_are():
    times = resamples(40)
    assert times.shape == (2000, 40) and (times.sum(axis=1) == 40).all()
    # Each is drawn 40 times with chance 1 in 40: a mean of 1, whose standard deviation over 2,000 resamples is 0.022.
    assert np.abs(times.mean(axis=0) - 1).max() < 5 * 0.022
    assert np.array_equal(times, resamples(40))
    assert resamples(0).shape == (2000, 0) and np.isnan(interval(np.array([]))).all()


def questions_of_pairs(pairs):
    names = [(f"a{i}", f"b{i}") for i in range(pairs)]
    words = tuple((*one, *other) for one in names for other in names if one != other)
    return Analogies(words, (0,) * len(words), ("all",))


def test_questions_are_drawn_by_their_pairs():
    analogies = questions_of_pairs(6)
    times = np.concatenate(list(analogy_resamples(analogies)))
    assert times.shape == (2000, 30)
    by_pair = (
        np.array([int(words[0][1:]) for words in analogies.words]),
        np.array([int(words[2][1:]) for words in analogies.words]),
    )
    for row in times[:50]:
        # Weights are w_i w_j with whole w that sum to 6, so w_i (6 - w_i) is the sum of a pair's questions.
        sums = np.bincount(by_pair[0], row, 6)
        assert all(any(total == w * (6 - w) for w in range(7)) for total in sums)
        assert np.array_equal(sums, np.bincount(by_pair[1], row, 6))


def test_an_interval_of_analogies_is_as_wide_as_its_pairs_make_it():
    """All questions of a pair are right or wrong together: the share varies as that of 20 pairs, not of 380 questions."""
    from w2v.evaluation import resampled_shares

    analogies = questions_of_pairs(20)
    right = np.array([int(words[0][1:]) < 10 for words in analogies.words])
    low, high = interval(resampled_shares(analogies, right[np.newaxis], np.ones(len(right), bool)))
    independent = 2 * 1.96 * 0.5 / np.sqrt(20)
    assert 0.8 * independent < high - low < 1.2 * independent


def planted(seed, noise, words=60):
    """Words on a circle: near ones are similar, and the noise hides it."""
    random = np.random.default_rng(seed)
    angles = np.arange(words) * np.pi / words
    vectors = np.stack([np.cos(angles), np.sin(angles)], axis=1) + noise * random.standard_normal((words, 2))
    return Embeddings(Vocabulary(tuple(f"w{i}" for i in range(words)), np.arange(words, 0, -1)), vectors)


@pytest.fixture
def sets(tmp_path):
    random = np.random.default_rng(9)
    pairs = [(i, j, 10 - abs(i - j) / 6) for i, j in random.integers(0, 60, (150, 2)) if i != j]
    (tmp_path / "pairs.txt").write_text("\n".join(f"w{i} w{j} {score}" for i, j, score in pairs))
    (tmp_path / "questions.txt").write_text(
        ": steps\n"
        + "\n".join(f"w{i} w{i + 3} w{j} w{j + 3}" for i in range(0, 56, 5) for j in range(0, 56, 5) if i != j)
    )
    return [tmp_path / "pairs.txt", tmp_path / "questions.txt"]


def test_better_equal_and_worse_vectors(sets):
    models = {"a": planted(0, 0.3), "same": planted(0, 0.3), "better": planted(2, 0.0), "worse": planted(3, 3.0)}
    comparison = compare(models, sets)
    found = {(difference.name, difference.questions): difference for difference in comparison.differences}
    assert len(found) == 6
    for path in map(str, sets):
        same, better, worse = (found[name, path] for name in ("same", "better", "worse"))
        assert (same.difference, same.low, same.high) == (0, 0, 0) and same.baseline == "a"
        assert 0 < better.low <= better.difference <= better.high
        assert worse.difference <= 0 and worse.low <= worse.high
    for name, questions in found:
        scores = [getattr(comparison.scores[model][questions], "spearman", None) for model in (name, "a")]
        if None not in scores:
            assert found[name, questions].difference == pytest.approx(scores[0] - scores[1])


def test_differences_are_on_what_both_know_and_common_words_are_those_of_all(sets):
    whole, part = planted(0, 0.2), planted(1, 0.2).vectors_for_all([f"w{i}" for i in range(40)])
    comparison = compare({"whole": whole, "part": part}, sets)
    assert comparison.scores["whole"][str(sets[0])].used > comparison.scores["part"][str(sets[0])].used
    assert comparison.differences[0].used == comparison.scores["part"][str(sets[0])].used
    common = compare({"whole": whole, "part": part}, sets, common=True)
    for path in map(str, sets):
        assert common.scores["whole"][path].used == common.scores["part"][path].used
    alone = compare({"whole": whole.vectors_for_all(part.index_to_key)}, sets)
    assert common.scores["whole"] == alone.scores["whole"]
    other = Embeddings(Vocabulary(("x",), [1]), [[1, 2]])
    with pytest.raises(QueryError, match="the vectors have no word in common"):
        compare({"whole": whole, "other": other}, sets, common=True)
    with pytest.raises(QueryError, match="at least one model and one file of questions"):
        compare({}, sets)


def test_groups_of_runs(sets):
    """Seeds of one kind are not told from each other, a better kind is; and one run by itself is a group of one."""
    models = {f"{kind}{seed}": planted(seed, noise) for kind, noise in (("a", 0.4), ("b", 0.4), ("good", 0.0)) for seed in range(
        {"a": 0, "b": 10, "good": 20}[kind], {"a": 4, "b": 14, "good": 23}[kind])}  # fmt: skip
    groups = [[name for name in models if name.startswith(kind)] for kind in ("a", "b", "good")]
    comparison = compare(models, sets, groups=groups)
    for path in map(str, sets):
        same, better = (d for d in comparison.differences if d.questions == path)
        assert same.name == "b10,b11,b12,b13" and same.baseline == "a0,a1,a2,a3"
        assert same.low < 0 < same.high < better.low
    alone = compare({"a0": models["a0"], "b10": models["b10"]}, sets)
    assert compare(models, sets, groups=[["a0"], ["b10"]]).differences == alone.differences
    for groups in ([["a0"], ["none"]], [["a0"], []]):
        with pytest.raises(QueryError, match="must have names of models in them; there are a0, a1, "):
            compare(models, sets, groups=groups)


def test_the_variance_of_resampled_runs_is_that_of_their_mean():
    scores = np.repeat(np.array([[0.1], [0.2], [0.6]]), 100_000, axis=1)  # questions change nothing here
    resampled = _resampled_mean(scores, np.random.default_rng(0))
    # An estimate of a variance from 100,000 draws has a relative standard deviation below 1 %.
    assert resampled.var() == pytest.approx(np.var([0.1, 0.2, 0.6], ddof=1) / 3, rel=0.05)


def test_the_command_compares(sets, tmp_path, monkeypatch, capsys):
    for name, embeddings in (("a.bin", planted(0, 0.3)), ("b.txt", planted(2, 0.0))):
        write_vectors(embeddings, tmp_path / name)

    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        status = main(["evaluate", *map(str, arguments)])
        said = capsys.readouterr()
        return SimpleNamespace(returncode=status, stdout=said.out, stderr=said.err)

    done = run("a.bin", "b.txt", "--on", *sets)
    lines = done.stdout.splitlines()
    assert [line.split(": ")[-1] for line in lines if ": " in line] == ["rank correlation", "analogies"]
    assert sum("b.txt - a.bin" in line for line in lines) == 2 and len(lines) == 8
    data = json.loads(run("a.bin", "b.txt", "--on", *sets, "--common", "--cosmul", "--json").stdout)
    assert set(data["scores"]) == {"a.bin", "b.txt"} and len(data["differences"]) == 2
    assert data["scores"]["b.txt"][str(sets[0])]["used"] == data["differences"][0]["used"]
    assert data["differences"][0]["low"] > 0
    grouped = json.loads(run("a.bin,b.txt", "b.txt", "--on", sets[0], "--json").stdout)
    assert grouped["differences"][0]["baseline"] == "a.bin,b.txt" and set(grouped["scores"]) == {"a.bin", "b.txt"}
    one = json.loads(run("a.bin", sets[0], "--json").stdout)
    assert one[str(sets[0])]["spearman"] == data["scores"]["a.bin"][str(sets[0])]["spearman"]
    for arguments, message in (
        (["a.bin"], "give files of questions, behind the vectors or with --on, or text with --held-out"),
        (["a.bin", "a.bin", "--on", sets[0]], "the vectors a.bin are given twice"),
        (["a.bin,a.bin", "b.txt", "--on", sets[0]], "the vectors a.bin,a.bin are no list of files between commas"),
        (["a.bin", sets[0], "--options-of", "r.json"], "--options-of goes with --held-out"),
        (["a.bin", "a.bin"], "a.bin is no text, and no file of questions; to compare several files of vectors, write --on and "
         "the questions behind them"),
        (["a.bin", "--held-out", sets[0]], "a.bin has no output rows, which held-out text needs; train into an .npz file"),
        (["a.bin", "--held-out", sets[0], "--options-of", "r.json"], "cannot read r.json: No such file or directory"),
        (["a.bin", "--held-out", sets[0], "--options-of", sets[0]],
         f"{sets[0]} is not a training report with its options: Expecting value: line 1 column 1 (char 0)"),
    ):  # fmt: skip
        done = run(*arguments)
        assert (done.returncode, done.stdout, done.stderr) == (2, "", f"w2v: error: {message}\n")


def test_held_out_text_is_scored_as_after_training(tmp_path):
    sentences = [["a", "b", "c", "d"], ["c", "a", "d", "b"]] * 30
    (tmp_path / "train.txt").write_text("\n".join(map(" ".join, sentences)))
    (tmp_path / "other.txt").write_text("a d b c\nb c a d\n" * 5)
    options = ["--vector-size=8", "--window=2", "--sample=0", "--min-count=1", "--held-out", "other.txt", "--quiet"]

    def run(*arguments):
        command = [sys.executable, "-m", "w2v.cli", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        return done.stdout

    run("train", "train.txt", "--output", "v.npz", "--report", "report.json", *options)
    last = json.loads((tmp_path / "report.json").read_text())["held_out_losses"][-1]
    found = json.loads(run("evaluate", "v.npz", "--held-out", "other.txt", "--options-of", "report.json", "--json"))
    assert found["held_out_losses"] == {"v.npz": last}
    assert run("evaluate", "v.npz", "--held-out", "other.txt").splitlines() == [
        "other.txt: held-out loss a pair",
        f"{last:8.4f}  v.npz",
    ]


def test_what_is_not_a_number_is_null_in_json():
    assert _plain({"a": [float("nan"), 1.5], "b": (None, "x")}) == {"a": [None, 1.5], "b": [None, "x"]}


def test_a_byte_order_mark_is_no_part_of_a_word(tmp_path):
    (tmp_path / "q.txt").write_bytes(b"\xef\xbb\xbf: first\na b c d\n")
    assert read_analogies(tmp_path / "q.txt").sections == ("first",)
