"""Whether regions of parameters cover the admissible ones and overlap only on boundaries, from their relations alone.

The relations are affine in finitely many terms of the parameters. In the space of these terms what is left of the admissible set
is taken apart: cell minus {r_1, ..., r_k} is the union of cell, r_1, ..., r_(j-1), not r_j. If all that is left is empty, the
regions cover, and more than the parameters alone: a cover of all values of the terms is one of those that parameters give them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import sympy
from flint import arb_mat
from sympy.core.relational import Relational

from lagrangian.algebra.balls import enclose
from lagrangian.duality.parametric_contradictions import contradict
from lagrangian.duality.parametric_polyhedra import Condition, has_interior, is_empty
from lagrangian.duality.parametric_reading import Generators, admissible_parameters, conditions_of
from lagrangian.duality.parametric_sets import ParameterSet
from lagrangian.logic import Truth
from lagrangian.problem.problem import Problem

# with terms that are no parameters many cells may be left that no parameters belong to
MOST_CELLS, MOST_LIFTED_CELLS = 5000, 200
NOT_ANALYTIC = (sympy.Abs, sympy.Max, sympy.Min, sympy.sign)


@dataclass(frozen=True, slots=True)
class Cover:
    """Three-valued: whether nothing is left out, whether interiors are disjoint."""

    is_complete: Truth
    overlaps_only_on_boundaries: Truth


def cover_of(regions: Sequence[tuple[Relational, ...]], problem: Problem) -> Cover:
    """Decide both; False only where the relations are affine in the parameters themselves.

    >>> from sympy import symbols
    >>> x, b = symbols("x b", real=True)
    >>> problem = Problem(b * x, over=[x])
    >>> cover_of([(b <= 1,), (b >= 1,)], problem)
    Cover(is_complete=True, overlaps_only_on_boundaries=True)
    >>> cover_of([(b < 1,), (b > 1,)], problem).is_complete
    False
    """
    generators = Generators(list(problem.parameters))
    for relation in (relation for relations in regions for relation in relations):
        generators.coefficients(relation.lhs - relation.rhs)
    admissible = admissible_parameters(problem.assumptions, generators)
    is_lifted = len(generators.terms) > len(problem.parameters)
    read = [[_on(admissible, c) for r in relations for c in conditions_of(r, generators)] for relations in regions]
    return Cover(
        _is_complete(read, admissible, generators, is_lifted), _is_disjoint(read, admissible, generators, is_lifted)
    )


def _on(admissible: ParameterSet, condition: Condition) -> Condition:
    return Condition(admissible.reduced(condition.row), condition.strict)


def _is_complete(
    regions: list[list[Condition]], admissible: ParameterSet, generators: Generators, is_lifted: bool
) -> Truth:
    cells = [list(admissible.conditions)]
    for region in regions:
        cells = [piece for cell in cells for piece in _left(cell, region, admissible.count)]
        if len(cells) > (MOST_LIFTED_CELLS if is_lifted else MOST_CELLS):
            return None
    if is_lifted:
        cells = [cell for cell in cells if not contradict(cell, generators)]
    if not cells:
        return True
    return None if is_lifted else False


def _left(cell: list[Condition], region: list[Condition], count: int) -> list[list[Condition]]:
    if is_empty([*cell, *region], count):
        return [cell]
    pieces, inside = [], list(cell)
    for condition in region:
        piece = [*inside, condition.negation]
        if not is_empty(piece, count):
            pieces.append(piece)
        inside.append(condition)
    return pieces


def _is_disjoint(
    regions: list[list[Condition]], admissible: ParameterSet, generators: Generators, is_lifted: bool
) -> Truth:
    """In the space of terms disjoint interiors are separated by a hyperplane, which no open set of parameters is mapped into.

    This needs terms that are linearly independent as functions, which different monomials are.
    """
    given, count = admissible.conditions, admissible.count
    if any(has_interior([*given, *a, *b], count) for a, b in combinations(regions, 2)):
        return None if is_lifted else False
    return True if not is_lifted or _are_independent(generators.terms) else None


def _are_independent(terms: Sequence[sympy.Expr]) -> bool:
    """Whether no sum of the terms and 1 with rational weights, not all zero, vanishes on an open set of parameters.

    Different monomials, also with the roots of square-free numbers as factors (Besicovitch 1940), are independent; other terms if
    the matrix of their values at some points is regular.
    """
    return all(_is_monomial(term) for term in terms) or _is_regular_somewhere([*terms, sympy.S.One])


def _is_monomial(term: sympy.Expr) -> bool:
    return all(
        exponent.is_Rational and (base.is_Symbol or (base.is_Integer and exponent == sympy.Rational(1, 2)))
        for base, exponent in term.as_powers_dict().items()
    )


def _is_regular_somewhere(terms: Sequence[sympy.Expr]) -> bool:
    if any(term.has(*NOT_ANALYTIC) for term in terms):
        return False
    symbols = sorted(set().union(*(term.free_symbols for term in terms)), key=str)
    entries = [
        enclose(term.xreplace({s: sympy.Rational(2 + (7 * k + 5 * j) % 31, 3 + k) for j, s in enumerate(symbols)}))
        for k in range(len(terms))
        for term in terms
    ]
    if any(entry is None for entry in entries):
        return False
    return not arb_mat(len(terms), len(terms), entries).det().contains(0)
