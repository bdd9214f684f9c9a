"""Linear relaxations of polynomial problems over boxes, in rational arithmetic (McCormick 1976).

Every monomial of degree two or more is a product w = u v of two smaller ones, so that the problem is linear in the variables and
these products z = (x, w). Over a box, u in [a, b] and v in [c, d], each product lies between affine functions:

    w >= a v + c u - a c,   w >= b v + d u - b d,   w <= a v + d u - a d,   w <= b v + c u - b c,

and for a square w >= 2 t u - t^2 for every t. A combination of such rows and of the constraints, with multipliers that are not
negative, is a lower bound of the objective whose minimum over the box of z is seen term by term.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from flint import fmpq, fmpq_mpoly, fmpz

from lagrangian.problem.lifting import PolynomialProblem

Monomial = tuple[int, ...]
Box = tuple[tuple[fmpq, fmpq], ...]


@dataclass(frozen=True, eq=False)
class AffineForm:
    """sum(coefficients[j] z_j) + constant."""

    coefficients: dict[int, fmpq]
    constant: fmpq

    def least_over(self, box: Box) -> fmpq:
        """The least value over a box of z, exactly."""
        total = self.constant
        for j, value in self.coefficients.items():
            total += value * (box[j][0] if value > 0 else box[j][1])
        return total


@dataclass(frozen=True, eq=False)
class FactoredProblem:
    """A polynomial problem that is affine in z = (x, w), with w_k = z_i z_j for the k-th pair (i, j) of ``products``.

    The variables at the places ``integers`` take integer values only: those that are stated to, and those that equations make so.
    """

    count: int
    products: tuple[tuple[int, int], ...]
    objective: AffineForm
    inequalities: tuple[AffineForm, ...]
    equalities: tuple[AffineForm, ...]
    integers: frozenset[int] = frozenset()

    @cached_property
    def integral_places(self) -> frozenset[int]:
        """The places of z whose values are integers: integer variables and products of them."""
        found = set(self.integers)
        for k, (i, j) in enumerate(self.products, start=self.count):
            if i in found and j in found:
                found.add(k)
        return frozenset(found)

    def variables_in(self, *places: int) -> set[int]:
        """The variables that these entries of z are made of."""
        found: set[int] = set()
        for place in places:
            found |= {place} if place < self.count else self.variables_in(*self.products[place - self.count])
        return found

    @property
    def has_integers_only(self) -> bool:
        return len(self.integers) == self.count

    @cached_property
    def step(self) -> fmpq | None:
        """The least distance of two values of an objective in integer variables; None where it has others."""
        if not self.integers or not self.integral_places.issuperset(self.objective.coefficients):
            return None
        denominator = fmpz(1)
        for value in (*self.objective.coefficients.values(), self.objective.constant):
            denominator = denominator.lcm(value.q)
        return fmpq(1, denominator)


def factored(problem: PolynomialProblem, integers: frozenset[int] = frozenset()) -> FactoredProblem:
    """Write every monomial as a product of two.

    >>> import sympy
    >>> from lagrangian.algebra.polynomials import Ring
    >>> x, y = sympy.symbols("x y")
    >>> ring = Ring((x, y))
    >>> factored(PolynomialProblem(ring, ring.polynomial(x**4 + x * y - y), (), ())).products
    ((0, 0), (2, 2), (0, 1))
    """
    count = problem.dimension
    places: dict[Monomial, int] = {tuple(int(i == j) for i in range(count)): j for j in range(count)}
    products: list[tuple[int, int]] = []
    forms = [
        _affine(polynomial, count, places, products)
        for polynomial in (problem.objective, *problem.inequalities, *problem.equalities)
    ]
    held = 1 + len(problem.inequalities)
    known = _with_implied_integers(problem, integers) if integers else integers
    return FactoredProblem(count, tuple(products), forms[0], tuple(forms[1:held]), tuple(forms[held:]), known)


def _with_implied_integers(problem: PolynomialProblem, integers: frozenset[int]) -> frozenset[int]:
    """The integer variables and those that an equation c v + p = 0 makes so, p / c an integer polynomial of integer variables."""
    known = set(integers)
    while True:
        found = {place for h in problem.equalities for place in _defined_integers(h, known)} - known
        if not found:
            return frozenset(known)
        known |= found


def _defined_integers(equation: fmpq_mpoly, known: set[int]) -> list[int]:
    terms = [(tuple(int(power) for power in exponents), value) for exponents, value in equation.terms()]
    others = {i for exponents, _ in terms for i, power in enumerate(exponents) if power and i not in known}
    if len(others) != 1:
        return []
    place = next(iter(others))
    holding = [(exponents, value) for exponents, value in terms if exponents[place]]
    if len(holding) > 1 or sum(holding[0][0]) > 1:
        return []
    return [place] if all((value / holding[0][1]).q == 1 for _, value in terms) else []


def _affine(
    polynomial: fmpq_mpoly, count: int, places: dict[Monomial, int], products: list[tuple[int, int]]
) -> AffineForm:
    coefficients: dict[int, fmpq] = {}
    constant = fmpq(0)
    for exponents, value in polynomial.terms():
        monomial = tuple(int(power) for power in exponents)
        if any(monomial):
            coefficients[_place(monomial, count, places, products)] = value
        else:
            constant = value
    return AffineForm(coefficients, constant)


def _place(monomial: Monomial, count: int, places: dict[Monomial, int], products: list[tuple[int, int]]) -> int:
    """The index of a monomial in z; squares are kept together, since they have the better relaxations."""
    if monomial not in places:
        if all(power % 2 == 0 for power in monomial):
            left = right = tuple(power // 2 for power in monomial)
        else:
            odd = next(i for i, power in enumerate(monomial) if power % 2)
            left = tuple(int(i == odd) for i in range(count))
            right = tuple(power - unit for power, unit in zip(monomial, left, strict=True))
        pair = (_place(left, count, places, products), _place(right, count, places, products))
        places[monomial] = count + len(products)
        products.append(pair)
    return places[monomial]


def box_of_products(problem: FactoredProblem, sides: Sequence["Side"]) -> Box:
    """The box of z from that of x, by interval multiplication; what is known of the products' sides already is kept."""
    box: list[tuple[fmpq, fmpq]] = [
        (low, high) for low, high in sides[: problem.count] if low is not None and high is not None
    ]
    for k, (i, j) in enumerate(problem.products, start=problem.count):
        (a, b), (c, d) = box[i], box[j]
        corners = (a * c, a * d, b * c, b * d)
        low, high = min(corners), max(corners)
        if i == j:
            low, high = (min(a * a, b * b), high) if a > 0 or b < 0 else (fmpq(0), high)
        known = _tighter((low, high), sides[k]) if k < len(sides) else (low, high)
        # a side that rounding has turned around is left to the constraints
        box.append((known[0], known[1]) if known[0] <= known[1] else (low, high))  # type: ignore[operator]
    return tuple(box)


def product_rows(problem: FactoredProblem, box: Box) -> list[AffineForm]:
    """Affine functions of z that are <= 0 wherever w = u v within a box of z."""
    rows = []
    for k, (i, j) in enumerate(problem.products, start=problem.count):
        (a, b), (c, d) = box[i], box[j]
        if i == j:
            # between two neighbouring integers a square of an integer is above its chord
            if i in problem.integral_places and b - a >= 1:
                rows += [AffineForm({i: 2 * t + 1, k: fmpq(-1)}, -t * (t + 1)) for t in (a, b - 1)]
            else:
                rows += [AffineForm({i: 2 * t, k: fmpq(-1)}, -t * t) for t in (a, b)]
            rows.append(AffineForm({i: -(a + b), k: fmpq(1)}, a * b))
        else:
            rows += [AffineForm({i: q, j: p, k: fmpq(-1)}, -p * q) for p, q in ((a, c), (b, d))]
            rows += [AffineForm({i: -q, j: -p, k: fmpq(1)}, p * q) for p, q in ((a, d), (b, c))]
    return rows


def combined_bound(
    start: AffineForm | None, rows: Sequence[AffineForm], multipliers: Mapping[int, fmpq], box: Box
) -> fmpq:
    """The least value over a box of start + sum(multipliers[r] rows[r])."""
    coefficients = dict(start.coefficients) if start is not None else {}
    constant = start.constant if start is not None else fmpq(0)
    for number, multiplier in multipliers.items():
        row = rows[number]
        constant += multiplier * row.constant
        for j, value in row.coefficients.items():
            coefficients[j] = coefficients.get(j, fmpq(0)) + multiplier * value
    return AffineForm(coefficients, constant).least_over(box)


Side = tuple[fmpq | None, fmpq | None]


def bounding_box(problem: FactoredProblem, upper: fmpq | None) -> Box | None:
    """A box of x that holds all feasible points with an objective of at most ``upper``; None where a side stays infinite.

    Without ``upper`` it holds all feasible points.

    Bounds are carried through the constraints: in a row sum(a_j z_j) + c <= 0 each term is at most minus the least sum of the
    others.
    """
    sides: list[Side] = [(None, None)] * (problem.count + len(problem.products))
    _carry(problem, sides, upper, MOST_ROUNDS)
    box = tuple((low, high) for low, high in sides[: problem.count] if low is not None and high is not None)
    return box if len(box) == problem.count else None


def integer_ranges(
    problem: FactoredProblem, upper: fmpq | None, places: Sequence[int]
) -> tuple[tuple[int, int], ...] | None:
    """The ranges of integer variables, where the objective is at most ``upper``; None where one of them is infinite."""
    sides: list[Side] = [(None, None)] * (problem.count + len(problem.products))
    _carry(problem, sides, upper, MOST_ROUNDS)
    found = [
        (int(low.ceil()), int(high.floor()))
        for low, high in map(sides.__getitem__, places)
        if low is not None and high is not None
    ]
    return tuple(found) if len(found) == len(places) else None


def tightened(problem: FactoredProblem, box: Box, upper: fmpq | None) -> Box | None:
    """The box of z for the feasible points in a box of x with an objective of at most ``upper``; None for nothing."""
    sides: list[Side] = [*box, *([(None, None)] * len(problem.products))]
    _carry(problem, sides, upper, ROUNDS_IN_A_BOX)
    if _is_empty(sides):
        return None
    return box_of_products(problem, sides)


MOST_ROUNDS = 12
ROUNDS_IN_A_BOX = 2
BITS = 30


def _is_empty(sides: list[Side]) -> bool:
    return any(low is not None and high is not None and low > high for low, high in sides)


def _carry(problem: FactoredProblem, sides: list[Side], upper: fmpq | None, rounds: int) -> None:
    rows = [*problem.inequalities, *problem.equalities]
    if upper is not None:
        rows.append(AffineForm(problem.objective.coefficients, problem.objective.constant - upper))
    rows += [AffineForm({j: -v for j, v in h.coefficients.items()}, -h.constant) for h in problem.equalities]
    for _ in range(rounds):
        before = list(sides)
        _through_products(problem, sides)
        for row in rows:
            _through_row(row, sides)
        for i in problem.integral_places:
            low, high = sides[i]
            sides[i] = (None if low is None else fmpq(low.ceil()), None if high is None else fmpq(high.floor()))
        if sides == before or _is_empty(sides):
            return


def _through_row(row: AffineForm, sides: list[Side]) -> None:
    least = {j: _least_term(value, sides[j]) for j, value in row.coefficients.items()}
    unbounded = [j for j, value in least.items() if value is None]
    if len(unbounded) > 1:
        return
    total = sum((value for value in least.values() if value is not None), row.constant)
    for j in unbounded or least:
        others = total - (least[j] or 0)
        value = row.coefficients[j]
        limit = -others / value
        sides[j] = _tighter(sides[j], (None, _up(limit)) if value > 0 else (-_up(-limit), None))


def _least_term(value: fmpq, side: Side) -> fmpq | None:
    end = side[0] if value > 0 else side[1]
    return None if end is None else value * end


def _through_products(problem: FactoredProblem, sides: list[Side]) -> None:
    for k, (i, j) in enumerate(problem.products, start=problem.count):
        (a, b), (c, d) = sides[i], sides[j]
        if i == j:
            sides[k] = _tighter(sides[k], (fmpq(0), None))
            largest = sides[k][1]
            if largest is not None and largest >= 0:
                root = _root_above(largest)
                sides[i] = _tighter(sides[i], (-root, root))
                a, b = c, d = sides[i]
        else:
            sides[i] = _tighter(sides[i], _quotient(sides[k], sides[j]))
            sides[j] = _tighter(sides[j], _quotient(sides[k], sides[i]))
            (a, b), (c, d) = sides[i], sides[j]
        if a is not None and b is not None and c is not None and d is not None:
            corners = (a * c, a * d, b * c, b * d)
            sides[k] = _tighter(sides[k], (-_up(-min(corners)), _up(max(corners))))


def _quotient(above: Side, below: Side) -> Side:
    """What w / v lies in for w in a bounded side, and v in one that keeps away from zero; else nothing is known."""
    reciprocal = _reciprocal(below)
    (a, b), (p, q) = above, reciprocal
    if a is None or b is None or p is None or q is None:
        return None, None
    corners = (a * p, a * q, b * p, b * q)
    return -_up(-min(corners)), _up(max(corners))


def _reciprocal(side: Side) -> Side:
    """What 1 / v lies in; zero stands for the end that an unbounded side has."""
    low, high = side
    if low is not None and high is not None and low > high:
        return None, None  # nothing is left, which is seen elsewhere
    if low is not None and low > 0:
        return (fmpq(0) if high is None else 1 / high), 1 / low
    if high is not None and high < 0:
        return 1 / high, (fmpq(0) if low is None else 1 / low)
    return None, None


def _tighter(known: Side, found: Side) -> Side:
    lows = [value for value in (known[0], found[0]) if value is not None]
    highs = [value for value in (known[1], found[1]) if value is not None]
    return max(lows, default=None), min(highs, default=None)


def _up(value: fmpq) -> fmpq:
    """A number with a short denominator that is not less."""
    return value if int(value.q) < 2**BITS else fmpq((value * 2**BITS).ceil(), 2**BITS)


def _root_above(value: fmpq) -> fmpq:
    """A rational number whose square is not less."""
    scaled = (value * 2 ** (2 * BITS)).ceil()
    return fmpq(int(scaled.isqrt()) + 1, 2**BITS)


def suffices(problem: FactoredProblem, bound: fmpq, target: fmpq) -> bool:
    """Whether a bound shows that no value is below the target: between two values of integer points there are no others."""
    if problem.step is None or (target / problem.step).q != 1:
        return bool(bound >= target)
    return bool(bound > target - problem.step)


def halves_of(box: Box, variable: int, at: fmpq, integers: frozenset[int]) -> tuple[Box, Box] | None:
    """A box cut in two; None where the cut is not in it, or not between two integers."""
    low, high = box[variable]
    if not low <= at <= high or (variable in integers and at.q != 1):
        return None
    first = at + 1 if variable in integers else at
    return with_side(box, variable, (low, at)), with_side(box, variable, (first, high))


def moved_side(
    problem: FactoredProblem, side: tuple[fmpq, fmpq], variable: int, is_upper: bool, bound: fmpq
) -> tuple[fmpq, fmpq] | None:
    """A side after x >= bound, or -x >= bound where ``is_upper``, rounded outward; None where nothing is gained."""
    limit = _up(-bound)
    if variable in problem.integers:
        limit = fmpq(limit.floor())
    if is_upper:
        return (side[0], limit) if limit < side[1] else None
    return (-limit, side[1]) if -limit > side[0] else None


def with_side(box: Box, variable: int, side: tuple[fmpq, fmpq]) -> Box:
    return (*box[:variable], side, *box[variable + 1 :])


def single_point(box: Box) -> tuple[fmpq, ...] | None:
    """The only point of a box; None where it has others."""
    return tuple(low for low, _ in box) if all(low == high for low, high in box) else None


def is_feasible(problem: PolynomialProblem, point: tuple[fmpq, ...]) -> bool:
    """Whether a rational point satisfies all constraints, exactly."""
    return all(g(*point) <= 0 for g in problem.inequalities) and all(h(*point) == 0 for h in problem.equalities)
