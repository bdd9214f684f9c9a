"""SymPy expressions as nodes of an expression graph."""

from collections.abc import Callable, Mapping
from typing import Any

import sympy
from sympy import Expr, Symbol

from lagrangian.errors import ProblemError
from lagrangian.numeric.graph import Graph, Node

# the operation of each function of one argument
FUNCTIONS: dict[type, str] = {
    sympy.exp: "exp",
    sympy.log: "log",
    sympy.sin: "sin",
    sympy.cos: "cos",
    sympy.tan: "tan",
    sympy.asin: "asin",
    sympy.acos: "acos",
    sympy.atan: "atan",
    sympy.sinh: "sinh",
    sympy.cosh: "cosh",
    sympy.tanh: "tanh",
    sympy.asinh: "asinh",
    sympy.acosh: "acosh",
    sympy.atanh: "atanh",
    sympy.erf: "erf",
    sympy.erfc: "erfc",
    sympy.Abs: "absolute",
    sympy.sign: "sign",
    sympy.floor: "floor",
    sympy.ceiling: "ceil",
}
RELATIONS: dict[type, str] = {
    sympy.Le: "less_equal",
    sympy.Lt: "less",
    sympy.Ge: "greater_equal",
    sympy.Gt: "greater",
    sympy.Eq: "equal",
    sympy.Ne: "unequal",
}
LOGIC: dict[type, str] = {sympy.And: "and", sympy.Or: "or"}


class Reader:
    """Puts expressions into a graph; an expression that was read before is the same node.

    Args:
        graph: where the nodes are made.
        inputs: the node of each symbol.

    Raises:
        ProblemError: for a symbol without a node, a number that is not real and finite, and a function that has no code.

    >>> graph = Graph()
    >>> x, y = sympy.symbols("x y")
    >>> reader = Reader(graph, {x: graph.input("x", 0), y: graph.input("x", 1)})
    >>> reader.node((x + y) ** 2) == graph.power(reader.node(y + x), 2)
    True
    """

    def __init__(self, graph: Graph, inputs: Mapping[Symbol, Node]) -> None:
        self.graph = graph
        self._nodes: dict[Any, Node] = dict(inputs)

    def node(self, expression: Expr) -> Node:
        """The node of an expression."""
        found = self._nodes.get(expression)
        if found is None:
            found = self._nodes[expression] = self._read(expression)
        return found

    def _read(self, expression: Any) -> Node:
        if expression.is_number and not isinstance(expression, sympy.logic.boolalg.Boolean):
            return self.graph.number(_float(expression))
        for kind, read in _READERS:
            if isinstance(expression, kind):
                return read(self, expression)
        name = FUNCTIONS.get(expression.func)
        if name is None:
            what = "symbol" if isinstance(expression, Symbol) else "function"
            raise ProblemError(
                f"{expression} cannot be compiled: no value is given for this {what}; the functions are "
                f"{', '.join(sorted(kind.__name__ for kind in FUNCTIONS))}, sqrt, Max, Min and Piecewise"
            )
        return self.graph.make(name, self.node(expression.args[0]))

    # --- one kind of expression each --------------------------------------------------------------------------------

    def _sum(self, expression: Expr) -> Node:
        return self.graph.sum(self.node(term) for term in expression.args)

    def _product(self, expression: Expr) -> Node:
        """Numbers in front, then the factors, then one division by all that stands below the line."""
        above: list[Expr] = []
        below: list[Expr] = []
        for factor in expression.args:
            base, exponent = factor.as_base_exp()
            is_below = factor.is_Pow and exponent.is_Rational and exponent.is_negative
            (below if is_below else above).append(sympy.Pow(base, -exponent) if is_below else factor)
        total = self._multiplied(above)
        return self.graph.divide(total, self._multiplied(below)) if below else total

    def _multiplied(self, factors: list[Expr]) -> Node:
        total = self.graph.number(1.0)
        for factor in factors:
            total = self.graph.multiply(total, self.node(factor))
        return total

    def _power(self, expression: Expr) -> Node:
        base, exponent = expression.as_base_exp()
        graph, node = self.graph, self.node(base)
        if exponent.is_Integer:
            return graph.power(node, int(exponent))
        if exponent.is_Rational and exponent.q == 2:
            return graph.power(graph.make("sqrt", node), int(exponent.p))
        return graph.make("power", node, self.node(exponent))

    def _extreme(self, expression: Expr) -> Node:
        operation = "maximum" if isinstance(expression, sympy.Max) else "minimum"
        first, *others = [self.node(argument) for argument in sorted(expression.args, key=sympy.default_sort_key)]
        for other in others:
            first = self.graph.make(operation, first, other)
        return first

    def _reciprocal(self, expression: Expr) -> Node:
        """cot, sec and csc, which the library of C does not have."""
        below = {sympy.cot: "tan", sympy.sec: "cos", sympy.csc: "sin"}[expression.func]
        return self.graph.divide(self.graph.number(1.0), self.graph.make(below, self.node(expression.args[0])))

    def _heaviside(self, expression: Expr) -> Node:
        graph, node = self.graph, self.node(expression.args[0])
        half = graph.number(0.5)
        return graph.add(half, graph.multiply(half, graph.make("sign", node)))

    def _piecewise(self, expression: Expr) -> Node:
        """From the last branch to the first; not a number where no condition holds."""
        value = self.graph.make("number", float("nan"))
        for branch, condition in reversed(expression.args):
            read = self.node(branch)
            value = read if condition == sympy.true else self.graph.select(self.node(condition), read, value)
        return value

    def _relation(self, expression: Any) -> Node:
        return self.graph.make(RELATIONS[expression.func], self.node(expression.lhs), self.node(expression.rhs))

    def _logic(self, expression: Any) -> Node:
        first, *others = [self.node(argument) for argument in sorted(expression.args, key=sympy.default_sort_key)]
        for other in others:
            first = self.graph.make(LOGIC[expression.func], first, other)
        return first

    def _negation(self, expression: Any) -> Node:
        return self.graph.make("not", self.node(expression.args[0]))


_READERS: list[tuple[Any, Callable[[Reader, Any], Node]]] = [
    (sympy.Add, Reader._sum),
    (sympy.Mul, Reader._product),
    # exp(x) reads as a power of E: it is a function here
    (sympy.exp, lambda reader, e: reader.graph.make("exp", reader.node(e.args[0]))),
    (sympy.Pow, Reader._power),
    ((sympy.Max, sympy.Min), Reader._extreme),
    ((sympy.cot, sympy.sec, sympy.csc), Reader._reciprocal),
    (sympy.Heaviside, Reader._heaviside),
    (sympy.Piecewise, Reader._piecewise),
    (tuple(RELATIONS), Reader._relation),
    (tuple(LOGIC), Reader._logic),
    (sympy.Not, Reader._negation),
]


def _float(number: Expr) -> float:
    """The nearest float of a real number."""
    try:
        found = complex(sympy.N(number, 30))
    except (TypeError, ValueError, OverflowError):
        raise ProblemError(f"{number} cannot be compiled: it is not a number that floating point can hold") from None
    if found.imag != 0 or found.real - found.real != 0:
        raise ProblemError(f"{number} cannot be compiled: only real, finite numbers can be; it is {found}")
    return found.real
