"""Local solutions from many starts by sequential quadratic programming (Kraft 1988; SciPy's SLSQP).

They are candidates and nothing more: every one is feasible and stationary up to rounding, none is known to be global.
"""

import itertools
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import sympy

from lagrangian.numeric.functions import NumericFunctions, Vector, numeric_functions
from lagrangian.numeric.polish import polished
from lagrangian.problem.canonical import CanonicalProblem

SLSQP = "SLSQP"
FEASIBLE = 1e-8
MARGIN = 1e-7
MARGINS = (1e-9, 1e-8, 1e-7, 1e-6, 1e-5)
ASIDE = 0.01
SAME = 1e-6
# values that differ by no more are the same, points that differ by more are not
ROUNDING = 1e-11
APART = 1e-4
MOST_SHOWN = 16
STABLE = 1e-3
LARGEST = 1e10
MOST_STARTS = 200
MOST_PEAKS = 40
SPREADS = (1.0, 3.0, 10.0, 0.3, 100.0)


@dataclass(frozen=True, eq=False)
class NumericCandidate:
    """A point in floating point with the canonical objective there, by how much it misses the constraints, and what found it."""

    point: Vector
    value: float
    residual: float
    source: str = SLSQP


def numeric_candidate(
    canonical: CanonicalProblem, deadline: float, *, first: Vector | None = None, most: int = MOST_STARTS
) -> NumericCandidate | None:
    """The best of `numeric_candidates`; None where no start led to a feasible point."""
    found = numeric_candidates(canonical, deadline, first=first, most=most)
    return found[0] if found else None


def numeric_candidates(
    canonical: CanonicalProblem,
    deadline: float,
    *,
    first: Vector | None = None,
    most: int = MOST_STARTS,
    enough: int = MOST_STARTS,
    on_better: Callable[[NumericCandidate], None] | None = None,
    others: Iterable[NumericCandidate] = (),
) -> tuple[NumericCandidate, ...]:
    """The best local solution from many starts, a fixed sequence, and others with the same value up to rounding.

    Args:
        canonical: a problem without parameters and integers.
        deadline: in the seconds of time.monotonic(); no further start after it.
        first: where to start before the sequence.
        most: how many starts there are at most.
        enough: how often the best value is to be found before no further start is made.
        on_better: what is called with every candidate that is better than those before.
        others: candidates from elsewhere, which come first and count as those from starts do.
    """
    functions = numeric_functions(canonical)
    low, high = box(canonical)
    found: list[NumericCandidate] = []
    best: NumericCandidate | None = None
    starts = itertools.chain([] if first is None else [first], peaks(canonical, low, high), _starts(low, high))
    solved = (local_solution(functions, start, low, high, margin=0.0) for start in itertools.islice(starts, most))
    for candidate in _until(deadline, itertools.chain(others, solved)):
        if candidate is None:
            continue
        found.append(candidate)
        if sum(_has_value(c, best or candidate) for c in found) >= enough:
            break
        if best is None or _is_better(candidate, best):
            best = candidate
            if on_better is not None:
                on_better(best)
    if best is None or not _is_stable(functions, best, low, high):
        return ()
    polished_best = _polished(functions, best, low, high)
    return (polished_best, *_others(functions, polished_best, found, low, high))


def _until(deadline: float, candidates: Iterable[NumericCandidate | None]) -> Iterator[NumericCandidate | None]:
    """The candidates; none is begun after the deadline."""
    iterator = iter(candidates)
    while time.monotonic() <= deadline:
        try:
            yield next(iterator)
        except StopIteration:
            return


def _others(
    functions: NumericFunctions, best: NumericCandidate, found: Sequence[NumericCandidate], low: Vector, high: Vector
) -> list[NumericCandidate]:
    """Candidates at other places whose values, once polished, are that of the best one up to rounding."""
    kept = [best]
    for candidate in found:
        if (
            not _has_value(candidate, best)
            or len(kept) > MOST_SHOWN
            or any(_is_same_place(candidate, other) for other in kept)
        ):
            continue
        polished_one = _polished(functions, candidate, low, high)
        tie = abs(polished_one.value - best.value) <= ROUNDING * (1.0 + abs(best.value))
        if tie and not any(_is_same_place(polished_one, other) for other in kept):
            kept.append(polished_one)
    return kept[1:]


def _has_value(candidate: NumericCandidate, best: NumericCandidate) -> bool:
    return abs(candidate.value - best.value) <= SAME * (1.0 + abs(best.value))


def _is_same_place(left: NumericCandidate, right: NumericCandidate) -> bool:
    return bool((np.abs(left.point - right.point) <= APART * (1.0 + np.abs(right.point))).all())


def _polished(functions: NumericFunctions, best: NumericCandidate, low: Vector, high: Vector) -> NumericCandidate:
    """The candidate after Newton's method, where that changes it by rounding alone."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            point = polished(functions, best.point)
        except np.linalg.LinAlgError:
            return best
    found = None if point is None else measured(functions, np.clip(point, low, high), best.source)
    same = found is not None and abs(found.value - best.value) <= SAME * (1.0 + abs(best.value))
    return found if found is not None and same else best


def interior_candidates(canonical: CanonicalProblem, near: NumericCandidate) -> list[NumericCandidate]:
    """Local solutions near another one whose inequalities hold with margins, so that rounding leaves them feasible."""
    functions = numeric_functions(canonical)
    low, high = box(canonical)
    # from the point itself SLSQP would not set out again
    aside = np.clip(near.point + ASIDE * (1.0 + np.abs(near.point)), low, high)
    found = [local_solution(functions, start, low, high, m) for m in MARGINS for start in (near.point, aside)]
    return [candidate for candidate in found if candidate is not None]


def local_solution(
    functions: NumericFunctions, start: Vector, low: Vector, high: Vector, margin: float, *, loosely: bool = False
) -> NumericCandidate | None:
    """Where SLSQP ends, if that is feasible; the inequalities are g <= -margin. It ends sooner if ``loosely``."""
    # SciPy takes a third of a second to import and is not needed by most problems
    from scipy.optimize import minimize

    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            found = minimize(
                lambda x: _finite(functions.values(x)[0]),
                start,
                jac=lambda x: np.nan_to_num(functions.jacobian(x)[0]),
                bounds=list(zip(low, high, strict=True)),
                constraints=_constraints(functions, margin),
                method="SLSQP",
                options={"maxiter": 60, "ftol": 1e-10} if loosely else {"maxiter": 300, "ftol": 1e-14},
            )
        except (ValueError, ArithmeticError):
            return None
    return measured(functions, np.clip(found.x, low, high))


def _is_stable(functions: NumericFunctions, best: NumericCandidate, low: Vector, high: Vector) -> bool:
    """Whether constraints that are tightened a little leave the value nearly the same, and all of it is of usual size.

    At a cusp a constraint that is missed by rounding alone gives a value that is better by its cube root.
    """
    if max(abs(best.value), float(np.abs(best.point).max())) > LARGEST:
        return False
    tightened = local_solution(functions, best.point, low, high, MARGIN)
    return tightened is None or tightened.value - best.value < STABLE * (1.0 + abs(best.value))


@lru_cache(maxsize=64)
def box(canonical: CanonicalProblem) -> tuple[Vector, Vector]:
    """The bounds that inequalities in one variable alone state, read-only; infinities where there are none."""
    low = np.full(len(canonical.variables), -np.inf)
    high = np.full(len(canonical.variables), np.inf)
    for inequality in canonical.inequalities:
        names = inequality.expression.free_symbols
        if len(names) != 1:
            continue
        variable = next(iter(names))
        slope = sympy.diff(inequality.expression, variable)
        if not slope.is_number or variable not in canonical.variables:
            continue
        place = canonical.variables.index(variable)
        limit = float(-inequality.expression.xreplace({variable: sympy.Integer(0)}) / slope)
        if slope > 0:
            high[place] = min(high[place], limit)
        else:
            low[place] = max(low[place], limit)
    high = np.maximum(low, high)
    low.flags.writeable = high.flags.writeable = False
    return low, high


def peaks(canonical: CanonicalProblem, low: Vector, high: Vector) -> Iterator[Vector]:
    """Where the quadratic arguments of exponentials are stationary: a narrow peak is not seen from anywhere else."""
    variables = canonical.variables
    for peak in itertools.islice(sorted(canonical.objective.atoms(sympy.exp), key=sympy.default_sort_key), MOST_PEAKS):
        argument = peak.args[0]
        if not argument.is_polynomial(*variables):
            continue
        quadratic = sympy.Poly(argument, *variables)
        if quadratic.total_degree() != 2:
            continue
        slopes = [quadratic.diff(v) for v in variables]
        matrix = np.array([[float(slope.coeff_monomial(v)) for v in variables] for slope in slopes])
        right = np.array([-float(slope.coeff_monomial(1)) for slope in slopes])
        point = np.linalg.lstsq(matrix, right, rcond=None)[0]
        yield np.clip(point, low, high)


def _starts(low: Vector, high: Vector) -> Iterator[Vector]:
    """The middle of the box, or the point of it nearest to the origin, then random points of it and around the origin."""
    random = np.random.default_rng(0)
    bounded = np.isfinite(low) & np.isfinite(high)
    width = np.where(bounded, high - low, 0.0)
    yield np.clip(np.where(bounded, low + width / 2, 0.0), low, high)
    yield np.clip(np.ones(len(low)), low, high)
    for number in range(MOST_STARTS - 2):
        spread = SPREADS[number % len(SPREADS)]
        around = np.clip(random.normal(size=len(low)) * spread, low, high)
        inside = low + random.random(len(low)) * width
        yield np.where(bounded & (number % 3 > 0), inside, around)


def _constraints(functions: NumericFunctions, margin: float) -> list[dict]:
    m = functions.inequality_count
    count = len(functions.values(np.zeros(functions.dimension)))
    stated = []
    if m:
        stated.append(
            {
                "type": "ineq",
                "fun": lambda x: -margin - np.nan_to_num(functions.values(x)[1 : 1 + m], nan=1e6),
                "jac": lambda x: -np.nan_to_num(functions.jacobian(x)[1 : 1 + m]),
            }
        )
    if count > 1 + m:
        stated.append(
            {
                "type": "eq",
                "fun": lambda x: np.nan_to_num(functions.values(x)[1 + m :], nan=1e6),
                "jac": lambda x: np.nan_to_num(functions.jacobian(x)[1 + m :]),
            }
        )
    return stated


def _finite(value: float) -> float:
    return float(np.clip(value, -1e30, 1e30)) if not np.isnan(value) else 1e30


def measured(functions: NumericFunctions, point: Vector, source: str = SLSQP) -> NumericCandidate | None:
    """The candidate at a point; None where a function is undefined or a constraint misses by more than rounding."""
    values = functions.values(point)
    if np.isnan(values[0]) or not np.isfinite(values[1:]).all():
        return None
    m = functions.inequality_count
    residual = float(max([0.0, *values[1 : 1 + m], *np.abs(values[1 + m :])]))
    scale = 1.0 + float(np.abs(point).max())
    return NumericCandidate(point, float(values[0]), residual, source) if residual <= FEASIBLE * scale else None


def _is_better(left: NumericCandidate, right: NumericCandidate) -> bool:
    """Clearly lower, or as low with a smaller residual."""
    gap = 1e-9 * (1.0 + abs(right.value))
    if left.value < right.value - gap:
        return True
    return left.value <= right.value + gap and left.residual < right.residual
