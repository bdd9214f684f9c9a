"""Linear relaxations of factorable problems over boxes, in rational arithmetic (McCormick 1976).

Every monomial of degree two or more is a product w = u v of two smaller ones, every function of one variable is an atom w = f(u),
so that the problem is linear in the variables and what is so defined, z = (x, w). Over a box, u in [a, b] and v in [c, d], each
product lies between affine functions:

    w >= a v + c u - a c,   w >= b v + d u - b d,   w <= a v + d u - a d,   w <= b v + c u - b c,

and for a square w >= 2 t u - t^2 for every t. A combination of such rows and of the constraints, with multipliers that are not
negative, is a lower bound of the objective whose minimum over the box of z is seen term by term.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from flint import fmpq, fmpq_mpoly, fmpz

from lagrangian.algebra.rational_intervals import up
from lagrangian.conditions.atoms import Atom, Function, chord, tangent
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


@dataclass(frozen=True, slots=True)
class Product:
    """z_k = z_left z_right."""

    left: int
    right: int


@dataclass(frozen=True, slots=True)
class Quotient:
    """z_k z_denominator = z_numerator, and the denominator is not zero."""

    numerator: int
    denominator: int


@dataclass(frozen=True, eq=False)
class Combination:
    """z_k = an affine form of earlier places."""

    form: AffineForm


@dataclass(frozen=True, slots=True)
class RelativeEntropy:
    """z_k = z_u log(z_u / z_v) = z_entropy - z_product, of u log u and u log v; it is convex in (u, v) for v > 0."""

    u: int
    v: int
    entropy: int
    product: int


@dataclass(frozen=True, slots=True)
class Constant:
    """z_k is a number between two fractions."""

    low: fmpq
    high: fmpq


Definition = Product | Quotient | Combination | RelativeEntropy | Constant | Atom


@dataclass(frozen=True, eq=False)
class FactoredProblem:
    """A problem that is affine in z = (x, w), where ``definitions`` say what w is, each by earlier places of z.

    The variables at the places ``integers`` take integer values only: those that are stated to, and those that equations make so.
    """

    count: int
    definitions: tuple[Definition, ...]
    objective: AffineForm
    inequalities: tuple[AffineForm, ...]
    equalities: tuple[AffineForm, ...]
    integers: frozenset[int] = frozenset()

    @cached_property
    def defined(self) -> tuple[tuple[int, Definition], ...]:
        """The definitions with their places."""
        return tuple(enumerate(self.definitions, start=self.count))

    @cached_property
    def products(self) -> dict[int, tuple[int, int]]:
        """The factors of the places that are products."""
        return {k: (d.left, d.right) for k, d in self.defined if isinstance(d, Product)}

    @cached_property
    def integral_places(self) -> frozenset[int]:
        """The places of z whose values are integers: integer variables and products of them."""
        found = set(self.integers)
        for k, (i, j) in self.products.items():
            if i in found and j in found:
                found.add(k)
        return frozenset(found)

    def variables_in(self, *places: int) -> set[int]:
        """The variables that these entries of z are made of."""
        found: set[int] = set()
        for place in places:
            found |= (
                {place} if place < self.count else self.variables_in(*parts_of(self.definitions[place - self.count]))
            )
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


def parts_of(definition: Definition) -> tuple[int, ...]:
    """The places that a definition refers to."""
    if isinstance(definition, Product):
        return definition.left, definition.right
    if isinstance(definition, Quotient):
        return definition.numerator, definition.denominator
    if isinstance(definition, Combination):
        return tuple(definition.form.coefficients)
    if isinstance(definition, RelativeEntropy):
        return definition.u, definition.v
    return (definition.argument,) if isinstance(definition, Atom) else ()


def factored(problem: PolynomialProblem, integers: frozenset[int] = frozenset()) -> FactoredProblem:
    """Write every monomial as a product of two.

    >>> import sympy
    >>> from lagrangian.algebra.polynomials import Ring
    >>> x, y = sympy.symbols("x y")
    >>> ring = Ring((x, y))
    >>> factored(PolynomialProblem(ring, ring.polynomial(x**4 + x * y - y), (), ())).products
    {2: (0, 0), 3: (2, 2), 4: (0, 1)}
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
    definitions = tuple(Product(*pair) for pair in products)
    return FactoredProblem(count, definitions, forms[0], tuple(forms[1:held]), tuple(forms[held:]), known)


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


def relation_rows(problem: FactoredProblem, box: Box) -> list[AffineForm]:
    """Affine functions of z that are <= 0 wherever the definitions hold within a box of z."""
    rows: list[AffineForm] = []
    for k, definition in problem.defined:
        if isinstance(definition, Product):
            rows += _product_rows(problem, box, definition.left, definition.right, k)
        elif isinstance(definition, Quotient):
            rows += _product_rows(problem, box, k, definition.denominator, definition.numerator)
        elif isinstance(definition, Combination):
            rows += _equation_rows(definition.form, k)
        elif isinstance(definition, RelativeEntropy):
            rows += _equation_rows(AffineForm({definition.entropy: fmpq(1), definition.product: fmpq(-1)}, fmpq(0)), k)
            ends = [*box[definition.u], *box[definition.v]]
            if min(ends) > 0:
                ratios = {ends[0] / ends[3], ends[1] / ends[2], (ends[0] + ends[1]) / (ends[2] + ends[3])}
                rows += [row for row in (ratio_row(definition, k, r) for r in sorted(ratios)) if row is not None]
        elif isinstance(definition, Atom):
            rows += _atom_rows(box, definition, k)
    return rows


def _equation_rows(form: AffineForm, k: int) -> list[AffineForm]:
    """z_k = form as two rows."""
    opposite = {j: -value for j, value in form.coefficients.items()}
    return [
        AffineForm({**form.coefficients, k: fmpq(-1)}, form.constant),
        AffineForm({**opposite, k: fmpq(1)}, -form.constant),
    ]


def ratio_row(definition: RelativeEntropy, k: int, ratio: fmpq) -> AffineForm | None:
    """u log(u/v) >= (log r + 1) u - r v, with equality where u / v = r; None for ratios that are not positive."""
    if ratio <= 0:
        return None
    try:
        # u is not negative, so a logarithm that is rounded down leaves the row true
        slope = Atom(Function.LOG, 0).value(ratio)[0] + 1
    except ValueError:
        return None
    return AffineForm({definition.u: slope, definition.v: -ratio, k: fmpq(-1)}, fmpq(0))


def _product_rows(problem: FactoredProblem, box: Box, i: int, j: int, k: int) -> list[AffineForm]:
    """The rows of z_i z_j = z_k."""
    (a, b), (c, d) = box[i], box[j]
    if i != j:
        rows = [AffineForm({i: q, j: p, k: fmpq(-1)}, -p * q) for p, q in ((a, c), (b, d))]
        return rows + [AffineForm({i: -q, j: -p, k: fmpq(1)}, p * q) for p, q in ((a, d), (b, c))]
    # between two neighbouring integers a square of an integer is above its chord
    if i in problem.integral_places and b - a >= 1:
        rows = [AffineForm({i: 2 * t + 1, k: fmpq(-1)}, -t * (t + 1)) for t in (a, b - 1)]
    else:
        rows = [AffineForm({i: 2 * t, k: fmpq(-1)}, -t * t) for t in (a, b)]
    return [*rows, AffineForm({i: -(a + b), k: fmpq(1)}, a * b)]


def _atom_rows(box: Box, atom: Atom, k: int) -> list[AffineForm]:
    """The chord on the side where the function is beyond it, tangents at the ends and in the middle on the other."""
    low, high = box[atom.argument]
    rows = []
    for above in (False, True):
        if _chord_bounds(atom, low, high, above=above):
            lines = [chord(atom, low, high, above=above)]
        else:
            lines = [tangent(atom, low, high, at, above=above) for at in (low, (low + high) / 2, high)]
        rows += [line_row(line, atom.argument, k, above=above) for line in lines if line is not None]
    return rows


def _chord_bounds(atom: Atom, low: fmpq, high: fmpq, *, above: bool) -> bool:
    try:
        least, most = atom.curvature(low, high)
    except ValueError:
        return False
    return (least is not None and least >= 0) if above else (most is not None and most <= 0)


def line_row(line: tuple[fmpq, fmpq], u: int, k: int, *, above: bool) -> AffineForm:
    """The row z_k <= a z_u + b where ``above``, else z_k >= a z_u + b."""
    a, b = line
    return AffineForm({u: -a, k: fmpq(1)}, -b) if above else AffineForm({u: a, k: fmpq(-1)}, b)


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
    limit = up(-bound)
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
