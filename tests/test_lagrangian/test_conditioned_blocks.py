"""Blocks that fall apart where a variable is fixed, and exact linear relaxations: against all points, and beside each other."""

import random
from itertools import product

import numpy as np
import pytest
from flint import fmpq
from sympy import Add, Eq, Le, Symbol, symbols

from lagrangian import Problem, Status, canonicalize
from lagrangian.candidates.linear import LinearKKT, quadratic_program, solve_convex
from lagrangian.conditions.conditioned_blocks import ConditionedBlock
from lagrangian.conditions.integer_programs import IntegerProgram, IntegerRow, integer_program
from lagrangian.conditions.relaxed_blocks import Block
from lagrangian.duality.relaxation import relax
from lagrangian.problem.lifting import lift
from lagrangian.relaxations.linear_optimum import linear_optimum


def facilities(sites: int, customers: int, seed: int, *, with_capacities: bool) -> Problem:
    """Fixed charges y_i, demands met by x_ij, x_ij <= y_i, and capacities of a part of all demands."""
    draw = random.Random(seed)
    y = symbols(f"y0:{sites}", real=True)
    x = [symbols(f"x{i}_0:{customers}", real=True) for i in range(sites)]
    demands = [draw.randint(2, 9) for _ in range(customers)]
    costs = Add(*(draw.randint(10, 40) * v for v in y), *(draw.randint(1, 30) * v for row in x for v in row))
    rows = [Eq(Add(*(x[i][j] for i in range(sites))), 1) for j in range(customers)]
    rows += [Le(x[i][j] - y[i], 0, evaluate=False) for i in range(sites) for j in range(customers)]
    if with_capacities:
        room = 2 * sum(demands) // 3
        rows += [
            Le(Add(*(d * v for d, v in zip(demands, x[i], strict=True))) - room * y[i], 0, evaluate=False)
            for i in range(sites)
        ]
    over: list[Symbol] = [*y, *(v for row in x for v in row)]
    return Problem(costs, rows, over=over, integers=over, bounds=dict.fromkeys(over, (0, 1)))


def least_cost(program: IntegerProgram) -> int | None:
    points = product(*(range(low, high + 1) for low, high in program.ranges))
    return min((program.cost(p) for p in points if program.is_feasible(p)), default=None)


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("with_capacities", [False, True])
def test_facilities_against_all_points(seed: int, with_capacities: bool) -> None:
    problem = facilities(3, 3, seed, with_capacities=with_capacities)
    expected = least_cost(integer_program(canonicalize(problem)[0]))
    relaxation = relax(problem)
    assert all(isinstance(c, Eq) for c in relaxation.relaxed) and len(relaxation.kept) == 9 + 3 * with_capacities
    optimum = relaxation.solve()
    assert optimum.solution.certificate is not None and optimum.solution.certificate.verify() is True
    if expected is None:
        assert optimum.solution.status is Status.INFEASIBLE
    else:
        assert (optimum.solution.status, optimum.solution.value) == (Status.OPTIMAL, expected)
        assert relaxation.bound <= expected


def random_rows(draw: random.Random, count: int) -> list[IntegerRow]:
    rows = []
    for number in range(draw.randint(2, 4)):
        places = tuple(sorted({0, *draw.sample(range(count), draw.randint(1, 2))}))
        coefficients = tuple(draw.choice([-3, -2, -1, 1, 2, 3]) for _ in places)
        rows.append(IntegerRow(places, coefficients, draw.randint(-2, 5), 1, draw.random() < 0.2, number))
    return rows


def test_minima_of_blocks_against_all_points() -> None:
    """Random rows around one variable, costs of both signs, and parts of the ranges."""
    draw, met = random.Random(7), 0
    for _ in range(300):
        count = draw.randint(3, 5)
        ranges = tuple((low := draw.randint(-1, 0), low + draw.randint(1, 2)) for _ in range(count))
        rows = random_rows(draw, count)
        program = IntegerProgram((0,) * count, (), 1, fmpq(0), tuple(rows), ranges)
        block: Block | None = ConditionedBlock.of(program, list(range(count)), rows, 0)
        if block is None:
            continue
        met += 1
        low = np.array([draw.randint(*side) for side in ranges])
        high = np.array([draw.randint(int(first), last) for first, (_, last) in zip(low, ranges, strict=True)])
        slopes = np.array([draw.randint(-9, 9) for _ in range(count)])
        points = product(*(range(int(a), int(b) + 1) for a, b in zip(low, high, strict=True)))
        values = [int(slopes @ np.array(p)) for p in points if program.is_feasible(p)]
        found = block.minimum(slopes, 1, low, high)
        assert (None if found is None else found[0]) == min(values, default=None)
        if found is not None:
            point = tuple(map(int, found[1]))
            assert program.is_feasible(point) and int(slopes @ found[1]) == found[0]
            assert all(low <= found[1]) and all(found[1] <= high)
    assert met > 200


def exact_value(problem: Problem, over: list[Symbol]) -> fmpq:
    """The linear relaxation's value by complementary pivoting."""
    reals = Problem(problem.objective, rows_of(problem), over=over, bounds=dict.fromkeys(over, (0, 1)))
    program = quadratic_program(lift(canonicalize(reals)[0])[0])
    found = solve_convex(program)
    assert isinstance(found, LinearKKT)
    return sum((c * v for c, v in zip(program.slope, found.point, strict=True)), fmpq(0))


def rows_of(problem: Problem) -> list:
    return [c for c in problem.constraints if len(c.free_symbols) > 1]


def covering(seed: int) -> Problem:
    draw = random.Random(seed)
    over = symbols("c0:12", real=True)
    rows = [Add(*draw.sample(over, 3)) >= draw.choice([1, 2]) for _ in range(14)]
    costs = Add(*(draw.randint(1, 30) * v for v in over))
    return Problem(costs, rows, over=over, integers=over, bounds=dict.fromkeys(over, (0, 1)))


@pytest.mark.parametrize("seed", range(6))
def test_linear_relaxations_are_exact_and_bounds_never_worse(seed: int) -> None:
    """With any number of rows relaxed: all of them give the linear relaxation's bound exactly, some of them no less."""
    for problem in (covering(seed), facilities(2, 4, seed, with_capacities=True)):
        program = integer_program(canonicalize(problem)[0])
        low, high = (np.array(side, dtype=np.int64) for side in zip(*program.ranges, strict=True))
        found = linear_optimum(program, (low, high))
        expected = exact_value(problem, list(problem.over))
        assert found is not None and found.value == expected
        every, some = relax(problem, rows_of(problem)), relax(problem)
        assert every.is_best and every.bound == expected
        assert some.bound >= expected
