"""Branch and bound on local solutions: the optimum of convex problems by enumeration, and never a claim beyond the point."""

import itertools

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Eq, Rational, exp, log, symbols

from lagrangian import Problem, ProblemError, Status, solve_numeric

n, m = symbols("n m", integer=True)
x, y = symbols("x y", real=True)
BOX = dict.fromkeys((n, m), (-3, 3))
numbers = st.integers(-6, 6)


@settings(max_examples=5, deadline=None)
@given(
    st.tuples(numbers, numbers),
    st.integers(-1, 1),
    st.tuples(numbers, numbers, numbers).filter(lambda row: any(row[:2])),
)
def test_the_least_value_of_a_convex_quadratic_is_that_of_enumeration(center: tuple, cross: int, row: tuple) -> None:
    """(2 n - c)**2 + (2 m - d)**2 + e n m is convex for |e| <= 1; all 49 points of the box are compared."""
    objective = (2 * n - center[0]) ** 2 + (2 * m - center[1]) ** 2 + cross * n * m
    constraint = sympy.Le(row[0] * n + row[1] * m, row[2], evaluate=False)
    result = solve_numeric(Problem(objective, [constraint], over=[n, m], bounds=BOX))
    points = [
        (2 * a - center[0]) ** 2 + (2 * b - center[1]) ** 2 + cross * a * b
        for a, b in itertools.product(range(-3, 4), repeat=2)
        if row[0] * a + row[1] * b <= row[2]
    ]
    if not points:
        assert result.status is Status.UNDECIDED and result.best is None
        return
    assert result.status is Status.LOCAL and result.solver == "branch and bound"
    assert result.value == pytest.approx(min(points), abs=1e-9)
    assert all(value == round(value) for value in result.x.values())


@settings(max_examples=4, deadline=None)
@given(st.integers(1, 9), st.integers(-4, 4))
def test_mixed_convex_problems_have_the_value_of_their_best_slice(weight: int, shift: int) -> None:
    """For a given n the least exp(x) - n x is n - n log n; what is left is compared over the values of n."""
    problem = Problem(exp(x) - n * x + weight * (2 * n - shift) ** 2, over=[x, n], bounds={n: (1, 8)})
    result = solve_numeric(problem)
    exact = min(a - a * np.log(a) + weight * (2 * a - shift) ** 2 for a in range(1, 9))
    assert result.value == pytest.approx(exact, abs=1e-7)
    place = round(result.x[n])
    assert result.status is Status.LOCAL and result.x[x] == pytest.approx(np.log(place), abs=1e-7)
    low, high = result.enclosure[x]
    assert low <= log(place).n(30) <= high or place == 1
    assert "that no other integers are better is not proved" in result.reason and result.closed_form is None


def test_equations_join_integers_and_real_variables() -> None:
    """max 2 x + y + n with x + n = 2 in the disk of radius 2: n = 1, x = 1, y = sqrt 3 is better than n = 0 and n = 2."""
    constraints = [x**2 + y**2 <= 4, Eq(x + n, 2)]
    result = solve_numeric(Problem(2 * x + y + n, constraints, over=[x, y, n], sense="max", bounds={n: (-3, 3)}))
    assert result.value == pytest.approx(3 + 3**0.5)
    assert result.x == pytest.approx({x: 1, y: 3**0.5, n: 1}) and result.status is Status.LOCAL


def test_integers_without_bounds() -> None:
    """n m >= 12 with the least n**2 + m**2: 4 and 3, in any order and with either sign."""
    result = solve_numeric(Problem(n**2 + m**2, [n * m >= 12], over=[n, m]))
    assert result.value == 25 and result.status is Status.LOCAL


def test_where_no_integers_are_feasible_nothing_is_claimed() -> None:
    between = Problem(n**2 + x**2, [4 * n >= 1, 4 * n <= 3], over=[n, x])
    empty = Problem(n**2 + x**2, [n**2 + x**2 <= Rational(1, 4), n >= 1], over=[n, x])
    for problem in (between, empty):
        result = solve_numeric(problem)
        assert result.status is Status.UNDECIDED and result.best is None and result.value is None


def test_a_problem_that_is_not_convex_gets_a_feasible_point_and_no_more() -> None:
    problem = Problem(sympy.sin(3 * x) * n + (n - 4) ** 2 / 4 + x**2 / 10, over=[x, n], bounds={n: (0, 9), x: (-5, 5)})
    result = solve_numeric(problem, starts=16)
    assert result.status is Status.LOCAL and result.best is not None
    values = dict(result.x)
    assert float(problem.objective.xreplace({v: sympy.Float(a) for v, a in values.items()})) == pytest.approx(
        result.value
    )
    # for n = 6 and x near pi/2 the value is about 1 - 6 + 0.25
    assert result.value <= -4.7


def test_linear_problems_go_to_highs_and_to_branch_and_bound_by_name() -> None:
    problem = Problem(
        5 * n + 4 * m,
        [6 * n + 4 * m <= 24, n + 2 * m <= 6],
        over=[n, m],
        sense="max",
        bounds=dict.fromkeys((n, m), (0, 9)),
    )
    for method, solver in (("auto", "HiGHS"), ("branch-and-bound", "branch and bound")):
        result = solve_numeric(problem, method=method)
        assert result.value == pytest.approx(20) and result.solver == solver


@pytest.mark.parametrize(
    ("problem", "method", "message"),
    [
        (Problem(n**2, over=[n]), "slsqp", "n must be integers: write method='auto' or 'branch-and-bound'"),
        (Problem(n**2, over=[n]), "highs", "takes linear problems only"),
        (Problem(x**2, over=[x]), "branch-and-bound", "takes problems with integers; write method='auto'"),
    ],
)
def test_methods_that_do_not_fit_are_refused(problem: Problem, method: str, message: str) -> None:
    with pytest.raises(ProblemError, match=message):
        solve_numeric(problem, method=method)
