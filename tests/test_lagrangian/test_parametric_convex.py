"""Convex problems with parameters anywhere: demand with corner solutions, water filling, monopoly, ridge and projections."""

import random
from fractions import Fraction
from itertools import combinations

import pytest
import sympy
from flint import fmpq
from sympy import Eq, Rational, exp, log, sqrt, symbols

from lagrangian import Problem, Status, canonicalize, solve_parametric
from lagrangian.duality import parametric_answers, parametric_convex
from lagrangian.duality.parametric_contradictions import contradict
from lagrangian.duality.parametric_infeasible import contradictions
from lagrangian.duality.parametric_points import points_of
from lagrangian.duality.parametric_polyhedra import Condition
from lagrangian.duality.parametric_reading import Generators
from lagrangian.duality.parametric_signs import SignCondition, Signs, alternatives, simplified
from tests.parametric_programs import proved, random_values, sympify

x, y, z = symbols("x y z", real=True)
a, b, c, d, m, p, q, r, K, P = symbols("a b c d m p q r K P", positive=True)
s, t, u = symbols("s t u", real=True)


def water_level(noises: list[Fraction], power: Fraction) -> Fraction:
    """The level w with sum(max(w - a_i, 0)) = P: the k lowest channels share (P + their sum)/k, for the only k that fits."""
    ordered = sorted(noises)
    for k in range(1, len(ordered) + 1):
        level = (power + sum(ordered[:k])) / k
        if level >= ordered[k - 1] and (k == len(ordered) or level <= ordered[k]):
            return level
    raise AssertionError("some k fits")


@pytest.fixture(scope="module")
def water_filling():
    channels = (a, b, c)
    objective = sympy.Add(*(log(noise + v) for noise, v in zip(channels, (x, y, z), strict=True)))
    return proved(Problem(objective, [Eq(x + y + z, P), x >= 0, y >= 0, z >= 0], over=[x, y, z], sense="max"))


@pytest.mark.parametrize("seed", range(30))
def test_water_filling_fills_to_one_level(water_filling, seed: int) -> None:
    values = random_values(seed, (a, b, c, P))
    noises = [Fraction(int(values[k].p), int(values[k].q)) for k in (a, b, c)]
    level = water_level(noises, Fraction(int(values[P].p), int(values[P].q)))
    region = water_filling.at(values)
    expected = [sympify(max(level - noise, Fraction(0))) for noise in noises]
    assert list(region.point.values()) == expected
    # the price of power is the slope of the sum of logarithms: 1 over the level
    assert region.multipliers[Eq(x + y + z, P)] == 1 / sympify(level)


def test_water_filling_has_a_region_for_each_set_of_used_channels(water_filling) -> None:
    assert len(water_filling.regions) == 7
    used = {frozenset(v for v in (x, y, z) if region.point[v] != 0) for region in water_filling.regions}
    assert used == {frozenset(chosen) for size in (1, 2, 3) for chosen in combinations((x, y, z), size)}


def test_roots_of_a_parameter_that_a_region_shows_to_be_positive() -> None:
    """min x + y on a disk of the area pi u: -sqrt(2 u), no point for u < 0."""
    solution = solve_parametric(Problem(x + y, [x**2 + y**2 <= u], over=[x, y]))
    by_condition = {region.condition: region for region in solution.regions}
    assert by_condition[u < 0].status is Status.INFEASIBLE
    assert sympy.simplify(by_condition[u > 0].value + sqrt(2) * sqrt(u)) == 0
    assert by_condition[Eq(u, 0)].status is Status.UNDECIDED


def test_an_income_of_unknown_sign_may_be_infeasible() -> None:
    solution = solve_parametric(Problem((x - a) ** 2 + (y - b) ** 2, [p * x + y <= u, x >= 0, y >= 0], over=[x, y]))
    assert solution.covers is True
    assert next(r for r in solution.regions if r.condition == (u < 0)).status is Status.INFEASIBLE


def test_monopoly_with_a_capacity() -> None:
    """max q (a - b q) - c q: nothing if a <= c, (a - c)/(2 b) up to the capacity."""
    solution = proved(Problem(x * (a - b * x) - c * x, [x <= K, x >= 0], over=[x], sense="max"))
    assert {region.point[x] for region in solution.regions} == {(a - c) / (2 * b), K, 0}
    assert solution.at({a: 10, b: 1, c: 2, K: 3}).shadow_prices[x <= K] == 2
    assert solution.at({a: 10, b: 1, c: 2, K: 5}).point[x] == 4
    assert solution.at({a: 1, b: 1, c: 2, K: 5}).value == 0


def test_a_retailer_with_two_markets() -> None:
    """The capacity binding: marginal revenues are equal; against all active sets, with numbers put in."""
    objective = x * (a - b * x) + y * (c - d * y)
    solution = proved(Problem(objective, [x + y <= K, x >= 0, y >= 0], over=[x, y], sense="max"))
    for seed in range(25):
        values = random_values(seed, (a, b, c, d, K))
        assert solution.at(values).value == best_revenue(objective.xreplace(values), values[K])


def best_revenue(revenue, capacity):
    """The best of the stationary points of the triangle, its sides and its corners."""
    gradient = [sympy.diff(revenue, v) for v in (x, y)]
    places = [sympy.solve(gradient, [x, y], dict=True)[0], {x: 0, y: 0}, {x: capacity, y: 0}, {x: 0, y: capacity}]
    for side in ({x: 0}, {y: 0}, {y: capacity - x}):
        on_side = revenue.subs(side)
        (free,) = on_side.free_symbols
        at = sympy.solve(sympy.diff(on_side, free), free)[0]
        places.append(
            {v: side.get(v, v).subs(free, at) if v in side and side[v] != 0 else side.get(v, at) for v in (x, y)}
        )
    feasible = [k for k in places if k[x] >= 0 and k[y] >= 0 and k[x] + k[y] <= capacity]
    return max(revenue.subs(k) for k in feasible)


def test_ridge_regression_is_the_solution_of_the_normal_equations() -> None:
    rows, right = sympy.Matrix([[1, 2], [1, -1], [0, 3]]), sympy.Matrix([1, 3, s])
    residual = right - rows * sympy.Matrix([x, y])
    solution = proved(Problem((residual.T * residual)[0] + a * (x**2 + y**2), over=[x, y]))
    (region,) = solution.regions
    expected = (rows.T * rows + a * sympy.eye(2)).LUsolve(rows.T * right)
    assert all(sympy.simplify(k - e) == 0 for k, e in zip(region.point.values(), expected, strict=True))


def test_projections_on_a_half_space_and_on_a_ball() -> None:
    half_space = proved(Problem((x - s) ** 2 + (y - t) ** 2, [a * x + b * y <= c], over=[x, y]))
    outside = next(region for region in half_space.regions if region.active_set)
    assert sympy.simplify(outside.value - (a * s + b * t - c) ** 2 / (a**2 + b**2)) == 0
    ball = proved(Problem((x - s) ** 2 + (y - t) ** 2, [x**2 + y**2 <= r**2], over=[x, y]))
    assert ball.at({s: 3, t: 4, r: 1}).point == {x: Rational(3, 5), y: Rational(4, 5)}
    assert ball.at({s: 3, t: 4, r: 6}).value == 0


def test_a_curved_constraint_without_feasible_points_or_with_one() -> None:
    """min x^2 + 1 with (x - 2)(x - 4) <= u: infeasible below -1, and at -1 no multiplier exists."""
    solution = solve_parametric(Problem(x**2 + 1, [(x - 4) * (x - 2) <= u], over=[x]))
    statuses = {region.condition: region.status for region in solution.regions}
    assert statuses[u < -1] is Status.INFEASIBLE
    assert statuses[Eq(u, -1)] is Status.UNDECIDED
    assert solution.missing
    assert solution.at({u: 0}).value == 5
    assert solution.at({u: 8}).value == 1
    narrowed = proved(Problem(x**2 + 1, [(x - 4) * (x - 2) <= u], over=[x], assumptions=[u > -1, u < 8]))
    assert [region.value for region in narrowed.regions] == [(sqrt(u + 1) - 3) ** 2 + 1]


def test_roots_and_logarithms_are_taken_off() -> None:
    profit = proved(Problem(p * sqrt(x) - q * x, [x >= 0, x <= K], over=[x], sense="max"))
    assert len(profit.regions) == 2
    assert profit.at({p: 2, q: 1, K: 4}).point == {x: 1}
    exponential = proved(Problem(exp(x) - a * x, [x >= 0], over=[x]))
    assert {region.condition: region.point[x] for region in exponential.regions} == {a >= 1: log(a), a <= 1: 0}


def test_what_is_not_convex_or_not_smooth_is_undecided() -> None:
    for problem in (Problem(x**4 - a * x**2, over=[x]), Problem(sympy.Abs(x) ** 3 + a * x, over=[x])):
        solution = solve_parametric(problem)
        assert [region.status for region in solution.regions] == [Status.UNDECIDED]
        assert solution.missing


def test_points_of_an_active_set_solve_the_kkt_equations() -> None:
    canonical, _ = canonicalize(Problem(a * x**2 + b * y**2, [x + y >= c], over=[x, y]))
    (point,) = points_of(canonical, [0])
    assert sympy.simplify(point.point[x] - b * c / (a + b)) == 0
    assert next(points_of(canonical, [])).point == {canonical.variables[0]: 0, canonical.variables[1]: 0}


CONDITIONS = [
    (SignCondition(-a), []),
    (SignCondition(a), None),
    (SignCondition(sympy.S.Zero), []),
    (SignCondition(sympy.S.Zero, strict=True), None),
    (SignCondition((s - t) / a), [SignCondition(s - t)]),
    (SignCondition((s - t) / -a, strict=True), [SignCondition(t - s, strict=True)]),
    (SignCondition(s**2 * (t - 1)), [SignCondition(t - 1)]),
    (SignCondition(sqrt(a) - b), [SignCondition(a - b**2)]),
    (SignCondition(b - sqrt(a)), [SignCondition(b**2 - a)]),
    (SignCondition(log(a)), [SignCondition(a - 1)]),
    (SignCondition(log(a) - log(b)), [SignCondition(a - b)]),
]


@pytest.mark.parametrize(("condition", "expected"), CONDITIONS)
def test_conditions_in_their_simplest_form(condition, expected) -> None:
    assert simplified(condition, Signs(())) == expected


@pytest.mark.parametrize("seed", range(20))
def test_simplified_conditions_imply_the_stated_one(seed: int) -> None:
    rng = random.Random(seed)
    factors = [s - t, s + a, t**2, a, 1 / (a + b), sqrt(a) - b, b - s, sqrt(s**2 + t**2)]
    expression = sympy.Mul(*rng.sample(factors, rng.randint(1, 3))) * rng.choice([1, -1])
    for strict in (False, True):
        parts = simplified(SignCondition(expression, strict), Signs(()))
        for _ in range(30):
            values = {k: Rational(rng.randint(-6, 6), 2) for k in (s, t)} | random_values(rng.randint(0, 999), (a, b))
            if parts is not None and all(holds(part, values) for part in parts):
                assert holds(SignCondition(expression, strict), values)


def holds(condition: SignCondition, values) -> bool:
    number = condition.expression.xreplace(values)
    return bool(number < 0) if condition.strict else bool(number <= 0)


def test_what_values_need_to_be_defined_is_never_left_out() -> None:
    (way,) = alternatives([1 / sqrt(u + 1)], [], Signs(()))
    assert way[0] == [SignCondition(-u - 1, strict=True)]
    both = [conditions for conditions, _ in alternatives([1 / u], [], Signs(()))]
    assert both == [[SignCondition(-u, strict=True)], [SignCondition(u, strict=True)]]


def test_weights_that_contradict_affine_constraints() -> None:
    canonical, _ = canonicalize(Problem(x + y, [p * x + q * y <= u, x >= 1, y >= 2], over=[x, y]))
    (found,) = contradictions(canonical)
    assert found == [SignCondition(-p - 2 * q + u, strict=True)]


def test_contradictions_by_products() -> None:
    generators = Generators([a, b, a * b])
    one, zero = fmpq(1), fmpq(0)
    above = [Condition((-one, zero, zero, one)), Condition((zero, -one, zero, one))]
    assert contradict([*above, Condition((zero, zero, one, -one), strict=True)], generators) is True
    assert contradict([*above, Condition((zero, zero, one, -one))], generators) is False


def test_too_many_parts_that_are_left_over_are_not_examined(monkeypatch: pytest.MonkeyPatch) -> None:
    """The regions that were found are kept, and nothing is said of a cover that was not looked at."""
    monkeypatch.setattr(parametric_convex, "MOST_CELLS", 0)
    monkeypatch.setattr(parametric_answers, "nonconvex_answer", lambda *arguments: "it was left out")
    solution = solve_parametric(Problem(x * (a - b * x) - c * x, [x <= K, x >= 0], over=[x], sense="max"))
    assert len(solution.regions) == 3
    assert "too many parts" in solution.missing[0]
