"""Queries against plain loops, and gensim where it is installed."""

import math
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from w2v.embeddings import Embeddings
from w2v.errors import UnknownWordError, VectorsError, W2VError
from w2v.subwords import NgramRule, Subwords
from w2v.vocabulary import Vocabulary


def random_embeddings(words=30, size=5, seed=0):
    names = tuple(f"w{i}" for i in range(words))
    vectors = np.random.default_rng(seed).standard_normal((words, size)).astype(np.float32)
    return Embeddings(Vocabulary(names, np.arange(words, 0, -1)), vectors)


def cosine(a, b):
    return sum(x * y for x, y in zip(a, b, strict=True)) / math.sqrt(sum(x * x for x in a) * sum(y * y for y in b))


@given(st.integers(0, 1000), st.integers(1, 3), st.integers(0, 2), st.integers(1, 40))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_most_similar_is_what_a_loop_finds(seed, positives, negatives, topn):
    embeddings = random_embeddings(seed=seed)
    words = embeddings.index_to_key
    positive, negative = words[:positives], words[positives : positives + negatives]
    found = embeddings.most_similar(positive, negative, topn)

    target = np.zeros(5)
    for sign, asked in ((1, positive), (-1, negative)):
        for word in asked:
            target += sign * embeddings[word].astype(float) / np.linalg.norm(embeddings[word].astype(float))
    others = [word for word in words if word not in positive + negative]
    expected = sorted(others, key=lambda word: -cosine(embeddings[word].tolist(), target))[:topn]
    assert [word for word, _ in found] == expected
    for word, value in found:
        assert value == pytest.approx(cosine(embeddings[word].tolist(), target), abs=1e-5)


def test_gensim_finds_the_same():
    gensim = pytest.importorskip("gensim.models")
    embeddings = random_embeddings(words=200, size=20)
    peer = gensim.KeyedVectors(20)
    peer.add_vectors(embeddings.index_to_key, embeddings.vectors)
    for positive, negative in ((["w1"], []), (["w1", "w2"], ["w3"]), ([], ["w5"])):
        ours = embeddings.most_similar(positive, negative, 15)
        theirs = peer.most_similar(positive, negative, 15)
        assert [word for word, _ in ours] == [word for word, _ in theirs]
        assert [value for _, value in ours] == pytest.approx([value for _, value in theirs], abs=1e-5)
    assert embeddings.similarity("w7", "w9") == pytest.approx(peer.similarity("w7", "w9"), abs=1e-5)


def test_vectors_are_queries_too():
    embeddings = random_embeddings()
    by_vector = embeddings.most_similar(embeddings["w3"], topn=1)
    assert by_vector[0][0] == "w3" and by_vector[0][1] == pytest.approx(1, abs=1e-6)
    assert embeddings.most_similar([embeddings["w3"]], topn=1) == by_vector


def test_what_embeddings_hold():
    embeddings = random_embeddings()
    assert (
        len(embeddings) == 30
        and "w29" in embeddings
        and "w30" not in embeddings
        and 29 in embeddings
        and 30 not in embeddings
    )
    assert embeddings[["w1", "w0"]].shape == (2, 5) and embeddings.vector_size == 5
    assert embeddings.key_to_index["w4"] == 4
    with pytest.raises(ValueError, match="read-only"):
        embeddings.vectors[0, 0] = 1
    assert embeddings.most_similar("w0", topn=0) == []
    assert len(embeddings.most_similar("w0", topn=1000)) == 29


def test_a_zero_vector_is_similar_to_nothing():
    embeddings = Embeddings(Vocabulary(("zero", "one"), [1, 1]), [[0, 0], [1, 0]])
    assert embeddings.similarity("zero", "one") == 0
    assert embeddings.most_similar("zero") == [("one", 0.0)]


def test_unknown_words_and_empty_questions():
    embeddings = random_embeddings()
    for ask in (
        lambda: embeddings["no"],
        lambda: embeddings.most_similar("no"),
        lambda: embeddings.similarity("w1", "no"),
    ):
        with pytest.raises(UnknownWordError, match="the word 'no' is not in the vocabulary of 30 words"):
            ask()
    with pytest.raises(W2VError, match="at least one word or vector"):
        embeddings.most_similar()
    assert isinstance(UnknownWordError("x"), KeyError)


def test_vectors_that_do_not_fit():
    with pytest.raises(VectorsError, match=r"2 words need as many rows of vectors, not an array of shape \(3, 2\)"):
        Embeddings(Vocabulary(("a", "b"), [1, 1]), np.zeros((3, 2)))
    with pytest.raises(VectorsError, match="the vector of 'b' is not finite"):
        Embeddings(Vocabulary(("a", "b"), [1, 1]), [[1.0], [np.nan]])
    with pytest.raises(VectorsError, match=r"outputs of shape \(2, 3\) need rows as long as vectors \(2, 1\)"):
        Embeddings(Vocabulary(("a", "b"), [1, 1]), [[1.0], [2.0]], np.zeros((2, 3)))
    for words, counts, message in [
        (("b", "a", "a"), [1, 1, 1], "the word 'a' is there twice; words are distinct"),
        (("a", "b"), [1], r"2 words need as many counts, not an array of shape \(1,\)"),
        (("a", 3), [1, 1], "3 is no word of a vocabulary; its words are a tuple of str"),
        ("ab", [1, 1], "'ab' is no word of a vocabulary; its words are a tuple of str"),
    ]:
        with pytest.raises(VectorsError, match=message):
            Vocabulary(words, counts)
    assert Vocabulary(["a"], [1]).words == ("a",) and issubclass(VectorsError, ValueError)


def test_a_word_in_other_capitals_is_named():
    vocabulary = Vocabulary(("paris", "Rome", "NATO"), [3, 2, 1])
    for word, there in [("Paris", "paris"), ("rome", "Rome"), ("nato", "NATO")]:
        with pytest.raises(UnknownWordError) as caught:
            vocabulary.index(word)
        assert str(caught.value) == f"the word {word!r} is not in the vocabulary of 3 words; {there!r} is"


def test_more_words_are_new_embeddings():
    rule = NgramRule(3, 3, 1000)
    subwords = Subwords(rule, [5], np.ones((1, 2), np.float32))
    embeddings = Embeddings(Vocabulary(("a", "b"), [4, 3]), [[1, 2], [3, 4]], np.zeros((2, 2)), subwords)
    more = embeddings.with_vectors(["c", "a"], [[5, 6], [7, 8]], [2, 9], replace=True)
    assert more.index_to_key == ["a", "b", "c"] and more.vectors.tolist() == [[7, 8], [3, 4], [5, 6]]
    assert more.vocabulary.counts.tolist() == [4, 3, 2] and more.outputs is None and more.subwords is subwords
    assert embeddings.vectors.tolist() == [[1, 2], [3, 4]] and embeddings.with_vectors(
        [], np.empty((0, 2))
    ).vectors.shape == (2, 2)
    assert more.most_similar([[5, 6]], topn=1)[0][0] == "c"


def test_a_representation_is_short():
    words = tuple(f"w{number}" for number in range(5000))
    vocabulary = Vocabulary(words, np.ones(5000, int))
    assert repr(vocabulary) == "<Vocabulary: 5,000 words: 'w0', 'w1', 'w2', ...>"
    assert repr(Embeddings(vocabulary, np.ones((5000, 3)))) == "<Embeddings: 5,000 words of 3 numbers>"
    assert repr(Embeddings(Vocabulary(("a",), [1]), [[1]], [[1]])) == "<Embeddings: 1 words of 1 numbers, output rows>"
    assert repr(Vocabulary((), [])) == "<Vocabulary: 0 words>"


def test_words_and_numbers_are_made_once_and_guard_the_vocabulary():
    """Loops ask for them again and again: a new list each time would take a time that grows with the square of the words."""
    embeddings = Embeddings(Vocabulary(("a", "b"), [2, 1]), np.eye(2))
    assert embeddings.index_to_key is embeddings.index_to_key and embeddings.key_to_index is embeddings.key_to_index
    embeddings.index_to_key.reverse()
    embeddings.key_to_index["a"] = 1
    assert (
        embeddings.vocabulary.words == ("a", "b") and embeddings.get_index("a") == 0 and list(embeddings) == ["a", "b"]
    )
    assert pickle.loads(pickle.dumps(embeddings))["a"].tolist() == [1, 0]  # noqa: S301
