"""The zero of the slope of a convex function of one variable, in closed form, where its equation can have one only."""

import sympy
from sympy import Dummy, Expr, Integer, Rational, Symbol, exp, log

from lagrangian.algebra.signs import is_nonnegative, is_positive, is_zero


def positive_zero(slope: Expr, variable: Symbol, low: Expr) -> Expr | None:
    """The x > low with slope(x) = 0, if there is one; None where no closed form names it for certain.

    The slope becomes a polynomial in some t > 0, t = exp(k x) or a power of x - low, of the form a t**n + b or
    a t**(2 n) + b t**n + c with a c < 0, which have one positive zero at most; or a x + b; or a log(x - low) + b.

    >>> x, s, w = Symbol("x", real=True), Symbol("s", real=True), Symbol("w", positive=True)
    >>> positive_zero(w * exp(x) - exp(-x) + s, x, -sympy.oo)
    log((-s + sqrt(s**2 + 4*w))/(2*w))
    >>> positive_zero(2 * w * x - 1 / x + s, x, Integer(0))
    (-s + sqrt(s**2 + 8*w))/(4*w)
    """
    plain = slope.rewrite([sympy.sinh, sympy.cosh, sympy.tanh], exp)
    for shift in _shifts(plain, variable, low):
        above = not low.is_infinite and is_nonnegative(low - shift) is True
        time = Dummy(positive=True) if above else Dummy(real=True)
        terms = _terms(sympy.expand_log(sympy.expand(plain.xreplace({variable: shift + time}))), time)
        found = None if terms is None else _solved(terms, shift, positive=above)
        if found is not None:
            return found
    return None


def _shifts(slope: Expr, variable: Symbol, low: Expr) -> list[Expr]:
    """Where to measure x from: from where arguments of logarithms and roots vanish, from the lower end, from zero."""
    arguments = [part.args[0] for part in slope.atoms(log, sympy.Pow) if part.args[0].has(variable)]
    lines = [argument.as_poly(variable) for argument in arguments]
    roots = [-line.nth(0) / line.nth(1) for line in lines if line is not None and line.degree() == 1]
    return list(dict.fromkeys([*roots, *([] if low.is_infinite else [low]), Integer(0)]))


def _solved(terms: dict[tuple[str, Expr], Expr], shift: Expr, *, positive: bool) -> Expr | None:
    kinds = {kind for kind, _ in terms if kind != "constant"}
    constant = terms.get(("constant", Integer(0)), Integer(0))
    if kinds == {"power"} and set(terms) <= {("power", Integer(1)), ("constant", Integer(0))}:
        return shift - constant / terms["power", Integer(1)]
    if kinds == {"log"}:
        return shift + exp(-constant / terms["log", Integer(1)])
    found = _root(_by_exponent(terms)) if len(kinds) == 1 else None
    if found is None or (kinds == {"power"} and not positive):
        return None
    root, number = found
    return shift + (log(root) / number if kinds == {"exp"} else root ** (1 / number))


def _terms(total: Expr, time: Symbol) -> dict[tuple[str, Expr], Expr] | None:
    """The coefficients by kind of function and its number: powers, exponentials exp(k t), the logarithm."""
    known: dict[tuple[str, Expr], Expr] = {}
    for term in sympy.Add.make_args(total):
        factor, rest = term.as_independent(time, as_Add=False)
        key = _kind(rest, time)
        if key is None:
            return None
        known[key] = known.get(key, Integer(0)) + factor
    return {key: factor for key, factor in known.items() if factor != 0}


def _kind(rest: Expr, time: Symbol) -> tuple[str, Expr] | None:
    if rest == 1:
        return "constant", Integer(0)
    if rest == log(time):
        return "log", Integer(1)
    base, exponent = rest.as_base_exp()
    if base == time and exponent.is_Rational:
        return "power", exponent
    if isinstance(rest, exp):
        rate = sympy.expand(rest.args[0]) / time
        return ("exp", rate) if rate.is_Rational else None
    return None


def _by_exponent(terms: dict[tuple[str, Expr], Expr]) -> dict[Expr, Expr]:
    return {number: factor for (_, number), factor in terms.items()}


def _root(terms: dict[Expr, Expr]) -> tuple[Expr, Expr] | None:
    """t**k for the positive t at which sum(c t**e) is zero, with that k; None unless there is one at most."""
    least = min(terms)
    moved = {exponent - least: factor for exponent, factor in terms.items()}
    step = sympy.gcd_list([Rational(exponent) for exponent in moved if exponent != 0]) if len(moved) > 1 else None
    if step is None:
        return None
    coefficients = {exponent / step: factor for exponent, factor in moved.items()}
    first, degree = coefficients[Integer(0)], max(coefficients)
    last = coefficients[degree]
    if is_zero(last) is not False or is_zero(first) is not False:
        return (
            None
            if set(coefficients) != {Integer(0), Integer(1)} or is_zero(last) is not False
            else (-first / last, step)
        )
    if set(coefficients) == {Integer(0), degree}:
        return -first / last, step * degree
    if set(coefficients) != {Integer(0), Integer(1), Integer(2)}:
        return None
    opposite = is_positive(last) is True and is_nonnegative(-first) is True
    if not opposite and not (is_positive(-last) is True and is_nonnegative(first) is True):
        return None
    middle = coefficients[Integer(1)]
    sign = 1 if is_positive(last) is True else -1
    return (-middle + sign * sympy.sqrt(middle**2 - 4 * last * first)) / (2 * last), step
