"""Linear and convex quadratic programs with too many faces to list, against answers that were planted."""

from dataclasses import replace
from itertools import product

import pytest
import sympy
from flint import fmpq, fmpq_mat
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Eq, Matrix, Rational

from lagrangian import Problem, Status
from lagrangian.candidates.linear import QuadraticProgram, lemke, solve_convex
from lagrangian.proof.linear import FarkasCertificate
from tests.kkt_checker import solved
from tests.strategies import positive_rationals, rationals

COUNT, ROWS = 5, 14
VARIABLES = sympy.symbols(f"x1:{COUNT + 1}", real=True)
numbers = st.integers(-3, 3)
nonzero_rows = st.lists(numbers, min_size=COUNT, max_size=COUNT).filter(any)


def dot(row: list, values: tuple) -> sympy.Expr:
    return sympy.Add(*(a * v for a, v in zip(row, values, strict=True)))


@settings(max_examples=8, deadline=None)
@given(st.data())
def test_a_planted_optimum_is_found_with_its_proof(data: st.DataObject) -> None:
    """grad f(x*) = -sum(mu_i a_i) - lambda b with mu_i >= 0, active where positive: x* is a minimizer of a convex f."""
    point = tuple(data.draw(rationals()) for _ in VARIABLES)
    rows = data.draw(st.lists(nonzero_rows, min_size=ROWS, max_size=ROWS, unique_by=tuple))
    shifted = Matrix([v - p for v, p in zip(VARIABLES, point, strict=True)])
    gradient = Matrix([0] * COUNT)
    constraints = []
    for number, row in enumerate(rows):
        active = number < data.draw(st.integers(0, COUNT))
        slack = 0 if active else data.draw(positive_rationals())
        gradient -= Matrix(row) * (data.draw(positive_rationals()) if active else 0)
        constraints.append(sympy.Le(dot(row, VARIABLES), dot(row, point) + slack, evaluate=False))
    equation = data.draw(nonzero_rows)
    gradient -= Matrix(equation) * data.draw(rationals())
    constraints.append(Eq(dot(equation, VARIABLES), dot(equation, point), evaluate=False))
    # of any rank: the zero matrix makes the program linear
    half = Matrix(2, COUNT, data.draw(st.lists(numbers, min_size=2 * COUNT, max_size=2 * COUNT)))
    value = data.draw(rationals())
    objective = sympy.expand(value + (gradient.T * shifted)[0] + (shifted.T * half.T * half * shifted)[0])
    solution = solved(Problem(objective, constraints, over=VARIABLES))
    assert solution.status is Status.OPTIMAL
    assert solution.value == value


@settings(max_examples=10, deadline=None)
@given(st.data())
def test_constraints_that_contradict_each_other(data: st.DataObject) -> None:
    rows = data.draw(st.lists(nonzero_rows, min_size=ROWS, max_size=ROWS, unique_by=tuple))
    weights = [data.draw(st.integers(0, 3)) for _ in rows[:-1]] + [1]
    sides = [data.draw(rationals()) for _ in rows]
    constraints = [dot(row, VARIABLES) <= side for row, side in zip(rows, sides, strict=True)]
    combined = [sum(w * row[j] for w, row in zip(weights, rows, strict=True)) for j in range(COUNT)]
    least = sum(w * side for w, side in zip(weights, sides, strict=True))
    constraints.append(sympy.Ge(dot(combined, VARIABLES), least + data.draw(positive_rationals()), evaluate=False))
    if any(constraint in (True, False) for constraint in constraints):
        return  # all weights cancel: the statement itself is refused
    solution = solved(Problem(VARIABLES[0] ** 2, constraints, over=VARIABLES))
    assert solution.status is Status.INFEASIBLE


@settings(max_examples=10, deadline=None)
@given(st.data())
def test_a_planted_ray_without_end(data: st.DataObject) -> None:
    direction = data.draw(nonzero_rows)
    rows = [
        row if dot(row, tuple(direction)) <= 0 else [-value for value in row]
        for row in data.draw(st.lists(nonzero_rows, min_size=ROWS, max_size=ROWS, unique_by=tuple))
    ]
    slope = [-value for value in direction]  # slope . direction < 0
    constraints = [sympy.Le(dot(row, VARIABLES), 1, evaluate=False) for row in {tuple(row) for row in rows}]
    constraints += [sympy.Le(dot(row, VARIABLES), 2, evaluate=False) for row in rows]
    solution = solved(Problem(dot(slope, VARIABLES), constraints, over=VARIABLES))
    assert solution.status is Status.UNBOUNDED


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_lemke_finds_a_solution_exactly_where_one_exists(data: st.DataObject) -> None:
    """Against all complementary bases: M = B^T B + skew is positive semidefinite, so the method may not miss one."""
    size = data.draw(st.integers(1, 4))
    root = fmpq_mat(size, size, data.draw(st.lists(st.integers(-1, 1), min_size=size**2, max_size=size**2)))
    skew = fmpq_mat(size, size, data.draw(st.lists(st.integers(-2, 2), min_size=size**2, max_size=size**2)))
    matrix = (root.transpose() * root + skew - skew.transpose()).tolist()
    right = [fmpq(data.draw(numbers)) for _ in range(size)]
    found = lemke(matrix, right)
    if found is not None:
        rest = [sum((a * z for a, z in zip(row, found, strict=True)), q) for row, q in zip(matrix, right, strict=True)]
        assert all(z >= 0 and w >= 0 and z * w == 0 for z, w in zip(found, rest, strict=True))
    assert (found is not None) == any(_solves(matrix, right, chosen) for chosen in product([0, 1], repeat=size))


def _solves(matrix: list, right: list, chosen: tuple[int, ...]) -> bool:
    """Whether w - M z = q has a solution >= 0 with z_i = 0 where chosen[i] is 0, else w_i = 0."""
    size = len(right)
    columns = [[-matrix[i][j] if chosen[j] else fmpq(int(i == j)) for i in range(size)] for j in range(size)]
    # the columns may be dependent: try every independent subset of them
    for kept in product([0, 1], repeat=size):
        names = [j for j in range(size) if kept[j]]
        system = sympy.Matrix(size, len(names), lambda i, k: Rational(str(columns[names[k]][i])))  # noqa: B023
        target = sympy.Matrix([Rational(str(q)) for q in right])
        if not names:
            if not any(target):
                return True
            continue
        if system.rank() < len(names):
            continue
        values = (system.T * system).inv() * system.T * target
        if system * values == target and all(value >= 0 for value in values):
            return True
    return False


def test_a_hessian_that_is_not_semidefinite_is_left_alone() -> None:
    one, zero = fmpq(1), fmpq(0)
    assert solve_convex(QuadraticProgram([[-one]], [zero], [(one, -one)], [])) is None
    saddle = [[zero, one], [one, zero]]
    assert solve_convex(QuadraticProgram(saddle, [zero, zero], [], [])) is None
    # on x = y the saddle is convex
    found = solve_convex(QuadraticProgram(saddle, [-one, zero], [], [(one, -one, zero)]))
    assert found.point == [fmpq(1, 2), fmpq(1, 2)]


@pytest.fixture(scope="module")
def contradiction() -> FarkasCertificate:
    total = sympy.Add(*VARIABLES)
    constraints = [v >= k for k, v in enumerate(VARIABLES)] + [total <= 9]
    constraints += [v <= 20 + k for k, v in enumerate(VARIABLES)] + [v - total <= 40 for v in VARIABLES]
    solution = solved(Problem(total, constraints, over=VARIABLES))
    assert solution.status is Status.INFEASIBLE
    assert isinstance(solution.certificate, FarkasCertificate)
    return solution.certificate


def test_farkas_multipliers_that_are_changed_fail(contradiction: FarkasCertificate) -> None:
    values = contradiction.inequality_multipliers
    for number, value in enumerate(values):
        for other in (value + 1, value - 1):
            changed = (*values[:number], other, *values[number + 1 :])
            assert replace(contradiction, inequality_multipliers=changed).verify() is False
    assert replace(contradiction, inequality_multipliers=tuple(-v for v in values)).verify() is False
    assert replace(contradiction, inequality_multipliers=tuple(0 * v for v in values)).verify() is False


def test_the_contradiction_is_told(contradiction: FarkasCertificate) -> None:
    told = "\n".join(contradiction.explanation())
    assert "x1 + x2 + x3 + x4 + x5 <= 9" in told
    assert "x3 >= 2" in told
    assert "<= 22" not in told
