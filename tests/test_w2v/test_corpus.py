"""Tokenizing, counting and encoding against plain Python, on text of every kind."""

import re

import numpy as np
import pytest
from gensim import models as gensim_models
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.oracles import tokenizer_oracle
from w2v import Files
from w2v.corpora import files, numbering
from w2v.corpus import read_corpus
from w2v.errors import ConfigError, CorpusError, SourceError

WORDS = st.sampled_from(
    [b"a", b"b", b"the", b"The", "größe".encode(), b"\xff\xfe", b"\x00", b"x" * 300, b"\x1c\x85", b"a" * 8]
)
SPACES = st.sampled_from([b" ", b"  ", b"\t", b"\n", b"\r\n", b"\n\n", b"\v", b"\f", b"\r"])
TEXTS = st.lists(st.one_of(WORDS, SPACES, st.binary(max_size=5)), max_size=80).map(
    lambda parts: b"\n" + b"".join(parts)
)
TEXTS = TEXTS.filter(lambda text: text.count(0) * 10 < len(text) * 3)  # more zeros look like UTF-16


@pytest.mark.filterwarnings("ignore:.*may be no text")
@settings(max_examples=200, deadline=None, derandomize=True)
@given(data=TEXTS, min_count=st.integers(1, 3), piece_bytes=st.sampled_from([1, 7, 64, 1 << 20]))
@example(data=b"no final newline", min_count=1, piece_bytes=5)
def test_a_file_is_read_as_plain_python_reads_it(tmp_path_factory, data, min_count, piece_bytes):
    words, counts, ids, ends, read = tokenizer_oracle.read(data, min_count)
    path = tmp_path_factory.getbasetemp() / "corpus.txt"
    path.write_bytes(data)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(files, "PIECE_BYTES", piece_bytes)
        if not words:
            with pytest.raises(CorpusError):
                read_corpus(path, min_count)
            return
        corpus = read_corpus(path, min_count)
    assert [word.encode("utf-8", "surrogateescape") for word in corpus.vocabulary.words] == words
    assert corpus.vocabulary.counts.tolist() == counts
    assert corpus.ids.tolist() == ids
    assert corpus.ends.tolist() == ends
    assert corpus.read_tokens == read


def spelled(corpus):
    """The sentences of a corpus as lists of words."""
    words = corpus.vocabulary.words
    return [[words[number] for number in sentence] for sentence in np.split(corpus.ids, corpus.ends[:-1])]


def test_the_word_table_grows(monkeypatch, tmp_path):
    monkeypatch.setattr(numbering, "_FIRST_SLOTS", 16)
    monkeypatch.setattr(numbering, "_FIRST_LETTERS", 8)
    words = [f"word{i % 5000}" for i in range(20_000)]
    path = tmp_path / "text.txt"
    path.write_text(" ".join(words))
    for source in (path, [words]):
        corpus = read_corpus(source)
        assert spelled(corpus) == [words]
        assert corpus.vocabulary.counts.tolist() == [4] * 5000


@pytest.mark.filterwarnings("ignore:.*may be no text")
@settings(max_examples=100, deadline=None, derandomize=True)
@given(data=TEXTS, min_count=st.integers(1, 3), most_words=st.integers(1, 5))
def test_words_beyond_the_table_go_to_disk_and_nothing_changes(tmp_path_factory, data, min_count, most_words):
    words, counts, ids, ends, read = tokenizer_oracle.read(data, min_count)
    path = tmp_path_factory.getbasetemp() / "corpus.txt"
    path.write_bytes(data)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(numbering, "MOST_WORDS", most_words)
        patch.setattr(numbering, "_FIRST_SLOTS", 4)
        patch.setattr(numbering, "_FIRST_LETTERS", 400)
        if not words:
            with pytest.raises(CorpusError):
                read_corpus(path, min_count)
            return
        corpus = read_corpus(path, min_count)
        again = read_corpus(path, vocabulary=corpus.vocabulary)
    for one in (corpus, again):
        assert [word.encode("utf-8", "surrogateescape") for word in one.vocabulary.words] == words
        assert (one.vocabulary.counts.tolist(), one.ids.tolist(), one.ends.tolist()) == (counts, ids, ends)
        assert one.read_tokens == read


def test_a_word_longer_than_a_piece(monkeypatch, tmp_path):
    monkeypatch.setattr(files, "PIECE_BYTES", 1000)
    long = "ab" * 50_000
    path = tmp_path / "text.txt"
    path.write_text(f"x {long} y\n{long}")
    assert spelled(read_corpus(path)) == [["x", long, "y"], [long]]


@given(st.lists(st.lists(st.sampled_from(["a", "b", "New York", "", "two\nlines", "\n"]), max_size=5), max_size=6))
@settings(max_examples=100, deadline=None, derandomize=True)
def test_iterables_are_read_like_files(sentences):
    expected = [sentence for sentence in sentences if sentence]
    if not expected:
        with pytest.raises(CorpusError):
            read_corpus(iter(sentences))
        return
    corpus = read_corpus(iter(sentences))
    assert spelled(corpus) == expected
    assert corpus.read_tokens == sum(map(len, sentences))


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    sentences=st.lists(st.lists(st.sampled_from("abcdefgh"), max_size=9), min_size=1, max_size=9).filter(any),
    min_count=st.integers(1, 4),
    most=st.none() | st.integers(1, 9),
    on_disk=st.booleans(),
)
def test_the_most_frequent_words_are_those_that_gensim_keeps(sentences, min_count, most, on_disk):
    model = gensim_models.Word2Vec(min_count=min_count, max_final_vocab=most)
    model.build_vocab(sentences)
    with pytest.MonkeyPatch.context() as patch:
        if on_disk:
            patch.setattr(numbering, "MOST_WORDS", 2)
            patch.setattr(numbering, "_FIRST_SLOTS", 4)
        if len(model.wv):
            corpus = read_corpus(sentences, min_count, max_final_vocab=most)
            assert set(corpus.vocabulary.words) == set(model.wv.index_to_key)
            assert len(corpus.vocabulary) <= (most or 8)
        else:
            with pytest.raises(CorpusError, match=r"; (lower min_count|raise max_final_vocab)$"):
                read_corpus(sentences, min_count, max_final_vocab=most)


def test_words_that_occur_as_often_as_the_first_one_beyond_are_left_out():
    text = [["a"] * 5, ["b"] * 3, ["c"] * 3, ["d"]]
    kept = [read_corpus(text, max_final_vocab=most).vocabulary.words for most in (1, 2, 3, 4)]
    assert kept == [("a",), ("a",), ("a", "b", "c"), ("a", "b", "c", "d")]
    with pytest.raises(
        CorpusError,
        match=r"^more than 1 words of the corpus occur 3 times, .* no word is kept; raise max_final_vocab$",
    ):
        read_corpus(text[1:], max_final_vocab=1)
    for wrong in (0, 2.5, True):
        with pytest.raises(
            ConfigError, match=rf"^max_final_vocab is {wrong}; it must be a whole number of at least 1$"
        ):
            read_corpus(text, max_final_vocab=wrong)


def test_words_are_ordered_by_count_and_then_by_first_occurrence():
    corpus = read_corpus([["d", "c", "b"], ["a", "b"], ["c"]])
    assert corpus.vocabulary.words == ("c", "b", "d", "a")


def test_a_corpus_is_read_only():
    corpus = read_corpus([["a", "b"]])
    for array in (corpus.ids, corpus.ends, corpus.vocabulary.counts):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 7


@pytest.mark.parametrize(
    ("source", "error", "message"),
    [
        (b"a.txt", CorpusError, "the corpus is b'a.txt'; write a path as a string, and text as a list of lists of words"),
        ([], CorpusError, "the corpus has no words"),
        ([[], []], CorpusError, "the corpus has no words"),
        (["a string"], CorpusError, "a sentence is a list of words, not the string 'a string'; split it first"),
        ([["a"], b"b c"], CorpusError, "a sentence is a list of words, not b'b c'; decode and split it first"),
        ([["a"], None], CorpusError, "sentence 2 is None; a sentence is a list of words"),
        ([["a"], 7], CorpusError, "sentence 2 is 7; a sentence is a list of words"),
        (
            [["a"], ["b", 3]],
            CorpusError,
            "sentence 2 has 3 among its words, which is of type int and no string; write str(...) if it is meant as a word",
        ),
        (
            [["a"], ["b", None]],
            CorpusError,
            "sentence 2 has None among its words, which is of type NoneType and no string; "
            "write str(...) if it is meant as a word",
        ),
        (
            [["a", b"b"]],
            CorpusError,
            "sentence 1 has b'b' among its words, which is of type bytes and no string; decode it first",
        ),
        ([["a\ud800"]], CorpusError, "a word has the lone surrogate '\\ud800', which no encoding holds; leave it out"),
        (None, CorpusError, "the corpus is None; give a path, or an iterable of lists of words"),
        (7, CorpusError, "the corpus is 7; give a path, or an iterable of lists of words"),
        (iter(()), CorpusError, "the corpus has no words; an iterator that was read before is empty"),
        (
            [["a", "b", "a"]],
            CorpusError,
            "no word of the corpus occurs 5 times or more; the most frequent, 'a', occurs 2 times; lower min_count",
        ),
        ("/no/such/file", SourceError, "cannot read /no/such/file: No such file or directory"),
        ("/", SourceError, "cannot read /: Is a directory; write /* for the files in it"),
    ],
)  # fmt: skip
def test_what_is_no_corpus(source, error, message):
    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        read_corpus(source, 5)


def test_an_empty_file(tmp_path):
    path = tmp_path / "empty.txt"
    path.write_bytes(b" \n\r\n\t")
    with pytest.raises(CorpusError, match=r"empty\.txt has no words"):
        read_corpus(path)


def test_arguments_of_another_kind():
    corpus = read_corpus([["a"]])
    for arguments, error, message in (
        ((corpus,), CorpusError, "the corpus was read before; give it to w2v.train as it is"),
        (([["a"]], 0), ConfigError, "min_count is 0; it must be a whole number of at least 1"),
        (([["a"]], "5"), ConfigError, "min_count is '5'; it must be a whole number of at least 1"),
        (
            ([["a"]], 1, ["a"]),
            ConfigError,
            "vocabulary is of type list; it must be a Vocabulary, such as corpus.vocabulary",
        ),
        ((Files([7]),), CorpusError, "7 is no path of a file; write a string or a pathlib.Path"),
    ):
        with pytest.raises(error, match=f"^{re.escape(message)}$"):
            read_corpus(*arguments)
