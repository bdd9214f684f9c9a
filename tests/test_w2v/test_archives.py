"""Archives of vectors: both ways, cut off, corrupt, and not what they should be."""

import functools
import gzip
import io
import json
import os
import subprocess
import sys
import tempfile
import textwrap
import zipfile
import zlib
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.test_w2v.test_formats import ODD_WORDS
from tests.test_w2v.test_formats import embeddings_of as plain_embeddings
from tests.test_w2v.test_subwords import embeddings_of
from w2v.config import TrainingConfig
from w2v.embeddings import Embeddings
from w2v.errors import SourceError, UnknownWordError, VectorFileError
from w2v.formats import read_config, read_vectors, write_vectors
from w2v.storage.archive import locate_archive, write_archive
from w2v.storage.container import StoredArray, read_array, read_rows
from w2v.storage.letters import StoredNumbers, StoredWords, spell, word_order
from w2v.storage.safetensors import write_safetensors
from w2v.subwords import NgramRule
from w2v.vocabulary import Vocabulary

RULE = NgramRule(3, 4, 10_000)
CONFIG = TrainingConfig(vector_size=2, loss="full-softmax", epochs=7)
WORDS = [*ODD_WORDS, "New York", "a\nb"]


SUFFIXES = [".npz", ".safetensors"]


def full_embeddings(words=WORDS, size=4):
    """With n-grams and output rows."""
    outputs = np.random.default_rng(7).standard_normal((len(words) + 1, size))
    return replace(embeddings_of(words, RULE, size), outputs=outputs)


def assert_same(back, embeddings):
    assert back.vocabulary.words == embeddings.vocabulary.words
    assert back.vocabulary.counts.tolist() == embeddings.vocabulary.counts.tolist()
    assert back.vectors.tobytes() == embeddings.vectors.tobytes()
    assert back.outputs.tobytes() == embeddings.outputs.tobytes()
    assert back.subwords.rule == embeddings.subwords.rule
    assert back.subwords.buckets.tolist() == embeddings.subwords.buckets.tolist()
    assert back.subwords.vectors.tobytes() == embeddings.subwords.vectors.tobytes()


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_all_that_is_written_is_read_back_bit_for_bit(tmp_path, suffix):
    embeddings = full_embeddings()
    write_vectors(embeddings, tmp_path / f"v{suffix}", CONFIG)
    back = read_vectors(tmp_path / f"v{suffix}")
    assert_same(back, embeddings)
    assert np.array_equal(back["plainly"], embeddings["plainly"])
    assert read_config(tmp_path / f"v{suffix}") == CONFIG
    write_vectors(back, tmp_path / f"again{suffix}", CONFIG)
    assert (tmp_path / f"again{suffix}").read_bytes() == (tmp_path / f"v{suffix}").read_bytes()


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_what_is_not_there_is_not_there_when_it_is_back(tmp_path, suffix):
    write_vectors(plain_embeddings(["one", "two"]), tmp_path / f"v{suffix}")
    back = read_vectors(tmp_path / f"v{suffix}")
    assert back.subwords is None and back.outputs is None and back.vocabulary.counts.tolist() == [2, 1]
    assert read_config(tmp_path / f"v{suffix}") is None


def test_numpy_reads_an_archive(tmp_path):
    embeddings = full_embeddings()
    write_vectors(embeddings, tmp_path / "v.npz", CONFIG)
    with np.load(tmp_path / "v.npz") as arrays:
        assert arrays["vectors"].tobytes() == embeddings.vectors.tobytes()
        assert arrays["outputs"].tobytes() == embeddings.outputs.tobytes()
        words = b"".join(word.encode("utf-8", "surrogateescape") for word in WORDS)
        assert arrays["letters"].tobytes() == words
        about = json.loads(arrays["about"].tobytes())
    assert about["version"] == "2" and about["words"] == str(len(WORDS))
    assert TrainingConfig(**json.loads(about["config"])) == CONFIG


def test_the_library_safetensors_reads_and_writes_the_same(tmp_path):
    numpy_format = pytest.importorskip("safetensors.numpy")
    from safetensors import safe_open

    embeddings = full_embeddings()
    write_vectors(embeddings, tmp_path / "v.safetensors", CONFIG)
    arrays = numpy_format.load_file(tmp_path / "v.safetensors")
    assert arrays["vectors"].tobytes() == embeddings.vectors.tobytes()
    assert arrays["ngram_vectors"].tobytes() == embeddings.subwords.vectors.tobytes()
    with safe_open(tmp_path / "v.safetensors", "numpy") as stored:
        metadata = stored.metadata()
    expected = {"format": "w2v", "version": "2", "words": str(len(WORDS)), "vector_size": "4"}
    assert expected.items() <= metadata.items()
    checksums = {name: zlib.crc32(array.tobytes()) for name, array in arrays.items()}
    assert json.loads(metadata["crc32"]) == checksums
    assert TrainingConfig(**json.loads(metadata["config"])) == CONFIG
    numpy_format.save_file(arrays, tmp_path / "theirs.safetensors")
    assert_same(read_vectors(tmp_path / "theirs.safetensors"), embeddings)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_files_mapped_into_memory_answer_the_same(tmp_path, suffix):
    embeddings = full_embeddings([*WORDS, *map(str, range(2, 200))])
    write_vectors(embeddings, tmp_path / f"v{suffix}")
    mapped = read_vectors(tmp_path / f"v{suffix}", memory_map=True)
    for array in (mapped.vectors, mapped.outputs, mapped.subwords.vectors):
        assert is_mapped(array) and array.flags.aligned and not array.flags.writeable
    assert_same(mapped, embeddings)
    for word in (*embeddings.vocabulary.words, "plainly"):
        assert np.array_equal(mapped[word], embeddings[word]) and word in mapped
    for word in ("none", "", "\ud800", 3, None):
        assert word not in mapped.vocabulary
    assert mapped.most_similar("größe") == embeddings.most_similar("größe")
    assert mapped.key_to_index == embeddings.key_to_index and mapped.index_to_key == embeddings.index_to_key
    with pytest.raises(UnknownWordError):
        mapped["xyz"]
    first = (tmp_path / f"v{suffix}").read_bytes()
    write_vectors(mapped, tmp_path / f"v{suffix}")  # in the place of the file that is mapped
    assert (tmp_path / f"v{suffix}").read_bytes() == first
    assert np.array_equal(mapped["größe"], embeddings["größe"])


def is_mapped(array):
    while array is not None and not isinstance(array, np.memmap):
        array = array.base
    return array is not None


@given(st.lists(st.binary(max_size=3), min_size=1, max_size=40, unique=True), st.binary(max_size=3))
@settings(max_examples=200, deadline=None, derandomize=True)
def test_words_are_found_where_they_are_stored(words, other):
    letters = np.frombuffer(b"".join(words), np.uint8)
    stored = StoredWords(letters, np.cumsum([len(word) for word in words]))
    numbers = StoredNumbers(stored, word_order(words))
    assert [numbers[spell(word)] for word in words] == list(range(len(words)))
    assert (spell(other) in numbers) == (other in words)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_file_of_many_gigabytes_is_mapped_without_being_read(tmp_path, suffix):
    """Ten gigabytes of zeros that take no room on the disk, in a process that may not have so much memory."""
    words, size = 9_000_000, 300
    path = tmp_path / f"v{suffix}"
    small = Embeddings(Vocabulary(("a",), [1]), np.ones((1, size)))
    write_vectors(small, path)
    write_sparse(path, suffix, words, size)
    assert path.stat().st_size > 10**10 and path.stat().st_blocks * 512 < 10**6
    code = """
        import resource, sys
        import w2v
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        embeddings = w2v.read_vectors(sys.argv[1], memory_map=True)
        print(embeddings.vectors.shape, embeddings.vectors[8_999_999, :2], embeddings.vocabulary.words[7])
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20_000)  # kilobytes
    """
    run = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code), path], capture_output=True, text=True, check=False
    )
    assert run.stdout == "(9000000, 300) [0. 0.] \nTrue\n", run.stderr


def write_sparse(path, suffix, words, size):
    """A file of empty words and zero vectors, by the writers: arrays of zeros are skipped, not written."""
    zeros = {
        "letters": np.zeros(0, np.uint8),
        "ends": np.broadcast_to(np.int64(0), words),
        "order": np.broadcast_to(np.int64(0), words),
        "counts": np.broadcast_to(np.int64(0), words),
        "vectors": np.broadcast_to(np.float32(0), (words, size)),
        "norms": np.broadcast_to(np.float64(0), words),
    }
    if suffix == ".safetensors":
        header, offset = {}, 0
        kinds = {"float64": "F64", "int64": "I64", "float32": "F32", "uint8": "U8"}
        for name, array in sorted(zeros.items(), key=lambda item: -item[1].itemsize):
            count = array.size * array.itemsize
            header[name] = {
                "dtype": kinds[str(array.dtype)],
                "shape": array.shape,
                "data_offsets": [offset, offset + count],
            }
            offset += count
        packed = json.dumps(header).encode()
        packed += b" " * (-len(packed) % 8)
        with open(path, "wb") as stream:
            stream.write(len(packed).to_bytes(8, "little") + packed)
            stream.truncate(8 + len(packed) + offset)
        return
    with zipfile.ZipFile(path, "w") as archive:
        for name, array in zeros.items():
            info = zipfile.ZipInfo(f"{name}.npy")
            begin = archive.fp.tell() + 30 + len(info.filename) + 20 + 4
            info.extra = b"\x35\xd9" + (-begin % 64).to_bytes(2, "little") + bytes(-begin % 64)
            header = io.BytesIO()
            np.lib.format.write_array_header_1_0(
                header, {"descr": array.dtype.str, "fortran_order": False, "shape": array.shape}
            )
            with archive.open(info, "w", force_zip64=True) as member:
                member.write(header.getvalue())
                count = array.size * array.itemsize
                archive.fp.seek(count, 1)  # a hole; the checksum, which nobody looks at, is that of the header
                member._file_size += count
        archive.fp.truncate()


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_some_of_the_words(tmp_path, suffix):
    embeddings = full_embeddings()
    write_vectors(embeddings, tmp_path / f"v{suffix}")
    for chosen, options in (
        (WORDS[:3], {"limit": 3}),
        ([WORDS[2], WORDS[5]], {"words": [WORDS[5], WORDS[2], "none"]}),
        ([WORDS[2]], {"words": [WORDS[5], WORDS[2]], "limit": 4}),
    ):
        back = read_vectors(tmp_path / f"v{suffix}", **options)
        assert back.vocabulary.words == tuple(chosen)
        assert back.vectors.tobytes() == embeddings.vectors[[WORDS.index(word) for word in chosen]].tobytes()
        assert back.vocabulary.counts.tolist() == [len(WORDS) - WORDS.index(word) for word in chosen]
        assert back.outputs is None and not is_mapped(back.vectors)
        assert np.array_equal(back["plainly"], embeddings["plainly"])
    with pytest.raises(VectorFileError, match="it has none of the words that were asked for"):
        read_vectors(tmp_path / f"v{suffix}", words=["none"])
    for options in ({"limit": 3}, {"words": ["a"]}, {"counts": "counts.txt"}):
        with pytest.raises(VectorFileError, match="memory_map goes with all words of a file as they are"):
            read_vectors(tmp_path / f"v{suffix}", memory_map=True, **options)


@given(st.sets(st.integers(0, 499)), st.integers(1, 400))
@settings(max_examples=50, deadline=None, derandomize=True)
def test_rows_are_read_where_they_lie(numbers, piece):
    """Whatever lies between them, and however many are read at once."""
    array = np.arange(1500, dtype=np.float32).reshape(500, 3)
    stored = StoredArray(array.dtype, array.shape, 7)
    wanted = sorted(numbers)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("w2v.storage.container._PIECE", piece)
        stream = io.BytesIO(bytes(7) + array.tobytes())
        assert np.array_equal(read_rows(stream, "rows", stored, wanted), array[wanted])
        if wanted:
            with pytest.raises(ValueError, match="it ends within its rows"):
                read_rows(io.BytesIO(stream.getvalue()[: 7 + 12 * wanted[-1] + 11]), "rows", stored, wanted)
    with pytest.raises(ValueError, match="its rows are 500, which are too few"):
        read_rows(stream, "rows", stored, [500])


def test_counts_from_elsewhere(tmp_path):
    write_vectors(plain_embeddings(["one", "two"]), tmp_path / "v.npz")
    (tmp_path / "counts.txt").write_text("two 9\none 8\n")
    assert read_vectors(tmp_path / "v.npz", counts=tmp_path / "counts.txt").vocabulary.counts.tolist() == [8, 9]


@pytest.mark.parametrize("name", ["v.bin", "v.txt", "v.bin.gz"])
def test_what_cannot_be_mapped(tmp_path, name):
    write_vectors(plain_embeddings(["one", "two"]), tmp_path / name)
    with pytest.raises(VectorFileError, match=rf"{name} cannot be mapped into memory; \.npz and \.safetensors can"):
        read_vectors(tmp_path / name, memory_map=True)
    assert read_config(tmp_path / name) is None


def test_archives_of_numpys_own_are_not_mapped(tmp_path):
    np.savez(tmp_path / "v.npz", **good_arrays())
    with pytest.raises(VectorFileError, match="it has no order, which a file to map into memory needs; w2v convert"):
        read_vectors(tmp_path / "v.npz", memory_map=True)
    arrays = {**good_arrays(), "order": np.array([0, 1]), "norms": np.ones(2)}
    np.savez(tmp_path / "v.npz", x=np.zeros(1, np.uint8), **arrays)
    with pytest.raises(VectorFileError, match="its ends cannot be mapped into memory where they lie; w2v convert"):
        read_vectors(tmp_path / "v.npz", memory_map=True)


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("packed", [".gz", ".xz"])
def test_archives_are_not_compressed(tmp_path, suffix, packed):
    with pytest.raises(VectorFileError, match=rf"these files are not compressed; write .*v{suffix}"):
        write_vectors(plain_embeddings(["one"]), tmp_path / f"v{suffix}{packed}")
    with gzip.open(tmp_path / f"v{suffix}{packed}", "wb") as stream:
        stream.write(content_of(suffix))
    with pytest.raises(VectorFileError, match="it is compressed, or comes through a pipe; unpack it to a file first"):
        read_vectors(tmp_path / f"v{suffix}{packed}")


@pytest.mark.parametrize("suffix", [".bin", ".txt"])
def test_word2vecs_files_hold_the_vectors_of_the_words_alone(tmp_path, suffix):
    embeddings = embeddings_of(["walking", "banana"], RULE)
    write_vectors(embeddings, tmp_path / f"v{suffix}")
    back = read_vectors(tmp_path / f"v{suffix}")
    assert back.vectors.tobytes() == embeddings.vectors.tobytes()
    assert back.subwords is None and "walks" not in back


@functools.cache
def content_of(suffix):
    """What a small file with n-grams and output rows is made of."""
    with tempfile.TemporaryDirectory() as folder:
        write_vectors(full_embeddings(["one", "two"], 2), folder + "/v" + suffix, CONFIG)
        with open(folder + "/v" + suffix, "rb") as stream:
            return stream.read()


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_every_truncated_file_is_refused(tmp_path, suffix):
    path = tmp_path / f"v{suffix}"
    content = content_of(suffix)
    for length in range(0, len(content), 7):
        path.write_bytes(content[:length])
        with pytest.raises(VectorFileError, match=rf"v{suffix} is not an? (archive|safetensors file) of vectors"):
            read_vectors(path)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_every_changed_byte_of_the_arrays_is_found(tmp_path, suffix):
    embeddings = full_embeddings(["one", "two"], 2)
    content = content_of(suffix)
    for array in (embeddings.vectors, embeddings.outputs, embeddings.subwords.vectors, embeddings.vocabulary.counts):
        place = content.index(array.tobytes())
        for offset in range(array.nbytes):
            (tmp_path / "v").write_bytes(content[: place + offset] + b"*" + content[place + offset + 1 :])
            if content[place + offset] != ord("*"):
                with pytest.raises(VectorFileError, match="are damaged: their checksum is another"):
                    read_vectors(tmp_path / "v")


def about(**texts):
    return np.frombuffer(json.dumps(texts).encode(), np.uint8)


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
        ({"counts": np.array([1])}, "it has 1 counts of 2 words"),
        ({"ends": np.array([2, 1])}, "the ends of its words do not rise up to their last letter"),
        ({"ends": np.array([1, 2])}, "the ends of its words do not rise up to their last letter"),
        ({"letters": np.frombuffer(b"aa", np.uint8), "ends": np.array([1, 2])}, "the word 'a' is there twice"),
        ({"vectors": np.zeros((3, 3), np.float32)}, r"2 words need as many rows of vectors, not an array of shape \(3, 3\)"),
        ({"vectors": np.full((2, 3), np.inf, np.float32)}, "the vector of 'ab' is not finite"),
        ({"ngram_rule": np.array([3, 2, 100])}, r"its rule for n-grams is \[3, 2, 100\]"),
        ({"ngram_rule": np.array([3])}, r"its rule for n-grams is \[3\]"),
        ({"ngram_buckets": np.array([7, 7])}, "the buckets of n-grams must be distinct, from 0 to 99"),
        ({"ngram_vectors": np.zeros((2, 4), np.float32)}, "the n-grams' vectors have 4 numbers, those of the words 3"),
        ({"counts": np.array([[1, 2]])}, r"its counts are of shape \(1, 2\), which has not 1 dimensions"),
        ({"vectors": np.zeros((3, 2), np.float32).T}, "its vectors are stored column by column"),
        ({"outputs": np.zeros((2, 4), np.float32)}, r"outputs of shape \(2, 4\) need rows as long as vectors \(2, 3\)"),
        ({"outputs": np.full((2, 3), np.nan, np.float32)}, "a number of its outputs is not finite"),
        ({"about": about(version="3")}, "it is of version '3'; this is the reader of version 2"),
        ({"about": about(version="x")}, "it is of version 'x'"),
        ({"about": np.frombuffer(b"[]", np.uint8)}, "what it says about itself is no text under names"),
        ({"about": np.frombuffer(b"{", np.uint8)}, "Expecting property name"),
        ({"about": np.frombuffer(b"[" * 100_000, np.uint8)}, "maximum recursion depth"),
        ({"about": np.zeros(1 << 21, np.uint8)}, "what it says about itself is too long"),
        ({"counts": np.array([1, None])}, "its counts are Python objects, which are never loaded"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_an_archive(tmp_path, changes, message):
    arrays = {name: array for name, array in {**good_arrays(), **changes}.items() if array is not None}
    np.savez(tmp_path / "v.npz", **arrays)
    with pytest.raises(VectorFileError, match=f"v.npz is not an archive of vectors: {message}"):
        read_vectors(tmp_path / "v.npz")


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ("[]", "its config is no JSON object"),
        ('{"color": 1}', "its config has the option 'color', which this version does not know"),
        ('{"window": 0}', "its config is not valid: window is 0; it must be"),
        ("{", "Expecting property name"),
    ],
)
def test_what_is_wrong_with_a_config(tmp_path, config, message):
    np.savez(tmp_path / "v.npz", about=about(config=config), **good_arrays())
    with pytest.raises(VectorFileError, match=f"v.npz is not an archive of vectors: {message}"):
        read_config(tmp_path / "v.npz")


def test_archives_that_are_compressed_or_have_an_array_twice(tmp_path):
    """So that what is in an archive is no greater than its file."""
    np.savez_compressed(tmp_path / "v.npz", **good_arrays())
    with pytest.raises(VectorFileError, match=r"its letters are compressed or encrypted; write it with numpy\.savez"):
        read_vectors(tmp_path / "v.npz")
    array = io.BytesIO()
    np.save(array, np.zeros(3, np.uint8))
    with pytest.warns(UserWarning, match="Duplicate name"), zipfile.ZipFile(tmp_path / "v.npz", "w") as archive:
        for _ in range(2):
            archive.writestr("letters.npy", array.getvalue())
    with pytest.raises(VectorFileError, match="it has its letters twice"):
        read_vectors(tmp_path / "v.npz")


@pytest.mark.parametrize(
    ("header", "rest", "message"),
    [
        (b"{}", b"", "it has no vectors, but nothing"),
        (b"[]", b"", "its header is no JSON object"),
        (b"[" * 2000, b"", "maximum recursion depth|Expecting value"),
        (b'{"__metadata__": {"a": 1}}', b"", "its metadata are no text under names"),
        (b'{"__metadata__": {"crc32": "[1]"}}', b"", "its checksums are no numbers under names"),
        (b'{"vectors": 3}', b"", "its vectors are of type None, not one of F64"),
        (b'{"vectors": {"dtype": "BF16", "shape": [0], "data_offsets": [0, 0]}}', b"", "its vectors are of type 'BF16'"),
        (b'{"vectors": {"dtype": "F32", "shape": [-1], "data_offsets": [0, 4]}}', b"aaaa", "it does not say where"),
        (b'{"vectors": {"dtype": "F32", "shape": [1.0], "data_offsets": [0, 4]}}', b"aaaa", "it does not say where"),
        (b'{"vectors": {"dtype": "F32", "shape": [2], "data_offsets": [0, 4]}}', b"aaaa", r"of shape \(2,\), which their"),
        (b'{"vectors": {"dtype": "F32", "shape": [1], "data_offsets": [4, 8]}}', b"aaaaaaaa", "do not lie behind what"),
        (b'{"vectors": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}', b"aaaaaaaa", r"end at byte \d+ of \d+"),
        (b'{"vectors": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}', b"", r"end at byte \d+ of \d+"),
        (b'{"weight": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}', b"aaaa", "it has no vectors, but weight"),
        (b'{"vectors": {"dtype": "F32", "shape": [1], "data_offsets": [0, ' + b"9" * 5000 + b"]}}", b"", "Exceeds the limit"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_safetensors(tmp_path, header, rest, message):
    (tmp_path / "v").write_bytes(len(header).to_bytes(8, "little") + header + rest)
    path = tmp_path / "v"
    if not header.startswith(b"{"):  # which its name alone tells
        path = path.rename(tmp_path / "v.safetensors")
    with pytest.raises(VectorFileError, match=f" is not a safetensors file of vectors: .*({message})"):
        read_vectors(path)


def test_a_header_that_is_said_to_be_huge(tmp_path):
    (tmp_path / "v.safetensors").write_bytes(b"\xff" * 8 + b"{}")
    with pytest.raises(VectorFileError, match=r"its header is said to take 18446744073709551615 bytes"):
        read_vectors(tmp_path / "v.safetensors")


def test_an_archive_like_these_is_good(tmp_path):
    np.savez(tmp_path / "v.npz", **good_arrays())
    assert read_vectors(tmp_path / "v.npz").vocabulary.words == ("ab", "c")


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


def npy(header, content=b""):
    header = header.ljust(117) + b"\n"
    return b"\x93NUMPY\1\0" + len(header).to_bytes(2, "little") + header + content


@pytest.mark.parametrize(
    ("member", "message"),
    [
        (b"x" * 40, "its vectors are no array in NumPy's format 1.0"),
        (b"x", "its parts lie outside of it|are no array"),
        (npy(b"{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3)}"), "are no array in NumPy's format 1.0"),
        (npy(b"{'descr': open('x'), 'fortran_order': False, 'shape': (2, 3), }"), "are no array in NumPy's format 1.0"),
        (npy(b"{'descr': '<f4', 'fortran_order': False, 'shape': (-2, 3), }"), "are no array in NumPy's format 1.0"),
        (npy(b"{'descr': '<x4', 'fortran_order': False, 'shape': (2, 3), }"), "data type '<x4' not understood"),
        (npy(b"{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }"), r"of shape \(2, 3\), which their length does"),
        (npy(b"{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999, 3), }"), "which their length does not fit"),
        (npy(b"{'descr': '<f4', 'fortran_order': False, 'shape': (2, 0), }"), "its vectors have no numbers"),
        (npy(b"{'descr': '<f4', 'fortran_order': False, 'shape': (), }", bytes(4)), r"of shape \(\), which has not 2"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_an_array_of_an_archive(tmp_path, member, message):
    with zipfile.ZipFile(tmp_path / "v.npz", "w") as archive:
        archive.writestr("vectors.npy", member)
        for name, array in good_arrays().items():
            if name != "vectors":
                stream = io.BytesIO()
                np.save(stream, array)
                archive.writestr(f"{name}.npy", stream.getvalue())
    with pytest.raises(VectorFileError, match=message):
        read_vectors(tmp_path / "v.npz")


def test_a_part_that_lies_outside(tmp_path):
    content = bytearray(content_of(".npz"))
    place = content.rindex(b"PK\1\2")  # the last entry of the directory, where its part begins at byte 42
    content[place + 42 : place + 46] = (len(content) - 40).to_bytes(4, "little")
    (tmp_path / "v.npz").write_bytes(content)
    with pytest.raises(VectorFileError, match="lie outside of it"):
        read_vectors(tmp_path / "v.npz")


def mappable_arrays():
    return {**good_arrays(), "order": np.array([0, 1]), "norms": np.ones(2)}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"order": np.array([0])}, "its arrays are not of equally many words"),
        ({"norms": np.ones(3)}, "its arrays are not of equally many words"),
        ({"outputs": np.zeros((2, 4), np.float32)}, "rows of 4 numbers do not go with vectors of 3"),
        ({"ngram_vectors": np.zeros((2, 4), np.float32)}, "rows of 4 numbers do not go with vectors of 3"),
        ({"order": np.array([7, 7])}, "the order of the words is damaged: it has a word 7 of 2"),
        ({"order": np.array([-1, -1])}, "the order of the words is damaged: it has a word -1 of 2"),
    ],
)
@pytest.mark.parametrize("write", [write_archive, write_safetensors])
def test_what_is_wrong_with_a_file_to_map(tmp_path, write, changes, message):
    with open(tmp_path / ("v.npz" if write is write_archive else "v.safetensors"), "wb") as stream:
        write({**mappable_arrays(), **changes}, {}, stream)
    with pytest.raises(VectorFileError, match=message):
        read_vectors(stream.name, memory_map=True)["ab"]


def test_a_file_that_fits_is_mapped(tmp_path):
    with open(tmp_path / "v.npz", "wb") as stream:
        write_archive({**mappable_arrays(), "outputs": np.zeros((0, 3), np.float32)}, {}, stream)
    mapped = read_vectors(tmp_path / "v.npz", memory_map=True)
    assert mapped.outputs.shape == (0, 3) and mapped["c"].tolist() == [0, 0, 0]
    assert mapped.vocabulary.words[-1:] == ("c",) and mapped.vocabulary.words != ["ab", "c"]
    assert len(mapped.vocabulary._numbers) == 2 and list(mapped.vocabulary._numbers) == ["ab", "c"]


def test_some_words_of_vectors_that_do_not_fit(tmp_path):
    np.savez(tmp_path / "v.npz", **{**good_arrays(), "vectors": np.zeros((3, 3), np.float32)})
    with pytest.raises(VectorFileError, match="2 words need as many rows of vectors"):
        read_vectors(tmp_path / "v.npz", limit=1)
    np.savez(tmp_path / "v.npz", **{**good_arrays(), "ends": np.zeros(0, np.int64)})
    with pytest.raises(VectorFileError, match="it has no words"):
        read_vectors(tmp_path / "v.npz")


def test_a_file_that_is_cut_off_while_it_is_read(tmp_path):
    """After it was found where its arrays lie."""
    (tmp_path / "v.npz").write_bytes(content_of(".npz"))
    with open(tmp_path / "v.npz", "rb", buffering=0) as stream:
        container = locate_archive(stream, len(content_of(".npz")))
        os.truncate(tmp_path / "v.npz", container.arrays["vectors"].offset + 3)
        with pytest.raises(ValueError, match="it ends within its vectors"):
            read_array(stream, "vectors", container.arrays["vectors"])
