"""Numbers in place of parameters, checked against what the symbols and the problem's assumptions allow."""

from collections.abc import Mapping
from typing import Any

import sympy
from sympy import Expr, Symbol
from sympy.core.relational import Relational

from lagrangian.algebra.signs import holds
from lagrangian.errors import ProblemError
from lagrangian.problem.problem import Problem

SIGNS = ("positive", "negative", "nonnegative", "nonpositive", "nonzero", "integer", "rational")


def parameter_values(problem: Problem, values: Mapping[Symbol, Any]) -> dict[Symbol, Expr]:
    """One exact real number for every parameter; decimals are taken as written.

    Raises:
        ProblemError: where a parameter has no value, or one that is no real number or that the assumptions exclude, where a
            symbol is no parameter, and where a function of the problem is not defined for the values.

    >>> from sympy import symbols
    >>> x, b = symbols("x b", real=True)
    >>> parameter_values(Problem(x**2, [x >= b], over=[x]), {b: 0.1})
    {b: 1/10}
    """
    if not isinstance(values, Mapping):
        raise ProblemError(f"the values of the parameters are {values!r}; write {{parameter: number, ...}}")
    missing = [str(parameter) for parameter in problem.parameters if parameter not in values]
    if missing:
        raise ProblemError(f"no value is given for {', '.join(missing)}; write {{{missing[0]}: 1, ...}}")
    numbers = {}
    for symbol, value in values.items():
        if symbol not in problem.parameters:
            known = ", ".join(map(str, problem.parameters)) or "none"
            raise ProblemError(f"{symbol} is no parameter of the problem; it has {known}")
        numbers[symbol] = _number(symbol, value)
    _refuse_undefined(problem, numbers)
    for relation in problem.assumptions:
        (stated,) = relations_at((relation,), numbers)
        if not stated.free_symbols and holds(stated) is False:
            raise ProblemError(
                f"the values {_listed(numbers)} break the assumption {relation}; choose values that satisfy it"
            )
    return numbers


def relations_at(relations: tuple[Relational, ...], numbers: Mapping[Symbol, Expr]) -> list[Relational]:
    """Relations with numbers in place of symbols, none of them evaluated."""
    return [r.func(r.lhs.xreplace(numbers), r.rhs.xreplace(numbers), evaluate=False) for r in relations]


def _number(symbol: Symbol, value: Any) -> Expr:
    try:
        number = sympy.sympify(value, strict=True)
    except (sympy.SympifyError, TypeError, ValueError):
        raise ProblemError(f"the value of {symbol} is {value!r}; write a number") from None
    number = sympy.Rational(str(number)) if number.is_Float and number.is_finite else number
    if not isinstance(number, Expr) or not number.is_number or number.is_real is not True:
        raise ProblemError(f"the value of {symbol} is {value!r}; write a real number")
    for name in SIGNS:
        if symbol.assumptions0.get(name) and getattr(number, f"is_{name}") is False:
            raise ProblemError(
                f"the value {number} of {symbol} is not {name}, as the symbol is declared; choose another value"
            )
    return number


def _refuse_undefined(problem: Problem, numbers: dict[Symbol, Expr]) -> None:
    sides = (side for relation in problem.all_constraints for side in relation.args)
    for function in (problem.objective, *sides):
        if function.xreplace(numbers).has(sympy.I, sympy.nan, sympy.zoo, sympy.oo, -sympy.oo):
            raise ProblemError(
                f"{function} is not defined for {_listed(numbers)}; choose values for which it is a real number"
            )


def _listed(numbers: dict[Symbol, Expr]) -> str:
    return ", ".join(f"{symbol} = {number}" for symbol, number in numbers.items())
