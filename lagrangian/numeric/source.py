"""The text of generated modules: the instructions of a graph, one a line, and the functions that Numba compiles of them.

Nothing but numbers and the names of operations gets into the text: no symbol's name, and nothing that is executed as it stands.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lagrangian.numeric.graph import Graph, Node

_COMPILED = '@njit(cache=True, error_model="numpy", fastmath=FAST{inline})'
# so short a function becomes part of what calls it: to hand over four arrays takes as long as forty operations
_MOST_INLINED = 200


@dataclass(frozen=True, slots=True)
class FunctionText:
    """What a function is made of: its name, arguments, the graph's nodes that it stores, in order, and a line of docstring.

    With ``out`` among the arguments the nodes are stored in that array; otherwise there is one node, and it is returned.
    """

    name: str
    arguments: tuple[str, ...]
    outputs: tuple[Node, ...]
    docstring: str


def program_text(graph: Graph, outputs: Sequence[Node]) -> tuple[str, dict[Node, Node]]:
    """The instructions that the outputs need, numbered in the order of the lines, and the new numbers of the nodes.

    >>> graph = Graph()
    >>> x = graph.input("x", 3)
    >>> text, places = program_text(graph, [graph.multiply(graph.number(2.5), graph.make("sin", x))])
    >>> print(text)
    0 = input x 3
    1 = number 2.5
    2 = sin 0
    3 = multiply 1 2
    """
    places: dict[Node, Node] = {}
    lines = []
    for node in graph.needed(outputs):
        operation, operands = graph.instructions[node]
        is_leaf = operation in ("number", "input")
        names = [str(operand) if is_leaf else str(places[operand]) for operand in operands]
        lines.append(f"{len(places)} = {' '.join([operation, *names])}")
        places[node] = len(places)
    return "\n".join(lines), places


def read_program(text: str) -> Graph:
    """The graph of a text that `program_text` has made.

    >>> read_program("0 = input x 3\\n1 = number 2.5\\n2 = multiply 1 0").instructions
    [('input', ('x', 3)), ('number', (2.5,)), ('multiply', (1, 0))]
    """
    graph = Graph()
    for line in text.strip().splitlines():
        _, _, operation, *operands = line.split()
        if operation == "number":
            graph.instructions.append((operation, (float(operands[0]),)))
        elif operation == "input":
            graph.instructions.append((operation, (operands[0], int(operands[1]))))
        else:
            graph.instructions.append((operation, tuple(map(int, operands))))
    return graph


def module_source(graph: Graph, functions: Sequence[FunctionText], counts: Mapping[str, int]) -> str:
    """A module with these functions, compiled by Numba and kept on disk.

    Args:
        graph: what the functions compute.
        functions: what each of them gives.
        counts: how many entries the arrays have that they read.
    """
    text, places = program_text(graph, [node for function in functions for node in function.outputs])
    head = f'''"""Functions of one problem, made by lagrangian: not to be edited."""

from functools import cache

from numba import carray, cfunc, njit, types

from lagrangian.numeric.emission import Program
from lagrangian.numeric.lanes import FAST

PROGRAM = Program(
    """
{text}
""",
    {dict(counts)!r},
)
'''
    return head + "".join(f"\n\n{_function_source(graph, function, places)}\n" for function in functions)


def _function_source(graph: Graph, function: FunctionText, places: Mapping[Node, Node]) -> str:
    outputs = [places[node] for node in function.outputs]
    inline = ", forceinline=True" if len(graph.needed(function.outputs)) <= _MOST_INLINED else ""
    is_stored = "out" in function.arguments
    made = f'PROGRAM.stored("{" ".join(map(str, outputs))}")' if is_stored else f"PROGRAM.value({outputs[0]})"
    given = ", ".join(name if name in function.arguments else "None" for name in ("x", "weights", "p", "out"))
    return f'''_{function.name} = {made}


{_COMPILED.format(inline=inline)}
def {function.name}({", ".join(function.arguments)}):
    """{function.docstring}"""
    return _{function.name}({given})'''
