"""Stairs of problems in integers: both sides of each right side, against all points of small boxes."""

import random
from itertools import product

from sympy import Eq, oo, symbols

from lagrangian import maximize, minimize
from lagrangian.duality.sensitivity import sensitivity
from lagrangian.duality.slopes import SlopeKind

k, m = symbols("k m", integer=True)
# the programs take parts of a second each; a busy machine must not decide
PATIENCE_S = 300.0


def best(gain: list[int], load: list[int], capacity: int, lower: int = 0) -> int | None:
    fitting = [p for p in product((0, 1, 2), repeat=2) if lower <= load[0] * p[0] + load[1] * p[1] <= capacity]
    return max((gain[0] * p[0] + gain[1] * p[1] for p in fitting), default=None)


def test_the_capacity_of_a_knapsack() -> None:
    """The range ends at the first capacity with a better value, and at the last one with this value; integers suffice."""
    draw = random.Random(11)
    for _ in range(2):
        gain, load = ([draw.randint(1, 5) for _ in range(2)] for _ in range(2))
        capacity = draw.randint(1, 12)
        limit = load[0] * k + load[1] * m <= capacity
        box = [k >= 0, k <= 2, m >= 0, m <= 2]
        plan = maximize(gain[0] * k + gain[1] * m, [limit, *box], over=[k, m], integers=[k, m])
        entry = sensitivity(plan, time_limit_s=PATIENCE_S).of(limit)
        value = best(gain, load, capacity)
        step = next((u for u in range(1, 40) if best(gain, load, capacity + u) != value), oo)
        assert (entry.right.value, entry.right.reach) == (0, step)
        back = next(u for u in range(1, 40) if best(gain, load, capacity - u) != value) - 1
        if back > 0:
            assert (entry.left.value, entry.left.reach) == (0, back)
        elif best(gain, load, capacity - 1) is None:
            assert entry.left.kind is SlopeKind.INFEASIBLE
        else:
            assert entry.left.value == oo
            assert f"jumps to {best(gain, load, capacity - 1)}" in entry.left.reason


def test_an_equation_has_no_points_near() -> None:
    total = Eq(2 * k + 3 * m, 7)
    plan = minimize(k, [total, k >= 0, m >= 0, m <= 9], over=[k, m], integers=[k, m])
    entry = sensitivity(plan, time_limit_s=PATIENCE_S).of(total)
    assert entry.left.kind is entry.right.kind is SlopeKind.INFEASIBLE


def test_signs_that_come_from_the_symbols() -> None:
    n = symbols("n", integer=True, nonnegative=True)
    entry = minimize(n, over=[n]).sensitivity().constraints[0]
    assert entry.right.value == oo
    assert "jumps to 1" in entry.right.reason


def test_mixed_problems_are_undecided_with_the_reason() -> None:
    x = symbols("x")
    limit = x + k <= 3
    entry = maximize(x + 2 * k, [limit, x >= 0, k >= 0], over=[x, k], integers=[k]).sensitivity().of(limit)
    assert entry.left.kind is SlopeKind.UNDECIDED
    assert "integer values only" in entry.left.reason


def test_an_objective_without_variables() -> None:
    """The value of min 0 is 0 wherever a point is feasible: nothing is better, and everything as good."""
    upper, lower, spare = k <= 1, k >= 1, m <= 1
    found = sensitivity(
        minimize(0, [upper, lower, spare, m >= 0], over=[k, m], integers=[k, m]), time_limit_s=PATIENCE_S
    )
    assert (found.of(upper).right.value, found.of(upper).right.reach) == (0, oo)
    assert (found.of(lower).left.value, found.of(lower).left.reach) == (0, oo)
    assert found.of(upper).left.kind is found.of(lower).right.kind is SlopeKind.INFEASIBLE
    assert (found.of(spare).left.value, found.of(spare).left.reach) == (0, 1)
