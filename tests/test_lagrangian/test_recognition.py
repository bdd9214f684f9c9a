"""Closed forms that digits suggest: found where they are planted, and given only where they are proved."""

import time
from pathlib import Path

import flint
import numpy as np
import pytest
import sympy
from flint import arb, fmpq, fmpq_poly, fmpz_poly
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Eq, Expr, Integer, Rational, Symbol, cos, exp, log, pi, sin, sqrt, symbols

from lagrangian.algebra.ball_program import ExactProgram
from lagrangian.algebra.field_program import elements_of
from lagrangian.algebra.integer_relations import (
    algebraic_guess,
    combination_guess,
    element_guess,
    field_guess,
    integer_relation,
    product_guess,
    quotient_guess,
)
from lagrangian.algebra.numbers import FieldElement, RealRoot
from lagrangian.algebra.radicals import readable_form
from lagrangian.conditions.kkt_balls import kkt_program
from lagrangian.methods import running
from lagrangian.methods.task import Finding, nothing_known, prepare
from lagrangian.numeric.kkt_verification import verify_near
from lagrangian.numeric.local import NumericCandidate
from lagrangian.numeric.nlp import solve_numeric
from lagrangian.numeric.recognition import closed_point
from lagrangian.problem.canonicalization import canonicalize
from lagrangian.problem.problem import Problem, Sense
from lagrangian.proof.encoding import certificate_from_json, certificate_to_json
from lagrangian.proof.kkt_point import KKTPointCertificate
from lagrangian.proof.proved import proved_value
from lagrangian.restore_local import closed_certificate, local_certificate
from lagrangian.solution import Solution
from lagrangian.status import Status
from lagrangian.verification import verify_file

x, y, z = symbols("x y z", real=True)
BITS = 900
ROOT_OF_TWO = RealRoot(fmpz_poly([-2, 0, 1]), 1)


def digits(number: Expr, bits: int = BITS) -> arb:
    """The number to about so many bits, by SymPy's own evaluation."""
    with flint.ctx.workprec(bits):
        return arb(str(sympy.N(number, bits * 3 // 10))).mid()


def is_same(left: Expr, right: Expr) -> bool:
    """Whether two closed forms are the same number, by SymPy's simplification."""
    return bool(sympy.simplify(left - right) == 0)


# --- relations ------------------------------------------------------------------------------------------------------


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(-50, 50), min_size=4, max_size=4).filter(lambda c: c[0] and any(c[1:])))
def test_planted_relations_are_found(factors: list[int]) -> None:
    """c_0 v = c_1 + c_2 sqrt(2) + c_3 pi has no other relation as short: the three are independent over the rationals."""
    value = (factors[1] + factors[2] * sqrt(2) + factors[3] * pi) / factors[0]
    with flint.ctx.workprec(BITS):
        found = integer_relation([digits(value), arb(1), digits(sqrt(2)), digits(pi)], 800)
    assert found is not None
    expected = sympy.Matrix([factors[0], *(-c for c in factors[1:])])
    assert sympy.Matrix.hstack(expected, sympy.Matrix(found)).rank() == 1


def test_numbers_without_a_relation_have_none() -> None:
    """Random numbers have relations as short as is asked for with a chance below 2**-300 (each)."""
    random = np.random.default_rng(5)
    for count in (2, 3, 5, 9):
        with flint.ctx.workprec(BITS):
            values = [arb(fmpq(int.from_bytes(random.bytes(110), "little"), 2**880)) for _ in range(count)]
        assert integer_relation(values, 800) is None


@pytest.mark.parametrize(
    "number",
    [
        Rational(-7, 3),
        Integer(0),
        sqrt(2) + sqrt(3),
        1 + sympy.cbrt(5),
        sympy.CRootOf(Symbol("t") ** 5 - Symbol("t") - 1, 0),
    ],
)
def test_algebraic_numbers_are_recognized(number: Expr) -> None:
    root = algebraic_guess(digits(number), 800)
    assert root is not None
    assert is_same(readable_form(FieldElement(root, fmpq_poly([0, 1]) % root.rational_modulus)), number)


def test_transcendental_numbers_are_not_algebraic_ones() -> None:
    assert algebraic_guess(digits(pi), 800) is None
    assert element_guess(digits(pi), ROOT_OF_TWO, 800) is None
    assert field_guess([digits(sqrt(2)), digits(pi)], 800) is None
    # Ramanujan's number misses an integer by 7.5e-13
    almost = digits(exp(pi * sqrt(163)))
    assert algebraic_guess(almost, 800) is None and combination_guess(almost, [pi], 800) is None


def test_sums_products_and_quotients_of_constants() -> None:
    constants = [pi, log(2), log(4), sympy.E]
    assert combination_guess(digits(pi / 6 - 2 * log(2) + 3), constants, 800) == 3 - 2 * log(2) + pi / 6
    assert is_same(
        product_guess(digits(-2 * sqrt(pi) * sympy.E**3), [Integer(2), pi, sympy.E], 800), -2 * sqrt(pi) * exp(3)
    )
    assert is_same(quotient_guess(digits((2 + pi) / (3 - pi)), constants, 800), (2 + pi) / (3 - pi))
    for guess in (combination_guess, product_guess, quotient_guess):
        assert guess(digits(sin(1)), constants, 800) is None
    assert product_guess(arb(0), constants, 800) is None


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (x**3 - 2 * x + 1 / x, sqrt(2) / 2),
        (sqrt(x**2 + 2) - 2, 0),
        (sqrt(3 + 2 * x), 1 + sqrt(2)),
        (sympy.Abs(1 - x) + sympy.Max(x, 2), sqrt(2) + 1),
        ((x**2) ** Rational(3, 2) + exp(x**2 - 2) + log(x**2 - 1) + sin(2 - x**2), 2 * sqrt(2) + 1),
        (sqrt(8) * x, 4),
    ],
)
def test_programs_in_a_number_field(expression: Expr, expected: Expr) -> None:
    program = ExactProgram((x,))
    found = elements_of(program, [program.add(expression)], [FieldElement(ROOT_OF_TWO, fmpq_poly([0, 1]))])
    assert found is not None and is_same(readable_form(found[0]), sympy.sympify(expected))


@pytest.mark.parametrize("expression", [exp(x), sqrt(x), 1 / (x**2 - 2), log(x), sqrt(1 - x), x * pi])
def test_values_outside_the_field_are_none(expression: Expr) -> None:
    program = ExactProgram((x,))
    assert elements_of(program, [program.add(expression)], [FieldElement(ROOT_OF_TWO, fmpq_poly([0, 1]))]) is None


# --- local solutions ------------------------------------------------------------------------------------------------

CLOSED = {
    "a linear program": (Problem(x + 2 * y, [3 * x + y >= 2, y >= 0, x <= 4], over=[x, y]), {x: Rational(2, 3), y: 0}),
    "a distance": (
        Problem(sqrt((x - 3) ** 2 + (y - 4) ** 2), [x**2 + y**2 <= 1], over=[x, y]),
        {x: Rational(3, 5), y: Rational(4, 5)},
    ),
    "a circle": (Problem(x + y, [x**2 + y**2 <= 1], over=[x, y]), {x: -sqrt(2) / 2, y: -sqrt(2) / 2}),
    "two fields": (Problem((x**2 - 2) ** 2 + (y**2 - 3) ** 2 , [x >= 1, y >= 1], over=[x, y]), {x: sqrt(2), y: sqrt(3)}),
    "a logarithm": (Problem(exp(x) - 2 * x + y**2, over=[x, y]), {x: log(2), y: 0}),
    "an angle": (Problem(sin(x) + y**2, over=[x, y], bounds={x: (-3, 3)}), {x: -pi / 2, y: 0}),
    "a third of pi": (Problem(x - 2 * sin(x), over=[x], bounds={x: (0, 3)}), {x: pi / 3}),
    "a bell": (Problem(-x * exp(-(x**2)), over=[x]), {x: sqrt(2) / 2}),
    "entropy": (
        Problem(x * log(x) + y * log(y) - x, [Eq(x + 2 * y, 1)], over=[x, y], bounds={x: (0, None), y: (0, None)}),
        None,
    ),
    "softmax": (
        Problem(x * log(x) + y * log(y) + z * log(z) - x, [Eq(x + y + z, 1)], over=[x, y, z]),
        {x: sympy.E / (sympy.E + 2), y: 1 / (sympy.E + 2), z: 1 / (sympy.E + 2)},
    ),
    "a multiplier with a product": (Problem(x * exp(x) + y**2, [Eq(x, log(2) + 1)], over=[x, y]), {x: 1 + log(2), y: 0}),
    "no closed form": (Problem(exp(x) + x**2, over=[x]), None),
}  # fmt: skip


@pytest.mark.parametrize("name", CLOSED)
def test_optima_in_closed_form(name: str) -> None:
    problem, expected = CLOSED[name]
    result = solve_numeric(problem)
    form = result.closed_form
    assert result.verified
    if expected is None:
        assert form is None
        return
    assert form is not None
    assert all(is_same(form.x[v], sympy.sympify(value)) for v, value in expected.items())
    assert is_same(form.value, problem.objective.xreplace(expected))
    low, high = result.value_interval or (1, 0)
    assert low <= form.value.n(40) <= high or sympy.Abs(form.value - (low + high) / 2).n(40) < Rational(1, 10**18)
    for stated, (low, high) in result.multiplier_intervals.items():
        assert sympy.Abs(form.multipliers[stated].n(40) - (low + high) / 2) <= (high - low) / 2 + Rational(1, 10**35)


def test_multipliers_are_those_of_the_stationarity_condition() -> None:
    """At (log 2 + 1, 0) the slope of x exp(x) is (x + 1) exp(x) = (2 + log 2) 2 e, which the equation's multiplier balances."""
    stated = Eq(x, log(2) + 1)
    result = solve_numeric(Problem(x * exp(x) + y**2, [stated], over=[x, y]))
    form = result.closed_form
    assert form is not None
    assert is_same(form.shadow_prices[stated], (2 + log(2)) * 2 * sympy.E)
    low, high = result.price_intervals[stated]
    assert low < form.shadow_prices[stated].n(40) < high and high - low < Rational(1, 10**15)


@settings(max_examples=8, deadline=None)
@given(st.integers(-3, 3), st.integers(1, 3), st.sampled_from([2, 3, 5, 7]), st.integers(1, 4), st.integers(-3, 3))
def test_planted_quadratic_irrationals(a: int, b: int, c: int, d: int, slope: int) -> None:
    """f' = (x - p)(x - q) for p, q = (a +- b sqrt(c)) / d has its minimum at the greater one; y follows x linearly."""
    greater = (a + b * sqrt(c)) / Integer(d)
    cubic = x**3 / 3 - Rational(a, d) * x**2 + sympy.expand(greater * (a - b * sqrt(c)) / d) * x
    problem = Problem(cubic + (y - slope * x) ** 2, over=[x, y])
    result = solve_numeric(problem, start=[float(greater) + 0.01, slope * float(greater)], starts=1)
    form = result.closed_form
    assert form is not None
    assert is_same(form.x[x], greater) and is_same(form.x[y], slope * greater)
    assert is_same(form.value, cubic.subs(x, greater))


def test_a_form_that_fits_all_digits_but_is_not_equal_is_refused() -> None:
    """The minimum at 1/3 + 10**-600 agrees with 1/3 in all digits that are looked at."""
    near = Rational(1, 3) + Rational(1, 10**600)
    kkt = kkt_program(canonicalize(Problem((x - near) ** 2, over=[x]))[0])
    result = solve_numeric(Problem((x - Rational(1, 3)) ** 2, over=[x]))
    assert result.closed_form is not None
    zero = verify_near(kkt, np.array([1 / 3])).zero
    assert zero is not None and closed_point(kkt, zero) is None


def test_integers_and_unverified_points_have_none() -> None:
    n = Symbol("n", integer=True)
    assert solve_numeric(Problem(n + x, [n + x >= Rational(1, 2), x >= 0, n >= 0], over=[n, x])).closed_form is None
    assert solve_numeric(Problem(x**4, over=[x])).closed_form is None
    assert solve_numeric(Problem((x - 1) ** 2, over=[x]), verify=False).closed_form is None


# --- in solve, and the certificate ----------------------------------------------------------------------------------


def answered(problem: Problem, point: list[float]) -> Solution:
    """What a run that has found nothing else says of a numerical candidate."""
    task = prepare(problem)
    values = dict(zip(task.canonical.variables, point, strict=True))
    candidate = NumericCandidate(np.array(point), float(task.canonical.objective.xreplace(values)), 0.0)
    run = running.Run(problem, time.monotonic(), None, None)
    run.task, run.known = task, nothing_known(problem).after(Finding(candidates=(candidate,)))
    return run.answer()


TANGENT = Problem(exp(x) + exp(y), [x + y >= log(3), y <= 2], over=[x, y])


def test_a_local_answer_in_closed_form(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """exp(x) + exp(y) with x + y >= log 3 is least at x = y = log(3)/2, of value 2 sqrt 3, with the multiplier sqrt 3."""
    monkeypatch.setattr(running, "LOCAL_PROOF_S", 30.0)
    half = float(log(3)) / 2
    solution = answered(TANGENT, [half, half])
    stated = TANGENT.constraints[0]
    assert solution.status is Status.LOCAL and solution.certificate is not None
    assert solution.certificate.kind == "KKT point"
    assert solution.value is not None and is_same(solution.value, 2 * sqrt(3))
    assert all(is_same(value, log(3) / 2) for value in solution.points[0].values())
    assert is_same(solution.multipliers[stated], sqrt(3)) and is_same(solution.shadow_prices[stated], sqrt(3))
    low, high = solution.multiplier_interval(stated) or (1, 0)
    assert low < sqrt(3) < high and high - low < Rational(1, 10**30)
    assert solution.multipliers[TANGENT.constraints[1]] == 0
    assert "closed forms" not in solution.missing[0]
    assert "≈" not in solution.explain() and "Certificate (KKT point)" in solution.explain()
    solution.save_certificate(tmp_path / "answer.json")
    checked = verify_file(tmp_path / "answer.json")
    assert checked.proved is True and "2*sqrt(3)" in checked.sentence()


def test_a_local_answer_in_balls_has_multipliers_and_prices() -> None:
    """The optimum in x has no closed form; y <= 1 has the multiplier 2 (3 - 1) = 4 all the same, and the maximum the price 4."""
    limit, room = y <= 1, x <= 5
    problem = Problem(-exp(x) - x**2 - (y - 3) ** 2, [limit, room], over=[x, y], sense=Sense.MAXIMIZE)
    solution = answered(problem, [-0.35173371124919584, 1.0])
    assert solution.status is Status.LOCAL and solution.certificate is not None
    assert solution.certificate.kind == "KKT box" and "closed forms" in solution.missing[0]
    for interval in (solution.multiplier_interval(limit), solution.shadow_price_interval(limit)):
        low, high = interval or (1, 0)
        assert low <= 4 <= high and high - low < Rational(1, 10**30)
    assert float(solution.multipliers[limit]) == 4.0 and float(solution.shadow_price(limit)) == 4.0
    assert solution.multipliers[room] == 0 and solution.multiplier_interval(room) == (0, 0)
    assert "shadow price" in solution.explain()
    with pytest.raises(KeyError, match="is no constraint of the problem"):
        solution.multiplier_interval(x <= 6)


def test_no_price_is_given_where_an_active_constraint_has_the_multiplier_zero() -> None:
    """The least of x**2 + y**2 with x >= 0 is at a point where the constraint is active and does not matter."""
    solution = answered(Problem(x**2 + y**2, [x >= 0], over=[x, y]), [0.0, 0.0])
    assert solution.status is Status.LOCAL and solution.shadow_prices == {}
    assert solution.multipliers == {(x >= 0): 0}
    assert solution.shadow_price_interval(x >= 0) is None
    assert "An active constraint has the multiplier zero" in solution.explain()


def certificate_of(problem: Problem, point: list[float]) -> KKTPointCertificate:
    canonical = canonicalize(problem)[0]
    values = dict(zip(canonical.variables, point, strict=True))
    candidate = NumericCandidate(np.array(point), float(canonical.objective.xreplace(values)), 0.0)
    box = local_certificate(canonical, candidate)
    assert box is not None
    found = closed_certificate(box)
    assert found is not None
    return found


def test_certificates_of_other_points_multipliers_and_values_fail() -> None:
    problem = Problem(x * y, [x**2 + 2 * y**2 <= 4, x + y <= 9], over=[x, y])
    good = certificate_of(problem, [-(2**0.5), 1.0])
    assert good.verify() is True and is_same(sympy.sympify(-sqrt(2)), readable_form(good.value))
    first, second = good.coordinates
    active, inactive = good.multipliers
    box, value = good.box, good.value
    tiny = fmpq(1, 10**60)
    for coordinates in ((-first, -second), (first + tiny, second), (first,), (second, first)):
        assert KKTPointCertificate(box, coordinates, good.multipliers, value).verify() is False
    for multipliers in ((active + tiny, inactive), (active, active), (active,)):
        assert KKTPointCertificate(box, good.coordinates, multipliers, value).verify() is False
    assert KKTPointCertificate(box, good.coordinates, good.multipliers, value + tiny).verify() is False
    wrong = type(box)(box.problem, box.held, (box.middle[0] + fmpq(1, 2**20), *box.middle[1:]), box.lower, box.upper)
    assert KKTPointCertificate(wrong, good.coordinates, good.multipliers, value).verify() is not True


def test_expressions_that_are_no_numbers_prove_nothing() -> None:
    good = certificate_of(Problem(exp(x) - 2 * x, over=[x]), [0.6931471805599453])
    assert good.coordinates == (log(2),) and good.verify() is True
    for wrong in (Symbol("a"), log(2) + Rational(1, 10**70), log(-2), sympy.I, sympy.nan, sympy.oo):
        assert KKTPointCertificate(good.box, (wrong,), (), good.value).verify() is not True
    assert KKTPointCertificate(good.box, good.coordinates, (), good.value + cos(1)).verify() is not True


@pytest.mark.parametrize("name", ["a circle", "a logarithm", "two fields"])
def test_the_certificate_is_stored_and_read_again(name: str) -> None:
    problem, expected = CLOSED[name]
    assert expected is not None
    good = certificate_of(problem, [float(expected[v]) for v in problem.over])
    again = certificate_from_json(certificate_to_json(good))
    assert isinstance(again, KKTPointCertificate) and again.verify() is True
    assert again.claim is good.claim and not isinstance(proved_value(again), tuple)
