"""Bounds carried through constraints and definitions, in rational arithmetic, rounded outward.

In a row sum(a_j z_j) + c <= 0 each term is at most minus the least sum of the others; a definition w = u v or w = f(u) bounds w
by its factors or its argument, and these by w (Messine 2004; Belotti and others 2009).
"""

from collections.abc import Sequence

from flint import fmpq

from lagrangian.algebra.rational_intervals import (
    EVERYWHERE,
    Side,
    down,
    is_nothing,
    multiply,
    reciprocal,
    root_side,
    square,
    tighter,
    up,
)
from lagrangian.conditions.atoms import Atom
from lagrangian.conditions.relaxation import (
    AffineForm,
    Box,
    Combination,
    Constant,
    Definition,
    FactoredProblem,
    Product,
    Quotient,
    RelativeEntropy,
)

MOST_ROUNDS = 24
ROUNDS_IN_A_BOX = 2
# infinite sides are probed beyond these numbers, so often, and with so many rounds each
PROBED = (1, 10, 100, 10**4, 10**7)
PROBING_ROUNDS = 4
PROBING_CARRIES = 8
# a round must take this share off some side to be followed by another
LEAST_GAIN = fmpq(1, 100)


def bounding_box(problem: FactoredProblem, upper: fmpq | None) -> Box | None:
    """A box of x that holds all feasible points with an objective of at most ``upper``; None where a side stays infinite.

    Without ``upper`` it holds all feasible points.
    """
    sides: list[Side] = [EVERYWHERE] * (problem.count + len(problem.definitions))
    _carry(problem, sides, upper, MOST_ROUNDS)
    for _ in range(PROBING_ROUNDS):
        box = finite(sides[: problem.count])
        if box is not None or _is_empty(sides) or not _probe(problem, sides, upper):
            return box
        _carry(problem, sides, upper, MOST_ROUNDS)
    return finite(sides[: problem.count])


def integer_ranges(
    problem: FactoredProblem, upper: fmpq | None, places: Sequence[int]
) -> tuple[tuple[int, int], ...] | None:
    """The ranges of integer variables, where the objective is at most ``upper``; None where one of them is infinite."""
    sides: list[Side] = [EVERYWHERE] * (problem.count + len(problem.definitions))
    _carry(problem, sides, upper, MOST_ROUNDS)
    found = [
        (int(low.ceil()), int(high.floor()))
        for low, high in map(sides.__getitem__, places)
        if low is not None and high is not None
    ]
    return tuple(found) if len(found) == len(places) else None


def _probe(problem: FactoredProblem, sides: list[Side], upper: fmpq | None) -> bool:
    """Whether some infinite side was bounded: beyond a number, bounds contradict each other."""
    changed = False
    for i in range(problem.count):
        for end in (0, 1):
            if sides[i][end] is not None:
                continue
            for size in PROBED:
                limit = fmpq(size if end else -size)
                beyond = list(sides)
                beyond[i] = tighter(sides[i], (limit, None) if end else (None, limit))
                _carry(problem, beyond, upper, PROBING_CARRIES)
                if _is_empty(beyond):
                    sides[i] = tighter(sides[i], (None, limit) if end else (limit, None))
                    changed = True
                    break
    return changed


def tightened(problem: FactoredProblem, box: Box, upper: fmpq | None) -> tuple[Side, ...] | None:
    """The sides of z for the feasible points in a box of x with an objective of at most ``upper``; None for nothing."""
    sides: list[Side] = [*box, *([EVERYWHERE] * len(problem.definitions))]
    _carry(problem, sides, upper, ROUNDS_IN_A_BOX)
    if _is_empty(sides):
        return None
    for k, definition in problem.defined:
        image = _image(definition, sides)
        known = tighter(image, sides[k])
        # a side that rounding has turned around is left to the constraints
        sides[k] = image if is_nothing(known) else known
    return tuple(sides)


def nothing_is_left(problem: FactoredProblem, upper: fmpq | None) -> bool:
    """Whether bounds, without a box to begin with, show that no feasible point has an objective of at most ``upper``.

    Without ``upper``, that there is no feasible point.
    """
    sides: list[Side] = [EVERYWHERE] * (problem.count + len(problem.definitions))
    _carry(problem, sides, upper, MOST_ROUNDS)
    return _is_empty(sides)


def finite(sides: "list[Side] | tuple[Side, ...]") -> Box | None:
    """The sides as a box; None where one of them is infinite."""
    box = tuple((low, high) for low, high in sides if low is not None and high is not None)
    return box if len(box) == len(sides) else None


def _is_empty(sides: list[Side]) -> bool:
    return any(is_nothing(side) for side in sides)


def _carry(problem: FactoredProblem, sides: list[Side], upper: fmpq | None, rounds: int) -> None:
    rows = [*problem.inequalities, *problem.equalities]
    if upper is not None:
        rows.append(AffineForm(problem.objective.coefficients, problem.objective.constant - upper))
    rows += [_opposite(h) for h in problem.equalities]
    for _ in range(rounds):
        before = list(sides)
        for k, definition in problem.defined:
            _through_definition(k, definition, sides)
        for row in rows:
            _through_row(row, sides)
        for k, definition in reversed(problem.defined):
            _into_parts(k, definition, sides)
        for i in problem.integral_places:
            low, high = sides[i]
            sides[i] = (None if low is None else fmpq(low.ceil()), None if high is None else fmpq(high.floor()))
        if _is_empty(sides) or not any(_is_gain(old, new) for old, new in zip(before, sides, strict=True)):
            return


def _is_gain(old: Side, new: Side) -> bool:
    if old == new:
        return False
    if old[0] is None or old[1] is None or new[0] is None or new[1] is None:
        return True
    return bool(old[1] - old[0] - (new[1] - new[0]) > LEAST_GAIN * (old[1] - old[0]))


def _opposite(form: AffineForm) -> AffineForm:
    return AffineForm({j: -value for j, value in form.coefficients.items()}, -form.constant)


def _through_row(row: AffineForm, sides: list[Side]) -> None:
    """Bound each term of a row <= 0 by the others."""
    least = {j: _least_term(value, sides[j]) for j, value in row.coefficients.items()}
    unbounded = [j for j, value in least.items() if value is None]
    if len(unbounded) > 1:
        return
    total = sum((value for value in least.values() if value is not None), row.constant)
    for j in unbounded or least:
        others = total - (least[j] or 0)
        value = row.coefficients[j]
        limit = -others / value
        sides[j] = tighter(sides[j], (None, up(limit)) if value > 0 else (down(limit), None))


def _least_term(value: fmpq, side: Side) -> fmpq | None:
    end = side[0] if value > 0 else side[1]
    return None if end is None else value * end


def _through_definition(k: int, definition: Definition, sides: list[Side]) -> None:
    sides[k] = tighter(sides[k], _image(definition, sides))


def _image(definition: Definition, sides: list[Side]) -> Side:
    """What a definition lies in, by its parts."""
    if isinstance(definition, Product):
        if definition.left == definition.right:
            return square(sides[definition.left])
        return multiply(sides[definition.left], sides[definition.right])
    if isinstance(definition, Quotient):
        return multiply(sides[definition.numerator], reciprocal(sides[definition.denominator]))
    if isinstance(definition, Constant):
        return definition.low, definition.high
    if isinstance(definition, RelativeEntropy):
        return _range(_difference(definition), sides)
    if isinstance(definition, Atom):
        side = sides[definition.argument]
        return EVERYWHERE if is_nothing(side) else definition.image(side)
    return _range(definition.form, sides)


def _range(form: AffineForm, sides: list[Side]) -> Side:
    terms = [multiply((value, value), sides[j]) for j, value in form.coefficients.items()]
    lows, highs = [low for low, _ in terms], [high for _, high in terms]
    low = None if None in lows else sum((x for x in lows if x is not None), form.constant)
    high = None if None in highs else sum((x for x in highs if x is not None), form.constant)
    return None if low is None else down(low), None if high is None else up(high)


def _into_parts(k: int, definition: Definition, sides: list[Side]) -> None:
    """Bound the parts of a definition by its value and each other."""
    if is_nothing(sides[k]):
        return
    if isinstance(definition, Product):
        i, j = definition.left, definition.right
        if i == j:
            sides[i] = tighter(sides[i], root_side(sides[k]))
        else:
            _factor(sides, i, j, k)
            _factor(sides, j, i, k)
    elif isinstance(definition, Quotient):
        i, j = definition.numerator, definition.denominator
        if not is_nothing(sides[j]):
            sides[i] = tighter(sides[i], multiply(sides[k], sides[j]))
        if not is_nothing(sides[i]):
            sides[j] = tighter(sides[j], _divided(sides[i], sides[k]))
    elif isinstance(definition, Combination):
        _through_equation(k, definition.form, sides)
    elif isinstance(definition, RelativeEntropy):
        _through_equation(k, _difference(definition), sides)
    elif isinstance(definition, Atom):
        i = definition.argument
        sides[i] = tighter(tighter(sides[i], definition.domain), definition.preimage(sides[k], sides[i]))


def _through_equation(k: int, form: AffineForm, sides: list[Side]) -> None:
    row = AffineForm({**form.coefficients, k: fmpq(-1)}, form.constant)
    _through_row(row, sides)
    _through_row(_opposite(row), sides)


def _difference(definition: RelativeEntropy) -> AffineForm:
    return AffineForm({definition.entropy: fmpq(1), definition.product: fmpq(-1)}, fmpq(0))


def _factor(sides: list[Side], i: int, j: int, k: int) -> None:
    """z_i = z_k / z_j, where z_j keeps away from zero."""
    if not (is_nothing(sides[j]) or is_nothing(sides[k])):
        sides[i] = tighter(sides[i], _divided(sides[k], sides[j]))


def _divided(above: Side, below: Side) -> Side:
    low, high = below
    if (low is not None and low > 0) or (high is not None and high < 0):
        return multiply(above, reciprocal(below))
    return EVERYWHERE
