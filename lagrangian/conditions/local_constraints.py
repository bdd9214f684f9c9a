"""The same feasible set near a point, with simpler constraints: without superfluous factors and powers."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import product
from math import prod

from flint import fmpq_mpoly

from lagrangian.algebra.numbers import AlgebraicPoint
from lagrangian.algebra.polynomials import factorization
from lagrangian.problem.lifting import PolynomialProblem

MOST_BRANCHES = 8


def simplified_near(
    problem: PolynomialProblem, point: AlgebraicPoint, active: Sequence[int]
) -> tuple[PolynomialProblem, frozenset[int]] | None:
    """A problem with the same feasible points near the given one and its active inequalities; None where nothing gets simpler.

    h = 0 becomes the product of its different factors that vanish at the point. e^2 <= 0 becomes e = 0, -e^2 <= 0 is
    left out, and o^3 <= 0 becomes o <= 0. Inequalities that are not active, and those that an equation makes zero, are left out.

    >>> import sympy
    >>> from flint import fmpq
    >>> from lagrangian.algebra.numbers import rational_point
    >>> from lagrangian.algebra.polynomials import Ring
    >>> x, y = sympy.symbols("x y")
    >>> ring = Ring((x, y))
    >>> problem = PolynomialProblem(ring, ring.polynomial(x + y), (ring.polynomial(sympy.expand((x - y) ** 2)),), ())
    >>> simpler, active = simplified_near(problem, rational_point([fmpq(0), fmpq(0)]), [0])
    >>> simpler.inequalities, simpler.equalities
    ((), (x0 - x1,))
    """
    inequalities: list[fmpq_mpoly] = []
    equalities = _distinct(_product(problem, _vanishing(h, point)[0]) for h in problem.equalities)
    for i in active:
        g = problem.inequalities[i]
        factors, odd, sign = _vanishing(g, point)
        if not odd:
            equalities += [_product(problem, factors)] if sign > 0 else []
        elif len(odd) == len(factors):
            inequalities.append(_product(problem, odd) * sign)
        else:
            inequalities.append(g)
    # g <= 0 says nothing where an equation makes g zero
    inequalities = [g for g in _distinct(inequalities) if all(g % h != 0 for h in equalities)]
    if inequalities == [problem.inequalities[i] for i in active] and tuple(equalities) == problem.equalities:
        return None
    simpler = replace(
        problem, inequalities=tuple(inequalities), equalities=tuple(equalities), strict=frozenset(), facts=()
    )
    return simpler, frozenset(range(len(inequalities)))


def branches_near(
    problem: PolynomialProblem, point: AlgebraicPoint, active: Sequence[int]
) -> list[tuple[PolynomialProblem, frozenset[int]]]:
    """Problems whose feasible sets near the point have the given one as their union: one for each choice of factors.

    An equation p q = 0 with p and q zero at the point becomes p = 0 or q = 0. Max, Min and Abs lead to such equations.
    """
    choices = [_vanishing(h, point)[0] for h in problem.equalities]
    if prod(map(len, choices)) > MOST_BRANCHES:
        return [(problem, frozenset(active))]
    kept = tuple(problem.inequalities[i] for i in active)
    found = []
    for chosen in product(*choices):
        branch = replace(problem, inequalities=kept, equalities=tuple(_distinct(chosen)), strict=frozenset(), facts=())
        everything = frozenset(range(len(kept)))
        found.append(simplified_near(branch, point, sorted(everything)) or (branch, everything))
    return found


def _distinct(polynomials: Iterable[fmpq_mpoly]) -> list[fmpq_mpoly]:
    kept: list[fmpq_mpoly] = []
    for polynomial in polynomials:
        if polynomial not in kept:
            kept.append(polynomial)
    return kept


def _vanishing(polynomial: fmpq_mpoly, point: AlgebraicPoint) -> tuple[list[fmpq_mpoly], list[fmpq_mpoly], int]:
    """The factors that vanish at the point, those of odd multiplicity among them, and the sign of all the rest near it."""
    unit, factors = factorization(polynomial)
    sign = 1 if unit > 0 else -1
    vanishing, odd = [], []
    for factor, multiplicity in factors:
        at = point.sign(factor)
        if at == 0:
            vanishing.append(factor)
            odd += [factor] if multiplicity % 2 else []
        elif multiplicity % 2:
            sign *= at
    return vanishing, odd, sign


def _product(problem: PolynomialProblem, factors: Sequence[fmpq_mpoly]) -> fmpq_mpoly:
    return prod(factors, start=problem.ring.constant(1))
