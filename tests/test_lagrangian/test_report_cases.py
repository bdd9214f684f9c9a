"""The KKT conditions case by case: every point is found, and every reason for which a case dies is true."""

import pytest
import sympy
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sympy import Eq, Symbol, symbols

from lagrangian import Problem, minimize, solve
from lagrangian.conditions.lagrange import lagrangian_of
from lagrangian.report.cases import Cases, worked_cases
from lagrangian.report.dependent import dependent_sets
from lagrangian.report.elimination import Effort
from lagrangian.report.judgment import Fate, number_at
from lagrangian.report.kkt_equations import KKTEquations, kkt_equations
from lagrangian.report.systems import Found, GivenUp, Nothing
from tests.oracles.kkt_cases import kkt_points, residuals

x, y, z = symbols("x y z", real=True)
small = st.integers(min_value=-4, max_value=4)
# numbers computed from closed forms agree to far more digits than these
CLOSE = 1e-9


def examined(problem: Problem) -> tuple[KKTEquations, Cases]:
    equations = kkt_equations(lagrangian_of(problem))
    return equations, worked_cases(equations, Effort(seconds=60.0))


def places(equations: KKTEquations, points: list[Found]) -> list[tuple[float, ...]]:
    return [tuple(float(point.numbers[v]) for v in equations.variables) for point in points]


def same_set(left: list[tuple[float, ...]], right: list[tuple[float, ...]]) -> bool:
    def is_in(point: tuple[float, ...], others: list[tuple[float, ...]]) -> bool:
        return any(all(abs(a - b) < CLOSE * (1 + abs(a)) for a, b in zip(point, o, strict=True)) for o in others)

    return all(is_in(p, right) for p in left) and all(is_in(p, left) for p in right)


@settings(max_examples=20, deadline=None)
@given(st.lists(small, min_size=5, max_size=5), st.lists(st.tuples(small, small, small), min_size=1, max_size=3))
def test_the_kkt_points_of_quadratic_programs_are_all_found(weights: list[int], rows: list[tuple[int, ...]]) -> None:
    a, b, c, d, e = weights
    f = a * x**2 + b * x * y + c * y**2 + d * x + e * y
    below = [p * x + q * y + r for p, q, r in rows]
    assume(all(p or q for p, q, _ in rows) and f.free_symbols == {x, y})
    expected = kkt_points(f, below, [x, y])
    assume(expected is not None and len(set(below)) == len(below))
    assert expected is not None
    _, cases = examined(Problem(f, [g <= 0 for g in below], over=[x, y]))
    found = {
        tuple(number.expression for number in list(judged.found.numbers.values())[:2])
        for case in cases.worked
        for judged in case.judged
        if judged.fate is Fate.KKT
    }
    assert found == expected


@settings(max_examples=8, deadline=None)
@given(small, small, st.integers(1, 4), st.integers(1, 4), st.integers(-3, 3), st.booleans())
def test_a_planted_point_on_a_curve_survives(p: int, q: int, a: int, b: int, mu: int, active: bool) -> None:
    """At (p, q) the gradient of f is -mu times that of g = (x - p - 1)^2 + (y - q)^2 - 1, which is (-2, 0) there."""
    assume(mu >= 0)
    g = (x - p - 1) ** 2 + (y - q) ** 2 - (1 if active else 2)
    slope = 2 * mu if active else 0
    f = a * (x - p) ** 2 + b * (y - q) ** 2 + slope * (x - p)
    equations, cases = examined(Problem(f, [g <= 0], over=[x, y]))
    survivors = [j.found for case in cases.worked for j in case.judged if j.fate is Fate.KKT]
    assert any(same_set([place], [(float(p), float(q))]) for place in places(equations, survivors))


CURVED = {
    "disk and half-plane": Problem((x - 1) ** 2 + (y - 2) ** 2, [x**2 + y**2 <= 1, x >= 0], over=[x, y]),
    "saddle on a disk": Problem(x * y, [x**2 + y**2 <= 2, x + y >= 0], over=[x, y]),
    "cusp": Problem(x, [x**3 >= y**2], over=[x, y]),
    "two circles": Problem(x, [(x - 1) ** 2 + y**2 <= 1, (x + 1) ** 2 + y**2 <= 1], over=[x, y]),
    "on a sphere": Problem(x * y * z, [Eq(x**2 + y**2 + z**2, 3), x >= 0], over=[x, y, z], sense="max"),
    "quartic": Problem(x**4 + y**3 + x * y, [x**2 + y**2 <= 1], over=[x, y]),
    "box": Problem(x * y - x, [x >= 0, x <= 1, y >= 0, y <= 2], over=[x, y]),
}


@pytest.mark.parametrize("name", CURVED)
def test_the_feasible_points_of_all_cases_are_the_candidates(name: str) -> None:
    problem = CURVED[name]
    solution = solve(problem)
    assert solution.complete and not solution.families
    equations, cases = examined(problem)
    sets, everything = dependent_sets(equations, Effort(seconds=60.0))
    assert everything and not cases.left_out
    leaves = [leaf for each in (*cases.worked, *sets) for leaf in each.worked.leaves()]
    assert not any(isinstance(leaf, GivenUp) for leaf in leaves)
    points = [j.found for case in cases.worked for j in case.judged if j.feasible]
    points += [point for each in sets for point, feasible in each.feasible if feasible]
    listed = [tuple(float(number) for number in p.coordinates.values()) for p in solution.stationary_points]
    assert same_set(places(equations, points), listed)


@pytest.mark.parametrize("name", CURVED)
def test_every_reason_for_which_a_point_dies_is_true(name: str) -> None:
    problem = CURVED[name]
    f = problem.objective if problem.sense.value == "min" else -problem.objective
    inequalities = [g for g in problem.all_constraints if not isinstance(g, Eq)]
    below = [g.lhs - g.rhs if g.rel_op == "<=" else g.rhs - g.lhs for g in inequalities]
    zero = [h.lhs - h.rhs for h in problem.all_constraints if isinstance(h, Eq)]
    sign = 1 if problem.sense.value == "max" else -1
    equations, cases = examined(problem)
    for case in cases.worked:
        for judged in case.judged:
            numbers = {symbol: number.expression for symbol, number in judged.found.numbers.items()}
            point = {v: numbers[v] for v in equations.variables}
            mu = [numbers.get(held.multiplier, sympy.Integer(0)) for held in equations.inequalities]
            # the textbook's lambda of L = f - lambda h is minus that of f + lambda h; a maximization turns f around
            weights = [sign * numbers[held.multiplier] for held in equations.equalities]
            assert max(residuals(f, below, zero, point, mu, weights)) < CLOSE
            values = [float(sympy.N(g.subs(point), 40)) for g in below]
            if judged.fate is Fate.DUAL:
                assert min(map(float, mu)) < 0
            elif judged.fate is Fate.PRIMAL:
                assert max(values) > 0
            else:
                assert judged.fate in (Fate.KKT, Fate.KNOWN)
                assert max(values) < CLOSE and min(map(float, mu)) > -CLOSE


def test_a_dead_case_is_told_with_its_number() -> None:
    told = minimize((x - 2) ** 2 + y**2, [x <= 1, y >= 0], over=[x, y]).explain(detail="full")
    assert "Case 1: no inequality is active; μ_1 = 0, μ_2 = 0." in told
    assert "→ x = 2, y = 0: x = 2 violates x ≤ 1." in told
    assert "→ x = 1, y = 0, μ_1 = 2: all conditions hold: a KKT point with the value 1." in told
    assert "→ x = 1, y = 0, μ_1 = 2, μ_2 = 0: the point of case 2 again." in told
    told = minimize((x + 1) ** 2 + y**2, [x <= 1, y >= 0], over=[x, y]).explain(detail="full")
    assert "μ_1 = -4 < 0: dual feasibility fails." in told


def test_bounds_that_exclude_each_other_are_grouped() -> None:
    told = minimize(x * y - x, [x >= 0, x <= 1, y >= 0, y <= 2], over=[x, y]).explain(detail="full")
    assert "No point has x = 0, x = 1: these equations contradict each other." in told
    assert "No point has y = 0, y = 2: these equations contradict each other." in told


def test_infinitely_many_multipliers_are_cut_down_by_the_signs() -> None:
    told = solve(Problem(x * y, [x + y <= 4, x >= 0, y >= 0], over=[x, y], sense="max")).explain(detail="full")
    assert "x = 0, y = -μ_2, for all real μ_2: x + y ≤ 4, y ≥ 0, μ_2 ≥ 0 leave μ_2 = 0 only:" in " ".join(told.split())


def test_too_many_cases_leave_those_of_the_candidates() -> None:
    names = symbols("u1:5", real=True)
    bounds = dict.fromkeys(names, (0, 1))
    problem = Problem(sum((v - 2) ** 2 for v in names), bounds=bounds, over=names)
    told = solve(problem).explain(detail="full")
    assert "more cases are left out here" in told
    assert "all conditions hold: a KKT point with the value 4." in " ".join(told.split())


def test_multipliers_that_depend_on_a_parameter_are_told_as_conditions() -> None:
    u = Symbol("u", real=True)
    equations, cases = examined(Problem((x - u) ** 2, [x <= 1], over=[x]))
    active = cases.worked[1].judged[0]
    assert active.fate is Fate.OPEN
    assert "".join(map(str, active.reason.parts)) == "a KKT point exactly where Eq(mu, 2*u - 2) is >= 0."
    assert number_at(active.found, equations.objective).expression.expand() == u**2 - 2 * u + 1


def test_where_a_derivative_does_not_exist_nothing_is_claimed() -> None:
    a = Symbol("a", positive=True)
    problem = Problem(x**a * y**a, [Eq(x + y, 1), x >= 0, y >= 0], over=[x, y], sense="max")
    _, cases = examined(problem)
    on_the_edge = [leaf for case in cases.worked[1:] for leaf in case.worked.leaves()]
    assert not any(isinstance(leaf, Found | Nothing) for leaf in on_the_edge)


def test_nowhere_dependent_gradients_are_named() -> None:
    told = minimize(x, [x**2 + y**2 <= 1], over=[x, y]).explain(detail="full")
    assert "Nowhere dependent are the gradients of: x² + y² = 1." in told
    told = minimize(x, [x >= 0, y >= x], over=[x, y]).explain(detail="full")
    assert "All constraints are affine, which is a constraint qualification" in told


def test_points_outside_the_domain_of_a_function_are_impossible() -> None:
    problem = Problem(-x * sympy.log(x) - y * sympy.log(y), [Eq(x + y, 1), x >= 0, y >= 0], over=[x, y], sense="max")
    told = solve(problem).explain(detail="full")
    assert told.count("→ Impossible: a function of the problem is not defined there.") == 2
    assert "The KKT points of these cases: x = 1/2, y = 1/2.\n" in told
