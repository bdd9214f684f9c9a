"""No optimum, in several variables: a growing curve without a limit, or with one that no feasible point reaches."""

import sympy

from lagrangian.candidates.growing_curves import growing_curves
from lagrangian.checking import holds
from lagrangian.problem.canonical import CanonicalProblem
from lagrangian.proof.curves import GrowthCertificate, GrowthInfimumCertificate

MOST_CHECKED = 3


def prove_by_growth(
    canonical: CanonicalProblem, deadline: float
) -> GrowthCertificate | GrowthInfimumCertificate | None:
    """A certificate that the objective is unbounded, or has an infimum that is not attained; None where neither was shown.

    >>> x, y = sympy.symbols("x y", real=True)
    >>> problem = CanonicalProblem((x * y - 1) ** 2 + sympy.exp(-y), (), (), (x, y), (), (), frozenset())
    >>> prove_by_growth(problem, float("inf")).infimum
    0
    """
    for found in growing_curves(canonical, deadline)[:MOST_CHECKED]:
        certificate: GrowthCertificate | GrowthInfimumCertificate
        if found.limit == -sympy.oo:
            certificate = GrowthCertificate(canonical, found.curve)
        else:
            certificate = GrowthInfimumCertificate(canonical, found.curve, found.limit)
        if holds(certificate, deadline):
            return certificate
    return None
