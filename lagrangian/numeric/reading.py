"""SymPy expressions as nodes of an expression graph."""

import math
from collections.abc import Callable, Mapping
from typing import Any

import sympy
from sympy import Expr, Symbol

from lagrangian.errors import ProblemError
from lagrangian.numeric.graph import Graph, Node
from lagrangian.numeric.special_functions import MOST_DERIVATIVES, MOST_ORDER

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
    sympy.atan2: "atan2",
    sympy.gamma: "gamma",
    sympy.loggamma: "loggamma",
    sympy.LambertW: "lambert_w",
}
# functions of an order, which must be a number, and an argument: the operation, the least and the greatest order
ORDERED: dict[type, tuple[str, int, int]] = {
    sympy.polygamma: ("polygamma", 0, MOST_DERIVATIVES),
    sympy.besselj: ("bessel_j", -MOST_ORDER, MOST_ORDER),
    sympy.bessely: ("bessel_y", -MOST_ORDER, MOST_ORDER),
}
# functions that are made of others
REWRITTEN: dict[type, Callable[..., Expr]] = {
    sympy.cot: lambda x: 1 / sympy.tan(x),
    sympy.sec: lambda x: 1 / sympy.cos(x),
    sympy.csc: lambda x: 1 / sympy.sin(x),
    sympy.coth: lambda x: 1 / sympy.tanh(x),
    sympy.sech: lambda x: 1 / sympy.cosh(x),
    sympy.csch: lambda x: 1 / sympy.sinh(x),
    sympy.acot: lambda x: sympy.atan(1 / x),
    sympy.asec: lambda x: sympy.acos(1 / x),
    sympy.acsc: lambda x: sympy.asin(1 / x),
    sympy.acoth: lambda x: sympy.atanh(1 / x),
    sympy.asech: lambda x: sympy.acosh(1 / x),
    sympy.acsch: lambda x: sympy.asinh(1 / x),
    sympy.sinc: lambda x: sympy.Piecewise((sympy.sin(x) / x, sympy.Ne(x, 0)), (1, True)),
    sympy.Mod: lambda x, y: x - y * sympy.floor(x / y),
    sympy.frac: lambda x: x - sympy.floor(x),
    sympy.digamma: lambda x: sympy.polygamma(0, x),
    sympy.trigamma: lambda x: sympy.polygamma(1, x),
    sympy.factorial: lambda x: sympy.gamma(x + 1),
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
LOGICAL = sympy.logic.boolalg.BooleanFunction


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
        """The node of an expression; its parts are read first, one after the other, so that no depth is too great."""
        open_parts = [(expression, False)]
        while open_parts:
            part, is_ready = open_parts.pop()
            if part in self._nodes:
                continue
            if is_ready or not part.args or _is_constant(part):
                self._nodes[part] = self._read(part)
            else:
                open_parts.append((part, True))
                open_parts += [(argument, False) for argument in _arguments(part)]
        return self._nodes[expression]

    def _read(self, expression: Any) -> Node:
        if _is_constant(expression):
            return self.graph.number(_float(expression))
        for kind, read in _READERS:
            if isinstance(expression, kind):
                return read(self, expression)
        if expression.func in ORDERED:
            return self._ordered(expression)
        name = FUNCTIONS.get(expression.func)
        if name is not None:
            self._refuse_other_branches(expression)
            return self.graph.make(name, *(self.node(argument) for argument in expression.args))
        rewrite = REWRITTEN.get(expression.func)
        if rewrite is not None:
            return self.node(rewrite(*expression.args))
        if isinstance(expression, Symbol):
            raise ProblemError(f"{expression} cannot be compiled: no value is given for this symbol")
        names = sorted(kind.__name__ for kind in (*FUNCTIONS, *REWRITTEN, *ORDERED))
        raise ProblemError(
            f"{expression} cannot be compiled: the functions are {', '.join(names)}, sqrt, Max, Min and Piecewise"
        )

    # --- one kind of expression each --------------------------------------------------------------------------------

    def _ordered(self, expression: Expr) -> Node:
        name, least, most = ORDERED[expression.func]
        order, argument = expression.args
        if not (order.is_Integer and least <= order <= most):
            kind = expression.func.__name__
            raise ProblemError(
                f"{expression} cannot be compiled: the order of {kind} must be an integer from {least} to {most}"
            )
        return self.graph.make(name, self.graph.number(float(order)), self.node(argument))

    def _refuse_other_branches(self, expression: Expr) -> None:
        if isinstance(expression, sympy.LambertW) and len(expression.args) > 1:
            raise ProblemError(
                f"{expression} cannot be compiled: of LambertW only the principal branch, LambertW(x), can be"
            )

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
        node = self.node(base)
        if exponent.is_Rational:
            return self.graph.power(node, _exponent(expression))
        return self.graph.make("power", node, self.node(exponent))

    def _extreme(self, expression: Expr) -> Node:
        operation = "maximum" if isinstance(expression, sympy.Max) else "minimum"
        first, *others = [self.node(argument) for argument in sorted(expression.args, key=sympy.default_sort_key)]
        for other in others:
            first = self.graph.make(operation, first, other)
        return first

    def _heaviside(self, expression: Expr) -> Node:
        """(1 + sign x)/2, and at 0 the value that the second argument states, 1/2 if there is none."""
        graph, node = self.graph, self.node(expression.args[0])
        half = graph.number(0.5)
        step = graph.add(half, graph.multiply(half, graph.make("sign", node)))
        return graph.select(graph.make("equal", node, graph.number(0.0)), self.node(expression.args[1]), step)

    def _piecewise(self, expression: Expr) -> Node:
        """From the last branch to the first; not a number where no condition holds."""
        value = self.graph.number(math.nan)
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


def _is_constant(expression: Any) -> bool:
    return isinstance(expression, Expr) and expression.is_number


def _arguments(expression: Any) -> tuple[Any, ...]:
    """What is read before an expression: of a Piecewise the branches and conditions, of a rewritten function nothing."""
    if isinstance(expression, sympy.Piecewise):
        return tuple(part for pair in expression.args for part in pair.args if part != sympy.true)
    # the integer or rational exponent of a power is no value of its own
    if isinstance(expression, sympy.Pow) and expression.exp.is_Rational:
        return expression.args[:1]
    if isinstance(expression, LOGICAL) and not isinstance(expression, (*LOGIC, sympy.Not)):
        return ()
    return () if expression.func in REWRITTEN else expression.args


_READERS: list[tuple[Any, Callable[[Reader, Any], Node]]] = [
    (sympy.Add, Reader._sum),
    (sympy.Mul, Reader._product),
    # exp(x) reads as a power of E: it is a function here
    (sympy.exp, lambda reader, e: reader.graph.make("exp", reader.node(e.args[0]))),
    (sympy.Pow, Reader._power),
    ((sympy.Max, sympy.Min), Reader._extreme),
    (sympy.Heaviside, Reader._heaviside),
    (sympy.Piecewise, Reader._piecewise),
    (tuple(RELATIONS), Reader._relation),
    (tuple(LOGIC), Reader._logic),
    (sympy.Not, Reader._negation),
    # Xor, Implies, ITE and their like, as And, Or and Not
    (LOGICAL, lambda reader, e: reader.node(e.to_nnf(simplify=False))),
]


def _exponent(power: Expr) -> float:
    """The exponent of a power, which must be a float itself if it is an integer: else a negative base would get a wrong sign."""
    exponent = power.exp
    found = _float(exponent)
    if exponent.is_Integer and int(found) != int(exponent):
        raise ProblemError(f"{_clipped(power)} cannot be compiled: its exponent is too long for floating point")
    return found


def _float(number: Expr) -> float:
    """The nearest float of a real number."""
    try:
        # the quotient of two integers is rounded once
        found = complex(number.p / number.q if number.is_Rational else sympy.N(number, 30))
    except (TypeError, ValueError, OverflowError):
        raise ProblemError(
            f"{_clipped(number)} cannot be compiled: it is not a number that floating point can hold"
        ) from None
    # of a real number that is written with complex ones, digits of an imaginary part are left over
    real = found.real if found.imag == 0 or number.is_real else math.nan
    if not math.isfinite(real):
        raise ProblemError(f"{_clipped(number)} cannot be compiled: only real, finite numbers can be; it is {found}")
    if real == 0 and number.is_nonzero:
        raise ProblemError(
            f"{_clipped(number)} cannot be compiled: it is nearer to 0 than any number of floating point"
        )
    return real


def _clipped(number: Expr) -> str:
    try:
        text = str(number)
    except ValueError:  # Python does not write integers of more than 4300 digits
        return str(sympy.N(number, 15))
    return text if len(text) <= 80 else f"{text[:40]}...{text[-20:]} ({len(text)} characters)"
