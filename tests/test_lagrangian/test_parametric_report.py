"""The regions of a parametric answer in the report and on the command line."""

import json

import pytest
from sympy import Eq, symbols

from lagrangian import LagrangianError, Problem, solve_parametric
from lagrangian.cli import main

x, b = symbols("x b", real=True)
ARGUMENTS = ["solve", "x**2", "--subject-to", "x >= b", "--over", "x"]


def test_regions_are_added_where_one_formula_does_not_answer(capsys: pytest.CaptureFixture) -> None:
    assert main([*ARGUMENTS, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["status"] == "undecided"
    assert {(*region["where"], region["value"]) for region in answer["regions"]} == {
        ("b >= 0", "b**2"),
        ("b <= 0", "0"),
    }
    assert [region["active"] for region in answer["regions"] if region["value"] == "b**2"] == [["x >= b"]]


def test_regions_are_left_out_where_one_formula_answers(capsys: pytest.CaptureFixture) -> None:
    assert main(["solve", "(x - b)**2", "--over", "x", "--json"]) == 0
    assert "regions" not in json.loads(capsys.readouterr().out)


def test_regions_are_left_out_where_none_is_known(capsys: pytest.CaptureFixture) -> None:
    assert main(["solve", "x**4 - b*x**2", "--over", "x", "--json"]) == 0
    assert "regions" not in json.loads(capsys.readouterr().out)


@pytest.mark.parametrize(("form", "word"), [("text", "b ≥ 0"), ("markdown", "b \\geq 0"), ("latex", "b \\geq 0")])
def test_the_derivation_ends_with_the_regions(form: str, word: str, capsys: pytest.CaptureFixture) -> None:
    assert main([*ARGUMENTS, "--form", form]) == 0
    printed = capsys.readouterr().out
    assert word in printed.split("The answer by regions of the parameters")[1]


def test_the_explanation_says_what_holds_where_and_why() -> None:
    solution = solve_parametric(Problem(b * x, [Eq(x, 1)], over=[x]))
    assert "For all parameters: optimal" in solution.explain()
    unbounded = solve_parametric(Problem(b * x, [x > 0, x <= 1], over=[x])).explain()
    assert (
        "Where b > 0: not_attained, because every optimum over the closure breaks a strict inequality."
        in unbounded.replace("\n    ", " ")
    )
    assert "The regions cover all admissible parameters" in unbounded
    with pytest.raises(LagrangianError, match="no form"):
        solve_parametric(Problem(b * x, [Eq(x, 1)], over=[x])).explain("pdf")
