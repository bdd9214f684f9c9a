"""The command: both forms, the JSON object, exit statuses, and hostile input that ends in one line at once."""

import json
import subprocess
import sys
import time

import pytest
import sympy

from lagrangian import Solution, solve
from lagrangian.cli import main
from lagrangian.commands import solve as command
from lagrangian.commands import written

FIELDS = {
    "status", "value", "value_float", "exact", "points", "multipliers", "certificate", "seconds", "message", "tried",
    "value_interval", "multiplier_intervals",
}  # fmt: skip


def as_object(capsys: pytest.CaptureFixture, *arguments: str) -> dict:
    assert main(["solve", *arguments, "--json"]) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    return json.loads(printed.out)


def test_a_problem_on_the_command_line(capsys: pytest.CaptureFixture) -> None:
    answer = as_object(capsys, "x*y", "--maximize", "--subject-to", "x + y == 10")
    assert set(answer) == FIELDS
    assert (answer["status"], answer["value"], answer["value_float"], answer["exact"]) == ("optimal", "25", 25.0, True)
    assert answer["points"] == [{"x": {"x": "5", "y": "5"}, "x_float": {"x": 5.0, "y": 5.0}}]
    assert answer["multipliers"] == {"Eq(x + y, 10)": "5"}
    assert answer["certificate"] == {"claim": "global", "kind": answer["certificate"]["kind"], "verified": True}
    assert 0 <= answer["seconds"] < 60


def test_a_problem_file(tmp_path, capsys: pytest.CaptureFixture) -> None:
    statement = {"vars": ["x", "y"], "sense": "min", "objective": "x + y", "eq": ["x**2 + y**2 - 2"], "ineq": []}
    path = tmp_path / "circle.json"
    path.write_text(json.dumps(statement), encoding="utf-8")
    answer = as_object(capsys, str(path))
    assert (answer["status"], answer["value"]) == ("optimal", "-2")
    assert main(["solve", str(path)]) == 0
    assert "Lagrangian" in capsys.readouterr().out


def test_irrational_answers_are_exact_strings_that_sympy_reads(capsys: pytest.CaptureFixture) -> None:
    answer = as_object(capsys, "x**4 - 3*x", "--minimize")
    (root,) = sympy.real_roots(4 * sympy.Symbol("x") ** 3 - 3)
    (found,) = answer["points"]
    assert sympy.simplify(sympy.parse_expr(found["x"]["x"]) - root) == 0
    assert found["x_float"]["x"] == pytest.approx(float(root), rel=1e-15)


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (("x", "--subject-to", "x >= 1", "--subject-to", "x <= 0"), "infeasible"),
        (("x", "--maximize", "--subject-to", "x >= 1"), "unbounded"),
        (("1/x", "--subject-to", "x >= 1"), "not_attained"),
    ],
)
def test_answers_without_an_optimum_have_status_0(arguments, status: str, capsys: pytest.CaptureFixture) -> None:
    answer = as_object(capsys, *arguments)
    assert answer["status"] == status
    assert answer["points"] == []
    assert answer["certificate"]["verified"] is True


def test_names_that_are_not_over_are_parameters(capsys: pytest.CaptureFixture) -> None:
    answer = as_object(capsys, "(x - a)**2", "--over", "x", "--subject-to", "x >= a + 1")
    assert (answer["status"], answer["value"], answer["value_float"]) == ("optimal", "1", 1.0)
    assert answer["points"] == [{"x": {"x": "a + 1"}, "x_float": {"x": None}}]


def test_a_chain_of_relations_is_as_many_constraints(capsys: pytest.CaptureFixture) -> None:
    assert as_object(capsys, "x", "--maximize", "--subject-to", "0 <= x <= 1/3")["value"] == "1/3"


@pytest.mark.parametrize("form", ["text", "markdown", "latex"])
def test_the_derivation_in_every_form(form: str, capsys: pytest.CaptureFixture) -> None:
    assert main(["solve", "x*y", "--maximize", "--subject-to", "x + y == 10", "--form", form]) == 0
    assert "25" in capsys.readouterr().out


HOSTILE = [
    "__import__('os').system('echo here')",
    "x.__class__",
    "9**9**9**9",
    "x" + "**9" * 500,
    "(" * 10_000 + "x" + ")" * 10_000,
    "[" * 10_000,
    "x" * 200_000,
    "1" * 20_000,
    "lambda: x",
    "x; y",
    "exec('1')",
    "sqrt(" * 3_000 + "x" + ")" * 3_000,
    "1e999999999*x",
    "\x00",
    "",
]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: repr(text[:20]))
def test_hostile_text_is_one_message_and_status_2_at_once(text: str, capsys: pytest.CaptureFixture) -> None:
    for arguments in (["solve", text], ["solve", "x", "--subject-to", f"{text} <= 1"]):
        started_s = time.process_time()
        assert _status(arguments) == 2
        assert time.process_time() - started_s < 1
        printed = capsys.readouterr()
        assert printed.out == ""
        message, *shown = printed.err.splitlines()
        assert message.startswith("lagrangian: ")
        assert len(message) < 700
        assert len(shown) in (0, 3, 4)  # the text, the caret, perhaps a correction
        assert all(line.isprintable() and len(line) < 250 for line in shown)


BAD = [
    (["solve", "missing.json"], "missing.json"),
    (["solve", "x", "--subject-to", "x + 1"], "is no relation"),
    (["solve", "x", "--over", "y"], "--over names y"),
    (["solve", "x", "--over", "x,x"], "over names x more than once"),
    (["solve", "3"], "the problem has no variables"),
    (["solve", "x", "--time-limit", "-1"], "'-1' is no time"),
    (["solve", "x", "--minimize", "--maximize"], "not allowed with argument"),
    (["solve", "x", "--colour"], "unrecognized arguments: --colour"),
    (["answer"], "invalid choice: 'answer'"),
    ([], "COMMAND"),
]


@pytest.mark.parametrize(("arguments", "message"), BAD)
def test_bad_options_have_one_clear_line(arguments, message: str, capsys: pytest.CaptureFixture) -> None:
    assert _status(arguments) == 2
    printed = capsys.readouterr()
    assert message in printed.err.splitlines()[0]
    assert "is no relation" in message or printed.err.count("\n") == 1
    assert printed.out == ""


def test_a_file_states_everything_itself(tmp_path, capsys: pytest.CaptureFixture) -> None:
    path = tmp_path / "problem.json"
    path.write_text('{"vars": ["x"], "objective": "x**2"}', encoding="utf-8")
    assert main(["solve", str(path), "--maximize"]) == 2
    assert "leave the other options out" in capsys.readouterr().err


def test_the_command_starts_without_what_it_does_not_need() -> None:
    """Neither --help nor a shell that completes an option waits for SymPy."""
    heavy = {"sympy", "numpy", "numba", "llvmlite", "matplotlib", "scipy", "rich"}
    program = f"import sys, lagrangian.cli; print({heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_closed_forms_that_take_too_long_are_shown_as_decimals(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    as_json = written.as_json

    def slowly(solution: Solution) -> dict:
        if solution.optimum.is_exact:
            time.sleep(600)
        return as_json(solution)

    monkeypatch.setattr(written, "as_json", slowly)
    monkeypatch.setattr(written, "derivation", lambda solution, detail: time.sleep(600))
    monkeypatch.setattr(command, "WRITING_S", 0.5)
    without_limit = solve
    monkeypatch.setattr(sys.modules["lagrangian.solve"], "solve", lambda problem, **limits: without_limit(problem))
    arguments = ["solve", "x**2 + 1/3", "--subject-to", "x >= 1/2", "--time-limit", "2"]
    assert main([*arguments, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["status"], answer["exact"]) == ("optimal", False)
    assert answer["value_float"] == pytest.approx(7 / 12)
    assert float(answer["points"][0]["x"]["x"]) == 0.5
    assert "writing them down took too long" in answer["message"]
    assert main(arguments) == 0
    printed = capsys.readouterr().out
    assert "optimal: the minimum is ≈ 0.5833333333 at x ≈ 0.5\n" in printed
    assert "missing: the closed forms: writing them down took too long\n" in printed


def _status(arguments: list[str]) -> int:
    try:
        return main(arguments)
    except SystemExit as ended:
        return int(ended.code)
