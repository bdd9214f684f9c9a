"""A problem as compiled functions of its variables and parameters, with exact derivatives."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sympy import Symbol

from lagrangian.numeric.bound import BoundProblem, bind
from lagrangian.numeric.derivatives import Differentiation, Entries
from lagrangian.numeric.graph import Graph, Node
from lagrangian.numeric.lanes import WIDTH
from lagrangian.numeric.modules import load_module
from lagrangian.numeric.reading import Reader
from lagrangian.numeric.source import FunctionText, module_source
from lagrangian.problem.canonical import CanonicalProblem, Restoration
from lagrangian.problem.canonicalization import canonicalize
from lagrangian.problem.problem import Problem
from lagrangian.shown import Shown

Array = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Pattern:
    """Where the entries of a sparse matrix stand, row by row: entry i at (rows[i], columns[i])."""

    rows: Integers
    columns: Integers
    shape: tuple[int, int]

    def dense(self, values: Array) -> Array:
        """The whole matrix, of this pattern's shape."""
        matrix = np.zeros(self.shape)
        matrix[self.rows, self.columns] = values
        return matrix

    def symmetric(self, values: Array) -> Array:
        """The whole symmetric matrix whose lower triangle has these values."""
        lower = self.dense(values)
        return lower + np.tril(lower, -1).T


@dataclass(frozen=True, slots=True, eq=False)
class CompiledProblem(Shown):
    """minimize F(x, p) subject to g(x, p) <= 0 and h(x, p) = 0 as functions that Numba has compiled.

    F is -f for a maximization, see `lagrangian.problem.canonical`; c = (g, h) are the constraints, inequalities first, with
    bounds and the assumptions of symbols among them. x has shape (n,), p shape (number of parameters,), both float64; weights
    are (sigma, m_1, ..., m_k) for L = sigma F + sum m_i c_i. What a function computes it stores in ``out``; its shape is given
    here.

    Attributes:
        objective: objective(x, p) -> F.
        gradient: gradient(x, p, out): dF/dx, shape (n,).
        constraints: constraints(x, p, out): g, then h, shape (k,).
        jacobian: jacobian(x, p, out): the entries of dc/dx that are not always zero, in the order of ``jacobian_pattern``.
        hessian: hessian(x, weights, p, out): those of the lower triangle of d^2 L/dx^2, in the order of ``hessian_pattern``.
        evaluate: evaluate(x, weights, p, out): F, dF/dx, c, the Jacobian and the Hessian behind each other, all in one pass.
        evaluate_numbers: evaluate_numbers() is evaluate as a C function of four pointers to float64.
        evaluate_lanes: evaluate_lanes() is that for WIDTH instances side by side, see `lanes`.
        size: the shape of ``out`` of evaluate is (size,).
        canonical, restoration: the problem that was compiled, and the way back to the stated one.
        source: the source of these functions.
    """

    objective: Callable[..., float]
    gradient: Callable[..., None]
    constraints: Callable[..., None]
    jacobian: Callable[..., None]
    hessian: Callable[..., None]
    evaluate: Callable[..., None]
    evaluate_numbers: Callable[[], Any]
    evaluate_lanes: Callable[[], Any]
    jacobian_pattern: Pattern
    hessian_pattern: Pattern
    size: int
    canonical: CanonicalProblem
    restoration: Restoration
    source: str

    def bind(self) -> BoundProblem:
        """Arrays of this problem and a call without arguments that evaluates at them, for use from Python.

        >>> from sympy import symbols
        >>> x, y = symbols("x y")
        >>> bound = compile_problem(Problem(x**2 + 3 * y, over=[x, y])).bind()
        >>> bound.x[:] = [2.0, 1.0]
        >>> bound.evaluate()
        >>> bound.objective, bound.gradient, bound.hessian
        (array([7.]), array([4., 3.]), array([2.]))
        """
        counts = self.dimension, len(self.canonical.functions), len(self.canonical.parameters)
        entries = len(self.jacobian_pattern.rows), len(self.hessian_pattern.rows)
        return bind(self.evaluate_numbers().address, counts, entries)

    @property
    def dimension(self) -> int:
        """The number of variables, n."""
        return len(self.canonical.variables)

    @property
    def inequality_count(self) -> int:
        """The number of entries of g."""
        return len(self.canonical.inequalities)

    @property
    def equality_count(self) -> int:
        """The number of entries of h."""
        return len(self.canonical.equalities)


def compile_problem(problem: Problem) -> CompiledProblem:
    """Compile a problem; the machine code is kept on disk, so that a second process starts at once.

    The functions are plain Numba functions: other compiled code may call them, as below. They take contiguous arrays of float64
    and refuse those of another type or shape. An undefined value, such as log(-1), is nan. At a kink of Max, Min or a Piecewise
    they give the derivative of one side, of Abs 0. Each is compiled when it is first called. Integer demands are left to the
    caller.

    Raises:
        ProblemError: for a function that has no compiled form, and a number that a float cannot hold.

    >>> from sympy import symbols
    >>> x, y, b = symbols("x y b")
    >>> compiled = compile_problem(Problem(x**2 + b * y**2, [x + y >= b], over=[x, y]))
    >>> compiled.objective(np.array([1.0, 2.0]), np.array([3.0]))
    13.0
    >>> out = np.empty(2)
    >>> compiled.hessian(np.array([1.0, 2.0]), np.array([1.0, 0.0]), np.array([3.0]), out)
    >>> compiled.hessian_pattern.symmetric(out)
    array([[2., 0.],
           [0., 6.]])
    >>> from numba import njit
    >>> gradient = compiled.gradient
    >>> @njit
    ... def descend(x, p, steps):
    ...     slope = np.empty(2)
    ...     for _ in range(steps):
    ...         gradient(x, p, slope)
    ...         x -= 0.1 * slope
    ...     return x
    >>> descend(np.array([1.0, 2.0]), np.array([3.0]), 100).round(6)
    array([0., 0.])
    """
    canonical, restoration = canonicalize(problem)
    lowered = lower(canonical)
    size = len(lowered.functions[-1].outputs)
    counts = {"x": len(canonical.variables), "weights": len(canonical.functions), "p": len(canonical.parameters)}
    text = module_source(lowered.graph, lowered.functions, counts) + _pointers_source({**counts, "out": size})
    module = load_module(text)
    return CompiledProblem(
        **{name: getattr(module, name) for name in _NAMES},
        jacobian_pattern=lowered.jacobian_pattern,
        hessian_pattern=lowered.hessian_pattern,
        size=size,
        canonical=canonical,
        restoration=restoration,
        source=text,
    )


# its name in the package: lagrangian.compile(problem)
compile = compile_problem

_NAMES = (
    "objective",
    "gradient",
    "constraints",
    "jacobian",
    "hessian",
    "evaluate",
    "evaluate_numbers",
    "evaluate_lanes",
)


def _pointers_source(counts: Mapping[str, int]) -> str:
    """The evaluation of one instance and of WIDTH instances as C functions, compiled when they are first asked for."""
    one = ", ".join(f"carray({name}, ({count},))" for name, count in counts.items())
    several = ", ".join(f"carray({name}, ({count}, {WIDTH}))" for name, count in counts.items())
    return f'''

POINTERS = types.void(*[types.CPointer(types.float64)] * 4)


@cache
def evaluate_numbers():
    """evaluate, of one-dimensional arrays, as a C function."""

    @cfunc(POINTERS, cache=True)
    def numbers(x, weights, p, out):
        evaluate({one})

    return numbers


@cache
def evaluate_lanes():
    """evaluate, of arrays of shape (entries, {WIDTH}), as a C function."""

    @cfunc(POINTERS, cache=True)
    def lanes(x, weights, p, out):
        evaluate({several})

    return lanes
'''


@dataclass(frozen=True, slots=True)
class Lowered:
    """The functions of a problem as an expression graph, before they are written down."""

    graph: Graph
    functions: tuple[FunctionText, ...]
    jacobian_pattern: Pattern
    hessian_pattern: Pattern


def lower(canonical: CanonicalProblem) -> Lowered:
    """F, its gradient, the constraints, their Jacobian and the Hessian of the Lagrangian in one graph."""
    graph = Graph()
    count = len(canonical.variables)
    x = [graph.input("x", i) for i in range(count)]
    parameters = [graph.input("p", i) for i in range(len(canonical.parameters))]
    symbols: dict[Symbol, Node] = dict(
        zip((*canonical.variables, *canonical.parameters), (*x, *parameters), strict=True)
    )
    reader = Reader(graph, symbols)
    objective, *constraints = [reader.node(expression) for expression in canonical.functions]
    differentiation = Differentiation(graph, x)
    rows = [differentiation.gradient(function) for function in (objective, *constraints)]
    jacobian, jacobian_pattern = _sparse(rows[1:], x)
    weights = [graph.input("weights", i) for i in range(len(rows))]
    whole = _weighted_sum(graph, weights, rows)
    second = [differentiation.gradient(whole[entry]) if entry in whole else {} for entry in x]
    hessian, hessian_pattern = _sparse([_lower_triangle(row, x[: i + 1]) for i, row in enumerate(second)], x)
    slopes = [rows[0].get(entry, graph.number(0.0)) for entry in x]
    functions = (
        FunctionText("objective", ("x", "p"), (objective,), "F"),
        FunctionText("gradient", ("x", "p", "out"), tuple(slopes), "dF/dx"),
        FunctionText("constraints", ("x", "p", "out"), tuple(constraints), "g, then h"),
        FunctionText("jacobian", ("x", "p", "out"), tuple(jacobian), "the entries of d(g, h)/dx"),
        FunctionText(
            "hessian", ("x", "weights", "p", "out"), tuple(hessian), "the entries of the lower triangle of d2 L/dx2"
        ),
        FunctionText(
            "evaluate",
            ("x", "weights", "p", "out"),
            (objective, *slopes, *constraints, *jacobian, *hessian),
            "F, dF/dx, (g, h), their Jacobian and the Hessian of L",
        ),
    )
    return Lowered(graph, functions, jacobian_pattern, hessian_pattern)


def _weighted_sum(graph: Graph, weights: Sequence[Node], rows: Sequence[Entries]) -> dict[Node, Node]:
    """The gradient of the Lagrangian from the gradients of its functions, where it is not zero throughout."""
    terms: dict[Node, list[Node]] = {}
    for weight, row in zip(weights, rows, strict=True):
        for entry, slope in row.items():
            terms.setdefault(entry, []).append(graph.multiply(weight, slope))
    return {entry: graph.sum(found) for entry, found in terms.items()}


def _lower_triangle(row: Entries, until: Sequence[Node]) -> Entries:
    wanted = frozenset(until)
    return {entry: value for entry, value in row.items() if entry in wanted}


def _sparse(rows: Sequence[Entries], inputs: Sequence[Node]) -> tuple[list[Node], Pattern]:
    """The entries that are not zero throughout, row by row, and where they stand."""
    columns = {node: column for column, node in enumerate(inputs)}
    places = [(i, columns[node], value) for i, row in enumerate(rows) for node, value in row.items()]
    places.sort(key=lambda place: place[:2])
    pattern = Pattern(
        np.array([i for i, _, _ in places], dtype=np.int64),
        np.array([j for _, j, _ in places], dtype=np.int64),
        (len(rows), len(inputs)),
    )
    return [value for _, _, value in places], pattern
