"""The answer to a sum of parts, put together from the answers to the parts."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from math import prod

import sympy
from sympy import Eq, Expr, Symbol
from sympy.core.relational import Relational

from lagrangian.problem.canonical import Restoration
from lagrangian.proof.separable import SeparableCertificate
from lagrangian.restore_line import STATUS
from lagrangian.solution import ExactNumber, Solution, SolutionFamily
from lagrangian.status import Status

MOST_POINTS = 64
# one optimum, or a family of them: what is said of it, its dimension and a sample
Piece = tuple[tuple[Relational, ...], int, dict[Symbol, Expr]]


def restore_parts(
    solution: Solution, parts: Sequence[Solution], certificate: SeparableCertificate, restoration: Restoration
) -> Solution:
    """All combinations of the parts' optima; a combination with a family is a family."""
    known = replace(
        solution, optimum=None, coordinates=(), families=(), multipliers={}, shadow_prices={}, certificate=certificate
    )
    known = replace(known, status=STATUS[certificate.claim], missing=())
    if certificate.value is None:
        return known
    value = restoration.value(certificate.value)
    known = replace(known, optimum=ExactNumber(value))
    if known.status is not Status.OPTIMAL:
        return known
    names = dict(zip(restoration.variables, restoration.problem.over, strict=True))
    points, families = [], []
    choices = [_pieces(part) for part in parts]
    for _, pieces in zip(range(MOST_POINTS), product(*choices), strict=False):
        sample = {names[v]: x for _, _, own in pieces for v, x in own.items()}
        ordered = {v: sample[v] for v in restoration.problem.over}
        if all(not said for said, _, _ in pieces):
            points.append({v: ExactNumber(x) for v, x in ordered.items()})
            continue
        relations = [relation for piece in pieces for relation in _relations(piece)]
        stated = tuple(relation.xreplace(names) for relation in relations)
        families.append(SolutionFamily(stated, sum(size for _, size, _ in pieces), value, ordered))
    missing = dict.fromkeys(said for part in parts for said in part.missing)
    if (count := prod(map(len, choices))) > MOST_POINTS:
        missing[
            f"other points with the same value: {MOST_POINTS} of {count} combinations of the parts' optima are listed"
        ] = None
    return replace(known, coordinates=tuple(points), families=tuple(families), missing=tuple(missing))


def _pieces(part: Solution) -> list[Piece]:
    single: list[Piece] = [((), 0, point) for point in part.points]
    return [*single, *((f.equations or (sympy.true,), f.dimension, f.sample) for f in part.families)]


def _relations(piece: Piece) -> list[Relational]:
    said, _, sample = piece
    if not said:
        return [Eq(v, x, evaluate=False) for v, x in sample.items()]
    return [relation for relation in said if isinstance(relation, Relational)]
