"""The best value over the right side of a constraint, with the tangents whose slopes are the shadow prices."""

from collections.abc import Iterable
from dataclasses import dataclass
from os import PathLike

import numpy as np
import sympy
from sympy import Eq, Expr, Ge, Gt, Le, Rational, Symbol
from sympy.core.relational import Relational

from lagrangian.duality.parametric import solve_parametric
from lagrangian.duality.parametric_solution import ParametricSolution
from lagrangian.duality.sensitivity import sensitivity
from lagrangian.duality.slopes import ConstraintSensitivity, OneSided, SlopeKind
from lagrangian.errors import LagrangianError, ProblemError
from lagrangian.problem.problem import Problem
from lagrangian.processes.calls import call_with_limit, deadline_after, share_of_time
from lagrangian.report.notation import text
from lagrangian.report.parametric_plot import breakpoints, value_items
from lagrangian.report.picture import Curve, Item, Mark, Panel, Path, Picture, Range, Role, Rule, Strip, saved
from lagrangian.report.picture_windows import heights, is_finite, number
from lagrangian.report.section import cheap_number
from lagrangian.solution import Solution
from lagrangian.solve import solve
from lagrangian.status import Status

TIME_LIMIT_S = 60.0
# right sides that are solved where no formula is known
POINTS = 17
MOST_STEPS = 40
SHARE = 0.35
# kinks up to so many times the usual reach are shown
FAR = 3.0
MARGIN = 0.1


@dataclass(frozen=True, eq=False)
class RightSide:
    """A constraint with its right side left open: ``problem`` has the parameter ``symbol``, which is ``base`` as stated."""

    problem: Problem
    constraint: Relational
    stated: Relational
    symbol: Symbol
    base: Expr

    def at(self, value: Expr) -> Problem:
        """The problem with a number as the right side."""
        there = {self.symbol: value}
        fixed = self.stated.func(self.stated.lhs, self.stated.rhs.xreplace(there), evaluate=False)
        relations = [fixed if r == self.stated else r for r in self.problem.constraints]
        return Problem(
            self.problem.objective,
            relations,
            over=self.problem.over,
            sense=self.problem.sense,
            integers=self.problem.integers,
        )


def open_right_side(problem: Problem, constraint: Relational) -> RightSide:
    """The problem with a parameter in place of a right side that is a number, or added to one that is not.

    Raises:
        ProblemError: for a problem with parameters, or a constraint that it does not have.

    >>> from lagrangian import Problem
    >>> x, y = sympy.symbols("x y")
    >>> side = open_right_side(Problem(x**2 + y**2, [x + y >= 3], over=[x, y]), x + y >= 3)
    >>> side.stated, side.base, side.at(sympy.Integer(5)).constraints
    (x + y >= b, 3, (x + y >= 5,))
    """
    if problem.parameters:
        known = ", ".join(map(str, problem.parameters))
        raise ProblemError(
            f"the problem has the parameters {known}; put numbers in their place, or name the parameter to draw the value over it"
        )
    relations = problem.all_constraints
    is_relation = isinstance(constraint, Relational)
    wanted = constraint.func(*constraint.args, evaluate=False) if is_relation else constraint
    if wanted not in relations:
        known = ", ".join(map(text, relations)) or "none"
        raise ProblemError(f"{constraint} is no constraint of the problem; it has {known}")
    symbol = _free_name(problem)
    is_number = wanted.rhs.is_number
    stated = wanted.func(wanted.lhs, symbol if is_number else wanted.rhs + symbol, evaluate=False)
    # implied signs of a variable would forbid what a relaxed bound allows
    plain = {v: Symbol(v.name, real=True) for v in problem.over}
    names = {**plain, symbol: symbol}
    opened = Problem(
        problem.objective.xreplace(plain),
        [_renamed(stated if r == wanted else r, names) for r in relations],
        over=plain.values(),
        sense=problem.sense,
        integers=[plain[v] for v in problem.integers],
    )
    return RightSide(opened, wanted, _renamed(stated, names), symbol, wanted.rhs if is_number else sympy.Integer(0))


def _renamed(relation: Relational, names: dict[Symbol, Symbol]) -> Relational:
    return relation.func(relation.lhs.xreplace(names), relation.rhs.xreplace(names), evaluate=False)


def _free_name(problem: Problem) -> Symbol:
    taken = {variable.name for variable in problem.over}
    return Symbol(next(name for name in ("b", "c", "r", "right", "right_side") if name not in taken), real=True)


def plot_right_side(
    solution: Solution,
    constraint: Relational,
    path: str | PathLike[str] | None = None,
    *,
    span: Range | None = None,
    time_limit_s: float = TIME_LIMIT_S,
) -> Picture:
    """V(b), the best value with b as the right side of a constraint; written to a file where ``path`` names one.

    Where the problem has a formula for all b it is drawn, region by region. Of whole numbers V is a stair, and is computed at all
    whole right sides that are seen. Elsewhere the problem is solved at some right sides, and the values that are proved are
    marked; the line between them is not computed. At the right side as stated stands the tangent, whose slope is the shadow
    price, or one for each side where V has a kink.

    Args:
        solution: of a problem without parameters.
        constraint: one of the constraints as stated.
        path: the file to be written, in the format that its ending names, such as .svg, .png or .pdf.
        span: the ends of the axis; without it around the right side, with kinks near by.
        time_limit_s: seconds after which no more is computed.

    Raises:
        ProblemError: for parameters, a constraint that the problem does not have, or where no value is known at all.
        MissingExtraError: where a file is named and Matplotlib is not installed.

    >>> from lagrangian import minimize
    >>> x, y = sympy.symbols("x y")
    >>> picture = plot_right_side(minimize(x**2 + y**2, [x + y >= 3], over=[x, y]), x + y >= 3)
    >>> picture.panels[0].of(Role.TANGENT)[0].expression
    3*b - 9/2
    """
    deadline = deadline_after(time_limit_s)
    side = open_right_side(solution.problem, constraint)
    slopes = sensitivity(solution, time_limit_s=share_of_time(deadline, SHARE)).of(side.constraint)
    is_stair = bool(_whole_numbers(side, span or _window(solution, side, None)))
    known = None if is_stair else _formula(side, share_of_time(deadline, SHARE))
    window = span or _window(solution, side, known)
    if known is not None:
        items, graphs = value_items(known, window)
    else:
        items, graphs = _solved(side, window, deadline)
    touching = _touching(solution, side, slopes, window)
    if not graphs and not touching:
        raise ProblemError(
            f"no value is known for any right side of {text(side.constraint)} between {window[0]:g} and {window[1]:g}"
        )
    levels = [] if solution.optimum is None else [float(solution.optimum)]
    name = text(side.symbol)
    panel = Panel((name, f"V({name})"), window, heights(graphs, levels), (*items, *touching))
    return saved(Picture(f"The best value over {name} in {text(side.stated)}", (panel,)), path)


def _formula(side: RightSide, limit_s: float) -> ParametricSolution | None:
    """The answer for every b, where it is known for every b, and is a value for some."""
    found = call_with_limit(solve_parametric, (side.problem,), limit_s, may_fail=True)
    if found is None or found.is_decided is not True or all(region.value is None for region in found.regions):
        return None
    return found


def _window(solution: Solution, side: RightSide, formula: ParametricSolution | None) -> Range:
    """Around the right side as stated, as far as it is from zero or as its left side is large; with the kinks that are near."""
    base = number(side.base)
    point = next(iter(solution.coordinates), {})
    values = {v: cheap_number(n) for v, n in point.items()}
    level = number((side.constraint.lhs - side.constraint.rhs).xreplace(values)) + base if values else base
    terms = [number(term.xreplace(values)) for term in sympy.Add.make_args(side.constraint.lhs)] if values else []
    reach = abs(base) or max((abs(term) for term in terms if np.isfinite(term)), default=0.0) or 1.0
    ends = [] if formula is None else [number(end) for end in breakpoints(formula)]
    near = [end for end in (*ends, level) if abs(end - base) <= FAR * reach]
    low, high = min([base - reach, *near]), max([base + reach, *near])
    margin = MARGIN * (high - low)
    return low - margin, high + margin


def _solved(side: RightSide, window: Range, deadline: float) -> tuple[list[Item], list]:
    """The problem solved at right sides between the ends, nearest first, until the time is over."""
    whole = _whole_numbers(side, window)
    found = _answers(side, whole or _nice(window), deadline)
    ends = {Status.OPTIMAL: Role.VALUE, Status.NOT_ATTAINED: Role.VALUE}
    values = {
        place: (cheap_number(answer.optimum), ends.get(answer.status, Role.UNPROVED))
        for place, answer in sorted(found.items())
        if answer.optimum is not None and is_finite(float(answer.optimum))
    }
    proved = tuple((place, value) for place, (value, role) in values.items() if role is Role.VALUE)
    items = _never_feasible(side, [p for p, answer in found.items() if answer.status is Status.INFEASIBLE])
    if whole:
        items += [step for place, value in proved for step in _stairs(side, place, value)]
    elif len(proved) > 1:
        items.append(Path(proved, "", Role.UNPROVED))
    words = {Role.VALUE: "value, proved", Role.UNPROVED: "best value known"}
    items += [Mark((place, value), words[role], role) for place, (value, role) in values.items()]
    return items, [np.array([number(value) for value, _ in values.values()])]


def _answers(side: RightSide, places: Iterable[Rational], deadline: float) -> dict[Rational, Solution]:
    ordered = sorted(places, key=lambda place: abs(place - side.base))
    found = {}
    for count, place in enumerate(ordered):
        left = share_of_time(deadline, 1 / (len(ordered) - count))
        if left <= 0:
            break
        try:
            found[place] = solve(side.at(place), time_limit_s=left)
        except LagrangianError:  # no problem any more, as where a bound has crossed another
            continue
    return found


def _whole_numbers(side: RightSide, window: Range) -> list[Rational]:
    """All whole right sides, where the value changes there alone: whole numbers on the left can only meet those."""
    polynomial = (side.stated.lhs - side.stated.rhs + side.symbol).as_poly(*side.problem.over)
    is_whole = polynomial is not None and all(c.is_Integer for c in polynomial.coeffs())
    if not is_whole or set(side.problem.over) != side.problem.integers or not isinstance(side.stated, Ge | Le):
        return []
    low, high = int(np.ceil(window[0])), int(np.floor(window[1]))
    return [Rational(k) for k in range(low, high + 1)] if high - low < MOST_STEPS else []


def _stairs(side: RightSide, place: Rational, value: Expr) -> list[Item]:
    """The value up to the next whole right side: with <= above it, with >= below."""
    end = place + (1 if isinstance(side.stated, Le) else -1)
    return [Path(((place, value), (end, value)), "V, constant in between", Role.OBJECTIVE)]


def _nice(window: Range) -> list[Rational]:
    """Round numbers across a window."""
    step = 10 ** np.floor(np.log10((window[1] - window[0]) / POINTS))
    step = next(float(step * m) for m in (1, 2, 2.5, 5, 10) if (window[1] - window[0]) / (step * m) <= POINTS)
    counts = range(int(np.ceil(window[0] / step)), int(np.floor(window[1] / step)) + 1)
    return [Rational(str(round(step * k, 12))) for k in counts]


def _never_feasible(side: RightSide, infeasible: list[Rational]) -> list[Item]:
    """Where an inequality allows nothing, a stricter one does not either; of an equation no more is known than the points."""
    if not infeasible or isinstance(side.stated, Eq):
        return []
    grows = isinstance(side.stated, Ge | Gt)
    end = min(infeasible) if grows else max(infeasible)
    inside = (side.symbol - end,) if grows else (end - side.symbol,)
    return [Strip(inside, side.symbol, "infeasible", Role.NO_OPTIMUM)]


def _touching(solution: Solution, side: RightSide, slopes: ConstraintSensitivity, window: Range) -> list[Item]:
    """The point as stated, with the tangent or the two half tangents."""
    if solution.optimum is None or solution.status not in (Status.OPTIMAL, Status.NOT_ATTAINED):
        return []
    value, name = cheap_number(solution.optimum), text(side.symbol)
    items: list[Item] = [Rule(side.base, f"{name} = {text(side.base)}, as stated", Role.BREAKPOINT, is_vertical=True)]
    if slopes.derivative is not None:
        items.append(_tangent(side, value, slopes.derivative, "tangent, slope", ()))
    else:
        ways = ((slopes.left, side.base - side.symbol, "left"), (slopes.right, side.symbol - side.base, "right"))
        items += [item for one, inside, where in ways for item in _half(side, value, one, inside, where)]
    items.append(Mark((side.base, value), f"V({text(side.base)}) {_equal(value)}", Role.OPTIMUM))
    return items


def _half(side: RightSide, value: Expr, slope: OneSided, inside: Expr, where: str) -> list[Item]:
    """The half tangent to one side, upright for an infinite slope, or a jump of whole numbers."""
    if slope.kind is SlopeKind.INFINITE:
        words = "V jumps" if side.problem.integers else "infinite slope"
        return [Rule(side.base, f"{words} to the {where}", Role.TANGENT, is_vertical=True)]
    if slope.kind is not SlopeKind.FINITE or slope.value is None:
        return []
    return [_tangent(side, value, slope.value, f"slope to the {where}", (inside,))]


def _tangent(side: RightSide, value: Expr, slope: Expr, words: str, inside: tuple[Expr, ...]) -> Curve:
    line = sympy.expand(value + slope * (side.symbol - side.base))
    return Curve(line, side.symbol, f"{words} {_equal(slope).removeprefix('= ')}", Role.TANGENT, inside)


def _equal(value: Expr) -> str:
    written = text(value)
    return f"= {written}" if len(written) <= 24 and not value.has(sympy.Float) else f"≈ {number(value):.6g}"
