"""Interval arithmetic and branch and bound against exact arithmetic, planted optima and python-flint."""

import math
import time
from dataclasses import replace
from fractions import Fraction

import flint
import numpy as np
import pytest
import sympy
from flint import arb
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Abs, Max, Min, Symbol, cos, exp, log, pi, sin, sqrt

from lagrangian import Problem, Status, maximize, minimize, solve
from lagrangian.algebra import interval_arrays as arrays
from lagrangian.algebra.interval_arrays import Ends
from lagrangian.algebra.interval_program import NotEnclosableError, Program
from lagrangian.candidates.intervals import search_boxes
from lagrangian.conditions.box_tree import Node
from lagrangian.conditions.interval_lagrangian import expansions, lagrangian_bound
from lagrangian.conditions.interval_model import Boxes, interval_model
from lagrangian.conditions.interval_rules import judge
from lagrangian.problem.canonicalization import canonicalize
from lagrangian.proof.certificate import Claim
from lagrangian.proof.intervals import BoxProof
from lagrangian.prove_intervals import (
    enclose_by_boxes,
    prove_exactly_by_boxes,
    prove_integers_by_boxes,
    refute_by_boxes,
    separated,
)

x, y, z = sympy.symbols("x y z", real=True)
finite = st.floats(-1e6, 1e6, allow_nan=False)


def soon(seconds: float = 20.0) -> float:
    return time.monotonic() + seconds


def interval(low: float, high: float) -> tuple[np.ndarray, np.ndarray]:
    low, high = sorted((low, high))
    return np.array([low]), np.array([high])


def inside(value: Fraction, found: tuple[np.ndarray, np.ndarray]) -> bool:
    low, high = float(found[0][0]), float(found[1][0])
    return (low == -math.inf or Fraction(low) <= value) and (high == math.inf or value <= Fraction(high))


@given(finite, finite, finite, finite, st.fractions(0, 1), st.fractions(0, 1))
def test_sums_and_products_hold_the_exact_values(
    a: float, b: float, c: float, d: float, s: Fraction, t: Fraction
) -> None:
    first, second = interval(a, b), interval(c, d)
    u = Fraction(float(first[0][0])) + s * (Fraction(float(first[1][0])) - Fraction(float(first[0][0])))
    v = Fraction(float(second[0][0])) + t * (Fraction(float(second[1][0])) - Fraction(float(second[0][0])))
    assert inside(u + v, arrays.add(first, second))
    assert inside(u * v, arrays.multiply(first, second))
    assert inside(u**3, arrays.integer_power(first, 3))
    assert inside(u**4, arrays.integer_power(first, 4))
    assert inside(abs(u), arrays.absolute(first))
    if first[0][0] > 0 or first[1][0] < 0:
        assert inside(1 / u, arrays.reciprocal(first)[0])


FUNCTIONS = [
    (exp, arb.exp, -20, 20),
    (log, arb.log, 1e-6, 1e6),
    (sin, arb.sin, -50, 50),
    (cos, arb.cos, -50, 50),
    (sympy.tan, arb.tan, -1.5, 1.5),
    (sympy.atan, arb.atan, -1e3, 1e3),
    (sympy.asin, arb.asin, -1, 1),
    (sympy.acos, arb.acos, -1, 1),
    (sympy.sinh, arb.sinh, -20, 20),
    (sympy.cosh, arb.cosh, -20, 20),
    (sympy.tanh, arb.tanh, -20, 20),
    (sympy.erf, arb.erf, -5, 5),
    (sqrt, arb.sqrt, 0, 1e6),
]


@pytest.mark.parametrize(("function", "ball", "least", "most"), FUNCTIONS, ids=[f[0].__name__ for f in FUNCTIONS])
@pytest.mark.parametrize("how", list(Ends))
def test_elementary_functions_hold_their_values(function, ball, least: float, most: float, how: Ends) -> None:  # type: ignore[no-untyped-def]
    """10,000 points in 100 intervals: python-flint's ball at a point meets the enclosure, or there is an error."""
    random = np.random.default_rng(1)
    ends = np.sort(random.uniform(least, most, size=(100, 2)), axis=1)
    program = Program((x,))
    line = program.add(function(x))
    low, high = program.evaluate([line], (ends[:, :1], ends[:, 1:]), how).intervals[0]
    with flint.ctx.workprec(120):
        for k, (a, b) in enumerate(ends.tolist()):
            for point in np.linspace(a, b, 100).tolist():
                value = ball(arb(point))
                assert not value < arb(float(low[k]))
                assert not value > arb(float(high[k]))


EXPRESSIONS = [
    x**2 * exp(-y) + x * y / (2 + sin(x)),
    sqrt(1 + x**2) * cos(x * y) - log(2 + y**2),
    Max(x, y) ** 2 + Abs(x - y) * Min(x, 2 * y),
    (1 + x**2) ** sympy.Rational(-3, 2) + sympy.atan(x - y) ** 3,
    pi * x / 7 + sympy.tanh(y) * sympy.E,
]


@pytest.mark.parametrize("expression", EXPRESSIONS, ids=str)
def test_programs_enclose_values_and_derivatives(expression: sympy.Expr) -> None:
    program = Program((x, y))
    lines = [program.add(expression)]
    wanted = [expression]
    if not expression.has(Max, Abs, Min):
        for i, v in enumerate((x, y)):
            lines.append(program.derivative(lines[0], i))
            wanted.append(sympy.diff(expression, v))
        lines.append(program.derivative(lines[1], 1))
        wanted.append(sympy.diff(expression, x, y))
    random = np.random.default_rng(2)
    low = random.uniform(-2, 2, size=(20, 2))
    high = low + random.uniform(0, 1, size=(20, 2))
    for how in Ends:
        found = program.evaluate(lines, (low, high), how)
        for k in range(20):
            points = low[k] + random.random((5, 2)) * (high[k] - low[k])
            for point in points:
                values = {v: sympy.Rational(*float(c).as_integer_ratio()) for v, c in zip((x, y), point, strict=True)}
                for (a, b), formula in zip(found.intervals, wanted, strict=True):
                    value = sympy.N(formula.xreplace(values), 25)
                    assert sympy.Float(a[k], 30) <= value <= sympy.Float(b[k], 30)


def test_a_function_without_enclosure_is_named() -> None:
    with pytest.raises(NotEnclosableError, match="gamma"):
        Program((x,)).add(sympy.gamma(x))


def test_what_lies_outside_the_domain_is_seen() -> None:
    program = Program((x,))
    line = program.add(log(x))
    found = program.evaluate([line], (np.array([[-2.0], [-1.0], [1.0]]), np.array([[-1.0], [1.0], [2.0]])), Ends.PROVED)
    assert found.partial.tolist() == [True, True, False]
    assert found.empty.tolist() == [True, False, False]


def canonical(problem: Problem):  # type: ignore[no-untyped-def]
    return canonicalize(problem)[0]


@settings(max_examples=10, deadline=None)
@given(
    st.lists(st.fractions(-2, 2, max_denominator=20), min_size=2, max_size=2),
    st.fractions(Fraction(1, 10), 2, max_denominator=10),
)
def test_a_planted_minimum_is_enclosed(center: list[Fraction], weight: Fraction) -> None:
    """f = sum (x - c)^2 (2 + sin(3 x)) + w (1 - exp(-(y - d)^2)) is least, zero, at c alone."""
    c, d, w = (sympy.Rational(v.numerator, v.denominator) for v in (*center, weight))
    objective = (x - c) ** 2 * (2 + sin(3 * x)) + w * (1 - exp(-((y - d) ** 2)))
    problem = canonical(Problem(objective, [x >= -3, x <= 3, y >= -3, y <= 3], over=[x, y]))
    certificate = enclose_by_boxes(problem, None, soon())
    assert certificate is not None
    assert certificate.verify() is True
    assert certificate.lower <= 0 <= certificate.upper <= sympy.Rational(1, 10**5)


def test_no_tree_is_found_above_the_minimum() -> None:
    """A threshold above the least value cannot be proved, whatever the tree."""
    problem = canonical(Problem(cos(x) + x**2 / 10, [x >= -5, x <= 5], over=[x]))
    least = min(math.cos(t) + t * t / 10 for t in np.linspace(-5, 5, 10001))
    model = interval_model(problem)
    assert search_boxes(model, least - 1e-6, soon()).tree is not None
    assert search_boxes(model, least + 1e-3, soon(2.0)).tree is None


def test_a_tree_with_another_threshold_does_not_verify() -> None:
    problem = canonical(Problem(cos(x) + x**2 / 10, [x >= -5, x <= 5], over=[x]))
    least = min(math.cos(t) + t * t / 10 for t in np.linspace(-5, 5, 10001))
    tree = search_boxes(interval_model(problem), least - 1e-6, soon()).tree
    assert tree is not None
    assert BoxProof(problem, least - 1e-6, tree).verify() is True
    assert BoxProof(problem, least + 1e-3, tree).verify() is not True
    settled = replace(tree, kinds=np.full_like(tree.kinds, int(Node.SETTLED)))
    assert BoxProof(problem, least - 1e-6, settled).verify() is not True
    lost = replace(tree, children=np.where(tree.children >= 0, tree.children + 10**6, -1))
    assert BoxProof(problem, least - 1e-6, lost).verify() is False


def test_points_in_closed_form_are_proved() -> None:
    solution = minimize(sin(x), [x >= 0, x <= 2 * pi], over=[x], time_limit_s=20)
    assert (solution.status, solution.value, solution.points) == (Status.OPTIMAL, -1, ({x: 3 * pi / 2},))
    assert solution.certificate.verify() is True


def test_tails_are_covered_by_their_faces() -> None:
    solution = maximize(x * exp(-(x**2)), over=[x], time_limit_s=20)
    assert sympy.simplify(solution.value - sqrt(2) * exp(-sympy.Rational(1, 2)) / 2) == 0
    assert solution.points == ({x: sqrt(2) / 2},)


def test_a_point_that_is_not_the_best_is_not_proved() -> None:
    problem = canonical(Problem(sin(x) + x / 10, [x >= -10, x <= 10], over=[x]))
    cosine = sympy.acos(-sympy.Rational(1, 10))
    stationary = [sign * cosine + 2 * pi * k for sign in (1, -1) for k in (-1, 0, 1)]
    usable = [p for p in stationary if abs(float(p)) <= 10]
    best = min(usable, key=lambda p: float(sin(p) + p / 10))
    for point in usable:
        certificate = prove_exactly_by_boxes(problem, [{problem.variables[0]: point}], soon(5.0))
        assert (certificate is not None) == (point == best)


def test_sums_are_taken_apart_and_added_up() -> None:
    names = sympy.symbols("x1:7", real=True)
    objective = sympy.Add(*(v**2 - 10 * cos(2 * pi * v) + 10 for v in names))
    problem = canonical(Problem(objective, [c for v in names for c in (v >= -500, v <= 512)], over=names))
    assert len(separated(problem)) == 6
    certificate = enclose_by_boxes(problem, None, soon())
    assert certificate is not None
    assert certificate.verify() is True
    assert certificate.lower <= 0 <= certificate.upper <= sympy.Rational(1, 10**6)


def test_a_part_may_not_be_left_out() -> None:
    problem = canonical(Problem(sin(x) + cos(y), [x >= 0, x <= 9, y >= 0, y <= 9], over=[x, y]))
    certificate = enclose_by_boxes(problem, None, soon())
    assert certificate is not None
    assert len(certificate.parts) == 2
    assert replace(certificate, parts=certificate.parts[:1], points=certificate.points[:1]).verify() is False
    wrong = certificate.parts[0].problem.variables[0]
    moved = ({wrong: sympy.Rational(10)}, certificate.points[1])
    assert replace(certificate, points=moved).verify() is False


def test_nothing_feasible_is_proved() -> None:
    u = Symbol("u")
    problem = canonical(Problem(u, [sympy.Eq(exp(u) + 1, 0)], over=[u]))
    certificate = refute_by_boxes(problem, soon())
    assert certificate is not None
    assert certificate.claim is Claim.INFEASIBLE
    assert minimize(u, [sympy.Eq(exp(u) + 1, 0)], over=[u], time_limit_s=10).status is Status.INFEASIBLE
    assert refute_by_boxes(canonical(Problem(u, [sympy.Eq(exp(u) - 1, 0)], over=[u])), soon(2.0)) is None


def test_constraints_exclude_boxes_only_where_they_are_broken() -> None:
    problem = canonical(Problem(exp(x) + y**2, [sin(x) + y >= 1, x >= -2, x <= 2, y >= -2, y <= 2], over=[x, y]))
    model = interval_model(problem)
    random = np.random.default_rng(3)
    low = random.uniform(-2, 1.5, size=(500, 2))
    boxes = Boxes(low, low + 0.5, np.zeros((500, 2), dtype=bool))
    judged = judge(model, boxes, Ends.PROVED, math.inf)
    for k in range(500):
        points = low[k] + 0.5 * random.random((30, 2))
        feasible = [p for p in points if math.sin(p[0]) + p[1] >= 1 + 1e-12]
        values = [math.exp(p[0]) + p[1] ** 2 for p in feasible]
        # an excluded box may hold feasible points only where none of them can be the least one
        if judged.bound[k] < math.inf:
            assert all(judged.bound[k] <= value + 1e-12 for value in values)


def test_unknown_symbols_cannot_be_compiled() -> None:
    with pytest.raises(NotEnclosableError):
        Program((x,)).add(sympy.Function("f")(x) + Symbol("w"))


@pytest.mark.parametrize("seed", range(6))
def test_multipliers_bound_convex_problems_of_known_optimum(seed: int) -> None:
    """A strongly convex quadratic with planted x*, active constraints and multipliers: one leaf closes the whole space."""
    random = np.random.default_rng(seed)
    names = sympy.symbols("x1:4", real=True)
    factor = random.integers(-2, 3, size=(3, 3))
    matrix = factor @ factor.T + np.eye(3, dtype=int)
    star = [sympy.Rational(int(v), 4) for v in random.integers(-8, 9, size=3)]
    rows, mu = random.integers(-3, 4, size=(2, 3)), [sympy.Rational(int(v), 2) for v in random.integers(1, 5, size=2)]
    moved = sympy.Matrix([v - s for v, s in zip(names, star, strict=True)])
    active = [sum((int(a) * m for a, m in zip(row, moved, strict=True)), sympy.Integer(0)) for row in rows]
    if any(g == 0 for g in active):
        return
    quadratic = (moved.T * sympy.Matrix(matrix.tolist()) * moved)[0] / 2
    # F' (x*) = -sum mu g'
    objective = sympy.expand(quadratic - sum((m * g for m, g in zip(mu, active, strict=True)), sympy.Integer(0)))
    problem = canonical(Problem(objective, [g <= 0 for g in active], over=names))
    model = interval_model(problem)
    found = search_boxes(model, -1e-6, soon(), (), near=np.array([float(s) for s in star]))
    assert found.tree is not None
    assert BoxProof(problem, -1e-6, found.tree).verify() is True
    assert BoxProof(problem, 1e-3, found.tree).verify() is not True
    if (int(Node.LAGRANGIAN) == found.tree.kinds).any():
        node = next(iter(found.tree.weights))
        negative = {**found.tree.weights, node: -found.tree.weights[node]}
        assert BoxProof(problem, -1e-6, replace(found.tree, weights=negative)).verify() is not True


def test_integers_are_branched_on_and_the_value_is_exact() -> None:
    """A convex integer quadratic against enumeration."""
    names = sympy.symbols("i1:4", integer=True)
    objective = sum(((3 * v - 7) ** 2 for v in names), sympy.Integer(0)) + (names[0] - names[1]) * names[2]
    constraint = names[0] ** 2 + names[1] ** 2 + 2 * names[2] ** 2 <= 9
    problem = canonical(Problem(objective, [constraint, *(c for v in names for c in (v >= -5, v <= 5))], over=names))
    grid = range(-5, 6)
    best = min(
        objective.xreplace(dict(zip(names, (a, b, c), strict=True)))
        for a in map(sympy.Integer, grid)
        for b in map(sympy.Integer, grid)
        for c in map(sympy.Integer, grid)
        if a**2 + b**2 + 2 * c**2 <= 9
    )
    certificate, _ = prove_integers_by_boxes(problem, soon())
    assert certificate is not None
    assert certificate.is_exact
    assert certificate.value == best
    assert certificate.verify() is True
    # the same tree says nothing of a value that is two steps lower
    part = certificate.parts[0]
    raised = replace(certificate, parts=(replace(part, threshold=part.threshold + 2.0),))
    assert raised.verify() is not True


def test_mixed_integer_problems_with_logarithms_are_enclosed() -> None:
    n, t = Symbol("n", integer=True), Symbol("t")
    # for each n the best t is n + 1 with value n^2/4 - 2 n - log(n + 1): least at n = 4 among the integers
    objective = n**2 / 4 - 2 * n + t - 1 - n - log(t)
    solution = minimize(objective, [n >= 0, n <= 30, t >= n + 1, t <= 50], over=[n, t], time_limit_s=30)
    values = [k**2 / 4 - 2 * k - math.log(k + 1) for k in range(31)]
    assert solution.status is Status.OPTIMAL
    assert abs(float(solution.value) - min(values)) < 1e-5
    assert float(solution.points[0][n]) == int(np.argmin(values))


@pytest.mark.parametrize("objective", [exp(-x) + exp(-(x**2)) / (1 + x), exp(-x) + 1 / (x + 1)])
def test_an_infimum_at_infinity_is_no_optimum(objective: sympy.Expr) -> None:
    """Both fall to zero, which they never reach: no enclosure around zero is that of an optimal value."""
    solution = solve(Problem(objective, [x >= 0], over=[x]), time_limit_s=4)
    assert solution.status is not Status.OPTIMAL


def test_strict_inequalities_leave_enclosures_without_an_optimum() -> None:
    """exp(x) + sin(x) falls to 1 at the bound 0, which is excluded."""
    solution = solve(Problem(exp(x) + sin(x), [x > 0, x < 1], over=[x]), time_limit_s=4)
    assert solution.status is not Status.OPTIMAL


def test_no_curvature_is_claimed_of_an_affine_function() -> None:
    """F = -x falls without end: its tangent less a negative multiple of a square is no bound of it."""
    canonical, _ = canonicalize(Problem(-x, [x >= 0], over=[x]))
    model = interval_model(canonical)
    point, none = np.array([[1.0]]), np.zeros((1, 0))
    for shift, bound in ((-0.1, -np.inf), (0.0, -np.inf)):
        near = expansions(model, model.region, point, Ends.PROVED)
        found = lagrangian_bound(model, near, none, none, np.array([shift]))
        assert found[0] == bound


def test_what_falls_without_end_has_no_optimum_over_integers() -> None:
    solution = solve(
        Problem(
            x + y, [2 * x <= 3 * y], over=[x, y], integers=[x, y], bounds={x: (0, None), y: (0, None)}, sense="max"
        ),
        time_limit_s=4,
    )
    assert solution.status in (Status.UNBOUNDED, Status.UNDECIDED)
