"""Answers against planted optima, closed forms and the relations between problems; every answer is checked again."""

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Eq, Le, Matrix, Rational, exp, log, pi, sin, sqrt, symbols

from lagrangian import Problem, ProblemError, Status, maximize, minimize, solve
from tests.kkt_checker import solved, vanishes
from tests.strategies import Planted, convex_quadratic_programs, rationals, sums_of_squares, symmetric_matrices

x, y, z = symbols("x y z", real=True)


@settings(max_examples=60, deadline=None)
@given(convex_quadratic_programs())
def test_planted_quadratic_programs_are_solved_with_their_multipliers(planted: Planted) -> None:
    solution = solved(Problem(planted.objective, planted.constraints, over=planted.over))
    assert solution.status is Status.OPTIMAL
    assert solution.points == (planted.point,)
    assert solution.value == planted.value
    if solution.shadow_prices:
        found = {stated: solution.multipliers[stated] for stated in planted.multipliers}
        assert found == planted.multipliers


@settings(max_examples=25, deadline=None)
@given(sums_of_squares())
def test_planted_sums_of_squares_have_their_least_value(planted: Planted) -> None:
    """Not convex, and often without compactness: never a wrong value, and the planted point among the optima."""
    solution = solved(Problem(planted.objective, over=planted.over))
    assert solution.status in (Status.OPTIMAL, Status.LOCAL, Status.UNDECIDED)
    if solution.status is Status.OPTIMAL:
        assert solution.value == planted.value
        on_family = any(
            all(vanishes((e.lhs - e.rhs).subs(planted.point)) for e in family.equations) for family in solution.families
        )
        assert planted.point in solution.points or on_family


@settings(max_examples=25, deadline=None)
@given(convex_quadratic_programs(), st.integers(1, 5))
def test_metamorphic_relations(planted: Planted, scale: int) -> None:
    """min f = -max(-f); variables in another order; a constraint times c has its multiplier divided by c."""
    plain = solved(Problem(planted.objective, planted.constraints, over=planted.over))
    turned = solved(Problem(-planted.objective, planted.constraints, over=planted.over[::-1], sense="max"))
    assert turned.value == -plain.value
    assert {frozenset(p.items()) for p in turned.points} == {frozenset(p.items()) for p in plain.points}
    scaled_constraints = [c.func(scale * c.lhs, scale * c.rhs, evaluate=False) for c in planted.constraints]
    scaled = solved(Problem(planted.objective, scaled_constraints, over=planted.over))
    assert scaled.value == plain.value
    if plain.shadow_prices:
        for before, after in zip(planted.constraints, scaled_constraints, strict=True):
            assert scaled.multipliers[after] * scale == plain.multipliers[before]


@settings(max_examples=30, deadline=None)
@given(st.tuples(rationals(), rationals(), rationals()), st.integers(1, 4))
def test_linear_objectives_on_spheres(slope, radius: int) -> None:
    """max a.x on |x| = r is r |a|."""
    objective = slope[0] * x + slope[1] * y + slope[2] * z
    solution = solved(Problem(objective, [Eq(x**2 + y**2 + z**2, radius**2)], over=[x, y, z], sense="max"))
    assert solution.status is Status.OPTIMAL
    assert vanishes(solution.value - radius * sqrt(sum(a**2 for a in slope)))


@settings(max_examples=20, deadline=None)
@given(symmetric_matrices(2))
def test_rayleigh_quotients(matrix: Matrix) -> None:
    """max x^T A x on the unit circle is the largest eigenvalue, and it is the multiplier."""
    vector = Matrix([x, y])
    objective = sympy.expand((vector.T * matrix * vector)[0, 0])
    circle = Eq(x**2 + y**2, 1)
    solution = solved(Problem(objective, [circle], over=[x, y], sense="max"))
    largest = matrix.trace() / 2 + sqrt((matrix[0, 0] - matrix[1, 1]) ** 2 / 4 + matrix[0, 1] ** 2)
    assert solution.status is Status.OPTIMAL
    assert vanishes(solution.value - largest)
    if solution.multipliers:
        assert vanishes(solution.multipliers[circle] - largest)


@settings(max_examples=30, deadline=None)
@given(st.tuples(rationals(), rationals()), st.tuples(st.integers(-3, 3), st.integers(-3, 3)).filter(any), rationals())
def test_projection_on_a_half_plane(center, normal, right) -> None:
    """The distance from c to a.x <= b is max(0, a.c - b) / |a|."""
    a, b = normal
    excess = a * center[0] + b * center[1] - right
    solution = solved(
        Problem((x - center[0]) ** 2 + (y - center[1]) ** 2, [Le(a * x + b * y, right, evaluate=False)], over=[x, y])
    )
    assert solution.value == max(Rational(0), excess) ** 2 / (a**2 + b**2)


def test_arithmetic_and_geometric_mean() -> None:
    solution = solved(
        Problem(x + y + z, [Eq(x * y * z, 8)], over=[x, y, z], bounds=dict.fromkeys((x, y, z), (0, None)))
    )
    assert (solution.status, solution.value, solution.points) == (Status.OPTIMAL, 6, ({x: 2, y: 2, z: 2},))


# (what, objective, constraints, sense, status, value), each with its reason or source
REFERENCE = [
    ("six-hump camel, value known to 16 digits", 4 * x**2 - Rational(21, 10) * x**4 + x**6 / 3 + x * y - 4 * y**2 + 4 * y**4,
     [], "min", Status.OPTIMAL, -1.0316284534898774),
    ("Motzkin's polynomial, least value 0 though no sum of squares", x**4 * y**2 + x**2 * y**4 - 3 * x**2 * y**2 + 1,
     [], "min", Status.OPTIMAL, 0),
    ("cusp: no multipliers exist", x, [Eq(y**2, x**3)], "min", Status.OPTIMAL, 0),
    ("two touching discs", y, [(x - 1) ** 2 + y**2 <= 1, (x + 1) ** 2 + y**2 <= 1], "max", Status.OPTIMAL, 0),
    ("infimum 0 along x = 1/y", x**2 + (x * y - 1) ** 2, [], "min", Status.NOT_ATTAINED, 0),
    ("hyperbola", y, [x * y >= 1, x >= 0], "min", Status.NOT_ATTAINED, 0),
    ("open half-line", x, [x > 1], "min", Status.NOT_ATTAINED, 1),
    ("open interval around the minimum", x**2, [x < 1, x > -1], "min", Status.OPTIMAL, 0),
    ("supremum 1 of x^2 / (1 + x^2)", x**2 / (1 + x**2), [], "max", Status.NOT_ATTAINED, 1),
    ("product on a line", x * y, [Eq(x, y)], "max", Status.UNBOUNDED, None),
    ("parabola to the left", x, [Eq(y, x**2)], "min", Status.UNBOUNDED, None),
    ("monkey saddle in a half-plane", x**3 - 3 * x * y**2, [x + y >= 0], "min", Status.UNBOUNDED, None),
    ("contradicting half-planes", x + y, [x + y <= 1, x + y >= 2], "min", Status.INFEASIBLE, None),
    ("no real points", x, [Eq(x**2 + y**2, -1, evaluate=False)], "min", Status.INFEASIBLE, None),
    ("pole at the edge", x + 1 / x, [x >= 0], "min", Status.OPTIMAL, 2),
    ("kink at the minimum", abs(x) + x**2 / 2 - x / 2, [], "min", Status.OPTIMAL, 0),
    ("infinite slope at the edge", sqrt(x) + x, [], "min", Status.OPTIMAL, 0),
    ("coefficient sqrt(3)", x**2 - sqrt(3) * x, [], "min", Status.OPTIMAL, Rational(-3, 4)),
    ("an exponential that only tends to zero", exp(x), [], "min", Status.NOT_ATTAINED, 0),
    ("an exponential of a bounded form", exp(x + y), [x**2 + y**2 <= 2], "max", Status.OPTIMAL, exp(2)),
    ("convex with a logarithm in the answer", exp(x) - 2 * x, [], "min", Status.OPTIMAL, 2 - 2 * log(2)),
    ("entropy of three outcomes", -x * log(x) - y * log(y) - z * log(z), [Eq(x + y + z, 1)], "max", Status.OPTIMAL, log(3)),
    ("24 orders of magnitude", 10**12 * (x - 1) ** 2 + Rational(1, 10**12) * (y + 1) ** 2, [], "min", Status.OPTIMAL, 0),
]  # fmt: skip


@pytest.mark.parametrize(
    ("what", "objective", "constraints", "sense", "status", "value"),
    REFERENCE,
    ids=lambda v: v if isinstance(v, str) and " " in v else "",
)
def test_reference_answers(what, objective, constraints, sense, status, value) -> None:
    over = sorted(set().union(objective.free_symbols, *(c.free_symbols for c in constraints)), key=str)
    solution = solved(Problem(objective, constraints, over=over, sense=sense))
    assert solution.status is status
    if isinstance(value, float):
        assert float(solution.value) == pytest.approx(value, rel=1e-14)
    elif value is None:
        assert solution.value is None
    else:
        assert vanishes(solution.value - value)


def test_algebraic_answers_that_radicals_cannot_express() -> None:
    solution = solved(Problem(x**6 / 6 - x**2 / 2 + x, over=[x]))
    assert solution.points == ({x: sympy.CRootOf(x**5 - x + 1, 0)},)
    low, high = solution.value_interval
    assert low < sympy.N(solution.value, 40) < high
    assert high - low < Rational(1, 10**20)


def test_all_optima_are_reported() -> None:
    solution = solved(Problem(x * y, [Eq(x**2 + y**2, 8)], over=[x, y], sense="max"))
    assert {frozenset(p.items()) for p in solution.points} == {
        frozenset({x: 2, y: 2}.items()),
        frozenset({x: -2, y: -2}.items()),
    }
    circle = solved(Problem((x**2 + y**2 - 1) ** 2, over=[x, y]))
    assert circle.families[0].dimension == 1
    assert circle.families[0].value == 0


def test_strict_inequalities_exclude_the_optima_of_the_closure() -> None:
    """min x^2 on 1 < |x|: the closure attains 1 at both ends, the open set nowhere."""
    assert solved(Problem(x**2, [x**2 > 1], over=[x])).status is Status.NOT_ATTAINED
    half = solved(Problem(x**2, [x**2 >= 1, x > 0], over=[x]))
    assert (half.status, half.points) == (Status.OPTIMAL, ({x: 1},))


def test_points_that_a_strict_inequality_excludes_are_not_listed() -> None:
    solution = minimize(x**2, [x > 1, x <= 3], over=[x])
    assert solution.status is Status.NOT_ATTAINED
    assert [point.coordinates[x].expression for point in solution.stationary_points] == [3]


def test_the_budget_example_with_a_symbolic_bound() -> None:
    """Mission M5: lambda* = dM*/db, and the value function's derivative says the same."""
    u, v, b = symbols("u v b", positive=True)
    budget = Eq(u + v, b)
    solution = maximize(u * v, [budget], over=[u, v])
    assert solution.status is Status.OPTIMAL
    assert (solution.value, solution.points, solution.multipliers[budget]) == (b**2 / 4, ({u: b / 2, v: b / 2},), b / 2)
    assert solution.shadow_price(budget) == sympy.diff(solution.value, b)
    assert solution.certificate.verify() is True


def test_two_markets_with_symbolic_demand() -> None:
    a1, a2, b1, b2, stock = symbols("a1 a2 b1 b2 K", positive=True)
    supply = Eq(x + y, stock)
    solution = maximize(x * (a1 - b1 * x) + y * (a2 - b2 * y), [supply], over=[x, y])
    assert solution.status is Status.OPTIMAL
    assert sympy.simplify(solution.shadow_price(supply) - sympy.diff(solution.value, stock)) == 0
    assert sympy.simplify(a1 - 2 * b1 * solution.points[0][x] - (a2 - 2 * b2 * solution.points[0][y])) == 0


def test_a_parameter_whose_sign_is_open_is_not_decided() -> None:
    c = symbols("c")
    solution = minimize(c * x**2, over=[x])
    assert solution.status is Status.UNDECIDED
    assert solution.missing


def test_what_is_beyond_the_engine_is_said_to_be() -> None:
    solution = minimize(sin(x) + sin(sqrt(2) * x), over=[x], time_limit_s=8)
    # the infimum is -2, and no x has it
    assert solution.status in (Status.UNDECIDED, Status.LOCAL)
    assert solution.missing
    n = symbols("n", integer=True)
    assert minimize((n - Rational(1, 2)) ** 2, over=[n]).value == Rational(1, 4)
    assert minimize(n**3, over=[n], time_limit_s=10).status is Status.UNBOUNDED


def test_transcendental_constants_that_are_factors_are_scaled_out() -> None:
    r, h = symbols("r h", real=True)
    solution = solved(
        Problem(pi * r**2 * h, [Eq(h + 2 * pi * r, 120)], over=[r, h], bounds={r: (0, None), h: (0, None)}, sense="max")
    )
    assert solution.status is Status.OPTIMAL
    assert vanishes(solution.value - 64000 / pi)


def test_minimize_and_maximize_take_the_arguments_of_a_problem() -> None:
    assert minimize(x, bounds={x: (1, 2)}).value == 1
    assert maximize(x, bounds={x: (1, 2)}).value == 2


def test_a_time_limit_must_be_positive_and_is_kept() -> None:
    with pytest.raises(ProblemError, match="time_limit_s is 0; write a positive number of seconds"):
        minimize(x, [x >= 1], over=[x], time_limit_s=0)
    hurried = minimize(x * y * z, [x**2 + y**2 + z**2 <= 1], over=[x, y, z], time_limit_s=1e-9)
    assert hurried.status is Status.UNDECIDED
    assert "time limit" in hurried.missing[0]


def test_shadow_prices_of_unknown_constraints_are_an_error() -> None:
    solution = minimize(x**2, [x >= 1], over=[x])
    with pytest.raises(KeyError, match="x >= 2 is no constraint of the problem; it has x >= 1"):
        solution.shadow_price(x >= 2)
    assert solution.shadow_price(x >= 1) == 2


def test_no_shadow_price_where_multipliers_are_not_unique() -> None:
    solution = solved(Problem(x**2 + y**2, [Eq(x + y, 2), Eq(2 * x + 2 * y, 4)], over=[x, y]))
    assert solution.points == ({x: 1, y: 1},)
    assert solution.shadow_price(Eq(x + y, 2)) is None


@pytest.mark.parametrize("objective", [-(x**2), -sympy.cosh(x)])
def test_no_shadow_price_where_a_bound_moves_one_of_two_optima(objective: sympy.Expr) -> None:
    """min -x**2 on [l, u] is -max(l**2, u**2), which has no derivative at l = -1, u = 1."""
    solution = solve(Problem(objective, [x >= -1, x <= 1], over=[x]), time_limit_s=20)
    assert {point[x] for point in solution.points} == {-1, 1}
    assert solution.shadow_prices == {}


def test_shadow_prices_that_all_optima_agree_on() -> None:
    """min x y on x**2 + y**2 = c is -c/2, at two points."""
    circle = Eq(x**2 + y**2, 1)
    solution = solve(Problem(x * y, [circle], over=[x, y]), time_limit_s=20)
    assert len(solution.points) == 2
    assert solution.shadow_price(circle) == Rational(-1, 2)
