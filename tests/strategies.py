"""Hypothesis strategies that plant an answer first and build the problem around it."""

from dataclasses import dataclass

import sympy
from hypothesis import strategies as st
from sympy import Eq, Expr, Matrix, Rational, Symbol
from sympy.core.relational import Relational

VARIABLES = sympy.symbols("x y z", real=True)


@dataclass(frozen=True)
class Planted:
    """A problem whose optimal point, value and multipliers are known by construction."""

    objective: Expr
    constraints: tuple[Relational, ...]
    over: tuple[Symbol, ...]
    point: dict[Symbol, Rational]
    value: Rational
    multipliers: dict[Relational, Rational]


def rationals(size: int = 4, denominator: int = 3) -> st.SearchStrategy[Rational]:
    return st.builds(Rational, st.integers(-size, size), st.integers(1, denominator))


def positive_rationals(size: int = 4, denominator: int = 3) -> st.SearchStrategy[Rational]:
    return st.builds(Rational, st.integers(1, size), st.integers(1, denominator))


@st.composite
def points(draw: st.DrawFn, count: int) -> tuple[tuple[Symbol, ...], dict[Symbol, Rational]]:
    over = VARIABLES[:count]
    return over, {variable: draw(rationals()) for variable in over}


@st.composite
def independent_rows(draw: st.DrawFn, count: int, rows: int) -> list[list[int]]:
    """Integer rows of full rank."""
    return draw(
        st.lists(st.lists(st.integers(-3, 3), min_size=count, max_size=count), min_size=rows, max_size=rows).filter(
            lambda found: not found or Matrix(found).rank() == rows
        )
    )


@st.composite
def convex_quadratic_programs(draw: st.DrawFn) -> Planted:
    """x* is chosen, then active constraints with multipliers > 0, slack ones, equations, and a positive definite Hessian.

    grad f(x*) = -sum(mu_i a_i) + sum(lambda_j b_j) makes x* a KKT point of a strictly convex problem: the only minimizer.
    """
    count = draw(st.integers(1, 3))
    over, point = draw(points(count))
    held = draw(st.integers(0, count))
    rows = draw(independent_rows(count, held))
    equations = draw(st.integers(0, held))
    offset = Matrix([variable - point[variable] for variable in over])
    root = Matrix(count, count, draw(st.lists(st.integers(-2, 2), min_size=count**2, max_size=count**2)))
    hessian = root.T * root + sympy.eye(count)
    value = draw(rationals())
    objective = value + (offset.T * hessian * offset)[0, 0] / 2
    constraints: list[Relational] = []
    multipliers: dict[Relational, Rational] = {}
    for number, row in enumerate(rows):
        side = (Matrix([row]) * offset)[0, 0]
        shift = sum((a * point[v] for a, v in zip(row, over, strict=True)), Rational(0))
        left = sum((a * v for a, v in zip(row, over, strict=True)), Rational(0))
        if number < equations:
            size = draw(rationals())
            stated: Relational = Eq(left, shift, evaluate=False)
            objective += size * side
        else:
            size = draw(positive_rationals())
            stated = sympy.Le(left, shift, evaluate=False)
            objective -= size * side
        constraints.append(stated)
        multipliers[stated] = size
    for _ in range(draw(st.integers(0, 2))):
        row = draw(st.lists(st.integers(-3, 3), min_size=count, max_size=count).filter(any))
        slack = draw(positive_rationals())
        left = sum((a * v for a, v in zip(row, over, strict=True)), Rational(0))
        shift = sum((a * point[v] for a, v in zip(row, over, strict=True)), Rational(0)) + slack
        stated = sympy.Le(left, shift, evaluate=False)
        if stated not in multipliers:
            constraints.append(stated)
            multipliers[stated] = Rational(0)
    return Planted(sympy.expand(objective), tuple(constraints), over, point, value, multipliers)


@st.composite
def sums_of_squares(draw: st.DrawFn) -> Planted:
    """f = v + sum(q_k**2) with q_k(x*) = 0: no convexity, and v is the least value, taken at x* (perhaps elsewhere too)."""
    over, point = draw(points(2))
    x, y = (variable - point[variable] for variable in over)
    numbers = st.integers(-2, 2)
    first = x + draw(numbers) * y + draw(numbers) * x * y + draw(numbers) * y**2
    second = y + draw(numbers) * x**2 + draw(numbers) * x * y
    value = draw(rationals())
    return Planted(sympy.expand(value + first**2 + second**2), (), over, point, value, {})


@st.composite
def symmetric_matrices(draw: st.DrawFn, count: int) -> Matrix:
    entries = draw(st.lists(st.integers(-3, 3), min_size=count**2, max_size=count**2))
    matrix = Matrix(count, count, entries)
    return matrix + matrix.T


@st.composite
def linear_programs(draw: st.DrawFn) -> Planted:
    """x* is chosen with active constraints of positive multipliers, equations and slack constraints; c follows from them.

    c = sum(lambda_j b_j) - sum(mu_i a_i) over the active a_i x <= d_i: x* is a KKT point of a linear program, so it is optimal.
    """
    count = draw(st.integers(1, 3))
    over, point = draw(points(count))
    objective = Rational(0)
    constraints: list[Relational] = []
    multipliers: dict[Relational, Rational] = {}
    for _ in range(draw(st.integers(1, 4))):
        row = draw(st.lists(st.integers(-3, 3), min_size=count, max_size=count).filter(any))
        left = sum((a * v for a, v in zip(row, over, strict=True)), Rational(0))
        side = left.xreplace(point)
        kind = draw(st.sampled_from(["active", "slack", "equation"]))
        size, slack = draw(positive_rationals()), draw(positive_rationals())
        stated: Relational = (
            Eq(left, side, evaluate=False)
            if kind == "equation"
            else sympy.Le(left, side + (slack if kind == "slack" else 0), evaluate=False)
        )
        if stated in multipliers:
            continue
        constraints.append(stated)
        multipliers[stated] = Rational(0) if kind == "slack" else size
        objective += {"active": -size, "slack": Rational(0), "equation": size}[kind] * left
    objective = sympy.expand(objective)
    return Planted(objective, tuple(constraints), over, point, sympy.expand(objective.xreplace(point)), multipliers)
