"""Variables that equations define are replaced, with a way back, and only where nothing is lost."""

import time

import pytest
import sympy
from hypothesis import given, settings
from sympy import Eq, cos, exp, log, sqrt, symbols

from lagrangian import Problem, Status, canonicalize, certificate_from_json, certificate_to_json, minimize
from lagrangian.numeric.local import numeric_candidate
from lagrangian.problem.reductions import Substitution, bounds_of, range_of, reduce_problem, replay
from lagrangian.proof.reduced import ReducedCertificate
from lagrangian.prove_intervals import enclose_by_boxes
from lagrangian.restore_reduced import stated_again
from tests.strategies import rationals

x, y, z, t = symbols("x y z t", real=True)


def canonical(objective, constraints, over=(x, y, z)):
    return canonicalize(Problem(objective, constraints, over=list(over)))[0]


@settings(max_examples=20, deadline=None)
@given(first=rationals(), second=rationals())
def test_completed_points_satisfy_the_equations_with_the_same_value(first, second) -> None:
    problem = canonical(x * y * z + t, [Eq(x + 2 * y - z, 3), Eq(t, x**2 - y * z), t <= 50], (x, y, z, t))
    reduction = reduce_problem(problem)
    assert reduction is not None and len(reduction.problem.variables) == 2
    point = reduction.completed(dict(zip(reduction.problem.variables, (first, second), strict=True)))
    assert all(sympy.expand(h.expression.xreplace(point)) == 0 for h in problem.equalities)
    assert sympy.expand(problem.objective.xreplace(point) - reduction.problem.objective.xreplace(point)) == 0
    bound, reduced_bound = problem.inequalities[0].expression, reduction.problem.inequalities[0].expression
    assert sympy.expand(bound.xreplace(point) - reduced_bound.xreplace(point)) == 0


def test_a_coefficient_that_may_be_zero_is_not_divided_by() -> None:
    assert reduce_problem(canonical(y**2 + x, [Eq(x * y, x)], (x, y))) is None
    assert reduce_problem(canonical(y**2 + x, [Eq(x * y, x), x >= 1], (x, y))) is not None


def test_a_divisor_must_stay_in_the_statement() -> None:
    # x y = 2 keeps x away from zero: where one is replaced by a quotient that occurs, so does the reduced problem
    kept = reduce_problem(canonical((x - y) ** 2, [Eq(x * y, 2)], (x, y)))
    assert kept is not None and kept.problem.objective.has(1 / y)
    assert reduce_problem(canonical(z**2, [Eq(x * y, 2)])) is None


@pytest.mark.parametrize("objective", [y / x, log(y / x), sqrt(y) / sqrt(x) + log(x / x)], ids=str)
def test_what_is_defined_only_in_places_is_not_simplified_away(objective) -> None:
    # with y = x z the quotient y / x would become z, which is defined where x = 0
    reduction = reduce_problem(canonical(objective + z**2, [Eq(y, x * z), x**2 <= 0]))
    assert reduction is None or reduction.problem.objective.subs(x, 0).is_finite is not True


def test_a_constraint_that_becomes_false_stops_the_reduction() -> None:
    assert reduce_problem(canonical(x, [Eq(y, 3), y <= 2], (x, y))) is None


def test_steps_that_are_not_justified_are_refused() -> None:
    problem = canonical(x + y, [Eq(x + y, 1)], (x, y))
    assert replay(problem, [Substitution(y, 1 - x, 0)]) is not None
    assert replay(problem, [Substitution(y, 2 - x, 0)]) is None
    assert replay(problem, [Substitution(y, 1 - x, 1)]) is None
    assert replay(problem, [Substitution(z, 1 - x, 0)]) is None


def test_ranges_hold_the_values() -> None:
    bounds = bounds_of(canonical(x, [x >= -2, x <= 3, y >= 1], (x, y)))
    assert range_of(x**2 * y, bounds) == (0, sympy.oo)
    assert range_of(x**3 - y, bounds) == (-sympy.oo, 26)
    assert range_of(cos(x), bounds) == (-sympy.oo, sympy.oo)


def test_an_enclosed_optimum_is_carried_back() -> None:
    # on x + y = 1 the sum exp(x) + exp(y) is least at x = y = 1/2; the term z**2 keeps SymPy's closed form away
    solution = minimize(
        exp(x) + exp(y) + z**2 + z * cos(z) / 100,
        [Eq(x + y, 1), Eq(t, x - y), x >= -3, x <= 3, z >= -1, z <= 1],
        over=[x, y, z, t],
        time_limit_s=30,
    )
    assert solution.status is Status.OPTIMAL
    low, high = solution.value_interval
    assert low <= 2 * sympy.exp(sympy.Rational(1, 2)) <= high + sympy.Rational(1, 10**3)
    point = solution.points[0]
    assert abs(point[x] + point[y] - 1) < 1e-6 and abs(point[t] - point[x] + point[y]) < 1e-6


def test_the_certificate_holds_for_its_problem_alone_and_is_stored() -> None:
    problem = canonical(exp(x) + y, [Eq(x + y, 1), x >= -3, x <= 3], (x, y))
    other = canonical(exp(x) - y, [Eq(x + y, 1), x >= -3, x <= 3], (x, y))
    reduction = reduce_problem(problem)
    inner_problem = canonicalize(stated_again(reduction))[0]
    inner = enclose_by_boxes(
        inner_problem, numeric_candidate(inner_problem, time.monotonic() + 5), time.monotonic() + 20
    )
    certificate = ReducedCertificate(problem, reduction.steps, inner_problem, inner)
    assert certificate.verify() is True
    assert certificate_from_json(certificate_to_json(certificate)).verify() is True
    assert ReducedCertificate(other, reduction.steps, inner_problem, inner).verify() is False


def test_periodic_optima_of_the_reduced_problem_are_families_of_the_stated_one() -> None:
    # sin t cos t = sin(2 t) / 2 on the line where both angles are t
    solution = minimize(sympy.sin(x / 3) * cos(y), [Eq(x, 3 * y)], over=[x, y])
    assert solution.status is Status.OPTIMAL and solution.value == sympy.Rational(-1, 2) and not solution.points
    assert len(solution.families) == 2
    for family in solution.families:
        assert sympy.simplify(sympy.sin(family.sample[x] / 3) * cos(family.sample[y]) - solution.value) == 0
        turns = {k for equation in family.equations for k in equation.free_symbols} - {x, y}
        (found,) = sympy.solve(
            [e.xreplace(dict.fromkeys(turns, sympy.Integer(5))) for e in family.equations], [x, y], dict=True
        )
        assert sympy.simplify(found[x] - 3 * found[y]) == 0
        assert sympy.simplify(sympy.sin(found[x] / 3) * cos(found[y]) - solution.value) == 0


def test_what_is_left_on_a_line_is_decided_on_it() -> None:
    # z exp(z) is least at z = -1, and the maximum of its negative is the same
    solution = minimize(x * exp(y / 2), [Eq(y, 2 * x)], over=[x, y])
    assert solution.status is Status.OPTIMAL and solution.points == ({x: -1, y: -2},)
    assert solution.value == -exp(-1)
