"""Numerical local solutions: found, and proved, and never proved where there is nothing to prove."""

import sys
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import flint
import numpy as np
import pytest
import sympy
from flint import arb, fmpq
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Eq, Rational, Symbol, exp, log, symbols

from lagrangian.algebra.ball_program import ExactProgram, balls_of, fractions_of
from lagrangian.algebra.interval_program import NotEnclosableError
from lagrangian.conditions.kkt_balls import BITS, KKTProgram, Zero, isolate, kkt_program
from lagrangian.conditions.kkt_judgment import judged
from lagrangian.errors import MissingExtraError, ProblemError
from lagrangian.numeric import nlp_solvers
from lagrangian.numeric.kkt_verification import newton, verify_near
from lagrangian.numeric.nlp import solve_numeric
from lagrangian.numeric.nlp_result import LocalSolution, NumericResult
from lagrangian.problem.canonicalization import canonicalize
from lagrangian.problem.problem import Problem, Sense
from lagrangian.status import Status

x, y, z, b = symbols("x y z b", real=True)
x1, x2, x3, x4 = symbols("x1:5", real=True)


def program_of(problem: Problem) -> KKTProgram:
    return kkt_program(canonicalize(problem)[0])


def holds(solution: LocalSolution | NumericResult, point: dict[Symbol, Any]) -> bool:
    """Whether the enclosure has the point, compared exactly, and is narrow."""
    return all(
        bool(low <= point[v]) and bool(point[v] <= high) and high - low < Rational(1, 10**15)
        for v, (low, high) in solution.enclosure.items()
    ) and set(solution.enclosure) == set(point)


def at(kkt: KKTProgram, held: tuple[int, ...], values: list[Any]) -> Zero | None:
    with flint.ctx.workprec(BITS):
        exact = [Rational(value) for value in values]
        return isolate(kkt, held, [arb(fmpq(int(v.p), int(v.q))).mid() for v in exact])


# --- planted optima -------------------------------------------------------------------------------------------------

small = st.integers(-4, 4)


@settings(max_examples=12, deadline=None)
@given(st.tuples(small, small, small), st.lists(st.tuples(small, small, small), min_size=2, max_size=2), st.data())
def test_planted_optima_of_quadratic_programs_are_found_and_proved(
    planted: tuple[int, int, int], rows: list[tuple[int, int, int]], data: st.DataObject
) -> None:
    """Choose x*, an equation, an active and an inactive inequality and their multipliers, then the objective that has them."""
    names, place = sympy.Matrix([x, y, z]), sympy.Matrix(planted)
    equation, active = sympy.Matrix([rows[0]]), sympy.Matrix([rows[1]])
    if sympy.Matrix([rows[0], rows[1]]).rank() < 2:
        return
    lam, mu = data.draw(st.integers(-3, 3)), data.draw(st.integers(1, 3))
    curvature = sympy.diag(*(data.draw(st.integers(1, 3)) for _ in range(3)))
    # min F with dF = Q (x - x*) + c, c = -lam a_e - mu a_i
    slope = -(lam * equation + mu * active).T
    shifted = names - place
    objective = sympy.expand((shifted.T * curvature * shifted)[0] / 2 + (slope.T * names)[0])
    equality = Eq((equation * shifted)[0], 0, evaluate=False)
    inequality = sympy.Le((active * shifted)[0], 0, evaluate=False)
    room = sympy.Le(x + y + z, sum(planted) + 7, evaluate=False)
    result = solve_numeric(Problem(objective, [equality, inequality, room], over=[x, y, z]))
    assert result.status is Status.OPTIMAL
    assert holds(result, dict(zip((x, y, z), map(Rational, planted), strict=True)))
    best = result.best
    assert best is not None and best.is_strict_local_optimum is True
    assert best.multipliers[inequality] == pytest.approx(mu)
    assert best.multipliers[equality] == pytest.approx(-lam)
    assert best.shadow_prices[inequality] == pytest.approx(-mu)
    assert room not in best.active_set and inequality in best.active_set
    low, high = best.value_interval or (1, 0)
    assert low <= objective.xreplace(dict(zip(names, place, strict=True))) <= high


def test_both_minima_of_a_double_well_are_found_with_their_values() -> None:
    """x^4 - 2 x^2 + y^2 has the minima (+-1, 0) of value -1 and a saddle at the origin."""
    result = solve_numeric(Problem(x**4 - 2 * x**2 + y**2, over=[x, y]), starts=16)
    assert result.status is Status.LOCAL
    minima = [s for s in result.solutions if s.is_strict_local_optimum]
    assert sorted(round(s.x[x]) for s in minima) == [-1, 1]
    assert all(holds(s, {x: Rational(round(s.x[x])), y: Rational(0)}) for s in minima)
    assert all(s.is_strict_local_optimum is False for s in result.solutions if abs(s.value) < 1e-6)


def test_a_maximum_has_the_signs_of_the_problem_as_stated() -> None:
    """max x y with x + y = b has the value b^2 / 4, whose derivative b / 2 is the shadow price."""
    stated = Eq(x + y, 10)
    result = solve_numeric(Problem(x * y, [stated], over=[x, y], sense=Sense.MAXIMIZE))
    assert result.status is Status.LOCAL
    assert result.value == pytest.approx(25)
    assert result.value_interval is not None and result.value_interval[0] <= 25 <= result.value_interval[1]
    assert result.multipliers[stated] == pytest.approx(5)
    assert result.shadow_prices[stated] == pytest.approx(5)


def test_the_textbook_example_of_the_entropy_is_global() -> None:
    """The least of sum x log x with sum x = 1 is at x = 1/n (Boyd and Vandenberghe 2004, section 5.2.4)."""
    p = symbols("p1:4", positive=True)
    result = solve_numeric(Problem(sum(v * log(v) for v in p), [Eq(sum(p), 1)], over=p))
    assert result.status is Status.OPTIMAL
    assert holds(result, dict.fromkeys(p, Rational(1, 3)))
    assert result.value == pytest.approx(-np.log(3))


# --- published problems ---------------------------------------------------------------------------------------------


def test_problem_71_of_hock_and_schittkowski() -> None:
    """Hock and Schittkowski (1981), problem 71: the published value is 17.0140173."""
    v = (x1, x2, x3, x4)
    problem = Problem(
        x1 * x4 * (x1 + x2 + x3) + x3,
        [x1 * x2 * x3 * x4 >= 25, Eq(x1**2 + x2**2 + x3**2 + x4**2, 40)],
        over=v,
        bounds=dict.fromkeys(v, (1, 5)),
    )
    result = solve_numeric(problem, start=[1, 5, 5, 1])
    assert result.status is Status.LOCAL
    assert result.value == pytest.approx(17.0140173, abs=1e-7)
    assert result.residual is not None and result.residual < 1e-12
    assert [str(relation) for relation in result.active_set] == [
        "x1*x2*x3*x4 >= 25",
        "Eq(x1**2 + x2**2 + x3**2 + x4**2, 40)",
        "x1 >= 1",
    ]


def test_a_point_without_multipliers_is_not_verified() -> None:
    """Hock and Schittkowski (1981), problem 13: the optimum (1, 0) is no KKT point."""
    problem = Problem((x - 2) ** 2 + y**2, [(1 - x) ** 3 - y >= 0], over=[x, y], bounds={x: (0, None), y: (0, None)})
    result = solve_numeric(problem)
    assert result.status is Status.UNDECIDED
    assert not result.verified and "not verified" in result.reason
    assert result.enclosure == {} and result.value_interval is None and result.shadow_prices == {}
    assert not verify_near(program_of(problem), np.array([1.0, 0.0])).verified


def test_a_weakly_active_constraint_is_decided_at_rational_points() -> None:
    """Hock and Schittkowski (1981), problem 17: at the optimum (0, 0) one active constraint has the multiplier zero."""
    problem = Problem(
        100 * (y - x**2) ** 2 + (1 - x) ** 2,
        [y**2 - x >= 0, x**2 - y >= 0],
        over=[x, y],
        bounds={x: (Rational(-1, 2), Rational(1, 2)), y: (None, 1)},
    )
    result = solve_numeric(problem, start={"x": -2, "y": 1})
    assert result.status is Status.LOCAL
    assert holds(result, {x: Rational(0), y: Rational(0)})
    # the multipliers are unique here, but the value has kinks where one of them is zero
    assert result.shadow_prices == {}


# --- attacks on the verification ------------------------------------------------------------------------------------


def test_no_box_around_a_perturbed_point_is_accepted() -> None:
    """Away from the zero Krawczyk's operator leaves boxes that do not hold it."""
    kkt = program_of(Problem((x - 1) ** 2 + y**4 + y**2, [x + y <= 3], over=[x, y]))
    assert at(kkt, (), [1, 0, 0]) is not None
    for shift in (Rational(1, 10**6), Rational(1, 10**12), Rational(1, 10**30)):
        for place in ([1 + shift, 0, 0], [1, shift, 0], [1 - shift, -shift, 0]):
            assert at(kkt, (), place) is None


def test_a_multiplier_that_is_wrong_is_not_accepted() -> None:
    kkt = program_of(Problem(x**2, [x >= 1], over=[x]))
    assert at(kkt, (0,), [1, 2]) is not None
    assert at(kkt, (0,), [1, 2 + Rational(1, 10**20)]) is None


def test_saddles_and_maxima_are_no_minima() -> None:
    for function, word in ((x**2 - y**2, "saddle"), (-(x**2) - y**2 + x**4, "other sense")):
        verdict = verify_near(program_of(Problem(function, over=[x, y])), np.zeros(2))
        assert verdict.verified and verdict.is_strict_minimum is False
        assert word in verdict.reason


def test_flat_minima_are_not_claimed() -> None:
    """x^4 has a strict minimum that second-order conditions do not see; (x - y)^2 has a line of minima."""
    for function in (x**4 + y**2, (x - y) ** 2):
        assert not verify_near(program_of(Problem(function, over=[x, y])), np.zeros(2)).verified


def test_a_constraint_missed_by_a_trillionth_is_not_overlooked() -> None:
    limit = 1 + Rational(1, 10**12)
    kkt = program_of(Problem((x - 1) ** 2, [x >= limit], over=[x]))
    zero = at(kkt, (), [1, 0])
    assert zero is not None
    verdict, repaired = judged(kkt, zero)
    assert not verdict.verified and "does not hold" in verdict.reason and repaired == (0,)
    found = verify_near(kkt, np.array([1.0]))
    assert found.verified and found.zero is not None
    middle = found.zero.inner[0].mid().fmpq()
    assert Rational(int(middle.p), int(middle.q)) > 1


def test_a_wrong_active_set_is_refused() -> None:
    """At x = 3 the constraint x <= 3 is active, but pulls the wrong way: the minimum is at 1."""
    kkt = program_of(Problem((x - 1) ** 2, [x <= 3], over=[x]))
    zero = at(kkt, (0,), [3, -4])
    assert zero is not None
    verdict, repaired = judged(kkt, zero)
    assert not verdict.verified and "negative" in verdict.reason and repaired == ()


def test_a_strict_inequality_that_holds_with_equality_is_refused() -> None:
    verdict = verify_near(program_of(Problem(x**2 + x, [x > 1], over=[x])), np.array([1.0]))
    assert not verdict.verified and "strict" in verdict.reason


def test_constraints_that_say_the_same_are_no_obstacle_at_rational_points() -> None:
    """2 x >= 2 and x^3 >= 1 hold with equality where x >= 1 does: the multipliers are not unique, the minimum is."""
    problem = Problem(x**2 + (y - 2) ** 2, [x >= 1, 2 * x + y >= 4, x**3 >= 1], over=[x, y])
    result = solve_numeric(problem)
    assert result.verified and result.is_strict_local_optimum is True
    assert holds(result, {x: Rational(1), y: Rational(2)})
    assert len(result.active_set) == 3 and result.shadow_prices == {}


def test_dependent_constraints_at_other_points_are_left_open() -> None:
    """At (2^(1/3), ...) whether the second constraint holds is a question about irrational numbers."""
    root = Problem(x**2 + y**2, [x**3 >= 2, x**6 >= 4], over=[x, y])
    verdict = verify_near(program_of(root), np.array([2 ** (1 / 3), 0.0]))
    assert not verdict.verified and "LICQ" in verdict.reason


def test_kinks_and_ends_of_domains_are_not_verified() -> None:
    for function, place in ((abs(x) + x**2, 0.0), (sympy.sqrt(x) + x, 0.0), (sympy.Max(x, -x) + x**2, 0.0)):
        assert not verify_near(program_of(Problem(function, over=[x])), np.array([place])).verified
    away = verify_near(program_of(Problem(abs(x - 5) + x**2, over=[x])), np.array([0.5]))
    assert away.verified and away.is_strict_minimum is True


def test_zeros_of_slopes_outside_the_domain_are_refused() -> None:
    """-1/x - 1 vanishes at -1, where log x is not defined; so do slopes where a constraint is not."""
    for function, constraints in (
        (-log(x) - x, []),
        ((x + 1) ** 2, [log(x) <= 9]),
        ((x + 1) ** 2, [x**4 + x * log(x) <= 9]),
    ):
        kkt = program_of(Problem(function, constraints, over=[x]))
        zero = at(kkt, (), [-1, *([0] * len(constraints))])
        assert zero is None or not judged(kkt, zero)[0].verified
        assert not verify_near(kkt, np.array([-1.0])).verified


def test_coefficients_below_floats_are_not_taken_for_zero() -> None:
    """x - x^2/10^400 is concave and no linear program, though its second coefficient is no float."""
    with pytest.raises(ProblemError, match="nearer to 0"):
        solve_numeric(Problem(x - x**2 / 10**400, over=[x], bounds={x: (0, 5)}))


def test_functions_without_enclosures_are_said_to_be_unverified() -> None:
    result = solve_numeric(Problem(sympy.Piecewise((x**2, x < 1), (x**4, True)), over=[x]))
    assert result.status is Status.UNDECIDED and not result.verified
    assert "Piecewise" in result.reason


def test_orders_and_branches_without_enclosures_are_refused() -> None:
    for function in (sympy.besselj(Rational(1, 2), x), sympy.polygamma(y, x), sympy.LambertW(x, -1)):
        with pytest.raises(NotEnclosableError, match="has no enclosure in the package"):
            ExactProgram((x, y)).add(function)


def test_special_functions_outside_their_domains_have_no_balls() -> None:
    place = {sympy.acosh: 0.5, sympy.atanh: 1.5, sympy.loggamma: -0.5, sympy.LambertW: -0.5, sympy.gamma: -2.0}
    functions = [
        *((kind(x), at) for kind, at in place.items()),
        (sympy.bessely(0, x), -1.0),
        (sympy.polygamma(1, x), -1.0),
    ]
    for function, at in functions:
        program = ExactProgram((x,))
        with flint.ctx.workprec(128):
            assert balls_of(program, [program.add(function)], [arb(at)]) is None


@settings(max_examples=40, deadline=None)
@given(st.floats(-2, 2), st.floats(-2, 2))
def test_whatever_the_start_a_verified_point_is_a_stationary_point(first: float, second: float) -> None:
    """The stationary points of x^3/3 - x + y^2 are (1, 0), a minimum, and (-1, 0), a saddle."""
    verdict = verify_near(program_of(Problem(x**3 / 3 - x + y**2, over=[x, y])), np.array([first, second]))
    if verdict.verified:
        assert verdict.zero is not None
        place = float(verdict.zero.inner[0].mid())
        assert abs(place) == pytest.approx(1)
        assert verdict.is_strict_minimum is (place > 0)


def test_newton_does_not_settle_where_the_equations_have_no_zero() -> None:
    assert newton(program_of(Problem(exp(x), over=[x])), (), [0.0]) is None


# --- programs on balls and on fractions -----------------------------------------------------------------------------

FUNCTIONS = (
    x**3 / 7 - y**2,
    exp(x) * log(y + 4) - sympy.sqrt(y + 3),
    sympy.sin(x) / (2 + sympy.cos(y)) + sympy.atan(x * y),
    sympy.tanh(x) + sympy.cosh(y) - sympy.sinh(x) ** 5,
    (y + 4) ** Rational(3, 7) + sympy.erf(x) + sympy.pi * x / 3,
    sympy.asin(x / 4) + sympy.acos(y / 5) + sympy.Max(x, y) + abs(x - 5) + sympy.tan(y / 3),
    (y + 4) ** x,
    sympy.asinh(x * y) + sympy.acosh(y + 4) - sympy.atanh(x / 4) * sympy.erfc(y),
    sympy.gamma(x + Rational(1, 3)) + sympy.loggamma(y + 4),
    sympy.polygamma(0, x + Rational(1, 3)) * sympy.polygamma(2, y + 4) + sympy.LambertW(y + 4),
    sympy.besselj(2, x * y) + sympy.bessely(1, y + 4) * sympy.besselj(0, x),
)


@pytest.mark.parametrize("function", FUNCTIONS, ids=str)
@settings(max_examples=10, deadline=None)
@given(st.integers(-16, 16), st.integers(-16, 15))
def test_balls_hold_the_values_and_slopes(function: sympy.Expr, first: int, second: int) -> None:
    """Against SymPy's own evaluation at twice the digits."""
    point = {x: Rational(first, 8), y: Rational(second, 8) + Rational(1, 16)}
    program = ExactProgram((x, y))
    line = program.add(function)
    lines = [line, program.derivative(line, 0), program.derivative(line, 1)]
    with flint.ctx.workprec(128):
        found = balls_of(program, lines, [arb(fmpq(int(v.p), int(v.q))) for v in point.values()])
        assert found is not None
        for expression, ball in zip((function, function.diff(x), function.diff(y)), found, strict=True):
            value = arb(str(expression.xreplace(point).evalf(80, maxn=400)))
            assert ball.overlaps(value + arb(0, arb("1e-60") * (1 + abs(value))))
            assert float(ball.rad()) < 1e-20 * (1 + abs(float(ball.mid())))


def test_values_at_fractions_are_exact_or_none() -> None:
    program = ExactProgram((x, y))
    lines = [program.add(e) for e in (x**4 / 3 - 1 / y, sympy.sqrt(x), exp(y - 3), log(x / 4), sympy.sin(x - 4))]
    values = [Fraction(4), Fraction(3)]
    assert fractions_of(program, lines, values) == [Fraction(85), 2, 1, 0, 0]
    assert fractions_of(program, [program.add(exp(x))], values) is None
    assert fractions_of(program, [program.add(1 / (y - 3))], values) is None
    assert fractions_of(program, [program.add(x**4000)], values) is None


def test_powers_of_balls_around_zero_are_finite() -> None:
    program = ExactProgram((x,))
    for power in range(1, 12):
        found = balls_of(program, [program.add(x**power)], [arb(0, 1)])
        assert found is not None and found[0].contains(arb(1)) and found[0].contains(arb(0))


# --- solvers by class -----------------------------------------------------------------------------------------------

ROSENBROCK = Problem((1 - x) ** 2 + 100 * (y - x**2) ** 2, [x**2 + y**2 <= 2], over=[x, y])


@pytest.mark.parametrize("method", ["kernel", "slsqp", "trust-constr", "basin-hopping", "auto"])
def test_all_methods_find_the_same_verified_point(method: str) -> None:
    """Rosenbrock's function (1960) on a disk: (1, 1) lies on its border, and the multiplier there is zero."""
    result = solve_numeric(ROSENBROCK, method=method, starts=8)
    assert result.value == pytest.approx(0, abs=1e-9)
    assert result.x[x] == pytest.approx(1, abs=1e-4)
    if result.verified:
        assert holds(result, {x: Rational(1), y: Rational(1)})


@pytest.mark.parametrize("method", ["kernel", "slsqp", "trust-constr"])
def test_equations_and_bounds_reach_every_solver(method: str) -> None:
    """The point of x + 2 y = 3, y <= 1/2 nearest to the origin is (2, 1/2)."""
    problem = Problem(x**2 + y**2, [Eq(x + 2 * y, 3)], over=[x, y], bounds={y: (None, Rational(1, 2))})
    result = solve_numeric(problem, method=method, starts=2)
    assert result.status is Status.OPTIMAL
    assert holds(result, {x: Rational(2), y: Rational(1, 2)})


def test_linear_programs_are_proved_optimal() -> None:
    """Dantzig's textbook example, max 3 x + 5 y (Hillier and Lieberman): 36 at (2, 6), with shadow prices 0, 3/2 and 1."""
    constraints = [x <= 4, 2 * y <= 12, 3 * x + 2 * y <= 18]
    problem = Problem(3 * x + 5 * y, constraints, over=[x, y], sense="max", bounds={x: (0, None), y: (0, None)})
    result = solve_numeric(problem)
    assert result.status is Status.OPTIMAL and result.solver == "HiGHS"
    assert holds(result, {x: Rational(2), y: Rational(6)})
    assert [result.shadow_prices[c] for c in constraints] == pytest.approx([0, 1.5, 1])


def test_degenerate_vertices_of_linear_programs_are_proved_too() -> None:
    """Three constraints meet in (1, 1): multipliers are not unique, the optimum is certain."""
    problem = Problem(-x - y, [x <= 1, y <= 1, x + y <= 2], over=[x, y])
    result = solve_numeric(problem)
    assert result.status is Status.OPTIMAL
    assert result.value_interval is not None and result.value_interval[0] <= -2 <= result.value_interval[1]


def test_linear_programs_without_an_answer_say_what_highs_says() -> None:
    unbounded = solve_numeric(Problem(x, [x <= 1], over=[x]))
    infeasible = solve_numeric(Problem(x, [x <= 1, x >= 2], over=[x]))
    for result in (unbounded, infeasible):
        assert result.status is Status.UNDECIDED and result.best is None and result.value is None
        assert result.x == {} and result.residual is None and "not proved" in result.reason


def test_integers_in_linear_programs() -> None:
    """max 5 x + 4 y with 6 x + 4 y <= 24, x + 2 y <= 6, y + z <= 5/2 and integers x, y (Taha): 20 at x = 4, y = 0."""
    i, j = symbols("i j", integer=True)
    problem = Problem(
        5 * i + 4 * j + z,
        [6 * i + 4 * j <= 24, i + 2 * j <= 6, j + z <= Rational(5, 2)],
        over=[i, j, z],
        sense="max",
        bounds={i: (0, None), j: (0, None)},
    )
    result = solve_numeric(problem)
    assert result.status is Status.LOCAL and result.value == pytest.approx(22.5)
    assert result.x[i] == 4 and result.x[j] == 0
    low, high = result.enclosure[z]
    assert low <= Rational(5, 2) <= high
    whole = solve_numeric(Problem(i + j, [i + 2 * j >= 3], over=[i, j], bounds={i: (0, None), j: (0, None)}))
    assert whole.value == 2 and whole.status is Status.LOCAL and "not proved" in whole.reason


def test_clarabel_solves_convex_quadratic_programs() -> None:
    pytest.importorskip("clarabel")
    result = solve_numeric(Problem(x**2 + y**2, [x + y >= 1], over=[x, y]), method="clarabel")
    assert result.status is Status.OPTIMAL and result.solver == "Clarabel"
    assert holds(result, {x: Rational(1, 2), y: Rational(1, 2)})
    with pytest.raises(ProblemError, match="not convex"):
        solve_numeric(Problem(x**2 - y**2, [x + y >= 1], over=[x, y]), method="clarabel")
    assert "Clarabel says" in solve_numeric(Problem(x**2, [x >= 1, x <= 0], over=[x]), method="clarabel").reason


def test_basin_hopping_finds_the_deepest_of_many_wells() -> None:
    """Rastrigin's function (1974) has its least value 0 at the origin among more than a hundred minima."""
    function = 20 + sum(v**2 - 10 * sympy.cos(2 * sympy.pi * v) for v in (x, y))
    problem = Problem(function, over=[x, y], bounds=dict.fromkeys((x, y), (-Rational(41, 10), Rational(51, 10))))
    result = solve_numeric(problem, method="basin-hopping", starts=400, seed=3)
    assert result.value == pytest.approx(0, abs=1e-9)
    assert result.status is Status.LOCAL


def test_the_same_seed_gives_the_same_answer() -> None:
    first, second = (solve_numeric(ROSENBROCK, seed=5, starts=4) for _ in range(2))
    assert first.x == second.x and [s.value for s in first.solutions] == [s.value for s in second.solutions]


def test_without_verification_nothing_is_claimed() -> None:
    result = solve_numeric(Problem(x**2, over=[x]), verify=False)
    assert result.status is Status.UNDECIDED and not result.verified
    assert result.value == pytest.approx(0, abs=1e-9)


def test_the_report_says_what_is_proved_and_from_where() -> None:
    text = str(solve_numeric(Problem(x**2 + y, [y >= 1], over=[x, y])))
    assert "status: optimal" in text and "multiplier of y >= 1: 1" in text and "interior point kernel" in text


def test_it_is_exported_without_being_imported_at_once() -> None:
    import lagrangian

    assert lagrangian.solve_numeric is solve_numeric and lagrangian.NumericResult is NumericResult
    with pytest.raises(AttributeError, match="no attribute 'solve_numerical'"):
        lagrangian.__getattr__("solve_numerical")


# --- errors ---------------------------------------------------------------------------------------------------------

PLAIN = Problem(x**2 + y**2, over=[x, y])
BAD: list[tuple[Callable[[], object], str]] = [
    (lambda: solve_numeric(Problem(x**2 + b, over=[x])), "parameters: b; put numbers in their places"),
    (lambda: solve_numeric(PLAIN, method="newton"), "the method is 'newton'; the methods are auto, kernel"),
    (lambda: solve_numeric(PLAIN, starts=0), "starts is 0; write how many starts"),
    (lambda: solve_numeric(PLAIN, starts=True), "starts is True"),
    (lambda: solve_numeric(PLAIN, time_limit_s=0), "time_limit_s is 0"),
    (lambda: solve_numeric(PLAIN, start=[1]), "2 finite numbers are wanted"),
    (lambda: solve_numeric(PLAIN, start=[1, float("nan")]), "2 finite numbers are wanted"),
    (lambda: solve_numeric(PLAIN, start=5), "write one number for each variable"),
    (lambda: solve_numeric(PLAIN, start={"x": 1, "w": 2}), "names w, which is no variable"),
    (lambda: solve_numeric(PLAIN, start={"x": 1}), "gives no number for y"),
    (lambda: solve_numeric(Problem(x**2, over=[x], integers=[x]), method="ipopt"), "x must be integers"),
    (lambda: solve_numeric(Problem(x, [x >= 1], over=[x], integers=[x]), method="kernel"), "x must be integers"),
    (lambda: solve_numeric(PLAIN, method="highs"), "takes linear problems only"),
    (lambda: solve_numeric(Problem(exp(x), over=[x]), method="clarabel"), "quadratic objectives"),
    (lambda: solve_numeric(Problem(sympy.zeta(x), over=[x])), "zeta"),
]


@pytest.mark.parametrize(("call", "message"), BAD, ids=[message for _, message in BAD])
def test_bad_input_gets_one_clear_error(call: Callable[[], object], message: str) -> None:
    with pytest.raises(ProblemError, match=message):
        call()


def test_a_solver_that_is_not_installed_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nlp_solvers, "has_ipopt", lambda: False)
    monkeypatch.setitem(sys.modules, "clarabel", None)
    for method in ("ipopt", "clarabel"):
        with pytest.raises(MissingExtraError, match="pip install 'lagrangian"):
            solve_numeric(PLAIN, method=method)


# --- an oracle that knows nothing of the proof ----------------------------------------------------------------------


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(-3, 3), min_size=9, max_size=9), st.lists(st.integers(-2, 2), min_size=3, max_size=3))
def test_no_feasible_point_beside_a_proved_optimum_is_better(terms: list[int], row: list[int]) -> None:
    """Cubic objectives in a disk and a half plane: 400 points around each proved optimum, by NumPy alone."""
    powers = [x, y, x**2, x * y, y**2, x**3, x**2 * y, x * y**2, y**3]
    objective = sum(c * p for c, p in zip(terms, powers, strict=True)) + sympy.Integer(0)
    line = row[0] * x + row[1] * y + row[2]
    constraints = [x**2 + y**2 <= 2, *([line <= 1] if row[0] or row[1] else [])]
    value, plane = (sympy.lambdify((x, y), part + 0 * x) for part in (objective, line))
    random = np.random.default_rng(0)
    for sense in Sense:
        result = solve_numeric(Problem(objective, constraints, over=[x, y], sense=sense), starts=8)
        for solution in result.solutions:
            if not (solution.verified and solution.is_strict_local_optimum is True):
                continue
            place = np.array([solution.x[x], solution.x[y]])
            around = place[:, None] + 1e-4 * random.normal(size=(2, 400))
            feasible = (around**2).sum(axis=0) <= 2
            feasible &= (plane(*around) <= 1) | (not (row[0] or row[1]))
            sign = 1.0 if sense is Sense.MINIMIZE else -1.0
            # rounding: the values are below some hundreds
            gains = sign * (value(*around[:, feasible]) - solution.value)
            assert (np.asarray(gains) > -1e-12).all()
