"""Problems in one variable: every answer known by hand from the sign of the derivative and the limits at the ends."""

import time

import pytest
import sympy
from sympy import Abs, E, Eq, Max, Rational, Symbol, atan, cos, cosh, exp, log, pi, sin, sqrt, tanh

from lagrangian import Problem, Status, minimize, solve
from lagrangian.algebra.signs import is_zero
from lagrangian.conditions.domains import is_defined
from lagrangian.conditions.line_cover import Side, lies_above
from lagrangian.problem.canonical import CanonicalProblem
from lagrangian.problem.canonicalization import canonicalize
from lagrangian.proof.certificate import Claim
from lagrangian.proof.encoding import certificate_from_json, certificate_to_json
from lagrangian.proof.one_variable import LineCertificate, is_feasible_at
from lagrangian.prove_line import LineOutcome, prove_on_line

x = Symbol("x", real=True)
UNATTAINED, UNBOUNDED, INFEASIBLE = Claim.NOT_ATTAINED, Claim.UNBOUNDED, Claim.INFEASIBLE

# objective to be minimized, constraints, claim, value, points
CASES = [
    (exp(-x), [], UNATTAINED, 0, []),
    (exp(-x), [x >= 0], UNATTAINED, 0, []),
    (-exp(-x), [x >= 0], None, -1, [0]),
    (log(x), [], UNBOUNDED, None, []),
    (-log(x), [], UNBOUNDED, None, []),
    (log(x), [x >= 0, x <= 5], UNBOUNDED, None, []),
    (x - log(x), [], None, 1, [1]),
    (log(x) - x, [], UNBOUNDED, None, []),
    (-x * exp(-x), [], None, -1 / E, [1]),
    (x * exp(-x), [], UNBOUNDED, None, []),
    (x * exp(-x), [x >= 1], UNATTAINED, 0, []),
    (x * exp(-x), [x >= 0], None, 0, [0]),
    (-x / (1 + x**2), [], None, -Rational(1, 2), [1]),
    (x / (1 + x**2), [x >= 1], UNATTAINED, 0, []),
    (atan(x), [], UNATTAINED, -pi / 2, []),
    (-atan(x), [], UNATTAINED, -pi / 2, []),
    (-tanh(x), [], UNATTAINED, -1, []),
    (1 / x, [x >= 1], UNATTAINED, 0, []),
    (1 / x, [], UNBOUNDED, None, []),
    (1 / x**2, [], UNATTAINED, 0, []),
    (x**x, [x > 0], None, exp(-1 / E), [1 / E]),
    (-(x**x), [x > 0], UNBOUNDED, None, []),
    (-log(x) / x, [], None, -1 / E, [E]),
    (log(x) / x, [x >= 3], UNATTAINED, 0, []),
    (log(x) / x, [], UNBOUNDED, None, []),
    (x * log(x), [], None, -1 / E, [1 / E]),
    (-x * log(x), [x < 1], UNATTAINED, 0, []),
    (-x * log(x), [x <= 1], None, 0, [1]),
    (x**2 * log(x), [], None, -1 / (2 * E), [exp(-Rational(1, 2))]),
    (exp(-(x**2)), [], UNATTAINED, 0, []),
    (cosh(x), [], None, 1, [0]),
    (log(1 + exp(x)), [], UNATTAINED, 0, []),
    (-1 / (1 + exp(-x)), [], UNATTAINED, -1, []),
    (exp(x) - x**3, [x >= 5], None, exp(5) - 125, [5]),
    (-(x**3) * exp(-x), [], None, -27 * exp(-3), [3]),
    (sqrt(x) - log(x), [], None, 2 - log(4), [4]),
    (x - sqrt(x), [], None, -Rational(1, 4), [Rational(1, 4)]),
    (sqrt(x) + x, [], None, 0, [0]),
    (sqrt(x**2 + 1) - x, [], UNATTAINED, 0, []),
    (-x / sqrt(x**2 + 1), [], UNATTAINED, -1, []),
    (exp(-1 / x), [x > 0], UNATTAINED, 0, []),
    (-x * log(1 + 1 / x), [x > 0], UNATTAINED, -1, []),
    (-((1 + 1 / x) ** x), [x > 0], UNATTAINED, -E, []),
    (exp(2 * x) + exp(x), [], UNATTAINED, 0, []),
    (log(x) ** 2 - 2 * log(x), [], None, -1, [E]),
    (exp(Abs(x)), [], None, 1, [0]),
    (-exp(-Abs(x - 1)), [], None, -1, [1]),
    (Abs(log(x)), [], None, 0, [1]),
    (Max(exp(x), exp(-x)), [], None, 1, [0]),
    (Abs(x - 1) + Abs(x - 2) + Abs(x - 4), [], None, 3, [2]),
    (Abs(x) ** Rational(1, 2), [], None, 0, [0]),
    (Abs(exp(x) - 2), [], None, 0, [log(2)]),
    (x + sin(x), [], UNBOUNDED, None, []),
    (x * sin(x), [], UNBOUNDED, None, []),
    (x**2 * cos(x), [], UNBOUNDED, None, []),
    (x**2 + 2 * cos(x), [], None, 2, [0]),
    (sin(x), [x > 0, x < pi], UNATTAINED, 0, []),
    (-sin(x), [x >= 0, x <= pi / 6], None, -Rational(1, 2), [pi / 6]),
    (x, [Eq(sin(x), 2)], INFEASIBLE, None, []),
    (x, [cosh(x) <= Rational(1, 2)], INFEASIBLE, None, []),
    (x, [exp(x) + exp(-x) <= 1], INFEASIBLE, None, []),
    (x, [log(x) >= 1, x <= 2], INFEASIBLE, None, []),
    (x, [x > 0, x < 0], INFEASIBLE, None, []),
    (-x, [exp(x) <= 7], None, -log(7), [log(7)]),
    (x, [Eq(exp(x), 5)], None, log(5), [log(5)]),
    (x, [x > 1], UNATTAINED, 1, []),
    (-x, [x * exp(x) < E], UNATTAINED, -1, []),
    (exp(1 / x), [x < 0], UNATTAINED, 0, []),
    (-exp(1 / x), [x < 0], UNATTAINED, -1, []),
    (1 / log(x), [x > 1], UNATTAINED, 0, []),
    (-1 / log(x), [x > 1], UNBOUNDED, None, []),
    (x ** Rational(2, 3) - x, [x <= 1], None, 0, [0, 1]),
    (sin(x) / x, [x > 0, x <= pi], None, 0, [pi]),
    (-sin(x) / x, [x > 0, x <= pi], UNATTAINED, -1, []),
    ((exp(x) - 1) / x, [x > 0], UNATTAINED, 1, []),
    (sympy.asin(x), [], None, -pi / 2, [-1]),
    (-sympy.acos(x) - x, [], None, 1 - pi, [-1]),
    (exp(-x) * sin(x), [x >= 0], None, -sqrt(2) * exp(-5 * pi / 4) / 2, [5 * pi / 4]),
    (x, [log(x) <= -100], UNATTAINED, 0, []),
    (1 - cos(x) - x**2 / 2 + x**4 / 24, [], None, 0, [0]),
    (x**4 - x**4 * cos(x) ** 2, [x >= -1, x <= 1], None, 0, [0]),
]


def outcome_of(objective: sympy.Expr, constraints: list) -> tuple[CanonicalProblem, LineOutcome | None]:
    canonical, _ = canonicalize(Problem(objective, constraints, over=[x]))
    return canonical, prove_on_line(canonical, time.monotonic() + 30)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0]} {case[1]}")
def test_answers_known_by_hand(case: tuple) -> None:
    objective, constraints, claim, value, points = case
    _, outcome = outcome_of(objective, constraints)
    assert outcome is not None
    certificate = outcome.certificate
    assert certificate.verify() is True
    assert certificate.claim is (claim or Claim.GLOBAL_OPTIMUM)
    if value is None:
        assert outcome.value is None
    else:
        assert outcome.value is not None and is_zero(outcome.value - value) is True
    assert len(outcome.optima) == len(points)
    assert all(any(is_zero(found - point) for found in outcome.optima) for point in points)
    assert certificate.explanation()


@pytest.mark.parametrize("objective", [exp(x) + x**2, x**4 + sin(3 * x), tanh(x) + x / 3 + x**4])
def test_no_claim_without_closed_forms(objective: sympy.Expr) -> None:
    assert outcome_of(objective, [])[1] is None


def test_certificates_of_false_claims_do_not_hold() -> None:
    canonical, outcome = outcome_of(x * exp(-x), [x >= 1])
    assert outcome is not None
    certificate = outcome.certificate
    assert isinstance(certificate, LineCertificate)
    false_infimum = LineCertificate(canonical, sympy.Rational(1, 100), certificate.sides, (), certificate.approach)
    low_infimum = LineCertificate(canonical, sympy.Integer(-1), certificate.sides, (), certificate.approach)
    no_approach = LineCertificate(canonical, sympy.Integer(0), certificate.sides)
    attained = LineCertificate(canonical, sympy.Integer(0), certificate.sides, (sympy.Integer(1),))
    for false in (false_infimum, low_infimum, no_approach, attained):
        assert false.verify() is not True
    gap = (certificate.sides[0], certificate.sides[-1], *certificate.sides)
    assert LineCertificate(canonical, sympy.Integer(0), gap, (), certificate.approach).verify() is False


def test_points_where_the_value_is_attained_are_not_left_out() -> None:
    # log(2) attains the minimum: a cover around it proves nothing if it is not declared an optimum
    problem = CanonicalProblem(exp(x) - 2 * x, (), (), (x,), (), (), frozenset())
    outcome = prove_on_line(problem, time.monotonic() + 30)
    assert outcome is not None and isinstance(outcome.certificate, LineCertificate)
    sides = outcome.certificate.sides
    approach = Side(log(2), 1, sides[0].start, 3)
    assert lies_above(problem, outcome.value, sides) is True
    assert LineCertificate(problem, outcome.value, sides, (), approach).verify() is not True


def test_json_form() -> None:
    for objective, constraints in ((-x * log(x), [x < 1]), (x + sin(x), []), (x - log(x), [])):
        _, outcome = outcome_of(objective, constraints)
        assert outcome is not None
        text = certificate_to_json(outcome.certificate)
        assert certificate_from_json(text).verify() is True


def test_domains_at_points() -> None:
    assert is_defined(log(x - 1), {x: sympy.Integer(1)}) is False
    assert is_defined(1 / (exp(x) - 2), {x: log(2)}) is False
    assert is_defined(sqrt(x), {x: sympy.Integer(0)}) is True
    assert is_defined(x ** Rational(-1, 2), {x: sympy.Integer(0)}) is False
    assert is_defined(sympy.asin(x), {x: sympy.Integer(2)}) is False
    assert is_defined(sympy.tan(x), {x: pi / 2}) is False
    problem = canonicalize(Problem(sqrt(x), [x < 4], over=[x]))[0]
    assert [is_feasible_at(problem, sympy.Integer(n)) for n in (-1, 0, 4)] == [False, True, False]


def test_solutions() -> None:
    solution = minimize(exp(x) - x**3, [x >= 5], time_limit_s=30)
    assert (solution.status, solution.points) == (Status.OPTIMAL, ({x: 5},))
    assert solution.shadow_price(x >= 5) == exp(5) - 75  # dF/dx at the bound
    assert solve(Problem(log(x), over=[x]), time_limit_s=20).status is Status.UNBOUNDED
    supremum = solve(Problem(atan(x), [x <= 5, x < 1], over=[x], sense="max"), time_limit_s=20)
    assert (supremum.status, supremum.value) == (Status.NOT_ATTAINED, pi / 4)
