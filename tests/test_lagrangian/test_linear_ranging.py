"""Prices and ranges of linear programs by pivots, against perturbed programs solved by an oracle in Fractions."""

import random
from fractions import Fraction

import pytest
from flint import fmpq
from sympy import Rational, oo, symbols

from lagrangian import maximize, minimize
from lagrangian.candidates.linear import LinearKKT, QuadraticProgram, solve_convex
from lagrangian.duality.linear_dictionary import OBJECTIVE, optimal_dictionary
from lagrangian.duality.linear_ranging import right_side_reach
from lagrangian.duality.slopes import SlopeKind
from tests.test_lagrangian.test_sensitivity import EPSILON, RandomProgram, fraction

x, y = symbols("x y")


def test_reaches_are_those_of_perturbed_programs() -> None:
    """Degenerate vertices, several optima, equations: the value is a line up to the end of the reach, and no longer."""
    chance = random.Random(41)
    for _ in range(25):
        planted = RandomProgram(chance, quadratic=False)
        found = solve_convex(planted.program)
        assert isinstance(found, LinearKKT)
        dictionary = optimal_dictionary(planted.program, found)
        if dictionary is None:
            assert planted.held  # 0 = 0, or an equation that the others imply
            continue
        middle = planted.value(0, Fraction(0))
        assert fraction(dictionary.rows[OBJECTIVE][-2]) == middle
        labels = [("g", i) for i in range(len(planted.below))] + [("h", j) for j in range(len(planted.held))]
        for label in chance.sample(labels, min(len(labels), 4)):
            held = label[0] == "h"
            for sign in (1, -1):
                reach = right_side_reach(dictionary, label, sign)
                if reach is None:
                    assert planted.value(label[1], sign * EPSILON, held=held) is None
                    continue
                end = Fraction(50) if reach.length is None else fraction(reach.length)
                for u in (EPSILON, end / 3, end):
                    assert planted.value(label[1], sign * u, held=held) == middle + fraction(reach.slope) * u
                if reach.length is not None:
                    beyond = end + EPSILON
                    there = planted.value(label[1], sign * beyond, held=held)
                    assert there != middle + fraction(reach.slope) * beyond


def production_plan(seed: int, variables: int, constraints: int) -> tuple:
    """max c.x with A x <= b, x >= 0, small integers."""
    chance = random.Random(seed)
    over = symbols(f"x:{variables}")
    rows = [sum(chance.randint(0, 9) * v for v in over) for _ in range(constraints)]
    right = [chance.randint(50, 200) for _ in rows]
    return sum(chance.randint(1, 20) * v for v in over), rows, right, over


def test_thirty_variables_and_twenty_constraints() -> None:
    """Every price and range is there, and the plan of a right side within the range has the value that the price says."""
    objective, rows, right, over = production_plan(1, 30, 20)
    signs = [v >= 0 for v in over]
    plan = maximize(objective, [*(a <= b for a, b in zip(rows, right, strict=True)), *signs], over=over)
    found = plan.sensitivity()
    assert all(side.kind is SlopeKind.FINITE for e in found.constraints for side in (e.left, e.right))
    assert len(found.coefficients) == 30
    place = next(k for k, e in enumerate(found.constraints) if e.shadow_price)
    entry = found.constraints[place]
    low, high = entry.valid_range
    for change in (low, low / 2, high if high != oo else Rational(1)):
        moved = [b + (change if k == place else 0) for k, b in enumerate(right)]
        there = maximize(objective, [*(a <= b for a, b in zip(rows, moved, strict=True)), *signs], over=over)
        assert there.value == plan.value + entry.shadow_price * change
    # complementary slackness, and the value as the sum of prices times right sides
    prices = [e.shadow_price for e in found.constraints[:20]]
    assert sum(p * b for p, b in zip(prices, right, strict=True)) == plan.value
    assert [entry.left.value for entry in found.coefficients] == [plan.points[0][v] for v in over]


def test_coefficients_of_a_plan_without_upper_bounds() -> None:
    """min 2 x + 3 y with x + y >= 4: y for x where x costs more than 3; negative costs are unbounded."""
    entries = minimize(2 * x + 3 * y, [x + y >= 4, x >= 0, y >= 0], over=[x, y]).sensitivity().coefficients
    assert (entries[0].left.value, entries[0].left.reach, entries[0].right.reach) == (4, 2, 1)
    assert (entries[1].left.value, entries[1].left.reach, entries[1].right.reach) == (0, 1, oo)


def test_several_optima_have_two_values_of_a_coefficient() -> None:
    entries = maximize(x + y, [x + y <= 4, x >= 0, y >= 0], over=[x, y]).sensitivity().coefficients
    assert [(e.left.value, e.right.value) for e in entries] == [(0, 4), (0, 4)]


def test_a_coefficient_that_must_not_change() -> None:
    entries = minimize(x - y, [x - y >= 1], over=[x, y]).sensitivity().coefficients
    assert all(side.kind is SlopeKind.UNBOUNDED for entry in entries for side in (entry.left, entry.right))


@pytest.mark.parametrize("held", [[], [(fmpq(1), fmpq(1), fmpq(-1)), (fmpq(2), fmpq(2), fmpq(-2))]])
def test_no_dictionary_without_a_vertex_or_with_dependent_equations(held: list) -> None:
    zero = fmpq(0)
    program = QuadraticProgram([[zero] * 2] * 2, [zero] * 2, [(fmpq(1), fmpq(1), fmpq(-1))], held)
    assert optimal_dictionary(program, LinearKKT([fmpq(1), zero], [zero], [zero] * len(held))) is None
