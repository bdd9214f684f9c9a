"""z3 as the last resort: it refutes what is false, its certificates say what they rest on, and do without it nothing."""

from dataclasses import replace

import pytest
from flint import fmpq
from sympy import Eq, symbols

from lagrangian import Claim, Problem, canonicalize, certificate_from_json, certificate_to_json
from lagrangian.algebra.numbers import compare, rational_point
from lagrangian.candidates.enumeration import find_candidates
from lagrangian.candidates.satisfiability import NOT_INSTALLED, refuted_by_z3
from lagrangian.problem.lifting import PolynomialProblem, lift
from lagrangian.proof import satisfiability
from lagrangian.proof.satisfiability import Z3Certificate, z3_is_installed

x, y = symbols("x y", real=True)
needs_z3 = pytest.mark.skipif(not z3_is_installed(), reason="the extra 'exact' (z3-solver) is not installed")


def polynomial_problem(objective, constraints=(), over=(x, y)) -> PolynomialProblem:
    return lift(canonicalize(Problem(objective, list(constraints), over=list(over)))[0])[0]


def certificate_for(problem: PolynomialProblem) -> Z3Certificate:
    points = find_candidates(problem).points
    best = tuple(p.point for p in points if compare(p.value, points[0].value) == 0)
    return Z3Certificate(problem, points[0].value, best)


@needs_z3
@pytest.mark.parametrize(
    ("objective", "constraints"),
    [
        (x**4 * y**2 + x**2 * y**4 - 3 * x**2 * y**2 + 1, []),  # Motzkin: no sum of squares
        (x + y, [Eq(x**2 + y**2, 1)]),  # an irrational value
        (x**3 - 3 * x, [x + y >= 0, y <= 2]),
    ],
)
def test_known_optima_are_confirmed(objective, constraints) -> None:
    problem = polynomial_problem(objective, constraints)
    certificate = certificate_for(problem)
    assert certificate.claim is Claim.GLOBAL_OPTIMUM
    assert certificate.verify() is True
    assert any("z3" in sentence for sentence in certificate.explanation())
    assert certificate_from_json(certificate_to_json(certificate)).verify() is True
    assert replace(certificate, minimizers=()).verify() is False
    assert replace(certificate, value=certificate.value - 1).verify() is False


@needs_z3
def test_values_that_are_not_least_are_refuted() -> None:
    problem = polynomial_problem((x - 1) ** 2 + y**2)
    point = rational_point([fmpq(0), fmpq(0)])
    certificate = Z3Certificate(problem, point.value(problem.objective), (point,))
    assert certificate.verify() is False
    assert refuted_by_z3(certificate.formula) == "a solution exists"


@needs_z3
def test_strict_inequalities_are_strict() -> None:
    open_set = polynomial_problem(x, [x > 0, x * y <= 0, y >= 1])
    certificate = Z3Certificate(open_set)
    assert certificate.claim is Claim.INFEASIBLE
    assert certificate.verify() is True
    assert Z3Certificate(polynomial_problem(x, [x >= 0, x * y <= 0, y >= 1])).verify() is False
    assert replace(certificate, minimizers=(rational_point([fmpq(1), fmpq(1)]),)).verify() is False


def test_without_z3_nothing_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    certificate = certificate_for(polynomial_problem(x**2 + y**2))
    monkeypatch.setattr(satisfiability, "find_spec", lambda name: None)
    assert certificate.verify() is None
    assert refuted_by_z3(certificate.formula) == NOT_INSTALLED
