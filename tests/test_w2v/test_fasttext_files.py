"""fastText's models: by fastText's own rules, by gensim's reader and writer, damaged, and what is not read."""

import functools
import gzip
import struct
import subprocess
import sys
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.oracles import ngrams_oracle
from tests.oracles.fasttext_oracle import model_bytes, word_vector
from w2v.errors import VectorFileError
from w2v.formats import read_vectors
from w2v.storage.ngram_buckets import ngram_buckets
from w2v.subwords import NgramRule

WORDS = [
    "</s>",
    "the",
    "größe",
    "日本語",
    "ab",
    "a",
    "\ud83d",
    b"\xff\x80\x80\x80\x80\x80".decode("utf-8", "surrogateescape"),
]
BYTES = [word.encode("utf-8", "surrogateescape") if word != "\ud83d" else "𝒳".encode() for word in WORDS]
NAMES = [word.decode("utf-8", "surrogateescape") for word in BYTES]
COUNTS = [90, 80, 70, 60, 50, 40, 30, 20]
SIZE = 5


def matrices(bucket, words=8, seed=0):
    random = np.random.default_rng(seed)
    inputs = random.standard_normal((words + bucket, SIZE)).astype(np.float32)
    return inputs, random.standard_normal((words, SIZE)).astype(np.float32)


def write_model(path, bucket=50, min_n=2, max_n=4, **options):
    inputs, outputs = matrices(bucket)
    path.write_bytes(model_bytes(BYTES, COUNTS, inputs, outputs, bucket=bucket, min_n=min_n, max_n=max_n, **options))
    return inputs, outputs


def buckets_of(word, min_n, max_n, bucket):
    ngrams = [] if word == "</s>" else ngrams_oracle.ngrams_of(word, min_n, max_n)
    return [ngrams_oracle.hash_of(ngram) % bucket for ngram in ngrams]


@pytest.mark.parametrize(("bucket", "min_n", "max_n"), [(50, 2, 4), (7, 1, 1), (2_000, 3, 6), (50, 0, 3)])
def test_vectors_are_fasttexts_bit_for_bit(tmp_path, bucket, min_n, max_n):
    inputs, outputs = write_model(tmp_path / "m.bin", bucket, min_n, max_n)
    back = read_vectors(tmp_path / "m.bin")
    assert back.vocabulary.words == tuple(NAMES) and back.vocabulary.counts.tolist() == COUNTS
    for number, word in enumerate(NAMES):
        buckets = buckets_of(word, max(min_n, 1), max_n, bucket)
        assert back[word].tobytes() == word_vector(number, buckets, inputs, len(WORDS)).tobytes(), word
    assert back.outputs.tobytes() == outputs.tobytes()
    for word in ("unseen", "größer", "abc"):
        buckets = buckets_of(word, max(min_n, 1), max_n, bucket)
        expected = word_vector(None, buckets, inputs, len(WORDS))
        # m roundings of sums of at most m numbers below 5, and one of the product; ours has two roundings
        assert np.abs(back[word] - expected).max() <= (len(buckets) + 3) * 5 * 2.0**-24
    assert "x" not in back.vocabulary


def test_rows_that_come_in_many_pieces(tmp_path, monkeypatch):
    write_model(tmp_path / "m.bin")
    whole, some = read_vectors(tmp_path / "m.bin"), read_vectors(tmp_path / "m.bin", words=NAMES[1::3])
    monkeypatch.setattr("w2v.storage.fasttext._PIECE", 3 * 4 * SIZE)
    for again, options in ((whole, {}), (some, {"words": NAMES[1::3]})):
        back = read_vectors(tmp_path / "m.bin", **options)
        assert back.vectors.tobytes() == again.vectors.tobytes()
        assert back.subwords.vectors.tobytes() == again.subwords.vectors.tobytes()


def test_models_without_ngrams(tmp_path):
    inputs, _ = write_model(tmp_path / "m.bin", bucket=0, min_n=0, max_n=0)
    back = read_vectors(tmp_path / "m.bin")
    assert back.vectors.tobytes() == inputs.tobytes() and back.subwords is None


def test_classifiers_give_the_vectors_of_their_words(tmp_path):
    inputs, _ = matrices(10)
    labels = [b"__label__1", b"__label__2", b"__label__3"]
    for version, max_n in ((12, 3), (11, 0)):
        content = model_bytes(
            BYTES, COUNTS, inputs, inputs[:3], labels=labels, bucket=10, min_n=2, max_n=3, model=3, version=version
        )
        (tmp_path / "m.bin").write_bytes(content)
        back = read_vectors(tmp_path / "m.bin")
        assert back.vocabulary.words == tuple(NAMES) and back.outputs is None
        buckets = buckets_of("the", 2, max_n, 10) if max_n else []
        assert back["the"].tobytes() == word_vector(1, buckets, inputs, len(WORDS)).tobytes()


@pytest.mark.parametrize("binary", ["m.bin", "whatever", "m.bin.gz"])
def test_gensims_reader_sees_the_same(tmp_path, binary):
    fasttext = pytest.importorskip("gensim.models.fasttext")
    inputs, outputs = matrices(50, 3)
    content = model_bytes([b"the", "größe".encode(), b"ab"], [3, 2, 1], inputs, outputs, bucket=50, min_n=2, max_n=4)
    (tmp_path / "m.bin").write_bytes(content)
    theirs = fasttext.load_facebook_vectors(str(tmp_path / "m.bin"))
    (tmp_path / binary).write_bytes(gzip.compress(content) if binary.endswith(".gz") else content)
    ours = read_vectors(tmp_path / binary)
    assert ours.index_to_key == theirs.index_to_key
    for word in ("the", "größe", "ab", "unseen", "日本"):
        # both round a mean of at most 40 rows, whose numbers are below 5, in float32
        assert np.abs(ours[word] - theirs[word]).max() <= 43 * 5 * 2.0**-24


def test_gensims_writer(tmp_path):
    fasttext = pytest.importorskip("gensim.models.fasttext")
    sentences = [["größe", "zählt", "nicht"], ["größe", "zählt"]] * 3
    theirs = fasttext.FastText(sentences, vector_size=8, min_count=1, bucket=40, min_n=2, max_n=3, epochs=1, workers=1)
    fasttext.save_facebook_model(theirs, str(tmp_path / "m.bin"))
    ours = read_vectors(tmp_path / "m.bin")
    assert ours.index_to_key == theirs.wv.index_to_key
    assert ours.outputs.tobytes() == theirs.syn1neg.tobytes()
    assert ours.subwords.vectors.tobytes() == theirs.wv.vectors_ngrams.tobytes()
    assert np.abs(ours.vectors - theirs.wv.vectors).max() <= 20 * 2.0**-24  # means of numbers below 1


def test_some_of_the_words(tmp_path):
    write_model(tmp_path / "m.bin")
    whole = read_vectors(tmp_path / "m.bin")
    for chosen, options in (
        (NAMES[:2], {"limit": 2}),
        (NAMES[2:4], {"words": NAMES[2:4]}),
        ([NAMES[2]], {"words": NAMES[2:], "limit": 3}),
    ):
        some = read_vectors(tmp_path / "m.bin", **options)
        assert some.vocabulary.words == tuple(chosen) and some.outputs is None
        assert some.vectors.tobytes() == whole[chosen].tobytes()
        assert np.array_equal(some["unseen"], whole["unseen"])
    with pytest.raises(VectorFileError, match="none of the words that were asked for"):
        read_vectors(tmp_path / "m.bin", words=["none"])


@given(
    st.lists(
        st.text(max_size=9) | st.binary(max_size=9).map(lambda letters: letters.decode("utf-8", "surrogateescape"))
    ),
    st.integers(1, 4),
    st.integers(0, 8),
)
@settings(max_examples=200, deadline=None, derandomize=True)
def test_buckets_of_many_words_are_those_of_each(words, min_n, more):
    rule = NgramRule(min_n, min_n + more, 1009)
    starts, buckets = ngram_buckets(words, rule)
    expected = [rule.buckets(word) if word else [] for word in words]
    assert [buckets[a:b].tolist() for a, b in pairwise(starts)] == expected


@functools.cache
def small_model():
    inputs, outputs = matrices(6, 2)
    return model_bytes([b"the", b"cat"], [5, 4], inputs, outputs, bucket=6, min_n=3, max_n=4)


def test_every_truncated_file_is_refused(tmp_path):
    content = small_model()
    for length in range(4, len(content)):
        (tmp_path / "m.bin").write_bytes(content[:length])
        with pytest.raises(
            VectorFileError, match=r"m\.bin is not a model of fastText's: it (is truncated|ends within)"
        ):
            read_vectors(tmp_path / "m.bin")


def patched(offset, form, *values):
    content = bytearray(small_model())
    struct.pack_into(form, content, offset, *values)
    return bytes(content)


ENTRIES = 8 + 12 * 4 + 8  # where the sizes of the dictionary are


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (patched(4, "<i", 10), "it is of version 10 of fastText's format, not 11 or 12"),
        (patched(8, "<i", 0), "it says that it has 0 dimensions"),
        (patched(8, "<i", -5), "it says that it has -5 dimensions"),
        (patched(8, "<i", 2**31 - 1), "it says that it has 2147483647 dimensions"),
        (patched(8, "<i", 6), r"its input rows are of shape \(8, 5\), where there must be \(8, 6\)"),
        (patched(40, "<i", -1), "-1 buckets"),
        (patched(40, "<i", 2**31 - 1), r"its input rows are of shape \(8, 5\), where there must be \(2147483649, 5\)"),
        (patched(44, "<i", 9), "its n-grams are of 9 to 4 characters"),
        (patched(48, "<i", 1000), "n-grams of 1000 characters"),
        (patched(ENTRIES, "<3i", -1, -1, 0), "it says that it has -1 words and 0 labels, -1 together"),
        (patched(ENTRIES, "<3i", 0, 0, 0), "it has no words"),
        (patched(ENTRIES, "<3i", 2, 1, 1), "it says that it has 1 words and 1 labels"),
        (patched(ENTRIES, "<3i", 2**31 - 1, 2**31 - 1, 0), "entry 3 of its dictionary is of kind"),
        (patched(ENTRIES + 20, "<q", 3), "it is of a model that was quantized and pruned"),
        (small_model() + b"\0", "it goes on behind its output rows"),
        (
            small_model().replace(b"the\0" + struct.pack("<qb", 5, 0), b"the\0" + struct.pack("<qb", 5, 1)),
            "entry 1 of its dictionary is of kind 1, with words first",
        ),
        (small_model()[:-4] + struct.pack("<f", np.nan), "a number of its outputs is not finite"),
        (small_model().replace(b"the\0", b"x" * 70_000 + b"\0"), "word 1 of 2 is longer than 65536 bytes"),
    ],
)
def test_what_is_wrong_with_a_model(tmp_path, content, message):
    (tmp_path / "m.bin").write_bytes(content)
    with pytest.raises(VectorFileError, match=rf"m\.bin is not a model of fastText's: .*({message})"):
        read_vectors(tmp_path / "m.bin")


def test_reading_does_not_wait_for_numba(tmp_path):
    write_model(tmp_path / "m.bin")
    code = "import sys, w2v; w2v.read_vectors(sys.argv[1])['unseen']; print('numba' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code, tmp_path / "m.bin"], capture_output=True, text=True, check=True)
    assert run.stdout == "False\n"


def test_quantized_models_are_refused(tmp_path):
    for flags, name in (((1, 0), "input"), ((0, 1), "output")):
        write_model(tmp_path / "m.ftz", quantized=flags)
        with pytest.raises(VectorFileError, match=f"its {name} rows are quantized; give the model that was not"):
            read_vectors(tmp_path / "m.ftz")


def test_numbers_that_are_not_finite(tmp_path):
    for row in (1, len(WORDS) + 3):
        inputs, outputs = matrices(50)
        inputs[row, 2] = np.inf
        content = model_bytes(BYTES, COUNTS, inputs, outputs, bucket=50, min_n=2, max_n=4)
        (tmp_path / "m.bin").write_bytes(content)
        with pytest.raises(VectorFileError, match="is not finite"):
            read_vectors(tmp_path / "m.bin")
