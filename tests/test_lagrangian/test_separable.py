"""Sums of functions of different variables: the answer is that of the parts, put together."""

import pytest
import sympy
from sympy import Eq, atan, exp, log, pi, sin, sinh, symbols

from lagrangian import Problem, Status, solve
from lagrangian.algebra.signs import is_zero
from lagrangian.methods.parts import by_parts
from lagrangian.methods.task import nothing_known, prepare
from lagrangian.proof.separable import SeparableCertificate
from lagrangian.solution import Solution

x, y, z = symbols("x y z", real=True)


def answered(objective: sympy.Expr, constraints: list, over: list) -> Solution | None:
    problem = Problem(objective, constraints, over=over)
    return by_parts(prepare(problem), nothing_known(problem), float("inf")).solution


@pytest.mark.parametrize(
    ("objective", "constraints", "status", "value"),
    [
        (atan(x) + atan(y), [], Status.NOT_ATTAINED, -pi),
        (atan(x) + y**2 + 1, [], Status.NOT_ATTAINED, 1 - pi / 2),
        (exp(x) - 2 * x + log(y) ** 2, [], Status.OPTIMAL, 2 - 2 * log(2)),
        (x - log(x) + y - log(y) + z**2, [z >= 2], Status.OPTIMAL, 6),
        (log(x) + exp(y), [], Status.UNBOUNDED, None),
        (sinh(x) + atan(y), [y >= 1], Status.UNBOUNDED, None),
        (log(x) + y * exp(y), [Eq(sin(y), 2, evaluate=False)], Status.INFEASIBLE, None),
    ],
)
def test_answers(objective: sympy.Expr, constraints: list, status: Status, value: sympy.Expr | None) -> None:
    over = sorted(objective.free_symbols, key=str)
    solution = answered(objective, constraints, over)
    assert solution is not None and solution.status is status
    assert solution.value is None if value is None else is_zero(solution.value - value) is True
    assert isinstance(solution.certificate, SeparableCertificate)
    assert solution.certificate.verify() is True and solution.certificate.explanation()


def test_optima_are_all_combinations() -> None:
    solution = answered((exp(x) + exp(-x)) + (log(y) ** 2 - 1) ** 2, [], [x, y])
    assert solution is not None and solution.value == 2
    assert {(point[x], point[y]) for point in solution.points} == {(0, sympy.E), (0, 1 / sympy.E)}


def test_a_combination_with_a_family_is_one() -> None:
    solution = answered(sin(x) + exp(y) - y, [], [x, y])
    assert solution is not None and (solution.value, solution.points) == (0, ())
    (family,) = solution.families
    assert family.sample == {x: -pi / 2, y: 0} and Eq(y, 0, evaluate=False) in family.equations


def test_what_is_coupled_is_left() -> None:
    assert answered(exp(x + y) + x, [], [x, y]) is None
    assert answered(atan(x) + atan(y), [x + y <= 1], [x, y]) is None


def test_false_combinations_do_not_hold() -> None:
    solution = answered(atan(x) + exp(y) - y, [], [x, y])
    assert solution is not None and isinstance(solution.certificate, SeparableCertificate)
    certificate = solution.certificate
    swapped = SeparableCertificate(certificate.problem, certificate.parts, certificate.proofs[::-1])
    half = SeparableCertificate(certificate.problem, certificate.parts[:1], certificate.proofs[:1])
    assert swapped.verify() is False and half.verify() is False


def test_solutions() -> None:
    solution = solve(Problem(atan(x) + atan(y), over=[x, y], sense="max"), time_limit_s=30)
    assert (solution.status, solution.value) == (Status.NOT_ATTAINED, pi)
