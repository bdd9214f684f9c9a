"""Problems with parameters, exp and log: proved where they are convex, checked candidates elsewhere."""

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Eq, exp, log, symbols

from lagrangian import Kind, Problem, Status, canonicalize, solve
from lagrangian.algebra.signs import is_nonnegative, is_positive
from lagrangian.candidates.symbolic import kkt_candidates
from lagrangian.conditions.symbolic_second_order import symbolic_second_order
from tests.kkt_checker import check_multipliers, solved

x, y = symbols("x y", real=True)
a, b, p, q, m = symbols("a b p q m", positive=True)


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 5), st.integers(1, 5), st.integers(-3, 3))
def test_projections_on_a_line_with_a_free_side(first: int, second: int, shift: int) -> None:
    """min x^2 + y^2 on a x + b y = c is c^2 / (a^2 + b^2), and its derivative in c is the shadow price."""
    c = symbols("c", real=True)
    line = Eq(first * x + second * y, c + shift)
    solution = solved(Problem(x**2 + y**2, [line], over=[x, y]))
    assert solution.status is Status.OPTIMAL
    expected = (c + shift) ** 2 / (first**2 + second**2)
    assert sympy.simplify(solution.value - expected) == 0
    assert sympy.simplify(solution.shadow_price(line) - sympy.diff(expected, c)) == 0


def test_cobb_douglas_demand_in_logarithms() -> None:
    """max a log x + b log y on p x + q y = m: the shares a/(a+b) and b/(a+b) of the income are spent."""
    budget = Eq(p * x + q * y, m)
    solution = solve(Problem(a * log(x) + b * log(y), [budget, x > 0, y > 0], over=[x, y], sense="max"))
    assert solution.status is Status.OPTIMAL
    assert solution.certificate.verify() is True
    (point,) = solution.points
    assert sympy.simplify(point[x] - a * m / ((a + b) * p)) == 0
    assert sympy.simplify(point[y] - b * m / ((a + b) * q)) == 0
    assert sympy.simplify(solution.shadow_price(budget) - (a + b) / m) == 0


def test_exponentials_with_a_free_rate() -> None:
    """min e^x - a x has its least value a - a log a at x = log a."""
    solution = solve(Problem(exp(x) - a * x, over=[x]))
    assert solution.status is Status.OPTIMAL
    assert sympy.simplify(solution.value - (a - a * log(a))) == 0
    assert sympy.simplify(solution.points[0][x] - log(a)) == 0


def test_a_parameter_of_unknown_sign_proves_nothing() -> None:
    c = symbols("c", real=True)
    solution = solve(Problem(c * x**2, over=[x]))
    assert solution.status is Status.UNDECIDED
    assert solution.certificate is None
    assert solution.missing


def test_the_wrong_curvature_is_never_called_optimal() -> None:
    solution = solve(Problem(-a * x**2 + x, over=[x]))
    assert solution.status is not Status.OPTIMAL


def test_every_candidate_satisfies_the_kkt_conditions() -> None:
    problem = Problem(x * y, [Eq(x + y, b), x >= 0], over=[x, y], sense="max")
    canonical, restoration = canonicalize(problem)
    found = list(kkt_candidates(canonical))
    assert found
    for candidate in found:
        point = {restoration.expression(v): restoration.expression(e) for v, e in candidate.point.items()}
        multipliers = {
            problem.constraints[0]: restoration.textbook_multiplier(
                problem.constraints[0], restoration.expression(candidate.equality_multipliers[0])
            ),
        }
        if candidate.dual_feasible:
            multipliers[problem.constraints[1]] = restoration.expression(candidate.inequality_multipliers[0])
            check_multipliers(problem, point, multipliers)


@pytest.mark.parametrize("sense, sign", [("max", 1), ("min", -1)])
def test_of_two_candidates_the_better_one_leads_for_all_parameters(sense: str, sign: int) -> None:
    """x + y on x^2/p + y^2/q = 1 is between -sqrt(p + q) and sqrt(p + q), by Cauchy and Schwarz."""
    solution = solve(Problem(x + y, [Eq(x**2 / p + y**2 / q, 1)], over=[x, y], sense=sense))
    assert sympy.simplify(solution.value - sign * sympy.sqrt(p + q)) == 0
    first, second = solution.stationary_points
    assert sympy.simplify(first.value - solution.value) == 0 and sympy.simplify(second.value + solution.value) == 0
    expected = [Kind.STRICT_LOCAL_MAXIMUM, Kind.STRICT_LOCAL_MINIMUM]
    assert [first.kind, second.kind] == (expected if sense == "max" else expected[::-1])


def test_a_deadline_in_the_past_gives_no_candidates() -> None:
    assert list(kkt_candidates(canonicalize(Problem(x**2 - a * x, over=[x]))[0], deadline=0.0)) == []


KINDS = [
    (a * x**2 + b * y**2, [], Kind.STRICT_LOCAL_MINIMUM),
    (a * x**2 - b * y**2, [], Kind.SADDLE),
    (-a * x**2 - b * y**2, [], Kind.STRICT_LOCAL_MAXIMUM),
    (x * y, [Eq(x + y, b)], Kind.STRICT_LOCAL_MAXIMUM),
    (x**2 + a * y**2, [Eq(y - x, b)], Kind.STRICT_LOCAL_MINIMUM),
    ((x - a) ** 2, [x >= a + 1], Kind.STRICT_LOCAL_MINIMUM),
]


@pytest.mark.parametrize(("objective", "constraints", "kind"), KINDS)
@pytest.mark.parametrize("sense", ["min", "max"])
def test_points_with_parameters_are_classified(objective, constraints, kind: Kind, sense: str) -> None:
    """What a point is does not depend on whether the problem is stated as a minimization or a maximization."""
    if constraints and not isinstance(constraints[0], Eq) and sense == "max":
        return  # no KKT point of the maximization
    over = [x, y] if objective.has(y) else [x]
    found = solve(Problem(objective, constraints, over=over, sense=sense)).stationary_points
    assert kind in [point.kind for point in found]
    if not constraints:
        assert [point.kind for point in found] == [kind]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(-3, 3), min_size=6, max_size=6), st.lists(st.integers(-2, 2), min_size=3, max_size=3))
def test_minors_agree_with_the_eigenvalues_of_the_reduced_hessian(entries: list[int], row: list[int]) -> None:
    """Numbers in place of parameters: x^T H x / 2 on a.x = 0 at the origin, by projecting H on a basis of the plane."""
    z = symbols("z", real=True)
    vector = sympy.Matrix([x, y, z])
    p11, p12, p13, p22, p23, p33 = entries
    hessian = sympy.Matrix([[p11, p12, p13], [p12, p22, p23], [p13, p23, p33]])
    if not any(row):
        return
    objective = (vector.T * hessian * vector)[0] / 2
    plane = Eq(sum(c * v for c, v in zip(row, vector, strict=True)), 0, evaluate=False)
    canonical, _ = canonicalize(Problem(objective, [plane], over=[x, y, z]))
    found = symbolic_second_order(canonical, dict.fromkeys((x, y, z), sympy.Integer(0)), (), (sympy.Integer(0),))
    basis = sympy.Matrix.hstack(*sympy.Matrix([row]).nullspace())
    reduced = basis.T * hessian * basis
    if reduced.det() < 0:
        expected = Kind.SADDLE
    elif reduced.det() > 0:
        expected = Kind.STRICT_LOCAL_MINIMUM if reduced[0, 0] > 0 else Kind.STRICT_LOCAL_MAXIMUM
    else:
        expected = Kind.UNDECIDED
    assert found.kind in (expected, Kind.UNDECIDED), "a vanishing minor on the way leaves it undecided"
    if found.kind is Kind.UNDECIDED and expected is not Kind.UNDECIDED:
        assert "could not be decided" in found.reason


def test_no_shadow_price_where_two_constraints_say_the_same() -> None:
    """min a x over x >= s and 2 x >= t is a max(s, t/2), which has no derivative at s = t = 0."""
    solution = solve(Problem(a * x, [x >= 0, 2 * x >= 0], over=[x]), time_limit_s=20)
    assert (solution.status, solution.value) == (Status.OPTIMAL, 0)
    assert solution.shadow_prices == {}


def test_an_optimum_of_a_convex_problem_is_alone_or_said_not_to_be_known_as_such() -> None:
    """min a (x + y) over x + y >= 1, x, y >= 0 is attained on a whole edge."""
    edge = solve(Problem(a * (x + y), [x + y >= 1, x >= 0, y >= 0], over=[x, y]), time_limit_s=20)
    assert (edge.status, edge.value) == (Status.OPTIMAL, a)
    assert any(line.startswith("other points with the same value") for line in edge.missing)
    alone = solve(Problem(a * x + y**2, [x >= 0], over=[x, y]), time_limit_s=20)
    assert (alone.status, alone.missing) == (Status.OPTIMAL, ())


@settings(max_examples=60, deadline=None)
@given(st.integers(-4, 4), st.integers(-6, 6), st.integers(1, 6), st.integers(1, 9))
def test_signs_of_sums_with_a_root_hold_throughout_the_interval(slope: int, rest: int, low: int, width: int) -> None:
    """(slope sqrt(u) + rest)/u on an interval: what is said of all its points, or of none, is so at some of them."""
    u = symbols("u", real=True)
    expression = (slope * sympy.sqrt(u) + rest) / u
    bounds = [u > low, u < low + width]
    points = [sympy.Rational(low * (8 - k) + (low + width) * k, 8) for k in range(1, 8)]
    questions = [(is_positive, lambda value: value > 0), (is_nonnegative, lambda value: value >= 0)]
    for decide, holds in questions:
        decided = decide(expression, bounds)
        found = {bool(holds(expression.subs(u, point))) for point in points}
        assert decided is None or found == {decided}


def test_a_multiplier_with_a_root_is_seen_to_be_positive() -> None:
    """min x^2 + 1 with (x - 2)(x - 4) <= u, -1 < u < 8 (Boyd and Vandenberghe, exercise 5.1): 11 + u - 6 sqrt(u + 1)."""
    u = symbols("u", real=True)
    solution = solve(Problem(x**2 + 1, [(x - 2) * (x - 4) <= u], over=[x], assumptions=[u > -1, u < 8]))
    assert solution.status is Status.OPTIMAL
    assert solution.certificate.verify() is True
    assert sympy.simplify(solution.value - (11 + u - 6 * sympy.sqrt(u + 1))) == 0


@pytest.mark.parametrize("sense", ["min", "max"])
def test_an_open_answer_shows_the_better_of_two_points(sense: str) -> None:
    """On a circle of unknown size both stationary points are KKT points; by Cauchy's inequality their values are -+sqrt(5 b)."""
    solution = solve(Problem(2 * x + y, [Eq(x**2 + y**2, b)], over=[x, y], sense=sense), time_limit_s=20)
    assert solution.status is not Status.OPTIMAL or solution.certificate.verify()
    assert sympy.simplify(solution.value - (1 if sense == "max" else -1) * sympy.sqrt(5 * b)) == 0
