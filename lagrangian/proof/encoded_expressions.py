"""SymPy expressions as nodes and back, by their structure: no text is parsed or evaluated, and nothing is simplified.

Only the classes of this module's tables can be read. Expressions that are shared are stored once, and their depth and their
size with everything written out are bounded: a file of a few lines could otherwise stand for a sum of 2**100 terms.
"""

from collections.abc import Callable
from typing import Any

import sympy
from sympy import Basic, CRootOf, Dummy, Expr, Poly, Symbol

from lagrangian.problem.tokens import MAX_NAME_CHARACTERS

DEEPEST = 250
LARGEST = 5_000_000
LARGEST_ROOT_DEGREE = 60
LARGEST_ROOT_BITS = 4000

CONSTANTS: dict[str, Expr] = {"pi": sympy.pi, "E": sympy.E, "GoldenRatio": sympy.GoldenRatio, "oo": sympy.oo}
CONSTANTS["-oo"] = -sympy.oo

MANY = 1_000_000
# the least and the greatest number of arguments
_ARITY: dict[str, tuple[type[Basic], int, int]] = {
    "Add": (sympy.Add, 2, MANY),
    "Mul": (sympy.Mul, 2, MANY),
    "Pow": (sympy.Pow, 2, 2),
    "Max": (sympy.Max, 2, MANY),
    "Min": (sympy.Min, 2, MANY),
    **{
        name: (getattr(sympy, name), 1, 1)
        for name in (
            *("exp", "log", "sin", "cos", "tan", "cot", "asin", "acos", "atan"),
            *("sinh", "cosh", "tanh", "erf", "LambertW", "Abs", "sign"),
        )
    },
    **{relation.__name__: (relation, 2, 2) for relation in (sympy.Eq, sympy.Le, sympy.Ge, sympy.Lt, sympy.Gt)},
}
_NAMES = {kind: name for name, (kind, _, _) in _ARITY.items()}
_CONSTANT_NAMES = {value: name for name, value in CONSTANTS.items()}
_ASSUMPTIONS = frozenset(Symbol("x", positive=True, integer=True, zero=False).assumptions0) | frozenset(
    ("negative", "nonnegative", "nonpositive", "even", "odd", "prime", "composite", "irrational", "transcendental")
)


def expression_children(value: Basic) -> tuple[Basic, ...]:
    """The parts of an expression that are nodes of their own."""
    return value.args if value.func in _NAMES else ()


def expression_node(value: Basic, reference: Callable[[Any], Any]) -> list[Any]:
    """The node of an expression; ``reference`` gives those of its parts. Raises ValueError for what cannot be stored."""
    if isinstance(value, Symbol):
        kind = {Symbol: "symbol", Dummy: "dummy"}[type(value)]
        return [kind, value.name, value.assumptions0]
    if value in _CONSTANT_NAMES:
        return ["constant", _CONSTANT_NAMES[value]]
    if isinstance(value, CRootOf):
        return ["root", [str(int(c)) for c in value.poly.all_coeffs()], int(value.index)]
    if value.func not in _NAMES:
        raise ValueError(f"an expression of the class {value.func.__name__}")
    return ["apply", _NAMES[value.func], *map(reference, value.args)]


class ExpressionReader:
    """Builds expressions from nodes and knows how deep and how large each of them is."""

    def __init__(self) -> None:
        self._sizes: dict[int, tuple[int, int]] = {}

    def symbol(self, name: str, assumptions: dict[str, bool]) -> Symbol:
        return Symbol(_name(name), **_assumptions(assumptions))

    def dummy(self, name: str, assumptions: dict[str, bool]) -> Dummy:
        return Dummy(_name(name), **_assumptions(assumptions))

    def constant(self, name: str) -> Expr:
        return CONSTANTS[name]

    def root(self, coefficients: list[str], index: int) -> CRootOf:
        if len(coefficients) > LARGEST_ROOT_DEGREE + 1 or any(len(c) > LARGEST_ROOT_BITS // 4 for c in coefficients):
            raise ValueError("the polynomial of a root is too large")
        return CRootOf(Poly([int(c) for c in coefficients], Dummy("x")), index)

    def apply(self, name: str, *arguments: Any) -> Basic:
        kind, least, most = _ARITY[name]
        if not least <= len(arguments) <= most or not all(isinstance(a, Expr) for a in arguments):
            raise ValueError(f"the arguments of {name}")
        known = [self._sizes.get(id(argument), (0, 1)) for argument in arguments]
        depth, size = 1 + max(d for d, _ in known), 1 + sum(s for _, s in known)
        if depth > DEEPEST or size > LARGEST:
            raise ValueError("an expression is too deep or too large")
        made = kind(*arguments, evaluate=False)
        self._sizes[id(made)] = (depth, size)
        return made


def _name(name: Any) -> str:
    if not isinstance(name, str) or not 0 < len(name) <= MAX_NAME_CHARACTERS:
        raise ValueError("the name of a symbol")
    return name


def _assumptions(stated: Any) -> dict[str, bool]:
    if not all(key in _ASSUMPTIONS and isinstance(value, bool) for key, value in stated.items()):
        raise ValueError("the assumptions of a symbol")
    return stated
