"""Regions of parameters with the answer on each, in the symbols, the sense and the signs of the problem as stated."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import sympy
from flint import fmpq_mat
from sympy import Dummy, Eq, Expr, Ge, Gt, Le, Lt, Symbol
from sympy.core.relational import Relational

from lagrangian.algebra.signs import is_zero
from lagrangian.duality.parametric_convex import ConvexAnswer, ConvexPiece
from lagrangian.duality.parametric_linear import Part
from lagrangian.duality.parametric_nonconvex import Outcome
from lagrangian.duality.parametric_points import ParametricPoint, simplest
from lagrangian.duality.parametric_polyhedra import Condition, needed
from lagrangian.duality.parametric_reading import Generators
from lagrangian.duality.parametric_sets import ParameterSet
from lagrangian.duality.parametric_space import relations_of_conditions
from lagrangian.logic import Truth
from lagrangian.problem.canonical import CanonicalProblem, Restoration
from lagrangian.shown import Shown
from lagrangian.status import Status


@dataclass(frozen=True, eq=False)
class ParametricRegion(Shown):
    """Relations in the parameters, and the answer where they hold.

    ``value`` is the optimum, for NOT_ATTAINED the infimum or supremum, None where there is none. ``multipliers`` are keyed by
    the constraint as stated, in the textbook's signs; ``shadow_prices`` are those in the interior of the region, where the
    value has them; empty where these are not unique. ``active_set``
    are the inequalities that hold with equality throughout the region; on its boundary more may. ``is_unique`` says whether the
    point is the only optimum in the interior of the region. ``reason`` says why the answer is right, or what is missing.
    """

    status: Status
    relations: tuple[Relational, ...]
    value: Expr | None = None
    point: dict[Symbol, Expr] | None = None
    multipliers: dict[Relational, Expr] | None = None
    shadow_prices: dict[Relational, Expr] | None = None
    active_set: tuple[Relational, ...] = ()
    is_unique: Truth = None
    reason: str = ""

    @property
    def condition(self) -> sympy.Basic:
        """The conjunction of the relations."""
        return sympy.And(*self.relations)


REASONS = {
    Status.INFEASIBLE: "a sum of the constraints with weights of the right signs is a contradiction (Farkas)",
    Status.UNBOUNDED: "there are feasible points, and a direction in which constraints go on to hold and the objective improves",
    Status.OPTIMAL: "the problem is convex, and the point satisfies the KKT conditions with these multipliers",
    Status.NOT_ATTAINED: "every optimum over the closure breaks a strict inequality",
    Status.UNDECIDED: "the value is the infimum or supremum; whether a point attains it where strict inequalities hold is open",
}

BEST_OF_ALL = "some optimum is attained, and the point has the least value in a complete list of KKT points"


def region_of_part(
    part: Part, admissible: ParameterSet, generators: Generators, canonical: CanonicalProblem, restoration: Restoration
) -> ParametricRegion | None:
    """The region that a part describes; None where its relations contradict what SymPy knows of the parameters."""
    relations = relations_of(part.parameters, admissible, generators, restoration)
    if relations is None:
        return None
    if part.optimizer is None:
        return ParametricRegion(part.status, relations, reason=REASONS[part.status])
    assert part.inequality_multipliers is not None and part.equality_multipliers is not None
    values = _expressions(part.optimizer, generators, restoration)
    # the variables as stated come first, those in place of kinks after them
    point = dict(zip(restoration.problem.over, values, strict=False))
    mu = _expressions(part.inequality_multipliers, generators, restoration)
    lam = _expressions(part.equality_multipliers, generators, restoration)
    multipliers, prices = signed_multipliers(canonical, restoration, mu, lam)
    return ParametricRegion(
        part.status,
        relations,
        shortest(_value_at(values, canonical, restoration)),
        point,
        multipliers if part.status is Status.OPTIMAL else {},
        prices if part.status is Status.OPTIMAL and has_independent_gradients(canonical, part.active) else {},
        tuple(canonical.inequalities[i].stated for i in part.active),
        part.is_unique,
        REASONS[part.status],
    )


def relations_of(
    parameters: ParameterSet, admissible: ParameterSet, generators: Generators, restoration: Restoration
) -> tuple[Relational, ...] | None:
    """The relations of a set that the admissible parameters do not satisfy anyhow."""
    equations = [e.row for e in parameters.equations if any(value != 0 for value in admissible.reduced(e.row))]
    given = ParameterSet(parameters.count, (), parameters.equations).where(admissible.conditions)
    conditions = needed(parameters.conditions, given.conditions, parameters.count)
    found = [generators.relation(row, Eq) for row in equations]
    found += [generators.relation(c.row, Lt if c.strict else Le) for c in _without_implied(conditions, admissible)]
    stated = [restoration.expression(relation) for relation in found]
    if any(relation == sympy.false for relation in stated):
        return None
    return tuple(relation for relation in stated if relation != sympy.true)


def _without_implied(conditions: list[Condition], admissible: ParameterSet) -> list[Condition]:
    return needed(conditions, admissible.conditions, admissible.count)


def _expressions(matrix: fmpq_mat, generators: Generators, restoration: Restoration) -> list[Expr]:
    return [restoration.expression(generators.expression(row)) for row in matrix.tolist()]


def signed_multipliers(
    canonical: CanonicalProblem, restoration: Restoration, mu: list[Expr], lam: list[Expr]
) -> tuple[dict[Relational, Expr], dict[Relational, Expr]]:
    """The multipliers in the textbook's signs, and the shadow prices, by the constraints as stated."""
    stated = [*(g.stated for g in canonical.inequalities), *(h.stated for h in canonical.equalities)]
    values = list(zip(stated, (*mu, *lam), strict=True))
    return (
        {relation: restoration.textbook_multiplier(relation, value) for relation, value in values},
        {relation: restoration.shadow_price(relation, value) for relation, value in values},
    )


def has_independent_gradients(canonical: CanonicalProblem, active: tuple[int, ...]) -> bool:
    """LICQ, for affine constraints with numbers as coefficients."""
    held = [canonical.inequalities[i].expression for i in active] + [h.expression for h in canonical.equalities]
    return sympy.Matrix(len(held), len(canonical.variables), _slope(held, canonical)).rank() == len(held)


def _slope(held: list[Expr], canonical: CanonicalProblem) -> list[Expr]:
    return [sympy.diff(expression, variable) for expression in held for variable in canonical.variables]


def shortest(expression: Expr) -> Expr:
    """The shortest of the forms that multiplying out and factoring give."""
    expanded = sympy.expand(expression)
    return min(expanded, sympy.factor(expanded), key=sympy.count_ops)


def region_of_piece(
    piece: ConvexPiece, answer: ConvexAnswer, canonical: CanonicalProblem, restoration: Restoration
) -> ParametricRegion | None:
    """The region that a piece of a convex problem's answer describes; None where its relations contradict each other."""
    relations = relations_of(piece.parameters, answer.admissible, answer.generators, restoration)
    if relations is None:
        return None
    if piece.point is None:
        return ParametricRegion(Status.INFEASIBLE, relations, reason=REASONS[Status.INFEASIBLE])
    return _region_at(piece.point, relations, Status.OPTIMAL, canonical, restoration)


def region_of_outcome(
    outcome: Outcome, canonical: CanonicalProblem, restoration: Restoration
) -> ParametricRegion | None:
    """The region of an outcome of a problem that is not convex; None where its relations contradict each other."""
    stated = [restoration.expression(relation) for relation in relations_of_conditions(outcome.conditions)]
    if any(relation == sympy.false for relation in stated):
        return None
    relations = tuple(relation for relation in stated if relation != sympy.true)
    if outcome.best is None:
        return ParametricRegion(outcome.status, relations, reason=outcome.reason or REASONS[outcome.status])
    found = _region_at(outcome.best.answer, relations, outcome.status, canonical, restoration)
    attained = outcome.status is Status.OPTIMAL
    return replace(
        found,
        multipliers=found.multipliers if attained else {},
        shadow_prices={},
        reason=BEST_OF_ALL if attained else REASONS[outcome.status],
    )


def _region_at(
    found: ParametricPoint,
    relations: tuple[Relational, ...],
    status: Status,
    canonical: CanonicalProblem,
    restoration: Restoration,
) -> ParametricRegion:
    """A region with the KKT point that is the optimum in it."""
    values, mu, lam = (
        [_simplest_where(relations, restoration.expression(value)) for value in listed]
        for listed in (found.point.values(), found.inequality_multipliers, found.equality_multipliers)
    )
    point = dict(zip(restoration.problem.over, values, strict=False))
    multipliers, prices = signed_multipliers(canonical, restoration, mu, lam)
    slack = [is_zero(g.expression.xreplace(found.point)) for g in canonical.inequalities]
    active = tuple(i for i, truth in enumerate(slack) if truth or i in found.active)
    return ParametricRegion(
        status,
        relations,
        _simplest_where(relations, _value_at(values, canonical, restoration)),
        point,
        multipliers,
        prices if active == found.active else {},
        tuple(canonical.inequalities[i].stated for i in active),
        None,
        REASONS[status],
    )


def _value_at(values: list[Expr], canonical: CanonicalProblem, restoration: Restoration) -> Expr:
    """The stated objective at an optimizer; the canonical one, because its kinks are variables there."""
    objective = restoration.expression(restoration.value(canonical.objective))
    variables = [restoration.expression(variable) for variable in canonical.variables]
    return objective.xreplace(dict(zip(variables, values, strict=True)))


def _simplest_where(relations: Iterable[Relational], value: Expr) -> Expr:
    """`simplest` with the parameters positive that the relations say to be."""
    positive = {
        relation.lhs: Dummy(relation.lhs.name, positive=True)
        for relation in relations
        if relation.lhs.is_Symbol and isinstance(relation, Gt | Ge) and relation.rhs.is_nonnegative
        if isinstance(relation, Gt) or relation.rhs.is_positive
    }
    return simplest(value.xreplace(positive)).xreplace({new: stated for stated, new in positive.items()})
