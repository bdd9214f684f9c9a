"""The other way to the same answer: an affine equation solved for a variable and put into the objective."""

from collections.abc import Sequence

import sympy
from sympy import Eq, Expr, Symbol

from lagrangian.report.blocks import Block, Formulas, Step, say
from lagrangian.report.case_steps import numbered, solving_blocks
from lagrangian.report.elimination import Effort, solved_by_hand
from lagrangian.report.judgment import same_place
from lagrangian.report.kkt_equations import KKTEquations
from lagrangian.report.moves import linear_parts
from lagrangian.report.systems import Equation, Found, Nothing, Worked

MOST_VARIABLES = 3


def substitution_step(equations: KKTEquations, worked: Worked, effort: Effort) -> Step | None:
    """The same points by substitution, for one affine equation in few variables; None for other problems.

    Nothing is shown unless the points are the same: every point of one way is shown to be one of the other.
    """
    solved = _solved_equation(equations)
    if solved is None:
        return None
    variable, value = solved
    rest = [other for other in equations.variables if other != variable]
    reduced = sympy.expand(equations.objective.xreplace({variable: value}))
    rows = [Equation(f"({number})", sympy.diff(reduced, other)) for number, other in enumerate(rest, start=1)]
    again = solved_by_hand(rows, rest, assumptions=equations.assumptions, effort=effort)
    if not _is_same(equations, worked, again, variable, value):
        return None
    blocks, outcome = solving_blocks(again)
    told: list[Block] = [
        say("The constraint gives ", Eq(variable, value, evaluate=False), ". The objective becomes"),
        Formulas((("", reduced),)),
        say("a function of ", *_names(rest), " without a constraint, whose derivatives vanish where"),
        numbered(rows, rest),
        *blocks,
        say("Result: ", *outcome.parts),
        say("With the value of ", variable, " these are the points found with the multiplier."),
    ]
    return Step("The other way: substitution", tuple(told))


def _names(symbols: Sequence[Symbol]) -> list[str | Expr]:
    return [part for symbol in symbols for part in (", ", symbol)][1:]


def _solved_equation(equations: KKTEquations) -> tuple[Symbol, Expr] | None:
    """The variable with the shortest value, by the only constraint, which is affine with numbers as its coefficients."""
    if len(equations.equalities) != 1 or equations.inequalities or not 2 <= len(equations.variables) <= MOST_VARIABLES:
        return None
    (held,) = equations.equalities
    if any(entry.free_symbols for entry in equations.gradient(held.function)):
        return None
    values = []
    for variable in equations.variables:
        parts = linear_parts(held.function, variable)
        if parts is not None:
            values.append((variable, sympy.expand(-parts[1] / parts[0])))
    # the variable with the simplest value, the last of these, as in y = 10 - x
    return min(reversed(values), key=lambda entry: sympy.count_ops(entry[1]), default=None)


def _is_same(equations: KKTEquations, worked: Worked, again: Worked, variable: Symbol, value: Expr) -> bool:
    """Whether both ways end in points alone, and the same ones."""
    leaves = [*worked.leaves()], [*again.leaves()]
    if not all(isinstance(leaf, Found | Nothing) for side in leaves for leaf in side):
        return False
    points = [[leaf for leaf in side if isinstance(leaf, Found)] for side in leaves]
    if not points[0] or len(points[0]) != len(points[1]):
        return False
    completed = [_completed(equations, point, variable, value) for point in points[1]]
    return all(any(same_place(equations, one, other) for other in completed) for one in points[0])


def _completed(equations: KKTEquations, point: Found, variable: Symbol, value: Expr) -> Found:
    values = {**point.values, variable: value.xreplace(point.values)}
    return Found({symbol: values[symbol] for symbol in equations.variables})
