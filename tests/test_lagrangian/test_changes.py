"""Changes of variables: exponentials, logarithms and angles become variables, constants such as pi are scaled out."""

from collections.abc import Sequence

import pytest
import sympy
from sympy import E, Eq, Rational, Symbol, cos, exp, log, pi, sin, sqrt, symbols, tan, tanh

from lagrangian import Kind, Problem, Status, maximize, minimize, solve
from lagrangian.algebra.signs import is_zero
from lagrangian.changes.angles import angle_of
from lagrangian.changes.change import common_rate
from lagrangian.changes.reduction import reduction
from lagrangian.problem.canonicalization import canonicalize
from lagrangian.proof.changes import ChangeCertificate, vanishes
from lagrangian.proof.encoding import certificate_from_json, certificate_to_json
from lagrangian.solution import Solution

x, y, z, r, h = symbols("x y z r h", real=True)
LIMIT_S = 20.0


def same(left: sympy.Expr, right: sympy.Expr) -> bool:
    return is_zero(left - right) is True


def assert_optimum(solution: Solution, value: sympy.Expr, points: Sequence[Sequence[sympy.Expr]]) -> None:
    """The value, the points in the order of the variables, and a certificate that holds."""
    assert solution.status is Status.OPTIMAL
    assert solution.value is not None and same(solution.value, value)
    found = [list(point.values()) for point in solution.points]
    assert len(found) == len(points)
    for point in points:
        assert any(all(same(a, b) for a, b in zip(other, point, strict=True)) for other in found), (found, point)
    assert solution.certificate is not None and solution.certificate.verify() is True


# objective, constraints, value, points: by completing the square, AM-GM or the circle
ATTAINED = {
    "square of an exponential": (exp(2 * x) - 4 * exp(x), [], -4, [[log(2)]]),
    "rates with a common divisor": (exp(x / 2) + exp(-x / 3), [], 5 * Rational(2, 3) ** Rational(3, 5) / 2, None),
    "powers of two": (4**x - 2 ** (x + 1), [], -1, [[0]]),
    "hyperbolic tangent": (tanh(x) ** 2, [], 0, [[0]]),
    "logarithm alone": (log(x) ** 2 - 2 * log(x), [], -1, [[E]]),
    "two exponentials": (exp(x + y) + exp(-x) + exp(-y), [], 3, [[0, 0]]),
    "mixed with a polynomial": (exp(x) + exp(-x) + (y - 1) ** 2, [], 2, [[0, 1]]),
    "bound on an exponential": (exp(2 * x) - 4 * exp(x), [x >= log(3)], -3, [[log(3)]]),
    "sine in a period": (sin(x), [x >= 0, x <= 2 * pi], -1, [[3 * pi / 2]]),
    "both ends of a period": (-cos(x), [x >= 0, x <= 2 * pi], -1, [[0], [2 * pi]]),
    "three turns": (-cos(x), [x >= 0, x <= 4 * pi], -1, [[0], [2 * pi], [4 * pi]]),
    "arc": (-sin(x), [x >= 0, x <= pi / 6], -Rational(1, 2), [[pi / 6]]),
    "large arc": (cos(x) + sin(x), [x >= 0, x <= 3 * pi / 2], -sqrt(2), [[5 * pi / 4]]),
    "arc open at one end": (tan(x), [x >= 0, x < pi / 2], 0, [[0]]),
    "multiple angles": (cos(3 * x) + cos(x), [x >= 0, x < 2 * pi], -2, [[pi]]),
    "shifted": (sin(x + pi / 3), [x >= 0, x < 2 * pi], -1, [[7 * pi / 6]]),
    "rate pi": (cos(pi * x) + y**2, [x >= 0, x <= 1], -1, [[1, 0]]),
    "no rational angle": (3 * cos(x) + 4 * sin(x), [x >= -pi, x < pi], -5, [[-sympy.acos(-Rational(3, 5))]]),
    "two angles": (sin(x) * cos(y), [x >= 0, x <= pi, y >= 0, y <= pi], -1, [[pi / 2, pi]]),
}


@pytest.mark.parametrize("name", ATTAINED)
def test_optima_come_back(name: str) -> None:
    objective, constraints, value, points = ATTAINED[name]
    solution = minimize(objective, constraints, time_limit_s=LIMIT_S)
    if points is None:
        assert solution.status is Status.OPTIMAL and solution.value is not None
        assert abs(sympy.N(solution.value - value, 30)) < 1e-25
    else:
        assert_optimum(solution, sympy.sympify(value, strict=True), points)


@pytest.mark.parametrize(
    ("objective", "constraints", "infimum"),
    [
        (exp(x) + exp(y), [], 0),
        (exp(2 * x) + exp(x) + 1, [], 1),
        (exp(x) + y**2, [], 0),
        (tanh(x), [], -1),
        (1 / (1 + exp(-x)), [], 0),
        (-sin(x), [x > 0, x < pi / 2], -1),
        (sin(x), [x > 0, x < pi], 0),
    ],
)
def test_infima_that_are_not_attained(objective: sympy.Expr, constraints: list, infimum: int) -> None:
    solution = minimize(objective, constraints, time_limit_s=LIMIT_S)
    assert (solution.status, solution.value) == (Status.NOT_ATTAINED, infimum)
    assert isinstance(solution.certificate, ChangeCertificate) and solution.certificate.verify() is True


@pytest.mark.parametrize(
    ("objective", "constraints"),
    [
        (log(x), []),
        (log(x), [x <= 5]),
        (-log(x), [x >= 1]),
        (exp(-x) - exp(x), []),
        (-tan(x), [x >= 0, x <= pi]),
        (sin(x) + y, []),
    ],
)
def test_unbounded_problems(objective: sympy.Expr, constraints: list) -> None:
    solution = minimize(objective, constraints, time_limit_s=LIMIT_S)
    assert solution.status is Status.UNBOUNDED
    assert solution.certificate is not None and solution.certificate.verify() is True


@pytest.mark.parametrize(
    ("objective", "value", "start", "period"),
    [
        (sin(x), -1, -pi / 2, 2 * pi),
        (cos(3 * x) + cos(x), -2, pi, 2 * pi),
        (-sin(2 * x), -1, pi / 4, pi),
        (-sin(pi * x), -1, Rational(1, 2), 2),
    ],
)
def test_periodic_optima_are_a_family(objective: sympy.Expr, value: int, start: sympy.Expr, period: sympy.Expr) -> None:
    solution = minimize(objective, time_limit_s=LIMIT_S)
    assert (solution.status, solution.value, solution.points) == (Status.OPTIMAL, value, ())
    (family,) = solution.families
    (equation,) = family.equations
    (turn,) = equation.rhs.free_symbols
    assert equation.lhs == x and turn.is_integer
    assert same(equation.rhs.coeff(turn), period) and same(family.sample[x], start)
    for k in (-3, 0, 7):
        assert same(objective.subs(x, equation.rhs.subs(turn, k)), sympy.Integer(value))


def test_a_family_with_a_bound_on_one_side_starts_there() -> None:
    solution = minimize(sin(x), [x >= 10], time_limit_s=LIMIT_S)
    (family,) = solution.families
    equation, condition = family.equations
    (turn,) = equation.rhs.free_symbols
    assert same(family.sample[x], 7 * pi / 2) and condition == sympy.Ge(turn, 0, evaluate=False)


def test_pi_is_scaled_out_of_a_can() -> None:
    # the surface 2 pi r (r + h) of the volume 16 is least for h = 2 r
    stated = [Eq(pi * r**2 * h, 16), r >= 0, h >= 0]
    solution = minimize(2 * pi * r * (r + h), stated, over=[r, h], time_limit_s=LIMIT_S)
    radius = 2 * pi ** -Rational(1, 3)
    assert_optimum(solution, 24 * pi ** Rational(1, 3), [[radius, 2 * radius]])
    # dS/dV at the optimum, where S = 3 (2 pi)**(1/3) V**(2/3)
    assert same(solution.shadow_price(stated[0]), (2 * pi) ** Rational(1, 3) * 2 / sympy.Integer(16) ** Rational(1, 3))


@pytest.mark.parametrize(
    ("objective", "constraints", "value", "points"),
    [
        (-pi * r**2 * h / 3, [Eq(r**2 + h**2, 3), r >= 0, h >= 0], -2 * pi / 3, [[1, sqrt(2)]]),
        (-x * y, [Eq(x + E * y, 2)], -1 / E, [[1, 1 / E]]),
        (x**2 - 2 * pi * x, [], -(pi**2), [[pi]]),
        (x * (x - 2 * pi) + 7, [x <= pi / 2], 7 - 3 * pi**2 / 4, [[pi / 2]]),
    ],
)
def test_constants_scale_out(
    objective: sympy.Expr, constraints: list, value: sympy.Expr, points: list[list[sympy.Expr]]
) -> None:
    assert_optimum(minimize(objective, constraints, time_limit_s=LIMIT_S), value, points)


def test_multipliers_and_kinds_of_a_maximization() -> None:
    budget = Eq(log(x) + log(y), log(4))
    solution = maximize(-log(x) * log(x) - log(y) ** 2, [budget], time_limit_s=LIMIT_S)
    assert_optimum(solution, -2 * log(2) ** 2, [[2, 2]])
    (point,) = solution.stationary_points
    assert "maximum" in point.kind.value and point.is_global


@pytest.mark.parametrize(
    "objective",
    [
        x + sin(x),  # x outside the sine
        exp(x) + x,
        sin(x) + sin(sqrt(2) * x),  # rates without a common divisor
        log(x) + log(-x),
        log(x**2),  # defined for x < 0 as well
        exp(x**2),
        tan(x) * cos(x),  # the poles of tan would be lost
    ],
)
def test_what_is_left_as_it_is(objective: sympy.Expr) -> None:
    assert reduction(canonicalize(Problem(objective, over=[x]))[0]) is None


def test_parameters_and_integers_are_left_as_they_are() -> None:
    a, n = Symbol("a", real=True), Symbol("n", integer=True)
    assert reduction(canonicalize(Problem(exp(x) + a * exp(-x), over=[x]))[0]) is None
    assert reduction(canonicalize(Problem(exp(n) + exp(-n), over=[n]))[0]) is None


def test_functions_of_old_and_new_variables_are_compared() -> None:
    assert vanishes(sin(2 * x) - 2 * sin(x) * cos(x))
    assert vanishes(log(x) + log(y) - log(x) - log(y))
    assert not vanishes(sin(2 * x) - 2 * sin(x))
    assert not vanishes(exp(x) - exp(2 * x))


def test_a_certificate_about_another_problem_does_not_hold() -> None:
    certificate = minimize(exp(2 * x) - 4 * exp(x), time_limit_s=LIMIT_S).certificate
    assert isinstance(certificate, ChangeCertificate)
    other = canonicalize(Problem(exp(2 * x) - 5 * exp(x)))[0]
    assert ChangeCertificate(other, certificate.inner_problem, certificate.inner).verify() is False
    assert certificate_from_json(certificate_to_json(certificate)).verify() is True
    assert any("exp_x" in line for line in certificate.explanation())


def test_angles() -> None:
    for turn in (Rational(0), Rational(1, 3), Rational(7, 12), Rational(1), -Rational(2, 5), -Rational(1, 8)):
        assert same(angle_of(cos(turn * pi), sin(turn * pi)), turn * pi)
    assert common_rate([Rational(2), Rational(3)]) == 1
    assert common_rate([sympy.Integer(1), sqrt(2)]) is None


def test_text_of_a_solution_shows_the_family() -> None:
    assert "k_x" in solve(Problem(sin(x)), time_limit_s=LIMIT_S).explain()


def test_bounds_around_a_whole_turn_may_hold_stationary_points_of_their_own():
    """On [0, 7] sin has a local minimum at 0, where it rises: the circle does not show it."""
    solution = minimize(sin(x), [x >= 0, x <= 7], over=[x], time_limit_s=LIMIT_S)
    assert solution.status is Status.OPTIMAL and not solution.complete
    assert minimize(sin(x), over=[x], time_limit_s=LIMIT_S).complete


def test_a_saddle_point_at_a_bound_that_the_circle_does_not_show_is_not_called_one():
    """sin**3 has an inflection at 0, which is a local minimum on [0, 7]; those at pi and 2 pi are inside."""
    solution = minimize(sin(x) ** 3, [x >= 0, x <= 7], over=[x], time_limit_s=LIMIT_S)
    kinds = {point.point[x]: point.kind for point in solution.stationary_points}
    assert kinds[0] is Kind.UNDECIDED
    assert kinds[pi] is kinds[2 * pi] is Kind.SADDLE
