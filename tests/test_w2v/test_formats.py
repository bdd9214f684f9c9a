"""word2vec's files: both ways, read by others, cut off, and corrupt."""

import functools
import re
import sys
import tempfile
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.oracles import word2vec_reader
from w2v.embeddings import Embeddings
from w2v.errors import MissingExtraError, SourceError, VectorFileError
from w2v.formats import read_config, read_vectors, write_vectors
from w2v.model import Word2Vec
from w2v.storage.counts import write_counts
from w2v.storage.decimals import decimal_rows
from w2v.storage.word2vec import write_word2vec
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


@functools.cache
def content_of(suffix):
    """What a small file is made of, written once: writing waits for the disk."""
    with tempfile.TemporaryDirectory() as folder:
        write_vectors(embeddings_of(["one", "two", "three"], size=4), folder + "/v" + suffix)
        with open(folder + "/v" + suffix, "rb") as stream:
            return stream.read()


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
    path = tmp_path_factory.getbasetemp() / "words"
    for binary in (True, False):
        with open(path, "wb") as stream:
            write_word2vec(embeddings, stream, binary=binary)
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
    content = content_of(suffix)
    for length in range(len(content) - 1):
        path.write_bytes(content[:length])
        with pytest.raises(VectorFileError):
            read_vectors(path)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("v.bin", b"", "is not a file of vectors: its first line must be two numbers, of words and of dimensions"),
        ("v.txt", b"one two three\n", "is not a file of vectors"),
        ("v.txt", b"-1 2\n", "is not a file of vectors"),
        (
            "v.bin",
            b"\x80\x02}q\x00.",
            "load it with gensim if you trust it, and take w2v.from_gensim(model)",
        ),
        (
            "v.npy",
            b"\x93NUMPY\x01\0",
            "is a single array of NumPy's, as gensim writes them beside its pickles; it has no words",
        ),
        ("v.bin", b"0 3\n", "says that it has 0 words of 3 dimensions; there must be one or more of each"),
        ("v.bin", b"3 0\n", "says that it has 3 words of 0 dimensions; there must be one or more of each"),
        ("v.bin", b"99999999999 300\nx", "99999999999 words of 300 dimensions, which its length cannot hold"),
        ("v.bin", b"9" * 40 + b" 1\n", "which its length cannot hold"),
        ("v.bin", b"1 100001\n", "and at most 100000 dimensions"),
        ("v.bin", b"1 1\na \0\0\0\0junk", "goes on behind the last of its 1 words"),
        ("v.txt", b"1 1\na 1\nb 2\n", "goes on behind the last of its 1 words"),
        ("v.txt", b"2 1\na 1\na 2\n", "has the word 'a' twice"),
        ("v.txt", b"1 2\na 1 x\n", "word 1 of 1: could not convert string to float: b'x'"),
        ("v.txt", b"1 2\na 1 2 3\n", "has 3 numbers in place of 2 for word 1 of 1"),
        ("v.txt", b"1 2\na 1 nan\n", "the vector of 'a' is not finite"),
        ("v.txt", b"1 2\na 1 1_0\n", "word 1 of 1: could not convert string to float: b'1_0'"),
        ("v.txt", b"2 2\na 1 2\n\n", "has 0 numbers in place of 2 for word 2 of 2"),
        ("v.txt", b"a 1 2\nb 1 2 3\n", "has 3 numbers in place of 2 for word 2"),
        ("v.txt", b"a 1 2\nb 1 2", "is truncated: it ends within word 2"),
        ("v.txt", b"a 1 2\n \nb 1 2\n", "goes on behind an empty line"),
        ("v.bin", b"2 1\na 0000" + b"b" * ((1 << 20) + 2), "word 2 of 2 is longer than 1048576 bytes"),
        ("v.txt", b"2 1\na 1\n" + b"b" * ((1 << 20) + 70), "word 2 of 2: its line is longer than 1048640 bytes"),
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


@pytest.mark.parametrize("shape", [(0, 3), (2, 0)])
@pytest.mark.parametrize("suffix", [".bin", ".txt", ".npz", ".safetensors"])
def test_nothing_to_write(tmp_path, suffix, shape):
    embeddings = Embeddings(Vocabulary(("a", "b")[: shape[0]], np.ones(shape[0])), np.zeros(shape))
    with pytest.raises(VectorFileError, match=f"there are no vectors to write, of {shape[0]} words"):
        write_vectors(embeddings, tmp_path / f"v{suffix}")
    assert not list(tmp_path.iterdir())


def bytes_of(embeddings):
    return {
        spelled(word): vector.tolist()
        for word, vector in zip(embeddings.vocabulary.words, embeddings.vectors, strict=True)
    }


def spelled(word):
    return word.encode("utf-8", "surrogateescape")


def test_binary_is_word2vec_cs_byte_for_byte(tmp_path):
    embeddings = embeddings_of(ODD_WORDS)
    write_vectors(embeddings, tmp_path / "ours.bin")
    word2vec_reader.write_binary(tmp_path / "theirs.bin", bytes_of(embeddings))
    assert (tmp_path / "ours.bin").read_bytes() == (tmp_path / "theirs.bin").read_bytes()


def test_text_is_gensims_byte_for_byte_and_binary_but_for_the_newlines(tmp_path):
    gensim = pytest.importorskip("gensim.models")
    words = ["plain", "größe", "日本", "a_b", "1", "\u2028", "\xa0"]
    vectors = np.concatenate([embeddings_of(words, 300).vectors, [np.resize(EXTREMES, 300)]]).astype(np.float32)
    embeddings = Embeddings(Vocabulary((*words, "extreme"), np.zeros(8)), vectors)
    theirs = gensim.KeyedVectors(300)
    theirs.add_vectors(list(embeddings.vocabulary.words), vectors)
    theirs.save_word2vec_format(tmp_path / "theirs.txt")
    write_vectors(embeddings, tmp_path / "ours.txt")
    assert (tmp_path / "ours.txt").read_bytes() == (tmp_path / "theirs.txt").read_bytes()
    theirs.save_word2vec_format(tmp_path / "theirs.bin", binary=True)
    write_vectors(embeddings, tmp_path / "ours.bin")
    packed = [spelled(word) + b" " + embeddings[word].tobytes() for word in embeddings.vocabulary.words]
    assert (tmp_path / "theirs.bin").read_bytes() == b"8 300\n" + b"".join(packed)
    assert (tmp_path / "ours.bin").read_bytes() == b"8 300\n" + b"".join(vector + b"\n" for vector in packed)


def test_text_of_word2vec_c_is_read_to_its_six_decimals(tmp_path):
    embeddings = embeddings_of([word for word in ODD_WORDS if word != "\u2028"])
    word2vec_reader.write_text(tmp_path / "c.bin", bytes_of(embeddings))  # whatever its name
    back = read_vectors(tmp_path / "c.bin")
    assert back.vocabulary.words == embeddings.vocabulary.words
    # half a unit of the sixth decimal, and half a unit in the last place of float32 at 4, above all of the numbers
    assert np.abs(back.vectors - embeddings.vectors).max() <= 0.5e-6 + 2.0**-22


@pytest.mark.parametrize("binary", [True, False])
def test_the_name_does_not_decide_what_the_content_tells(tmp_path, binary):
    embeddings = embeddings_of(ODD_WORDS)
    path = tmp_path / ("binary.txt" if binary else "text.bin")
    with open(path, "wb") as stream:
        write_word2vec(embeddings, stream, binary=binary)
    assert read_vectors(path).vectors.tobytes() == embeddings.vectors.tobytes()


def test_glove_has_no_first_line_and_words_with_blanks(tmp_path):
    """As in glove.840B.300d.txt, which has the words ". . ." and "at name@domain.com"."""
    (tmp_path / "glove.txt").write_bytes(b", -0.5 2e-3 1\n. . . 0.25 1 2\n1 7 8 9\nat name@domain.com 4 5 6\n\n")
    back = read_vectors(tmp_path / "glove.txt")
    assert back.vocabulary.words == (",", ". . .", "1", "at name@domain.com")
    assert back.vectors.tolist() == np.array([[-0.5, 2e-3, 1], [0.25, 1, 2], [7, 8, 9], [4, 5, 6]], np.float32).tolist()
    with pytest.raises(VectorFileError, match=r"white space in it; \.npz and \.safetensors hold any word"):
        write_vectors(back, tmp_path / "v.txt")


def test_lines_that_end_as_on_windows(tmp_path):
    (tmp_path / "v.txt").write_bytes(b"2 2\r\na 1 2\r\nb 3 4\r\n\r\n")
    assert bytes_of(read_vectors(tmp_path / "v.txt")) == {b"a": [1, 2], b"b": [3, 4]}


def test_a_byte_order_mark_and_a_word_of_no_letters(tmp_path):
    """As some editors write it, and as some files of fastText's have it."""
    (tmp_path / "v.txt").write_bytes(b"\xef\xbb\xbf2 2\n 1 2\nb 3 4\n")
    assert bytes_of(read_vectors(tmp_path / "v.txt")) == {b"": [1, 2], b"b": [3, 4]}
    (tmp_path / "v.txt").write_bytes(b"\xef\xbb\xbfa 1 2\nb 3 4\n")
    assert bytes_of(read_vectors(tmp_path / "v.txt")) == {b"a": [1, 2], b"b": [3, 4]}


@pytest.mark.parametrize("suffix", [".bin", ".txt"])
@pytest.mark.parametrize("packed", [".gz", ".xz", ".zst", ".bz2"])
def test_compressed_files(tmp_path, suffix, packed):
    if packed == ".zst":
        pytest.importorskip("zstandard")
    embeddings = embeddings_of(ODD_WORDS)
    path = tmp_path / f"v{suffix}{packed}"
    write_vectors(embeddings, path)
    first = path.read_bytes()
    write_vectors(embeddings, path)
    assert path.read_bytes() == first
    back = read_vectors(path)
    assert back.vocabulary.words == embeddings.vocabulary.words
    assert back.vectors.tobytes() == embeddings.vectors.tobytes()
    for length in range(8, len(first), 37):
        path.write_bytes(first[:length])
        with pytest.raises(
            (SourceError, VectorFileError), match=r"damaged|end early|is truncated|is not a file of vectors"
        ):
            read_vectors(path)
    path.write_bytes(first[:40] + bytes([first[40] ^ 255]) + first[41:])
    with pytest.raises((SourceError, VectorFileError)):
        read_vectors(path)


def test_zstandard_that_is_not_installed(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "zstandard", None)
    (tmp_path / "v.bin.zst").write_bytes(b"\x28\xb5\x2f\xfd")
    with pytest.raises(MissingExtraError, match=r"v\.bin\.zst.* needs zstandard; .*lagrangian-w2v\[zst\]"):
        read_vectors(tmp_path / "v.bin.zst")
    with pytest.raises(MissingExtraError, match=r"w\.bin\.zst needs zstandard"):
        write_vectors(embeddings_of(["a"]), tmp_path / "w.bin.zst")
    assert [entry.name for entry in tmp_path.iterdir()] == ["v.bin.zst"]


@pytest.mark.parametrize("suffix", [".bin", ".txt", ".bin.gz"])
def test_some_of_the_words(tmp_path, suffix):
    embeddings = embeddings_of(list("abcdef"), size=3)
    path = tmp_path / f"v{suffix}"
    write_vectors(embeddings, path)
    for chosen, options in (
        ("abc", {"limit": 3}),
        ("abcdef", {"limit": 99}),
        ("bdf", {"words": ["f", "d", "b", "x"]}),
        ("bd", {"words": {"f", "d", "b"}, "limit": 4}),
    ):
        back = read_vectors(path, **options)
        assert back.vocabulary.words == tuple(chosen)
        assert back.vectors.tobytes() == embeddings[list(chosen)].tobytes()


def test_what_lies_behind_the_limit_is_not_read(tmp_path):
    content = content_of(".bin")
    (tmp_path / "part.bin").write_bytes(content[: len(content) // 2])
    assert read_vectors(tmp_path / "part.bin", limit=1).vocabulary.words == ("one",)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"limit": 0}, "limit is 0; it must be a whole number of at least 1, or None for all words"),
        ({"limit": 1.5}, "limit is 1.5; it must be"),
        ({"words": "one"}, r"words is the string 'one'; give several words, such as \['one'\]"),
        ({"words": ["none"]}, "v.txt has none of the words that were asked for"),
        ({"duplicates": "last"}, "duplicates is 'last'; it must be 'error' or 'first'"),
    ],
)
def test_what_cannot_be_asked_for(tmp_path, options, message):
    (tmp_path / "v.txt").write_bytes(content_of(".txt"))
    with pytest.raises(VectorFileError, match=message):
        read_vectors(tmp_path / "v.txt", **options)


def test_the_first_of_words_that_come_twice(tmp_path):
    gensim = pytest.importorskip("gensim.models")
    (tmp_path / "v.txt").write_bytes(b"4 1\na 1\nb 2\na 3\nc 4\n")
    back = read_vectors(tmp_path / "v.txt", duplicates="first")
    theirs = gensim.KeyedVectors.load_word2vec_format(tmp_path / "v.txt")
    assert back.index_to_key == [word for word in theirs.index_to_key if word] == ["a", "b", "c"]
    assert back.vectors.tolist() == theirs.vectors[:3].tolist() == [[1], [2], [4]]  # gensim keeps an empty row too


@pytest.mark.parametrize("suffix", [".bin", ".txt"])
def test_the_longest_word(tmp_path, suffix):
    longest = "x" * (1 << 20)
    write_vectors(embeddings_of(["a", longest, "b"], size=2), tmp_path / f"v{suffix}")
    assert read_vectors(tmp_path / f"v{suffix}").vocabulary.words == ("a", longest, "b")
    with pytest.raises(
        VectorFileError, match="a word of 1048577 bytes cannot be written: longer ones than 1048576 are"
    ):
        write_vectors(embeddings_of(["a", longest + "x"], size=2), tmp_path / f"w{suffix}")
    write_vectors(embeddings_of(["a", longest + "x"], size=2), tmp_path / "v.npz")
    assert len(read_vectors(tmp_path / "v.npz").vocabulary.words[1]) == 1048577


def test_more_words_than_there_is_room_for_at_first(tmp_path, monkeypatch):
    monkeypatch.setattr("w2v.storage.choice._FIRST_BYTES", 64)
    embeddings = embeddings_of([str(number) for number in range(1000)], size=3)
    write_vectors(embeddings, tmp_path / "v.bin")
    assert read_vectors(tmp_path / "v.bin").vectors.tobytes() == embeddings.vectors.tobytes()


def test_counts_beside_the_vectors(tmp_path):
    gensim = pytest.importorskip("gensim.models")
    embeddings = embeddings_of(["the", "größe", "cat"])
    write_vectors(embeddings, tmp_path / "v.bin")
    write_counts(embeddings.vocabulary, tmp_path / "counts.txt")
    assert (tmp_path / "counts.txt").read_bytes() == "the 3\ngröße 2\ncat 1\n".encode()
    theirs = gensim.KeyedVectors.load_word2vec_format(
        tmp_path / "v.bin", binary=True, fvocab=str(tmp_path / "counts.txt")
    )
    back = read_vectors(tmp_path / "v.bin", counts=tmp_path / "counts.txt", words=["cat", "the"])
    assert back.vocabulary.counts.tolist() == [theirs.get_vecattr(word, "count") for word in ("the", "cat")] == [3, 1]
    theirs.save_word2vec_format(tmp_path / "theirs.bin", binary=True, fvocab=str(tmp_path / "theirs.txt"))
    assert (tmp_path / "theirs.txt").read_bytes() == (tmp_path / "counts.txt").read_bytes()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a 1\nb\n", "line 2: 'b' is not a word and how often it occurs"),
        (b"a -1\n", "line 1: 'a -1' is not a word"),
        (b"a 9223372036854775808\n", "line 1: 'a 9223372036854775808' is not a word"),
        (b"a " + b"9" * 5000 + b"\n", "line 1: 'a 9999"),
        (b"a 1\na 2\n", "line 2: the word 'a' comes twice"),
        (b"a 1\n", "counts.txt has no count of the word 'one'"),
    ],
)
def test_what_is_wrong_with_counts(tmp_path, content, message):
    (tmp_path / "v.txt").write_bytes(content_of(".txt"))
    (tmp_path / "counts.txt").write_bytes(content)
    with pytest.raises(VectorFileError, match=message):
        read_vectors(tmp_path / "v.txt", counts=tmp_path / "counts.txt")


@given(st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=30), st.floats(-9, 7))
@settings(max_examples=200, deadline=None, derandomize=True)
def test_decimals_are_numpys(patterns, power):
    """Of all float32 numbers by their bits, and of such as occur: uniform digits at a power of ten, and short decimals."""
    bits = np.array(patterns, np.uint32)
    anywhere = bits.view(np.float32)
    scaled = (bits / 2.0**32 * 10.0**power).astype(np.float32)
    for numbers in (anywhere[np.isfinite(anywhere)], scaled, scaled.round(3), [np.exp2(np.round(power * 3))]):
        row = np.array(numbers, np.float32)
        assert decimal_rows(row[np.newaxis]) == [" ".join(map(str, row))]


def test_a_model_that_gensim_pickled_is_no_model(tmp_path):
    (tmp_path / "m.model").write_bytes(b"\x80\x04\x95\x00")
    for ask in (read_config, Word2Vec.load):
        with pytest.raises(VectorFileError, match=r"m.model is a pickle, .* and take w2v.from_gensim\(model\)"):
            ask(tmp_path / "m.model")


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda path: read_vectors(path, words=["a", b"b"]), "words has b'b' in it, which is no text"),
        (lambda path: read_vectors(path, words=[1]), "words has 1 in it, which is no text"),
        (lambda path: read_vectors(None), "None is no path of a file"),
        (lambda path: read_vectors(b"v.bin"), "b'v.bin' is no path of a file"),
        (lambda path: write_vectors(read_vectors(path), 3), "3 is no path of a file"),
        (
            lambda path: write_vectors({"a": [1.0]}, path),
            "dict is no Embeddings of this package; w2v.from_gensim makes some",
        ),
        (
            lambda path: write_vectors(SimpleNamespace(wv=read_vectors(path)), path),
            ".* is no Embeddings .*; write model.wv",
        ),
    ],
)
def test_what_is_no_word_no_path_and_no_embeddings(tmp_path, ask, message):
    path = tmp_path / "v.txt"
    path.write_text("1 1\na 1\n")
    with pytest.raises(VectorFileError) as caught:
        ask(path)
    assert re.fullmatch(message, str(caught.value)), caught.value
    assert path.read_text() == "1 1\na 1\n" and list(tmp_path.iterdir()) == [path]
    assert len(read_vectors(path, limit=np.int64(1))) == 1
