"""Feasible curves along which the objective falls without bound."""

import time
from dataclasses import replace

import sympy
from sympy import Rational

from lagrangian.candidates.curves import falling_curves
from lagrangian.candidates.enumeration import Candidates, find_candidates, nothing_listed
from lagrangian.checking import holds
from lagrangian.methods.task import Finding, Known, Task
from lagrangian.numeric.local import numeric_candidates
from lagrangian.outcome import Outcome
from lagrangian.problem.canonical import CanonicalProblem
from lagrangian.problem.lifting import PolynomialProblem
from lagrangian.proof.limits import UnboundedCertificate
from lagrangian.prove_growth import prove_by_growth
from lagrangian.restore import restore
from lagrangian.restore_line import restore_growth
from lagrangian.status import Status

# feasible points from which curves start, and the denominator of their coordinates
MOST_BASES = 3
DENOMINATOR = 64
BASE_SHARE = 0.4
MOST_CHECKED = 4
# seconds, and the share of the time left, for listing the stationary points of an unbounded problem
LISTING_S = 0.5
LISTING_SHARE = 0.5
# no value at all is below this: only curves without a limit are asked for
LOWEST = Rational(-(10**300))


def unbounded_curve(task: Task, known: Known, deadline: float) -> Finding:
    """A curve from a point with small integer coordinates."""
    return _decided(task, [], deadline)


def unbounded_curve_from_feasible_points(task: Task, known: Known, deadline: float) -> Finding:
    """A curve from feasible points that local searches end in when the objective is left out."""
    bases = _feasible_bases(task.inner, deadline)
    return _decided(task, bases, deadline) if bases else Finding()


def growing_curve(task: Task, known: Known, deadline: float) -> Finding:
    """A curve decided by orders of growth, for functions that are not polynomial and for limits that are not attained."""
    certificate = prove_by_growth(task.canonical, deadline)
    if certificate is None:
        return Finding(reason="orders of growth: no curve was found that shows that there is no optimum")
    return Finding(restore_growth(known.solution, certificate, task.restoration))


def _decided(task: Task, bases: list[list[Rational]], deadline: float) -> Finding:
    assert task.polynomial is not None
    for curve in falling_curves(task.inner, bases, LOWEST, deadline)[:MOST_CHECKED]:
        certificate = UnboundedCertificate(task.inner, curve.parameter, curve.coordinates, curve.start)
        if curve.limit is sympy.S.NegativeInfinity and holds(certificate, deadline):
            outcome = Outcome(Status.UNBOUNDED, _stationary(task.polynomial, deadline), certificate=certificate)
            return Finding(restore(outcome, task.setting, 0.0))
    return Finding(reason="curve: none was found along which the objective improves without bound")


def _stationary(problem: PolynomialProblem, deadline: float) -> Candidates:
    """The stationary points, which are asked for although none is an optimum, if they can be listed quickly."""
    now = time.monotonic()
    limit = min(LISTING_S, LISTING_SHARE * (deadline - now))
    listed = find_candidates(problem, now + limit)
    return listed if listed.complete else nothing_listed(problem)


def _feasible_bases(canonical: CanonicalProblem, deadline: float) -> list[list[Rational]]:
    """Short fractions near feasible points; not all of them are feasible themselves."""
    now = time.monotonic()
    anywhere = replace(canonical, objective=sympy.Integer(0))
    found = numeric_candidates(anywhere, now + BASE_SHARE * (deadline - now), most=MOST_BASES)
    return [[Rational(round(float(x) * DENOMINATOR), DENOMINATOR) for x in candidate.point] for candidate in found]
