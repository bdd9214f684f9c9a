"""What kind of problem it is, where some variables are integers: the conditions of calculus say nothing of these."""

import sympy
from sympy import Expr, Symbol

from lagrangian.problem.canonicalization import canonicalize
from lagrangian.problem.problem import Problem
from lagrangian.problem.reductions import bounds_of


def classification(problem: Problem) -> str:
    """The kind of a problem with integer variables, in a sentence.

    >>> x, y = sympy.symbols("x y")
    >>> classification(Problem(x * y, [x + y <= 3], over=[x, y], integers=[x], bounds={x: (0, 1)}))
    'This is a mixed-integer quadratic problem: 1 of 2 variables is an integer, it is binary.'
    """
    canonical, _ = canonicalize(problem)
    integers = [v for v in canonical.variables if v in canonical.integers]
    degree = max((_degree(f, canonical.variables) for f in canonical.functions), default=0.0)
    words = {0.0: "linear", 1.0: "linear", 2.0: "quadratic", float("inf"): "nonlinear"}
    word = words.get(degree, "polynomial")
    bounds = bounds_of(canonical)
    binary = [v for v in integers if bounds[v] == (0, 1)]
    unbounded = [v for v in integers if not all(side.is_finite for side in bounds[v])]
    pronoun, verb = ("it", "is") if len(integers) == 1 else ("all of them", "are")
    parts = []
    if binary:
        parts.append(f"{pronoun if len(binary) == len(integers) else len(binary)} {verb} binary")
    if unbounded:
        parts.append(f"{pronoun if len(unbounded) == len(integers) else len(unbounded)} {verb} without a stated bound")
    known = ", ".join(["", *parts])
    if len(integers) == len(canonical.variables):
        counted = f"{len(integers)} variable{'s' if len(integers) != 1 else ''}"
        return f"This is an integer {word} problem in {counted}{known}."
    kind = "is an integer" if len(integers) == 1 else "are integers"
    return f"This is a mixed-integer {word} problem: {len(integers)} of {len(canonical.variables)} variables {kind}{known}."


def _degree(expression: Expr, variables: tuple[Symbol, ...]) -> float:
    if not expression.is_polynomial(*variables):
        return float("inf")
    return 0.0 if expression.is_number else float(sympy.Poly(expression, *variables).total_degree())
