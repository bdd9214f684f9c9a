"""Exact derivatives of an expression graph by reverse accumulation (Linnainmaa 1976; Griewank and Walther 2008, chapter 3).

At a kink the derivative of |x| is taken as 0, and that of max(a, b) as that of a where a >= b.
"""

import math
from collections.abc import Callable, Sequence

from lagrangian.numeric.graph import Graph, Node

Partials = Callable[[Graph, Node, Sequence[Node]], Sequence[tuple[Node, Node]]]


def gradient(graph: Graph, output: Node, inputs: Sequence[Node]) -> list[Node]:
    """d output / d input for each input, as nodes of the same graph.

    >>> graph = Graph()
    >>> x, y = graph.input("x", 0), graph.input("x", 1)
    >>> gradient(graph, graph.multiply(x, y), [x, y]) == [y, x]
    True
    """
    wanted = set(inputs)
    nodes = graph.needed([output])
    reaches = set(wanted)
    for node in nodes:
        if any(operand in reaches for operand in graph.operands(node)):
            reaches.add(node)
    adjoints: dict[Node, Node] = {output: graph.number(1.0)}
    for node in reversed(nodes):
        if node not in adjoints or node not in reaches or node in wanted:
            continue
        operation, operands = graph.instructions[node]
        for operand, partial in PARTIALS[operation](graph, node, operands):
            if operand in reaches:
                share = graph.multiply(adjoints[node], partial)
                before = adjoints.get(operand)
                adjoints[operand] = share if before is None else graph.add(before, share)
    zero = graph.number(0.0)
    return [adjoints.get(node, zero) for node in inputs]


def _unary(rule: Callable[[Graph, Node, Node], Node]) -> Partials:
    """A rule that gives the derivative from the value of the function and its operand."""
    return lambda graph, node, operands: [(operands[0], rule(graph, node, operands[0]))]


def _divide(graph: Graph, node: Node, operands: Sequence[Node]) -> list[tuple[Node, Node]]:
    left, right = operands
    return [(left, graph.divide(graph.number(1.0), right)), (right, graph.negate(graph.divide(node, right)))]


def _power(graph: Graph, node: Node, operands: Sequence[Node]) -> list[tuple[Node, Node]]:
    base, exponent = operands
    value = graph.value(exponent)
    if value is not None:
        lower = graph.number(value - 1)
        return [(base, graph.multiply(exponent, graph.make("power", base, lower)))]
    lower = graph.subtract(exponent, graph.number(1.0))
    return [
        (base, graph.multiply(exponent, graph.make("power", base, lower))),
        (exponent, graph.multiply(node, graph.make("log", base))),
    ]


def _choice(operation: str) -> Partials:
    def partials(graph: Graph, node: Node, operands: Sequence[Node]) -> list[tuple[Node, Node]]:
        left, right = operands
        condition = graph.make(operation, right, left)
        one, zero = graph.number(1.0), graph.number(0.0)
        return [(left, graph.select(condition, one, zero)), (right, graph.select(condition, zero, one))]

    return partials


def _selected(graph: Graph, node: Node, operands: Sequence[Node]) -> list[tuple[Node, Node]]:
    condition, left, right = operands
    one, zero = graph.number(1.0), graph.number(0.0)
    return [(left, graph.select(condition, one, zero)), (right, graph.select(condition, zero, one))]


def _inverse(graph: Graph, node: Node) -> Node:
    return graph.divide(graph.number(1.0), node)


def _one_and_square(graph: Graph, operand: Node, sign: int) -> Node:
    """1 + x**2 or 1 - x**2."""
    square = graph.multiply(operand, operand)
    one = graph.number(1.0)
    return graph.add(one, square) if sign > 0 else graph.subtract(one, square)


def _bell(graph: Graph, operand: Node) -> Node:
    """2/sqrt(pi) exp(-x**2)"""
    inner = graph.make("exp", graph.negate(graph.multiply(operand, operand)))
    return graph.multiply(graph.number(2 / math.sqrt(math.pi)), inner)


PARTIALS: dict[str, Partials] = {
    "add": lambda g, n, o: [(o[0], g.number(1.0)), (o[1], g.number(1.0))],
    "subtract": lambda g, n, o: [(o[0], g.number(1.0)), (o[1], g.number(-1.0))],
    "negate": lambda g, n, o: [(o[0], g.number(-1.0))],
    "multiply": lambda g, n, o: [(o[0], o[1]), (o[1], o[0])],
    "divide": _divide,
    "power": _power,
    "select": _selected,
    "maximum": _choice("less_equal"),
    "minimum": _choice("greater_equal"),
    "sqrt": _unary(lambda g, n, x: g.divide(g.number(0.5), n)),
    "exp": _unary(lambda g, n, x: n),
    "log": _unary(lambda g, n, x: _inverse(g, x)),
    "sin": _unary(lambda g, n, x: g.make("cos", x)),
    "cos": _unary(lambda g, n, x: g.negate(g.make("sin", x))),
    "tan": _unary(lambda g, n, x: _one_and_square(g, n, 1)),
    "asin": _unary(lambda g, n, x: _inverse(g, g.make("sqrt", _one_and_square(g, x, -1)))),
    "acos": _unary(lambda g, n, x: g.negate(_inverse(g, g.make("sqrt", _one_and_square(g, x, -1))))),
    "atan": _unary(lambda g, n, x: _inverse(g, _one_and_square(g, x, 1))),
    "sinh": _unary(lambda g, n, x: g.make("cosh", x)),
    "cosh": _unary(lambda g, n, x: g.make("sinh", x)),
    "tanh": _unary(lambda g, n, x: _one_and_square(g, n, -1)),
    "asinh": _unary(lambda g, n, x: _inverse(g, g.make("sqrt", _one_and_square(g, x, 1)))),
    "acosh": _unary(lambda g, n, x: _inverse(g, g.make("sqrt", g.negate(_one_and_square(g, x, -1))))),
    "atanh": _unary(lambda g, n, x: _inverse(g, _one_and_square(g, x, -1))),
    "erf": _unary(lambda g, n, x: _bell(g, x)),
    "erfc": _unary(lambda g, n, x: g.negate(_bell(g, x))),
    "absolute": _unary(lambda g, n, x: g.make("sign", x)),
    "sign": _unary(lambda g, n, x: g.number(0.0)),
    "floor": _unary(lambda g, n, x: g.number(0.0)),
    "ceil": _unary(lambda g, n, x: g.number(0.0)),
}
