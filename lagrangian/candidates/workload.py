"""How long a complete list will take, roughly: from the number of systems and the numbers of zeros that they may have."""

import math

from lagrangian.candidates.active_sets import support_systems
from lagrangian.candidates.decomposition import bezout_bound
from lagrangian.conditions.screening import Screen
from lagrangian.problem.lifting import PolynomialProblem

# the seconds that a system usually takes, by the number of digits of its Bezout number
SECONDS = (0.0, 0.01, 0.1, 1.0, 5.0)
SECONDS_BEYOND = 20.0


def workload_s(
    problem: PolynomialProblem, most_s: float, deadline: float = math.inf, screen: Screen | None = None
) -> float:
    """The seconds that solving every support system that a screen leaves may take; counting ends beyond ``most_s``.

    It is infinite where they are not counted at the deadline.

    >>> import sympy
    >>> from lagrangian.algebra.polynomials import Ring
    >>> x, y = sympy.symbols("x y")
    >>> ring = Ring((x, y))
    >>> disc = PolynomialProblem(ring, ring.polynomial(x * y), (ring.polynomial(x**2 + y**2 - 1),), ())
    >>> workload_s(disc, 10.0)
    0.02
    """
    total = 0.0
    try:
        for system in support_systems(problem, deadline, screen):
            digits = len(str(bezout_bound(system.ring, system.equations)))
            total += SECONDS[digits] if digits < len(SECONDS) else SECONDS_BEYOND
            if total > most_s:
                break
    except TimeoutError:
        return math.inf
    return total
