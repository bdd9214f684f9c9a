"""Python source of functions from an expression graph: one assignment a value.

The same text runs on numbers, and, compiled by Numba, on vectors of many instances side by side: see `lanes`.
Nothing but numbers and names that are made here gets into the text.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from lagrangian.numeric.graph import Graph, Node

_INFIX = {
    "add": "+",
    "subtract": "-",
    "multiply": "*",
    "divide": "/",
    "less": "<",
    "less_equal": "<=",
    "greater": ">",
    "greater_equal": ">=",
    "equal": "==",
    "unequal": "!=",
    "and": "&",
    "or": "|",
}
_CALLS = {
    "maximum": "maximum",
    "minimum": "minimum",
    "select": "select",
    "sign": "sign",
    "power": "power",
    "not": "negation",
}
_MATH = {"absolute": "fabs"}


@dataclass(frozen=True, slots=True)
class FunctionText:
    """What a function is made of: its name, arguments, the graph's nodes that it stores, in order, and a line of docstring.

    With ``out`` among the arguments the nodes are stored in that array; otherwise there is one node, and it is returned.
    """

    name: str
    arguments: tuple[str, ...]
    outputs: tuple[Node, ...]
    docstring: str


def function_source(graph: Graph, function: FunctionText) -> str:
    """The source of a function.

    >>> graph = Graph()
    >>> x = graph.input("x", 0)
    >>> print(function_source(graph, FunctionText("f", ("x", "p"), (graph.multiply(x, x),), "x**2")))
    def f(x, p):
        \"\"\"x**2\"\"\"
        v0 = read(x, 0)
        v1 = v0 * v0
        return v1
    """
    needed = [node for node in graph.needed(function.outputs) if graph.instructions[node][0] != "number"]
    lines = [f"def {function.name}({', '.join(function.arguments)}):", f'    """{function.docstring}"""']
    lines += [f"    v{node} = {_expression(graph, node)}" for node in needed]
    if "out" in function.arguments:
        lines += [f"    write(out, {place}, {_name(graph, node)})" for place, node in enumerate(function.outputs)]
    else:
        lines.append(f"    return {_name(graph, function.outputs[0])}")
    return "\n".join(lines)


def _name(graph: Graph, node: Node) -> str:
    value = graph.value(node)
    if value is None:
        return f"v{node}"
    if value != value:
        return "nan"
    return repr(value) if value >= 0 else f"({value!r})"


def _expression(graph: Graph, node: Node) -> str:
    operation, operands = graph.instructions[node]
    if operation == "input":
        array, place = operands
        return f"read({array}, {place})"
    names = [_name(graph, operand) for operand in operands]
    if operation in _INFIX:
        return f"{names[0]} {_INFIX[operation]} {names[1]}"
    if operation == "negate":
        return f"-{names[0]}"
    if operation in _CALLS:
        return f"{_CALLS[operation]}({', '.join(names)})"
    return f"math.{_MATH.get(operation, operation)}({names[0]})"


def module_source(graph: Graph, functions: Sequence[FunctionText], title: str) -> str:
    """A module with these functions, compiled by Numba and kept on disk."""
    head = [
        f'"""{title}"""',
        "",
        "import math",
        "from functools import cache",
        "from math import nan",
        "",
        "from numba import carray, cfunc, njit, types",
        "",
        "from lagrangian.numeric.lanes import FAST, maximum, minimum, negation, power, read, select, sign, write",
        "",
    ]
    compiled = '@njit(cache=True, nogil=True, error_model="numpy", fastmath=FAST)\n'
    return "\n".join(head) + "".join(f"\n\n{compiled}{function_source(graph, f)}\n" for f in functions)
