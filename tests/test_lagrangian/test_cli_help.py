"""Help that says everything, with examples that run; the version; completion in real shells."""

import argparse
import json
import re
import shlex
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

import lagrangian
from lagrangian.cli import command_parser, main
from lagrangian.commands import completion
from lagrangian.numeric.nlp import METHODS
from lagrangian.problem.arithmetic import CONSTANTS, FUNCTIONS
from lagrangian.screen import columns_of

NAMES = ("solve", "dual", "sensitivity", "relax", "numeric", "path", "verify", "completion", "help")
SECTIONS = ("usage:", "options:", "examples:", "exit status:", "environment:", "see also:")


def help_of(arguments: list[str], capsys: pytest.CaptureFixture) -> str:
    with pytest.raises(SystemExit) as ended:
        main([*arguments, "--help"])
    assert ended.value.code == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("columns", [40, 80, 200])
@pytest.mark.parametrize("name", [None, *NAMES])
def test_help_has_every_section_and_fits(name: str | None, columns: int, capsys, monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    told = help_of([] if name is None else [name], capsys)
    for section in SECTIONS:
        assert re.search(f"^{section}", told, re.MULTILINE)
    for line in told.splitlines():  # commands to copy stay in one line
        is_command = "$" in line or (line.lstrip().startswith("--") and len(line) <= 80)
        assert columns_of(line) <= min(columns, 100) or (is_command and columns < 80) or len(line.split()) == 1
    assert main(["help", *([] if name is None else [name])]) == 0
    assert capsys.readouterr().out == told


def test_help_is_bold_where_it_is_looked_at(capsys, monkeypatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[1mexamples:\x1b[0m" in help_of(["solve"], capsys)


def all_options(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    found = list(parser._actions)
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            found += [option for command in action.choices.values() for option in all_options(command)]
    return found


def test_every_option_is_described_and_says_its_default() -> None:
    for action in all_options(command_parser()):
        assert action.help or isinstance(action, argparse._SubParsersAction), action
        takes_one = action.option_strings and action.nargs is None and not action.required
        if takes_one and action.default not in (None, [], False) and action.const is None:
            assert "default" in action.help, action


def examples_of(name: str | None, capsys: pytest.CaptureFixture) -> list[str]:
    told = help_of([] if name is None else [name], capsys)
    return re.findall(r"^ *\$ lagrangian (.*)$", told.replace("\\\n", " "), re.MULTILINE)


LONGER = [pytest.param(name, marks=pytest.mark.slow) for name in ("numeric", "path", "relax", "dual")]


@pytest.mark.parametrize("name", [None, "solve", "sensitivity", "verify", "help", *LONGER])
def test_the_examples_run(name: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    knapsack = {"vars": ["a", "b", "c"], "integers": ["a", "b", "c"], "bounds": {v: [0, 1] for v in "abc"}, "sense": "max",
                "objective": "6*a + 10*b + 12*c", "ineq": ["a + 2*b + 3*c - 5", "a + b - 2", "b + c - 2"]}  # fmt: skip
    for file in ("knapsack", "problem"):
        (tmp_path / f"{file}.json").write_text(json.dumps(knapsack))
    monkeypatch.chdir(tmp_path)
    examples = examples_of(name, capsys)
    assert examples
    for line in examples:
        assert main(shlex.split(line)) == 0, line
        printed = capsys.readouterr()
        assert printed.out
        assert printed.err == ""


def test_the_version(capsys) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"lagrangian {lagrangian.__version__}\n"
    assert lagrangian.__version__ == version("lagrangian-w2v")


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["solve", "--help"], ["help", "relax"]])
def test_help_and_version_do_not_wait_for_sympy(arguments: list[str]) -> None:
    program = (
        "import atexit, sys; atexit.register(lambda: print({'sympy', 'numpy', 'rich'} & set(sys.modules)));"
        f"from lagrangian.cli import main; sys.exit(main({arguments!r}))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "set()"


def test_names_of_the_package_are_loaded_when_they_are_asked_for() -> None:
    """And importing a module with the name of a function does not hide the function."""
    program = (
        "import lagrangian.duality.dual_gap, lagrangian.solve, lagrangian as package; from lagrangian import *;"
        "print(callable(package.duality), callable(package.solve), callable(minimize), 'solve' in dir(package))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True"] * 4
    with pytest.raises(AttributeError, match="no attribute 'minimise'"):
        lagrangian.minimise


def test_an_objective_may_begin_with_a_minus(capsys) -> None:
    assert main(["solve", "-x**2", "--maximize", "--subject-to", "-x<=1", "--brief"]) == 0
    assert capsys.readouterr().out.startswith("optimal: the maximum is 0 at x = 0\n")


def test_what_completion_knows_is_what_there_is() -> None:
    assert set(completion.METHODS) == {*METHODS}
    assert set(completion.WORDS) == {*FUNCTIONS, *CONSTANTS}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a problem, another file, and the command as a program."""
    pytest.importorskip("argcomplete")
    program = tmp_path / "bin" / "lagrangian"
    program.parent.mkdir()
    paths = [path for path in sys.path if path]
    program.write_text(
        f"#!{sys.executable}\nimport sys\nsys.path[:0] = {paths!r}\nfrom lagrangian.cli import main\nsys.exit(main())\n"
    )
    program.chmod(0o755)
    (tmp_path / "problem.json").write_text('{"vars": ["width", "height"], "sense": "min", "objective": "width*height"}')
    (tmp_path / "notes.txt").touch()
    return tmp_path


def in_shell(shell: list[str], script: str, folder: Path) -> str:
    if shutil.which(shell[0]) is None:
        pytest.skip(f"{shell[0]} is not installed")
    path = f"{folder / 'bin'}:/usr/bin:/bin"
    environment = {"PATH": path, "HOME": str(folder), "LANG": "C.UTF-8"}
    done = subprocess.run([*shell, script], capture_output=True, text=True, cwd=folder, env=environment, timeout=120)
    return done.stdout


COMPLETED = [
    ("lagrangian sol", {"solve"}),
    ("lagrangian solve --m", {"--maximize", "--minimize", "--markdown", "--memory-limit"}),
    ("lagrangian solve x --form l", {"latex"}),
    ("lagrangian solve pr", {"problem.json"}),
    ("lagrangian solve n", set()),
    ("lagrangian solve problem.json --over width,h", {"width,height"}),
]


def test_bash_completes(folder: Path) -> None:
    ask = (
        'ask() { COMP_WORDS=($1); COMP_LINE="$1"; COMP_POINT=${#1}; COMP_TYPE=9; COMPREPLY=(); '
        '_python_argcomplete lagrangian; echo "${COMPREPLY[@]}"; }\n'
    )
    lines = "\n".join(f'ask "{line}"' for line, _ in COMPLETED)
    told = in_shell(["bash", "--norc", "-c"], f'eval "$(lagrangian completion bash)"\n{ask}{lines}', folder)
    assert [set(line.split()) for line in told.splitlines()] == [expected for _, expected in COMPLETED]


def test_fish_completes(folder: Path) -> None:
    lines = "\n".join(f'echo (complete -C "{line}" | string replace -r "\\t.*" "")' for line, _ in COMPLETED)
    told = in_shell(["fish", "--no-config", "-c"], f"lagrangian completion fish | source\n{lines}", folder)
    assert [set(line.split()) for line in told.splitlines()] == [expected for _, expected in COMPLETED]


def test_zsh_completes(folder: Path) -> None:
    """What its own completion system is given to choose from."""
    script = (
        'autoload -Uz compinit; compinit -u -D; eval "$(lagrangian completion zsh)"\n'
        "_describe() { print -l -- ${(P)2} }\n"
        'words=(lagrangian solve --m); BUFFER="lagrangian solve --m"; CURSOR=${#BUFFER}\n'
        "print -- ${_comps[lagrangian]}; $_comps[lagrangian]\n"
    )
    name, *told = in_shell(["zsh", "-f", "-c"], script, folder).splitlines()
    assert name.startswith("_python_argcomplete")
    assert {line.partition(":")[0] for line in told} == COMPLETED[1][1]


def test_a_shell_is_told_nothing_that_the_parser_does_not_know() -> None:
    """Names come from the line itself, also where it names a file that is none."""
    options = argparse.Namespace(problem="x*exp(y)", subject_to=["z >= 1"])
    assert completion._names("", options) == ["x", "y", "z"]
    assert completion._names("x,", options) == ["x,y", "x,z"]
    assert completion._names("", argparse.Namespace(problem="missing.json", subject_to=None)) == []
