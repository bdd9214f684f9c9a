"""Linear problems in bounded integer variables, and the states that dynamic programming goes through.

Variables are decided one after the other. A state is the vector of sums that the rows have so far, with the least cost of all
choices that lead to it. With multipliers mu (>= 0 for inequalities) each way to go on costs at least

    sum over the variables left of min (c_i + mu a_i) x_i   +   mu (sums - limits),

so that states that cannot end below a known value are dropped (Bellman 1957; the bound is the Lagrangian one of Geoffrion 1974).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import lcm

from flint import fmpq
from sympy import Expr, Rational

from lagrangian.conditions.integral_forms import Terms, integral_terms
from lagrangian.problem.canonical import CanonicalProblem

State = tuple[int, ...]
Choices = list[tuple[State, int]]
# multipliers are integers over this
UNIT = 2**20


@dataclass(frozen=True)
class LinearIntegers:
    """minimize (costs x) / scale + constant subject to rows x <= limits (= where ``is_equation``), integers x within ranges."""

    costs: tuple[int, ...]
    scale: int
    constant: fmpq
    rows: tuple[tuple[int, ...], ...]
    limits: tuple[int, ...]
    is_equation: tuple[bool, ...]
    ranges: tuple[tuple[int, int], ...]

    def value(self, cost: int) -> fmpq:
        return fmpq(cost, self.scale) + self.constant

    def cost(self, point: Sequence[int]) -> int:
        return sum(c * x for c, x in zip(self.costs, point, strict=True))

    def is_feasible(self, point: Sequence[int]) -> bool:
        inside = all(low <= x <= high for x, (low, high) in zip(point, self.ranges, strict=True))
        sums = [sum(a * x for a, x in zip(row, point, strict=True)) for row in self.rows]
        return inside and all(
            total == limit if exact else total <= limit
            for total, limit, exact in zip(sums, self.limits, self.is_equation, strict=True)
        )


def linear_integers(problem: CanonicalProblem, ranges: tuple[tuple[int, int], ...]) -> LinearIntegers | None:
    """The problem as a linear one in integers within ranges; None where it is none."""
    count = len(problem.variables)
    if set(problem.variables) != set(problem.integers) or len(ranges) != count:
        return None
    objective = _terms(problem.objective, problem)
    inequalities = [_terms(g.expression, problem) for g in problem.inequalities]
    equalities = [_terms(h.expression, problem) for h in problem.equalities]
    found = [terms for terms in (objective, *inequalities, *equalities) if terms is not None]
    if len(found) < 1 + len(inequalities) + len(equalities) or any(g.strict for g in problem.inequalities):
        return None
    if any(sum(exponents) > 1 for terms, _ in found for exponents in terms):
        return None
    (cost_terms, constant), *others = found
    costs, scale, _ = _integral(cost_terms, Rational(0), count)
    rows, limits, equations = [], [], []
    for number, (terms, right) in enumerate(others):
        is_equation = number >= len(inequalities)
        row, _, shift = _integral(terms, right, count)
        if is_equation or not _is_bound(row, -shift, ranges):
            rows.append(row)
            limits.append(-shift)
            equations.append(is_equation)
    return LinearIntegers(
        costs,
        scale,
        fmpq(int(constant.p), int(constant.q)),
        tuple(rows),
        tuple(limits),
        tuple(equations),
        ranges,
    )


def _terms(expression: Expr, problem: CanonicalProblem) -> tuple[Terms, Rational] | None:
    return ({}, expression) if isinstance(expression, Rational) else integral_terms(expression, problem)


def _is_bound(row: tuple[int, ...], limit: int, ranges: tuple[tuple[int, int], ...]) -> bool:
    """Whether a row is about one variable, and holds within its range."""
    places = [i for i, value in enumerate(row) if value]
    return len(places) == 1 and all(row[places[0]] * end <= limit for end in ranges[places[0]])


def _integral(terms: Terms, constant: Rational, count: int) -> tuple[tuple[int, ...], int, int]:
    """Coefficients and constant times their common denominator, and that."""
    scale = lcm(int(constant.q), *(int(value.q) for value in terms.values()))
    row = [0] * count
    for exponents, value in terms.items():
        row[exponents.index(1)] = int(value * scale)
    return tuple(row), scale, int(constant * scale)


@dataclass(frozen=True)
class Sweep:
    """How dynamic programming goes through a problem.

    Args:
        order: the variables in the order in which they are decided.
        multipliers: one a row, over `UNIT`, not negative for inequalities.
        most: states with a cost above this are dropped; None for no bound.
        dominance: whether a state that needs more of the only row, at no less cost, is dropped too: then one optimum is kept.
    """

    order: tuple[int, ...]
    multipliers: tuple[int, ...]
    most: int | None
    dominance: bool

    def is_valid(self, program: LinearIntegers) -> bool:
        signs = zip(self.multipliers, program.is_equation, strict=False)
        return (
            sorted(self.order) == list(range(len(program.costs)))
            and len(self.multipliers) == len(program.rows)
            and all(value >= 0 or is_equation for value, is_equation in signs)
            and not (self.dominance and (len(program.rows) != 1 or program.is_equation[0]))
        )


@dataclass(frozen=True, eq=False)
class Swept:
    """The least cost at the end, None for no feasible point, and after every variable the choices that lead to the states."""

    least: int | None
    layers: tuple[dict[State, Choices], ...]

    def optima(self, program: LinearIntegers, sweep: Sweep) -> Iterator[tuple[int, ...]]:
        """The points with the least cost that the layers keep."""
        if self.least is None:
            return
        stack: list[tuple[int, State, dict[int, int]]] = [
            (len(self.layers), state, {}) for state in (self.layers[-1] if self.layers else {(): []})
        ]
        while stack:
            depth, state, chosen = stack.pop()
            if depth == 0:
                yield tuple(chosen[i] for i in range(len(program.costs)))
                continue
            for before, value in self.layers[depth - 1][state]:
                stack.append((depth - 1, before, {**chosen, sweep.order[depth - 1]: value}))


def swept(program: LinearIntegers, sweep: Sweep, most_states: int) -> Swept | None:
    """Go through all states; None for more of them than allowed."""
    rest = _Rest(program, sweep)
    states: dict[State, int] = {rest.first: 0}
    layers: list[dict[State, Choices]] = []
    visited = 0
    for depth, variable in enumerate(sweep.order, start=1):
        low, high = program.ranges[variable]
        column = [row[variable] for row in program.rows]
        costs: dict[State, int] = {}
        choices: dict[State, Choices] = {}
        for state, cost in states.items():
            for value in range(low, high + 1):
                spent = cost + program.costs[variable] * value
                after = rest.after(depth, [s + a * value for s, a in zip(state, column, strict=True)], spent)
                if after is None:
                    continue
                known = costs.get(after)
                if known is None or spent < known:
                    costs[after], choices[after] = spent, [(state, value)]
                elif spent == known and not sweep.dominance:
                    choices[after].append((state, value))
        states = _undominated(costs) if sweep.dominance else costs
        layers.append({state: choices[state] for state in states})
        visited += len(states) * (high - low + 1)
        if visited > most_states:
            return None
    least = min(states.values(), default=None)
    if layers:
        layers[-1] = {state: chosen for state, chosen in layers[-1].items() if states[state] == least}
    return Swept(least, tuple(layers))


def _undominated(costs: dict[State, int]) -> dict[State, int]:
    kept: dict[State, int] = {}
    least = None
    for state in sorted(costs):
        if least is None or costs[state] < least:
            kept[state] = least = costs[state]
    return kept


class _Rest:
    """What the variables that are not decided yet can still add to the rows and to the bound, for every depth."""

    def __init__(self, program: LinearIntegers, sweep: Sweep) -> None:
        self.program, self.sweep = program, sweep
        rows = range(len(program.rows))
        self.least = [[0] * len(rows)]
        self.most = [[0] * len(rows)]
        self.bound = [0]
        for variable in reversed(sweep.order):
            low, high = program.ranges[variable]
            column = [row[variable] for row in program.rows]
            self.least.append([self.least[-1][r] + min(column[r] * low, column[r] * high) for r in rows])
            self.most.append([self.most[-1][r] + max(column[r] * low, column[r] * high) for r in rows])
            slope = program.costs[variable] * UNIT + sum(m * a for m, a in zip(sweep.multipliers, column, strict=True))
            self.bound.append(self.bound[-1] + min(slope * low, slope * high))
        self.least.reverse()
        self.most.reverse()
        self.bound.reverse()
        self.first: State = (0,) * len(rows)

    def after(self, depth: int, sums: list[int], cost: int) -> State | None:
        """The state with these sums; None where it cannot end in a feasible point, or not in one that is good enough.

        A row that cannot be violated any more is put to the largest sum for which that is so, in which states meet.
        """
        program, least, most = self.program, self.least[depth], self.most[depth]
        bound = cost * UNIT + self.bound[depth]
        for r, limit in enumerate(program.limits):
            if sums[r] + least[r] > limit:
                return None
            if program.is_equation[r]:
                if sums[r] + most[r] < limit:
                    return None
            else:
                sums[r] = max(sums[r], limit - most[r])
            bound += self.sweep.multipliers[r] * (sums[r] - limit)
        if self.sweep.most is not None and bound > self.sweep.most * UNIT:
            return None
        return tuple(sums)
