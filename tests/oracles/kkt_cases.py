"""The KKT conditions from their definition, for problems stated as minimize f with every constraint g <= 0: slow and plain.

Written from Boyd and Vandenberghe (2004, section 5.5.3); nothing of the package is used.
"""

from itertools import combinations

import sympy
from sympy import Expr, Symbol

Point = dict[Symbol, Expr]


def kkt_points(f: Expr, below: list[Expr], variables: list[Symbol]) -> set[tuple[Expr, ...]] | None:
    """All KKT points of a quadratic f under affine g <= 0, by one linear system a set; None where a system is singular."""
    found = set()
    for size in range(len(variables) + 1):
        for active in combinations(range(len(below)), size):
            mu = [sympy.Symbol(f"mu{i}") for i in active]
            lagrangian = f + sum((m * below[i] for m, i in zip(mu, active, strict=True)), sympy.Integer(0))
            rows = [sympy.diff(lagrangian, v) for v in variables] + [below[i] for i in active]
            matrix, right = sympy.linear_eq_to_matrix(rows, [*variables, *mu])
            if matrix.det() == 0:
                return None
            solution = list(matrix.LUsolve(right))
            place = dict(zip(variables, solution, strict=False))
            if all(value >= 0 for value in solution[len(variables) :]) and all(g.subs(place) <= 0 for g in below):
                found.add(tuple(solution[: len(variables)]))
    return found


def residuals(
    f: Expr, below: list[Expr], zero: list[Expr], point: Point, mu: list[Expr], weights: list[Expr]
) -> list[float]:
    """The entries of the gradient of f + sum(mu g) + sum(w h) at a point, and the values of all h, to 40 digits."""
    lagrangian = f + sum((m * g for m, g in zip(mu, below, strict=True)), sympy.Integer(0))
    lagrangian += sum((w * h for w, h in zip(weights, zero, strict=True)), sympy.Integer(0))
    entries = [sympy.diff(lagrangian, v) for v in point] + zero
    return [abs(float(sympy.N(entry.subs(point), 40))) for entry in entries]
