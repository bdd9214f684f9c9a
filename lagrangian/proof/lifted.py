"""The polynomial problem over the reals that is left when integrality is forgotten, and where its integer variables stand."""

from dataclasses import replace

from sympy import Rational

from lagrangian.conditions.propagation import integer_ranges
from lagrangian.conditions.relaxation import factored
from lagrangian.problem.canonical import CanonicalProblem
from lagrangian.problem.lifting import NotPolynomialError, PolynomialProblem, lift
from lagrangian.problem.reductions import bounds_of


def lifted_without_integers(problem: CanonicalProblem) -> PolynomialProblem | None:
    """The problem with all variables real, as a polynomial one; None where it is none."""
    try:
        return lift(replace(problem, integers=frozenset()))[0]
    except NotPolynomialError:
        return None


def integer_places(problem: CanonicalProblem) -> frozenset[int]:
    """The places of the integer variables, which are the same in the polynomial problem."""
    return frozenset(i for i, variable in enumerate(problem.variables) if variable in problem.integers)


def ranges_of(problem: CanonicalProblem) -> tuple[tuple[int, int], ...] | None:
    """Bounds of the integer variables that follow from the constraints; None where one is not bounded.

    Bounds are carried through polynomial constraints; otherwise only constraints on one variable count.
    """
    lifted = lifted_without_integers(problem)
    if lifted is not None:
        places = integer_places(problem)
        return integer_ranges(factored(lifted, places), None, sorted(places))
    bounds = bounds_of(problem)
    sides = [bounds[v] for v in problem.variables if v in problem.integers]
    if not all(isinstance(low, Rational) and isinstance(high, Rational) for low, high in sides):
        return None
    return tuple((int(low.ceiling()), int(high.floor())) for low, high in sides)
