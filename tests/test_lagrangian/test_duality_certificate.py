"""Certificates of both values: they verify, and with any part changed to something false they do not."""

import random
from dataclasses import replace

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Eq, Rational, exp, log, oo, sqrt, symbols

from lagrangian import Problem, Reason, maximize, minimize, solve
from lagrangian.duality.dual_gap import duality
from lagrangian.problem.canonicalization import canonicalize
from tests.strategies import convex_quadratic_programs, linear_programs

x, y, z = symbols("x y z", real=True)
u, v = symbols("u v", positive=True)
m, n = symbols("m n", integer=True)
PATIENCE_S = 20.0

# problems with both values by hand: the gap is zero or not
KNOWN = [
    (lambda: minimize(x**2 + y**2, [x + 2 * y >= 5], over=[x, y]), 5, 5),
    (
        lambda: maximize(3 * x + 2 * y, [x + y <= 4, x + 3 * y <= 6], over=[x, y], bounds={x: (0, 3), y: (0, None)}),
        11,
        11,
    ),
    (lambda: minimize(u * log(u) + v * log(v), [Eq(u + v, 1)], over=[u, v]), -log(2), -log(2)),
    (lambda: minimize(exp(x**2), [x >= 1], over=[x]), exp(1), exp(1)),
    (lambda: minimize(x**6 - 3 * x**2, [x >= 2], over=[x]), 52, 52),
    (lambda: minimize(x**4 - 2 * x**2, [x >= 2], over=[x]), 8, 8),
    (lambda: minimize(x**4 - 2 * x**2, [Eq(x, 0)], over=[x]), 0, -1),
    (lambda: maximize(2 * x**2 - x**4, [Eq(x, 0)], over=[x]), 0, 1),
    (lambda: minimize(x * y + y * z + x * z, [Eq(t**2, 1) for t in (x, y, z)], over=[x, y, z]), -1, Rational(-3, 2)),
    (
        lambda: minimize(-3 * n - 4 * m, [2 * n + 3 * m <= 4], over=[n, m], bounds={n: (0, 1), m: (0, 1)}),
        -4,
        Rational(-17, 3),
    ),
    (lambda: minimize(sympy.sin(x), [], over=[x], bounds={x: (0, 7)}), -1, -1),
    (
        lambda: minimize(x**2 * y**2 + x**2 + y**2 - 3 * x * y, [x + y >= 1], over=[x, y]),
        Rational(-1, 4),
        Rational(-1, 4),
    ),
]


@pytest.mark.parametrize(("solved", "primal", "dual"), KNOWN, ids=[str(k) for k in range(len(KNOWN))])
def test_both_values_are_certified(solved, primal, dual):
    found = solved().duality(time_limit_s=PATIENCE_S)
    assert (found.primal_value, found.dual_value, found.gap) == (primal, dual, abs(primal - dual))
    certificate = found.certificate
    assert certificate.verify() is True and certificate.verified is True and certificate.is_exact
    assert certificate.gap == abs(primal - dual)
    assert certificate.explanation()[-1] == f"Together with weak duality, p* - d* = {certificate.gap}."


def certified():
    return minimize(x**2 + y**2, [x + 2 * y >= 5, x <= 4], over=[x, y]).duality().certificate


CHANGES = [
    ("point", lambda c: {**c.point, x: c.point[x] + 1}),
    ("point", lambda c: {x: c.point[x]}),
    ("point", lambda c: None),
    ("primal_value", lambda c: c.primal_value - 1),
    ("dual_value", lambda c: c.dual_value + 1),
    ("dual_value", lambda c: c.dual_value - 1),
    ("inequality_multipliers", lambda c: tuple(-t for t in c.inequality_multipliers)),
    ("inequality_multipliers", lambda c: c.inequality_multipliers[:1]),
    ("inequality_multipliers", lambda c: (*c.inequality_multipliers[:1], Rational(1))),
    ("inequality_multipliers", lambda c: (x, *c.inequality_multipliers[1:])),
    ("inner", lambda c: replace(c.inner, objective=c.inner.objective + 1)),
    ("inner", lambda c: c.problem),
    (
        "inner",
        lambda c: replace(
            c.inner, inequalities=c.problem.inequalities[:0], equalities=c.problem.equalities, variables=(x,)
        ),
    ),
    ("inner_certificate", lambda c: minimize(x**2 + y**2 - 9, over=[x, y]).certificate),
    ("mixture", lambda c: ((Rational(1), c.point), (Rational(1), c.point))),
    ("mixture", lambda c: ((Rational(1), {x: Rational(0), y: Rational(0)}),)),
]


@pytest.mark.parametrize(("part", "change"), CHANGES, ids=[f"{part}-{k}" for k, (part, _) in enumerate(CHANGES)])
def test_a_changed_certificate_does_not_verify(part, change):
    certificate = certified()
    assert certificate.verify() is True
    assert replace(certificate, **{part: change(certificate)}).verify() is not True


def test_an_inner_set_that_cuts_off_feasible_points_is_refused():
    """With x >= 3 the Lagrangian's least value is greater: no bound, as x >= 3 is no constraint of the problem."""
    certificate = certified()
    narrow = Problem(certificate.inner.objective, [x >= 3], over=[x, y])
    answer = solve(narrow)
    canonical = canonicalize(narrow)[0]
    changed = replace(certificate, inner=canonical, inner_certificate=answer.certificate, dual_value=answer.value)
    assert changed.verify() is not True


def test_a_mixture_must_satisfy_the_constraints_on_average():
    found = minimize(x**4 - 2 * x**2, [Eq(x, 0)], over=[x]).duality()
    certificate = found.certificate
    assert [sorted(p.values()) for _, p in certificate.mixture] == [[-1], [1]]
    uneven = ((Rational(1, 3), certificate.mixture[0][1]), (Rational(2, 3), certificate.mixture[1][1]))
    assert replace(certificate, mixture=uneven).verify() is not True
    without = replace(certificate, mixture=())
    assert without.verify() is True and not without.is_exact
    assert without.explanation()[-1].endswith("p* - d* is at most 1.")


def test_there_is_no_certificate_where_a_value_is_infinite_or_unknown():
    infinite = minimize(x**2 - y**2, [Eq(x, 2 * y)], over=[x, y]).duality()
    assert infinite.gap == oo and infinite.certificate is None
    unknown = minimize(sympy.sin(x), [], over=[x], bounds={x: (5, 7)}).duality(time_limit_s=PATIENCE_S)
    assert unknown.certificate is None


@settings(max_examples=12, deadline=None)
@given(planted=st.one_of(linear_programs(), convex_quadratic_programs()))
def test_planted_programs_are_certified(planted):
    problem = Problem(planted.objective, planted.constraints, over=planted.over)
    certificate = duality(solve(problem)).certificate
    assert certificate.verify() is True and certificate.gap == 0 and certificate.primal_value == planted.value


def test_integer_programs_have_certified_gaps():
    """Knapsacks in three 0/1 variables: d* is the value of the linear relaxation, as all bounds are kept (Geoffrion 1974)."""
    source, gaps = random.Random(6), 0
    for _ in range(4):
        names = symbols("k1:4", integer=True)
        profits, weights = ([source.randint(1, 9) for _ in names] for _ in range(2))
        room = sum(weights) // 2
        load = sum(w * k for w, k in zip(weights, names, strict=True)) <= room
        if load in (True, False):
            continue
        worth = sum(p * k for p, k in zip(profits, names, strict=True))
        found = maximize(worth, [load], over=names, bounds=dict.fromkeys(names, (0, 1))).duality(
            [load], time_limit_s=PATIENCE_S
        )
        reals = symbols("r1:4", real=True)
        relaxed = maximize(
            worth.xreplace(dict(zip(names, reals, strict=True))),
            [load.xreplace(dict(zip(names, reals, strict=True)))],
            over=reals,
            bounds=dict.fromkeys(reals, (0, 1)),
        )
        assert found.dual_value == relaxed.value
        assert found.certificate.verify() is True
        gaps += found.gap != 0
        assert found.gap == 0 or found.reason is Reason.POSITIVE
    assert gaps > 0


def test_norms_and_sums_of_exponentials_are_certified():
    for solved in (
        minimize(sqrt(x**2 + y**2), [Eq(x + 2 * y, 5)], over=[x, y]),
        minimize(exp(x) + exp(-x) + y**2, [y >= 1], over=[x, y]),
    ):
        found = solved.duality(time_limit_s=PATIENCE_S)
        assert found.gap == 0 and found.certificate.verify() is True
