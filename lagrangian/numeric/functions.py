"""A canonical problem as functions of NumPy arrays, with exact derivatives."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import sympy
from numpy.typing import NDArray
from sympy import Abs, Expr, Symbol

from lagrangian.problem.canonical import CanonicalProblem

# NumPy's functions, and SciPy's where it has none, such as the gamma function and Bessel's
MODULES = ["scipy", "numpy"]
Vector = NDArray[np.float64]
VectorFunction = Callable[[Vector], Vector]


class NotNumericError(Exception):
    """A function or its derivative that neither NumPy nor SciPy computes; the message names it. Internal: it becomes a reason."""


@dataclass(frozen=True, eq=False)
class NumericFunctions:
    """F, g and h of a canonical problem as arrays, with their Jacobians; nan where a function is not defined.

    ``values(x)`` is (F, g_1, ..., g_m, h_1, ..., h_p) and ``jacobian(x)`` the matrix of its derivatives, of shape (1 + m + p, n).
    """

    values: VectorFunction
    jacobian: VectorFunction
    inequality_count: int
    dimension: int


def numeric_functions(canonical: CanonicalProblem) -> NumericFunctions:
    """Compile a problem without parameters.

    Raises:
        NotNumericError: where there is no code for a function or for its derivative, such as that of a floor.

    >>> from sympy import symbols
    >>> from lagrangian.problem.canonicalization import canonicalize
    >>> from lagrangian.problem.problem import Problem
    >>> x, y = symbols("x y")
    >>> functions = numeric_functions(canonicalize(Problem(x * y, [x**2 <= 4], over=[x, y]))[0])
    >>> functions.values(np.array([1.0, 3.0])), functions.jacobian(np.array([1.0, 3.0]))
    (array([ 3., -3.]), array([[3., 1.],
           [2., 0.]]))
    """
    expressions = [
        canonical.objective,
        *(g.expression for g in canonical.inequalities),
        *(h.expression for h in canonical.equalities),
    ]
    rows = [[_derivative(expression, variable) for variable in canonical.variables] for expression in expressions]
    count = len(canonical.variables)
    entries = [entry for row in rows for entry in row]
    return NumericFunctions(
        _compiled(canonical.variables, expressions, (len(expressions),)),
        _compiled(canonical.variables, entries, (len(expressions), count)),
        len(canonical.inequalities),
        count,
    )


def _compiled(variables: tuple[Symbol, ...], expressions: list[Expr], shape: tuple[int, ...]) -> VectorFunction:
    for expression in expressions:
        unknown = sympy.Tuple(expression).atoms(sympy.Derivative, sympy.Integral)
        if unknown:
            raise NotNumericError(f"there is no code for {min(unknown, key=str)}")
    function = _array(sympy.lambdify([variables], expressions, modules=MODULES, cse=True), shape)
    try:
        function(np.ones(len(variables)))
    except NameError as error:
        raise NotNumericError(f"there is no code for the function {error.name}") from None
    return function


def _derivative(expression: Expr, variable: Symbol) -> Expr:
    """The derivative where there is one; one side's at a kink."""
    found = sympy.diff(expression, variable)
    return found.replace(sympy.sign, lambda inner: inner / Abs(inner)).replace(
        sympy.Heaviside, lambda inner, *_: (1 + inner / Abs(inner)) / 2
    )


def _array(function: Callable[[Vector], list], shape: tuple[int, ...]) -> VectorFunction:
    def evaluate(point: Vector) -> Vector:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            try:
                found = np.array(function(point), dtype=complex)
            except (ArithmeticError, ValueError, TypeError):
                return np.full(shape, np.nan)
        return np.where(found.imag == 0, found.real, np.nan).reshape(shape)

    return evaluate
