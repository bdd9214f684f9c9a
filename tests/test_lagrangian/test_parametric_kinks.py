"""Absolute values, maxima and minima beside parameters: formulas from the literature, and random sums against their kinks."""

import random

import pytest
import sympy
from sympy import Abs, Max, Min, Rational, symbols

from lagrangian import Problem, Status, solve_parametric
from tests.test_lagrangian.test_parametric import proved

x, y = symbols("x y", real=True)
a, b, c = symbols("a b c", real=True)
t = symbols("t", positive=True)


def test_soft_thresholding_has_three_regions() -> None:
    """The proximal point of t |x| (Donoho 1995): sign(a) max(|a| - t, 0)."""
    solution = proved(Problem((x - a) ** 2 / 2 + t * Abs(x), over=[x]))
    assert len(solution.regions) == 3
    assert {region.point[x] for region in solution.regions} == {a - t, a + t, sympy.S.Zero}
    for value in range(-4, 5):
        point = solution.at({a: value, t: Rational(3, 2)}).point[x]
        assert point == sympy.sign(value) * Max(abs(value) - Rational(3, 2), 0)


def test_the_median_of_three_numbers() -> None:
    solution = proved(Problem(Abs(x - a) + Abs(x - b) + Abs(x - c), over=[x]))
    for values in ((1, 2, 3), (3, 1, 2), (2, 2, 0), (-1, 5, 0)):
        region = solution.at(dict(zip((a, b, c), values, strict=True)))
        assert region.point[x] == sorted(values)[1]
        assert region.value == max(values) - min(values)


def test_projection_on_the_l1_ball() -> None:
    """Nine regions: the ball itself in two, its four edges and its four vertices in one each, against soft thresholding."""
    ball = Abs(x) + Abs(y) <= 1
    solution = proved(Problem((x - a) ** 2 + (y - b) ** 2, [ball], over=[x, y]))
    assert solution.at({a: 2, b: 1}).point == {x: 1, y: 0}
    assert solution.at({a: 1, b: 1}).point == {x: Rational(1, 2), y: Rational(1, 2)}
    assert solution.at({a: Rational(1, 3), b: Rational(-1, 3)}).value == 0
    edge = solution.at({a: 2, b: Rational(3, 2)})
    # x - a = -mu/2 with mu = |a| - |x| doubled
    assert edge.multipliers == {ball: 2 * (2 - edge.point[x])}
    assert edge.active_set == (ball,)


def test_the_larger_of_a_variable_and_a_parameter() -> None:
    """min max(x, a) + x^2: -1/2 while a <= -1/2, a while it is between, then 0."""
    solution = proved(Problem(Max(x, a) + x**2, over=[x]))
    assert [solution.at({a: v}).point[x] for v in (-1, Rational(-1, 4), 2)] == [Rational(-1, 2), Rational(-1, 4), 0]
    assert solution.at({a: 2}).value == 2


def test_the_hinge_of_a_support_vector_machine() -> None:
    """min x^2/2 + t max(0, 1 - a x): x = t a until a x = 1."""
    solution = solve_parametric(Problem(x**2 / 2 + t * Max(0, 1 - a * x), over=[x]))
    assert not solution.missing
    assert solution.at({a: 2, t: Rational(1, 8)}).point[x] == Rational(1, 4)
    assert solution.at({a: 2, t: 5}).point[x] == Rational(1, 2)
    assert solution.at({a: 0, t: 5}).value == 5


def test_a_maximum_of_minima() -> None:
    """max min(x, b - x) over [0, 1]: b/2, as long as that is in the interval."""
    solution = proved(Problem(Min(x, b - x), [x >= 0, x <= 1], over=[x], sense="max"))
    assert [solution.at({b: v}).value for v in (-1, 1, 5)] == [-1, Rational(1, 2), 1]


@pytest.mark.parametrize("seed", range(8))
def test_random_sums_of_kinks_have_their_least_value_at_a_kink(seed: int) -> None:
    """A sum of |x - parameter| with positive weights on an interval is least at one of the kinks or ends."""
    draw = random.Random(seed)
    weights = [draw.randint(1, 3) for _ in range(3)]
    objective = sum(w * Abs(x - p) for w, p in zip(weights, (a, b, draw.randint(-1, 1)), strict=True))
    solution = proved(Problem(objective, [x >= -2, x <= 2], over=[x]))
    for _ in range(5):
        values = {a: draw.randint(-4, 4), b: draw.randint(-4, 4)}
        at = objective.xreplace({p: sympy.Integer(v) for p, v in values.items()})
        kinks = [Max(-2, Min(2, v)) for v in (*values.values(), -1, 0, 1, -2, 2)]
        assert solution.at(values).value == min(at.subs(x, k) for k in kinks)


def test_a_kink_that_bends_down_is_taken_side_by_side() -> None:
    """max |x - a| over [-1, 1] is 1 + |a|, at the end that is farther away."""
    solution = proved(Problem(Abs(x - a), [x >= -1, x <= 1], over=[x], sense="max"))
    assert len(solution.regions) == 2
    for value in (-3, Rational(-1, 2), 0, 2):
        region = solution.at({a: value})
        assert region.value == 1 + abs(value) == abs(region.point[x] - value)


def test_too_many_kinks_are_undecided_with_the_reason() -> None:
    objective = -sum(Abs(x - k * a) for k in range(1, 8))
    solution = solve_parametric(Problem(objective, [x >= -1, x <= 1], over=[x]))
    assert solution.regions[0].status is Status.UNDECIDED
    assert "no derivative everywhere" in solution.missing[0]
