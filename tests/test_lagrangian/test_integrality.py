"""Integers without bounds: no solution by divisors and residues, curves through integer points, strict inequalities."""

from dataclasses import replace
from itertools import product

import pytest
import sympy
from flint import fmpq
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Eq, Rational, symbols

from lagrangian import Problem, Status, solve
from lagrangian.candidates.diophantine import contradicting_multipliers
from lagrangian.conditions.integral_forms import rounded_forms
from lagrangian.problem.canonicalization import canonicalize
from lagrangian.proof.encoding import certificate_from_json, certificate_to_json
from lagrangian.proof.integrality import (
    DivisibilityCertificate,
    IntegerCurveCertificate,
    RelaxationCertificate,
    ResidueCertificate,
    RoundedCertificate,
)

x, y, z = symbols("x y z", real=True)
small = st.integers(-6, 6)


def over_integers(objective: object, constraints: object, *over: sympy.Symbol, **more: object) -> Problem:
    return Problem(objective, constraints, over=over, integers=over, **more)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.lists(small, min_size=4, max_size=4), min_size=1, max_size=3), st.lists(small, min_size=4, max_size=4)
)
def test_systems_with_a_planted_solution_have_no_contradiction(rows: list[list[int]], planted: list[int]) -> None:
    matrix = [[fmpq(value) for value in row] for row in rows]
    right = [fmpq(sum(a * b for a, b in zip(row, planted, strict=True))) for row in rows]
    assert contradicting_multipliers(matrix, right) is None


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.lists(small, min_size=2, max_size=2), min_size=1, max_size=3), st.lists(small, min_size=3, max_size=3)
)
def test_contradictions_are_what_they_say(rows: list[list[int]], right: list[int]) -> None:
    """Where none is found there is a solution: by Cramer's rule and the size of the entries in a known range."""
    matrix = [[fmpq(value) for value in row] for row in rows]
    found = contradicting_multipliers(matrix, [fmpq(value) for value in right[: len(rows)]])
    solutions = [
        p
        for p in product(range(-75, 76), repeat=2)
        if all(a * p[0] + b * p[1] == c for (a, b), c in zip(rows, right, strict=False))
    ]
    if found is None:
        assert solutions
    else:
        assert not solutions
        combined = [sum(y * row[j] for y, row in zip(found, matrix, strict=True)) for j in range(2)]
        assert all(fmpq(value).q == 1 for value in combined)
        assert fmpq(sum(y * c for y, c in zip(found, right, strict=False))).q != 1


@pytest.mark.parametrize(
    ("problem", "kind"),
    [
        (over_integers(x + y, [Eq(2 * x + 4 * y, 3)], x, y), DivisibilityCertificate),
        (
            over_integers(x, [Eq(6 * x + 10 * y + 15 * z, 1), Eq(2 * x + 2 * y, 1 + 2 * z**2)], x, y, z),
            ResidueCertificate,
        ),
        (over_integers(x, [Eq(6 * x**2 - 9 * x * y, 4)], x, y), DivisibilityCertificate),
        # a square is 0 or 1 modulo 3 and modulo 4
        (over_integers(x, [Eq(x**2 - 3 * y, 2)], x, y), ResidueCertificate),
        (over_integers(x, [Eq(x**2 + y**2, 4 * z + 3)], x, y, z), ResidueCertificate),
        # cubes modulo 9
        (over_integers(x, [Eq(x**3 + y**3, 9 * z + 4)], x, y, z), ResidueCertificate),
        (over_integers(x, [sympy.Le(x**2 + y**2, -1, evaluate=False)], x, y), RelaxationCertificate),
    ],
)
def test_no_solution(problem: Problem, kind: type) -> None:
    solution = solve(problem, time_limit_s=20)
    assert solution.status is Status.INFEASIBLE
    certificate = solution.certificate
    if kind is ResidueCertificate:  # there may be divisors too
        kind = (ResidueCertificate, DivisibilityCertificate)
    assert isinstance(certificate, kind)
    assert certificate.verify() is True
    assert certificate_from_json(certificate_to_json(certificate)).verify() is True


@pytest.mark.parametrize(
    ("problem", "status", "value"),
    [
        (over_integers(x * y, [], x, y), Status.UNBOUNDED, None),
        (over_integers(x - y, [Eq(3 * x - 5 * y, 1)], x, y), Status.UNBOUNDED, None),
        (over_integers(x + y, [2 * x <= 3 * y, x >= 0], x, y, sense="max"), Status.UNBOUNDED, None),
        (Problem(x - z, [x <= 4 * y, Eq(z, x / 2 + y)], over=[x, y, z], integers=[x, y]), Status.UNBOUNDED, None),
        (over_integers(1 / x, [x >= 1], x), Status.NOT_ATTAINED, 0),
        (over_integers((1 + y**2) / x, [x >= 1], x, y), Status.NOT_ATTAINED, 0),
    ],
)
def test_curves_through_integer_points(problem: Problem, status: Status, value: object) -> None:
    solution = solve(problem, time_limit_s=20)
    assert (solution.status, solution.value) == (status, value)
    certificate = solution.certificate
    assert isinstance(certificate, IntegerCurveCertificate)
    assert certificate_from_json(certificate_to_json(certificate)).verify() is True
    inner = certificate.inner
    sevenths = {v: e.xreplace({inner.parameter: inner.parameter / 7}) for v, e in inner.coordinates.items()}
    assert replace(certificate, inner=replace(inner, coordinates=sevenths)).verify() is not True, "not at integers"


@settings(max_examples=12, deadline=None)
@given(st.lists(st.integers(1, 5), min_size=2, max_size=2), st.integers(1, 4), st.integers(1, 20), st.booleans())
def test_strict_inequalities_against_all_points(weights: list[int], divisor: int, limit: int, strict: bool) -> None:
    row = (weights[0] * x + weights[1] * y) / sympy.Integer(divisor)
    constraint = row < Rational(limit, 3) if strict else row <= Rational(limit, 3)
    problem = over_integers(3 * x + 2 * y, [constraint, x >= 0, y >= 0], x, y, sense="max")
    solution = solve(problem, time_limit_s=20)
    values = [3 * a + 2 * b for a, b in product(range(60), repeat=2) if bool(constraint.subs({x: a, y: b}))]
    assert (solution.status, solution.value) == (Status.OPTIMAL, max(values))
    assert solution.certificate.verify() is True


def test_rounded_constraints_have_the_same_integer_points() -> None:
    canonical, _ = canonicalize(over_integers(x, [x**2 / 2 + 3 * x * y < Rational(7, 4), 4 * x + 6 * y >= 5], x, y))
    rounded = rounded_forms(canonical)
    a, b = canonical.variables
    for point in product(range(-5, 6), repeat=2):
        values = {a: point[0], b: point[1]}
        for old, new in zip(canonical.inequalities, rounded.inequalities, strict=True):
            before, after = old.expression.subs(values), new.expression.subs(values)
            assert (before < 0 if old.strict else before <= 0) == (after < 0 if new.strict else after <= 0)


def test_certificates_that_are_changed_fail() -> None:
    parity = solve(over_integers(x + y, [Eq(2 * x + 4 * y, 3)], x, y)).certificate
    assert isinstance(parity, DivisibilityCertificate)
    assert replace(parity, multipliers=((0, Rational(1, 3)),)).verify() is False
    assert replace(parity, multipliers=((1, Rational(1, 2)),)).verify() is False
    real, _ = canonicalize(Problem(x + y, [Eq(2 * x + 4 * y, 3)], over=[x, y], integers=[x]))
    assert replace(parity, problem=real).verify() is False, "y is no integer"
    squares = solve(over_integers(x, [Eq(x**2 - 3 * y, 2)], x, y)).certificate
    assert isinstance(squares, ResidueCertificate)
    assert replace(squares, modulus=2).verify() is False
    strict = solve(over_integers(x + y, [2 * x + 3 * y < 12, x >= 0, y >= 0], x, y, sense="max")).certificate
    assert isinstance(strict, RoundedCertificate)
    assert replace(strict, problem=strict.inner_problem).verify() is True, "it is the same problem"
    other, _ = canonicalize(over_integers(x + y, [2 * x + 3 * y < 11, x >= 0, y >= 0], x, y, sense="max"))
    assert replace(strict, problem=other).verify() is False
