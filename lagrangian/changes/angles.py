"""cos(a x) and sin(a x) as variables c and s with c**2 + s**2 = 1; bounds on x become an arc of the circle.

cos(k t) = T_k(cos t) and sin(k t) = sin t U_(k-1)(cos t) with the polynomials of Chebyshev. The arc of the angles t with
|t - m| <= w, w <= pi, is the part of the circle where cos(m) c + sin(m) s >= cos(w).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import sympy
from sympy import Eq, Expr, Symbol, cos, pi, sin
from sympy.core.relational import Ge, Gt, Lt, Relational

from lagrangian.algebra.signs import is_nonnegative, is_positive, is_zero
from lagrangian.changes.change import Change, NotChangeableError, Preimages, bounds_on, common_rate, free_expressions
from lagrangian.problem.bounds import Bound
from lagrangian.problem.canonical import CanonicalProblem

CIRCULAR = (sin, cos, sympy.tan, sympy.cot, sympy.sec, sympy.csc)
LARGEST_MULTIPLE = 12
# more turns than this in the bounds are not listed
MOST_TURNS = 50
LARGEST_DENOMINATOR = 60


@dataclass(frozen=True)
class AngleChange(Change):
    """c = cos(rate x), s = sin(rate x), rate > 0, for low <= x <= high (None for no bound; strict where said)."""

    rate: Expr
    low: Bound | None = None
    high: Bound | None = None

    def rewritten(self, expression: Expr) -> Expr:
        return in_sines(expression).replace(
            lambda part: isinstance(part, sin | cos) and part.has(self.old), self._expanded
        )

    def _expanded(self, part: Expr) -> Expr:
        """sin or cos of k rate x + rest."""
        c, s = self.new
        argument = sympy.expand(part.args[0])
        slope = argument.coeff(self.old)
        rest, multiple = sympy.expand(argument - slope * self.old), sympy.simplify(slope / self.rate)
        if rest.has(self.old) or not multiple.is_Integer or abs(multiple) > LARGEST_MULTIPLE:
            return part
        size, sign = abs(int(multiple)), int(sympy.sign(multiple))
        cosine = sympy.chebyshevt(size, c)
        sine = sign * s * sympy.chebyshevu(size - 1, c)
        if isinstance(part, cos):
            return cosine * cos(rest) - sine * sin(rest)
        return sine * cos(rest) + cosine * sin(rest)

    def stated_in_old(self) -> dict[Symbol, Expr]:
        c, s = self.new
        return {c: cos(self.rate * self.old), s: sin(self.rate * self.old)}

    def conditions(self) -> tuple[Relational, ...]:
        c, s = self.new
        circle = Eq(c**2 + s**2, 1, evaluate=False)
        if self.low is None or self.high is None or self.covers_circle() is not False:
            return (circle,)
        center = self.rate * (self.low.limit + self.high.limit) / 2
        width = self.rate * (self.high.limit - self.low.limit) / 2
        both = self.low.strict and self.high.strict
        chord = (Gt if both else Ge)(cos(center) * c + sin(center) * s, cos(width), evaluate=False)
        ends = [self.rate * end.limit for end in (self.low, self.high) if end.strict and not both]
        left_out = (Lt(cos(end) * c + sin(end) * s, 1, evaluate=False) for end in ends)
        return circle, chord, *left_out

    def covers_circle(self) -> bool | None:
        """Whether the bounds leave the whole circle; None where they leave nothing, all but a point, or it is not known."""
        if self.low is None or self.high is None:
            return True
        excess = self.rate * (self.high.limit - self.low.limit) - 2 * pi
        both = self.low.strict and self.high.strict
        if (is_positive if both else is_nonnegative)(excess):
            return True
        return False if is_positive(-excess) and is_nonnegative(excess + 2 * pi) else None

    @property
    def bounds_left_out(self) -> tuple[Expr, ...]:
        sides = (self.low, self.high) if self.covers_circle() else ()
        return tuple(side.limit for side in sides if side is not None)

    def bound(self, limit: Expr, *, is_upper: bool, strict: bool) -> None:
        return None

    def preimages(self, values: Sequence[Expr]) -> Preimages | None:
        angle = angle_of(*values)
        if angle is None:
            return None
        start, period = angle / self.rate, 2 * pi / self.rate
        if self.low is not None and self.high is not None:
            found = self._between(start, period, self.low, self.high)
            return None if found is None else Preimages(found)
        integer = Symbol(f"k_{self.old.name}", integer=True)
        if self.low is None and self.high is None:
            return Preimages((start,), period, integer)
        return self._one_sided(start, period, integer)

    def _between(self, start: Expr, period: Expr, low: Bound, high: Bound) -> tuple[Expr, ...] | None:
        first = sympy.floor((low.limit - start).evalf() / period.evalf()) - 1
        last = sympy.ceiling((high.limit - start).evalf() / period.evalf()) + 1
        if last - first > MOST_TURNS:
            return None
        found = []
        for turn in range(int(first), int(last) + 1):
            value = start + turn * period
            inside = [
                (is_positive if side.strict else is_nonnegative)(difference)
                for side, difference in ((low, value - low.limit), (high, high.limit - value))
            ]
            if any(truth is False for truth in inside):
                continue
            if not all(inside):
                return None
            found.append(value)
        return tuple(found)

    def _one_sided(self, start: Expr, period: Expr, integer: Symbol) -> Preimages | None:
        side = self.low or self.high
        assert side is not None
        sign = -1 if side.is_upper else 1
        turn = int(sympy.ceiling(sign * (side.limit - start).evalf() / period.evalf())) - 1
        for step in range(3):
            value = start + sign * (turn + step) * period
            inside = (is_positive if side.strict else is_nonnegative)(sign * (value - side.limit))
            if inside is None:
                return None
            if inside:
                condition = Ge(integer, 0, evaluate=False)
                return Preimages((value,), sign * period, integer, (condition,))
        return None


def in_sines(expression: Expr) -> Expr:
    """tan, cot, sec and csc as quotients of sines and cosines."""
    return (
        expression.replace(sympy.tan, lambda u: sin(u) / cos(u))
        .replace(sympy.cot, lambda u: cos(u) / sin(u))
        .replace(sympy.sec, lambda u: 1 / cos(u))
        .replace(sympy.csc, lambda u: 1 / sin(u))
    )


def angle_of(cosine: Expr, sine: Expr) -> Expr | None:
    """The angle in (-pi, pi] with this cosine and sine, in its simplest form; None where a sign was not decided.

    >>> angle_of(-sympy.sqrt(3) / 2, sympy.Rational(1, 2)), angle_of(sympy.Integer(0), sympy.Integer(-1))
    (5*pi/6, -pi/2)
    >>> angle_of(sympy.Rational(3, 5), -sympy.Rational(4, 5))
    -acos(3/5)
    """
    if is_zero(sine):
        return sympy.Integer(0) if is_positive(cosine) else pi
    upper = is_positive(sine)
    if upper is None:
        return None
    angle = sympy.acos(cosine) if upper else -sympy.acos(cosine)
    if not angle.has(sympy.acos):
        return angle
    part = sympy.nsimplify(float(sympy.N(angle / pi)), rational=True, tolerance=1e-12)
    if part.q <= LARGEST_DENOMINATOR and is_zero(cos(part * pi) - cosine):
        return part * pi
    return angle


def angle_change(canonical: CanonicalProblem, variable: Symbol) -> AngleChange | None:
    """The change for a variable that occurs in sines and cosines alone, apart from its bounds.

    >>> x = Symbol("x", real=True)
    >>> problem = CanonicalProblem(sin(x / 2) + cos(3 * x), (), (), (x,), (), (), frozenset())
    >>> angle_change(problem, x).rate
    1/2
    """
    expressions = free_expressions(canonical, variable)
    rates = set()
    for expression in expressions:
        for part in expression.atoms(*CIRCULAR):
            if part.has(variable):
                rates.add(sympy.expand(part.args[0]).coeff(variable))
    if not rates or any(rate.free_symbols or rate == 0 for rate in rates):
        return None
    rate = common_rate(sorted(rates, key=str))
    if rate is None:
        return None
    low, high = _tightest(canonical, variable)
    new = (Symbol(f"cos_{variable.name}", real=True), Symbol(f"sin_{variable.name}", real=True))
    change = AngleChange(variable, new, rate, low, high)
    fits = change.covers_circle() is not None and all(_is_circular(change, e) for e in expressions)
    return change if fits else None


def _is_circular(change: AngleChange, expression: Expr) -> bool:
    """Whether the old variable is gone, and where the expression has poles, the new one has them."""
    rewritten = change.rewritten(expression)
    if rewritten.has(change.old):
        return False
    poles = {
        (isinstance(part, sympy.tan | sympy.sec), part.args[0])
        for part in expression.atoms(sympy.tan, sympy.sec, sympy.cot, sympy.csc)
        if part.has(change.old)
    }
    if not poles:
        return True
    # a product such as tan(x) cos(x) loses its poles when SymPy multiplies it out
    negative = [power for power in rewritten.atoms(sympy.Pow) if power.exp.is_negative and power.has(*change.new)]
    return len(poles) == 1 and bool(negative)


def _tightest(canonical: CanonicalProblem, variable: Symbol) -> tuple[Bound | None, Bound | None]:
    """The greatest lower and the least upper bound, with the strict one of two equal ones."""
    sides: dict[bool, Bound | None] = {False: None, True: None}
    for bound in bounds_on(canonical).get(variable, []):
        kept, sign = sides[bound.is_upper], -1 if bound.is_upper else 1
        gain = sympy.Integer(1) if kept is None else sign * (bound.limit - kept.limit)
        tighter = is_positive(gain)
        if tighter is None or (not tighter and is_positive(-gain) is None):
            raise NotChangeableError(f"the bounds of {variable} could not be compared")
        if tighter or (bound.strict and is_zero(gain)):
            sides[bound.is_upper] = bound
    return sides[False], sides[True]
