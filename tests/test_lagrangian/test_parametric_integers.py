"""Integer variables beside parameters, against the enumeration of all assignments at random parameters."""

import random
from itertools import product

import pytest
from sympy import Eq, Rational, cos, pi, symbols

from lagrangian import Problem, Status, solve_parametric
from tests.test_lagrangian.test_parametric import proved

x, y, a, b, c = symbols("x y a b c", real=True)


@pytest.mark.parametrize("seed", range(6))
def test_a_knapsack_as_a_function_of_its_capacity(seed: int) -> None:
    """A staircase: at each capacity the value is that of the best subset that fits, by trying all."""
    draw = random.Random(seed)
    weights, values = ([draw.randint(1, 6) for _ in range(4)] for _ in range(2))
    items = symbols("k:4", integer=True)
    load = sum(w * k for w, k in zip(weights, items, strict=True))
    gain = sum(v * k for v, k in zip(values, items, strict=True))
    bounds = [r for k in items for r in (k >= 0, k <= 1)]
    solution = proved(Problem(gain, [load <= c, *bounds], over=items, integers=items, sense="max"))
    for capacity in (-1, 0, *(Rational(draw.randint(0, 60), 3) for _ in range(8))):
        fitting = [s for s in product((0, 1), repeat=4) if sum(map(int.__mul__, weights, s)) <= capacity]
        region = solution.at({c: capacity})
        if not fitting:
            assert region.status is Status.INFEASIBLE
            continue
        assert region.value == max(sum(map(int.__mul__, values, s)) for s in fitting)
        assert sum(w * region.point[k] for w, k in zip(weights, items, strict=True)) <= capacity


def test_costs_of_any_sign() -> None:
    """min a x + b y over {0, 1, 2} x {0, 1}: each variable at the end that its cost asks for."""
    solution = proved(Problem(a * x + b * y, [x >= 0, x <= 2, y >= 0, y <= 1], over=[x, y], integers=[x, y]))
    for first, second in product((-2, 0, 3), repeat=2):
        assert solution.at({a: first, b: second}).value == 2 * min(first, 0) + min(second, 0)


def test_a_mixed_problem() -> None:
    """min x + 2 y with x + y >= b, x in {0, ..., 3}: an integer at cost 1, or the rest at cost 2."""
    solution = proved(Problem(x + 2 * y, [x + y >= b, x <= 3, x >= 0, y >= 0], over=[x, y], integers=[x]))
    for value in (Rational(k, 4) for k in range(-2, 20)):
        best = min(k + 2 * max(value - k, 0) for k in range(4))
        assert solution.at({b: value}).value == best


def test_the_nearest_integer() -> None:
    solution = proved(Problem((x - b) ** 2, [x >= -2, x <= 2], over=[x], integers=[x]))
    assert [solution.at({b: Rational(k, 3)}).point[x] for k in range(-4, 5)] == [-1, -1, -1, 0, 0, 0, 1, 1, 1]


def test_an_equation_that_few_parameters_satisfy() -> None:
    solution = proved(Problem(x, [Eq(2 * x, b), x >= 0, x <= 2], over=[x], integers=[x]))
    assert solution.at({b: 4}).value == 2
    assert solution.at({b: 3}).status is Status.INFEASIBLE


@pytest.mark.parametrize(
    ("constraints", "word"), [([x >= 0], "no numbers as bounds"), ([x >= 0, x <= 1000], "more than 256 cases")]
)
def test_what_is_too_large_says_so(constraints: list, word: str) -> None:
    solution = solve_parametric(Problem(x * b, constraints, over=[x], integers=[x]))
    assert solution.regions[0].status is Status.UNDECIDED
    assert word in solution.missing[0]


def test_a_constraint_between_numbers_that_sympy_leaves_open() -> None:
    """cos(pi/7) - cos(2 pi/7) + cos(3 pi/7) is 1/2, so that k = 1 is not below it: only k = 0 is."""
    half = cos(pi / 7) - cos(2 * pi / 7) + cos(3 * pi / 7)
    for scale in (1, a**2 + 1):
        problem = Problem(-b * x * scale, [half * x < Rational(1, 2), x >= 0, x <= 2], over=[x], integers=[x])
        assert solve_parametric(problem).at(dict.fromkeys(problem.parameters, 1)).value == 0
