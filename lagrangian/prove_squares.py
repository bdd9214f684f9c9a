"""The optimum enclosed by sums of squares: just below a feasible value, with growth for the existence of a minimum."""

import time
from collections.abc import Sequence
from typing import Any

from flint import fmpq

from lagrangian.candidates.feasible import feasible_near
from lagrangian.candidates.sum_of_squares import NoSquares, quadratic_growth, strict_bound
from lagrangian.checking import holds
from lagrangian.numeric.local import NumericCandidate
from lagrangian.problem.lifting import Lifting, PolynomialProblem
from lagrangian.processes.calls import call_with_limit, share_of_time
from lagrangian.proof.sum_of_squares import SquaresEnclosure
from lagrangian.prove_spatial import completing

# the widths of the enclosures that are tried, wide ones first, by 1 + |value|
RELATIVE_GAPS = (fmpq(1, 10**6), fmpq(1, 10**8))
# a narrower enclosure is tried if this many times the time of the last is left
WORTH_ANOTHER = 4
SHARE = 0.6


def enclose_by_squares(
    problem: PolynomialProblem, lifting: Lifting, candidates: Sequence[NumericCandidate], deadline: float
) -> SquaresEnclosure | NoSquares:
    """The least value of a polynomial problem between a sum of squares' bound and a feasible value.

    Args:
        problem: without strict inequalities.
        lifting: how its later variables are defined by the first ones.
        candidates: good points in floating point, some of them with a margin to the inequalities.
        deadline: in the seconds of time.monotonic().
    """
    if problem.strict:
        return NoSquares("strict inequalities")
    whole = [point for point in map(completing(lifting), candidates) if point is not None]
    feasible = [box for box in (feasible_near(problem, frozenset(), point) for point in whole) if box is not None]
    if not feasible:
        return NoSquares("no feasible point was made certain")
    best = min(feasible, key=lambda box: box.value(problem)[1])
    near = [float(x) for x in whole[0]]
    growth = _in_time(quadratic_growth, (problem, near, deadline), deadline)
    if isinstance(growth, NoSquares):
        return NoSquares(f"no growth that would show that a minimum exists ({growth.reason})")
    certificate: SquaresEnclosure | NoSquares = NoSquares("the time limit came")
    for gap in RELATIVE_GAPS:
        started = time.monotonic()
        upper = best.value(problem)[1]
        lower = upper - gap * (1 + abs(upper))
        found = _in_time(strict_bound, (problem, lower, near, deadline), deadline)
        if isinstance(found, NoSquares):
            return found if isinstance(certificate, NoSquares) else certificate
        narrower = SquaresEnclosure(problem, lower, upper, best, found, growth)
        if not holds(narrower, deadline):
            break
        certificate = narrower
        if deadline - time.monotonic() < WORTH_ANOTHER * (time.monotonic() - started):
            break
    return certificate


def _in_time(function: Any, arguments: tuple[Any, ...], deadline: float) -> Any:
    if deadline == float("inf"):
        return function(*arguments)
    return call_with_limit(function, arguments, share_of_time(deadline, SHARE)) or NoSquares("the time limit came")
