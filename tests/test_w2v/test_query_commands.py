"""The commands that ask vectors, as processes of their own."""

import json
import os
import pty
import re
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from tests.test_w2v.test_embeddings import random_embeddings
from w2v import gensim_names
from w2v.cli import main
from w2v.embeddings import Embeddings
from w2v.formats import write_vectors
from w2v.vocabulary import Vocabulary

EMBEDDINGS = random_embeddings(words=60, size=8)


def run(*arguments, **options):
    command = [sys.executable, "-m", "w2v.cli", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, **options)


def shown(pairs):
    return "".join(f"{value:7.4f}  {word}\n" for word, value in pairs)


@pytest.fixture(scope="module")
def vectors(tmp_path_factory):
    path = tmp_path_factory.mktemp("vectors") / "v.bin"
    write_vectors(EMBEDDINGS, path)
    return path


def test_neighbors_by_word_together_and_restricted(vectors):
    done = run("neighbors", vectors, "w1", "w2", "--top=2")
    one, two = (shown(EMBEDDINGS.most_similar(word, topn=2)) for word in ("w1", "w2"))
    assert done.stdout == f"w1:\n{one}w2:\n{two}"
    done = run("neighbors", vectors, "w1", "w2", "--together", "--restrict-vocab=30", "--json")
    expected = EMBEDDINGS.most_similar(["w1", "w2"], restrict_vocab=30)
    answer = json.loads(done.stdout)
    assert answer["words"] == ["w1", "w2"]
    assert [(pair["word"], pair["similarity"]) for pair in answer["nearest"]] == expected


def test_each_line_of_standard_input_is_a_question(vectors):
    done = run("neighbors", vectors, "--top=1", input="w1\n\nw3 w4\nnone\nw5\n")
    answers = [EMBEDDINGS.most_similar(words, topn=1) for words in (["w1"], ["w3", "w4"], ["w5"])]
    assert done.stdout == "".join(
        f"{asked}:\n{shown(found)}" for asked, found in zip(("w1", "w3 w4", "w5"), answers, strict=True)
    )
    assert done.returncode == 2
    assert done.stderr == (
        "w2v: error: the word 'none' is not in the vocabulary of 60 words\nw2v: error: 1 of 4 lines have no answer\n"
    )
    done = run("analogy", vectors, "--top=1", "--cosmul", "--json", input="w1 w2 w3\nw4 w5 w6\n")
    assert done.returncode == 0
    best = [json.loads(line)["nearest"][0]["word"] for line in done.stdout.splitlines()]
    assert best == [
        EMBEDDINGS.most_similar_cosmul([b, c], [a], topn=1)[0][0]
        for a, b, c in (("w1", "w2", "w3"), ("w4", "w5", "w6"))
    ]


def test_a_person_at_a_terminal_is_prompted(vectors):
    controller, terminal = pty.openpty()
    command = [sys.executable, "-m", "w2v.cli", "neighbors", vectors, "--top", "1"]
    with subprocess.Popen(command, stdin=terminal, stdout=terminal, stderr=terminal) as process:
        os.close(terminal)
        os.write(controller, b"w1\nnone\n\n")
        seen = b""
        try:
            while part := os.read(controller, 65536):
                seen += part
        except OSError:  # the other side has closed
            pass
    os.close(controller)
    text = seen.decode().replace("\r", "")
    assert process.returncode == 0
    assert shown(EMBEDDINGS.most_similar("w1", topn=1)) in text
    assert "the word 'none' is not in the vocabulary" in text and text.count("> ") == 3


def test_similarity_and_doesnt_match(vectors, capsys):
    def run(*arguments):
        assert main([str(argument) for argument in arguments]) == 0
        return SimpleNamespace(stdout=capsys.readouterr().out)

    done = run("similarity", vectors, "w1", "w2")
    assert done.stdout == f"{EMBEDDINGS.similarity('w1', 'w2'):7.4f}\n"
    done = run("similarity", vectors, "w1", "w2", "w3", "--json")
    matrix = EMBEDDINGS.similarity_matrix(["w1", "w2", "w3"])
    assert np.allclose(json.loads(done.stdout)["similarities"], matrix, rtol=0, atol=0)
    assert run("similarity", vectors, "w1", "w2", "w3").stdout.splitlines()[1].endswith(f"{matrix[1, 2]:7.4f}  w2")
    assert run("doesnt-match", vectors, "w1", "w2", "w3").stdout == EMBEDDINGS.doesnt_match(["w1", "w2", "w3"]) + "\n"


def test_words_of_one_file_among_those_of_another(vectors, tmp_path):
    other = Embeddings(Vocabulary(("new",), [1]), EMBEDDINGS.vectors[4:5] * 2)
    write_vectors(other, tmp_path / "other.txt")
    done = run("neighbors", vectors, "new", "--from", tmp_path / "other.txt", "--top=1")
    assert done.stdout == " 1.0000  w4\n"


def test_a_file_that_is_mapped_answers_the_same(vectors, tmp_path):
    write_vectors(EMBEDDINGS, tmp_path / "v.npz")
    mapped = run("neighbors", tmp_path / "v.npz", "w1", "--memory-map")
    assert mapped.stdout == shown(EMBEDDINGS.most_similar("w1"))
    refused = run("similarity", vectors, "w1", "w2", "--memory-map")
    assert (refused.returncode, refused.stdout) == (2, "") and "cannot be mapped into memory" in refused.stderr


def test_an_index_is_built_and_searched(vectors):
    pytest.importorskip("usearch")
    done = run("index", vectors)
    said = r"60 words, built in .* s; finds 100\.0% of the 10 nearest words \(at least 9\d\.\d%; 60 words asked, "
    assert re.match(said, done.stdout), done
    again = run("index", vectors, "--json", "--threads=2", "--output", vectors.parent / "other.usearch")
    assert json.loads(again.stdout)["recall"] == 1
    for option in (["--index"], ["--index", vectors.parent / "other.usearch"]):
        done = run("neighbors", vectors, "w1", "--top=3", *option)
        assert done.stdout == shown(EMBEDDINGS.most_similar("w1", topn=3)), done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("analogy {vectors} w1 w2", "an analogy is asked with three words, A B C, not with 'w1 w2'"),
        ("similarity {vectors} w1", "a similarity is between two words or more, not of 'w1'"),
        ("doesnt-match {vectors} w1 w2", "one of three words or more can fail to match, not one of 'w1 w2'"),
        (
            "neighbors {vectors} w1 --index {folder}/none",
            r"there is no index .*none; w2v index .*v\.bin --output .*none builds it",
        ),
        ("neighbors {vectors} w1 none", "the word 'none' is not in the vocabulary of 60 words"),
        ("index {vectors} --recall 2", r"recall is 2\.0; it must be between 0 and 1"),
        ("index {vectors} --output {folder}/none/x", "cannot write .*: there is no directory .*none"),
    ],
)
def test_one_line_says_what_is_wrong(vectors, tmp_path, capsys, arguments, message):
    assert main(arguments.format(vectors=vectors, folder=tmp_path).split()) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert re.fullmatch(f"w2v: error: {message}\n", said.err), said.err
    assert not list(tmp_path.iterdir())


def test_bytes_go_through_a_pipe_and_no_terminal_is_commanded(tmp_path):
    words = ("caf\udce9", "\x1b[31mred", "\u202eevil", "plain")
    write_vectors(Embeddings(Vocabulary(words, [4, 3, 2, 1]), np.eye(4) + 1), tmp_path / "v.npz")
    command = [sys.executable, "-m", "w2v.cli", "neighbors", str(tmp_path / "v.npz"), "plain"]
    piped = subprocess.run(command, capture_output=True, timeout=120)
    assert [line.split()[1] for line in piped.stdout.splitlines()] == [
        word.encode("utf-8", "surrogateescape") for word in words[:3]
    ]
    controller, terminal = pty.openpty()
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=terminal):
        os.close(terminal)
        seen = b""
        try:
            while part := os.read(controller, 65536):
                seen += part
        except OSError:  # the other side has closed
            pass
    os.close(controller)
    assert [line.split()[1] for line in seen.decode().splitlines()] == [r"caf\xe9", r"\x1b[31mred", r"\u202eevil"]


def test_no_question_waits_for_numba(vectors):
    pytest.importorskip("usearch")
    (vectors.parent / "pairs.txt").write_text("w1 w2 3\nw3 w4 5\nw5 w6 1\n")
    questions = [
        ["neighbors", str(vectors), "w1"],
        ["similarity", str(vectors), "w1", "w2"],
        ["index", str(vectors), "--output", str(vectors.parent / "again.usearch")],
        ["neighbors", str(vectors), "w1", "--index", str(vectors.parent / "again.usearch")],
        ["evaluate", str(vectors), "--on", str(vectors.parent / "pairs.txt")],
    ]
    code = (
        "import sys, w2v.cli\n"
        f"assert not any(w2v.cli.main(question) for question in {questions!r})\n"
        "sys.exit('numba' in sys.modules or 'sklearn' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr


def test_hints_name_what_is_there():
    called = {name for hint in gensim_names.ATTRIBUTES.values() for name in re.findall(r"write (\w+)\(", hint)}
    assert called and all(hasattr(Embeddings, name) for name in called)
