"""Integer and continuous variables by cases: against the closed form of each continuous problem; planted statuses; tampering."""

from dataclasses import replace

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Rational, symbols

from lagrangian import Problem, Status, solve
from lagrangian.conditions.assignments import UndecidedSignError, fixed
from lagrangian.problem.canonicalization import canonicalize
from lagrangian.proof.cases import Case, CasesCertificate, NoOthers
from lagrangian.proof.certificate import Claim
from lagrangian.proof.encoding import certificate_from_json, certificate_to_json
from tests.kkt_checker import solved

n, y = symbols("n y", real=True)
small = st.integers(-4, 4)


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 3), small, small, small, small, st.integers(-2, 2), st.integers(0, 5))
def test_parabolas_against_their_least_values(a: int, b: int, c: int, d: int, e: int, k: int, high: int) -> None:
    """min a y^2 + (b n + d) y + c n^2 + e n, y <= n + k: for each n the vertex, or the bound where the vertex is beyond."""
    objective = a * y**2 + b * n * y + c * n**2 + d * y + e * n
    solution = solved(Problem(objective, [y <= n + k], over=[n, y], integers=[n], bounds={n: (0, high)}))
    points = {m: min(Rational(-(b * m + d), 2 * a), sympy.Integer(m + k)) for m in range(high + 1)}
    values = {m: objective.subs({n: m, y: at}) for m, at in points.items()}
    least = min(values.values())
    assert (solution.status, solution.value) == (Status.OPTIMAL, least)
    assert {(p[n], p[y]) for p in solution.points} == {(m, points[m]) for m, value in values.items() if value == least}


@pytest.mark.parametrize(
    ("problem", "status", "value"),
    [
        # max n + y with 2 n + 3 y < 12: the supremum for n = 4 is 4 + 4/3, and not attained
        (
            Problem(n + y, [2 * n + 3 * y < 12, y >= 0], over=[n, y], integers=[n], bounds={n: (0, 4)}, sense="max"),
            Status.NOT_ATTAINED,
            Rational(16, 3),
        ),
        # only for n = 2 is the square multiplied by a negative number
        (Problem((1 - n) * y**2, over=[n, y], integers=[n], bounds={n: (0, 2)}), Status.UNBOUNDED, None),
        # y^2 = n - 3 and y >= 1 need n >= 4
        (
            Problem(y, [sympy.Eq(y**2, n - 3), y >= 1], over=[n, y], integers=[n], bounds={n: (0, 3)}),
            Status.INFEASIBLE,
            None,
        ),
        # n y = 1 has no solution with n = 0; of the others y = 1/3 is the least positive one
        (
            Problem(y, [sympy.Eq(n * y, 1), y >= 0], over=[n, y], integers=[n], bounds={n: (0, 3)}),
            Status.OPTIMAL,
            Rational(1, 3),
        ),
        # irrational: y^2 + n = 3 and y >= n leave n <= 1 with the largest y = sqrt(3 - n), plus n
        (
            Problem(y + n, [y**2 + n <= 3, y >= n], over=[n, y], integers=[n], bounds={n: (0, 9)}, sense="max"),
            Status.OPTIMAL,
            1 + sympy.sqrt(2),
        ),
        # a logarithm: y = 1 / n, and of 1 + log(n) the least is at n = 1
        (
            Problem(n * y - sympy.log(y), [y >= Rational(1, 100)], over=[n, y], integers=[n], bounds={n: (1, 3)}),
            Status.OPTIMAL,
            1,
        ),
    ],
)
def test_planted_answers(problem: Problem, status: Status, value: object) -> None:
    solution = solved(problem)
    assert (solution.status, solution.value) == (status, value)
    assert solution.certificate.verify() is True


def test_undefined_values_are_not_feasible() -> None:
    canonical, _ = canonicalize(Problem(y / n + sympy.sqrt(n - 1), over=[n, y], integers=[n]))
    assert fixed(canonical, (0,)) is None
    assert fixed(canonical, (-1,)) is None
    left = fixed(canonical, (2,))
    assert left is not None
    assert left.objective == canonical.variables[1] / 2 + 1


def test_a_function_that_vanishes_is_still_to_be_defined() -> None:
    """0*log(y) at n = 1 is undefined for y <= 0: SymPy makes it zero, and with it the constraint on y would be lost."""
    canonical, _ = canonicalize(Problem(y, [(n - 1) * sympy.log(y) <= 1, y >= -5], over=[n, y], integers=[n]))
    with pytest.raises(UndecidedSignError):
        fixed(canonical, (1,))
    assert fixed(canonical, (2,)) is not None


@pytest.fixture(scope="module")
def certificate() -> CasesCertificate:
    """max y + n on y^2 + n <= 3: the cases n = 0, 1 and 2 have the values sqrt(3), 1 + sqrt(2) and 3."""
    problem = Problem(y + n, [y**2 + n <= 3], over=[n, y], integers=[n], bounds={n: (0, 9)}, sense="max")
    found = solve(problem, time_limit_s=20).certificate
    assert isinstance(found, CasesCertificate)
    return found


def test_certificates_that_are_changed_fail(certificate: CasesCertificate) -> None:
    assert certificate.verify() is True
    assert replace(certificate, value=sympy.Integer(-4)).verify() is not True, "a better value than any"
    assert replace(certificate, value=sympy.sqrt(2)).verify() is not True
    assert replace(certificate, cases=()).verify() is not True
    assert replace(certificate, claim=Claim.INFEASIBLE, value=None).verify() is not True
    assert replace(certificate, claim=Claim.NOT_ATTAINED).verify() is not True
    assert replace(certificate, claim=Claim.UNBOUNDED, value=None).verify() is not True
    best, *_ = certificate.cases
    assert replace(certificate, cases=(best,), others=NoOthers()).verify() is not True, "cases are missing"
    moved = replace(best, assignment=(best.assignment[0] - 1,))
    assert replace(certificate, cases=(moved, *certificate.cases[1:])).verify() is not True, "about another problem"
    assert replace(certificate, cases=(Case(best.assignment), *certificate.cases[1:])).verify() is not True


def test_certificates_survive_json(certificate: CasesCertificate) -> None:
    again = certificate_from_json(certificate_to_json(certificate))
    assert again.verify() is True
    assert again.explanation() == certificate.explanation()
