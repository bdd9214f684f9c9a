"""Tokenizing, counting and encoding against plain Python, on text of every kind."""

import io
import re

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.oracles import tokenizer_oracle
from w2v import tokenizer
from w2v.corpus import read_corpus
from w2v.errors import CorpusError, SourceError
from w2v.tokenizer import tokenize_sentences, tokenize_streams

WORDS = st.sampled_from(
    [b"a", b"b", b"the", b"The", "größe".encode(), b"\xff\xfe", b"\x00", b"x" * 300, b"\x1c\x85", b"a" * 8]
)
SPACES = st.sampled_from([b" ", b"  ", b"\t", b"\n", b"\r\n", b"\n\n", b"\v", b"\f", b"\r"])
TEXTS = st.lists(st.one_of(WORDS, SPACES, st.binary(max_size=5)), max_size=80).map(b"".join)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(data=TEXTS, min_count=st.integers(1, 3), piece_bytes=st.sampled_from([1, 7, 64, 1 << 20]))
@example(data=b"no final newline", min_count=1, piece_bytes=5)
def test_a_file_is_read_as_plain_python_reads_it(tmp_path_factory, data, min_count, piece_bytes):
    words, counts, ids, ends, read = tokenizer_oracle.read(data, min_count)
    path = tmp_path_factory.getbasetemp() / "corpus.txt"
    path.write_bytes(data)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tokenizer, "PIECE_BYTES", piece_bytes)
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


def test_the_word_table_grows(monkeypatch):
    first = iter([tokenizer._new_table(16, 8)])
    new_table = tokenizer._new_table
    monkeypatch.setattr(tokenizer, "_new_table", lambda slots, letters: next(first, None) or new_table(slots, letters))
    words = [f"word{i % 5000}".encode() for i in range(20_000)]
    text = tokenize_streams([io.BytesIO(b" ".join(words))])
    assert [text.spell(word) for word in text.tokens] == [word.decode() for word in words]
    assert text.counts.tolist() == [4] * 5000


def test_a_word_longer_than_a_piece(monkeypatch):
    monkeypatch.setattr(tokenizer, "PIECE_BYTES", 1000)
    long = "ab" * 50_000
    text = tokenize_streams([io.BytesIO(f"x {long} y\n{long}".encode())])
    assert [text.spell(word) for word in text.tokens] == ["x", long, "y", long]
    assert text.ends.tolist() == [3, 4]


def test_sentences_do_not_reach_across_streams():
    text = tokenize_streams([io.BytesIO(b"a b"), io.BytesIO(b"b c\n")])
    assert text.ends.tolist() == [2, 4]
    assert text.counts.tolist() == [1, 2, 1]


@given(st.lists(st.lists(st.sampled_from(["a", "b", "New York", ""]), max_size=5), max_size=6))
@settings(max_examples=100, deadline=None, derandomize=True)
def test_iterables_are_read_like_files(sentences):
    text = tokenize_sentences(iter(sentences))
    parts = np.split(text.tokens, text.ends[:-1]) if len(text.ends) else []
    assert [[text.spell(word) for word in part] for part in parts] == [sentence for sentence in sentences if sentence]
    assert sum(text.counts) == sum(map(len, sentences))


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
        ([], CorpusError, "the corpus has no words"),
        ([[], []], CorpusError, "the corpus has no words"),
        (["a string"], CorpusError, "a sentence is a list of words, not the string 'a string'; split it first"),
        (
            [["a", "b", "a"]],
            CorpusError,
            "no word of the corpus occurs 5 times or more; the most frequent, 'a', occurs 2 times; lower min_count",
        ),
        ("/no/such/file", SourceError, "cannot read /no/such/file: No such file or directory"),
        ("/", SourceError, "cannot read /: Is a directory"),
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
