"""The dual function of a Lagrangian relaxation as a picture: its breakpoints, the best bound, and the integer optimum."""

from os import PathLike

import sympy
from sympy import Expr

from lagrangian.duality.relaxation import Relaxation, RelaxedOptimum
from lagrangian.errors import ProblemError
from lagrangian.report.notation import text
from lagrangian.report.picture import Band, Item, Mark, Panel, Path, Picture, Range, Role, Rule, saved
from lagrangian.report.picture_windows import is_finite, number
from lagrangian.status import Status

MOST_MARKED = 40
MOST_SEEN = 100


def plot_relaxation(
    relaxation: Relaxation, path: str | PathLike[str] | None = None, *, optimum: RelaxedOptimum | None = None
) -> Picture:
    """The dual function of one multiplier through its breakpoints, with the best bound, and the optimum where it is known.

    Args:
        relaxation: with one relaxed constraint.
        path: the file to be written, if any, in the format that its ending names.
        optimum: what ``relaxation.solve()`` gave; without it the best point known by the heuristic is drawn.

    Raises:
        ProblemError: where not exactly one constraint is relaxed, or the dual function is not known as a whole.
        MissingExtraError: where a file is named and Matplotlib is not installed.
    """
    ends = relaxation.breakpoints()
    (stated,) = relaxation.relaxed
    best = relaxation.multipliers.get(stated)
    if ends is None or best is None or not is_finite(number(relaxation.bound)):
        raise ProblemError("the dual function is not known as a whole, or infinite; there is nothing to be drawn")
    window = _window(ends, best, relaxation)
    graph = _graph(relaxation, ends, window)
    known = _known(relaxation, optimum)
    items: list[Item] = [Path(graph, f"dual function, {len(ends)} breakpoints", Role.DUAL)]
    items += [Mark(point, "breakpoint", Role.BREAKPOINT) for point in graph[1:-1][:MOST_MARKED]]
    items += _lines(relaxation.bound, known, relaxation.is_best)
    words = "best multiplier" if relaxation.is_best else "best multiplier found"
    items.append(Mark((best, relaxation.bound), f"{words} {text(best)}", Role.OPTIMUM))
    title = f"Lagrangian relaxation of {text(stated)}"
    panel = Panel((_name(relaxation), "bound"), window, _heights(graph, known), tuple(items))
    return saved(Picture(title, (panel,)), path)


def _name(relaxation: Relaxation) -> str:
    return "λ" if isinstance(relaxation.relaxed[0], sympy.Eq) else "μ"


def _window(ends: tuple[Expr, ...], best: Expr, relaxation: Relaxation) -> Range:
    """All breakpoints, but those far beyond the best multiplier, and of many the nearest to it."""
    middle = number(best)
    reach = max(abs(middle), *(abs(number(end) - middle) for end in ends[:1]), 1.0) * 1.5
    near = sorted((number(end) for end in ends), key=lambda end: abs(end - middle))[:MOST_SEEN]
    near = [end for end in near if abs(end - middle) <= reach]
    low, high = min([middle, *near]), max([middle, *near])
    # with a part of them only, no room for the next ones, whose number is not known
    margin = 0.0 if len(near) == MOST_SEEN else 0.25 * ((high - low) or abs(high) or 1.0)
    left = low - margin if _name(relaxation) == "λ" or len(near) == MOST_SEEN else 0.0
    return left, high + margin


def _graph(relaxation: Relaxation, ends: tuple[Expr, ...], window: Range) -> tuple[tuple[Expr, Expr], ...]:
    """The exact values at the breakpoints that are seen, and at both ends of the axis."""
    (stated,) = relaxation.relaxed
    sides = [sympy.Rational(str(round(side, 6))) for side in window]
    inner = [end for end in ends if sides[0] < end < sides[1]]
    return tuple((place, relaxation.value_at({stated: place})) for place in (sides[0], *inner, sides[1]))


def _known(relaxation: Relaxation, optimum: RelaxedOptimum | None) -> tuple[Expr, str] | None:
    if optimum is not None and optimum.solution.value is not None:
        proved = optimum.solution.status is Status.OPTIMAL
        return optimum.solution.value, "integer optimum" if proved else "best integer point known"
    value = relaxation.feasible_value
    return None if value is None else (value, "best integer point known")


def _lines(bound: Expr, known: tuple[Expr, str] | None, is_best: bool) -> list[Item]:
    words = "best bound" if is_best else "best bound found"
    items: list[Item] = [Rule(bound, f"{words} {text(bound)}", Role.DUAL_VALUE)]
    if known is None:
        return items
    value, words = known
    if value != bound:
        low, high = sorted((value, bound))
        items.insert(0, Band(low, high, f"gap {text(high - low)}", Role.GAP))
    return [*items, Rule(value, f"{words} {text(value)}", Role.PRIMAL_VALUE)]


def _heights(graph: tuple[tuple[Expr, Expr], ...], known: tuple[Expr, str] | None) -> Range:
    values = [number(value) for _, value in graph] + ([] if known is None else [number(known[0])])
    margin = 0.06 * ((max(values) - min(values)) or 1.0)
    return min(values) - margin, max(values) + margin
