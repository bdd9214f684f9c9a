"""Points where no constraint qualification helps, decided by the weighted leading forms of all functions there.

With weights w > 0 let f_w, g_w, h_w be the terms of least weight at the point. If no u != 0 has g_w <= 0, h_w = 0 and
f_w <= 0, the point is a strict local minimum: a feasible sequence without increase, put on the unit sphere along the
curves t^w u, would have such a u as a limit. If u has h_w = 0 with independent gradients, g_w < 0 and f_w < 0, a
feasible curve t^w (u + ...) along which f falls begins at the point (implicit function theorem). The cusp y^2 = x^3
with w = (2, 3) is the example: it is its own leading form.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from math import gcd

from flint import fmpq, fmpq_mpoly
from sympy import symbols

from lagrangian.algebra.matrices import rank
from lagrangian.algebra.numbers import AlgebraicPoint
from lagrangian.algebra.polynomials import Ring, gradient
from lagrangian.algebra.series import Series, shifted
from lagrangian.candidates.emptiness import Emptiness, examine_set
from lagrangian.candidates.enumeration import CandidatePoint, find_candidates
from lagrangian.conditions.germ_signs import NOWHERE, UNKNOWN, Signs
from lagrangian.conditions.weighted_forms import face_normals
from lagrangian.logic import Truth
from lagrangian.problem.lifting import PolynomialProblem

LARGEST_WEIGHT = {1: 1, 2: 4, 3: 3}
MOST_VARIABLES = 3
MARGIN = fmpq(1, 16)


@dataclass(frozen=True, eq=False)
class LeadingForms:
    """The terms of least weight of the objective's difference, the active inequalities and the equations."""

    ring: Ring
    weights: tuple[int, ...]
    objective: fmpq_mpoly
    inequalities: tuple[fmpq_mpoly, ...]
    equalities: tuple[fmpq_mpoly, ...]
    deadline: float = float("inf")

    @property
    def sphere(self) -> fmpq_mpoly:
        """|u|^2 - 1: each curve t^w u meets it once, whatever the weights."""
        return sum((v**2 for v in self.ring.generators), self.ring.constant(-1))

    def is_empty(self, *more: fmpq_mpoly) -> Truth:
        """Whether no u on the sphere satisfies the constraints and ``more`` <= 0; None where it is not proved."""
        found = examine_set(self._set((*self.inequalities, *more)), self.deadline)
        if isinstance(found, Emptiness):
            return True if _is_proved(found) else None
        return False if isinstance(found, CandidatePoint) else None

    def takes(self, sign: int) -> bool:
        """Whether a regular u strictly inside gives the objective this sign, and with it a curve that does."""
        inside = [form + MARGIN for form in (*self.inequalities, self.objective * -sign)]
        found = examine_set(self._set(tuple(inside)), self.deadline)
        if not isinstance(found, CandidatePoint):
            return False
        count = len(self.ring.variables)
        rows = [[found.point.value(part) for part in gradient(form, count)] for form in self.equalities]
        return rank(rows) == len(rows)

    def _set(self, inequalities: tuple[fmpq_mpoly, ...]) -> PolynomialProblem:
        return PolynomialProblem(self.ring, self.ring.constant(0), inequalities, (*self.equalities, self.sphere))


def _is_proved(emptiness: Emptiness) -> bool:
    return emptiness.candidates.complete and all(_is_proved(family) for family in emptiness.families)


def signs_by_cones(
    problem: PolynomialProblem, point: AlgebraicPoint, active: Sequence[int], deadline: float = float("inf")
) -> tuple[Signs, str]:
    """The signs of F - F(p) on the feasible set near a rational point p, and why; for up to three variables.

    >>> import sympy
    >>> from lagrangian.algebra.numbers import rational_point
    >>> x, y = sympy.symbols("x y")
    >>> ring = Ring((x, y))
    >>> cusp = PolynomialProblem(ring, ring.polynomial(x), (), (ring.polynomial(y**2 - x**3),))
    >>> signs, reason = signs_by_cones(cusp, rational_point([fmpq(0), fmpq(0)]), ())
    >>> signs.is_strict_minimum, reason
    (True, 'weighted leading forms with the weights (2, 3)')
    """
    signs = UNKNOWN
    used: tuple[int, ...] = ()
    for forms in _leading_forms(problem, point, active, deadline):
        if time.monotonic() > deadline:
            break
        found = _signs(forms)
        if found != UNKNOWN:
            signs, used = signs.joined(found), forms.weights
        if signs.is_decided:
            break
    return signs, f"weighted leading forms with the weights {used}" if used else "weighted leading forms do not decide"


def _signs(forms: LeadingForms) -> Signs:
    if forms.is_empty():
        return NOWHERE
    if forms.is_empty(forms.objective):
        return Signs(True if forms.takes(1) else None, False, False)
    if forms.is_empty(-forms.objective):
        return Signs(False, True if forms.takes(-1) else None, False)
    return Signs(True if forms.takes(1) else None, True if forms.takes(-1) else None, None)


def least_sign(form: Series, weights: Sequence[int], deadline: float = float("inf")) -> int | None:
    """The least sign that a weighted homogeneous form takes for u != 0: that of its least value on the unit sphere.

    None where the list of critical points is not complete, and for coefficients that are not rational.
    """
    rational = _rational([form], len(weights))
    if rational is None:
        return None
    ring, (polynomial,) = rational
    forms = LeadingForms(ring, tuple(weights), polynomial, (), (), deadline)
    found = find_candidates(PolynomialProblem(ring, polynomial, (), (forms.sphere,)), deadline)
    if found.points and found.points[0].value.sign() < 0:
        return -1
    # a family may have no real point, but there is a least value, at one of the points or on a family
    signs = [value.sign() for value in (*(p.value for p in found.points[:1]), *(f.value for f in found.families))]
    if found.complete and signs and min(signs) > 0:
        return 1
    return 1 if forms.is_empty(polynomial) else None


def _rational(series: Sequence[Series], width: int) -> tuple[Ring, list[fmpq_mpoly]] | None:
    """Series with rational coefficients as polynomials."""
    ring = Ring(symbols(f"u:{width}", real=True))
    found = []
    for terms in series:
        values = {exponents: value.rational() for exponents, value in terms.items()}
        if any(value is None for value in values.values()):
            return None
        found.append(ring.context.from_dict(values))
    return ring, found


def _leading_forms(
    problem: PolynomialProblem, point: AlgebraicPoint, active: Sequence[int], deadline: float
) -> Iterator[LeadingForms]:
    """The different systems of leading forms for the normals of the functions' Newton polyhedra and for small weights."""
    width = problem.dimension
    functions = (problem.objective, *(problem.inequalities[i] for i in active), *problem.equalities)
    if width > MOST_VARIABLES or any(element.rational() is None for element in point.coordinates):
        return
    series = [shifted(function, point) for function in functions]
    if not all(series):
        return
    seen = set()
    for weights in _weights(series, width):
        forms = [_lowest_terms(terms, weights) for terms in series]
        key = tuple(frozenset(form) for form in forms)
        rational = _rational(forms, width) if key not in seen else None
        seen.add(key)
        if rational is not None:
            ring, (objective, *rest) = rational
            inequalities, equalities = rest[: len(active)], rest[len(active) :]
            yield LeadingForms(ring, weights, objective, tuple(inequalities), tuple(equalities), deadline)


def _weights(series: Sequence[Series], width: int) -> Iterator[tuple[int, ...]]:
    for terms in series:
        yield from face_normals(terms, width)
    for weights in sorted(product(range(1, LARGEST_WEIGHT[width] + 1), repeat=width), key=sum):
        if gcd(*weights) == 1:
            yield weights


def _lowest_terms(terms: Series, weights: Sequence[int]) -> Series:
    def weight(exponents: Sequence[int]) -> int:
        return sum(e * w for e, w in zip(exponents, weights, strict=True))

    least = min(map(weight, terms))
    return {exponents: value for exponents, value in terms.items() if weight(exponents) == least}
