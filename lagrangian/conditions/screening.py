"""Sets of active constraints that need no system: bounds carried through the constraints show that no point is left.

A minimizer at which the constraints g_S are active is feasible, lies on g_S = 0, and has F <= v for every known feasible value v.
Where these statements together have an empty box, no minimizer has these active constraints, nor any more of them.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

from flint import fmpq

from lagrangian.conditions.propagation import nothing_is_left
from lagrangian.conditions.relaxation import FactoredProblem, factored
from lagrangian.problem.lifting import PolynomialProblem


@dataclass(frozen=True, eq=False)
class Screen:
    """The feasible points of a problem whose objective is at most ``upper``, or all of them.

    >>> import sympy
    >>> from lagrangian.algebra.polynomials import Ring
    >>> x, y = sympy.symbols("x y")
    >>> ring = Ring((x, y))
    >>> box = (ring.polynomial(-x), ring.polynomial(x - 2), ring.polynomial(x**2 + y**2 - 9))
    >>> problem = PolynomialProblem(ring, ring.polynomial(x + y**2), box, ())
    >>> Screen(problem).excludes((0, 1)), Screen(problem).excludes((1,)), Screen(problem, fmpq(1)).excludes((1,))
    (True, False, True)
    """

    problem: PolynomialProblem
    upper: fmpq | None = None

    @cached_property
    def _factored(self) -> FactoredProblem:
        return factored(self.problem)

    def excludes(self, active: Iterable[int]) -> bool:
        """Whether none of the points has all these inequalities active."""
        products = self._factored
        held = tuple(products.inequalities[i] for i in active)
        return nothing_is_left(replace(products, equalities=(*products.equalities, *held)), self.upper)
