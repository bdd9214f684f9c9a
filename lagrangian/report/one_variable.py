"""A problem in one variable: where the derivative vanishes, its sign between these places, and the ends of the interval."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import sympy
from sympy import Eq, Expr, Limit, Rational, Symbol

from lagrangian.algebra.signs import is_positive, is_zero
from lagrangian.exact_numbers import ExactNumber
from lagrangian.processes.calls import call_with_limit
from lagrangian.report.blocks import Block, Formulas, Step, Table, say
from lagrangian.report.condition_steps import derivative
from lagrangian.report.judgment import equals
from lagrangian.report.kkt_equations import KKTEquations
from lagrangian.report.notation import text
from lagrangian.report.numbers import short_form
from lagrangian.report.real_zeros import real_zeros

MOST_PLACES = 12
LIMIT_S = 1.5


@dataclass(frozen=True, slots=True)
class Interval:
    """low to high, either infinite, and whether the ends belong to it."""

    low: Expr
    high: Expr
    has_low: bool
    has_high: bool

    def holds(self, place: Expr) -> bool:
        """Whether a number lies inside or at an end that belongs to it."""
        above = self.low == -sympy.oo or is_positive(place - self.low)
        inside = above and (self.high == sympy.oo or is_positive(self.high - place))
        ends = [end for end, belongs in ((self.low, self.has_low), (self.high, self.has_high)) if belongs]
        return bool(inside) or any(is_zero(place - end) for end in ends)


def one_variable_step(equations: KKTEquations) -> Step | None:
    """The derivative, its zeros, the table of its sign, and the ends; None where one of these is not found for certain."""
    (x,), f = equations.variables, equations.objective
    interval = interval_of(equations)
    if interval is None or f.free_symbols - {x} or not f.has(x):
        return None
    slope = derivative(f, x)
    bend = derivative(slope, x)
    zeros, holes = real_zeros(sympy.numer(sympy.together(slope)), x), singular_places(f, x)
    if zeros is None or holes is None or len(zeros) + len(holes) > MOST_PLACES:
        return None
    inside = [zero for zero in zeros if interval.holds(zero) and zero not in holes]
    rows = list(_rows(f, slope, x, interval, inside, [hole for hole in holes if interval.holds(hole)]))
    blocks: list[Block] = [
        Formulas((("", Eq(Symbol("f'"), slope, evaluate=False)), ("", Eq(Symbol("f''"), bend, evaluate=False)))),
        _zeros_told(x, zeros, interval, inside),
        say(
            "Between the places at which the derivative vanishes or does not exist it keeps its sign; one point tells which:"
        ),
        Table(("where", "sign of f'", "f"), tuple(rows)),
    ]
    blocks += _second(f, x, inside)
    blocks += list(_ends(f, x, interval))
    return Step("The sign of the derivative, and the ends", tuple(blocks))


def interval_of(equations: KKTEquations) -> Interval | None:
    """The interval that affine inequalities with numbers leave; None for other constraints, and for an empty one."""
    (x,) = equations.variables
    low, high, has_low, has_high = -sympy.oo, sympy.oo, False, False
    for held in equations.inequalities:
        slope = sympy.diff(held.function, x)
        if not slope.is_Rational or slope == 0:
            return None
        bound = sympy.expand(x - held.function / slope)
        if not bound.is_Rational:
            return None
        if slope > 0 and (bound < high or (bound == high and held.strict)):
            high, has_high = bound, not held.strict
        if slope < 0 and (bound > low or (bound == low and held.strict)):
            low, has_low = bound, not held.strict
    return Interval(low, high, has_low, has_high) if low < high else None


def singular_places(f: Expr, x: Symbol) -> list[Expr] | None:
    """Where a denominator, the argument of a logarithm or what stands under a root vanishes; None where that is not found."""
    inner = [sympy.denom(sympy.together(f))]
    inner += [part.args[0] for part in f.atoms(sympy.log)]
    inner += [part.base for part in f.atoms(sympy.Pow) if part.exp.is_integer is not True and part.base.has(x)]
    inner += [sympy.cos(part.args[0]) for part in f.atoms(sympy.tan)]
    places: list[Expr] = []
    for expression in inner:
        zeros = real_zeros(expression, x) if expression.has(x) else []
        if zeros is None:
            return None
        places += [zero for zero in zeros if zero not in places]
    return places


def _rows(
    f: Expr, slope: Expr, x: Symbol, interval: Interval, zeros: list[Expr], holes: list[Expr]
) -> Iterator[tuple[object, ...]]:
    places = sorted(dict.fromkeys([*zeros, *holes]), key=float)
    ends = [interval.low, *(p for p in places if p not in (interval.low, interval.high)), interval.high]
    for low, high in pairwise(ends):
        sample = between(low, high)
        value = f.xreplace({x: sample})
        where = f"{_told(low)} < {x} < {_told(high)}"
        if value.is_real is not True:
            yield (where, "", "not defined" if value.is_real is False else "not decided")
            continue
        rises = is_positive(slope.xreplace({x: sample}))
        yield (
            where,
            {True: "+", False: "-", None: "not decided"}[rises],
            {True: "rises", False: "falls", None: ""}[rises],
        )


def _told(place: Expr) -> str:
    if place in (sympy.oo, -sympy.oo):
        return "∞" if place > 0 else "-∞"
    form = short_form(ExactNumber(place))
    return form.removeprefix("≈ ") if isinstance(form, str) else text(form)


def between(low: Expr, high: Expr) -> Expr:
    """A rational number strictly between two ends, a short one.

    >>> between(sympy.Integer(0), sympy.oo), between(sympy.Integer(1), sympy.sqrt(2)), between(-sympy.oo, sympy.oo)
    (1, 9/8, 0)
    """
    if low == -sympy.oo and high == sympy.oo:
        return sympy.Integer(0)
    if low == -sympy.oo:
        return sympy.floor(high) - 1
    if high == sympy.oo:
        return sympy.ceiling(low) + 1
    denominator = 1
    while True:
        number = Rational(int(sympy.floor((low + high) / 2 * denominator)), denominator)
        if is_positive(number - low) and is_positive(high - number):
            return number
        denominator *= 2


def _zeros_told(x: Symbol, zeros: list[Expr], interval: Interval, inside: list[Expr]) -> Block:
    if not zeros:
        return say("The derivative has no real zero.")
    told = [part for zero in zeros for part in (", ", *equals(x, ExactNumber(zero)))][1:]
    outside = [part for z in zeros if z not in inside for part in (", ", *equals(x, ExactNumber(z)))][1:]
    more = ("; not in the interval: ", *outside) if outside else ()
    return say("The derivative vanishes at ", *told, *more, ".")


def _second(f: Expr, x: Symbol, zeros: list[Expr]) -> list[Block]:
    """The second derivative and the value at each zero of the first."""
    rows = []
    for zero in zeros:
        bend = short_form(ExactNumber(sympy.diff(f, x, 2).xreplace({x: zero})))
        rows.append((short_form(ExactNumber(zero)), bend, short_form(ExactNumber(f.xreplace({x: zero})))))
    return [Table((x, "f''", "f"), tuple(rows))] if rows else []


def _ends(f: Expr, x: Symbol, interval: Interval) -> Iterator[Block]:
    """The value at an end that belongs to the interval, the limit at one that does not."""
    for end, belongs, side in ((interval.low, interval.has_low, "+"), (interval.high, interval.has_high, "-")):
        value = f.xreplace({x: end}) if belongs else None
        if value is not None and value.is_real:
            yield say("At the end ", Eq(x, end, evaluate=False), " the value is ", _shown(value), ".")
            continue
        limit = call_with_limit(sympy.limit, (f, x, end, side), LIMIT_S, may_fail=True)
        if isinstance(limit, Expr) and not limit.has(sympy.Limit, sympy.AccumBounds, sympy.nan):
            yield say(Eq(Limit(f, x, end, dir=side), limit, evaluate=False), ".")


def _shown(value: Expr) -> str | Expr:
    form: str | Expr = short_form(ExactNumber(value))
    return form
