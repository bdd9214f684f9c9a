"""Errors as the command prints them: the text, the caret under the offending piece, and a correction."""

import copy
import json

import pytest

from lagrangian import ParseError, ProblemFileError, parse_expression, read_problem
from lagrangian.cli import main
from lagrangian.commands.explained_errors import with_caret


def printed_for(arguments: list[str], capsys: pytest.CaptureFixture) -> list[str]:
    try:
        assert main(arguments) == 2
    except SystemExit as ended:
        assert ended.code == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    return printed.err.splitlines()


@pytest.mark.parametrize(
    ("text", "caret", "correction"),
    [
        ("x^2 + y", " ^", "x**2 + y"),
        ("sin x", "^~~", "sin(x)"),
        ("x + 2y", "     ^", "x + 2*y"),
        ("(x + 1", "^", "(x + 1)"),
        ("変数 + 2x", "        ^", "変数 + 2*x"),
        ("é + 2x", "     ^", "é + 2*x"),
        ("x +", "   ^", None),
        ("x!", " ^", None),
    ],
)
def test_the_caret_stands_under_what_is_wrong(text: str, caret: str, correction: str | None, capsys) -> None:
    lines = printed_for(["solve", text], capsys)
    assert lines[0].startswith("lagrangian: ")
    proposal = [] if correction is None else [f"    did you mean: {correction}"]
    assert lines[1:] == ["", f"    {text}", f"    {caret}", *proposal]


def test_tabs_and_letters_that_move_the_cursor_take_one_column(capsys) -> None:
    lines = printed_for(["solve", "x\t+\x1b\n2y"], capsys)
    assert lines[2:] == ["    x +? 2y", "       ^"]


def test_long_texts_are_shown_around_the_caret(capsys) -> None:
    text = " + ".join(["x"] * 2000) + "^2 + " + " + ".join(["y"] * 2000)
    _, _, shown, caret = printed_for(["solve", text], capsys)
    assert len(shown) <= 104
    assert (shown[:7], shown[-3:], shown[caret.index("^")]) == ("    ...", "...", "^")


@pytest.mark.parametrize("width", [16, 20, 41])
@pytest.mark.parametrize("position", [1, 7, 30, 60, 61])
def test_the_piece_that_is_shown_fits_and_holds_the_position(width: int, position: int) -> None:
    text = "".join(chr(ord("0") + number % 75) for number in range(60))
    shown, caret = with_caret(text, position, 1, width)
    assert len(shown) <= width
    assert (shown[len(caret) - 1 : len(caret)] or "at the end") == (text[position - 1 : position] or "at the end")


def test_colors_are_for_those_who_ask_for_them(capsys, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert any("\033[1;31m" in line for line in printed_for(["solve", "x^2"], capsys))
    assert not any("\033" in line for line in printed_for(["solve", "x^2", "--color", "never"], capsys))
    monkeypatch.setenv("NO_COLOR", "1")
    assert not any("\033" in line for line in printed_for(["solve", "x^2"], capsys))


def test_an_error_in_a_problem_file_names_file_and_entry(tmp_path, capsys) -> None:
    path = tmp_path / "problem.json"
    path.write_text(json.dumps({"vars": ["x"], "sense": "min", "objective": "x", "ineq": ["1 - x", "x^2 - 4"]}))
    first, *rest = printed_for(["solve", str(path)], capsys)
    assert f'{path}: entry 2 of "ineq": unexpected character' in first
    assert rest == ["", "    x^2 - 4", "     ^", "    did you mean: x**2 - 4"]


def test_json_that_is_none_shows_line_column_and_caret(tmp_path, capsys) -> None:
    path = tmp_path / "problem.json"
    path.write_text('{"vars": ["x"],\n "sense": "min"\n "objective": "x"}')
    first, *rest = printed_for(["solve", str(path)], capsys)
    assert "not JSON: Expecting ',' delimiter in line 3, column 2" in first
    assert rest == ["", '     "objective": "x"}', "     ^"]


def test_an_empty_file_has_nothing_to_show(tmp_path, capsys) -> None:
    path = tmp_path / "problem.json"
    path.write_text("\n\n")
    assert "not JSON" in printed_for(["solve", str(path)], capsys)[0]


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["slove", "x"], "(did you mean solve?)"),
        (["solve", "x", "--colour", "always"], "(did you mean --color?)"),
        (["solve", "x", "--maximise"], "(did you mean --maximize?)"),
        (["solve", "x", "--form", "lates"], "(did you mean latex?)"),
        (["numeric", "x", "--colour=always"], "unrecognized arguments: --colour=always"),
    ],
)
def test_options_that_are_nearly_right(arguments: list[str], hint: str, capsys) -> None:
    (line,) = printed_for(arguments, capsys)
    assert hint in line


def test_in_python_the_error_has_the_text_and_the_position(tmp_path) -> None:
    with pytest.raises(ParseError) as failure:
        parse_expression("1 + sine(2)", {})
    error = failure.value
    assert (error.text, error.position, error.length) == ("1 + sine(2)", 5, 4)
    again = copy.copy(error)  # as pickling does, on the way from one process to another
    assert (str(again), again.text, again.position, again.names) == (str(error), error.text, error.position, ())
    path = tmp_path / "problem.json"
    path.write_text('{"vars": ["x"], "sense": "min", "objective": "x + z"}')
    with pytest.raises(ProblemFileError) as failure:
        read_problem(path)
    assert (failure.value.text, failure.value.position, failure.value.names) == ("x + z", 5, ("x",))


def test_functions_that_others_have_are_told_in_other_words() -> None:
    with pytest.raises(ParseError, match=r"unknown function 'log10' at position 1; write log\(x, 10\)"):
        parse_expression("log10(2)", {})


@pytest.mark.parametrize("name", ["oo", "inf", "nan", "I"])
def test_infinity_is_no_variable_unless_it_is_named(name: str, capsys) -> None:
    lines = printed_for(["solve", "x", "--subject-to", f"x <= {name}"], capsys)
    assert f"unknown name {name!r} at position 6" in lines[0]
    assert main(["solve", f"x**2 + {name}**2", "--over", f"x,{name}", "--brief"]) == 0


@pytest.mark.parametrize(("name", "told"), [("e", "Euler's number is E"), ("Pi", "the number is pi")])
def test_names_that_others_give_to_numbers_are_told(name: str, told: str, capsys) -> None:
    assert main(["solve", f"x**2 + {name}**2", "--json"]) == 0
    printed = capsys.readouterr()
    assert json.loads(printed.out)["value"] == "0"
    assert printed.err.startswith(f"lagrangian: {name} is a variable here; {told}")
    assert main(["solve", f"x**2 + {name}**2", "--over", f"x,{name}", "--json"]) == 0
    assert capsys.readouterr().err == ""
