"""Polynomial problems in a box whose candidates are too many to list: the optimal value enclosed by branch and bound."""

import time
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from flint import fmpq
from sympy import Expr, Symbol

from lagrangian.algebra.polynomials import to_fmpq, to_rational
from lagrangian.candidates.spatial import Node, rounded, search_tree
from lagrangian.checking import holds
from lagrangian.conditions.relaxation import bounding_box, factored, is_feasible
from lagrangian.numeric.local import NumericCandidate
from lagrangian.problem.lifting import Lifting, PolynomialProblem
from lagrangian.proof.spatial import Leaf, SpatialCertificate, Split

# the widths of the enclosures that are tried, wide ones first, by 1 + |value|
RELATIVE_GAPS = (fmpq(1, 10**6), fmpq(1, 10**9))
# a narrower enclosure is tried if this many times the time of the last is left
WORTH_ANOTHER = 4
DENOMINATORS = (1, 10, 1000, 10**6, 10**9)
# the part of the time that is left for checking the tree
CHECKING_SHARE = 0.25


def prove_in_a_box(
    problem: PolynomialProblem, lifting: Lifting, candidates: Sequence[NumericCandidate], deadline: float
) -> SpatialCertificate | None:
    """Enclose the least value of a problem whose better points lie in a box; None where that was not possible in time.

    Args:
        problem: without strict inequalities.
        lifting: how its later variables are defined by the first ones.
        candidates: good points in floating point, some of them with a margin to the inequalities.
        deadline: in the seconds of time.monotonic().
    """
    point = _feasible_point(problem, lifting, candidates)
    if point is None or problem.strict:
        return None
    found = None
    for gap in RELATIVE_GAPS:
        started = time.monotonic()
        certificate = _search(problem, frozenset(), point if found is None else found.point, gap, deadline)
        if certificate is None or certificate.point is None:
            break
        found = certificate
        if deadline - time.monotonic() < WORTH_ANOTHER * (time.monotonic() - started):
            break
    return found


def prove_with_integers(
    problem: PolynomialProblem, integers: frozenset[int], deadline: float
) -> SpatialCertificate | None:
    """The least value of a problem in a box, some of whose variables take integer values only, or that nothing is feasible.

    The value is exact where all variables are integers, else enclosed. None where neither was shown in time.
    """
    return None if problem.strict else _search(problem, integers, None, RELATIVE_GAPS[0], deadline)


def _search(
    problem: PolynomialProblem, integers: frozenset[int], point: tuple[fmpq, ...] | None, gap: fmpq, deadline: float
) -> SpatialCertificate | None:
    """Search until no better point turns up on the way, then check the tree."""
    products = factored(problem, integers)
    now = time.monotonic()
    search_until = deadline - CHECKING_SHARE * (deadline - now)
    # where the values have a least distance, all optima are listed, if half of the time is enough for that
    list_until = now + (search_until - now) / 2 if products.step is not None else now
    while True:
        upper = None if point is None else problem.objective(*point)
        box = bounding_box(products, upper)
        if box is None:
            return None
        step = products.step
        lower = None
        if upper is not None:
            lower = upper if step is not None else upper - gap * (1 + abs(upper))
        listing = step is not None and lower is not None and time.monotonic() < list_until
        goal = (
            None if lower is None or upper is None else (lower + step if listing and step is not None else lower, upper)
        )
        found = search_tree(products, problem, box, goal, list_until if listing else search_until)
        if found.root is not None:
            optima = found.optima if listing else ()
            certificate = SpatialCertificate(problem, _as_tree(found.root), point, lower, upper, integers, optima)
            return certificate if holds(certificate, deadline) else None
        if found.point is not None:
            point = found.point
        elif not listing:
            return None


def _feasible_point(
    problem: PolynomialProblem, lifting: Lifting, candidates: Sequence[NumericCandidate]
) -> tuple[fmpq, ...] | None:
    """The best exactly feasible point among the candidates and fractions near them."""
    best = None
    for candidate in candidates:
        for given in _rational_points(candidate.point):
            point = _completed(given, lifting)
            if point is not None and is_feasible(problem, point):
                value = problem.objective(*point)
                if best is None or value < best[0]:
                    best = (value, point)
    return None if best is None else best[1]


def _completed(point: tuple[fmpq, ...], lifting: Lifting) -> tuple[fmpq, ...] | None:
    """The point with the values of the variables that the lifting has added; None where one is no rational number."""
    values: dict[Symbol, Expr] = {v: to_rational(x) for v, x in zip(lifting.variables, point, strict=True)}
    for variable, definition in lifting.definitions.items():
        values[variable] = definition.xreplace(values)
        if not values[variable].is_Rational:
            return None
    return tuple(to_fmpq(value) for value in values.values())


def _rational_points(point: np.ndarray) -> list[tuple[fmpq, ...]]:
    near = [[Fraction(float(value)).limit_denominator(denominator) for value in point] for denominator in DENOMINATORS]
    points = [tuple(fmpq(value.numerator, value.denominator) for value in values) for values in near]
    return [*points, tuple(rounded(float(value)) for value in point)]


def _as_tree(root: Node) -> Leaf | Split:
    """The nodes as plain records, from the leaves up, without recursion."""
    made: dict[int, Leaf | Split] = {}
    stack = [root]
    while stack:
        node = stack[-1]
        if node.halves is None:
            made[id(node)] = Leaf(node.multipliers, node.is_empty)
            stack.pop()
        elif id(node.halves[0]) in made and id(node.halves[1]) in made:
            made[id(node)] = Split(node.variable, node.at, made[id(node.halves[0])], made[id(node.halves[1])])
            stack.pop()
        else:
            stack += node.halves
    return made[id(root)]
