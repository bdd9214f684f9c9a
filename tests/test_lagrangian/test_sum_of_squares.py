"""Sums of squares: found for planted ones, exact over the field of the value, and refused once anything in them is changed."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
import sympy
from flint import fmpq, fmpq_poly, fmpz_poly
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Eq, Expr, Rational, symbols

from lagrangian import Problem, canonicalize, certificate_from_json, certificate_to_json, minimize
from lagrangian.algebra.numbers import RATIONALS, FieldElement, RealRoot, compare, rational_point
from lagrangian.candidates import gram, sum_of_squares
from lagrangian.candidates.enumeration import find_candidates
from lagrangian.candidates.gram import clarabel_is_installed
from lagrangian.candidates.near import candidate_near
from lagrangian.candidates.sum_of_squares import (
    NOT_INSTALLED,
    NoSquares,
    attained_bound,
    emptiness_identity,
    quadratic_growth,
    strict_bound,
)
from lagrangian.numeric.local import interior_candidates, numeric_candidates
from lagrangian.problem.lifting import PolynomialProblem, lift
from lagrangian.problem.parsing import parse_expression
from lagrangian.proof.squares import SquaresIdentity, WeightedSquares, extended, extended_ring, is_psd
from lagrangian.proof.sum_of_squares import SquaresEnclosure, SquaresInfeasibility, SumOfSquaresCertificate
from lagrangian.prove_squares import enclose_by_squares

x, y, z = symbols("x y z", real=True)
needs_clarabel = pytest.mark.skipif(not clarabel_is_installed(), reason="the extra 'exact' (clarabel) is not installed")


def polynomial_problem(objective, constraints=(), over=(x, y), sense="min") -> PolynomialProblem:
    canonical, _ = canonicalize(Problem(objective, list(constraints), over=list(over), sense=sense))
    return lift(canonical)[0]


def certificate_for(problem: PolynomialProblem) -> SumOfSquaresCertificate | NoSquares:
    """A certificate for the least value among the candidates."""
    points = find_candidates(problem).points
    best = [p.point for p in points if compare(p.value, points[0].value) == 0]
    found = attained_bound(problem, points[0].value, best)
    if isinstance(found, NoSquares):
        return found
    return SumOfSquaresCertificate(problem, points[0].value, tuple(best), found.identity, found.power)


# objective to be minimized, constraints, the least value
KNOWN = [
    ((x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2, [], 0),  # Himmelblau
    ((1 - x) ** 2 + 100 * (y - x**2) ** 2, [], 0),  # Rosenbrock; its Gram matrix has a kernel besides the minimizer's
    (x + y, [Eq(x**2 + y**2, 1)], -sympy.sqrt(2)),
    (x + 2 * y, [x**2 + y**2 <= 1], -sympy.sqrt(5)),
    (x * y, [Eq(x**2 + y**2, 8)], -4),
    (-x - y, [x * y <= 4, x >= 0, x <= 6, y >= 0, y <= 4], Rational(-20, 3)),
    (-(x**2) - y**2, [x + y <= 3, x >= 0, x <= 2, y >= 0, y <= 2], -5),
]


@needs_clarabel
@pytest.mark.parametrize(("objective", "constraints", "value"), KNOWN)
def test_known_optima_are_proved_exactly(objective, constraints, value) -> None:
    certificate = certificate_for(polynomial_problem(objective, constraints))
    assert isinstance(certificate, SumOfSquaresCertificate)
    assert certificate.verify() is True
    assert certificate.explanation()
    shown = certificate.value.number.modulus.coeffs()
    assert sympy.Poly([int(c) for c in reversed(shown)], x).as_expr().subs(x, value).equals(0)
    assert certificate_from_json(certificate_to_json(certificate)).verify() is True


@needs_clarabel
@settings(max_examples=10, deadline=None)
@given(st.lists(st.lists(st.integers(-3, 3), min_size=6, max_size=6), min_size=5, max_size=6), st.integers(-5, 5))
def test_planted_squares_are_found(rows, constant) -> None:
    """A sum of squares of quadratics that vanish at one point has its least value there."""
    monomials = np.array([x - 1, y + 2, x**2 - 1, x * y + 2, y**2 - 4, (x - 1) * (y + 2)])
    squares = [sum(int(c) * m for c, m in zip(row, monomials, strict=True)) ** 2 for row in rows]
    growth = (x - 1) ** 2 + (y + 2) ** 2 + (x**2 - 1) ** 2 + (y**2 - 4) ** 2
    problem = polynomial_problem(sympy.expand(sum(squares) + growth + constant))
    point = rational_point([fmpq(1), fmpq(-2)])
    value = point.value(problem.objective)
    assert value.rational() == constant
    found = attained_bound(problem, value, [point])
    assert not isinstance(found, NoSquares)
    assert SumOfSquaresCertificate(problem, value, (point,), found.identity).verify() is True


@needs_clarabel
def test_nothing_is_found_where_there_is_nothing() -> None:
    lower = polynomial_problem(x**4 * y**2 + x**2 * y**4 - 4 * x**2 * y**2 + 1)
    ones = [rational_point([fmpq(a), fmpq(b)]) for a in (1, -1) for b in (1, -1)]
    assert isinstance(attained_bound(lower, ones[0].value(lower.objective) + 1, ones), NoSquares)
    above = polynomial_problem((x - 1) ** 2 + y**2)
    point = rational_point([fmpq(0), fmpq(0)])
    assert isinstance(attained_bound(above, point.value(above.objective), [point]), NoSquares), (
        "0 < 1 is the least value"
    )
    assert isinstance(strict_bound(above, fmpq(1, 100), (1.0, 0.0)), NoSquares)


@needs_clarabel
@pytest.mark.parametrize(
    ("objective", "over"),
    [
        (x**4 * y**2 + x**2 * y**4 - 3 * x**2 * y**2 + 1, (x, y)),  # Motzkin (1967)
        (1 + x**2 * y**2 + y**2 * z**2 + z**2 * x**2 - 4 * x * y * z, (x, y, z)),  # Choi and Lam (1977)
    ],
)
def test_nonnegative_polynomials_that_are_no_sums_of_squares(objective, over) -> None:
    """Both have the value 0 where all coordinates are 1 or -1 with the right signs; a positive multiple is a sum of squares."""
    problem = polynomial_problem(objective, over=over)
    points = [
        rational_point([fmpq(a) for a in signs])
        for signs in itertools.product((1, -1), repeat=len(over))
        if objective.subs(dict(zip(over, signs, strict=True))) == 0
    ]
    assert len(points) == 4
    found = attained_bound(problem, points[0].value(problem.objective), points)
    assert not isinstance(found, NoSquares)
    assert found.power == 1
    certificate = SumOfSquaresCertificate(problem, points[0].value(problem.objective), tuple(points), found.identity, 1)
    assert certificate.verify() is True
    assert "positive polynomial" in certificate.explanation()[0]
    assert replace(certificate, power=0).verify() is False
    assert replace(certificate, power=-1).verify() is False


@needs_clarabel
def test_growth_is_shown_only_where_a_minimum_exists() -> None:
    bowl = polynomial_problem((x - 1) ** 2 + (x - y) ** 2)
    growth = quadratic_growth(bowl)
    assert not isinstance(growth, NoSquares)
    assert growth.holds(bowl)
    assert not replace(growth, rate=growth.rate * 1000).holds(bowl)
    assert growth.with_objective
    assert not replace(growth, with_objective=False).holds(bowl)
    ring = polynomial_problem(x**3 - y, [Eq(x**2 + y**2, 3)])
    bounded = quadratic_growth(ring)
    assert not isinstance(bounded, NoSquares)
    assert not bounded.with_objective
    assert bounded.holds(ring)
    not_attained = polynomial_problem(x**2 + (x * y - 1) ** 2)
    assert isinstance(quadratic_growth(not_attained), NoSquares)
    valley = polynomial_problem((x - y) ** 2)
    assert isinstance(quadratic_growth(valley), NoSquares)


@needs_clarabel
def test_a_set_without_points_has_an_identity_for_minus_one() -> None:
    empty = polynomial_problem(x, [x**2 + y**2 <= 1, x + y >= 2])
    identity = emptiness_identity(empty)
    assert not isinstance(identity, NoSquares)
    certificate = SquaresInfeasibility(empty, identity)
    assert certificate.verify() is True
    assert certificate.explanation()
    touching = polynomial_problem(x, [x**2 + y**2 <= 2, x + y >= 2])
    assert isinstance(emptiness_identity(touching), NoSquares)
    assert SquaresInfeasibility(touching, identity).verify() is False


@needs_clarabel
def test_anything_changed_fails() -> None:
    certificate = certificate_for(polynomial_problem(x + y, [Eq(x**2 + y**2, 1), x <= 2]))
    assert isinstance(certificate, SumOfSquaresCertificate)
    identity = certificate.identity
    part = identity.squares[0]
    more = (tuple(entry + 1 for entry in part.gram[0]), *part.gram[1:])
    zero = identity.multipliers[0] * 0
    changed = [
        replace(certificate, minimizers=()),
        replace(certificate, minimizers=(rational_point([fmpq(-1), fmpq(0)]),)),
        replace(certificate, value=certificate.value - 1),
        replace(certificate, problem=polynomial_problem(x + y, [Eq(x**2 + y**2, 2), x <= 2])),
        replace(certificate, identity=replace(identity, multipliers=(zero,))),
        replace(certificate, identity=replace(identity, multipliers=())),
        replace(certificate, identity=replace(identity, squares=(replace(part, gram=more), *identity.squares[1:]))),
        replace(certificate, identity=replace(identity, squares=(replace(part, factors=(7,)), *identity.squares[1:]))),
        replace(certificate, identity=replace(identity, number=RealRoot(identity.number.modulus, 1))),
    ]
    assert all(one.verify() is False for one in changed)


def test_a_negative_gram_matrix_is_no_sum_of_squares() -> None:
    """x**2 - 1 >= -2 would follow from -(1)**2 + x**2 = x**2 - 1 with another constant: signs are looked at."""
    problem = polynomial_problem(x**2 - 1, over=(x,))
    ring = extended_ring(problem)
    one, variable = ring.constant(1), ring.generators[0]

    def identity(*diagonal):
        gram = ((fmpq_poly([diagonal[0]]),), (fmpq_poly([0]), fmpq_poly([diagonal[1]])))
        return SquaresIdentity(RATIONALS, (WeightedSquares((), (one, variable), gram),), ())

    assert identity(-1, 1)._holds(problem, extended(problem.objective, ring))
    assert not identity(-1, 1).shows_nonnegative(problem, extended(problem.objective, ring))
    assert identity(1, 1).shows_nonnegative(problem, extended(problem.objective + 2, ring))


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(-3, 3), min_size=6, max_size=6), st.booleans())
def test_semidefinite_matrices_are_told(entries, over_a_field) -> None:
    """L D L' for the sign pattern of D, over Q and over Q(sqrt(2))."""
    number = RealRoot(fmpz_poly([-2, 0, 1]), 1) if over_a_field else RATIONALS
    a, b, c, *diagonal = entries
    t = fmpq_poly([0, 1]) if over_a_field else fmpq_poly([1])
    lower = [[t**0, 0 * t, 0 * t], [a * t, t**0, 0 * t], [b * t, c * t + a, t**0]]
    modulus = number.rational_modulus
    triangle = [
        [
            sum((lower[i][k] * lower[j][k] * diagonal[k] for k in range(3)), fmpq_poly([0])) % modulus
            if over_a_field
            else sum((lower[i][k] * lower[j][k] * diagonal[k] for k in range(3)), fmpq_poly([0]))
            for j in range(i + 1)
        ]
        for i in range(3)
    ]
    if not over_a_field:
        triangle = [[fmpq_poly([entry(0)]) for entry in row] for row in triangle]
    assert is_psd(triangle, number) is all(d >= 0 for d in diagonal)


@needs_clarabel
def test_an_enclosure_where_the_value_is_of_high_degree() -> None:
    """Hock and Schittkowski 100: seven variables, the minimum of high degree; its published value is 680.6300573."""
    v = symbols("v1:8", real=True)
    a, b, c, d, e, f, g = v
    objective = (
        (a - 10) ** 2
        + 5 * (b - 12) ** 2
        + c**4
        + 3 * (d - 11) ** 2
        + 10 * e**6
        + 7 * f**2
        + g**4
        - 4 * f * g
        - 10 * f
        - 8 * g
    )
    constraints = [
        2 * a**2 + 3 * b**4 + c + 4 * d**2 + 5 * e <= 127,
        7 * a + 3 * b + 10 * c**2 + d - e <= 282,
        23 * a + b**2 + 6 * f**2 - 8 * g <= 196,
        4 * a**2 + b**2 - 3 * a * b + 2 * c**2 + 5 * f - 11 * g <= 0,
    ]
    canonical, _ = canonicalize(Problem(objective, constraints, over=list(v)))
    (best, *_) = numeric_candidates(canonical, float("inf"), most=2)
    certificate = enclose_by_squares(*lift(canonical), [best, *interior_candidates(canonical, best)], float("inf"))
    assert isinstance(certificate, SquaresEnclosure)
    assert certificate.verify() is True
    assert certificate.explanation()
    assert certificate.lower < fmpq(68063005738, 10**8) and certificate.upper > fmpq(68063005736, 10**8)
    assert replace(certificate, lower=certificate.upper).verify() is False
    assert replace(certificate, upper=certificate.lower).verify() is False
    again = certificate_from_json(certificate_to_json(certificate))
    assert again.verify() is True


def test_without_the_program_the_reason_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gram, "find_spec", lambda name: None)
    assert not sum_of_squares.clarabel_is_installed()
    problem = polynomial_problem(x**2 + y**2)
    point = rational_point([fmpq(0), fmpq(0)])
    assert attained_bound(problem, point.value(problem.objective), [point]) == NoSquares(NOT_INSTALLED)
    assert strict_bound(problem, fmpq(-1), (0.0, 0.0)) == NoSquares(NOT_INSTALLED)
    assert quadratic_growth(problem) == NoSquares(NOT_INSTALLED)
    assert emptiness_identity(problem) == NoSquares(NOT_INSTALLED)


def test_exact_candidates_near_points_in_floating_point() -> None:
    disc = polynomial_problem(x + 2 * y, [x**2 + y**2 <= 1])
    found = candidate_near(disc, np.array([-1, -2]) / np.sqrt(5))
    assert found is not None
    root = FieldElement(RealRoot(fmpz_poly([-5, 0, 1]), 0), fmpq_poly([0, 1]))
    assert compare(found.value, root) == 0
    assert candidate_near(disc, np.array([0.3, 0.1])) is None, "it is feasible but no candidate"
    short = candidate_near(polynomial_problem((x - Rational(1, 3)) ** 2, over=(x,)), np.array([0.33333333333]))
    assert short is not None
    assert short.point.coordinates[0].rational() == fmpq(1, 3)


MOTZKIN = x**4 * y**2 + x**2 * y**4 - 3 * x**2 * y**2 + 1


@needs_clarabel
@pytest.mark.parametrize(
    ("objective", "gap", "start"),
    [
        (x**2 * y**2 + x**2 - 2 * x + 3, x**2 * y**2 + x**2 - 2 * x + 1, "F - 2 = "),
        (MOTZKIN, MOTZKIN * (1 + x**2 + y**2), "(1 + |x|**2) (F) = "),
    ],
)
def test_a_short_identity_is_written_out_and_multiplies_out_to_the_gap(objective: Expr, gap: Expr, start: str) -> None:
    certificate = minimize(objective, over=[x, y]).certificate
    assert certificate is not None and certificate.kind == "sum of squares"
    (line,) = (line for line in certificate.explanation() if start in line)
    written = parse_expression(line.split(start)[1].rstrip("."), {"x": x, "y": y})
    assert sympy.expand(written - gap) == 0
    assert all(part.is_nonnegative for part in sympy.Add.make_args(written))
