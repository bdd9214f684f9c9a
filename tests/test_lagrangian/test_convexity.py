"""Convexity is found where it is, and never where it is not."""

from dataclasses import replace

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from sympy import Eq, Matrix, Rational, exp, log, sqrt, symbols

from lagrangian import Problem, Status, canonicalize, solve
from lagrangian.conditions.convexity import Curvature, CurvatureProof, convexity, curvature, setting_of
from lagrangian.proof.convexity import ConvexityCertificate
from lagrangian.proof.curvature import Checker
from tests.strategies import symmetric_matrices

x, y, z = symbols("x y z", real=True)
u, v = symbols("u v", positive=True)
b = symbols("b", positive=True)


def decided(*arguments, **options):
    return convexity(canonicalize(Problem(*arguments, **options))[0]).truth


CONVEX = [
    (x**2 + x * y + y**2, []),
    (x**4 + exp(x - y) + abs(x + y), []),
    (-log(u) - sqrt(v), []),
    (u * log(u) + v * log(v), [Eq(u + v, 1)]),
    (u * log(u / v), []),
    (x**2 / v, []),
    (1 / u + 1 / v**2, []),
    (-(u ** Rational(1, 3)) * v ** Rational(2, 3), []),
    (sqrt((x - 1) ** 2 + y**2), []),
    (sympy.Max(x, y**2, 3), []),
    (x * y, [Eq(x, y)]),
    (x**2 - y**2, [Eq(x, 2 * y)]),
    ((x + y) ** 4 + b * x**2, [x**2 <= b]),
    (u**3 + u * v * 0, []),
    (-sqrt(6 - x**2 - y**2), []),
    (log(exp(x) + b * exp(y - x) + 2), []),
    (log(exp(x**2) + exp(y)), []),
    (log((1 + exp(x)) * (1 + exp(-y))), []),
    (-log(exp(x) / (exp(x) + exp(y))), []),
    (b * log(1 + exp(-x)) + log(1 + exp(x)), []),
    (log(1 / u + exp(x) / v**2), []),
    (-log(x * y), [x >= 0, y >= 0]),
]

NOT_CONVEX = [
    (x**2 - y**2, []),
    (x**4 - x**2, []),
    (1 / x, []),
    (1 / x**2, []),
    (x**3, []),
    (x * y, []),
    (-(x**2), []),
    (x**2, [x**2 >= 1]),
    (x**2, [Eq(x * y, 1)]),
    ((x**2 - 1) ** Rational(3, 2), []),
    (sqrt(x**2 - 1), []),
    (sympy.Min(x, y), []),
    (log(u), []),
    (u * v, []),
    (exp(-(x**2)), []),
    (-sqrt(u) * sqrt(v) * sqrt(u + 1), []),
    (x * log(u), []),
    (-log(1 + exp(x)), []),
    (log(exp(x) - 1), []),
    (log(exp(x) + u), []),
    (log(1 / x + 1 / y), []),
    (-log(x * y), []),
]


@pytest.mark.parametrize(("objective", "constraints"), CONVEX, ids=str)
def test_convex_problems_are_recognized(objective, constraints) -> None:
    over = sorted(objective.free_symbols.union(*(c.free_symbols for c in constraints)) - {b}, key=str)
    assert decided(objective, constraints, over=over) is True


@pytest.mark.parametrize(("objective", "constraints"), NOT_CONVEX, ids=str)
def test_other_problems_are_not(objective, constraints) -> None:
    over = sorted(objective.free_symbols.union(*(c.free_symbols for c in constraints)), key=str)
    assert decided(objective, constraints, over=over) is not True


SUM, PRODUCT = "logarithm of a sum of log-convex functions", "logarithm of a product"


@pytest.mark.parametrize(
    ("function", "claimed", "rule", "exponents"),
    [
        (log(1 + exp(x)), "convex", SUM, [0, 2 * x]),  # another sum
        (log(1 + exp(x)), "concave", SUM, [0, x]),
        (log(exp(-x)), "convex", PRODUCT, []),
        (log(x * y), "concave", PRODUCT, [log(x) + log(y)]),  # also defined where both are negative
        (log(u * exp(x)), "convex", PRODUCT, [log(u) + x]),  # its exponent is concave
        (log(1 / x + 1 / y), "convex", SUM, [-log(x), -log(y)]),
        (log(2 - exp(x)), "convex", SUM, [log(2), log(-1) + x]),
        (exp(1 + exp(x)), "convex", SUM, [0, x]),
    ],
)
def test_false_steps_for_logarithms_do_not_hold(function, claimed, rule, exponents) -> None:
    over = sorted(function.free_symbols, key=str)
    canonical, _ = canonicalize(Problem(function, over=over))
    checker = Checker.of(canonical, {})
    setting = setting_of(canonical, {})
    premises = tuple(curvature(sympy.sympify(u), replace(setting, nonnegative=frozenset(over))) for u in exponents)
    assert all(checker.holds(p) or p.expression.has(log) for p in premises)
    assert checker.holds(CurvatureProof(function, Curvature(claimed), rule, premises)) is not True


def test_the_best_log_odds_of_two_weights_are_proved() -> None:
    c = symbols("c", positive=True)
    solution = solve(Problem(b * log(1 + exp(-x)) + c * log(1 + exp(x)), over=[x]))
    assert (solution.status, solution.points) == (Status.OPTIMAL, ({x: log(b / c)},))
    assert sympy.expand_log(solution.value - b * log((b + c) / b) - c * log((b + c) / c)).simplify() == 0
    assert solution.certificate.kind == "convexity" and solution.certificate.verify() is True


def test_equations_whose_coefficients_may_vanish_are_affine_all_the_same() -> None:
    s, t, c = symbols("s t c", real=True)
    assert decided(x**2 + exp(y), [Eq(s * x + t * y, c)], over=[x, y]) is True
    assert decided(x**2 - y**2, [Eq(s * x + t * y, c)], over=[x, y]) is not True
    # the softmax of the scores c s and c t has the greatest entropy of all distributions with its mean score
    mean = (s * exp(c * s) + t * exp(c * t)) / (exp(c * s) + exp(c * t))
    problem = Problem(u * log(u) + v * log(v), [Eq(u + v, 1), Eq(s * u + t * v, mean)], over=[u, v])
    solution = solve(problem)
    assert (solution.status, solution.certificate.kind) == (Status.OPTIMAL, "convexity")
    (point,) = solution.points
    assert sympy.simplify(point[u] - exp(c * s) / (exp(c * s) + exp(c * t))) == 0


def test_equations_without_common_unknowns_are_solved_apart() -> None:
    weights, other = symbols("a1:4", positive=True), symbols("c1:4", positive=True)
    variables = (x, y, z)
    cells = zip(weights, other, variables, strict=True)
    solution = solve(Problem(sum(a * log(1 + exp(-t)) + c * log(1 + exp(t)) for a, c, t in cells), over=variables))
    assert (solution.status, solution.certificate.kind) == (Status.OPTIMAL, "convexity")
    assert solution.points == ({t: log(a / c) for a, c, t in zip(weights, other, variables, strict=True)},)
    assert [point.kind.value for point in solution.stationary_points] == ["strict local minimum"]
    # formulas with parameters have no decimals, however long they are
    assert str(solution.value) in str(solution.explain())


@settings(max_examples=60, deadline=None)
@given(symmetric_matrices(3))
def test_quadratic_forms_are_convex_where_their_eigenvalues_say_so(matrix: Matrix) -> None:
    vector = Matrix([x, y, z])
    objective = sympy.expand((vector.T * matrix * vector)[0, 0]) + x
    eigenvalues = np.linalg.eigvalsh(np.array(matrix.tolist(), dtype=float))
    assert decided(objective, over=[x, y, z]) is (bool(eigenvalues.min() > -1e-12))


def test_signs_of_parameters_decide_or_leave_it_open() -> None:
    c = symbols("c", real=True)
    assert decided(b * x**2, over=[x]) is True
    assert decided(c * x**2, over=[x]) is None
    assert decided(c * x**2, over=[x], assumptions=[c > 2]) is True
    assert decided((c - 1) * x**2 + c * y**2, over=[x, y], assumptions=[c > 1, c < 3]) is True


def test_inequalities_without_multipliers_need_not_be_convex() -> None:
    # exp(x) - x + y**2 has its minimum at the origin, where neither constraint is active
    problem = Problem(exp(x) - x + y**2, [x**2 - y**2 >= -1, sympy.sin(x) <= Rational(1, 2)], over=[x, y])
    solution = solve(problem)
    certificate = solution.certificate
    assert (solution.status, solution.value, certificate.kind) == (Status.OPTIMAL, 1, "convexity")
    assert certificate.convexity.inequalities == (None, None) and certificate.verify() is True
    forged = replace(certificate, inequality_multipliers=(sympy.Integer(1), sympy.Integer(0)))
    assert forged.verify() is not True


def test_an_active_inequality_must_be_convex() -> None:
    canonical, _ = canonicalize(Problem(x + y, [x**2 + y**2 >= 1, exp(x) + y >= -3], over=[x, y]))
    assert convexity(canonical, without=[0]).truth is not True
    assert convexity(canonical, without=[0, 1]).truth is True
    # (-1, -1)/sqrt(2) is a KKT point of the disk's outside turned around, and no minimum of the outside
    point = dict.fromkeys((x, y), -sqrt(2) / 2)
    certificate = ConvexityCertificate(
        canonical, convexity(canonical, without=[0, 1]), point, (-sqrt(2) / 2, sympy.Integer(0)), ()
    )
    assert certificate.verify() is not True
