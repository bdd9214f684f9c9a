"""Roots and logarithms of quadratics with one positive eigenvalue."""

from dataclasses import replace
from fractions import Fraction

import pytest
import sympy
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sympy import Eq, Rational, log, sqrt

from lagrangian import Problem, Status, canonicalize, solve
from lagrangian.conditions.convexity import Curvature, curvature, setting_of
from lagrangian.conditions.hyperbolic import nappe_of
from lagrangian.proof.curvature import Checker
from lagrangian.proof.hyperbolic import is_log_concave

x, y, z = VARIABLES = sympy.symbols("x y z", real=True)
numbers = st.integers(-3, 3)
vectors = st.tuples(numbers, numbers, numbers, numbers)


def bilinear(squares, left, right):
    """l0(u) l0(v) - l1(u) l1(v) - ..., for the functionals in ``squares``."""
    values = [
        sum(a * b for a, b in zip(row, left, strict=True)) * sum(a * b for a, b in zip(row, right, strict=True))
        for row in squares
    ]
    return values[0] - sum(values[1:])


def affine(row):
    return row[0] * x + row[1] * y + row[2] * z + row[3]


@settings(deadline=None, max_examples=150)
@given(
    st.lists(vectors, min_size=2, max_size=4),
    vectors,
    st.booleans(),
    st.lists(st.tuples(numbers, numbers, numbers), min_size=6, max_size=12),
)
def test_the_nappe_is_convex_and_the_root_concave(squares, fact, closed, points) -> None:
    quadratic = sympy.expand(affine(squares[0]) ** 2 - sum(affine(row) ** 2 for row in squares[1:]))
    found = nappe_of(quadratic, VARIABLES, [affine(fact), affine(squares[0])], closed=closed)
    assume(found is not None)
    selector = sympy.Add(*found)
    assert is_log_concave(quadratic, VARIABLES, selector, closed=closed)
    inside = []
    for point in points:
        u = (*map(Fraction, point), Fraction(1))
        size = bilinear(squares, u, u)
        if selector.subs(dict(zip(VARIABLES, point, strict=True))) >= 0 and (size > 0 or (closed and size == 0)):
            inside.append(u)
    for u in inside:
        for v in inside:
            # sqrt(Q(u + v)) >= sqrt(Q(u)) + sqrt(Q(v)), squared twice
            product = bilinear(squares, u, v)
            assert product >= 0 and product**2 >= bilinear(squares, u, u) * bilinear(squares, v, v)


@pytest.mark.parametrize(
    ("quadratic", "fact", "closed"),
    [
        (x * z - y**2, y, False),  # changes its sign on the nappe
        (x * z - y**2, x, True),  # x = y = 0 > z has q = 0 and lies outside
        (x * z + y**2, x, False),  # two positive eigenvalues
        (x**2 - y**2 - z**2 + 4, x, False),  # connected around the origin
        (-(x**2) - y**2 - z**2, x, False),  # none
        (x**2 - y**2, x + z, False),  # z is free
        (x * z - sympy.pi * y**2, x, False),  # not rational
        (x**3 - y, x, False),
        (x * z - y**2, x**2, False),
        (x * z - y**2, sympy.Integer(1), False),
    ],
)
def test_what_is_not_shown(quadratic, fact, closed) -> None:
    assert nappe_of(quadratic, VARIABLES, [fact], closed=closed) is None
    assert not is_log_concave(quadratic, VARIABLES, fact, closed=closed)


def test_two_facts_together_select_the_closed_nappe() -> None:
    assert nappe_of(x * z - y**2, VARIABLES, [x, z], closed=True) == (x, z)


@pytest.mark.parametrize(
    ("objective", "constraints", "value"),
    [
        # d/dX (tr(C X) - log det X) = 0 at X = inverse of C = [[1, 1/2], [1/2, 1]], where it is 2 + log det C
        (x + z + y - log(x * z - y**2), [x > 0], 2 + log(Rational(3, 4))),
        # det X with unit diagonal at most: y = 0
        (-log(x * z - y**2), [x >= 0, x <= 1, z <= 1], 0),
        (-log(x * z - y**2), [x >= 0, Eq(x + z, 2)], 0),
    ],
)
def test_logarithms_of_determinants(objective, constraints, value) -> None:
    solution = solve(Problem(objective, constraints, over=VARIABLES), time_limit_s=60)
    assert solution.status is Status.OPTIMAL and solution.certificate.kind == "convexity"
    assert sympy.simplify(solution.value - value) == 0


def test_a_false_proof_is_refused() -> None:
    canonical, _ = canonicalize(Problem(-sqrt(x * z - y**2), [x >= 0, z >= 0, y >= 0], over=VARIABLES))
    proof = curvature(sqrt(x * z - y**2), setting_of(canonical, {}))
    checker = Checker.of(canonical, {})
    assert proof.rule == "hyperbolic quadratic" and checker.holds(proof) is True
    forgeries = [
        replace(proof, facts=(x,)),
        replace(proof, facts=(y,)),
        replace(proof, facts=()),
        replace(proof, facts=(x + z, -x)),
        replace(proof, curvature=Curvature.CONVEX),
        replace(proof, expression=(x * z - y**2) ** Rational(2, 3)),
        replace(proof, expression=sqrt(x * z + y**2)),
    ]
    assert [checker.holds(forgery) for forgery in forgeries] == [False] * len(forgeries)
