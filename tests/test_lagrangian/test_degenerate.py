"""Degenerate points: textbook cases with known answers, forms planted under changes of coordinates, and the values nearby."""

import itertools

import pytest
import sympy
from flint import fmpq, fmpq_poly, fmpz_poly
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sympy import Abs, Expr, Max, Rational, symbols

from lagrangian import Kind, Problem, solve
from lagrangian.algebra.numbers import AlgebraicPoint, FieldElement, rational_point, real_roots
from lagrangian.algebra.polynomials import Ring
from lagrangian.classification import classify_point
from lagrangian.conditions.second_order import SecondOrder
from lagrangian.conditions.symbolic_second_order import symbolic_second_order
from lagrangian.problem.canonicalization import canonicalize
from lagrangian.problem.lifting import PolynomialProblem

x, y, z = symbols("x y z", real=True)
MINIMUM, MAXIMUM = Kind.STRICT_LOCAL_MINIMUM, Kind.STRICT_LOCAL_MAXIMUM


def classified(objective, inequalities=(), equalities=(), over=(x, y), at=None) -> SecondOrder:
    ring = Ring(over)

    def polynomial(expression):
        return ring.polynomial(sympy.expand(expression))

    problem = PolynomialProblem(
        ring, polynomial(objective), tuple(map(polynomial, inequalities)), tuple(map(polynomial, equalities))
    )
    point = rational_point([fmpq(value) for value in at or [0] * len(over)])
    active = frozenset(i for i, g in enumerate(problem.inequalities) if point.sign(g) == 0)
    return classify_point(problem, point, active, float("inf"))


@pytest.mark.parametrize(
    ("objective", "at", "kind"),
    [
        (x**2 - y**4, (0, 0), Kind.SADDLE),
        (x**2 + y**4, (0, 0), MINIMUM),
        (x**3 - 3 * x * y**2, (0, 0), Kind.SADDLE),
        (x**2 * y**2, (0, 0), Kind.LOCAL_MINIMUM),
        (-(x**4) - x**2 * y**2 - y**6, (0, 0), MAXIMUM),
        # Peano 1884: a minimum along every line, and yet a saddle
        ((y - x**2) * (y - 2 * x**2), (0, 0), Kind.SADDLE),
        ((x**2 + y**2 - 1) ** 2, (1, 0), Kind.LOCAL_MINIMUM),
        ((x * y - 1) ** 2, (-1, -1), Kind.LOCAL_MINIMUM),
        (-((x * y - 1) ** 2), (1, 1), Kind.LOCAL_MAXIMUM),
        ((x**2 - 2 * y**2) ** 2 + x**6, (0, 0), MINIMUM),
        ((x**2 - 2 * y**2) ** 2 + x**5 * y, (0, 0), Kind.SADDLE),
        ((x**2 - y**3 - y**4) ** 2, (0, 0), Kind.LOCAL_MINIMUM),
        ((x**2 - y**3 - y**4) ** 2 * (x + 2 * y), (0, 0), Kind.SADDLE),
        ((y - x**2) ** 2 + x**9, (0, 0), Kind.SADDLE),
        ((y - x**2) ** 2 - x**10, (0, 0), Kind.SADDLE),
        ((y - x**2) ** 2 + x**10, (0, 0), MINIMUM),
    ],
    ids=str,
)
def test_two_variables(objective: Expr, at: tuple, kind: Kind) -> None:
    judged = classified(objective, at=at)
    assert judged.kind is kind
    assert judged.reason


@pytest.mark.parametrize(
    ("objective", "kind"),
    [
        (x**2 + y**6 + z**4, MINIMUM),
        (x**4 + y**4 + z**4 - 2 * x * y * z**2, MINIMUM),
        (x**4 + y**4 + z**4 - 3 * x * y * z**2, Kind.SADDLE),
        (x**4 + y**4 + z**4 - 5 * x * y * z**2, Kind.SADDLE),
        (x**2 + y**2 - z**6, Kind.SADDLE),
        (x * y * z, Kind.SADDLE),
        ((x + y**2) ** 2 + y**6 + z**4, MINIMUM),
        (x**2 * y**2 + z**4, Kind.LOCAL_MINIMUM),
        ((x**2 + y**2 + z**2 - x) ** 2, Kind.LOCAL_MINIMUM),
    ],
    ids=str,
)
def test_three_variables(objective: Expr, kind: Kind) -> None:
    """x^4 + y^4 + z^4 - c x y z^2 is least for x = y: 2 a^2 + b^2 - c a b with a = x^2, b = z^2, definite for c^2 < 8."""
    assert classified(objective, over=(x, y, z)).kind is kind


@pytest.mark.parametrize(
    ("objective", "inequalities", "equalities", "kind"),
    [
        # weakly active constraints: x, y >= 0
        (x**2 + 3 * x * y + y**2, [-x, -y], [], MINIMUM),
        (x**2 - 3 * x * y + y**2, [-x, -y], [], Kind.SADDLE),
        ((x - y) ** 2, [-x, -y], [], Kind.LOCAL_MINIMUM),
        ((x - y) ** 2 + x**3, [-x, -y], [], MINIMUM),
        (x**3 + y**5, [-x, -y], [], MINIMUM),
        (x**2 * y - y**3, [-y], [], Kind.SADDLE),
        # a form that leaves out a variable says nothing of the terms of higher order in it
        (y**6 - x**4, [-x, -y], [], Kind.SADDLE),
        (-2 * x**4 + 2 * x * y**3 - y**5, [x**2 * y**2 - x**2 * y + y], [], Kind.SADDLE),
        # strongly active ones leave a face
        (y + x**4, [-y], [], MINIMUM),
        (y - x**4, [-y], [], Kind.SADDLE),
        (y + x**3, [-y], [], Kind.SADDLE),
        # equations solved for a variable
        (x * y, [], [x - y**3], MINIMUM),
        (x * y, [], [x + y**3], MAXIMUM),
        (x - y, [], [x - y], Kind.LOCAL_MINIMUM),
        (x - y + y**2, [-y], [x - y], MINIMUM),
        (x**2 + y**2, [], [(x - 1) ** 2 + y**2 - 1], MINIMUM),
        (x**2 + y**2 - 2 * x, [], [(x - 1) ** 2 + y**2 - 1], Kind.LOCAL_MINIMUM),
    ],
    ids=str,
)
def test_boundaries_and_equations(objective, inequalities, equalities, kind) -> None:
    assert classified(objective, inequalities, equalities).kind is kind


@pytest.mark.parametrize(
    ("objective", "inequalities", "equalities", "kind"),
    [
        (x, [], [y**2 - x**3], MINIMUM),
        (y, [], [y**2 - x**3], Kind.SADDLE),
        (x, [], [y**2 - x**2 * (x + 1)], Kind.SADDLE),
        (x + y, [x**2 + y**2], [], Kind.ISOLATED),
        (y, [(x - 1) ** 2 + y**2 - 1, (x + 1) ** 2 + y**2 - 1], [], Kind.ISOLATED),
        (y, [], [x**2 + y**2], Kind.ISOLATED),
        # Kuhn and Tucker's own example of a failing qualification, moved to the origin
        (-x, [y + x**3, -y], [], MINIMUM),
        # dependent gradients with multipliers, more constraints than needed
        (x, [-x, x - y, -y], [], Kind.LOCAL_MINIMUM),
        (x + y, [-x, -y, -x - y], [], MINIMUM),
        (x - y, [-x, -y, -x - y], [], Kind.SADDLE),
        (x * y, [-x, -y, -x - y], [], Kind.LOCAL_MINIMUM),
        (y, [x**2 - y, -y], [], MINIMUM),
        (-y, [x**2 - y, x**2 - 2 * y], [], MAXIMUM),
        (2 * x + y, [], [(x + y) ** 2], Kind.SADDLE),
        (x**2 + x + y, [], [(x + y) ** 2], MINIMUM),
    ],
    ids=str,
)
def test_dependent_gradients(objective, inequalities, equalities, kind) -> None:
    assert classified(objective, inequalities, equalities).kind is kind


@st.composite
def changes_of_coordinates(draw: st.DrawFn) -> tuple[Expr, Expr]:
    """A polynomial local diffeomorphism of the plane at the origin: a regular linear map after shears of second order."""
    numbers = st.integers(-2, 2)
    a, b, c, d = (draw(numbers) for _ in range(4))
    assume(a * d - b * c != 0)
    u = x + draw(numbers) * y**2
    v = y + draw(numbers) * u**2
    return sympy.expand(a * u + b * v), sympy.expand(c * u + d * v)


@settings(max_examples=60, deadline=None)
@given(
    changes_of_coordinates(),
    st.sampled_from([(1, 2), (2, 1), (2, 2), (1, 1), (2, 3)]),
    st.integers(-3, 3),
    st.sampled_from([1, -1]),
    st.sampled_from([1, -1]),
)
def test_planted_weighted_forms(change, powers, middle: int, first: int, second: int) -> None:
    """first u^(2p) + middle u^p v^q + second v^(2q) is a quadratic form in (u^p, v^q), whose range is known."""
    (u, v), (p, q) = change, powers
    judged = classified(first * u ** (2 * p) + middle * u**p * v**q + second * v ** (2 * q))
    # with both exponents even u^p and v^q are not negative, with one of them odd all signs of the product occur
    one_sided = p % 2 == 0 and q % 2 == 0
    discriminant = middle**2 - 4 * first * second
    if first == second:
        definite = discriminant < 0 or (one_sided and middle * first > 0)
        expected = (MINIMUM if first > 0 else MAXIMUM) if definite else Kind.SADDLE
        if discriminant == 0 and not definite:
            expected = Kind.LOCAL_MINIMUM if first > 0 else Kind.LOCAL_MAXIMUM
    else:
        expected = Kind.SADDLE
    if expected in (Kind.LOCAL_MINIMUM, Kind.LOCAL_MAXIMUM):
        # the square of u^p + v^q, which may be zero at the origin alone
        assert judged.kind in (expected, MINIMUM if first > 0 else MAXIMUM)
    else:
        assert judged.kind is expected


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.integers(-2, 2), min_size=9, max_size=9).filter(any),
    st.sampled_from([(), (-y,), (-x, -y), (x**2 - y,), (y - x**3, -y)]),
)
def test_kinds_agree_with_values_nearby(coefficients: list[int], inequalities: tuple) -> None:
    """A claimed minimum has no smaller value on a grid, at any of three scales; terms from order 2 to 4 and one of order 6."""
    terms = [x**2, x * y, y**2, x**3, x**2 * y, y**3, x**4, y**4, x**6]
    objective = sum(c * t for c, t in zip(coefficients, terms, strict=True))
    kind = classified(objective, inequalities).kind
    value = sympy.lambdify((x, y), objective, "math")
    allowed = [sympy.lambdify((x, y), g, "math") for g in inequalities]
    steps = [Rational(k, 8) for k in range(-8, 9)]
    for scale in (Rational(1, 20), Rational(1, 400)):
        for (p, q), curved in itertools.product(itertools.product(steps, steps), (False, True)):
            at = (p * scale, q * scale**2 if curved else q * scale)
            if at == (0, 0) or any(g(*at) > 0 for g in allowed):
                continue
            if kind in (MINIMUM, Kind.LOCAL_MINIMUM):
                assert value(*at) >= 0
            if kind in (MAXIMUM, Kind.LOCAL_MAXIMUM):
                assert value(*at) <= 0
            if kind in (MINIMUM, MAXIMUM):
                assert value(*at) != 0


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(
        [
            (y**2 - x**3, lambda t: (t**2, t**3)),
            (y**2 - x**5, lambda t: (t**2, t**5)),
            (y**3 - x**4, lambda t: (t**3, t**4)),
            ((y - x**2) ** 2, lambda t: (t, t**2)),
            (x * y, lambda t: (t, 0), lambda t: (0, t)),
            ((y - x**2) * (y + x), lambda t: (t, t**2), lambda t: (t, -t)),
        ]
    ),
    st.lists(st.integers(-2, 2), min_size=6, max_size=6).filter(any),
)
def test_singular_curves_against_their_parametrization(curve: tuple, coefficients: list[int]) -> None:
    """The kind is that of the objective in the parameter of each branch: the first coefficient decides."""
    equation, *branches = curve
    terms = [x, y, x**2, x * y, y**2, x**3]
    objective = sum(c * term for c, term in zip(coefficients, terms, strict=True))
    t = sympy.Symbol("t")
    signs = set()
    for branch in branches:
        u, v = branch(t)
        along = sympy.Poly(sympy.expand(objective.subs({x: u, y: v}, simultaneous=True)), t)
        if along.is_zero:
            signs.add(0)
            continue
        (order,), coefficient = along.terms()[-1]
        sign = 1 if coefficient > 0 else -1
        signs |= {sign, sign * (-1) ** order}
    kind = classified(objective, equalities=[equation]).kind
    expected = {
        frozenset({1}): {MINIMUM, Kind.LOCAL_MINIMUM},
        frozenset({-1}): {MAXIMUM, Kind.LOCAL_MAXIMUM},
        frozenset({0, 1}): {Kind.LOCAL_MINIMUM},
        frozenset({0, -1}): {Kind.LOCAL_MAXIMUM},
        frozenset({0}): {Kind.LOCAL_MINIMUM},
    }.get(frozenset(signs), {Kind.SADDLE})
    assert kind in expected | {Kind.DEGENERATE}
    if 0 not in signs and equation != y**3 - x**4:
        assert kind is not Kind.DEGENERATE


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.integers(-2, 2), min_size=8, max_size=8).filter(any),
    st.lists(st.integers(-2, 2), min_size=4, max_size=4),
    st.booleans(),
)
def test_kinds_do_not_depend_on_coordinates(coefficients: list[int], graph: list[int], squared: bool) -> None:
    """f at 0, f on the graph z = p(x, y), and f(x^2 - 2, y) at (sqrt 2, 0) are one function in other coordinates."""
    terms = [x**2, x * y, y**2, x**3, x * y**2, y**3, x**4, y**4]
    objective = sum(c * term for c, term in zip(coefficients, terms, strict=True))
    objective = objective**2 if squared else objective
    height = sum(c * term for c, term in zip(graph, [x, y, x * y, x**3], strict=True))
    plain = classified(objective).kind
    assert plain is not Kind.DEGENERATE
    lifted = objective + (z - height) * (1 + x - z)
    assert classified(lifted, equalities=[z - height], over=(x, y, z)).kind is plain
    ring, root = Ring((x, y)), real_roots(fmpz_poly([-2, 0, 1]))[1]
    element = FieldElement(root, fmpq_poly([0, 1]))
    moved = PolynomialProblem(ring, ring.polynomial(sympy.expand(objective.subs(x, x**2 - 2))), (), ())
    point = AlgebraicPoint(root, (element, element * 0))
    assert classify_point(moved, point, frozenset(), float("inf")).kind is plain


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.integers(-1, 1), min_size=9, max_size=9).filter(lambda m: sympy.Matrix(3, 3, m).det() != 0),
    st.sampled_from([(2, 1, 1), (1, 2, 2), (2, 2, 1), (2, 2, 3)]),
    st.sampled_from([1, -1]),
    st.integers(-2, 2),
)
def test_planted_sums_of_powers_in_three_variables(matrix, powers, last: int, shear: int) -> None:
    """u^(2a) + v^(2b) + last w^(2c) in coordinates u, v, w that are linear but for one shear."""
    first, second, third = sympy.Matrix(3, 3, matrix) * sympy.Matrix([x + shear * y**2, y, z])
    a, b, c = powers
    judged = classified(first ** (2 * a) + second ** (2 * b) + last * third ** (2 * c), over=(x, y, z))
    assert judged.kind in (MINIMUM if last > 0 else Kind.SADDLE, Kind.DEGENERATE)
    if len(set(powers)) == 1 or not shear:
        assert judged.kind is not Kind.DEGENERATE


@pytest.mark.parametrize(
    ("objective", "at", "kind"),
    [
        (Max(x, y) + (x - y) ** 2 + x**2, {x: Rational(-1, 2), y: Rational(-1, 2)}, MINIMUM),
        (Max(x, y) + (x - y) ** 2 + x**2, {x: Rational(-3, 4), y: Rational(-3, 4)}, Kind.SADDLE),
        (Abs(x) - Abs(y) + y**4 + x**2, {x: 0, y: 0}, Kind.SADDLE),
        (Abs(x) * Abs(y) + x**4 + y**4, {x: 0, y: 0}, Kind.LOCAL_MINIMUM),
    ],
    ids=str,
)
def test_kinks(objective, at, kind) -> None:
    found = [p for p in solve(Problem(objective, over=[x, y])).stationary_points if p.point == at]
    assert [p.kind for p in found] == [kind]


@pytest.mark.parametrize(
    ("objective", "at", "multipliers", "kind"),
    [
        (x - sympy.sin(x), 0, (0, 0), Kind.SADDLE),
        (sympy.cosh(x) - x**2 / 2, 0, (0, 0), MINIMUM),
        (sympy.cos(x) - 1 + x**2 / 2 - x**4 / 24, 0, (0, 0), MAXIMUM),
        (x - sympy.sin(x), -1, (1 - sympy.cos(1), 0), MINIMUM),
        (x - sympy.sin(x), 1, (0, sympy.cos(1) - 1), MAXIMUM),
    ],
    ids=str,
)
def test_functions_that_are_not_polynomial(objective, at, multipliers, kind) -> None:
    """By the first derivative that does not vanish inside of -1 <= x <= 1, by slopes at its ends."""
    canonical, _ = canonicalize(Problem(objective, [x >= -1, x <= 1], over=[x]))
    multipliers = tuple(map(sympy.sympify, multipliers))
    assert symbolic_second_order(canonical, {x: sympy.Integer(at)}, multipliers, ()).kind is kind


def test_unbounded_problems_have_stationary_points() -> None:
    solution = solve(Problem(x**3 - 3 * x, over=[x]))
    assert {p.point[x]: p.kind for p in solution.stationary_points} == {1: MINIMUM, -1: MAXIMUM}
    assert solution.complete


def test_what_nothing_decides_is_called_degenerate() -> None:
    """Five slacks with quadratic terms that are zero somewhere need terms of higher order in too many variables at once."""
    over = symbols("a:9", real=True)
    judged = classified(sum(v**4 for v in over), over=over)
    assert judged.kind is Kind.DEGENERATE
    assert "too many variables" in judged.reason


def test_a_degenerate_point_with_irrational_coordinates() -> None:
    """(x^2 - 2)^2 y^2 + y^4 = 0 on y = 0: at (sqrt 2, 0) it is not negative, and zero along the axis."""
    solution = solve(Problem((x**2 - 2) ** 4 + y**4, over=[x, y]))
    kinds = {point.point[x]: point.kind for point in solution.stationary_points if point.point[y] == 0}
    assert kinds[sympy.sqrt(2)] is MINIMUM
    assert kinds[sympy.Integer(0)] is Kind.SADDLE
