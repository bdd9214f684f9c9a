"""The second look at an answer by regions: right answers pass, and each kind of wrong one is not said to be right."""

from dataclasses import replace

import pytest
from sympy import Eq, log, symbols

from lagrangian import Problem, solve_parametric
from lagrangian.duality.parametric_solution import ParametricSolution

x, y, a, b = symbols("x y a b", real=True)
p, m = symbols("p m", positive=True)
PROBLEMS = [
    Problem(x**2, [x >= b], over=[x]),
    Problem(x**2 + 2 * y**2 - a * x, [x + y <= b, x >= 0], over=[x, y]),
    Problem(a * x**2 + b * x, [x >= 0, x <= 1], over=[x]),
    Problem(log(x) + log(y), [Eq(p * x + y, m)], over=[x, y], sense="max"),
    Problem((x - a) ** 2, over=[x]),
]


@pytest.mark.parametrize("problem", PROBLEMS, ids=str)
def test_right_answers_pass(problem: Problem) -> None:
    assert solve_parametric(problem).verify().truth is True


def changed(**fields: object) -> ParametricSolution:
    solution = solve_parametric(Problem(x**2, [x >= b, x <= 5], over=[x], assumptions=[b <= 5]))
    place = next(k for k, region in enumerate(solution.regions) if region.value == b**2)
    regions = list(solution.regions)
    regions[place] = replace(regions[place], **fields)
    return replace(solution, regions=tuple(regions))


def test_wrong_values_points_and_multipliers_do_not_pass() -> None:
    assert changed().verify().truth is True
    assert changed(value=b).verify().truth is not True
    assert changed(point={x: b + 1}, value=(b + 1) ** 2).verify().truth is not True
    assert changed(point={x: b - 1}, value=(b - 1) ** 2).verify().truth is not True
    assert changed(multipliers={x >= b: -2 * b, x <= 5: 0 * b}).verify().truth is not True
    assert changed(relations=(b >= 1,)).verify().truth is not True


def test_undecided_regions_are_no_answer() -> None:
    solution = solve_parametric(Problem(b * x**3, [x >= 0, x <= 1], over=[x]))
    assert (solution.covers, solution.is_decided, solution.verify().truth) == (True, False, False)
    assert "in some of them nothing is decided" in solution.explain()
