"""word2vec's files: both ways, read by others, cut off, and corrupt."""

import os

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.oracles import word2vec_reader
from w2v.embeddings import Embeddings
from w2v.errors import SourceError, VectorFileError
from w2v.files import replacing
from w2v.formats import read_vectors, write_vectors
from w2v.vocabulary import Vocabulary

ODD_WORDS = (
    "plain",
    "größe",
    "日本",
    b"\xff\x00\xfe".decode("utf-8", "surrogateescape"),
    "\u2028",
    "\x85x",
    "1",
    "x" * 500,
)
EXTREMES = [0.0, -0.0, 1e-45, 3.4028235e38, -1.1754944e-38, 1 / 3, 0.1]


def embeddings_of(words, size=7, seed=0):
    vectors = np.random.default_rng(seed).standard_normal((len(words), size)).astype(np.float32)
    vectors[0] = np.resize(np.array(EXTREMES, np.float32), size) * np.float32(1e-3)
    return Embeddings(Vocabulary(tuple(words), np.arange(len(words), 0, -1)), vectors)


@pytest.mark.parametrize("suffix", [".bin", ".txt", ".vec"])
def test_what_is_written_is_read_back_bit_for_bit(tmp_path, suffix):
    embeddings = embeddings_of(ODD_WORDS)
    path = tmp_path / f"vectors{suffix}"
    write_vectors(embeddings, path)
    back = read_vectors(path)
    assert back.vocabulary.words == embeddings.vocabulary.words
    assert back.vectors.tobytes() == embeddings.vectors.tobytes()
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


@given(
    st.lists(
        st.text(st.characters(codec="utf-8", exclude_characters=" \t\n\r\v\f"), min_size=1), min_size=1, unique=True
    )
)
@settings(max_examples=100, deadline=None, derandomize=True)
def test_words_of_any_letters(tmp_path_factory, words):
    embeddings = embeddings_of(words, size=2)
    for suffix in (".bin", ".txt"):
        path = tmp_path_factory.getbasetemp() / f"words{suffix}"
        write_vectors(embeddings, path)
        assert read_vectors(path).vocabulary.words == tuple(words)


def test_a_reader_like_word2vec_c_sees_the_same(tmp_path):
    embeddings = embeddings_of(ODD_WORDS)
    expected = {
        word.encode("utf-8", "surrogateescape"): tuple(embeddings[word].tolist())
        for word in embeddings.vocabulary.words
    }
    write_vectors(embeddings, tmp_path / "v.bin")
    assert word2vec_reader.read_binary(tmp_path / "v.bin") == expected
    plain = embeddings_of(["one", "two"])
    write_vectors(plain, tmp_path / "v.txt")
    read = word2vec_reader.read_text(tmp_path / "v.txt")
    assert np.array([read[b"one"], read[b"two"]], np.float32).tobytes() == plain.vectors.tobytes()


@pytest.mark.parametrize("suffix", [".bin", ".txt"])
def test_gensim_reads_and_writes_the_same(tmp_path, suffix):
    gensim = pytest.importorskip("gensim.models")
    embeddings = embeddings_of(["plain", "größe", "日本", "a_b", "1"])
    write_vectors(embeddings, tmp_path / f"ours{suffix}")
    theirs = gensim.KeyedVectors.load_word2vec_format(tmp_path / f"ours{suffix}", binary=suffix == ".bin")
    assert theirs.index_to_key == embeddings.index_to_key
    assert theirs.vectors.tobytes() == embeddings.vectors.tobytes()
    theirs.save_word2vec_format(tmp_path / f"theirs{suffix}", binary=suffix == ".bin")
    back = read_vectors(tmp_path / f"theirs{suffix}")
    assert back.index_to_key == theirs.index_to_key
    assert back.vectors.tobytes() == theirs.vectors.tobytes()


@pytest.mark.parametrize("suffix", [".bin", ".txt"])
def test_every_truncated_file_is_refused(tmp_path, suffix):
    path = tmp_path / f"v{suffix}"
    write_vectors(embeddings_of(["one", "two", "three"], size=4), path)
    content = path.read_bytes()
    for length in range(len(content) - 1):
        path.write_bytes(content[:length])
        with pytest.raises(VectorFileError):
            read_vectors(path)


@pytest.mark.parametrize("suffix", [".bin", ".txt"])
@given(data=st.data())
@settings(max_examples=200, deadline=None, derandomize=True)
def test_a_corrupt_file_is_read_or_refused(tmp_path_factory, suffix, data):
    path = tmp_path_factory.getbasetemp() / f"fuzz{suffix}"
    write_vectors(embeddings_of(["one", "two", "three"], size=4), path)
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        position = data.draw(st.integers(0, len(content) - 1))
        content[position] = data.draw(st.integers(0, 255))
    path.write_bytes(content)
    try:
        embeddings = read_vectors(path)
    except VectorFileError:
        return
    assert np.isfinite(embeddings.vectors).all()


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("v.bin", b"", "is not a word2vec file: its first line must be two numbers"),
        ("v.txt", b"one 1 2\n", "is not a word2vec file"),
        ("v.txt", b"-1 2\n", "is not a word2vec file"),
        ("v.bin", b"0 3\n", "0 words of 3 dimensions, which its length cannot hold"),
        ("v.bin", b"99999999999 300\nx", "99999999999 words of 300 dimensions, which its length cannot hold"),
        ("v.bin", b"9" * 40 + b" 1\n", "which its length cannot hold"),
        ("v.bin", b"1 1\na \0\0\0\0junk", "goes on behind the last of its 1 words"),
        ("v.txt", b"1 1\na 1\nb 2\n", "goes on behind the last of its 1 words"),
        ("v.txt", b"2 1\na 1\na 2\n", "has the word 'a' twice"),
        ("v.txt", b"1 2\na 1 x\n", "word 1 of 1: could not convert string to float: b'x'"),
        ("v.txt", b"1 2\na 1 2 3\n", "has 3 numbers in place of 2 for word 1 of 1"),
        ("v.txt", b"1 2\na 1 nan\n", "the vector of 'a' is not finite"),
        ("v.txt", b"2 1\na 1\nb 2", "is truncated: it ends within word 2 of 2"),
    ],
)
def test_what_is_wrong_with_a_file(tmp_path, name, content, message):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(VectorFileError) as raised:
        read_vectors(tmp_path / name)
    assert message in str(raised.value) and str(tmp_path) in str(raised.value)


@pytest.mark.parametrize("word", ["New York", "", "a\nb", "a\tb"])
def test_words_that_the_formats_cannot_hold(tmp_path, word):
    with pytest.raises(VectorFileError, match="cannot be written: it is empty or has white space in it"):
        write_vectors(embeddings_of([word, "x"]), tmp_path / "v.bin")
    assert not list(tmp_path.iterdir())


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "v.txt"
    path.write_text("old")
    for error in (RuntimeError, KeyboardInterrupt):
        with pytest.raises(error), replacing(path) as stream:
            stream.write(b"half")
            raise error
    assert path.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["v.txt"]


def test_places_that_cannot_be_written(tmp_path):
    embeddings = embeddings_of(["a"])
    with pytest.raises(SourceError, match=r"cannot write .*: No such file or directory"):
        write_vectors(embeddings, tmp_path / "none" / "v.bin")
    with pytest.raises(SourceError, match=r"cannot write .*: Is a directory"):
        write_vectors(embeddings, tmp_path)
    if os.path.exists("/dev/full"):
        with pytest.raises(SourceError, match="cannot write /dev/full"):
            write_vectors(embeddings, "/dev/full")


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "link.bin").symlink_to(tmp_path / "real.bin")
    write_vectors(embeddings_of(["a"]), tmp_path / "link.bin")
    assert (tmp_path / "link.bin").is_symlink() and len(read_vectors(tmp_path / "real.bin")) == 1
