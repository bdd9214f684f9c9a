"""The parameters of many instances, read and checked, and where instances begin."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sympy import Expr, Symbol, diff, lambdify

from lagrangian.errors import ProblemError
from lagrangian.numeric.batch_solution import BatchSolution
from lagrangian.numeric.compiled import Array, CompiledProblem
from lagrangian.numeric.lane_memory import Starts
from lagrangian.problem.canonical import CanonicalProblem

# where a variable without bounds begins: a little off zero, where many slopes vanish
_BESIDE_ZERO = 0.1


def parameter_rows(compiled: CompiledProblem, parameters: Any, instances: int) -> Array:
    """The parameters' values, of shape (b, number of parameters), checked.

    Args:
        instances: b for a problem without parameters.
    """
    names = [str(symbol) for symbol in compiled.restoration.problem.parameters]
    given = _by_name(parameters)
    missing, unknown = [n for n in names if n not in given], [n for n in given if n not in names]
    if missing:
        raise ProblemError(f"no values are given for the parameter {missing[0]}; the parameters are {', '.join(names)}")
    if unknown:
        raise ProblemError(
            f"{unknown[0]} is not a parameter of the problem; the parameters are {', '.join(names) or 'none'}"
        )
    columns = [_column(name, given[name]) for name in names]
    lengths = {len(column) for column in columns if column.ndim}
    if len(lengths) > 1:
        raise ProblemError(
            f"the parameters have different lengths: {', '.join(map(str, sorted(lengths)))}; one for each instance is wanted"
        )
    count = lengths.pop() if lengths else 1 if names else instances
    rows = np.empty((count, len(names)))
    for i, column in enumerate(columns):
        rows[:, i] = column
    return rows


def _by_name(parameters: Any) -> dict[str, Any]:
    if parameters is None:
        return {}
    if isinstance(parameters, Mapping):
        return {str(name): values for name, values in parameters.items()}
    names = getattr(getattr(parameters, "dtype", None), "names", None)
    if names is None:
        raise ProblemError(
            f"the parameters are a {type(parameters).__name__}; give a mapping from names to arrays, or a structured array"
        )
    return {name: parameters[name] for name in names}


def _column(name: str, values: Any) -> Array:
    try:
        column = np.asarray(values)
        if column.dtype.kind not in "biufO":
            raise TypeError
        column = column.astype(np.float64)
    except (TypeError, ValueError):
        raise ProblemError(f"the values of {name} are not real numbers: {values!r}"[:300]) from None
    if column.ndim > 1:
        raise ProblemError(
            f"the values of {name} have shape {column.shape}; one dimension is wanted, one value for each instance"
        )
    finite = np.isfinite(column)
    if not finite.all():
        place = int(np.flatnonzero(~np.atleast_1d(finite))[0])
        raise ProblemError(
            f"the value of {name} for instance {place} is {np.atleast_1d(column)[place]}; it must be finite"
        )
    return column


def starts_for(compiled: CompiledProblem, start: ArrayLike | BatchSolution | None, values: Array) -> Starts:
    """Where the instances begin: at a solution, at given points, or inside the bounds."""
    count, n = len(values), compiled.dimension
    k = compiled.inequality_count + compiled.equality_count
    if start is None:
        return Starts(_inside(compiled, values), np.zeros((0, k)))
    if isinstance(start, BatchSolution):
        return _at_solution(start, count, n, k)
    try:
        found = np.atleast_2d(np.asarray(start, dtype=np.float64))
    except (TypeError, ValueError):
        raise ProblemError(f"the start is not an array of real numbers: {start!r}"[:300]) from None
    if found.shape not in ((1, n), (count, n)):
        raise ProblemError(f"the start has shape {np.shape(start)}; shape ({n},) or ({count}, {n}) is wanted")
    if not np.isfinite(found).all():
        raise ProblemError("the start holds numbers that are not finite")
    return Starts(np.array(found, order="C"), np.zeros((0, k)))


def _at_solution(start: BatchSolution, count: int, n: int, k: int) -> Starts:
    if start.x.shape not in ((1, n), (count, n)) or start.multipliers.shape[1] != k:
        raise ProblemError(
            f"the start is a solution of {len(start)} instances with {start.x.shape[1]} variables and "
            f"{start.multipliers.shape[1]} constraints; {count} instances (or 1), {n} variables and {k} constraints are wanted"
        )
    x, multipliers = np.nan_to_num(start.x, nan=_BESIDE_ZERO), np.nan_to_num(start.multipliers)
    return Starts(np.ascontiguousarray(x), np.ascontiguousarray(multipliers))


@dataclass(frozen=True, slots=True)
class _Bound:
    """slope(p) x_j + rest(p) <= 0"""

    variable: int
    slope: Expr
    rest: Expr

    @property
    def of_numbers(self) -> bool:
        """Whether it depends on no parameter."""
        return not self.slope.free_symbols | self.rest.free_symbols


def _bounds(canonical: CanonicalProblem) -> list[_Bound]:
    """The inequalities that are linear in one variable."""
    found = []
    places = {v: j for j, v in enumerate(canonical.variables)}
    for inequality in canonical.inequalities:
        expression = inequality.expression
        involved = [v for v in canonical.variables if v in expression.free_symbols]
        if len(involved) == 1:
            slope = diff(expression, involved[0])
            if not slope.free_symbols & set(places):
                found.append(_Bound(places[involved[0]], slope, expression.subs(involved[0], 0)))
    return found


def _inside(compiled: CompiledProblem, values: Array) -> Array:
    """The middle between two bounds, one inside a single bound, else a little off zero; shape (1, n) or (b, n)."""
    bounds = _bounds(compiled.canonical)
    depends = not all(bound.of_numbers for bound in bounds)
    rows = values if depends else values[:1] if len(values) else np.zeros((1, values.shape[1]))
    return _between(*_limits(compiled.canonical, bounds, rows))


def numbers_leave_room(canonical: CanonicalProblem) -> bool:
    """Whether no lower bound by a number is above an upper one."""
    bounds = [bound for bound in _bounds(canonical) if bound.of_numbers]
    low, high = _limits(canonical, bounds, np.zeros((1, len(canonical.parameters))))
    return bool((low <= high).all())


def _limits(canonical: CanonicalProblem, bounds: Sequence[_Bound], rows: Array) -> tuple[Array, Array]:
    """The greatest lower and the least upper bound of each variable for each row of parameters."""
    low = np.full((len(rows), len(canonical.variables)), -np.inf)
    high = np.full((len(rows), len(canonical.variables)), np.inf)
    for bound in bounds:
        slope = _evaluated(bound.slope, canonical.parameters, rows)
        rest = _evaluated(bound.rest, canonical.parameters, rows)
        limit = -rest / np.where(slope == 0, np.nan, slope)
        j = bound.variable
        high[:, j] = np.where(slope > 0, np.fmin(high[:, j], limit), high[:, j])
        low[:, j] = np.where(slope < 0, np.fmax(low[:, j], limit), low[:, j])
    return low, high


def _between(low: Array, high: Array) -> Array:
    has_low, has_high = np.isfinite(low), np.isfinite(high)
    zero_low, zero_high = np.where(has_low, low, 0.0), np.where(has_high, high, 0.0)
    middle = np.where(has_low & has_high, (zero_low + zero_high) / 2, _BESIDE_ZERO)
    middle = np.where(has_low & ~has_high, zero_low + 1.0, middle)
    return np.ascontiguousarray(np.where(has_high & ~has_low, zero_high - 1.0, middle))


def _evaluated(expression: Expr, symbols: Sequence[Symbol], rows: Array) -> Array:
    if expression.is_number:
        return np.full(len(rows), float(expression))
    with np.errstate(all="ignore"):
        found = np.asarray(lambdify(symbols, expression, "numpy")(*rows.T), dtype=np.float64)
    return np.broadcast_to(found, len(rows))
