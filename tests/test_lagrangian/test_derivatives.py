"""Reverse accumulation on graphs: sparse, by choices, and no longer than the function."""

import math

from lagrangian.numeric.derivatives import Differentiation
from lagrangian.numeric.graph import Graph


def test_only_inputs_that_matter_have_entries() -> None:
    graph = Graph()
    x = [graph.input("x", place) for place in range(4)]
    differentiation = Differentiation(graph, x)
    product = graph.multiply(x[0], x[2])
    assert differentiation.gradient(product) == {x[2]: x[0], x[0]: x[2]}
    # the graph has grown since
    assert differentiation.gradient(graph.add(product, x[3])).keys() == {x[0], x[2], x[3]}
    assert differentiation.gradient(graph.number(3.0)) == {}
    assert differentiation.gradient(graph.make("floor", x[1])) == {}
    assert differentiation.gradient(x[1]) == {x[1]: graph.number(1.0)}


def test_powers_have_the_derivative_of_the_rule() -> None:
    graph = Graph()
    x = graph.input("x", 0)
    differentiation = Differentiation(graph, [x])
    for exponent in (2.0, 7.0, -3.0, 1.5, math.pi):
        slope = differentiation.gradient(graph.power(x, exponent))[x]
        assert slope == graph.multiply(graph.number(exponent), graph.power(x, exponent - 1))


def test_choices_inside_choices_are_derived_once() -> None:
    """A chain of n branches: its derivative has one choice for each, and each branch is derived once."""
    graph = Graph()
    x = graph.input("x", 0)
    n = 2000
    value = graph.number(math.nan)
    for place in range(n):
        condition = graph.make("less", x, graph.number(float(n - place)))
        value = graph.select(condition, graph.power(x, place + 2.0), value)
    before = len(graph.instructions)
    slope = Differentiation(graph, [x]).gradient(value)[x]
    assert graph.instructions[slope][0] == "select"
    added = [operation for operation, _ in graph.instructions[before:]]
    assert added.count("select") == n
    assert len(added) <= 5 * n


def test_the_derivative_of_a_choice_has_the_conditions_of_the_choice() -> None:
    graph = Graph()
    x, y = graph.input("x", 0), graph.input("x", 1)
    condition = graph.make("less", x, y)
    chosen = graph.select(condition, graph.make("sin", x), y)
    slopes = Differentiation(graph, [x, y]).gradient(chosen)
    zero, one = graph.number(0.0), graph.number(1.0)
    assert slopes == {
        x: graph.select(condition, graph.make("cos", x), zero),
        y: graph.select(condition, zero, one),
    }
