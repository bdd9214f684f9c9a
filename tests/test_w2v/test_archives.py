"""Archives of vectors: both ways, cut off, corrupt, and not what they should be."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.test_w2v.test_formats import ODD_WORDS
from tests.test_w2v.test_formats import embeddings_of as plain_embeddings
from tests.test_w2v.test_subwords import embeddings_of
from w2v.archives import read_archive, write_archive
from w2v.embeddings import Embeddings
from w2v.errors import SourceError, VectorFileError
from w2v.formats import read_vectors, write_vectors
from w2v.subwords import NgramRule
from w2v.vocabulary import Vocabulary

RULE = NgramRule(3, 4, 10_000)
WORDS = [*ODD_WORDS, "New York", "a\nb"]


def test_all_that_is_written_is_read_back_bit_for_bit(tmp_path):
    embeddings = embeddings_of(WORDS, RULE)
    write_vectors(embeddings, tmp_path / "v.npz")
    back = read_vectors(tmp_path / "v.npz")
    assert back.vocabulary.words == embeddings.vocabulary.words
    assert back.vocabulary.counts.tolist() == embeddings.vocabulary.counts.tolist()
    assert back.vectors.tobytes() == embeddings.vectors.tobytes()
    assert back.subwords.rule == RULE
    assert back.subwords.buckets.tolist() == embeddings.subwords.buckets.tolist()
    assert back.subwords.vectors.tobytes() == embeddings.subwords.vectors.tobytes()
    assert np.array_equal(back["plainly"], embeddings["plainly"])
    write_vectors(back, tmp_path / "again.npz")
    assert (tmp_path / "again.npz").read_bytes() == (tmp_path / "v.npz").read_bytes()


def test_vectors_without_ngrams_have_none_when_they_are_back(tmp_path):
    write_archive(plain_embeddings(["one", "two"]), tmp_path / "v.npz")
    back = read_archive(tmp_path / "v.npz")
    assert back.subwords is None and back.vocabulary.counts.tolist() == [2, 1]


@pytest.mark.parametrize("suffix", [".bin", ".txt"])
def test_word2vecs_files_hold_the_vectors_of_the_words_alone(tmp_path, suffix):
    embeddings = embeddings_of(["walking", "banana"], RULE)
    write_vectors(embeddings, tmp_path / f"v{suffix}")
    back = read_vectors(tmp_path / f"v{suffix}")
    assert back.vectors.tobytes() == embeddings.vectors.tobytes()
    assert back.subwords is None and "walks" not in back


def test_every_truncated_archive_is_refused(tmp_path):
    path = tmp_path / "v.npz"
    write_archive(embeddings_of(["one", "two"], RULE, size=2), path)
    content = path.read_bytes()
    for length in range(0, len(content), 7):
        path.write_bytes(content[:length])
        with pytest.raises(VectorFileError, match=r"v\.npz is not an archive of vectors"):
            read_archive(path)


@given(st.data())
@settings(max_examples=200, deadline=None, derandomize=True)
def test_a_corrupt_archive_is_read_or_refused(tmp_path_factory, data):
    path = tmp_path_factory.getbasetemp() / "fuzz.npz"
    write_archive(embeddings_of(["one", "two"], RULE, size=2), path)
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(content)
    try:
        embeddings = read_archive(path)
    except VectorFileError:
        return
    assert np.isfinite(embeddings.vectors).all()


def good_arrays():
    return {
        "letters": np.frombuffer(b"abc", np.uint8),
        "ends": np.array([2, 3]),
        "counts": np.array([5, 4]),
        "vectors": np.zeros((2, 3), np.float32),
        "ngram_rule": np.array([3, 6, 100]),
        "ngram_buckets": np.array([7, 9]),
        "ngram_vectors": np.zeros((2, 3), np.float32),
    }


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"vectors": None}, "it has no vectors"),
        ({"ngram_buckets": None}, "it has no ngram_buckets"),
        ({"vectors": np.zeros((2, 3))}, "its vectors are of type float64, not float32"),
        ({"counts": np.array(["x", "y"])}, "its counts are of type <U1, not int64"),
        ({"counts": np.array([1])}, "2 words, 2 of them distinct, with 1 counts"),
        ({"ends": np.array([2, 1])}, "the ends of its words do not rise up to their last letter"),
        ({"ends": np.array([1, 2])}, "the ends of its words do not rise up to their last letter"),
        ({"letters": np.frombuffer(b"aa", np.uint8), "ends": np.array([1, 2])}, "2 words, 1 of them distinct"),
        ({"vectors": np.zeros((3, 3), np.float32)}, r"2 words need as many rows of vectors, not an array of shape \(3, 3\)"),
        ({"vectors": np.full((2, 3), np.inf, np.float32)}, "the vector of 'ab' is not finite"),
        ({"ngram_rule": np.array([3, 2, 100])}, r"its rule for n-grams is \[3, 2, 100\]"),
        ({"ngram_rule": np.array([3])}, r"its rule for n-grams is \[3\]"),
        ({"ngram_buckets": np.array([7, 7])}, "the buckets of n-grams must be distinct, from 0 to 99"),
        ({"ngram_vectors": np.zeros((2, 4), np.float32)}, "the n-grams' vectors have 4 numbers, those of the words 3"),
        ({"counts": np.array([1, None])}, "Object arrays cannot be loaded when allow_pickle=False"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_an_archive(tmp_path, changes, message):
    arrays = {name: array for name, array in {**good_arrays(), **changes}.items() if array is not None}
    np.savez(tmp_path / "v.npz", **arrays)
    with pytest.raises(VectorFileError, match=f"v.npz is not an archive of vectors: {message}"):
        read_archive(tmp_path / "v.npz")


def test_an_archive_like_these_is_good(tmp_path):
    np.savez(tmp_path / "v.npz", **good_arrays())
    assert read_archive(tmp_path / "v.npz").vocabulary.words == ("ab", "c")


def test_files_that_are_not_there(tmp_path):
    with pytest.raises(SourceError, match=r"cannot read .*none\.npz: No such file or directory"):
        read_vectors(tmp_path / "none.npz")
    with pytest.raises(SourceError, match="cannot write"):
        write_vectors(plain_embeddings(["one"]), tmp_path / "none" / "v.npz")


@pytest.mark.parametrize("suffix", [".npz", ".bin"])
def test_half_of_a_surrogate_pair_cannot_be_written(tmp_path, suffix):
    embeddings = Embeddings(Vocabulary(("\ud800",), [1]), [[1.0]])
    with pytest.raises(VectorFileError, match=r"the word '\\ud800' cannot be written: it has half of a surrogate pair"):
        write_vectors(embeddings, tmp_path / f"v{suffix}")
    assert not list(tmp_path.iterdir())
