"""Directions from a candidate into the interior of its active inequalities, along the equations."""

import time

from sympy import Eq, Rational, symbols

from lagrangian import Problem, canonicalize
from lagrangian.candidates.enumeration import find_candidates
from lagrangian.candidates.inward import inward_direction
from lagrangian.problem.lifting import lift

x, y = symbols("x y")


def directions(*constraints) -> list:
    problem = lift(canonicalize(Problem(x, constraints, over=[x, y]))[0])[0]
    return [
        inward_direction(problem, candidate) for candidate in find_candidates(problem, time.monotonic() + 60).points
    ]


def test_equations_that_leave_one_point_have_no_inward_direction() -> None:
    assert directions(Eq(x + y, 1), Eq(x - y, 0), x >= Rational(1, 2)) == [None]


def test_a_corner_has_one_into_both_sides() -> None:
    (along_x, along_y) = directions(x >= 1, y >= 2, y <= 2 * x)[0]
    assert along_x.sign() > 0 and along_y.sign() > 0
