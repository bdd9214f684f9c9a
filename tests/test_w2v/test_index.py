"""The index against exact search, and its files."""

import json
import os
import re
import subprocess
import sys

import numpy as np
import pytest

from tests.test_w2v.test_embeddings import random_embeddings
from w2v.embeddings import Embeddings
from w2v.errors import MissingExtraError, QueryError, SourceError, VectorFileError
from w2v.index import IndexReport, NearestNeighbors
from w2v.vocabulary import Vocabulary

NARROW = {"connectivity": 3, "expansion_add": 4}  # so that neighbors are missed


@pytest.fixture(scope="module")
def embeddings():
    return random_embeddings(words=1500, size=24, seed=5)


@pytest.fixture(scope="module")
def index(embeddings):
    pytest.importorskip("usearch")
    return embeddings.build_index(recall=0.6, **NARROW)


def test_the_stated_recall_is_that_of_all_words(embeddings, index):
    exact, _ = embeddings.nearest(embeddings.index_to_key, topn=10)
    found, _ = embeddings.nearest(embeddings.index_to_key, topn=10, indexer=index)
    recall = np.mean([len(set(a) & set(b)) / 10 for a, b in zip(exact.tolist(), found.tolist(), strict=True)])
    report = index.report
    assert (report.words, report.size, report.sample) == (1500, 24, 1000)
    assert report.recall_low < report.recall
    # A sample of 1,000 words without replacement: its mean has a standard deviation of at most 0.5 / sqrt(1000) = 0.016, and
    # less by the 2 in 3 words that it has; four of them are exceeded once in 10,000 seeds.
    assert abs(report.recall - recall) < 4 * 0.016
    assert 0.5 < recall < 1


def test_cosines_are_exact_and_the_words_of_the_question_left_out(embeddings, index):
    for positive, negative in ((["w3"], []), (["w3", "w8"], ["w20"])):
        everything = dict(embeddings.most_similar(positive, negative, topn=1500))
        found = embeddings.most_similar(positive, negative, topn=10, indexer=index)
        assert len(found) == 10 and not {word for word, _ in found} & {*positive, *negative}
        assert all(value == pytest.approx(everything[word], abs=1e-6) for word, value in found)
        assert [value for _, value in found] == sorted((value for _, value in found), reverse=True)


def test_more_recall_takes_a_wider_search(embeddings, index):
    wider = embeddings.build_index(recall=0.95, **NARROW)
    assert wider.report.expansion_search > index.report.expansion_search
    assert wider.report.recall > index.report.recall
    assert embeddings.build_index(recall=0.6, **NARROW).report == index.report


def test_few_words_equal_words_and_zero_vectors():
    pytest.importorskip("usearch")
    for vectors in (np.zeros((3, 4)), np.ones((40, 4)), np.eye(2, 4)):
        words = tuple(map(str, range(len(vectors))))
        embeddings = Embeddings(Vocabulary(words, np.ones(len(words))), vectors)
        index = embeddings.build_index()
        assert index.report.recall == 1
        assert len(embeddings.most_similar("0", topn=100, indexer=index)) == len(vectors) - 1


def test_vectors_of_the_same_shape_are_told_from_those_of_the_index(embeddings, index):
    other = Embeddings(embeddings.vocabulary, embeddings.vectors[::-1])
    for ask in (lambda e: e.most_similar("w1", indexer=index), lambda e: e.nearest(["w1"], indexer=index)):
        assert ask(embeddings) is not None
        with pytest.raises(QueryError, match="the index is of other vectors than these; build one of these"):
            ask(other)
        equal = Embeddings(embeddings.vocabulary, embeddings.vectors.copy())
        assert equal.most_similar("w1", indexer=index) == embeddings.most_similar("w1", indexer=index)


def test_an_index_is_read_back(embeddings, index, tmp_path):
    index.save(tmp_path / "vectors.usearch")
    again = embeddings.load_index(tmp_path / "vectors.usearch")
    assert again.report == index.report
    for words in (["w1"], ["w1", "w5", "w77"]):
        numbers, cosines = embeddings.nearest(words, indexer=again)
        assert np.array_equal(numbers, embeddings.nearest(words, indexer=index)[0])
        assert np.array_equal(cosines, embeddings.nearest(words, indexer=index)[1])
    assert sorted(os.listdir(tmp_path)) == ["vectors.usearch", "vectors.usearch.json"]


def test_files_that_do_not_fit(embeddings, index, tmp_path):
    path = tmp_path / "v.usearch"
    description = tmp_path / "v.usearch.json"
    with pytest.raises(SourceError, match=r"cannot read .*v\.usearch\.json: No such file"):
        embeddings.load_index(path)
    index.save(path)
    with pytest.raises(
        VectorFileError, match=r"the index .*v\.usearch is of other vectors than these; build one of these"
    ):
        random_embeddings(words=1500, size=24, seed=6).load_index(path)
    right, graph = description.read_text(), path.read_bytes()
    for wrong in ("", "[]", "{}", "nonsense", "[" * 100_000, right.replace("w2v index 1", "w2v index 2"),
                  right.replace('"connectivity": 3', '"connectivity": 1000000000000'),
                  right.replace('"expansion_search": ', '"expansion_search": -'),
                  right.replace('"words": 1500', '"words": "many"'), right.replace('"recall_low"', '"recall_high"')):  # fmt: skip
        description.write_text(wrong)
        with pytest.raises(VectorFileError, match=r"v\.usearch\.json does not describe an index"):
            embeddings.load_index(path)
    description.write_text(right)
    for cut in (graph[:-1], graph[:1000], b"", b"x" + graph[1:]):
        path.write_bytes(cut)
        with pytest.raises(VectorFileError, match=r"v\.usearch is not the index that .*v\.usearch\.json describes"):
            embeddings.load_index(path)
    path.unlink()
    with pytest.raises(SourceError, match=r"cannot read .*v\.usearch: No such file"):
        embeddings.load_index(path)


def test_what_usearch_cannot_read_is_an_error_of_ours(embeddings, index, tmp_path):
    from w2v.indices.digests import digest_of_file

    path = tmp_path / "v.usearch"
    index.save(path)
    path.write_bytes(b"no graph at all" * 100)
    content = json.loads((tmp_path / "v.usearch.json").read_text())
    (tmp_path / "v.usearch.json").write_text(json.dumps({**content, "graph_digest": digest_of_file(path)}))
    with pytest.raises(VectorFileError, match=r"v\.usearch is not an index that usearch can read: "):
        embeddings.load_index(path)


def test_a_full_disk_leaves_what_was_there(embeddings, index, tmp_path):
    """A process whose files may not grow beyond 20,000 bytes: the graph has more."""
    index.save(tmp_path / "v.usearch")
    before = (tmp_path / "v.usearch").read_bytes()
    assert len(before) > 20_000
    code = (
        "import resource, signal, sys, numpy as np; from pathlib import Path\n"
        "from tests.test_w2v.test_embeddings import random_embeddings\n"
        "from w2v.errors import SourceError\n"
        "index = random_embeddings(words=1500, size=24, seed=5).load_index(sys.argv[1])\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))\n"
        "try: index.save(sys.argv[1])\n"
        "except SourceError as error: print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, tmp_path / "v.usearch"], capture_output=True, text=True, timeout=120
    )
    assert re.fullmatch(r"cannot write .*v\.usearch: .+\n", done.stdout), done
    assert (tmp_path / "v.usearch").read_bytes() == before
    assert sorted(os.listdir(tmp_path)) == ["v.usearch", "v.usearch.json"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"recall": 1}, "recall is 1; it must be between 0 and 1"),
        ({"recall": 0.0}, "recall is 0.0; it must be between 0 and 1"),
        ({"connectivity": 1}, "connectivity is 1; it must be a whole number from 2 to 1000"),
        ({"connectivity": 10**9}, "connectivity is 1000000000; it must be a whole number from 2 to 1000"),
        ({"recall": "much"}, "recall is 'much'; it must be between 0 and 1"),
        ({"expansion_add": 2.5}, "expansion_add is 2.5; it must be a whole number from 2 to 1000000"),
        ({"threads": 0}, "threads is 0; it must be a whole number from 1 to 1024"),
    ],
)
def test_options_out_of_range(embeddings, options, message):
    with pytest.raises(QueryError, match=message):
        embeddings.build_index(**options)


def test_questions_that_an_index_cannot_answer(embeddings, index):
    for ask, message in (
        (lambda: embeddings.most_similar("w1", indexer=index, topn=None), "leave indexer out, or say how many with topn"),
        (lambda: embeddings.most_similar("w1", indexer=index, restrict_vocab=9), "an index searches all words"),
        (lambda: embeddings.most_similar("w1", indexer="annoy"), "indexer is 'annoy'; it must be what build_index or load_index"),
        (lambda: embeddings.nearest(["w1"], indexer=index, restrict_vocab=9), "an index searches all words"),
        (lambda: random_embeddings().most_similar("w1", indexer=index), "of 1500 vectors of 24 numbers, not of 30 of 5; build"),
    ):  # fmt: skip
        with pytest.raises(QueryError, match=message):
            ask()


def test_progress_and_a_missing_extra(embeddings, monkeypatch, index):
    seen = []
    NearestNeighbors.build(
        embeddings.vectors, embeddings._lengths, on_progress=lambda done, total: seen.append((done, total))
    )
    assert seen == [(1500, 1500)]
    assert isinstance(index.report, IndexReport)
    monkeypatch.setitem(sys.modules, "usearch.index", None)
    with pytest.raises(
        MissingExtraError, match=r"needs usearch; install it with: pip install 'lagrangian-w2v\[index\]'"
    ):
        embeddings.build_index()
