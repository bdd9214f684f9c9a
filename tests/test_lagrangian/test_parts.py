"""Problems that fall into parts: variables that matter nowhere, integers beside reals, parts without an optimum."""

from dataclasses import replace

import pytest
import sympy
from sympy import Integer, exp, sin, symbols

from lagrangian import Problem, Status, solve
from lagrangian.problem.canonicalization import canonicalize
from lagrangian.proof.intervals import is_sum_of
from lagrangian.prove_intervals import separated

x, y, z = symbols("x y z", real=True)


def test_an_integer_without_bounds_that_matters_nowhere_is_no_hindrance():
    solution = solve(Problem(2 * z**5, [y <= 1, z <= 4], over=[x, y, z], integers=[y, z], sense="max"), time_limit_s=20)
    assert (solution.status, solution.value) == (Status.OPTIMAL, 2048)
    assert solution.certificate.verify() is True
    assert solution.families[0].sample[z] == 4


def test_reals_are_exact_beside_an_integer():
    solution = solve(
        Problem(x**4 - 2 * x**2 + y, [y >= sympy.Rational(1, 2)], over=[x, y], integers=[y]), time_limit_s=20
    )
    assert (solution.status, solution.value) == (Status.OPTIMAL, 0)
    assert {(p[x], p[y]) for p in solution.points} == {(-1, 1), (1, 1)}


@pytest.mark.parametrize(
    ("objective", "constraints", "status"),
    [
        (x**2 + z, [y * z >= 1, y >= 0, z >= 0], Status.NOT_ATTAINED),
        (x + y**2, [z**2 <= 1], Status.UNBOUNDED),
        (x + y**2, [z**4 - z**2 + 1 <= 0], Status.INFEASIBLE),
        (sin(x) + z, [z >= 0, exp(y) - y <= 0], Status.INFEASIBLE),
    ],
)
def test_the_worst_part_decides(objective, constraints, status):
    solution = solve(Problem(objective, constraints, over=[x, y, z]), time_limit_s=20)
    assert solution.status is status
    assert solution.certificate.verify() is True


def test_each_part_has_its_own_integers():
    whole, _ = canonicalize(Problem(x**2 + y**2, [x >= -1, y >= -1], over=[x, y], integers=[y]))
    parts = list(separated(whole))
    assert [part.integers for part in parts] == [frozenset(), frozenset({whole.variables[1]})]
    assert is_sum_of(whole, parts)
    exchanged = [replace(parts[0], integers=parts[1].integers), replace(parts[1], integers=frozenset())]
    assert not is_sum_of(whole, exchanged)


def test_a_constant_objective_with_strict_constraints_is_optimal_everywhere():
    solution = solve(Problem(Integer(-6), [x <= 3, x < -1], over=[x]), time_limit_s=20)
    assert (solution.status, solution.value) == (Status.OPTIMAL, -6)
    assert solution.families[0].sample[x] < -1


def test_families_are_sampled_inside_strict_inequalities():
    solution = solve(Problem((x + y) ** 2, [x**2 + y**2 < 1], over=[x, y]), time_limit_s=20)
    assert (solution.status, solution.value) == (Status.OPTIMAL, 0)
    for family in solution.families:
        assert family.sample[x] ** 2 + family.sample[y] ** 2 < 1


def test_optima_that_are_too_many_to_list_are_said_to_be_so():
    """Seven double wells have 2**7 optima together."""
    names = symbols("x1:8", real=True)
    wells = sum(v**4 - 2 * v**2 for v in names)
    solution = solve(Problem(wells + exp(y**2), over=[*names, y]), time_limit_s=30)
    assert (solution.status, solution.value) == (Status.OPTIMAL, -6)
    assert len(solution.points) == 64
    assert any("64 of 128" in line for line in solution.missing)
