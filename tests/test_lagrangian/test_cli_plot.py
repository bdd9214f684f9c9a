"""`lagrangian solve --plot`: files are drawn, sections are cut, and what cannot be drawn is said before anything is computed."""

import sys
from pathlib import Path

import pytest

from lagrangian.cli import main

RECTANGLE = ("solve", "x*y", "--maximize", "--subject-to", "x + y == 10", "--brief")
NEAREST = ("solve", "x**2 + y**2 + z**2", "--subject-to", "x + 2*y + 2*z == 9", "--brief")


def test_the_answer_is_drawn(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    file = tmp_path / "rectangle.svg"
    assert main([*RECTANGLE, "--plot", str(file)]) == 0
    assert "Optimum at (5, 5)." in file.read_text(encoding="utf-8")


def test_a_section_and_regions_are_drawn(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    section, regions = tmp_path / "section.svg", tmp_path / "regions.svg"
    assert main([*NEAREST, "--plot", str(section), "--along", "y, z"]) == 0
    assert "section at x = 1" in section.read_text(encoding="utf-8")
    stated = ("solve", "(x - b)**2", "--over", "x", "--subject-to", "x >= 0", "--brief")
    assert main([*stated, "--plot", str(regions)]) == 0
    assert "active: x ≥ 0" in regions.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--plot", "nowhere/picture.svg"), "there is no folder 'nowhere'"),
        (("--plot", "picture.txt"), "'picture.txt' names no format of a picture; end it in .svg, .png, .pdf"),
        (("--along", "x,y"), "--along says how --plot cuts the problem; add --plot FILE"),
    ],
)
def test_what_cannot_be_drawn_is_said_at_once(
    arguments: tuple[str, ...],
    message: str,
    capsys: pytest.CaptureFixture,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main([*RECTANGLE, *arguments]) == 2
    printed = capsys.readouterr()
    assert message in printed.err and printed.out == ""
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--along", "x,w"), "--along has 'w', which is no variable; the problem has x, y, z"),
        ((), "the problem has 3 variables; pictures show one or two: add --along x,y for a section"),
    ],
)
def test_sections_that_cannot_be_cut_are_said_at_once(
    arguments: tuple[str, ...], message: str, capsys: pytest.CaptureFixture, tmp_path: Path
) -> None:
    pytest.importorskip("matplotlib")
    assert main([*NEAREST, "--plot", str(tmp_path / "a.svg"), *arguments]) == 2
    printed = capsys.readouterr()
    assert message in printed.err and printed.out == ""


def test_without_matplotlib_nothing_is_computed(
    capsys: pytest.CaptureFixture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.setattr("lagrangian.commands.plot_file.find_spec", lambda _: None)
    assert main([*RECTANGLE, "--plot", str(tmp_path / "a.svg")]) == 2
    printed = capsys.readouterr()
    assert "pip install '.[plot]'" in printed.err and printed.out == ""
