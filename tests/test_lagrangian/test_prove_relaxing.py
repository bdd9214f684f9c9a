"""Linear problems that `solve` hands to Lagrangian relaxation: the method alone, against all points."""

import time

import pytest
from sympy import Integer, Rational, symbols

from lagrangian import Problem, Status
from lagrangian.methods.integers import by_relaxation
from lagrangian.methods.task import nothing_known, prepare
from lagrangian.solution import Solution

x, y, z, t = symbols("x y z t", real=True)


def answered(problem: Problem) -> Solution:
    found = by_relaxation(prepare(problem), nothing_known(problem), time.monotonic() + 1000.0).solution
    assert found is not None and found.certificate is not None and found.certificate.verify() is True
    assert found.certificate.kind == "Lagrangian relaxation"
    return found


@pytest.mark.parametrize("sense", ["min", "max"])
def test_integers_alone(sense: str) -> None:
    over = [x, y, z]
    rows = [3 * x + 5 * y + 2 * z <= 17, x - 2 * y + z >= -3]
    problem = Problem(
        4 * x - 7 * y + 3 * z + Rational(1, 2),
        rows,
        over=over,
        integers=over,
        bounds=dict.fromkeys(over, (0, 4)),
        sense=sense,
    )
    grid = [(i, j, k) for i in range(5) for j in range(5) for k in range(5)]
    feasible = [p for p in grid if 3 * p[0] + 5 * p[1] + 2 * p[2] <= 17 and p[0] - 2 * p[1] + p[2] >= -3]
    values = [4 * i - 7 * j + 3 * k + Rational(1, 2) for i, j, k in feasible]
    found = answered(problem)
    assert (found.status, found.value) == (Status.OPTIMAL, (min if sense == "min" else max)(values))
    assert problem.objective.xreplace(found.points[0]) == found.value
    assert "not listed" in found.missing[0]


def test_continuous_variables_with_fractions_as_bounds() -> None:
    """max 2 x + t, x + 2 t <= 4, t <= 3/2 and x <= 5/2, x an integer: x = 2 and t = 1."""
    problem = Problem(
        2 * x + t, [x + 2 * t <= 4], over=[x, t], integers=[x], bounds={x: (0, Rational(5, 2)), t: (0, Rational(3, 2))},
        sense="max",
    )  # fmt: skip
    found = answered(problem)
    assert found.points == ({x: Integer(2), t: Integer(1)},) and found.value == 5


def test_infeasible_and_not_for_it() -> None:
    over, bounds = [x, y], {x: (0, 3), y: (0, 3)}
    infeasible = Problem(x + y, [2 * x + 2 * y >= 13], over=over, integers=over, bounds=bounds)
    assert answered(infeasible).status is Status.INFEASIBLE
    cubic = Problem(x**3 + y, [x + y >= 1], over=over, integers=over, bounds=bounds)
    assert by_relaxation(prepare(cubic), nothing_known(cubic), time.monotonic() + 1000.0).solution is None
