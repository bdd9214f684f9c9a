"""Feasible points for certain: planted points on curves are found, boxes without a zero or with one that is infeasible fail."""

from dataclasses import replace

import numpy as np
import pytest
import sympy
from flint import fmpq
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import symbols

from lagrangian.algebra.polynomials import Ring
from lagrangian.candidates.feasible import feasible_near
from lagrangian.conditions.existence import FeasibleBox, over_box
from lagrangian.conditions.relaxation import is_feasible
from lagrangian.numeric.polynomials import polynomial_functions
from lagrangian.problem.lifting import PolynomialProblem

x, y, z = symbols("x y z", real=True)
RING = Ring((x, y, z))
small = st.integers(-3, 3)
terms = st.tuples(small, st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 2)))
numbers = st.floats(-3, 3).map(lambda v: round(v, 6))


def problem_of(objective, inequalities=(), equalities=()) -> PolynomialProblem:
    made = [[RING.polynomial(sympy.expand(e)) for e in part] for part in ([objective], inequalities, equalities)]
    return PolynomialProblem(RING, made[0][0], tuple(made[1]), tuple(made[2]))


@st.composite
def polynomials(draw: st.DrawFn):
    return RING.context.from_dict({key: value for value, key in draw(st.lists(terms, min_size=1, max_size=5)) if value})


@settings(max_examples=60, deadline=None)
@given(polynomials(), st.lists(st.tuples(small, small), min_size=3, max_size=3), st.integers(0, 8))
def test_values_over_boxes_hold_those_at_their_points(polynomial, sides, share) -> None:
    box = tuple((fmpq(min(side), 2), fmpq(max(side), 2)) for side in sides)
    point = [low + (high - low) * fmpq(share, 8) for low, high in box]
    low, high = over_box(polynomial, box)
    assert low <= polynomial(*point) <= high


@settings(max_examples=60, deadline=None)
@given(polynomials(), polynomials(), st.tuples(numbers, numbers, numbers))
def test_planted_points_on_curves_are_found(left, right, planted) -> None:
    """Two surfaces through a point: unless they touch there, a feasible point is found near it."""
    exact = [fmpq(round(v * 10**6), 10**6) for v in planted]
    problem = PolynomialProblem(RING, left, (), (left - left(*exact), right - right(*exact)))
    found = feasible_near(problem, frozenset(), np.array(planted) + 1e-9)
    slopes = polynomial_functions(problem).jacobian(np.array(planted))[1:]
    if np.linalg.svd(slopes)[1].min(initial=1.0) > 0.05:
        assert found is not None
    if found is not None:
        assert found.holds(problem, frozenset())
        if found.is_point:
            assert is_feasible(problem, found.center)
        else:
            assert max(found.radii) < fmpq(1, 10**9)


def test_pooling_is_solved_in_fractions() -> None:
    """With the quality held the equations are affine: the point is rational, and on the active bounds."""
    problem = problem_of(x - y, [-x, y - 2], [z * (x + y) - 3 * x - y])
    found = feasible_near(problem, frozenset(), np.array([1.0, 2.0, 5 / 3 + 1e-10]))
    assert found.is_point
    assert is_feasible(problem, found.center)


def test_irrational_points_are_boxes() -> None:
    problem = problem_of(x + y, [-x, -y, x + y - 2], [x**2 + y**2 - 2, z - x * y])
    root = np.array([np.sqrt(2) * np.cos(0.3), np.sqrt(2) * np.sin(0.3), np.sin(0.6)])
    found = feasible_near(problem, frozenset(), root)
    assert not found.is_point
    assert found.holds(problem, frozenset())
    low, high = found.value(problem)
    assert float(high) <= root[0] + root[1] + 1e-5
    assert 0 < high - low < fmpq(1, 10**15)


def test_pairs_of_inequalities_are_equations() -> None:
    curve = x**2 + y**2 - 2
    problem = problem_of(x, [curve, -curve], [z - 1])
    found = feasible_near(problem, frozenset(), np.array([-1.3, np.sqrt(2 - 1.69), 1.0]))
    assert found is not None


@pytest.fixture(scope="module")
def circle() -> tuple[PolynomialProblem, FeasibleBox]:
    """y = sqrt(2 - x^2) at x = 1/2, with y <= 3/2 and z = 2 an integer."""
    problem = problem_of(x, [y - sympy.Rational(3, 2)], [x**2 + y**2 - 2, z - 2])
    center = (fmpq(1, 2), fmpq(13228756555, 10**10), fmpq(2))
    return problem, FeasibleBox(center, (1,), (fmpq(1, 10**8),))


def test_boxes_that_are_changed_fail(circle) -> None:
    problem, box = circle
    assert box.holds(problem, frozenset({2}))
    assert not replace(box, radii=(fmpq(1, 10**12),)).holds(problem, frozenset()), "the zero is outside"
    assert not replace(box, radii=(fmpq(1),)).holds(problem, frozenset()), "too wide"
    assert not replace(box, radii=(fmpq(0),)).holds(problem, frozenset())
    assert not replace(box, solved=(0,)).holds(problem, frozenset({0})), "an integer is not solved for"
    assert not box.holds(problem, frozenset({0})), "1/2 is no integer"
    assert not replace(box, center=(fmpq(1, 2), box.center[1], fmpq(1))).holds(problem, frozenset()), "z = 1"
    assert not replace(box, solved=(), radii=()).holds(problem, frozenset())
    assert not replace(box, solved=(1, 1), radii=box.radii * 2).holds(problem, frozenset())
    lower = problem_of(x, [y - sympy.Rational(1, 2)], [x**2 + y**2 - 2, z - 2])
    assert not box.holds(lower, frozenset()), "the zero violates an inequality"
    assert not replace(box, active=(0,)).holds(lower, frozenset()), "two equations for one variable"
    touching = problem_of(x, [], [x**2 + (y - 1) ** 2, z - 2])
    flat = replace(box, center=(fmpq(0), fmpq(1), fmpq(2)))
    assert not flat.holds(touching, frozenset()), "the slope vanishes"
