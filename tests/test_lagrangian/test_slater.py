"""Slater's condition: witnesses are checked by substitution, and where there is none the problems are built to have none."""

import random

import pytest
import sympy
from sympy import Abs, Eq, Expr, Rational, Symbol, exp, log, sqrt, symbols

from lagrangian import Problem, ProblemError, relax, solve
from lagrangian.duality.slater import slater

x, y, z = symbols("x y z")
# enough on any machine: the answers themselves come in seconds
PATIENCE_S = 300.0


def strictly_feasible(point: dict[Symbol, Expr], curved: list, affine: list) -> bool:
    """Whether relations hold at a point, the curved ones strictly: by substitution alone."""
    strict = all(bool((r.lhs - r.rhs).subs(point) < 0) for r in curved)
    return strict and all(bool(sympy.simplify(r.subs(point))) for r in affine)


@pytest.mark.parametrize(
    ("curved", "affine"),
    [
        ([x**2 + y**2 <= 1], [x + y >= 1]),
        ([x**2 + y**2 <= 4], [Eq(x + sqrt(2) * y, 3)]),
        ([x**2 + y**2 <= 1], [x + y >= Rational(14142, 10000)]),  # a sliver: sqrt(2) is 1.41421...
        ([(x - 1) ** 2 + y**2 <= 1, (x + 1) ** 2 + y**2 <= Rational(11, 10)], []),
        ([y**2 <= 1], [x >= 0, x <= 0]),  # affine constraints may leave no interior
        ([exp(x) + y <= 0], [Eq(x, y)]),
    ],
)
def test_the_witness_is_strictly_feasible(curved: list, affine: list) -> None:
    found = slater(Problem(x + y, [*curved, *affine], over=[x, y]))
    assert found.holds is True
    assert found.point is not None
    assert strictly_feasible(found.point, curved, affine)


@pytest.mark.parametrize(
    "constraints",
    [
        [x**2 <= 0],
        [x**2 + y**2 <= 2, x + y >= 2],
        [x**2 + y**2 <= 3, Eq(x + sqrt(2) * y, 3)],
        [exp(x) <= 0],  # the slack comes near zero and never reaches it
        [Abs(x) + Abs(y) <= 0],
        [x**2 + 1 <= 0],
        [x >= 1, x <= 0],
    ],
)
def test_no_witness_is_a_proof(constraints: list) -> None:
    found = slater(Problem(x, constraints, over=[x, y]), time_limit_s=PATIENCE_S)
    assert found.holds is False
    assert found.point is None


def test_planted_interiors_are_found() -> None:
    """Ellipsoids and halfspaces around a planted point, and an equation through it."""
    random.seed(20260)
    for _ in range(25):
        center = {v: Rational(random.randint(-6, 6), random.randint(1, 4)) for v in (x, y, z)}
        curved = []
        for _ in range(random.randint(1, 3)):
            p = {v: Rational(random.randint(-6, 6)) for v in (x, y, z)}
            form = sum(random.randint(1, 3) * (v - p[v]) ** 2 for v in (x, y, z)) + (x - y - p[x] + p[y]) ** 2
            curved.append(form <= form.subs(center) + Rational(1, random.randint(1, 20)))
        row = [random.randint(-3, 3) or 1 for _ in range(3)]
        plane = sum(a * v for a, v in zip(row, (x, y, z), strict=True))
        affine = [Eq(plane, plane.subs(center)), x + 2 * y <= center[x] + 2 * center[y]]
        found = slater(Problem(x, [*curved, *affine], over=[x, y, z]))
        assert found.holds is True, curved
        assert strictly_feasible(found.point, curved, affine)


def test_balls_that_touch_leave_no_interior() -> None:
    """Two balls with one common point, along a direction of rational length: (3, 4), (5, 12), (8, 15)."""
    random.seed(4)
    for a, b, length in [(3, 4, 5), (5, 12, 13), (8, 15, 17)]:
        center = (random.randint(-5, 5), random.randint(-5, 5))
        first = Rational(random.randint(1, 9), 10) * length
        second = length - first
        balls = [
            (x - center[0]) ** 2 + (y - center[1]) ** 2 <= first**2,
            (x - center[0] - a) ** 2 + (y - center[1] - b) ** 2 <= second**2,
        ]
        assert slater(Problem(x, balls, over=[x, y])).holds is False
        wider = [balls[0], balls[1].lhs <= (second + Rational(1, 1000)) ** 2]
        found = slater(Problem(x, wider, over=[x, y]))
        assert found.holds is True
        assert strictly_feasible(found.point, wider, [])


def test_only_affine_constraints_need_a_feasible_point() -> None:
    found = slater(Problem(x, [x + y <= 3, x + y >= 3, x - 7 * y <= 1], over=[x, y]))
    assert found.holds is True
    assert found.point[x] + found.point[y] == 3
    assert "all constraints are affine" in found.reason


def test_the_domain_counts() -> None:
    """-sqrt(x) with x <= 0 has the one feasible point 0, at the end of the domain, and no multiplier."""
    assert slater(Problem(-sqrt(x), [x <= 0], over=[x])).holds is False
    assert slater(Problem(x * log(x) + y * log(y), [Eq(x + y, 1)], over=[x, y])).holds is True
    # the domain of sqrt(x) + sqrt(-x) is one point, whose relative interior it is: no claim is made
    assert slater(Problem(-sqrt(x) - sqrt(-x), over=[x])).holds is None


def test_witnesses_in_parameters() -> None:
    r = symbols("r", positive=True)
    found = slater(Problem(x, [(x - r) ** 2 + y**2 <= r**2, x >= r], over=[x, y]))
    assert found.holds is True
    assert ((found.point[x] - r) ** 2 + found.point[y] ** 2 - r**2).is_negative
    b = symbols("b", real=True)
    assert slater(Problem(x, [x**2 <= b], over=[x])).holds is None  # it depends on b


def test_strict_inequalities_hold_strictly() -> None:
    found = slater(Problem(x, [x > 0, x < Rational(1, 100)], over=[x]))
    assert 0 < found.point[x] < Rational(1, 100)
    assert slater(Problem(x, [x > 0, x <= 0], over=[x])).holds is False


@pytest.mark.parametrize(
    ("problem", "word"),
    [
        (Problem(x * y, [x + y <= 1], over=[x, y]), "not convex"),
        (Problem(x, [Eq(x**2 + y**2, 1)], over=[x, y]), "not all affine"),
        (Problem(x, [x >= 0], over=[x], integers=[x]), "integer"),
    ],
)
def test_it_does_not_apply_without_convexity(problem: Problem, word: str) -> None:
    found = slater(problem)
    assert found.holds is None
    assert word in found.reason
    assert "does not apply" in found.reason


def test_what_convexity_rests_on_is_kept() -> None:
    """x**3 is convex for x >= 0 only, so that its full dual function is -oo everywhere."""
    assert slater(Problem(x**3, [x >= 1], over=[x])).kept == (x >= 1,)
    assert slater(Problem(x**2, [x >= 1], over=[x])).kept == ()
    assert slater(Problem(x**2 - y**2, [Eq(x, 2 * y)], over=[x, y])).kept == (Eq(x, 2 * y),)


def test_a_known_point_is_tried_first() -> None:
    point = {x: Rational(1, 7), y: Rational(1, 9)}
    assert slater(Problem(x, [x**2 + y**2 <= 1], over=[x, y]), known=[point]).point == point


def test_the_explanation_says_what_follows() -> None:
    sentences = slater(Problem(x, [x**2 <= 4], over=[x])).explanation()
    assert "duality gap is zero" in sentences[-1]
    assert "no reason for a zero gap" in slater(Problem(x, [x**2 <= 0], over=[x])).explanation()[-1]


@pytest.mark.parametrize("limit", ["1", [1], float("nan"), -1])
def test_time_limits_are_numbers_of_seconds(limit) -> None:
    problem = Problem(x**2, [x >= 1], over=[x])
    solution = solve(problem)
    whole = Problem(x, [x >= 0, x <= 1], over=[x], integers=[x])
    for ask in (
        lambda: slater(problem, time_limit_s=limit),
        lambda: solution.sensitivity(time_limit_s=limit),
        lambda: solution.duality(time_limit_s=limit),
        lambda: relax(whole, time_limit_s=limit),
        lambda: relax(whole).solve(limit),
    ):
        with pytest.raises(ProblemError, match="write a number of seconds"):
            ask()
