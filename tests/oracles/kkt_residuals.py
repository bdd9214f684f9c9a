"""KKT residuals of many instances by SymPy's own derivatives and NumPy: slow, and nothing of the compiled solver is in it."""

import numpy as np
import sympy

from lagrangian.problem.canonicalization import canonicalize


def kkt_residuals(problem, parameters, solution):
    """The greatest of |dL/dx|, |h|, max(g, 0), |mu g| and max(-mu, 0) for each instance, and the size of the greatest term.

    Args:
        parameters: by name, each an array of shape (b,).
        solution: with ``x`` of shape (b, n) and the canonical ``multipliers`` of shape (b, k).
    """
    canonical, restoration = canonicalize(problem)
    names = [str(p) for p in restoration.problem.parameters]
    count = len(solution.x)
    given = [*solution.x.T, *(np.broadcast_to(np.asarray(parameters[name], dtype=float), count) for name in names)]
    symbols = [*canonical.variables, *canonical.parameters]

    def values(expression):
        found = sympy.lambdify(symbols, expression, "numpy")(*given)
        return np.broadcast_to(np.asarray(found, dtype=float), count)

    constraints = [c.expression for c in (*canonical.inequalities, *canonical.equalities)]
    worst, greatest = np.zeros(count), np.ones(count)
    for variable in canonical.variables:
        total = values(canonical.objective.diff(variable)).copy()
        greatest = np.maximum(greatest, np.abs(total))
        for i, constraint in enumerate(constraints):
            term = solution.multipliers[:, i] * values(constraint.diff(variable))
            greatest = np.maximum(greatest, np.abs(term))
            total += term
        worst = np.maximum(worst, np.abs(total))
    for i, constraint in enumerate(constraints):
        value = values(constraint)
        if i < len(canonical.inequalities):
            multiplier = solution.multipliers[:, i]
            misses = [np.maximum(value, 0), np.abs(multiplier * value), np.maximum(-multiplier, 0)]
            worst = np.maximum.reduce([worst, *misses])
        else:
            worst = np.maximum(worst, np.abs(value))
    return worst, greatest
