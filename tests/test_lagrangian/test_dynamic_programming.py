"""Linear problems in integers by dynamic programming: against all points, against a table, and certificates that are changed."""

from dataclasses import replace
from itertools import permutations, product

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Eq, symbols

from lagrangian import Problem, Status, solve
from lagrangian.conditions.linear_integers import Sweep
from lagrangian.problem.canonicalization import canonicalize
from lagrangian.proof.dynamic_programming import DynamicProgrammingCertificate
from lagrangian.proof.encoding import certificate_from_json, certificate_to_json
from lagrangian.prove_dynamically import prove_dynamically

small = st.integers(-5, 5)


def linear(row: list[int], over: tuple[sympy.Symbol, ...]) -> sympy.Expr:
    return sympy.Add(*(a * v for a, v in zip(row, over, strict=True)))


def proved(problem: Problem) -> DynamicProgrammingCertificate:
    found = prove_dynamically(canonicalize(problem)[0], float("inf"))
    assert found is not None
    assert found.verify() is True
    return found


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_small_problems_against_all_their_points(data: st.DataObject) -> None:
    """Inequalities and an equation, coefficients of both signs, some infeasible: the value and the list of all optima."""
    over = symbols("i1:4", real=True)
    row = st.lists(small, min_size=3, max_size=3)
    cost = data.draw(row)
    rows = data.draw(st.lists(row, max_size=2))
    limits = data.draw(st.lists(small, min_size=2, max_size=2))
    constraints = [sympy.Le(linear(a, over), b, evaluate=False) for a, b in zip(rows, limits, strict=False)]
    equation = data.draw(st.one_of(st.none(), row))
    if equation is not None:
        constraints.append(Eq(linear(equation, over), 2, evaluate=False))
    divisor = data.draw(st.integers(1, 3))
    problem = Problem(
        linear(cost, over) / divisor, constraints, over=over, integers=over, bounds=dict.fromkeys(over, (-2, 2))
    )
    feasible = [
        p
        for p in product(range(-2, 3), repeat=3)
        if all(sum(a * x for a, x in zip(r, p, strict=True)) <= b for r, b in zip(rows, limits, strict=False))
        and (equation is None or sum(a * x for a, x in zip(equation, p, strict=True)) == 2)
    ]
    certificate = proved(problem)
    values = {p: sum(a * x for a, x in zip(cost, p, strict=True)) for p in feasible}
    best = {p for p in feasible if values[p] == min(values.values())}
    if len(best) <= 64:
        assert certificate.is_complete
        assert set(certificate.optima) == best
    else:
        assert set(certificate.optima) <= best
    assert bool(feasible) == bool(certificate.optima)


@pytest.mark.parametrize(("count", "heaviest", "extra"), [(60, 1000, 0), (100, 1000, 100)])
def test_large_knapsacks_against_a_table(count: int, heaviest: int, extra: int) -> None:
    """Weights by a fixed rule; with ``extra`` worth and weight go together, the hard kind of knapsacks (Pisinger 2005)."""
    weights = [1 + (7919 * k * k + 104729 * k) % heaviest for k in range(1, count + 1)]
    worths = [w + extra if extra else 1 + (6007 * k + 31 * k * k) % heaviest for k, w in enumerate(weights)]
    capacity = sum(weights) // 2
    over = symbols(f"k0:{count}", real=True)
    problem = Problem(
        linear(worths, over),
        [linear(weights, over) <= capacity],
        over=over,
        integers=over,
        bounds=dict.fromkeys(over, (0, 1)),
        sense="max",
    )
    best = [0] * (capacity + 1)
    for worth, weight in zip(worths, weights, strict=True):
        for room in range(capacity, weight - 1, -1):
            best[room] = max(best[room], best[room - weight] + worth)
    solution = solve(problem, time_limit_s=60)
    assert (solution.status, solution.value) == (Status.OPTIMAL, best[capacity])
    assert isinstance(solution.certificate, DynamicProgrammingCertificate)


def test_an_assignment_against_all_permutations() -> None:
    costs = [[(7 * i * i + 11 * j + 5 * i * j) % 23 for j in range(5)] for i in range(5)]
    over = symbols("a0:25", real=True)
    rows = [Eq(sum(over[5 * i : 5 * i + 5]), 1) for i in range(5)]
    columns = [Eq(sum(over[j::5]), 1) for j in range(5)]
    objective = sum(costs[i][j] * over[5 * i + j] for i, j in product(range(5), repeat=2))
    problem = Problem(objective, [*rows, *columns], over=over, integers=over, bounds=dict.fromkeys(over, (0, 1)))
    values = [sum(costs[i][p[i]] for i in range(5)) for p in permutations(range(5))]
    certificate = proved(problem)
    assert certificate.value == min(values)
    assert len(certificate.optima) == values.count(min(values))


def test_certificates_that_are_changed_fail() -> None:
    over = symbols("b0:4", real=True)
    row = linear([3, 4, 5, 6], over)
    problem = Problem(
        linear([4, 5, 6, 7], over),
        [row <= 10],
        over=over,
        integers=over,
        bounds=dict.fromkeys(over, (0, 1)),
        sense="max",
    )
    found = proved(problem)
    assert certificate_from_json(certificate_to_json(found)).verify() is True
    assert replace(found, optima=((1, 0, 0, 0),)).verify() is False, "not the least"
    assert replace(found, optima=((1, 1, 1, 1),)).verify() is False, "too heavy"
    assert replace(found, optima=()).verify() is False
    sweep = found.sweep
    assert replace(found, sweep=replace(sweep, most=-100)).verify() is False
    assert replace(found, sweep=replace(sweep, multipliers=(-1,))).verify() is False
    assert replace(found, sweep=replace(sweep, order=(0, 1, 2))).verify() is False
    assert replace(found, sweep=replace(sweep, dominance=True)).verify() is False, "then the list is not complete"
    # any multipliers are as good as the best
    assert replace(found, sweep=Sweep((3, 2, 1, 0), (0,), None, False)).verify() is True
    less = replace(found.problem, inequalities=found.problem.inequalities[1:])
    assert replace(found, problem=less).verify() is False
