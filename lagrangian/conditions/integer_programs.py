"""Linear and quadratic problems in bounded integer variables, and continuous ones, with integer coefficients in sparse rows.

    minimize (costs.x + sum of q_ij x_i x_j) / scale + constant   subject to   rows x <= limits (or =),   low <= x <= high

Coefficients are read from SymPy once, in time that grows with their number; everything after that is arithmetic in integers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import gcd, lcm, prod
from typing import Any

from flint import fmpq
from sympy import Expr, Mul, Pow, Rational, Symbol

from lagrangian.problem.canonical import CanonicalProblem

# beyond this a range is not worked with: sums of products must stay far from what NumPy's integers hold
LARGEST_RANGE = 2**40
# larger coefficients have no floating-point neighbor with which multipliers and points could be suggested
LARGEST_COEFFICIENT = 10**100
ROUNDS = 10

Terms = dict[tuple[int, ...], Rational]
Sides = list[list[int | None]]


class NotIntegerProgramError(ValueError):
    """The problem is no linear or quadratic one in bounded integer variables: the message says what stands against it."""


@dataclass(frozen=True)
class IntegerRow:
    """coefficients x (at ``places``) <= limit, or = where ``is_equation``: ``scale`` times the canonical constraint ``number``.

    Canonical constraints are counted through the inequalities, then through the equations.
    """

    places: tuple[int, ...]
    coefficients: tuple[int, ...]
    limit: int
    scale: int
    is_equation: bool
    number: int

    def total(self, point: tuple[int, ...]) -> int:
        return sum(a * point[i] for i, a in zip(self.places, self.coefficients, strict=True))

    def holds(self, point: tuple[int, ...]) -> bool:
        total = self.total(point)
        return total == self.limit if self.is_equation else total <= self.limit


@dataclass(frozen=True)
class IntegerProgram:
    """The problem in integers; ``products`` are (i, j, q) with i <= j, ``ranges`` are empty where low > high.

    ``reals`` are the places of continuous variables. Each is the stated one times its divisor, so that its range has integer
    ends; ``divisors`` is empty where all are 1.
    """

    costs: tuple[int, ...]
    products: tuple[tuple[int, int, int], ...]
    scale: int
    constant: fmpq
    rows: tuple[IntegerRow, ...]
    ranges: tuple[tuple[int, int], ...]
    reals: frozenset[int] = frozenset()
    divisors: tuple[int, ...] = ()

    @property
    def step(self) -> int:
        """Costs of integer points differ by multiples of this."""
        return gcd(*self.costs, *(q for _, _, q in self.products)) or 1

    def cost(self, point: tuple[int, ...]) -> int:
        linear = sum(c * x for c, x in zip(self.costs, point, strict=True))
        return linear + sum(q * point[i] * point[j] for i, j, q in self.products)

    def value(self, cost: int) -> fmpq:
        return fmpq(cost) / self.scale + self.constant

    def is_feasible(self, point: tuple[int, ...]) -> bool:
        inside = len(point) == len(self.ranges) and all(
            low <= x <= high and (i in self.reals or fmpq(x).q == 1)
            for i, (x, (low, high)) in enumerate(zip(point, self.ranges, strict=True))
        )
        return inside and all(row.holds(point) for row in self.rows)


def separable_bound(program: IntegerProgram, multipliers: Sequence[fmpq], ranges: tuple[Any, Any]) -> fmpq:
    """The least of c.x + m.(A x - b) over the ranges, with all rows in the Lagrangian of a linear program; exact."""
    slopes = [fmpq(c) for c in program.costs]
    total = fmpq(0)
    for m, row in zip(multipliers, program.rows, strict=True):
        total -= m * row.limit
        for i, a in zip(row.places, row.coefficients, strict=True) if m else ():
            slopes[i] += a * m
    return sum((s * int(low if s > 0 else high) for s, low, high in zip(slopes, *ranges, strict=True)), total)


def integer_program(problem: CanonicalProblem) -> IntegerProgram:
    """The problem with integer coefficients; constraints on one variable become its range.

    A variable that no such constraint bounds gets the range that the other constraints imply.

    Raises:
        NotIntegerProgramError: for a variable that has no bounds, for a function that is not of this kind.

    >>> from sympy import symbols
    >>> from lagrangian.problem.canonicalization import canonicalize
    >>> from lagrangian.problem.problem import Problem
    >>> x, y = symbols("x y", integer=True, nonnegative=True)
    >>> program = integer_program(canonicalize(Problem(-x / 2 - y, [2 * x + 3 * y <= 6], over=[x, y]))[0])
    >>> program.costs, program.scale, program.ranges, program.rows[0].coefficients
    ((-1, -2), 2, ((0, 3), (0, 2)), (2, 3))
    """
    _refuse_parameters(problem)
    places = {variable: i for i, variable in enumerate(problem.variables)}
    reals = frozenset(i for variable, i in places.items() if variable not in problem.integers)
    divisors = _divisors(problem, places, reals)
    costs, products, scale, constant = _objective(problem.objective, places, divisors)
    _refuse_real_products(problem, products, reals)
    sides: Sides = [[None, None] for _ in problem.variables]
    rows = []
    stated = [(g.expression, g.strict, False) for g in problem.inequalities]
    stated += [(h.expression, False, True) for h in problem.equalities]
    for number, (expression, strict, is_equation) in enumerate(stated):
        row = _row(expression, places, is_equation, number, divisors)
        if strict and not reals.isdisjoint(row.places):
            raise NotIntegerProgramError(f"the constraint {_shown(expression)} < 0 is strict; write it with <=")
        if len(row.places) == 1:
            _narrow(sides, row, strict)
        elif strict:
            raise NotIntegerProgramError(
                f"the constraint {expression} < 0 is strict; write it with <=, since both sides take values on a grid"
            )
        else:
            rows.append(row)
    _refuse_large([*costs, *(q for *_, q in products), *(a for row in rows for a in (*row.coefficients, row.limit))])
    ranges = _ranges(problem.variables, _implied(sides, rows, reals))
    return IntegerProgram(costs, products, scale, constant, tuple(rows), ranges, reals, divisors)


def _refuse_parameters(problem: CanonicalProblem) -> None:
    if problem.parameters:
        raise NotIntegerProgramError(f"{problem.parameters[0]} is a parameter; put a number in its place")


def _refuse_real_products(
    problem: CanonicalProblem, products: tuple[tuple[int, int, int], ...], reals: frozenset[int]
) -> None:
    for i, j, _ in products:
        for place in {i, j} & reals:
            name = problem.variables[place]
            raise NotIntegerProgramError(f"the variable {name}, which is not integer, is in a product of the objective")


def _divisors(problem: CanonicalProblem, places: dict[Symbol, int], reals: frozenset[int]) -> tuple[int, ...]:
    """For continuous variables the denominators of the constraints on them alone; empty where all are integers."""
    found = [1] * len(places)
    stated = [g.expression for g in problem.inequalities] + [h.expression for h in problem.equalities]
    for expression in stated if reals else ():
        if len(expression.free_symbols) == 1:
            terms = _terms(expression, places)
            constant = terms.pop((), Rational(0))
            for factors, value in terms.items():
                if len(factors) == 1 and factors[0] in reals and value:
                    found[factors[0]] = lcm(found[factors[0]], int((constant / value).q))
    return tuple(found) if max(found, default=1) > 1 else ()


def _refuse_large(numbers: list[int]) -> None:
    if any(abs(number) > LARGEST_COEFFICIENT for number in numbers):
        raise NotIntegerProgramError("a coefficient, made integer, has more than 100 digits; divide by a common factor")


def _terms(expression: Expr, places: dict[Symbol, int]) -> Terms:
    """Coefficients by the sorted places of the factors: () for the constant, (i,) and (i, j)."""
    found = _read(expression, places)
    if found is None and expression.is_polynomial(*places):
        found = _read(expression.expand(), places)
    if found is None:
        raise NotIntegerProgramError(f"{_shown(expression)} is not linear or quadratic with rational coefficients")
    return found


def _read(expression: Expr, places: dict[Symbol, int]) -> Terms | None:
    terms: Terms = {}
    for factor, value in expression.as_coefficients_dict().items():
        factors = () if factor == 1 else _factors(factor, places)
        if factors is None or not isinstance(value, Rational):
            return None
        terms[factors] = terms.get(factors, Rational(0)) + value
    return terms


def _factors(factor: Expr, places: dict[Symbol, int]) -> tuple[int, ...] | None:
    if isinstance(factor, Symbol):
        return (places[factor],)
    if isinstance(factor, Pow) and factor.exp == 2 and factor.base in places:
        return (places[factor.base],) * 2
    if isinstance(factor, Mul) and len(factor.args) == 2 and all(part in places for part in factor.args):
        first, second = sorted(places[part] for part in factor.args)
        return (first, second)
    return None


def _shown(expression: Expr) -> str:
    text = str(expression) if len(expression.args) < 30 else f"a sum of {len(expression.args)} terms"
    return text if len(text) < 200 else f"{text[:200]}..."


def _objective(
    expression: Expr, places: dict[Symbol, int], divisors: tuple[int, ...]
) -> tuple[tuple[int, ...], tuple[tuple[int, int, int], ...], int, fmpq]:
    terms = _divided(_terms(expression, places), divisors)
    constant = terms.pop((), Rational(0))
    scale = lcm(*(int(value.q) for value in terms.values()))
    costs = [0] * len(places)
    products = []
    for factors, value in terms.items():
        if len(factors) == 1:
            costs[factors[0]] = int(value * scale)
        elif value:
            products.append((factors[0], factors[1], int(value * scale)))
    return tuple(costs), tuple(sorted(products)), scale, fmpq(int(constant.p), int(constant.q))


def _divided(terms: Terms, divisors: tuple[int, ...]) -> Terms:
    """The terms with every variable as a part of what it is in the program."""
    if not divisors:
        return terms
    return {factors: value / prod(divisors[i] for i in factors) for factors, value in terms.items()}


def _row(
    expression: Expr, places: dict[Symbol, int], is_equation: bool, number: int, divisors: tuple[int, ...]
) -> IntegerRow:
    terms = _divided(_terms(expression, places), divisors)
    if any(len(factors) > 1 for factors in terms):
        raise NotIntegerProgramError(f"the constraint on {_shown(expression)} is not linear")
    scale = lcm(*(int(value.q) for value in terms.values()))
    limit = -int(terms.pop((), Rational(0)) * scale)
    listed = sorted((factors[0], int(value * scale)) for factors, value in terms.items() if value)
    return IntegerRow(tuple(i for i, _ in listed), tuple(a for _, a in listed), limit, scale, is_equation, number)


def _narrow(sides: Sides, row: IntegerRow, strict: bool) -> None:
    """Take a constraint on one variable into its range: a x <= b is x <= floor(b / a), or x >= ceil(b / a) for negative a."""
    side, a = sides[row.places[0]], row.coefficients[0]
    limit = row.limit - 1 if strict else row.limit
    if a > 0 or row.is_equation:
        upper = limit // a
        side[1] = upper if side[1] is None else min(side[1], upper)
    if a < 0 or row.is_equation:
        lower = -(limit // -a)
        side[0] = lower if side[0] is None else max(side[0], lower)


def _implied(sides: Sides, rows: list[IntegerRow], reals: frozenset[int]) -> Sides:
    """The sides with those that are missing filled in by what the rows imply, as far as a few rounds go.

    Those of continuous variables are rounded outward: the rows themselves hold them to what they imply.
    """
    for _ in range(ROUNDS):
        missing = {i for i, side in enumerate(sides) if None in side}
        signs = [(row, sign) for row in rows for sign in ((1, -1) if row.is_equation else (1,)) if missing]
        changed = [_fill(sides, row, sign, missing, reals) for row, sign in signs]
        if not any(changed):
            break
    return sides


def _fill(sides: Sides, row: IntegerRow, sign: int, missing: set[int], reals: frozenset[int]) -> bool:
    """sum a x <= b bounds one variable by the least that the others add."""
    terms = [(i, sign * a) for i, a in zip(row.places, row.coefficients, strict=True)]
    least = {i: a * side for i, a in terms if (side := sides[i][0 if a > 0 else 1]) is not None}
    unbounded = [i for i, _ in terms if i not in least]
    if len(unbounded) > 1:
        return False
    total, changed = sum(least.values()), False
    for i, a in terms:
        wanted = 1 if a > 0 else 0
        if i in missing and sides[i][wanted] is None and unbounded in ([], [i]):
            room = sign * row.limit - (total - least.get(i, 0))
            sides[i][wanted] = room // a if (a > 0) != (i in reals) else -(room // -a)
            changed = True
    return changed


def _ranges(variables: tuple[Symbol, ...], sides: Sides) -> tuple[tuple[int, int], ...]:
    ranges = []
    for variable, (low, high) in zip(variables, sides, strict=True):
        if low is None or high is None:
            word = "lower" if low is None else "upper"
            raise NotIntegerProgramError(
                f"the variable {variable} has no {word} bound, and the constraints imply none; write bounds for it"
            )
        if max(abs(low), abs(high)) > LARGEST_RANGE:
            raise NotIntegerProgramError(f"the bounds {low} and {high} of {variable} are too far; write closer ones")
        ranges.append((low, high))
    return tuple(ranges)
