"""Exact candidates from local solutions in floating point."""

import time

from lagrangian.candidates.enumeration import CandidatePoint
from lagrangian.candidates.near import candidate_near
from lagrangian.numeric.local import numeric_candidates
from lagrangian.problem.canonical import CanonicalProblem
from lagrangian.problem.lifting import Lifting, PolynomialProblem
from lagrangian.processes.calls import call_with_limit, share_of_time

# the parts of the time for local solutions and for making each of them exact, how many starts and solutions there are at most
SEARCH_SHARE = 0.15
EXACT_SHARE = 0.15
MOST_STARTS = 60
MOST_SOLUTIONS = 4
LONGEST_S = 20.0


def local_solutions(
    canonical: CanonicalProblem, problem: PolynomialProblem, lifting: Lifting, deadline: float
) -> list[CandidatePoint]:
    """The exact candidates that the best local solutions stand for; none where variables were added.

    ``deadline`` is in the seconds of time.monotonic().
    """
    if lifting.definitions:
        return []
    until = time.monotonic() + min(LONGEST_S, share_of_time(deadline, SEARCH_SHARE))
    found = []
    for solution in numeric_candidates(canonical, until, most=MOST_STARTS)[:MOST_SOLUTIONS]:
        limit = min(LONGEST_S, share_of_time(deadline, EXACT_SHARE))
        arguments = (problem, solution.point, time.monotonic() + limit)
        candidate = call_with_limit(candidate_near, arguments, limit)
        if candidate is not None:
            found.append(candidate)
    return found
