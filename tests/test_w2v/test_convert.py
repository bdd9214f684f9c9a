"""`w2v convert`: from each format to each, some of the words, and what gets lost is said."""

import numpy as np
import pytest

from tests.oracles.fasttext_oracle import model_bytes
from tests.test_w2v.test_archives import full_embeddings
from w2v.cli import main
from w2v.config import TrainingConfig
from w2v.formats import read_config, read_vectors, write_vectors

WORDS = ["the", "größe", "日本", "cat"]
CONFIG = TrainingConfig(vector_size=4, subwords=True, min_n=3, max_n=4, bucket=10_000)
SUFFIXES = [".bin", ".txt", ".vec.gz", ".bin.xz", ".npz", ".safetensors"]


@pytest.mark.parametrize("target", SUFFIXES)
@pytest.mark.parametrize("source", SUFFIXES)
def test_from_each_format_to_each(tmp_path, capsys, source, target):
    embeddings = full_embeddings(WORDS)
    write_vectors(embeddings, tmp_path / f"in{source}", CONFIG)
    output = tmp_path / f"out{target}"
    assert main(["convert", str(tmp_path / f"in{source}"), str(output)]) == 0
    back = read_vectors(output)
    assert back.vocabulary.words == tuple(WORDS) and back.vectors.tobytes() == embeddings.vectors.tobytes()
    archives = (".npz", ".safetensors")
    whole = source in archives and target in archives
    assert (back.outputs is not None) == (back.subwords is not None) == whole
    assert read_config(output) == (CONFIG if whole else None)
    lost = source in archives and target not in archives
    said = f"wrote 4 words of 4 numbers to {output}"
    left_out = "; left out: counts, output rows, n-grams (.npz and .safetensors hold all)"
    assert capsys.readouterr().out == said + (left_out if lost else "") + "\n"


def test_some_of_the_words_with_their_counts(tmp_path, capsys):
    embeddings = full_embeddings(WORDS)
    write_vectors(embeddings, tmp_path / "in.npz")
    (tmp_path / "words.txt").write_text("cat 99\n\nthe\nnone\n")
    paths = [str(tmp_path / name) for name in ("in.npz", "out.bin", "words.txt", "counts.txt")]
    command = ["convert", *paths[:2], "--words", paths[2], "--save-counts", paths[3]]
    assert main(command) == 0
    assert (
        capsys.readouterr().out
        == f"wrote 2 words of 4 numbers to {paths[1]}; left out: n-grams (.npz and .safetensors hold all)\n"
    )
    assert read_vectors(paths[1]).vocabulary.words == ("the", "cat")
    assert (tmp_path / "counts.txt").read_text() == "the 4\ncat 1\n"
    assert main(["convert", paths[1], str(tmp_path / "back.npz"), "--counts", paths[3], "--limit", "1", "--quiet"]) == 0
    assert capsys.readouterr().out == ""
    back = read_vectors(tmp_path / "back.npz")
    assert back.vocabulary.words == ("the",) and back.vocabulary.counts.tolist() == [4]


def test_vectors_only_and_the_first_of_duplicates(tmp_path):
    write_vectors(full_embeddings(WORDS), tmp_path / "in.npz", CONFIG)
    assert main(["convert", str(tmp_path / "in.npz"), str(tmp_path / "in.npz"), "--vectors-only"]) == 0
    back = read_vectors(tmp_path / "in.npz")
    assert back.outputs is None and back.subwords is None and read_config(tmp_path / "in.npz") is None
    (tmp_path / "twice.txt").write_text("a 1\nb 2\na 3\n")
    assert main(["convert", str(tmp_path / "twice.txt"), str(tmp_path / "once.bin"), "--duplicates", "first"]) == 0
    assert read_vectors(tmp_path / "once.bin")["a"].tolist() == [1]


def test_a_model_of_fasttexts_becomes_one_that_can_be_mapped(tmp_path):
    inputs = np.random.default_rng(1).standard_normal((32, 3)).astype(np.float32)
    content = model_bytes([b"the", b"cat"], [2, 1], inputs, inputs[:2], bucket=30, min_n=2, max_n=3)
    (tmp_path / "in.bin").write_bytes(content)
    assert main(["convert", str(tmp_path / "in.bin"), str(tmp_path / "out.safetensors")]) == 0
    mapped, whole = read_vectors(tmp_path / "out.safetensors", memory_map=True), read_vectors(tmp_path / "in.bin")
    assert np.array_equal(mapped["unseen"], whole["unseen"]) and np.array_equal(mapped["cat"], whole["cat"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["in.txt", "out.npy"], "the output out.npy must end in .bin, .txt, .vec, these also with .gz, .xz, .zst, .bz2 behind,"),
        (["in.txt", "out.npz.gz"], "the output out.npz.gz must end in"),
        (["in.txt", "none/out.bin"], "cannot write none/out.bin: there is no directory"),
        (["in.txt", "out.bin", "--save-counts", "."], "cannot write .: Is a directory"),
        (["none.txt", "out.bin"], "cannot read none.txt: No such file or directory"),
        (["in.txt", "out.bin", "--words", "none"], "cannot read none: No such file"),
        (["in.txt", "out.bin", "--words", "empty"], "empty has no words"),
        (["in.txt", "out.bin", "--words", "long"], "long has a line of more than 1048640 bytes"),
        (["in.txt", "out.bin", "--limit", "0"], "'0' is not a whole number of at least 1"),
        (["blank.txt", "out.bin"], "the word '. .' cannot be written: it is empty or has white space in it"),
    ],
)  # fmt: skip
def test_what_cannot_be_converted(tmp_path, monkeypatch, capsys, arguments, message):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in.txt").write_text("a 1\nb 2\n")
    (tmp_path / "blank.txt").write_text("a 1\n. . 2\n")
    (tmp_path / "empty").write_text("\n\n")
    (tmp_path / "long").write_bytes(b"a" * 2_000_000)
    before = sorted(tmp_path.iterdir())
    assert main(["convert", *arguments]) == 2
    said = capsys.readouterr()
    assert message in said.err and said.err.count("\n") == 1 and said.out == ""
    assert sorted(tmp_path.iterdir()) == before
