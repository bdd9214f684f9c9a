"""Products of powers are maximized through their logarithm: Cobb-Douglas utilities and production functions.

With f = c u_1^a_1 ... u_k^a_k, c > 0, a_i > 0 and u_i >= 0 on the feasible set, a maximum of log f is one of f: where some u_i
vanishes f is 0, and elsewhere the logarithm is increasing. The gradients differ by the factor f, and so do the multipliers.
"""

from dataclasses import replace

import sympy
from sympy import Expr, log

from lagrangian.algebra.signs import is_positive
from lagrangian.problem.canonical import CanonicalProblem


def with_logarithm(canonical: CanonicalProblem) -> CanonicalProblem | None:
    """The problem with F = -f replaced by -log(f); None where the objective is no such product.

    >>> from sympy import symbols
    >>> from lagrangian.problem.canonicalization import canonicalize
    >>> from lagrangian.problem.problem import Problem
    >>> x, y, a = symbols("x y a", positive=True)
    >>> with_logarithm(canonicalize(Problem(3 * x**a * y, [x + y <= 1], over=[x, y], sense="max"))[0]).objective
    -a*log(x) - log(y)
    """
    variables = set(canonical.variables)
    factors = [part.as_base_exp() for part in sympy.Mul.make_args(-canonical.objective)]
    # a factor such as 2**x belongs to the powers, and is none that the logarithm takes apart into convex terms
    powers = [(base, exponent) for base, exponent in factors if (base**exponent).free_symbols & variables]
    outer = sympy.Mul(*(base**exponent for base, exponent in factors if not (base**exponent).free_symbols & variables))
    if not powers or is_positive(outer, canonical.assumptions) is not True:
        return None
    if not all(_is_power_of_nonnegative(base, exponent, canonical) for base, exponent in powers):
        return None
    return replace(canonical, objective=sympy.Add(*(-exponent * log(base) for base, exponent in powers)))


def _is_power_of_nonnegative(base: Expr, exponent: Expr, canonical: CanonicalProblem) -> bool:
    """Whether the exponent is a positive number, and the base >= 0 by a constraint, or by the domain of the power."""
    if exponent.free_symbols & set(canonical.variables) or is_positive(exponent, canonical.assumptions) is not True:
        return False
    return exponent.is_integer is False or any(sympy.expand(base + g.expression) == 0 for g in canonical.inequalities)
