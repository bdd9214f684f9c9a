"""An expression graph: every value once, in the order in which it is computed.

A value that has been computed before is not computed again, wherever it occurs: in the objective, in a constraint or in a
derivative of either. So the functions of a problem share all that they have in common.
"""

import math
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

Node = int
Instruction = tuple[str, tuple[Any, ...]]

# what folds to a number where all operands are numbers
_FOLDED: dict[str, Callable[..., float]] = {
    "add": lambda a, b: a + b,
    "subtract": lambda a, b: a - b,
    "multiply": lambda a, b: a * b,
    "negate": lambda a: -a,
}
_COMMUTATIVE = frozenset({"add", "multiply", "maximum", "minimum", "and", "or", "equal", "unequal"})
_LEAST_NORMAL = sys.float_info.min


@dataclass
class Graph:
    """Values by number; an instruction is (operation, operands), and operands come before what is made of them.

    ``("number", (2.5,))`` is a constant, ``("input", ("x", 3))`` the fourth entry of the array x, and
    ``("multiply", (4, 7))`` the product of the values 4 and 7.

    >>> graph = Graph()
    >>> x = graph.input("x", 0)
    >>> graph.multiply(x, x) == graph.power(x, 2), graph.multiply(x, graph.number(0.0)) == graph.number(0.0)
    (True, True)
    """

    instructions: list[Instruction] = field(default_factory=list)
    _places: dict[Instruction, Node] = field(default_factory=dict)

    def make(self, operation: str, *operands: Any) -> Node:
        """The node of an operation, made where it is not there yet."""
        if operation in _COMMUTATIVE and operands[0] > operands[1]:
            operands = (operands[1], operands[0])
        return self._placed(operation, operands)

    def _placed(self, operation: str, operands: tuple[Any, ...]) -> Node:
        instruction = (operation, operands)
        place = self._places.get(instruction)
        if place is None:
            place = self._places[instruction] = len(self.instructions)
            self.instructions.append(instruction)
        return place

    def number(self, value: float) -> Node:
        """A constant; there is one zero and one nan, though -0.0 and other nans have bits of their own."""
        return self.make("number", 0.0 if value == 0 else math.nan if math.isnan(value) else float(value))

    def input(self, array: str, place: int) -> Node:
        """An entry of an array that the function is given."""
        return self.make("input", array, place)

    def value(self, node: Node) -> float | None:
        """The number that a node is; None where it depends on inputs."""
        operation, operands = self.instructions[node]
        return operands[0] if operation == "number" else None

    def _fold(self, operation: str, *operands: Node) -> Node | None:
        values = [self.value(operand) for operand in operands]
        if any(value is None for value in values):
            return None
        found = _FOLDED[operation](*values)
        return None if math.isinf(found) else self.number(found)

    # --- arithmetic -----------------------------------------------------------------------------------------------

    def add(self, left: Node, right: Node) -> Node:
        """left + right"""
        folded = self._fold("add", left, right)
        if folded is not None:
            return folded
        if self.value(left) == 0:
            return right
        if self.value(right) == 0:
            return left
        for a, b in ((left, right), (right, left)):
            if self.instructions[b][0] == "negate":
                return self.subtract(a, self.instructions[b][1][0])
        return self.make("add", left, right)

    def subtract(self, left: Node, right: Node) -> Node:
        """left - right"""
        folded = self._fold("subtract", left, right)
        if folded is not None:
            return folded
        if left == right:
            return self.number(0.0)
        if self.value(right) == 0:
            return left
        if self.value(left) == 0:
            return self.negate(right)
        if self.instructions[right][0] == "negate":
            return self.add(left, self.instructions[right][1][0])
        return self.make("subtract", left, right)

    def negate(self, operand: Node) -> Node:
        """-operand"""
        folded = self._fold("negate", operand)
        if folded is not None:
            return folded
        operation, operands = self.instructions[operand]
        if operation == "negate":
            return operands[0]
        if operation == "subtract":
            return self.subtract(operands[1], operands[0])
        if operation == "multiply" and self.value(operands[0]) is not None:
            return self.multiply(self.negate(operands[0]), operands[1])
        return self.make("negate", operand)

    def multiply(self, left: Node, right: Node) -> Node:
        """left right"""
        folded = self._fold("multiply", left, right)
        if folded is not None:
            return folded
        if self.value(right) is not None:
            left, right = right, left
        factor = self.value(left)
        if factor is not None:
            return self._scaled(left, factor, right)
        for a, b in ((left, right), (right, left)):
            operation, operands = self.instructions[a]
            if operation == "negate":
                return self.negate(self.multiply(operands[0], b))
            if operation == "multiply" and self.value(operands[0]) is not None:
                return self.multiply(operands[0], self.multiply(operands[1], b))
        return self.power(left, 2.0) if left == right else self.make("multiply", left, right)

    def _scaled(self, left: Node, factor: float, right: Node) -> Node:
        """A number times a value, with the numbers in front."""
        if factor == 0:
            return left
        if factor == 1:
            return right
        if factor == -1:
            return self.negate(right)
        operation, operands = self.instructions[right]
        if operation == "negate":
            return self.multiply(self.number(-factor), operands[0])
        inner = self.value(operands[0]) if operation == "multiply" else None
        # numbers whose product is too great or too small may meet a value that makes up for it
        if inner is not None and _LEAST_NORMAL <= abs(factor * inner) < math.inf:
            return self.multiply(self.number(factor * inner), operands[1])
        return self._placed("multiply", (left, right))

    def divide(self, left: Node, right: Node) -> Node:
        """left / right"""
        above, below = self.value(left), self.value(right)
        if below == 1 or (above == 0 and below is None):
            return left
        if below is not None and below != 0:
            if above is not None and math.isfinite(above / below):
                return self.number(above / below)
            inverse = 1 / below
            # only powers of two have an exact inverse
            if math.frexp(below)[0] in (0.5, -0.5) and _LEAST_NORMAL <= abs(inverse) < math.inf:
                return self.multiply(left, self.number(inverse))
        return self.make("divide", left, right)

    def power(self, base: Node, exponent: float) -> Node:
        """base**exponent for a number as exponent; one instruction, so that its derivative is exponent base**(exponent - 1)."""
        if exponent == 0:
            return self.number(1.0)
        return base if exponent == 1 else self.make("power", base, self.number(exponent))

    def select(self, condition: Node, left: Node, right: Node) -> Node:
        """left where the condition holds, else right."""
        return left if left == right else self.make("select", condition, left, right)

    # --- what is asked of a graph -----------------------------------------------------------------------------------

    def sum(self, nodes: Iterable[Node]) -> Node:
        """The sum, by halves: the rounding errors of n terms grow with log n, and the processor adds several at a time."""
        terms = list(nodes) or [self.number(0.0)]
        while len(terms) > 1:
            pairs = [self.add(*terms[i : i + 2]) for i in range(0, len(terms) - 1, 2)]
            terms = pairs + terms[2 * len(pairs) :]
        return terms[0]

    def operands(self, node: Node) -> tuple[Node, ...]:
        """The nodes that a node is made of."""
        operation, operands = self.instructions[node]
        return () if operation in ("number", "input") else operands

    def needed(self, outputs: Sequence[Node]) -> list[Node]:
        """All nodes that the outputs are made of, in the order in which they can be computed."""
        found: set[Node] = set()
        open_nodes = list(outputs)
        while open_nodes:
            node = open_nodes.pop()
            if node not in found:
                found.add(node)
                open_nodes += self.operands(node)
        return sorted(found)
