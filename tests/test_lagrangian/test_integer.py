"""Integer variables: against brute force and dynamic programming; infeasible by parity; certificates that are changed."""

from dataclasses import replace
from itertools import product

import pytest
import sympy
from flint import fmpq
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Eq, symbols

from lagrangian import Problem, Status, solve
from lagrangian.conditions.existence import FeasibleBox
from lagrangian.proof.spatial import Leaf, SpatialCertificate
from tests.kkt_checker import relation_holds, solved

x, y, z = symbols("x y z", real=True)
small = st.integers(-4, 4)


def integer_problem(objective, constraints, over, low: int, high: int, sense: str = "min") -> Problem:
    bounds = dict.fromkeys(over, (low, high))
    return Problem(objective, constraints, over=over, integers=over, bounds=bounds, sense=sense)


@st.composite
def quadratics(draw: st.DrawFn, over: tuple):
    monomials = [sympy.Integer(1), *over, *(a * b for a, b in product(over, over))]
    return sympy.Add(*(draw(small) * monomial for monomial in monomials))


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_small_problems_against_all_their_points(data: st.DataObject) -> None:
    """Not convex, with an inequality and at times an equation; some are infeasible."""
    over = (x, y)
    objective = data.draw(quadratics(over)) / data.draw(st.integers(1, 3))
    constraints = [sympy.Le(data.draw(quadratics(over)), data.draw(small), evaluate=False)]
    if data.draw(st.booleans()):
        row = data.draw(st.lists(small, min_size=2, max_size=2).filter(any))
        constraints.append(Eq(row[0] * x + row[1] * y, data.draw(small), evaluate=False))
    sense = data.draw(st.sampled_from(["min", "max"]))
    solution = solved(integer_problem(objective, constraints, over, -3, 3, sense))
    points = [dict(zip(over, map(sympy.Integer, p), strict=True)) for p in product(range(-3, 4), repeat=2)]
    feasible = [p for p in points if all(relation_holds(c, p) for c in constraints)]
    values = [objective.subs(p) for p in feasible]
    if not values:
        assert solution.status is Status.INFEASIBLE
    else:
        assert solution.status is Status.OPTIMAL
        assert solution.value == (min(values) if sense == "min" else max(values))
        assert solution.optimum.is_exact
        best = [p for p, v in zip(feasible, values, strict=True) if v == solution.value]
        assert len(solution.points) == len(best)
        assert all(point in best for point in solution.points)


@settings(max_examples=10, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 30), st.integers(1, 20)), min_size=3, max_size=9), st.integers(5, 60))
def test_knapsacks_against_dynamic_programming(items: list[tuple[int, int]], capacity: int) -> None:
    names = symbols(f"k0:{len(items)}", real=True)
    value = sympy.Add(*(worth * v for (worth, _), v in zip(items, names, strict=True)))
    weight = sympy.Add(*(heavy * v for (_, heavy), v in zip(items, names, strict=True)))
    solution = solved(integer_problem(value, [weight <= capacity], names, 0, 1, "max"))
    best = [0] * (capacity + 1)
    for worth, heavy in items:
        for room in range(capacity, heavy - 1, -1):
            best[room] = max(best[room], best[room - heavy] + worth)
    assert solution.status is Status.OPTIMAL
    assert solution.value == best[capacity]


def test_what_has_no_integer_point_is_infeasible() -> None:
    assert solved(Problem(x, [Eq(2 * x, 1)], over=[x], integers=[x])).status is Status.INFEASIBLE
    between = Problem(x + y, [3 * x >= 1, 3 * x <= 2, y >= 0, y <= 1], over=[x, y], integers=[x])
    assert solved(between).status is Status.INFEASIBLE
    parity = Problem(x, [Eq(2 * x + 4 * y, 3)], over=[x, y], integers=[x, y], bounds={x: (-9, 9), y: (-9, 9)})
    assert solved(parity).status is Status.INFEASIBLE


def test_continuous_variables_beside_integers_have_an_exact_value() -> None:
    """min (x - 3/2)^2 + (y - x)^2 with x an integer, y <= 1: at x = 1, y = 1 the value is 1/4."""
    problem = Problem(
        (x - sympy.Rational(3, 2)) ** 2 + (y - x) ** 2, over=[x, y], integers=[x], bounds={x: (-5, 5), y: (-5, 1)}
    )
    solution = solved(problem)
    assert (solution.status, solution.value) == (Status.OPTIMAL, sympy.Rational(1, 4))


def test_what_branch_and_bound_does_not_reach_is_undecided() -> None:
    """33 is a sum of three cubes, of integers with sixteen digits (Booker 2019)."""
    cubes = solve(Problem(x, [Eq(x**3 + y**3 + z**3, 33)], over=[x, y, z], integers=[x, y, z]), time_limit_s=5)
    assert cubes.status is Status.UNDECIDED
    assert cubes.tried
    wave = solve(Problem(sympy.sin(x), over=[x], integers=[x], bounds={x: (0, 9)}), time_limit_s=5)
    assert (wave.status, wave.points[0][x]) == (Status.OPTIMAL, 5)
    low, high = wave.value_interval
    assert low <= sympy.sin(5) <= high


def test_every_optimum_is_needed_in_the_list() -> None:
    problem = integer_problem(x * y, [x + y <= 5], (x, y), 0, 5, "max")
    found = solved(problem).certificate
    assert {tuple(map(int, p)) for p in found.optima} == {(2, 3), (3, 2)}
    for point in found.optima:
        assert replace(found, point=FeasibleBox(point), optima=(point,)).verify() is False


def test_the_statement_says_which_variables_are_integers() -> None:
    told = solve(integer_problem(x * y, [x + y <= 3], (x, y), 0, 3, "max")).explain()
    assert "of which integer: x, y" in told
    assert "This is an integer quadratic problem in 2 variables." in told
    assert "stationarity" not in told
    assert "The box is cut into" in told


@pytest.fixture(scope="module")
def certificate() -> SpatialCertificate:
    problem = integer_problem(
        -5 * x - 4 * y - 3 * z - x * y, [2 * x + 3 * y + z <= 5, 4 * x + y + 2 * z <= 11], (x, y, z), 0, 4
    )
    found = solved(problem).certificate
    assert isinstance(found, SpatialCertificate)
    assert found.is_exact
    return found


def test_certificates_that_are_changed_fail(certificate: SpatialCertificate) -> None:
    better = certificate.upper - 1
    assert replace(certificate, lower=better, upper=better).verify() is False
    assert replace(certificate, point=FeasibleBox((fmpq(1, 2), *certificate.point.center[1:]))).verify() is False, (
        "no integer"
    )
    assert replace(certificate, point=None, lower=None, upper=None, cutoff=None).verify() is False, "it is feasible"
    assert replace(certificate, tree=Leaf((), True)).verify() is False
    assert certificate.optima
    elsewhere = (fmpq(0), fmpq(0), fmpq(0))
    assert replace(certificate, optima=(*certificate.optima, elsewhere)).verify() is False, "not optimal"
    assert replace(certificate, optima=(elsewhere,)).verify() is False
    assert replace(certificate, integers=frozenset()).verify() is False, "the relaxation has better points"
