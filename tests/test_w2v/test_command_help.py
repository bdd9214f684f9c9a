"""The command for people: help with examples that run, the version, near names, colors, and completion in real shells."""

import json
import re
import shlex
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest

import w2v
from w2v.cli import command_parser, main
from w2v.embeddings import Embeddings
from w2v.formats import write_vectors
from w2v.vocabulary import Vocabulary

NAMES = ("train", "phrases", "neighbors", "analogy", "similarity", "doesnt-match", "index", "evaluate", "project",
         "plot", "plot loss", "plot similarity", "plot neighbors", "convert", "completion", "help")  # fmt: skip
SECTIONS = ("usage:", "options:", "examples:", "exit status:", "environment:", "see also:")


def help_of(name: str, capsys: pytest.CaptureFixture) -> str:
    with pytest.raises(SystemExit) as ended:
        main([*name.split(), "--help"])
    assert ended.value.code == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("name", ["", *NAMES])
def test_help_has_every_section_and_fits(name, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    told = help_of(name, capsys)
    for section in SECTIONS:
        assert re.search(f"^{section}", told, re.MULTILINE)
    assert all(len(line) <= 80 for line in told.splitlines())
    if " " not in name:
        assert main(["help", *name.split()]) == 0
        assert capsys.readouterr().out == told


def test_all_commands_are_looked_at():
    (commands,) = (action for action in command_parser()._actions if action.dest == "COMMAND" or action.choices)
    assert {name.split()[0] for name in NAMES} == set(commands.choices)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A text, vectors, questions and reports, named as in the examples."""
    rng = np.random.default_rng(5)
    words = ["king", "queen", "man", "woman", "apple", *(f"word{n}" for n in range(1_200))]
    vectors = rng.normal(size=(len(words), 8)).astype(np.float32)
    write_vectors(Embeddings(Vocabulary(words, np.arange(len(words), 0, -1)), vectors), tmp_path / "vectors.bin")
    sentences = [" ".join(rng.choice(words[:30], size=12)) + " new york\n" for _ in range(400)]
    (tmp_path / "corpus.txt").write_text("".join(sentences))
    (tmp_path / "pairs.tsv").write_text("king\tqueen\t8\nking\tapple\t1\nman\twoman\t7\n")
    (tmp_path / "analogies.txt").write_text(": family\nman king woman queen\n")
    for name in ("report", "first", "second"):
        report = {
            "recent_losses": [[0.5, 2.0], [1.0, 1.5]],
            "epoch_losses": [1.7],
            "held_out_losses": [],
            "epochs": 1,
            "options": {},
        }
        (tmp_path / f"{name}.json").write_text(json.dumps(report))
    monkeypatch.chdir(tmp_path)
    return tmp_path


QUICK = [name for name in NAMES if name not in ("train", "phrases", "index", "project", "completion")]


@pytest.mark.parametrize("name", QUICK)
def test_the_examples_run(name, folder, capsys):
    run_examples(name, capsys)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["", "train", "phrases", "index", "project"])
def test_the_examples_that_take_longer_run(name, folder, capsys):
    run_examples(name, capsys)


def run_examples(name, capsys):
    examples = re.findall(r"^ *\$ w2v (.*)$", help_of(name, capsys), re.MULTILINE)
    assert examples
    for line in examples:
        assert main(shlex.split(line)) == 0, (line, capsys.readouterr().err)
        assert capsys.readouterr().out


def test_the_version(capsys):
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"w2v {w2v.__version__}\n"
    assert w2v.__version__ == version("lagrangian-w2v")


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["help", "train"], ["completion", "bash"]])
def test_help_and_version_need_neither_numpy_nor_numba(arguments):
    if arguments[0] == "completion":
        pytest.importorskip("argcomplete")
    program = (
        "import atexit, sys; atexit.register(lambda: print({'numpy', 'numba'} & set(sys.modules)));"
        f"from w2v.cli import main; sys.exit(main({arguments!r}))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "set()"


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        ("trian corpus.txt", "(do you mean train?)"),
        ("train corpus.txt --output v.bin --vektor-size 3", "(do you mean --vector-size?)"),
        ("train corpus.txt --output v.bin --loss sampled-sofmax", "(do you mean sampled-softmax?)"),
        ("plot los report.json", "(do you mean loss?)"),
        ("plot loss report.json --output loss.svg --outptu x", "(do you mean --output?)"),
    ],
)
def test_names_that_are_nearly_right(arguments, hint, capsys):
    assert main(shlex.split(arguments)) == 2
    error = capsys.readouterr().err
    assert hint in error
    assert error.count("\n") == 1


def test_colors_are_for_terminals_and_for_those_who_ask(capsys, monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    assert main(["trian"]) == 2
    assert capsys.readouterr().err.startswith("w2v: error: ")
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert main(["trian"]) == 2
    assert capsys.readouterr().err.startswith("\x1b[1;31mw2v: error:\x1b[0m ")
    assert "\x1b[1mexamples:\x1b[0m" in help_of("train", capsys)
    monkeypatch.setenv("NO_COLOR", "1")
    assert main(["trian"]) == 2
    assert "\x1b" not in capsys.readouterr().err


@pytest.mark.parametrize(("encoding", "shown"), [("ascii", "k?nig"), ("cp1252", "könig"), ("utf-8", "könig")])
def test_words_that_cannot_be_encoded_are_no_error(encoding, shown, folder):
    words = Vocabulary(["könig", "変"], np.array([2, 1]))
    write_vectors(Embeddings(words, np.eye(2, dtype=np.float32)), folder / "v.bin")
    command = [sys.executable, "-m", "w2v.cli", "neighbors", "v.bin", "変"]
    environment = {"PYTHONIOENCODING": encoding, "PYTHONPATH": ":".join(filter(None, sys.path)), "PYTHONUTF8": "1"}
    done = subprocess.run(command, capture_output=True, env=environment, timeout=60, cwd=folder)
    assert done.returncode == 0, done.stderr
    assert shown in done.stdout.decode(encoding)


COMPLETED = [
    ("w2v nei", {"neighbors"}),
    ("w2v train --vec", {"--vector-size"}),
    ("w2v train --loss samp", {"sampled-softmax"}),
    ("w2v neighbors vec", {"vectors.bin"}),
    ("w2v plot lo", {"loss"}),
    ("w2v train --window ", set()),
]


def in_shell(shell: list[str], script: str, folder: Path) -> list[set[str]]:
    pytest.importorskip("argcomplete")
    if shutil.which(shell[0]) is None:
        pytest.skip(f"{shell[0]} is not installed")
    program = folder / "bin" / "w2v"
    program.parent.mkdir()
    paths = [path for path in sys.path if path]
    program.write_text(
        f"#!{sys.executable}\nimport sys\nsys.path[:0] = {paths!r}\nfrom w2v.cli import main\nsys.exit(main())\n"
    )
    program.chmod(0o755)
    environment = {"PATH": f"{program.parent}:/usr/bin:/bin", "HOME": str(folder), "LANG": "C.UTF-8"}
    done = subprocess.run([*shell, script], capture_output=True, text=True, cwd=folder, env=environment, timeout=120)
    return [set(line.split()) for line in done.stdout.splitlines()]


def test_bash_completes(folder):
    ask = (
        'ask() { COMP_WORDS=($1); COMP_LINE="$1"; COMP_POINT=${#1}; COMP_TYPE=9; COMPREPLY=(); '
        '_python_argcomplete w2v; echo "${COMPREPLY[@]}"; }\n'
    )
    lines = "\n".join(f'ask "{line}"' for line, _ in COMPLETED)
    told = in_shell(["bash", "--norc", "-c"], f'eval "$(w2v completion bash)"\n{ask}{lines}', folder)
    assert told == [expected for _, expected in COMPLETED]


def test_fish_completes(folder):
    lines = "\n".join(f'echo (complete -C "{line}" | string replace -r "\\t.*" "")' for line, _ in COMPLETED)
    told = in_shell(["fish", "--no-config", "-c"], f"w2v completion fish | source\n{lines}", folder)
    assert told == [expected for _, expected in COMPLETED]
