"""Methods for problems with integer variables; the continuous problems that they come to are solved by the exact methods."""

import time
from dataclasses import replace

from flint import fmpq

from lagrangian.checking import holds
from lagrangian.conditions.existence import FeasibleBox
from lagrangian.conditions.integral_forms import rounded_forms
from lagrangian.exact_numbers import ExactNumber
from lagrangian.methods.enclosing import by_functions, integers_by_intervals, integers_by_relaxations
from lagrangian.methods.exact import boxes_around_closed_forms, changed_variables, closed_forms, complete_list
from lagrangian.methods.task import Finding, Known, Task, nothing_known, prepare
from lagrangian.methods.turns import (
    Turn,
    has_integers,
    is_continuous,
    is_integer_alone,
    is_linear_and_mixed,
    is_linear_in_integers,
    is_mixed_polynomial,
    is_mixed_transcendental,
    is_not_polynomial,
    is_polynomial,
    taken,
)
from lagrangian.numeric.jumps import integer_point
from lagrangian.problem.problem import Problem
from lagrangian.processes.calls import call_with_limit
from lagrangian.proof.certificate import Certificate
from lagrangian.proof.integrality import IntegerCurveCertificate, RoundedCertificate
from lagrangian.proof.lifted import integer_places, lifted_without_integers, ranges_of
from lagrangian.proof.limits import InfimumCertificate
from lagrangian.prove_cases import prove_by_listing, prove_by_search, stated
from lagrangian.prove_dynamically import prove_dynamically
from lagrangian.prove_integrality import prove_over_the_reals, prove_without_solution
from lagrangian.prove_relaxing import prove_relaxing
from lagrangian.restore import restore_feasible
from lagrangian.restore_cases import STATUSES, restore_again, restore_cases, restore_listed, restore_relaxed
from lagrangian.solution import Solution, unanswered

# how a continuous problem that is left is solved
EXACT_TURNS: tuple[Turn, ...] = (
    Turn("complete list of candidates", complete_list, is_polynomial, 0.9, 60.0),
    Turn("changes of variables", changed_variables, is_not_polynomial, 0.4, 60.0),
    Turn("points in closed form", closed_forms, is_not_polynomial, 0.6, 60.0),
    Turn("boxes around closed forms", boxes_around_closed_forms, is_continuous, 0.9, 15.0),
)
# the part of the time for listing all cases, and for the problem over the reals
LISTING_SHARE = 0.5
REAL_SHARE = 0.4


def without_solution(task: Task, known: Known, deadline: float) -> Finding:
    """Equations between integers that have no solution, by divisors or modulo a small number."""
    certificate = prove_without_solution(task.canonical)
    return Finding() if certificate is None else Finding(_without_optimum(certificate, task, known))


def with_rounded_constraints(task: Task, known: Known, deadline: float) -> Finding:
    """Strict inequalities between integers made weak: a < b is a + 1 <= b."""
    if not any(g.strict for g in task.canonical.inequalities):
        return Finding()
    rounded = rounded_forms(task.canonical)
    if rounded == task.canonical:
        return Finding()
    problem = stated(rounded)
    inner = taken(INTEGER_TURNS, prepare(problem), nothing_known(problem), deadline).solution
    if inner.certificate is None:
        return Finding(reason="rounded constraints: the problem without strict inequalities was not decided in time")
    certificate = RoundedCertificate(task.canonical, rounded, inner.certificate)
    if not holds(certificate, deadline):
        return Finding(reason="rounded constraints: the proof could not be checked in time")
    return Finding(restore_again(inner, certificate, known.solution, task.restoration))


def by_dynamic_programming(task: Task, known: Known, deadline: float) -> Finding:
    """Linear problems in bounded integers: all sums that the rows can have."""
    certificate = prove_dynamically(task.canonical, deadline)
    if certificate is None:
        return Finding(reason="dynamic programming: there are too many states")
    return Finding(restore_listed(certificate, known.solution, task.restoration))


def by_relaxation(task: Task, known: Known, deadline: float) -> Finding:
    """Linear problems with bounded variables: constraints in the Lagrangian, and branch and bound."""
    certificate = prove_relaxing(task.canonical, deadline)
    if certificate is None:
        return Finding(
            reason="Lagrangian relaxation: the gap between the best point and the bound was not closed in time"
        )
    return Finding(restore_relaxed(certificate, known.solution, task.restoration))


def over_the_reals(task: Task, known: Known, deadline: float) -> Finding:
    """Integers without bounds: nothing feasible even over the reals, or a curve through integer points to infinity."""
    canonical = task.canonical
    if ranges_of(canonical) is not None:
        return Finding()
    relaxed = replace(canonical, integers=frozenset())
    now = time.monotonic()
    answer = solved_exactly(stated(relaxed), REAL_SHARE * (deadline - now))
    certificate = prove_over_the_reals(canonical, relaxed, answer, deadline)
    if certificate is None:
        return Finding(reason="over the reals: neither infeasible, nor is a curve through integer points known")
    return Finding(_without_optimum(certificate, task, known))


def by_cases(task: Task, known: Known, deadline: float) -> Finding:
    """All values of the integer variables that matter, each with the exact answer to the problem that they leave."""
    now = time.monotonic()
    outcome = prove_by_listing(task.canonical, solved_exactly, now + LISTING_SHARE * (deadline - now))
    if outcome is None:
        outcome = prove_by_search(task.canonical, solved_exactly, deadline)
    if outcome is None:
        return Finding(
            reason="integer cases: too many are left, or one of them is not solved exactly in the time given to it"
        )
    return Finding(restore_cases(outcome, known.solution, task.canonical, task.restoration, 0.0))


def by_jumps(task: Task, known: Known, deadline: float) -> Finding:
    """A feasible point of a polynomial problem in bounded integers, where none is known."""
    ranges, lifted = ranges_of(task.canonical), lifted_without_integers(task.canonical)
    if known.solution.optimum is not None or ranges is None or lifted is None:
        return Finding()
    if any(g.strict for g in task.canonical.inequalities):
        return Finding()
    if lifted.dimension != len(ranges) or any(low > high for low, high in ranges):
        return Finding()
    found = integer_point(task.canonical, ranges, deadline)
    point = None if found is None else FeasibleBox(tuple(fmpq(x) for x in found.values))
    if point is None or not point.holds(lifted, integer_places(task.canonical)):
        return Finding(reason="jumps: no feasible integer point was found")
    return Finding(restore_feasible(known.solution, lifted, point, task.restoration, 0.0))


INTEGER_TURNS: tuple[Turn, ...] = (
    Turn("divisors and residues", without_solution, has_integers, 0.20, 20.0),
    Turn("rounded constraints", with_rounded_constraints, has_integers, 0.95, 60.0),
    Turn("dynamic programming", by_dynamic_programming, is_linear_in_integers, 0.40, 60.0),
    Turn("Lagrangian relaxation", by_relaxation, is_linear_in_integers, 0.60, 60.0),
    Turn("over the reals", over_the_reals, has_integers, 0.40, 60.0),
    Turn("integer cases", by_cases, is_mixed_polynomial, 0.40, 60.0),
    Turn("Lagrangian relaxation", by_relaxation, is_linear_and_mixed, 0.40, 60.0),
    Turn("branch and bound with relaxations", integers_by_relaxations, has_integers, 0.45, 60.0),
    Turn("jumps to a feasible point", by_jumps, is_integer_alone, 0.25, 8.0),
    # exact where all variables are integers
    Turn("interval branch and bound", integers_by_intervals, is_integer_alone, 0.30, 15.0),
    Turn("relaxations of functions", by_functions, has_integers, 0.60, 60.0),
    Turn("integer cases", by_cases, is_mixed_transcendental, 0.40, 60.0),
    Turn("interval branch and bound", integers_by_intervals, has_integers, 0.95, 60.0),
)


def _without_optimum(certificate: Certificate, task: Task, known: Known) -> Solution:
    optimum = None
    if isinstance(certificate, IntegerCurveCertificate) and isinstance(certificate.inner, InfimumCertificate):
        optimum = ExactNumber(certificate.inner.infimum, task.restoration.objective_sign)
    return replace(
        known.solution,
        status=STATUSES[certificate.claim],
        optimum=optimum,
        coordinates=(),
        certificate=certificate,
        missing=(),
    )


def solved_exactly(problem: Problem, limit_s: float) -> Solution:
    """What the exact methods say of a continuous problem within some seconds."""
    deadline = time.monotonic() + limit_s
    found: Solution | None = call_with_limit(_solved, (problem, deadline), limit_s, may_fail=True)
    return found if found is not None else unanswered(problem)


def _solved(problem: Problem, deadline: float) -> Solution:
    return taken(EXACT_TURNS, prepare(problem), nothing_known(problem), deadline).solution
