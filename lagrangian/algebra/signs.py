"""Three-valued signs of expressions: numbers by ball arithmetic, parameters by their assumptions."""

from collections.abc import Sequence

import sympy
from sympy import Dummy, Expr, Pow, Rational, Symbol
from sympy.core.relational import Ge, Gt, Le, Lt, Relational

from lagrangian.algebra.balls import enclose
from lagrangian.algebra.zero_tests import is_zero_combination, is_zero_in_one_root, vanishes_as_logarithms
from lagrangian.logic import Truth, not3

PRECISIONS = (64, 256, 1024)


def is_zero(expression: Expr) -> Truth:
    """Whether an expression vanishes identically. None: not decided.

    >>> from sympy import sqrt, symbols
    >>> b = symbols("b", positive=True)
    >>> is_zero((b + 1)**2 - b**2 - 2*b - 1), is_zero(b), is_zero(sqrt(2)*sqrt(3) - sqrt(6))
    (True, False, True)
    """
    expression = sympy.sympify(expression, strict=True)
    if expression.is_number and not expression.is_Rational:
        return _is_zero_number(expression)
    if expression.is_zero is not None:
        return bool(expression.is_zero)
    simplified = sympy.simplify(expression)
    if simplified.is_zero is not None:
        return bool(simplified.is_zero)
    return True if vanishes_as_logarithms(expression) else None


def _is_zero_number(number: Expr) -> Truth:
    """SymPy itself is asked last: it may compute a minimal polynomial of degree 5**6 for it."""
    ball = enclose(number, 256)
    if ball is not None and not ball.contains(0):
        return False
    decided = is_zero_in_one_root(number)
    if decided is None:
        decided = is_zero_combination(number, is_zero)
    if decided is None and number.is_zero is not None:
        decided = bool(number.is_zero)
    return decided if decided is not None else True if _is_zero_by_sympy(number) else None


def _is_zero_by_sympy(number: Expr) -> bool:
    """An exact test for algebraic numbers by the minimal polynomial, for others by SymPy's simplification alone."""
    if number.is_algebraic:
        symbol = Dummy()
        try:
            return bool(sympy.minimal_polynomial(number, symbol) == symbol)
        except (NotImplementedError, ValueError):
            return False
    return bool(sympy.simplify(number) == 0)


def is_positive(expression: Expr, assumptions: Sequence[Relational] = ()) -> Truth:
    """Whether expression > 0 for all parameter values that the assumptions allow; False only if it is never positive.

    >>> from sympy import symbols
    >>> b, u = symbols("b", positive=True), symbols("u", real=True)
    >>> is_positive(b / 2), is_positive(-b), is_positive(u), is_positive(u + 2, [u > -1])
    (True, False, None, True)
    >>> is_positive(3 - sympy.sqrt(u + 1), [u > -1, u < 8])
    True
    """
    return _decide(expression, assumptions, strict=True)


def is_nonnegative(expression: Expr, assumptions: Sequence[Relational] = ()) -> Truth:
    """Whether expression >= 0 for all parameter values that the assumptions allow; False only if it never is."""
    return _decide(expression, assumptions, strict=False)


def is_nonpositive(expression: Expr, assumptions: Sequence[Relational] = ()) -> Truth:
    return is_nonnegative(-expression, assumptions)


def _decide(expression: Expr, assumptions: Sequence[Relational], *, strict: bool) -> Truth:
    expression = sympy.sympify(expression, strict=True)
    if expression.is_number:
        return _decide_number(expression, strict=strict)
    for form in _forms(_with_positive_symbols(expression, assumptions)):
        truth = form.is_positive if strict else form.is_nonnegative
        if truth is not None:
            return bool(truth)
        opposite = form.is_nonpositive if strict else form.is_negative
        if opposite:
            return False
    return _by_squares(expression, assumptions, strict=strict)


def _by_squares(expression: Expr, assumptions: Sequence[Relational], *, strict: bool) -> Truth:
    """(a sqrt(r) + b)/d with d > 0 and a and b of opposite signs: by the sign of a^2 r - b^2 or b^2 - a^2 r."""
    numerator, denominator = sympy.fraction(sympy.together(expression))
    roots = [part for part in numerator.atoms(Pow) if part.exp == Rational(1, 2) and part.free_symbols]
    if len(roots) != 1 or is_positive(denominator, assumptions) is not True:
        return None
    (root,), expanded = roots, sympy.expand(numerator)
    slope, rest = expanded.coeff(root), expanded.coeff(root, 0)
    if slope.has(root) or rest.has(root) or sympy.expand(slope * root + rest - expanded) != 0:
        return None
    if is_nonnegative(root.base, assumptions) is not True:
        return None
    difference = sympy.expand(slope**2 * root.base - rest**2)
    if is_positive(slope, assumptions) and is_nonnegative(-rest, assumptions):
        return _decide(difference, assumptions, strict=strict)
    if is_positive(-slope, assumptions) and is_nonnegative(rest, assumptions):
        return _decide(-difference, assumptions, strict=strict)
    return None


def _decide_number(expression: Expr, *, strict: bool) -> Truth:
    for bits in PRECISIONS:
        ball = enclose(expression, bits)
        if ball is None:
            break
        if ball > 0:
            return True
        if ball < 0:
            return False
    if is_zero(expression):
        return not strict
    return None


def _forms(expression: Expr) -> list[Expr]:
    """The expression in forms whose sign SymPy's assumptions may see."""
    forms = [expression]
    for change in (
        sympy.expand,
        sympy.together,
        sympy.factor,
        lambda e: sympy.factor(sympy.together(e)),
        sympy.simplify,
    ):
        changed = change(expression)
        if changed not in forms:
            forms.append(changed)
    return forms


def _with_positive_symbols(expression: Expr, assumptions: Sequence[Relational]) -> Expr:
    """Parameters that relations bound by numbers, written as functions of new positive symbols."""
    for symbol, (low, high) in _intervals(assumptions).items():
        # the new symbols know only the relations, so that what the old one says of its own sign must enter these
        if symbol.is_positive:
            low = sympy.S.Zero if low is None else sympy.Max(low, 0)
        if symbol.is_negative:
            high = sympy.S.Zero if high is None else sympy.Min(high, 0)
        fresh = Dummy(symbol.name, positive=True)
        if low is not None and high is not None:
            expression = expression.xreplace({symbol: (low + high * fresh) / (1 + fresh)})
        elif low is not None:
            expression = expression.xreplace({symbol: low + fresh})
        elif high is not None:
            expression = expression.xreplace({symbol: high - fresh})
    return expression


def _intervals(assumptions: Sequence[Relational]) -> dict[Symbol, tuple[Expr | None, Expr | None]]:
    """The open intervals that relations of the form "symbol < number" give; others are not used.

    A closed end is left out of the interval, so a sign found on the interval holds on its closure only for >= and <=: bounds
    that are not strict are ignored here.
    """
    found: dict[Symbol, tuple[Expr | None, Expr | None]] = {}
    for relation in assumptions:
        if not isinstance(relation, Lt | Gt):
            continue
        left, right = relation.lhs, relation.rhs
        if isinstance(relation, Gt):
            left, right = right, left
        if left.is_Symbol and right.is_number:
            low, high = found.get(left, (None, None))
            found[left] = (low, right if high is None else sympy.Min(high, right))
        elif right.is_Symbol and left.is_number:
            low, high = found.get(right, (None, None))
            found[right] = (left if low is None else sympy.Max(low, left), high)
    return found


def holds(relation: Relational, assumptions: Sequence[Relational] = ()) -> Truth:
    """Whether a relation between expressions in parameters holds for all values that the assumptions allow."""
    difference = relation.lhs - relation.rhs
    if isinstance(relation, Le):
        return is_nonnegative(-difference, assumptions)
    if isinstance(relation, Ge):
        return is_nonnegative(difference, assumptions)
    if isinstance(relation, Lt):
        return is_positive(-difference, assumptions)
    if isinstance(relation, Gt):
        return is_positive(difference, assumptions)
    zero = is_zero(difference)
    return zero if isinstance(relation, sympy.Eq) else not3(zero)
