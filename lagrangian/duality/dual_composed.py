"""Functions of the table at arguments that are not affine, convex by composition (Grant, Boyd and Ye 2006)."""

from collections.abc import Sequence

import sympy
from sympy import Expr, Integer, Max, Min, Pow, exp, log

from lagrangian.conditions.convexity import Curvature, Setting, curvature, shown_nonnegative
from lagrangian.conditions.hyperbolic import homogenized_matrix
from lagrangian.duality import conjugates as table
from lagrangian.duality.conjugates import Conjugate
from lagrangian.duality.dual_atoms import Atom


def compose(function: Expr, setting: Setting) -> tuple[Expr, Atom] | None:
    """A sign and a function of the table of convex or concave arguments, by the rule of disciplined convex programming.

    A convex function that rises in an argument stays convex where that is convex, and one that falls where that is concave.

    >>> from sympy import Symbol
    >>> x = Symbol("x", real=True)
    >>> sign, atom = compose(exp(x**2), Setting((x,), frozenset()))
    >>> atom.expression, atom.conjugate.name, atom.rises
    (exp(x**2), 'exp', (True,))
    """
    if isinstance(function, exp):
        return _composed(table.EXP, function.args, setting, rises=True)
    if isinstance(function, Max):
        return _composed(table.MAXIMUM, function.args, setting, rises=True)
    if isinstance(function, Min):
        return _composed(table.MAXIMUM, [-u for u in function.args], setting, rises=True, sign=-1)
    if isinstance(function, log):
        return _composed(table.NEGATIVE_LOG, function.args, setting, rises=False, sign=-1) or _composed_sum_of_exp(
            function.args[0], setting
        )
    if isinstance(function, Pow) and function.exp.is_Rational:
        return _composed_power(function.base, function.exp, setting)
    return None


def _composed(
    conjugate: Conjugate,
    arguments: Sequence[Expr],
    setting: Setting,
    *,
    rises: bool,
    parameters: tuple[Expr, ...] = (),
    sign: int = 1,
) -> tuple[Expr, Atom] | None:
    needed, found = Curvature.CONVEX if rises else Curvature.CONCAVE, []
    for argument in arguments:
        proof = curvature(argument, setting)
        if proof is None or proof.curvature not in (needed, Curvature.AFFINE):
            return None
        found.append(None if proof.curvature is Curvature.AFFINE else rises)
    return Integer(sign), Atom(conjugate, tuple(arguments), parameters, rises=tuple(found))


def _composed_sum_of_exp(argument: Expr, setting: Setting) -> tuple[Expr, Atom] | None:
    exponents = [term.args[0] for term in sympy.Add.make_args(argument) if isinstance(term, exp)]
    if len(exponents) < 2 or len(exponents) < len(sympy.Add.make_args(argument)):
        return None
    return _composed(table.LOG_SUM_EXP, exponents, setting, rises=True)


def _composed_power(base: Expr, exponent: Expr, setting: Setting) -> tuple[Expr, Atom] | None:
    """Powers above one of convex functions >= 0, and powers of concave functions that are defined where these are >= 0 only."""
    parameters = (exponent,)
    if exponent > 1:
        if not _is_nowhere_negative(base, setting):
            return None
        return _composed(table.POWER_ABOVE_ONE, [base], setting, rises=True, parameters=parameters)
    if exponent.is_Integer:
        return None
    if exponent > 0:
        return _composed(table.POWER_BELOW_ONE, [base], setting, rises=False, parameters=parameters, sign=-1)
    return _composed(table.NEGATIVE_POWER, [base], setting, rises=False, parameters=parameters)


def _is_nowhere_negative(base: Expr, setting: Setting) -> bool:
    """Whether a function is >= 0 at all points: term by term, or as a quadratic with a semidefinite homogeneous form."""
    if shown_nonnegative(base, Setting(setting.variables, frozenset(), setting.assumptions)):
        return True
    polynomial = base.as_poly(*setting.variables)
    if polynomial is None or polynomial.total_degree() != 2:
        return False
    matrix = homogenized_matrix(base, setting.variables)
    return not matrix.free_symbols and matrix.is_positive_semidefinite is True
