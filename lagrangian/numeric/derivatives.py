"""Exact derivatives of an expression graph by reverse accumulation (Linnainmaa 1976; Griewank and Walther 2008, chapter 3).

Where a function is chosen from two (by a condition, max or min) the derivative is that of the one that is chosen, at a tie that
of the operand that was computed first; what the other one would give, a number or none, does not enter. The derivative of |x|
at 0 is 0, and so are those of sign, floor and ceiling everywhere.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence

from lagrangian.numeric.graph import Graph, Node

Partials = Callable[[Graph, Node, Sequence[Node]], Sequence[tuple[Node, Node]]]
Entries = Mapping[Node, Node]


class Differentiation:
    """Derivatives by certain inputs of a graph; what was derived before is kept, and the graph may grow.

    >>> graph = Graph()
    >>> x, y, z = (graph.input("x", place) for place in range(3))
    >>> Differentiation(graph, [x, y, z]).gradient(graph.multiply(x, y)) == {y: x, x: y}
    True
    """

    def __init__(self, graph: Graph, inputs: Iterable[Node]) -> None:
        self.graph = graph
        self._inputs = frozenset(inputs)
        self._reaching: list[bool] = []
        self._choices: dict[Node, Entries] = {}

    def gradient(self, output: Node) -> Entries:
        """d output / d input for each input, without those that are zero throughout."""
        self._mark()
        # from the first to the last, so that choices inside choices are there when they are needed
        for node in self.graph.needed([output]):
            choose = _CHOICES.get(self.graph.instructions[node][0])
            if choose is not None and self._reaching[node] and node not in self._choices:
                self._choices[node] = self._chosen(choose, node)
        return self._accumulated(output)

    def _mark(self) -> None:
        """Which nodes depend on the inputs, for all that have been added since."""
        for node in range(len(self._reaching), len(self.graph.instructions)):
            depends = any(self._reaching[operand] for operand in self.graph.operands(node))
            self._reaching.append(depends or node in self._inputs)

    def _accumulated(self, output: Node) -> Entries:
        graph, adjoints, found = self.graph, {output: self.graph.number(1.0)}, {}
        for node in reversed(self._between(output)):
            adjoint = adjoints.pop(node)
            if node in self._inputs:
                found[node] = adjoint
                continue
            for operand, partial in self._partials(node):
                if self._reaching[operand]:
                    share = graph.multiply(adjoint, partial)
                    before = adjoints.get(operand)
                    adjoints[operand] = share if before is None else graph.add(before, share)
        return {node: adjoint for node, adjoint in found.items() if graph.value(adjoint) != 0}

    def _between(self, output: Node) -> list[Node]:
        """The nodes on the way from the inputs to the output, in order; a choice is one step from its inputs."""
        found: set[Node] = set()
        open_nodes = [output]
        while open_nodes:
            node = open_nodes.pop()
            if node not in found and self._reaching[node]:
                found.add(node)
                open_nodes += self._choices[node] if node in self._choices else self.graph.operands(node)
        return sorted(found)

    def _partials(self, node: Node) -> Iterable[tuple[Node, Node]]:
        choice = self._choices.get(node)
        if choice is not None:
            return choice.items()
        operation, operands = self.graph.instructions[node]
        return PARTIALS[operation](self.graph, node, operands)

    def _chosen(self, choose: "_Choice", node: Node) -> Entries:
        """The derivatives of a choice: chosen like the value, input by input.

        Were the adjoint multiplied by 0 on the way that is not chosen, an infinite derivative there would make nan of it.
        """
        left, right = (self._way(way) for way in self.graph.instructions[node][1][-2:])
        entries = sorted(left[0].keys() | right[0].keys())
        return {
            entry: choose(self.graph, node, left[0].get(entry, left[1]), right[0].get(entry, right[1]))
            for entry in entries
        }

    def _way(self, node: Node) -> tuple[Entries, Node]:
        """The derivatives of a value that may be chosen, and what stands for those that are not among them: 0, of nan nan."""
        value = self.graph.value(node)
        rest = self.graph.number(math.nan if value is not None and math.isnan(value) else 0.0)
        return (self._accumulated(node) if self._reaching[node] else {}), rest


_Choice = Callable[[Graph, Node, Node, Node], Node]


def _by_condition(graph: Graph, node: Node, left: Node, right: Node) -> Node:
    return graph.select(graph.instructions[node][1][0], left, right)


def _by_size(operation: str) -> _Choice:
    """The derivative of the greater or lesser operand; not a number where one of them is none."""

    def choose(graph: Graph, node: Node, left: Node, right: Node) -> Node:
        first, second = graph.instructions[node][1]
        otherwise = graph.select(graph.make(operation, second, first), right, graph.number(math.nan))
        return graph.select(graph.make(operation, first, second), left, otherwise)

    return choose


_CHOICES: dict[str, _Choice] = {
    "select": _by_condition,
    "maximum": _by_size("greater_equal"),
    "minimum": _by_size("less_equal"),
}


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
        return [(base, graph.multiply(exponent, graph.power(base, value - 1)))]
    lower = graph.make("power", base, graph.subtract(exponent, graph.number(1.0)))
    number = graph.value(base)
    logarithm = graph.make("log", base) if number is None or number <= 0 else graph.number(math.log(number))
    return [(base, graph.multiply(exponent, lower)), (exponent, graph.multiply(node, logarithm))]


def _inverse(graph: Graph, node: Node) -> Node:
    return graph.divide(graph.number(1.0), node)


def _one_and_square(graph: Graph, operand: Node) -> Node:
    """1 + x**2"""
    return graph.add(graph.number(1.0), graph.power(operand, 2.0))


def _one_less_square(graph: Graph, operand: Node) -> Node:
    """1 - x**2, as a product that keeps its digits near -1 and 1."""
    one = graph.number(1.0)
    return graph.multiply(graph.subtract(one, operand), graph.add(one, operand))


def _angle(graph: Graph, node: Node, operands: Sequence[Node]) -> list[tuple[Node, Node]]:
    """The polar angle of (x, y): dy x/(x**2 + y**2) - dx y/(x**2 + y**2)."""
    y, x = operands
    square = graph.add(graph.power(x, 2.0), graph.power(y, 2.0))
    return [(y, graph.divide(x, square)), (x, graph.negate(graph.divide(y, square)))]


def _bell(graph: Graph, operand: Node) -> Node:
    """2/sqrt(pi) exp(-x**2)"""
    inner = graph.make("exp", graph.negate(graph.power(operand, 2.0)))
    return graph.multiply(graph.number(2 / math.sqrt(math.pi)), inner)


def _polygamma(graph: Graph, node: Node, operands: Sequence[Node]) -> list[tuple[Node, Node]]:
    order, operand = operands
    return [(operand, graph.make("polygamma", graph.add(order, graph.number(1.0)), operand))]


def _digamma(graph: Graph, operand: Node) -> Node:
    return graph.make("polygamma", graph.number(0.0), operand)


def _bessel(name: str) -> Partials:
    """J_n' = (J_(n-1) - J_(n+1))/2, and J_0' = -J_1; likewise for Y."""

    def partials(graph: Graph, node: Node, operands: Sequence[Node]) -> list[tuple[Node, Node]]:
        order, operand = operands
        above = graph.make(name, graph.add(order, graph.number(1.0)), operand)
        if graph.value(order) == 0:
            return [(operand, graph.negate(above))]
        below = graph.make(name, graph.subtract(order, graph.number(1.0)), operand)
        return [(operand, graph.multiply(graph.number(0.5), graph.subtract(below, above)))]

    return partials


def _lambert_w(graph: Graph, node: Node, operand: Node) -> Node:
    """exp(-w)/(1 + w)"""
    return graph.divide(graph.make("exp", graph.negate(node)), graph.add(graph.number(1.0), node))


PARTIALS: dict[str, Partials] = {
    "add": lambda g, n, o: [(o[0], g.number(1.0)), (o[1], g.number(1.0))],
    "subtract": lambda g, n, o: [(o[0], g.number(1.0)), (o[1], g.number(-1.0))],
    "negate": lambda g, n, o: [(o[0], g.number(-1.0))],
    "multiply": lambda g, n, o: [(o[0], o[1]), (o[1], o[0])],
    "divide": _divide,
    "power": _power,
    "exp": _unary(lambda g, n, x: n),
    "log": _unary(lambda g, n, x: _inverse(g, x)),
    "sin": _unary(lambda g, n, x: g.make("cos", x)),
    "cos": _unary(lambda g, n, x: g.negate(g.make("sin", x))),
    "tan": _unary(lambda g, n, x: _one_and_square(g, n)),
    "asin": _unary(lambda g, n, x: g.power(_one_less_square(g, x), -0.5)),
    "acos": _unary(lambda g, n, x: g.negate(g.power(_one_less_square(g, x), -0.5))),
    "atan2": _angle,
    "atan": _unary(lambda g, n, x: _inverse(g, _one_and_square(g, x))),
    "sinh": _unary(lambda g, n, x: g.make("cosh", x)),
    "cosh": _unary(lambda g, n, x: g.make("sinh", x)),
    "tanh": _unary(lambda g, n, x: _one_less_square(g, n)),
    "asinh": _unary(lambda g, n, x: g.power(_one_and_square(g, x), -0.5)),
    "acosh": _unary(lambda g, n, x: g.power(g.negate(_one_less_square(g, x)), -0.5)),
    "atanh": _unary(lambda g, n, x: _inverse(g, _one_less_square(g, x))),
    "erf": _unary(lambda g, n, x: _bell(g, x)),
    "erfc": _unary(lambda g, n, x: g.negate(_bell(g, x))),
    "gamma": _unary(lambda g, n, x: g.multiply(n, _digamma(g, x))),
    "loggamma": _unary(lambda g, n, x: _digamma(g, x)),
    "polygamma": _polygamma,
    "bessel_j": _bessel("bessel_j"),
    "bessel_y": _bessel("bessel_y"),
    "lambert_w": _unary(_lambert_w),
    "absolute": _unary(lambda g, n, x: g.make("sign", x)),
    "sign": _unary(lambda g, n, x: g.number(0.0)),
    "floor": _unary(lambda g, n, x: g.number(0.0)),
    "ceil": _unary(lambda g, n, x: g.number(0.0)),
}
