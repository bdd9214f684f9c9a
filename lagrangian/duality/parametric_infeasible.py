"""Parameters for which affine constraints contradict each other, by weights that are functions of the parameters."""

from collections.abc import Iterator, Sequence
from itertools import combinations

import sympy
from sympy import Expr

from lagrangian.algebra.signs import is_nonnegative, is_zero
from lagrangian.duality.parametric_signs import SignCondition, Signs, simplified
from lagrangian.problem.canonical import CanonicalProblem

MOST_CONSTRAINTS = 10


def contradictions(canonical: CanonicalProblem) -> list[list[SignCondition]]:
    """Conditions for no feasible point: sum(y_i g_i) + sum(z_j h_j) is a positive constant, with y >= 0 (Farkas 1902).

    >>> from sympy import symbols
    >>> from lagrangian.problem.canonicalization import canonicalize
    >>> from lagrangian.problem.problem import Problem
    >>> x, m = symbols("x m", real=True)
    >>> p = symbols("p", positive=True)
    >>> contradictions(canonicalize(Problem(x, [p * x <= m, x >= 0], over=[x]))[0])
    [[SignCondition(expression=m, strict=True)]]
    """
    signs = Signs(canonical.assumptions)
    found = []
    for total, strict in _constants(canonical):
        conditions = simplified(SignCondition(-total, strict=not strict), signs)
        if conditions is not None:
            found.append(conditions)
    return found


def _constants(canonical: CanonicalProblem) -> Iterator[tuple[Expr, bool]]:
    """The constants that weighted sums with a minimal support are, and whether a strict inequality has a weight."""
    variables = canonical.variables
    affine = [i for i, g in enumerate(canonical.inequalities) if is_affine(g.expression, variables)]
    equations = [h.expression for h in canonical.equalities if is_affine(h.expression, variables)]
    for size in range(1, len(variables) + 2):
        for chosen in combinations(affine[:MOST_CONSTRAINTS], size):
            functions = [*(canonical.inequalities[i].expression for i in chosen), *equations]
            weights = _weights(functions, variables, size, canonical)
            if weights is None:
                continue
            total = sympy.expand(sympy.Add(*(w * f for w, f in zip(weights, functions, strict=True))))
            constant = sympy.factor(sympy.together(total.xreplace(dict.fromkeys(variables, sympy.S.Zero))))
            strict = any(canonical.inequalities[i].strict for i, w in zip(chosen, weights, strict=False) if w != 0)
            yield constant, strict


def _weights(
    functions: Sequence[Expr], variables: Sequence[sympy.Symbol], held: int, canonical: CanonicalProblem
) -> list[Expr] | None:
    """The weights, unique up to a factor, of a sum without variables; those of the inequalities >= 0 for all parameters."""
    columns = sympy.Matrix([[sympy.diff(f, v) for f in functions] for v in variables])
    kernel = columns.nullspace(simplify=True)
    if len(kernel) != 1:
        return None
    common = sympy.lcm_list([sympy.denom(sympy.together(w)) for w in kernel[0]])
    for sign in (1, -1):
        weights = [sympy.factor(sympy.cancel(sign * common * w)) for w in kernel[0]]
        if all(is_nonnegative(w, canonical.assumptions) is True for w in weights[:held]):
            if any(is_zero(w) is not False for w in weights[:held]):
                return None
            return weights
    return None


def is_affine(function: Expr, variables: Sequence[sympy.Symbol]) -> bool:
    polynomial = function.as_poly(*variables)
    return polynomial is not None and polynomial.total_degree() <= 1
