"""Jumps to feasible integer points: what they find satisfies the constraints, and the best of few points is found."""

from itertools import count, product
from types import SimpleNamespace

import numpy as np
import pytest
from sympy import Eq, symbols

from lagrangian.methods.integers import by_jumps
from lagrangian.methods.task import nothing_known, prepare
from lagrangian.numeric import jumps
from lagrangian.numeric.jumps import integer_point
from lagrangian.problem.canonicalization import canonicalize
from lagrangian.problem.problem import Problem

x, y, z = symbols("x y z")
BOX = [b for v in (x, y, z) for b in (v >= 0, v <= 9)]


@pytest.fixture(autouse=True)
def steps_for_seconds(monkeypatch):
    """A clock that counts how often it is asked, once a jump: deadlines are numbers of jumps on any machine."""
    steps = count()
    monkeypatch.setattr(jumps, "time", SimpleNamespace(monotonic=lambda: next(steps)))


def planted(seed):
    """Equations and inequalities through a point, which is thereby feasible."""
    random = np.random.default_rng(seed)
    point = dict(zip((x, y, z), map(int, random.integers(0, 10, 3)), strict=True))
    a, b, c, d = map(int, random.integers(1, 8, 4))
    product_there = (a * x * y + b * z).subs(point)
    sum_there = (c * x - d * y + z**2).subs(point)
    return Problem(x + 2 * y - z, [*BOX, Eq(a * x * y + b * z, product_there), c * x - d * y + z**2 <= sum_there + 3])


@pytest.mark.parametrize("seed", range(4))
def test_the_best_point_of_a_planted_problem_is_found(seed):
    problem = planted(seed)
    canonical, _ = canonicalize(problem)
    found = integer_point(canonical, ((0, 9),) * 3, 5000)

    def holds(values):
        point = dict(zip(canonical.variables, values, strict=True))
        return all(h.expression.xreplace(point) == 0 for h in canonical.equalities) and all(
            g.expression.xreplace(point) <= 0 for g in canonical.inequalities
        )

    values = [
        canonical.objective.xreplace(dict(zip(canonical.variables, p, strict=True)))
        for p in product(range(10), repeat=3)
        if holds(p)
    ]
    assert found is not None and holds(found.values)
    assert found.objective == float(min(values))


def test_a_point_is_shown_where_none_is_known_and_no_proof_is_claimed():
    problem = Problem(x + y, [*BOX, x * y >= 7, Eq(x + z, 8)], integers=[x, y, z])
    solution = by_jumps(prepare(problem), nothing_known(problem), 5000).solution
    assert solution is not None and solution.certificate is None
    assert float(solution.optimum) == min(a + b for a, b in product(range(9), range(10)) if a * b >= 7)


def test_no_point_is_found_where_there_is_none():
    problem = Problem(x, [*BOX, Eq(2 * x + 4 * y, 7)], integers=[x, y, z])
    finding = by_jumps(prepare(problem), nothing_known(problem), 2000)
    assert finding.solution is None
