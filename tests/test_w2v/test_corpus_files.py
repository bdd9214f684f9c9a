"""Files of every packing and state: the right text, or one clear error."""

import bz2
import gzip
import io
import lzma
import os
import re
import subprocess
import sys
import threading
import unicodedata
import warnings
import zlib
from random import Random

import numpy as np
import pyarrow
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from w2v import Files, tokenize
from w2v.corpora import files
from w2v.corpora.compression import Packing, unpacked
from w2v.corpus import read_corpus
from w2v.errors import ConfigError, CorpusError, MissingExtraError, SourceError, W2VError, W2VWarning

TEXT = "the cat\nthe größe dog\n" * 500
PACK = {
    ".gz": gzip.compress,
    ".xz": lzma.compress,
    ".bz2": bz2.compress,
    ".zst": zstandard.ZstdCompressor(write_checksum=True).compress,
}
KIND = {".gz": "gzip", ".xz": "xz", ".bz2": "bzip2", ".zst": "zstd"}


def words_of(corpus):
    words = corpus.vocabulary.words
    return [[words[number] for number in sentence] for sentence in np.split(corpus.ids, corpus.ends[:-1])]


def raises(error, message):
    return pytest.raises(error, match=f"^{re.escape(message)}")


@pytest.mark.parametrize("end", PACK)
@pytest.mark.parametrize("named", [True, False])
def test_packed_files_are_known_by_their_content(tmp_path, end, named):
    path = tmp_path / ("text" + end * named)
    path.write_bytes(PACK[end](TEXT.encode()) + PACK[end](b"one more"))
    assert words_of(read_corpus(path)) == [line.split() for line in TEXT.splitlines()] + [["one", "more"]]


def test_a_plain_file_may_be_named_like_a_packed_one(tmp_path):
    path = tmp_path / "text.gz"
    path.write_text("plain text here")
    assert words_of(read_corpus(path)) == [["plain", "text", "here"]]


@pytest.mark.parametrize("end", PACK)
def test_a_packed_file_cut_off_anywhere(tmp_path, end):
    data = PACK[end](bytes(np.random.default_rng(1).integers(97, 123, 300, np.uint8)) + b" x\n")
    path = tmp_path / f"text{end}"
    for length in range(len(data)):
        path.write_bytes(data[:length])
        with raises(SourceError, f"cannot read {path}: its {KIND[end]} data end early; the file is cut off"):
            read_corpus(path)


@pytest.mark.parametrize("end", PACK)
def test_a_damaged_packed_file(tmp_path, end):
    """Each of these formats has a checksum of 32 bits of the text: a change of the packed text is seen."""
    data = bytearray(PACK[end](bytes(np.random.default_rng(1).integers(97, 123, 3000, np.uint8)) + b" x\n"))
    data[len(data) // 2] ^= 0x10
    path = tmp_path / f"text{end}"
    path.write_bytes(data)
    with raises(SourceError, f"cannot read {path}: its {KIND[end]} data "):
        read_corpus(path)


def test_what_follows_a_gzip_text(tmp_path):
    path = tmp_path / "text.gz"
    path.write_bytes(gzip.compress(b"a b") + bytes(1000))  # tapes are filled up by zeros
    assert words_of(read_corpus(path)) == [["a", "b"]]
    path.write_bytes(gzip.compress(b"a b") + b"garbage")
    with raises(SourceError, f"cannot read {path}: its gzip data are damaged"):
        read_corpus(path)


def test_zstd_frames_to_be_skipped(tmp_path):
    path = tmp_path / "text.zst"
    path.write_bytes(b"\x50\x2a\x4d\x18\x04\x00\x00\x00abcd" + PACK[".zst"](b"a b"))
    assert words_of(read_corpus(path)) == [["a", "b"]]


@pytest.mark.parametrize("kind", list(Packing))
def test_a_small_file_that_unpacks_to_much_comes_in_pieces(kind):
    """20 MB of zeros; gzip packs 1,032 to 1 at most, the pieces of zstd are of 4 KB and a block of 128 KB takes 4 bytes."""
    end = next(end for end, name in KIND.items() if name == kind)
    if kind is Packing.GZIP:
        packer = zlib.compressobj(9, wbits=31)
        data = b"".join(packer.compress(bytes(1 << 20)) for _ in range(20)) + packer.flush()
    elif kind is Packing.XZ:
        xz = lzma.LZMACompressor(preset=0)
        data = b"".join(xz.compress(bytes(1 << 20)) for _ in range(20)) + xz.flush()
    else:
        data = PACK[end](bytes(20 << 20))
    sizes = [len(piece) for piece in unpacked(iter([data]), kind, "text")]
    assert sum(sizes) == 20 << 20
    assert max(sizes) <= (20 << 20 if kind is Packing.ZSTD else 66 << 20)


def test_zstd_without_its_package(tmp_path, monkeypatch):
    path = tmp_path / "text.zst"
    path.write_bytes(PACK[".zst"](b"a b"))
    monkeypatch.setitem(sys.modules, "zstandard", None)
    message = (
        f"reading {path}, which is packed by zstd, needs zstandard; install it with: pip install 'lagrangian-w2v[zst]'"
    )
    with raises(MissingExtraError, message):
        read_corpus(path)


@pytest.mark.parametrize("end", PACK)
def test_a_packed_file_whose_beginning_is_damaged(tmp_path, end):
    path = tmp_path / f"text{end}"
    path.write_bytes(b"?" + PACK[end](bytes(np.random.default_rng(1).integers(97, 123, 3000, np.uint8))))
    with raises(SourceError, f"cannot read {path}: it is neither {KIND[end]}, as its name says, nor text"):
        read_corpus(path)


def damaged(data, random):
    """A file with some bytes behind the tenth changed, left out, added or repeated."""
    data = bytearray(data)
    for _ in range(random.choice([1, 1, 2, 5, 20])):
        place = random.randrange(10, len(data))
        kind = random.randrange(5)
        if kind == 0:
            data[place] = random.randrange(256)
        elif kind == 1:
            del data[place + 1 : place + random.randrange(2, 30)]
        elif kind == 2:
            data[place:place] = random.randbytes(random.randrange(1, 20))
        elif kind == 3:
            data = data[: place + 1]
        else:
            data += data[place:]
    return bytes(data)


@pytest.mark.parametrize("end", [*PACK, ".parquet", ".txt", ".utf16"])
def test_damage_of_any_kind(tmp_path, end):
    """The right answer, or one line that says what is wrong; packed text has a checksum, so that nothing else is read for it."""
    words = ["the", "cat", "größe", "dog"]
    packs = PACK | {".parquet": as_parquet, ".txt": bytes, ".utf16": lambda text: text.decode().encode("utf-16")}
    data = packs[end](TEXT.encode())
    options = {"encoding": "utf-16"} if end == ".utf16" else {}
    path = tmp_path / f"text{end}"
    random = Random(1)
    failed = 0
    for _ in range(60):
        path.write_bytes(damaged(data, random))
        try:
            with warnings.catch_warnings(action="ignore"):
                corpus = read_corpus(path, **options)
        except W2VError as error:
            failed += 1
            assert "\n" not in str(error)
        else:
            assert end not in PACK or set(corpus.vocabulary.words) <= set(words)
    assert failed > 10 or end == ".txt"


def as_parquet(text):
    stream = io.BytesIO()
    parquet.write_table(pyarrow.table({"text": text.decode().splitlines()}), stream)
    return stream.getvalue()


def test_archives_are_refused(tmp_path):
    path = tmp_path / "text.zip"
    path.write_bytes(b"PK\x03\x04 and more")
    with raises(SourceError, f"cannot read {path}: it is a zip archive; give its text"):
        read_corpus(path)


def test_several_files_and_patterns(tmp_path):
    (tmp_path / "b.txt").write_text("b1 b2")
    (tmp_path / "a.txt.gz").write_bytes(gzip.compress(b"a1\na2"))
    (tmp_path / "empty.txt").write_bytes(b"")
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "c.txt").write_text("c1")
    every = [["a1"], ["a2"], ["b1", "b2"]]
    assert words_of(read_corpus(f"{tmp_path}/*.*")) == every
    assert words_of(read_corpus([tmp_path / "b.txt", tmp_path / "a.txt.gz"])) == [["b1", "b2"], ["a1"], ["a2"]]
    assert words_of(read_corpus([str(tmp_path / "b.txt"), f"{tmp_path}/a*"])) == [["b1", "b2"], ["a1"], ["a2"]]
    assert words_of(read_corpus(Files((f"{tmp_path}/**/*.txt*",)))) == [*every, ["c1"]]
    with raises(SourceError, f"cannot read {tmp_path}/*.xz: no file matches"):
        read_corpus(f"{tmp_path}/*.xz")
    with raises(SourceError, f"cannot read {tmp_path}: Is a directory; write {tmp_path}/* for the files in it"):
        read_corpus(tmp_path)
    with raises(SourceError, "cannot read no-such: No such file or directory"):
        read_corpus([str(tmp_path / "b.txt"), "no-such"])


def test_a_name_that_looks_like_a_pattern(tmp_path):
    (tmp_path / "a[1].txt").write_text("one")
    (tmp_path / "a1.txt").write_text("other")
    assert words_of(read_corpus(tmp_path / "a[1].txt")) == [["one"]]


def test_standard_input(tmp_path):
    code = "from w2v import read_corpus; print(read_corpus('-').ends.tolist())"
    for data in (TEXT.encode(), gzip.compress(TEXT.encode())):
        done = subprocess.run([sys.executable, "-c", code], input=data, capture_output=True, timeout=60)
        assert done.stdout.decode().startswith("[2, 5, 7, "), done.stderr
    with raises(ConfigError, "standard input, '-', is named twice; it can be read once only"):
        read_corpus(Files(["-", "-"]))


def test_a_named_pipe(tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    writer = threading.Thread(target=lambda: path.write_bytes(PACK[".zst"](b"a b\nc")))
    writer.start()
    assert words_of(read_corpus(path)) == [["a", "b"], ["c"]]
    writer.join()


@pytest.mark.parametrize("end", ["", ".gz"])
def test_a_file_that_changes_while_it_is_read(tmp_path, monkeypatch, end):
    monkeypatch.setattr(files, "PIECE_BYTES", 64)
    path = tmp_path / f"text{end}"
    data = PACK[end](TEXT.encode()) if end else TEXT.encode()
    path.write_bytes(data)
    pieces = files.text_pieces(str(path))
    next(pieces)
    with open(path, "ab") as stream:
        stream.write(gzip.compress(b"more") if end else b"more")
    with raises(SourceError, f"cannot read {path}: it changed while it was read, from {len(data):,} to"):
        list(pieces)


def test_an_unreadable_file(tmp_path, monkeypatch):
    path = tmp_path / "text.txt"
    path.write_text("a b")

    class Broken(io.BytesIO):
        def read(self, size=-1):
            raise OSError(5, "Input/output error")

        def fileno(self):
            return 0

    monkeypatch.setattr("builtins.open", lambda *arguments: Broken())
    with raises(SourceError, f"cannot read {path}: Input/output error"):
        list(files.text_pieces(str(path)))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "latin-1", "cp1252"])
@pytest.mark.parametrize("piece_bytes", [16, 1 << 20])
def test_encodings(tmp_path, monkeypatch, encoding, piece_bytes):
    monkeypatch.setattr(files, "PIECE_BYTES", piece_bytes)
    path = tmp_path / "text.txt"
    path.write_bytes(TEXT.encode(encoding))
    assert words_of(read_corpus(path, encoding=encoding)) == [line.split() for line in TEXT.splitlines()]


def test_byte_order_marks(tmp_path):
    path = tmp_path / "text.txt"
    path.write_text("größe x", "utf-8-sig")
    assert words_of(read_corpus(path)) == [["größe", "x"]] == words_of(read_corpus(path, encoding="utf-8"))
    for encoding in ("utf-16", "utf-32"):
        path.write_text(TEXT, encoding)
        message = (
            f"cannot read {path}: it begins with the byte order mark of {encoding.upper()}; give encoding='{encoding}'"
        )
        with raises(SourceError, message):
            read_corpus(path)
    for encoding in ("utf-16-le", "utf-16-be"):
        path.write_text("plain English text", encoding)
        with pytest.raises(SourceError, match=f"18 of its first 36 bytes are zeros.*give encoding='{encoding}'"):
            read_corpus(path)


def test_bytes_that_are_not_in_the_encoding(tmp_path):
    path = tmp_path / "text.txt"
    path.write_bytes("größe".encode("latin-1"))
    assert read_corpus(path).vocabulary.words == ("gr\udcf6\udcdfe",)
    with raises(SourceError, f"cannot read {path}: it is not utf-8, near byte 0 ("):
        read_corpus(path, encoding="utf-8")
    with raises(SourceError, f"cannot read {path}: byte 2 of its text is not UTF-8; give its encoding, such as"):
        read_corpus(path, tokenizer="words")
    with raises(ConfigError, "encoding is 'rot13', which is not known"):
        read_corpus(path, encoding="rot13")
    with raises(ConfigError, "encoding is 'no-such', which is not known"):
        read_corpus(path, encoding="no-such")


def test_a_word_of_a_megabyte_and_one_that_is_too_long(tmp_path):
    path = tmp_path / "text.txt"
    path.write_bytes(b"a " + b"x" * 1_000_000 + b" b")
    assert [len(word) for word in words_of(read_corpus(path))[0]] == [1, 1_000_000, 1]
    path.write_bytes(b"a " + b"x" * (files.LONGEST_WORD + 5_000_000))
    message = (
        f"{path} has a word of more than 16,777,216 bytes, which begins with 'xxxxxxxxxxxxxxxxxxxx'; is this text,"
    )
    with raises(CorpusError, message):
        read_corpus(path)


@pytest.mark.slow
def test_a_line_of_a_gigabyte(tmp_path):
    """The text is one sentence; memory grows by what the numbers take, 4 bytes a word, and not by the line."""
    path = tmp_path / "text.txt"
    with path.open("wb") as stream:
        for _ in range(1024):
            stream.write(b"abcdefghijklmno " * (1 << 16))
    code = (
        "import sys, resource\nfrom w2v import read_corpus\ncorpus = read_corpus(sys.argv[1])\n"
        "print(len(corpus.ids), corpus.ends.tolist(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, timeout=300)
    tokens, ends, most_kilobytes = done.stdout.split()
    assert (tokens, ends) == (str(1 << 26), f"[{1 << 26}]")
    assert int(most_kilobytes) < 800_000  # 268 MB of numbers, 200 of Python with Numba, pieces, and room to grow


def test_what_may_be_no_text_is_read_with_a_warning(tmp_path):
    path = tmp_path / "random"
    path.write_bytes(bytes(range(1, 256)) * 4)
    message = f"{path} may be no text: 100 of its first 1,020 bytes are control characters"
    with pytest.warns(W2VWarning, match=f"^{re.escape(message)}$"):
        read_corpus(path)


@pytest.mark.skipif(not os.path.exists("/proc/self/mem"), reason="needs /proc")
def test_a_file_whose_reading_fails():
    with raises(SourceError, "cannot read /proc/self/mem: Input/output error"):
        read_corpus("/proc/self/mem")


def test_files_of_nothing(tmp_path):
    path = tmp_path / "empty.txt"
    path.write_bytes(b"")
    with raises(CorpusError, f"{path} has no words"):
        read_corpus(path)
    with raises(CorpusError, "the corpus of 2 files has no words"):
        read_corpus([path, path])


def test_options_that_do_not_go_with_sentences():
    for options in ({"encoding": "utf-8"}, {"tokenizer": "words"}, {"column": "text"}):
        with pytest.raises(ConfigError, match="which goes with files, not with sentences of words"):
            read_corpus([["a"]], **options)
    with raises(ConfigError, "tokenizer is 'spacy'; it must be one of whitespace, words"):
        read_corpus([["a"]], tokenizer="spacy")
    with raises(ConfigError, "lowercase is 1; it must be True or False"):
        read_corpus([["a"]], lowercase=1)


LETTERS = st.sampled_from([*"aZ9 .,'’-_\n\t\réÉİΣς中𝒜½!\u0301\u093f\u200c\xad"])


@given(st.one_of(st.text(LETTERS, max_size=30), st.text(max_size=30)), st.booleans())
@settings(max_examples=400, deadline=None, derandomize=True)
def test_words_are_those_of_their_definition(text, lowercase):
    assert tokenize(text, lowercase=lowercase) == words_by_definition(text, lowercase)


def words_by_definition(text, lowercase):
    text = text.replace("\xad", "")
    text = text.lower() if lowercase else text
    of_word = [unicodedata.category(character)[0] in "LMN" for character in text]
    for i in range(1, len(text) - 1):
        if text[i] in "'’\u200c\u200d":
            of_word[i] = None
    kept = [
        flag is True or (flag is None and of_word[i - 1] is True and of_word[i + 1] is True)
        for i, flag in enumerate(of_word)
    ]
    return "".join(letter if keep else " " for letter, keep in zip(text, kept, strict=True)).split()


@pytest.mark.parametrize("tokenizer", ["words", "whitespace"])
@pytest.mark.parametrize("lowercase", [True, False])
def test_a_file_has_the_words_of_its_lines(tmp_path, monkeypatch, tokenizer, lowercase):
    monkeypatch.setattr(files, "PIECE_BYTES", 100)
    text = "Don't STOP, ΟΔΟΣ — naïve_word 42.5!\n...\nÉtude d’Été\n" * 20
    path = tmp_path / "text.txt"
    path.write_text(text)
    lines = [tokenize(line, tokenizer, lowercase=lowercase) for line in text.splitlines()]
    assert words_of(read_corpus(path, tokenizer=tokenizer, lowercase=lowercase)) == [line for line in lines if line]


def test_sentences_are_lower_cased_too():
    corpus = read_corpus([["New York", "ΟΔΟΣ"], ["New York"]], lowercase=True)
    assert words_of(corpus) == [["new york", "οδος"], ["new york"]]
