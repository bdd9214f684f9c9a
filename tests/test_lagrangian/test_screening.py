"""Systems that bounds exclude: nothing feasible, or nothing as good as a known value, is lost with them."""

from dataclasses import replace

import pytest
from flint import fmpq
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Rational, symbols

from lagrangian import Problem, Status, canonicalize, solve
from lagrangian.algebra.numbers import compare, rational_point, same_point
from lagrangian.candidates.active_sets import support_systems
from lagrangian.candidates.enumeration import find_candidates
from lagrangian.conditions.multipliers import multipliers_at
from lagrangian.conditions.screening import Screen
from lagrangian.problem.lifting import PolynomialProblem, lift
from lagrangian.proof.enumeration import EnumerationCertificate

x, y, z = symbols("x y z", real=True)
coefficient = st.integers(-3, 3)


def polynomial_problem(objective, constraints, over=(x, y, z)) -> PolynomialProblem:
    return lift(canonicalize(Problem(objective, list(constraints), over=list(over)))[0])[0]


@settings(max_examples=15, deadline=None)
@given(st.lists(coefficient, min_size=6, max_size=6), st.lists(coefficient, min_size=3, max_size=3), st.integers(1, 4))
def test_the_best_points_are_those_of_the_whole_list(weights, row, right) -> None:
    """Quadratic objectives on a box cut by a plane and a ball: with and without a value to beat."""
    a, b, c, d, e, f = weights
    objective = a * x**2 + b * x * y + c * y**2 + d * z * x + e * z + f * y
    constraints = [x >= -1, x <= 2, y >= -2, y <= 1, z >= 0, z <= 1, row[0] * x + row[1] * y + row[2] * z <= right]
    problem = polynomial_problem(objective, [c for c in constraints if c not in (True, False)])
    every = [
        system
        for system in support_systems(problem)
        if not Screen(problem).excludes(system.support) or system.support == ()
    ]
    whole = find_candidates(problem)
    assert len(whole.records) <= len(list(support_systems(problem)))
    assert {s.support for s in every} >= {r.system.support for r in whole.records}
    least = whole.points[0].value
    upper = least.enclosure(64).upper().fmpq()
    screened = find_candidates(problem, upper=upper)
    assert len(screened.records) <= len(whole.records)
    assert not screened.complete
    assert compare(screened.points[0].value, least) == 0
    for candidate in (p for p in whole.points if compare(p.value, least) == 0):
        assert any(same_point(candidate.point, other.point) for other in screened.points)


def test_many_active_sets_are_proved_exactly() -> None:
    """Hock and Schittkowski 83, whose 4,665 systems bounds reduce to a few; the published value is -30665.53867."""
    a, b, c, d, e = v = symbols("a b c d e", real=True)
    number = Rational
    first = (
        number("85.334407") + number("0.0056858") * b * e + number("0.0006262") * a * d - number("0.0022053") * c * e
    )
    second = number("80.51249") + number("0.0071317") * b * e + number("0.0029955") * a * b + number("0.0021813") * c**2
    third = number("9.300961") + number("0.0047026") * c * e + number("0.0012547") * a * c + number("0.0019085") * c * d
    objective = number("5.3578547") * c**2 + number("0.8356891") * a * e + number("37.293239") * a - number("40792.141")
    bounds = {a: (78, 102), b: (33, 45), c: (27, 45), d: (27, 45), e: (27, 45)}
    limits = [first >= 0, first <= 92, second >= 90, second <= 110, third >= 20, third <= 25]
    solution = solve(Problem(objective, limits, over=list(v), bounds=bounds))
    assert solution.status is Status.OPTIMAL
    certificate = solution.certificate
    assert isinstance(certificate, EnumerationCertificate)
    assert float(solution.optimum) == pytest.approx(-30665.53867, abs=1e-4)
    assert len(certificate.evidence.supports) < 100
    assert any("worse values" in sentence for sentence in solution.missing), "the list of stationary points has gaps"
    assert not solution.complete
    for number_of_support in range(len(certificate.evidence.supports)):
        supports = certificate.evidence.supports
        fewer = replace(certificate.evidence, supports=supports[:number_of_support] + supports[number_of_support + 1 :])
        changed = replace(certificate, evidence=fewer)
        assert changed.verify() is False or Screen(
            certificate.problem, certificate.value.enclosure(64).upper().fmpq()
        ).excludes((*supports[number_of_support].affine, *supports[number_of_support].curved))


def test_a_value_to_beat_that_is_too_low_excludes_everything() -> None:
    square = polynomial_problem(x**2 + y**2, [x >= 1, x <= 2, y >= 1, y <= 2], over=(x, y))
    assert Screen(square, fmpq(1)).excludes(())
    assert not Screen(square, fmpq(2)).excludes((0, 2))
    assert find_candidates(square, upper=fmpq(1)).points == ()


def test_multipliers_at_a_vertex_with_many_active_constraints() -> None:
    """Thirty planes through one corner of the cube of dimension eight: the set that carries the multipliers is found at once."""
    v = symbols("v1:9", real=True)
    planes = [sum(v) <= 8, *(v[i] + v[j] <= 2 for i in range(8) for j in range(i)), *(w <= 1 for w in v)]
    problem = polynomial_problem(-sum(k * w for k, w in enumerate(v, start=1)), planes, over=v)
    corner = rational_point([fmpq(1)] * 8)
    found = multipliers_at(problem, corner, frozenset(range(len(planes))))
    assert found is not None
    assert all(mu.sign() >= 0 for mu in found.inequalities.values())
    for i in range(8):
        carried = sum(
            (mu.rational() * problem.inequalities[k].derivative(i)(*[0] * 8) for k, mu in found.inequalities.items()),
            fmpq(0),
        )
        assert carried == i + 1
