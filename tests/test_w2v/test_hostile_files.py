"""Files that are corrupt or made to harm: each reader gives one clear error or the right answer, with bounded memory."""

import bz2
import functools
import gzip
import io
import json
import lzma
import struct
import subprocess
import sys
import tempfile
import textwrap
import tracemalloc
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy

from tests.oracles.fasttext_oracle import model_bytes
from tests.test_w2v.test_archives import full_embeddings
from w2v.errors import UnknownWordError, VectorFileError, W2VError
from w2v.formats import read_config, read_vectors, write_vectors
from w2v.storage.archive import write_archive
from w2v.storage.counts import read_counts
from w2v.storage.safetensors import write_safetensors
from w2v.subwords import NgramRule

SUFFIXES = [".bin", ".txt", ".glove", ".npz", ".safetensors", ".fasttext", ".bin.gz", ".txt.xz", ".bin.zst", ".txt.bz2"]


@functools.cache
def content_of(suffix):
    if suffix == ".fasttext":
        rows = np.random.default_rng(3).standard_normal((10, 4)).astype(np.float32)
        return model_bytes([b"one", b"two"], [2, 1], rows, rows[:2], bucket=8, min_n=2, max_n=3)
    if suffix == ".glove":
        return b"one 0.5 -1e-3 2\ntwo . 1 2 3\nthree 4 5 6\n"
    if suffix.endswith(".zst"):
        pytest.importorskip("zstandard")
    with tempfile.TemporaryDirectory() as folder:
        write_vectors(full_embeddings(["one", "two", "größe"], 4), f"{folder}/v{suffix}")
        with open(f"{folder}/v{suffix}", "rb") as stream:
            return stream.read()


@st.composite
def damaged(draw, content):
    """Bytes that are changed, left out, put in, cut off, or put behind one another."""
    content = bytearray(content)
    for _ in range(draw(st.integers(1, 3))):
        if not content:
            break
        place = draw(st.integers(0, len(content) - 1))
        kind = draw(st.sampled_from(["byte", "bit", "gone", "more", "end", "again"]))
        if kind == "byte":
            content[place] = draw(st.sampled_from([0, 9, 10, 32, 45, 46, 48, 57, 101, 127, 128, 255]))
        elif kind == "bit":
            content[place] ^= 1 << draw(st.integers(0, 7))
        elif kind == "gone":
            del content[place : place + draw(st.integers(1, 9))]
        elif kind == "more":
            content[place:place] = draw(
                st.binary(min_size=1, max_size=9) | st.sampled_from([b"nan", b"inf", b"1e999", b"-9"])
            )
        elif kind == "end":
            del content[place:]
        else:
            content += content[place:]
    return bytes(content)


def assert_sound(embeddings):
    assert np.isfinite(embeddings.vectors).all() and len(embeddings) == len(set(embeddings.vocabulary.words)) > 0
    assert embeddings.outputs is None or np.isfinite(embeddings.outputs).all()
    assert embeddings.most_similar(embeddings.vocabulary.words[0]) is not None


@pytest.mark.parametrize("suffix", SUFFIXES)
@given(data=st.data())
@settings(max_examples=80, deadline=None, derandomize=True)
def test_damaged_files_are_read_or_refused(tmp_path_factory, suffix, data):
    path = tmp_path_factory.getbasetemp() / f"damaged{suffix.replace('.fasttext', '.bin')}"
    path.write_bytes(data.draw(damaged(content_of(suffix))))
    options = data.draw(st.sampled_from([{}, {}, {"limit": 2}, {"words": ["two", "größe"]}, {"duplicates": "first"}]))
    try:
        assert_sound(read_vectors(path, **options))
    except W2VError as error:
        assert str(path) in str(error) and "\n" not in str(error)


@pytest.mark.parametrize("suffix", [".npz", ".safetensors"])
@given(data=st.data())
@settings(max_examples=100, deadline=None, derandomize=True)
def test_damaged_files_are_mapped_or_refused(tmp_path_factory, suffix, data):
    """What is mapped is taken at its word; but no question to it goes wrong but by an error of this package."""
    path = tmp_path_factory.getbasetemp() / f"mapped{suffix}"
    path.write_bytes(data.draw(damaged(content_of(suffix))))
    try:
        embeddings = read_vectors(path, memory_map=True)
        read_config(path)
        for word in ("one", "größe", "unseen"):
            assert embeddings[word].shape == (4,)
    except (W2VError, UnknownWordError):
        return


@given(st.binary(max_size=60) | damaged(b"the 70\ncat 20\n"))
@settings(max_examples=150, deadline=None, derandomize=True)
def test_damaged_counts_are_read_or_refused(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "counts.txt"
    path.write_bytes(content)
    try:
        vocabulary = read_counts(path)
        assert (vocabulary.counts >= 0).all() and len(vocabulary) <= content.count(b"\n") + 1
    except W2VError as error:
        assert str(path) in str(error)


ARRAYS = {
    "letters": (np.uint8, 1),
    "ends": (np.int64, 1),
    "order": (np.int64, 1),
    "counts": (np.int64, 1),
    "vectors": (np.float32, 2),
    "norms": (np.float64, 1),
    "outputs": (np.float32, 2),
    "ngram_rule": (np.int64, 1),
    "ngram_buckets": (np.int64, 1),
    "ngram_vectors": (np.float32, 2),
}


@st.composite
def any_arrays(draw):
    """Arrays under the right names that need not fit to each other: good checksums, and nothing else that is good."""
    arrays = {}
    rows, size = draw(st.integers(0, 3)), draw(st.integers(0, 2))
    for name, (dtype, dimensions) in ARRAYS.items():
        if name.startswith("ngram") and draw(st.booleans()):
            continue
        odd = draw(st.integers(0, 9)) == 0
        shape = (3,) if name == "ngram_rule" else (rows, size)[:dimensions]
        if odd:
            shape = draw(st_numpy.array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=4))
            dtype = draw(st.sampled_from([dtype, np.float64, np.int32, np.uint8]))
        small = st.integers(0, 4) if np.dtype(dtype).kind in "iu" else st.floats(-2, 2, width=32)
        wild = st_numpy.from_dtype(np.dtype(dtype))
        arrays[name] = draw(st_numpy.arrays(dtype, shape, elements=wild if draw(st.integers(0, 5)) == 0 else small))
    if arrays["ends"].shape == (rows,) and rows:
        arrays["ends"] = np.sort(arrays["ends"])
        if draw(st.booleans()) and arrays["ends"].dtype == np.int64:
            arrays["letters"] = np.arange(max(int(arrays["ends"][-1]) % 100, 0), dtype=np.uint8)
    return arrays


@pytest.mark.parametrize("write", [write_archive, write_safetensors])
@given(arrays=any_arrays(), texts=st.dictionaries(st.sampled_from(["version", "config", "x"]), st.text(max_size=5)))
@settings(max_examples=100, deadline=None, derandomize=True)
def test_arrays_that_do_not_fit_are_read_or_refused(tmp_path_factory, write, arrays, texts):
    suffix = ".npz" if write is write_archive else ".safetensors"
    path = tmp_path_factory.getbasetemp() / f"arrays{suffix}"
    stream = io.BytesIO()
    write(arrays, texts, stream)
    path.write_bytes(stream.getvalue())
    for options in ({}, {"limit": 1}, {"memory_map": True}):
        try:
            embeddings = read_vectors(path, **options)
            if not options.get("memory_map"):
                assert_sound(embeddings)
        except W2VError:
            continue


def huge_zip_entry():
    """An archive whose array says that it has a million million numbers."""
    stream = io.BytesIO()
    write_archive({"vectors": np.zeros((1, 1), np.float32)}, {}, stream)
    return stream.getvalue().replace(b"'shape': (1, 1), }          ", b"'shape': (1000000, 1000000), }"[:27].ljust(27))


def bomb(head, piece, times, tail=b""):
    """A file of gzip's in which a megabyte comes again and again, compressed once."""
    packing = zlib.compressobj(wbits=31)
    start = packing.compress(head) + packing.flush(zlib.Z_FULL_FLUSH)
    again = packing.compress(piece * ((1 << 20) // len(piece))) + packing.flush(zlib.Z_FULL_FLUSH)
    return start + again * times + packing.compress(tail) + packing.flush()


HOSTILE = {
    "count.bin": b"99999999999 300\na " + bytes(50),
    "size.bin": b"2 99999\na " + bytes(50),
    "both.txt": b"99999999999 99999\na 1 2 3\n",
    "negative.bin": b"-3 -4\na 1\n",
    "count.bin.gz": gzip.compress(b"99999999999 300\na " + bytes(50)),
    "bomb.bin.gz": bomb(b"99999999 100000\na ", b"\0", 200),
    "word.bin.gz": bomb(b"9999 100\n", b"a", 200),
    "newlines.bin.gz": bomb(b"9999 100\nab", b"\n", 200),
    "newlines.bin.xz": lzma.compress(b"2 1\na 1234\n" + b"\n" * 20_000_000, preset=0),
    "line.txt.bz2": bz2.compress(b"9999 100\na " + b"1 " * 5_000_000, 1),
    "glove.txt.gz": bomb(b"a ", b"1 ", 200),
    "behind.bin.gz": bomb(b"1 1\na 1234\n", b"\n", 200, b"x"),
    "entries.bin.gz": bomb(
        struct.pack("<i13id", 793712314, 12, 100, 5, 5, 5, 5, 1, 2, 2, 100, 3, 6, 100, 1e-4)
        + struct.pack("<3i2q", 2**31 - 1, 2**31 - 1, 0, 9, -1),
        b"\0",
        200,
    ),
    "rows.bin.gz": bomb(
        struct.pack("<i13id", 793712314, 12, 90_000, 5, 5, 5, 5, 1, 2, 2, 2**31 - 1, 3, 6, 100, 1e-4)
        + struct.pack("<3i2q", 1, 1, 0, 9, -1)
        + b"a\0" + struct.pack("<qb", 1, 0) + struct.pack("<b2q", 0, 2**31, 90_000),
        b"\0",
        3,
    ),
    "header.safetensors": (1 << 60).to_bytes(8, "little") + b"{}",
    "shape.safetensors": (lambda header: len(header).to_bytes(8, "little") + header)(
        b'{"vectors": {"dtype": "F32", "shape": [4611686018427387903, 4], "data_offsets": [0, 4611686018427387904]}}'
    ),
    "deep.safetensors": (200_000).to_bytes(8, "little") + b'{"a":' * 40_000,
    "wide.safetensors": (lambda header: len(header).to_bytes(8, "little") + header)(
        json.dumps({str(i): {"dtype": "U8", "shape": [0], "data_offsets": [0, 0]} for i in range(15_000)}).encode()
    ),
    "shape.npz": huge_zip_entry(),
    "zeros.npz": bytes(1_000_000),
    "end.npz": b"PK\x05\x06" + b"\xff" * 18,
}  # fmt: skip


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hostile")
    for name, content in HOSTILE.items():
        (folder / name).write_bytes(content)
    return folder


def test_hostile_files_are_refused_in_little_memory(hostile):
    """8 kB of gzip unpack to 8 MB at most, several times; 16 MB for vectors, 8 for a line; and a few times the file's length."""
    for name, content in HOSTILE.items():
        tracemalloc.start()
        try:
            with pytest.raises(W2VError) as raised:
                read_vectors(hostile / name)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert name in str(raised.value) and len(str(raised.value)) < 500, name
        assert peak < 60_000_000 + 8 * len(content), (name, peak)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits of a process's memory")
def test_hostile_files_are_refused_where_memory_is_limited(hostile):
    """No array is asked for that a file only says it has: a process that may take 300 MB more than at its start."""
    code = """
        import os, resource, sys
        import numpy as np, scipy.sparse
        import w2v
        from w2v.formats import read_vectors
        with open("/proc/self/statm") as file:
            now = int(file.read().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (now + 300_000_000,) * 2)
        for name in sorted(os.listdir(sys.argv[1])):
            try:
                read_vectors(os.path.join(sys.argv[1], name))
            except w2v.W2VError as error:
                assert "allocate" not in str(error), error
                print(name)
    """
    run = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), hostile], capture_output=True, text=True, check=False, timeout=300
    )
    assert run.stdout.split() == sorted(HOSTILE), run.stderr


def test_files_without_content(tmp_path):
    for suffix in (".bin", ".txt", ".npz", ".safetensors", ".bin.gz", ".txt.xz", ".vec.zst"):
        (tmp_path / f"empty{suffix}").write_bytes(b"")
        with pytest.raises(W2VError, match=f"empty{suffix}"):
            read_vectors(tmp_path / f"empty{suffix}")
    assert len(read_counts(tmp_path / "empty.txt")) == 0


def test_no_pickle_is_ever_loaded(tmp_path):
    """Neither a pickle, nor an array of objects in an archive."""

    class Harm:
        def __reduce__(self):
            return (open, (str(tmp_path / "harm"), "w"))

    import pickle

    (tmp_path / "model").write_bytes(pickle.dumps(Harm()))
    np.savez(tmp_path / "v.npz", vectors=np.array([Harm()], object))
    for name in ("model", "v.npz"):
        with pytest.raises(VectorFileError):
            read_vectors(tmp_path / name)
    assert not (tmp_path / "harm").exists()


def test_a_rule_of_ngrams_that_no_word_can_have(tmp_path):
    """Longer n-grams than a word has are none, whatever their length."""
    assert NgramRule(1000, 2**40, 7).buckets("abc") == []
