"""Functions taken apart into a quadratic polynomial and weighted standard functions of affine arguments."""

from collections.abc import Callable

import sympy
from sympy import Abs, Expr, Integer, Max, Min, Pow, Symbol, exp, log

from lagrangian.algebra.signs import is_nonnegative, is_positive
from lagrangian.conditions.convexity import Setting, shown_nonnegative
from lagrangian.duality import conjugates as table
from lagrangian.duality.conjugates import Conjugate
from lagrangian.duality.dual_atoms import Atom, Decomposition
from lagrangian.duality.dual_composed import compose


def decompose(expression: Expr, setting: Setting) -> Decomposition:
    """The function as a quadratic polynomial plus multiples of functions in the table, and of others that are not.

    >>> x, y = sympy.symbols("x y", real=True)
    >>> found = decompose((x - y)**2 + 3 * exp(x + 1) - log(2 * y), Setting((x, y), frozenset()))
    >>> found.quadratic, {atom.expression: coefficient for coefficient, atom in found.atoms}
    ((x - y)**2, {-log(2*y): 1, exp(x + 1): 3})
    """
    total = Decomposition(Integer(0))
    for term in sympy.Add.make_args(expression):
        total = total.plus(_term(term, setting))
    return total


def _term(term: Expr, setting: Setting) -> Decomposition:
    if degree_of(term, setting) <= 2:
        return Decomposition(term)
    factor, rest = term.as_independent(*setting.variables, as_Add=False)
    for match in MATCHES:
        found = match(rest, setting)
        if found is not None:
            return found.scaled(factor)
    expanded = sympy.expand(term)
    longer = decompose(expanded, setting) if expanded.is_Add and expanded != term else None
    if longer is not None and all(atom.is_in_table for _, atom in longer.atoms):
        return longer
    composed = compose(rest, setting)
    if composed is not None:
        return Decomposition(Integer(0), (composed,)).scaled(factor)
    if longer is not None:
        return longer
    return _one(table.OTHER, *(v for v in setting.variables if rest.has(v)), parameters=(rest,)).scaled(factor)


def degree_of(expression: Expr, setting: Setting) -> float:
    """The degree of a polynomial in the variables; infinite for other functions."""
    if not expression.free_symbols & set(setting.variables):
        return 0
    polynomial = expression.as_poly(*setting.variables)
    if polynomial is None:
        return float("inf")
    return float(polynomial.total_degree())


def _affine(expression: Expr, setting: Setting) -> bool:
    return degree_of(expression, setting) <= 1


def _one(
    conjugate: Conjugate,
    *arguments: Expr,
    parameters: tuple[Expr, ...] = (),
    sign: int = 1,
    region: tuple[Expr, ...] = (),
) -> Decomposition:
    atom = Atom(conjugate, arguments, parameters, region)
    return Decomposition(Integer(0), ((Integer(sign), atom),))


def _exponential(rest: Expr, setting: Setting) -> Decomposition | None:
    if isinstance(rest, exp):
        exponent = rest.args[0]
    elif isinstance(rest, Pow) and rest.base.is_number and is_positive(rest.base) is True:
        exponent = rest.exp * log(rest.base)
    else:
        return None
    return _one(table.EXP, exponent) if _affine(exponent, setting) else None


def _power(rest: Expr, setting: Setting) -> Decomposition | None:
    if not isinstance(rest, Pow) or not rest.exp.is_Rational or not _affine(rest.base, setting):
        return None
    base, exponent = rest.args
    if exponent.is_Integer and exponent > 0 and exponent % 2 == 0:
        return _one(table.EVEN_POWER, base, parameters=(exponent,))
    # powers that are no integers are defined for bases >= 0 only
    region = (base,) if exponent.is_Integer else ()
    if region and not shown_nonnegative(base, setting):
        return None
    if exponent < 0:
        return _one(table.NEGATIVE_POWER, base, parameters=(exponent,), region=region)
    if exponent < 1:
        return _one(table.POWER_BELOW_ONE, base, parameters=(exponent,), sign=-1)
    return _one(table.POWER_ABOVE_ONE, base, parameters=(exponent,), region=region)


def _absolute_value(rest: Expr, setting: Setting) -> Decomposition | None:
    base, exponent = rest.as_base_exp()
    if not isinstance(base, Abs) or not _affine(base.args[0], setting) or not exponent.is_Rational:
        return None
    if exponent == 1:
        return _one(table.ABS, base.args[0])
    return _one(table.EVEN_POWER, base.args[0], parameters=(exponent,)) if exponent > 1 else None


def _logarithm(rest: Expr, setting: Setting) -> Decomposition | None:
    if not isinstance(rest, log):
        return None
    argument = rest.args[0]
    if _affine(argument, setting):
        return _one(table.NEGATIVE_LOG, argument, sign=-1)
    return _log_of_product(argument, setting) or _log_sum_exp(argument, setting) or _log_det(argument, setting)


def _log_of_product(argument: Expr, setting: Setting) -> Decomposition | None:
    """log(k prod(u**a)) = log(k) + sum(a log(u)), where the constraints imply u >= 0, so that each logarithm is defined."""
    factor, rest = argument.as_independent(*setting.variables, as_Add=False)
    pairs = [part.as_base_exp() for part in sympy.Mul.make_args(rest)]
    if is_positive(factor, setting.assumptions) is not True:
        return None
    if not all(_affine(u, setting) and power.is_Rational and shown_nonnegative(u, setting) for u, power in pairs):
        return None
    total = Decomposition(log(factor))
    for base, power in pairs:
        total = total.plus(_one(table.NEGATIVE_LOG, base, sign=-1, region=(base,)), power)
    return total


def _log_sum_exp(argument: Expr, setting: Setting) -> Decomposition | None:
    """log(k + sum(k_i exp(u_i))) = log(k) + log(1 + sum(exp(u_i + log(k_i/k))))."""
    constant, exponents = Integer(0), []
    for term in sympy.Add.make_args(argument):
        factor, rest = term.as_independent(*setting.variables, as_Add=False)
        if is_positive(factor, setting.assumptions) is not True:
            return None
        if rest == 1:
            constant += factor
            continue
        inner = _exponential(rest, setting)
        if inner is None:
            return None
        exponents.append(inner.atoms[0][1].arguments[0] + log(factor))
    if constant == 0:
        return _one(table.LOG_SUM_EXP, *exponents) if len(exponents) > 1 else Decomposition(exponents[0])
    shifted = [exponent - log(constant) for exponent in exponents]
    return Decomposition(log(constant)).plus(_one(table.LOG_ONE_PLUS_EXP, *shifted))


def _log_det(argument: Expr, setting: Setting) -> Decomposition | None:
    """log(u v - w**2) for affine u, v, w, where the constraints imply u >= 0, so that the matrix is positive definite."""
    terms = sympy.Add.make_args(argument)
    if len(terms) != 2:
        return None
    for products, square in (terms, terms[::-1]):
        root = sympy.sqrt(-square) if square.could_extract_minus_sign() else None
        root = None if root is None else root.replace(Abs, lambda inner: inner)
        factors = products.args if products.is_Mul and len(products.args) == 2 else ()
        if root is None or len(factors) != 2 or not all(_affine(part, setting) for part in (*factors, root)):
            continue
        if any(shown_nonnegative(factor, setting) for factor in factors):
            return _one(table.NEGATIVE_LOG_DET, *factors, root, sign=-1, region=tuple(factors))
    return None


def _entropies(rest: Expr, setting: Setting) -> Decomposition | None:
    """u log(k u) = u log(u) + u log(k), and u log(u/v) for affine u and v >= 0."""
    if not (rest.is_Mul and len(rest.args) == 2):
        return None
    for outer, inner in (rest.args, rest.args[::-1]):
        if not isinstance(inner, log) or not _affine(outer, setting):
            continue
        other = sympy.cancel(outer / inner.args[0])
        if not other.free_symbols & set(setting.variables) and is_positive(other, setting.assumptions) is True:
            return Decomposition(-outer * log(other)).plus(_one(table.ENTROPY, outer))
        if _affine(other, setting) and shown_nonnegative(other, setting):
            return _one(table.RELATIVE_ENTROPY, outer, other, region=(other,))
    return None


def _extremum(rest: Expr, setting: Setting) -> Decomposition | None:
    """The greatest of affine functions and sizes of such; with sizes |u| beside others it is that of u and -u and the others."""
    if not isinstance(rest, Max | Min):
        return None
    sign = 1 if isinstance(rest, Max) else -1
    found = [_sides(sign * argument, setting) for argument in rest.args]
    if not all(_affine(side, setting) for sides in found for side in sides):
        return None
    if all(len(sides) == 2 and sides[0] == -sides[1] for sides in found):
        return _one(table.MAXIMUM_OF_SIZES, *(sides[0] for sides in found), sign=sign)
    return _one(table.MAXIMUM, *dict.fromkeys(side for sides in found for side in sides), sign=sign)


def _sides(function: Expr, setting: Setting) -> tuple[Expr, ...]:
    """The functions of which it is the greatest: k + c |u| with c > 0 is that of k + c u and k - c u."""
    for size in sorted(function.atoms(Abs), key=str):
        factor = sympy.expand(function).coeff(size)
        if factor.is_number and is_positive(factor) is True:
            rest = sympy.expand(function - factor * size)
            ends = (sympy.expand(rest + factor * size.args[0]), sympy.expand(rest - factor * size.args[0]))
            return tuple(side for end in ends for side in _sides(end, setting))
    return (function,)


def _square_over_linear(rest: Expr, setting: Setting) -> Decomposition | None:
    numerator, denominator = sympy.fraction(sympy.together(rest))
    root, power = numerator.as_base_exp()
    if denominator == 1 or power != 2 or not (_affine(root, setting) and _affine(denominator, setting)):
        return None
    if not shown_nonnegative(denominator, setting):
        return None
    return _one(table.SQUARE_OVER_LINEAR, root, denominator, region=(denominator,))


def _geometric_mean(rest: Expr, setting: Setting) -> Decomposition | None:
    if not rest.is_Mul:
        return None
    pairs = [part.as_base_exp() for part in rest.args]
    if not all(_affine(base, setting) and power.is_Rational and 0 < power < 1 for base, power in pairs):
        return None
    if sum(power for _, power in pairs) > 1:
        return None
    return _one(
        table.GEOMETRIC_MEAN, *(base for base, _ in pairs), parameters=tuple(power for _, power in pairs), sign=-1
    )


def _product_of_powers(rest: Expr, setting: Setting) -> Decomposition | None:
    """prod(v**-a), and u**p/prod(v**a) with p >= 1 + sum(a), where the constraints imply that the bases are >= 0."""
    pairs = [part.as_base_exp() for part in sympy.Mul.make_args(rest)]
    if len(pairs) < 2 or not all(_affine(u, setting) and power.is_Rational for u, power in pairs):
        return None
    whole = [u for u, power in pairs if power.is_Integer]
    if not all(shown_nonnegative(u, setting) for u in whole):
        return None
    above = [pair for pair in pairs if pair[1] > 0]
    below = [pair for pair in pairs if pair[1] < 0]
    parameters = (*(power for _, power in above), *(-power for _, power in below))
    kind = table.POWER_OVER_PRODUCT if above else table.RECIPROCAL_PRODUCT
    if len(above) > 1 or (above and sum(power for _, power in pairs) < 1):
        return None
    return _one(kind, *(u for u, _ in (*above, *below)), parameters=parameters, region=tuple(whole))


def _root_of_quadratic(rest: Expr, setting: Setting) -> Decomposition | None:
    if not isinstance(rest, Pow) or rest.exp != sympy.Rational(1, 2) or degree_of(rest.base, setting) != 2:
        return None
    for sign, conjugate in ((1, table.NORM), (-1, table.NEGATIVE_CAP)):
        squares = complete_squares(sign * rest.base, setting.variables)
        if squares is None:
            continue
        weighted, constant = squares
        if is_nonnegative(sign * constant, setting.assumptions) is True:
            scales = tuple(scale for scale, _ in weighted)
            arguments = tuple(argument for _, argument in weighted)
            return _one(conjugate, *arguments, parameters=(sign * constant, *scales), sign=sign)
    return None


def complete_squares(quadratic: Expr, variables: tuple[Symbol, ...]) -> tuple[list[tuple[Expr, Expr]], Expr] | None:
    """Scales d > 0 and affine u with q = sum(d u**2) + constant; None unless the squares' coefficients are shown to be positive.

    >>> x, y = sympy.symbols("x y", real=True)
    >>> complete_squares(2 * x**2 + 4 * x * y + 3 * y**2 + 1, (x, y))
    ([(2, x + y), (1, y)], 1)
    """
    rest, squares = sympy.expand(quadratic), []
    for variable in variables:
        scale = rest.coeff(variable, 2)
        if scale == 0:
            continue
        if is_positive(scale) is not True:
            return None
        root = sympy.expand(sympy.diff(rest, variable) / (2 * scale))
        squares.append((scale, root))
        rest = sympy.expand(rest - scale * root**2)
    return None if rest.free_symbols & set(variables) else (squares, rest)


MATCHES: tuple[Callable[[Expr, Setting], Decomposition | None], ...] = (
    _exponential,
    _absolute_value,
    _power,
    _logarithm,
    _entropies,
    _extremum,
    _square_over_linear,
    _geometric_mean,
    _product_of_powers,
    _root_of_quadratic,
)
