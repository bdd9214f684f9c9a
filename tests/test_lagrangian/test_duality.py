"""Dual problems, their duals, and gaps: strong duality on planted problems, exact gaps, and reasons."""

import pytest
import sympy
from hypothesis import given, settings
from sympy import Eq, Ge, Le, Rational, exp, log, oo, sqrt, symbols

from lagrangian import Problem, ProblemError, Sense, Status, canonicalize, maximize, minimize, solve
from lagrangian.duality.dual_gap import Reason, duality
from lagrangian.duality.dual_multipliers import lies_inside
from lagrangian.solution import unanswered
from tests.strategies import convex_quadratic_programs, linear_programs

x, y, z = symbols("x y z", real=True)
u, v = symbols("u v", positive=True)
a, b = symbols("a b", positive=True)
BOXED = {x: (0, None), y: (0, None)}
# enough on any machine: the answers themselves come in seconds
PATIENCE_S = 300.0


def test_the_dual_of_a_linear_program():
    """Boyd and Vandenberghe 2004, section 5.2.1: the multipliers of x >= 0 are slacks and disappear."""
    dual = Problem(3 * x + 2 * y, [x + y >= 2, 2 * x + y >= 3], over=[x, y], bounds=BOXED).dual()
    mu1, mu2 = dual.function.multipliers[:2]
    assert dual.problem.sense is Sense.MAXIMIZE and dual.problem.over == (mu1, mu2)
    assert dual.problem.objective == 2 * mu1 + 3 * mu2
    assert set(dual.problem.constraints) == {
        Ge(3 - mu1 - 2 * mu2, 0, evaluate=False),
        Ge(2 - mu1 - mu2, 0, evaluate=False),
    }
    assert dual.forms[0].multipliers({mu1: Rational(1), mu2: Rational(1)}) == dict(
        zip(dual.function.multipliers, (1, 1, 0, 0), strict=True)
    )


def canonical_rows(problem, names):
    """The objective and constraints in other names, each constraint as its function up to a positive factor."""
    canonical, _ = canonicalize(problem)
    rename = dict(zip(canonical.variables, names, strict=True))
    rows = {sympy.expand(g.expression.xreplace(rename)).as_content_primitive()[1] for g in canonical.inequalities}
    return sympy.expand(canonical.objective.xreplace(rename)), rows


@pytest.mark.parametrize(
    "primal",
    [
        Problem(3 * x + 2 * y, [x + y >= 2, 2 * x + y >= 3], over=[x, y], bounds=BOXED),
        Problem(5 * x + 4 * y, [6 * x + 4 * y <= 24, x + 2 * y <= 6], over=[x, y], bounds=BOXED, sense="max"),
        Problem(x + y + z, [x + 2 * y + 3 * z >= 4, x - z >= 1], over=[x, y, z], bounds={**BOXED, z: (0, None)}),
    ],
)
def test_the_bidual_of_a_linear_program_is_the_program(primal):
    bidual = primal.dual().problem.dual().problem
    names = symbols(f"w1:{len(primal.over) + 1}", real=True)
    assert bidual.sense is primal.sense
    assert canonical_rows(bidual, names) == canonical_rows(primal, names)


@settings(max_examples=6, deadline=None)
@given(planted=linear_programs())
def test_the_dual_of_a_linear_program_is_solved_to_the_same_value(planted):
    problem = Problem(planted.objective, planted.constraints, over=planted.over)
    found = solve(problem.dual().problem)
    assert (found.status, found.value) == (Status.OPTIMAL, planted.value)


@settings(max_examples=6, deadline=None)
@given(planted=convex_quadratic_programs())
def test_the_dual_and_the_bidual_of_a_convex_quadratic_program_have_its_value(planted):
    problem = Problem(planted.objective, planted.constraints, over=planted.over)
    if not planted.constraints:
        with pytest.raises(ProblemError, match="no constraint has a multiplier"):
            _ = problem.dual().problem
        return
    dual = problem.dual().problem
    assert solve(dual).value == planted.value
    if dual.all_constraints:
        bidual = dual.dual()
        assert solve(bidual.problem).value == planted.value


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(planted=linear_programs())
def test_many_linear_programs(planted):
    found = solve(Problem(planted.objective, planted.constraints, over=planted.over)).duality()
    assert (found.primal_value, found.dual_value, found.gap, found.reason) == (
        planted.value,
        planted.value,
        0,
        Reason.LINEAR,
    )


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(planted=convex_quadratic_programs())
def test_many_quadratic_programs(planted):
    problem = Problem(planted.objective, planted.constraints, over=planted.over)
    found = solve(problem).duality()
    assert (found.primal_value, found.dual_value, found.gap) == (planted.value, planted.value, 0)
    if planted.constraints:
        assert solve(problem.dual().problem).value == planted.value


ZERO_GAPS = [
    (minimize(x + 2 * y, [x + y >= 1], over=[x, y], bounds=BOXED), 1, Reason.LINEAR),
    (minimize(x**2 + y**2, [Eq(x + 2 * y, 5)], over=[x, y]), 5, Reason.KKT),
    (minimize(sqrt((x - 2) ** 2 + (y - 1) ** 2), [x + y <= 1], over=[x, y]), sqrt(2), Reason.KKT),
    (minimize(u * log(u) + v * log(v), [Eq(u + v, 1)], over=[u, v]), -log(2), Reason.KKT),
    (maximize(u ** Rational(2, 5) * v ** Rational(3, 5), [u + v <= 1], over=[u, v]), None, Reason.KKT),
    (minimize((x - y) ** 2 + x**4, [2 * y - x >= 1], over=[x, y], bounds={x: (1, None)}), 1, Reason.KKT),
    (minimize(u + 4 / u, [u <= 1], over=[u]), 5, Reason.KKT),
    (minimize(x**2 + 3 * y, [x**4 + y**4 <= 2], over=[x, y]), None, Reason.KKT),
]


@pytest.mark.parametrize(("solution", "value", "reason"), ZERO_GAPS)
def test_zero_gaps_and_their_reasons(solution, value, reason):
    found = solution.duality()
    assert (found.gap, found.reason, found.dual_value) == (0, reason, solution.value)
    assert value is None or sympy.simplify(found.dual_value - value) == 0
    assert abs(sympy.N(found.dual.function.value_at(found.multipliers) - solution.value, 30)) < 1e-25


def test_formulas_in_parameters_have_a_zero_gap():
    found = minimize(x**2 + y**2, [Eq(a * x + b * y, 1)], over=[x, y]).duality()
    assert (found.gap, found.reason) == (0, Reason.KKT)
    assert sympy.simplify(found.dual_value - 1 / (a**2 + b**2)) == 0


def test_two_way_partitioning():
    """min 2xy over x, y in {1, -1}: the dual bound -2 is exact; with an odd cycle of three it is not (Boyd, section 5.1.5)."""
    squares = [Eq(x**2, 1), Eq(y**2, 1), Eq(z**2, 1)]
    pair = minimize(2 * x * y, squares[:2], over=[x, y]).duality(time_limit_s=PATIENCE_S)
    assert (pair.primal_value, pair.dual_value, pair.gap) == (-2, -2, 0)
    triangle = minimize(2 * x * y + 2 * y * z + 2 * x * z, squares, over=[x, y, z]).duality(time_limit_s=PATIENCE_S)
    # x'Wx >= lambda_min(W) |x|**2 = -3, and the symmetric multipliers attain it
    assert (triangle.primal_value, triangle.dual_value, triangle.gap) == (-2, -3, 1)
    assert triangle.reason is Reason.POSITIVE and set(triangle.multipliers.values()) == {-1}


def test_integers_have_an_exact_gap():
    """The dual keeps the box: its value is that of the linear relaxation, 3/2 for max x + y with 2x + 2y <= 3."""
    found = maximize(x + y, [2 * x + 2 * y <= 3], over=[x, y], bounds={x: (0, 1), y: (0, 1)}, integers=[x, y]).duality(
        time_limit_s=PATIENCE_S
    )
    assert (found.primal_value, found.dual_value, found.gap) == (1, Rational(3, 2), Rational(1, 2))
    assert found.reason is Reason.POSITIVE


def test_a_convex_problem_without_slaters_point_can_have_a_gap():
    """Boyd and Vandenberghe 2004, exercise 5.21: p* = 1 and d* = 0."""
    found = minimize(exp(-x), [x**2 / y <= 0], over=[x, y], bounds={y: (Rational(1, 10), None)}).duality(
        time_limit_s=PATIENCE_S
    )
    assert (found.primal_value, found.dual_value, found.gap) == (1, 0, 1)


def test_a_dual_value_that_is_not_attained():
    """Boyd and Vandenberghe 2004, exercise 5.26: two discs that touch."""
    discs = [(x - 1) ** 2 + (y - 1) ** 2 <= 1, (x - 1) ** 2 + (y + 1) ** 2 <= 1]
    found = minimize(x**2 + y**2, discs, over=[x, y]).duality(time_limit_s=PATIENCE_S)
    assert (found.dual_value, found.gap, found.reason, found.multipliers) == (1, 0, Reason.EQUALITY, None)
    assert "which no multipliers attain" in found.sentence


def test_a_dual_that_is_infinite_everywhere():
    found = minimize(x**2 - y**2, [Eq(x, 2 * y - 6)], over=[x, y]).duality()
    assert (found.primal_value, found.dual_value, found.gap, found.reason) == (-12, -oo, oo, Reason.POSITIVE)
    with pytest.raises(ProblemError, match="-oo for all multipliers"):
        _ = found.dual.problem


def test_infeasible_and_unbounded_problems():
    infeasible = minimize(x, [x >= 1, x <= 0], over=[x]).duality(time_limit_s=PATIENCE_S)
    assert (infeasible.primal_value, infeasible.dual_value, infeasible.gap) == (oo, oo, 0)
    unbounded = maximize(x, [x >= 1], over=[x]).duality(time_limit_s=PATIENCE_S)
    assert (unbounded.primal_value, unbounded.dual_value, unbounded.reason) == (oo, oo, Reason.WEAK)
    both = minimize(x + 2 * y, [Eq(x + y, 0), Eq(x + y, 1)], over=[x, y]).duality(time_limit_s=PATIENCE_S)
    assert (both.primal_value, both.dual_value, both.gap) == (oo, -oo, oo)


def test_slaters_condition_is_enough_where_the_dual_is_not_known():
    """x**4 + x**2 y**2 + y**4 is convex by its Hessian, and x**2 y**2 is none of the table's functions."""
    objective = x**4 + x**2 * y**2 + y**4 + x
    found = minimize(objective, [x + y >= 1, x**2 <= 4], over=[x, y]).duality(time_limit_s=PATIENCE_S)
    assert (found.gap, found.reason) == (0, Reason.SLATER)
    assert not found.dual.function.is_known and found.slater.holds is True


def test_slaters_condition_needs_no_answer():
    """min x**2 over x >= 1 for which no answer is known: convex and strictly feasible, so the gap is zero."""
    found = unanswered(Problem(x**2, [x >= 1], over=[x])).duality()
    assert (found.primal_value, found.gap, found.reason) == (None, 0, Reason.SLATER)


def test_parts_with_their_own_variables_must_be_convex_each():
    """exp(x) + exp(-x) - x**2/2 is convex, but with y_1 = x and y_2 = -x the inner problem has -x**2/2 alone."""
    function = Problem(exp(x) + exp(-x) - x**2 / 2, [x >= 1], over=[x]).dual().function
    assert not function.convex_by_parts and "not shown to be convex" in function.missing


def test_what_is_not_decided_says_why():
    unsolved = unanswered(Problem(x * y, [x + y >= 1], over=[x, y])).duality()
    assert (unsolved.gap, unsolved.reason) == (None, Reason.NOT_DECIDED) and "not known exactly" in unsolved.sentence
    unknown = minimize(sympy.sin(x), [], over=[x], bounds={x: (5, 7)}).duality()
    assert unknown.gap is None and "sin(x)" in unknown.sentence
    with pytest.raises(ProblemError, match="the dual function is not known"):
        _ = unknown.dual.problem


def test_constraints_that_are_kept():
    """With the simplex kept, min c x has the dual max min(c + ...): here d* = p* as well."""
    problem = Problem(x + 3 * y, [x + y >= 1], over=[x, y], bounds={x: (0, 1), y: (0, 1)})
    dual = problem.dual(relax=problem.constraints)
    assert [symbol.name for symbol in dual.problem.over] == ["mu_1", "t_1", "t_2"]
    assert duality(solve(problem), problem.constraints).gap == 0


def test_what_is_printed():
    found = minimize(x**2, [x >= 1], over=[x]).duality()
    assert str(found.dual) == "maximize -mu**2/4 + mu subject to mu >= 0"
    assert found.dual._repr_latex_().startswith("$") and found._repr_latex_().startswith("$")
    assert "p* = 1, d* = 1, gap = 0." in found.explanation() and str(found)
    assert Le(x, 1) not in found.dual.problem.constraints


def test_equations_of_new_variables_are_not_taken_for_the_cause_of_a_gap() -> None:
    """L = 2 x y - x + m ((y - 2 x)**4 - 1) is bounded from below for m > 0, although 2 x y is not."""
    solution = minimize(2 * x * y - x, [(y - 2 * x) ** 4 <= 1], over=[x, y], time_limit_s=20)
    found = solution.duality()
    assert found.gap is None or found.gap.is_finite
    assert found.dual_value is None or found.dual_value.is_finite


def test_a_gap_with_new_variables_needs_an_inner_point():
    """The functions' domains meet in x = 0 alone, where the equations y_1 = x, y_2 = -x may have no multipliers."""
    touching = minimize(y - sqrt(x) - sqrt(-x) + exp(y), [y >= 1], over=[x, y])
    function = touching.problem.dual().function
    assert function.introduced and not lies_inside(function, {x: sympy.Integer(0), y: sympy.Integer(1)})
    inner = Problem(exp(-x), [x**2 / y <= 0], over=[x, y], bounds={y: (Rational(1, 10), None)}).dual().function
    assert inner.introduced and lies_inside(inner, {x: sympy.Integer(0), y: sympy.Integer(1)})


def test_integers_strictly_between_bounds_have_no_gap_by_the_bounds_themselves() -> None:
    """min n + m over {1, ..., 4} with 2n + 2m >= 3: multiplier 0 has the bound 2, which is p*."""
    n, m = symbols("n m", integer=True)
    found = minimize(n + m, [n > 0, n < 5, m > 0, m < 5, 2 * n + 2 * m >= 3], over=[n, m]).duality(
        time_limit_s=PATIENCE_S
    )
    assert (found.primal_value, found.dual_value, found.gap) == (2, 2, 0)
