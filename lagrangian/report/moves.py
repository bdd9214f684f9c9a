"""The moves by which a system is solved by hand. Each is a consequence for real unknowns: no solution is lost by it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations

import sympy
from sympy import Eq, Expr, Ne, Symbol

from lagrangian.algebra.signs import is_zero
from lagrangian.report.blocks import Block, Formulas, Sentence, listed, say
from lagrangian.report.real_zeros import isolated, real_zeros
from lagrangian.report.systems import Equation, System, shown, tidy, without_repetition

# more operations than these are no longer done by hand
LARGEST_EQUATION = 60
LARGEST_SOLUTION = 24
LARGEST_FACTOR = 24
MOST_ROOTS = 9
# equations with fewer operations than these stand in one sentence
SHORT = 14
# how many operations it may cost to express a variable by multipliers
PREFERENCE = 5


@dataclass(frozen=True, eq=False, slots=True)
class Move:
    """What is said, and the cases that follow; one case without a title goes on. Without any, the last sentence is why."""

    blocks: tuple[Block, ...]
    cases: tuple["Following", ...]


@dataclass(frozen=True, eq=False, slots=True)
class Following:
    """A case: its title, what it begins with, and what is left to be solved in it."""

    title: Sentence | None
    blocks: tuple[Block, ...]
    system: System


def next_move(system: System) -> Move | None:
    """The first move that applies, easy ones first; None where no more is done by hand."""
    for move in (
        _value_of_one_unknown,
        _roots_of_one_unknown,
        _product,
        _inverse_function,
        _substitution,
        _division,
        _power,
        _hard_roots,
        _quadratic_form,
        _elimination_of_a_factor,
        _case_distinction,
    ):
        made = move(system)
        if made is not None:
            return made
    return None


def unknowns_of(system: System, equation: Equation) -> list[Symbol]:
    return [unknown for unknown in system.unknowns if equation.left.has(unknown)]


def linear_parts(left: Expr, unknown: Symbol) -> tuple[Expr, Expr] | None:
    """a and b of left = a u + b, free of u; None where it is not linear in u."""
    expanded = sympy.expand(left)
    slope, rest = expanded.coeff(unknown, 1), expanded.coeff(unknown, 0)
    is_linear = slope != 0 and not rest.has(unknown) and sympy.expand(slope * unknown + rest - expanded) == 0
    return (slope, rest) if is_linear else None


def _value_of_one_unknown(system: System) -> Move | None:
    """2 x = 6."""
    for equation in system.equations:
        unknowns = unknowns_of(system, equation)
        parts = linear_parts(equation.left, unknowns[0]) if len(unknowns) == 1 else None
        if parts is not None and system.is_nonzero(parts[0]):
            return _put(system, equation, unknowns[0], -parts[1] / parts[0])
    return None


def _roots_of_one_unknown(system: System) -> Move | None:
    """x**2 = 3, where all roots are square roots or simpler."""
    for equation in system.equations:
        unknowns = unknowns_of(system, equation)
        if len(unknowns) == 1:
            roots = real_zeros(equation.left, unknowns[0], system.assumptions)
            if roots is not None and len(roots) <= MOST_ROOTS and not any(_is_hard(root) for root in roots):
                return _roots(system, equation, unknowns[0], roots)
    return None


def _is_hard(root: Expr) -> bool:
    """Whether SymPy computes badly with a number."""
    return root.has(sympy.CRootOf) or any(
        power.exp.is_Rational and power.exp.q > 2 for power in root.atoms(sympy.Pow) if power.base.is_number
    )


def _hard_roots(system: System) -> Move | None:
    """Roots of higher degree, when they end the solving: no other equation is left."""
    if len(system.equations) != 1:
        return None
    (equation,) = system.equations
    unknowns = unknowns_of(system, equation)
    roots = real_zeros(equation.left, unknowns[0], system.assumptions) if len(unknowns) == 1 else None
    return None if roots is None or len(roots) > MOST_ROOTS else _roots(system, equation, unknowns[0], roots)


def _roots(system: System, equation: Equation, unknown: Symbol, roots: list[Expr]) -> Move:
    if len(roots) == 1:
        return _put(system, equation, unknown, roots[0])
    if not roots:
        stated = _lines([(equation.label, shown(equation.left, system.unknowns))])
        return Move((stated, say("This equation has no real solution.")), ())
    equal = [Eq(unknown, root, evaluate=False) for root in roots]
    said = [part for each in equal for part in (" or ", each)][1:]
    cases = tuple(_valued(system, equation, unknown, root, say(each)) for root, each in zip(roots, equal, strict=True))
    return Move((say("From ", equation.label, ": ", *said, "."),), cases)


def _valued(system: System, equation: Equation, unknown: Symbol, value: Expr, title: Sentence | None) -> Following:
    """What follows where an unknown has a value because of an equation; the equations that change are shown."""
    after, changed = _replaced(system, equation, unknown, value)
    lines = _lines([(f"{e.label} becomes", shown(e.left, after.unknowns)) for e in changed])
    return Following(title, (lines,) if changed else (), after)


def _replaced(
    system: System, equation: Equation, unknown: Symbol, value: Expr
) -> tuple[System, list[Equation]]:
    """The system with an unknown replaced, without the equation that gave its value, and the equations that changed."""
    without = replace(system, equations=tuple(e for e in system.equations if e.label != equation.label))
    after = without.with_value(unknown, value)
    before = {e.label: e.left for e in system.equations}
    return after, [e for e in after.equations if before.get(e.label) != e.left and unknowns_of(after, e)]


def _product(system: System) -> Move | None:
    """x (y - 2) = 0: a factor is zero. Factors that cannot vanish are left out."""
    found: list[tuple[int, Equation, list[Expr], bool]] = []
    for equation in system.equations:
        if not unknowns_of(system, equation) or sympy.count_ops(equation.left) > LARGEST_EQUATION:
            continue
        factors, multiplicity = _factors(equation.left, system.unknowns)
        kept = [factor for factor in factors if not system.is_nonzero(factor)]
        if multiplicity > 1 or len(kept) < len(factors):
            found.append((sum(map(sympy.count_ops, kept)), equation, kept, len(kept) < len(factors)))
    if not found:
        return None
    size, equation, kept, divided = min(found, key=lambda entry: entry[0])
    if size > LARGEST_FACTOR * max(len(kept), 1):
        return None
    return _product_move(system, equation, kept, divided)


def _product_move(system: System, equation: Equation, kept: list[Expr], divided: bool) -> Move:
    product = Eq(factored(equation.left), 0, evaluate=False)
    if not kept:
        return Move((say(equation.label, " says ", product, "."), say("No factor of it can be zero.")), ())
    if len(kept) == 1:
        why = ", where the other factors are not zero: " if divided else ": "
        said = say(equation.label, " says ", product, why, shown(kept[0], system.unknowns), ".")
        return Move((said,), (Following(None, (), system.with_left(equation, kept[0])),))
    cases = []
    for number, factor in enumerate(kept):
        before = kept[:number]
        branch = replace(system.with_left(equation, factor), nonzero=(*system.nonzero, *before))
        others = [part for other in before for part in (", ", shown(other, system.unknowns, Ne))]
        cases.append(_with_factor(branch, Equation(equation.label, factor), others))
    return Move((say(equation.label, " says ", product, ": one of the factors is zero."),), tuple(cases))


def _with_factor(branch: System, factor: Equation, others: list[str | Expr]) -> Following:
    """The case in which a factor is zero; one that gives an unknown its value does so at once."""
    values = [
        (_penalty(unknown) + sympy.count_ops(rest), unknown, -rest / slope)
        for _, unknown, slope, rest in _linear(replace(branch, equations=(factor,)))
        if slope.is_number
    ]
    if not values:
        return Following(say(shown(factor.left, branch.unknowns), *others), (), branch)
    _, unknown, value = min(values, key=lambda entry: entry[0])
    return _valued(branch, factor, unknown, value, say(Eq(unknown, value, evaluate=False), *others))


def _factors(left: Expr, unknowns: tuple[Symbol, ...]) -> tuple[list[Expr], int]:
    """The factors that have unknowns in them, each once, and how many there are when each is counted as often as it occurs."""
    return distinct_factors(left, unknowns), sum(power for base, power in _factor_list(left) if base.has(*unknowns))


def distinct_factors(left: Expr, unknowns: tuple[Symbol, ...]) -> list[Expr]:
    """The factors of an expression that have unknowns in them, each once, short ones first.

    >>> x, y = sympy.symbols("x y")
    >>> distinct_factors(6 * x**2 * y - 6 * x**2, (x, y))
    [x, y - 1]
    """
    bases = dict.fromkeys(base for base, _ in _factor_list(left) if base.has(*unknowns))
    return sorted(bases, key=lambda base: (sympy.count_ops(base), str(base)))


def factored(left: Expr) -> Expr:
    """The product, up to its sign, that an expression is."""
    try:
        product = sympy.factor(left)
    except sympy.PolynomialError:
        return left
    return -product if product.could_extract_minus_sign() else product


def _factor_list(left: Expr) -> list[tuple[Expr, int]]:
    """The factors with their multiplicities; of what SymPy does not read as a polynomial, the whole."""
    try:
        return [(factor, int(power)) for factor, power in sympy.factor_list(left)[1]]
    except sympy.PolynomialError:
        return [(left, 1)]


def _substitution(system: System) -> Move | None:
    """y = 2 x: the unknown whose replacement leaves the shortest equations."""
    best: tuple[int, Equation, Symbol, Expr] | None = None
    for equation, unknown, slope, rest in _linear(system):
        if not system.is_nonzero(slope):
            continue
        value = -rest / slope if slope.is_number else sympy.cancel(-rest / slope)
        size = _size_after(system, unknown, value)
        if size is not None and (best is None or size < best[0]):
            best = size, equation, unknown, value
    return None if best is None else _put(system, *best[1:])


def _penalty(unknown: Symbol) -> int:
    """Variables are expressed by multipliers rather than multipliers by variables."""
    return PREFERENCE if unknown.name.startswith(("lambda", "mu")) else 0


def _linear(system: System) -> Iterator[tuple[Equation, Symbol, Expr, Expr]]:
    for equation in system.equations:
        if sympy.count_ops(equation.left) > LARGEST_EQUATION:
            continue
        for unknown in unknowns_of(system, equation):
            parts = linear_parts(equation.left, unknown)
            if parts is not None:
                yield equation, unknown, *parts


def _size_after(system: System, unknown: Symbol, value: Expr) -> int | None:
    """The operations in all equations after a replacement; None where one of them becomes too long."""
    if sympy.count_ops(value) > LARGEST_SOLUTION:
        return None
    rest = tuple(other for other in system.unknowns if other != unknown)
    lefts = [
        tidy(e.left.xreplace({unknown: value}), rest) if e.left.has(unknown) else e.left for e in system.equations
    ]
    sizes = [int(sympy.count_ops(left)) for left in lefts]
    if max(sizes, default=0) > LARGEST_EQUATION:
        return None
    return sum(sizes) + int(sympy.count_ops(value)) + _penalty(unknown)


def _division(system: System) -> Move | None:
    """2 λ x = 1: the factor of x cannot be zero, since 0 = 1 is impossible."""
    best: tuple[int, Equation, Symbol, Expr, Expr] | None = None
    for equation, unknown, slope, rest in _linear(system):
        if rest.free_symbols & set(system.unknowns) or not system.is_nonzero(rest):
            continue
        value = -rest / slope
        size = _size_after(system, unknown, value)
        if size is not None and (best is None or size < best[0]):
            best = size, equation, unknown, slope, value
    if best is None:
        return None
    _, equation, unknown, slope, value = best
    factors = distinct_factors(slope, system.unknowns)
    after, changed = _replaced(replace(system, nonzero=(*system.nonzero, *factors)), equation, unknown, value)
    not_zero = listed([shown(factor, system.unknowns, Ne) for factor in factors])
    said = say(
        "From ", equation.label, ": ", *not_zero, " (else ", shown_impossible(equation, slope, unknown), "), and ",
        Eq(unknown, value, evaluate=False), ".",
    )  # fmt: skip
    lines = _lines([(f"{e.label} becomes", shown(e.left, after.unknowns)) for e in changed])
    return Move((said, lines) if changed else (said,), (Following(None, (), after),))


def _power(system: System) -> Move | None:
    """x**2 = 2 y**2: the square is put into the other equations, once for each unknown."""
    best: tuple[int, Equation, Symbol, System] | None = None
    for equation in system.equations:
        for unknown in unknowns_of(system, equation):
            if unknown in system.squared or sympy.count_ops(equation.left) > LARGEST_EQUATION:
                continue
            value = _square_of(system, equation, unknown)
            if value is not None:
                after = _with_square(system, equation, unknown, value)
                size = sum(int(sympy.count_ops(e.left)) for e in after.equations)
                others = sum(e.left.has(unknown) for e in after.equations)
                if others == 1 and (best is None or size < best[0]):
                    best = size, equation, unknown, after
    if best is None:
        return None
    _, equation, unknown, after = best
    before = {e.label: e.left for e in system.equations}
    changed = [e for e in after.equations if before.get(e.label) != e.left]
    said = say("From ", equation.label, ": ", Eq(unknown**2, _square_of(system, equation, unknown), evaluate=False), ".")
    lines = _lines([(f"{e.label} becomes", shown(e.left, system.unknowns)) for e in changed])
    return Move((said, lines), (Following(None, (), after),)) if changed else None


def _square_of(system: System, equation: Equation, unknown: Symbol) -> Expr | None:
    """The square of an unknown that an equation gives, free of it."""
    square = sympy.Dummy("square")
    left = equation.left.xreplace({unknown**2: square})
    parts = linear_parts(left, square) if not left.has(unknown) else None
    return -parts[1] / parts[0] if parts is not None and parts[0].is_number else None


def _with_square(system: System, equation: Equation, unknown: Symbol, value: Expr) -> System:
    """The system with the square replaced in all other equations that are polynomials in the unknown."""
    rows = []
    for other in system.equations:
        polynomial = None if other is equation else other.left.as_poly(unknown)
        if polynomial is None or polynomial.degree() < 2:
            rows.append(other)
        else:
            rest = sympy.rem(polynomial, sympy.Poly(unknown**2 - value, unknown)).as_expr()
            rows.append(Equation(other.label, tidy(rest, system.unknowns)))
    return replace(system, equations=without_repetition(rows), squared=system.squared | {unknown})


def shown_impossible(equation: Equation, slope: Expr, unknown: Symbol) -> Eq:
    """What an equation a u + b = 0 says where a = 0: 0 = -b."""
    rest = sympy.expand(equation.left - slope * unknown)
    return Eq(sympy.S.Zero, rest if not rest.could_extract_minus_sign() else -rest, evaluate=False)


def _quadratic_form(system: System) -> Move | None:
    """x**2 + 2 x y = y**2: quadratic in x with a discriminant c y**2, so that x = (-1 - sqrt(2)) y or x = (-1 + sqrt(2)) y."""
    for equation in system.equations:
        for unknown in unknowns_of(system, equation):
            roots = _quadratic_roots(equation.left, unknown)
            if roots is not None:
                equal = [Eq(unknown, root, evaluate=False) for root in roots]
                said = [part for each in equal for part in (" or ", each)][1:]
                cases = [
                    _valued(system, equation, unknown, root, say(each)) for root, each in zip(roots, equal, strict=True)
                ]
                return Move((say("From ", equation.label, ": ", *said, "."),), tuple(cases))
    return None


def _quadratic_roots(left: Expr, unknown: Symbol) -> list[Expr] | None:
    polynomial = left.as_poly(unknown)
    if polynomial is None or polynomial.degree() != 2 or not polynomial.LC().is_Rational:
        return None
    a, b, c = polynomial.all_coeffs()
    number, rest = sympy.factor(b**2 - 4 * a * c).as_coeff_Mul()
    root = sympy.sqrt(rest)
    if not number.is_positive or root.has(sympy.Pow) and not root.is_polynomial():
        return None
    width = sympy.sqrt(number) * (root.args[0] if isinstance(root, sympy.Abs) else root)
    return [sympy.factor_terms(sympy.expand((-b + sign * width) / (2 * a))) for sign in (-1, 1)]


def _elimination_of_a_factor(system: System) -> Move | None:
    """a = λ b and c = λ d give a d = c b: used where that product splits into short factors."""
    best: tuple[int, Symbol, Equation, Equation, Expr] | None = None
    linear = [entry for entry in _linear(system) if not system.is_nonzero(entry[2])]
    for (first, u, a, b), (second, v, c, d) in combinations(linear, 2):
        if u != v or first is second:
            continue
        crossed = tidy(a * d - b * c, system.unknowns)
        if crossed == 0 or crossed.has(u) or any(crossed in (e.left, -e.left) for e in system.equations):
            continue
        sizes = [sympy.count_ops(factor) for factor in distinct_factors(crossed, system.unknowns)]
        splits = len(sizes) > 1 or sympy.count_ops(crossed) <= LARGEST_FACTOR
        cost = sum(sizes) + PREFERENCE - _penalty(u)
        if splits and (best is None or cost < best[0]):
            best = cost, u, first, second, crossed
    if best is None:
        return None
    _, unknown, first, second, crossed = best
    label = f"({1 + max((_number(e.label) for e in system.equations), default=0)})"
    added = replace(system, equations=(*system.equations, Equation(label, crossed)))
    said = say("Multiplied crosswise, ", first.label, " and ", second.label, " lose ", unknown, ":")
    line = _lines([(label, Eq(factored(crossed), 0, evaluate=False))])
    return Move((said, line), (Following(None, (), added),))


def _number(label: str) -> int:
    digits = label.strip("()")
    return int(digits) if digits.isdecimal() else 0


def _case_distinction(system: System) -> Move | None:
    """a u + b = 0: either a = 0, and then b = 0, or u = -b / a."""
    best: tuple[int, Equation, Symbol, Expr, Expr] | None = None
    for equation, unknown, slope, rest in _linear(system):
        value = sympy.cancel(-rest / slope)
        size = _size_after(system, unknown, value)
        if size is not None and (best is None or size < best[0]):
            best = size, equation, unknown, slope, value
    if best is None:
        return None
    _, equation, unknown, slope, value = best
    rest = sympy.expand(equation.left - slope * unknown)
    vanishing = system.with_left(equation, tidy(rest, system.unknowns))
    vanishing = replace(vanishing, equations=(*vanishing.equations, Equation(f"{equation.label}'", slope)))
    solved = replace(system, nonzero=(*system.nonzero, *distinct_factors(slope, system.unknowns)))
    said = say(equation.label, " is linear in ", unknown, ": its factor is zero or not.")
    other_case = say(shown(slope, system.unknowns, Ne), ", ", Eq(unknown, value, evaluate=False))
    branches = (
        Following(say(shown(slope, system.unknowns)), (), vanishing),
        _valued(solved, equation, unknown, value, other_case),
    )
    return Move((said,), branches)


def _inverse_function(system: System) -> Move | None:
    """log(x) = λ gives x = exp(λ); exp(x) = u gives x = log(u), and u > 0."""
    for equation in system.equations:
        for unknown in unknowns_of(system, equation) if equation.left.has(sympy.exp, sympy.log) else ():
            solved = isolated(equation.left, unknown)
            if solved is not None and sympy.count_ops(solved[0]) <= LARGEST_SOLUTION:
                return _put(system, equation, unknown, solved[0])
    return None


def _put(system: System, equation: Equation, unknown: Symbol, value: Expr) -> Move:
    """An unknown is replaced by its value; the equations that change are shown, in the same sentence where they are short."""
    after, changed = _replaced(system, equation, unknown, value)
    is_given = shown(equation.left, system.unknowns) == Eq(unknown, after.found[unknown], evaluate=False)
    start = ("With ",) if is_given else ("From ", equation.label, ": ")
    equal = Eq(unknown, after.found[unknown], evaluate=False)
    relations = [(e.label, shown(e.left, after.unknowns)) for e in changed]
    blocks: tuple[Block, ...] = ()
    if not relations:
        blocks = () if is_given else (say(*start, equal, "."),)
    elif sum(int(sympy.count_ops(relation)) for _, relation in relations) <= SHORT:
        told = [part for label, relation in relations for part in (", ", f"{label} becomes ", relation)][1:]
        blocks = (say(*start, equal, ", " if is_given else "; ", *told, "."),)
    else:
        lines = _lines([(f"{label} becomes", relation) for label, relation in relations])
        blocks = (say(*start, equal, ":" if is_given else "."), lines)
    return Move(blocks, (Following(None, (), after),))


def _lines(lines: list[tuple[str, Expr]]) -> Formulas:
    return Formulas(tuple(lines))


def contradiction(system: System) -> Equation | None:
    """An equation without unknowns that says c = 0 for a number c that is not zero."""
    for equation in system.equations:
        if not unknowns_of(system, equation) and is_zero(equation.left) is False:
            return equation
    return None
