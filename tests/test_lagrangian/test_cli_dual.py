"""The command `lagrangian dual`: what it prints, its JSON, and its errors."""

import json

import pytest

from lagrangian.cli import main

PRODUCTION = ["2*x + 3*y", "--maximize", "--subject-to", "x + y <= 4", "--subject-to", "x + 3*y <= 6", "--over", "x,y"]
SIGNS = ["--subject-to", "x >= 0", "--subject-to", "y >= 0"]


def answer(capsys, *arguments):
    assert main(["dual", *arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_a_linear_program_as_json(capsys):
    """At x = 3, y = 1 both constraints bind: mu_1 + mu_2 = 2 and mu_1 + 3 mu_2 = 3, so 4 mu_1 + 6 mu_2 = 9."""
    found = answer(capsys, *PRODUCTION, *SIGNS)
    assert (found["primal_value"], found["dual_value"], found["gap"], found["reason"]) == ("9", "9", "0", "linear")
    assert found["dual_problem"]["sense"] == "min" and found["dual_problem"]["objective"] == "4*mu_1 + 6*mu_2"
    assert found["multipliers"]["mu_2"] == "x + 3*y <= 6"
    assert found["dual_point"] == {"mu_1": "3/2", "mu_2": "1/2", "mu_3": "0", "mu_4": "0"}


@pytest.mark.parametrize("form", ["text", "markdown", "latex"])
def test_the_derivation_has_all_steps(capsys, form):
    assert main(["dual", *PRODUCTION, *SIGNS, "--form", form]) == 0
    printed = capsys.readouterr().out
    for title in ("The Lagrangian", "The inner problem", "The dual function", "The dual problem", "The gap"):
        assert title in printed


def test_a_problem_file_with_kept_bounds(capsys, tmp_path):
    path = tmp_path / "problem.json"
    problem = {"vars": ["x", "y"], "bounds": {"x": [0, 2], "y": [0, 2]}, "sense": "min", "objective": "x - y"}
    path.write_text(json.dumps({**problem, "ineq": ["x + y - 3"]}), encoding="utf-8")
    found = answer(capsys, str(path), "--keep-bounds")
    assert list(found["multipliers"]) == ["mu_1"] and len(found["kept"]) == 4
    assert (found["dual_value"], found["gap"]) == ("-2", "0")
    assert main(["dual", str(path), "--keep-bounds"]) == 0
    assert "Without a multiplier" in capsys.readouterr().out


def test_an_exact_gap(capsys):
    found = answer(capsys, "2*x*y + 2*y*z + 2*x*z", *(f"--subject-to={v}**2 == 1" for v in "xyz"))
    assert (found["primal_value"], found["dual_value"], found["gap"], found["reason"]) == ("-2", "-3", "1", "positive")


def test_new_variables_and_regions_are_named(capsys):
    assert main(["dual", "exp(x) + x**2", "--subject-to", "x >= 1"]) == 0
    assert "y_1 = x" in capsys.readouterr().out
    assert main(["dual", "x**3", "--subject-to", "x >= 1"]) == 0
    assert "which the constraints imply: x ≥ 0" in capsys.readouterr().out


def test_what_is_not_known_is_said(capsys):
    found = answer(capsys, "sin(x)", "--subject-to", "x >= 5", "--subject-to", "x <= 7")
    assert found["dual_function"] is None and found["dual_problem"] is None and found["gap"] is None
    assert "sin(x)" in found["sentence"]
    assert main(["dual", "sin(x)", "--subject-to", "x >= 5", "--subject-to", "x <= 7"]) == 0
    assert "not decided" in capsys.readouterr().out


def test_a_dual_function_that_is_infinite_everywhere(capsys):
    assert main(["dual", "x**2 - y**2", "--subject-to", "x == 2*y"]) == 0
    assert "-∞ for all multipliers" in capsys.readouterr().out


def test_bad_input_is_shown_with_a_caret(capsys):
    assert main(["dual", "x +", "--subject-to", "x >= 1"]) == 2
    message, *shown = capsys.readouterr().err.splitlines()
    assert message.startswith("lagrangian: the text ends where an operand is missing")
    assert shown == ["", "    x +", "       ^"]
