"""The multipliers of an optimum as a point of the dual problem."""

import sympy
from sympy import Expr, Integer, Symbol

from lagrangian.duality.dual_function import DualFunction
from lagrangian.solution import Solution


def kkt_multipliers(solution: Solution, function: DualFunction) -> dict[Symbol, Expr] | None:
    """The multipliers of the answer for each symbol of the dual function; None where the answer has none.

    Those of new equations y = u follow from the stationarity of the Lagrangian in y at y = u(x*).
    """
    values: dict[Symbol, Expr] = {}
    for term in function.terms:
        if term.stated not in solution.multipliers:
            return None
        values[term.multiplier] = solution.multipliers[term.stated]
    if not function.introduced:
        return values
    if not solution.points:
        return None
    return _with_new(values, solution.points[0], function)


def _with_new(
    values: dict[Symbol, Expr], point: dict[Symbol, Expr], function: DualFunction
) -> dict[Symbol, Expr] | None:
    places = {relation.lhs: relation.rhs.xreplace(point) for _, relation in function.introduced}
    at = {**values, **point, **places}
    found = dict(values)
    for multiplier, relation in function.introduced:
        block = next(block for block in function.blocks if relation.lhs in block.variables)
        slope = sympy.diff(block.function, relation.lhs).xreplace({**at, multiplier: Integer(0)})
        if slope.has(sympy.nan, sympy.zoo, sympy.oo, -sympy.oo):
            return None
        found[multiplier] = sympy.expand(-slope)
    return found
