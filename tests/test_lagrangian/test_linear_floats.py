"""Guesses of HiGHS made exact: the same answers as complementary pivoting, each checked on its own terms."""

import random

import pytest
import sympy
from flint import fmpq

from lagrangian import Problem, Status, solve
from lagrangian.algebra.polynomials import to_rational
from lagrangian.candidates.linear import Farkas, LinearKKT, QuadraticProgram, Recession, solve_convex
from lagrangian.candidates.linear_floats import near_floats, solution_near

ZERO = fmpq(0)


def random_program(seed: int) -> QuadraticProgram:
    """Small integers: ties, degenerate vertices, contradictions and open ends are common."""
    draw = random.Random(seed)
    n, m, p = draw.randint(1, 5), draw.randint(0, 7), draw.randint(0, 2)
    row = lambda: tuple(fmpq(draw.randint(-3, 3)) for _ in range(n + 1))  # noqa: E731
    inequalities = [row() for _ in range(m)]
    if draw.random() < 0.5:
        inequalities += [(*(fmpq(-int(i == j)) for j in range(n)), ZERO) for i in range(n)]
    slope = [fmpq(draw.randint(-3, 3)) for _ in range(n)]
    return QuadraticProgram([[ZERO] * n for _ in range(n)], slope, inequalities, [row() for _ in range(p)])


def at(row, point) -> fmpq:
    return sum((a * x for a, x in zip(row, point, strict=False)), row[-1])


def check(program: QuadraticProgram, found: LinearKKT | Farkas | Recession) -> str:
    """Every condition that the answer stands for, in rational arithmetic."""
    n, rows = program.dimension, [*program.inequalities, *program.equalities]
    if isinstance(found, Farkas):
        multipliers = [*found.inequality_multipliers, *found.equality_multipliers]
        assert all(mu >= 0 for mu in found.inequality_multipliers)
        combination = [sum((m * row[j] for m, row in zip(multipliers, rows, strict=True)), ZERO) for j in range(n + 1)]
        assert combination == [*([ZERO] * n), 1]
        return "infeasible"
    assert all(at(row, found.point) <= 0 for row in program.inequalities)
    assert all(at(row, found.point) == 0 for row in program.equalities)
    if isinstance(found, Recession):
        assert all(at((*row[:-1], ZERO), found.direction) <= 0 for row in program.inequalities)
        assert all(at((*row[:-1], ZERO), found.direction) == 0 for row in program.equalities)
        assert at((*program.slope, ZERO), found.direction) == -1
        return "unbounded"
    multipliers = [*found.inequality_multipliers, *found.equality_multipliers]
    for j in range(n):
        assert program.slope[j] + sum((m * row[j] for m, row in zip(multipliers, rows, strict=True)), ZERO) == 0
    for mu, row in zip(found.inequality_multipliers, program.inequalities, strict=True):
        assert mu >= 0 and mu * at(row, found.point) == 0
    return "optimal"


def test_random_programs_end_as_complementary_pivoting_ends_them() -> None:
    seen = {"optimal": 0, "infeasible": 0, "unbounded": 0}
    for seed in range(400):
        program = random_program(seed)
        guessed, pivoted = near_floats(program), solve_convex(program)
        assert guessed is not None, seed
        kind = check(program, guessed)
        assert kind == check(program, pivoted), seed
        seen[kind] += 1
        if kind == "optimal":
            assert at((*program.slope, ZERO), guessed.point) == at((*program.slope, ZERO), pivoted.point)
    assert min(seen.values()) >= 30


def test_programs_without_bound_are_proved_to_have_none() -> None:
    """Rays from a vertex: rows that hold with equality there and not beyond it do not spoil the proof."""
    found = 0
    for seed in range(60):
        program = random_program(seed)
        if not isinstance(solve_convex(program), Recession):
            continue
        found += 1
        x = sympy.symbols(f"x:{program.dimension}")
        row = lambda r, x=x: sum(to_rational(a) * v for a, v in zip(r, x, strict=False)) + to_rational(r[-1])  # noqa: E731
        constraints = [sympy.Le(row(r), 0) for r in program.inequalities] + [
            sympy.Eq(row(r), 0) for r in program.equalities
        ]
        stated = Problem(row((*program.slope, ZERO)), [c for c in constraints if c != sympy.true], over=x)
        answer = solve(stated)
        assert answer.status is Status.UNBOUNDED and answer.certificate.verify() is True, seed
    assert found >= 5


@pytest.mark.parametrize("size", [30, 60])
def test_planted_optima_of_many_variables(size: int) -> None:
    """c = -A' mu with mu > 0 on the rows that a point satisfies with equality: the point is optimal."""
    draw = random.Random(size)
    planted = [fmpq(draw.randint(0, 9), draw.randint(1, 5)) for _ in range(size)]
    rows, mu = [], []
    for _ in range(size + size // 2):
        row = [fmpq(draw.randint(-5, 5)) for _ in range(size)]
        tight = len(rows) < size
        rows.append((*row, -at((*row, ZERO), planted) - (0 if tight else draw.randint(1, 9))))
        mu.append(fmpq(draw.randint(1, 7), 3) if tight else ZERO)
    slope = [-sum((m * row[j] for m, row in zip(mu, rows, strict=True)), ZERO) for j in range(size)]
    program = QuadraticProgram([[ZERO] * size for _ in range(size)], slope, rows, [])
    found = near_floats(program)
    assert isinstance(found, LinearKKT) and check(program, found) == "optimal"
    assert (found.point, found.inequality_multipliers) == (planted, mu)


def test_quadratic_programs_are_left_to_others() -> None:
    assert near_floats(QuadraticProgram([[fmpq(2)]], [ZERO], [], [])) is None


def test_contradictory_equations_have_no_solution_near_anything() -> None:
    assert solution_near([[fmpq(1), fmpq(1)], [fmpq(1), fmpq(2)]], [0.0]) is None
    assert solution_near([[fmpq(1), fmpq(1), fmpq(3)]], [0.0, 0.25]) == [fmpq(11, 4), fmpq(1, 4)]
