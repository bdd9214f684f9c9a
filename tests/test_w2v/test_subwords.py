"""The n-grams of words, their hash, and the vectors that they give to unseen words."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.oracles import ngrams_oracle as oracle
from w2v.embeddings import Embeddings
from w2v.errors import CorpusError, UnknownWordError
from w2v.ngram_table import ngram_table
from w2v.subwords import NgramRule, Subwords, fnv1a
from w2v.vocabulary import Vocabulary

WORDS = st.text(min_size=1, max_size=12) | st.binary(min_size=1, max_size=12).map(
    lambda letters: letters.decode("utf-8", "surrogateescape")
)
RULES = st.builds(
    lambda low, more, bucket: NgramRule(low, low + more, bucket),
    st.integers(1, 6), st.integers(0, 4), st.integers(1, 2**31 - 1),
)  # fmt: skip


@pytest.mark.parametrize(
    ("letters", "code"),
    [
        # The 32-bit vectors of the FNV test suite (Fowler, Noll, Vo; draft-eastlake-fnv, appendix C).
        (b"", 0x811C9DC5),
        (b"a", 0xE40C292C),
        (b"b", 0xE70C2DE5),
        (b"foobar", 0xBF9CF968),
        # By hand: FNV-1a of one byte is (basis xor byte) * prime; a byte from 128 on flips the upper 24 bits as well.
        (b"\x7f", (0x811C9DC5 ^ 0x7F) * 16777619 % 2**32),
        (b"\x80", (0x811C9DC5 ^ 0xFFFFFF80) * 16777619 % 2**32),
        (b"\xff", (0x811C9DC5 ^ 0xFFFFFFFF) * 16777619 % 2**32),
    ],
)
def test_the_hash_has_its_published_values(letters, code):
    assert fnv1a(letters) == code
    assert oracle.hash_of(letters) == code


@given(WORDS, RULES)
@example("banana", NgramRule(3, 3, 100))
@example(b"\x80\xc3".decode("utf-8", "surrogateescape"), NgramRule(1, 2, 100))
@settings(max_examples=300, deadline=None, derandomize=True)
def test_ngrams_of_any_word_are_what_a_loop_finds(word, rule):
    ngrams = oracle.ngrams_of(word, rule.min_n, rule.max_n)
    assert rule.ngrams(word) == ngrams
    assert rule.buckets(word) == [oracle.hash_of(ngram) % rule.bucket for ngram in ngrams]


def test_ngrams_are_of_characters_and_brackets_alone_are_none():
    assert [ngram.decode() for ngram in NgramRule(1, 2, 10).ngrams("öl")] == ["<ö", "ö", "öl", "l", "l>"]
    assert NgramRule(3, 6, 10).ngrams("a") == [b"<a>"]
    assert NgramRule(4, 6, 10).ngrams("a") == []
    assert NgramRule(3, 3, 10).ngrams("\ud800") == [b"<\xed\xa0\x80>"]  # half of a pair, in no encoding


@given(st.lists(WORDS, min_size=1, max_size=8, unique=True), RULES)
@settings(max_examples=200, deadline=None, derandomize=True)
def test_the_table_lists_the_rows_of_each_word(words, rule):
    table = ngram_table(words, rule)
    buckets = [rule.buckets(word) for word in words]
    assert table.buckets.tolist() == list(dict.fromkeys(bucket for each in buckets for bucket in each))
    assert len(table) == len(words) + len(table.buckets)
    for number, expected in enumerate(buckets):
        own, *others = table.rows[table.starts[number] : table.starts[number + 1]].tolist()
        assert own == number
        assert [int(table.buckets[row - len(words)]) for row in others] == expected


def test_only_strings_have_ngrams():
    with pytest.raises(CorpusError, match=r"the word 3 is not a string, and has no n-grams; write str\(word\)"):
        ngram_table(["a", 3], NgramRule(3, 6, 100))


def subwords_of(words, rule, size=4, seed=0):
    buckets = list({bucket for word in words for bucket in rule.buckets(word)})
    return Subwords(rule, buckets, np.random.default_rng(seed).standard_normal((len(buckets), size)))


def test_a_vector_is_the_mean_of_the_known_ngrams():
    rule = NgramRule(3, 4, 2_000_000)
    subwords = subwords_of(["walking", "talking", "banana"], rule)
    row_of = {int(bucket): row.astype(float) for bucket, row in zip(subwords.buckets, subwords.vectors, strict=True)}
    for word in ("stalking", "ananas", "walks"):
        rows = [row_of[bucket] for bucket in rule.buckets(word) if bucket in row_of]
        assert 0 < len(rows) < len(rule.buckets(word))
        # One rounding of a mean in float64 to float32.
        assert subwords.vector(word) == pytest.approx(sum(rows) / len(rows), rel=2**-23)
    assert len(subwords.rows("ananas")) > len(set(subwords.rows("ananas").tolist()))  # "ana" counts twice
    assert subwords.vector("xyz") is None
    assert Subwords(rule, [], np.zeros((0, 4))).vector("walks") is None


def test_arrays_that_are_no_subwords():
    rule = NgramRule(3, 6, 10)
    for buckets, vectors, message in (
        ([1, 2], np.zeros((3, 2)), r"buckets of shape \(2,\) do not fit to vectors of n-grams of shape \(3, 2\)"),
        ([1, 3, 1], np.zeros((3, 2)), "the buckets of n-grams must be distinct, from 0 to 9"),
        ([1, 1], np.zeros((2, 2)), "must be distinct"),
        ([1, 10], np.zeros((2, 2)), "must be distinct"),
        ([-1, 1], np.zeros((2, 2)), "must be distinct"),
        ([1], np.full((1, 2), np.nan), "the vector of an n-gram is not finite"),
    ):
        with pytest.raises(ValueError, match=message):
            Subwords(rule, buckets, vectors)


def embeddings_of(words, rule, size=4, seed=0):
    subwords = subwords_of(words, rule, size, seed)
    vectors = np.random.default_rng(seed + 1).standard_normal((len(words), size))
    return Embeddings(Vocabulary(tuple(words), np.arange(len(words), 0, -1)), vectors, subwords=subwords)


def test_embeddings_answer_for_unseen_words():
    embeddings = embeddings_of(["walking", "talking", "banana"], NgramRule(3, 4, 2_000_000))
    assert "walking" in embeddings and "walks" in embeddings and "xyz" not in embeddings and 3 not in embeddings
    assert "walks" not in embeddings.vocabulary
    unseen = embeddings["walks"]
    assert np.array_equal(unseen, embeddings.subwords.vector("walks"))
    assert np.array_equal(embeddings[["banana", "walks"]], [embeddings["banana"], unseen])
    assert embeddings[[]].shape == (0, 4)
    cosine = unseen @ embeddings["banana"] / (np.linalg.norm(unseen) * np.linalg.norm(embeddings["banana"]))
    assert embeddings.similarity("walks", "banana") == pytest.approx(cosine, abs=1e-6)
    # A word of the vocabulary has its own vector, not the mean of its n-grams alone.
    assert not np.array_equal(embeddings["banana"], embeddings.subwords.vector("banana"))


def test_the_neighbors_of_an_unseen_word_are_those_of_its_vector():
    embeddings = embeddings_of(["walking", "talking", "banana"], NgramRule(3, 4, 2_000_000))
    assert embeddings.most_similar("walks", topn=3) == embeddings.most_similar(embeddings["walks"], topn=3)
    found = embeddings.most_similar(["walks", "banana"], ["talking"])
    assert [word for word, _ in found] == ["walking"]


def test_a_word_without_known_ngrams_has_no_vector():
    embeddings = embeddings_of(["walking", "banana"], NgramRule(3, 4, 2_000_000))
    message = (
        "the word 'xyz' is not in the vocabulary of 2 words, and none of its n-grams of 3 to 4 characters "
        "is in a word of the training corpus"
    )
    for ask in (
        lambda: embeddings["xyz"],
        lambda: embeddings[["banana", "xyz"]],
        lambda: embeddings.most_similar("xyz"),
        lambda: embeddings.similarity("banana", "xyz"),
    ):
        with pytest.raises(UnknownWordError) as raised:
            ask()
        assert str(raised.value) == message
    with pytest.raises(UnknownWordError, match=r"there is no word of number 3; the numbers of 2 words are below$"):
        embeddings[[3]]


def test_ngrams_of_another_size_do_not_fit():
    subwords = subwords_of(["ab"], NgramRule(3, 3, 100), size=3)
    with pytest.raises(ValueError, match="the n-grams' vectors have 3 numbers, those of the words 2"):
        Embeddings(Vocabulary(("ab",), [1]), [[1, 2]], subwords=subwords)
