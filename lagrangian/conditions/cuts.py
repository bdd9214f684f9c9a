"""Affine rows that hold at every feasible point and are made where a relaxation misses them: tangents of convex forms, a cutoff.

A form Q(z) = sum(a_ij z_i z_j) over the places z = (x, w) of a factored problem, in which each z_i z_j is a place of its own, is
affine in z. Where Q is positive semidefinite, (z - p)^T Q (z - p) >= 0, so that for every p

    2 (Q p)^T z - p^T Q p - Q(z) <= 0.

For a square of an integer u and p = t + 1/2 with an integer t, (u - t)(u - t - 1) >= 0 is stronger by a quarter.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from flint import fmpq
from numpy.typing import NDArray

from lagrangian.conditions.atoms import Atom, tangent
from lagrangian.conditions.relaxation import AffineForm, Box, FactoredProblem, RelativeEntropy, line_row, ratio_row

Entry = tuple[int, int]


@dataclass(frozen=True, eq=False)
class ConvexForm:
    """A positive semidefinite form: ``matrix`` has its entries over ``places``, ``products`` the places of z_i z_j for i <= j."""

    places: tuple[int, ...]
    matrix: tuple[tuple[fmpq, ...], ...]
    products: dict[Entry, int]
    is_integral_square: bool

    def tangent(self, point: Sequence[fmpq]) -> AffineForm:
        """The row that touches the form at a point (over its own places)."""
        size = len(self.places)
        image = [sum((a * p for a, p in zip(row, point, strict=True)), fmpq(0)) for row in self.matrix]
        coefficients: dict[int, fmpq] = {}
        for place, value in zip(self.places, image, strict=True):
            coefficients[place] = coefficients.get(place, fmpq(0)) + 2 * value
        for (i, j), place in self.products.items():
            value = self.matrix[i][j] if i == j else 2 * self.matrix[i][j]
            coefficients[place] = coefficients.get(place, fmpq(0)) - value
        constant = -sum((image[i] * point[i] for i in range(size)), fmpq(0))
        if self.is_integral_square and point[0].q == 2:
            constant += self.matrix[0][0] / 4
        return AffineForm(coefficients, constant)


@dataclass(frozen=True, slots=True)
class Tangent:
    """The tangent of the form with this number at a point over the form's places."""

    form: int
    at: tuple[fmpq, ...]


@dataclass(frozen=True, slots=True)
class AtomTangent:
    """The affine bound of the function at this place, from above or below, that touches it where its argument is ``at``.

    For a relative entropy, where the quotient of its arguments is.
    """

    place: int
    at: fmpq
    above: bool


@dataclass(frozen=True, slots=True)
class Cutoff:
    """The objective is at most the known value."""


Cut = Tangent | AtomTangent | Cutoff


@dataclass(frozen=True, eq=False)
class CutMaker:
    """The rows that cuts of a problem stand for."""

    problem: FactoredProblem

    @cached_property
    def forms(self) -> tuple[ConvexForm, ...]:
        return convex_forms(self.problem)

    @cached_property
    def values(self) -> tuple[NDArray[np.float64], ...]:
        """The forms' matrices in floating point, as vectors: for looking, not for proving."""
        return tuple(np.array([[float(a) for a in row] for row in form.matrix]).ravel() for form in self.forms)

    def row(self, cut: Cut, upper: fmpq | None, box: Box) -> AffineForm | None:
        """The row <= 0 of a cut over a box of z; None for one that makes no sense."""
        if isinstance(cut, Cutoff):
            objective = self.problem.objective
            return None if upper is None else AffineForm(objective.coefficients, objective.constant - upper)
        if isinstance(cut, AtomTangent):
            return self._atom_row(cut, box)
        if not 0 <= cut.form < len(self.forms) or len(cut.at) != len(self.forms[cut.form].places):
            return None
        return self.forms[cut.form].tangent(cut.at)

    def _atom_row(self, cut: AtomTangent, box: Box) -> AffineForm | None:
        number = cut.place - self.problem.count
        if not 0 <= number < len(self.problem.definitions):
            return None
        atom = self.problem.definitions[number]
        if isinstance(atom, RelativeEntropy):
            return None if cut.above else ratio_row(atom, cut.place, cut.at)
        if not isinstance(atom, Atom):
            return None
        low, high = box[atom.argument]
        line = tangent(atom, low, high, cut.at, above=cut.above)
        return None if line is None else line_row(line, atom.argument, cut.place, above=cut.above)


def convex_forms(problem: FactoredProblem) -> tuple[ConvexForm, ...]:
    """The squares among the products, and the parts of the functions' quadratic forms that are convex or concave.

    The parts are the connected ones: two variables belong together where their product occurs.
    """
    pairs = problem.products
    found = [_form(problem, {(i, i): fmpq(1)}, {(i, i): place}) for place, (i, j) in pairs.items() if i == j]
    seen: set[frozenset[tuple[Entry, fmpq]]] = set()
    for function in (problem.objective, *problem.inequalities, *problem.equalities):
        values = {_ordered(pairs[place]): value for place, value in function.coefficients.items() if place in pairs}
        places = {_ordered(pairs[place]): place for place in function.coefficients if place in pairs}
        for part in _connected(list(values)):
            scale = abs(values[part[0]])
            entries = {pair: values[pair] / scale for pair in part}
            for sign in (1, -1):
                signed = {pair: sign * value for pair, value in entries.items()}
                key = frozenset(signed.items())
                if len(part) > 1 and key not in seen and _is_semidefinite(signed):
                    found.append(_form(problem, signed, places))
                    seen.add(key)
    return tuple(found)


def _ordered(pair: Entry) -> Entry:
    return (min(pair), max(pair))


def _connected(pairs: list[Entry]) -> list[list[Entry]]:
    groups: list[tuple[set[int], list[Entry]]] = []
    for pair in pairs:
        touching = [group for group in groups if group[0] & set(pair)]
        groups = [group for group in groups if not group[0] & set(pair)]
        groups.append(
            (set(pair).union(*(group[0] for group in touching)), [*(p for group in touching for p in group[1]), pair])
        )
    return [group[1] for group in groups]


def _matrix(entries: dict[Entry, fmpq]) -> tuple[list[int], list[list[fmpq]]]:
    places = sorted({i for pair in entries for i in pair})
    where = {place: i for i, place in enumerate(places)}
    matrix = [[fmpq(0)] * len(places) for _ in places]
    for (i, j), value in entries.items():
        if i == j:
            matrix[where[i]][where[i]] += value
        else:
            matrix[where[i]][where[j]] += value / 2
            matrix[where[j]][where[i]] += value / 2
    return places, matrix


def _is_semidefinite(entries: dict[Entry, fmpq]) -> bool:
    """Whether a form is a sum of squares, by elimination in the order of the places."""
    _, rest = _matrix(entries)
    while rest:
        diagonal = [rest[i][i] for i in range(len(rest))]
        if min(diagonal) < 0:
            return False
        pivot = next((i for i, value in enumerate(diagonal) if value > 0), None)
        if pivot is None:
            return all(value == 0 for row in rest for value in row)
        row, inverse = rest[pivot], 1 / rest[pivot][pivot]
        keep = [k for k in range(len(rest)) if k != pivot]
        rest = [[rest[r][c] - row[r] * inverse * row[c] for c in keep] for r in keep]
    return True


def _form(problem: FactoredProblem, entries: dict[Entry, fmpq], places_of: dict[Entry, int]) -> ConvexForm:
    places, matrix = _matrix(entries)
    where = {place: i for i, place in enumerate(places)}
    products = {(where[i], where[j]): places_of[i, j] for i, j in entries}
    integral = len(places) == 1 and places[0] in problem.integral_places
    return ConvexForm(tuple(places), tuple(tuple(row) for row in matrix), products, integral)
