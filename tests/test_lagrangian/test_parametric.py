"""Problems with parameters: planted regions, degenerate ones, strict inequalities, covers, and the forms of an answer."""

import pytest
import sympy
from sympy import Eq, Piecewise, Rational, exp, nan, oo, symbols

from lagrangian import Problem, ProblemError, Status, solve_parametric
from lagrangian.duality.parametric_cover import cover_of

x, y, z = symbols("x y z", real=True)
a, b, c = symbols("a b c", real=True)
p, q = symbols("p q", positive=True)


def proved(problem: Problem):
    solution = solve_parametric(problem)
    assert solution.covers is True
    assert solution.overlaps_only_on_boundaries is True
    assert not solution.missing
    return solution


def statuses(solution) -> dict[sympy.Basic, Status]:
    return {region.condition: region.status for region in solution.regions}


def test_a_bound_that_binds_on_one_side() -> None:
    """min x^2 with x >= b: b^2 for b >= 0 and 0 else; the shadow price 2 b is the slope of the value."""
    solution = proved(Problem(x**2, [x >= b], over=[x]))
    by_condition = {region.condition: region for region in solution.regions}
    assert by_condition[b >= 0].value == b**2
    assert by_condition[b >= 0].active_set == (x >= b,)
    assert by_condition[b >= 0].shadow_prices == {x >= b: 2 * b}
    assert by_condition[b <= 0].value == 0
    assert by_condition[b <= 0].active_set == ()


@pytest.mark.parametrize("sense", ["min", "max"])
def test_shadow_prices_are_slopes_of_the_value_in_both_senses(sense: str) -> None:
    sign = 1 if sense == "min" else -1
    relation = x + y >= b if sense == "min" else x + y <= b
    solution = proved(Problem(sign * (x**2 + 2 * y**2) - a * x, [relation, x <= 3], over=[x, y], sense=sense))
    for region in solution.regions:
        assert sympy.expand(region.shadow_prices[relation] - sympy.diff(region.value, b)) == 0


def test_a_cost_without_bounds_is_unbounded_but_for_one_parameter() -> None:
    solution = proved(Problem(a * x, over=[x]))
    assert statuses(solution) == {a < 0: Status.UNBOUNDED, a > 0: Status.UNBOUNDED, Eq(a, 0): Status.OPTIMAL}
    assert solution.at({a: 0}).value == 0
    assert solution.value_piecewise() == Piecewise(
        (-oo, a < 0), (-oo, a > 0), (0, Eq(a, 0)), (nan, True), evaluate=False
    )


def test_equations_that_only_equal_parameters_satisfy() -> None:
    solution = proved(Problem(x + y, [Eq(x, a), Eq(x, b), y >= c], over=[x, y]))
    assert {region.status for region in solution.regions} == {Status.INFEASIBLE, Status.OPTIMAL}
    assert solution.at({a: 1, b: 2, c: 0}).status is Status.INFEASIBLE
    assert solution.at({a: 2, b: 2, c: 5}).value == 7


def test_a_feasible_set_of_parameters_without_interior() -> None:
    """x <= a, x >= b, x >= c, x <= 2 b - a... the two cuts a >= b and b >= a leave a = b."""
    solution = proved(Problem((x - c) ** 2, [x <= a, x >= b, x <= 2 * b - a], over=[x]))
    assert solution.at({a: 1, b: 2, c: 0}).status is Status.INFEASIBLE
    assert solution.at({a: 3, b: 2, c: 0}).status is Status.INFEASIBLE
    assert solution.at({a: 2, b: 2, c: 0}).value == 4


def test_dependent_gradients_leave_no_shadow_prices() -> None:
    """The same bound twice: LICQ fails, the value is right, and no price is claimed."""
    solution = proved(Problem((x - 5) ** 2, [x <= b, 2 * x <= 2 * b], over=[x]))
    region = solution.at({b: 3})
    assert region.value == 4
    assert region.shadow_prices == {}
    assert sum(m * k for m, k in zip(region.multipliers.values(), (1, 2), strict=True)) == 4


def test_many_optima_are_said_not_to_be_unique() -> None:
    solution = proved(Problem(x + y, [x + y >= b, x >= 0, y >= 0], over=[x, y]))
    region = next(r for r in solution.regions if r.condition == (b >= 0))
    assert region.value == b
    assert region.is_unique is False
    assert solution.at({b: -1}).value == 0


def test_lines_of_optima() -> None:
    """(x - y)^2 + a (x - y): only x - y matters, and the value is -a^2/4."""
    solution = proved(Problem((x - y) ** 2 + a * (x - y), over=[x, y]))
    (region,) = solution.regions
    assert region.value == -(a**2) / 4
    assert region.is_unique is False
    assert sympy.expand(region.point[x] - region.point[y] + a / 2) == 0


def test_strict_inequalities_that_the_optimum_would_break() -> None:
    """min x^2 - 2 b x over x > 0: b for b > 0, else the infimum 0 is not attained."""
    solution = proved(Problem(x**2 - 2 * b * x, [x > 0], over=[x]))
    assert statuses(solution) == {b > 0: Status.OPTIMAL, b <= 0: Status.NOT_ATTAINED}
    assert solution.at({b: 0}).value == 0


def test_a_strict_inequality_with_a_cost_that_vanishes() -> None:
    """min a x over 0 < x <= 1: with a = 0 every point is optimal, so that a = 0 belongs to the optimal parameters."""
    solution = proved(Problem(a * x, [x > 0, x <= 1], over=[x]))
    assert statuses(solution) == {a > 0: Status.NOT_ATTAINED, a <= 0: Status.OPTIMAL}


def test_strict_inequalities_narrow_the_feasible_parameters() -> None:
    solution = proved(Problem(-x, [x > 0, x <= b], over=[x]))
    assert statuses(solution) == {b <= 0: Status.INFEASIBLE, b > 0: Status.OPTIMAL}


def test_what_the_symbols_and_assumptions_say_is_left_out_of_the_regions() -> None:
    solution = proved(Problem((x - p) ** 2, [x <= 2], over=[x], assumptions=[p <= 5]))
    assert statuses(solution) == {p <= 2: Status.OPTIMAL, p >= 2: Status.OPTIMAL}
    assert not proved(Problem((x - p) ** 2, [x >= 0], over=[x])).regions[0].relations


def test_terms_that_are_not_affine_are_parameters_of_their_own() -> None:
    """The projection of b^2 on x <= 1, and of e^b."""
    solution = proved(Problem((x - b**2) ** 2, [x <= 1], over=[x]))
    assert solution.at({b: -2}).value == 9
    assert solution.at({b: Rational(1, 2)}).value == 0
    exponential = solve_parametric(Problem((x - exp(b)) ** 2, [x <= 1], over=[x]))
    assert exponential.covers is True
    assert exponential.at({b: 1}).value == (sympy.E - 1) ** 2
    assert exponential.at({b: -1}).value == 0


def test_parameters_may_be_algebraic_numbers_and_decimals() -> None:
    solution = proved(Problem(x**2, [x >= b], over=[x]))
    assert solution.at({b: sympy.sqrt(2)}).value == 2
    assert solution.at({b: 0.5}).value == Rational(1, 4)


def test_the_active_set_at_a_boundary_is_that_of_the_point() -> None:
    solution = proved(Problem(x**2, [x >= b, x <= 3], over=[x], assumptions=[b <= 3]))
    assert solution.at({b: 3}).active_set == (x >= b, x <= 3)


def test_a_problem_without_parameters_has_one_region() -> None:
    solution = proved(Problem(x + y, [x >= 1, y >= 2], over=[x, y]))
    (region,) = solution.regions
    assert region.relations == ()
    assert solution.value_piecewise() == 3
    assert solution.point_piecewise() == {x: 1, y: 2}


def test_the_forms_of_an_answer() -> None:
    solution = proved(Problem(x**2, [x >= b], over=[x]))
    assert solution.value_piecewise().subs(b, 3) == 9
    assert solution.point_piecewise()[x].subs(b, -3) == 0
    assert "b >= 0" in str(solution)
    assert r"\begin{cases}" in solution._repr_latex_()


def test_values_that_are_no_values_of_the_parameters() -> None:
    solution = proved(Problem((x - p) ** 2, [x <= 2], over=[x], assumptions=[p <= 5]))
    for values, message in (
        ({}, "no value is given for p"),
        ({p: 1, x: 2}, "x is no parameter"),
        ({p: -1}, "is not positive"),
        ({p: 6}, "break the assumption"),
        ({p: "1"}, "write a number"),
        ({p: sympy.I}, "write a real number"),
        ({p: q}, "write a real number"),
    ):
        with pytest.raises(ProblemError, match=message):
            solution.at(values)


def test_values_for_which_the_problem_is_not_defined() -> None:
    solution = proved(Problem((x - 1 / b) ** 2, [x <= 1], over=[x]))
    assert solution.at({b: Rational(1, 3)}).value == 4
    with pytest.raises(ProblemError, match="not defined for b = 0"):
        solution.at({b: 0})


def test_assumptions_without_parameters_are_refused() -> None:
    with pytest.raises(ProblemError, match="contradict each other"):
        solve_parametric(Problem((x - p) ** 2 + b * x, over=[x], assumptions=[b >= p, b + p <= 0]))
    with pytest.raises(ProblemError, match="positive number of seconds"):
        solve_parametric(Problem((x - p) ** 2, over=[x]), time_limit_s=0)


def test_what_is_not_treated_is_undecided_with_its_reason() -> None:
    for problem, word in (
        (Problem(-(x**4) + b * x, [x >= 0, x <= 1], over=[x]), "not shown to be convex"),
        (Problem((x - b) ** 2, over=[x], integers=[x]), "integer"),
    ):
        solution = solve_parametric(problem)
        assert [region.status for region in solution.regions] == [Status.UNDECIDED]
        assert word in solution.missing[0]
        assert solution.value_piecewise() is nan
        assert solution.at({b: 1}).status is Status.UNDECIDED


def test_no_time_means_no_answer() -> None:
    solution = solve_parametric(Problem((x - b) ** 2, [x <= 1], over=[x]), time_limit_s=1e-9)
    assert [region.status for region in solution.regions] == [Status.UNDECIDED]
    assert "time limit" in solution.missing[0]


COVERS = [
    ([(b <= 1,), (b >= 1,)], True, True),
    ([(b < 1,), (b >= 1,)], True, True),
    ([(b < 1,), (b > 1,)], False, True),
    ([(b < 1,), (b > 1,), (Eq(b, 1),)], True, True),
    ([(b <= 2,), (b >= 1,)], True, False),
    ([(b <= a,), (b >= a, b >= 0), (b >= a, b <= 0)], True, True),
    ([(b <= a,), (b >= a, b >= 0)], False, True),
    ([(b**2 <= a,), (b**2 >= a,)], True, True),
    ([(b**2 <= a,), (b**2 >= a + 1,)], None, True),
    ([(sympy.sqrt(2) * b <= a,), (sympy.sqrt(2) * b >= a,)], True, True),
]


@pytest.mark.parametrize(("regions", "complete", "disjoint"), COVERS)
def test_covers_and_overlaps_are_decided_from_the_relations_alone(regions, complete, disjoint) -> None:
    cover = cover_of(regions, Problem(a * x**2 + b * x, over=[x]))
    assert (cover.is_complete, cover.overlaps_only_on_boundaries) == (complete, disjoint)


def test_there_is_no_shadow_price_where_the_value_has_a_kink() -> None:
    """max x + 2y: 2b up to b = 1, where y <= 1 becomes active, and b + 1 from there; at b = 1 the slopes are 2 and 1."""
    stock = x + y <= b
    solution = proved(Problem(x + 2 * y, [stock, x >= 0, y >= 0, y <= 1], over=[x, y], sense="max"))
    prices = [solution.at({b: value}).shadow_prices.get(stock) for value in (Rational(1, 2), 1, 2)]
    assert prices == [2, None, 1]
    # max x - x^2 with x <= b: b - b^2 up to b = 1/2, constant from there, and no kink between
    smooth = proved(Problem(x - x**2, [x <= b], over=[x], sense="max"))
    assert smooth.at({b: Rational(1, 2)}).shadow_prices == {x <= b: 0}
