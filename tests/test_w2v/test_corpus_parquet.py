"""Columns of Parquet files."""

import re
import sys

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from w2v.corpora import parquet as reader
from w2v.corpus import read_corpus
from w2v.errors import ConfigError, CorpusError, MissingExtraError, SourceError, W2VWarning

TEXTS = ["The cat\nthe dog", "", "a\n\nb c", "größe"]
LINES = [["The", "cat"], ["the", "dog"], ["a"], ["b", "c"], ["größe"]]
LISTS = [["New York", "is"], [], ["a", "two\nlines", ""], ["größe"]]


def words_of(corpus):
    words = corpus.vocabulary.words
    return [[words[number] for number in sentence] for sentence in np.split(corpus.ids, corpus.ends[:-1])]


def write(path, **columns):
    parquet.write_table(pa.table(columns), path, row_group_size=3)
    return path


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.dictionary(pa.int32(), pa.string())])
@pytest.mark.parametrize("rows", [1, 1000])
def test_a_column_of_text_is_read_by_lines(tmp_path, monkeypatch, kind, rows):
    monkeypatch.setattr(reader, "_BATCH_ROWS", rows)
    path = write(tmp_path / "text.parquet", text=pa.array(TEXTS, pa.string()).cast(kind), number=range(4))
    assert words_of(read_corpus(path)) == LINES
    assert words_of(read_corpus([path, path], column="text")) == LINES * 2
    lowered = [[word.lower() for word in line] for line in LINES]
    assert words_of(read_corpus(path, tokenizer="words", lowercase=True)) == lowered


@pytest.mark.parametrize("kind", [pa.list_(pa.string()), pa.large_list(pa.large_string())])
@pytest.mark.parametrize("rows", [1, 1000])
def test_a_column_of_lists_has_its_words_as_they_are(tmp_path, monkeypatch, kind, rows):
    monkeypatch.setattr(reader, "_BATCH_ROWS", rows)
    path = write(tmp_path / "lists", words=pa.array(LISTS, kind), text=TEXTS)  # known by its content
    assert words_of(read_corpus(path, column="words")) == [row for row in LISTS if row]
    lowered = words_of(read_corpus(path, column="words", lowercase=True))
    assert lowered == [[word.lower() for word in row] for row in LISTS if row]


def test_rows_that_are_null_are_counted(tmp_path):
    path = write(tmp_path / "nulls.parquet", words=pa.array([["a"], None, ["b"]]), text=[None, None, "a b"])
    for column, count, lines in (("words", 1, [["a"], ["b"]]), ("text", 2, [["a", "b"]])):
        message = f"{count} of 3 rows of column '{column}' of {path} are null and left out"
        with pytest.warns(W2VWarning, match=f"^{re.escape(message)}$"):
            assert words_of(read_corpus(path, column=column)) == lines


def test_what_cannot_be_read(tmp_path, monkeypatch):
    path = write(tmp_path / "a.parquet", words=pa.array([["a", None]]), text=["x"], number=[1])
    for column, error, message in (
        (None, ConfigError, f"say which column of {path} to read: 'words', 'text'"),
        (
            "number",
            ConfigError,
            f"there is no column 'number' of text or lists of words of {path} to read: 'words', 'text'",
        ),
        (
            "words",
            CorpusError,
            f"{path}, column 'words': 1 words of a list are null; leave them out or write empty strings",
        ),
    ):
        with pytest.raises(error, match=f"^{re.escape(message)}$"):
            read_corpus(path, column=column)
    (tmp_path / "plain.txt").write_text("a b")
    with pytest.raises(ConfigError, match=r"^column is 'text', but .*plain\.txt is no Parquet file$"):
        read_corpus(tmp_path / "plain.txt", column="text")
    with pytest.raises(ConfigError, match=r"^column is 7; it must be a name$"):
        read_corpus(path, column=7)
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    with pytest.raises(
        MissingExtraError, match=r"a Parquet file, needs pyarrow; install it with: pip install .*\[arrow\]"
    ):
        read_corpus(path, column="text")


def test_a_truncated_or_damaged_file(tmp_path):
    data = write(tmp_path / "a.parquet", text=[f"word{i} and {i % 7}" for i in range(200)]).read_bytes()
    path = tmp_path / "cut.parquet"
    for length in range(4, len(data), 97):
        path.write_bytes(data[:length])
        with pytest.raises(SourceError, match=r"^cannot read .*cut\.parquet: "):
            read_corpus(path)
    path.write_bytes(data[:4] + bytes(len(data) // 2) + data[4 + len(data) // 2 :])
    with pytest.raises(SourceError, match=r"^cannot read .*cut\.parquet: "):
        read_corpus(path)
