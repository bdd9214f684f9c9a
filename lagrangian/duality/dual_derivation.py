"""From a problem to its dual function: which constraints get multipliers, and the inner problem that is left."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import sympy
from sympy import Eq, Expr, Ge, Gt, Integer, Le, Lt, Symbol
from sympy.core.relational import Relational

from lagrangian.algebra.signs import is_nonnegative, is_positive
from lagrangian.conditions.convexity import Curvature, Setting, curvature, setting_of, solve_affine_equalities
from lagrangian.conditions.lagrange import Convention, Lagrangian, Term, lagrangian_of
from lagrangian.duality.dual_atoms import Atom, Decomposition, NotInTable
from lagrangian.duality.dual_blocks import Block, Dependent, block, over_points
from lagrangian.duality.dual_function import DualFunction
from lagrangian.duality.dual_inner import WHOLE, Inner, Interval
from lagrangian.duality.dual_pieces import Piece
from lagrangian.duality.dual_terms import decompose
from lagrangian.errors import ProblemError
from lagrangian.problem.bounds import bound_of
from lagrangian.problem.problem import Problem


@dataclass(frozen=True)
class _Found:
    """Infima of the parts, the constant beside them, and the new variables: multiplier, and the relation to what it stands for.

    ``region`` are the functions that are restricted to be >= 0.
    """

    blocks: tuple[Block, ...]
    constant: Expr
    region: tuple[Expr, ...] = ()
    introduced: tuple[tuple[Symbol, Relational], ...] = ()

    def plus(self, other: "_Found") -> "_Found":
        return _Found(
            (*self.blocks, *other.blocks),
            self.constant + other.constant,
            (*self.region, *other.region),
            (*self.introduced, *other.introduced),
        )


def dual_function(problem: Problem, relax: Iterable[Any] | None = None) -> DualFunction:
    """The dual function of a problem.

    Args:
        problem: any problem; where no closed form is found the answer says why.
        relax: the constraints that get multipliers. Without it these are all but the strict signs that the symbols' assumptions
            imply and the bounds of integers. The others stay in the inner problem: bounds, affine equations, or anything where
            finitely many integer points are left.

    Raises:
        ProblemError: for a constraint that the problem does not have.

    >>> from sympy import Eq, exp, symbols
    >>> x, y = symbols("x y")
    >>> dual_function(Problem(exp(x) + y**2, [Eq(x + y, 1)], over=[x, y])).pieces[0]
    Piece(value=-lambda**2/4 - lambda*log(lambda) + 2*lambda, conditions=(lambda > 0,))
    """
    lagrangian = lagrangian_of(problem, Convention.TEXTBOOK)
    relaxed = _relaxed(problem, relax)
    terms = tuple(term for term in lagrangian.terms if term.stated in relaxed)
    kept = tuple(stated for stated in problem.all_constraints if stated not in relaxed)
    try:
        return _derived(lagrangian, terms, kept)
    except NotInTable as reason:
        sign = lagrangian.restoration.objective_sign
        return DualFunction(lagrangian, terms, kept, (), (), sign, Integer(0), (), str(reason))


def _relaxed(problem: Problem, relax: Iterable[Any] | None) -> set[Relational]:
    if relax is None:
        strict = {r for r in problem.implied_constraints if not isinstance(r, Ge | Le)}
        return {r for r in problem.all_constraints if r not in strict and not _bounds_an_integer(r, problem)}
    if not isinstance(relax, Relational | Iterable):
        raise ProblemError(f"relax is {relax!r}; write a list of constraints of the problem")
    chosen = set()
    for constraint in [relax] if isinstance(relax, Relational) else relax:
        stated = constraint.func(*constraint.args, evaluate=False) if isinstance(constraint, Relational) else constraint
        if stated not in problem.all_constraints:
            known = ", ".join(map(str, problem.all_constraints)) or "none"
            raise ProblemError(f"relax contains {constraint}, which is no constraint of the problem; it has {known}")
        chosen.add(stated)
    return chosen


def _bounds_an_integer(relation: Relational, problem: Problem) -> bool:
    if isinstance(relation, Eq):
        return False
    bound = bound_of(relation.lhs - relation.rhs, problem.over)
    return bound is not None and bound[0] in problem.integers


def _derived(lagrangian: Lagrangian, terms: tuple[Term, ...], kept: tuple[Relational, ...]) -> DualFunction:
    canonical, restoration = lagrangian.canonical, lagrangian.restoration
    held = tuple(equality for equality in canonical.equalities if equality.stated in kept)
    substitution = solve_affine_equalities(replace(canonical, equalities=held)) if held else {}
    if substitution is None:
        raise NotInTable("an equation that is kept is not affine")
    functions = {g.stated: _substituted(g.expression, substitution) for g in canonical.inequalities}
    functions |= {h.stated: _substituted(h.expression, substitution) for h in canonical.equalities}
    setting = setting_of(canonical, substitution)
    total = decompose(_substituted(canonical.objective, substitution), setting)
    convex = [_is_convex_by_parts(total, setting)]
    for term in terms:
        weight = (
            term.multiplier if term in lagrangian.inequality_terms else -restoration.objective_sign * term.multiplier
        )
        part = decompose(functions[term.stated], setting)
        convex.append(isinstance(term.stated, Eq) or _is_convex_by_parts(part, setting))
        total = total.plus(part, weight)
    weights: dict[Atom, Expr] = {}
    for coefficient, atom in total.atoms:
        weights[atom] = sympy.expand(weights.get(atom, Integer(0)) + coefficient)
    sides = {stated: functions[stated] for stated in kept if not isinstance(stated, Eq)}
    integers = frozenset(v for v in canonical.integers if v not in substitution)
    intervals, others = _intervals(sides, setting, integers)
    if len(integers) < len(canonical.integers):
        raise NotInTable("an equation between integers is kept")
    inner = Inner(setting.variables, sympy.expand(total.quadratic), weights, intervals, integers, canonical.assumptions)
    found = _at_points(inner, others) if others else _by_parts(inner, _New(_taken(lagrangian), setting))
    return replace(_restored(lagrangian, terms, kept, found), convex_by_parts=all(convex))


def _is_convex_by_parts(function: Decomposition, setting: Setting) -> bool:
    """Whether the quadratic part and the multiples of functions of the table are convex each."""
    known = (
        atom.is_in_table and is_nonnegative(factor, setting.assumptions) is True for factor, atom in function.atoms
    )
    if not all(known) or not all(_is_composed_by_parts(atom, setting) for _, atom in function.atoms):
        return False
    proof = curvature(sympy.expand(function.quadratic), Setting(setting.variables, frozenset(), setting.assumptions))
    return proof is not None and proof.curvature is not Curvature.CONCAVE


def _is_composed_by_parts(atom: Atom, setting: Setting) -> bool:
    """Whether arguments that are not affine are sums of convex parts themselves, or of concave ones."""
    rises = atom.rises or (None,) * len(atom.arguments)
    bent = [(u if rise else -u) for u, rise in zip(atom.arguments, rises, strict=True) if rise is not None]
    return all(_is_convex_by_parts(decompose(u, setting), setting) for u in bent)


def _substituted(expression: Expr, substitution: dict[Symbol, Expr]) -> Expr:
    return (
        sympy.expand(expression.xreplace(substitution)) if expression.free_symbols & set(substitution) else expression
    )


def _intervals(
    sides: dict[Relational, Expr], setting: Setting, integers: frozenset[Symbol]
) -> tuple[dict[Symbol, Interval], tuple[Relational, ...]]:
    """The intervals that kept inequalities say, and those that are no bounds.

    Integers strictly above a limit start at the next one; other variables come near it, and have the same infimum.
    """
    found: dict[Symbol, Interval] = {}
    others: list[Relational] = []
    is_open: set[Symbol] = set()
    for stated, expression in sides.items():
        is_strict = isinstance(stated, Lt | Gt)
        bound = bound_of(expression, setting.variables)
        if bound is None:
            others.append((Lt if is_strict else Le)(expression, 0, evaluate=False))
            continue
        variable, limit, is_upper = bound
        if is_strict and variable in integers:
            limit = sympy.ceiling(limit) - 1 if is_upper else sympy.floor(limit) + 1
        elif is_strict:
            is_open.add(variable)
        low, high = found.get(variable, WHOLE)
        if is_upper:
            high = limit if high is None else sympy.Min(high, limit)
        else:
            low = limit if low is None else sympy.Max(low, limit)
        found[variable] = (low, high)
    _refuse_empty(found, is_open, setting)
    return found, tuple(others)


def _refuse_empty(intervals: dict[Symbol, Interval], is_open: set[Symbol], setting: Setting) -> None:
    """An infimum over nothing is infinite, which the formulas at the ends of an interval do not say."""
    for variable, (low, high) in intervals.items():
        if low is not None and high is not None:
            holds = is_positive if variable in is_open else is_nonnegative
            if holds(high - low, setting.assumptions) is not True:
                raise NotInTable(f"it is not shown that some {variable} lies between {low} and {high}, its kept bounds")


def _at_points(inner: Inner, others: tuple[Relational, ...]) -> _Found:
    if not inner.integers:
        raise NotInTable(f"{', '.join(map(str, others))} is kept, which is no bound and no affine equation")
    pieces, reason, dense = over_points(inner, others)
    return _Found((Block(inner.variables, inner.expression, pieces, reason, dense),), Integer(0), _region(inner))


@dataclass(frozen=True)
class _New:
    """What new variables need: the names that are taken, and the setting for the functions that they stand for."""

    taken: set[str]
    setting: Setting


def _by_parts(inner: Inner, new: _New) -> _Found:
    found = _Found((), inner.constant)
    for part in inner.parts():
        found = found.plus(_part(part, new, len(found.introduced)))
    return found


def _part(part: Inner, new: _New, count: int) -> _Found:
    try:
        infimum = block(part)
        return _Found((infimum,), Integer(0), () if infimum.is_on_line else _region(part))
    except Dependent:
        if not part.weights:
            raise
    wider, introduced = _with_new_variables(part, new, count)
    parts = [(smaller, block(smaller)) for smaller in wider.parts()]
    if not all(infimum.pieces for _, infimum in parts) and not _is_convex_in_parts(part):
        raise NotInTable(f"{part.expression} is not shown to be convex, and no closed form of its infimum is known")
    region = tuple(u for smaller, infimum in parts if not infimum.is_on_line for u in _region(smaller))
    return _Found(tuple(infimum for _, infimum in parts), wider.constant, region, introduced)


def _is_convex_in_parts(part: Inner) -> bool:
    atoms = tuple((weight, atom) for atom, weight in part.weights.items())
    setting = Setting(part.variables, frozenset(), part.assumptions)
    return _is_convex_by_parts(Decomposition(part.quadratic, atoms), setting)


def _region(inner: Inner) -> tuple[Expr, ...]:
    return tuple(dict.fromkeys(argument for atom in inner.weights for argument in atom.region))


def _with_new_variables(part: Inner, new: _New, count: int) -> tuple[Inner, tuple[tuple[Symbol, Relational], ...]]:
    """The inner problem with a new variable y for each argument u of its functions, and the terms nu (y - u).

    For arguments that are not affine y >= u with nu (u - y), nu >= 0, where the function rises in it, else y <= u: the function's
    weight is >= 0, so that y = u is best. The arguments are taken apart in their turn.
    """
    introduced: list[tuple[Symbol, Relational]] = []
    weights: dict[Atom, Expr] = {}
    quadratic, waiting = part.quadratic, list(part.weights.items())
    while waiting:
        atom, weight = waiting.pop(0)
        if atom.is_composed and is_nonnegative(weight, part.assumptions) is not True:
            raise NotInTable(f"{atom.expression} is convex, and the sign of its weight {weight} is not known")
        fresh = []
        for argument, rise in zip(atom.arguments, atom.rises or (None,) * len(atom.arguments), strict=True):
            nu, relation = _new_variable(argument, rise, count + len(introduced) + 1, new.taken)
            introduced.append((nu, relation))
            fresh.append(relation.lhs)
            inside = decompose(argument, new.setting)
            if rise is not None and not all(a.is_in_table for _, a in inside.atoms):
                raise NotInTable(
                    f"{argument}, an argument of {atom.expression}, holds functions without known conjugates"
                )
            sign = -1 if rise else 1
            quadratic += sign * nu * (relation.lhs - inside.quadratic)
            waiting += [(inner, sympy.expand(-sign * nu * factor)) for factor, inner in inside.atoms]
        region = tuple(y for y, u in zip(fresh, atom.arguments, strict=True) if u in atom.region)
        plain = replace(atom, arguments=tuple(fresh), region=region, rises=())
        weights[plain] = weight
    variables = (*part.variables, *(relation.lhs for _, relation in introduced))
    return replace(part, variables=variables, quadratic=sympy.expand(quadratic), weights=weights), tuple(introduced)


def _new_variable(argument: Expr, rise: bool | None, number: int, taken: set[str]) -> tuple[Symbol, Relational]:
    y = Symbol(_free_name(f"y_{number}", taken), real=True)
    name = _free_name(f"nu_{number}", taken)
    if rise is None:
        return Symbol(name, real=True), Eq(y, argument, evaluate=False)
    return Symbol(name, nonnegative=True), (Ge if rise else Le)(y, argument, evaluate=False)


def _free_name(name: str, taken: set[str]) -> str:
    while name in taken:
        name += "'"
    return name


def _taken(lagrangian: Lagrangian) -> set[str]:
    symbols = (*lagrangian.problem.over, *lagrangian.problem.parameters, *lagrangian.multipliers.values())
    return {symbol.name for symbol in symbols}


def _restored(
    lagrangian: Lagrangian, terms: tuple[Term, ...], kept: tuple[Relational, ...], found: _Found
) -> DualFunction:
    """The dual function in the user's own symbols."""
    restore = lagrangian.restoration.expression
    names = dict(zip(lagrangian.restoration.variables, lagrangian.problem.over, strict=True))

    def restored_piece(part: Piece) -> Piece:
        conditions = tuple(c.func(restore(c.lhs), restore(c.rhs), evaluate=False) for c in part.conditions)
        return Piece(restore(part.value), conditions)

    return DualFunction(
        lagrangian,
        terms,
        kept,
        tuple(Ge(restore(function), 0, evaluate=False) for function in dict.fromkeys(found.region)),
        tuple((nu, r.func(r.lhs, restore(r.rhs), evaluate=False)) for nu, r in found.introduced),
        lagrangian.restoration.objective_sign,
        restore(found.constant),
        tuple(
            replace(
                b,
                variables=tuple(names.get(v, v) for v in b.variables),
                function=restore(b.function),
                pieces=tuple(map(restored_piece, b.pieces)),
            )
            for b in found.blocks
        ),
    )
