"""Polynomials and truncated power series in several variables over a real number field: what a function is near a point."""

from collections.abc import Sequence
from math import comb, inf

from flint import fmpq_mpoly

from lagrangian.algebra.matrices import Matrix, Vector, solve_combination
from lagrangian.algebra.numbers import AlgebraicPoint, FieldElement

Exponents = tuple[int, ...]
# the coefficients that are not zero, by exponents; a truncated one knows all terms up to some total degree
Series = dict[Exponents, FieldElement]
EXACT = inf
# an implicit function with more terms is not tried as an exact polynomial solution
MOST_TERMS_EXACT = 10


def shifted(polynomial: fmpq_mpoly, point: AlgebraicPoint, order: float = EXACT) -> Series:
    """The Taylor series f(p + u) - f(p) in u, up to a total degree.

    >>> from flint import fmpq
    >>> from sympy import symbols
    >>> from lagrangian.algebra.numbers import rational_point
    >>> from lagrangian.algebra.polynomials import Ring
    >>> x = symbols("x")
    >>> near_two = shifted(Ring((x,)).polynomial(x**2), rational_point([fmpq(2)]))
    >>> {exponents: value.rational() for exponents, value in near_two.items()}
    {(1,): 4, (2,): 1}
    """
    coordinates = [element.normalized() for element in point.coordinates]
    powers: list[list[FieldElement]] = [[element * 0 + 1] for element in coordinates]
    total: Series = {}
    for monomial, coefficient in polynomial.terms():
        parts: Series = {(): FieldElement(point.root, powers[0][0].polynomial) * coefficient}
        for i, exponent in enumerate(map(int, monomial)):
            while len(powers[i]) <= exponent:
                powers[i].append(powers[i][-1] * coordinates[i])
            parts = {
                (*known, k): value * powers[i][exponent - k] * comb(exponent, k)
                for known, value in parts.items()
                for k in range(exponent + 1)
                if sum(known) + k <= order
            }
        _accumulate(total, parts)
    total.pop((0,) * len(coordinates), None)
    return total


def _accumulate(total: Series, terms: Series) -> None:
    for exponents, value in terms.items():
        found = total[exponents] + value if exponents in total else value
        if found.is_zero():
            total.pop(exponents, None)
        else:
            total[exponents] = found


def add(left: Series, right: Series) -> Series:
    total = dict(left)
    _accumulate(total, right)
    return total


def scaled(series: Series, factor: FieldElement | int) -> Series:
    found = {exponents: value * factor for exponents, value in series.items()}
    return {exponents: value for exponents, value in found.items() if not value.is_zero()}


def multiply(left: Series, right: Series, order: float) -> Series:
    """The product up to a total degree."""
    total: Series = {}
    degrees = [(exponents, sum(exponents), value) for exponents, value in right.items()]
    for first, a in left.items():
        room = order - sum(first)
        for second, degree, b in degrees:
            if degree <= room:
                exponents = tuple(map(int.__add__, first, second))
                found = total[exponents] + a * b if exponents in total else a * b
                total[exponents] = found
    return {exponents: value for exponents, value in total.items() if not value.is_zero()}


def truncated(series: Series, order: float) -> Series:
    return {exponents: value for exponents, value in series.items() if sum(exponents) <= order}


def compose(series: Series, images: Sequence[Series], order: float, width: int) -> Series:
    """The series with its variables replaced by series in ``width`` variables without constant term."""
    powers: list[list[Series]] = [[] for _ in images]
    total: Series = {}
    for exponents, value in series.items():
        if sum(exponents) > order:
            continue
        term: Series = {(0,) * width: value}
        for i, exponent in enumerate(exponents):
            if exponent:
                table = powers[i]
                while len(table) < exponent:
                    table.append(multiply(table[-1], images[i], order) if table else truncated(images[i], order))
                term = multiply(term, table[exponent - 1], order)
        _accumulate(total, term)
    return total


def derivative(series: Series, index: int) -> Series:
    return {
        (*exponents[:index], exponents[index] - 1, *exponents[index + 1 :]): value * exponents[index]
        for exponents, value in series.items()
        if exponents[index]
    }


def linear_part(series: Series, width: int, zero: FieldElement) -> Vector:
    return [series.get(unit(i, width), zero) for i in range(width)]


def hessian(series: Series, width: int, zero: FieldElement) -> Matrix:
    rows = [[zero] * width for _ in range(width)]
    for exponents, value in series.items():
        if sum(exponents) == 2:
            i, j = (k for k, e in enumerate(exponents) for _ in range(e))
            rows[i][j] = rows[j][i] = value * 2 if i == j else value
    return rows


def unit(index: int, width: int) -> Exponents:
    return tuple(int(k == index) for k in range(width))


def variable(index: int, width: int, one: FieldElement) -> Series:
    return {unit(index, width): one}


def solve_implicitly(
    system: Sequence[Series],
    targets: Sequence[Series],
    images: Sequence[Series],
    unknown: Sequence[int],
    order: int,
    zero: FieldElement,
    width: int,
) -> tuple[list[Series], bool]:
    """Series for the unknown variables with system(u) = targets up to a total degree, by the implicit function theorem.

    ``images`` are all variables u in the ``width`` new ones, with anything for the unknown ones; the Jacobian of the
    system in the unknown variables must be regular. Each round is right to one degree more. True beside it if the
    result solves the system exactly.
    """
    count = len(images)
    rows = [linear_part(equation, count, zero) for equation in system]
    columns = [[row[i] for row in rows] for i in unknown]
    inverse = [solve_combination(columns, [zero + int(k == j) for k in range(len(rows))]) for j in range(len(rows))]
    found = [{} if i in unknown else dict(image) for i, image in enumerate(images)]
    for degree in range(1, order + 1):
        for j, residual in enumerate(_residuals(system, targets, found, degree, width)):
            column = inverse[j]
            assert column is not None, "the Jacobian in the unknown variables is singular"
            for place, i in enumerate(unknown):
                if not column[place].is_zero():
                    found[i] = add(found[i], scaled(residual, -column[place]))
    exact = all(len(found[i]) < MOST_TERMS_EXACT for i in unknown)
    return found, exact and not any(_residuals(system, targets, found, EXACT, width))


def _residuals(
    system: Sequence[Series], targets: Sequence[Series], images: Sequence[Series], order: float, width: int
) -> list[Series]:
    return [
        add(compose(equation, images, order, width), scaled(truncated(target, order), -1))
        for equation, target in zip(system, targets, strict=True)
    ]
