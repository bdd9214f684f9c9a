"""The functions of a problem with their derivatives by the variables and by one parameter, compiled for path following."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import sympy
from numpy.typing import NDArray
from sympy import Expr, Symbol

from lagrangian.errors import ProblemError
from lagrangian.numeric.derivatives import Differentiation
from lagrangian.numeric.graph import Graph, Node
from lagrangian.numeric.modules import load_module
from lagrangian.numeric.reading import Reader
from lagrangian.numeric.source import FunctionText, module_source
from lagrangian.problem.canonical import CanonicalProblem

Array = NDArray[np.float64]
KINKS = (sympy.Abs, sympy.Max, sympy.Min, sympy.sign, sympy.floor, sympy.ceiling, sympy.Piecewise, sympy.Heaviside)


class Values(NamedTuple):
    """F, dF/dp, dF/dx (n,), c (k,), dc/dp (k,), dc/dx (k, n), d2L/dx2 (n, n) and d2L/dxdp (n,) at one place."""

    objective: float
    objective_slope: float
    gradient: Array
    constraints: Array
    constraint_slopes: Array
    jacobian: Array
    hessian: Array
    cross: Array


@dataclass(frozen=True, slots=True, eq=False)
class PathFunctions:
    """minimize F(x, p) subject to c(x, p) = (g <= 0, h = 0), where one entry of the parameters, p, moves.

    Attributes:
        evaluate: evaluate(x, weights, parameters, out), compiled; ``out`` has shape (size,).
        size: how many numbers it stores.
        shape: the numbers of variables, of inequalities and of all constraints, (n, m, k).
        parameters: the values of all parameters; that of the moving one is replaced.
        place: which of them moves.
    """

    evaluate: Callable[..., None]
    size: int
    shape: tuple[int, int, int]
    parameters: Array
    place: int

    def at(self, x: Array, multipliers: Array, parameter: float) -> Values:
        """Everything at x of shape (n,), multipliers of shape (k,) and the moving parameter."""
        n, _, k = self.shape
        parameters = self.parameters.copy()
        parameters[self.place] = parameter
        out = np.empty(self.size)
        self.evaluate(np.ascontiguousarray(x), np.concatenate([[1.0], multipliers]), parameters, out)
        ends = np.cumsum([2, n, k, k, k * n, n * n])
        first, slopes, constraints, by_parameter, jacobian, hessian, cross = np.split(out, ends)
        shaped = jacobian.reshape(k, n), hessian.reshape(n, n)
        return Values(float(first[0]), float(first[1]), slopes, constraints, by_parameter, *shaped, cross)


def path_functions(canonical: CanonicalProblem, parameters: Array, place: int) -> PathFunctions:
    """Compile the functions for a parameter that moves.

    Raises:
        ProblemError: for a function with kinks or steps, whose derivatives say nothing there, or without a compiled form.

    >>> from sympy import symbols
    >>> from lagrangian.problem.canonicalization import canonicalize
    >>> from lagrangian.problem.problem import Problem
    >>> x, b = symbols("x b")
    >>> functions = path_functions(canonicalize(Problem((x - b) ** 2, [x <= b**2], over=[x]))[0], np.zeros(1), 0)
    >>> values = functions.at(np.array([1.0]), np.array([5.0]), 3.0)
    >>> values.objective, values.objective_slope, values.constraint_slopes.tolist(), values.cross.tolist()
    (4.0, 4.0, [-6.0], [-2.0])
    """
    refuse_kinks(canonical.functions)
    graph = Graph()
    outputs = _outputs(graph, canonical, place)
    function = FunctionText("evaluate", ("x", "weights", "p", "out"), outputs, "a problem with one moving parameter")
    counts = {"x": len(canonical.variables), "weights": len(canonical.functions), "p": len(canonical.parameters)}
    module = load_module(module_source(graph, [function], counts))
    n, m, k = len(canonical.variables), len(canonical.inequalities), len(canonical.functions) - 1
    return PathFunctions(module.evaluate, len(outputs), (n, m, k), parameters, place)


def refuse_kinks(functions: Iterable[Expr]) -> None:
    """Raise ProblemError where a function has a kink or a step."""
    for function in functions:
        for found in sorted(function.atoms(*KINKS), key=sympy.default_sort_key):
            raise ProblemError(
                f"{found} has no derivative everywhere, and a path is followed by derivatives; write a new variable in its "
                "place, such as t with t >= x and t >= -x for Abs(x)"
            )


def _outputs(graph: Graph, canonical: CanonicalProblem, place: int) -> tuple[Node, ...]:
    """What `Values` holds, one behind the other."""
    x = [graph.input("x", i) for i in range(len(canonical.variables))]
    parameters = [graph.input("p", i) for i in range(len(canonical.parameters))]
    symbols: dict[Symbol, Node] = dict(
        zip((*canonical.variables, *canonical.parameters), (*x, *parameters), strict=True)
    )
    reader = Reader(graph, symbols)
    functions = [reader.node(expression) for expression in canonical.functions]
    weights = [graph.input("weights", i) for i in range(len(functions))]
    inputs = [*x, parameters[place]]
    differentiation = Differentiation(graph, inputs)

    def row(output: Node) -> list[Node]:
        found = differentiation.gradient(output)
        return [found.get(entry, graph.number(0.0)) for entry in inputs]

    rows = [row(function) for function in functions]
    stationarity = [
        graph.sum(graph.multiply(weight, entry) for weight, entry in zip(weights, column, strict=True))
        for column in list(zip(*rows, strict=True))[:-1]
    ]
    second = [row(entry) for entry in stationarity]
    # one triangle serves both halves, so that the matrix is exactly symmetric
    hessian = [second[max(i, j)][min(i, j)] for i in range(len(x)) for j in range(len(x))]
    jacobian = [entry for slopes in rows[1:] for entry in slopes[:-1]]
    by_parameter = [slopes[-1] for slopes in rows]
    cross = [slopes[-1] for slopes in second]
    return (
        functions[0],
        by_parameter[0],
        *rows[0][:-1],
        *functions[1:],
        *by_parameter[1:],
        *jacobian,
        *hessian,
        *cross,
    )
