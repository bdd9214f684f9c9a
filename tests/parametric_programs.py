"""Random parametric programs, and what is checked of their answers: they are those of the program with the numbers put in."""

import random
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

import sympy
from sympy import Eq, Expr, Rational, Symbol, symbols
from sympy.core.relational import Relational

from lagrangian import ParametricSolution, Problem, Status, solve_parametric
from tests.oracles.programs import best_value, dot

VARIABLES = symbols("x y z w", real=True)
PARAMETERS = symbols("a b c", real=True)
POINTS = 2


@dataclass(frozen=True)
class Program:
    """x.Q x / 2 + (c + C t).x subject to A x <= b + B t, E x = e + F t; each row of c, b, e ends with the constant."""

    hessian: list[list[Fraction]]
    slope: list[list[Fraction]]
    rows: list[list[Fraction]]
    right: list[list[Fraction]]
    equations: list[list[Fraction]]
    levels: list[list[Fraction]]
    parameters: int

    def problem(self) -> Problem:
        over = VARIABLES[: len(self.hessian)]
        parts = [line * v for line, v in zip(map(self._affine, self.slope), over, strict=True)]
        parts += [
            sympify(q) * v * u / 2
            for row, v in zip(self.hessian, over, strict=True)
            for q, u in zip(row, over, strict=True)
        ]
        constraints: list[Relational] = [
            sympy.Le(self._row(row), self._affine(side), evaluate=False)
            for row, side in zip(self.rows, self.right, strict=True)
        ]
        constraints += [
            Eq(self._row(r), self._affine(s), evaluate=False) for r, s in zip(self.equations, self.levels, strict=True)
        ]
        return Problem(sympy.Add(*parts), constraints, over=over)

    def best_value(self, point: list[Fraction]) -> Fraction | str:
        slope, right, levels = (
            [dot(line, [*point, Fraction(1)]) for line in lines] for lines in (self.slope, self.right, self.levels)
        )
        return best_value(self.hessian, slope, self.rows, right, self.equations, levels)

    def _affine(self, line: list[Fraction]) -> Expr:
        return sum(
            (sympify(k) * t for k, t in zip(line, PARAMETERS[: self.parameters], strict=False)), sympify(line[-1])
        )

    def _row(self, row: list[Fraction]) -> Expr:
        return sum((sympify(k) * v for k, v in zip(row, VARIABLES, strict=False)), sympy.S.Zero)


def sympify(number: Fraction) -> Rational:
    return Rational(number.numerator, number.denominator)


def random_program(seed: int, *, quadratic: bool) -> Program:
    """Variables with lower bounds, a few random inequalities, and an equation now and then."""
    rng = random.Random(seed)
    size, count = rng.choice([2, 2, 2, 3, 3, 4]), rng.choice([1, 1, 2, 2, 3])

    def line(width: int, low: int = -3, high: int = 3) -> list[Fraction]:
        return [Fraction(rng.randint(low, high), rng.choice([1, 1, 2])) for _ in range(width)]

    root = [line(size, -1, 2) for _ in range(rng.randint(1, size))] if quadratic else []
    hessian = [[sum((r[i] * r[j] for r in root), Fraction(0)) for j in range(size)] for i in range(size)]
    rows = [[Fraction(-int(i == j)) for j in range(size)] for i in range(size)]
    right = [[*([Fraction(0)] * count), Fraction(rng.randint(0, 2))] for _ in range(size)]
    for _ in range(rng.randint(1, 3)):
        rows.append(line(size))
        right.append([*line(count, -1, 1), Fraction(rng.randint(0, 4))])
    equations = [line(size, -2, 2)] if size > 2 and rng.random() < 0.4 else []
    levels = [[*line(count, -1, 1), Fraction(rng.randint(0, 3))] for _ in equations]
    slope = [[*(line(count, -1, 1) if rng.random() < 0.5 else [Fraction(0)] * count), *line(1)] for _ in range(size)]
    return Program(hessian, slope, rows, right, equations, levels, count)


def random_points(seed: int, count: int, *, often: int) -> list[list[Fraction]]:
    """Half of them small integers, which lie on boundaries now and then."""
    rng = random.Random(10_000 + seed)
    return [[Fraction(rng.randint(-8, 8), rng.choice([1, 1, 3, 7])) for _ in range(count)] for _ in range(often)]


def check(solution: ParametricSolution, point: dict, expected: Fraction | str) -> None:
    """Every region that holds the point has the expected answer, there is one, and no two hold it in their interiors."""
    assert all(isinstance(value, Rational) for value in point.values())
    there = [r for r in solution.regions if all(relation.xreplace(point) == sympy.true for relation in r.relations)]
    assert there
    answer = solution.at(point)
    for region in there:
        if isinstance(expected, str):
            assert region.status.value == expected
        else:
            assert region.status is Status.OPTIMAL
            assert region.value.xreplace(point) == sympify(expected)
            check_kkt(solution.problem, point, region)
    assert answer.status is there[0].status
    inside = [r for r in there if not any(is_tight(relation, point) for relation in r.relations)]
    assert len(inside) <= 1


def is_tight(relation: Relational, point: dict) -> bool:
    return sympy.simplify((relation.lhs - relation.rhs).xreplace(point)) == 0


def check_kkt(problem: Problem, point: dict, region) -> None:
    """The four conditions at the region's point, with its multipliers in the textbook's signs, for a minimization."""
    place = {variable: value.xreplace(point) for variable, value in region.point.items()}
    total = [sympy.diff(problem.objective, v).xreplace(point).xreplace(place) for v in problem.over]
    for constraint, stated in region.multipliers.items():
        multiplier = stated.xreplace(point)
        slack = (constraint.rhs - constraint.lhs).xreplace(point).xreplace(place)
        sign = 1 if isinstance(constraint, Eq) else -1
        if sign < 0:
            assert multiplier >= 0
            assert slack >= 0
        assert multiplier * slack == 0 or (sign > 0 and slack == 0)
        total = [
            t - sign * multiplier * sympy.diff(constraint.lhs, v) for t, v in zip(total, problem.over, strict=True)
        ]
    assert all(value == 0 for value in total)


def check_program(seed: int, *, quadratic: bool) -> None:
    program = random_program(seed, quadratic=quadratic)
    solution = solve_parametric(program.problem())
    used = solution.parameters
    assert solution.covers is True
    assert solution.overlaps_only_on_boundaries is True
    assert not solution.missing
    for values in random_points(seed, program.parameters, often=POINTS):
        numbers = dict(zip(PARAMETERS, map(sympify, values), strict=False))
        check(solution, {p: numbers[p] for p in used}, program.best_value(values))


def proved(problem: Problem) -> ParametricSolution:
    """The answer, with all that may be claimed of it."""
    solution = solve_parametric(problem)
    assert solution.covers is True
    assert solution.overlaps_only_on_boundaries is True
    assert not solution.missing
    return solution


def random_values(seed: int, parameters: Iterable[Symbol]) -> dict[Symbol, Rational]:
    """A positive rational number for each parameter."""
    rng = random.Random(seed)
    return {parameter: Rational(rng.randint(1, 30), rng.randint(1, 6)) for parameter in parameters}
