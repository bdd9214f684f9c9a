"""Expression graphs: what is folded stays what it was, and equal values are one."""

import itertools
import math
import operator

import pytest

from lagrangian.numeric.emission import Program
from lagrangian.numeric.graph import Graph
from lagrangian.numeric.source import program_text, read_program

NUMBERS = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    2.0,
    -0.5,
    3.0,
    1e300,
    -1e300,
    1e-300,
    5e-324,
    2.0**-1074,
    2.0**1023,
    math.inf,
    math.nan,
]
PYTHON = {"add": operator.add, "subtract": operator.sub, "multiply": operator.mul}


def value_of(graph: Graph, node: int, x: float) -> float:
    """By Python's own arithmetic."""
    operation, operands = graph.instructions[node]
    if operation == "number":
        return operands[0]
    if operation == "input":
        return x
    values = [value_of(graph, operand, x) for operand in operands]
    if operation == "negate":
        return -values[0]
    if operation == "divide":
        return quotient(*values)
    return values[0] ** values[1] if operation == "power" else PYTHON[operation](*values)


def quotient(a: float, b: float) -> float:
    if b == 0:
        return math.nan if a == 0 or a != a else math.copysign(math.inf, a)
    return a / b


def same(a: float, b: float) -> bool:
    return a == b or (a != a and b != b)


@pytest.mark.parametrize("operation", ["add", "subtract", "multiply", "divide"])
def test_folding_does_not_change_values(operation: str) -> None:
    """Of two numbers, and of a number and an input that is 3; 0 times anything is 0, and 0 divided by an input too."""
    exact = {**PYTHON, "divide": quotient}[operation]
    for a, b in itertools.product(NUMBERS, repeat=2):
        graph = Graph()
        made = getattr(graph, operation)(graph.number(a), graph.number(b))
        assert same(value_of(graph, made, 3.0), exact(a + 0.0, b + 0.0)) or (operation == "multiply" and 0 in (a, b)), (
            a,
            b,
        )
        x = graph.input("x", 0)
        left = getattr(graph, operation)(x, graph.number(b))
        assert same(value_of(graph, left, 3.0), exact(3.0, b + 0.0)), b
        right = getattr(graph, operation)(graph.number(a), x)
        assert same(value_of(graph, right, 3.0), exact(a, 3.0)), a


def test_numbers_are_not_joined_where_their_product_leaves_the_range() -> None:
    for first, second in ((1e-200, 1e-200), (1e200, 1e200)):
        graph = Graph()
        x = graph.input("x", 0)
        made = graph.multiply(graph.number(first), graph.multiply(graph.number(second), x))
        assert value_of(graph, made, 1 / second) == pytest.approx(first)


def test_the_order_of_operands_does_not_matter_where_it_may_not() -> None:
    graph = Graph()
    x, y = graph.input("x", 0), graph.input("x", 1)
    three = graph.number(3.0)
    assert graph.multiply(x, three) == graph.multiply(three, x)
    assert graph.multiply(graph.multiply(three, x), y) == graph.multiply(x, graph.multiply(y, three))
    assert graph.multiply(graph.negate(x), y) == graph.negate(graph.multiply(y, x))
    assert graph.add(x, graph.negate(y)) == graph.subtract(x, y) == graph.negate(graph.subtract(y, x))
    assert graph.subtract(x, y) != graph.subtract(y, x)
    assert graph.divide(x, y) != graph.divide(y, x)
    assert graph.make("less", x, y) != graph.make("less", y, x)
    assert graph.make("maximum", x, y) == graph.make("maximum", y, x)
    assert graph.power(x, 1.0) == x
    assert graph.power(x, 2.0) == graph.multiply(x, x)
    assert graph.select(graph.make("less", x, y), x, x) == x


def test_sums_are_made_by_halves() -> None:
    graph = Graph()
    terms = [graph.input("x", place) for place in range(1000)]
    depth = dict.fromkeys(terms, 0)
    total = graph.sum(terms)
    for node in graph.needed([total]):
        if node not in depth:
            depth[node] = 1 + max(depth[operand] for operand in graph.operands(node))
    assert depth[total] == math.ceil(math.log2(1000))
    assert graph.value(graph.sum([])) == 0.0


def test_a_program_is_read_as_it_was_written() -> None:
    graph = Graph()
    x = graph.input("x", 2)
    unused = graph.make("cos", x)
    numbers = [graph.number(value) for value in (math.pi, -1e-300, 5e-324, math.nan)]
    total = graph.sum([graph.make("sin", x), *numbers])
    text, places = program_text(graph, [total])
    assert unused not in places
    again = read_program(text)
    assert len(again.instructions) == len(places)
    for node, place in places.items():
        operation, operands = graph.instructions[node]
        leaf = operation in ("number", "input")
        expected = operands if leaf else tuple(places[operand] for operand in operands)
        assert repr(again.instructions[place]) == repr((operation, expected))


def test_programs_of_one_text_are_equal() -> None:
    first, second = (Program("0 = input x 0", {"x": 1}) for _ in range(2))
    assert first == second
    assert hash(first) == hash(second)
