"""The candidates of the polynomial engine as stationary points, classified when they are asked for."""

import time
from dataclasses import replace
from functools import partial

from sympy import Expr

from lagrangian.algebra.closed_form import closed_form
from lagrangian.algebra.numbers import FieldElement, compare
from lagrangian.candidates.enumeration import CandidatePoint, find_candidates
from lagrangian.classification import LIST_LIMIT_S, classify_point
from lagrangian.conditions.multipliers import bordered_minors
from lagrangian.conditions.qualification import Qualification, qualification_at
from lagrangian.conditions.second_order import Kind
from lagrangian.exact_numbers import numbers_of
from lagrangian.outcome import Outcome
from lagrangian.problem.lifting import PolynomialProblem
from lagrangian.setting import Setting
from lagrangian.solution import StationaryPoint
from lagrangian.status import Status

LARGEST_DEGREE_SHOWN = 4


def stationary_points(outcome: Outcome, setting: Setting) -> tuple[StationaryPoint, ...]:
    """The candidates classified for the objective as stated (an increasing outer function changes no kind).

    Candidates are sought in the closure of the feasible set: those at which a strict inequality holds with equality are left out.
    """
    problem = outcome.candidates.problem
    stated = replace(problem, objective=problem.objective * setting.restoration.objective_sign)
    deadline = time.monotonic() + LIST_LIMIT_S
    points = outcome.candidates.points
    if not outcome.candidates.records and outcome.status is Status.UNBOUNDED:
        # the curve was found before any candidate was looked for
        points = find_candidates(replace(problem, strict=frozenset()), time.monotonic() + LIST_LIMIT_S / 2).points
    return tuple(
        _classified(candidate, stated, setting, deadline, is_global=_is_global(candidate, outcome))
        for candidate in points
        if not _is_excluded(candidate, setting)
    )


def _is_excluded(candidate: CandidatePoint, setting: Setting) -> bool:
    inequalities = setting.canonical.inequalities
    return any(inequalities[i].strict for i in candidate.active_set if i < len(inequalities))


def _is_global(candidate: CandidatePoint, outcome: Outcome) -> bool:
    value = outcome.value
    return outcome.status is Status.OPTIMAL and isinstance(value, FieldElement) and compare(candidate.value, value) == 0


def _classified(
    candidate: CandidatePoint, problem: PolynomialProblem, setting: Setting, deadline: float, *, is_global: bool
) -> StationaryPoint:
    kind, reason = Kind.UNDECIDED, "the time for classifying the candidates was used up before it"
    if time.monotonic() < deadline:
        judged = classify_point(problem, candidate.point, candidate.active_set, deadline)
        kind, reason = judged.kind, judged.reason
    if is_global and kind in (Kind.DEGENERATE, Kind.UNDECIDED):
        kind = Kind.LOCAL_MINIMUM if setting.restoration.objective_sign > 0 else Kind.LOCAL_MAXIMUM
        reason = f"{reason}; it is a global one by the certificate"
    inequalities = setting.canonical.inequalities
    return StationaryPoint(
        numbers_of(setting.restoration.problem.over, candidate.point),
        setting.number(candidate.value),
        kind,
        reason,
        tuple(inequalities[i].stated for i in sorted(candidate.active_set) if i < len(inequalities)),
        is_global,
        _minors(candidate, problem, setting),
        partial(_qualification, candidate, problem, setting),
    )


def _minors(candidate: CandidatePoint, problem: PolynomialProblem, setting: Setting) -> tuple[Expr, ...]:
    if problem.inequalities or setting.outer is not None or candidate.point.root.degree > LARGEST_DEGREE_SHOWN:
        return ()
    return tuple(closed_form(minor) for minor in bordered_minors(problem, candidate.point))


def _qualification(candidate: CandidatePoint, problem: PolynomialProblem, setting: Setting) -> Qualification | None:
    """The constraint qualifications at a candidate; None at kinks of Abs, Max, Min and roots: no gradient exists there."""
    canonical = setting.inner
    if any(i >= len(canonical.inequalities) for i in candidate.active_set):
        return None
    return qualification_at(
        problem,
        candidate.point,
        candidate.active_set,
        setting.restoration.problem.over,
        [inequality.stated for inequality in canonical.inequalities],
        [equality.stated for equality in canonical.equalities],
    )
