"""The dual function of one or two multipliers as a picture, with p*, d* and the gap between them."""

from dataclasses import dataclass
from os import PathLike

import numpy as np
from sympy import Eq, Expr, Symbol
from sympy.core.relational import Relational

from lagrangian.algebra.signs import is_nonnegative
from lagrangian.duality.dual_gap import Duality
from lagrangian.duality.dual_problem import DualProblem
from lagrangian.errors import ProblemError
from lagrangian.problem.problem import Sense
from lagrangian.report.notation import text
from lagrangian.report.picture import (
    Area,
    Band,
    Contours,
    Curve,
    Item,
    Level,
    Mark,
    Panel,
    Picture,
    Role,
    Rule,
    Strip,
    saved,
)
from lagrangian.report.picture_sampling import conditions_of, holding, line_places, sampled, zeros
from lagrangian.report.picture_windows import (
    Shown,
    heights,
    is_even,
    is_finite,
    line_window,
    number,
    plane_window,
)


@dataclass(frozen=True, slots=True)
class Side:
    """One formula of the dual function, with the conditions >= 0 under which it holds; signs of multipliers are among them."""

    value: Expr
    conditions: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Drawn:
    """The dual function over the multipliers that are drawn; the others are determined by them."""

    symbols: tuple[Symbol, ...]
    sides: tuple[Side, ...]


def plot_dual(dual: DualProblem, path: str | PathLike[str] | None = None) -> Picture:
    """The dual function alone, with its domain; written to a file where ``path`` names one.

    Raises:
        ProblemError: where the dual function is not known or infinite everywhere, has parameters, or more than two multipliers
            that are not determined by others.
        MissingExtraError: where a file is named and Matplotlib is not installed.

    >>> from sympy import symbols
    >>> from lagrangian import Problem
    >>> x = symbols("x")
    >>> picture = plot_dual(Problem(x**2, [x >= 1], over=[x]).dual())
    >>> picture.panels[0].of(Role.DUAL)[0].expression
    -mu**2/4 + mu
    """
    return saved(_picture(dual, None), path)


def plot_duality(duality: Duality, path: str | PathLike[str] | None = None) -> Picture:
    """The dual function with p* and d*; written to a file where ``path`` names one.

    For one multiplier both are lines, with the gap shaded between them and labelled exactly; for two g has contours.

    Raises:
        ProblemError: where the dual function is not known, has parameters, or more than two multipliers that are not determined
            by others.
        MissingExtraError: where a file is named and Matplotlib is not installed.

    >>> from sympy import Eq, symbols
    >>> from lagrangian import minimize
    >>> x = symbols("x")
    >>> picture = plot_duality(minimize(x, [Eq(x**2, x)], over=[x]).duality())
    >>> [rule.label for rule in picture.panels[0].of(Role.PRIMAL_VALUE) + picture.panels[0].of(Role.DUAL_VALUE)]
    ['p* = 0', 'd* = 0']
    """
    return saved(_picture(duality.dual, duality), path)


def _picture(dual: DualProblem, duality: Duality | None) -> Picture:
    drawn = drawable(dual)
    panel = _line_panel(drawn, dual, duality) if len(drawn.symbols) == 1 else _plane_panel(drawn, duality)
    name = "The dual function, a lower bound" if dual.sense is Sense.MAXIMIZE else "The dual function, an upper bound"
    if duality is None:
        return Picture(name, (panel,))
    named = (("p*", duality.primal_value), ("d*", duality.dual_value), ("gap", duality.gap))
    return Picture(f"{name}: {', '.join(f'{n} {_shown(v)}' for n, v in named)}", (panel,))


def _shown(value: Expr | None) -> str:
    if value is None:
        return "not decided"
    return "= " + text(value) if len(str(value)) <= 24 else f"≈ {number(value):.6g}"


def drawable(dual: DualProblem) -> Drawn:
    """The dual function over all its multipliers, or over those that determine the rest, as far as these are one or two.

    Raises:
        ProblemError: see `plot_dual`.
    """
    function = dual.function
    if function.missing is not None:
        raise ProblemError(f"the dual function is not known: {function.missing}")
    if not function.pieces:
        infinite = "-oo" if dual.sense is Sense.MAXIMIZE else "oo"
        raise ProblemError(f"the dual function is {infinite} for all multipliers: there is nothing to draw")
    sides = tuple(Side(p.value, _conditions(function.multipliers, p.conditions)) for p in function.pieces)
    everything = Drawn(function.multipliers, sides)
    candidates = [everything] if _is_open(function.pieces) or len(function.multipliers) == 1 else []
    forms = [form for form in dual.forms if len(form.problem.over) <= 2]
    for over in dict.fromkeys(form.problem.over for form in forms):
        problems = [form.problem for form in forms if form.problem.over == over]
        stated = tuple(
            Side(p.objective, _conditions(over, p.constraints)) for p in problems if _has_no_equation(p.constraints)
        )
        candidates += [Drawn(over, stated)] if stated and len(forms) == len(dual.forms) else []
    parameters = dual.primal.parameters
    if parameters:
        raise ProblemError(
            f"the dual function has the parameters {', '.join(map(str, parameters))}; put numbers in their place"
        )
    for drawn in candidates:
        if 1 <= len(drawn.symbols) <= 2:
            return drawn
    raise ProblemError(
        f"the dual function has the multipliers {', '.join(map(str, function.multipliers)) or 'none'}; one or two can be drawn, "
        "where it is finite on more than a curve: name the constraints that get one, dual([...]) or duality([...])"
    )


def _conditions(symbols: tuple[Symbol, ...], relations: tuple[Relational, ...]) -> tuple[Expr, ...]:
    signs = [symbol for symbol in symbols if symbol.is_nonnegative]
    return tuple(dict.fromkeys((*signs, *conditions_of(relations))))


def _has_no_equation(relations: tuple[Relational, ...]) -> bool:
    return not any(isinstance(relation, Eq) for relation in relations)


def _is_open(pieces: tuple) -> bool:
    """Whether some formula holds on more than a curve."""
    return any(_has_no_equation(part.conditions) for part in pieces)


def _values(duality: Duality | None) -> tuple[Expr | None, Expr | None]:
    if duality is None:
        return None, None
    found = [v if v is not None and is_finite(number(v)) else None for v in (duality.primal_value, duality.dual_value)]
    return found[0], found[1]


def _best(drawn: Drawn, duality: Duality | None) -> tuple[Expr, ...] | None:
    known = {} if duality is None or duality.multipliers is None else duality.multipliers
    if not all(symbol in known and is_finite(number(known[symbol])) for symbol in drawn.symbols):
        return None
    return tuple(known[symbol] for symbol in drawn.symbols)


def _line_panel(drawn: Drawn, dual: DualProblem, duality: Duality | None) -> Panel:
    (symbol,) = drawn.symbols
    primal, value = _values(duality)
    best = _best(drawn, duality)
    shown = [Shown((symbol,), side.conditions, (), (side.value,)) for side in drawn.sides]
    seen = [number(best[0])] if best is not None else [0.0]
    windows = [line_window(one, seen) for one in shown]
    window = min(low for low, _ in windows), max(high for _, high in windows)
    sides = [side for side in drawn.sides if not _equations(side)]
    items: list[Item] = [Strip(side.conditions, symbol, "domain", Role.DOMAIN) for side in sides if side.conditions]
    name = f"g({text(symbol)})"
    label = f"{name} = {text(sides[0].value)}" if len(sides) == 1 else f"{name}, by {len(sides)} formulas"
    items += [Curve(side.value, symbol, label, Role.DUAL, side.conditions) for side in sides]
    items += [*_single(drawn), *_lines(primal, value, duality)]
    if best is not None and value is not None:
        items.append(Mark((best[0], value), f"best multiplier, {text(symbol)} {_shown(best[0])}", Role.OPTIMUM))
    levels = [number(level) for level in (primal, value) if level is not None]
    return Panel((text(symbol), name), window, heights(_graphs(drawn, window), levels), tuple(items))


def _equations(side: Side) -> list[Expr]:
    """The conditions that hold on a point, or on a curve, only."""
    return [condition for condition in side.conditions if -condition in side.conditions]


def _single(drawn: Drawn) -> list[Item]:
    """Multipliers that alone, without others beside them, make the dual function finite."""
    (symbol,) = drawn.symbols
    return [
        Mark((place, side.value.xreplace({symbol: place})), f"g({text(place)})", Role.BREAKPOINT)
        for side in drawn.sides
        for condition in _equations(side)
        for place in zeros(condition, symbol)
        if all(is_nonnegative(c.xreplace({symbol: place})) is True for c in side.conditions)
    ]


def _graphs(drawn: Drawn, window: tuple[float, float]) -> list:
    graphs = []
    for side in drawn.sides:
        places = line_places(window, side.conditions, drawn.symbols[0])
        values = sampled(side.value, drawn.symbols, [places])
        graphs.append(np.where(holding(side.conditions, drawn.symbols, [places]), values, np.nan))
    return graphs


def _lines(primal: Expr | None, value: Expr | None, duality: Duality | None) -> list[Item]:
    items: list[Item] = []
    if primal is not None and value is not None and duality is not None and duality.gap:
        low, high = sorted((primal, value), key=number)
        items.append(Band(low, high, f"gap {_shown(duality.gap)}", Role.GAP))
    if primal is not None:
        items.append(Rule(primal, f"p* {_shown(primal)}", Role.PRIMAL_VALUE))
    if value is not None:
        items.append(Rule(value, f"d* {_shown(value)}", Role.DUAL_VALUE))
    return items


def _plane_panel(drawn: Drawn, duality: Duality | None) -> Panel:
    first, second = drawn.symbols
    best, value = _best(drawn, duality), _values(duality)[1]
    seen = [(number(best[0]), number(best[1]))] if best is not None else []
    windows = [plane_window(Shown(drawn.symbols, s.conditions, (), (s.value,)), seen) for s in drawn.sides]
    horizontal, vertical = (
        (min(window[axis][0] for window in windows), max(window[axis][1] for window in windows)) for axis in (0, 1)
    )
    items: list[Item] = []
    for side in drawn.sides:
        items.append(Area(side.conditions, (first, second), "domain", Role.DOMAIN, (side.value,)))
        if side.value.free_symbols:
            label = f"contours of g = {text(side.value)}"
            items.append(Contours(side.value, (first, second), label, Role.DUAL, side.conditions))
            if value is not None and best is not None:
                level = f"g {_shown(value)}"
                items.append(Level(side.value, (first, second), value, level, Role.DUAL_VALUE, side.conditions))
    if best is not None:
        items.append(Mark((best[0], best[1]), "best multipliers", Role.OPTIMUM))
    return Panel((text(first), text(second)), horizontal, vertical, tuple(items), is_even(horizontal, vertical))
