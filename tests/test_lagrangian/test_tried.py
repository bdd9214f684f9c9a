"""What was tried and why it failed is told in order; the JSON answer has it, with a rigorous interval of the value."""

import json
from dataclasses import replace

import pytest
import sympy
from sympy import Eq, Rational, Symbol, exp, sin, sqrt, symbols

from lagrangian import Problem, Status, solve
from lagrangian.commands.solution_json import as_json
from lagrangian.methods.task import Finding, checked, nothing_known

x, y = symbols("x y", real=True)
b = Symbol("b", real=True)


def kinds(problem: Problem, time_limit_s: float = 12) -> list[str]:
    solution = solve(problem, time_limit_s=time_limit_s)
    assert all(": " in line for line in solution.tried), "each sentence begins with what was tried"
    return [line.partition(":")[0] for line in solution.tried]


def test_certificates_that_failed_are_named_in_order() -> None:
    """A quartic that is not convex: convexity fails, the complete list proves it."""
    named = kinds(Problem(x**4 - x**2 + y**2 + x * y / 3, over=[x, y]))
    assert "convexity" in named
    assert "enumeration" not in named


def test_problems_with_parameters_say_why_nothing_is_proved() -> None:
    named = kinds(Problem(x**4 - b * x**2, over=[x]))
    assert named[-2:] == ["enumeration", "convexity"]


def test_nothing_is_forgotten_when_an_answer_is_not_better() -> None:
    problem = Problem(x, [x >= 0], over=[x])
    known = nothing_known(problem)
    better = solve(problem)
    worse = nothing_known(problem).after(Finding(reason="second: it failed")).solution
    joined = known.after(Finding(reason="first: it failed")).after(Finding(better)).after(Finding(worse)).solution
    assert joined.status is Status.OPTIMAL
    assert joined.tried[0] == "first: it failed" and joined.tried[-1] == "second: it failed"


def test_claims_without_a_proof_that_holds_are_no_answers() -> None:
    found = solve(Problem((x - 1) ** 2, [x >= 0], over=[x]))
    assert checked(Finding(found), "method", float("inf")).solution is found
    wrong = replace(found.certificate, point=dict.fromkeys(found.certificate.point, sympy.Integer(2)))
    for certificate in (wrong, None):
        refused = checked(Finding(replace(found, certificate=certificate)), "method", float("inf"))
        assert refused.solution is None
        assert refused.reason == "method: the certificate could not be verified"


def test_the_derivation_and_the_json_answer_tell_it() -> None:
    solution = solve(Problem(x**4 - b * x**2, over=[x]))
    assert solution.tried
    text = solution.explain()
    assert "What was tried" in text
    places = [text.index(line[1:]) for line in solution.tried]
    assert places == sorted(places)
    answer = json.loads(json.dumps(as_json(solution)))
    assert answer["tried"] == list(solution.tried)


@pytest.mark.parametrize(
    ("problem", "value"),
    [
        (Problem(x + y, [Eq(x**2 + y**2, 1)], over=[x, y]), -sqrt(2)),
        (Problem(x**2 - x / 3, over=[x]), Rational(-1, 36)),
        (Problem(x * exp(-x), [x >= 0, x <= 5], over=[x], sense="max"), exp(-1)),
        (Problem(sin(x) + x / 5, over=[x], bounds={x: (0, 3)}), sympy.Integer(0)),
    ],
)
def test_the_interval_holds_the_value(problem: Problem, value: sympy.Expr) -> None:
    low, high = as_json(solve(problem, time_limit_s=20))["value_interval"]
    assert (value - Rational(low)).is_nonnegative and (Rational(high) - value).is_nonnegative
    assert Rational(high) - Rational(low) < Rational(1, 10**5)


def test_without_a_value_there_is_no_interval() -> None:
    assert as_json(solve(Problem(x, [x <= 0], over=[x])))["value_interval"] is None
    assert as_json(solve(Problem(x**2 - 2 * b * x, over=[x])))["value_interval"] is None
