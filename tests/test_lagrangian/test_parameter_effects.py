"""The envelope theorem and comparative statics against closed forms that are differentiated, and derivatives made by hand."""

import random
import sys
from dataclasses import replace
from typing import Any

import pytest
import sympy
from sympy import Eq, Rational, exp, log, sqrt, symbols

from lagrangian import MissingExtraError, Problem, ProblemError, comparative_statics, maximize, minimize, solve
from lagrangian.duality.parameter_effects import envelope, statics_of
from lagrangian.report.picture import Role
from lagrangian.report.value_plot import plot_value

x, y = symbols("x y", positive=True)
a, b, c = symbols("a b c", positive=True)
u, v, p, q = symbols("u v p q", real=True)

# problems with one smooth optimum in closed form
CLOSED_FORMS = [
    Problem(120 * sqrt(x) + 80 * sqrt(y), [Eq(x + y, b)], over=[x, y], sense="max"),
    Problem(a * log(x) + (1 - Rational(1, 3)) * log(y), [b * x + y <= c], over=[x, y], sense="max"),
    Problem((u - p) ** 2 + 2 * (v - q) ** 2 + u * v, over=[u, v]),
    Problem(u**2 + v**2, [Eq(a * u + b * v, c)], over=[u, v]),
    Problem(x * y, [Eq(a * x + y, b)], over=[x, y], sense="max"),
    Problem(exp(u) - b * u, over=[u]),
]


@pytest.mark.parametrize("problem", CLOSED_FORMS, ids=str)
def test_statics_are_derivatives_of_closed_forms(problem: Problem) -> None:
    """dx*/dp and dlambda*/dp from the implicit function theorem, dV/dp from the envelope theorem: all by differentiating."""
    found = comparative_statics(problem)
    assert found.reason == ""
    solution = minimize if problem.sense.value == "min" else maximize
    answer = solution(problem.objective, problem.constraints, over=problem.over)
    for parameter in problem.parameters:
        for variable in problem.over:
            expected = sympy.diff(answer.points[0][variable], parameter)
            assert sympy.simplify(found.points[variable, parameter] - expected) == 0
        assert sympy.simplify(found.values[parameter] - sympy.diff(answer.value, parameter)) == 0
        for relation in {relation for relation, _ in found.multipliers}:
            expected = sympy.diff(answer.multipliers[relation], parameter)
            assert sympy.simplify(found.multipliers[relation, parameter] - expected) == 0
    assert all(entry.agrees for entry in envelope(answer))
    assert len(envelope(answer)) == len(problem.parameters)


@pytest.mark.parametrize("problem", CLOSED_FORMS[:5], ids=str)
def test_statics_at_a_point_are_those_of_the_formula(problem: Problem) -> None:
    numbers = {parameter: Rational(k + 2, 3) for k, parameter in enumerate(problem.parameters)}
    everywhere, there = comparative_statics(problem), comparative_statics(problem, at=numbers)
    assert there.reason == ""
    for key, value in everywhere.points.items():
        assert sympy.simplify(there.points[key] - value.xreplace(numbers)) == 0
    for key, value in everywhere.multipliers.items():
        assert sympy.simplify(there.multipliers[key] - value.xreplace(numbers)) == 0


def test_a_point_without_a_closed_form() -> None:
    """u**4 + u**2 - p u has 4 u**3 + 2 u = p: du/dp = 1/(12 u**2 + 2), at p = 6 with u = 1 and at any planted u."""
    problem = Problem(u**4 + u**2 - p * u, over=[u])
    for place in (1, -2, Rational(1, 2)):
        found = comparative_statics(problem, at={p: 4 * place**3 + 2 * place})
        assert found.point == {u: place}
        assert found.points[u, p] == 1 / (12 * sympy.Integer(1) * place**2 + 2)
        assert found.values[p] == -place


def test_algebraic_points() -> None:
    """The least u + v on u**4 + v**4 = b is -2 (b/2)**(1/4): dV/db at b = 1, exactly."""
    found = comparative_statics(Problem(u + v, [u**4 + v**4 <= b], over=[u, v]), at={b: 1})
    expected = sympy.diff(-2 * (b / 2) ** Rational(1, 4), b).subs(b, 1)
    assert sympy.simplify(found.values[b] - expected) == 0
    assert sympy.simplify(found.points[u, b] - expected / 2) == 0


@pytest.mark.parametrize(
    ("problem", "at", "word"),
    [
        (Problem((u - p) ** 2, [u >= 0], over=[u]), {p: 0}, "active set may change"),
        (Problem(u**2 + v**2, [Eq(u, p), Eq(2 * u, 2 * p)], over=[u, v]), {p: 1}, "dependent"),
        (Problem((u**2 - 1) ** 2 + p * v**2, over=[u, v]), {p: 1}, "several optima"),
        (Problem(u, [u >= p, u <= -p], over=[u]), {p: 1}, "infeasible"),
        (Problem(u**4 + p * u, over=[u]), {p: 0}, "singular"),
    ],
)
def test_no_claim_where_the_theorem_does_not_apply(problem: Problem, at: dict, word: str) -> None:
    found = comparative_statics(problem, at=at)
    assert word in found.reason
    assert not found.points


@pytest.mark.parametrize(
    ("at", "message"),
    [
        ({}, "no value is given for b"),
        ({b: 1, p: 2}, "p is no parameter"),
        ({b: -1}, "the value -1 of b is not positive"),
        ({b: p}, "b is p; write a real number"),
        ({b: "1"}, "b is '1'; write a number"),
        ({b: 6}, "break the assumption b <= 5"),
        (3, "the values of the parameters are 3"),
    ],
)
def test_base_points_are_checked(at: dict, message: str) -> None:
    with pytest.raises(ProblemError, match=message):
        comparative_statics(Problem(u**2, [u >= b], over=[u], assumptions=[b <= 5]), at=at)


def test_problems_without_parameters_are_refused() -> None:
    with pytest.raises(ProblemError, match="no parameters"):
        comparative_statics(Problem(u**2, over=[u]))


def test_the_budget_story() -> None:
    """Revenue 120 sqrt(x) + 80 sqrt(y) at cost x + y = b: by Cauchy and Schwarz M* = 40 sqrt(13 b), so dM*/db = 20 at b = 13."""
    solution = maximize(120 * sqrt(x) + 80 * sqrt(y), [Eq(x + y, b)], over=[x, y])
    best = 40 * sqrt(13 * b)
    assert sympy.simplify(solution.value - best) == 0
    price = solution.sensitivity().shadow_price(Eq(x + y, b))
    assert sympy.simplify(price - sympy.diff(best, b)) == 0
    assert price.subs(b, 13) == 20


def test_parameters_of_a_sensitivity() -> None:
    found = maximize(log(x) + log(y), [x + 2 * y <= b], over=[x, y]).sensitivity()
    (entry,) = found.envelope
    assert (entry.parameter, entry.agrees) == (b, True)
    assert found.statics.points == {(x, b): Rational(1, 2), (y, b): Rational(1, 4)}
    assert "comparative statics" in found.explain().lower()


def test_regions_satisfy_the_envelope_theorem() -> None:
    """min (c + p) u + e v with a u + d v >= q + k p in a box: in each region V has the derivatives of the Lagrangian."""
    chance = random.Random(16)
    regions = 0
    for _ in range(4):
        a, d, k = chance.randint(1, 3), chance.randint(1, 3), chance.randint(-1, 1)
        box = [u >= 0, v >= 0, u <= 2, v <= 2]
        problem = Problem(
            (chance.randint(-2, 2) + p) * u + chance.randint(1, 3) * v, [a * u + d * v >= q + k * p, *box], over=[u, v]
        )
        found = solve(problem).sensitivity()
        regions += len(found.regions)
        for entry in found.regions:
            assert {e.parameter for e in entry.envelope} == {p, q}
            assert all(e.agrees for e in entry.envelope)
    assert regions > 8


def test_the_picture(tmp_path: Any) -> None:
    pytest.importorskip("matplotlib")
    solution = maximize(120 * sqrt(x) + 80 * sqrt(y), [Eq(x + y, b)], over=[x, y])
    path = tmp_path / "value.png"
    (tangent,) = plot_value(solution, b, {b: 13}, path).panels[0].of(Role.TANGENT)
    assert sympy.diff(tangent.expression, b) == 20
    assert path.read_bytes().startswith(b"\x89PNG")
    with pytest.raises(ProblemError, match="no value in closed form to draw over c"):
        plot_value(solution, c, {b: 13}, path)


def test_the_picture_needs_its_extra(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    solution = minimize(u**2, [u >= b], over=[u])
    with pytest.raises(MissingExtraError, match=r"pip install '\.\[plot\]'"):
        plot_value(solution, b, {b: 1}, tmp_path / "value.png")


def test_an_optimum_that_may_not_be_the_only_one_is_not_followed() -> None:
    """The value has a kink where another optimum takes over; an answer that did not look for others says so."""
    problem = Problem(u**4 - u**2 + u / 8, [u <= b], over=[u])
    solution = minimize(problem.objective, [u <= 2], over=[u])
    others = replace(solution, complete=False, missing=("other points with the same value",))
    assert statics_of(problem, solution, {b: sympy.Integer(2)}).values
    assert "no other optima" in statics_of(problem, others, {b: sympy.Integer(2)}).reason
