"""Systems solved by hand: all real solutions, none that is not one, and never a certain word where something was left open."""

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Eq, Expr, Symbol, exp, log, sqrt, symbols

from lagrangian import Problem, solve
from lagrangian.conditions.lagrange import lagrangian_of
from lagrangian.report.case_steps import counted
from lagrangian.report.elimination import Effort, solved_by_hand
from lagrangian.report.kkt_equations import kkt_equations
from lagrangian.report.real_zeros import real_zeros
from lagrangian.report.systems import Equation, Found, GivenUp, Infinite, Nothing, Worked

x, y, z, t = symbols("x y z t", real=True)
b = Symbol("b", positive=True)
small = st.integers(min_value=-3, max_value=3)
CLOSE = 1e-9


def by_hand(lefts: list[Expr], unknowns: list[Symbol]) -> Worked:
    rows = [Equation(f"({number})", left) for number, left in enumerate(lefts, start=1)]
    return solved_by_hand(rows, unknowns, effort=Effort(seconds=60.0))


def points(worked: Worked) -> list[Found]:
    leaves = list(worked.leaves())
    assert all(isinstance(leaf, Found | Nothing) for leaf in leaves)
    return [leaf for leaf in leaves if isinstance(leaf, Found)]


# problems of Lagrange's kind in textbooks (OpenStax Calculus 3, section 4.8; Stewart, section 14.8; a box of least surface)
LAGRANGE = {
    "product on a line": (x * y, [x + y - 10], [x, y]),
    "plane on a sphere": (x + y + z, [x**2 + y**2 + z**2 - 1], [x, y, z]),
    "square times on an ellipse": (x**2 * y, [x**2 + 2 * y**2 - 6], [x, y]),
    "product on an ellipsoid": (x * y * z, [x**2 + 2 * y**2 + 3 * z**2 - 6], [x, y, z]),
    "cubic on an ellipse": (4 * x**3 + y**2, [2 * x**2 + y**2 - 1], [x, y]),
    "two planes": (x**2 + y**2 + z**2, [2 * x + y + 2 * z - 9, 5 * x + 5 * y + 7 * z - 29], [x, y, z]),
    "irrational slopes": (x**2 + y**2, [x**2 + x * y + 2 * y**2 - 1], [x, y]),
    "cube roots": ((x - y) ** 2, [x**3 - y**3 - 1], [x, y]),
    "surface of a box": (x * y + 2 * y * z + 2 * x * z, [x * y * z - 4], [x, y, z]),
    "high degree": (x**4 + y**3 + x * y, [x**2 + y**2 - 1], [x, y]),
}


@pytest.mark.parametrize("name", LAGRANGE)
def test_the_points_are_the_candidates_of_the_solver(name: str) -> None:
    f, zero, variables = LAGRANGE[name]
    problem = Problem(f, [Eq(h, 0) for h in zero], over=variables, sense="max")
    equations = kkt_equations(lagrangian_of(problem))
    worked = solved_by_hand(equations.labelled(()), equations.unknowns(()), effort=Effort(seconds=60.0))
    mine = sorted(tuple(float(p.numbers[v]) for v in variables) for p in points(worked))
    listed = sorted(tuple(map(float, p.coordinates.values())) for p in solve(problem).stationary_points)
    assert len(mine) == len(listed)
    assert all(
        abs(p - q) < CLOSE for one, other in zip(mine, listed, strict=True) for p, q in zip(one, other, strict=True)
    )


@settings(max_examples=25, deadline=None)
@given(st.lists(small, min_size=2, max_size=3), st.lists(small, min_size=2, max_size=3), small)
def test_planted_roots_of_products_are_all_found(first: list[int], second: list[int], slope: int) -> None:
    """prod (x - a) = 0 and prod (y - slope x - c) = 0 have exactly the solutions x = a, y = slope a + c."""
    lefts = [
        sympy.expand(sympy.prod([x - a for a in first])),
        sympy.expand(sympy.prod([y - slope * x - c for c in second])),
    ]
    found = {tuple(p.values.values()) for p in points(by_hand(lefts, [x, y]))}
    assert found == {(a, slope * a + c) for a in first for c in second}


def test_contradictions_are_told_with_their_equation() -> None:
    (leaf,) = by_hand([x + y - 1, 2 * x + 2 * y - 3], [x, y]).leaves()
    assert isinstance(leaf, Nothing)
    assert "".join(map(str, leaf.reason.parts)) == "(2) becomes Eq(0, 1)."
    (leaf,) = by_hand([x**2 + 1], [x]).leaves()
    assert isinstance(leaf, Nothing)


def test_solutions_at_which_a_divisor_vanishes_are_not_lost() -> None:
    found = {tuple(p.values.values()) for p in points(by_hand([x * y - x, x**2 + y**2 - 4], [x, y]))}
    assert found == {(0, -2), (0, 2), (-sqrt(3), 1), (sqrt(3), 1)}


def test_curves_of_solutions_are_told_by_their_equations() -> None:
    leaves = list(by_hand([x * (x**2 + y**2 - 1), y * (x**2 + y**2 - 1)], [x, y]).leaves())
    found = [leaf.values for leaf in leaves if isinstance(leaf, Found)]
    assert {x: 0, y: 0} in found and all(x**2 + y**2 == 1 for x, y in map(dict.values, found) if x or y)
    (curve,) = (leaf for leaf in leaves if isinstance(leaf, Infinite))
    assert curve.equations == (Eq(x**2 + y**2, 1),)


def test_exponentials_and_logarithms_are_inverted() -> None:
    (point,) = points(by_hand([log(x) + 1 + t, log(y) + 1 + t, x + y - 1], [x, y, t]))
    assert point.values[x] == point.values[y] == sympy.Rational(1, 2)
    assert sympy.simplify(point.values[t] - log(2) + 1) == 0


def test_what_is_not_solved_is_given_up_and_never_impossible() -> None:
    leaves = list(by_hand([x * exp(x) + y - 1, y - sympy.sin(x)], [x, y]).leaves())
    assert any(isinstance(leaf, GivenUp) for leaf in leaves)
    assert not any(isinstance(leaf, Nothing) for leaf in leaves)


def test_without_effort_nothing_is_claimed() -> None:
    rows = [Equation("(1)", x**2 - 1), Equation("(2)", y - x)]
    (leaf,) = solved_by_hand(rows, [x, y], effort=Effort(moves=0)).leaves()
    assert isinstance(leaf, GivenUp)


def test_points_where_the_equations_are_not_defined_are_no_solutions() -> None:
    leaves = list(by_hand([x * y / x - y, y - 1 + x / (x * (x - 2) + x * 2), x**2 - x], [x, y]).leaves())
    assert [leaf.values for leaf in leaves if isinstance(leaf, Found)] == [{x: 1, y: 0}]


@pytest.mark.parametrize(
    ("left", "zeros"),
    [
        (x**2 - 2, [-sqrt(2), sqrt(2)]),
        (x**2 + 2, []),
        ((x - 1) ** 2 * (x + 3), [-3, 1]),
        (x**2 - b, [-sqrt(b), sqrt(b)]),
        (x**2 + b, []),
        (exp(2 * x) - 9, [log(9) / 2]),
        (exp(x) + 1, []),
        (2 * log(x) - 4, [exp(2)]),
        (sqrt(2) * x - 2, [sqrt(2)]),
        (2 * sympy.pi * x**3 - 355, [sympy.cbrt(sympy.Rational(355, 2) / sympy.pi)]),
        (x**3 + b, [-sympy.cbrt(b)]),
        (x**4 - b, [-sympy.root(b, 4), sympy.root(b, 4)]),
        (x**4 + b, []),
    ],
)
def test_real_zeros_are_complete(left: Expr, zeros: list[Expr]) -> None:
    found = real_zeros(left, x)
    assert found is not None and len(found) == len(zeros)
    assert all(sympy.simplify(mine - expected) == 0 for mine, expected in zip(found, zeros, strict=True))


@pytest.mark.parametrize(
    "left", [x**2 - Symbol("u", real=True), x + sympy.sin(x), Symbol("u", real=True) * x - 1, x * exp(x) - 1]
)
def test_real_zeros_that_are_not_certain_are_none(left: Expr) -> None:
    assert real_zeros(left, x) is None


def test_many_unknowns_are_not_solved_for_by_hand() -> None:
    names = symbols("v1:21", real=True)
    problem = Problem(sum(v**2 for v in names), [Eq(sum(names), 20)], over=names)
    solution = solve(problem)
    assert "Solving these equations" not in solution.explain()
    told = " ".join(solution.explain(detail="full").split())
    assert "It is left out here: 21 unknowns are too many to be solved for by hand." in told
    assert "a function of 20 variables" in told


@pytest.mark.parametrize(
    ("lefts", "words"),
    [
        ([x**2 - 1, y**2 - 1], "4 solutions."),
        ([x * (x - 1), x**2 + 1], "No solution."),
        ([x * y], "Infinitely many solutions."),
        ([x * (y - 1), x**2 - x], "One solution, besides infinitely many."),
        ([(x - 1) * (x - 2), sympy.sin(y) - x * y], "No solution found, and a part that is not solved here."),
    ],
)
def test_solutions_are_counted_in_words(lefts: list[Expr], words: str) -> None:
    assert counted(by_hand(lefts, [x, y])).parts == (words,)
