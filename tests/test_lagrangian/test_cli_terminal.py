"""The command on a terminal: colors, widths, what cannot be encoded, and progress that leaves nothing behind."""

import io
import os
import pty
import re
import select
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Callable

import pytest
from sympy import symbols

from lagrangian import minimize
from lagrangian.cli import main
from lagrangian.progress import Progress, ProgressLine, stage_shown
from lagrangian.report import terminal
from lagrangian.report.blocks import Case, Formulas, Step, Table, say
from lagrangian.screen import Screen, columns_of, screen_of, spelled

ESCAPES = re.compile(r"\x1b\[[0-9;]*m")
DISK = ["solve", "x**2 - y", "--subject-to", "x**2 + y**2 <= 1"]


class Terminal(io.TextIOWrapper):
    """Standard output that says that it is a terminal."""

    def __init__(self, encoding: str = "utf-8", is_terminal: bool = True) -> None:
        super().__init__(io.BytesIO(), encoding=encoding, write_through=True)
        self.is_terminal = is_terminal

    def isatty(self) -> bool:
        return self.is_terminal

    def text(self) -> str:
        return self.buffer.getvalue().decode(self.encoding)


@pytest.fixture
def on_terminal(monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")

    def run(arguments: list[str], columns: int = 80, **options) -> str:
        monkeypatch.setenv("COLUMNS", str(columns))
        stream = Terminal(**options)
        monkeypatch.setattr(sys, "stdout", stream)
        assert main(arguments) == 0
        return stream.text()

    return run


@pytest.mark.parametrize("columns", [20, 40, 80, 200])
def test_every_line_fits(columns: int, on_terminal) -> None:
    lines = ESCAPES.sub("", on_terminal(DISK, columns)).splitlines()
    assert max(map(columns_of, lines)) <= columns
    if columns < 40:
        return
    words = " ".join(re.sub(r"[│╭╮╰╯─]", " ", " ".join(lines)).split())
    for part in (
        "strict local maximum",
        "the minimum is -1 at x = 0, y = 1",
        "x² + y² ≤ 1",
        "global minimum",
        "μ = 1/2",
    ):
        assert part in words


@pytest.mark.parametrize(
    ("options", "environment", "colored"),
    [
        ([], {}, True),
        ([], {"NO_COLOR": "1"}, False),
        ([], {"NO_COLOR": ""}, True),
        ([], {"TERM": "dumb"}, False),
        (["--color", "never"], {"FORCE_COLOR": "1"}, False),
        (["--color", "always"], {"NO_COLOR": "1"}, True),
    ],
)
def test_colors_on_a_terminal(options, environment, colored: bool, on_terminal, monkeypatch) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    told = on_terminal(["solve", "x**2", "--brief", *options])
    assert (ESCAPES.search(told) is not None) is colored
    assert "the minimum is 0 at x = 0" in told


@pytest.mark.parametrize(
    ("options", "environment", "colored"),
    [([], {}, False), ([], {"FORCE_COLOR": "1"}, True), (["--color", "always"], {}, True)],
)
def test_colors_in_a_pipe(options, environment, colored: bool, on_terminal, monkeypatch) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    told = on_terminal(["solve", "x**2", "--brief", *options], is_terminal=False)
    assert ("\x1b[" in told) is colored
    assert colored or told.splitlines()[0] == "optimal: the minimum is 0 at x = 0"


@pytest.mark.parametrize(
    ("arguments", "color", "word"),
    [
        (["x**2"], 32, "optimal"),
        (["x", "--subject-to", "x >= 1", "--subject-to", "x <= 0"], 31, "infeasible"),
        (["x"], 35, "unbounded"),
        (["1/x", "--subject-to", "x >= 1"], 35, "not attained"),
    ],
)
def test_the_status_has_its_color(arguments, color: int, word: str, on_terminal) -> None:
    assert f"\x1b[1;{color}m {word} " in on_terminal(["solve", *arguments, "--brief"])


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "latin-1", "cp437"])
@pytest.mark.parametrize("is_terminal", [True, False])
def test_what_cannot_be_encoded_is_spelled(encoding: str, is_terminal: bool, on_terminal) -> None:
    told = on_terminal(["solve", "λ*x", "--maximize", "--subject-to", "λ + x <= 2", "--subject-to", "λ*x >= 1/2"],
                       encoding=encoding, is_terminal=is_terminal)  # fmt: skip
    plain = ESCAPES.sub("", told)
    assert re.search(r"x \+ lambda (<=|≤) 2", plain)
    assert "\\u" not in plain


def test_spelled() -> None:
    assert spelled("2*μ₀ − x¹² ≥ Σ ∞ 変") == "2*mu\\u2080 - x^1^2 >= Sigma oo \\u5909"


def test_every_kind_of_block_is_shown_in_both_alphabets() -> None:
    inner = Case(say("No constraint active"), (Formulas((("f", "2*x"),)),), say("impossible: 1 = 0"))
    outer = Case(say("Outer"), (inner, Table(("constraint", "μ"), (("x ≤ 1", "1"),))), say("one point"))
    for unicode, arrow in ((True, "→ impossible"), (False, "-> impossible")):
        lines = terminal.render([Step("Cases", (outer, say("Done.")))], Screen(60, False, unicode)).splitlines()
        assert lines[0] == "1. Cases"
        assert any(line.strip().startswith(arrow) for line in lines)
        assert [line for line in lines if "one point" in line and "No" not in line]
        assert max(map(len, lines)) <= 60


def test_a_table_that_is_too_wide_becomes_a_list() -> None:
    table = Table(tuple(f"column {n}" for n in range(6)), (tuple(f"value {n}" for n in range(6)),) * 2)
    told = terminal.render([Step("Wide", (table,))], Screen(40, False, True))
    assert len(re.findall("^  column 3 +value 3$", told, re.MULTILINE)) == 2


@pytest.mark.parametrize("columns", [30, 60])
def test_what_has_no_layout_is_wrapped(columns: int, on_terminal, tmp_path) -> None:
    assert (
        main(["solve", "x**2", "--subject-to", "x >= 1", "--certificate", str(tmp_path / "proof.json"), "--json"]) == 0
    )
    told = on_terminal(["verify", str(tmp_path / "proof.json")], columns)
    assert max(map(len, told.splitlines())) <= columns
    plain = on_terminal(["verify", str(tmp_path / "proof.json")], is_terminal=False)
    assert plain.count("\n") == 1
    assert told.split() == plain.split()


def test_a_screen_needs_a_stream() -> None:
    assert screen_of(None) is None
    closed = io.StringIO()
    closed.close()
    assert screen_of(closed) is None


def test_latex_and_markdown_are_the_same_on_a_terminal(on_terminal) -> None:
    for option in ("latex", "markdown"):
        told = on_terminal(["solve", "x**2", f"--{option}"])
        assert "\x1b" not in told
        assert told == on_terminal(["solve", "x**2", "--form", option], is_terminal=False)


def test_steps_works_every_case_out(on_terminal) -> None:
    told = on_terminal([*DISK, "--steps"], is_terminal=False)
    x, y = symbols("x y", real=True)
    solution = minimize(x**2 - y, [x**2 + y**2 <= 1], over=[x, y])
    assert told.startswith(solution.explain(detail="full"))
    assert told.endswith(
        "optimal: the minimum is -1 at x = 0, y = 1\n    proof: convexity, checked again without the solver\n"
    )


def test_a_stage_without_progress_is_shown_and_taken_away(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    with stage_shown("the dual problem", time.monotonic() - 5, shown=True):
        assert "| 5 s, the dual problem" in stream.getvalue()
    assert stream.getvalue().endswith("\r" + " " * len("| 5 s, the dual problem") + "\r")
    line = ProgressLine(stream)
    line.clear()
    with stage_shown("the dual problem", time.monotonic() - 5, shown=False):
        assert stream.getvalue().count("dual") == 1


def test_a_line_is_taken_away_though_an_interrupt_comes_while_it_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    class Interrupted(io.StringIO):
        def flush(self) -> None:
            if "roots" in self.getvalue().rsplit("\r", 1)[1]:
                raise KeyboardInterrupt

    line = ProgressLine(Interrupted())
    line(Progress("local solutions", 3.0, 1.5))
    with pytest.raises(KeyboardInterrupt):
        line(Progress("all roots", 4.0))
    line.clear()
    long = len("| 3 s, local solutions, best value 1.5")
    assert line.stream.getvalue().endswith(f"\r{' ' * long}\r")


HARD = "sin(x*y)*exp(y*z) + cos(z*x**2) + w*tan(x/9)*y + exp(sin(w*z))"


def test_progress_on_a_terminal_ends_with_ctrl_c_and_leaves_the_answer_alone() -> None:
    """In a pseudo terminal: the line that turns, and after Ctrl-C what is known, with nothing of the line left."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (30, 60))
    environment = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "NO_COLOR")}
    command = [sys.executable, "-m", "lagrangian.cli", "solve", HARD, "--subject-to", "x**2 + y**2 + z**2 + w**2 <= 7"]
    process = subprocess.Popen(
        [*command, "--brief"],
        stdout=theirs,
        stderr=theirs,
        env={**environment, "TERM": "xterm"},
        start_new_session=True,
    )
    os.close(theirs)
    shown = ""
    until = time.monotonic() + 120
    interrupted = False
    while time.monotonic() < until:
        if select.select([ours], [], [], 0.5)[0]:
            try:
                shown += os.read(ours, 65536).decode()
            except OSError:  # the other end is closed
                break
        if not interrupted and re.search(r"\d s, \w", shown):
            os.kill(process.pid, signal.SIGINT)
            interrupted = True
    os.close(ours)
    assert interrupted
    assert process.wait(timeout=60) == 130
    line, answer = shown.rsplit("\r ", 1)[0], shown.rsplit(" \r", 1)[1]
    assert re.search(r"\r[-|/\\] \d+ s, [a-z]", "\r" + line)
    assert "missing: interrupted" in answer
    assert " s, " not in answer
