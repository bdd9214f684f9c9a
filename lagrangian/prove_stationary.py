"""Smooth functions on boxes: all stationary points by interval Newton methods, and with them the optimum."""

import time

from lagrangian.algebra.interval_program import NotEnclosableError
from lagrangian.candidates.interval_newton import all_zeros
from lagrangian.checking import holds
from lagrangian.conditions.interval_model import interval_model
from lagrangian.conditions.stationary_faces import faces_of, is_smooth_on_a_box
from lagrangian.problem.canonical import CanonicalProblem
from lagrangian.proof.stationary_list import FaceEvidence, StationaryListCertificate

# a box in n dimensions has 3**n faces
MOST_VARIABLES = 4
# the part of the time for the search
SEARCH_SHARE = 0.7


def list_on_a_box(canonical: CanonicalProblem, deadline: float) -> StationaryListCertificate | None:
    """The complete list of candidates of a smooth function on a box, none of them degenerate; None where there is none in time.

    Args:
        canonical: any problem.
        deadline: in the seconds of time.monotonic().

    >>> from sympy import cos, symbols
    >>> from lagrangian.problem.canonicalization import canonicalize
    >>> from lagrangian.problem.problem import Problem
    >>> x = symbols("x", real=True)
    >>> problem, _ = canonicalize(Problem(cos(3 * x) + x / 9, [x >= 0, x <= 4], over=[x]))
    >>> found = list_on_a_box(problem, time.monotonic() + 60)
    >>> [round(float(low[0]), 6) for _, low, _, _ in found.candidates]
    [1.034849, 3.129244, 0.0, 0.012349, 2.106744]
    """
    if len(canonical.variables) > MOST_VARIABLES or not is_smooth_on_a_box(canonical):
        return None
    until = time.monotonic() + SEARCH_SHARE * (deadline - time.monotonic())
    evidence: list[FaceEvidence | None] = []
    try:
        faces = faces_of(interval_model(canonical))
        for face in faces or ():
            found = None if face.model is None else all_zeros(face.model, until)
            if face.model is not None and found is None:
                return None
            evidence.append(found)
    except NotEnclosableError:
        return None
    if faces is None:
        return None
    certificate = StationaryListCertificate(canonical, tuple(evidence))
    return certificate if holds(certificate, deadline) else None
