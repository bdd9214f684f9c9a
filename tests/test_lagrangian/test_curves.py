"""Curves to infinity: each one that is returned is feasible all along, and tends to where it says."""

import math

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Eq, Rational, oo, symbols

from lagrangian import Problem, Status, canonicalize
from lagrangian.candidates.curves import falling_curves, limit_far_out
from tests.kkt_checker import relation_holds, solved

x, y, z = symbols("x y z", real=True)
t = symbols("t", positive=True)

FALLING = [
    (x**3, [], -oo),
    (x * y, [Eq(x + y, 3)], -oo),
    (y, [x * y >= 1, x >= 0], 0),
    (x**2 + (x * y - 1) ** 2, [], 0),
    (1 / (x**2 + 1), [], 0),
    (-x, [y >= x**2], -oo),
    (z - x * y, [Eq(z, x + y)], -oo),
]


@pytest.mark.parametrize(("objective", "constraints", "limit"), FALLING)
def test_curves_are_feasible_from_their_start_on(objective, constraints, limit) -> None:
    problem = Problem(objective, constraints, over=sorted(objective.free_symbols | {x, y}, key=str))
    curves = falling_curves(canonicalize(problem)[0], [], math.inf)
    assert curves
    assert curves[0].limit == limit
    for curve in curves:
        values = []
        for far in (curve.start, curve.start + Rational(1, 7), 2 * curve.start + 3, 1000 * curve.start + 10**6):
            point = {variable: e.subs(curve.parameter, far) for variable, e in curve.coordinates.items()}
            assert all(relation_holds(constraint, point) for constraint in constraints)
            values.append(objective.subs(point))
        if curve.limit is -oo:
            assert values[-1] < min(values[0], -100)
        else:
            assert 0 <= values[-1] - curve.limit < Rational(1, 1000)


BOUNDED_BELOW = [
    (x**2 + y**2, []),
    (x, [x >= 1]),
    (x + y, [x**2 + y**2 <= 1]),
    (x**4 - 5 * x**2, []),
]


@pytest.mark.parametrize(("objective", "constraints"), BOUNDED_BELOW)
def test_no_curve_falls_below_what_is_the_least_value(objective, constraints) -> None:
    solution = solved(Problem(objective, constraints, over=[x, y]))
    assert solution.status is Status.OPTIMAL
    canonical = canonicalize(Problem(objective, constraints, over=[x, y]))[0]
    assert falling_curves(canonical, [], float(solution.value)) == []


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(-4, 4), min_size=1, max_size=4), st.lists(st.integers(-4, 4), min_size=1, max_size=4))
def test_limits_of_rational_functions_are_sympys(numerator: list[int], denominator: list[int]) -> None:
    if not any(denominator):
        return
    quotient = sympy.Poly(numerator, t).as_expr() / sympy.Poly(denominator, t).as_expr()
    assert limit_far_out(quotient) == sympy.limit(quotient, t, oo)


def test_what_is_no_rational_function_has_no_limit_here() -> None:
    assert limit_far_out(sympy.exp(-t)) is None
