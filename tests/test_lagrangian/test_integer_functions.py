"""Integers beside logarithms and exponentials: published process synthesis problems, and certificates that are changed."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
import sympy
from sympy import exp, log, symbols

from lagrangian import Problem, Status, solve
from lagrangian.conditions.interval_existence import FeasibleEnclosure
from lagrangian.problem.canonicalization import canonicalize
from lagrangian.proof.factorable import FactorableCertificate
from lagrangian.prove_factorable import enclose_by_relaxations

x, y, z, b, c, d = symbols("x y z b c d", real=True)


def synthesis() -> Problem:
    """The smallest problem of Duran and Grossmann (1986), 6.00976 at b = d = 0, c = 1."""
    objective = 5 * b + 6 * c + 8 * d + 10 * x - 7 * z - 18 * log(y + 1) - sympy.Rational(96, 5) * log(x - y + 1) + 10
    constraints = [
        sympy.Rational(4, 5) * log(y + 1) + sympy.Rational(24, 25) * log(x - y + 1) - sympy.Rational(4, 5) * z >= 0,
        log(y + 1) + sympy.Rational(6, 5) * log(x - y + 1) - z - 2 * d >= -2,
        y <= x,
        y <= 2 * b,
        x - y <= 2 * c,
        b + c <= 1,
    ]
    bounds = {x: (0, 2), y: (0, 2), z: (0, 1), b: (0, 1), c: (0, 1), d: (0, 1)}
    return Problem(objective, constraints, over=[x, y, z, b, c, d], integers=[b, c, d], bounds=bounds)


@pytest.fixture(scope="module")
def certificate() -> FactorableCertificate:
    found = enclose_by_relaxations(canonicalize(synthesis())[0], [], float("inf"))
    assert found is not None
    return found


def test_a_published_synthesis_problem(certificate: FactorableCertificate) -> None:
    assert certificate.verify() is True
    assert float(certificate.lower) <= 6.00976 <= float(certificate.upper) + 1e-5
    assert float(certificate.upper - certificate.lower) < 1e-4
    assert [round(value) for value in certificate.point.center[3:]] == [0, 1, 0]


def test_certificates_that_are_changed_fail(certificate: FactorableCertificate) -> None:
    assert replace(certificate, lower=certificate.lower + 1, upper=certificate.upper + 1).verify() is False
    # the point with c = 1/2, at which everything but integrality holds
    center = [0.5, 0.0, 0.3, 0.0, 0.5, 0.0]
    half = FeasibleEnclosure(np.array(center), np.array(center), ())
    assert replace(certificate, point=half).verify() is False
    relaxed = replace(certificate.problem, integers=frozenset())
    assert replace(certificate, problem=relaxed).verify() is False, "over the reals 0.76 is possible"


def test_exponentials_against_all_assignments() -> None:
    """min exp(n - y) + (y - m)^2 with m + n = 3 at the least: for given integers the best y solves 2 (y - m) = exp(n - y)."""
    n, m = symbols("n m", real=True)
    objective = exp(n - y) + (y - m) ** 2 + n * m
    problem = Problem(
        objective, [n + m >= 3], over=[n, m, y], integers=[n, m], bounds={n: (0, 3), m: (0, 3), y: (-1, 9)}
    )
    solution = solve(problem, time_limit_s=40)
    assert solution.status is Status.OPTIMAL
    values = []
    for a, k in product(range(4), repeat=2):
        if a + k >= 3:
            low, high = -1.0, 9.0
            for _ in range(200):  # the slope increases with y
                at = (low + high) / 2
                rising = 2 * (at - k) > float(sympy.exp(a - at).evalf())
                low, high = (low, at) if rising else (at, high)
            values.append(float(sympy.exp(a - low).evalf()) + (low - k) ** 2 + a * k)
    low, high = solution.value_interval
    assert float(low) - 1e-9 <= min(values) <= float(high) + 1e-9


def test_constraints_between_integers_are_decided_exactly() -> None:
    """b + c = 1 and 2 b <= 2 hold with equality: outward rounding alone would leave both undecided."""
    problem = Problem(
        log(1 + x) * (1 - 2 * b),
        [sympy.Eq(b + c, 1), 2 * b <= 2 * c + 2, x <= 1 + b],
        over=[x, b, c],
        integers=[b, c],
        bounds={x: (0, 3), b: (0, 1), c: (0, 1)},
    )
    solution = solve(problem, time_limit_s=40)
    assert solution.status is Status.OPTIMAL
    low, high = solution.value_interval
    assert low <= -log(3) <= high
