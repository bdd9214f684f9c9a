"""Infima over variables that occur together: linear, quadratic, by conjugates, on an interval, or over finitely many points."""

from dataclasses import dataclass
from itertools import product
from math import prod

import sympy
from sympy import Expr, Integer, Min, Symbol
from sympy.core.relational import Relational

from lagrangian.algebra.signs import is_nonnegative, is_positive, is_zero
from lagrangian.conditions.domains import is_defined
from lagrangian.duality import conjugates
from lagrangian.duality.conjugates import Conjugate
from lagrangian.duality.dual_atoms import Atom, NotInTable
from lagrangian.duality.dual_box import box_infimum
from lagrangian.duality.dual_inner import WHOLE, Inner
from lagrangian.duality.dual_intervals import infimum_on_interval
from lagrangian.duality.dual_line import line_infimum
from lagrangian.duality.dual_pieces import Piece, found, nonnegative, piece, positive, together, zero
from lagrangian.duality.dual_quadratic import quadratic_infimum
from lagrangian.duality.dual_quartic import REASON as QUARTIC
from lagrangian.duality.dual_quartic import quartic_infimum
from lagrangian.logic import all3

MOST_POINTS = 512
# functions that are defined, or restricted, to arguments >= 0
ON_ORTHANT = (
    conjugates.NEGATIVE_LOG, conjugates.ENTROPY, conjugates.POWER_ABOVE_ONE, conjugates.POWER_BELOW_ONE,
    conjugates.NEGATIVE_POWER, conjugates.GEOMETRIC_MEAN, conjugates.RECIPROCAL_PRODUCT, conjugates.POWER_OVER_PRODUCT,
)  # fmt: skip


class Dependent(NotInTable):
    """The arguments of the functions cannot be chosen one by one: new variables for them can."""


@dataclass(frozen=True, slots=True)
class Block:
    """The infimum of ``function`` over ``variables``, which occur in nothing else, with the reason.

    ``dense`` says that the first piece holds on a dense part of the set where the infimum is finite, if it holds anywhere: as the
    infimum is concave and closed, its supremum is that over the first piece.
    """

    variables: tuple[Symbol, ...]
    function: Expr
    pieces: tuple[Piece, ...]
    reason: str
    dense: bool = True

    @property
    def is_on_line(self) -> bool:
        """Whether the infimum is over all numbers, whatever parts of them some functions are restricted to elsewhere."""
        return self.reason == QUARTIC


def block(inner: Inner) -> Block:
    """The infimum of one part of the inner problem.

    Raises:
        NotInTable: where no closed form is known; Dependent where new variables for the arguments may help.
    """
    pieces, reason, dense = _infimum(inner)
    return Block(inner.variables, inner.expression, pieces, reason, dense)


def _infimum(inner: Inner) -> tuple[tuple[Piece, ...], str, bool]:
    """By the table where it says something, else by the stationary points, where those are known in closed form."""
    if inner.integers and not _is_linear_in_one(inner):
        return over_points(inner)
    try:
        return _by_table(inner)
    except NotInTable:
        for other in (quartic_infimum, line_infimum, box_infimum):
            answer = other(inner)
            if answer is not None:
                return answer
        raise


def _by_table(inner: Inner) -> tuple[tuple[Piece, ...], str, bool]:
    unknown = [atom.expression for atom in inner.weights if not atom.is_in_table]
    if unknown:
        raise NotInTable(
            f"{unknown[0]} is not a function whose conjugate is known on the set where the problem is stated, "
            "and no stationary points in closed form decide the infimum"
        )
    composed = [atom.expression for atom in inner.weights if atom.is_composed]
    if composed:
        raise Dependent(f"{composed[0]} is composed of convex functions that have no conjugate in closed form together")
    if inner.has_bounds and not _bounds_are_implied(inner):
        if len(inner.variables) > 1:
            raise Dependent(f"the bounds of {', '.join(map(str, inner.variables))} are kept, which occur together")
        return infimum_on_interval(inner, weighted)
    if not inner.weights:
        return _quadratic(inner)
    if any(entry != 0 for entry in inner.hessian):
        raise Dependent(f"{inner.expression} has no closed form: quadratic and other terms share variables")
    return _by_conjugates(inner)


def _is_linear_in_one(inner: Inner) -> bool:
    return len(inner.variables) == 1 and not inner.weights and inner.hessian[0, 0] == 0


def _bounds_are_implied(inner: Inner) -> bool:
    """Whether the bounds say no more than the functions' own domains: x >= 0 for log(x)."""
    for v in inner.variables:
        low, high = inner.intervals.get(v, WHOLE)
        if high is not None:
            return False
        if low is not None and not any(_starts_at(atom, v, low) for atom in inner.weights):
            return False
    return True


def _starts_at(atom: Atom, variable: Symbol, low: Expr) -> bool:
    return (
        not atom.is_composed
        and atom.conjugate in ON_ORTHANT
        and any(
            is_positive(sympy.diff(u, variable)) is True
            and u.free_symbols >= {variable}
            and is_nonnegative(-sympy.expand(u.xreplace({variable: low}))) is True
            for u in atom.arguments
        )
    )


def _quadratic(inner: Inner) -> tuple[tuple[Piece, ...], str, bool]:
    pieces = quadratic_infimum(inner.hessian, inner.slopes, inner.assumptions)
    if all(entry == 0 for entry in inner.hessian):
        return pieces, "linear: its coefficients must be zero", True
    return pieces, "quadratic: finite where the Hessian is positive semidefinite and the slopes lie in its range", True


def weighted(atom: Atom, weight: Expr, slopes: list[Expr], assumptions: tuple[Relational, ...]) -> tuple[Piece, ...]:
    """The infimum of weight * phi(y) + slopes y for a weight of any sign."""
    conjugate: Conjugate = atom.conjugate
    if is_nonnegative(weight, assumptions) is True:
        return conjugate.infimum(weight, slopes, atom.parameters)
    above = [
        together(p, Piece(Integer(0), (nonnegative(weight),)))
        for p in conjugate.infimum(weight, slopes, atom.parameters)
    ]
    concave = () if conjugate.below is None else conjugate.below(weight, slopes, atom.parameters)
    below = [together(p, Piece(Integer(0), (positive(-weight),))) for p in concave]
    return found(*above, *below)


def _by_conjugates(inner: Inner) -> tuple[tuple[Piece, ...], str, bool]:
    """With y = A x + b for independent rows, slopes c = A'z and sum(w phi(y)) + c x = sum(w phi(y) + z y) - z b."""
    variables = list(inner.variables)
    origin = dict.fromkeys(variables, Integer(0))
    arguments = [argument for atom in inner.weights for argument in atom.arguments]
    rows = sympy.Matrix([[sympy.diff(u, v) for v in variables] for u in arguments])
    columns = rows.rref(iszerofunc=lambda entry: is_zero(entry) is True)[1]
    if len(columns) < rows.rows or is_zero(rows.extract(list(range(rows.rows)), list(columns)).det()) is not False:
        raise Dependent(f"{inner.expression} has no closed form: the arguments of its functions depend on each other")
    slopes = sympy.Matrix(inner.slopes)
    chosen = rows.extract(list(range(rows.rows)), list(columns)).T
    z = (chosen.inv() * slopes.extract(list(columns), [0])).applyfunc(sympy.expand)
    rest = [sympy.expand(slopes[i] - (rows[:, i].T * z)[0, 0]) for i in range(len(variables)) if i not in columns]
    offset = sympy.expand(-sum(z[k] * u.xreplace(origin) for k, u in enumerate(arguments)))
    pieces = found(piece(offset, map(zero, rest), inner.assumptions))
    place, lines = 0, []
    for atom, weight in inner.weights.items():
        own = [z[place + k] for k in range(len(atom.arguments))]
        place += len(own)
        parts = weighted(atom, weight, own, inner.assumptions)
        pieces = found(*(together(p, q, inner.assumptions) for p in pieces for q in parts))
        lines.append(_in_words(atom, weight, own))
    dense = all(
        atom.conjugate.below is None or is_nonnegative(weight, inner.assumptions) is True
        for atom, weight in inner.weights.items()
    )
    return pieces, "by conjugates: " + "; ".join(lines), dense


def _in_words(atom: Atom, weight: Expr, slopes: list[Expr]) -> str:
    places = ", ".join(map(str, atom.arguments))
    z = ", ".join(map(str, slopes))
    return f"{atom.conjugate.name} at y = ({places}) with w = {weight} and z = ({z}), {atom.conjugate.rule}"


def over_points(inner: Inner, kept: tuple[Relational, ...] = ()) -> tuple[tuple[Piece, ...], str, bool]:
    """The least of the values at finitely many integer points, all those that satisfy the relations kept."""
    ranges = [_values(inner, v) for v in inner.variables]
    if prod(map(len, ranges)) > MOST_POINTS:
        raise NotInTable(f"there are more than {MOST_POINTS} integer points for {', '.join(map(str, inner.variables))}")
    points = [dict(zip(inner.variables, values, strict=True)) for values in product(*ranges)]
    inside = [p for p in points if all(_holds_at(r, p) for r in kept) and all(_is_inside(a, p) for a in inner.weights)]
    if not inside:
        raise NotInTable("no integer point satisfies the constraints that are kept")
    values = [sympy.expand(inner.expression.xreplace(point)) for point in inside]
    return found(piece(Min(*values), [])), f"the least value at {len(inside)} integer points", True


def _is_inside(atom: Atom, point: dict[Symbol, Expr]) -> bool:
    truth = all3([is_defined(atom.expression, point), *(is_nonnegative(u.xreplace(point)) for u in atom.region)])
    if truth is None:
        raise NotInTable(f"whether {atom.expression} is defined at {point} is not decided")
    return truth


def _values(inner: Inner, variable: Symbol) -> list[Expr]:
    low, high = inner.intervals.get(variable, WHOLE)
    if variable not in inner.integers or low is None or high is None or not (low.is_number and high.is_number):
        raise NotInTable(f"{variable} takes infinitely many values, and the infimum over them has no closed form")
    return [Integer(value) for value in range(int(sympy.ceiling(low)), int(sympy.floor(high)) + 1)]


def _holds_at(relation: Relational, point: dict[Symbol, Expr]) -> bool:
    truth = relation.xreplace(point)
    if truth not in (sympy.true, sympy.false):
        raise NotInTable(f"{relation} is not decided at {point}")
    return bool(truth)
