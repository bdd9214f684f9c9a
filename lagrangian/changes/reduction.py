"""All changes of variables of a problem together: the reduced problem, and what its functions are to the stated ones."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import sympy
from sympy import Eq, Expr, Symbol
from sympy.core.relational import Relational

from lagrangian.changes.angles import angle_change
from lagrangian.changes.change import Change, NotChangeableError
from lagrangian.changes.exponentials import exponential_change, logarithmic_change
from lagrangian.changes.scaling import common_factor, powers_joined, scale_changes
from lagrangian.problem.bounds import bound_of, signed_symbols
from lagrangian.problem.canonical import CanonicalProblem, Equality, Inequality, side_sign
from lagrangian.problem.canonicalization import canonicalize
from lagrangian.problem.guards import are_kept, guards
from lagrangian.problem.problem import Problem


@dataclass(frozen=True, eq=False)
class Reduction:
    """F = scale F' + offset with scale > 0, and constraints that hold at the same points.

    ``problem`` is the reduced one, in ``over`` of which points are given. ``counterparts`` lists for every inequality and then
    every equality of the canonical problem its relation in the reduced one and the positive ratio of its expression to that
    one's: (None, None) where the change has made it part of a condition, or dropped it; no ratio where it has another form.
    """

    problem: Problem
    changes: tuple[Change, ...]
    scale: Expr
    offset: Expr
    counterparts: tuple[tuple[Relational | None, Expr | None], ...]

    @property
    def canonical(self) -> CanonicalProblem:
        return canonicalize(self.problem)[0]


def _is_defined_alike(canonical: CanonicalProblem, reduced: Reduction) -> bool:
    """Whether each function is undefined in the new variables where the stated one is: sin(2 x) / sin(x) is not 2 cos(x)."""
    signed = signed_symbols(reduced.canonical)
    relations = [relation for relation, _ in reduced.counterparts]
    stated: list[Inequality | Equality] = [*canonical.inequalities, *canonical.equalities]
    pairs = [(canonical.objective, reduced.problem.objective)]
    pairs += [(c.expression, r.lhs - r.rhs) for c, r in zip(stated, relations, strict=True) if r is not None]
    for old, new in pairs:
        rewritten = frozenset(replace(guard, of=_in_new(guard.of, reduced.changes)) for guard in guards(old))
        if not (are_kept(rewritten, guards(new), signed) and are_kept(guards(new), rewritten, signed)):
            return False
    return True


def _in_new(expression: Expr, changes: Sequence[Change]) -> Expr:
    for change in changes:
        expression = change.rewritten(expression)
    return expression


@dataclass
class _Current:
    """The problem after some changes; ``origin`` is the place of an inequality among the first ones, None for a condition."""

    problem: CanonicalProblem
    origin: list[int | None]
    kept_form: set[int]


def reduction(canonical: CanonicalProblem) -> Reduction | None:
    """The problem after all changes of variables that apply, without constants that are mere factors; None if nothing changes.

    >>> x = Symbol("x", real=True)
    >>> problem = CanonicalProblem(sympy.exp(2 * x) - 4 * sympy.exp(x), (), (), (x,), (), (), frozenset())
    >>> reduction(problem).problem.objective
    exp_x**2 - 4*exp_x
    """
    if canonical.parameters or canonical.integers:
        return None
    count = len(canonical.inequalities)
    current = _Current(canonical, list(range(count)), set(range(count)))
    changes: list[Change] = []
    try:
        for variable in canonical.variables:
            for kind in (exponential_change, logarithmic_change, angle_change):
                change = kind(current.problem, variable)
                if change is not None:
                    current = _changed(current, change)
                    changes.append(change)
                    break
        for scaling in scale_changes(current.problem):
            current = _changed(current, scaling)
            changes.append(scaling)
    except NotChangeableError:
        return None
    stated = _stated(current, tuple(changes), canonical)
    if not _is_defined_alike(canonical, stated):
        return None
    factors = {stated.scale, *(factor for _, factor in stated.counterparts)}
    return stated if changes or factors - {None, sympy.Integer(1)} else None


def _changed(current: _Current, change: Change) -> _Current:
    problem, origin, inequalities = current.problem, [], []
    taken = [symbol for symbol in change.new if symbol in problem.variables]
    if taken:
        raise NotChangeableError(f"the name {taken[0]} is taken")
    kept_form = set(current.kept_form)
    for place, g in zip(current.origin, problem.inequalities, strict=True):
        bound = bound_of(g.expression, problem.variables)
        if bound is None or bound[0] != change.old:
            inequalities.append(Inequality(change.rewritten(g.expression), g.stated, g.strict))
            origin.append(place)
            continue
        relation = change.bound(bound[1], is_upper=bound[2], strict=g.strict)
        if place is not None:
            kept_form.discard(place)
        if relation is not None:
            inequalities.append(inequality_of(relation))
            origin.append(place)
    equalities = [Equality(change.rewritten(h.expression), h.stated) for h in problem.equalities]
    for condition in change.conditions():
        if isinstance(condition, Eq):
            equalities.append(Equality(condition.lhs - condition.rhs, condition))
        else:
            inequalities.append(inequality_of(condition))
            origin.append(None)
    place_of_old = problem.variables.index(change.old)
    variables = (*problem.variables[:place_of_old], *change.new, *problem.variables[place_of_old + 1 :])
    changed = CanonicalProblem(
        change.rewritten(problem.objective), tuple(inequalities), tuple(equalities), variables, (), (), frozenset()
    )
    return _Current(changed, origin, kept_form)


def inequality_of(relation: Relational) -> Inequality:
    """The relation as g <= 0 or g < 0."""
    strict = isinstance(relation, sympy.core.relational.StrictGreaterThan | sympy.core.relational.StrictLessThan)
    return Inequality(side_sign(relation) * (relation.lhs - relation.rhs), relation, strict)


def _stated(current: _Current, changes: tuple[Change, ...], canonical: CanonicalProblem) -> Reduction:
    """The reduced problem as a statement of its own, each function divided by its common constants."""
    reduced = current.problem
    offset, varying = sympy.expand(reduced.objective).as_independent(*reduced.variables, as_Add=True)
    scale = common_factor(varying, reduced.variables)
    objective = powers_joined(varying / scale)
    relations: dict[int, tuple[Relational | None, Expr | None]] = {}
    constraints: list[Relational] = []
    for place, g in zip(current.origin, reduced.inequalities, strict=True):
        relation, factor = _relation(g.expression, reduced.variables, "<" if g.strict else "<=")
        constraints.append(relation)
        if place is not None:
            relations[place] = (relation, factor if place in current.kept_form else None)
    count = len(canonical.inequalities)
    for place, h in enumerate(reduced.equalities):
        relation, factor = _relation(h.expression, reduced.variables, "=")
        constraints.append(relation)
        if place < len(canonical.equalities):
            relations[count + place] = (relation, factor)
    counterparts = tuple(relations.get(i, (None, None)) for i in range(count + len(canonical.equalities)))
    problem = Problem(objective, constraints, over=reduced.variables)
    return Reduction(problem, changes, scale, offset, counterparts)


def _relation(expression: Expr, variables: tuple[Symbol, ...], kind: str) -> tuple[Relational, Expr]:
    factor = common_factor(expression, variables)
    build = {"<": sympy.Lt, "<=": sympy.Le, "=": Eq}[kind]
    left = expression if factor == 1 else powers_joined(expression / factor)
    return build(left, 0, evaluate=False), factor
