"""The regions of a canonical problem with parameters, by the first method that treats it.

Convex programs by critical regions, other convex problems by their KKT points in closed form, quadratic programs of any
curvature by the best KKT point. Parameters at which a curvature vanishes are put in, and what is left is answered as a problem of
its own.
"""

from dataclasses import replace
from itertools import combinations

import sympy
from sympy import Eq, Expr, Symbol

from lagrangian.duality.parametric_convex import convex_answer
from lagrangian.duality.parametric_linear import parts_of
from lagrangian.duality.parametric_nonconvex import Outcome, nonconvex_answer
from lagrangian.duality.parametric_reading import read_program
from lagrangian.duality.parametric_regions import (
    ParametricRegion,
    region_of_outcome,
    region_of_part,
    region_of_piece,
    relations_of,
)
from lagrangian.duality.parametric_signs import SignCondition
from lagrangian.duality.parametric_space import (
    Conditions,
    ParameterSpace,
    conditions_of_relations,
    fixed_parameter,
    is_opposite,
    relations_of_conditions,
    sign_bounds,
)
from lagrangian.problem.canonical import CanonicalProblem, Restoration
from lagrangian.status import Status

NOT_FOUND = "no KKT point in closed form was found, nor a contradiction of the constraints"
MANY_PARTS = "whether the regions cover all parameters: too many parts were left over to be examined"
# regions, and what was not proved
Answer = tuple[list[ParametricRegion], list[str]]


def answers(canonical: CanonicalProblem, restoration: Restoration, deadline: float) -> Answer:
    """Regions of all admissible parameters, UNDECIDED ones among them.

    Raises:
        ProblemError: where no parameters satisfy the assumptions.
        TimeoutError: after the deadline, in the seconds of time.monotonic().
    """
    read = read_program(canonical)
    parts = None if isinstance(read, str) else parts_of(read.program, read.admissible, deadline)
    if parts is None or isinstance(read, str):
        return _as_convex_problem(canonical, restoration, deadline)
    found = [region_of_part(part, read.admissible, read.generators, canonical, restoration) for part in parts]
    return _with_reasons([region for region in found if region is not None])


def _with_reasons(regions: list[ParametricRegion]) -> Answer:
    return regions, list(dict.fromkeys(r.reason for r in regions if r.status is Status.UNDECIDED))


def _as_convex_problem(canonical: CanonicalProblem, restoration: Restoration, deadline: float) -> Answer:
    answer = convex_answer(canonical, deadline)
    if isinstance(answer, str):
        return _as_any_program(canonical, restoration, deadline, answer)
    found = [region_of_piece(piece, answer, canonical, restoration) for piece in answer.pieces]
    regions = [region for region in found if region is not None]
    space = ParameterSpace(restoration.problem.assumptions)
    for cell in answer.left or ():
        relations = relations_of(cell.on_its_hull(), answer.admissible, answer.generators, restoration)
        if relations is not None and not space.is_empty(conditions_of_relations(relations)):
            regions.append(ParametricRegion(Status.UNDECIDED, relations, reason=NOT_FOUND))
    regions, missing = _with_reasons(regions)
    missing += [MANY_PARTS] * (answer.left is None)
    if missing:
        others, still_missing = _as_any_program(canonical, restoration, deadline, "")
        return (others, still_missing) if not still_missing else (regions, missing)
    return regions, missing


def _as_any_program(canonical: CanonicalProblem, restoration: Restoration, deadline: float, refusal: str) -> Answer:
    outcomes = nonconvex_answer(canonical, deadline)
    if isinstance(outcomes, str):
        reason = "; and ".join(part for part in (refusal, outcomes) if part)
        return [ParametricRegion(Status.UNDECIDED, (), reason=reason)], [reason]
    regions = []
    for outcome in outcomes:
        put_in = None
        if outcome.status is Status.UNDECIDED:
            put_in = _with_values_put_in(outcome, canonical, restoration, deadline)
        regions += _stated(outcome, canonical, restoration) if put_in is None else put_in
    return _with_reasons(regions)


def _stated(outcome: Outcome, canonical: CanonicalProblem, restoration: Restoration) -> list[ParametricRegion]:
    region = region_of_outcome(outcome, canonical, restoration)
    return [] if region is None else [region]


def _with_values_put_in(
    outcome: Outcome, canonical: CanonicalProblem, restoration: Restoration, deadline: float
) -> list[ParametricRegion] | None:
    """The answer where the conditions leave one value, or some values, of a parameter; None where they do not."""
    fixed = _fixed_parameter(outcome.conditions)
    if fixed is None:
        return None
    symbol, values = fixed
    regions: list[ParametricRegion] = []
    for value in values:
        rest = _put_in(outcome.conditions, symbol, value)
        if rest is not None and not ParameterSpace(canonical.assumptions).is_empty(
            (*rest, *sign_bounds(symbol, value))
        ):
            inner = _restricted(canonical, symbol, value, rest)
            found, _ = answers(inner, restoration, deadline)
            regions += [_where(region, symbol, value, rest, restoration) for region in found]
    return regions


def _fixed_parameter(conditions: Conditions) -> tuple[Symbol, list[Expr]] | None:
    """A parameter that an equation among the conditions gives, with its possible values."""
    if (fixed := fixed_parameter(conditions)) is not None:
        return fixed[0], [fixed[1]]
    closed = [c.expression for c in conditions if not c.strict and len(c.expression.free_symbols) == 1]
    for expression, other in combinations(closed, 2):
        if is_opposite(expression, other):
            (symbol,) = expression.free_symbols
            polynomial = sympy.Poly(expression, symbol)
            roots = polynomial.ground_roots()
            if sum(roots.values()) == polynomial.degree():
                return symbol, sorted(roots)
    return None


def _put_in(conditions: Conditions, symbol: Symbol, value: Expr) -> Conditions | None:
    """What the conditions say of the other parameters; None where they say that the value is none."""
    found = []
    for condition in conditions:
        expression = sympy.expand(condition.expression.xreplace({symbol: value}))
        if not expression.is_number:
            found.append(SignCondition(expression, condition.strict))
        elif expression.is_positive or (condition.strict and expression == 0):
            return None
    return tuple(found)


def _restricted(canonical: CanonicalProblem, symbol: Symbol, value: Expr, rest: Conditions) -> CanonicalProblem:
    change = {symbol: value}
    stated = [relation.xreplace(change) for relation in canonical.assumptions]
    stated += relations_of_conditions([*rest, *sign_bounds(symbol, value)])
    return replace(
        canonical,
        objective=canonical.objective.xreplace(change),
        inequalities=tuple(replace(g, expression=g.expression.xreplace(change)) for g in canonical.inequalities),
        equalities=tuple(replace(h, expression=h.expression.xreplace(change)) for h in canonical.equalities),
        parameters=tuple(p for p in canonical.parameters if p != symbol),
        assumptions=tuple(relation for relation in stated if relation not in (sympy.true, sympy.false)),
    )


def _where(
    region: ParametricRegion, symbol: Symbol, value: Expr, rest: Conditions, restoration: Restoration
) -> ParametricRegion:
    """The region with the value of the parameter among its relations."""
    mine, fixed = restoration.expression(symbol), restoration.expression(value)
    stated = [restoration.expression(relation) for relation in relations_of_conditions(rest)]
    relations = dict.fromkeys((Eq(mine, fixed), *region.relations, *stated))
    least = None if region.value is None else sympy.expand(region.value.xreplace({mine: fixed}))
    return replace(region, relations=tuple(relations), value=least)
