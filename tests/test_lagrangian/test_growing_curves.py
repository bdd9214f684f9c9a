"""No optimum in several variables: growing curves with different rates, and limits that no feasible point reaches."""

import pytest
import sympy
from sympy import Eq, Integer, Rational, exp, log, sqrt, symbols

from lagrangian import Problem, Status, solve
from lagrangian.candidates.growing_curves import growing_curves
from lagrangian.conditions.growth_curves import GrowthCurve
from lagrangian.problem.canonicalization import canonicalize
from lagrangian.proof.curves import GrowthCertificate, GrowthInfimumCertificate, is_positive_everywhere
from lagrangian.prove_growth import prove_by_growth

x, y, z = symbols("x y z", real=True)
t = sympy.Symbol("t", positive=True)

UNBOUNDED = [
    (-log(x) - log(y), [x - y <= 4]),
    (log(x) + log(y), [x + y <= 4]),
    (exp(x) - y, []),
    (x - exp(x) + y**2, [x >= y]),
    (x * log(y), [x >= 1, y > 0]),
    (sqrt(x) - x + y**2, []),
    (x**3 - 3 * x * y**2, []),
    (y - exp(x), [Eq(y, x**2)]),
    (log(x) / y, [x > 0, y > 0]),
    (exp(-x) - y * z, [y >= x, z >= 1]),
]
# objective, constraints, infimum: each a sum of positive terms that vanish together along some curve only
UNATTAINED = [
    (x / y, [x > 0, y > 0], 0),
    (x**2 / y, [y > 0, x >= 1], 0),
    ((x * y - 1) ** 2 + x**2 + exp(-y), [], 0),
    ((x * y - 1) ** 2 + x**2, [], 0),
    ((x * y * z - 1) ** 2 + x**2 + y**2, [], 0),
    (exp(-x) / (1 + y**2) + 3, [], 3),
    (exp(-x - y), [x >= 0, y >= 0], 0),
    (1 / (x * y), [x >= 1, y >= 1], 0),
    (exp(x) + exp(y - x), [], 0),
    (exp(-(x**2)) + y**2 + 1, [], 1),
]


def canonical_of(objective: sympy.Expr, constraints: list) -> tuple:
    variables = sorted(objective.free_symbols, key=str)
    return canonicalize(Problem(objective, constraints, over=variables))


@pytest.mark.parametrize("case", UNBOUNDED, ids=str)
def test_unbounded_problems(case: tuple) -> None:
    certificate = prove_by_growth(canonical_of(*case)[0], float("inf"))
    assert isinstance(certificate, GrowthCertificate)
    assert certificate.verify() is True and certificate.explanation()


@pytest.mark.parametrize("case", UNATTAINED, ids=str)
def test_infima_that_are_not_attained(case: tuple) -> None:
    objective, constraints, infimum = case
    certificate = prove_by_growth(canonical_of(objective, constraints)[0], float("inf"))
    assert isinstance(certificate, GrowthInfimumCertificate)
    assert certificate.value == infimum
    assert certificate.verify() is True and certificate.explanation()


@pytest.mark.parametrize(
    ("objective", "constraints"),
    [
        (x**2 + y**2, []),
        (x * y, [x >= 1, y >= 1]),
        (exp(x) + exp(-x) + y**2, []),
        ((x - y) ** 2 + exp(x - y), []),
        (x / y, [x >= 1, y >= 1, y <= 7]),
    ],
)
def test_nothing_is_claimed_of_attained_optima(objective: sympy.Expr, constraints: list) -> None:
    assert prove_by_growth(canonical_of(objective, constraints)[0], float("inf")) is None


def test_false_certificates_do_not_hold() -> None:
    problem = canonical_of(x / y, [x > 0, y > 0])[0]
    names = dict(zip("xy", problem.variables, strict=True))
    good = GrowthCurve(t, {names["x"]: Integer(1), names["y"]: t}, Integer(4), 3)
    assert GrowthInfimumCertificate(problem, good, Integer(0)).verify() is True
    assert GrowthInfimumCertificate(problem, good, Integer(-1)).verify() is False
    assert GrowthInfimumCertificate(problem, good, Integer(1)).verify() is False
    outside = GrowthCurve(t, {names["x"]: -1 / t, names["y"]: t}, Integer(4), 3)
    assert GrowthInfimumCertificate(problem, outside, Integer(0)).verify() is False
    assert GrowthCertificate(problem, good).verify() is False
    square = canonical_of(x**2, [])[0]
    imaginary = GrowthCurve(t, {square.variables[0]: sqrt(1 - sympy.Symbol("t", real=True))}, Integer(4), 3)
    assert GrowthCertificate(square, imaginary).verify() is not True
    imaginary = GrowthCurve(t, {square.variables[0]: sympy.I * t}, Integer(4), 3)
    assert GrowthCertificate(square, imaginary).verify() is not True
    imaginary = GrowthCurve(t, {square.variables[0]: sqrt(1 - t)}, Integer(4), 3)
    assert GrowthCertificate(square, imaginary).verify() is not True


def test_signs_of_sums() -> None:
    problem = canonical_of(x + y, [x >= 0, y > 0])[0]
    a, b = problem.variables
    assert is_positive_everywhere(a + b, problem) and is_positive_everywhere(a**2 + b * a + b, problem)
    assert not is_positive_everywhere(a, problem) and not is_positive_everywhere(a - b, problem)
    free = canonical_of(x + y, [])[0]
    assert is_positive_everywhere((x * y - 1) ** 2 + x**2, free)
    assert not is_positive_everywhere((x * y - 1) ** 2 + (x - 1) ** 2, free)
    assert not is_positive_everywhere((x - 1) ** 2 + x * 0, free)


def test_curves_are_ranked_by_their_limits() -> None:
    limits = [found.limit for found in growing_curves(canonical_of(exp(-x) + exp(-y), [x <= 1])[0], float("inf"))]
    assert limits == sorted(limits, key=float) and abs(float(limits[0]) - float(exp(-1))) < 1e-9


def test_solutions() -> None:
    ratio = solve(Problem(x / y, [x > 0, y > 0], over=[x, y]), time_limit_s=30)
    assert (ratio.status, ratio.value) == (Status.NOT_ATTAINED, 0)
    largest = solve(Problem(Rational(7) - exp(-x) / (1 + y**2), over=[x, y], sense="max"), time_limit_s=30)
    assert (largest.status, largest.value) == (Status.NOT_ATTAINED, 7)
    assert solve(Problem(log(x) + log(y), [x + y <= 4]), time_limit_s=30).status is Status.UNBOUNDED
