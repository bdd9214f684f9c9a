"""The linear programs of branch and bound: floating point finds multipliers, and every bound is computed from them exactly."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from flint import fmpq
from numpy.typing import NDArray

from lagrangian.conditions.atoms import Atom
from lagrangian.conditions.cuts import AtomTangent, Cut, CutMaker, Cutoff, Tangent
from lagrangian.conditions.relaxation import (
    AffineForm,
    Box,
    FactoredProblem,
    RelativeEntropy,
    combined_bound,
    relation_rows,
)

# multipliers below this are dropped, the others rounded to this many bits
LEAST_MULTIPLIER = 1e-11
BITS = 40
# a tangent is added where the relaxation misses a form by this much of its size, and points are rounded to this many bits
MISSED = 1e-7
LONGEST_PROGRAM_S = 2.0
TANGENT_BITS, POINT_BITS = 20, 24

Multipliers = tuple[tuple[int, fmpq], ...]


@dataclass(eq=False)
class Relaxation:
    """The rows <= 0 (or = 0, for the equalities) of a problem over a box of z: constraints, products' rows, cuts."""

    problem: FactoredProblem
    maker: CutMaker
    box: Box
    upper: fmpq | None
    cuts: list[Cut]

    def __post_init__(self) -> None:
        self.rows: list[AffineForm] = [
            *self.problem.inequalities,
            *self.problem.equalities,
            *relation_rows(self.problem, self.box),
        ]
        self.first_cut = len(self.rows)
        given, self.cuts = self.cuts, []
        self.sides = [(float(low), float(high)) for low, high in self.box]
        self._matrix, self._right = _arrays(self.rows, len(self.box))
        self.add(given)

    def add(self, cuts: Sequence[Cut]) -> None:
        pairs = [(cut, self.maker.row(cut, self.upper, self.box)) for cut in cuts]
        kept = [(cut, row) for cut, row in pairs if row is not None]
        if kept:
            self.cuts += [cut for cut, _ in kept]
            self.rows += [row for _, row in kept]
            matrix, right = _arrays([row for _, row in kept], len(self.box))
            self._matrix, self._right = np.vstack([self._matrix, matrix]), np.concatenate([self._right, right])

    @property
    def _equations(self) -> NDArray[np.bool_]:
        numbers = np.arange(len(self.rows))
        first = len(self.problem.inequalities)
        return (numbers >= first) & (numbers < first + len(self.problem.equalities))

    def least(self, form: AffineForm) -> tuple[NDArray[np.float64], float, Multipliers] | None:
        """Where the form is least, its value there, and the multipliers; None where the program has no solution."""
        from scipy.optimize import linprog

        cost = np.zeros(len(self.box))
        for j, value in form.coefficients.items():
            cost[j] = float(value)
        equations = self._equations
        found = linprog(
            cost,
            A_ub=self._matrix[~equations],
            b_ub=self._right[~equations],
            A_eq=self._matrix[equations] if equations.any() else None,
            b_eq=self._right[equations] if equations.any() else None,
            bounds=self.sides,
            method="highs",
            options={"time_limit": LONGEST_PROGRAM_S},
        )
        if found.status != 0:
            return None
        multipliers = np.zeros(len(self.rows))
        multipliers[~equations] = np.maximum(-found.ineqlin.marginals, 0.0)
        if equations.any():
            multipliers[equations] = -found.eqlin.marginals
        return found.x, float(found.fun) + float(form.constant), exact(multipliers)

    def contradiction(self) -> Multipliers:
        """Multipliers from the least amount by which all constraints together must be missed."""
        from scipy.optimize import linprog

        equations = self._equations
        slack = np.zeros(len(self.rows))
        slack[: len(self.problem.inequalities) + len(self.problem.equalities)] = -1.0
        for number, cut in enumerate(self.cuts, start=self.first_cut):
            if isinstance(cut, Cutoff):
                slack[number] = -1.0
        upper = np.column_stack([self._matrix, slack])
        mirrored = np.column_stack([-self._matrix[equations], slack[equations]])
        found = linprog(
            np.eye(len(self.box) + 1)[-1],
            A_ub=np.vstack([upper, mirrored]),
            b_ub=np.concatenate([self._right, -self._right[equations]]),
            bounds=[*self.sides, (0, None)],
            method="highs",
            options={"time_limit": LONGEST_PROGRAM_S},
        )
        if found.status != 0:
            return ()
        multipliers = np.maximum(-found.ineqlin.marginals, 0.0)
        total = multipliers[: len(self.rows)]
        total[equations] -= multipliers[len(self.rows) :]
        return exact(total)

    def bound(self, form: AffineForm | None, multipliers: Multipliers) -> fmpq:
        """The least value over the box that the multipliers show."""
        return combined_bound(form, self.rows, dict(multipliers), self.box)

    def violated(self, point: NDArray[np.float64], most: int) -> list[Cut]:
        """The tangents that a solution of the relaxation misses most."""
        found: list[tuple[float, Cut]] = self._missed_atoms(point)
        for number, form in enumerate(self.maker.forms):
            here = point[list(form.places)]
            value = self.maker.values[number] @ np.outer(here, here).ravel()
            linear = sum(
                (1.0 if i == j else 2.0) * float(form.matrix[i][j]) * point[place]
                for (i, j), place in form.products.items()
            )
            missed = (value - linear) / (1.0 + abs(value))
            if missed > MISSED:
                found.append((missed, Tangent(number, self._near(number, here))))
        found.sort(key=lambda entry: -entry[0])
        return [cut for _, cut in found[:most]]

    def _missed_atoms(self, point: NDArray[np.float64]) -> list[tuple[float, Cut]]:
        """Functions of one variable that the solution misses on the side where tangents bound them, by how much."""
        found: list[tuple[float, Cut]] = []
        for place, atom in self.problem.defined:
            if isinstance(atom, RelativeEntropy):
                found += self._missed_entropy(place, atom, point)
            if not isinstance(atom, Atom):
                continue
            at = rounded(float(point[atom.argument]), POINT_BITS)
            try:
                low, high = (float(end) for end in atom.value(at))
            except ValueError:
                continue
            above = bool(point[place] > high)
            missed = max(point[place] - high, low - point[place]) / (1.0 + abs(low))
            if missed > MISSED:
                cut = AtomTangent(place, at, above)
                row = self.maker.row(cut, self.upper, self.box)
                if row is not None and self._value(row, point) > MISSED:
                    found.append((missed, cut))
        return found

    def _missed_entropy(self, place: int, atom: RelativeEntropy, point: NDArray[np.float64]) -> list[tuple[float, Cut]]:
        u, v = float(point[atom.u]), float(point[atom.v])
        if u <= 0 or v <= 0:
            return []
        cut = AtomTangent(place, rounded(u / v, POINT_BITS), above=False)
        row = self.maker.row(cut, self.upper, self.box)
        missed = 0.0 if row is None else self._value(row, point) / (1.0 + abs(float(point[place])))
        return [(missed, cut)] if missed > MISSED else []

    @staticmethod
    def _value(row: AffineForm, point: NDArray[np.float64]) -> float:
        return float(row.constant) + sum(float(value) * float(point[j]) for j, value in row.coefficients.items())

    def _near(self, number: int, here: NDArray[np.float64]) -> tuple[fmpq, ...]:
        if self.maker.forms[number].is_integral_square:
            return (fmpq(2 * int(np.floor(here[0])) + 1, 2),)
        return tuple(fmpq(round(float(value) * 2**TANGENT_BITS), 2**TANGENT_BITS) for value in here)

    def used(self, multipliers: Multipliers) -> tuple[Multipliers, tuple[Cut, ...]]:
        """The multipliers with the cuts that they use, renumbered."""
        held = tuple((number, value) for number, value in multipliers if number < self.first_cut)
        cuts = [
            (self.cuts[number - self.first_cut], value) for number, value in multipliers if number >= self.first_cut
        ]
        renumbered = tuple((self.first_cut + place, value) for place, (_, value) in enumerate(cuts))
        return held + renumbered, tuple(cut for cut, _ in cuts)


def _arrays(rows: Sequence[AffineForm], width: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The rows in floating point; those with numbers too large for it are empty, so that they get no multiplier."""
    matrix, right = np.zeros((len(rows), width)), np.zeros(len(rows))
    for number, row in enumerate(rows):
        try:
            values = {j: float(value) for j, value in row.coefficients.items()}
            right[number] = -float(row.constant)
        except OverflowError:
            continue
        matrix[number, list(values)] = list(values.values())
    return matrix, right


def exact(multipliers: NDArray[np.float64]) -> Multipliers:
    """Rational multipliers near given ones: every choice is valid, short ones are quick to check."""
    return tuple(
        (number, rounded(float(value)))
        for number, value in enumerate(multipliers)
        if np.isfinite(value) and abs(value) > LEAST_MULTIPLIER
    )


def rounded(value: float, bits: int = BITS) -> fmpq:
    """A dyadic number with so many significant bits near a float."""
    mantissa, exponent = np.frexp(value)
    scaled = round(float(mantissa) * 2**bits)
    shift = int(exponent) - bits
    return fmpq(scaled * 2**shift) if shift >= 0 else fmpq(scaled, 2**-shift)
