"""The signs of a power series near the origin by its weighted leading forms, in any number of variables.

With weights w > 0 and the least weight m of its terms, f(t^w1 u1, ..., t^wn un) = t^m f_w(u) + ..., so that every
sign that f_w takes is one that f takes near the origin; if f_w is positive for all u != 0, so is f (and no other sign
is taken). If each pure power x_i^k occurs, it is enough that no term on the compact faces of the Newton polyhedron
ever has another sign (curve selection lemma: Milnor 1968; along a curve the terms of one face dominate).
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations, product
from math import gcd, inf, lcm

from flint import fmpq, fmpq_mat

from lagrangian.algebra.numbers import FieldElement
from lagrangian.algebra.series import Exponents, Series
from lagrangian.conditions.germ_signs import BOTH, CONSTANT, POSITIVE, UNKNOWN, Signs, seen

# the least sign that a weighted homogeneous form takes for u != 0; None where it could not be found
LeastSign = Callable[[Series, Sequence[int]], int | None]

MOST_CORNERS = 24
MOST_SAMPLES = 3000


def signs_by_forms(series: Series, width: int, order: float, least_sign: LeastSign) -> Signs:
    """The signs of a series in ``width`` variables that is known up to a total degree.

    >>> from flint import fmpq_poly
    >>> from lagrangian.algebra.numbers import RATIONALS
    >>> one = FieldElement(RATIONALS, fmpq_poly([1]))
    >>> even = {(2, 0, 0): one, (0, 4, 0): one, (0, 0, 6): one, (0, 2, 2): one * 3}
    >>> signs_by_forms(even, 3, 10, lambda form, weights: None) == POSITIVE
    True
    """
    if not series:
        return CONSTANT if order == inf else UNKNOWN
    found: set[int] = set()
    boundary: set[Exponents] = set()
    corners = _lowest(series)
    weights, complete = _normals(corners, width)
    for normal in weights:
        lowest = min(_weight(exponents, normal) for exponents in corners)
        if lowest >= (order + 1) * min(normal):
            complete = False  # terms that are not known could lie below this face
            continue
        form = {e: value for e, value in series.items() if _weight(e, normal) == lowest}
        boundary |= set(form)
        found |= set(_sampled_signs(form, width))
        if {1, -1} <= found:
            return BOTH
        sign = next((s for s in (1, -1) if s in found), 0)
        least = least_sign(_times(form, sign), normal) if sign and _involves_all(form, width) else None
        if least == 1:
            return POSITIVE if sign > 0 else POSITIVE.turned()
        if least == -1:
            return BOTH
    signs = _of_even_terms(series, set(series), width) if order == inf else None
    if signs is None and complete and _has_pure_powers(boundary, width):
        signs = _of_even_terms(series, boundary, width)
    return signs or seen(found - {0}, complete=False)


def face_normals(series: Series, width: int) -> list[tuple[int, ...]]:
    """Weights for which the series has a leading form on a face of its Newton polyhedron, equal weights first."""
    return _normals(_lowest(series), width)[0]


def _normals(corners: Sequence[Exponents], width: int) -> tuple[list[tuple[int, ...]], bool]:
    """Weights of faces of the Newton polyhedron, all compact facets among them if True stands beside."""
    equal = (1,) * width
    if len(corners) > MOST_CORNERS:
        return [equal], False
    return list(dict.fromkeys([equal, *_facet_weights(corners, width)])), True


def _lowest(series: Series) -> list[Exponents]:
    """The exponents above which no others lie."""
    return [e for e in series if not any(o != e and all(a <= b for a, b in zip(o, e, strict=True)) for o in series)]


def _facet_weights(corners: Sequence[Exponents], width: int) -> Iterator[tuple[int, ...]]:
    for chosen in combinations(corners, width):
        matrix = fmpq_mat(width, width, [fmpq(value) for exponents in chosen for value in exponents])
        if matrix.det() == 0:
            continue
        solution = matrix.solve(fmpq_mat(width, 1, [fmpq(1)] * width))
        values = [solution[i, 0] for i in range(width)]
        if any(value <= 0 for value in values):
            continue
        scale = lcm(*(int(value.q) for value in values))
        weights = [int(value.p) * scale // int(value.q) for value in values]
        divisor = gcd(*weights)
        yield tuple(value // divisor for value in weights)


def _weight(exponents: Exponents, weights: Sequence[int]) -> int:
    return sum(e * w for e, w in zip(exponents, weights, strict=True))


def _involves_all(form: Series, width: int) -> bool:
    return all(any(e[i] for e in form) for i in range(width))


def _times(form: Series, sign: int) -> Series:
    return form if sign > 0 else {exponents: -value for exponents, value in form.items()}


def _sampled_signs(form: Series, width: int) -> Iterator[int]:
    """The signs of a form at small vectors, corners of its polygon by large and small entries among them."""
    entries = [(-1, 1, 0), (-2, -1, 1, 2, 0), (-8, -1, 1, 8)]
    for values in entries:
        for count, vector in enumerate(product(values, repeat=width)):
            if count > MOST_SAMPLES:
                break
            if any(vector):
                yield _value(form, vector).sign()


def _value(form: Series, vector: Sequence[int]) -> FieldElement:
    terms = [value * int(_monomial(exponents, vector)) for exponents, value in form.items()]
    return sum(terms[1:], terms[0])


def _monomial(exponents: Exponents, vector: Sequence[int]) -> int:
    result = 1
    for entry, exponent in zip(vector, exponents, strict=True):
        result *= entry**exponent
    return result


def _of_even_terms(series: Series, terms: set[Exponents], width: int) -> Signs | None:
    """If these terms are squares with coefficients of one sign, the series has that sign, strictly where all pure powers occur.

    ``terms`` are all, or, where all pure powers occur, those on the compact faces.
    """
    signs = {series[exponents].sign() for exponents in terms}
    if len(signs) != 1 or any(power % 2 for exponents in terms for power in exponents):
        return None
    result = POSITIVE if _has_pure_powers(terms, width) else Signs(True, False, True)
    return result if signs == {1} else result.turned()


def _has_pure_powers(terms: set[Exponents], width: int) -> bool:
    return all(any(sum(e) == e[i] for e in terms) for i in range(width))
