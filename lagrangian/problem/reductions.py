"""Variables that equations define are replaced by what they are equal to, before anything is searched.

An equation h = k v + r = 0, in which k and r are free of v and k is nowhere zero on the feasible set, says v = -r / k. Then

    minimize F(x, v)  subject to  g(x, v) <= 0,  h(x, v) = 0     and     minimize F(x, -r/k)  subject to  g(x, -r/k) <= 0

have the same values at points that belong to each other: the feasible set of the first is the graph of -r/k over that of the
second. What was demanded of v (its bounds) is demanded of -r/k. Two things are checked for each step: that k is not zero, and
that nothing which is defined only in places (a quotient, a root, a logarithm) has been simplified away.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import sympy
from sympy import Expr, Pow, Rational, Symbol

from lagrangian.problem.canonical import CanonicalProblem, Equality, Inequality
from lagrangian.problem.guards import TOTAL

# an elimination may let the statement grow to this many times its operations, or to this many
MOST_GROWTH = 4
MOST_OPERATIONS = 600

Bounds = dict[Symbol, tuple[Expr, Expr]]


@dataclass(frozen=True)
class Substitution:
    """``variable`` is ``definition`` in all feasible points, by the equality with this number."""

    variable: Symbol
    definition: Expr
    equality: int


@dataclass(frozen=True)
class Reduction:
    """A problem with fewer variables, and the steps that led to it; each is about the problem that the last one left."""

    problem: CanonicalProblem
    steps: tuple[Substitution, ...]

    def completed(self, point: dict[Symbol, Expr]) -> dict[Symbol, Expr]:
        """The values of all variables from those of the remaining ones."""
        values = dict(point)
        for step in reversed(self.steps):
            values[step.variable] = step.definition.xreplace(values)
        return values


def reduce_problem(canonical: CanonicalProblem) -> Reduction | None:
    """Replace variables as long as an equation defines one and the statement stays short; None where nothing is replaced.

    >>> from lagrangian.problem.canonicalization import canonicalize
    >>> from lagrangian.problem.problem import Problem
    >>> x, y = sympy.symbols("x y")
    >>> stated = Problem(x**2 + y, [sympy.Eq(x + y, 3), y <= 2], over=[x, y])
    >>> reduction = reduce_problem(canonicalize(stated)[0])
    >>> reduction.problem.objective, [g.expression for g in reduction.problem.inequalities]
    (y + (3 - y)**2, [y - 2])
    """
    if canonical.parameters:
        return None
    canonical = paired(canonical)
    if not canonical.equalities:
        return None
    most = max(MOST_OPERATIONS, MOST_GROWTH * _operations(canonical))
    problem, steps = canonical, []
    while len(problem.variables) > 1:
        for step in sorted(_candidates(problem), key=lambda s: _cost(problem, s)):
            found = substituted(problem, step)
            if found is not None and _operations(found) <= most:
                problem = found
                steps.append(step)
                break
        else:
            break
    return Reduction(problem, tuple(steps)) if steps else None


def paired(canonical: CanonicalProblem) -> CanonicalProblem:
    """The problem with two inequalities g <= 0 and -g <= 0 as one equation, of the first one's statement.

    >>> from lagrangian.problem.canonicalization import canonicalize
    >>> from lagrangian.problem.problem import Problem
    >>> x, y = sympy.symbols("x y")
    >>> problem = paired(canonicalize(Problem(x, [x + y**2 <= 1, x + y**2 >= 1], over=[x, y]))[0])
    >>> [h.expression for h in problem.equalities], problem.inequalities
    ([x + y**2 - 1], ())
    """
    closed = {g.expression: number for number, g in enumerate(canonical.inequalities) if not g.strict}
    equations, used = [], set()
    for number, inequality in enumerate(canonical.inequalities):
        partner = closed.get(sympy.expand(-inequality.expression)) or closed.get(-inequality.expression)
        if not inequality.strict and partner is not None and partner > number and number not in used:
            equations.append(Equality(inequality.expression, inequality.stated))
            used |= {number, partner}
    rest = tuple(g for number, g in enumerate(canonical.inequalities) if number not in used)
    return replace(canonical, inequalities=rest, equalities=(*canonical.equalities, *equations))


def replay(canonical: CanonicalProblem, steps: Iterable[Substitution]) -> CanonicalProblem | None:
    """The problem that the steps lead to; None where one of them is not justified."""
    problem: CanonicalProblem | None = paired(canonical)
    for step in steps:
        problem = None if problem is None else substituted(problem, step)
    return problem


def substituted(problem: CanonicalProblem, step: Substitution) -> CanonicalProblem | None:
    """The problem after one step; None where the step is not justified."""
    if not _is_solvable(problem, step):
        return None
    rule = {step.variable: step.definition}
    others = [h for number, h in enumerate(problem.equalities) if number != step.equality]
    objective = problem.objective.xreplace(rule)
    inequalities = [replace(g, expression=g.expression.xreplace(rule)) for g in problem.inequalities]
    equalities = [replace(h, expression=h.expression.xreplace(rule)) for h in others]
    if not (all(_is_possible(g) for g in inequalities) and all(_is_possible(h) for h in equalities)):
        return None
    found = replace(
        problem,
        objective=objective,
        inequalities=tuple(g for g in inequalities if not g.expression.is_number),
        equalities=tuple(h for h in equalities if not h.expression.is_number),
        variables=tuple(v for v in problem.variables if v != step.variable),
    )
    return found if demands_of(found) >= _demanded(problem, rule, step) else None


def _is_solvable(problem: CanonicalProblem, step: Substitution) -> bool:
    """Whether the equation is k v + r with the definition -r / k, for a number or an expression k that may be divided by."""
    if not 0 <= step.equality < len(problem.equalities) or step.variable not in problem.variables:
        return False
    if step.variable in problem.integers or step.variable in step.definition.free_symbols:
        return False
    coefficient, rest = _parts(problem.equalities[step.equality].expression, step.variable)
    if coefficient is None or sympy.expand(coefficient * step.definition + rest) != 0:
        return False
    if coefficient.is_number:
        return coefficient.is_nonzero is True
    low, high = range_of(coefficient, bounds_of(problem))
    # a constant r that is not zero forbids k = 0; then 1/k must stay in the statement, which demands_of sees to
    return bool(low > 0 or high < 0 or (rest.is_number and rest.is_nonzero is True))


def _parts(expression: Expr, variable: Symbol) -> tuple[Expr | None, Expr]:
    """(k, r) with expression = k v + r; k is None where the expression is not affine in v."""
    coefficient = sympy.diff(expression, variable)
    if coefficient.has(variable) and sympy.expand(coefficient).has(variable):
        return None, expression
    if coefficient.has(variable):
        coefficient = sympy.expand(coefficient)
    rest = expression.xreplace({variable: sympy.Integer(0)})
    return (coefficient, rest) if rest.is_finite is not False else (None, expression)


def _candidates(problem: CanonicalProblem) -> list[Substitution]:
    found = []
    for number, equality in enumerate(problem.equalities):
        for variable in sorted(equality.expression.free_symbols & set(problem.variables), key=str):
            if variable in problem.integers:
                continue
            coefficient, rest = _parts(equality.expression, variable)
            if coefficient is not None and coefficient != 0:
                found.append(Substitution(variable, _divided(-rest, coefficient), number))
    return found


def _divided(rest: Expr, coefficient: Expr) -> Expr:
    if isinstance(coefficient, Rational):
        return sympy.Add(*(term / coefficient for term in sympy.Add.make_args(rest)))
    return rest / coefficient


def _cost(problem: CanonicalProblem, step: Substitution) -> tuple[bool, int, str]:
    """Numbers as divisors first, then by how much the statement grows."""
    functions = [problem.objective, *(g.expression for g in problem.inequalities)]
    functions += [h.expression for number, h in enumerate(problem.equalities) if number != step.equality]
    occurrences = sum(f.count(step.variable) for f in functions if f.has(step.variable))
    coefficient, _ = _parts(problem.equalities[step.equality].expression, step.variable)
    simple = coefficient is not None and bool(coefficient.is_number)
    return not simple, occurrences * (1 + int(step.definition.count_ops())), str(step.variable)


def _operations(problem: CanonicalProblem) -> int:
    functions = problem.functions
    return sum(int(f.count_ops()) for f in functions)


def _is_possible(constraint: Inequality | Equality) -> bool:
    """Whether a constraint without variables is known to hold; True for all others."""
    value = constraint.expression
    if not value.is_number:
        return True
    if not isinstance(value, Rational):
        return False
    if isinstance(constraint, Equality):
        return bool(value == 0)
    return bool(value < 0 or (value == 0 and not constraint.strict))


def bounds_of(problem: CanonicalProblem) -> Bounds:
    """The bounds that inequalities in one variable alone state, where they are rational; infinities where there are none."""
    found: Bounds = dict.fromkeys(problem.variables, (-sympy.oo, sympy.oo))
    for inequality in problem.inequalities:
        names = inequality.expression.free_symbols
        if len(names) != 1:
            continue
        variable = next(iter(names))
        slope, rest = _parts(inequality.expression, variable)
        if not isinstance(slope, Rational) or slope == 0 or not isinstance(rest, Rational):
            continue
        low, high = found[variable]
        limit = -rest / slope
        found[variable] = (low, min(high, limit)) if slope > 0 else (max(low, limit), high)
    return found


def range_of(expression: Expr, bounds: Bounds) -> tuple[Expr, Expr]:
    """An interval that holds the values of sums and products of variables and their integer powers; else the whole line.

    >>> x, y = sympy.symbols("x y")
    >>> range_of(x * y - 7, {x: (sympy.Integer(1), sympy.Integer(2)), y: (sympy.Integer(3), sympy.oo)})
    (-4, oo)
    """
    if isinstance(expression, Rational):
        return expression, expression
    if expression in bounds:
        return bounds[expression]
    parts = [range_of(argument, bounds) for argument in expression.args]
    if expression.is_Add:
        return _finite_or(sum((low for low, _ in parts), sympy.Integer(0)), -sympy.oo), _finite_or(
            sum((high for _, high in parts), sympy.Integer(0)), sympy.oo
        )
    if expression.is_Mul:
        total = parts[0]
        for part in parts[1:]:
            total = _times(total, part)
        return total
    if isinstance(expression, Pow) and isinstance(expression.exp, sympy.Integer) and expression.exp > 0:
        low, high = parts[0]
        power = int(expression.exp)
        if power % 2 or low >= 0:
            return low**power, high**power
        return (sympy.Integer(0), max(low**power, high**power)) if high > 0 else (high**power, low**power)
    return -sympy.oo, sympy.oo


def _times(left: tuple[Expr, Expr], right: tuple[Expr, Expr]) -> tuple[Expr, Expr]:
    zero = sympy.Integer(0)
    corners = [zero if zero in (a, b) else a * b for a in left for b in right]
    return min(corners), max(corners)


def _finite_or(value: Expr, limit: Expr) -> Expr:
    return value if value is not sympy.nan else limit


def demands_of(problem: CanonicalProblem) -> set[tuple[str, Expr]]:
    """What must hold for the problem's functions to be defined: factors that are not zero, radicands, partial functions."""
    functions = problem.functions
    return {demand for function in functions for demand in _demands_in(function) if not demand[1].is_number}


def keeps_domain(stated: Iterable[Expr], written: Iterable[Expr]) -> bool:
    """Whether expressions, written anew from others with the same values, are defined only where those are.

    >>> x, y = sympy.symbols("x y")
    >>> keeps_domain([x * (y + 1 / x)], [x * y, sympy.Integer(1)]), keeps_domain([x * (y + 1 / x)], [x * y, 1 / x])
    (False, True)
    """
    demanded = {demand for expression in stated for demand in _demands_in(expression) if not _is_met(demand)}
    if not demanded:
        return True
    kept = {demand for expression in written for demand in _demands_in(expression)}
    return demanded <= kept or _multiplied_out(demanded) <= _multiplied_out(kept)


def _multiplied_out(demands: set[tuple[str, Expr]]) -> set[tuple[str, Expr]]:
    return {(kind, _without_number(sympy.expand(value))) for kind, value in demands}


def _is_met(demand: tuple[str, Expr]) -> bool:
    """Whether a demand is one of numbers, or met everywhere."""
    kind, value = demand
    known = value.is_nonzero if kind == "divisor" else kind == "radicand" and value.is_nonnegative
    return value.is_number or known is True


def _demands_in(expression: Expr) -> set[tuple[str, Expr]]:
    found: set[tuple[str, Expr]] = set()
    for part in sympy.preorder_traversal(expression):
        if isinstance(part, Pow):
            if not isinstance(part.exp, sympy.Integer):
                found.add(("radicand", _without_number(part.base)))
            if not (isinstance(part.exp, Rational) and part.exp > 0):
                found |= {("divisor", factor) for factor in _factors(part.base)}
        elif isinstance(part, sympy.Function) and not isinstance(part, TOTAL):
            found.add(("function", part))
    return found


def _factors(base: Expr) -> list[Expr]:
    return [_without_number(factor.as_base_exp()[0]) for factor in sympy.Mul.make_args(base)]


def _without_number(expression: Expr) -> Expr:
    number, rest = expression.as_coeff_Mul()
    return rest if number > 0 else expression


def demands_after(problem: CanonicalProblem, rule: dict[Symbol, Expr]) -> set[tuple[str, Expr]]:
    """What the problem demands, in other variables: after a substitution the functions must still demand it."""
    found: set[tuple[str, Expr]] = set()
    for kind, demand in demands_of(problem):
        value = demand.xreplace(rule)
        if kind == "divisor":
            found |= {(kind, factor) for factor in _factors(value)}
        elif not (kind == "radicand" and value.is_number and value.is_nonnegative is True):
            found.add((kind, _without_number(value)))
    return found


def _demanded(problem: CanonicalProblem, rule: dict[Symbol, Expr], step: Substitution) -> set[tuple[str, Expr]]:
    """What the old problem demands, in the new variables; with a divisor that is not known to keep away from zero."""
    found = demands_after(problem, rule)
    coefficient, _ = _parts(problem.equalities[step.equality].expression, step.variable)
    if coefficient is not None and not coefficient.is_number:
        low, high = range_of(coefficient, bounds_of(problem))
        if not (low > 0 or high < 0):
            found |= {("divisor", factor) for factor in _factors(coefficient)}
    return {(kind, demand) for kind, demand in found if kind != "divisor" or demand.is_nonzero is not True}
