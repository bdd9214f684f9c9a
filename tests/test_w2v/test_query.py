"""Queries against gensim where it is installed, and against loops over single words."""

import copy
import math
import pickle
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from tests.test_w2v.test_embeddings import cosine, random_embeddings
from w2v import gensim_names, search
from w2v.embeddings import Embeddings
from w2v.errors import QueryError, UnknownWordError
from w2v.query import Queries
from w2v.search import nearest, row_norms, unit_rows
from w2v.subwords import NgramRule, Subwords
from w2v.vocabulary import Vocabulary

EMBEDDINGS = random_embeddings(words=200, size=20)
# Sums of 20 products of float32 in another order differ by less than 20 * 2**-24 times the products' sizes, below 1 here.
ROUNDING = 20 * 2**-24 * 2


@pytest.fixture(scope="module")
def peer():
    gensim = pytest.importorskip("gensim.models")
    vectors = gensim.KeyedVectors(20)
    vectors.add_vectors(EMBEDDINGS.index_to_key, EMBEDDINGS.vectors)
    return vectors


VECTOR = np.random.default_rng(3).standard_normal(20).astype(np.float32) * 3


@pytest.mark.parametrize(
    ("method", "arguments", "options"),
    [
        ("most_similar", (["w1", "w2"], ["w3"]), {}),
        ("most_similar", (), {"negative": ["w5", "w7"], "topn": 3}),
        ("most_similar", ("w1", "w2"), {"restrict_vocab": 50}),
        ("most_similar", (["w1", VECTOR], ["w9"]), {"topn": 7}),
        ("most_similar", ([("w1", 0.3), "w2", (VECTOR, 0.1)], [("w4", -2.0)]), {}),
        ("most_similar", ([3, 5], [7]), {}),
        ("most_similar", ("w1",), {"clip_start": 20, "clip_end": 90}),
        ("most_similar", ("w1",), {"topn": None}),
        ("most_similar", ("w1",), {"topn": None, "restrict_vocab": 30}),
        ("most_similar", ("w1",), {"topn": 0}),
        ("most_similar", (np.stack([VECTOR, VECTOR + 1]),), {}),
        ("most_similar_cosmul", (["w1", "w2"], ["w3"]), {}),
        ("most_similar_cosmul", (["w1", unit_rows(VECTOR[None])[0]], ["w3", "w4"]), {"topn": 30}),
        ("most_similar_cosmul", ("w1", "w2"), {"topn": None}),
        ("similar_by_word", ("w11",), {"topn": 4, "restrict_vocab": 70}),
        ("similar_by_key", ("w11",), {}),
        ("similar_by_vector", (VECTOR,), {"topn": 6}),
        ("similarity", ("w1", "w2"), {}),
        ("distance", ("w1", "w2"), {}),
        ("distances", ("w1",), {}),
        ("distances", (VECTOR, ["w3", "w4"]), {}),
        ("n_similarity", (["w1", "w2"], ["w3", "w4", "w5"]), {}),
        ("rank", ("w1", "w2"), {}),
        ("closer_than", ("w1", "w20"), {}),
        ("most_similar_to_given", ("w1", ["w4", "w5", "w6"]), {}),
        ("rank_by_centrality", (["w1", "w2", "w3", "w8"],), {}),
        ("rank_by_centrality", (["w1", "w2", "w3"],), {"use_norm": False}),
        ("doesnt_match", (["w1", "w2", "w3", "w8"],), {}),
        ("relative_cosine_similarity", ("w1", "w2"), {}),
        ("get_vector", ("w1",), {"norm": True}),
        ("get_vector", (4,), {}),
        ("get_mean_vector", (["w1", "w2", "none"],), {}),
        ("get_mean_vector", (["w1", VECTOR],), {"weights": [0.5, -2], "pre_normalize": False, "post_normalize": True}),
        ("get_index", ("w8",), {}),
        ("get_index", ("none", 77), {}),
        ("has_index_for", ("w8",), {}),
        ("has_index_for", ("none",), {}),
        ("get_normed_vectors", (), {}),
        ("most_similar", (["w1", "w1", "w2"], ["w3", "w3"]), {}),
        ("most_similar", ([3, ("w4", 0.25), (VECTOR, np.float32(2))], ["w3", (7, -1)]), {"topn": np.int32(4)}),
        ("most_similar", ("w150",), {"restrict_vocab": 20, "clip_start": 90}),
        ("most_similar", ("w1",), {"topn": 1000}),
        ("most_similar", ("w1",), {"topn": -1}),
        ("cosine_similarities", (VECTOR, EMBEDDINGS.vectors[:5]), {}),
        ("doesnt_match", (["w1", "w1", "w2"],), {}),
        ("closer_than", ("w1", "w1"), {}),
        ("most_similar_to_given", ("w1", ["w2", "w1"]), {}),
        ("get_mean_vector", (["w1", "w2", "none"],), {"weights": [1, -2, 5]}),
        ("get_mean_vector", (["none"],), {"post_normalize": True}),
        ("get_mean_vector", (["w1", "w2"],), {"weights": [0, 0]}),
        ("__contains__", (3,), {}),
        ("__contains__", (200,), {}),
        ("__contains__", (None,), {}),
    ],
)  # fmt: skip
def test_gensim_answers_the_same(peer, method, arguments, options):
    ours, theirs = (getattr(asked, method)(*arguments, **options) for asked in (EMBEDDINGS, peer))
    if isinstance(theirs, list) and theirs and isinstance(theirs[0], tuple):
        at = 0 if isinstance(theirs[0][0], str) else 1
        assert [pair[at] for pair in ours] == [pair[at] for pair in theirs]
        ours, theirs = ([pair[1 - at] for pair in answer] for answer in (ours, theirs))
    if isinstance(theirs, str | bool | int) or not np.size(theirs) or isinstance(np.ravel(theirs)[0], str):
        assert ours == theirs
    else:
        assert np.shape(ours) == np.shape(theirs)
        assert np.abs(np.asarray(ours) - theirs).max() <= ROUNDING * max(1, np.abs(theirs).max())


def test_vectors_for_all_as_in_gensim(peer):
    ours, theirs = (asked.vectors_for_all(["w5", "none", "w3", "w5"]) for asked in (EMBEDDINGS, peer))
    assert ours.index_to_key == theirs.index_to_key == ["w5", "w3"]
    assert np.array_equal(ours.vectors, theirs.vectors)
    assert ours.get_vecattr("w5", "count") == EMBEDDINGS.get_vecattr("w5", "count") == 195


def test_only_the_direction_of_a_sum_counts():
    weighted = [("w1", 0.5), (VECTOR, -0.25), (7, 1.0)]
    expected = EMBEDDINGS.most_similar(weighted)
    for scale in (1e-300, 1e-30, 1e30, 1e307):
        found = EMBEDDINGS.most_similar([(query, factor * scale) for query, factor in weighted])
        assert [word for word, _ in found] == [word for word, _ in expected]
    mean = EMBEDDINGS.get_mean_vector(["w1", "w2"], weights=[1, 2])
    assert np.allclose(EMBEDDINGS.get_mean_vector(["w1", "w2"], weights=[8e307, 1.6e308]), mean, atol=ROUNDING)


@pytest.mark.parametrize(
    ("positive", "negative"),
    [
        ("w1", "w1"),
        ([("w1", 0.1), ("w1", 0.2), ("w1", -0.3)], ()),
        ([("w1", 0), ("w2", 0.0)], ()),
        (["w1", 2], [1, "w2"]),
    ],
)
def test_what_cancels_points_nowhere(positive, negative):
    with pytest.raises(QueryError, match="what is added and what is subtracted cancel each other; nothing is nearest"):
        EMBEDDINGS.most_similar(positive, negative)


@pytest.mark.parametrize(
    "ask",
    [
        lambda e, word: e[word],
        lambda e, word: e.most_similar(word),
        lambda e, word: e.most_similar(["w2"], [word]),
        lambda e, word: e.most_similar_cosmul(word),
        lambda e, word: e.similarity(word, "w2"),
        lambda e, word: e.get_vector(word),
        lambda e, word: e.get_index(word),
        lambda e, word: e.doesnt_match(word),
        lambda e, word: e.nearest([word]),
    ],
)
@pytest.mark.parametrize("word", [b"w1", bytearray(b"w1"), b"\0\1"])
def test_bytes_are_not_taken_for_numbers_of_words(ask, word):
    with pytest.raises(QueryError, match=r".* is bytes, and words are text; write '.*'"):
        ask(EMBEDDINGS, word)


def test_words_come_in_turn():
    assert list(EMBEDDINGS) == EMBEDDINGS.index_to_key
    assert EMBEDDINGS.vectors_for_all([3, "w5", "w3"]).index_to_key == ["w3", "w5"]
    assert EMBEDDINGS.distances("w1", None).tolist() == EMBEDDINGS.distances("w1").tolist()
    ties = EMBEDDINGS.rank_by_centrality([1, "w1", VECTOR, VECTOR])
    assert len(ties) == 4 and sorted(value for value, _ in ties) == [value for value, _ in reversed(ties)]


@given(st.integers(0, 100), st.integers(1, 3), st.integers(0, 2))
@settings(max_examples=40, deadline=None, derandomize=True)
def test_cosmul_is_its_formula(seed, positives, negatives):
    embeddings = random_embeddings(seed=seed)
    words = embeddings.index_to_key
    added, subtracted = words[:positives], words[positives : positives + negatives]
    scores = {}
    for word in words:
        shares = {other: (1 + cosine(embeddings[word].tolist(), embeddings[other].tolist())) / 2 for other in words}
        scores[word] = math.prod(shares[w] for w in added) / (math.prod(shares[w] for w in subtracted) + 1e-6)
    expected = sorted((w for w in words if w not in added + subtracted), key=scores.get, reverse=True)
    found = embeddings.most_similar_cosmul(added, subtracted, topn=50)
    assert [word for word, _ in found] == expected
    assert all(value == pytest.approx(scores[word], rel=1e-4) for word, value in found)
    narrow = embeddings.most_similar_cosmul(added, subtracted, topn=50, restrict_vocab=10)
    assert [word for word, _ in narrow] == [word for word in expected if word in words[:10]]


@pytest.mark.parametrize("scores", [1 << 22, 7])
@pytest.mark.parametrize("restrict", [None, 40])
def test_many_queries_at_once_are_each_by_itself(monkeypatch, scores, restrict):
    monkeypatch.setattr(search, "_SCORES", scores * 3)
    monkeypatch.setattr(search, "_TARGETS", 3)
    monkeypatch.setattr(search, "_FIRST_ROWS", 2)
    queries = ["w3", VECTOR, 7, "w150"]
    numbers, values = EMBEDDINGS.nearest(queries, topn=5, restrict_vocab=restrict)
    assert numbers.shape == values.shape == (4, 5) and numbers.dtype == np.int64
    for query, row, cosines in zip(queries, numbers.tolist(), values.tolist(), strict=True):
        monkeypatch.undo()
        one = EMBEDDINGS.most_similar([query], topn=5, restrict_vocab=restrict)
        assert [EMBEDDINGS.index_to_key[i] for i in row] == [word for word, _ in one]
        assert cosines == pytest.approx([value for _, value in one], abs=ROUNDING)
    assert EMBEDDINGS.nearest(np.stack([VECTOR]), topn=300)[0].shape == (1, 200)
    assert EMBEDDINGS.nearest(["w1"], topn=300)[0].shape == (1, 200)
    assert EMBEDDINGS.nearest(["w1"], topn=300)[0][0, -1] == 1  # itself, behind all others


@given(st.lists(st.sampled_from([-1.0, 0.0, 0.5, 1.0]), min_size=1, max_size=40), st.integers(1, 50))
@settings(max_examples=100, deadline=None, derandomize=True)
def test_equal_cosines_come_by_number(cosines, wanted):
    vectors = np.array([[c, math.sqrt(1 - c * c)] for c in cosines], np.float32)
    norms = row_norms(vectors)
    numbers, _ = nearest(vectors, norms, np.array([[1, 0]], np.float32), wanted, range(len(vectors)))
    # the float32 products and lengths of equal rows are equal
    exact = (vectors[:, 0] / norms).astype(np.float32)
    assert numbers[0].tolist() == sorted(range(len(cosines)), key=lambda i: (-exact[i], i))[:wanted]


@pytest.mark.parametrize("norm", [True, False])
def test_movers_distance_is_that_of_assigned_copies(norm):
    """Copies of words make both documents equally long; moving distributions is then assigning copies (Birkhoff)."""
    random = np.random.default_rng(4)
    for lengths in ((1, 1), (4, 4), (6, 3), (4, 6), (1, 5)):
        documents = [[f"w{i}" for i in random.integers(0, 8, length)] for length in lengths]
        copies = [words * (math.lcm(*lengths) // len(words)) for words in documents]
        first, second = (np.array([EMBEDDINGS.get_vector(w, norm=norm) for w in words], float) for words in copies)
        distances = np.linalg.norm(first[:, None] - second, axis=2)
        expected = distances[linear_sum_assignment(distances)].mean()
        # HiGHS stops at equations and reduced costs of 1e-7, for up to 36 of them.
        assert EMBEDDINGS.wmdistance(*documents, norm=norm) == pytest.approx(expected, abs=36 * 1e-7 * distances.max())
    assert EMBEDDINGS.wmdistance(["w1", "w1"], ["w1"]) == 0


def test_similarity_matrices():
    first, second = ["w1", "w2", VECTOR], ["w9", 8]
    matrix = EMBEDDINGS.similarity_matrix(first, second)
    assert matrix.shape == (3, 2) and matrix.dtype == np.float32
    for i, a in enumerate(first):
        for j, b in enumerate(second):
            assert matrix[i, j] == pytest.approx(EMBEDDINGS.similarity(a, b), abs=ROUNDING)
    square = EMBEDDINGS.similarity_matrix(["w1", "w2"])
    assert np.abs(np.diag(square) - 1).max() <= ROUNDING and square[0, 1] == square[1, 0]


def test_words_made_of_ngrams_are_queries_but_no_answers():
    rule = NgramRule(3, 3, 1000)
    buckets = sorted(set(rule.buckets("abc")))
    subwords = Subwords(rule, buckets, np.eye(3, 4, dtype=np.float32)[: len(buckets)])
    embeddings = Embeddings(Vocabulary(("x", "y"), [2, 1]), np.eye(2, 4, dtype=np.float32), subwords=subwords)
    assert embeddings.get_vector("abc", norm=True) @ embeddings["abc"] == pytest.approx(
        np.linalg.norm(embeddings["abc"])
    )
    assert len(embeddings.most_similar("abc", topn=9)) == 2
    assert embeddings.nearest(["abc"], topn=2)[0].tolist() == [[0, 1]]
    assert not embeddings.has_index_for("abc") and "abc" in embeddings
    both = embeddings.vectors_for_all(["abc", "y"])
    assert both.index_to_key == ["abc", "y"] and both.vocabulary.counts.tolist() == [0, 1]
    assert embeddings.vectors_for_all(["abc", "y"], allow_inference=False).index_to_key == ["y"]
    assert np.array_equal(embeddings.get_mean_vector(["abc"], pre_normalize=False), embeddings["abc"])


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda e: e.most_similar(), "most_similar needs at least one word or vector, as positive or negative"),
        (lambda e: e.most_similar(3.5), "3.5 is neither a word nor a vector, nor a sequence of them"),
        (lambda e: e.most_similar([3.5]), "3.5 is a number, and neither a word nor a vector; a vector goes into a list, .*"),
        (lambda e: e.most_similar(("w1", 0.5)), "0.5 is a number, and .* a weight into a pair with its query: .*"),
        (lambda e: e.most_similar([("w1", True)]), r"\('w1', True\) has a weight that is not a finite number"),
        (lambda e: e.most_similar([("w1", math.nan)]), r"\('w1', nan\) has a weight that is not a finite number"),
        (lambda e: e.most_similar([np.zeros(3)]), r"a vector of shape \(3,\) is no query: these vectors have 20 numbers; .*"),
        (lambda e: e.most_similar([np.full(20, np.inf)]), "a query vector has numbers that are not finite, or too large .*"),
        (lambda e: e.most_similar([{"a": 1}]), r"\{'a': 1\} is neither a word nor a vector"),
        (lambda e: e.most_similar("w1", restrict_vocab=0), "there is no word to search: of 200 words, those from 0 to 0 .*"),
        (lambda e: e.most_similar("w1", clip_start=200), "there is no word to search: .*"),
        (lambda e: e.most_similar_cosmul(negative="w1"), "most_similar_cosmul needs at least one positive word or vector"),
        (lambda e: e.most_similar("w1", topn=2.5), "topn is 2.5; it must be a whole number, or None for all words"),
        (lambda e: e.most_similar_cosmul("w1", topn="3"), "topn is '3'; it must be a whole number, or None for all words"),
        (lambda e: e.most_similar("w1", restrict_vocab=2.5), "restrict_vocab is 2.5; it must be a whole number of at least 0"),
        (lambda e: e.most_similar("w1", clip_start=-3), "clip_start is -3; it must be a whole number of at least 0"),
        (lambda e: e.get_index(["w1"]), r"\['w1'\] is neither a word nor a word's number"),
        (lambda e: e.rank("w1", VECTOR[:2]), r"array\(.*\) is neither a word nor a word's number"),
        (lambda e: e.has_index_for(True), "True is neither a word nor a word's number"),
        (lambda e: e.wmdistance(["w1"], []), "a document has no words; the distance is between two that have some"),
        (lambda e: e.doesnt_match([]), "there is no word to rank; give at least one"),
        (lambda e: e.most_similar_to_given("w1", []), "there is no word to choose from; give at least one"),
        (lambda e: e.n_similarity(["w1"], []), "a mean needs at least one word or vector"),
        (lambda e: e.get_mean_vector(["w1"], weights=[1, 2]), r"1 words or vectors need as many finite weights, .*\(2,\)"),
        (lambda e: e.nearest([]), "there is no query; give at least one word or vector"),
        (lambda e: e.nearest(5), "5 is no sequence of words or vectors"),
        (lambda e: e.most_similar([np.zeros(20, complex)]), r"array\(.*\) is neither a word nor a vector"),
        (lambda e: e.most_similar([0.5, 2]), "0.5 is a number, and neither a word nor a vector; a vector goes into a list, .*"),
        (lambda e: e.most_similar([[1e300] * 20]), "a query vector has numbers that are not finite, or too large for float32"),
        (lambda e: e.cosine_similarities("w1", ["w2"]), "cosine_similarities is of vectors; for words ask similarity_matrix"),
        (lambda e: e.cosine_similarities(VECTOR, VECTOR), r"a vector and rows .*, not shapes \(20,\) and \(20,\)"),
        (lambda e: e.vectors_for_all(["w1", 2.5]), "2.5 is neither a word nor a word's number"),
        (lambda e: e.vectors_for_all([]).most_similar(VECTOR), "there is no word to search: of 0 words, those from 0 to 0 .*"),
        (lambda e: e[np.array("w3")], r"array\('w3', .*\) is neither a word nor a list of words; .*"),
        (lambda e: e.with_vectors("new", [VECTOR]), "'new' is one word, where several are asked for; .*"),
        (lambda e: e.with_vectors(["w1"], [VECTOR]), "the word 'w1' is there already; write replace=True to replace its vector"),
        (lambda e: e.with_vectors(["new"], VECTOR), r"1 words need as many rows of 20 finite numbers, not .* \(20,\)"),
        (lambda e: e.with_vectors(["new"], [VECTOR * np.nan]), "1 words need as many rows of 20 finite numbers, .*"),
        (lambda e: e.with_vectors(["new"], ["x"]), "the vectors to add are no array of numbers"),
        (lambda e: e.with_vectors([3], [VECTOR]), "3 is no word, or is given twice"),
        (lambda e: e.with_vectors(["new", "new"], [VECTOR] * 2), "'new' is no word, or is given twice"),
        (lambda e: e.with_vectors(["new"], [VECTOR], [1.5]), r"1 words need as many whole numbers as counts, not .* \(1,\)"),
        (lambda e: e[3:5], r"slice\(3, 5, None\) is neither a word nor a list of words; rows by number are in vectors"),
        (lambda e: e[2.5], "2.5 is neither a word nor a list of words; rows by number are in vectors"),
        (lambda e: e.nearest(["w1"], topn=0), "topn is 0; it must be a whole number of at least 1"),
        (lambda e: e.relative_cosine_similarity("w1", "w2", topn=0), "topn is 0; it must be a whole number of at least 1"),
        (lambda e: e.get_vecattr("w1", "color"), "words have no attribute 'color' here; there is 'count'"),
    ],
)  # fmt: skip
def test_what_is_no_question(ask, message):
    with pytest.raises(QueryError) as caught:
        ask(EMBEDDINGS)
    assert re.fullmatch(message, str(caught.value), re.DOTALL), caught.value
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize(
    "ask",
    [
        lambda e: e.nearest("w1"),
        lambda e: e.similarity_matrix("w1"),
        lambda e: e.n_similarity("w1", ["w2"]),
        lambda e: e.doesnt_match("w1"),
        lambda e: e.get_mean_vector("w1"),
        lambda e: e.distances("w3", "w1"),
        lambda e: e.wmdistance(["w3"], "w1"),
        lambda e: e.most_similar_to_given("w3", "w1"),
        lambda e: e.vectors_for_all("w1"),
    ],
)
def test_a_word_is_not_taken_for_its_letters(ask):
    with pytest.raises(QueryError, match=r"'w1' is one word, where several are asked for; write \['w1', \.\.\.\]"):
        ask(EMBEDDINGS)


def test_words_by_number_and_in_arrays():
    assert np.array_equal(EMBEDDINGS[3], EMBEDDINGS["w3"]) and np.array_equal(
        EMBEDDINGS[[3, "w4"]], EMBEDDINGS.vectors[3:5]
    )
    assert EMBEDDINGS.most_similar(np.array(["w1", "w2"])) == EMBEDDINGS.most_similar(["w1", "w2"])


@pytest.mark.parametrize(
    "ask",
    [
        lambda e: e.n_similarity(["w1"], ["none"]),
        lambda e: e.doesnt_match(["w1", "none"]),
        lambda e: e.wmdistance(["w1"], ["none"]),
        lambda e: e.get_mean_vector(["none"], ignore_missing=False),
        lambda e: e.most_similar_cosmul(["none"]),
        lambda e: e.distances("w1", ["none"]),
        lambda e: e.rank("w1", "none"),
        lambda e: e.nearest(["w1", "none"]),
        lambda e: e.get_index("none"),
        lambda e: e.get_vector("none"),
        lambda e: e.get_vecattr("none", "count"),
    ],
)
def test_unknown_words_are_not_left_out_in_silence(ask):
    with pytest.raises(UnknownWordError, match="the word 'none' is not in the vocabulary of 200 words"):
        ask(EMBEDDINGS)
    with pytest.raises(UnknownWordError, match="there is no word of number 200; the numbers of 200 words are below"):
        EMBEDDINGS.get_vector(200)


def test_names_of_gensim_say_what_to_write():
    for name, hint in gensim_names.ATTRIBUTES.items():
        with pytest.raises(AttributeError) as caught:
            getattr(EMBEDDINGS, name)
        assert str(caught.value) == f"embeddings have no attribute {name!r}; {hint}"
    with pytest.raises(AttributeError, match=r"embeddings have no attribute 'colour'$"):
        EMBEDDINGS.colour
    assert np.array_equal(pickle.loads(pickle.dumps(EMBEDDINGS)).vectors, EMBEDDINGS.vectors)  # noqa: S301
    assert copy.copy(EMBEDDINGS).index_to_key == EMBEDDINGS.index_to_key


def test_every_public_name_of_gensim_is_there_or_explained(peer):
    fasttext = pytest.importorskip("gensim.models.fasttext").FastTextKeyedVectors(4, 3, 5, 10)
    theirs = {name for name in [*dir(type(peer)), *vars(peer), *vars(fasttext)] if not name.startswith("_")}
    plumbing = {
        "add_lifecycle_event",
        "log_accuracy",
        "log_evaluate_word_pairs",
        "next_index",
        "mapfile_path",
        "buckets_word",
        "compatible_hash",
    }
    missing = {name for name in theirs if not hasattr(Embeddings, name) and name not in gensim_names.ATTRIBUTES}
    assert missing == plumbing
    assert all(not hasattr(Queries, name) for name in gensim_names.ATTRIBUTES)
